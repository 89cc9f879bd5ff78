/* SPDX-License-Identifier: Apache-2.0 */

/* VBScript: tokens and a tolerant parser. A line that is not understood is kept as OTHER; words between
 * statements that do not matter here (Option Explicit, labels) are passed over. */
#include "decode/vbs.h"

typedef enum { T_END, T_LINE, T_NAME, T_NUMBER, T_STRING, T_PUNCT } TokenKind;

typedef struct Token {
    TokenKind kind;
    size_t off, end;
    bool blank_before;
} Token;

typedef struct Parser {
    SekSfRun *run;
    SekStr text;
    Token token;
    size_t last_end;
    uint32_t depth;
    bool statement; /* what is read is the head of a statement: f (x) + y has one argument */
} Parser;

static bool is_name(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (uint8_t)c >= 0x80;
}

static char at(const Parser *p, size_t i) {
    return i < p->text.len ? p->text.ptr[i] : '\0';
}

static size_t line_end(const Parser *p, size_t i) {
    while (i < p->text.len && p->text.ptr[i] != '\n' && p->text.ptr[i] != '\r')
        i++;
    return i;
}

static bool word_is(const Parser *p, size_t off, size_t end, const char *word) {
    return sek_str_eq_nocase(sek_str_n(p->text.ptr + off, end - off), sek_str(word));
}

/* Blanks, continued lines and comments. */
static size_t skip_blank(const Parser *p, size_t i) {
    for (;;) {
        char c = at(p, i);
        if (c == ' ' || c == '\t' || c == '\f' || c == '\v') {
            i++;
        } else if (c == '_' && (at(p, i + 1) == '\n' || (at(p, i + 1) == '\r' && at(p, i + 2) == '\n')) && (i == 0 || !is_name(at(p, i - 1)))) {
            i += at(p, i + 1) == '\n' ? 2 : 3;
        } else if (c == '\'' && i < p->text.len) {
            i = line_end(p, i);
        } else {
            return i;
        }
    }
}

static size_t string_end(const Parser *p, size_t i) {
    for (i++; i < p->text.len && p->text.ptr[i] != '\n'; i++)
        if (p->text.ptr[i] == '"') {
            if (at(p, i + 1) != '"')
                return i + 1;
            i++;
        }
    return i;
}

static size_t number_end(const Parser *p, size_t i) {
    if (at(p, i) == '&') {
        for (i += 2; is_name(at(p, i)); i++) {
        }
        return at(p, i) == '&' ? i + 1 : i;
    }
    while ((at(p, i) >= '0' && at(p, i) <= '9') || at(p, i) == '.')
        i++;
    if ((at(p, i) | 32) == 'e' && at(p, i + 1) >= '0' && at(p, i + 1) <= '9')
        for (i++; at(p, i) >= '0' && at(p, i) <= '9'; i++) {
        }
    return i;
}

static void next(Parser *p) {
    p->last_end = p->token.end;
    size_t i = skip_blank(p, p->token.end), end = i;
    Token *t = &p->token;
    *t = (Token){.kind = T_END, .off = i, .end = i, .blank_before = i > p->last_end};
    if (i >= p->text.len || p->run->fatal || p->run->gave_up)
        return;
    char c = p->text.ptr[i];
    bool hex = c == '&' && ((at(p, i + 1) | 32) == 'h' || (at(p, i + 1) | 32) == 'o') && at(p, i + 2) >= '0' && is_name(at(p, i + 2));
    if (c == '\n' || c == '\r' || c == ':') {
        t->kind = T_LINE;
        end = i + 1;
    } else if (c == '"') {
        t->kind = T_STRING;
        end = string_end(p, i);
    } else if ((c >= '0' && c <= '9') || hex || (c == '.' && at(p, i + 1) >= '0' && at(p, i + 1) <= '9')) {
        t->kind = T_NUMBER;
        end = number_end(p, i);
    } else if (is_name(c)) {
        t->kind = T_NAME;
        for (; is_name(at(p, end)); end++) {
        }
        if (word_is(p, i, end, "rem")) { /* a comment */
            t->kind = T_LINE;
            end = line_end(p, end);
        }
    } else {
        t->kind = T_PUNCT;
        bool two = (c == '<' && (at(p, i + 1) == '>' || at(p, i + 1) == '=')) || (c == '>' && at(p, i + 1) == '=');
        end = i + (two ? 2 : 1);
    }
    t->end = end;
}

