/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Split: guards for a recipe whose key lacks a value that guards search, as the command line where no two are alike. A rule
 * on a program and its command line would be asked for each event of the program; so each variant has two sets:
 *
 *   keyed   predicates of keyed fields: whether one is hit is part of the answer that is recalled
 *   rest    predicates of the other fields: where the answer leaves the variant open, it is asked only when one is hit
 *
 * A variant that has no set of one side alone stays with its guards as they are, each on the side of its field. */

#include "engine/recipe.h"
#include "engine/search.h"

/* In posts of the rest: of a variant that is no candidate, but may be open. */
#define SEK_POST_OPEN (1u << 31)

typedef struct SekSplit {
    SekSearch keyed; /* beside the group's own guards of keyed fields */
    SekSearch rest;  /* all that is searched in other fields but keywords */
    uint64_t *filtered; /* one bit a variant: where it is open, a guard of the rest must be hit */
} SekSplit;

/* Works out the split for a recipe of the group. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_split_new(const SekRuleset *rules, const SekGroup *group, const SekRecipe *recipe, SekSplit **out);
void sek_split_free(SekSplit *split); /* accepts NULL */

static inline bool sek_split_filters(const SekSplit *split, uint32_t variant) {
    return split && split->filtered[variant >> 6] >> (variant & 63) & 1;
}
