/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/beside.h"

static bool add_place(void *user, const SekField *field) {
    SekBeside *out = user;
    if (field->part == SEK_PART_ADDED) /* what was decoded goes by the key */
        return false;
    for (uint32_t i = 0; i < out->n; i++)
        if (out->places[i].part == field->part && out->places[i].slot == field->slot)
            return true;
    if (out->n == SEK_BESIDE_PLACES)
        return false;
    out->places[out->n++] = (SekSlotAt){field->part, field->slot};
    return true;
}

static bool add_field(SekFields *fields, const SekRecipe *recipe, uint32_t field, SekBeside *out) {
    return sek_recipe_keyed(recipe, field) || sek_fields_sources(fields, field, add_place, out) == SEK_OK;
}

bool sek_beside_find(const SekRuleset *rules, SekFields *fields, const SekRecipe *recipe, uint32_t variant,
                     SekBeside *out) {
    bool all = !rules->variants[variant].deferred;
    out->n = 0;
    for (uint32_t i = sek_variant_first(rules, variant); i <= rules->variants[variant].code && all; i++) {
        if (rules->codes[i].op != SEK_CODE_PRED)
            continue;
        const SekPred *pred = &rules->preds[rules->codes[i].first];
        all = add_field(fields, recipe, pred->field, out) &&
              (pred->kind != SEK_PRED_FIELDREF || add_field(fields, recipe, pred->ref_field, out));
    }
    return all;
}
