/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Archives of logs, streamed by libarchive: one member after another, nothing unpacked to disk. One that is
 * read in sequence (a pipe, a member of another archive) gives what its members' own headers say; a file of
 * zip or 7z what its directory says. */

#include "base/file.h"
#include "base/status.h"
#include "collect/gzip_stream.h"

/* Most that an archive may hold: beyond this many bytes out per byte in it is taken for a bomb. Logs
 * compress 10 to 100 times, files of mostly unused chunks some 1,000 times. */
#define SEK_ARCHIVE_RATIO 10000u /* with archives inside it */
#define SEK_ARCHIVE_FREE (1u << 30) /* bytes that any archive may give before the ratio counts */

typedef struct SekArchive SekArchive;

/* Opens an archive. `file` is read from where it stands after `head` (bytes already read from it, which
 * are copied). SEK_OK; SEK_ERR_INPUT with libarchive's reason, or when
 * libarchive is not installed; SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_archive_open(SekFile *file, const uint8_t *head, size_t n_head, SekArchive **out,
                                        SekError *err);

/* Opens the archive that the current member of `outer` is, from behind `head` (bytes already read from that
 * member, which are copied). `outer` must stay at that member and outlive it. What cannot be read without
 * moving in it (7z) is SEK_ERR_INPUT. Statuses as above. */
SEK_MUST_USE SekStatus sek_archive_open_inner(SekArchive *outer, const uint8_t *head, size_t n_head,
                                              SekArchive **out, SekError *err);
void sek_archive_close(SekArchive *archive);

typedef struct SekArchiveMember {
    SekStr name;   /* valid until the next member; a lone compressed file: that in its gzip, or "data" */
    uint64_t size; /* 0 when unknown */
    bool encrypted;
} SekArchiveMember;

/* The next regular file: SEK_OK, SEK_END, SEK_ERR_INPUT (the archive cannot be read further), or
 * SEK_ERR_LIMIT (a bomb). */
SEK_MUST_USE SekStatus sek_archive_next(SekArchive *archive, SekArchiveMember *out, SekError *err);

/* Reads up to `len` bytes of the member; less only at its end, or before an error: `*out_n` is set whatever
 * the status. Statuses as sek_archive_next. */
SEK_MUST_USE SekStatus sek_archive_read(SekArchive *archive, void *out, size_t len, size_t *out_n,
                                        SekError *err);

/* What is wrong with the gzip that the current member is: an archive of nothing else, in which all that can be
 * inflated is the member. Behind its end; NULL = nothing, or it is none. */
const SekGzipReport *sek_archive_gzip(SekArchive *archive);

/* After SEK_END: whether the archive ends where it should. SEK_OK; SEK_ERR_INPUT with what is wrong: it was
 * cut between two members, or holds data that is no part of it. */
SEK_MUST_USE SekStatus sek_archive_whole(SekArchive *archive, SekError *err);
