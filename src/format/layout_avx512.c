/* SPDX-License-Identifier: Apache-2.0 */
/* Eight values a step: each descriptor in 64 bits, places as running sums, and pairs of (place; size and type)
 * stored as they lie in a SekValue. */
#include "format/layout.h"

#include <immintrin.h>

#define STEP SEK_LAYOUT_STEP
#define AVX512 __attribute__((target("avx512f,avx512vl,popcnt")))

_Static_assert(sizeof(SekValue) == 16 && offsetof(SekValue, len) == 8 && offsetof(SekValue, type) == 12,
               "two words of 64 bits: the place; the size below the type");

typedef struct Running {
    __m512i place; /* where the next value begins, in every lane */
    __m512i types;
} Running;

/* The lanes that `left` values take, a bit each. */
static inline __mmask8 lanes(uint32_t left) {
    return (__mmask8)(left >= STEP ? 0xff : (1u << left) - 1);
}

/* x with its lanes moved up by n, and the lowest ones empty. */
#define UP(x, n) _mm512_maskz_alignr_epi64((__mmask8)(0xff << (n)), x, x, 8 - (n))

AVX512 static inline void lay_eight(__m256i heads, __mmask8 valid, Running *r, SekValue *values) {
    const __m512i even = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11), odd = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
    __m512i head = _mm512_cvtepu32_epi64(heads), len = _mm512_and_si512(head, _mm512_set1_epi64(0xffff));
    __m512i bit = _mm512_and_si512(_mm512_srli_epi64(head, 16), _mm512_set1_epi64(63));
    r->types = _mm512_mask_or_epi64(r->types, valid, r->types, _mm512_sllv_epi64(_mm512_set1_epi64(1), bit));
    __m512i type = _mm512_and_si512(_mm512_slli_epi64(head, 16), _mm512_set1_epi64((long long)0xff << 32));
    __m512i size = _mm512_or_si512(len, type);
    __m512i end = len;
    end = _mm512_add_epi64(end, UP(end, 1));
    end = _mm512_add_epi64(end, UP(end, 2));
    end = _mm512_add_epi64(end, UP(end, 4));
    __m512i place = _mm512_add_epi64(r->place, _mm512_sub_epi64(end, len));
    r->place = _mm512_add_epi64(r->place, _mm512_permutexvar_epi64(_mm512_set1_epi64(7), end));
    _mm512_storeu_si512(values, _mm512_permutex2var_epi64(place, even, size));
    _mm512_storeu_si512(values + 4, _mm512_permutex2var_epi64(place, odd, size));
}

/* Fragments that are not empty among eight descriptors, a bit each. */
AVX512 static inline uint32_t fragments(__m256i heads) {
    __m256i type = _mm256_and_si256(heads, _mm256_set1_epi32(0x7f0000));
    __mmask8 is = _mm256_cmpeq_epi32_mask(type, _mm256_set1_epi32(SEK_VALUE_BINXML << 16));
    return _mm256_mask_test_epi32_mask(is, heads, _mm256_set1_epi32(0xffff));
}

/* Values that may hold text among eight descriptors, a bit each (sek_value_holds_text). */
AVX512 static inline uint64_t texts(__m256i heads) {
    __m256i type = _mm256_and_si256(heads, _mm256_set1_epi32(SEK_TEXT_BITS << 16)), len = _mm256_and_si256(heads, _mm256_set1_epi32(0xffff));
    __mmask8 is = _mm256_cmpeq_epi32_mask(type, _mm256_set1_epi32(SEK_VALUE_STRING << 16));
    return _mm256_mask_cmpge_epi32_mask(is, len, _mm256_set1_epi32(SEK_TEXT_LEAST));
}

AVX512 static SekLaid lay_out(const uint8_t *descriptors, uint32_t n, const uint8_t *data, SekValue *values) {
    Running r = {_mm512_set1_epi64((long long)(uintptr_t)data), _mm512_setzero_si512()};
    SekLaid laid = {.fragment = UINT32_MAX};
    for (uint32_t i = 0; i < n; i += STEP) {
        __mmask8 valid = lanes(n - i);
        __m256i heads = _mm256_maskz_loadu_epi32(valid, descriptors + 4 * (size_t)i);
        lay_eight(heads, valid, &r, values + i);
        uint32_t found = fragments(heads);
        if (found && laid.n_fragments == 0)
            laid.fragment = i + (uint32_t)__builtin_ctz(found);
        laid.n_fragments += (uint32_t)__builtin_popcount(found);
        laid.texts |= i < 64 ? texts(heads) << i : 0;
    }
    laid.types = (uint64_t)_mm512_reduce_or_epi64(r.types);
    laid.bytes = (uint32_t)((uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(r.place)) - (uintptr_t)data);
    return laid;
}

SekLayOut sek_lay_out_avx512(void) {
    bool can = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("popcnt");
    return can ? lay_out : NULL;
}
