/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Runs: hits in order of (time, path, place in the file), in bounded memory: an external merge sort.
 *
 *   worker   hits ... its share is full -> sorted, written behind each other into the store: a run
 *                     the end of its work -> sorted, stays in memory: the last run
 *   merge    as many runs at once as the rest of the budget has buffers for, in several passes when there are
 *            more; the last pass goes to whoever takes them
 *
 * The order depends on the hits alone, not on which worker had them or how often it spilled. When the
 * store can take no more (a full disk), runs stay in memory from then on: findings are not lost, and
 * `spill_err` says why the budget was not kept. */

#include "engine/hits.h"
#include "engine/spill.h"

#include <pthread.h>

/* One that is written, or stays in memory. */
typedef struct SekRun {
    uint64_t offset, len; /* in the store; len 0 = in memory */
    SekHits hits;
} SekRun;

typedef struct SekRuns {
    size_t share;  /* bytes that a worker may hold */
    size_t budget; /* bytes, all together */
    const SekSpill *spill; /* NULL = everything stays in memory */
    const SekLedger *ledger;
    pthread_mutex_t *lock; /* of the ledger; guards what follows too */
    SekAlike **alike;      /* one a worker, that worker's own; NULL until it asks */
    uint32_t n_alike;
    void *store;           /* of the spill, once it is open */
    uint64_t store_end;    /* bytes of it that are given out */
    SekRun *list;
    uint32_t n, cap;
    bool full;          /* the store takes no more */
    SekError spill_err; /* why; code 0 = it was never so */
} SekRuns;

typedef struct SekRunsOptions {
    size_t budget_bytes; /* for hits that wait; 0 = no bound */
    unsigned workers;
    const SekSpill *spill;
    const SekLedger *ledger;
    pthread_mutex_t *lock;
} SekRunsOptions;

void sek_runs_init(SekRuns *runs, const SekRunsOptions *options);
void sek_runs_deinit(SekRuns *runs);

/* Has what `hits` is given from now on share its parts in the table of worker `index`, if there can be one; answers
 * that hits are told from now on are a new scanner's. */
void sek_runs_share(SekRuns *runs, unsigned index, SekHits *hits);

/* Makes a sorted run of what `hits` holds and empties it. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_runs_keep(SekRuns *runs, SekHits *hits);
/* The same for the last of a worker: it stays in memory. */
SEK_MUST_USE SekStatus sek_runs_keep_last(SekRuns *runs, SekHits *hits);

/* The hits of all runs in order: one after another, from one thread at a time. */
typedef struct SekMerge SekMerge;

/* Makes few enough runs of many to merge what is left at once, and starts before the first hit; `rank` is
 * the place of each ledger file in the order of paths and is borrowed, as `runs` is. SEK_OK; SEK_ERR_IO
 * (reading back), SEK_ERR_MEMORY. Free with sek_merge_free (accepts NULL). */
SEK_MUST_USE SekStatus sek_merge_new(SekRuns *runs, const uint32_t *rank, SekMerge **out, SekError *err);
void sek_merge_free(SekMerge *merge);

/* The next hit: its key and its packed bytes, valid until the next call. SEK_OK; SEK_END; SEK_ERR_IO,
 * SEK_ERR_MEMORY, after which there is nothing more. */
SEK_MUST_USE SekStatus sek_merge_next(SekMerge *merge, SekHitKey *out_key, SekStr *out_bytes, SekError *err);
