/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Little-endian numbers from unaligned bytes, and a checked window on untrusted input. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t sek_le16(const uint8_t *p) {
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t sek_le32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t sek_le64(const uint8_t *p) {
    return (uint64_t)sek_le32(p) | (uint64_t)sek_le32(p + 4) << 32;
}

static inline uint32_t sek_be32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* True when `need` bytes at `off` lie inside `len` bytes; safe against overflow. */
static inline bool sek_within(size_t off, size_t need, size_t len) {
    return off <= len && need <= len - off;
}

/* A number of 1, 2, 4 or 8 bytes. */
static inline uint64_t sek_le_bytes(const uint8_t *p, uint32_t len) {
    switch (len) {
    case 1:
        return p[0];
    case 2:
        return sek_le16(p);
    case 4:
        return sek_le32(p);
    default:
        return sek_le64(p);
    }
}
