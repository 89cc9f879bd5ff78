/* SPDX-License-Identifier: Apache-2.0 */

/* Statements: control flow, functions, blocks. Of what has no bearing on values (classes, data sections,
 * workflows) only the extent is found. */

#include "decode/ps_parser.h"

static bool take_char(SekPsParser *p, char c) {
    size_t at = sek_ps_skip(p->s, p->at, true);
    if (sek_ps_byte(p->s, at) != (unsigned char)c)
        return false;
    p->at = at + 1;
    return true;
}

static bool take_word(SekPsParser *p, const char *word) {
    size_t at = sek_ps_skip(p->s, p->at, true);
    if (!sek_ps_keyword(p->s, at, sek_str(word)))
        return false;
    p->at = at + strlen(word);
    return true;
}

/* ( statement ) */
static SekPsNode *condition(SekPsParser *p) {
    if (!take_char(p, '('))
        return NULL;
    p->at = sek_ps_skip(p->s, p->at, true);
    SekPsNode *node = sek_ps_statement(p);
    return take_char(p, ')') ? node : NULL;
}

static SekPsNode *body(SekPsParser *p) {
    p->at = sek_ps_skip(p->s, p->at, true);
    return sek_ps_byte(p->s, p->at) == '{' ? sek_ps_block(p) : NULL;
}

static SekPsNode *none(SekPsParser *p) {
    return sek_ps_done(p, sek_ps_node(p, PS_NONE, p->at));
}

static SekPsNode *with_kids(SekPsParser *p, SekPsNode *node, SekPsKids *kids) {
    node->kid = kids->first;
    return sek_ps_done(p, node);
}

static SekPsNode *read_if(SekPsParser *p, SekPsNode *node) {
    SekPsKids kids = {0};
    for (;;) {
        SekPsNode *test = condition(p), *then = test ? body(p) : NULL;
        if (!then)
            return NULL;
        sek_ps_add(&kids, test);
        sek_ps_add(&kids, then);
        if (take_word(p, "elseif"))
            continue;
        if (take_word(p, "else")) {
            SekPsNode *other = body(p);
            if (!other)
                return NULL;
            sek_ps_add(&kids, other);
        }
        return with_kids(p, node, &kids);
    }
}

static SekPsNode *read_while(SekPsParser *p, SekPsNode *node) {
    SekPsKids kids = {0};
    SekPsNode *test = condition(p), *block = test ? body(p) : NULL;
    if (!block)
        return NULL;
    sek_ps_add(&kids, test);
    sek_ps_add(&kids, block);
    return with_kids(p, node, &kids);
}

static SekPsNode *read_do(SekPsParser *p, SekPsNode *node) {
    SekPsKids kids = {0};
    SekPsNode *block = body(p);
    if (!block)
        return NULL;
    if (take_word(p, "until"))
        node->flags = PS_UNTIL;
    else if (!take_word(p, "while"))
        return NULL;
    SekPsNode *test = condition(p);
    if (!test)
        return NULL;
    sek_ps_add(&kids, block);
    sek_ps_add(&kids, test);
    return with_kids(p, node, &kids);
}

static SekPsNode *read_for(SekPsParser *p, SekPsNode *node) {
    SekPsKids kids = {0};
    if (!take_char(p, '('))
        return NULL;
    for (int part = 0; part < 3; part++) {
        char ends = part < 2 ? ';' : ')';
        p->at = sek_ps_skip(p->s, p->at, true);
        unsigned char c = sek_ps_byte(p->s, p->at);
        sek_ps_add(&kids, c == ';' || c == ')' ? none(p) : sek_ps_statement(p));
        if (!take_char(p, ends) && sek_ps_byte(p->s, sek_ps_skip(p->s, p->at, true)) != ')')
            return NULL;
    }
    SekPsNode *block = body(p);
    if (!block)
        return NULL;
    sek_ps_add(&kids, block);
    return with_kids(p, node, &kids);
}

