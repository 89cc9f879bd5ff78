/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/key_bytes.h"

#include "base/bytes.h"

#include <immintrin.h>

#define STEP 32u
#define UNITS 16u

typedef struct Sum {
    __m256i sum, key;
} Sum;

__attribute__((target("avx2"))) static inline __m256i load(const uint8_t *p) {
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* Products of the halves of each eight bytes, under a key that changes from step to step, and the bytes themselves:
 * a product alone would lose the other half where one is zero. */
__attribute__((target("avx2"))) static inline Sum add(Sum s, __m256i bytes) {
    __m256i x = _mm256_xor_si256(bytes, s.key);
    __m256i product = _mm256_mul_epu32(x, _mm256_srli_epi64(x, 32));
    s.sum = _mm256_add_epi64(_mm256_add_epi64(s.sum, product), _mm256_shuffle_epi32(bytes, 0xb1));
    s.key = _mm256_add_epi64(s.key, _mm256_set1_epi64x((long long)0x9e3779b97f4a7c15u));
    return s;
}

__attribute__((target("avx2"))) static inline __m128i half(const uint8_t *p) {
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* Fewer bytes than a step: the first and the last of them, which overlap. */
__attribute__((target("avx2"))) static inline __m256i few(const uint8_t *bytes, size_t n) {
    uint64_t x = 0;
    if (n >= 16)
        return _mm256_set_m128i(half(bytes), half(bytes + n - 16));
    if (n >= 8)
        return _mm256_setr_epi64x((long long)sek_le64(bytes), (long long)sek_le64(bytes + n - 8), 0, 0);
    if (n >= 4)
        return _mm256_setr_epi64x(sek_le32(bytes), sek_le32(bytes + n - 4), 0, 0);
    for (size_t i = 0; i < n; i++)
        x = x << 8 | bytes[i];
    return _mm256_setr_epi64x((long long)x, 0, 0, 0);
}

/* The last step looks again at some of the bytes before it. */
__attribute__((target("avx2"))) static inline Sum add_run(Sum s, SekKeyRun run) {
    if (run.n < STEP)
        return add(s, few(run.at, run.n));
    for (uint32_t i = 0; i + STEP <= run.n; i += STEP)
        s = add(s, load(run.at + i));
    return run.n % STEP ? add(s, load(run.at + run.n - STEP)) : s;
}

__attribute__((target("avx2"))) static uint64_t hash(const SekKeyRun *runs, uint32_t n_runs) {
    Sum s = {_mm256_set1_epi64x(n_runs), _mm256_setr_epi64x(0x1b873593cc9e2d51, 0x38b34ae5a1e38b93,
                                                            0x2b592653c4ceb9fe, 0x165667b19e3779f9)};
    for (uint32_t i = 0; i < n_runs; i++)
        s = add_run(s, runs[i]);
    uint64_t lanes[4];
    _mm256_storeu_si256((__m256i *)(void *)lanes, s.sum);
    uint64_t h = (lanes[0] ^ lanes[0] >> 32) * 0x9e3779b97f4a7c15u + (lanes[1] ^ lanes[1] >> 29) * 0xc2b2ae3d27d4eb4fu;
    h ^= (lanes[2] ^ lanes[2] >> 31) * 0x165667b19e3779f9u + (lanes[3] ^ lanes[3] >> 33) * 0x85ebca77c2b2ae63u;
    return h ^ h >> 32;
}

__attribute__((target("avx2"))) static inline __m256i differ(const uint8_t *bytes, const uint8_t *low) {
    return _mm256_xor_si256(load(bytes), _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)low)));
}

/* The last step looks again at some of the units before it. */
__attribute__((target("avx2"))) static bool is_low(const uint8_t *bytes, size_t units, const uint8_t *low) {
    __m256i seen = differ(bytes + 2 * (units - UNITS), low + units - UNITS);
    for (size_t i = 0; i + UNITS < units; i += UNITS)
        seen = _mm256_or_si256(seen, differ(bytes + 2 * i, low + i));
    return _mm256_testz_si256(seen, seen);
}

/* The same of bytes as they are; the last step looks again at some of those before it. */
__attribute__((target("avx2"))) static inline bool is_same(const uint8_t *bytes, uint32_t n, const uint8_t *kept) {
    __m256i seen;
    if (n < STEP) {
        seen = _mm256_xor_si256(few(bytes, n), few(kept, n));
        return _mm256_testz_si256(seen, seen);
    }
    seen = _mm256_xor_si256(load(bytes + n - STEP), load(kept + n - STEP));
    for (uint32_t i = 0; i + STEP < n; i += STEP)
        seen = _mm256_or_si256(seen, _mm256_xor_si256(load(bytes + i), load(kept + i)));
    return _mm256_testz_si256(seen, seen);
}

__attribute__((target("avx2"))) static bool same(const SekKeyRun *runs, uint32_t n_runs, const uint8_t *kept, uint64_t narrow) {
    for (uint32_t i = 0; i < n_runs; i++) {
        uint32_t n = runs[i].n;
        bool low = narrow >> i & 1;
        if (low ? !is_low(runs[i].at, n / 2, kept) : !is_same(runs[i].at, n, kept))
            return false;
        kept += low ? n / 2 : n;
    }
    return true;
}

bool sek_key_bytes_avx2(SekKeyBytes *out) {
    *out = (SekKeyBytes){hash, same};
    return __builtin_cpu_supports("avx2");
}
