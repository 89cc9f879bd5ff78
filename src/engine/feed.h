/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Feed: what correlations need of matched events, kept small until everything is read: an event is 40
 * bytes, each way in which it counts (correlation, reference, group, value) 20 more, and each different
 * text or group its bytes and about 60. Each worker fills its own; sek_feed_join makes one of them. Memory
 * is bounded by a budget that all workers share; what does not fit is counted and said. */

#include "engine/fields.h"
#include "engine/texts.h"

#include <stdatomic.h>

/* Bytes that events waiting for correlation may take, all workers together. 10 million matching events
 * of a million groups take 0.7 GB for one correlation, 1.35 GB for three on the same events
 * (test/bench/correlation.py). */
#define SEK_FEED_BYTES ((uint64_t)3 << 29) /* 1.5 GiB */

#define SEK_FEED_NONE UINT32_MAX

typedef struct SekFeedEvent {
    uint64_t time, record_id, offset;
    uint32_t file, rule;
    uint32_t source;   /* number of a text: computer, and what tells copies (engine/placed.h) */
    uint32_t pending;  /* 1 + index into pendings: whether the rule matches is decided later; 0 = it does */
} SekFeedEvent;

/* What it takes to decide whether a rule on ancestry matches (engine/defer.h). */
typedef struct SekFeedPending {
    uint32_t variant;
    uint32_t pid;
    uint8_t guid[16];
    size_t bits; /* place of the known answers in the feed's bits */
    uint32_t n_bits;
} SekFeedPending;

/* That an event counts in a group. */
typedef struct SekFeedRef {
    uint32_t event, group;
    uint32_t next;  /* of the same group, SEK_FEED_NONE = none */
    uint32_t value; /* value_count: number of a text; value_sum, avg, percentile, median: index into reals */
    uint32_t reference;
} SekFeedRef;

/* The events of one correlation that have the same group-by values. */
typedef struct SekFeedGroup {
    uint32_t correlation;
    uint32_t first, n_refs; /* first = the one that was added last */
    uint32_t next;          /* for correlate.c: next group of the same correlation */
} SekFeedGroup;

typedef struct SekFeed {
    SekTextTable texts;       /* values that are counted, computers */
    SekTextTable group_texts; /* group-by values (sek_group_begin), one a group */
    SekFeedGroup *groups;
    uint32_t n_groups, cap_groups;
    SekFeedEvent *events;
    uint32_t n_events, cap_events;
    SekFeedRef *refs;
    uint32_t n_refs, cap_refs;
    double *reals;
    uint32_t n_reals, cap_reals;
    SekFeedPending *pendings;
    uint32_t n_pendings, cap_pendings;
    SekBuf bits;
    SekBuf key;
    uint64_t dropped; /* references that the budget had no room for */
    uint64_t copies;  /* records that were read before, and were not counted again */
    _Atomic uint64_t *budget; /* bytes taken, shared; NULL = none: for what was within it before */
} SekFeed;

void sek_feed_init(SekFeed *feed, _Atomic uint64_t *budget);
void sek_feed_deinit(SekFeed *feed);

/* Number of a text, made when new. SEK_OK, SEK_ERR_LIMIT (budget), SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_feed_text(SekFeed *feed, SekStr text, uint32_t *out);

/* Adds what decides about an event later; `*out` is what its `pending` must be. Statuses as above. */
SEK_MUST_USE SekStatus sek_feed_pending(SekFeed *feed, const SekProcessKey *process, uint32_t variant, SekStr bits,
                                        uint32_t *out);

/* Adds an event; `*out` is its number. Statuses as above. */
SEK_MUST_USE SekStatus sek_feed_event(SekFeed *feed, const SekFeedEvent *event, uint32_t *out);

/* Number of the group that the key in `feed->key` stands for, made when new. */
SEK_MUST_USE SekStatus sek_feed_group(SekFeed *feed, uint32_t correlation, uint32_t *out);

/* Adds a number; `*out` is its index. */
SEK_MUST_USE SekStatus sek_feed_real(SekFeed *feed, double number, uint32_t *out);

/* Adds a reference to its group. */
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

/* Moves everything of `from` into `to`, giving memory back on the way, and leaves `from` without events.
 * SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_feed_join(SekFeed *to, SekFeed *from, const SekRuleset *rules);
