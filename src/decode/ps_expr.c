/* SPDX-License-Identifier: Apache-2.0 */

/* Expressions. Binary operators are read by precedence climbing into flat PS_BINARY chains, members and
 * indexes into flat PS_CHAINs. Operators and how close they bind: ps_operator.c. */

#include "decode/ps_parser.h"

/* --- primaries ---------------------------------------------------------------------------------------------
 */

static SekPsNode *parenthesised(SekPsParser *p) {
    size_t start = p->at;
    char opens = (char)sek_ps_byte(p->s, start);
    SekPsKind kind = opens == '(' ? PS_PAREN : opens == '$' ? PS_SUB : PS_ARRAY;
    if (!sek_ps_enter(p))
        return NULL;
    SekPsNode *node = sek_ps_node(p, kind, start);
    SekPsKids kids = {0};
    p->at += kind == PS_PAREN ? 1 : 2;
    sek_ps_statements(p, &kids, ')');
    node->kid = kids.first;
    sek_ps_leave(p);
    return sek_ps_done(p, node);
}

/* A word up to `end`, read by the reader of words but only so far; `plain` is where its letters and digits of ASCII end. */
static SekPsNode *bare_word(SekPsParser *p, size_t plain, size_t end) {
    if (plain == end)
        return sek_ps_plain_word(p, end);
    SekPsParser words = *p;
    words.s.len = end;
    SekPsNode *word = sek_ps_word(&words, true);
    p->units = words.units;
    p->failed = words.failed;
    p->at = end;
    return word;
}

static SekPsNode *hash_key(SekPsParser *p) {
    SekPsNode *key = sek_ps_number(p);
    if (key)
        return key;
    size_t start = p->at, plain = sek_ps_run(p->s, start, SEK_PS_NAME), end = plain;
    while (sek_ps_is_word(sek_ps_byte(p->s, end)) || sek_ps_byte(p->s, end) == '-')
        end++;
    return end == start ? sek_ps_primary(p) : bare_word(p, plain, end);
}

static SekPsNode *hash_literal(SekPsParser *p) {
    SekPsNode *node = sek_ps_node(p, PS_HASH, p->at);
    SekPsKids kids = {0};
    if (!sek_ps_enter(p))
        return NULL;
    p->at += 2;
    for (;;) {
        p->at = sek_ps_skip(p->s, p->at, true);
        while (sek_ps_byte(p->s, p->at) == ';')
            p->at = sek_ps_skip(p->s, p->at + 1, true);
        if (sek_ps_byte(p->s, p->at) == '}')
            break;
        SekPsNode *key = hash_key(p);
        size_t equals = sek_ps_skip(p->s, p->at, false);
        if (!key || sek_ps_byte(p->s, equals) != '=' || p->failed) {
            sek_ps_leave(p);
            return NULL;
        }
        p->at = sek_ps_skip(p->s, equals + 1, true);
        SekPsNode *value = sek_ps_statement(p);
        sek_ps_add(&kids, key);
        sek_ps_add(&kids, value);
    }
    p->at++;
    node->kid = kids.first;
    sek_ps_leave(p);
    return sek_ps_done(p, node);
}

static SekPsNode *atom(SekPsParser *p) {
    unsigned char c = sek_ps_byte(p->s, p->at), after = sek_ps_byte(p->s, p->at + 1);
    if (c == '(' || ((c == '$' || c == '@') && after == '('))
        return parenthesised(p);
    if (c == '$')
        return sek_ps_variable(p);
    if (c == '@' && after == '{')
        return hash_literal(p);
    if (c == '{')
        return sek_ps_block(p);
    if (c == '[')
        return sek_ps_type_literal(p);
    if (sek_ps_is_digit(c) || (c == '.' && sek_ps_is_digit(after)))
        return sek_ps_number(p);
    return sek_ps_quoted(p);
}

/* Arguments of a method, or the inside of an index, up to `close`. */
static bool arguments(SekPsParser *p, SekPsKids *kids, char close);

