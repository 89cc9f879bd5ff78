/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/short_scan.h"

#include <immintrin.h>

#define STEP 32u
#define WIDE __attribute__((target("avx2")))

WIDE static inline __m256i table(const uint8_t *halves) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)halves));
}

WIDE static inline __m256i sets_at(const SekShortScan *scan, const char *at) {
    const __m256i half = _mm256_set1_epi8(15);
    __m256i sets = _mm256_set1_epi8(-1);
    for (unsigned i = 0; i < SEK_SHORT_BYTES; i++) {
        __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)(at + i));
        __m256i low = _mm256_shuffle_epi8(table(scan->low[i]), _mm256_and_si256(bytes, half));
        __m256i high = _mm256_shuffle_epi8(table(scan->high[i]), _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half));
        sets = _mm256_and_si256(sets, _mm256_and_si256(low, high));
    }
    return sets;
}

/* What is read at once behind the last whole steps would reach behind the text, so its end is copied. */
WIDE static uint8_t find(const SekShortScan *scan, SekStr text) {
    char end[2 * STEP + SEK_SHORT_BYTES] = {0};
    __m256i found = _mm256_setzero_si256();
    size_t at = 0;
    for (; at + STEP + SEK_SHORT_BYTES - 1 <= text.len; at += STEP)
        found = _mm256_or_si256(found, sets_at(scan, text.ptr + at));
    size_t left = text.len - at;
    if (left)
        memcpy(end, text.ptr + at, left);
    for (size_t i = 0; i < left; i += STEP)
        found = _mm256_or_si256(found, sets_at(scan, end + i));
    __m128i all = _mm_or_si128(_mm256_castsi256_si128(found), _mm256_extracti128_si256(found, 1));
    uint64_t word = (uint64_t)_mm_cvtsi128_si64(_mm_or_si128(all, _mm_unpackhi_epi64(all, all)));
    word |= word >> 32;
    word |= word >> 16;
    return (uint8_t)(word | word >> 8);
}

SekShortFind sek_short_find_avx2(void) {
    return __builtin_cpu_supports("avx2") ? find : NULL;
}
