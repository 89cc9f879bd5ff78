/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: any bytes as a processing pipeline, applied to rules of ours and to those that stand
 * behind a line `====` in the input. What comes out must keep the promises of rule.h, which the
 * engine relies on. */

#include "rule/correlation.h"
#include "rule/filter.h"
#include "rule/pipeline.h"

#include <stdlib.h>

#define MAX_VISITS 100000 /* the tree is a DAG: shared parts would be walked again and again */

static const char own_rules[] =
    "title: A\nname: a\nid: 6f3e2987-db24-4c78-a860-b4f4095a7095\nlevel: high\n"
    "tags: [attack.t1059]\nlogsource: {product: windows, category: process_creation}\n"
    "detection:\n    s: {Image|endswith: '\\a.exe', User|expand: 'x%who%y', N: [5, null], B: "
    "true}\n"
    "    t: [{A|fieldref: B, C|re|expand: 'x%who%'}, {D|cidr: 10.0.0.0/8}]\n    k: [key, w*rd]\n"
    "    condition: s and not t or 1 of k*\n---\n"
    "title: B\nlogsource: {product: windows, service: security}\n"
    "detection: {s: {H|contains|all: [MD5=ab, SHA1=cd]}, condition: s | count(X) by Y > 5}\n---\n"
    "title: C\ncorrelation: {type: value_count, rules: [a], group-by: [User, z], timespan: 1h,\n"
    "    aliases: {z: {a: Image}}, condition: {gte: 2, field: N}}\n";

static void require(bool condition) {
    if (!condition)
        abort();
}

static void check_match(const SekItem *item, const SekMatch *m) {
    require(m->kind == SEK_MATCH_STRING ? m->n_patterns > 0 : m->n_patterns == 0);
    require(!m->pending);
    require(m->kind != SEK_MATCH_REGEX || m->text.len > 0);
    for (uint32_t i = 0; i < m->n_patterns; i++)
        for (uint32_t k = 0; k < m->patterns[i].n_tokens; k++) {
            const SekToken *token = &m->patterns[i].tokens[k];
            require(token->kind != SEK_TOKEN_PLACEHOLDER);
            require((token->kind == SEK_TOKEN_LITERAL) == (token->text.len > 0));
        }
    require(item->field.len > 0 || m->kind == SEK_MATCH_STRING || m->kind == SEK_MATCH_REGEX);
}

static void check_expr(uint32_t *visits, const SekExpr *expr, uint32_t room, uint32_t n_exprs) {
    require(expr->depth <= room && expr->index < n_exprs);
    if ((*visits)++ > MAX_VISITS)
        return;
    if (expr->kind == SEK_EXPR_ITEM) {
        require(expr->depth == 1 && expr->item->n_matches > 0);
        for (uint32_t i = 0; i < expr->item->n_matches; i++)
            check_match(expr->item, &expr->item->matches[i]);
        return;
    }
    require(expr->kind == SEK_EXPR_NOT ? expr->n_kids == 1 : expr->n_kids > 1);
    for (uint32_t i = 0; i < expr->n_kids; i++)
        check_expr(visits, expr->kids[i], expr->depth - 1, n_exprs);
}

static void check_rule(const SekRule *rule) {
    uint32_t visits = 0;
    if (rule->condition)
        check_expr(&visits, rule->condition, SEK_RULE_MAX_DEPTH, rule->n_exprs);
    require((rule->condition != NULL) != (rule->correlation != NULL));
    const SekCorrelation *c = rule->correlation;
    for (uint32_t i = 0; c && i < c->n_rules; i++)
        require(c->targets[i] != NULL);
    require(!c || c->n_group_by <= SEK_CORR_MAX_FIELDS);
}

static void good(SekStatus status) {
    require(status == SEK_OK || status == SEK_ERR_MEMORY);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SekStr all = sek_str_n((const char *)data, size), pipeline = all, rules = SEK_STR("");
    ptrdiff_t cut = sek_str_find(all, SEK_STR("\n====\n"));
    if (cut >= 0) {
        pipeline.len = (size_t)cut + 1;
        rules = sek_str_n(all.ptr + cut + 6, size - (size_t)cut - 6);
    }
    SekRuleFile file;
    sek_rulefile_init(&file);
    SekPipeline *list[1] = {NULL};
    SekError err = {0};
    SekStatus status = sek_pipeline_read(&file, SEK_STR("p.yml"), pipeline, &list[0], &err);
    require(status == SEK_OK || (list[0] == NULL && (status == SEK_ERR_MEMORY || err.what[0])));
    if (status == SEK_OK) {
        file.options.defer = true;
        good(sek_rules_read(&file, SEK_STR("own.yml"), sek_str(own_rules)));
        good(sek_rules_read(&file, SEK_STR("fuzz.yml"), rules));
        good(sek_filters_apply(&file));
        good(sek_correlations_resolve(&file));
        good(sek_pipelines_apply(&file, list, 1));
        good(sek_correlations_resolve(&file));
        for (uint32_t i = 0; i < file.n_rules; i++)
            check_rule(file.rules[i]);
    }
    sek_rulefile_deinit(&file);
    return 0;
}
