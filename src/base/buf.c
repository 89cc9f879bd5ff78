/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_CAPACITY 256u

void sek_buf_init(SekBuf *buf, size_t max_bytes) {
    *buf = (SekBuf){.max = max_bytes};
}

void sek_buf_deinit(SekBuf *buf) {
    free(buf->data);
    *buf = (SekBuf){.max = buf->max};
}

void sek_buf_clear(SekBuf *buf) {
    buf->len = 0;
    buf->failed = SEK_OK;
}

char *sek_buf_reserve(SekBuf *buf, size_t len) {
    if (buf->failed)
        return NULL;
    if (len > buf->max - buf->len) {
        buf->failed = SEK_ERR_LIMIT;
        return NULL;
    }
    size_t need = buf->len + len;
    if (need <= buf->cap && buf->data)
        return buf->data + buf->len;
    size_t cap = buf->cap ? buf->cap : FIRST_CAPACITY < buf->max ? FIRST_CAPACITY : buf->max;
    while (cap < need)
        cap = cap > buf->max / 2 ? buf->max : cap * 2;
    char *data = realloc(buf->data, cap);
    if (!data) {
        buf->failed = SEK_ERR_MEMORY;
        return NULL;
    }
    buf->data = data;
    buf->cap = cap;
    return buf->data + buf->len;
}

void sek_buf_addf(SekBuf *buf, const char *fmt, ...) {
    if (buf->failed)
        return;
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    size_t room = buf->cap - buf->len;
    int n = vsnprintf(room ? buf->data + buf->len : NULL, room, fmt, args);
    if (n > 0 && (size_t)n < room) {
        buf->len += (size_t)n;
    } else if (n > 0) {
        char *at = sek_buf_reserve(buf, (size_t)n + 1); /* +1: vsnprintf writes a NUL */
        if (at) {
            (void)vsnprintf(at, (size_t)n + 1, fmt, again);
            buf->len += (size_t)n;
        }
    }
    va_end(again);
    va_end(args);
}

void sek_buf_add_number(SekBuf *buf, uint64_t value) {
    char digits[20]; /* of 2^64 - 1 */
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    sek_buf_add(buf, digits + at, sizeof digits - at);
}
