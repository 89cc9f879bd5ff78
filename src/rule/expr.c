/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/expr.h"

const SekExpr *sek_expr_item(SekRuleReader *reader, const SekItem *item) {
    SekArena *arena = &reader->file->arena;
    SekExpr *expr = SEK_ARENA_NEW(arena, SekExpr);
    SekItem *copy = SEK_ARENA_NEW(arena, SekItem);
    if (!expr || !copy)
        return NULL;
    *copy = *item;
    *expr = (SekExpr){.kind = SEK_EXPR_ITEM, .item = copy, .depth = 1, .index = reader->n_exprs++};
    return expr;
}

const SekExpr *sek_expr_join(SekRuleReader *reader, SekExprKind kind, const SekExpr *const *kids,
                             uint32_t n) {
    if (n == 1 && kind != SEK_EXPR_NOT)
        return kids[0];
    SekArena *arena = &reader->file->arena;
    SekExpr *expr = SEK_ARENA_NEW(arena, SekExpr);
    const SekExpr **copy = SEK_ARENA_ARRAY(arena, const SekExpr *, n);
    if (!expr || !copy)
        return NULL;
    *expr = (SekExpr){.kind = kind, .kids = copy, .n_kids = n, .index = reader->n_exprs++};
    for (uint32_t i = 0; i < n; i++) {
        copy[i] = kids[i];
        if (kids[i]->depth >= expr->depth)
            expr->depth = kids[i]->depth;
    }
    expr->depth++;
    return expr;
}

void sek_expr_push(SekBuf *stack, const SekExpr *expr) {
    sek_buf_add(stack, &expr, sizeof expr);
}

const SekExpr *sek_expr_pop(SekRuleReader *reader, SekBuf *stack, size_t mark, SekExprKind kind) {
    if (stack->failed)
        return NULL;
    /* The buffer comes from malloc and holds pointers only, so it is aligned for them. */
    const SekExpr *const *kids = (const void *)(stack->data + mark);
    uint32_t n = (uint32_t)((stack->len - mark) / sizeof *kids);
    const SekExpr *expr = sek_expr_join(reader, kind, kids, n);
    stack->len = mark;
    return expr;
}

/* As deep as the expression, at most SEK_RULE_MAX_DEPTH. */
static const SekExpr *import(SekRuleReader *reader, const SekExpr *expr, const SekExpr **done) {
    if (done[expr->index])
        return done[expr->index];
    SekArena *arena = &reader->file->arena;
    SekExpr *copy = SEK_ARENA_NEW(arena, SekExpr);
    if (!copy)
        return NULL;
    *copy = *expr;
    if (expr->n_kids)
        copy->kids = SEK_ARENA_ARRAY(arena, const SekExpr *, expr->n_kids);
    if (expr->n_kids && !copy->kids)
        return NULL;
    for (uint32_t i = 0; i < expr->n_kids; i++) {
        copy->kids[i] = import(reader, expr->kids[i], done);
        if (!copy->kids[i])
            return NULL;
    }
    copy->index = reader->n_exprs++;
    done[expr->index] = copy;
    return copy;
}

const SekExpr *sek_expr_import(SekRuleReader *reader, SekArena *scratch, const SekExpr *expr,
                               uint32_t n_exprs) {
    const SekExpr **done = SEK_ARENA_ARRAY(scratch, const SekExpr *, n_exprs);
    return done ? import(reader, expr, done) : NULL;
}
