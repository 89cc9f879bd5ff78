/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Single values of a JSON record whose shape is known, read where they stand: strings, numbers, truth values.
 * Every check that a strict parser makes (RFC 8259) is made here too; what is unusual (surrogates, U+0000,
 * malformed UTF-8, exponents) is left to that parser. */

#include "base/bytes.h"
#include "event/text_marks.h"
#include "event/text_record.h"

/* Bytes that may be written behind what `SekJsonText.plain` gets. */
#define SEK_JSON_SLACK 64u

typedef struct SekJsonForm SekJsonForm; /* text_json_jump.h */

typedef struct SekJsonText {
    SekTextRecord *r;
    const SekJsonForm *form;
    SekTextMarks *marks;
    const char *begin, *at, *end;
    char *plain; /* where the next value without its escapes goes: as long as the text, and the slack */
    bool respelled; /* a value has a character beyond ASCII, or one that is written as its number */
} SekJsonText;

/* The high bit of each byte that ends a run of plain characters: quotes, backslashes, controls, non-ASCII. Exact up to the
 * first of them, which is all that is asked for (the tests for a zero byte borrow from the left only). */
static inline uint64_t sek_json_special_bytes(uint64_t word) {
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    uint64_t quote = word ^ ones * '"', slash = word ^ ones * '\\';
    return (((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((word - ones * 0x20) & ~word) | word) & high;
}

static inline bool sek_json_is_special(char c) {
    return c == '"' || c == '\\' || (uint8_t)c < 0x20 || (uint8_t)c >= 0x80;
}

static inline const char *sek_json_pass_plain(const char *at, const char *end) {
    for (; (size_t)(end - at) >= sizeof(uint64_t); at += sizeof(uint64_t)) {
        uint64_t special = sek_json_special_bytes(sek_le64((const uint8_t *)at));
        if (special)
            return at + ((unsigned)__builtin_ctzll(special) >> 3);
    }
    while (at < end && !sek_json_is_special(*at))
        at++;
    return at;
}

/* The same, and copies what it passes; up to a word more is written. */
const char *sek_json_copy_plain(const char *at, const char *end, char **to);

/* What the character behind a backslash means; 0 for 'u' and what means nothing. */
extern const char sek_json_escapes[256];

/* The special bytes at `*at`, which are no quote: one escape, or one character beyond ASCII, is appended to `*to`.
 * False when it is left to the parser. */
bool sek_json_pass_special(SekJsonText *t, const char **at, char **to);

/* The string from t->at whose first special byte is at `at`, and is no quote. */
bool sek_json_read_special(SekJsonText *t, const char *at, SekStr *out);

/* The string whose opening quote is before t->at; t->at is moved behind its end. False leaves it to the parser. */
static inline bool sek_json_read_string(SekJsonText *t, SekStr *out) {
    const char *at = sek_json_pass_plain(t->at, t->end);
    if (at == t->end || *at != '"')
        return at != t->end && sek_json_read_special(t, at, out);
    *out = sek_str_n(t->at, (size_t)(at - t->at));
    t->at = at + 1;
    return true;
}

/* Adds the value that stands at `start` in the text. */
static inline bool sek_json_add_value(SekJsonText *t, const char *start, SekStr value, SekWritten written) {
    SekTextValues *v = &t->r->values;
    if (v->n == v->cap || value.len > SEK_TEXT_MAX_VALUE || v->n == SEK_TEXT_MAX_LEAVES)
        return false;
    v->values[v->n] = (SekValue){(const uint8_t *)value.ptr, (uint32_t)value.len, SEK_VALUE_UTF8};
    v->places[v->n] = (uint32_t)(start - t->begin);
    v->written[v->n++] = (uint8_t)written;
    return true;
}

/* The word at t->at; false when another stands there. */
bool sek_json_pass_word(SekJsonText *t, SekStr word);

/* Adds the value at t->at, which is neither text nor null. */
bool sek_json_read_scalar(SekJsonText *t);
