/* SPDX-License-Identifier: Apache-2.0 */
/* EVTX file writer: records into chunks, chunks into the file; see the header.
 *
 * Record: 2a 2a 00 00 | size(4) | id(8) | FILETIME(8) | BinXML | padding to 8 | size(4)
 *
 * File header (4096 bytes): "ElfFile\0", first and last chunk number (8 + 8), next record id (8),
 * 128 (4), minor and major version (2 + 2), 4096 (2), number of chunks (2), at 120 flags (4), at
 * 124 the CRC32 of bytes 0-119. */
#include "evtxgen/evtx_write.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "evtxgen/gen_binxml.h"
#include "evtxgen/gen_flatten.h"

enum {
    FILE_HEADER_BYTES = 4096,
    FILE_LIMIT_CHUNKS = 65535, /* the header's count has 16 bits */
    RECORD_HEADER_BYTES = 24,
    RECORD_ALIGN = 8,
    FLAG_DIRTY = 1,
    MAJOR_VERSION = 3
};

typedef struct OuterTemplate {
    const SekGenSource *source;
    SekGenTemplate *tmpl;
} OuterTemplate;

struct SekGenWriter {
    SekGenWriterOptions options;
    SekGenChunk chunk;
    SekGenBuf memory; /* the file, unless options.file */
    uint64_t next_id;
    uint64_t n_records;
    uint32_t n_chunks;
    bool finished;
    OuterTemplate *outer; /* one per source */
    size_t n_outer;
    size_t cap_outer;
    SekGenValues system;
};

static SekGenStatus put_block(SekGenWriter *w, const uint8_t *bytes, size_t n) {
    if (w->options.file) {
        return fwrite(bytes, 1, n, w->options.file) == n ? SEK_GEN_OK : SEK_GEN_IO;
    }
    sek_gen_put_bytes(&w->memory, bytes, n);
    return w->memory.failed ? SEK_GEN_NO_MEMORY : SEK_GEN_OK;
}

SekGenStatus sek_gen_writer_open(const SekGenWriterOptions *options, SekGenWriter **out_writer) {
    static const uint8_t zeros[FILE_HEADER_BYTES];
    SekGenWriter *w = calloc(1, sizeof *w);
    if (!w) {
        return SEK_GEN_NO_MEMORY;
    }
    w->options = options ? *options : (SekGenWriterOptions){0};
    w->next_id = 1;
    sek_gen_chunk_init(&w->chunk);
    sek_gen_buf_init(&w->memory, (size_t)FILE_LIMIT_CHUNKS * SEK_GEN_CHUNK_BYTES);
    sek_gen_values_init(&w->system);
    SekGenStatus status = put_block(w, zeros, sizeof zeros);
    if (status != SEK_GEN_OK) {
        sek_gen_writer_free(w);
        return status;
    }
    *out_writer = w;
    return SEK_GEN_OK;
}

void sek_gen_writer_free(SekGenWriter *w) {
    if (!w) {
        return;
    }
    for (size_t i = 0; i < w->n_outer; i++) {
        sek_gen_template_free(w->outer[i].tmpl);
    }
    free(w->outer);
    sek_gen_chunk_deinit(&w->chunk);
    sek_gen_buf_deinit(&w->memory);
    sek_gen_values_deinit(&w->system);
    free(w);
}

static SekGenStatus put_chunk(SekGenWriter *w) {
    static const uint8_t zeros[SEK_GEN_CHUNK_BYTES];
    if (w->n_chunks == FILE_LIMIT_CHUNKS) {
        return SEK_GEN_TOO_LARGE;
    }
    if (w->chunk.buf.failed) {
        return SEK_GEN_NO_MEMORY;
    }
    sek_gen_chunk_seal(&w->chunk, w->options.no_crc);
    size_t n = w->chunk.buf.len;
    SekGenStatus status = put_block(w, w->chunk.buf.data, n);
    if (status == SEK_GEN_OK && n < SEK_GEN_CHUNK_BYTES) {
        status = put_block(w, zeros, SEK_GEN_CHUNK_BYTES - n);
    }
    w->n_chunks++;
    sek_gen_chunk_reset(&w->chunk);
    return status;
}

