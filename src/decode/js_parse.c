/* SPDX-License-Identifier: Apache-2.0 */

/* JScript: a tolerant parser. Statements of ECMAScript 3 are known; what is not is kept as OTHER with the
 * expressions that were found in it, so that the rest can still be followed. */
#include "decode/js.h"

static SekSfNode *parse_assign(SekSfParser *p);
static SekSfNode *parse_statement(SekSfParser *p);
static SekSfNode *parse_block(SekSfParser *p);

static SekSfNode *parse_comma(SekSfParser *p) {
    SekSfNode *first = parse_assign(p);
    if (!first || !sek_sf_is(p, ","))
        return first;
    SekSfNode *list = sek_sf_node(p->run, SEK_SF_COMMA, first->off);
    (void)sek_sf_add_kid(p->run, list, first);
    while (sek_sf_accept(p, ","))
        (void)sek_sf_add_kid(p->run, list, parse_assign(p));
    return list;
}

/* --- primary expressions --- */

/* What stands for nothing between two commas. */
static SekSfNode *undefined_at(SekSfParser *p) {
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_LITERAL, p->token.off);
    if (node)
        node->value = (SekSfValue){.type = SEK_SF_EMPTY};
    return node;
}

static SekSfNode *parse_list(SekSfParser *p) {
    SekSfNode *list = sek_sf_node(p->run, SEK_SF_LIST, p->token.off);
    sek_js_next(p);
    while (list && p->token.kind != SEK_SF_END && !sek_sf_is(p, "]")) {
        SekSfNode *item = sek_sf_is(p, ",") ? undefined_at(p) : parse_assign(p);
        if (!sek_sf_add_kid(p->run, list, item) || !sek_sf_accept(p, ","))
            break;
        if (sek_sf_is(p, "]")) /* JScript 5.8: [a,] has two items */
            (void)sek_sf_add_kid(p->run, list, undefined_at(p));
    }
    (void)sek_sf_accept(p, "]");
    return sek_sf_close_at(p, list);
}

/* The name of a value in { a: 1, 'b': 2 } as a string; NULL when it is none. */
static SekSfNode *parse_key(SekSfParser *p) {
    SekSfNode *key = sek_sf_node(p->run, SEK_SF_LITERAL, p->token.off);
    if (!key || p->token.kind == SEK_SF_PUNCT || p->token.kind == SEK_SF_END)
        return NULL;
    key->value = p->token.kind == SEK_SF_QUOTED ? sek_js_string(p->run, sek_sf_word(p)) : sek_sf_view(sek_sf_word(p));
    sek_js_next(p);
    key->end = key->off; /* never replaced */
    return key;
}

/* { a: 1, ... } */
static SekSfNode *parse_object(SekSfParser *p) {
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_TABLE, p->token.off);
    sek_js_next(p);
    while (node && p->token.kind != SEK_SF_END && !sek_sf_is(p, "}")) {
        if (sek_sf_accept(p, ","))
            continue;
        SekSfNode *key = parse_key(p), *value = key && sek_sf_accept(p, ":") ? parse_assign(p) : NULL;
        if (!value || !sek_sf_add_kid(p->run, node, key) || !sek_sf_add_kid(p->run, node, value)) {
            node->kind = SEK_SF_OTHER; /* something else: nothing of it is known */
            break;
        }
    }
    (void)sek_sf_accept(p, "}");
    return sek_sf_close_at(p, node);
}

/* function [name](a, b) { body } */
static SekSfNode *parse_function(SekSfParser *p, SekSfKind kind) {
    SekSfNode *node = sek_sf_node(p->run, kind, p->token.off);
    sek_js_next(p);
    if (node && p->token.kind == SEK_SF_WORD) {
        node->text = sek_sf_word(p);
        sek_js_next(p);
    }
    if (sek_sf_accept(p, "("))
        while (node && p->token.kind != SEK_SF_END && !sek_sf_accept(p, ")")) {
            if (p->token.kind == SEK_SF_WORD) {
                SekSfNode *name = sek_sf_node(p->run, SEK_SF_NAME, p->token.off);
                if (name)
                    name->text = sek_sf_word(p);
                (void)sek_sf_add_kid(p->run, node, name);
            }
            sek_js_next(p);
        }
    (void)sek_sf_add_kid(p->run, node, parse_block(p));
    return sek_sf_close_at(p, node);
}

