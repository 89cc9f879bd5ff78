/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Recipe: which values of a shape's events make the key by which answers are recalled (engine/recall.h), and which
 * bytes of them are left, in which keywords may stand. Worked out once a shape.
 *
 * A field is *keyed* when all values that it is made of are in the key: then everything that can be asked of it is
 * decided by the key. Fields that are identifiers by name are not keyed, nor those of which it turned out that they
 * hardly ever hold the same twice. */

#include "engine/fields.h"
#include "engine/group.h"

#define SEK_RECIPE_PLACES 64u /* values of one key; fields of which there is no room are not keyed */
#define SEK_RECIPE_DROPS 8u   /* values that can be found to be unsteady; then the shape is */

typedef struct SekSlotAt {
    uint8_t part;
    uint16_t slot;
} SekSlotAt;

/* Neighbouring values: in a record their bytes lie behind one another. */
typedef struct SekSlotRun {
    uint8_t part;
    uint16_t first, n;
} SekSlotRun;

/* Neighbouring values that are not in the key; between them may stand some that are. */
typedef struct SekRestRun {
    uint64_t slots; /* bit i: value i is not in the key, and not told by the route; 0 = values behind the 64th are in the run */
    uint8_t part;
    uint16_t first, n;
} SekRestRun;

typedef struct SekRecipe {
    struct SekRecipe *next; /* of the same shape, for another group: engine/recall.c's */
    struct SekSplit *split; /* where something was dropped, after a while: guards by what is keyed and what is not (engine/split.h); may be NULL */
    uint32_t group;  /* serial of the group that it was made for */
    uint32_t serial; /* never given twice by one SekRecall: names group, shape and places */
    uint32_t n_places, n_runs, n_rest, n_open, n_dropped;
    SekSlotAt *places;
    SekSlotRun *runs; /* the places, in order */
    SekRestRun *rest; /* values that are no places, but for the one that holds the inner values and for channel
                       * and provider where they have a slot: which keywords stand in those, the route says */
    uint32_t *open;    /* indices into the group's fields: those that are not keyed, keywords left out */
    uint64_t *seen;    /* one a place: 6 bits of each value that was not found, as a set */
    uint64_t *keyed;   /* one bit a ruleset field, n_words of them */
    uint32_t n_words;
    uint32_t n_values[2]; /* that `rest` was worked out for */
    uint32_t nested;      /* the outer value that holds the inner ones; UINT32_MAX = none */
    uint32_t tries, found, pause;
    uint32_t term_tries, term_found; /* of some thousand events */
    uint64_t term_bytes;             /* of the keys among them that were not found */
    uint32_t met; /* events, while something is dropped and there is no split */
    bool poor; /* next to nothing was found when its luck was judged last */
    SekSlotAt dropped[SEK_RECIPE_DROPS];
} SekRecipe;

/* Works out the recipe for the shape of `event`, on which `fields` were started; what `*recipe` (may be NULL) of the
 * same group has dropped is left out of its key. Replaces `*recipe`, in its place in the list. SEK_OK or
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_recipe_make(const SekGroup *group, const SekEvent *event, SekFields *fields, SekRecipe **recipe);

/* Frees the recipe and its split; accepts NULL. */
void sek_recipe_free(SekRecipe *recipe);

/* True when the field is keyed; what the group does not ask for, and ancestry, is not. */
static inline bool sek_recipe_keyed(const SekRecipe *recipe, uint32_t field) {
    return field >> 6 < recipe->n_words && recipe->keyed[field >> 6] >> (field & 63) & 1;
}

/* True when the rest of the event is what the recipe says it is. */
bool sek_recipe_fits(const SekRecipe *recipe, const SekEvent *event);
