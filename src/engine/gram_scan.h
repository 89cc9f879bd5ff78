/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The inner loop of the matcher: the next place in a text whose 4 bytes stand in a bitmap. There is a
 * plain form and one for AVX2; which of them a processor can run is asked once, when a matcher is
 * built. They give the same answers. */

#include "base/str.h"

/* At least a kilobyte; at most 32 KiB, which stay in the first-level cache. */
#define SEK_GRAM_LOG_MIN 13u
#define SEK_GRAM_LOG_MAX 18u

/* The bit of a window in a bitmap of 2^log bits: multiplicative hash (Knuth, TAOCP vol. 3, section 6.4;
 * 2^32 / golden ratio). */
#define SEK_GRAM_MULTIPLIER 0x9e3779b1u
static inline uint32_t sek_gram_bit(uint32_t gram, uint32_t log) {
    return gram * SEK_GRAM_MULTIPLIER >> (32 - log);
}

/* The first offset from `at` on, at most text.len - 4, whose window is in the `bitmap` of 2^log bits; text.len
 * when there is none. SEK_TEXT_PAD bytes behind the text may be read. */
typedef size_t (*SekGramScan)(const uint32_t *bitmap, uint32_t log, SekStr text, size_t at);

size_t sek_gram_scan_plain(const uint32_t *bitmap, uint32_t log, SekStr text, size_t at);

/* The fastest form that this processor runs. */
SekGramScan sek_gram_scan_best(void);

/* The AVX2 form, or NULL where the program was built without it (gram_scan_avx2.c, wide_none.c). */
SekGramScan sek_gram_scan_avx2(void);
