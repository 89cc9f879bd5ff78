/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A table of values laid out: the innermost loop of reading EVTX, a few dozen values a record.
 *
 *   descriptor: size 2, type 1, unused 1        the values stand behind one another, in the same order */

#include "format/value.h"

typedef struct SekLaid {
    uint64_t types;       /* of all values, see sek_value_type_bit */
    uint64_t texts;       /* bit i: sek_value_holds_text of value i, of the first 64 */
    uint32_t bytes;       /* of all values: the caller checks that there are as many */
    uint32_t n_fragments; /* values that are a fragment or fragments, and not empty */
    uint32_t fragment;    /* the first of them; UINT32_MAX = none */
} SekLaid;

/* `values` has room for `n`, rounded up to a multiple of SEK_LAYOUT_STEP: what stands behind the n-th may be
 * overwritten. Of the descriptors and the data nothing but 4 * n bytes of descriptors is read. */
#define SEK_LAYOUT_STEP 8u
typedef SekLaid (*SekLayOut)(const uint8_t *descriptors, uint32_t n, const uint8_t *data, SekValue *values);

/* The fastest that this processor can. */
SekLayOut sek_lay_out(void);
SekLayOut sek_lay_out_plain(void);
SekLayOut sek_lay_out_avx512(void); /* NULL where there is none; four values at a time by AVX2 were no faster than one */

/* The bit of a value type in a set of types; a type and an array of it share one. */
static inline uint64_t sek_value_type_bit(uint8_t type) {
    return (uint64_t)1 << (type & 63);
}

/* True when UTF-16 text of three characters or more may stand in the bytes of such a value: in a text, a fragment, arrays of
 * them; both types have the same five low bits. */
#define SEK_TEXT_LEAST 6u
#define SEK_TEXT_BITS 0x1fu
static inline bool sek_value_holds_text(uint8_t type, uint32_t len) {
    return (type & SEK_TEXT_BITS) == SEK_VALUE_STRING && len >= SEK_TEXT_LEAST;
}
_Static_assert((SEK_VALUE_BINXML & SEK_TEXT_BITS) == SEK_VALUE_STRING, "as said");
