/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Correlate: what the feed holds, group by group, through the windows of each correlation, inner
 * correlations before those that refer to them. Runs on one thread, on everything that was read, in
 * the order of time, path and place; so it does not depend on threads. */

#include "engine/feed.h"

#define SEK_CORRELATED_LISTED 100u /* events of a window that a finding lists; all are counted */

/* A correlation that came true. */
typedef struct SekCorrResult {
    uint32_t correlation; /* index into the ruleset's */
    uint32_t group;       /* of the feed */
    uint64_t count;       /* events of the window */
    double value;         /* what the condition was held against */
    uint32_t last;        /* feed event: the window's last, or the last step of an order */
    uint32_t n_listed;
    const uint32_t *listed; /* feed events, in order; of a temporal correlation the first of each rule */
    const uint32_t *seen;   /* temporal: events of each of its rules; else NULL */
    const uint32_t *first;  /* the same: feed event that was the first of a rule that was seen, or its step of
                             * an order; SEK_FEED_NONE = seen, but not in order */
} SekCorrResult;

/* Called for each correlation that came true, in order of (depth, correlation, group text, time); the
 * result is borrowed for the call. Anything but SEK_OK stops. */
typedef SekStatus (*SekCorrFound)(void *user, const SekCorrResult *result);

/* Who is told. */
typedef struct SekCorrListener {
    SekCorrFound found;
    void *user;
} SekCorrListener;

/* `file_rank` gives each ledger file its place in the order of paths. SEK_OK, SEK_ERR_MEMORY, or what the
 * listener returned. */
SEK_MUST_USE SekStatus sek_correlate(const SekRuleset *rules, SekFeed *feed, const uint32_t *file_rank,
                                     SekCorrListener listener);
