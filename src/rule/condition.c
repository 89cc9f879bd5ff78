/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/condition.h"

#include "base/utf.h"
#include "rule/expr.h"

/* Recursive descent, one function for each level of precedence (weakest first):
 *
 *     or    := and { "or" and }
 *     and   := not { "and" not }
 *     not   := "not" not | primary
 *     primary := "(" or ")" | ("1" | "any" | "all") "of" ("them" | pattern) | name
 *
 * A word ends at a blank, a bracket or `|`, so a name that begins with a keyword is a name, and a
 * keyword is one only where the grammar has a place for it. */

typedef struct Parser {
    SekRuleReader *reader;
    const SekYamlNode *node;
    SekSelections *selections;
    SekBuf stack;
    SekStr text;
    size_t at;         /* behind the current word */
    size_t word_start; /* of the current word */
    SekStr word;       /* empty at the end */
    uint32_t brackets, nots;
    SekStr aggregation; /* see SekCondition */
    SekRulePos pipe_pos;
} Parser;

#define MAX_STACK (SEK_CONDITION_MAX_BYTES * SEK_RULE_MAX_SELECTIONS * sizeof(SekExpr *))

/* --- words -------------------------------------------------------------------------------- */

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_sign(char c) {
    return c == '(' || c == ')' || c == '|';
}

static void advance(Parser *p) {
    SekStr text = p->text;
    while (p->at < text.len && is_space(text.ptr[p->at]))
        p->at++;
    size_t start = p->at;
    if (p->at < text.len && is_sign(text.ptr[p->at]))
        p->at++;
    else
        while (p->at < text.len && !is_space(text.ptr[p->at]) && !is_sign(text.ptr[p->at]))
            p->at++;
    p->word_start = start;
    p->word = sek_str_n(text.ptr + start, p->at - start);
}

static bool is_word(const Parser *p, const char *word) {
    return sek_str_eq(p->word, sek_str(word));
}

/* The word behind the current one, without moving. */
static SekStr peek(const Parser *p) {
    Parser ahead = *p;
    advance(&ahead);
    return ahead.word;
}

/* The place of a byte of the condition: exact when the text stands on one line as it is, else the
 * place of the whole. */
static SekRulePos place(const Parser *p, size_t offset) {
    SekRulePos pos = sek_pos(p->node);
    if (!p->node->one_line)
        return pos;
    pos.column += p->node->quote;
    for (size_t at = 0; at < offset; pos.column++)
        (void)sek_utf8_next(p->text, &at); /* only the step counts */
    return pos;
}

static const char *noun(const Parser *p) {
    return p->selections->noun ? p->selections->noun : "selection";
}

static bool is_operator_in_capitals(SekStr word) {
    return (sek_str_eq_nocase(word, SEK_STR("and")) || sek_str_eq_nocase(word, SEK_STR("or"))) && word.ptr[0] < 'a';
}

static SekStatus unexpected(Parser *p, const char *wanted) {
    SekRulePos pos = place(p, p->word_start);
    if (p->word.len == 0)
        return sek_rule_error(p->reader, pos, "bad-condition",
                              "the condition ends where %s should be", wanted);
    bool upper = is_operator_in_capitals(p->word);
    return sek_rule_error(p->reader, pos, "bad-condition", "'%s' stands where %s should be%s",
                          sek_show(p->word).text, wanted, upper ? "; operators are in lower case" : "");
}

/* --- selections --------------------------------------------------------------------------- */

/* `*` is any run of characters, anywhere in the pattern; no other character is special. */
static bool glob(SekStr pattern, SekStr name) {
    size_t i = 0, k = 0, star = SIZE_MAX, retry = 0;
    while (k < name.len) {
        if (i < pattern.len && pattern.ptr[i] == '*') {
            star = i++;
            retry = k;
        } else if (i < pattern.len && pattern.ptr[i] == name.ptr[k]) {
            i++;
            k++;
        } else if (star != SIZE_MAX) {
            i = star + 1;
            k = ++retry;
        } else {
            return false;
        }
    }
    while (i < pattern.len && pattern.ptr[i] == '*')
        i++;
    return i == pattern.len;
}

static bool chosen(SekStr pattern, SekStr name) {
    bool hidden = name.len && name.ptr[0] == '_';
    if (sek_str_eq(pattern, SEK_STR("them")))
        return !hidden;
    if (hidden && (pattern.len == 0 || pattern.ptr[0] != '_'))
        return false;
    return glob(pattern, name);
}

static SekStatus finish(Parser *p, const SekExpr *expr, const SekExpr **out) {
    if (!expr)
        return sek_rule_no_memory(p->reader, sek_pos(p->node));
    *out = expr;
    return SEK_OK;
}

