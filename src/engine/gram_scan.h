/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The inner loop of the matcher: the next place in a text whose 4 bytes stand in a bitmap. */

#include "base/str.h"

/* 2^18 bits are 32 KiB: they stay in the first-level cache. */
#define SEK_GRAM_LOG 18u
#define SEK_GRAM_BITS (1u << SEK_GRAM_LOG)

/* The bit of a window: multiplicative hash (Knuth, TAOCP vol. 3, section 6.4; 2^32 / golden ratio). */
static inline uint32_t sek_gram_bit(uint32_t gram) {
    return gram * 0x9e3779b1u >> (32 - SEK_GRAM_LOG);
}

/* The first offset from `at` on, at most text.len - 4, whose window is in `bitmap`; text.len when there
 * is none. Uses AVX2 where the processor has it; the answer is the same. */
size_t sek_gram_scan(const uint32_t *bitmap, SekStr text, size_t at);