SekGenStatus sek_gen_writer_next_chunk(SekGenWriter *w) {
    if (w->finished) {
        return SEK_GEN_FINISHED;
    }
    return w->chunk.n_records ? put_chunk(w) : SEK_GEN_OK;
}

/* Pads and closes the record that starts at `start`. False: it does not fit here. */
static bool end_record(SekGenWriter *w, size_t start, uint32_t flags) {
    SekGenBuf *buf = &w->chunk.buf;
    size_t room = SEK_GEN_CHUNK_BYTES - (w->options.exact_fill ? 0 : RECORD_ALIGN);
    size_t end = (buf->len + 4 + RECORD_ALIGN - 1) / RECORD_ALIGN * RECORD_ALIGN;
    if (flags & SEK_GEN_RECORD_FILL && w->options.exact_fill) {
        end = SEK_GEN_CHUNK_BYTES;
    }
    if (buf->failed || end > room) {
        return false;
    }
    (void)sek_gen_buf_grow(buf, end - 4 - buf->len); /* failure is noted and seen below */
    sek_gen_put_u32(buf, (uint32_t)(end - start));
    if (buf->failed) {
        return false;
    }
    sek_gen_set_u32(buf->data + start + 4, (uint32_t)(end - start));
    return true;
}

/* Writes the record into the current chunk, or restores the chunk. */
static SekGenStatus try_record(SekGenWriter *w, const SekGenRecord *record, const SekGenTemplate *flat) {
    SekGenChunk *chunk = &w->chunk;
    SekGenChunkMark mark;
    sek_gen_chunk_mark(chunk, &mark);
    size_t start = chunk->buf.len;
    sek_gen_put_u32(&chunk->buf, 0x2a2a);
    sek_gen_put_u32(&chunk->buf, 0);
    sek_gen_put_u64(&chunk->buf, record->record_id);
    sek_gen_put_u64(&chunk->buf, record->filetime);
    bool good = flat ? sek_gen_binxml_bare(chunk, flat)
                     : sek_gen_binxml_instance(chunk, record->root, record->values);
    if (!good && !chunk->buf.failed) {
        sek_gen_chunk_restore(chunk, &mark);
        return SEK_GEN_BAD_EVENT;
    }
    if (!end_record(w, start, record->flags)) {
        sek_gen_chunk_restore(chunk, &mark);
        return SEK_GEN_TOO_LARGE;
    }
    if (chunk->n_records++ == 0) {
        chunk->first_id = record->record_id;
    }
    chunk->last_id = record->record_id;
    chunk->last_record_off = (uint32_t)start;
    w->next_id = record->record_id + 1;
    w->n_records++;
    return SEK_GEN_OK;
}

SekGenStatus sek_gen_writer_add_record(SekGenWriter *w, const SekGenRecord *record) {
    if (w->finished) {
        return SEK_GEN_FINISHED;
    }
    sek_gen_template_seal(record->root);
    SekGenTemplate *flat = NULL;
    if (record->flags & SEK_GEN_RECORD_BARE) {
        flat = sek_gen_flatten(record->root, record->values);
        if (!flat) {
            return SEK_GEN_BAD_EVENT;
        }
    }
    SekGenStatus status = try_record(w, record, flat);
    if (status == SEK_GEN_TOO_LARGE && w->chunk.n_records) {
        status = sek_gen_writer_next_chunk(w);
        if (status == SEK_GEN_OK) {
            status = try_record(w, record, flat);
        }
    }
    sek_gen_template_free(flat);
    return status;
}