static SekPsNode *read_foreach(SekPsParser *p, SekPsNode *node) {
    SekPsKids kids = {0};
    if (!take_char(p, '('))
        return NULL;
    p->at = sek_ps_skip(p->s, p->at, true);
    SekPsNode *variable = sek_ps_variable(p);
    if (!variable || !take_word(p, "in"))
        return NULL;
    p->at = sek_ps_skip(p->s, p->at, true);
    SekPsNode *value = sek_ps_statement(p);
    SekPsNode *block = take_char(p, ')') ? body(p) : NULL;
    if (!block)
        return NULL;
    sek_ps_add(&kids, variable);
    sek_ps_add(&kids, value);
    sek_ps_add(&kids, block);
    return with_kids(p, node, &kids);
}

static SekPsNode *read_switch(SekPsParser *p, SekPsNode *node) {
    SekPsKids kids = {0};
    size_t options = sek_ps_skip(p->s, p->at, true);
    p->at = options;
    while (sek_ps_dash(p->s, p->at)) {
        p->at += sek_ps_dash(p->s, p->at);
        while (sek_ps_is_alpha(sek_ps_byte(p->s, p->at)))
            p->at++;
        p->at = sek_ps_skip(p->s, p->at, true);
    }
    node->name = sek_str_trim(sek_str_n(p->s.ptr + options, p->at - options));
    SekPsNode *value = condition(p);
    if (!value || !take_char(p, '{'))
        return NULL;
    sek_ps_add(&kids, value);
    while (!take_char(p, '}')) {
        if (take_char(p, ';'))
            continue;
        p->at = sek_ps_skip(p->s, p->at, true);
        SekPsNode *label = sek_ps_starts_expression(p) ? sek_ps_primary(p) : sek_ps_word(p, true);
        SekPsNode *block = label ? body(p) : NULL;
        if (!block || p->failed)
            return NULL;
        sek_ps_add(&kids, label);
        sek_ps_add(&kids, block);
    }
    return with_kids(p, node, &kids);
}

static SekPsNode *read_try(SekPsParser *p, SekPsNode *node) {
    SekPsKids kids = {0};
    SekPsNode *block = body(p);
    if (!block)
        return NULL;
    sek_ps_add(&kids, block);
    for (;;) {
        bool last = false;
        if (take_word(p, "finally")) {
            last = true;
        } else if (take_word(p, "catch")) {
            for (p->at = sek_ps_skip(p->s, p->at, true); sek_ps_byte(p->s, p->at) == '[';) {
                if (!sek_ps_type_literal(p))
                    return NULL;
                p->at = sek_ps_skip(p->s, p->at, true);
                if (sek_ps_byte(p->s, p->at) == ',')
                    p->at = sek_ps_skip(p->s, p->at + 1, true);
            }
        } else {
            return with_kids(p, node, &kids);
        }
        SekPsNode *handler = body(p);
        if (!handler)
            return NULL;
        handler->flags = last ? PS_FINALLY : 0;
        sek_ps_add(&kids, handler);
    }
}

/* ( [type] $name = default, ... ) */
static SekPsNode *parameters(SekPsParser *p) {
    SekPsNode *node = sek_ps_node(p, PS_PARAMS, p->at);
    SekPsKids kids = {0};
    if (!take_char(p, '('))
        return NULL;
    while (!take_char(p, ')')) {
        p->at = sek_ps_skip(p->s, p->at, true);
        SekPsNode *type = NULL;
        while (sek_ps_byte(p->s, p->at) == '[') {
            SekPsNode *one = sek_ps_type_literal(p);
            if (!one)
                return NULL;
            type = one->kind == PS_TYPE ? one : type; /* not an attribute */
            p->at = sek_ps_skip(p->s, p->at, true);
        }
        SekPsNode *variable = sek_ps_variable(p);
        if (!variable || p->failed)
            return NULL;
        variable->kid = type;
        variable->flags = (uint16_t)(variable->flags | (type ? PS_TYPED : 0u));
        if (take_char(p, '=')) {
            p->at = sek_ps_skip(p->s, p->at, true);
            SekPsKids value = {0};
            SekPsParser *q = p;
            SekPsNode *given = sek_ps_primary(q); /* defaults are simple; what is not makes the list opaque */
            if (!given)
                return NULL;
            sek_ps_add(&value, given);
            if (type)
                type->next = given;
            else
                variable->kid = given;
        }
        sek_ps_add(&kids, variable);
        (void)take_char(p, ',');
    }
    return with_kids(p, node, &kids);
}

