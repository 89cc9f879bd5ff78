/* SPDX-License-Identifier: Apache-2.0 */

/* JScript: tokens and a tolerant parser. Statements of ECMAScript 3 are known; what is not is kept as
 * OTHER with the expressions that were found in it, so that the rest can still be followed. */
#include "decode/js.h"

typedef enum { T_END, T_NAME, T_NUMBER, T_STRING, T_REGEX, T_PUNCT } TokenKind;

typedef struct Token {
    TokenKind kind;
    size_t off, end;
    bool line_before; /* a line break stands before it */
} Token;

typedef struct Parser {
    SekSfRun *run;
    SekStr text;
    Token token; /* the one at hand */
    size_t last_end; /* of the token before */
    bool operand;    /* the token before was a value: `/` divides */
    uint32_t depth;
} Parser;

static bool is_name(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || (uint8_t)c >= 0x80;
}

static char at(const Parser *p, size_t i) {
    return i < p->text.len ? p->text.ptr[i] : '\0';
}

static size_t skip_blank(const Parser *p, size_t i, bool *line) {
    while (i < p->text.len) {
        char c = p->text.ptr[i];
        if (c == '\n' || c == '\r')
            *line = true;
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v') {
            i++;
        } else if (c == '/' && at(p, i + 1) == '/') {
            while (i < p->text.len && p->text.ptr[i] != '\n')
                i++;
        } else if (c == '/' && at(p, i + 1) == '*') {
            ptrdiff_t close = sek_str_find(sek_str_n(p->text.ptr + i + 2, p->text.len - i - 2), SEK_STR("*/"));
            i = close < 0 ? p->text.len : i + 2 + (size_t)close + 2;
        } else {
            break;
        }
    }
    return i;
}

static size_t string_end(const Parser *p, size_t i) {
    char quote = p->text.ptr[i++];
    while (i < p->text.len && p->text.ptr[i] != quote) {
        if (p->text.ptr[i] == '\n')
            return i;
        i += p->text.ptr[i] == '\\' && i + 1 < p->text.len ? 2 : 1;
    }
    return i < p->text.len ? i + 1 : p->text.len;
}

static size_t regex_end(const Parser *p, size_t i) {
    bool set = false;
    for (i++; i < p->text.len && p->text.ptr[i] != '\n'; i++) {
        char c = p->text.ptr[i];
        if (c == '\\')
            i++;
        else if (c == '[')
            set = true;
        else if (c == ']')
            set = false;
        else if (c == '/' && !set) {
            for (i++; is_name(at(p, i)); i++) {
            }
            return i;
        }
    }
    return 0;
}

static size_t punct_len(const Parser *p, size_t i) {
    static const char *const puncts[] = {">>>=", "===", "!==", ">>>", "<<=", ">>=", "==", "!=", "<=", ">=", "&&", "||",
                                         "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>"};
    for (size_t k = 0; k < sizeof puncts / sizeof *puncts; k++)
        if (sek_str_starts(sek_str_n(p->text.ptr + i, p->text.len - i), sek_str(puncts[k])))
            return strlen(puncts[k]);
    return 1;
}

static void next(Parser *p) {
    bool line = false;
    p->last_end = p->token.end;
    size_t i = skip_blank(p, p->token.end, &line), end = i;
    Token *t = &p->token;
    *t = (Token){.kind = T_END, .off = i, .end = i, .line_before = line};
    if (i >= p->text.len || p->run->fatal || p->run->gave_up)
        return;
    char c = p->text.ptr[i];
    if (c == '"' || c == '\'') {
        t->kind = T_STRING;
        end = string_end(p, i);
    } else if ((c >= '0' && c <= '9') || (c == '.' && at(p, i + 1) >= '0' && at(p, i + 1) <= '9')) {
        t->kind = T_NUMBER;
        for (end = i; is_name(at(p, end)) || at(p, end) == '.'; end++) {
        }
    } else if (is_name(c)) {
        t->kind = T_NAME;
        for (end = i; is_name(at(p, end)); end++) {
        }
    } else if (c == '/' && !p->operand && (end = regex_end(p, i)) > 0) {
        t->kind = T_REGEX;
    } else {
        t->kind = T_PUNCT;
        end = i + punct_len(p, i);
    }
    t->end = end;
    p->operand = t->kind != T_PUNCT || c == ')' || c == ']' || c == '}';
}

static SekStr word(const Parser *p) {
    return sek_str_n(p->text.ptr + p->token.off, p->token.end - p->token.off);
}

