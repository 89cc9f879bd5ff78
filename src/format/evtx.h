/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* EVTX container: file header, chunks, records (libevtx "Windows XML Event Log (EVTX) format"
 * sections 2-4). A file is a 4 KiB header and 64 KiB chunks; a chunk is self-contained (its strings
 * and templates are inside), so it is the unit of work for a thread.
 *
 *   chunk:  0x0000 "ElfChnk\0", record numbers and ids first..last, offset of the last record,
 *                  end of the used space, CRC32 of the records
 *           0x0080 64 string offsets   0x0180 32 template offsets   0x0200 records ... slack
 *   record: 0x2a2a0000, size, id, FILETIME written, BinXML ..., size again
 *
 * Nothing is trusted: whatever does not fit is a *damage*, told to the caller with its place in the
 * file, and reading goes on behind it. */

#include "base/status.h"
#include "base/str.h"

#define SEK_EVTX_HEADER_SIZE 4096u
#define SEK_EVTX_CHUNK_SIZE 65536u

#define SEK_DAMAGE_EXAMPLE 48u /* bytes, the end included */

/* A place where the file is not as it should be. `what` is a static text; the numbers add detail, or the
 * example does. */
typedef struct SekDamage {
    uint64_t offset;  /* in the file */
    const char *what; /* e.g. "chunk checksum of the records is wrong" */
    bool has_numbers;
    uint64_t expected, found;
    bool lost; /* evidence could not be read because of it */
    char example[SEK_DAMAGE_EXAMPLE]; /* of the file's text: valid UTF-8, not escaped; "" = none */
} SekDamage;
typedef void (*SekDamageSink)(void *user, const SekDamage *damage);

typedef struct SekEvtxHeader {
    uint64_t first_chunk, last_chunk, next_record_id;
    uint16_t minor, major, header_block_size, n_chunks;
    uint32_t flags; /* 1 = dirty, 2 = full */
    bool checksum_ok;
} SekEvtxHeader;

/* True when the first bytes are an EVTX file header's ("ElfFile\0"). */
bool sek_evtx_is_file(const uint8_t *bytes, size_t len);

/* Reads the header from the first `len` bytes (128 are enough). SEK_OK, or SEK_ERR_INPUT when it is
 * no EVTX header; a wrong checksum, version or dirty flag is told to `sink` only. */
SEK_MUST_USE SekStatus sek_evtx_header(const uint8_t *bytes, size_t len, SekEvtxHeader *out,
                                       SekDamageSink sink, void *user);

typedef struct SekEvtxRecord {
    uint64_t id;               /* event record id */
    uint64_t filetime;         /* when written */
    uint32_t off;              /* of the record, in the chunk */
    uint32_t size;             /* bytes, header and trailer included */
    uint32_t xml_off, xml_len; /* its BinXML, in the chunk */
    bool recovered; /* found by searching, not by following the chunk's list of valid records, or its
                     * end does not belong to it: parse it with sek_binxml_strict */
} SekEvtxRecord;

typedef struct SekEvtxChunk {
    const uint8_t *bytes;
    uint32_t len; /* 65,536, less for a truncated file */
    uint64_t file_offset;
    uint64_t first_record_number, last_record_number, first_record_id, last_record_id;
    uint32_t free_offset; /* where the valid records end */
    uint32_t at;          /* iterator: next byte to look at */
    uint32_t n_seen;      /* records given so far */
    bool in_slack;        /* iterator: behind the valid records */
    bool broken;          /* iterator: the list of valid records was interrupted */
    bool recover;
    bool empty; /* all zero: unused space, not a damage */
    SekDamageSink sink;
    void *user;
} SekEvtxChunk;

typedef struct SekEvtxOptions {
    bool recover; /* also give records in slack, in unused chunks and in chunks without a header */
    bool skip_checksums;
    SekDamageSink sink; /* may be NULL */
    void *user;
} SekEvtxOptions;

/* Opens a chunk of `len` bytes that lies at `file_offset`. SEK_OK also for a damaged one (what can be
 * read is read); SEK_END for an unused chunk (all zero; also not-a-chunk when `recover` is not set,
 * which is a damage). Allocates nothing; `bytes` are borrowed. */
SEK_MUST_USE SekStatus sek_evtx_chunk_open(const uint8_t *bytes, uint32_t len, uint64_t file_offset,
                                           const SekEvtxOptions *options, SekEvtxChunk *out);

/* The next record: SEK_OK or SEK_END. Damaged ones are told to the sink and passed over by searching
 * the next record signature. */
SEK_MUST_USE SekStatus sek_evtx_next(SekEvtxChunk *chunk, SekEvtxRecord *out);
