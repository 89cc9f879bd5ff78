/* SPDX-License-Identifier: Apache-2.0 */

/* Texts of UTF-16 units: conversion, comparison, search, numbers and wildcards. Results lie in the arena
 * given; cutting borrows. Case is that of ASCII and of what simple folding gives for one unit. */

#include "base/utf.h"
#include "decode/ps_value.h"

SekPsText sek_pt_from_utf8(SekArena *arena, SekStr s) {
    uint16_t *units = sek_arena_alloc(arena, s.len * 2 + 2);
    uint32_t n = 0;
    if (!units)
        return (SekPsText){NULL, 0};
    for (size_t at = 0; at < s.len;) {
        uint32_t cp = sek_utf8_next(s, &at);
        if (cp > 0xFFFF) {
            units[n++] = (uint16_t)(0xD800u + ((cp - 0x10000u) >> 10));
            units[n++] = (uint16_t)(0xDC00u + ((cp - 0x10000u) & 0x3FFu));
        } else {
            units[n++] = (uint16_t)cp;
        }
    }
    return (SekPsText){units, n};
}

bool sek_pt_to_utf8(SekArena *arena, SekPsText t, SekStr *out) {
    char *bytes = sek_arena_alloc(arena, (size_t)t.n * 3 + 1);
    size_t n = 0;
    if (!bytes)
        return false;
    for (uint32_t i = 0; i < t.n; i++) {
        uint32_t cp = t.p[i];
        if (cp >= 0xD800 && cp <= 0xDFFF) {
            if (cp > 0xDBFF || i + 1 >= t.n || t.p[i + 1] < 0xDC00 || t.p[i + 1] > 0xDFFF)
                return false;
            cp = 0x10000u + ((cp - 0xD800u) << 10) + (t.p[++i] - 0xDC00u);
        }
        n += sek_utf8_put(cp, bytes + n);
    }
    *out = sek_str_n(bytes, n);
    return true;
}

bool sek_pt_ascii(SekPsText t, char *buf, size_t size, SekStr *out) {
    if (t.n >= size)
        return false;
    for (uint32_t i = 0; i < t.n; i++) {
        if (t.p[i] > 0x7F || t.p[i] == 0)
            return false;
        buf[i] = (char)t.p[i];
    }
    buf[t.n] = 0;
    *out = sek_str_n(buf, t.n);
    return true;
}

bool sek_pt_lower_ascii(SekPsText t, char *buf, size_t size, SekStr *out) {
    unsigned all = 0, zeros = 0;
    if (t.n >= size)
        return false;
    for (uint32_t i = 0; i < t.n; i++) {
        all |= t.p[i];
        zeros |= t.p[i] == 0;
        buf[i] = sek_ascii_lower((char)t.p[i]);
    }
    buf[t.n] = 0;
    *out = sek_str_n(buf, t.n);
    return all <= 0x7F && !zeros;
}

SekPsText sek_pt_join(SekArena *arena, SekPsText a, SekPsText b) {
    if (a.n == 0 || b.n == 0)
        return a.n ? a : b;
    uint16_t *units =
        a.n < (1u << 28) && b.n < (1u << 28) ? sek_arena_alloc(arena, ((size_t)a.n + b.n) * 2) : NULL;
    if (!units)
        return (SekPsText){NULL, 0};
    memcpy(units, a.p, a.n * 2u);
    memcpy(units + a.n, b.p, b.n * 2u);
    return (SekPsText){units, a.n + b.n};
}

SekPsText sek_pt_cut(SekPsText t, uint32_t from, uint32_t n) {
    if (from > t.n)
        from = t.n;
    return (SekPsText){t.p + from, n < t.n - from ? n : t.n - from};
}