/* The outer template of `source`, made at its first use. NULL: memory is short. */
static SekGenTemplate *outer_template(SekGenWriter *w, const SekGenSource *source) {
    for (size_t i = 0; i < w->n_outer; i++) {
        if (w->outer[i].source == source) {
            return w->outer[i].tmpl;
        }
    }
    if (w->n_outer == w->cap_outer) {
        size_t cap = w->cap_outer ? w->cap_outer * 2 : 8;
        OuterTemplate *outer = realloc(w->outer, cap * sizeof *outer);
        if (!outer) {
            return NULL;
        }
        w->outer = outer;
        w->cap_outer = cap;
    }
    SekGenTemplate *tmpl = sek_gen_system_template(source);
    if (tmpl) {
        w->outer[w->n_outer++] = (OuterTemplate){.source = source, .tmpl = tmpl};
    }
    return tmpl;
}

SekGenStatus sek_gen_writer_add_flags(SekGenWriter *w, const SekGenSource *source, const SekGenEvent *event,
                                      uint32_t flags) {
    if (w->finished) {
        return SEK_GEN_FINISHED;
    }
    SekGenTemplate *root = outer_template(w, source);
    if (!root) {
        return SEK_GEN_NO_MEMORY;
    }
    sek_gen_values_clear(&w->system);
    sek_gen_system_values(&w->system, source, event);
    return sek_gen_writer_add_record(w, &(SekGenRecord){.record_id = event->record_id,
                                                        .filetime = event->filetime,
                                                        .root = root,
                                                        .values = &w->system,
                                                        .flags = flags});
}

SekGenStatus sek_gen_writer_add(SekGenWriter *w, const SekGenSource *source, const SekGenEvent *event) {
    return sek_gen_writer_add_flags(w, source, event, 0);
}

static void make_file_header(const SekGenWriter *w, uint8_t *header) {
    memset(header, 0, FILE_HEADER_BYTES);
    memcpy(header, "ElfFile", 8);
    sek_gen_set_u64(header + 16, w->n_chunks ? w->n_chunks - 1 : 0);
    sek_gen_set_u64(header + 24, w->next_id);
    sek_gen_set_u32(header + 32, 128);
    sek_gen_set_u16(header + 36, w->options.minor ? w->options.minor : 1);
    sek_gen_set_u16(header + 38, MAJOR_VERSION);
    sek_gen_set_u16(header + 40, FILE_HEADER_BYTES);
    sek_gen_set_u16(header + 42, (uint16_t)w->n_chunks);
    sek_gen_set_u32(header + 120, w->options.dirty ? FLAG_DIRTY : 0);
    if (!w->options.no_crc) {
        sek_gen_set_u32(header + 124, (uint32_t)crc32(0, header, 120));
    }
}

SekGenStatus sek_gen_writer_finish(SekGenWriter *w) {
    uint8_t header[FILE_HEADER_BYTES];
    if (w->finished) {
        return SEK_GEN_FINISHED;
    }
    bool last = w->chunk.n_records || w->n_chunks == 0; /* an empty log has one empty chunk */
    SekGenStatus status = last ? put_chunk(w) : SEK_GEN_OK;
    if (status != SEK_GEN_OK) {
        return status;
    }
    w->finished = true;
    make_file_header(w, header);
    if (!w->options.file) {
        memcpy(w->memory.data, header, sizeof header);
        return SEK_GEN_OK;
    }
    bool good = fseek(w->options.file, 0, SEEK_SET) == 0 &&
                fwrite(header, 1, sizeof header, w->options.file) == sizeof header &&
                fseek(w->options.file, 0, SEEK_END) == 0 && fflush(w->options.file) == 0;
    return good ? SEK_GEN_OK : SEK_GEN_IO;
}

const uint8_t *sek_gen_writer_bytes(const SekGenWriter *w, size_t *out_n) {
    *out_n = w->memory.len;
    return w->memory.data;
}

uint64_t sek_gen_writer_n_records(const SekGenWriter *w) {
    return w->n_records;
}

uint32_t sek_gen_writer_n_chunks(const SekGenWriter *w) {
    return w->n_chunks;
}