static SekPsNode *member_name(SekPsParser *p) {
    size_t at = sek_ps_skip(p->s, p->at, true);
    unsigned char c = sek_ps_byte(p->s, at);
    p->at = at;
    if (c == '(' || c == '$')
        return atom(p);
    if (sek_ps_single(p->s, at) || sek_ps_double(p->s, at))
        return sek_ps_quoted(p);
    size_t plain = sek_ps_run(p->s, at, SEK_PS_NAME), end = plain;
    while (sek_ps_is_word(sek_ps_byte(p->s, end)) && !sek_ps_single(p->s, end) && !sek_ps_double(p->s, end) &&
           !sek_ps_dash(p->s, end))
        end++;
    return end == at ? NULL : bare_word(p, plain, end);
}

static SekPsNode *member(SekPsParser *p, size_t dots, uint16_t flags) {
    SekPsNode *node = sek_ps_node(p, PS_MEMBER, p->at);
    p->at += dots;
    node->kid = member_name(p);
    node->flags = flags;
    if (!node->kid)
        return NULL;
    if (sek_ps_byte(p->s, p->at) == '(') {
        node->kind = PS_CALL;
        p->at++;
        SekPsKids kids = {.first = node->kid, .tail = &node->kid->next};
        if (!arguments(p, &kids, ')'))
            return NULL;
    }
    return sek_ps_done(p, node);
}

static SekPsNode *postfix_at(SekPsParser *p) {
    unsigned char c = sek_ps_byte(p->s, p->at), after = sek_ps_byte(p->s, p->at + 1);
    if (c > ' ' && c < 0x80 && c != '.' && c != '[' && c != ':' && c != '`' && c != '#' && c != '<')
        return NULL; /* nothing that continues, and nothing to be passed over */
    if (c == '.' && after != '.' && !sek_ps_blank(p->s, p->at + 1))
        return member(p, 1, 0);
    size_t at = sek_ps_skip(p->s, p->at, false);
    if (c == '.' && after != '.' && p->depth > 0)
        return member(p, 1, 0);
    if (sek_ps_byte(p->s, at) == ':' && sek_ps_byte(p->s, at + 1) == ':') {
        p->at = at;
        return member(p, 2, PS_STATIC);
    }
    if (c != '[')
        return NULL;
    SekPsNode *node = sek_ps_node(p, PS_INDEX, p->at);
    SekPsKids kids = {0};
    if (!sek_ps_enter(p))
        return NULL;
    p->at = sek_ps_skip(p->s, p->at + 1, true);
    SekPsNode *index = sek_ps_expression(p);
    p->at = sek_ps_skip(p->s, p->at, true);
    sek_ps_leave(p);
    if (!index || sek_ps_byte(p->s, p->at) != ']')
        return NULL;
    p->at++;
    sek_ps_add(&kids, index);
    node->kid = kids.first;
    return sek_ps_done(p, node);
}

SekPsNode *sek_ps_primary(SekPsParser *p) {
    size_t start = p->at;
    SekPsNode *first = atom(p);
    if (!first) {
        p->at = start;
        return NULL;
    }
    SekPsKids kids = {0};
    for (;;) {
        size_t before = p->at;
        SekPsNode *more = p->failed ? NULL : postfix_at(p);
        if (!more) {
            p->at = before;
            break;
        }
        if (!kids.first)
            sek_ps_add(&kids, first);
        sek_ps_add(&kids, more);
    }
    if (!kids.first)
        return first;
    SekPsNode *chain = sek_ps_node(p, PS_CHAIN, start);
    chain->kid = kids.first;
    return sek_ps_done(p, chain);
}

/* --- operators ---------------------------------------------------------------------------------------------
 */

static SekPsNode *unary(SekPsParser *p);

static SekPsNode *unary_of(SekPsParser *p, uint8_t op, uint16_t flags, size_t len) {
    SekPsNode *node = sek_ps_node(p, PS_UNARY, p->at);
    node->op = op;
    node->flags = flags;
    p->at = sek_ps_skip(p->s, p->at + len, true);
    node->kid = unary(p);
    return node->kid ? sek_ps_done(p, node) : NULL;
}

