/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32 by folding (Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction",
 * Intel 2009): 16 bytes that stand d bits before the end of the rest may be replaced by their product with x^d
 * modulo the polynomial, added (XOR) to the 16 bytes d bits behind them. Eight registers do that side by side, so
 * that multiplications need not wait for each other; what is left of the message is one register, the sum of
 * which is taken in the ordinary way. */
#include "format/crc32.h"

#include <immintrin.h>
#include <libdeflate.h>
#include <stdbool.h>

#define LANES 8u

/* For 16 bytes moved by d bits: x^(d+32) and x^(d-32) modulo the polynomial, bits reflected, one place up. */
typedef struct Fold {
    uint64_t low, high;
} Fold;
static const Fold by_256 = {0x0f1da05aa, 0x15a546366};
static const Fold by_512 = {0x154442bd4, 0x1c6e41596}, by_2048 = {0x11542778a, 0x1322d1430};
static const Fold by_4096 = {0x01072db28, 0x1d741f35c};

_Static_assert(SEK_CRC32_WIDE >= LANES * 64, "every register begins full");

/* The sum register of what has been folded into `rest`, and then `n` bytes that were not. */
static uint32_t finish(const uint8_t *rest, size_t n_rest, const uint8_t *bytes, size_t n) {
    return libdeflate_crc32(libdeflate_crc32(UINT32_MAX, rest, n_rest), bytes, n);
}

#define AVX512 __attribute__((target("avx512f,avx512vl,pclmul,vpclmulqdq")))

AVX512 static inline __m512i factor_512(Fold f) {
    return _mm512_broadcast_i32x4(_mm_set_epi64x((long long)f.high, (long long)f.low));
}

AVX512 static inline __m512i load_512(const uint8_t *p) {
    return _mm512_loadu_si512((const void *)p);
}

AVX512 static inline __m512i fold_512(__m512i x, __m512i factor, __m512i next) {
    return _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(x, factor, 0x00),
                                     _mm512_clmulepi64_epi128(x, factor, 0x11), next, 0x96);
}

AVX512 static uint32_t crc_512(uint32_t crc, const uint8_t *p, size_t n) {
    __m512i lane[LANES], factor = factor_512(by_4096);
    const size_t step = sizeof lane;
    for (unsigned i = 0; i < LANES; i++)
        lane[i] = load_512(p + 64 * i);
    lane[0] = _mm512_xor_si512(lane[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128((int)~crc)));
    for (p += step, n -= step; n >= step; p += step, n -= step)
        for (unsigned i = 0; i < LANES; i++)
            lane[i] = fold_512(lane[i], factor, load_512(p + 64 * i));
    factor = factor_512(by_512);
    for (unsigned i = 1; i < LANES; i++)
        lane[i] = fold_512(lane[i - 1], factor, lane[i]);
    uint8_t rest[64];
    _mm512_storeu_si512(rest, lane[LANES - 1]);
    return finish(rest, sizeof rest, p, n);
}

SekCrc32 sek_crc32_avx512(void) {
    bool can = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("vpclmulqdq");
    return can ? crc_512 : NULL;
}

#define AVX2 __attribute__((target("avx2,pclmul,vpclmulqdq")))

AVX2 static inline __m256i factor_256(Fold f) {
    return _mm256_broadcastsi128_si256(_mm_set_epi64x((long long)f.high, (long long)f.low));
}

AVX2 static inline __m256i load_256(const uint8_t *p) {
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

AVX2 static inline __m256i fold_256(__m256i x, __m256i factor, __m256i next) {
    __m256i low = _mm256_clmulepi64_epi128(x, factor, 0x00), high = _mm256_clmulepi64_epi128(x, factor, 0x11);
    return _mm256_xor_si256(_mm256_xor_si256(low, high), next);
}

AVX2 static uint32_t crc_256(uint32_t crc, const uint8_t *p, size_t n) {
    __m256i lane[LANES], factor = factor_256(by_2048);
    const size_t step = sizeof lane;
    for (unsigned i = 0; i < LANES; i++)
        lane[i] = load_256(p + 32 * i);
    lane[0] = _mm256_xor_si256(lane[0], _mm256_zextsi128_si256(_mm_cvtsi32_si128((int)~crc)));
    for (p += step, n -= step; n >= step; p += step, n -= step)
        for (unsigned i = 0; i < LANES; i++)
            lane[i] = fold_256(lane[i], factor, load_256(p + 32 * i));
    factor = factor_256(by_256);
    for (unsigned i = 1; i < LANES; i++)
        lane[i] = fold_256(lane[i - 1], factor, lane[i]);
    uint8_t rest[32];
    _mm256_storeu_si256((__m256i *)(void *)rest, lane[LANES - 1]);
    return finish(rest, sizeof rest, p, n);
}

SekCrc32 sek_crc32_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("vpclmulqdq") ? crc_256 : NULL;
}