static SekSfNode *parse_primary(SekSfParser *p) {
    SekSfToken t = p->token;
    SekStr text = sek_sf_word(p);
    SekSfNode *node;
    if (sek_sf_is(p, "function"))
        return parse_function(p, SEK_SF_LAMBDA);
    if (sek_sf_is(p, "["))
        return parse_list(p);
    if (sek_sf_is(p, "{"))
        return parse_object(p);
    if (sek_sf_is(p, "(")) {
        sek_js_next(p);
        node = parse_comma(p);
        (void)sek_sf_accept(p, ")");
        if (node && node->kind != SEK_SF_LAMBDA) { /* the parentheses belong to what may be replaced */
            SekSfNode *outer = sek_sf_node(p->run, SEK_SF_COMMA, t.off);
            (void)sek_sf_add_kid(p->run, outer, node);
            return sek_sf_close_at(p, outer);
        }
        return node;
    }
    if (t.kind == SEK_SF_END || t.kind == SEK_SF_PUNCT)
        return NULL;
    node = sek_sf_node(p->run, t.kind == SEK_SF_WORD ? SEK_SF_NAME : SEK_SF_LITERAL, t.off);
    if (!node)
        return NULL;
    node->end = t.end;
    node->text = text;
    if (t.kind == SEK_SF_QUOTED)
        node->value = sek_js_string(p->run, text);
    else if (t.kind == SEK_SF_REGEX)
        node->value = sek_js_regex(p->run, text);
    else if (t.kind == SEK_SF_DIGITS)
        node->value = sek_js_number(text);
    sek_js_next(p);
    return node;
}

static SekSfNode *parse_call(SekSfParser *p, SekSfNode *callee, SekSfKind kind) {
    SekSfNode *call = sek_sf_node(p->run, kind, callee->off);
    if (!sek_sf_add_kid(p->run, call, callee))
        return NULL;
    if (sek_sf_accept(p, "("))
        while (p->token.kind != SEK_SF_END && !sek_sf_is(p, ")"))
            if (!sek_sf_accept(p, ",") && !sek_sf_add_kid(p->run, call, parse_assign(p)))
                break;
    (void)sek_sf_accept(p, ")");
    return sek_sf_close_at(p, call);
}

static SekSfNode *parse_postfix(SekSfParser *p) {
    SekSfNode *node;
    if (sek_sf_is(p, "new")) {
        size_t off = p->token.off;
        sek_js_next(p);
        SekSfNode *name = parse_primary(p);
        while (name && sek_sf_accept(p, ".")) {
            SekSfNode *member = sek_sf_node(p->run, SEK_SF_MEMBER, name->off);
            if (!sek_sf_add_kid(p->run, member, name))
                return NULL;
            member->text = sek_sf_word(p);
            sek_js_next(p);
            name = sek_sf_close_at(p, member);
        }
        node = name ? parse_call(p, name, SEK_SF_NEW) : NULL;
        if (node)
            node->off = off;
    } else {
        node = parse_primary(p);
    }
    while (node && p->token.kind == SEK_SF_PUNCT) {
        SekSfNode *outer;
        if (sek_sf_is(p, "(")) {
            node = parse_call(p, node, SEK_SF_CALL);
        } else if (sek_sf_is(p, "[")) {
            outer = sek_sf_node(p->run, SEK_SF_INDEX, node->off);
            sek_js_next(p);
            SekSfNode *key = parse_comma(p);
            (void)sek_sf_accept(p, "]");
            if (!sek_sf_add_kid(p->run, outer, node) || !sek_sf_add_kid(p->run, outer, key))
                return node;
            node = sek_sf_close_at(p, outer);
        } else if (sek_sf_is(p, ".")) {
            outer = sek_sf_node(p->run, SEK_SF_MEMBER, node->off);
            sek_js_next(p);
            if (!sek_sf_add_kid(p->run, outer, node) || p->token.kind != SEK_SF_WORD)
                return node;
            outer->text = sek_sf_word(p);
            sek_js_next(p);
            node = sek_sf_close_at(p, outer);
        } else {
            break;
        }
    }
    if (node && (sek_sf_is(p, "++") || sek_sf_is(p, "--")) && !p->token.line_before) {
        SekSfNode *step = sek_sf_node(p->run, SEK_SF_STEP, node->off);
        if (sek_sf_add_kid(p->run, step, node))
            step->op = sek_sf_is(p, "++") ? "p++" : "p--";
        sek_js_next(p);
        node = sek_sf_close_at(p, step);
    }
    return node;
}

