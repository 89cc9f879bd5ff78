/* SPDX-License-Identifier: Apache-2.0 */
/* Writes EVTX files, for tests, benchmarks and the bundled case. Needs only libc and zlib.
 *
 *     SekGenWriter *w = NULL;
 *     SekGenTemplate *t = sek_gen_template_fields("EventData", "Image:s ProcessId:u32");
 *     SekGenSource src = {.computer = "PC", .channel = "C", .provider = "P"};
 *     SekGenValues v;
 *     sek_gen_values_init(&v);
 *     sek_gen_writer_open(NULL, &w);
 *     sek_gen_add_str(&v, "C:\\a.exe");
 *     sek_gen_add_u32(&v, 4);
 *     sek_gen_writer_add(w, &src, &(SekGenEvent){.record_id = 1, .filetime = ..., .event_id = 1,
 *                                                .qualifiers = -1, .payload = t, .values = &v});
 *     sek_gen_writer_finish(w);      then sek_gen_writer_bytes(w, &n)
 *
 * The writer is deterministic: the same calls give the same bytes. A failed call leaves the file
 * as it was before, so the next record may follow. Not safe for two threads. */
#pragma once

#include <stdio.h>

#include "evtxgen/gen_system.h"

typedef enum SekGenStatus {
    SEK_GEN_OK = 0,
    SEK_GEN_NO_MEMORY, /* memory is short */
    SEK_GEN_TOO_LARGE, /* the record does not fit into an empty chunk, or the file has 65,535 chunks */
    SEK_GEN_BAD_EVENT, /* values and template do not fit, or a value was refused */
    SEK_GEN_IO,        /* writing to the file failed */
    SEK_GEN_FINISHED   /* the writer was finished before */
} SekGenStatus;

typedef struct SekGenWriter SekGenWriter;

typedef struct SekGenWriterOptions {
    FILE *file;      /* seekable, binary; stays the caller's. NULL: write to memory */
    uint16_t minor;  /* minor version; 0 means 1 (3.1), Windows 10 2004 and later write 2 */
    bool dirty;      /* set the flag of a log that was not closed */
    bool no_crc;     /* leave all checksums 0 */
    bool exact_fill; /* let a record end at a chunk's last byte (libevtx drops such a record) */
} SekGenWriterOptions;

enum {
    SEK_GEN_RECORD_BARE = 1 << 0, /* without template, all values as text */
    SEK_GEN_RECORD_FILL = 1 << 1  /* pad the record to the end of its chunk (needs exact_fill) */
};

/* One record at the lowest level: any template as the whole document. */
typedef struct SekGenRecord {
    uint64_t record_id;
    uint64_t filetime;
    SekGenTemplate *root; /* must outlive the writer; gets a GUID when it has none */
    const SekGenValues *values;
    uint32_t flags;
} SekGenRecord;

/* Opens a writer; NULL options: all defaults. Frees nothing on failure (NO_MEMORY, IO). */
SekGenStatus sek_gen_writer_open(const SekGenWriterOptions *options, SekGenWriter **out_writer);

/* Adds an event. `source` and its strings must stay unchanged while the writer lives. The
 * payload's template must outlive the writer too. */
SekGenStatus sek_gen_writer_add(SekGenWriter *writer, const SekGenSource *source, const SekGenEvent *event);

/* The same with SEK_GEN_RECORD_ flags. */
SekGenStatus sek_gen_writer_add_flags(SekGenWriter *writer, const SekGenSource *source,
                                      const SekGenEvent *event, uint32_t flags);

SekGenStatus sek_gen_writer_add_record(SekGenWriter *writer, const SekGenRecord *record);

/* Ends the current chunk, so that the next record starts a new one. */
SekGenStatus sek_gen_writer_next_chunk(SekGenWriter *writer);

/* Writes the last chunk and the file header. Nothing can be added afterwards. */
SekGenStatus sek_gen_writer_finish(SekGenWriter *writer);

/* The finished file in memory (writers without FILE only), owned by the writer. */
const uint8_t *sek_gen_writer_bytes(const SekGenWriter *writer, size_t *out_n);

uint64_t sek_gen_writer_n_records(const SekGenWriter *writer);
uint32_t sek_gen_writer_n_chunks(const SekGenWriter *writer);

void sek_gen_writer_free(SekGenWriter *writer);
