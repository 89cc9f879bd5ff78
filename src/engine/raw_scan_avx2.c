/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/raw_scan.h"

#include <immintrin.h>
#include <string.h>

#define STEP 32u

typedef struct Tables {
    __m256i low, high;
} Tables;

__attribute__((target("avx2"))) static inline Tables load_tables(const SekRawScan *scan, uint32_t place) {
    const __m128i *halves = (const __m128i *)(const void *)scan->tables[place];
    return (Tables){_mm256_broadcastsi128_si256(_mm_loadu_si128(halves)),
                    _mm256_broadcastsi128_si256(_mm_loadu_si128(halves + 1))};
}

/* The sets that each of 32 bytes is in. */
__attribute__((target("avx2"))) static inline __m256i sets_of(Tables t, const uint8_t *bytes) {
    const __m256i half = _mm256_set1_epi8(15);
    __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)bytes);
    __m256i low = _mm256_and_si256(x, half), high = _mm256_and_si256(_mm256_srli_epi16(x, 4), half);
    return _mm256_and_si256(_mm256_shuffle_epi8(t.low, low), _mm256_shuffle_epi8(t.high, high));
}

typedef struct Window {
    Tables place[SEK_RAW_WINDOW];
} Window;

/* Bit i: a window may begin at byte i of 32. */
__attribute__((target("avx2"))) static inline uint32_t step(const Window *w, const uint8_t *bytes, unsigned unit) {
    __m256i sets = _mm256_and_si256(sets_of(w->place[0], bytes), sets_of(w->place[1], bytes + unit));
    sets = _mm256_and_si256(sets, sets_of(w->place[2], bytes + 2 * (size_t)unit));
    return ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(sets, _mm256_setzero_si256()));
}

/* Of fewer bytes than a step looks at: with zeros behind them, where no window begins. */
__attribute__((target("avx2"))) static inline size_t next_of_few(const SekRawScan *scan, const uint8_t *bytes, size_t n,
                                                                 size_t at, unsigned unit) {
    uint8_t few[2 * STEP] = {0};
    size_t span = unit * (SEK_RAW_WINDOW - 1) + 1; /* bytes of a window, from its first low byte to its last */
    if (n < at + span)
        return n;
    memcpy(few, bytes + at, n - at);
    Window w = {{load_tables(scan, 0), load_tables(scan, 1), load_tables(scan, 2)}};
    size_t places = n - at - span + 1;
    uint32_t found = step(&w, few, unit);
    if (places < STEP)
        found &= ((uint32_t)1 << places) - 1;
    return found ? at + (size_t)__builtin_ctz(found) : n;
}

__attribute__((target("avx2"), always_inline)) static inline size_t next_by(const SekRawScan *scan, const uint8_t *bytes,
                                                                            size_t n, size_t at, unsigned unit) {
    size_t reach = STEP + unit * (SEK_RAW_WINDOW - 1); /* bytes that a step looks at */
    if (n < reach)
        return next_of_few(scan, bytes, n, at, unit);
    Window w = {{load_tables(scan, 0), load_tables(scan, 1), load_tables(scan, 2)}};
    for (; at + reach <= n; at += STEP) {
        uint32_t found = step(&w, bytes + at, unit);
        if (found)
            return at + (size_t)__builtin_ctz(found);
    }
    size_t last = n - reach; /* the last step looks again at what is before `at` */
    uint32_t found = at < last + STEP ? step(&w, bytes + last, unit) & ~0u << (at - last) : 0;
    return found ? last + (size_t)__builtin_ctz(found) : n;
}

__attribute__((target("avx2"))) static size_t next(const SekRawScan *scan, const uint8_t *bytes, size_t n, size_t at,
                                                   unsigned unit) {
    return unit == 2 ? next_by(scan, bytes, n, at, 2) : next_by(scan, bytes, n, at, 1);
}

SekRawNext sek_raw_next_avx2(void) {
    return __builtin_cpu_supports("avx2") ? next : NULL;
}
