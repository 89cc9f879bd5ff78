/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of text_json_jump_avx2.c that gain by 64 bytes at once. Nothing is read behind the end of the text. */
#include "event/text_json_jump.h"

#include <immintrin.h>

#define STEP 64u
#define WIDE __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt")))
#define EVEN 0x5555555555555555u

_Static_assert(SEK_JSON_SLACK >= STEP, "a step is written as a whole");
_Static_assert(SEK_MARK_BLOCK == STEP, "a block is marked in one step");

/* Quotes, controls, what is not ASCII: all that ends a run of plain characters but backslashes. */
WIDE static inline uint64_t ends(__m512i bytes) {
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"')) | _mm512_cmplt_epi8_mask(bytes, _mm512_set1_epi8(' '));
}

WIDE static inline uint64_t slashes(__m512i bytes) {
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\\'));
}

WIDE static void mark(SekTextMarks *m) {
    for (size_t i = 0; i < m->blocks; i++) {
        __m512i bytes = _mm512_loadu_si512(m->from + i * STEP);
        __m512i digits = _mm512_sub_epi8(bytes, _mm512_set1_epi8('0'));
        m->ends[i] = ends(bytes) | slashes(bytes);
        m->others[i] = _mm512_cmpgt_epu8_mask(digits, _mm512_set1_epi8(9));
    }
}

/* Of the backslashes those that begin an escape: every second one of a run, from its first on. A run that begins at an
 * even place disappears when its first bit is added, as the carry goes to its end. */
static inline uint64_t first_of_pairs(uint64_t slash) {
    uint64_t first = slash & ~(slash << 1);
    uint64_t from_even = slash & ~(slash + (first & EVEN));
    return (from_even & EVEN) | (slash & ~from_even & ~EVEN);
}

WIDE static const char *copy(const char *at, const char *end, char **to) {
    const __m512i low = _mm512_loadu_si512(sek_json_escapes), high = _mm512_loadu_si512(sek_json_escapes + STEP);
    while (end - at >= (ptrdiff_t)STEP) {
        __m512i bytes = _mm512_loadu_si512(at);
        uint64_t begin = first_of_pairs(slashes(bytes)), meant = begin << 1;
        __m512i meaning = _mm512_permutex2var_epi8(low, bytes, high); /* by seven bits: the eighth is asked for apart */
        uint64_t none = meant & (_mm512_testn_epi8_mask(meaning, meaning) | _mm512_movepi8_mask(bytes));
        uint64_t stop = (ends(bytes) & ~meant) | none >> 1 | (begin & (uint64_t)1 << 63);
        uint64_t before = _blsmsk_u64(stop) >> (stop != 0); /* the bytes before the first stop, or all */
        __m512i plain = _mm512_mask_mov_epi8(bytes, meant, meaning);
        uint64_t kept = before & ~begin;
        _mm512_storeu_si512(*to, _mm512_maskz_compress_epi8(kept, plain));
        *to += __builtin_popcountll(kept);
        size_t n = stop ? _tzcnt_u64(stop) : STEP;
        at += n;
        if (n < STEP - 1)
            break;
    }
    return at;
}

bool sek_json_form_avx512(SekJsonForm *out) {
    if (!sek_json_form_avx2(out))
        return false;
    out->mark = mark;
    out->copy = copy;
    return __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512vbmi") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
