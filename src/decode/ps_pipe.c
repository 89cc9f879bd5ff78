/* SPDX-License-Identifier: Apache-2.0 */

/* Pipelines, commands with their arguments, and assignments. */

#include "decode/ps_parser.h"

/* --- arguments ---------------------------------------------------------------------------------------------
 */

static SekStr without_ticks(SekPsParser *p, SekStr name) {
    char *plain = sek_arena_alloc(p->arena, name.len);
    size_t n = 0;
    p->failed = p->failed || !plain;
    for (size_t i = 0; plain && i < name.len; i++)
        if (name.ptr[i] != '`')
            plain[n++] = name.ptr[i];
    return sek_str_n(plain, n);
}

/* -name or -name:value; NULL when the dash begins something else. */
static SekPsNode *parameter(SekPsParser *p) {
    size_t start = p->at, dash = sek_ps_dash(p->s, start), at = start + dash;
    if (dash == 0 || !(sek_ps_is_alpha(sek_ps_byte(p->s, at)) || sek_ps_byte(p->s, at) == '_' ||
                       sek_ps_byte(p->s, at) == '?' || sek_ps_byte(p->s, at) == '`'))
        return NULL;
    bool ticks = false;
    for (at = sek_ps_run(p->s, at, SEK_PS_NAME);; at++) {
        unsigned char c = sek_ps_byte(p->s, at);
        bool tick = c == '`' && !sek_ps_newline(p->s, at + 1);
        if (!sek_ps_is_word(c) && c != '-' && c != '?' && !tick)
            break;
        ticks = ticks || tick;
    }
    SekPsNode *node = sek_ps_node(p, PS_PARAM, start);
    node->name = sek_str_n(p->s.ptr + start + dash, at - start - dash);
    node->flags = ticks ? PS_BACKTICK : 0;
    if (ticks)
        node->name = without_ticks(p, node->name);
    p->at = at;
    return p->failed ? NULL : node;
}

/* One argument without commas. */
static SekPsNode *bare_argument(SekPsParser *p) {
    size_t start = p->at;
    unsigned char c = sek_ps_byte(p->s, start), after = sek_ps_byte(p->s, start + 1);
    if (sek_ps_is_alpha(c))
        return sek_ps_word(p, false);
    bool quoted = sek_ps_single(p->s, start) || sek_ps_double(p->s, start) ||
                  (c == '@' && (sek_ps_single(p->s, start + 1) || sek_ps_double(p->s, start + 1)));
    if (c == '@' && sek_ps_is_word(after)) { /* splatted */
        p->at++;
        SekPsNode *node = sek_ps_node(p, PS_VAR, start);
        while (sek_ps_is_word(sek_ps_byte(p->s, p->at)))
            p->at++;
        node->name = sek_str_n(p->s.ptr + start + 1, p->at - start - 1);
        node->flags = PS_SPLAT;
        return sek_ps_done(p, node);
    }
    SekPsNode *first = NULL;
    if (quoted || c == '(' || c == '$' || c == '{' || (c == '@' && (after == '(' || after == '{'))) {
        first = sek_ps_primary(p);
        if (!first || quoted || c == '{' || sek_ps_word_ends(p, p->at))
            return first;
    } else if (sek_ps_is_digit(c)) {
        first = sek_ps_number(p);
        if (first && sek_ps_word_ends(p, p->at))
            return first;
        p->at = start;
        return sek_ps_word(p, false);
    } else {
        return sek_ps_word(p, false);
    }
    if (first->kind == PS_PAREN || first->kind == PS_ARRAY)
        return first;
    SekPsNode *rest = sek_ps_word(p, false);
    if (!rest)
        return first;
    SekPsNode *whole = sek_ps_node(p, PS_EXPAND, start);
    SekPsKids kids = {0};
    sek_ps_add(&kids, first);
    sek_ps_add(&kids, rest);
    whole->kid = kids.first;
    whole->flags = PS_BARE;
    return sek_ps_done(p, whole);
}

static SekPsNode *argument(SekPsParser *p) {
    size_t start = p->at;
    SekPsNode *first = bare_argument(p);
    size_t at = first ? sek_ps_skip(p->s, p->at, false) : 0;
    if (!first || sek_ps_byte(p->s, at) != ',')
        return first;
    SekPsNode *node = sek_ps_node(p, PS_LIST, start);
    SekPsKids kids = {0};
    sek_ps_add(&kids, first);
    while (sek_ps_byte(p->s, at) == ',' && !p->failed) {
        p->at = sek_ps_skip(p->s, at + 1, true);
        SekPsNode *more = bare_argument(p);
        if (!more)
            break;
        sek_ps_add(&kids, more);
        at = sek_ps_skip(p->s, p->at, false);
    }
    node->kid = kids.first;
    return sek_ps_done(p, node);
}