static bool is(const Parser *p, const char *what) {
    return (p->token.kind == T_PUNCT || p->token.kind == T_NAME) && sek_str_eq(word(p), sek_str(what));
}

static bool take(Parser *p, const char *what) {
    if (!is(p, what))
        return false;
    next(p);
    return true;
}

static bool deeper(Parser *p) {
    if (p->depth >= SEK_SF_MAX_DEPTH) {
        p->run->gave_up = true;
        p->token.kind = T_END;
        return false;
    }
    p->depth++;
    return true;
}

static SekSfNode *close_at(const Parser *p, SekSfNode *node) {
    if (node && p->last_end > node->end)
        node->end = p->last_end;
    return node;
}
static SekSfNode *parse_assign(Parser *p);
static SekSfNode *parse_statement(Parser *p);
static SekSfNode *parse_block(Parser *p);

static SekSfNode *parse_comma(Parser *p) {
    SekSfNode *first = parse_assign(p);
    if (!first || !is(p, ","))
        return first;
    SekSfNode *list = sek_sf_node(p->run, SEK_SF_COMMA, first->off);
    (void)sek_sf_add_kid(p->run, list, first);
    while (take(p, ","))
        (void)sek_sf_add_kid(p->run, list, parse_assign(p));
    return list;
}

/* --- primary expressions --- */

static SekSfNode *parse_list(Parser *p) {
    SekSfNode *list = sek_sf_node(p->run, SEK_SF_LIST, p->token.off);
    next(p);
    while (list && p->token.kind != T_END && !is(p, "]")) {
        if (take(p, ","))
            continue;
        if (!sek_sf_add_kid(p->run, list, parse_assign(p)))
            break;
    }
    (void)take(p, "]");
    return close_at(p, list);
}

/* { a: 1, ... }: the values are looked at, the object is not known. */
static SekSfNode *parse_object(Parser *p) {
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_OTHER, p->token.off);
    next(p);
    while (node && p->token.kind != T_END && !is(p, "}")) {
        size_t before = p->token.off;
        if (take(p, ","))
            continue;
        next(p); /* the key */
        if (take(p, ":"))
            (void)sek_sf_add_kid(p->run, node, parse_assign(p));
        if (p->token.off == before)
            break;
    }
    (void)take(p, "}");
    return close_at(p, node);
}

/* function [name](a, b) { body } */
static SekSfNode *parse_function(Parser *p, SekSfKind kind) {
    SekSfNode *node = sek_sf_node(p->run, kind, p->token.off);
    next(p);
    if (node && p->token.kind == T_NAME) {
        node->text = word(p);
        next(p);
    }
    if (take(p, "("))
        while (node && p->token.kind != T_END && !take(p, ")")) {
            if (p->token.kind == T_NAME) {
                SekSfNode *name = sek_sf_node(p->run, SEK_SF_NAME, p->token.off);
                if (name)
                    name->text = word(p);
                (void)sek_sf_add_kid(p->run, node, name);
            }
            next(p);
        }
    (void)sek_sf_add_kid(p->run, node, parse_block(p));
    return close_at(p, node);
}

static SekSfNode *parse_primary(Parser *p) {
    Token t = p->token;
    SekStr text = word(p);
    SekSfNode *node;
    if (is(p, "function"))
        return parse_function(p, SEK_SF_LAMBDA);
    if (is(p, "["))
        return parse_list(p);
    if (is(p, "{"))
        return parse_object(p);
    if (is(p, "(")) {
        next(p);
        node = parse_comma(p);
        (void)take(p, ")");
        if (node && node->kind != SEK_SF_LAMBDA) { /* the parentheses belong to what may be replaced */
            SekSfNode *outer = sek_sf_node(p->run, SEK_SF_COMMA, t.off);
            (void)sek_sf_add_kid(p->run, outer, node);
            return close_at(p, outer);
        }
        return node;
    }
    if (t.kind == T_END || t.kind == T_PUNCT)
        return NULL;
    node = sek_sf_node(p->run, t.kind == T_NAME ? SEK_SF_NAME : SEK_SF_LITERAL, t.off);
    if (!node)
        return NULL;
    node->end = t.end;
    node->text = text;
    double number;
    if (t.kind == T_STRING)
        node->value = sek_js_string(p->run, text);
    else if (t.kind == T_REGEX)
        node->value = sek_js_regex(p->run, text);
    else if (t.kind == T_NUMBER)
        node->value = sek_sf_to_number(sek_sf_view(text), &number) ? sek_sf_number(number) : sek_sf_unknown();
    next(p);
    return node;
}

