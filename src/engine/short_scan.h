/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Short scan: which of eight short literals stand in a text, all asked in one pass. For each byte of a literal there are two
 * tables, of its low and of its high half, in which bit i says that literal i has it there; where both agree for all bytes
 * the literal stands. */

#include "base/str.h"

#define SEK_SHORT_LITERALS 8u
#define SEK_SHORT_BYTES 3u /* of one */

typedef struct SekShortScan {
    uint8_t low[SEK_SHORT_BYTES][16], high[SEK_SHORT_BYTES][16];
    uint32_t n;
} SekShortScan;

/* Adds a literal of 1 to SEK_SHORT_BYTES bytes, none of them NUL, to a scan that was zero-initialised and has room. */
void sek_short_scan_add(SekShortScan *scan, SekStr literal);

/* Bit i: literal i stands in the text. */
typedef uint8_t (*SekShortFind)(const SekShortScan *scan, SekStr text);

/* The fastest form that this processor runs; all give the same answers. */
SekShortFind sek_short_find_best(void);
uint8_t sek_short_find_plain(const SekShortScan *scan, SekStr text);
SekShortFind sek_short_find_avx2(void); /* NULL where there is none */
SekShortFind sek_short_find_avx512(void); /* the same */

/* What is behind the end counts as NUL. */
static inline uint8_t sek_short_sets(const SekShortScan *scan, SekStr text, size_t at) {
    uint8_t sets = UINT8_MAX;
    for (size_t i = 0; i < SEK_SHORT_BYTES; i++) {
        uint8_t byte = at + i < text.len ? (uint8_t)text.ptr[at + i] : 0;
        sets &= scan->low[i][byte & 15] & scan->high[i][byte >> 4];
    }
    return sets;
}
