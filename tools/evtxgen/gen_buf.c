/* SPDX-License-Identifier: Apache-2.0 */
/* Growing byte buffer; see the header. One owner, no locking. */
#include "evtxgen/gen_buf.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 256 };

void sek_gen_buf_init(SekGenBuf *buf, size_t limit) {
    *buf = (SekGenBuf){.limit = limit};
}

void sek_gen_buf_deinit(SekGenBuf *buf) {
    free(buf->data);
    *buf = (SekGenBuf){0};
}

void sek_gen_buf_clear(SekGenBuf *buf) {
    buf->len = 0;
    buf->failed = false;
}

uint8_t *sek_gen_buf_grow(SekGenBuf *buf, size_t n) {
    if (buf->failed || n > buf->limit - buf->len) {
        buf->failed = true;
        return NULL;
    }
    if (n > buf->cap - buf->len) {
        size_t cap = buf->cap ? buf->cap : FIRST_CAPACITY;
        while (cap - buf->len < n) {
            cap = cap > buf->limit / 2 ? buf->limit : cap * 2;
        }
        uint8_t *data = realloc(buf->data, cap);
        if (!data) {
            buf->failed = true;
            return NULL;
        }
        buf->data = data;
        buf->cap = cap;
    }
    uint8_t *at = buf->data + buf->len;
    memset(at, 0, n);
    buf->len += n;
    return at;
}

void sek_gen_put_bytes(SekGenBuf *buf, const void *bytes, size_t n) {
    uint8_t *at = n ? sek_gen_buf_grow(buf, n) : NULL;
    if (at) {
        memcpy(at, bytes, n);
    }
}

void sek_gen_put_u8(SekGenBuf *buf, uint8_t value) {
    sek_gen_put_bytes(buf, &value, 1);
}

void sek_gen_put_u16(SekGenBuf *buf, uint16_t value) {
    uint8_t *at = sek_gen_buf_grow(buf, 2);
    if (at) {
        sek_gen_set_u16(at, value);
    }
}

void sek_gen_put_u32(SekGenBuf *buf, uint32_t value) {
    uint8_t *at = sek_gen_buf_grow(buf, 4);
    if (at) {
        sek_gen_set_u32(at, value);
    }
}

void sek_gen_put_u64(SekGenBuf *buf, uint64_t value) {
    uint8_t *at = sek_gen_buf_grow(buf, 8);
    if (at) {
        sek_gen_set_u64(at, value);
    }
}

/* Decodes one code point at `s` (n > 0 bytes left) and returns how many bytes it took. */
static size_t decode_utf8(const char *s, size_t n, uint32_t *out_point) {
    const uint8_t *u = (const uint8_t *)s;
    *out_point = 0xfffd;
    if (u[0] < 0x80) {
        *out_point = u[0];
        return 1;
    }
    size_t extra = u[0] >= 0xf0 ? 3 : u[0] >= 0xe0 ? 2 : 1;
    if (u[0] < 0xc2 || u[0] > 0xf4 || extra >= n) {
        return 1;
    }
    uint32_t point = u[0] & (0x3fu >> extra);
    for (size_t i = 1; i <= extra; i++) {
        if ((u[i] & 0xc0) != 0x80) {
            return 1;
        }
        point = point << 6 | (u[i] & 0x3fu);
    }
    static const uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
    if (point < smallest[extra] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
        return 1;
    }
    *out_point = point;
    return extra + 1;
}

void sek_gen_put_utf16(SekGenBuf *buf, const char *utf8, size_t n) {
    for (size_t i = 0; i < n;) {
        uint32_t point = 0;
        i += decode_utf8(utf8 + i, n - i, &point);
        if (point >= 0x10000) {
            sek_gen_put_u16(buf, (uint16_t)(0xd800 + ((point - 0x10000) >> 10)));
            sek_gen_put_u16(buf, (uint16_t)(0xdc00 + ((point - 0x10000) & 0x3ff)));
        } else {
            sek_gen_put_u16(buf, (uint16_t)point);
        }
    }
}

size_t sek_gen_utf16_units(const char *utf8, size_t n) {
    size_t units = 0;
    for (size_t i = 0; i < n;) {
        uint32_t point = 0;
        i += decode_utf8(utf8 + i, n - i, &point);
        units += point >= 0x10000 ? 2 : 1;
    }
    return units;
}

void sek_gen_set_u16(uint8_t *at, uint16_t value) {
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

void sek_gen_set_u32(uint8_t *at, uint32_t value) {
    sek_gen_set_u16(at, (uint16_t)value);
    sek_gen_set_u16(at + 2, (uint16_t)(value >> 16));
}

void sek_gen_set_u64(uint8_t *at, uint64_t value) {
    sek_gen_set_u32(at, (uint32_t)value);
    sek_gen_set_u32(at + 4, (uint32_t)(value >> 32));
}

uint16_t sek_gen_get_u16(const uint8_t *at) {
    return (uint16_t)(at[0] | at[1] << 8);
}

uint32_t sek_gen_get_u32(const uint8_t *at) {
    return (uint32_t)sek_gen_get_u16(at) | (uint32_t)sek_gen_get_u16(at + 2) << 16;
}

uint64_t sek_gen_get_u64(const uint8_t *at) {
    return (uint64_t)sek_gen_get_u32(at) | (uint64_t)sek_gen_get_u32(at + 4) << 32;
}
