/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/pipeline_apply.h"

#include <stdlib.h>

/* All steps on all rules: which apply, in which order, and what is left to say at the end. */

static SekStatus no_memory(SekApply *a) {
    return sek_rule_no_memory(&a->reader, (SekRulePos){a->rule->line, 1});
}

/* --- small steps --------------------------------------------------------------------------- */

static SekStatus drop_item(SekApply *a, const SekItem *item, const SekExpr **out,
                           bool *out_dropped) {
    (void)a;
    (void)item;
    (void)out;
    *out_dropped = true;
    return SEK_OK;
}

static SekStatus fail_item(SekApply *a, const SekItem *item, const SekExpr **out,
                           bool *out_dropped) {
    (void)out;
    (void)out_dropped;
    return sek_rule_error(&a->reader, (SekRulePos){item->line, item->column}, "pipeline-failure",
                          "%s", sek_show(a->step->text).text);
}

static SekStatus fail_rule(SekApply *a) {
    return sek_rule_error(&a->reader, (SekRulePos){a->rule->line, 1}, "pipeline-failure", "%s",
                          sek_show(a->step->text).text);
}

static SekStatus set_state(SekApply *a) {
    uint32_t i = 0;
    while (i < a->n_states && !sek_str_eq(a->states[i].key, a->step->text))
        i++;
    if (i == SEK_PIPE_MAX_STATES)
        return sek_rule_error(&a->reader, (SekRulePos){a->rule->line, 1}, "limit",
                              "pipelines set more than %u states", SEK_PIPE_MAX_STATES);
    a->states[i] = (SekPipeState){a->step->text, a->step->replacement};
    a->n_states += i == a->n_states;
    return SEK_OK;
}

/* --- steps --------------------------------------------------------------------------------- */

static SekStatus run_steps(SekApply *a, const SekStep *steps, uint32_t n, uint32_t base);

static SekStatus run_step(SekApply *a, uint32_t base) {
    const SekStep *step = a->step;
    switch (step->kind) {
    case SEK_STEP_FIELD_MAPPING:
    case SEK_STEP_FIELD_PREFIX_MAPPING:
    case SEK_STEP_FIELD_PREFIX:
    case SEK_STEP_FIELD_SUFFIX:
        return sek_step_fields(a);
    case SEK_STEP_DROP_ITEM:
        return sek_apply_to_items(a, drop_item);
    case SEK_STEP_ADD_CONDITION:
        return sek_step_add_condition(a);
    case SEK_STEP_CHANGE_LOGSOURCE:
        if (!a->rule->correlation)
            a->rule->logsource = step->logsource;
        return SEK_OK;
    case SEK_STEP_HASHES_FIELDS:
        return sek_step_hashes(a);
    case SEK_STEP_SET_STATE:
        return set_state(a);
    case SEK_STEP_RULE_FAILURE:
        return fail_rule(a);
    case SEK_STEP_ITEM_FAILURE:
        return sek_apply_to_items(a, fail_item);
    case SEK_STEP_NEST:
        return run_steps(a, step->steps, step->n_steps, base);
    case SEK_STEP_NOTHING:
        return SEK_OK;
    default:
        return sek_step_values(a);
    }
}

/* Nested as deep as the pipeline, at most SEK_PIPELINE_MAX_NESTING. */
static SekStatus run_steps(SekApply *a, const SekStep *steps, uint32_t n, uint32_t base) {
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < n && !status; i++) {
        a->step = &steps[i];
        a->number = base + steps[i].number;
        sek_arena_reset(&a->scratch);
        bool matches = sek_apply_rule_matches(a);
        if (a->status)
            return sek_rule_check(&a->reader, (SekRulePos){a->rule->line, 1}, a->status,
                                  "a regular expression of a pipeline takes too many steps");
        if (!matches)
            continue;
        uint32_t number = a->number;
        status = run_step(a, base);
        a->applied.bits[number / 64] |= 1ull << number % 64;
    }
    return status;
}

/* --- the end ------------------------------------------------------------------------------- */

/* The name of a placeholder that is left in an item, or of the item that has one. */
static SekStr pending_name(const SekMatch *m) {
    for (uint32_t i = 0; i < m->n_patterns; i++)
        for (uint32_t k = 0; k < m->patterns[i].n_tokens; k++)
            if (m->patterns[i].tokens[k].kind == SEK_TOKEN_PLACEHOLDER)
                return m->patterns[i].tokens[k].text;
    return m->text; /* a regular expression, with the name in it */
}

static SekStatus check_pending(SekApply *a, const SekExpr *expr, bool *seen) {
    if (seen[expr->index])
        return SEK_OK;
    seen[expr->index] = true;
    for (uint32_t i = 0; expr->kind == SEK_EXPR_ITEM && i < expr->item->n_matches; i++) {
        const SekMatch *m = &expr->item->matches[i];
        if (m->pending)
            return sek_rule_error(
                &a->reader, (SekRulePos){expr->item->line, expr->item->column}, "placeholder",
                "neither a file of placeholders nor a pipeline has values for '%s'",
                sek_show(pending_name(m)).text);
    }
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < expr->n_kids && !status; i++)
        status = check_pending(a, expr->kids[i], seen);
    return status;
}

