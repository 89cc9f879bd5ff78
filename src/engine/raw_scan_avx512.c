/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/raw_scan.h"

#include <immintrin.h>

#define STEP 64u
#define BLOCK 16u /* steps */
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

/* Bit i: a window may begin at byte i. What is no ASCII in the last place need not be told: it is compared. */
WIDE static inline uint64_t step(const Window *w, const __m512i at[SEK_RAW_WINDOW]) {
    __m512i sets = _mm512_permutex2var_epi8(w->place[0].low, at[0], w->place[0].high);
    for (uint32_t i = 1; i < SEK_RAW_WINDOW; i++)
        sets = _mm512_and_si512(sets, _mm512_permutex2var_epi8(w->place[i].low, at[i], w->place[i].high));
    __m512i beyond = _mm512_ternarylogic_epi64(at[0], at[1], at[2], 0xfe); /* or: its highest bits say what is not ASCII */
    return _mm512_test_epi8_mask(sets, sets) & ~_mm512_movepi8_mask(beyond);
}

/* What a block of steps found. It is looked at when the tables, which no call would leave in the registers, are done. */
typedef struct Found {
    size_t at; /* where the first step began */
    unsigned n;
    uint64_t any, places[BLOCK];
} Found;

static bool any_stands(const SekRawScan *scan, const uint8_t *bytes, size_t n, unsigned unit, const Found *found) {
    for (unsigned i = 0; i < found->n; i++)
        for (uint64_t places = found->places[i]; places; places &= places - 1)
            if (sek_raw_scan_stands(scan, bytes, n, found->at + i * STEP + (size_t)__builtin_ctzll(places), unit))
                return true;
    return false;
}

WIDE static inline void note(Found *found, uint64_t places) {
    found->places[found->n++] = places;
    found->any |= places;
}

/* The steps from `at` on, at most a block. */
WIDE static inline void find(const Window *w, const uint8_t *bytes, size_t n, size_t at, unsigned unit, Found *out) {
    size_t span = sek_raw_span(unit);
    __m512i place[SEK_RAW_WINDOW];
    for (; at + STEP + unit * (SEK_RAW_WINDOW - 1) <= n && out->n < BLOCK; at += STEP) {
        for (uint32_t i = 0; i < SEK_RAW_WINDOW; i++)
            place[i] = _mm512_loadu_si512(bytes + at + (size_t)unit * i);
        note(out, step(w, place));
    }
    for (; at + span <= n && out->n < BLOCK; at += STEP) {
        size_t left = n - at, places = left - span + 1;
        for (uint32_t i = 0; i < SEK_RAW_WINDOW; i++) {
            size_t before = (size_t)unit * i;
            place[i] = load_some(bytes + at + before, left > before ? left - before : 0);
        }
        note(out, step(w, place) & (places < STEP ? ((uint64_t)1 << places) - 1 : UINT64_MAX));
    }
}

WIDE static inline bool hits_by(const SekRawScan *scan, const uint8_t *bytes, size_t n, unsigned unit) {
    Window w = load_window(scan);
    Found found;
    for (size_t at = 0; at + sek_raw_span(unit) <= n; at += BLOCK * STEP) {
        found.at = at;
        found.n = 0;
        found.any = 0;
        find(&w, bytes, n, at, unit, &found);
        if (found.any && any_stands(scan, bytes, n, unit, &found))
            return true;
    }
    return false;
}

WIDE static bool hits(const SekRawScan *scan, const uint8_t *bytes, size_t n, unsigned unit) {
    return unit == 2 ? hits_by(scan, bytes, n, 2) : hits_by(scan, bytes, n, 1);
}

SekRawHits sek_raw_hits_avx512(void) {
    return __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
               ? hits
               : NULL;
}
