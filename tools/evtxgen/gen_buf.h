/* SPDX-License-Identifier: Apache-2.0 */
/* A byte buffer that grows up to a limit, with little-endian writers.
 *
 * Every writer may fail (no memory, limit reached). A failure is remembered in `failed`, later
 * writes do nothing, and the owner looks once at the end. Nothing is written partly. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct SekGenBuf {
    uint8_t *data; /* owned; NULL while empty */
    size_t len;
    size_t cap;
    size_t limit; /* len never exceeds it */
    bool failed;
} SekGenBuf;

/* Starts an empty buffer of at most `limit` bytes. */
void sek_gen_buf_init(SekGenBuf *buf, size_t limit);
void sek_gen_buf_deinit(SekGenBuf *buf);

/* Forgets content and failure, keeps the memory. */
void sek_gen_buf_clear(SekGenBuf *buf);

/* Adds `n` bytes and returns them (zeroed), or NULL when that fails. */
uint8_t *sek_gen_buf_grow(SekGenBuf *buf, size_t n);

void sek_gen_put_bytes(SekGenBuf *buf, const void *bytes, size_t n);
void sek_gen_put_u8(SekGenBuf *buf, uint8_t value);
void sek_gen_put_u16(SekGenBuf *buf, uint16_t value);
void sek_gen_put_u32(SekGenBuf *buf, uint32_t value);
void sek_gen_put_u64(SekGenBuf *buf, uint64_t value);

/* Adds the UTF-16LE form of `n` bytes of UTF-8; every byte that is not UTF-8 becomes U+FFFD. */
void sek_gen_put_utf16(SekGenBuf *buf, const char *utf8, size_t n);

/* The number of UTF-16 code units that sek_gen_put_utf16() would add. */
size_t sek_gen_utf16_units(const char *utf8, size_t n);

/* Little-endian access to memory that the caller has checked. */
void sek_gen_set_u16(uint8_t *at, uint16_t value);
void sek_gen_set_u32(uint8_t *at, uint32_t value);
void sek_gen_set_u64(uint8_t *at, uint64_t value);
uint16_t sek_gen_get_u16(const uint8_t *at);
uint32_t sek_gen_get_u32(const uint8_t *at);
uint64_t sek_gen_get_u64(const uint8_t *at);
