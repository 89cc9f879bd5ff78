/* SPDX-License-Identifier: Apache-2.0 */

/* The operators of PowerShell by their names and signs, with how close they bind. Precedence after the language specification,
 * section 7: , above .. above -f above * / % above + - above comparisons, -join, -split, -replace above -band -bor -bxor above
 * -and -or -xor. */

#include "decode/ps_parser.h"

#define NAME(text, op, level)                                                                                \
    { {text, sizeof(text) - 1}, op, level }
static const SekPsOpName named[] = {
    NAME("f", PS_OP_FORMAT, SEK_PS_LEVEL_FORMAT),
    NAME("join", PS_OP_JOIN, SEK_PS_LEVEL_COMPARE),
    NAME("split", PS_OP_SPLIT, SEK_PS_LEVEL_COMPARE),
    NAME("replace", PS_OP_REPLACE, SEK_PS_LEVEL_COMPARE),
    NAME("band", PS_OP_BAND, SEK_PS_LEVEL_BITS),
    NAME("bor", PS_OP_BOR, SEK_PS_LEVEL_BITS),
    NAME("bxor", PS_OP_BXOR, SEK_PS_LEVEL_BITS),
    NAME("shl", PS_OP_SHL, SEK_PS_LEVEL_COMPARE),
    NAME("shr", PS_OP_SHR, SEK_PS_LEVEL_COMPARE),
    NAME("eq", PS_OP_EQ, SEK_PS_LEVEL_COMPARE),
    NAME("ne", PS_OP_NE, SEK_PS_LEVEL_COMPARE),
    NAME("gt", PS_OP_GT, SEK_PS_LEVEL_COMPARE),
    NAME("ge", PS_OP_GE, SEK_PS_LEVEL_COMPARE),
    NAME("lt", PS_OP_LT, SEK_PS_LEVEL_COMPARE),
    NAME("le", PS_OP_LE, SEK_PS_LEVEL_COMPARE),
    NAME("like", PS_OP_LIKE, SEK_PS_LEVEL_COMPARE),
    NAME("notlike", PS_OP_NOTLIKE, SEK_PS_LEVEL_COMPARE),
    NAME("match", PS_OP_MATCH, SEK_PS_LEVEL_COMPARE),
    NAME("notmatch", PS_OP_NOTMATCH, SEK_PS_LEVEL_COMPARE),
    NAME("contains", PS_OP_CONTAINS, SEK_PS_LEVEL_COMPARE),
    NAME("notcontains", PS_OP_NOTCONTAINS, SEK_PS_LEVEL_COMPARE),
    NAME("in", PS_OP_IN, SEK_PS_LEVEL_COMPARE),
    NAME("notin", PS_OP_NOTIN, SEK_PS_LEVEL_COMPARE),
    NAME("is", PS_OP_IS, SEK_PS_LEVEL_COMPARE),
    NAME("isnot", PS_OP_ISNOT, SEK_PS_LEVEL_COMPARE),
    NAME("as", PS_OP_AS, SEK_PS_LEVEL_COMPARE),
    NAME("and", PS_OP_AND, SEK_PS_LEVEL_LOGIC),
    NAME("or", PS_OP_OR, SEK_PS_LEVEL_LOGIC),
    NAME("xor", PS_OP_XOR, SEK_PS_LEVEL_LOGIC),
};
static const SekPsOpName unary_named[] = {
    NAME("join", PS_OP_JOIN, 0),
    NAME("split", PS_OP_SPLIT, 0),
    NAME("not", PS_OP_NOT, 0),
    NAME("bnot", PS_OP_BNOT, 0),
};

/* The letters behind a dash, looked up in a table; the i or c before a comparison is taken off. */
static const SekPsOpName *look_up(const SekPsOpName *table, size_t n, SekStr word, uint16_t *flags) {
    for (size_t i = 0; i < n; i++)
        if (word.len == table[i].name.len && sek_str_eq_nocase(word, table[i].name))
            return &table[i];
    char c = word.len > 2 ? sek_ascii_lower(word.ptr[0]) : 0;
    if (c != 'i' && c != 'c')
        return NULL;
    word = sek_str_n(word.ptr + 1, word.len - 1);
    for (size_t i = 0; i < n; i++)
        if (table[i].op >= PS_OP_SPLIT && table[i].op <= PS_OP_NOTIN &&
            word.len == table[i].name.len && sek_str_eq_nocase(word, table[i].name)) {
            *flags = c == 'c' ? PS_CASE : 0;
            return &table[i];
        }
    return NULL;
}

SekStr sek_ps_letters(SekStr s, size_t at) {
    return sek_str_n(s.ptr + at, sek_ps_run(s, at, SEK_PS_LETTER) - at);
}

SekPsInfix sek_ps_infix_from(const SekPsParser *p, size_t at, unsigned char c) {
    unsigned char after = sek_ps_byte(p->s, at + 1);
    size_t dash = sek_ps_dash(p->s, at);
    SekPsInfix none = {0};
    if (dash > 0) {
        SekStr word = sek_ps_letters(p->s, at + dash);
        if (word.len > 0) {
            uint16_t flags = 0;
            const SekPsOpName *name = look_up(named, sizeof named / sizeof *named, word, &flags);
            return name ? (SekPsInfix){name->op, name->level, flags, dash + word.len} : none;
        }
        size_t again = sek_ps_dash(p->s, at + dash);
        if (again > 0 || sek_ps_byte(p->s, at + dash) == '=')
            return none;
        return (SekPsInfix){PS_OP_SUB, SEK_PS_LEVEL_ADD, 0, dash};
    }
    if (c == '.' && after == '.')
        return (SekPsInfix){PS_OP_RANGE, SEK_PS_LEVEL_RANGE, 0, 2};
    if (after == '=' || (c == '+' && after == '+'))
        return none;
    switch (c) {
    case '+':
        return (SekPsInfix){PS_OP_ADD, SEK_PS_LEVEL_ADD, 0, 1};
    case '*':
        return (SekPsInfix){PS_OP_MUL, SEK_PS_LEVEL_MUL, 0, 1};
    case '/':
        return (SekPsInfix){PS_OP_DIV, SEK_PS_LEVEL_MUL, 0, 1};
    case '%':
        return (SekPsInfix){PS_OP_MOD, SEK_PS_LEVEL_MUL, 0, 1};
    default:
        return none;
    }
}

const SekPsOpName *sek_ps_unary_named(SekStr word, uint16_t *out_flags) {
    return look_up(unary_named, sizeof unary_named / sizeof *unary_named, word, out_flags);
}
