/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/short_scan.h"

#include <immintrin.h>

#define STEP 64u
#define WIDE __attribute__((target("avx512f,avx512bw")))

WIDE static inline __m512i table(const uint8_t *halves) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)halves));
}

/* Bytes of a step that lie in a text of which `n` are left. */
static inline uint64_t inside(size_t n) {
    return n < STEP ? ((uint64_t)1 << n) - 1 : UINT64_MAX;
}

WIDE static uint8_t find(const SekShortScan *scan, SekStr text) {
    const __m512i half = _mm512_set1_epi8(15);
    __m512i found = _mm512_setzero_si512();
    for (size_t at = 0; at < text.len; at += STEP) {
        __m512i sets = _mm512_set1_epi8(-1);
        for (unsigned i = 0; i < SEK_SHORT_BYTES; i++) {
            size_t left = text.len - at > i ? text.len - at - i : 0;
            __m512i bytes = _mm512_maskz_loadu_epi8(inside(left), text.ptr + at + i);
            __m512i low = _mm512_shuffle_epi8(table(scan->low[i]), _mm512_and_si512(bytes, half));
            __m512i high = _mm512_shuffle_epi8(table(scan->high[i]), _mm512_and_si512(_mm512_srli_epi16(bytes, 4), half));
            sets = _mm512_ternarylogic_epi64(sets, low, high, 0x80); /* and */
        }
        found = _mm512_or_si512(found, sets);
    }
    uint64_t word = (uint64_t)_mm512_reduce_or_epi64(found);
    word |= word >> 32;
    word |= word >> 16;
    return (uint8_t)(word | word >> 8);
}

SekShortFind sek_short_find_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") ? find : NULL;
}
