/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/beside.h"

static bool add_place(SekBeside *out, const SekField *field) {
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

/* Literals are the same for all events of the shape. */
static bool add_source(void *user, const SekField *field) {
    SekBeside *out = user;
    if (field->kind == SEK_FIELD_SLOT)
        return add_place(out, field);
    for (uint32_t i = 0; field->kind == SEK_FIELD_COMPOSITE && i < field->n_pieces; i++)
        if (field->pieces[i].kind == SEK_FIELD_SLOT && !add_place(out, &field->pieces[i]))
            return false;
    return true;
}

static bool add_field(SekFields *fields, const SekRecipe *recipe, uint32_t field, SekBeside *out) {
    return sek_recipe_keyed(recipe, field) || sek_fields_sources(fields, field, add_source, out) == SEK_OK;
}

bool sek_beside_find(const SekRuleset *rules, SekFields *fields, const SekRecipe *recipe, uint32_t variant,
                     SekBeside *out) {
    bool all = !rules->variants[variant].deferred;
    uint32_t first = variant ? rules->variants[variant - 1].code + 1 : 0, root = rules->variants[variant].code;
    out->n = 0;
    for (uint32_t i = first <= root ? first : 0; i <= root && all; i++) { /* its nodes: see engine/group.c */
        if (rules->codes[i].op != SEK_CODE_PRED)
            continue;
        const SekPred *pred = &rules->preds[rules->codes[i].first];
        all = add_field(fields, recipe, pred->field, out) &&
              (pred->kind != SEK_PRED_FIELDREF || add_field(fields, recipe, pred->ref_field, out));
    }
    return all;
}
