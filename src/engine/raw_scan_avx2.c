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
    __m256i sets = sets_of(w->place[0], bytes);
    for (uint32_t i = 1; i < SEK_RAW_WINDOW; i++)
        sets = _mm256_and_si256(sets, sets_of(w->place[i], bytes + (size_t)unit * i));
    return ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(sets, _mm256_setzero_si256()));
}

static bool any_stands(const SekRawScan *scan, const uint8_t *bytes, size_t n, size_t at, unsigned unit, uint32_t found) {
    for (; found; found &= found - 1)
        if (sek_raw_scan_stands(scan, bytes, n, at + (size_t)__builtin_ctz(found), unit))
            return true;
    return false;
}

/* Fewer bytes than a step and its windows take: with zeros behind them. */
__attribute__((target("avx2"))) static inline bool few_hit(const SekRawScan *scan, const Window *w, const uint8_t *bytes,
                                                           size_t n, unsigned unit) {
    uint8_t few[4 * STEP] = {0};
    size_t span = sek_raw_span(unit);
    memcpy(few, bytes, n);
    for (size_t at = 0; at + span <= n; at += STEP) {
        size_t places = n - at - span + 1;
        uint32_t found = step(w, few + at, unit);
        if (places < STEP)
            found &= ((uint32_t)1 << places) - 1;
        if (found && any_stands(scan, bytes, n, at, unit, found))
            return true;
    }
    return false;
}

/* The last places, where no more than a short window fits. */
static inline bool end_hits(const SekRawScan *scan, const uint8_t *bytes, size_t n, unsigned unit) {
    for (size_t at = n - unit * (SEK_RAW_WINDOW - 1); scan->has_short && at + sek_raw_span(unit) <= n; at++)
        if (sek_raw_scan_stands(scan, bytes, n, at, unit))
            return true;
    return false;
}

__attribute__((target("avx2"), always_inline)) static inline bool hits_by(const SekRawScan *scan, const uint8_t *bytes,
                                                                          size_t n, unsigned unit) {
    size_t reach = STEP + unit * (SEK_RAW_WINDOW - 1), at = 0; /* bytes that a step looks at */
    Window w;
    for (uint32_t i = 0; i < SEK_RAW_WINDOW; i++)
        w.place[i] = load_tables(scan, i);
    if (n < reach)
        return few_hit(scan, &w, bytes, n, unit);
    for (; at + reach <= n; at += STEP) {
        uint32_t found = step(&w, bytes + at, unit);
        if (found && any_stands(scan, bytes, n, at, unit, found))
            return true;
    }
    size_t last = n - reach; /* the last step looks again at what is before `at` */
    uint32_t found = at < last + STEP ? step(&w, bytes + last, unit) & ~0u << (at - last) : 0;
    return (found && any_stands(scan, bytes, n, last, unit, found)) || end_hits(scan, bytes, n, unit);
}

__attribute__((target("avx2"))) static bool hits(const SekRawScan *scan, const uint8_t *bytes, size_t n, unsigned unit) {
    if (n < sek_raw_span(unit))
        return false;
    return unit == 2 ? hits_by(scan, bytes, n, 2) : hits_by(scan, bytes, n, 1);
}

SekRawHits sek_raw_hits_avx2(void) {
    return __builtin_cpu_supports("avx2") ? hits : NULL;
}