static SekStr word(const Parser *p) {
    return sek_str_n(p->text.ptr + p->token.off, p->token.end - p->token.off);
}

static bool is(const Parser *p, const char *what) {
    return (p->token.kind == T_NAME || p->token.kind == T_PUNCT) && sek_str_eq_nocase(word(p), sek_str(what));
}

static bool take(Parser *p, const char *what) {
    if (!is(p, what))
        return false;
    next(p);
    return true;
}

static bool line_over(const Parser *p) {
    return p->token.kind == T_END || p->token.kind == T_LINE;
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

/* --- expressions --- */

static SekSfNode *parse_binary(Parser *p, int least);

static SekSfNode *parse_expression(Parser *p) {
    bool statement = p->statement;
    if (!deeper(p))
        return NULL;
    p->statement = false;
    SekSfNode *node = parse_binary(p, 1);
    p->statement = statement;
    p->depth--;
    return node;
}

static SekSfNode *parse_primary(Parser *p) {
    Token t = p->token;
    SekSfNode *node;
    if (take(p, "(")) {
        SekSfNode *inner = parse_expression(p);
        (void)take(p, ")");
        node = sek_sf_node(p->run, SEK_SF_COMMA, t.off);
        return sek_sf_add_kid(p->run, node, inner) ? close_at(p, node) : NULL;
    }
    if (is(p, ".")) /* of With */
        return sek_sf_node(p->run, SEK_SF_OTHER, t.off);
    if (t.kind != T_NAME && t.kind != T_STRING && t.kind != T_NUMBER)
        return NULL;
    bool made = is(p, "new");
    if (made)
        next(p);
    node = sek_sf_node(p->run, t.kind == T_NAME ? SEK_SF_NAME : SEK_SF_LITERAL, p->token.off);
    if (!node)
        return NULL;
    node->text = word(p);
    node->end = p->token.end;
    if (t.kind == T_STRING)
        node->value = sek_vbs_string(p->run, node->text);
    else if (t.kind == T_NUMBER)
        node->value = sek_vbs_number(node->text);
    else if (made)
        node->kind = SEK_SF_OTHER;
    next(p);
    return node;
}

/* Arguments in parentheses, or, in a statement, without. An argument that is left out is EMPTY. */
static SekSfNode *parse_arguments(Parser *p, SekSfNode *callee, bool parentheses) {
    SekSfNode *call = sek_sf_node(p->run, SEK_SF_CALL, callee->off);
    if (!sek_sf_add_kid(p->run, call, callee))
        return NULL;
    while (!line_over(p) && !(parentheses && is(p, ")"))) {
        SekSfNode *argument = is(p, ",") ? sek_sf_node(p->run, SEK_SF_OTHER, p->token.off) : parse_expression(p);
        if (!argument || !sek_sf_add_kid(p->run, call, argument))
            break;
        if (!take(p, ","))
            break;
    }
    if (parentheses)
        (void)take(p, ")");
    return close_at(p, call);
}

static SekSfNode *parse_postfix(Parser *p) {
    SekSfNode *node = parse_primary(p);
    while (node && p->token.kind == T_PUNCT) {
        if (is(p, "(") && node->kind != SEK_SF_LITERAL && !(p->statement && p->token.blank_before)) {
            next(p);
            node = parse_arguments(p, node, true);
        } else if (is(p, ".") && !(p->token.blank_before && node->kind == SEK_SF_LITERAL)) {
            SekSfNode *member = sek_sf_node(p->run, SEK_SF_MEMBER, node->off);
            next(p);
            if (p->token.kind != T_NAME || !sek_sf_add_kid(p->run, member, node))
                return node;
            member->text = word(p);
            next(p);
            node = close_at(p, member);
        } else {
            break;
        }
    }
    return node;
}

static SekSfNode *parse_unary(Parser *p) {
    static const char *const ops[] = {"not", "-", "+"};
    for (size_t i = 0; i < 3; i++) {
        if (!is(p, ops[i]))
            continue;
        size_t off = p->token.off;
        if (!deeper(p))
            return NULL;
        next(p);
        SekSfNode *kid = i == 0 ? parse_binary(p, 6) : parse_unary(p);
        p->depth--;
        SekSfNode *node = sek_sf_node(p->run, SEK_SF_UNARY, off);
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
    } ops[] = {{"^", 12}, {"*", 11}, {"/", 11}, {"\\", 10}, {"mod", 9}, {"+", 8}, {"-", 8}, {"&", 7}, {"=", 6}, {"<>", 6},
               {"<", 6}, {">", 6}, {"<=", 6}, {">=", 6}, {"is", 6}, {"and", 5}, {"or", 4}, {"xor", 3}, {"eqv", 2}, {"imp", 1}};
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
    int now;
    while (left && (now = priority(p, &op)) >= least && now > 0) {
        if (!deeper(p))
            return left;
        next(p);
        SekSfNode *right = parse_binary(p, now + 1);
        p->depth--;
        SekSfNode *node = right ? sek_sf_join_up(p->run, left, op, right) : NULL;
        if (!node)
            return left;
        left = node;
    }
    return left;
}

/* --- statements --- */

static SekSfNode *parse_statement(Parser *p);

static SekSfNode *absent(Parser *p) {
    return sek_sf_node(p->run, SEK_SF_OTHER, p->token.off);
}

static bool at_any(const Parser *p, const char *const *words) {
    for (; *words; words++)
        if (is(p, *words))
            return true;
    return false;
}

/* Statements until one of the words (NULL-terminated) begins a statement. */
static SekSfNode *parse_until(Parser *p, const char *const *words) {
    SekSfNode *block = sek_sf_node(p->run, SEK_SF_BLOCK, p->token.off);
    if (!deeper(p))
        return block;
    while (block && p->token.kind != T_END) {
        if (p->token.kind == T_LINE) {
            next(p);
            continue;
        }
        if (at_any(p, words))
            break;
        size_t before = p->token.off;
        SekSfNode *statement = parse_statement(p);
        if (statement)
            (void)sek_sf_add_kid(p->run, block, statement);
        if (p->token.off == before)
            next(p);
    }
    p->depth--;
    return close_at(p, block);
}

static void skip_line(Parser *p) {
    while (!line_over(p))
        next(p);
}

/* Dim a, b(3) / Const x = "y" */
static SekSfNode *parse_dim(Parser *p) {
    SekSfNode *block = sek_sf_node(p->run, SEK_SF_BLOCK, p->token.off);
    do {
        next(p);
        SekSfNode *dim = sek_sf_node(p->run, SEK_SF_DIM, p->token.off);
        if (!dim || p->token.kind != T_NAME)
            break;
        dim->text = word(p);
        next(p);
        if (is(p, "(")) { /* an array: what it holds is not followed */
            while (!line_over(p) && !take(p, ")"))
                next(p);
            (void)sek_sf_add_kid(p->run, dim, absent(p));
        } else if (take(p, "=")) {
            (void)sek_sf_add_kid(p->run, dim, parse_expression(p));
        }
        (void)sek_sf_add_kid(p->run, block, close_at(p, dim));
    } while (is(p, ","));
    return block;
}

/* The statements of one line, for If x Then a : b */
static SekSfNode *parse_line(Parser *p) {
    SekSfNode *block = sek_sf_node(p->run, SEK_SF_BLOCK, p->token.off);
    while (block && p->token.kind != T_END && !is(p, "else") && !is(p, "end")) {
        if (p->token.kind == T_LINE) {
            if (at(p, p->token.off) != ':')
                break;
            next(p);
            continue;
        }
        size_t before = p->token.off;
        SekSfNode *statement = parse_statement(p);
        if (statement)
            (void)sek_sf_add_kid(p->run, block, statement);
        if (p->token.off == before)
            next(p);
    }
    return close_at(p, block);
}

static SekSfNode *parse_if(Parser *p) {
    static const char *const ends[] = {"else", "elseif", "end", NULL};
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_IF, p->token.off);
    next(p);
    SekSfNode *condition = parse_expression(p);
    (void)take(p, "then");
    bool many = p->token.kind == T_LINE && at(p, p->token.off) != ':';
    if (!sek_sf_add_kid(p->run, node, condition ? condition : absent(p)) ||
        !sek_sf_add_kid(p->run, node, many ? parse_until(p, ends) : parse_line(p)))
        return node;
    if (is(p, "elseif")) {
        if (deeper(p)) {
            (void)sek_sf_add_kid(p->run, node, parse_if(p));
            p->depth--;
        }
        return node; /* its End If was ours */
    }
    if (take(p, "else"))
        (void)sek_sf_add_kid(p->run, node, many ? parse_until(p, ends) : parse_line(p));
    if (is(p, "end")) {
        next(p);
        (void)take(p, "if");
    }
    return node;
}

