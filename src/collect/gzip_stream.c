/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/gzip_stream.h"

#include "base/utf.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

/* RFC 1952, 2.3 */
#define HEADER 10u
#define TRAILER 8u
#define METHOD_DEFLATE 8u
enum { FLAG_HEADER_CRC = 2, FLAG_EXTRA = 4, FLAG_NAME = 8, FLAG_COMMENT = 16, FLAGS_RESERVED = 0xE0 };

#define PADDING_MAX (1u << 30) /* behind the last member: zeros of tapes, the line end of a transfer as text */

typedef enum { STEP_FIRST, STEP_BODY, STEP_NEXT, STEP_OVER } Step;

struct SekGzip {
    z_stream inflater;
    SekGzipPull pull;
    void *user;
    const uint8_t *at; /* `left` compressed bytes that were pulled and not used */
    size_t left;
    uint64_t in, out; /* used and given so far */
    uint64_t member_out; /* `out` where the member begins */
    uLong crc;
    Step step;
    bool unreadable; /* the last pull failed */
    SekBuf name;     /* of the first member */
    SekGzipReport report;
};

bool sek_gzip_begins(const uint8_t *b, size_t len) {
    return len >= 4 && b[0] == 0x1F && b[1] == 0x8B && b[2] == METHOD_DEFLATE && !(b[3] & FLAGS_RESERVED);
}

SekStatus sek_gzip_new(SekGzipPull pull, void *user, SekGzip **out) {
    SekGzip *g = calloc(1, sizeof *g);
    if (!g)
        return SEK_ERR_MEMORY;
    g->pull = pull;
    g->user = user;
    sek_buf_init(&g->name, 4 * SEK_GZIP_NAME_MAX);
    if (inflateInit2(&g->inflater, -MAX_WBITS) != Z_OK) {
        free(g);
        return SEK_ERR_MEMORY;
    }
    *out = g;
    return SEK_OK;
}

void sek_gzip_free(SekGzip *g) {
    if (!g)
        return;
    (void)inflateEnd(&g->inflater);
    sek_buf_deinit(&g->name);
    free(g);
}

const SekGzipReport *sek_gzip_report(const SekGzip *g) {
    return &g->report;
}

SekStr sek_gzip_name(const SekGzip *g) {
    return sek_buf_str(&g->name);
}

static SekGzipTrouble here(const SekGzip *g, const char *what) {
    return (SekGzipTrouble){.what = what, .in = g->in, .out = g->out};
}

static void stop(SekGzip *g, const char *what) {
    g->report.stop = here(g, what);
    g->step = STEP_OVER;
}

static void stop_at_end(SekGzip *g) {
    stop(g, g->unreadable ? "gzip: what it stands in cannot be read from here on" : "gzip: was cut here");
}

/* --- compressed bytes -------------------------------------------------------------------------- */

static bool has_more(SekGzip *g) {
    if (g->left)
        return true;
    g->unreadable = g->pull(g->user, &g->at, &g->left) != SEK_OK;
    return g->left > 0;
}

static void use(SekGzip *g, size_t n) {
    g->at += n;
    g->left -= n;
    g->in += n;
}

static bool take(SekGzip *g, uint8_t *out, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!has_more(g))
            return false;
        out[i] = *g->at;
        use(g, 1);
    }
    return true;
}

static bool skip(SekGzip *g, size_t n) {
    while (n && has_more(g)) {
        size_t step = n < g->left ? n : g->left;
        use(g, step);
        n -= step;
    }
    return n == 0;
}

static bool skip_text(SekGzip *g) {
    uint8_t byte = 1;
    while (byte && take(g, &byte, 1))
        continue;
    return byte == 0;
}

/* --- members ----------------------------------------------------------------------------------- */

static bool skip_extra(SekGzip *g) {
    uint8_t size[2];
    return take(g, size, sizeof size) && skip(g, (size_t)size[0] | (size_t)size[1] << 8);
}

/* Only that of the first member is kept: whatever follows it is the same file to its reader. */
static bool read_name(SekGzip *g) {
    char name[SEK_GZIP_NAME_MAX];
    uint8_t byte = 1;
    size_t n = 0;
    while (take(g, &byte, 1) && byte)
        if (n < sizeof name)
            name[n++] = (char)byte;
    bool first = g->step == STEP_FIRST, utf8 = sek_utf8_valid(sek_str_n(name, n));
    for (size_t i = 0; i < n && first; i++) {
        uint8_t c = (uint8_t)name[i];
        if (!utf8 && c >= 0x80)
            sek_buf_addc(&g->name, (char)(0xC0 | c >> 6));
        sek_buf_addc(&g->name, (char)(utf8 || c < 0x80 ? c : 0x80 | (c & 0x3F)));
    }
    return byte == 0;
}

