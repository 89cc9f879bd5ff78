/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/evaluate.h"

#include <stdlib.h>

#define LONG_TEXT 192u /* bytes from which on looking for a literal costs more than remembering the answer */

SekStatus sek_evaluate_init(SekEvaluate *e, const SekRuleset *rules) {
    *e = (SekEvaluate){.rules = rules, .find = sek_find_best()};
    e->memo = calloc(rules->n_preds + 1, sizeof *e->memo);
    if (!e->memo || sek_fields_new(rules, &e->fields) != SEK_OK || sek_regex_scratch_new(&e->regex) != SEK_OK) {
        sek_evaluate_deinit(e);
        return SEK_ERR_MEMORY;
    }
    return SEK_OK;
}

void sek_evaluate_deinit(SekEvaluate *e) {
    sek_fields_free(e->fields);
    sek_regex_scratch_free(e->regex);
    free(e->memo);
    free(e->gave_up);
    *e = (SekEvaluate){0};
}

SekStatus sek_evaluate_start(SekEvaluate *e, const SekEvent *event) {
    if (++e->generation == 1u << 31) { /* memo entries hold 31 bits of it */
        memset(e->memo, 0, e->rules->n_preds * sizeof *e->memo);
        e->generation = 1;
    }
    e->failed = SEK_OK;
    e->gave_up_now = false;
    return sek_fields_start(e->fields, event);
}

/* The texts of a field; none when memory ran out. */
static SekText *texts_of(SekEvaluate *e, uint32_t field, uint32_t *out_n) {
    SekText *texts = NULL;
    *out_n = 0;
    if (sek_fields_get(e->fields, field, &texts, out_n) != SEK_OK)
        e->failed = SEK_ERR_MEMORY;
    return texts;
}

/* The form of the text that the predicate compares with. */
static SekStr form(SekEvaluate *e, const SekPred *pred, SekText *text) {
    if (!pred->cased)
        return text->folded;
    SekStr raw = sek_fields_raw(e->fields, text);
    if (!raw.ptr)
        e->failed = SEK_ERR_MEMORY;
    return raw.ptr ? raw : SEK_STR("");
}

static bool any_reference(SekEvaluate *e, const SekPred *pred, SekText *text) {
    uint32_t n;
    SekText *others = texts_of(e, pred->ref_field, &n);
    SekStr value = form(e, pred, text);
    for (uint32_t i = 0; i < n; i++)
        if (sek_pred_ref(pred->match->ref_mode, value, form(e, pred, &others[i])))
            return true;
    return false;
}

/* The table is made when it is needed, which is never in most runs: clearing it costs a start some thirty pages. */
static void count_gave_up(SekEvaluate *e, const SekPred *pred, uint32_t n) {
    if (!e->gave_up)
        e->gave_up = calloc(e->rules->n_preds + 1, sizeof *e->gave_up);
    if (e->gave_up)
        e->gave_up[pred - e->rules->preds] += n;
    else
        e->failed = SEK_ERR_MEMORY;
    e->gave_up_now = true;
}

bool sek_evaluate_text(SekEvaluate *e, const SekPred *pred, SekText *text) {
    const SekProbe *probe = &e->rules->probes[pred - e->rules->preds];
    if (probe->kind >= SEK_PROBE_EQUAL)
        return sek_probe_holds(probe, text, e->find);
    if (probe->kind == SEK_PROBE_NEEDS && !sek_probe_holds(probe, text, e->find))
        return false;
    switch (pred->kind) {
    case SEK_PRED_GLOB:
        return sek_glob_matches(&pred->glob, form(e, pred, text));
    case SEK_PRED_REGEX: {
        if (text->folded.len < pred->regex->shortest /* no fewer bytes than characters */ ||
            !sek_regex_hint_holds(&pred->regex->hint, text->folded))
            return false;
        SekStr raw = sek_fields_raw(e->fields, text);
        uint32_t gave_up = 0;
        if (!raw.ptr)
            e->failed = SEK_ERR_MEMORY;
        bool found = raw.ptr && sek_regex_found(pred->regex, e->regex, raw, &gave_up);
        if (gave_up)
            count_gave_up(e, pred, gave_up);
        return found;
    }
    case SEK_PRED_FIELDREF:
        return any_reference(e, pred, text);
    default:
        return sek_pred_plain(pred, text->folded); /* numbers, words and addresses have no case */
    }
}

static bool answer(SekEvaluate *e, const SekPred *pred) {
    uint32_t n;
    SekText *texts = texts_of(e, pred->field, &n);
    if (pred->kind == SEK_PRED_EXISTS)
        return (n > 0) == pred->match->flag;
    if (pred->kind == SEK_PRED_NULL) {
        for (uint32_t i = 0; i < n; i++)
            if (texts[i].folded.len)
                return false;
        return true;
    }
    for (uint32_t i = 0; i < n; i++)
        if (sek_evaluate_text(e, pred, &texts[i]))
            return true;
    return false;
}

/* The answer, remembered for the rest of the event. */
static bool remembered(SekEvaluate *e, uint32_t pred) {
    uint32_t *memo = &e->memo[pred];
    if (*memo >> 1 != e->generation)
        *memo = e->generation << 1 | answer(e, &e->rules->preds[pred]);
    return *memo & 1;
}

static bool probe_holds(SekEvaluate *e, uint32_t pred, const SekText *text) {
    const SekProbe *probe = &e->rules->probes[pred];
    if (probe->kind != SEK_PROBE_CONTAINS || text->folded.len < LONG_TEXT)
        return sek_probe_holds(probe, text, e->find);
    uint32_t *memo = &e->memo[pred];
    if (*memo >> 1 != e->generation)
        *memo = e->generation << 1 | sek_probe_holds(probe, text, e->find);
    return *memo & 1;
}

