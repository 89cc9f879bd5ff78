/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reading a JSON record along the jumps of its trail: the bytes between two values are compared with those that
 * stood there before, the values are read. One form looks at 8 bytes at once. The wide ones first note of some
 * thousand bytes where strings and numbers may end (text_marks.h). All read the same. */

#include "event/text_json_value.h"

typedef enum {
    SEK_JUMPED_TO_END,   /* the record is read */
    SEK_JUMPED_TO_STEPS, /* behind a value, or at the record's start; what comes is not known */
    SEK_JUMPED_WRONG,    /* a value behind known bytes is left to the parser */
    SEK_JUMPED_ON,       /* not given: there may be more */
} SekJsonJumped;

typedef SekJsonJumped (*SekJsonJump)(SekJsonText *text);

/* Fills marks for all their bytes, whole blocks. `ends`: of a run of plain characters (sek_json_is_special); `others`:
 * of digits. */
typedef void (*SekJsonMark)(SekTextMarks *marks);

/* Copies plain characters and escapes of two bytes, these as what they mean. Stops before anything else, and where no
 * whole step is left, which the caller does. Up to SEK_JSON_SLACK bytes more are written. */
typedef const char *(*SekJsonCopy)(const char *from, const char *end, char **to);

/* How records are read on some kind of processor. */
struct SekJsonForm {
    SekJsonJump jump;
    SekJsonMark mark; /* NULL: `jump` needs no marks, nor `copy` */
    SekJsonCopy copy;
};

/* The fastest form that this processor runs; the others. False where there is none (text_wide_none.c). */
SekJsonForm sek_json_form_best(void);
SekJsonForm sek_json_form_plain(void);
bool sek_json_form_avx2(SekJsonForm *out);
bool sek_json_form_avx512(SekJsonForm *out);

SekJsonJumped sek_json_jump_plain(SekJsonText *text);

/* True for the first byte of a number or a truth value. */
static inline bool sek_json_is_scalar(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == 't' || c == 'f';
}

/* True when the jump's bytes stand at the start of `text`, `left` bytes long, and a value of its kind may follow. */
static inline bool sek_json_jump_fits(const SekTrailJump *jump, const char *text, size_t left) {
    if (jump->len >= left + jump->end || !sek_trail_same(jump->bytes, text, jump->len))
        return false;
    return jump->text || jump->end || sek_json_is_scalar(text[jump->len]);
}

/* The jump from `node` that fits the text, put in front of the others as with steps; 0 when there is none. */
uint32_t sek_json_jump_find(SekTrail *trail, uint32_t node, const char *text, size_t left);
