/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reading a JSON record along the jumps of its trail: the bytes between two values are compared with those that
 * stood there before, the values are read. One form looks at 8 bytes at once, one for AVX2 at 32; both
 * read the same. */

#include "event/text_json_value.h"

typedef enum {
    SEK_JUMPED_TO_END,   /* the record is read */
    SEK_JUMPED_TO_STEPS, /* behind a value, or at the record's start; what comes is not known */
    SEK_JUMPED_WRONG,    /* a value behind known bytes is left to the parser */
} SekJsonJumped;

typedef SekJsonJumped (*SekJsonJump)(SekJsonText *text);

SekJsonJumped sek_json_jump_plain(SekJsonText *text);

/* The AVX2 form, or NULL where there is none (text_json_jump_avx2.c, text_json_jump_none.c). */
SekJsonJump sek_json_jump_avx2(void);

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

/* Puts the jump that `place` names in front of the others from the trail's node `from`, as with steps. */
static inline void sek_json_jump_first(SekTrail *trail, uint32_t from, uint32_t *place) {
    uint32_t found = *place;
    if (place == &trail->first_jumps[from])
        return;
    *place = trail->jumps[found].next;
    trail->jumps[found].next = trail->first_jumps[from];
    trail->first_jumps[from] = found;
}
