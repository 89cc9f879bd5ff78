/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Recall: what events that held the same values said of the variants. Logs repeat themselves: the same service logs
 * on, the same program starts the same program. What is asked of keyed fields (engine/recipe.h) depends on nothing
 * but the values in the key, so these values, byte for byte, decide
 *
 *   which variants match            whatever the other values are
 *   which are open                  a guard of a keyed field is hit, or they have none, and the other values decide
 *   that no keyword stands in them
 *
 * and only guards of fields that are not keyed need to be searched.
 *
 * The answers of one thread lie in a ring of fixed size, the oldest are overwritten. Values that hardly ever come
 * twice are left out of a shape's keys, and shapes whose events do not repeat are left alone for a while. A recalled
 * answer is the answer; speed alone depends on luck. */

#include "engine/recipe.h"

typedef struct SekRecall SekRecall;

typedef struct SekRecalled {
    const SekRecipe *recipe; /* NULL = nothing can be recalled of such events; valid until the next call */
    const uint32_t *sure;    /* variants that match */
    uint32_t n_sure;
    const uint32_t *open; /* words that say what is to be evaluated: the scanner's */
    uint32_t n_open;
    bool words; /* a keyword's guard may be hit by the values in the key, or by the rest of the event that made it */
} SekRecalled;

/* The rules are borrowed. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_recall_new(const SekRuleset *rules, SekRecall **out);
void sek_recall_free(SekRecall *recall);

/* Works out the key of `event`, on which `fields` were started, and begins to fetch what is needed to find its answer,
 * which comes from far away: there is time for other work. `*out_recipe`: what makes the key, until the answer is looked
 * for; NULL when nothing can be recalled. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_recall_begin(SekRecall *recall, const SekGroup *group, const SekEvent *event, SekFields *fields,
                                        const SekRecipe **out_recipe);

/* Looks for the answer to the event that was begun last. SEK_OK with the answer, valid until the next
 * call; SEK_NOT_FOUND, with the recipe by which it can be worked out, if any; SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_recall_find(SekRecall *recall, const SekGroup *group, const SekEvent *event,
                                       SekFields *fields, SekRecalled *out);

/* Tells the answer to the last event from all others: the same for events with the same values as long as the answer
 * is kept, never given twice. 0 when there is none. */
uint64_t sek_recall_answer(const SekRecall *recall);

/* Keeps the answer to the event that was looked for last and not found. */
void sek_recall_keep(SekRecall *recall, const SekRecalled *answer);