static SekSfNode *parse_call(Parser *p, SekSfNode *callee, SekSfKind kind) {
    SekSfNode *call = sek_sf_node(p->run, kind, callee->off);
    if (!sek_sf_add_kid(p->run, call, callee))
        return NULL;
    if (take(p, "("))
        while (p->token.kind != T_END && !is(p, ")"))
            if (!take(p, ",") && !sek_sf_add_kid(p->run, call, parse_assign(p)))
                break;
    (void)take(p, ")");
    return close_at(p, call);
}

static SekSfNode *parse_postfix(Parser *p) {
    if (is(p, "new")) {
        size_t off = p->token.off;
        next(p);
        SekSfNode *name = parse_primary(p);
        while (name && take(p, ".")) {
            SekSfNode *member = sek_sf_node(p->run, SEK_SF_MEMBER, name->off);
            if (!sek_sf_add_kid(p->run, member, name))
                return NULL;
            member->text = word(p);
            next(p);
            name = close_at(p, member);
        }
        SekSfNode *made = name ? parse_call(p, name, SEK_SF_NEW) : NULL;
        if (made)
            made->off = off;
        return made;
    }
    SekSfNode *node = parse_primary(p);
    while (node && p->token.kind == T_PUNCT) {
        SekSfNode *outer;
        if (is(p, "(")) {
            node = parse_call(p, node, SEK_SF_CALL);
        } else if (is(p, "[")) {
            outer = sek_sf_node(p->run, SEK_SF_INDEX, node->off);
            next(p);
            SekSfNode *key = parse_comma(p);
            (void)take(p, "]");
            if (!sek_sf_add_kid(p->run, outer, node) || !sek_sf_add_kid(p->run, outer, key))
                return node;
            node = close_at(p, outer);
        } else if (is(p, ".")) {
            outer = sek_sf_node(p->run, SEK_SF_MEMBER, node->off);
            next(p);
            if (!sek_sf_add_kid(p->run, outer, node) || p->token.kind != T_NAME)
                return node;
            outer->text = word(p);
            next(p);
            node = close_at(p, outer);
        } else {
            break;
        }
    }
    if (node && (is(p, "++") || is(p, "--")) && !p->token.line_before) {
        SekSfNode *step = sek_sf_node(p->run, SEK_SF_STEP, node->off);
        if (sek_sf_add_kid(p->run, step, node))
            step->op = is(p, "++") ? "p++" : "p--";
        next(p);
        node = close_at(p, step);
    }
    return node;
}

