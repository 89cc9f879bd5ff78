/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Growing byte buffer with a mandatory cap and a sticky error: append freely, test once at the end.
 * After the first failed append every further one does nothing and `failed` stays set. */

#include "base/status.h"
#include "base/str.h"

typedef struct SekBuf {
    char *data;
    size_t len;
    size_t cap; /* never above max */
    size_t max; /* most bytes it may ever hold */
    SekStatus failed; /* SEK_OK, SEK_ERR_LIMIT or SEK_ERR_MEMORY */
} SekBuf;

/* `max_bytes` must be above 0. No memory is taken until the first append. */
void sek_buf_init(SekBuf *buf, size_t max_bytes);
void sek_buf_deinit(SekBuf *buf);

/* Empties the buffer, clears the error and keeps the memory. */
void sek_buf_clear(SekBuf *buf);

/* Makes room for `len` more bytes and returns where to write them, or NULL; then call advance. */
char *sek_buf_reserve(SekBuf *buf, size_t len);

static inline void sek_buf_add(SekBuf *buf, const void *bytes, size_t len) {
    bool fits = len < buf->cap - buf->len && !buf->failed;
    char *at = fits ? buf->data + buf->len : len ? sek_buf_reserve(buf, len) : NULL;
    if (!at || len == 0) /* nothing may come without an address */
        return;
    memcpy(at, bytes, len);
    buf->len += len;
}

static inline void sek_buf_addc(SekBuf *buf, char c) {
    sek_buf_add(buf, &c, 1);
}

static inline void sek_buf_add_str(SekBuf *buf, SekStr s) {
    sek_buf_add(buf, s.ptr, s.len);
}

static inline void sek_buf_adds(SekBuf *buf, const char *cstr) {
    sek_buf_add(buf, cstr, strlen(cstr));
}

void sek_buf_addf(SekBuf *buf, const char *fmt, ...) SEK_PRINTF(2, 3);

/* A decimal number. */
void sek_buf_add_number(SekBuf *buf, uint64_t value);

static inline void sek_buf_advance(SekBuf *buf, size_t len) {
    buf->len += len;
}

/* View of the content; valid until the next change. */
static inline SekStr sek_buf_str(const SekBuf *buf) {
    return (SekStr){buf->data, buf->len};
}
