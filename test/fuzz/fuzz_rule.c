/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: any bytes as the text of a rule file. Beside not crashing, what comes out must keep
 * the promises of rule.h that the engine relies on. */

#include "rule/correlation.h"
#include "rule/filter.h"

#include <stdlib.h>

#define MAX_VISITS 100000 /* the tree is a DAG: shared parts would be walked again and again */

typedef struct Check {
    uint32_t visits, n_exprs;
} Check;

static void require(bool condition) {
    if (!condition)
        abort();
}

static void check_pattern(const SekPattern *pattern) {
    for (uint32_t i = 0; i < pattern->n_tokens; i++) {
        const SekToken *token = &pattern->tokens[i];
        const SekToken *before = i > 0 ? &pattern->tokens[i - 1] : NULL;
        bool literal = token->kind == SEK_TOKEN_LITERAL;
        require(literal == (token->text.len > 0));
        require(!before || token->kind != before->kind || token->kind == SEK_TOKEN_ONE ||
                token->kind == SEK_TOKEN_DASH);
    }
}

static void check_match(const SekItem *item, const SekMatch *m) {
    require(m->kind == SEK_MATCH_STRING ? m->n_patterns > 0 : m->n_patterns == 0);
    for (uint32_t i = 0; i < m->n_patterns; i++)
        check_pattern(&m->patterns[i]);
    require(m->kind != SEK_MATCH_REGEX || m->text.len > 0);
    require(m->kind != SEK_MATCH_FIELDREF || m->text.len > 0);
    require(m->kind != SEK_MATCH_CIDR || m->net_bits <= (m->net_v6 ? 128 : 32));
    if (item->field.len > 0)
        return;
    require(m->kind == SEK_MATCH_STRING || m->kind == SEK_MATCH_REGEX);
    for (uint32_t i = 0; i < m->n_patterns; i++) {
        const SekPattern *pattern = &m->patterns[i];
        require(pattern->n_tokens >= 3);
        require(pattern->tokens[0].kind == SEK_TOKEN_ANY);
        require(pattern->tokens[pattern->n_tokens - 1].kind == SEK_TOKEN_ANY);
    }
}

static void check_expr(Check *check, const SekExpr *expr, uint32_t room) {
    require(expr->depth <= room && expr->index < check->n_exprs);
    if (check->visits++ > MAX_VISITS)
        return;
    if (expr->kind == SEK_EXPR_ITEM) {
        require(expr->depth == 1 && expr->item->n_matches > 0);
        require(expr->item->n_matches <= SEK_RULE_MAX_VALUES);
        for (uint32_t i = 0; i < expr->item->n_matches; i++)
            check_match(expr->item, &expr->item->matches[i]);
        return;
    }
    require(expr->kind == SEK_EXPR_NOT ? expr->n_kids == 1 : expr->n_kids > 1);
    for (uint32_t i = 0; i < expr->n_kids; i++)
        check_expr(check, expr->kids[i], expr->depth - 1);
}

static void check_corr_expr(const SekCorrelation *c, const SekCorrExpr *expr, uint32_t room) {
    require(room > 0);
    if (expr->kind == SEK_EXPR_ITEM) {
        require(expr->rule < c->n_rules);
        return;
    }
    require(expr->kind == SEK_EXPR_NOT ? expr->n_kids == 1 : expr->n_kids > 1);
    for (uint32_t i = 0; i < expr->n_kids; i++)
        check_corr_expr(c, expr->kids[i], room - 1);
}

static void check_correlation(const SekRule *rule) {
    const SekCorrelation *c = rule->correlation;
    require(!rule->condition && !rule->part_of && c->n_rules > 0);
    require(c->n_rules <= SEK_CORR_MAX_RULES && c->n_group_by <= SEK_CORR_MAX_FIELDS);
    require(c->n_fields <= SEK_CORR_MAX_FIELDS && c->n_bounds <= 6 && c->timespan >= 10000000);
    bool temporal = c->type == SEK_CORR_TEMPORAL || c->type == SEK_CORR_TEMPORAL_ORDERED;
    bool counts = temporal || c->type == SEK_CORR_EVENT_COUNT;
    require(counts ? c->n_fields == 0 : c->n_fields > 0);
    require(temporal || c->n_bounds > 0);
    require(!c->expr || (c->type == SEK_CORR_TEMPORAL && c->n_bounds == 0));
    require(c->targets && c->depth > 0 && c->depth <= SEK_CORR_MAX_DEPTH);
    for (uint32_t i = 0; i < c->n_rules; i++)
        require(c->targets[i]->correlation ? c->targets[i]->correlation->depth < c->depth
                                           : c->targets[i]->condition != NULL);
    if (c->expr)
        check_corr_expr(c, c->expr, SEK_RULE_MAX_DEPTH);
}

static void check_rule(const SekRule *rule) {
    Check check = {.n_exprs = rule->n_exprs};
    require(rule->title.len > 0 && rule->line > 0);
    if (rule->correlation) {
        check_correlation(rule);
        return;
    }
    require(rule->logsource.category.len + rule->logsource.product.len +
                rule->logsource.service.len >
            0);
    check_expr(&check, rule->condition, SEK_RULE_MAX_DEPTH);
}

/* One name is known, so that texts with %a% get past `expand`. */
static SekStatus look_up(void *user, SekStr name, const SekStr **out_values, uint32_t *out_n) {
    (void)user;
    static const SekStr values[] = {{"x*", 2}, {"-y", 2}, {"", 0}};
    *out_values = values;
    *out_n = 3;
    return sek_str_eq(name, SEK_STR("a")) ? SEK_OK : SEK_NOT_FOUND;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SekRuleFile file;
    sek_rulefile_init(&file);
    file.options.placeholder = look_up;
    SekStatus status =
        sek_rules_read(&file, SEK_STR("fuzz.yml"), sek_str_n((const char *)data, size));
    require(status == SEK_OK || status == SEK_ERR_MEMORY);
    status = sek_filters_apply(&file);
    require(status == SEK_OK || status == SEK_ERR_MEMORY);
    status = sek_correlations_resolve(&file);
    require(status == SEK_OK || status == SEK_ERR_MEMORY);
    for (uint32_t i = 0; i < file.n_rules; i++)
        check_rule(file.rules[i]);
    for (uint32_t i = 0; i < file.n_diags; i++)
        require(file.diags[i].code && file.diags[i].text.len > 0);
    sek_rulefile_deinit(&file);
    return 0;
}
