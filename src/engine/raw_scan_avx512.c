/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/raw_scan.h"

#include <immintrin.h>

#define STEP 64u
#define WIDE __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi")))

/* The sets of all ASCII characters at one place of the window. */
typedef struct Table {
    __m512i low, high;
} Table;

typedef struct Window {
    Table place[SEK_RAW_WINDOW];
} Window;

WIDE static inline Window load_window(const SekRawScan *scan) {
    Window w;
    for (uint32_t i = 0; i < SEK_RAW_WINDOW; i++)
        w.place[i] = (Table){_mm512_loadu_si512(scan->ascii[i]), _mm512_loadu_si512(scan->ascii[i] + STEP)};
    return w;
}

/* The bytes from `bytes` on, at most STEP of the `n` that there are, zeros behind. */
WIDE static inline __m512i load_some(const uint8_t *bytes, size_t n) {
    return _mm512_maskz_loadu_epi8(n < STEP ? ((uint64_t)1 << n) - 1 : UINT64_MAX, bytes);
}

/* Bit i: a window may begin at byte i. */
WIDE static inline uint64_t step(const Window *w, __m512i a, __m512i b, __m512i c) {
    __m512i x = _mm512_permutex2var_epi8(w->place[0].low, a, w->place[0].high);
    __m512i y = _mm512_permutex2var_epi8(w->place[1].low, b, w->place[1].high);
    __m512i z = _mm512_permutex2var_epi8(w->place[2].low, c, w->place[2].high);
    __m512i sets = _mm512_ternarylogic_epi64(x, y, z, 0x80);   /* and */
    __m512i beyond = _mm512_ternarylogic_epi64(a, b, c, 0xfe); /* or: its highest bits say what is not ASCII */
    return _mm512_test_epi8_mask(sets, sets) & ~_mm512_movepi8_mask(beyond);
}

WIDE static inline size_t next_by(const SekRawScan *scan, const uint8_t *bytes, size_t n, size_t at, unsigned unit) {
    size_t span = unit * (SEK_RAW_WINDOW - 1) + 1; /* bytes of a window, from its first low byte to its last */
    Window w = load_window(scan);
    for (; at + STEP + span <= n; at += STEP) {
        const uint8_t *p = bytes + at;
        uint64_t found = step(&w, _mm512_loadu_si512(p), _mm512_loadu_si512(p + unit), _mm512_loadu_si512(p + 2 * (size_t)unit));
        if (found)
            return at + (size_t)__builtin_ctzll(found);
    }
    for (; at + span <= n; at += STEP) {
        const uint8_t *p = bytes + at;
        size_t left = n - at, places = left - span + 1;
        uint64_t found = step(&w, load_some(p, left), load_some(p + unit, left - unit),
                              load_some(p + 2 * (size_t)unit, left - 2 * (size_t)unit));
        if (places < STEP)
            found &= ((uint64_t)1 << places) - 1;
        if (found)
            return at + (size_t)__builtin_ctzll(found);
    }
    return n;
}

WIDE static size_t next(const SekRawScan *scan, const uint8_t *bytes, size_t n, size_t at, unsigned unit) {
    return unit == 2 ? next_by(scan, bytes, n, at, 2) : next_by(scan, bytes, n, at, 1);
}

SekRawNext sek_raw_next_avx512(void) {
    return __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
               ? next
               : NULL;
}