static SekStatus parse_of(Parser *p, const SekExpr **out) {
    SekExprKind kind = is_word(p, "all") ? SEK_EXPR_AND : SEK_EXPR_OR;
    advance(p);
    advance(p);
    SekStr pattern = p->word;
    if (pattern.len == 0 || is_sign(pattern.ptr[0]))
        return unexpected(p, "`them` or a pattern of names");
    size_t mark = p->stack.len;
    for (uint32_t i = 0; i < p->selections->n; i++) {
        SekSelection *selection = &p->selections->list[i];
        if (!chosen(pattern, selection->name))
            continue;
        selection->used = true;
        sek_expr_push(&p->stack, selection->expr);
    }
    if (p->stack.len == mark && !p->stack.failed)
        return sek_rule_error(p->reader, place(p, p->word_start), "empty-pattern",
                              "no %s is meant by '%s'; name one so, or remove the term", noun(p),
                              sek_show(pattern).text);
    const SekExpr *expr = sek_expr_pop(p->reader, &p->stack, mark, kind);
    advance(p);
    return finish(p, expr, out);
}

/* The selection that a misspelt name is likely meant for: a third of it is wrong at most. */
static const SekSelection *nearest(const SekSelections *selections, SekStr name) {
    const SekSelection *best = NULL;
    unsigned most = (unsigned)(name.len < SEK_STR_DISTANCE_MAX ? name.len : 0) / 3 + 1;
    for (uint32_t i = 0; i < selections->n && i < 1000; i++) {
        unsigned d = sek_str_distance(name, selections->list[i].name);
        if (d < most) {
            most = d;
            best = &selections->list[i];
        }
    }
    return best;
}

static SekStatus undefined(Parser *p) {
    static const char *const operators[] = {"and", "or", "not", "of", "1", "all", "any", "them"};
    SekShown word = sek_show(p->word);
    SekRulePos pos = place(p, p->word_start);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (sek_str_eq_nocase(p->word, sek_str(operators[i])))
            return sek_rule_error(p->reader, pos, "bad-condition",
                                  "'%s' stands where the name of a %s should be; operators are "
                                  "and, or, not, `1 of` and `all of`, in lower case",
                                  word.text, noun(p));
    if (memchr(p->word.ptr, '*', p->word.len))
        return sek_rule_error(p->reader, pos, "bad-condition",
                              "a pattern needs `1 of` or `all of` before it: '%s'", word.text);
    const SekSelection *near = nearest(p->selections, p->word);
    SekShown name = sek_show(near ? near->name : SEK_STR(""));
    return sek_rule_error(p->reader, pos, "undefined-name", "there is no %s '%s'; %s%s%s", noun(p), word.text,
                          near ? "did you mean '" : "names are case-sensitive", name.text, near ? "'" : "");
}

static SekStatus parse_name(Parser *p, const SekExpr **out) {
    for (uint32_t i = 0; i < p->selections->n; i++) {
        SekSelection *selection = &p->selections->list[i];
        if (!sek_str_eq(selection->name, p->word))
            continue;
        selection->used = true;
        *out = selection->expr;
        advance(p);
        return SEK_OK;
    }
    if (sek_str_eq(peek(p), SEK_STR("of")))
        return unexpected(p, "`1 of`, `any of` or `all of`");
    return undefined(p);
}

/* --- grammar ------------------------------------------------------------------------------ */

static SekStatus parse_or(Parser *p, const SekExpr **out);

static SekStatus too_deep(Parser *p) {
    return sek_rule_error(p->reader, place(p, p->word_start), "limit",
                          "the condition is nested more than %d levels deep",
                          SEK_CONDITION_MAX_DEPTH);
}

static SekStatus parse_primary(Parser *p, const SekExpr **out) {
    if (is_word(p, "(")) {
        if (p->brackets == SEK_CONDITION_MAX_DEPTH)
            return too_deep(p);
        p->brackets++;
        advance(p);
        SekStatus status = parse_or(p, out);
        if (status)
            return status;
        if (!is_word(p, ")"))
            return unexpected(p, "`)`, `and` or `or`");
        p->brackets--;
        advance(p);
        return SEK_OK;
    }
    if (p->word.len == 0 || is_sign(p->word.ptr[0]))
        return unexpected(p, "a name");
    bool quantifier = is_word(p, "1") || is_word(p, "any") || is_word(p, "all");
    if (quantifier && sek_str_eq(peek(p), SEK_STR("of")))
        return parse_of(p, out);
    return parse_name(p, out);
}

/* A selection may be called `not`: then what follows cannot be an operand. */
static bool is_negation(const Parser *p) {
    if (!is_word(p, "not"))
        return false;
    SekStr next = peek(p);
    bool operand = next.len && (next.ptr[0] == '(' || !is_sign(next.ptr[0]));
    return operand && !sek_str_eq(next, SEK_STR("and")) && !sek_str_eq(next, SEK_STR("or"));
}

static SekStatus parse_not(Parser *p, const SekExpr **out) {
    if (!is_negation(p))
        return parse_primary(p, out);
    if (p->nots == SEK_CONDITION_MAX_DEPTH)
        return too_deep(p);
    p->nots++;
    advance(p);
    const SekExpr *kid = NULL;
    SekStatus status = parse_not(p, &kid);
    p->nots--;
    if (status)
        return status;
    return finish(p, sek_expr_join(p->reader, SEK_EXPR_NOT, &kid, 1), out);
}

