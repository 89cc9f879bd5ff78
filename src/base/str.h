/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* String view: borrowed bytes with a length; not NUL-terminated, usually UTF-8.
 * A SekStr (defined in sekisho.h) never owns its bytes; the owner is an arena, a buffer or the input, and outlives it. */

#include "sekisho.h" /* SekStr: the public header defines it for everyone */

#include <string.h>

#define SEK_STR(literal) ((SekStr){(literal), sizeof(literal) - 1})
/* For printf("%.*s"): untrusted text must not be printed this way, see sek_quote_line (base/json_text.h). */
#define SEK_STR_ARG(s) (int)(s).len, (s).ptr

static inline SekStr sek_str(const char *cstr) {
    return (SekStr){cstr, cstr ? strlen(cstr) : 0};
}

static inline SekStr sek_str_n(const char *ptr, size_t len) {
    return (SekStr){ptr, len};
}

static inline bool sek_str_eq(SekStr a, SekStr b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline char sek_ascii_lower(char c) {
    return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static inline bool sek_is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* 0..15, or -1. */
static inline int sek_hex_digit(char c) {
    if (sek_is_digit(c))
        return c - '0';
    c = sek_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Equal but for the case of ASCII letters. */
bool sek_str_eq_nocase(SekStr a, SekStr b);

/* Byte order, shorter first on a common prefix: <0, 0, >0. */
int sek_str_cmp(SekStr a, SekStr b);

bool sek_str_starts(SekStr s, SekStr prefix);
bool sek_str_ends(SekStr s, SekStr suffix);

/* Offset of the first `needle` in `hay`, or -1. An empty needle is at 0. */
ptrdiff_t sek_str_find(SekStr hay, SekStr needle);

/* `s` without ASCII blanks, tabs, CR and LF at both ends. */
SekStr sek_str_trim(SekStr s);

/* 64-bit hash (in the manner of FNV-1a, with a final mix; not the same on machines of other byte order). Not for untrusted keys where flooding matters: the hash map
 * that takes those is bounded by its caller. */
uint64_t sek_str_hash(SekStr s);
/* One over ASCII-lower-cased bytes: not the same number as of the text in lower case. */
uint64_t sek_str_hash_nocase(SekStr s);

#define SEK_STR_DISTANCE_MAX 64u /* bytes; longer texts are near to nothing */

/* How many bytes must be changed, added or taken away to make one text of the other (Levenshtein), ASCII case ignored;
 * UINT_MAX when one of them is longer than SEK_STR_DISTANCE_MAX. */
unsigned sek_str_distance(SekStr a, SekStr b);