static SekSfNode *name_node(Parser *p) {
    SekSfNode *name = sek_sf_node(p->run, SEK_SF_NAME, p->token.off);
    if (name) {
        name->text = word(p);
        name->end = p->token.end;
    }
    next(p);
    return name;
}

static SekSfNode *literal_one(Parser *p) {
    SekSfNode *one = sek_sf_node(p->run, SEK_SF_LITERAL, p->token.off);
    if (one)
        one->value = sek_sf_number(1);
    return one;
}

static SekSfNode *or_absent(Parser *p, SekSfNode *node) {
    return node ? node : absent(p);
}

static SekSfNode *parse_for(Parser *p) {
    static const char *const ends[] = {"next", NULL};
    size_t off = p->token.off;
    next(p);
    bool each = take(p, "each");
    SekSfNode *node = sek_sf_node(p->run, each ? SEK_SF_EACH : SEK_SF_COUNT, off);
    bool good = sek_sf_add_kid(p->run, node, name_node(p));
    if (each) {
        (void)take(p, "in");
        good = good && sek_sf_add_kid(p->run, node, or_absent(p, parse_expression(p)));
    } else {
        (void)take(p, "=");
        good = good && sek_sf_add_kid(p->run, node, or_absent(p, parse_expression(p)));
        (void)take(p, "to");
        good = good && sek_sf_add_kid(p->run, node, or_absent(p, parse_expression(p)));
        good = good && sek_sf_add_kid(p->run, node, take(p, "step") ? or_absent(p, parse_expression(p)) : literal_one(p));
    }
    good = good && sek_sf_add_kid(p->run, node, parse_until(p, ends));
    (void)take(p, "next");
    if (p->token.kind == T_NAME)
        next(p);
    return good ? node : NULL;
}