static SekPsNode *read_function(SekPsParser *p, SekPsNode *node) {
    size_t at = sek_ps_skip(p->s, p->at, true), end = at;
    while (!sek_ps_word_ends(p, end))
        end++;
    SekPsKids kids = {0};
    node->name = sek_str_n(p->s.ptr + at, end - at);
    p->at = end;
    if (node->name.len == 0)
        return NULL;
    if (sek_ps_byte(p->s, sek_ps_skip(p->s, end, true)) == '(') {
        SekPsNode *params = parameters(p);
        if (!params)
            return NULL;
        sek_ps_add(&kids, params);
    }
    SekPsNode *block = body(p);
    if (!block)
        return NULL;
    sek_ps_add(&kids, block);
    return with_kids(p, node, &kids);
}

static SekPsNode *read_params(SekPsParser *p, SekPsNode *node) {
    SekPsNode *params = parameters(p);
    if (params)
        params->start = node->start;
    return params;
}

/* Whether the word of `n` letters at `at` is `lower`. */
static bool is_word(const SekPsParser *p, size_t at, size_t n, const char *lower) {
    for (size_t i = 0; i < n; i++)
        if (sek_ascii_lower(p->s.ptr[at + i]) != lower[i])
            return false;
    return lower[n] == '\0';
}

static SekPsNode *read_jump(SekPsParser *p, SekPsNode *node) {
    static const char *const words[] = {"break", "continue", "return", "throw", "exit"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is_word(p, node->start, p->at - node->start, words[i]))
            node->op = (uint8_t)(PS_OP_BREAK + i);
    p->at = sek_ps_skip(p->s, p->at, false);
    unsigned char c = sek_ps_byte(p->s, p->at);
    bool ends = p->at >= p->s.len || c == ';' || c == '}' || c == ')' || sek_ps_newline(p->s, p->at);
    if (node->op == PS_OP_BREAK || node->op == PS_OP_CONTINUE) {
        if (!ends)
            (void)sek_ps_word(
                p, true); /* a label: loops are told apart by nesting, so a labelled one is unknown */
        node->flags = ends ? 0 : PS_ODD;
        return sek_ps_done(p, node);
    }
    node->kid = ends ? NULL : sek_ps_statement(p);
    return sek_ps_done(p, node);
}

/* begin, process and end inside a function: the block alone. */
static SekPsNode *read_section(SekPsParser *p, SekPsNode *node) {
    (void)node;
    return body(p);
}

typedef struct Keyword {
    const char *word;
    uint8_t kind;
    SekPsNode *(*read)(SekPsParser *p, SekPsNode *node);
} Keyword;

/* By their letters, from which some are searched. */
enum { FROM_E = 8, FROM_I = 15 };
static const Keyword keywords[] = {
    {"begin", PS_BLOCK, read_section},
    {"break", PS_BREAK, read_jump},
    {"class", PS_OPAQUE, NULL},
    {"configuration", PS_OPAQUE, NULL},
    {"continue", PS_BREAK, read_jump},
    {"data", PS_OPAQUE, NULL},
    {"do", PS_DO, read_do},
    {"dynamicparam", PS_OPAQUE, NULL},
    {"end", PS_BLOCK, read_section},
    {"enum", PS_OPAQUE, NULL},
    {"exit", PS_RETURN, read_jump},
    {"filter", PS_FUNCTION, read_function},
    {"for", PS_FOR, read_for},
    {"foreach", PS_FOREACH, read_foreach},
    {"function", PS_FUNCTION, read_function},
    {"if", PS_IF, read_if},
    {"param", PS_PARAMS, read_params},
    {"process", PS_BLOCK, read_section},
    {"return", PS_RETURN, read_jump},
    {"switch", PS_SWITCH, read_switch},
    {"throw", PS_RETURN, read_jump},
    {"trap", PS_BLOCK, NULL},
    {"try", PS_TRY, read_try},
    {"using", PS_OPAQUE, NULL},
    {"while", PS_WHILE, read_while},
    {"workflow", PS_OPAQUE, NULL},
};

