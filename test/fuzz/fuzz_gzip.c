/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: any bytes as gzip, which arrive and are asked for in pieces (the first byte says how large).
 * What comes out must not depend on the pieces, must begin with what zlib makes of the same bytes, and when
 * zlib finds the first member whole, that member is no trouble.
 *
 *   clang -fsanitize=fuzzer,address,undefined -Iinclude -Isrc test/fuzz/fuzz_gzip.c <libraries>
 */

#include "collect/gzip_stream.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define OUT_MAX ((size_t)8 << 20) /* deflate makes up to 1,032 bytes of one */

static void require(bool condition) {
    if (!condition)
        abort();
}

typedef struct Pieces {
    const uint8_t *data;
    size_t size, at, piece;
} Pieces;

static SekStatus pull(void *user, const uint8_t **out, size_t *out_n) {
    Pieces *p = user;
    size_t left = p->size - p->at;
    *out = p->data + p->at;
    *out_n = left < p->piece ? left : p->piece;
    p->at += *out_n;
    return SEK_OK;
}

/* Up to OUT_MAX bytes; how many. */
static size_t read_all(Pieces pieces, size_t step, uint8_t *out, SekGzipReport *report) {
    SekGzip *gzip;
    require(sek_gzip_new(pull, &pieces, &gzip) == SEK_OK);
    size_t n = 0, got, want;
    do {
        want = OUT_MAX - n < step ? OUT_MAX - n : step;
        got = sek_gzip_read(gzip, out + n, want);
        n += got;
        require(got <= want);
    } while (got == want && want);
    *report = *sek_gzip_report(gzip);
    require(sek_gzip_name(gzip).len <= (size_t)2 * SEK_GZIP_NAME_MAX);
    sek_gzip_free(gzip);
    return n;
}

static bool same(const SekGzipTrouble *a, const SekGzipTrouble *b) {
    return a->what == b->what && a->in == b->in && a->out == b->out;
}

static void compare_with_zlib(const Pieces *p, const uint8_t *ours, size_t n, const SekGzipReport *report) {
    uint8_t *theirs = malloc(OUT_MAX);
    z_stream z = {.next_in = (z_const Bytef *)p->data, .avail_in = (uInt)p->size, .next_out = theirs, .avail_out = OUT_MAX};
    require(theirs && inflateInit2(&z, MAX_WBITS + 16) == Z_OK);
    int rc = inflate(&z, Z_NO_FLUSH);
    size_t first = OUT_MAX - z.avail_out;
    require(first <= n && memcmp(theirs, ours, first) == 0);
    if (rc == Z_STREAM_END && n < OUT_MAX) {
        require(!report->check.what || report->check.out > first || report->check.in > z.total_in);
        require(!report->stop.what || report->stop.in >= z.total_in);
    }
    (void)inflateEnd(&z);
    free(theirs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || size > 4096)
        return 0;
    Pieces whole = {.data = data + 1, .size = size - 1, .piece = size}, pieces = whole;
    pieces.piece = (data[0] & 15u) + 1u;
    uint8_t *a = malloc(OUT_MAX), *b = malloc(OUT_MAX);
    require(a && b);
    SekGzipReport of_whole, of_pieces;
    size_t n = read_all(whole, OUT_MAX, a, &of_whole), m = read_all(pieces, (size_t)(data[0] >> 4) * 97 + 1, b, &of_pieces);
    require(n == m && memcmp(a, b, n) == 0);
    if (n < OUT_MAX)
        require(same(&of_whole.check, &of_pieces.check) && same(&of_whole.stop, &of_pieces.stop) &&
                same(&of_whole.behind, &of_pieces.behind));
    compare_with_zlib(&whole, a, n, &of_whole);
    free(a);
    free(b);
    return 0;
}
