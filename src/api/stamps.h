/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The stamps of everything on the disk that a ruleset was made of: taken before each file is read or
 * folder listed, so that a change at any time since shows. */

#include "base/arena.h"
#include "base/file.h"
#include "base/strmap.h"

#include <stdatomic.h>

typedef struct SekStamped {
    SekStr path; /* a NUL stands behind it */
    SekStamp stamp;
} SekStamped;

typedef struct SekStamps {
    SekArena arena;
    SekStamped *list;
    uint32_t n, cap;
    SekStrMap files; /* device and number -> 0 */
    int64_t begun;   /* sek_clock_wall before the first */
    bool whole;      /* nothing was met that has no stamp, or that could change without its stamp */
} SekStamps;

void sek_stamps_init(SekStamps *stamps);
void sek_stamps_deinit(SekStamps *stamps);

/* Adds what `path` names. `*out_new` (may be NULL) is false when it was added before, under whatever name.
 * What cannot be stamped makes the list not whole. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_stamps_add(SekStamps *stamps, const char *path, bool *out_new);

/* Puts what lies in one folder together, which is the order in which looking again is fastest. */
void sek_stamps_sort(SekStamps *stamps);

/* A stamp as it lies in a file. */
typedef struct SekStampRecord {
    SekStamp stamp;
    uint64_t path_at; /* in the texts of the paths */
} SekStampRecord;

/* Whether everything is as it was. The rest begins as zeros. */
typedef struct SekStampCheck {
    const SekStampRecord *records;
    uint32_t n;
    const char *paths; /* the last byte is NUL; no record is believed to lead into them */
    uint64_t paths_bytes;
    atomic_uint next;
    atomic_bool differs; /* the answer, when all threads are done; anybody may set it, and they stop */
} SekStampCheck;

/* How many threads should look. */
unsigned sek_stamps_threads(uint32_t n);

/* Looks until there is nothing more to look at; called by each thread. */
void sek_stamps_look(SekStampCheck *check);