static bool any_holds(SekEvaluate *e, const SekText *texts, uint32_t n_texts, const SekProbe *probe) {
    for (uint32_t t = 0; t < n_texts; t++)
        if (sek_probe_holds(probe, &texts[t], e->find))
            return true;
    return false;
}

bool sek_evaluate_pred(SekEvaluate *e, uint32_t pred) {
    const SekProbe *probe = &e->rules->probes[pred];
    if (probe->kind < SEK_PROBE_EQUAL)
        return remembered(e, pred);
    uint32_t n;
    const SekText *texts = texts_of(e, probe->field, &n);
    return n == 1 ? probe_holds(e, pred, texts) : any_holds(e, texts, n, probe);
}

/* Literals for one field, of which one must hold. */
static bool list_holds(SekEvaluate *e, const SekStep *step) {
    const uint32_t *preds = e->rules->order + step->first;
    uint32_t n;
    const SekText *texts = texts_of(e, step->field, &n);
    if (n == 1) {
        for (uint32_t i = 0; i < step->n; i++)
            if (probe_holds(e, preds[i], texts))
                return true;
        return false;
    }
    for (uint32_t i = 0; i < step->n && n > 0; i++)
        if (any_holds(e, texts, n, &e->rules->probes[preds[i]]))
            return true;
    return false;
}

/* Depth is that of the rule, which its reader bounds. */
bool sek_evaluate_node(SekEvaluate *e, uint32_t node) {
    const SekStep *step = &e->rules->steps[node];
    const uint32_t *kids = e->rules->order + step->first;
    switch (step->op) {
    case SEK_CODE_PRED:
        return sek_evaluate_pred(e, step->first);
    case SEK_STEP_LIST:
        return list_holds(e, step);
    case SEK_CODE_NOT:
        return !sek_evaluate_node(e, kids[0]);
    case SEK_CODE_AND:
        for (uint32_t i = 0; i < step->n; i++)
            if (!sek_evaluate_node(e, kids[i]))
                return false;
        return true;
    default:
        for (uint32_t i = 0; i < step->n; i++)
            if (sek_evaluate_node(e, kids[i]))
                return true;
        return false;
    }
}

static SekTruth keyed_pred(SekEvaluate *e, uint32_t pred, const SekRecipe *recipe) {
    const SekPred *p = &e->rules->preds[pred];
    bool decided = sek_recipe_keyed(recipe, p->field) &&
                   (p->kind != SEK_PRED_FIELDREF || sek_recipe_keyed(recipe, p->ref_field)) &&
                   (p->kind != SEK_PRED_REGEX || !e->open);
    if (!decided) {
        e->open = true;
        return SEK_UNKNOWN;
    }
    return sek_evaluate_pred(e, pred) ? SEK_YES : SEK_NO;
}

static SekTruth keyed_list(SekEvaluate *e, const SekStep *step, const SekRecipe *recipe) {
    if (sek_recipe_keyed(recipe, step->field))
        return list_holds(e, step) ? SEK_YES : SEK_NO;
    e->open = true;
    return SEK_UNKNOWN;
}

/* Depth is that of the rule, as above. When the truth is not known, `*out_rest` is a node, of this one or below it, that
 * holds when this one does: where the others say nothing, the only part that is not decided. */
static SekTruth keyed_node(SekEvaluate *e, uint32_t node, const SekRecipe *recipe, uint32_t *out_rest) {
    const SekStep *step = &e->rules->steps[node];
    const uint32_t *kids = e->rules->order + step->first;
    uint32_t rest, n_unknown = 0;
    *out_rest = node;
    if (step->op == SEK_CODE_PRED)
        return keyed_pred(e, step->first, recipe);
    if (step->op == SEK_STEP_LIST)
        return keyed_list(e, step, recipe);
    if (step->op == SEK_CODE_NOT) {
        SekTruth truth = keyed_node(e, kids[0], recipe, &rest);
        return truth == SEK_UNKNOWN ? SEK_UNKNOWN : truth == SEK_YES ? SEK_NO : SEK_YES;
    }
    SekTruth stop = step->op == SEK_CODE_AND ? SEK_NO : SEK_YES, all = step->op == SEK_CODE_AND ? SEK_YES : SEK_NO;
    for (uint32_t i = 0; i < step->n; i++) {
        SekTruth truth = keyed_node(e, kids[i], recipe, &rest);
        if (truth == stop)
            return stop;
        if (truth == SEK_UNKNOWN)
            *out_rest = n_unknown++ == 0 ? rest : node;
    }
    return n_unknown ? SEK_UNKNOWN : all;
}

/* The parts of a conjunction, however deep, that are not decided. */
static SekTruth keyed_parts(SekEvaluate *e, uint32_t node, const SekRecipe *recipe, SekRest *rest) {
    const SekStep *step = &e->rules->steps[node];
    SekTruth all = SEK_YES;
    if (step->op != SEK_CODE_AND) {
        uint32_t part;
        all = keyed_node(e, node, recipe, &part);
        if (all == SEK_UNKNOWN && rest->n++ < SEK_REST_NODES)
            rest->nodes[rest->n - 1] = part;
        return all;
    }
    for (uint32_t i = 0; i < step->n; i++) {
        SekTruth truth = keyed_parts(e, e->rules->order[step->first + i], recipe, rest);
        if (truth == SEK_NO)
            return SEK_NO;
        if (truth == SEK_UNKNOWN)
            all = SEK_UNKNOWN;
    }
    return all;
}

SekTruth sek_evaluate_keyed(SekEvaluate *e, uint32_t node, const SekRecipe *recipe, SekRest *rest) {
    e->open = false;
    rest->n = 0;
    return keyed_parts(e, node, recipe, rest);
}
