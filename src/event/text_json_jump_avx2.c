/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is read behind the end of the text: where less than a step is left, the plain functions go on. */
#include "event/text_json_jump.h"

#include <immintrin.h>

#define STEP 32u
#define AVX2 __attribute__((target("avx2")))

_Static_assert(SEK_TRAIL_HEAD == STEP, "a head is compared in one step");
_Static_assert(SEK_JSON_SLACK >= STEP, "a step is written as a whole");

AVX2 static inline __m256i load(const char *at) {
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

AVX2 static inline void store(char *to, __m256i bytes) {
    _mm256_storeu_si256((__m256i *)(void *)to, bytes);
}

/* Bit i: byte i ends a run of plain characters (as signed numbers, those beyond ASCII are below a blank too). */
AVX2 static inline uint32_t special(__m256i bytes) {
    __m256i quote = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'));
    __m256i slash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
    __m256i other = _mm256_cmpgt_epi8(_mm256_set1_epi8(' '), bytes);
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(quote, slash), other));
}

/* Copies 32 bytes without their escapes, as far as they are plain characters and escapes of two bytes. */
AVX2 static inline void copy_step(const char **from, char **to) {
    const char *at = *from;
    char *out = *to;
    size_t done = 0; /* 33 when an escape begins in the last byte */
    __m256i bytes = load(at);
    for (uint32_t found = special(bytes); found; found &= (uint32_t)~((uint64_t)3 << (done - 2))) {
        uint32_t n = (uint32_t)__builtin_ctz(found);
        char c = at[n] == '\\' ? sek_json_escapes[(uint8_t)at[n + 1]] : '\0';
        store(out, load(at + done));
        out += n - done;
        done = n;
        if (c == 0) {
            *from = at + done;
            *to = out;
            return;
        }
        *out++ = c;
        done = n + 2;
    }
    if (done < STEP) {
        store(out, load(at + done));
        out += STEP - done;
        done = STEP;
    }
    *from = at + done;
    *to = out;
}

/* sek_json_read_special with wide steps: the string at `start`, which has special bytes before its end. What is behind
 * it, or NULL. */
AVX2 static const char *read_special(SekJsonText *t, const char *at, SekStr *out) {
    char *start = t->plain, *to = start;
    for (;;) {
        const char *before = at;
        if (t->end - at > (ptrdiff_t)(2 * STEP)) {
            copy_step(&at, &to);
            if (at - before >= (ptrdiff_t)STEP)
                continue;
        }
        at = sek_json_copy_plain(at, t->end, &to);
        if (at == t->end)
            return NULL;
        if (*at == '"')
            break;
        if (!sek_json_pass_special(t, &at, &to))
            return NULL;
    }
    *out = sek_str_n(start, (size_t)(to - start));
    t->plain = to;
    return at + 1;
}

/* Values: what is behind the one at `start`, which was added, or NULL. Where the next one begins depends on it, so it
 * is handed on in a register. */
AVX2 static inline const char *read_string(SekJsonText *t, const char *start) {
    const char *at = start, *end = t->end;
    uint32_t found = 0;
    for (; end - at >= (ptrdiff_t)STEP && (found = special(load(at))) == 0; at += STEP)
        continue;
    at = found ? at + __builtin_ctz(found) : sek_json_pass_plain(at, end);
    SekStr value = {start, (size_t)(at - start)};
    if (at == end)
        return NULL;
    at = *at == '"' ? at + 1 : read_special(t, start, &value);
    return at && sek_json_add_value(t, value, SEK_WRITTEN_TEXT) ? at : NULL;
}

static const char *read_other(SekJsonText *t, const char *start) {
    t->at = start;
    return sek_json_read_scalar(t) ? t->at : NULL;
}

/* Whole numbers; all others are left to the plain function. */
AVX2 static inline const char *read_scalar(SekJsonText *t, const char *start) {
    if (t->end - start < (ptrdiff_t)STEP)
        return read_other(t, start);
    __m256i digits = _mm256_sub_epi8(load(start), _mm256_set1_epi8('0'));
    __m256i is_digit = _mm256_cmpeq_epi8(_mm256_min_epu8(digits, _mm256_set1_epi8(9)), digits);
    uint32_t others = ~(uint32_t)_mm256_movemask_epi8(is_digit);
    size_t n = others ? (size_t)__builtin_ctz(others) : 0;
    bool simple = n && (start[n] == ',' || start[n] == '}') && (n == 1 || start[0] != '0');
    if (!simple)
        return read_other(t, start);
    return sek_json_add_value(t, sek_str_n(start, n), SEK_WRITTEN_NUMBER) ? start + n : NULL;
}

/* sek_json_jump_fits, `head` being the first 32 bytes of the text. */
AVX2 static inline bool fits(const SekTrailJump *jump, __m256i head, const char *text, size_t left) {
    uint32_t same = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(head, load(jump->head)));
    if (jump->len >= STEP)
        return same == UINT32_MAX && sek_json_jump_fits(jump, text, left);
    return (~same & (((uint32_t)1 << jump->len) - 1)) == 0 &&
           (jump->text || jump->end || sek_json_is_scalar(text[jump->len]));
}

AVX2 static inline const SekTrailJump *find_jump(SekTrail *trail, uint32_t node, const char *text, size_t left) {
    uint32_t *place = &trail->first_jumps[node];
    bool wide = left >= STEP;
    __m256i head = wide ? load(text) : _mm256_setzero_si256();
    for (SekTrailJump *jump; *place; place = &jump->next) {
        jump = &trail->jumps[*place];
        if (!(wide ? fits(jump, head, text, left) : sek_json_jump_fits(jump, text, left)))
            continue;
        sek_json_jump_first(trail, node, place);
        return jump;
    }
    return NULL;
}

AVX2 static SekJsonJumped jump_wide(SekJsonText *t) {
    SekTrail *trail = t->r->trail;
    const char *at = t->at;
    uint32_t node = trail->at;
    SekJsonJumped jumped = SEK_JUMPED_TO_STEPS;
    for (const SekTrailJump *jump; (jump = find_jump(trail, node, at, (size_t)(t->end - at))) != NULL;) {
        at += jump->len;
        node = jump->to;
        if (jump->end) {
            jumped = SEK_JUMPED_TO_END;
            break;
        }
        at = jump->text ? read_string(t, at) : read_scalar(t, at);
        if (!at)
            return SEK_JUMPED_WRONG;
    }
    t->at = at;
    trail->at = node;
    return jumped;
}

SekJsonJump sek_json_jump_avx2(void) {
    return __builtin_cpu_supports("avx2") ? jump_wide : NULL;
}