static SekSfNode *parse_unary(SekSfParser *p) {
    static const char *const ops[] = {"!", "-", "+", "~", "typeof", "void", "delete", "++", "--"};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        if (!sek_sf_is(p, ops[i]))
            continue;
        size_t off = p->token.off;
        if (!sek_sf_deeper(p))
            return NULL;
        sek_js_next(p);
        SekSfNode *kid = parse_unary(p);
        p->depth--;
        SekSfNode *node = sek_sf_node(p->run, i >= 7 ? SEK_SF_STEP : i >= 5 ? SEK_SF_OTHER : SEK_SF_UNARY, off);
        if (!sek_sf_add_kid(p->run, node, kid))
            return NULL;
        node->op = ops[i];
        return node;
    }
    return parse_postfix(p);
}

/* ECMAScript, 3rd edition, sections 11.5 to 11.11. */
static const SekSfOperator operators[] = {
    {"*", 10}, {"/", 10}, {"%", 10}, {"+", 9}, {"-", 9}, {"<<", 8}, {">>", 8}, {">>>", 8}, {"<", 7}, {">", 7}, {"<=", 7}, {">=", 7},
    {"instanceof", 7}, {"in", 7}, {"==", 6}, {"!=", 6}, {"===", 6}, {"!==", 6}, {"&", 5}, {"^", 4}, {"|", 3}, {"&&", 2}, {"||", 1}, {NULL, 0},
};

static const char *assignment(const SekSfParser *p) {
    static const char *const ops[][2] = {{"=", "="}, {"+=", "+"}, {"-=", "-"}, {"*=", "*"}, {"/=", "/"}, {"%=", "%"}, {"&=", "&"},
                                         {"|=", "|"}, {"^=", "^"}, {"<<=", "<<"}, {">>=", ">>"}, {">>>=", ">>>"}};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (sek_sf_is(p, ops[i][0]))
            return ops[i][1];
    return NULL;
}

static SekSfNode *parse_assign(SekSfParser *p) {
    if (!sek_sf_deeper(p))
        return NULL;
    SekSfNode *left = sek_sf_climb(p, 1);
    const char *op = left ? assignment(p) : NULL;
    if (op) {
        SekSfNode *node = sek_sf_node(p->run, SEK_SF_SET, left->off);
        sek_js_next(p);
        SekSfNode *right = parse_assign(p);
        if (sek_sf_add_kid(p->run, node, left) && sek_sf_add_kid(p->run, node, right)) {
            node->op = op;
            left = node;
        }
    } else if (left && sek_sf_is(p, "?")) {
        SekSfNode *node = sek_sf_node(p->run, SEK_SF_COND, left->off);
        sek_js_next(p);
        SekSfNode *yes = parse_assign(p);
        (void)sek_sf_accept(p, ":");
        SekSfNode *no = parse_assign(p);
        if (sek_sf_add_kid(p->run, node, left) && sek_sf_add_kid(p->run, node, yes) && sek_sf_add_kid(p->run, node, no))
            left = node;
    }
    p->depth--;
    return left;
}

/* --- statements --- */

static SekSfNode *parse_block(SekSfParser *p) {
    SekSfNode *block = sek_sf_node(p->run, SEK_SF_BLOCK, p->token.off);
    bool braces = sek_sf_accept(p, "{");
    if (!braces) {
        (void)sek_sf_add_kid(p->run, block, parse_statement(p));
        return sek_sf_close_at(p, block);
    }
    while (block && p->token.kind != SEK_SF_END && !sek_sf_is(p, "}")) {
        size_t before = p->token.off;
        SekSfNode *statement = parse_statement(p);
        if (statement)
            (void)sek_sf_add_kid(p->run, block, statement);
        if (p->token.off == before)
            sek_js_next(p);
    }
    (void)sek_sf_accept(p, "}");
    return sek_sf_close_at(p, block);
}

/* var a = 1, b: a block of declarations */
static SekSfNode *parse_var(SekSfParser *p) {
    SekSfNode *block = sek_sf_node(p->run, SEK_SF_BLOCK, p->token.off);
    do {
        sek_js_next(p);
        SekSfNode *dim = sek_sf_node(p->run, SEK_SF_DIM, p->token.off);
        if (!dim || p->token.kind != SEK_SF_WORD)
            break;
        dim->text = sek_sf_word(p);
        sek_js_next(p);
        if (sek_sf_accept(p, "="))
            (void)sek_sf_add_kid(p->run, dim, parse_assign(p));
        (void)sek_sf_add_kid(p->run, block, sek_sf_close_at(p, dim));
    } while (sek_sf_is(p, ","));
    return block;
}

