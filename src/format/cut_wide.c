/* SPDX-License-Identifier: Apache-2.0 */
/* Of each block, which bytes are quotes and which end lines is one word each. A quote changes whether what follows it is in
 * quotes: so a byte is if the number of quotes up to it is odd, which is told of all 64 by adding the word to itself,
 * without carrying, at 1, 2, 4 ... places on. */
#include "format/cut.h"

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi,lzcnt,popcnt")))
#define AVX512 __attribute__((target("avx512f,avx512bw,bmi,lzcnt,popcnt")))

static inline uint64_t odd_up_to(uint64_t quotes) {
    for (unsigned n = 1; n < 64; n *= 2)
        quotes ^= quotes << n;
    return quotes;
}

/* `open`: all ones in quotes. */
__attribute__((target("lzcnt,popcnt"))) static inline void take(SekCsvCut *cut, uint64_t *open, uint64_t quotes,
                                                                uint64_t lines, size_t at) {
    uint64_t inside = quotes ? odd_up_to(quotes) ^ *open : *open;
    uint64_t ends = lines & ~inside;
    *open = 0 - (inside >> 63);
    cut->records += (uint64_t)__builtin_popcountll(ends);
    if (ends)
        cut->end = at + SEK_CUT_BLOCK - (size_t)__builtin_clzll(ends);
}

AVX2 static inline uint64_t both(__m256i low, __m256i high) {
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

AVX2 static inline __m256i load(const char *at) {
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

AVX2 static inline uint64_t is_256(const char *at, char c) {
    __m256i all = _mm256_set1_epi8(c);
    return both(_mm256_cmpeq_epi8(load(at), all), _mm256_cmpeq_epi8(load(at + 32), all));
}

AVX2 static void csv_256(SekCsvCut *cut, SekStr bytes, size_t at, size_t blocks) {
    uint64_t open = cut->in_quotes ? UINT64_MAX : 0;
    for (size_t i = 0; i < blocks; i++, at += SEK_CUT_BLOCK)
        take(cut, &open, is_256(bytes.ptr + at, '"'), is_256(bytes.ptr + at, '\n'), at);
    cut->in_quotes = open != 0;
}

AVX512 static inline uint64_t is_512(const char *at, char c) {
    return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(at), _mm512_set1_epi8(c));
}

AVX512 static void csv_512(SekCsvCut *cut, SekStr bytes, size_t at, size_t blocks) {
    uint64_t open = cut->in_quotes ? UINT64_MAX : 0;
    for (size_t i = 0; i < blocks; i++, at += SEK_CUT_BLOCK)
        take(cut, &open, is_512(bytes.ptr + at, '"'), is_512(bytes.ptr + at, '\n'), at);
    cut->in_quotes = open != 0;
}

AVX2 static size_t xml_256(SekStr bytes, size_t at, size_t blocks) {
    for (size_t i = 0; i < blocks; i++, at += SEK_CUT_BLOCK) {
        const char *p = bytes.ptr + at;
        uint64_t found = is_256(p, '<') & is_256(p + 1, '/') & is_256(p + 2, 'E');
        if (found)
            return at + (size_t)__builtin_ctzll(found);
    }
    return at;
}

AVX512 static size_t xml_512(SekStr bytes, size_t at, size_t blocks) {
    for (size_t i = 0; i < blocks; i++, at += SEK_CUT_BLOCK) {
        const char *p = bytes.ptr + at;
        uint64_t found = is_512(p, '<') & is_512(p + 1, '/') & is_512(p + 2, 'E');
        if (found)
            return at + (size_t)__builtin_ctzll(found);
    }
    return at;
}

static bool has_256(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("lzcnt") &&
           __builtin_cpu_supports("popcnt");
}

static bool has_512(void) {
    return has_256() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
}

SekCutCsv sek_cut_csv_avx512(void) {
    return has_512() ? csv_512 : NULL;
}

SekCutCsv sek_cut_csv_avx2(void) {
    return has_256() ? csv_256 : NULL;
}

SekCutXml sek_cut_xml_avx512(void) {
    return has_512() ? xml_512 : NULL;
}

SekCutXml sek_cut_xml_avx2(void) {
    return has_256() ? xml_256 : NULL;
}
