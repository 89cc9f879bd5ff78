/* SPDX-License-Identifier: Apache-2.0 */
/* Chunk under construction; see the header for the layout. */
#include "evtxgen/gen_chunk.h"

#include <string.h>
#include <zlib.h>

enum {
    OFF_FLAGS = 120,
    OFF_HEADER_CRC = 124,
    OFF_NAMES = 128,
    OFF_TEMPLATES = 384,
    /* Set in every chunk of a log that Windows closed properly. */
    CHUNK_FLAGS = 1,
    NAME_LIMIT_UNITS = 1024
};

void sek_gen_chunk_init(SekGenChunk *chunk) {
    *chunk = (SekGenChunk){0};
    sek_gen_buf_init(&chunk->buf, SEK_GEN_CHUNK_BYTES);
    sek_gen_chunk_reset(chunk);
}

void sek_gen_chunk_deinit(SekGenChunk *chunk) {
    sek_gen_buf_deinit(&chunk->buf);
}

void sek_gen_chunk_reset(SekGenChunk *chunk) {
    SekGenBuf buf = chunk->buf;
    *chunk = (SekGenChunk){.buf = buf, .first_id = UINT64_MAX, .last_id = UINT64_MAX};
    sek_gen_buf_clear(&chunk->buf);
    (void)sek_gen_buf_grow(&chunk->buf, SEK_GEN_CHUNK_HEADER_BYTES); /* failure stays noted */
}

void sek_gen_chunk_mark(const SekGenChunk *chunk, SekGenChunkMark *out_mark) {
    out_mark->len = chunk->buf.len;
    out_mark->n_defined = chunk->n_defined;
    memcpy(out_mark->names, chunk->names, sizeof chunk->names);
    memcpy(out_mark->templates, chunk->templates, sizeof chunk->templates);
}

void sek_gen_chunk_restore(SekGenChunk *chunk, const SekGenChunkMark *mark) {
    chunk->buf.len = mark->len;
    chunk->buf.failed = false;
    chunk->n_defined = mark->n_defined;
    memcpy(chunk->names, mark->names, sizeof chunk->names);
    memcpy(chunk->templates, mark->templates, sizeof chunk->templates);
}

void sek_gen_chunk_seal(SekGenChunk *chunk, bool no_crc) {
    uint8_t *h = chunk->buf.data;
    memset(h, 0, SEK_GEN_CHUNK_HEADER_BYTES);
    memcpy(h, "ElfChnk", 8);
    /* A chunk without records: first number 1, all the others -1. */
    sek_gen_set_u64(h + 8, chunk->n_records ? chunk->first_id : 1);
    sek_gen_set_u64(h + 16, chunk->last_id);
    sek_gen_set_u64(h + 24, chunk->first_id);
    sek_gen_set_u64(h + 32, chunk->last_id);
    sek_gen_set_u32(h + 40, 128);
    sek_gen_set_u32(h + 44, chunk->last_record_off);
    sek_gen_set_u32(h + 48, (uint32_t)chunk->buf.len);
    for (size_t i = 0; i < SEK_GEN_NAME_BUCKETS; i++) {
        sek_gen_set_u32(h + OFF_NAMES + 4 * i, chunk->names[i]);
    }
    for (size_t i = 0; i < SEK_GEN_TEMPLATE_BUCKETS; i++) {
        sek_gen_set_u32(h + OFF_TEMPLATES + 4 * i, chunk->templates[i]);
    }
    sek_gen_set_u32(h + OFF_FLAGS, CHUNK_FLAGS);
    if (no_crc) {
        return;
    }
    size_t n = chunk->buf.len - SEK_GEN_CHUNK_HEADER_BYTES;
    sek_gen_set_u32(h + 52, (uint32_t)crc32(0, h + SEK_GEN_CHUNK_HEADER_BYTES, (uInt)n));
    uLong sum = crc32(0, h, OFF_FLAGS);
    sum = crc32(sum, h + OFF_NAMES, SEK_GEN_CHUNK_HEADER_BYTES - OFF_NAMES);
    sek_gen_set_u32(h + OFF_HEADER_CRC, (uint32_t)sum);
}

void sek_gen_chunk_put_name(SekGenChunk *chunk, const char *utf8, size_t n) {
    SekGenBuf *buf = &chunk->buf;
    size_t start = buf->len;
    size_t units = sek_gen_utf16_units(utf8, n);
    if (units > NAME_LIMIT_UNITS) {
        buf->failed = true;
    }
    /* Written as if new, then taken back when the chunk has the same name already:
     * offset (4), next (4), hash (2), count (2), characters, NUL. */
    sek_gen_put_u32(buf, (uint32_t)start + 4);
    sek_gen_put_u32(buf, 0);
    sek_gen_put_u16(buf, 0);
    sek_gen_put_u16(buf, (uint16_t)units);
    size_t text = buf->len;
    sek_gen_put_utf16(buf, utf8, n);
    sek_gen_put_u16(buf, 0);
    if (buf->failed) {
        return;
    }
    uint32_t hash = 0; /* [MS-EVEN6] 2.2.16, NameHash */
    for (size_t i = 0; i < units; i++) {
        hash = hash * 65599 + sek_gen_get_u16(buf->data + text + 2 * i);
    }
    uint32_t *bucket = &chunk->names[(hash & 0xffff) % SEK_GEN_NAME_BUCKETS];
    for (uint32_t off = *bucket; off; off = sek_gen_get_u32(buf->data + off)) {
        if (sek_gen_get_u16(buf->data + off + 6) == units &&
            memcmp(buf->data + off + 8, buf->data + text, 2 * units) == 0) {
            buf->len = start + 4;
            sek_gen_set_u32(buf->data + start, off);
            return;
        }
    }
    sek_gen_set_u32(buf->data + start + 4, *bucket);
    sek_gen_set_u16(buf->data + start + 8, (uint16_t)hash);
    *bucket = (uint32_t)start + 4;
}

uint32_t sek_gen_chunk_find_template(const SekGenChunk *chunk, const SekGenTemplate *tmpl) {
    for (size_t i = 0; i < chunk->n_defined; i++) {
        if (chunk->defined[i].tmpl == tmpl) {
            return chunk->defined[i].off;
        }
    }
    return 0;
}

uint32_t sek_gen_chunk_define_template(SekGenChunk *chunk, const SekGenTemplate *tmpl, uint32_t off) {
    if (chunk->n_defined == SEK_GEN_TEMPLATES_PER_CHUNK) {
        chunk->buf.failed = true;
        return 0;
    }
    chunk->defined[chunk->n_defined].tmpl = tmpl;
    chunk->defined[chunk->n_defined++].off = off;
    uint32_t *bucket = &chunk->templates[sek_gen_get_u32(tmpl->guid.bytes) % SEK_GEN_TEMPLATE_BUCKETS];
    uint32_t older = *bucket;
    *bucket = off;
    return older;
}
