/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/probe.h"

#include <immintrin.h>

#define STEP 32u

_Static_assert(SEK_TEXT_PAD >= STEP, "the last step reads over the end of the text");

/* Where the two rarest bytes of the literal stand as far from each other as in it, the rest is compared. */
__attribute__((target("avx2"))) static bool find(SekStr text, const SekProbe *probe) {
    if (text.len < probe->len)
        return false;
    size_t last = text.len - probe->len; /* place where it can begin */
    const char *first = text.ptr + probe->rare[0], *second = text.ptr + probe->rare[1];
    const __m256i a = _mm256_set1_epi8(probe->literal[probe->rare[0]]);
    const __m256i b = _mm256_set1_epi8(probe->literal[probe->rare[1]]);
    for (size_t at = 0; at <= last; at += STEP) {
        __m256i x = _mm256_cmpeq_epi8(a, _mm256_loadu_si256((const __m256i *)(const void *)(first + at)));
        __m256i y = _mm256_cmpeq_epi8(b, _mm256_loadu_si256((const __m256i *)(const void *)(second + at)));
        uint32_t places = (uint32_t)_mm256_movemask_epi8(_mm256_and_si256(x, y));
        if (last - at < STEP - 1)
            places &= (2u << (last - at)) - 1;
        for (; places; places &= places - 1)
            if (sek_probe_stands(probe, text.ptr + at + __builtin_ctz(places)))
                return true;
    }
    return false;
}

SekFind sek_find_avx2(void) {
    return __builtin_cpu_supports("avx2") ? find : NULL;
}