/* An assignment of something that is not known. */
static SekSfNode *set_unknown(SekSfParser *p, SekSfNode *target) {
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_SET, target ? target->off : 0);
    if (!sek_sf_add_kid(p->run, node, target) || !sek_sf_add_kid(p->run, node, sek_sf_absent(p)))
        return NULL;
    node->op = "=";
    return node;
}

/* for (a; b; c) body, for (x in y) body */
static SekSfNode *parse_for(SekSfParser *p, size_t off) {
    sek_js_next(p);
    (void)sek_sf_accept(p, "(");
    SekSfNode *init = sek_sf_is(p, ";") ? sek_sf_absent(p) : sek_sf_is(p, "var") ? parse_var(p) : parse_comma(p);
    SekSfNode *loop = sek_sf_node(p->run, SEK_SF_LOOP, off);
    if (sek_sf_accept(p, "in") || (init && init->kind == SEK_SF_BINARY && sek_sf_is(p, ")"))) {
        SekSfNode *other = sek_sf_node(p->run, SEK_SF_IF, off); /* runs how often nobody knows */
        SekSfNode *list = sek_sf_is(p, ")") ? sek_sf_absent(p) : parse_comma(p);
        (void)sek_sf_accept(p, ")");
        SekSfNode *named = init && init->kind == SEK_SF_BINARY ? set_unknown(p, init->kids[0]) : init;
        SekSfNode *body = parse_block(p);
        return sek_sf_add_kid(p->run, other, sek_sf_absent(p)) && sek_sf_add_kid(p->run, other, list ? list : sek_sf_absent(p)) &&
                       sek_sf_add_kid(p->run, other, sek_sf_or_absent(p, named)) && sek_sf_add_kid(p->run, other, body) ? other : body;
    }
    (void)sek_sf_accept(p, ";");
    SekSfNode *condition = sek_sf_is(p, ";") ? sek_sf_absent(p) : parse_comma(p);
    (void)sek_sf_accept(p, ";");
    SekSfNode *step = sek_sf_is(p, ")") ? sek_sf_absent(p) : parse_comma(p);
    (void)sek_sf_accept(p, ")");
    SekSfNode *body = parse_block(p);
    (void)(sek_sf_add_kid(p->run, loop, init ? init : sek_sf_absent(p)) && sek_sf_add_kid(p->run, loop, condition ? condition : sek_sf_absent(p)) &&
           sek_sf_add_kid(p->run, loop, step ? step : sek_sf_absent(p)) && sek_sf_add_kid(p->run, loop, body));
    return loop && loop->n_kids == 4 ? loop : body;
}

static SekSfNode *parse_while(SekSfParser *p, size_t off, bool first) {
    sek_js_next(p);
    SekSfNode *body = first ? parse_block(p) : NULL;
    if (first)
        (void)sek_sf_accept(p, "while");
    (void)sek_sf_accept(p, "(");
    SekSfNode *condition = parse_comma(p);
    (void)sek_sf_accept(p, ")");
    if (!first)
        body = parse_block(p);
    SekSfNode *loop = sek_sf_node(p->run, SEK_SF_LOOP, off);
    (void)(sek_sf_add_kid(p->run, loop, sek_sf_absent(p)) && sek_sf_add_kid(p->run, loop, condition ? condition : sek_sf_absent(p)) &&
           sek_sf_add_kid(p->run, loop, sek_sf_absent(p)) && sek_sf_add_kid(p->run, loop, body));
    if (loop && first)
        loop->op = "do";
    return loop && loop->n_kids == 4 ? loop : body;
}

static SekSfNode *parse_if(SekSfParser *p, size_t off) {
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_IF, off);
    sek_js_next(p);
    (void)sek_sf_accept(p, "(");
    SekSfNode *condition = parse_comma(p);
    (void)sek_sf_accept(p, ")");
    (void)(sek_sf_add_kid(p->run, node, condition ? condition : sek_sf_absent(p)) && sek_sf_add_kid(p->run, node, parse_block(p)));
    (void)sek_sf_accept(p, ";");
    if (sek_sf_accept(p, "else"))
        (void)sek_sf_add_kid(p->run, node, parse_block(p));
    return node;
}

