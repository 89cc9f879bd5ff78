/* SPDX-License-Identifier: Apache-2.0 */
/* One 64 KiB chunk under construction, with its name and template tables.
 *
 *      0  "ElfChnk\0"
 *      8  first, last record number (8 + 8)        40  header size 128 (4)
 *     24  first, last record id (8 + 8)            44  offset of the last record (4)
 *     48  offset of the free space (4)             52  CRC32 of the records (4)
 *    120  flags (4)                               124  CRC32 of bytes 0-119 and 128-511 (4)
 *    128  64 name buckets (4 each)                384  32 template buckets (4 each)
 *    512  records
 *
 * Layout: libyal "Windows XML Event Log (EVTX) format", sections 4 to 6, checked against real
 * logs. Names and template definitions are written inline at first use and chained: a new entry
 * points to the older one of its bucket, so dropping the newest entries only restores buckets. */
#pragma once

#include "evtxgen/gen_template.h"

enum {
    SEK_GEN_CHUNK_BYTES = 65536,
    SEK_GEN_CHUNK_HEADER_BYTES = 512,
    SEK_GEN_NAME_BUCKETS = 64,
    SEK_GEN_TEMPLATE_BUCKETS = 32,
    SEK_GEN_TEMPLATES_PER_CHUNK = 1024
};

typedef struct SekGenChunk {
    SekGenBuf buf; /* limit: one chunk; offsets in it are chunk offsets */
    uint32_t names[SEK_GEN_NAME_BUCKETS];
    uint32_t templates[SEK_GEN_TEMPLATE_BUCKETS];
    struct {
        const SekGenTemplate *tmpl;
        uint32_t off;
    } defined[SEK_GEN_TEMPLATES_PER_CHUNK];
    size_t n_defined;
    uint64_t first_id, last_id;
    uint32_t last_record_off;
    size_t n_records;
} SekGenChunk;

/* What must be restored to drop a record that did not fit. */
typedef struct SekGenChunkMark {
    size_t len;
    size_t n_defined;
    uint32_t names[SEK_GEN_NAME_BUCKETS];
    uint32_t templates[SEK_GEN_TEMPLATE_BUCKETS];
} SekGenChunkMark;

void sek_gen_chunk_init(SekGenChunk *chunk);
void sek_gen_chunk_deinit(SekGenChunk *chunk);

/* Empties the chunk, keeping its memory. */
void sek_gen_chunk_reset(SekGenChunk *chunk);

void sek_gen_chunk_mark(const SekGenChunk *chunk, SekGenChunkMark *out_mark);
void sek_gen_chunk_restore(SekGenChunk *chunk, const SekGenChunkMark *mark);

/* Writes the header and both checksums into the first 512 bytes. */
void sek_gen_chunk_seal(SekGenChunk *chunk, bool no_crc);

/* Writes the offset of a name, and the name itself when the chunk does not have it yet. */
void sek_gen_chunk_put_name(SekGenChunk *chunk, const char *utf8, size_t n);

/* The offset of a template's definition, 0 when the chunk does not have it yet. */
uint32_t sek_gen_chunk_find_template(const SekGenChunk *chunk, const SekGenTemplate *tmpl);

/* Notes that the definition starts at `off` (its next-offset field is there) and returns the
 * offset of the older definition in the same bucket, 0 when there is none. */
uint32_t sek_gen_chunk_define_template(SekGenChunk *chunk, const SekGenTemplate *tmpl, uint32_t off);
