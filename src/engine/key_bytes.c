/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/key_bytes.h"

#include "base/bytes.h"

#define ODD 0x9e3779b97f4a7c15u
#define LANES 4u
#define STEP (8 * LANES)

static void step(uint64_t lanes[LANES], const uint8_t *p) {
    for (unsigned k = 0; k < LANES; k++) {
        lanes[k] = (lanes[k] ^ sek_le64(p + 8 * (size_t)k)) * ODD;
        lanes[k] ^= lanes[k] >> 29;
    }
}

/* The last step looks again at some of the bytes before it. */
static uint64_t hash(const uint8_t *bytes, size_t n) {
    uint64_t lanes[LANES] = {n, 1, 2, 3};
    uint8_t few[STEP] = {0};
    if (n > 0 && n < STEP) {
        memcpy(few, bytes, n);
        step(lanes, few);
    }
    for (size_t i = 0; i + STEP <= n; i += STEP)
        step(lanes, bytes + i);
    if (n >= STEP && n % STEP)
        step(lanes, bytes + n - STEP);
    uint64_t h = lanes[0];
    for (unsigned k = 1; k < LANES; k++)
        h = ((h ^ h >> 31) * ODD) ^ lanes[k];
    return (h ^ h >> 32) * ODD;
}

static bool is_low(const uint8_t *restrict bytes, size_t units, const uint8_t *restrict low) {
    uint16_t differ = 0;
    for (size_t i = 0; i < units; i++)
        differ |= (uint16_t)((bytes[2 * i] | bytes[2 * i + 1] << 8) ^ low[i]);
    return differ == 0;
}

SekKeyBytes sek_key_bytes_plain(void) {
    return (SekKeyBytes){hash, is_low};
}

SekKeyBytes sek_key_bytes_best(void) {
    SekKeyBytes wide;
    return sek_key_bytes_avx2(&wide) ? wide : sek_key_bytes_plain();
}
