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
static void add(uint64_t lanes[LANES], SekKeyRun run) {
    uint8_t few[STEP] = {0};
    if (run.n > 0 && run.n < STEP) {
        memcpy(few, run.at, run.n);
        step(lanes, few);
    }
    for (uint32_t i = 0; i + STEP <= run.n; i += STEP)
        step(lanes, run.at + i);
    if (run.n >= STEP && run.n % STEP)
        step(lanes, run.at + run.n - STEP);
}

static uint64_t hash(const SekKeyRun *runs, uint32_t n_runs) {
    uint64_t lanes[LANES] = {n_runs, 1, 2, 3};
    for (uint32_t i = 0; i < n_runs; i++)
        add(lanes, runs[i]);
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

static bool same(const SekKeyRun *runs, uint32_t n_runs, const uint8_t *kept, uint64_t narrow) {
    for (uint32_t i = 0; i < n_runs; i++) {
        uint32_t n = runs[i].n;
        bool low = narrow >> i & 1;
        if (low ? !is_low(runs[i].at, n / 2, kept) : n > 0 && memcmp(runs[i].at, kept, n) != 0)
            return false;
        kept += low ? n / 2 : n;
    }
    return true;
}

SekKeyBytes sek_key_bytes_plain(void) {
    return (SekKeyBytes){hash, same};
}

SekKeyBytes sek_key_bytes_best(void) {
    SekKeyBytes wide;
    return sek_key_bytes_avx2(&wide) ? wide : sek_key_bytes_plain();
}