/* > file, 2>> file, *>&1. NULL when no redirection starts here. */
static SekPsNode *redirection(SekPsParser *p) {
    size_t start = p->at, at = start;
    unsigned char c = sek_ps_byte(p->s, at);
    if ((c == '*' || (c >= '1' && c <= '6')) && sek_ps_byte(p->s, at + 1) == '>')
        at++;
    if (sek_ps_byte(p->s, at) != '>')
        return NULL;
    SekPsNode *node = sek_ps_node(p, PS_REDIRECT, start);
    at += sek_ps_byte(p->s, at + 1) == '>' ? 2 : 1;
    if (sek_ps_byte(p->s, at) == '&' && sek_ps_is_digit(sek_ps_byte(p->s, at + 1))) {
        p->at = at + 2;
        return sek_ps_done(p, node);
    }
    p->at = sek_ps_skip(p->s, at, false);
    node->kid = bare_argument(p);
    return sek_ps_done(p, node);
}

/* --- commands ----------------------------------------------------------------------------------------------
 */

static bool is_command_end(const SekPsParser *p, size_t at) {
    unsigned char c = sek_ps_byte(p->s, at);
    return at >= p->s.len || c == ';' || c == '|' || c == ')' || c == '}' || c == '&' ||
           sek_ps_newline(p->s, at);
}

/* Everything behind --% up to a pipe or the end of the line, as one word. */
static SekPsNode *verbatim_rest(SekPsParser *p) {
    size_t start = p->at;
    while (p->at < p->s.len && p->s.ptr[p->at] != '|' && !sek_ps_newline(p->s, p->at))
        p->at++;
    return sek_ps_done(p, sek_ps_node(p, PS_OPAQUE, start));
}

/* What is no value: a redirection, a parameter, the end of what is read as PowerShell. NULL when it is none of them. */
static SekPsNode *marked_argument(SekPsParser *p) {
    size_t start = p->at;
    SekPsNode *one = redirection(p);
    if (one)
        return one;
    if (sek_ps_byte(p->s, start) == '-' && sek_ps_byte(p->s, start + 1) == '-' && sek_ps_byte(p->s, start + 2) == '%')
        return verbatim_rest(p);
    one = parameter(p);
    if (one && sek_ps_byte(p->s, p->at) == ':') {
        p->at = sek_ps_skip(p->s, p->at + 1, false);
        one->kid = argument(p);
    } else if (one && !sek_ps_word_ends(p, p->at) && sek_ps_byte(p->s, p->at) != '(') {
        p->at = start; /* a word that begins with a dash */
        one = NULL;
    }
    return one ? sek_ps_done(p, one) : NULL;
}

static void command_arguments(SekPsParser *p, SekPsKids *kids) {
    while (!p->failed) {
        p->at = sek_ps_skip(p->s, p->at, false);
        size_t start = p->at;
        bool word = sek_ps_is_alpha(sek_ps_byte(p->s, start));
        if (!word && is_command_end(p, start))
            return;
        SekPsNode *one = word ? NULL : marked_argument(p);
        if (!one)
            one = argument(p);
        if (!one) {
            sek_ps_add(kids, sek_ps_opaque(p, start));
            return;
        }
        sek_ps_add(kids, one);
        if (p->at == start)
            p->at++;
    }
}

static SekPsNode *command(SekPsParser *p) {
    size_t start = p->at;
    SekPsNode *node = sek_ps_node(p, PS_COMMAND, start), *name = NULL;
    unsigned char c = sek_ps_byte(p->s, start), after = sek_ps_byte(p->s, start + 1);
    bool dotted = c == '.' && (sek_ps_blank(p->s, start + 1) || sek_ps_newline(p->s, start + 1) ||
                               sek_ps_single(p->s, start + 1) || sek_ps_double(p->s, start + 1) ||
                               after == '(' || after == '$' || after == '{' || after == '`');
    if ((c == '&' && after != '&') || dotted) {
        node->op = c == '&' ? PS_OP_CALL : PS_OP_DOT;
        p->at = sek_ps_skip(p->s, start + 1, true);
        name = bare_argument(p);
    } else {
        name = sek_ps_word(p, true);
    }
    if (!name)
        return NULL;
    SekPsKids kids = {0};
    sek_ps_add(&kids, name);
    command_arguments(p, &kids);
    node->kid = kids.first;
    return sek_ps_done(p, node);
}