/* The keyword at `at`, or NULL. No letter, digit, dash or anything above ASCII stands behind it. */
static const Keyword *keyword_at(const SekPsParser *p, size_t at) {
    size_t end = sek_ps_run(p->s, at, SEK_PS_LETTER);
    unsigned char after = sek_ps_byte(p->s, end);
    if (end == at || sek_ps_is_word(after) || after == '-')
        return NULL;
    char first = sek_ascii_lower(p->s.ptr[at]);
    size_t from = first < 'e' ? 0 : first < 'i' ? FROM_E : FROM_I;
    for (size_t i = from; i < sizeof keywords / sizeof *keywords && keywords[i].word[0] <= first; i++)
        if (keywords[i].word[0] == first && is_word(p, at, end - at, keywords[i].word))
            return &keywords[i];
    return NULL;
}

static SekPsNode *by_keyword(SekPsParser *p, const Keyword *k) {
    size_t start = p->at;
    SekPsNode *node = sek_ps_node(p, k->kind, start), *result = NULL;
    p->at += strlen(k->word);
    if (k->read && sek_ps_enter(p)) {
        result = k->read(p, node);
        sek_ps_leave(p);
    }
    if (!result) {
        if (k->read)
            p->at = start + strlen(k->word);
        return sek_ps_opaque(p, start);
    }
    if (k->word[1] == 'i' && k->word[0] == 'f' && k->word[2] == 'l')
        result->flags |= PS_FILTER;
    return result;
}

static SekPsNode *without_keyword(SekPsParser *p) {
    size_t start = p->at;
    SekPsNode *node = sek_ps_pipeline(p);
    if (!node)
        return sek_ps_opaque(p, start);
    return node;
}

SekPsNode *sek_ps_statement(SekPsParser *p) {
    if (sek_ps_byte(p->s, p->at) == ':' &&
        sek_ps_is_word(sek_ps_byte(p->s, p->at + 1))) { /* label of a loop */
        while (sek_ps_is_word(sek_ps_byte(p->s, ++p->at))) {
        }
        p->at = sek_ps_skip(p->s, p->at, true);
    }
    if (!sek_ps_enter(p))
        return sek_ps_opaque(p, p->at);
    const Keyword *keyword = keyword_at(p, p->at);
    SekPsNode *node = keyword ? by_keyword(p, keyword) : without_keyword(p);
    sek_ps_leave(p);
    return node;
}

void sek_ps_statements(SekPsParser *p, SekPsKids *kids, char close) {
    while (!p->failed) {
        p->at = sek_ps_skip(p->s, p->at, true);
        unsigned char c = sek_ps_byte(p->s, p->at);
        if (p->at >= p->s.len)
            return;
        if (close && c == (unsigned char)close) {
            p->at++;
            return;
        }
        size_t start = p->at;
        if (c == ';' || (c == '|' && sek_ps_byte(p->s, start + 1) == '|') || c == '&') {
            bool call = c == '&' && sek_ps_byte(p->s, start + 1) != '&';
            if (!call) {
                p->at += c == ';' ? 1 : 2;
                continue;
            }
        }
        if (c == ')' || c == '}') { /* closes nothing of ours */
            if (close)
                p->opaque = true;
            p->at++;
            SekPsNode *stray = sek_ps_done(p, sek_ps_node(p, PS_OPAQUE, start));
            p->opaque = true;
            sek_ps_add(kids, stray);
            continue;
        }
        SekPsNode *node = sek_ps_statement(p);
        sek_ps_add(kids, node);
        size_t at = sek_ps_skip(p->s, p->at, false);
        c = sek_ps_byte(p->s, at);
        bool ended = at >= p->s.len || c == ';' || c == ')' || c == '}' || c == '&' || c == '|' ||
                     sek_ps_newline(p->s, at) || node->kind == PS_OPAQUE || node->end == 0 ||
                     (node->kind >= PS_IF && node->kind <= PS_PARAMS) || node->kind == PS_BLOCK;
        p->at = at;
        if (!ended)
            sek_ps_add(kids, sek_ps_opaque(p, at));
        if (p->at == start)
            p->at++;
    }
}

SekPsNode *sek_ps_block(SekPsParser *p) {
    size_t start = p->at;
    if (sek_ps_byte(p->s, start) != '{' || !sek_ps_enter(p))
        return NULL;
    SekPsNode *node = sek_ps_node(p, PS_BLOCK, start);
    SekPsKids kids = {0};
    p->at++;
    sek_ps_statements(p, &kids, '}');
    node->kid = kids.first;
    sek_ps_leave(p);
    return sek_ps_done(p, node);
}