static SekSfNode *parse_unary(Parser *p) {
    static const char *const ops[] = {"!", "-", "+", "~", "typeof", "void", "delete", "++", "--"};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        if (!is(p, ops[i]))
            continue;
        size_t off = p->token.off;
        if (!deeper(p))
            return NULL;
        next(p);
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

static int priority(const Parser *p, const char **out) {
    static const struct {
        const char *op;
        int priority;
    } ops[] = {{"*", 10}, {"/", 10}, {"%", 10}, {"+", 9}, {"-", 9}, {"<<", 8}, {">>", 8}, {">>>", 8}, {"<", 7}, {">", 7},
               {"<=", 7}, {">=", 7}, {"instanceof", 7}, {"in", 7}, {"==", 6}, {"!=", 6}, {"===", 6}, {"!==", 6}, {"&", 5},
               {"^", 4}, {"|", 3}, {"&&", 2}, {"||", 1}};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (is(p, ops[i].op)) {
            *out = ops[i].op;
            return ops[i].priority;
        }
    return 0;
}

static SekSfNode *parse_binary(Parser *p, int least) {
    SekSfNode *left = parse_unary(p);
    const char *op;
    int priority_now;
    while (left && (priority_now = priority(p, &op)) >= least && priority_now > 0) {
        if (!deeper(p))
            return left;
        next(p);
        SekSfNode *right = parse_binary(p, priority_now + 1);
        p->depth--;
        SekSfNode *node = right ? sek_sf_join_up(p->run, left, op, right) : NULL;
        if (!node)
            return left;
        left = node;
    }
    return left;
}

static const char *assignment(const Parser *p) {
    static const char *const ops[][2] = {{"=", "="}, {"+=", "+"}, {"-=", "-"}, {"*=", "*"}, {"/=", "/"}, {"%=", "%"}, {"&=", "&"},
                                         {"|=", "|"}, {"^=", "^"}, {"<<=", "<<"}, {">>=", ">>"}, {">>>=", ">>>"}};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (is(p, ops[i][0]))
            return ops[i][1];
    return NULL;
}

static SekSfNode *parse_assign(Parser *p) {
    if (!deeper(p))
        return NULL;
    SekSfNode *left = parse_binary(p, 1);
    const char *op = left ? assignment(p) : NULL;
    if (op) {
        SekSfNode *node = sek_sf_node(p->run, SEK_SF_SET, left->off);
        next(p);
        SekSfNode *right = parse_assign(p);
        if (sek_sf_add_kid(p->run, node, left) && sek_sf_add_kid(p->run, node, right)) {
            node->op = op;
            left = node;
        }
    } else if (left && is(p, "?")) {
        SekSfNode *node = sek_sf_node(p->run, SEK_SF_COND, left->off);
        next(p);
        SekSfNode *yes = parse_assign(p);
        (void)take(p, ":");
        SekSfNode *no = parse_assign(p);
        if (sek_sf_add_kid(p->run, node, left) && sek_sf_add_kid(p->run, node, yes) && sek_sf_add_kid(p->run, node, no))
            left = node;
    }
    p->depth--;
    return left;
}

/* --- statements --- */

static SekSfNode *absent(Parser *p) {
    return sek_sf_node(p->run, SEK_SF_OTHER, p->token.off);
}

static SekSfNode *parse_block(Parser *p) {
    SekSfNode *block = sek_sf_node(p->run, SEK_SF_BLOCK, p->token.off);
    bool braces = take(p, "{");
    if (!braces) {
        (void)sek_sf_add_kid(p->run, block, parse_statement(p));
        return close_at(p, block);
    }
    while (block && p->token.kind != T_END && !is(p, "}")) {
        size_t before = p->token.off;
        SekSfNode *statement = parse_statement(p);
        if (statement)
            (void)sek_sf_add_kid(p->run, block, statement);
        if (p->token.off == before)
            next(p);
    }
    (void)take(p, "}");
    return close_at(p, block);
}

/* var a = 1, b: a block of declarations */
static SekSfNode *parse_var(Parser *p) {
    SekSfNode *block = sek_sf_node(p->run, SEK_SF_BLOCK, p->token.off);
    do {
        next(p);
        SekSfNode *dim = sek_sf_node(p->run, SEK_SF_DIM, p->token.off);
        if (!dim || p->token.kind != T_NAME)
            break;
        dim->text = word(p);
        next(p);
        if (take(p, "="))
            (void)sek_sf_add_kid(p->run, dim, parse_assign(p));
        (void)sek_sf_add_kid(p->run, block, close_at(p, dim));
    } while (is(p, ","));
    return block;
}

/* for (a; b; c) body, for (x in y) body */
static SekSfNode *parse_for(Parser *p, size_t off) {
    next(p);
    (void)take(p, "(");
    SekSfNode *init = is(p, ";") ? absent(p) : is(p, "var") ? parse_var(p) : parse_comma(p);
    SekSfNode *loop = sek_sf_node(p->run, SEK_SF_LOOP, off);
    if (take(p, "in") || (init && init->kind == SEK_SF_BINARY && is(p, ")"))) {
        SekSfNode *other = sek_sf_node(p->run, SEK_SF_IF, off); /* runs how often nobody knows */
        SekSfNode *list = is(p, ")") ? absent(p) : parse_comma(p);
        (void)take(p, ")");
        SekSfNode *body = parse_block(p);
        return sek_sf_add_kid(p->run, other, absent(p)) && sek_sf_add_kid(p->run, other, list ? list : absent(p)) &&
                       sek_sf_add_kid(p->run, other, body) ? other : body;
    }
    (void)take(p, ";");
    SekSfNode *condition = is(p, ";") ? absent(p) : parse_comma(p);
    (void)take(p, ";");
    SekSfNode *step = is(p, ")") ? absent(p) : parse_comma(p);
    (void)take(p, ")");
    SekSfNode *body = parse_block(p);
    (void)(sek_sf_add_kid(p->run, loop, init ? init : absent(p)) && sek_sf_add_kid(p->run, loop, condition ? condition : absent(p)) &&
           sek_sf_add_kid(p->run, loop, step ? step : absent(p)) && sek_sf_add_kid(p->run, loop, body));
    return loop && loop->n_kids == 4 ? loop : body;
}

static SekSfNode *parse_while(Parser *p, size_t off, bool first) {
    next(p);
    SekSfNode *body = first ? parse_block(p) : NULL;
    if (first)
        (void)take(p, "while");
    (void)take(p, "(");
    SekSfNode *condition = parse_comma(p);
    (void)take(p, ")");
    if (!first)
        body = parse_block(p);
    SekSfNode *loop = sek_sf_node(p->run, SEK_SF_LOOP, off);
    (void)(sek_sf_add_kid(p->run, loop, absent(p)) && sek_sf_add_kid(p->run, loop, condition ? condition : absent(p)) &&
           sek_sf_add_kid(p->run, loop, absent(p)) && sek_sf_add_kid(p->run, loop, body));
    if (loop && first)
        loop->op = "do";
    return loop && loop->n_kids == 4 ? loop : body;
}

static SekSfNode *parse_if(Parser *p, size_t off) {
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_IF, off);
    next(p);
    (void)take(p, "(");
    SekSfNode *condition = parse_comma(p);
    (void)take(p, ")");
    (void)(sek_sf_add_kid(p->run, node, condition ? condition : absent(p)) && sek_sf_add_kid(p->run, node, parse_block(p)));
    (void)take(p, ";");
    if (take(p, "else"))
        (void)sek_sf_add_kid(p->run, node, parse_block(p));
    return node;
}

