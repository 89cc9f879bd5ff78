/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* qsort_r */
#include "engine/runs.h"

#include "base/grow.h"

#include "engine/run_file.h"

#include <stdlib.h>

#define LEAST_SHARE ((size_t)4096)

void sek_runs_init(SekRuns *runs, const SekRunsOptions *options) {
    *runs = (SekRuns){.budget = options->budget_bytes, .spill = options->spill, .ledger = options->ledger,
                      .lock = options->lock, .share = SIZE_MAX};
    /* Three eighths are for the workers and, after them, the correlations; as much at most is for what hits have in
     * common; merging has the rest. */
    if (options->budget_bytes)
        runs->share = options->budget_bytes / 8 * 3 / (options->workers + 1);
    if (runs->share < LEAST_SHARE)
        runs->share = LEAST_SHARE;
    if (!runs->spill || !runs->budget)
        runs->full = true;
    runs->alike = calloc((size_t)options->workers + 1, sizeof *runs->alike);
    runs->n_alike = runs->alike && options->workers < SEK_ALIKE_TABLES ? options->workers : 0;
}

void sek_runs_deinit(SekRuns *runs) {
    for (uint32_t i = 0; i < runs->n; i++)
        sek_hits_deinit(&runs->list[i].hits);
    free(runs->list);
    for (uint32_t i = 0; i < runs->n_alike; i++)
        sek_alike_free(runs->alike[i]);
    free(runs->alike);
    if (runs->store)
        runs->spill->close(runs->store);
    *runs = (SekRuns){0};
}

void sek_runs_share(SekRuns *runs, unsigned index, SekHits *hits) {
    if (index >= runs->n_alike)
        return;
    size_t limit = runs->budget ? runs->budget / 8 * 3 / runs->n_alike : SEK_ALIKE_BYTES;
    if (runs->alike[index])
        sek_alike_forget_answers(runs->alike[index]);
    else if (sek_alike_new(index, limit, &runs->alike[index]) != SEK_OK)
        runs->alike[index] = NULL; /* then each hit has all that it needs */
    hits->alike = runs->alike[index];
}

/* --- sorting ------------------------------------------------------------------------------------ */

/* The ledger's entries as they are now: the list may be moved by whoever adds to it, they are not. */
static SekStatus copy_entries(SekRuns *runs, SekFileEntry ***out) {
    pthread_mutex_lock(runs->lock);
    size_t n = runs->ledger->n_files;
    SekFileEntry **files = malloc((n + 1) * sizeof *files);
    if (files && n)
        memcpy(files, runs->ledger->files, n * sizeof *files);
    pthread_mutex_unlock(runs->lock);
    *out = files;
    return files ? SEK_OK : SEK_ERR_MEMORY;
}

static int by_time_and_place(const void *a, const void *b, void *user) {
    const SekHitKey *x = &((const SekHitEntry *)a)->key, *y = &((const SekHitEntry *)b)->key;
    SekFileEntry *const *files = user;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->file != y->file) {
        int order = sek_str_cmp(files[x->file]->path, files[y->file]->path);
        return order ? order : x->file < y->file ? -1 : 1;
    }
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* Logs are written in the order of time, so most runs are. */
static bool is_sorted(const SekHits *hits, SekFileEntry **files) {
    for (uint32_t i = 1; i < hits->n; i++)
        if (by_time_and_place(&hits->list[i - 1], &hits->list[i], files) > 0)
            return false;
    return true;
}

static SekStatus sort(SekRuns *runs, SekHits *hits) {
    SekFileEntry **files;
    SekStatus status = copy_entries(runs, &files);
    if (status != SEK_OK)
        return status;
    if (!is_sorted(hits, files))
        qsort_r(hits->list, hits->n, sizeof *hits->list, by_time_and_place, files);
    free(files);
    return SEK_OK;
}

/* --- keeping ------------------------------------------------------------------------------------ */

SekStatus sek_runs_add(SekRuns *runs, const SekRun *run) {
    pthread_mutex_lock(runs->lock);
    SekStatus status = sek_grow(&runs->list, &runs->cap, runs->n, sizeof *runs->list);
    if (status == SEK_OK)
        runs->list[runs->n++] = *run;
    pthread_mutex_unlock(runs->lock);
    return status;
}

/* What `hits` holds stays in memory; it starts anew. */
static SekStatus keep_in_memory(SekRuns *runs, SekHits *hits) {
    sek_buf_deinit(&hits->text);
    SekRun run = {.hits = *hits};
    SekStatus status = sek_runs_add(runs, &run);
    if (status == SEK_OK) {
        sek_hits_init(hits, runs);
        hits->alike = run.hits.alike;
    }
    return status;
}

SekStatus sek_runs_reserve(SekRuns *runs, uint64_t len, uint64_t *out_offset, SekError *err) {
    pthread_mutex_lock(runs->lock);
    SekStatus status = runs->full ? SEK_ERR_IO : SEK_OK;
    if (status == SEK_OK && !runs->store)
        status = runs->spill->open(runs->spill->self, &runs->store, err);
    *out_offset = runs->store_end;
    if (status == SEK_OK)
        runs->store_end += len;
    pthread_mutex_unlock(runs->lock);
    return status;
}

void sek_runs_refuse(SekRuns *runs, const SekError *err) {
    pthread_mutex_lock(runs->lock);
    if (!runs->full)
        runs->spill_err = *err;
    runs->full = true;
    pthread_mutex_unlock(runs->lock);
}

static SekStatus write_out(SekRuns *runs, SekHits *hits, SekError *err) {
    SekRun run = {.len = hits->bytes.len + (uint64_t)hits->n * sizeof(SekRunHead)};
    SekStatus status = sek_runs_reserve(runs, run.len, &run.offset, err);
    if (status != SEK_OK)
        return status;
    SekRunWriter writer = {.runs = runs, .offset = run.offset, .staged = &hits->text};
    sek_buf_clear(&hits->text);
    for (uint32_t i = 0; i < hits->n && status == SEK_OK; i++) {
        const SekHitEntry *e = &hits->list[i];
        status = sek_run_write(&writer, &e->key, sek_str_n(hits->bytes.data + e->at, e->len), err);
    }
    if (status == SEK_OK)
        status = sek_run_write_end(&writer, err);
    return status == SEK_OK ? sek_runs_add(runs, &run) : status;
}

SekStatus sek_runs_keep(SekRuns *runs, SekHits *hits) {
    SekError err = {0};
    if (hits->n == 0)
        return SEK_OK;
    SekStatus status = sort(runs, hits);
    if (status != SEK_OK)
        return status;
    status = write_out(runs, hits, &err);
    if (status == SEK_ERR_IO) {
        sek_runs_refuse(runs, &err);
        return keep_in_memory(runs, hits);
    }
    sek_buf_clear(&hits->bytes);
    hits->n = 0;
    return status;
}

SekStatus sek_runs_keep_last(SekRuns *runs, SekHits *hits) {
    if (hits->n == 0)
        return SEK_OK;
    SekStatus status = sort(runs, hits);
    return status == SEK_OK ? keep_in_memory(runs, hits) : status;
}
