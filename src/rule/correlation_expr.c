/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/condition.h"
#include "rule/correlation_read.h"
#include "rule/expr.h"

/* Boolean expressions over rules. The grammar is that of conditions over selections, so its parser
 * is used: every rule stands in as a selection with one item of no content, and the tree that comes
 * out is written over to the rules' numbers. */

/* --- names in a text ----------------------------------------------------------------------- */

static bool is_between(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '(' || c == ')';
}

static bool is_operator(SekStr word) {
    return sek_str_eq(word, SEK_STR("and")) || sek_str_eq(word, SEK_STR("or")) ||
           sek_str_eq(word, SEK_STR("not"));
}

static bool is_known(const SekNames *names, SekStr word) {
    for (uint32_t i = 0; i < names->n; i++)
        if (sek_str_eq(names->texts[i], word))
            return true;
    return false;
}

static SekStatus add_word(SekRuleReader *reader, const SekYamlNode *text, SekStr word,
                          uint32_t most, SekNames *io) {
    if (is_operator(word) || is_known(io, word))
        return SEK_OK;
    if (io->n == most)
        return sek_rule_error(reader, sek_pos(text), "limit",
                              "the condition names more than %u rules", (unsigned)most);
    SekStr copy = sek_arena_dup(&reader->file->arena, word);
    if (!copy.ptr)
        return sek_rule_no_memory(reader, sek_pos(text));
    io->places[io->n] = (SekRulePlace){text->line, text->column};
    io->texts[io->n++] = copy;
    return SEK_OK;
}

SekStatus sek_correlation_names_in(SekRuleReader *reader, const SekYamlNode *text, uint32_t most,
                                   SekNames *out) {
    SekArena *arena = &reader->file->arena;
    SekNames names = {SEK_ARENA_ARRAY(arena, SekStr, most),
                      SEK_ARENA_ARRAY(arena, SekRulePlace, most), 0};
    if (!names.texts || !names.places)
        return sek_rule_no_memory(reader, sek_pos(text));
    SekStr all = text->text;
    for (size_t at = 0; at < all.len;) {
        size_t start = at;
        while (at < all.len && !is_between(all.ptr[at]))
            at++;
        SekStatus status = SEK_OK;
        if (at > start)
            status = add_word(reader, text, sek_str_n(all.ptr + start, at - start), most, &names);
        if (status)
            return status;
        at += at == start;
    }
    *out = names;
    return SEK_OK;
}

/* --- writing over -------------------------------------------------------------------------- */

typedef struct Convert {
    SekRuleReader *reader;
    const SekExpr *const *items;
    uint32_t n_items;
    const SekCorrExpr **done; /* by SekExpr.index: shared nodes stay shared */
} Convert;

static const SekCorrExpr *convert(Convert *c, const SekExpr *expr);

static bool fill(Convert *c, const SekExpr *expr, SekCorrExpr *out) {
    for (uint32_t i = 0; i < c->n_items; i++) {
        if (c->items[i] != expr)
            continue;
        out->kind = SEK_EXPR_ITEM;
        out->rule = i;
        return true;
    }
    out->kids = SEK_ARENA_ARRAY(&c->reader->file->arena, const SekCorrExpr *, expr->n_kids);
    if (!out->kids)
        return false;
    out->kind = expr->kind;
    out->n_kids = expr->n_kids;
    for (uint32_t i = 0; i < expr->n_kids; i++) {
        out->kids[i] = convert(c, expr->kids[i]);
        if (!out->kids[i])
            return false;
    }
    return true;
}

/* As deep as the expression, at most SEK_RULE_MAX_DEPTH. NULL when the arena is spent. */
static const SekCorrExpr *convert(Convert *c, const SekExpr *expr) {
    if (c->done[expr->index])
        return c->done[expr->index];
    SekCorrExpr *out = SEK_ARENA_NEW(&c->reader->file->arena, SekCorrExpr);
    if (!out || !fill(c, expr, out))
        return NULL;
    c->done[expr->index] = out;
    return out;
}

SekStatus sek_correlation_convert_expr(SekRuleReader *reader, const SekExpr *expr,
                                       const SekExpr *const *items, uint32_t n_items,
                                       const SekCorrExpr **out) {
    Convert c = {reader, items, n_items, NULL};
    c.done = SEK_ARENA_ARRAY(&reader->file->arena, const SekCorrExpr *, reader->n_exprs);
    const SekCorrExpr *converted = c.done ? convert(&c, expr) : NULL;
    if (!converted)
        return sek_rule_no_memory(reader, (SekRulePos){0});
    *out = converted;
    return SEK_OK;
}

/* --- the whole ----------------------------------------------------------------------------- */

/* What the expression says of a window in which none of the rules that it names is. */
static bool holds_without(const SekCorrExpr *e) {
    if (e->kind == SEK_EXPR_ITEM)
        return false;
    if (e->kind == SEK_EXPR_NOT)
        return !holds_without(e->kids[0]);
    for (uint32_t i = 0; i < e->n_kids; i++)
        if (holds_without(e->kids[i]) == (e->kind == SEK_EXPR_OR))
            return e->kind == SEK_EXPR_OR;
    return e->kind == SEK_EXPR_AND;
}

/* A rule that is listed and not named is what windows are made of when the condition says no more than
 * what must not be there (`not a`); else it does nothing. */
static SekStatus warn_unused(SekRuleReader *reader, const SekSelections *rules,
                             const SekCorrExpr *expr) {
    SekStatus status = SEK_OK;
    if (holds_without(expr))
        return SEK_OK;
    for (uint32_t i = 0; i < rules->n && !status; i++)
        if (!rules->list[i].used)
            status = sek_rule_warn(reader, rules->list[i].pos, "no-effect",
                                   "the condition does not use rule '%s'",
                                   sek_show(rules->list[i].name).text);
    return status;
}

SekStatus sek_correlation_read_expr(SekRuleReader *reader, const SekYamlNode *text,
                                    const SekNames *names, const SekCorrExpr **out) {
    SekSelection list[SEK_CORR_MAX_RULES];
    const SekExpr *items[SEK_CORR_MAX_RULES];
    SekSelections rules = {.list = list, .n = names->n, .noun = "rule"};
    for (uint32_t i = 0; i < names->n; i++) {
        SekItem nothing = {0};
        items[i] = sek_expr_item(reader, &nothing);
        if (!items[i])
            return sek_rule_no_memory(reader, sek_pos(text));
        SekRulePos pos = {names->places[i].line, names->places[i].column};
        list[i] = (SekSelection){names->texts[i], items[i], pos, false};
    }
    SekCondition condition;
    SekStatus status = sek_condition_read(reader, text, text, &rules, &condition);
    if (!status && condition.aggregation.len)
        return sek_rule_error(reader, condition.pipe_pos, "bad-condition",
                              "nothing may follow the expression over rules");
    if (!status)
        status = sek_correlation_convert_expr(reader, condition.expr, items, names->n, out);
    return status ? status : warn_unused(reader, &rules, *out);
}