static SekStatus finish_rule(SekApply *a) {
    if (!a->file->options.defer || !a->rule->condition)
        return SEK_OK;
    bool *seen = SEK_ARENA_ARRAY(&a->scratch, bool, a->rule->n_exprs);
    return seen ? check_pending(a, a->rule->condition, seen) : no_memory(a);
}

/* --- rules --------------------------------------------------------------------------------- */

static SekStatus apply_to_rule(SekApply *a, SekRule *rule, SekPipeline *const *list, size_t n) {
    sek_arena_reset(&a->keys);
    sek_strmap_deinit(&a->marked);
    sek_strmap_init(&a->marked, false);
    a->n_marks = a->n_states = 0;
    a->applied = (SekStepSet){{0}};
    a->status = SEK_OK;
    a->rule = rule;
    a->reader.source = rule->source;
    a->reader.rule_id = rule->id;
    a->reader.rule_title = rule->title;
    a->reader.n_exprs = rule->n_exprs;
    a->reader.n_warnings = 0;
    SekStatus status = SEK_OK;
    uint32_t base = 0;
    for (size_t i = 0; i < n && !status; i++) {
        status = run_steps(a, list[i]->steps, list[i]->n_steps, base);
        base += list[i]->n_all_steps;
    }
    return status ? status : finish_rule(a);
}

static SekStatus apply_to_all(SekApply *a, SekPipeline *const *list, size_t n) {
    SekRuleFile *file = a->file;
    uint32_t kept = 0, n_rules = file->n_rules;
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < n_rules; i++) {
        if (!status) /* after a failure only the list is kept whole */
            status = apply_to_rule(a, file->rules[i], list, n);
        bool refused = status == SEK_ERR_INPUT;
        status = refused ? SEK_OK : status;
        if (!refused)
            file->rules[kept++] = file->rules[i];
    }
    file->n_rules = kept;
    return status;
}

/* --- the whole ----------------------------------------------------------------------------- */

static int by_priority(const void *a, const void *b) {
    const SekPipeline *x = *(SekPipeline *const *)a, *y = *(SekPipeline *const *)b;
    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void list_ids(const SekStep *steps, uint32_t n, uint32_t base, SekStr *ids) {
    for (uint32_t i = 0; i < n; i++) {
        ids[base + steps[i].number] = steps[i].id;
        list_ids(steps[i].steps, steps[i].n_steps, base, ids);
    }
}

/* Variables of later pipelines go over those of earlier ones. */
static SekStatus collect(SekApply *a, SekPipeline *const *list, size_t n) {
    uint32_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += list[i]->n_all_steps;
    if (total > SEK_PIPELINE_MAX_STEPS)
        return SEK_ERR_LIMIT;
    SekStr *ids = SEK_ARENA_ARRAY(&a->vars.arena, SekStr, (size_t)total + 1);
    if (!ids)
        return SEK_ERR_MEMORY;
    SekStatus status = SEK_OK;
    for (size_t i = 0; i < n && !status; i++) {
        list_ids(list[i]->steps, list[i]->n_steps, a->n_ids, ids);
        a->n_ids += list[i]->n_all_steps;
        for (uint32_t k = 0; k < list[i]->n_vars && !status; k++)
            status = sek_placeholders_set(&a->vars, &list[i]->vars[k]);
    }
    a->ids = ids;
    return status;
}

SekStatus sek_pipelines_apply(SekRuleFile *file, SekPipeline *const *pipelines,
                              size_t n_pipelines) {
    if (n_pipelines == 0 && !file->options.defer)
        return SEK_OK;
    SekApply a = {.file = file, .reader = {.file = file, .base_limit = file->arena.limit}};
    sek_arena_init(&a.scratch, 0);
    sek_arena_init(&a.keys, 0);
    sek_placeholders_init(&a.vars);
    sek_strmap_init(&a.marked, false);
    SekPipeline **sorted = calloc(n_pipelines + 1, sizeof(SekPipeline *));
    SekStatus status = sorted ? SEK_OK : SEK_ERR_MEMORY;
    for (size_t i = 0; i < n_pipelines && sorted; i++) {
        sorted[i] = pipelines[i];
        sorted[i]->order = (uint32_t)i;
    }
    if (!status && n_pipelines)
        qsort(sorted, n_pipelines, sizeof *sorted, by_priority);
    size_t share = file->arena.used + SEK_RULE_MAX_MEMORY;
    if (!file->arena.limit || file->arena.limit > share)
        file->arena.limit = share;
    if (!status)
        status = collect(&a, sorted, n_pipelines);
    if (!status)
        status = apply_to_all(&a, sorted, n_pipelines);
    file->arena.limit = a.reader.base_limit;
    free(sorted);
    free(a.marks);
    sek_strmap_deinit(&a.marked);
    sek_placeholders_deinit(&a.vars);
    sek_arena_deinit(&a.scratch);
    sek_arena_deinit(&a.keys);
    return status;
}
