/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Key bytes: hashing and comparing the values by which answers are recalled, as they lie in the record. There is a
 * plain form and one for AVX2. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Runs of fewer bytes are not narrowed: the wide form compares so many at a time. */
#define SEK_NARROW_FROM 32u

/* Bytes of a key that lie behind one another. */
typedef struct SekKeyRun {
    const uint8_t *at; /* may be NULL when there are none */
    uint32_t n;
} SekKeyRun;

typedef struct SekKeyBytes {
    /* A number made of all bytes of the runs. Keys are compared as well, so a weak hash costs only time. */
    uint64_t (*hash)(const SekKeyRun *runs, uint32_t n_runs);
    /* True when the bytes of all runs stand at `kept`, behind one another; of run i, where `narrow` has bit i, the low
     * bytes of its UTF-16LE units alone, if their high bytes are zero. Such runs have an even number of bytes and at least
     * SEK_NARROW_FROM; there are at most 64 runs. */
    bool (*same)(const SekKeyRun *runs, uint32_t n_runs, const uint8_t *kept, uint64_t narrow);
} SekKeyBytes;

/* The fastest form that this processor runs. Their hashes differ. */
SekKeyBytes sek_key_bytes_best(void);
SekKeyBytes sek_key_bytes_plain(void);
bool sek_key_bytes_avx2(SekKeyBytes *out); /* false where there is none */
