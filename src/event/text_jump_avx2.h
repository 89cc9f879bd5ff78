/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the ways to read records along their jumps by wide registers have in common (text_json_jump_avx2.c,
 * text_span_avx2.c). For files that are compiled for x86-64 alone. */

#include "base/bytes.h"
#include "event/text_marks.h"
#include "event/text_trail.h"

#include <immintrin.h>

#define SEK_AVX2 __attribute__((target("avx2,bmi,bmi2")))
#define SEK_WIDE_STEP 32u
#define SEK_WIDE_AT_ONCE 57u /* marks that an unaligned load gives, whatever bit it begins with */

_Static_assert(SEK_TRAIL_HEAD == SEK_WIDE_STEP, "a head is compared in one step");

SEK_AVX2 static inline __m256i sek_wide_load(const char *at) {
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

/* True when the bytes of a jump that is quick stand at `at`; so many are there. */
SEK_AVX2 static inline bool sek_wide_stands(const SekTrailJump *jump, const char *at) {
    uint32_t same = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(sek_wide_load(at), sek_wide_load(jump->head)));
    if (jump->len > SEK_WIDE_STEP) {
        uint32_t behind = jump->len - SEK_WIDE_STEP;
        __m256i rest = _mm256_cmpeq_epi8(sek_wide_load(at + behind), sek_wide_load(jump->bytes + behind));
        same &= (uint32_t)_mm256_movemask_epi8(rest);
    }
    return (~same & jump->counts) == 0;
}

/* How many bytes from `at` on have no mark, SEK_WIDE_AT_ONCE or more when they are many. */
SEK_AVX2 static inline unsigned sek_wide_unmarked(const SekTextMarks *m, const uint64_t *marks, const char *at) {
    size_t place = (size_t)(at - m->from);
    return (unsigned)_tzcnt_u64(sek_le64((const uint8_t *)marks + place / 8) >> place % 8);
}

/* Lays the marks over the bytes from `at` on, which stand between `begin` and `end`; they are to be filled then. False
 * when the end is near. */
static inline bool sek_wide_place_marks(SekTextMarks *m, const char *at, const char *begin, const char *end) {
    size_t before = (uintptr_t)at % SEK_MARK_BLOCK, left = (size_t)(end - at);
    if (left < 2 * SEK_MARK_BLOCK)
        return false;
    if (before > (size_t)(at - begin))
        before = 0; /* lines of the cache are read whole, but nothing before the text is */
    left = (left + before) / SEK_MARK_BLOCK;
    m->from = at - before;
    m->blocks = left < SEK_MARK_BLOCKS ? left : SEK_MARK_BLOCKS;
    m->reach = (m->blocks - 1) * SEK_MARK_BLOCK;
    return true;
}

/* True when the SEK_WIDE_AT_ONCE bytes from `at` on are marked. */
static inline bool sek_wide_is_marked(const SekTextMarks *m, const char *at) {
    size_t place = (uintptr_t)at - (uintptr_t)m->from; /* before the marks: a large number */
    return m->from && place <= m->reach;
}
