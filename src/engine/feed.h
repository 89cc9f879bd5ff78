/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Feed: what correlations need of matched events, kept small until everything is read: an event is 48
 * bytes, and each way in which it counts (correlation, reference, group, value) 24 more. Each worker
 * fills its own; sek_feed_join makes one of them. Memory is bounded by a budget that all workers share;
 * what does not fit is counted and said. */

#include "base/strmap.h"
#include "engine/fields.h"

#include <stdatomic.h>

/* Bytes that events waiting for correlation may take, all workers together. 10 million matching events
 * of a million groups need about 0.9 GB. */
#define SEK_FEED_BYTES ((uint64_t)3 << 29) /* 1.5 GiB */

typedef struct SekFeedEvent {
    uint64_t time, record_id, offset;
    uint32_t file, rule, event_id;
    uint32_t computer, channel; /* numbers of texts */
    uint32_t pad;
} SekFeedEvent;

typedef struct SekFeedRef {
    uint32_t event;
    uint16_t correlation, reference;
    uint32_t group; /* number of the text that holds the group-by values */
    uint32_t next;  /* used by correlate.c: next reference of the same group */
    union {
        double number; /* value_sum, avg, percentile, median */
        uint32_t text; /* value_count: number of the text */
    } value;
} SekFeedRef;

typedef struct SekFeed {
    SekArena arena; /* texts */
    SekStrMap numbers;
    SekStr *texts;
    uint32_t n_texts, cap_texts;
    SekFeedEvent *events;
    uint32_t n_events, cap_events;
    SekFeedRef *refs;
    uint32_t n_refs, cap_refs;
    SekBuf key;
    uint64_t dropped; /* references that the budget had no room for */
    _Atomic uint64_t *budget; /* bytes taken, shared; NULL = none: for what was within it before */
} SekFeed;

void sek_feed_init(SekFeed *feed, _Atomic uint64_t *budget);
void sek_feed_deinit(SekFeed *feed);

/* Number of a text, made when new. SEK_OK, SEK_ERR_LIMIT (budget), SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_feed_text(SekFeed *feed, SekStr text, uint32_t *out);

/* Adds an event; `*out` is its number. Statuses as above. */
SEK_MUST_USE SekStatus sek_feed_event(SekFeed *feed, const SekFeedEvent *event, uint32_t *out);
SEK_MUST_USE SekStatus sek_feed_ref(SekFeed *feed, const SekFeedRef *ref);

/* Group-by values as one text: each with its length in front; `missing` values are told from empty
 * ones. `sek_group_value` takes the i-th out again (SEK_NOT_FOUND when it was missing). */
void sek_group_begin(SekBuf *key, uint32_t correlation);
void sek_group_add(SekBuf *key, const SekStr *value);
SEK_MUST_USE SekStatus sek_group_value(SekStr group, uint32_t i, SekStr *out);

/* Reads a decimal, hexadecimal (0x) or floating-point number; false when `text` is none as a whole. */
bool sek_feed_number(SekStr text, double *out);

/* Adds what `variant`'s taps want of the event that `fields` was started on. SEK_OK (also when the
 * budget is spent: counted) or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_feed_variant(SekFeed *feed, const SekRuleset *rules, const SekVariant *variant,
                                        SekFields *fields, SekFeedEvent event);

/* Moves everything of `from` into `to`. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_feed_join(SekFeed *to, SekFeed *from, const SekRuleset *rules);
