/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Key bytes: hashing and comparing the values by which answers are recalled, as they lie in the record. There is a
 * plain form and one for AVX2. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Runs of fewer bytes are not narrowed: the wide form compares so many at a time. */
#define SEK_NARROW_FROM 32u

typedef struct SekKeyBytes {
    /* A number made of all bytes and how many they are. Keys are compared as well, so a weak hash costs only time. */
    uint64_t (*hash)(const uint8_t *bytes, size_t n);
    /* True when the low bytes of the UTF-16LE units, at least SEK_NARROW_FROM / 2 of them, are `low` and their high
     * bytes are zero. */
    bool (*is_low)(const uint8_t *bytes, size_t units, const uint8_t *low);
} SekKeyBytes;

/* The fastest form that this processor runs. Their hashes differ. */
SekKeyBytes sek_key_bytes_best(void);
SekKeyBytes sek_key_bytes_plain(void);
bool sek_key_bytes_avx2(SekKeyBytes *out); /* false where there is none */
