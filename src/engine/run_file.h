/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A run in the store: for each hit a head and its packed bytes, in order. Within engine/runs only. */

#include "engine/runs.h"

typedef struct SekRunHead {
    SekHitKey key;
    uint32_t len; /* of the bytes behind it */
    uint32_t pad;
} SekRunHead;

/* Writing: the place was reserved before. */
typedef struct SekRunWriter {
    SekRuns *runs;
    uint64_t offset;  /* of what is staged */
    SekBuf *staged;   /* borrowed, empty at the beginning */
} SekRunWriter;

/* SEK_OK, SEK_ERR_IO (reason in `err`), SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_run_write(SekRunWriter *writer, const SekHitKey *key, SekStr bytes, SekError *err);
SEK_MUST_USE SekStatus sek_run_write_end(SekRunWriter *writer, SekError *err);

/* Reading: one hit after another through a window of the store, or from memory. */
typedef struct SekRunReader {
    SekRuns *runs;
    const SekRun *run;
    uint32_t in_memory; /* next hit of a run that is in memory */
    uint64_t next;      /* store: place of the next head */
    uint8_t *window;    /* the bytes from `window_at`; owned */
    size_t window_size, window_len;
    uint64_t window_at;
    SekRunHead head; /* of the current hit */
    uint32_t rank;   /* of its file; set by the merge */
} SekRunReader;

/* Starts before the first hit. SEK_OK or SEK_ERR_MEMORY; release with sek_run_read_end. */
SEK_MUST_USE SekStatus sek_run_read_begin(SekRunReader *reader, SekRuns *runs, const SekRun *run,
                                          size_t window_bytes);
void sek_run_read_end(SekRunReader *reader);

/* Moves to the next hit: its head stands in the reader. SEK_OK, SEK_END, SEK_ERR_IO. */
SEK_MUST_USE SekStatus sek_run_read_next(SekRunReader *reader, SekError *err);

/* The current hit's bytes, valid until the reader moves; `large` is room for those that the window has no
 * place for. SEK_OK, SEK_ERR_IO, SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_run_read_bytes(SekRunReader *reader, SekBuf *large, SekStr *out, SekError *err);

/* Within engine/runs: a place of `len` bytes in the store, opened when needed (SEK_OK or SEK_ERR_IO); no
 * more of it after a failure; a further run (SEK_OK or SEK_ERR_MEMORY). */
SEK_MUST_USE SekStatus sek_runs_reserve(SekRuns *runs, uint64_t len, uint64_t *out_offset, SekError *err);
void sek_runs_refuse(SekRuns *runs, const SekError *err);
SEK_MUST_USE SekStatus sek_runs_add(SekRuns *runs, const SekRun *run);
