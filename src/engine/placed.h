/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Placed: what a group was fed, in the order of time and place, and each record once. A record that was
 * read twice (a log and a copy of it, a record that is also in the slack) counts once for correlations:
 * two are one when computer, channel, event id, record number and time are the same. Records that their log gave
 * no number (CSV, most flat JSON), or that do not say their computer or channel, are never taken for one. */

#include "engine/window.h"

typedef struct SekPlaced {
    SekPoint point;
    uint64_t offset;
    uint32_t rank; /* of the file, by path; of a copy rank and offset become those of the first */
    uint32_t rule;
} SekPlaced;

/* Sets `source`, by which copies are known, of a feed event. SEK_OK, SEK_ERR_LIMIT, SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_placed_source(SekFeed *feed, const SekEvent *event, SekFeedEvent *out);

/* The computer that is named by it. */
SekStr sek_placed_computer(const SekFeed *feed, const SekFeedEvent *event);

/* Sorts by time, place, rule and reference, and leaves copies out: their events are marked in the feed. The
 * number that stay. Takes time O(n log n). */
uint32_t sek_placed_sort(const SekRuleset *rules, SekFeed *feed, SekPlaced *list, uint32_t n);

/* Of sorted ones: whether both stand for the same record: matched by two of the rules, or the last of what
 * two inner correlations found. */
bool sek_placed_same_record(const SekPlaced *a, const SekPlaced *b);
bool sek_placed_both_detections(const SekRuleset *rules, const SekPlaced *a, const SekPlaced *b);

/* Counts in feed->copies the records of which an event was marked. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_placed_count_copies(SekFeed *feed);