/* try, catch, finally, switch, with: each block may or may not run. */
static SekSfNode *parse_unsure(Parser *p, size_t off) {
    bool is_try = is(p, "try");
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_IF, off);
    SekSfNode *condition = sek_sf_node(p->run, SEK_SF_OTHER, off);
    next(p);
    if (take(p, "(")) {
        (void)sek_sf_add_kid(p->run, condition, parse_comma(p));
        (void)take(p, ")");
    }
    (void)(sek_sf_add_kid(p->run, node, condition) && sek_sf_add_kid(p->run, node, parse_block(p)));
    while (is_try && (is(p, "catch") || is(p, "finally"))) {
        next(p);
        if (take(p, "(")) {
            next(p);
            (void)take(p, ")");
        }
        (void)sek_sf_add_kid(p->run, node, parse_block(p));
    }
    return node;
}

static SekSfNode *parse_simple(Parser *p, SekSfKind kind, const char *op) {
    SekSfNode *node = sek_sf_node(p->run, kind, p->token.off);
    if (node)
        node->op = op;
    next(p);
    if (kind == SEK_SF_RETURN && !p->token.line_before && !is(p, ";") && !is(p, "}")) {
        SekSfNode *value = parse_comma(p);
        if (value)
            (void)sek_sf_add_kid(p->run, node, value);
    } else if (kind == SEK_SF_LEAVE && p->token.kind == T_NAME && !p->token.line_before) {
        next(p); /* a label */
    }
    return node;
}

static SekSfNode *parse_known(Parser *p) {
    size_t off = p->token.off;
    if (is(p, "var") || is(p, "let") || is(p, "const"))
        return parse_var(p);
    if (is(p, "function"))
        return parse_function(p, SEK_SF_DEF);
    if (is(p, "if"))
        return parse_if(p, off);
    if (is(p, "for"))
        return parse_for(p, off);
    if (is(p, "while") || is(p, "do"))
        return parse_while(p, off, is(p, "do"));
    if (is(p, "try") || is(p, "switch") || is(p, "with"))
        return parse_unsure(p, off);
    if (is(p, "return") || is(p, "throw"))
        return parse_simple(p, SEK_SF_RETURN, "");
    if (is(p, "break") || is(p, "continue"))
        return parse_simple(p, SEK_SF_LEAVE, is(p, "break") ? "" : "continue");
    if (is(p, "{"))
        return parse_block(p);
    if (is(p, "case") || is(p, "default")) {
        next(p);
        SekSfNode *value = is(p, ":") ? NULL : parse_comma(p);
        (void)take(p, ":");
        return value;
    }
    SekSfNode *value = parse_comma(p), *statement = value ? sek_sf_node(p->run, SEK_SF_DO, off) : NULL;
    return sek_sf_add_kid(p->run, statement, value) ? statement : NULL;
}

static SekSfNode *parse_statement(Parser *p) {
    if (!deeper(p))
        return NULL;
    SekSfNode *node = parse_known(p);
    (void)take(p, ";");
    p->depth--;
    return node;
}

SekSfNode *sek_js_parse(SekSfRun *run, SekStr text) {
    Parser p = {.run = run, .text = text};
    SekSfNode *root = sek_sf_node(run, SEK_SF_BLOCK, 0);
    next(&p);
    while (root && p.token.kind != T_END) {
        size_t before = p.token.off;
        SekSfNode *statement = parse_statement(&p);
        if (statement)
            (void)sek_sf_add_kid(run, root, statement);
        if (p.token.off == before)
            next(&p);
    }
    return root;
}
