/* SPDX-License-Identifier: Apache-2.0 */
#include "report/pack.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#define GZIP_WINDOW (15 + 16) /* zlib: largest window, gzip wrapper */
#define LEVEL 6
#define BLOCK 49152u /* a multiple of 3: Base64 without padding between blocks */

struct SekPack {
    FILE *to;
    bool packed;
    z_stream z;
    uint8_t block[BLOCK]; /* compressed, waiting for Base64 */
    size_t n;
    SekStatus failed;
};

SekStatus sek_pack_new(FILE *to, bool packed, SekPack **out) {
    SekPack *pack = calloc(1, sizeof *pack);
    if (!pack)
        return SEK_ERR_MEMORY;
    pack->to = to;
    pack->packed = packed;
    if (packed && deflateInit2(&pack->z, LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(pack);
        return SEK_ERR_MEMORY;
    }
    *out = pack;
    return SEK_OK;
}

static void write_out(SekPack *pack, const void *bytes, size_t len) {
    if (pack->failed == SEK_OK && len && fwrite(bytes, 1, len, pack->to) != len)
        pack->failed = SEK_ERR_IO;
}

static void write_base64(SekPack *pack) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[BLOCK / 3 * 4];
    size_t at = 0;
    for (size_t i = 0; i < pack->n; i += 3) {
        size_t left = pack->n - i;
        uint32_t three = (uint32_t)pack->block[i] << 16 | (left > 1 ? (uint32_t)pack->block[i + 1] << 8 : 0) |
                         (left > 2 ? pack->block[i + 2] : 0);
        text[at++] = digits[three >> 18];
        text[at++] = digits[three >> 12 & 63];
        text[at++] = left > 1 ? digits[three >> 6 & 63] : '=';
        text[at++] = left > 2 ? digits[three & 63] : '=';
    }
    write_out(pack, text, at);
    pack->n = 0;
}

static void deflate_more(SekPack *pack, int flush) {
    int rc;
    do {
        pack->z.next_out = pack->block + pack->n;
        pack->z.avail_out = (uInt)(BLOCK - pack->n);
        rc = deflate(&pack->z, flush);
        pack->n = BLOCK - pack->z.avail_out;
        if (pack->n == BLOCK)
            write_base64(pack);
    } while (rc == Z_OK && (pack->z.avail_in > 0 || flush == Z_FINISH || pack->z.avail_out == 0));
}

void sek_pack_add(SekPack *pack, SekStr bytes) {
    if (!pack->packed) {
        write_out(pack, bytes.ptr, bytes.len);
        return;
    }
    for (size_t at = 0; at < bytes.len;) {
        size_t step = bytes.len - at < 1u << 30 ? bytes.len - at : 1u << 30; /* zlib counts in 32 bits */
        pack->z.next_in = (Bytef *)(uintptr_t)(bytes.ptr + at);
        pack->z.avail_in = (uInt)step;
        deflate_more(pack, Z_NO_FLUSH);
        at += step;
    }
}

void sek_pack_take(SekPack *pack, SekBuf *buf) {
    if (buf->failed && pack->failed == SEK_OK)
        pack->failed = buf->failed;
    sek_pack_add(pack, sek_buf_str(buf));
    sek_buf_clear(buf);
}

SekStatus sek_pack_end(SekPack *pack, SekError *err) {
    if (pack->packed) {
        deflate_more(pack, Z_FINISH);
        write_base64(pack);
        deflateEnd(&pack->z);
    }
    SekStatus status = pack->failed;
    free(pack);
    if (status == SEK_ERR_IO)
        return sek_fail(err, status, "cannot write output: %s", strerror(errno));
    return status;
}