static SekStatus parse_chain(Parser *p, const char *operator, SekExprKind kind,
                             SekStatus (*operand)(Parser *, const SekExpr **),
                             const SekExpr **out) {
    size_t mark = p->stack.len;
    for (bool first = true; first || is_word(p, operator); first = false) {
        if (!first)
            advance(p);
        const SekExpr *kid = NULL;
        SekStatus status = operand(p, &kid);
        if (status)
            return status;
        sek_expr_push(&p->stack, kid);
    }
    return finish(p, sek_expr_pop(p->reader, &p->stack, mark, kind), out);
}

static SekStatus parse_and(Parser *p, const SekExpr **out) {
    return parse_chain(p, "and", SEK_EXPR_AND, parse_not, out);
}

static SekStatus parse_or(Parser *p, const SekExpr **out) {
    return parse_chain(p, "or", SEK_EXPR_OR, parse_and, out);
}

/* What may stand behind the expression: nothing, or `|` and an aggregation of Sigma before 2.0. */
static SekStatus parse_end(Parser *p) {
    if (is_word(p, "|")) {
        p->pipe_pos = place(p, p->word_start);
        p->aggregation = sek_str_trim(sek_str_n(p->text.ptr + p->at, p->text.len - p->at));
        if (p->aggregation.len == 0)
            return sek_rule_error(p->reader, p->pipe_pos, "legacy-aggregation",
                                  "nothing stands behind `|`; remove it, or write an aggregation "
                                  "such as count() by User > 5");
        return SEK_OK;
    }
    if (p->word.len)
        return unexpected(p, "`and`, `or` or the end of the condition");
    return SEK_OK;
}

static SekStatus parse_text(Parser *p, const SekYamlNode *node, const SekExpr **out) {
    if (node->kind >= SEK_YAML_LIST || node->kind == SEK_YAML_NULL)
        return sek_rule_error(p->reader, sek_pos(node), "bad-condition",
                              "a condition is text, such as `selection and not 1 of filter_*`");
    p->node = node;
    p->text = node->text;
    p->at = 0;
    p->brackets = 0;
    p->nots = 0;
    advance(p);
    SekStatus status = parse_or(p, out);
    return status ? status : parse_end(p);
}

/* --- whole conditions ---------------------------------------------------------------------- */

static SekStatus parse_list(Parser *p, const SekYamlNode *list, const SekExpr **out) {
    size_t mark = p->stack.len;
    for (uint32_t i = 0; i < list->n; i++) {
        const SekExpr *expr = NULL;
        SekStatus status = parse_text(p, list->items[i], &expr);
        if (status)
            return status;
        if (p->aggregation.len && list->n > 1)
            return sek_rule_error(p->reader, p->pipe_pos, "legacy-aggregation",
                                  "one of several conditions has an aggregation; make a rule of "
                                  "each");
        sek_expr_push(&p->stack, expr);
    }
    return finish(p, sek_expr_pop(p->reader, &p->stack, mark, SEK_EXPR_OR), out);
}

static SekStatus missing(SekRuleReader *reader, const SekYamlNode *detection,
                         SekSelections *selections, SekCondition *out) {
    if (selections->n != 1)
        return sek_rule_error(
            reader, sek_pos(detection), "missing-condition",
            "`detection` has no `condition`, and more than one selection to choose "
            "from");
    selections->list[0].used = true;
    *out = (SekCondition){.expr = selections->list[0].expr};
    return SEK_OK;
}

SekStatus sek_condition_read(SekRuleReader *reader, const SekYamlNode *detection,
                             const SekYamlNode *condition, SekSelections *selections,
                             SekCondition *out) {
    if (!condition || condition->kind == SEK_YAML_NULL)
        return missing(reader, detection, selections, out);
    bool list = condition->kind == SEK_YAML_LIST;
    size_t bytes = list ? 0 : condition->text.len;
    for (uint32_t i = 0; list && i < condition->n; i++)
        bytes += condition->items[i]->text.len;
    if (bytes > SEK_CONDITION_MAX_BYTES)
        return sek_rule_error(reader, sek_pos(condition), "limit",
                              "the condition is longer than %d bytes", SEK_CONDITION_MAX_BYTES);
    if (list && condition->n == 0)
        return missing(reader, detection, selections, out);
    Parser p = {.reader = reader, .node = condition, .selections = selections};
    sek_buf_init(&p.stack, MAX_STACK);
    const SekExpr *expr = NULL;
    SekStatus status = list ? parse_list(&p, condition, &expr) : parse_text(&p, condition, &expr);
    sek_buf_deinit(&p.stack);
    if (status)
        return status;
    if (expr->depth > SEK_RULE_MAX_DEPTH)
        return sek_rule_error(reader, sek_pos(condition), "limit",
                              "condition and selections are nested more than %d levels deep",
                              SEK_RULE_MAX_DEPTH);
    *out = (SekCondition){expr, p.aggregation, p.pipe_pos};
    return SEK_OK;
}