/* do [while|until c] ... loop [while|until c]; while c ... wend */
static SekSfNode *parse_loop(Parser *p) {
    static const char *const ends[] = {"loop", "wend", NULL};
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_LOOP, p->token.off), *condition = NULL;
    bool until = false, plain = is(p, "while"), first = false;
    next(p);
    if (plain || is(p, "while") || is(p, "until")) {
        until = !plain && is(p, "until");
        if (!plain)
            next(p);
        condition = parse_expression(p);
    }
    SekSfNode *body = parse_until(p, ends);
    if (!line_over(p))
        next(p);
    if (!condition && (is(p, "while") || is(p, "until"))) {
        until = is(p, "until");
        first = true;
        next(p);
        condition = parse_expression(p);
    }
    if (until && condition) {
        SekSfNode *not = sek_sf_node(p->run, SEK_SF_UNARY, condition->off);
        if (sek_sf_add_kid(p->run, not, condition)) {
            not->op = "!";
            condition = not;
        }
    }
    (void)(sek_sf_add_kid(p->run, node, absent(p)) && sek_sf_add_kid(p->run, node, or_absent(p, condition)) &&
           sek_sf_add_kid(p->run, node, absent(p)) && sek_sf_add_kid(p->run, node, body));
    if (node && first)
        node->op = "do";
    return node && node->n_kids == 4 ? node : body;
}

static SekSfNode *parse_function(Parser *p) {
    static const char *const ends[] = {"end", NULL};
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_DEF, p->token.off);
    next(p);
    if (node)
        node->text = word(p);
    next(p);
    if (take(p, "("))
        while (node && !line_over(p) && !take(p, ")")) {
            if (take(p, "byval") || take(p, "byref") || take(p, ","))
                continue;
            if (p->token.kind == T_NAME)
                (void)sek_sf_add_kid(p->run, node, name_node(p));
            else
                next(p);
        }
    (void)sek_sf_add_kid(p->run, node, parse_until(p, ends));
    if (take(p, "end"))
        next(p); /* sub, function, property */
    return close_at(p, node);
}

