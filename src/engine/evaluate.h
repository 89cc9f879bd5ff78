/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Evaluate: whether a node of a condition holds for the event that the fields were started on. Lazy: what
 * does not decide is not asked, and a value becomes text only when something asks for it. */

#include "engine/recipe.h"

typedef struct SekEvaluate {
    const SekRuleset *rules; /* borrowed */
    SekFields *fields;
    SekRegexScratch *regex;
    SekFind find;
    uint32_t *memo; /* one a predicate: generation << 1 | answer */
    uint32_t generation;
    uint32_t *gave_up; /* one a predicate: matches of its expression given up at their limit; NULL: none ever was */
    bool gave_up_now; /* for the current event */
    bool open;        /* sek_evaluate_keyed met what it could not decide */
    SekStatus failed; /* memory ran out while answering: the event's answers are void */
} SekEvaluate;

SEK_MUST_USE SekStatus sek_evaluate_init(SekEvaluate *e, const SekRuleset *rules);
void sek_evaluate_deinit(SekEvaluate *e);

/* Starts on `event`, borrowed until the next start. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_evaluate_start(SekEvaluate *e, const SekEvent *event);

/* True when the node holds. */
bool sek_evaluate_node(SekEvaluate *e, uint32_t node);

#define SEK_REST_NODES 3u

/* What is left of a condition when the values in a key are known: nodes that must all hold. */
typedef struct SekRest {
    uint32_t nodes[SEK_REST_NODES];
    uint32_t n; /* SEK_REST_NODES or fewer; more = they are too many, and the whole must be asked */
} SekRest;

/* The truth of the node as far as keyed fields decide it; when that is SEK_UNKNOWN, `rest` decides for all events with
 * the same key. Of expressions it asks none that sek_evaluate_node, which begins in the same way, would not. */
SekTruth sek_evaluate_keyed(SekEvaluate *e, uint32_t node, const SekRecipe *recipe, SekRest *rest);

/* True when the predicate holds. */
bool sek_evaluate_pred(SekEvaluate *e, uint32_t pred);

/* True when one text answers a predicate that asks for texts (not NULL or EXISTS). */
bool sek_evaluate_text(SekEvaluate *e, const SekPred *pred, SekText *text);
