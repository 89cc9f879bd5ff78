/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The stamps of everything on the disk that a ruleset was made of: taken before each file is read or
 * folder listed, so that a change at any time since shows. */

#include "base/arena.h"
#include "base/file.h"
#include "base/strmap.h"

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

/* True when everything is as it was. Several threads look. */
bool sek_stamps_hold(const SekStamped *list, uint32_t n);