/* The operator before an operand, or NULL. */
static SekPsNode *prefixed(SekPsParser *p) {
    unsigned char c = sek_ps_byte(p->s, p->at);
    size_t dash = sek_ps_dash(p->s, p->at);
    if (c == '!')
        return unary_of(p, PS_OP_NOT, 0, 1);
    if (c == ',')
        return unary_of(p, PS_OP_COMMA, 0, 1);
    if (c == '+')
        return sek_ps_byte(p->s, p->at + 1) == '+' ? unary_of(p, PS_OP_INC, 0, 2)
                                                   : unary_of(p, PS_OP_ADD, 0, 1);
    if (dash == 0)
        return NULL;
    size_t again = sek_ps_dash(p->s, p->at + dash);
    if (again > 0)
        return unary_of(p, PS_OP_DEC, 0, dash + again);
    SekStr word = sek_ps_letters(p->s, p->at + dash);
    if (word.len == 0)
        return unary_of(p, PS_OP_SUB, 0, dash);
    uint16_t flags = 0;
    const SekPsOpName *name = sek_ps_unary_named(word, &flags);
    return name ? unary_of(p, name->op, flags, dash + word.len) : NULL;
}

/* True when what stands behind a type literal is the operand of a cast. */
static bool operand_follows(const SekPsParser *p, size_t at) {
    unsigned char c = sek_ps_byte(p->s, at), after = sek_ps_byte(p->s, at + 1);
    size_t dash = sek_ps_dash(p->s, at);
    if (dash > 0) {
        uint16_t flags = 0;
        SekStr word = sek_ps_letters(p->s, at + dash);
        unsigned char d = sek_ps_byte(p->s, at + dash);
        if (word.len > 0)
            return sek_ps_unary_named(word, &flags) != NULL;
        return sek_ps_is_digit(d) || d == '$' || d == '(';
    }
    return c == '$' || c == '(' || c == '{' || c == '[' || c == '@' || c == '!' || sek_ps_is_digit(c) ||
           (c == '.' && sek_ps_is_digit(after)) || sek_ps_single(p->s, at) || sek_ps_double(p->s, at) ||
           (c == '+' && after != '=' && !sek_ps_blank(p->s, at + 1));
}

static SekPsNode *cast_or_type(SekPsParser *p) {
    size_t start = p->at;
    SekPsNode *type = sek_ps_type_literal(p);
    if (!type)
        return NULL;
    size_t next = sek_ps_skip(p->s, p->at, type->kind == PS_NONE);
    if (type->kind == PS_NONE) { /* an attribute: what it stands before counts */
        p->at = next;
        return unary(p);
    }
    if (!operand_follows(p, next)) {
        p->at = start;
        return NULL;
    }
    p->at = next;
    SekPsNode *cast = sek_ps_node(p, PS_CAST, start);
    cast->name = type->name;
    cast->kid = unary(p);
    return cast->kid ? sek_ps_done(p, cast) : NULL;
}

static SekPsNode *incremented(SekPsParser *p, SekPsNode *operand) {
    size_t dash = sek_ps_dash(p->s, p->at);
    bool up = sek_ps_byte(p->s, p->at) == '+' && sek_ps_byte(p->s, p->at + 1) == '+';
    size_t down = dash ? sek_ps_dash(p->s, p->at + dash) : 0;
    if (!up && down == 0)
        return operand;
    SekPsNode *node = sek_ps_node(p, PS_POSTFIX, operand->start);
    node->op = up ? PS_OP_INC : PS_OP_DEC;
    node->kid = operand;
    p->at += up ? 2 : dash + down;
    return sek_ps_done(p, node);
}

static SekPsNode *unary(SekPsParser *p) {
    size_t start = p->at;
    if (!sek_ps_enter(p))
        return NULL;
    unsigned char c = sek_ps_byte(p->s, start);
    bool plain = c == '$' || c == '(' || c == '"' || c == '\'' || sek_ps_is_digit(c); /* most operands */
    SekPsNode *node = plain ? NULL : prefixed(p);
    if (!node && !plain && sek_ps_byte(p->s, p->at) == '[')
        node = cast_or_type(p);
    if (!node) {
        p->at = start;
        node = sek_ps_primary(p);
        if (node)
            node = incremented(p, node);
    }
    sek_ps_leave(p);
    if (!node)
        p->at = start;
    return node;
}

/* a, b, c: above every binary operator. */
static SekPsNode *list(SekPsParser *p) {
    size_t start = p->at;
    SekPsNode *first = unary(p);
    size_t at = first ? sek_ps_skip(p->s, p->at, false) : 0;
    if (!first || sek_ps_byte(p->s, at) != ',')
        return first;
    SekPsKids kids = {0};
    sek_ps_add(&kids, first);
    while (sek_ps_byte(p->s, at) == ',' && !p->failed) {
        size_t before = p->at;
        p->at = sek_ps_skip(p->s, at + 1, true);
        SekPsNode *more = unary(p);
        if (!more) {
            p->at = before;
            return NULL;
        }
        sek_ps_add(&kids, more);
        at = sek_ps_skip(p->s, p->at, false);
    }
    SekPsNode *node = sek_ps_node(p, PS_LIST, start);
    node->kid = kids.first;
    return sek_ps_done(p, node);
}

