/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Raw scan: whether one of some literals could stand in UTF-16LE or UTF-8 text, asked of the bytes as they lie in
 * the record: nothing is narrowed or folded, and where one value ends does not matter. Rules with keywords
 * look into every value of every event, so this is asked of nearly every record, and nearly always the
 * answer is no. A yes means only that it is worth looking properly.
 *
 * Of each literal the four neighbouring ASCII characters are taken that are rarest in events, if they can be none that
 * JSON writes with a backslash, nor a brace; three where there are no four. The low bytes of as many code units in a
 * row, or bytes of UTF-8, are looked up in tables of eight sets, whole or by their halves (the method of Teddy, from
 * Hyperscan); a place that passes is compared with the literals of its sets. The plain form and the wide ones give the
 * same answers. */

#include "base/status.h"
#include "base/str.h"

#define SEK_RAW_WINDOW 4u
#define SEK_RAW_SHORT 3u /* characters of a window that stands for a shorter literal: any may follow it, or none */
#define SEK_RAW_SETS 8u
#define SEK_RAW_MAX 48u /* literals: with more the tables let too much pass */

typedef struct SekRawScan SekRawScan;

/* True when a literal stands somewhere. `unit`: bytes from one character to the next, 1 or 2. */
typedef bool (*SekRawHits)(const SekRawScan *scan, const uint8_t *bytes, size_t n, unsigned unit);

typedef struct SekRawLiteral {
    SekStr text;     /* the ASCII (without what is written otherwise in text, if the window is) around the window, folded; borrowed */
    uint32_t window; /* where the window stands in it */
    uint8_t width;   /* of the window: SEK_RAW_SHORT or SEK_RAW_WINDOW */
    uint8_t next;    /* 1 + another literal of its set; 0 = no more */
} SekRawLiteral;

struct SekRawScan {
    /* tables[w][h][x]: the sets that hold a literal whose character w of the window can have the half-byte
     * x, low (h 0) or high (h 1). */
    uint8_t tables[SEK_RAW_WINDOW][2][16];
    uint8_t ascii[SEK_RAW_WINDOW][128]; /* the same by whole characters, so that fewer pass */
    SekRawLiteral literals[SEK_RAW_MAX];
    uint32_t n;
    size_t shortest; /* characters of the shortest literal, as far as it is looked for */
    uint8_t first[SEK_RAW_SETS]; /* of each set: 1 + a literal; 0 = none */
    bool has_short; /* windows */
    bool escaped; /* a literal's text has characters that JSON writes with a backslash, or a brace */
    SekRawHits hits;
};

void sek_raw_scan_init(SekRawScan *scan);

/* Adds a folded literal, borrowed. False when it has no three ASCII characters in a row, or there are too
 * many: then the scan must not be used. */
bool sek_raw_scan_add(SekRawScan *scan, SekStr literal);

/* False when none of the literals stands, folded, in any UTF-16 text inside the bytes, at an even or odd
 * place. */
bool sek_raw_scan_hits(const SekRawScan *scan, const uint8_t *bytes, size_t n);

/* False when none of the literals stands, folded, in the UTF-8 text; the two characters beyond ASCII that fold to
 * ASCII (U+017F, U+212A) are not looked for. */
bool sek_raw_scan_text_hits(const SekRawScan *scan, const uint8_t *text, size_t n);

/* True when one of the literals stands around a window that begins at `at`, where at least SEK_RAW_SHORT characters are
 * left. For the forms, of places that their tables let pass. */
bool sek_raw_scan_stands(const SekRawScan *scan, const uint8_t *bytes, size_t n, size_t at, unsigned unit);

bool sek_raw_hits_plain(const SekRawScan *scan, const uint8_t *bytes, size_t n, unsigned unit);

/* The forms for AVX2, and for AVX-512 with its permutation of bytes; NULL where there is none (raw_scan_avx2.c,
 * raw_scan_avx512.c, wide_none.c). */
SekRawHits sek_raw_hits_avx2(void);
SekRawHits sek_raw_hits_avx512(void);

/* Bytes that a window takes at least, from its first low byte to its last. */
static inline size_t sek_raw_span(unsigned unit) {
    return unit * (SEK_RAW_SHORT - 1) + 1;
}
