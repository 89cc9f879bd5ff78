/* SPDX-License-Identifier: Apache-2.0 */
/* Marks of 64 bytes in one step each. */
#include "event/text_span.h"

#include <immintrin.h>

#define WIDE __attribute__((target("avx512f,avx512bw")))

_Static_assert(SEK_MARK_BLOCK == 64u, "a block is marked in one step");

WIDE static inline uint64_t is(__m512i bytes, char c) {
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(c));
}

WIDE static void mark_xml(SekTextMarks *m) {
    for (size_t i = 0; i < m->blocks; i++) {
        __m512i bytes = _mm512_loadu_si512(m->from + i * SEK_MARK_BLOCK);
        uint64_t both = is(bytes, '&') | _mm512_movepi8_mask(bytes);
        m->ends[i] = is(bytes, '<') | both;
        m->others[i] = is(bytes, '\'') | is(bytes, '"') | both;
    }
}

WIDE static void mark_csv(SekTextMarks *m, char separator) {
    for (size_t i = 0; i < m->blocks; i++) {
        __m512i bytes = _mm512_loadu_si512(m->from + i * SEK_MARK_BLOCK);
        uint64_t both = is(bytes, '"') | _mm512_movepi8_mask(bytes);
        m->ends[i] = is(bytes, separator) | is(bytes, '\n') | is(bytes, '\r') | both;
        m->others[i] = both;
    }
}

static void mark(SekTextMarks *m, bool csv, char separator) {
    if (csv)
        mark_csv(m, separator);
    else
        mark_xml(m);
}

bool sek_span_form_avx512(SekSpanForm *out) {
    if (!sek_span_form_avx2(out))
        return false;
    out->mark = mark;
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
}
