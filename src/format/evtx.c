/* SPDX-License-Identifier: Apache-2.0 */
/* File header and chunk headers of an EVTX file (libevtx "Windows XML Event Log (EVTX) format",
 * sections 2 and 3).
 *
 *   file:  0 "ElfFile\0"  8 first chunk 8  16 last chunk 8  24 next record id 8  32 header size 4
 *          36 minor 2  38 major 2  40 header block size 2  42 chunks 2  120 flags 4  124 CRC32 of 0..119
 *   chunk: 0 "ElfChnk\0"  8 first and 16 last record number 8  24 first and 32 last record id 8
 *          40 header size 4  44 last record 4  48 end of the records 4  52 CRC32 of the records
 *          120 flags 4  124 CRC32 of 0..119 and 128..511
 *
 * A checksum that is wrong is told and no more: the records decide for themselves whether they can be
 * read. The bytes are borrowed and nothing is allocated. */
#include "format/evtx.h"

#include "base/bytes.h"
#include "format/crc32.h"

#define FILE_HEADER 128u
#define CHUNK_HEADER 128u
#define CHUNK_TABLES 512u   /* header, strings and templates: records begin here */
#define CHECKED_HEADER 120u /* bytes before the flags */
#define FLAG_DIRTY 1u
#define FLAG_NO_CHECKSUM 4u /* set by Windows 10 1903 and later: format version 3.2 */

static const uint8_t file_magic[8] = {'E', 'l', 'f', 'F', 'i', 'l', 'e', 0};
static const uint8_t chunk_magic[8] = {'E', 'l', 'f', 'C', 'h', 'n', 'k', 0};

static void tell(SekDamageSink sink, void *user, SekDamage damage) {
    if (sink)
        sink(user, &damage);
}

bool sek_evtx_is_file(const uint8_t *bytes, size_t len) {
    return len >= sizeof file_magic && memcmp(bytes, file_magic, sizeof file_magic) == 0;
}

SekStatus sek_evtx_header(const uint8_t *bytes, size_t len, SekEvtxHeader *out, SekDamageSink sink,
                          void *user) {
    if (!sek_evtx_is_file(bytes, len) || len < FILE_HEADER)
        return SEK_ERR_INPUT;
    SekEvtxHeader h = {
        .first_chunk = sek_le64(bytes + 8),
        .last_chunk = sek_le64(bytes + 16),
        .next_record_id = sek_le64(bytes + 24),
        .minor = sek_le16(bytes + 36),
        .major = sek_le16(bytes + 38),
        .header_block_size = sek_le16(bytes + 40),
        .n_chunks = sek_le16(bytes + 42),
        .flags = sek_le32(bytes + 120),
    };
    uint32_t stored = sek_le32(bytes + 124), sum = sek_crc32(0, bytes, CHECKED_HEADER);
    h.checksum_ok = stored == sum || (h.flags & FLAG_NO_CHECKSUM);
    if (!h.checksum_ok)
        tell(sink, user,
             (SekDamage){.offset = 124,
                         .what = "file header checksum is wrong",
                         .has_numbers = true,
                         .expected = sum,
                         .found = stored});
    if (h.major != 3 || h.minor < 1 || h.minor > 2)
        tell(sink, user,
             (SekDamage){.offset = 36,
                         .what = "file format version is not 3.1 or 3.2",
                         .has_numbers = true,
                         .expected = 3u << 16 | 1,
                         .found = (uint64_t)h.major << 16 | h.minor});
    if (h.header_block_size != SEK_EVTX_HEADER_SIZE)
        tell(sink, user,
             (SekDamage){.offset = 40,
                         .what = "size of the header block is wrong",
                         .has_numbers = true,
                         .expected = SEK_EVTX_HEADER_SIZE,
                         .found = h.header_block_size});
    if (h.flags & FLAG_DIRTY)
        tell(sink, user,
             (SekDamage){.offset = 120, .what = "file is marked dirty: it was not closed by Windows"});
    *out = h;
    return SEK_OK;
}

static bool all_zero(const uint8_t *p, uint32_t len) {
    return len == 0 || (p[0] == 0 && memcmp(p, p + 1, len - 1) == 0);
}

static void check_sum(const SekEvtxChunk *c, uint32_t at, uint32_t sum, const char *what) {
    uint32_t stored = sek_le32(c->bytes + at);
    if (stored != sum)
        tell(c->sink, c->user,
             (SekDamage){.offset = c->file_offset + at,
                         .what = what,
                         .has_numbers = true,
                         .expected = sum,
                         .found = stored});
}

static void check_sums(const SekEvtxChunk *c) {
    if (sek_le32(c->bytes + 120) & FLAG_NO_CHECKSUM)
        return;
    uint32_t sum = sek_crc32(0, c->bytes, CHECKED_HEADER);
    sum = sek_crc32(sum, c->bytes + CHUNK_HEADER, CHUNK_TABLES - CHUNK_HEADER);
    check_sum(c, 124, sum, "chunk checksum of the header is wrong");
    sum = sek_crc32(0, c->bytes + CHUNK_TABLES, c->free_offset - CHUNK_TABLES);
    check_sum(c, 52, sum, "chunk checksum of the records is wrong");
}

/* A chunk without a header: only its remains can be searched for records. */
static SekStatus open_unknown(SekEvtxChunk *c) {
    if (all_zero(c->bytes, c->len)) {
        c->empty = true;
        return SEK_END;
    }
    tell(c->sink, c->user,
         (SekDamage){.offset = c->file_offset,
                     .what = "chunk does not begin with \"ElfChnk\"",
                     .lost = !c->recover});
    if (!c->recover)
        return SEK_END;
    c->in_slack = true;
    return SEK_OK;
}

SekStatus sek_evtx_chunk_open(const uint8_t *bytes, uint32_t len, uint64_t file_offset,
                              const SekEvtxOptions *options, SekEvtxChunk *out) {
    SekEvtxChunk c = {.bytes = bytes,
                      .len = len < SEK_EVTX_CHUNK_SIZE ? len : SEK_EVTX_CHUNK_SIZE,
                      .file_offset = file_offset,
                      .recover = options->recover,
                      .sink = options->sink,
                      .user = options->user};
    SekStatus status = SEK_OK;
    if (c.len < CHUNK_TABLES || memcmp(bytes, chunk_magic, sizeof chunk_magic) != 0) {
        status = open_unknown(&c);
        *out = c;
        return status;
    }
    c.first_record_number = sek_le64(bytes + 8);
    c.last_record_number = sek_le64(bytes + 16);
    c.first_record_id = sek_le64(bytes + 24);
    c.last_record_id = sek_le64(bytes + 32);
    c.free_offset = sek_le32(bytes + 48);
    c.at = CHUNK_TABLES;
    if (sek_le32(bytes + 40) != CHUNK_HEADER)
        tell(c.sink, c.user,
             (SekDamage){.offset = file_offset + 40,
                         .what = "size of the chunk header is wrong",
                         .has_numbers = true,
                         .expected = CHUNK_HEADER,
                         .found = sek_le32(bytes + 40)});
    if (c.free_offset < CHUNK_TABLES || c.free_offset > c.len) {
        tell(c.sink, c.user,
             (SekDamage){.offset = file_offset + 48,
                         .what = "end of the records lies outside the chunk",
                         .has_numbers = true,
                         .expected = c.len,
                         .found = c.free_offset});
        c.free_offset = c.len;
    } else if (!options->skip_checksums) {
        check_sums(&c);
    }
    *out = c;
    return status;
}
