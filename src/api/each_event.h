/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Every event of some paths, in the order of files and records: what decode walks over. One
 * thread; memory is that of one unit. */

#include "event/reader.h"

typedef struct SekEachEvent {
    const char *const *paths;
    size_t n_paths;
    bool recover; /* also records outside the valid ones */
    /* Called for each event; `path` is its file's. Anything but SEK_OK ends the walk and is returned. */
    SekStatus (*visit)(void *user, SekReader *reader, const SekEvent *event, SekStr path);
    void *user;
    /* Called at the end, one line for each problem with a file; may be NULL. */
    void (*problem)(void *user, const char *line);
    void *problem_user;
} SekEachEvent;

/* SEK_OK or a fatal status; `out` (may be NULL) tells what was read. */
SEK_MUST_USE SekStatus sek_each_event(const SekEachEvent *each, SekSummary *out, SekError *err);
