/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Deferral: conditions on ancestry are decided in three-valued logic while events are scanned. What stays
 * unknown is kept with the answers to everything else (one bit a predicate), and decided at the end
 * (engine/settle.h). Variants that do not test ancestry are evaluated as ever. */

#include "base/buf.h"
#include "engine/ruleset.h"

typedef SekTruth (*SekAsk)(void *user, uint32_t pred);

/* The truth of the condition below `node`. */
SekTruth sek_truth(const SekRuleset *rules, uint32_t node, SekAsk ask, void *user);

/* True when the answer to `pred` is not known while scanning. */
static inline bool sek_pred_deferred(const SekRuleset *rules, uint32_t pred) {
    return rules->fields[rules->preds[pred].field].ancestry != SEK_ANCESTRY_NONE;
}

/* Marks the variants that test ancestry and lists the predicates of theirs that can be answered at once.
 * SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_defer_build(SekRuleset *rules);

/* Appends the answers to the variant's listed predicates, one bit each, in order. */
void sek_defer_pack(const SekVariant *variant, SekAsk ask, void *user, SekBuf *out);

/* The kept answer to a predicate. */
SekTruth sek_defer_answer(const SekVariant *variant, SekStr bits, uint32_t pred);
