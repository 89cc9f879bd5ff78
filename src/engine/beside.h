/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Beside: which values of an event decide, beside those in the key of its answer (engine/recall.h), what is told of a
 * variant that matched it. Most variants ask for nothing that is not in the key; some ask for a name or two that come
 * in any combination. Whoever knows the answer and these values need not work out what matched. */

#include "engine/fields.h"
#include "engine/recipe.h"

#define SEK_BESIDE_PLACES 2u

typedef struct SekBeside {
    SekSlotAt places[SEK_BESIDE_PLACES]; /* of the event's values; a place behind them is an absent value */
    uint32_t n;
} SekBeside;

/* For the event that `fields` were started on, whose key `recipe` makes. False when there are too many, or other things
 * decide, too. */
bool sek_beside_find(const SekRuleset *rules, SekFields *fields, const SekRecipe *recipe, uint32_t variant,
                     SekBeside *out);
