/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/gram_scan.h"

#include "engine/probe.h"

#include <immintrin.h>

_Static_assert(SEK_TEXT_PAD >= 16, "the last step reads over the end of the text");

/* Eight windows at a time: they are spread from 16 bytes, hashed, and their bits gathered. */
__attribute__((target("avx2"))) static size_t scan(const uint32_t *bitmap, uint32_t log, SekStr text, size_t at) {
    const __m256i spread = _mm256_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6, /* windows 0..3 */
                                            4, 5, 6, 7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10); /* 4..7 */
    const __m256i multiplier = _mm256_set1_epi32((int)SEK_GRAM_MULTIPLIER);
    const __m256i low = _mm256_set1_epi32(31);
    const __m128i shift = _mm_cvtsi32_si128(32 - (int)log);
    for (; at + 4 <= text.len; at += 8) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text.ptr + at));
        __m256i grams = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), spread);
        __m256i bits = _mm256_srl_epi32(_mm256_mullo_epi32(grams, multiplier), shift);
        __m256i words = _mm256_i32gather_epi32((const int *)bitmap, _mm256_srli_epi32(bits, 5), 4);
        /* The bit that is asked for moves to the sign, where movemask finds it. */
        __m256i signs = _mm256_sllv_epi32(words, _mm256_sub_epi32(low, _mm256_and_si256(bits, low)));
        unsigned found = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(signs));
        if (found == 0)
            continue;
        at += (size_t)__builtin_ctz(found);
        return at + 4 <= text.len ? at : text.len; /* the last step looks behind the end */
    }
    return text.len;
}

SekGramScan sek_gram_scan_avx2(void) {
    return __builtin_cpu_supports("avx2") ? scan : NULL;
}
