/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash64.h"

#include <string.h>

/* Four lanes of eight bytes, so that multiplications run beside each other. Each step is a bijection of
 * its lane: a change in one word can never be lost, changes in several cancel with the chance of 64 bits. */

#define LANES 4
#define ODD UINT64_C(0x9E3779B97F4A7C15) /* 2^64 divided by the golden ratio */

static uint64_t step(uint64_t lane, uint64_t word) {
    lane = (lane ^ word) * ODD;
    return lane << 29 | lane >> 35;
}

/* High bits to low ones and back, so that all 64 depend on all. */
static uint64_t spread(uint64_t h) {
    h = (h ^ h >> 32) * ODD;
    h = (h ^ h >> 29) * ODD;
    return h ^ h >> 32;
}

uint64_t sek_hash64(const void *bytes, size_t n) {
    const unsigned char *at = bytes;
    uint64_t lanes[LANES] = {1, 2, 3, 4}, words[LANES];
    size_t left = n;
    for (; left >= sizeof words; left -= sizeof words, at += sizeof words) {
        memcpy(words, at, sizeof words);
        for (int i = 0; i < LANES; i++)
            lanes[i] = step(lanes[i], words[i]);
    }
    memset(words, 0, sizeof words);
    if (left)
        memcpy(words, at, left);
    uint64_t h = n;
    for (int i = 0; i < LANES; i++)
        h = step(spread(h), step(lanes[i], words[i]));
    return spread(h);
}
