/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What PowerShell's reader takes for a blank, a dash, a quote, a newline: more than ASCII has. Positions are
 * byte offsets into UTF-8; every function returns how many bytes it took, 0 for "not that". */

#include "base/str.h"

/* Byte at `at`, or 0 behind the end. */
static inline unsigned char sek_ps_byte(SekStr s, size_t at) {
    return at < s.len ? (unsigned char)s.ptr[at] : 0;
}

/* What a byte is, as bits. */
enum {
    SEK_PS_LETTER = 1,    /* of ASCII */
    SEK_PS_NAME = 2,      /* letters, digits and _ of ASCII */
    SEK_PS_IN_WORD = 4,   /* stands for itself in a word of command mode, */
    SEK_PS_IN_SINGLE = 8, /* in '...' */
    SEK_PS_IN_DOUBLE = 16, /* and in "..." */
    SEK_PS_STAYS = 32      /* neither blank nor the beginning of what is passed over */
};
extern const uint8_t sek_ps_classes[256];

static inline bool sek_ps_is_alpha(unsigned char c) {
    return sek_ps_classes[c] & SEK_PS_LETTER;
}
static inline bool sek_ps_is_digit(unsigned char c) {
    return c >= '0' && c <= '9';
}
/* Letters, digits, _ and everything above ASCII. */
static inline bool sek_ps_is_word(unsigned char c) {
    return (sek_ps_classes[c] & SEK_PS_NAME) || c >= 0x80;
}

/* Where bytes of a class end, from `at` on. */
static inline size_t sek_ps_run(SekStr s, size_t at, uint8_t class) {
    while (at < s.len && (sek_ps_classes[(unsigned char)s.ptr[at]] & class))
        at++;
    return at;
}

/* The same for what is above ASCII. */
size_t sek_ps_wide_blank(SekStr s, size_t at);
size_t sek_ps_wide_dash(SekStr s, size_t at);
size_t sek_ps_wide_single(SekStr s, size_t at);
size_t sek_ps_wide_double(SekStr s, size_t at);

/* Space, tab, VT, FF, U+0085, U+00A0 and the like. */
static inline size_t sek_ps_blank(SekStr s, size_t at) {
    unsigned char c = sek_ps_byte(s, at);
    return c < 0x80 ? c == ' ' || c == '\t' || c == '\v' || c == '\f' : sek_ps_wide_blank(s, at);
}
/* CR, LF, CRLF. */
static inline size_t sek_ps_newline(SekStr s, size_t at) {
    unsigned char c = sek_ps_byte(s, at);
    return c == '\r' ? 1 + (sek_ps_byte(s, at + 1) == '\n') : c == '\n';
}
/* - and U+2013..U+2015. */
static inline size_t sek_ps_dash(SekStr s, size_t at) {
    unsigned char c = sek_ps_byte(s, at);
    return c == 0xE2 ? sek_ps_wide_dash(s, at) : c == '-';
}
/* ' and U+2018..U+201B. */
static inline size_t sek_ps_single(SekStr s, size_t at) {
    unsigned char c = sek_ps_byte(s, at);
    return c == 0xE2 ? sek_ps_wide_single(s, at) : c == '\'';
}
/* " and U+201C..U+201E. */
static inline size_t sek_ps_double(SekStr s, size_t at) {
    unsigned char c = sek_ps_byte(s, at);
    return c == 0xE2 ? sek_ps_wide_double(s, at) : c == '"';
}

size_t sek_ps_skip_on(SekStr s, size_t at, bool newlines);

/* Skips blanks, backtick + newline, and comments; newlines too when `newlines`. Returns the new position. */
static inline size_t sek_ps_skip(SekStr s, size_t at, bool newlines) {
    unsigned char c = sek_ps_byte(s, at);
    if (c == ' ')
        c = sek_ps_byte(s, ++at);
    return sek_ps_classes[c] & SEK_PS_STAYS ? at : sek_ps_skip_on(s, at, newlines);
}

/* True when the ASCII word `lower` stands at `at` in any case and ends there. */
bool sek_ps_keyword(SekStr s, size_t at, SekStr lower);
