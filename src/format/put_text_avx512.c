/* SPDX-License-Identifier: Apache-2.0 */
/* 32 units a step, each looked up in a table of ASCII that tells what stands for it:
 *
 *   0            itself
 *   a letter     a backslash and the letter (JSON: \" \\ \n \r \t); these are put between the others at once, as paths
 *                are full of them
 *   0x80         something else; the step ends there
 *
 * Units above 0xff become 0xff when they are made bytes, and all bytes from 0x80 on end the step. */
#include "format/put_text.h"

#include <immintrin.h>
#include <stdbool.h>

#define STEP 32u
#define WIDE __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt")))
#define OTHER 0x80u

#define OTHER_4 OTHER, OTHER, OTHER, OTHER
#define OTHER_8 OTHER_4, OTHER_4
#define OTHER_16 OTHER_8, OTHER_8

static const uint8_t tables[SEK_N_TEXTS][128] = {
    [SEK_TEXT_JSON] = {OTHER_8, OTHER, 't', 'n', OTHER, OTHER, 'r', OTHER, OTHER, OTHER_16, ['"'] = '"', ['\\'] = '\\', [0x7f] = OTHER},
    [SEK_TEXT_XML] = {OTHER_8, OTHER, 0, 0, OTHER, OTHER, 0, OTHER, OTHER, OTHER_16, ['&'] = OTHER, ['<'] = OTHER, ['>'] = OTHER,
                      [0x7f] = OTHER},
    [SEK_TEXT_ATTRIBUTE] = {OTHER_8, OTHER, 0, 0, OTHER, OTHER, 0, OTHER, OTHER, OTHER_16, ['&'] = OTHER, ['<'] = OTHER,
                            ['>'] = OTHER, ['"'] = OTHER, ['\''] = OTHER, [0x7f] = OTHER},
};

/* Writes the units that `good` has a bit for, and a backslash before each letter of `letters`. */
WIDE static inline char *put_letters(char *at, __m512i units, __m256i table, uint32_t good, uint32_t letters) {
    __m512i escape = _mm512_or_si512(_mm512_slli_epi16(_mm512_cvtepu8_epi16(table), 8), _mm512_set1_epi16('\\'));
    __m512i two = _mm512_mask_blend_epi16(letters, units, escape);
    uint64_t keep = _pdep_u64(good, 0x5555555555555555u) | _pdep_u64(letters, 0xaaaaaaaaaaaaaaaau);
    _mm512_storeu_si512(at, _mm512_maskz_compress_epi8(keep, two));
    return at + _mm_popcnt_u32(good) + _mm_popcnt_u32(letters);
}

WIDE __attribute__((always_inline)) static inline char *put(char *at, const uint8_t *bytes, size_t units, SekTextPlace place) {
    const __m512i low = _mm512_loadu_si512(tables[place]), high = _mm512_loadu_si512(tables[place] + 64);
    while (units) {
        uint32_t n = units < STEP ? (uint32_t)units : STEP, there = _bzhi_u32(UINT32_MAX, n);
        __m512i u = _mm512_maskz_loadu_epi16(there, bytes);
        __m256i b = _mm512_cvtusepi16_epi8(u);
        __m256i t = _mm512_castsi512_si256(_mm512_permutex2var_epi8(low, _mm512_castsi256_si512(b), high));
        uint32_t stops = (uint32_t)_mm256_movepi8_mask(_mm256_or_si256(b, t)) & there;
        uint32_t done = stops ? _tzcnt_u32(stops) : n, good = _bzhi_u32(there, done);
        if (place == SEK_TEXT_JSON) {
            at = put_letters(at, u, t, good, (uint32_t)_mm256_test_epi8_mask(t, t) & good);
        } else {
            _mm256_storeu_si256((__m256i *)(void *)at, b);
            at += done;
        }
        bytes += 2 * (size_t)done;
        units -= done;
        while (stops && units) { /* in text that is not ASCII another follows */
            at = sek_put_one(at, &bytes, &units, place);
            stops = units && (bytes[1] || bytes[0] >= OTHER);
        }
    }
    return at;
}

WIDE static char *put_json(char *at, const uint8_t *bytes, size_t units) {
    return put(at, bytes, units, SEK_TEXT_JSON);
}

WIDE static char *put_xml(char *at, const uint8_t *bytes, size_t units) {
    return put(at, bytes, units, SEK_TEXT_XML);
}

WIDE static char *put_attribute(char *at, const uint8_t *bytes, size_t units) {
    return put(at, bytes, units, SEK_TEXT_ATTRIBUTE);
}

const SekPutTexts *sek_put_texts_avx512(void) {
    static const SekPutTexts texts = {{put_json, put_xml, put_attribute}};
    bool can = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("bmi") &&
               __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
    return can ? &texts : NULL;
}
