/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Operating-system seam for files: evidence is only ever opened for reading. file_posix.c implements
 * it; another system gets a file of its own behind this header. */

#include "base/buf.h"
#include "base/status.h"
#include "base/str.h"

typedef struct SekFile {
    int fd; /* -1 when closed */
    uint64_t size; /* bytes; 0 for a pipe */
    bool regular;  /* has a size and can be read at an offset */
} SekFile;

/* Opens `path` read-only. SEK_OK; SEK_NOT_FOUND when it does not exist; SEK_ERR_IO otherwise, with
 * the system's reason in `err`. A folder is SEK_ERR_ARGUMENT. */
SEK_MUST_USE SekStatus sek_file_open(const char *path, SekFile *out, SekError *err);
void sek_file_close(SekFile *file);

/* Reads up to `len` bytes at `offset`; `*out_n` is less than `len` only at the end of the file.
 * SEK_OK or SEK_ERR_IO. Threads may read one file at the same time. */
SEK_MUST_USE SekStatus sek_file_read_at(const SekFile *file, uint64_t offset, void *out, size_t len,
                                        size_t *out_n, SekError *err);

/* Reads the next bytes in sequence (files and pipes). SEK_OK (with *out_n 0 at the end), SEK_ERR_IO. */
SEK_MUST_USE SekStatus sek_file_read(const SekFile *file, void *out, size_t len, size_t *out_n,
                                     SekError *err);

/* Moves where sek_file_read goes on. `whence` is SEEK_SET, SEEK_CUR or SEEK_END. SEK_OK with the new
 * place, or SEK_ERR_IO (a pipe cannot). */
SEK_MUST_USE SekStatus sek_file_seek(const SekFile *file, int64_t offset, int whence, int64_t *out_at);

/* Appends the whole file to `out`, whose cap bounds it. SEK_OK, SEK_NOT_FOUND, SEK_ERR_LIMIT,
 * SEK_ERR_IO, SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_file_slurp(const char *path, SekBuf *out, SekError *err);

/* What tells a file from every other, under whatever name. */
typedef struct SekFileIdentity {
    uint64_t device, number;
} SekFileIdentity;

/* What tells a file or folder from every other, under whatever name (device and number), and one state of
 * it from every other: `changed` is set by the system and cannot be put back. Nanoseconds since 1970. */
typedef struct SekStamp {
    uint64_t device, number, size;
    int64_t modified, changed;
    uint64_t folder; /* 1 = a folder, whose stamp changes with the list of what is in it */
} SekStamp;

/* SEK_OK; SEK_NOT_FOUND; SEK_ERR_ARGUMENT for what is neither a regular file nor a folder. Device and
 * number are filled whenever something is there. Links are followed. */
SEK_MUST_USE SekStatus sek_path_stamp(const char *path, SekStamp *out);

/* The same for paths in or below one folder, which is found once: `path` begins with the `prefix` bytes that the folder
 * was opened by, '/' among them. Any other path is looked up as a whole, and so is every path while none is open. */
typedef struct SekStampFolder {
    int fd; /* -1 = none */
    const char *prefix; /* borrowed */
    size_t len;
} SekStampFolder;
void sek_stamp_folder_open(const char *prefix, size_t len, SekStampFolder *out);
SEK_MUST_USE SekStatus sek_stamp_in_folder(const SekStampFolder *folder, const char *path, SekStamp *out);
void sek_stamp_folder_close(SekStampFolder *folder);

/* Whether the file was left alone long enough before `now` (sek_clock_wall) that a change since then must
 * show in its stamp: the clocks of file systems tick, some only every two seconds. */
bool sek_stamp_settled(const SekStamp *stamp, int64_t now);

/* The time of day, in nanoseconds since 1970; for the age of files alone. */
int64_t sek_clock_wall(void);

typedef enum { SEK_PATH_MISSING, SEK_PATH_FILE, SEK_PATH_FOLDER, SEK_PATH_OTHER } SekPathKind;
SekPathKind sek_path_kind(const char *path);

/* Calls `visit` for every regular file below `folder`, in byte order of the path, not following
 * links to folders; deeper than 64 levels is passed to `visit` as a problem. `problem` is NULL for a
 * file, else the reason why something below could not be read. A non-OK return stops the walk and
 * is returned. */
typedef SekStatus (*SekWalkVisit)(void *user, const char *path, const char *problem);
SEK_MUST_USE SekStatus sek_walk(const char *folder, SekWalkVisit visit, void *user);

/* The same, and tells of every folder before it is listed. */
typedef struct SekWalker {
    SekWalkVisit visit;
    SekStatus (*enter)(void *user, const char *folder); /* may be NULL */
    void *user;
} SekWalker;
SEK_MUST_USE SekStatus sek_walk_with(const char *folder, const SekWalker *walker);

/* Seconds of a clock that only goes forward; for progress and speed, never for results. */
double sek_clock_seconds(void);

/* Processors this process may use, at least 1. */
unsigned sek_cpu_count(void);