uint16_t sek_pt_lower(uint16_t c) {
    if (c < 0x80)
        return (uint16_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    if (c >= 0xD800 && c <= 0xDFFF)
        return c;
    uint32_t folded = sek_fold_cp(c);
    return folded <= 0xFFFF ? (uint16_t)folded : c;
}

uint16_t sek_pt_upper(uint16_t c) {
    return (uint16_t)(c >= 'a' && c <= 'z' ? c - 32 : c);
}

bool sek_pt_eq(SekPsText a, SekPsText b, bool nocase) {
    if (a.n != b.n)
        return false;
    for (uint32_t i = 0; i < a.n; i++)
        if (a.p[i] != b.p[i] && !(nocase && sek_pt_lower(a.p[i]) == sek_pt_lower(b.p[i])))
            return false;
    return true;
}

int64_t sek_pt_find(SekPsText hay, SekPsText needle, uint32_t from, bool nocase) {
    for (uint32_t at = from; at <= hay.n && needle.n <= hay.n - at; at++)
        if (sek_pt_eq(sek_pt_cut(hay, at, needle.n), needle, nocase))
            return at;
    return -1;
}

static int digit_of(uint16_t c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

static bool is_space(uint16_t c) {
    return c == ' ' || (c >= 9 && c <= 13);
}

bool sek_pt_to_int(SekPsText t, unsigned base, int64_t *out) {
    uint32_t at = 0;
    bool negative = false;
    uint64_t value = 0;
    while (t.n > 0 && is_space(t.p[t.n - 1]))
        t.n--;
    while (at < t.n && is_space(t.p[at]))
        at++;
    if (at < t.n && base == 10 && (t.p[at] == '-' || t.p[at] == '+'))
        negative = t.p[at++] == '-';
    if (base == 16 && at + 1 < t.n && t.p[at] == '0' && (t.p[at + 1] | 32) == 'x')
        at += 2;
    if (at == t.n)
        return false;
    for (; at < t.n; at++) {
        int d = digit_of(t.p[at]);
        if (d >= (int)base || value >= (uint64_t)1 << 52)
            return false;
        value = value * base + (unsigned)d;
    }
    *out = negative ? -(int64_t)value : (int64_t)value;
    return true;
}

/* The set at `at` (behind the [): whether `c` is in it; moves behind the ]. */
static bool in_set(SekPsText pattern, uint32_t *at, uint16_t c, bool nocase) {
    bool found = false;
    uint16_t lc = nocase ? sek_pt_lower(c) : c;
    for (; *at < pattern.n && pattern.p[*at] != ']'; ++*at) {
        uint16_t from = pattern.p[*at], to = from;
        if (*at + 2 < pattern.n && pattern.p[*at + 1] == '-' && pattern.p[*at + 2] != ']') {
            to = pattern.p[*at + 2];
            *at += 2;
        }
        if (nocase) {
            from = sek_pt_lower(from);
            to = sek_pt_lower(to);
        }
        found = found || (lc >= from && lc <= to);
    }
    if (*at < pattern.n)
        ++*at;
    return found;
}

bool sek_pt_like(SekPsText text, SekPsText pattern, bool nocase) {
    uint32_t t = 0, p = 0, star_p = UINT32_MAX, star_t = 0;
    while (t < text.n || p < pattern.n) {
        uint16_t c = p < pattern.n ? pattern.p[p] : 0;
        if (p < pattern.n && c == '*') {
            star_p = ++p;
            star_t = t;
            continue;
        }
        bool ok = false;
        uint32_t next = p + 1;
        if (p < pattern.n && t < text.n) {
            if (c == '[' && sek_pt_find(pattern, (SekPsText){(const uint16_t *)u"]", 1}, p + 1, false) > 0)
                ok = in_set(pattern, &next, text.p[t], nocase);
            else if (c == '`' && p + 1 < pattern.n)
                ok = text.p[t] == pattern.p[p + 1] && ++next;
            else
                ok = c == '?' || c == text.p[t] || (nocase && sek_pt_lower(c) == sek_pt_lower(text.p[t]));
        }
        if (ok) {
            t++;
            p = next;
        } else if (star_p != UINT32_MAX && star_t < text.n) {
            p = star_p;
            t = ++star_t;
        } else {
            return false;
        }
    }
    return true;
}
