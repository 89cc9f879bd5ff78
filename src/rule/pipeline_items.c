/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/pipeline_apply.h"
#include "base/grow.h"

#include <stdlib.h>

/* Rewriting the expression of a rule, item by item, and which step made which item. */

static SekStatus no_memory(SekApply *a) {
    return sek_rule_no_memory(&a->reader, (SekRulePos){a->rule->line, 1});
}

static SekItemMark *new_mark(SekApply *a, const SekItem *item) {
    if (sek_grow(&a->marks, &a->cap_marks, a->n_marks, sizeof *a->marks) != SEK_OK)
        return NULL;
    /* The key outlives a growing array because it is kept in the arena. */
    const SekItem **key = SEK_ARENA_NEW(&a->keys, const SekItem *);
    if (!key)
        return NULL;
    *key = item;
    if (sek_strmap_set(&a->marked, sek_str_n((const char *)key, sizeof item), a->n_marks))
        return NULL;
    SekItemMark *mark = &a->marks[a->n_marks++];
    *mark = (SekItemMark){.item = item};
    return mark;
}

const SekExpr *sek_apply_new_item(SekApply *a, const SekItem *old, const SekItem *item) {
    const SekExpr *expr = sek_expr_item(&a->reader, item);
    SekItemMark *mark = expr ? new_mark(a, expr->item) : NULL;
    if (!mark)
        return NULL;
    uint32_t before;
    if (sek_strmap_get(&a->marked, sek_str_n((const char *)&old, sizeof old), &before) == SEK_OK)
        mark->steps = a->marks[before].steps;
    mark->steps.bits[a->number / 64] |= 1ull << a->number % 64;
    return expr;
}

typedef struct Rewrite {
    SekApply *a;
    SekItemChange *change;
    const SekExpr **done; /* by index: what became of a node */
    bool *dropped;        /* by index */
    bool *visited;        /* by index */
} Rewrite;

static SekStatus rewrite(Rewrite *r, const SekExpr *expr);

static SekStatus rewrite_item(Rewrite *r, const SekExpr *expr) {
    SekApply *a = r->a;
    const SekExpr *out = NULL;
    bool matches = sek_apply_item_matches(a, expr->item);
    if (a->status)
        return sek_rule_check(&a->reader, (SekRulePos){expr->item->line, expr->item->column},
                              a->status, "a regular expression of a pipeline takes too many steps");
    SekStatus status = SEK_OK;
    if (matches)
        status = r->change(a, expr->item, &out, &r->dropped[expr->index]);
    r->done[expr->index] = out ? out : expr;
    return status;
}

/* The operands that are left, and whether any is not what it was. */
static SekStatus rewrite_kids(Rewrite *r, const SekExpr *expr, const SekExpr **kids,
                              uint32_t *out_n, bool *out_changed) {
    *out_n = 0;
    for (uint32_t i = 0; i < expr->n_kids; i++) {
        const SekExpr *kid = expr->kids[i];
        SekStatus status = rewrite(r, kid);
        if (status)
            return status;
        *out_changed = *out_changed || r->dropped[kid->index] || r->done[kid->index] != kid;
        if (!r->dropped[kid->index])
            kids[(*out_n)++] = r->done[kid->index];
    }
    return SEK_OK;
}

/* As deep as the expression, at most SEK_RULE_MAX_DEPTH. */
static SekStatus rewrite(Rewrite *r, const SekExpr *expr) {
    if (r->visited[expr->index])
        return SEK_OK;
    r->visited[expr->index] = true;
    if (expr->kind == SEK_EXPR_ITEM)
        return rewrite_item(r, expr);
    const SekExpr **kids = SEK_ARENA_ARRAY(&r->a->scratch, const SekExpr *, expr->n_kids);
    uint32_t n = 0;
    bool changed = false;
    SekStatus status = kids ? rewrite_kids(r, expr, kids, &n, &changed) : no_memory(r->a);
    if (status)
        return status;
    r->dropped[expr->index] = n == 0;
    r->done[expr->index] = expr;
    if (!changed || n == 0)
        return SEK_OK;
    r->done[expr->index] = sek_expr_join(&r->a->reader, expr->kind, kids, n);
    return r->done[expr->index] ? SEK_OK : no_memory(r->a);
}

SekStatus sek_apply_set_condition(SekApply *a, const SekExpr *expr) {
    if (expr->depth > SEK_RULE_MAX_DEPTH)
        return sek_rule_error(&a->reader, (SekRulePos){a->rule->line, 1}, "limit",
                              "a pipeline nests this rule more than %d levels deep",
                              SEK_RULE_MAX_DEPTH);
    a->rule->condition = expr;
    a->rule->n_exprs = a->reader.n_exprs;
    return SEK_OK;
}

SekStatus sek_apply_to_items(SekApply *a, SekItemChange *change) {
    if (!a->rule->condition)
        return SEK_OK;
    uint32_t n = a->rule->n_exprs;
    Rewrite r = {.a = a, .change = change};
    r.done = SEK_ARENA_ARRAY(&a->scratch, const SekExpr *, n);
    r.dropped = SEK_ARENA_ARRAY(&a->scratch, bool, n);
    r.visited = SEK_ARENA_ARRAY(&a->scratch, bool, n);
    if (!r.done || !r.dropped || !r.visited)
        return no_memory(a);
    const SekExpr *root = a->rule->condition;
    SekStatus status = rewrite(&r, root);
    if (status)
        return status;
    if (r.dropped[root->index])
        return sek_rule_error(&a->reader, (SekRulePos){a->rule->line, 1}, "pipeline-failure",
                              "a pipeline leaves nothing of this rule to look for");
    return sek_apply_set_condition(a, r.done[root->index]);
}