/* select case, with, class: what is inside may or may not run. */
static SekSfNode *parse_unsure(Parser *p) {
    static const char *const ends[] = {"end", NULL};
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_IF, p->token.off);
    next(p);
    (void)take(p, "case");
    (void)(sek_sf_add_kid(p->run, node, or_absent(p, parse_expression(p))) && sek_sf_add_kid(p->run, node, parse_until(p, ends)));
    if (take(p, "end"))
        next(p);
    return node;
}

static SekSfNode *parse_case(Parser *p) {
    next(p);
    (void)take(p, "else");
    SekSfNode *node = line_over(p) ? NULL : parse_expression(p);
    skip_line(p);
    return node;
}

static SekSfNode *parse_exit(Parser *p) {
    next(p);
    bool loop = is(p, "for") || is(p, "do");
    SekSfNode *node = sek_sf_node(p->run, loop ? SEK_SF_LEAVE : SEK_SF_RETURN, p->token.off);
    next(p);
    return node;
}

/* a = b, a(1) = b, a.b c, d / call a(b) */
static SekSfNode *parse_assignment(Parser *p) {
    size_t off = p->token.off;
    p->statement = true;
    SekSfNode *target = parse_postfix(p), *statement = sek_sf_node(p->run, SEK_SF_DO, off);
    p->statement = false;
    if (!target)
        return NULL;
    if (take(p, "=")) {
        SekSfNode *set = sek_sf_node(p->run, SEK_SF_SET, off);
        SekSfNode *value = parse_expression(p);
        if (!sek_sf_add_kid(p->run, set, target) || !sek_sf_add_kid(p->run, set, or_absent(p, value)))
            return NULL;
        set->op = "=";
        return sek_sf_add_kid(p->run, statement, set) ? statement : NULL;
    }
    SekSfNode *call = target;
    if (target->kind == SEK_SF_NAME || target->kind == SEK_SF_MEMBER)
        call = parse_arguments(p, target, false);
    return sek_sf_add_kid(p->run, statement, call) ? statement : NULL;
}

static SekSfNode *parse_known(Parser *p) {
    if (is(p, "dim") || is(p, "const") || is(p, "redim"))
        return parse_dim(p);
    if (is(p, "if"))
        return parse_if(p);
    if (is(p, "for"))
        return parse_for(p);
    if (is(p, "do") || is(p, "while"))
        return parse_loop(p);
    if (is(p, "function") || is(p, "sub"))
        return parse_function(p);
    if (is(p, "select") || is(p, "with") || is(p, "class"))
        return parse_unsure(p);
    if (is(p, "case"))
        return parse_case(p);
    if (is(p, "exit"))
        return parse_exit(p);
    if (is(p, "public") || is(p, "private") || is(p, "set") || is(p, "let") || is(p, "call")) {
        next(p);
        return p->depth < SEK_SF_MAX_DEPTH ? parse_statement(p) : NULL;
    }
    if (is(p, "on") || is(p, "option")) {
        skip_line(p);
        return NULL;
    }
    if (is(p, "execute") || is(p, "executeglobal")) {
        SekSfNode *node = sek_sf_node(p->run, SEK_SF_RUN, p->token.off);
        next(p);
        SekSfNode *code = parse_expression(p);
        while (code && code->kind == SEK_SF_CALL && code->kids[0]->kind == SEK_SF_COMMA)
            code = code->kids[0]; /* mshta's Execute("code")(window.close) */
        return sek_sf_add_kid(p->run, node, code) ? node : NULL;
    }
    return parse_assignment(p);
}

static SekSfNode *parse_statement(Parser *p) {
    if (!deeper(p))
        return NULL;
    SekSfNode *node = parse_known(p);
    p->depth--;
    return node;
}

SekSfNode *sek_vbs_parse(SekSfRun *run, SekStr text) {
    static const char *const ends[] = {NULL};
    Parser p = {.run = run, .text = text};
    next(&p);
    return parse_until(&p, ends);
}