/* try, catch, finally, switch, with: each block may or may not run. */
static SekSfNode *parse_unsure(SekSfParser *p, size_t off) {
    bool is_try = sek_sf_is(p, "try");
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_IF, off);
    if (node && sek_sf_is(p, "with"))
        node->op = "with";
    SekSfNode *condition = sek_sf_node(p->run, SEK_SF_OTHER, off);
    sek_js_next(p);
    if (sek_sf_accept(p, "(")) {
        (void)sek_sf_add_kid(p->run, condition, parse_comma(p));
        (void)sek_sf_accept(p, ")");
    }
    (void)(sek_sf_add_kid(p->run, node, condition) && sek_sf_add_kid(p->run, node, parse_block(p)));
    while (is_try && (sek_sf_is(p, "catch") || sek_sf_is(p, "finally"))) {
        sek_js_next(p);
        if (sek_sf_accept(p, "(")) { /* JScript 5.8: a variable of the function around */
            if (p->token.kind == SEK_SF_WORD)
                (void)sek_sf_add_kid(p->run, node, set_unknown(p, sek_sf_name_node(p)));
            (void)sek_sf_accept(p, ")");
        }
        (void)sek_sf_add_kid(p->run, node, parse_block(p));
    }
    return node;
}

static SekSfNode *parse_simple(SekSfParser *p, SekSfKind kind, const char *op) {
    SekSfNode *node = sek_sf_node(p->run, kind, p->token.off);
    if (node)
        node->op = op;
    sek_js_next(p);
    if (kind == SEK_SF_RETURN && !p->token.line_before && !sek_sf_is(p, ";") && !sek_sf_is(p, "}")) {
        SekSfNode *value = parse_comma(p);
        if (value)
            (void)sek_sf_add_kid(p->run, node, value);
    } else if (kind == SEK_SF_LEAVE && p->token.kind == SEK_SF_WORD && !p->token.line_before) {
        sek_js_next(p); /* a label */
    }
    return node;
}

static SekSfNode *parse_known(SekSfParser *p) {
    size_t off = p->token.off;
    if (sek_sf_is(p, "var") || sek_sf_is(p, "let") || sek_sf_is(p, "const"))
        return parse_var(p);
    if (sek_sf_is(p, "function"))
        return parse_function(p, SEK_SF_DEF);
    if (sek_sf_is(p, "if"))
        return parse_if(p, off);
    if (sek_sf_is(p, "for"))
        return parse_for(p, off);
    if (sek_sf_is(p, "while") || sek_sf_is(p, "do"))
        return parse_while(p, off, sek_sf_is(p, "do"));
    if (sek_sf_is(p, "try") || sek_sf_is(p, "switch") || sek_sf_is(p, "with"))
        return parse_unsure(p, off);
    if (sek_sf_is(p, "return") || sek_sf_is(p, "throw"))
        return parse_simple(p, SEK_SF_RETURN, "");
    if (sek_sf_is(p, "break") || sek_sf_is(p, "continue"))
        return parse_simple(p, SEK_SF_LEAVE, sek_sf_is(p, "break") ? "" : "continue");
    if (sek_sf_is(p, "{"))
        return parse_block(p);
    if (sek_sf_is(p, "case") || sek_sf_is(p, "default")) {
        sek_js_next(p);
        SekSfNode *value = sek_sf_is(p, ":") ? NULL : parse_comma(p);
        (void)sek_sf_accept(p, ":");
        return value;
    }
    SekSfNode *value = parse_comma(p), *statement = value ? sek_sf_node(p->run, SEK_SF_DO, off) : NULL;
    return sek_sf_add_kid(p->run, statement, value) ? statement : NULL;
}

static SekSfNode *parse_statement(SekSfParser *p) {
    if (!sek_sf_deeper(p))
        return NULL;
    SekSfNode *node = parse_known(p);
    (void)sek_sf_accept(p, ";");
    p->depth--;
    return node;
}

SekSfNode *sek_js_parse(SekSfRun *run, SekStr text) {
    SekSfParser p = {.run = run, .text = text, .next = sek_js_next, .operand_of = parse_unary, .operators = operators};
    SekSfNode *root = sek_sf_node(run, SEK_SF_BLOCK, 0);
    sek_js_next(&p);
    while (root && p.token.kind != SEK_SF_END) {
        size_t before = p.token.off;
        SekSfNode *statement = parse_statement(&p);
        if (statement)
            (void)sek_sf_add_kid(run, root, statement);
        if (p.token.off == before)
            sek_js_next(&p);
    }
    return root;
}