static SekPsNode *binary(SekPsParser *p, uint8_t level, bool commas);

/* `first`, which begins at `start`, and what operators of one level join to it; NULL when an operand is missing. */
static SekPsNode *joined(SekPsParser *p, SekPsNode *first, size_t start, uint8_t level, bool commas) {
    SekPsKids kids = {0};
    sek_ps_add(&kids, first);
    while (!p->failed) {
        size_t at = sek_ps_skip(p->s, p->at, false), before = p->at;
        SekPsInfix infix = sek_ps_infix_at(p, at);
        if (infix.len == 0 || infix.level != level)
            break;
        p->at = sek_ps_skip(p->s, at + infix.len, true);
        SekPsNode *operand = binary(p, (uint8_t)(level + 1), commas);
        if (!operand) {
            p->at = before;
            return NULL;
        }
        operand->lead = infix.op;
        if (infix.flags & PS_CASE)
            operand->flags |= PS_CASE;
        sek_ps_add(&kids, operand);
    }
    SekPsNode *node = sek_ps_node(p, PS_BINARY, start);
    node->kid = kids.first;
    return sek_ps_done(p, node);
}

/* What operators bind at `level` or closer: the closest come first, since operands take what binds closer than their operator. */
static SekPsNode *binary(SekPsParser *p, uint8_t level, bool commas) {
    size_t start = p->at;
    SekPsNode *first = commas ? list(p) : unary(p);
    while (first && !p->failed) {
        SekPsInfix infix = sek_ps_infix_at(p, sek_ps_skip(p->s, p->at, false));
        if (infix.len == 0 || infix.level < level)
            break;
        first = joined(p, first, start, infix.level, commas);
    }
    return first;
}

SekPsNode *sek_ps_expression(SekPsParser *p) {
    size_t start = p->at;
    SekPsNode *node = binary(p, SEK_PS_LEVEL_LOGIC, true);
    if (!node)
        p->at = start;
    return node;
}

static bool arguments(SekPsParser *p, SekPsKids *kids, char close) {
    if (!sek_ps_enter(p))
        return false;
    p->at = sek_ps_skip(p->s, p->at, true);
    while (sek_ps_byte(p->s, p->at) != (unsigned char)close) {
        SekPsNode *one = binary(p, SEK_PS_LEVEL_LOGIC, false);
        p->at = sek_ps_skip(p->s, p->at, true);
        unsigned char c = sek_ps_byte(p->s, p->at);
        if (!one || (c != ',' && c != (unsigned char)close) || p->failed) {
            sek_ps_leave(p);
            return false;
        }
        sek_ps_add(kids, one);
        if (c == ',')
            p->at = sek_ps_skip(p->s, p->at + 1, true);
    }
    p->at++;
    sek_ps_leave(p);
    return true;
}

bool sek_ps_starts_expression(const SekPsParser *p) {
    unsigned char c = sek_ps_byte(p->s, p->at), after = sek_ps_byte(p->s, p->at + 1);
    if (sek_ps_single(p->s, p->at) || sek_ps_double(p->s, p->at) || sek_ps_is_digit(c))
        return true;
    size_t dash = sek_ps_dash(p->s, p->at);
    if (dash > 0) {
        uint16_t flags = 0;
        unsigned char d = sek_ps_byte(p->s, p->at + dash);
        SekStr word = sek_ps_letters(p->s, p->at + dash);
        if (word.len > 0)
            return sek_ps_unary_named(word, &flags) != NULL;
        return d == '$' || d == '(' || sek_ps_is_digit(d) || sek_ps_dash(p->s, p->at + dash);
    }
    if (c == '@')
        return after == '(' || after == '{' || sek_ps_single(p->s, p->at + 1) ||
               sek_ps_double(p->s, p->at + 1);
    return c == '$' || c == '(' || c == '[' || c == '{' || c == '!' || c == ',' || c == '+' ||
           (c == '.' && sek_ps_is_digit(after));
}
