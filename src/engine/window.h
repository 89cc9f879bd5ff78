/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Windows: the events of one group of one correlation, in order of time, and where its condition holds.
 *
 * Two ways of judging (docs/sigma.md, item 39). A condition that more events can only make true (gt,
 * gte; temporal) is judged on each arrival over the trailing window, both ends included; when it holds,
 * the window is given and a new one starts behind it. Any other condition (lt, lte, eq, neq, ranges,
 * `not`) is judged when a window closes: it starts at an event, takes all within the timespan, and is no
 * part of the window that started an event earlier; when it does not hold, the window slides by an event. */

#include "engine/feed.h"

/* One event of a group, as the windows see it. */
typedef struct SekPoint {
    uint64_t time;
    uint32_t event;  /* in the feed; equal numbers are one event */
    uint32_t record; /* what is behind it: equal numbers are one record, also where two inner correlations
                      * that came true with it are an event each */
    uint16_t reference;
    bool beside;    /* in the window, but not one of the steps: of an order of some of the rules */
    double number;  /* value_*; for value_count the rank of its text within the group */
} SekPoint;

/* Called with the points [first, last] of a window in which the condition holds; `value` is what was
 * compared (a count, a sum ...). For temporal_ordered the points are the chain itself; where it asks for
 * some of its rules, all of the window, those that are no step of the chain marked as `beside`. */
typedef SekStatus (*SekWindowFound)(void *user, const SekPoint *points, uint32_t n, double value);

/* Judges `n` points, sorted by time and place, for `c`. SEK_OK, SEK_ERR_MEMORY, or what `found`
 * returned. Takes time O(n log n). */
SEK_MUST_USE SekStatus sek_windows(const SekCorrelation *c, const SekPoint *points, uint32_t n,
                                   SekWindowFound found, void *user);

/* course.c: the same for temporal_ordered that asks for at least so many of its rules. */
SEK_MUST_USE SekStatus sek_course(const SekCorrelation *correlation, const SekPoint *points, uint32_t n,
                                  SekWindowFound found, void *user);
