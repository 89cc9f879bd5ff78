/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/filter.h"

#include "rule/correlation.h"
#include "rule/expr.h"
#include "rule/rule_index.h"

#include <stdlib.h>

/* Filters on rules. The filter's nodes are copied into each rule, because a rule's nodes have
 * numbers of their own; its items are shared. */

typedef struct Apply {
    SekRuleFile *file;
    SekRuleIndex index;
    SekArena scratch;
    const SekFilter *filter;
    SekRuleReader reader; /* speaks for the filter */
    uint32_t *last;       /* by rule: number + 1 of the last filter that was applied */
    uint32_t number;      /* of the filter at work */
    uint32_t n_meant;     /* rules that it is for */
} Apply;

static bool attribute_contains(SekStr filter, SekStr rule) {
    return filter.len == 0 || sek_str_eq(filter, rule);
}

static bool contains(const SekLogSource *filter, const SekLogSource *rule) {
    return attribute_contains(filter->category, rule->category) &&
           attribute_contains(filter->product, rule->product) &&
           attribute_contains(filter->service, rule->service);
}

/* The rule whose events are meant: for an aggregation, the part that it counts; NULL for any other
 * correlation. */
static SekRule *detection_of(SekRule *rule) {
    const SekCorrelation *c = rule->correlation;
    if (!c)
        return rule;
    bool parts = c->targets && c->targets[0]->part_of == rule;
    return parts ? (SekRule *)(uintptr_t)c->targets[0] : NULL;
}

/* Joins the two conditions. The reader's node numbers become those of the rule for as long. */
static SekStatus join(Apply *a, SekRule *rule) {
    a->reader.n_exprs = rule->n_exprs;
    sek_arena_reset(&a->scratch);
    const SekExpr *kids[2] = {
        rule->condition,
        sek_expr_import(&a->reader, &a->scratch, a->filter->condition, a->filter->n_exprs)};
    const SekExpr *both = kids[1] ? sek_expr_join(&a->reader, SEK_EXPR_AND, kids, 2) : NULL;
    SekRulePos pos = {a->filter->line, 1};
    if (!both)
        return sek_rule_no_memory(&a->reader, pos);
    if (both->depth > SEK_RULE_MAX_DEPTH)
        return sek_rule_warn(&a->reader, pos, "no-effect",
                             "rule '%s' is nested too deeply for this filter, and is not filtered",
                             sek_show(rule->title).text);
    rule->condition = both;
    rule->n_exprs = a->reader.n_exprs;
    return SEK_OK;
}

static SekStatus apply_to(Apply *a, uint32_t i) {
    SekRule *rule = detection_of(a->file->rules[i]);
    if (!rule || a->last[i] == a->number + 1 || !contains(&a->filter->logsource, &rule->logsource))
        return SEK_OK;
    a->last[i] = a->number + 1;
    a->n_meant++;
    return join(a, rule);
}

static SekStatus apply_to_all(Apply *a) {
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < a->file->n_rules && !status; i++)
        if (!a->file->rules[i]->part_of)
            status = apply_to(a, i);
    return status;
}

/* --- named rules --------------------------------------------------------------------------- */

static SekStatus warn_named(Apply *a, SekRulePos pos, SekStr name, const SekRule *rule) {
    if (!rule)
        return sek_rule_warn(&a->reader, pos, "no-effect",
                             "'%s' is a correlation rule, and filters are for the rules that it "
                             "refers to",
                             sek_show(name).text);
    return sek_rule_warn(&a->reader, pos, "filter-logsource",
                         "the log source of rule '%s' is not that of the filter, which leaves it "
                         "alone",
                         sek_show(name).text);
}

static SekStatus apply_to_named(Apply *a, uint32_t k) {
    SekStr name = a->filter->rules[k];
    SekRulePos pos = {a->filter->places[k].line, a->filter->places[k].column};
    SekRuleMatches matches = sek_rule_index_find(&a->index, name);
    if (matches.first == SEK_RULE_NONE)
        return sek_rule_warn(&a->reader, pos, "unknown-reference",
                             "no rule that was loaded has the id or name '%s'",
                             sek_show(name).text);
    SekStatus status = SEK_OK;
    for (uint32_t i = matches.first; i != SEK_RULE_NONE && !status; i = matches.next[i]) {
        const SekRule *rule = detection_of(a->file->rules[i]);
        if (rule && contains(&a->filter->logsource, &rule->logsource))
            status = apply_to(a, i);
        else
            status = warn_named(a, pos, name, rule);
    }
    return status;
}

/* --- chosen rules -------------------------------------------------------------------------- */

static SekStatus apply_to_chosen(Apply *a) {
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < a->file->n_rules && !status; i++) {
        if (!a->filter->chosen[i])
            continue;
        if (detection_of(a->file->rules[i]))
            status = apply_to(a, i);
        else
            status = warn_named(a, (SekRulePos){a->filter->line, 1}, a->file->rules[i]->title, NULL);
    }
    return status;
}

/* --- the whole ----------------------------------------------------------------------------- */

/* A filter for no rule at all is one that its writer believes in, unless another warning said why. */
static SekStatus warn_idle(Apply *a, uint32_t n_diags_before) {
    if (a->n_meant || a->file->n_diags > n_diags_before)
        return SEK_OK;
    return sek_rule_warn(&a->reader, (SekRulePos){a->filter->line, 1}, "matches-no-rule",
                         "no rule that was loaded has a log source that this filter is for");
}

static SekStatus apply_one(Apply *a, const SekFilter *filter) {
    uint32_t before = a->file->n_diags;
    a->filter = filter;
    a->n_meant = 0;
    a->reader = (SekRuleReader){.file = a->file,
                                .source = filter->source,
                                .rule_id = filter->id,
                                .rule_title = filter->title,
                                .base_limit = a->reader.base_limit};
    SekStatus status = SEK_OK;
    if (filter->chosen)
        status = apply_to_chosen(a);
    else if (filter->n_rules == 0)
        status = apply_to_all(a);
    for (uint32_t k = 0; k < filter->n_rules && !status; k++)
        status = apply_to_named(a, k);
    if (status == SEK_OK)
        status = warn_idle(a, before);
    return status == SEK_ERR_INPUT ? SEK_OK : status;
}

SekStatus sek_filters_apply(SekRuleFile *file) {
    if (file->n_filters == 0)
        return SEK_OK;
    Apply a = {.file = file, .reader = {.base_limit = file->arena.limit}};
    sek_arena_init(&a.scratch, 0);
    SekStatus status = sek_rule_index_init(&a.index, file);
    a.last = calloc((size_t)file->n_rules + 1, sizeof *a.last);
    if (!a.last)
        status = SEK_ERR_MEMORY;
    size_t share = file->arena.used + SEK_RULE_MAX_MEMORY;
    if (!file->arena.limit || file->arena.limit > share)
        file->arena.limit = share;
    for (; a.number < file->n_filters && !status; a.number++)
        status = apply_one(&a, file->filters[a.number]);
    file->arena.limit = a.reader.base_limit;
    file->n_filters = 0;
    free(a.last);
    sek_arena_deinit(&a.scratch);
    sek_rule_index_deinit(&a.index);
    return status;
}
