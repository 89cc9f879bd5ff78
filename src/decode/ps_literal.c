/* SPDX-License-Identifier: Apache-2.0 */

/* Numbers, and what stands in square brackets before a value: types and attributes. */

#include "decode/ps_parser.h"

#include <stdlib.h>

static size_t hex_digits(SekStr s, size_t at, uint64_t *value) {
    size_t n = 0;
    for (;; n++) {
        unsigned char c = (unsigned char)sek_ascii_lower((char)sek_ps_byte(s, at + n));
        if (!sek_ps_is_digit(c) && !(c >= 'a' && c <= 'f'))
            return n;
        *value = n < 16 ? *value * 16 + (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10) : *value;
    }
}

static size_t digits(SekStr s, size_t at, double *value) {
    size_t n = 0;
    for (; sek_ps_is_digit(sek_ps_byte(s, at + n)); n++)
        *value = *value * 10 + (s.ptr[at + n] - '0');
    return n;
}

/* kb, mb, gb, tb and the type letters l, d, u, y, s behind a number. */
static double suffix(SekPsParser *p) {
    static const char units[] = "kmgt";
    double factor = 1;
    char c = sek_ascii_lower((char)sek_ps_byte(p->s, p->at));
    bool type = c == 'l' || c == 'd' || c == 'u' || c == 's' || c == 'y';
    if (type && !sek_ps_is_word(sek_ps_byte(p->s, p->at + 1)))
        p->at++;
    c = sek_ascii_lower((char)sek_ps_byte(p->s, p->at));
    const char *unit = sek_ps_is_alpha((unsigned char)c) ? strchr(units, c) : NULL;
    if (unit && sek_ascii_lower((char)sek_ps_byte(p->s, p->at + 1)) == 'b') {
        for (const char *u = units; u <= unit; u++)
            factor *= 1024;
        p->at += 2;
    }
    return factor;
}

static bool number_value(SekPsParser *p, SekPsNode *node) {
    uint64_t hex = 0;
    double value = 0;
    size_t n, start = p->at;
    if (sek_ps_byte(p->s, p->at) == '0' && sek_ascii_lower((char)sek_ps_byte(p->s, p->at + 1)) == 'x') {
        n = hex_digits(p->s, p->at + 2, &hex);
        if (n == 0 || n > 16)
            return false;
        p->at += n + 2;
        int64_t number = n <= 8 ? (int64_t)(int32_t)(uint32_t)hex : (int64_t)hex;
        node->number = number * (int64_t)suffix(p);
        return number >= INT32_MIN && number <= UINT32_MAX;
    }
    n = digits(p->s, p->at, &value);
    p->at += n;
    if (sek_ps_byte(p->s, p->at) == '.' && sek_ps_is_digit(sek_ps_byte(p->s, p->at + 1))) {
        char text[64];
        for (p->at++; sek_ps_is_digit(sek_ps_byte(p->s, p->at)); p->at++)
            ;
        if (p->at - start >= sizeof text)
            return false;
        memcpy(text, p->s.ptr + start, p->at - start);
        text[p->at - start] = '\0';
        value = strtod(text, NULL);
        bool decimal = sek_ascii_lower((char)sek_ps_byte(p->s, p->at)) == 'd';
        node->flags = (uint16_t)(node->flags | PS_REAL | (decimal ? PS_ODD : 0u));
        n++;
    }
    value *= suffix(p);
    if (n == 0 || value > 9e15)
        return false;
    if (node->flags & PS_REAL)
        node->real = value;
    else
        node->number = (int64_t)value;
    return true;
}

SekPsNode *sek_ps_number(SekPsParser *p) {
    size_t start = p->at;
    SekPsNode *node = sek_ps_node(p, PS_NUMBER, start);
    if (number_value(p, node) && !sek_ps_is_word(sek_ps_byte(p->s, p->at)))
        return sek_ps_done(p, node);
    p->at = start;
    return NULL;
}

#define MAX_ATTRIBUTE_BYTES 4096 /* an attribute's arguments; what is longer is no attribute */

/* Behind the name of an attribute: its arguments up to the closing brackets, unread. */
static bool skip_attribute(SekPsParser *p) {
    unsigned depth = 0;
    size_t end = p->at + MAX_ATTRIBUTE_BYTES < p->s.len ? p->at + MAX_ATTRIBUTE_BYTES : p->s.len;
    for (; p->at < end; p->at++) {
        char c = p->s.ptr[p->at];
        if (c == '(')
            depth++;
        else if (c == ')' && depth > 0)
            depth--;
        else if (c == ']' && depth == 0) {
            p->at++;
            return true;
        } else if (sek_ps_single(p->s, p->at) || sek_ps_double(p->s, p->at)) {
            (void)sek_ps_quoted(p); /* only its end matters here */
            p->at--;
        }
    }
    return false;
}

static bool may_name_type(unsigned char c) {
    return sek_ps_is_word(c) || c == '.' || c == '[' || c == ']' || strchr("+`,=*&-", c); /* NUL, too */
}

SekPsNode *sek_ps_type_literal(SekPsParser *p) {
    size_t start = p->at, n = 0;
    unsigned open = 0;
    char name[512];
    if (sek_ps_byte(p->s, start) != '[')
        return NULL;
    for (size_t at = start; at < p->s.len; at++) {
        unsigned char c = sek_ps_byte(p->s, at);
        if (c == '(' && open == 1 && n > 0) {
            SekPsNode *attribute = sek_ps_node(p, PS_NONE, start);
            p->at = at;
            if (skip_attribute(p))
                return sek_ps_done(p, attribute);
            break;
        }
        open += c == '[';
        open -= c == ']';
        if (open == 0 && n > 0) {
            SekPsNode *node = sek_ps_node(p, PS_TYPE, start);
            node->name = sek_arena_dup(p->arena, sek_str_n(name, n));
            p->failed = p->failed || !node->name.ptr;
            p->at = at + 1;
            return sek_ps_done(p, node);
        }
        size_t blank = sek_ps_blank(p->s, at) + sek_ps_newline(p->s, at);
        if (at == start || blank > 0) {
            at += blank > 0 ? blank - 1 : 0;
            continue;
        }
        if (n == sizeof name || open == 0 || !may_name_type(c))
            break;
        if (c != '`' || sek_ps_is_digit(sek_ps_byte(p->s, at + 1)))
            name[n++] = (char)c;
    }
    p->at = start;
    return NULL;
}