/* From behind the first `got` bytes of a header, which are in `head`. */
static void begin_member(SekGzip *g, uint8_t head[HEADER], size_t got) {
    if (!take(g, head + got, HEADER - got)) {
        stop_at_end(g);
        return;
    }
    if (!sek_gzip_begins(head, HEADER)) {
        stop(g, "gzip: a header cannot be read");
        return;
    }
    uint8_t flags = head[3];
    bool whole = (!(flags & FLAG_EXTRA) || skip_extra(g)) && (!(flags & FLAG_NAME) || read_name(g)) &&
                 (!(flags & FLAG_COMMENT) || skip_text(g)) && (!(flags & FLAG_HEADER_CRC) || skip(g, 2));
    if (!whole) {
        stop_at_end(g);
        return;
    }
    (void)inflateReset(&g->inflater); /* fails only for a stream that was not begun */
    g->crc = crc32(0, NULL, 0);
    g->member_out = g->out;
    g->step = STEP_BODY;
}

static void end_member(SekGzip *g) {
    uint8_t t[TRAILER];
    if (!take(g, t, sizeof t)) {
        stop_at_end(g);
        return;
    }
    uint32_t crc = t[0] | (uint32_t)t[1] << 8 | (uint32_t)t[2] << 16 | (uint32_t)t[3] << 24;
    uint32_t length = t[4] | (uint32_t)t[5] << 8 | (uint32_t)t[6] << 16 | (uint32_t)t[7] << 24;
    if (!g->report.check.what && crc != g->crc)
        g->report.check = here(g, "gzip: the checksum of what stands before is wrong");
    else if (!g->report.check.what && length != (uint32_t)(g->out - g->member_out))
        g->report.check = here(g, "gzip: the length of what stands before is wrong");
    g->step = STEP_NEXT;
}

/* Behind a member: another one, the end, padding, or something else. */
static void next_member(SekGzip *g) {
    uint8_t head[HEADER] = {0};
    uint64_t limit = g->in + PADDING_MAX;
    bool got = false;
    g->step = STEP_OVER;
    if (has_more(g) && *g->at == 0x1F) {
        SekGzipTrouble behind = here(g, "gzip: more data stands behind its end");
        if (take(g, head, 2) && head[1] == 0x8B)
            begin_member(g, head, 2);
        else
            g->report.behind = behind;
        return;
    }
    while (!got && g->in < limit && has_more(g)) {
        got = *g->at != 0 && *g->at != '\n' && *g->at != '\r';
        if (!got)
            use(g, 1);
    }
    if (got)
        g->report.behind = here(g, "gzip: more data stands behind its end");
    else if (g->unreadable)
        stop_at_end(g);
}

/* Inflates until `out` is full, the member ends or its input does; how many bytes came out. */
static size_t inflate_some(SekGzip *g, uint8_t *out, size_t len) {
    bool more = has_more(g); /* zlib may hold what it had no room for */
    z_stream *z = &g->inflater;
    uInt in = g->left < UINT_MAX ? (uInt)g->left : UINT_MAX, room = len < UINT_MAX ? (uInt)len : UINT_MAX;
    z->next_in = (z_const Bytef *)g->at;
    z->avail_in = in;
    z->next_out = out;
    z->avail_out = room;
    int rc = inflate(z, Z_NO_FLUSH);
    size_t n = room - z->avail_out;
    use(g, in - z->avail_in);
    g->crc = crc32(g->crc, out, (uInt)n);
    g->out += n;
    if (rc == Z_STREAM_END)
        end_member(g);
    else if (rc == Z_MEM_ERROR)
        stop(g, "gzip: memory ran out");
    else if (!more && n == 0)
        stop_at_end(g);
    else if (rc != Z_OK && rc != Z_BUF_ERROR)
        stop(g, "gzip: is damaged here, the rest cannot be read");
    return n;
}

size_t sek_gzip_read(SekGzip *g, uint8_t *out, size_t len) {
    size_t n = 0;
    while (n < len && g->step != STEP_OVER) {
        uint8_t head[HEADER];
        if (g->step == STEP_FIRST)
            begin_member(g, head, 0);
        else if (g->step == STEP_NEXT)
            next_member(g);
        else
            n += inflate_some(g, out + n, len - n);
    }
    return n;
}