/* --- pipelines ---------------------------------------------------------------------------------------------
 */

/* The operator of an assignment at `at`: its length and what it does before assigning. */
static size_t assignment_at(const SekPsParser *p, size_t at, uint8_t *out_op) {
    size_t dash = sek_ps_dash(p->s, at), len = dash ? dash : 1;
    unsigned char c = dash ? '-' : sek_ps_byte(p->s, at);
    switch (c) {
    case '=':
        *out_op = PS_OP_ASSIGN;
        return 1;
    case '+':
        *out_op = PS_OP_ADD;
        break;
    case '-':
        *out_op = PS_OP_SUB;
        break;
    case '*':
        *out_op = PS_OP_MUL;
        break;
    case '/':
        *out_op = PS_OP_DIV;
        break;
    case '%':
        *out_op = PS_OP_MOD;
        break;
    default:
        return 0;
    }
    return sek_ps_byte(p->s, at + len) == '=' ? len + 1 : 0;
}

static SekPsNode *assignment(SekPsParser *p, SekPsNode *target, size_t at, uint8_t op, size_t len) {
    SekPsNode *node = sek_ps_node(p, PS_ASSIGN, target->start);
    node->op = op;
    p->at = sek_ps_skip(p->s, at + len, true);
    SekPsKids kids = {0};
    sek_ps_add(&kids, target);
    if (!sek_ps_enter(p))
        return sek_ps_opaque(p, target->start);
    SekPsNode *value = sek_ps_statement(p);
    sek_ps_leave(p);
    sek_ps_add(&kids, value);
    node->kid = kids.first;
    return sek_ps_done(p, node);
}

/* $name = ..., which most assignments are; NULL for anything else. */
static SekPsNode *plain_assignment(SekPsParser *p) {
    size_t start = p->at, end = sek_ps_run(p->s, start + 1, SEK_PS_NAME), at = sek_ps_skip(p->s, end, false);
    unsigned char c = sek_ps_byte(p->s, end);
    if (end == start + 1 || sek_ps_byte(p->s, at) != '=' || (c != ' ' && c != '='))
        return NULL;
    SekPsNode *target = sek_ps_node(p, PS_VAR, start);
    target->name = sek_str_n(p->s.ptr + start + 1, end - start - 1);
    p->at = end;
    return assignment(p, sek_ps_done(p, target), at, PS_OP_ASSIGN, 1);
}

static SekPsNode *element(SekPsParser *p, bool first) {
    size_t start = p->at;
    bool letter = sek_ps_is_alpha(sek_ps_byte(p->s, start));
    if (letter || !sek_ps_starts_expression(p))
        return command(p);
    SekPsNode *node = first && sek_ps_byte(p->s, start) == '$' ? plain_assignment(p) : NULL;
    if (node)
        return node;
    node = sek_ps_expression(p);
    uint8_t op = 0;
    if (!node)
        return NULL;
    if (first) {
        size_t at = sek_ps_skip(p->s, p->at, false), len = assignment_at(p, at, &op);
        if (len > 0)
            return assignment(p, node, at, op, len);
    }
    size_t at = sek_ps_skip(p->s, p->at, false);
    size_t behind = p->at;
    p->at = at;
    SekPsNode *redirect = redirection(p);
    if (!redirect)
        p->at = behind;
    (void)start;
    return node;
}

SekPsNode *sek_ps_pipeline(SekPsParser *p) {
    size_t start = p->at;
    SekPsNode *first = element(p, true);
    if (!first) {
        p->at = start;
        return NULL;
    }
    size_t at = sek_ps_skip(p->s, p->at, false);
    if (sek_ps_byte(p->s, at) != '|' || first->kind == PS_ASSIGN) {
        if (first->kind == PS_ASSIGN)
            return first;
        if (first->kind != PS_COMMAND)
            return first;
    }
    SekPsNode *node = sek_ps_node(p, PS_PIPELINE, start);
    SekPsKids kids = {0};
    sek_ps_add(&kids, first);
    while (sek_ps_byte(p->s, at) == '|' && sek_ps_byte(p->s, at + 1) != '|' && !p->failed) {
        p->at = sek_ps_skip(p->s, at + 1, true);
        SekPsNode *next = element(p, false);
        if (!next) {
            sek_ps_add(&kids, sek_ps_opaque(p, at));
            break;
        }
        sek_ps_add(&kids, next);
        at = sek_ps_skip(p->s, p->at, false);
    }
    node->kid = kids.first;
    return sek_ps_done(p, node);
}
