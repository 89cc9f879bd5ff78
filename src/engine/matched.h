/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Matched: the fields and values that made a variant match. Each text is named once, however many of the
 * rule's predicates hold for it, so a list of alternatives is asked only until one of them holds. */

#include "engine/evaluate.h"
#include "event/event.h"

#define SEK_MATCHED_PLACES 12u /* a variant seldom has more */

/* Where a text stands: the ruleset's field, and which of its texts. */
typedef struct SekMatchedPlace {
    uint16_t field, text;
} SekMatchedPlace;

typedef struct SekMatched {
    SekEvaluate *evaluate;                     /* started on the event */
    bool (*may_hold)(void *user, uint32_t node); /* answers for a node of the rule's tree */
    void *user;
    bool deferred;                             /* predicates on ancestry are told when they are settled */
    SekPair *out;
    SekMatchedPlace places[SEK_MATCHED_PLACES]; /* one a pair, if `places_fit` */
    bool places_fit;
    uint32_t max, n;
} SekMatched;

/* Adds the texts in `places`, which are all that made a variant match. */
void sek_matched_again(SekMatched *matched, const SekMatchedPlace *places, uint32_t n);

/* Adds what made `node` hold to `out`, at most `max` pairs; `node` is the root of a variant that matches, or
 * may. What is under `not` shows nothing. Pairs are valid until the next event; that memory ran out stands in
 * `evaluate->failed`. */
void sek_matched_collect(SekMatched *matched, uint32_t node);
