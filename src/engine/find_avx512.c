/* SPDX-License-Identifier: Apache-2.0 */
/* A literal in a text by AVX-512: 64 places at once where its two rarest bytes may stand. Reads nothing behind the text but
 * the eight bytes from a place on (SEK_TEXT_PAD); owns nothing. */
#include "engine/probe.h"

#include <immintrin.h>

#define STEP 64u
#define WIDE __attribute__((target("avx512f,avx512bw")))

/* Bit i: both bytes stand there. One test of what either lacks: two masks would have to meet outside of the vectors. */
WIDE static inline uint64_t both(__m512i a, __m512i first, __m512i b, __m512i second) {
    __m512i lacks = _mm512_ternarylogic_epi64(_mm512_xor_si512(a, first), b, second, 0xf6); /* x | (y ^ z) */
    return _mm512_testn_epi8_mask(lacks, lacks);
}

static inline bool any_stands(const SekProbe *probe, const char *at, uint64_t places) {
    for (; places; places &= places - 1)
        if (sek_probe_stands(probe, at + __builtin_ctzll(places)))
            return true;
    return false;
}

/* Where the two rarest bytes of the literal stand as far from each other as in it, the rest is compared. What would be
 * read behind the end is masked out of the last step, which for most values is the only one. */
WIDE static bool find(SekStr text, const SekProbe *probe) {
    if (text.len < probe->len)
        return false;
    size_t n = text.len - probe->len + 1, at = 0; /* places where it can begin */
    const char *first = text.ptr + probe->rare[0], *second = text.ptr + probe->rare[1];
    const __m512i a = _mm512_set1_epi8(probe->literal[probe->rare[0]]), b = _mm512_set1_epi8(probe->literal[probe->rare[1]]);
    uint64_t places;
    for (; n - at > STEP; at += STEP) {
        places = both(a, _mm512_loadu_si512(first + at), b, _mm512_loadu_si512(second + at));
        if (places && any_stands(probe, text.ptr + at, places))
            return true;
    }
    uint64_t rest = UINT64_MAX >> (STEP - (n - at));
    places = rest & both(a, _mm512_maskz_loadu_epi8(rest, first + at), b, _mm512_maskz_loadu_epi8(rest, second + at));
    return any_stands(probe, text.ptr + at, places);
}

SekFind sek_find_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") ? find : NULL;
}
