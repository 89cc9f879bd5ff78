/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run_file.h"

#include <stdlib.h>

#define WINDOW ((size_t)64 * 1024) /* of the store, one a run, when the budget allows */
#define LEAST_WINDOW ((size_t)4096)
#define LEAST_RUNS ((size_t)4) /* merged at once, however small the budget */

struct SekMerge {
    SekRuns *runs;
    const uint32_t *rank;
    SekRunReader *readers;
    uint32_t n_readers;
    uint32_t *heap; /* readers, the one with the first hit on top */
    uint32_t n;     /* readers that have one */
    bool given;     /* the first hit was: its reader is moved on when the next is asked for */
    SekBuf large;
};

static bool before(const SekMerge *m, uint32_t a, uint32_t b) {
    const SekRunReader *x = &m->readers[a], *y = &m->readers[b];
    if (x->head.key.time != y->head.key.time)
        return x->head.key.time < y->head.key.time;
    if (x->rank != y->rank)
        return x->rank < y->rank;
    if (x->head.key.offset != y->head.key.offset)
        return x->head.key.offset < y->head.key.offset;
    return x->head.key.order < y->head.key.order;
}

static void sift_down(SekMerge *m, uint32_t at) {
    for (;;) {
        uint32_t first = at, kid = 2 * at + 1;
        if (kid < m->n && before(m, m->heap[kid], m->heap[first]))
            first = kid;
        if (kid + 1 < m->n && before(m, m->heap[kid + 1], m->heap[first]))
            first = kid + 1;
        if (first == at)
            return;
        uint32_t moved = m->heap[at];
        m->heap[at] = m->heap[first];
        m->heap[first] = moved;
        at = first;
    }
}

static SekStatus move_on(SekMerge *m, SekRunReader *reader, SekError *err) {
    SekStatus status = sek_run_read_next(reader, err);
    if (status != SEK_OK)
        return status;
    if (reader->head.key.file >= m->runs->ledger->n_files)
        return sek_fail(err, SEK_ERR_IO, "the temporary file does not hold what was written to it");
    reader->rank = m->rank[reader->head.key.file];
    return SEK_OK;
}

static SekStatus begin(SekMerge *m, const SekRun *list, uint32_t n, size_t window, SekError *err) {
    m->readers = calloc((size_t)n + 1, sizeof *m->readers);
    m->heap = calloc((size_t)n + 1, sizeof *m->heap);
    SekStatus status = m->readers && m->heap ? SEK_OK : SEK_ERR_MEMORY;
    m->n = 0;
    m->n_readers = n;
    m->given = false;
    for (uint32_t i = 0; i < n && status == SEK_OK; i++) {
        status = sek_run_read_begin(&m->readers[i], m->runs, &list[i], window);
        if (status == SEK_OK)
            status = move_on(m, &m->readers[i], err);
        if (status == SEK_OK)
            m->heap[m->n++] = i;
        status = status == SEK_END ? SEK_OK : status;
    }
    for (uint32_t i = m->n; i-- > 0;)
        sift_down(m, i);
    return status;
}

static void end(SekMerge *m) {
    for (uint32_t i = 0; m->readers && i < m->n_readers; i++)
        sek_run_read_end(&m->readers[i]);
    free(m->readers);
    free(m->heap);
    m->readers = NULL;
    m->heap = NULL;
}

/* Puts behind the others what has given its first hit. */
static SekStatus step(SekMerge *m, SekError *err) {
    SekStatus status = move_on(m, &m->readers[m->heap[0]], err);
    if (status == SEK_END)
        m->heap[0] = m->heap[--m->n];
    if (status == SEK_OK || status == SEK_END)
        sift_down(m, 0);
    return status == SEK_END ? SEK_OK : status;
}

SekStatus sek_merge_next(SekMerge *m, SekHitKey *out_key, SekStr *out_bytes, SekError *err) {
    SekStatus status = m->given && m->n ? step(m, err) : SEK_OK;
    if (status != SEK_OK || m->n == 0)
        return status == SEK_OK ? SEK_END : status;
    SekRunReader *first = &m->readers[m->heap[0]];
    m->given = true;
    *out_key = first->head.key;
    return sek_run_read_bytes(first, &m->large, out_bytes, err);
}

/* Makes one run of the first `n`, which are all in the store, and puts it last. */
static SekStatus join(SekMerge *m, uint32_t n, size_t window, SekError *err) {
    SekRuns *runs = m->runs;
    SekRun joined = {0};
    for (uint32_t i = 0; i < n; i++)
        joined.len += runs->list[i].len;
    SekStatus status = sek_runs_reserve(runs, joined.len, &joined.offset, err);
    if (status != SEK_OK)
        return status;
    SekBuf staged;
    sek_buf_init(&staged, SIZE_MAX / 4);
    SekRunWriter writer = {.runs = runs, .offset = joined.offset, .staged = &staged};
    status = begin(m, runs->list, n, window, err);
    while (status == SEK_OK) {
        SekHitKey key;
        SekStr bytes;
        status = sek_merge_next(m, &key, &bytes, err);
        if (status == SEK_OK)
            status = sek_run_write(&writer, &key, bytes, err);
    }
    end(m);
    if (status == SEK_END)
        status = sek_run_write_end(&writer, err);
    sek_buf_deinit(&staged);
    if (status != SEK_OK)
        return status;
    memmove(runs->list, runs->list + n, (runs->n - n) * sizeof *runs->list);
    runs->n -= n;
    runs->list[runs->n++] = joined; /* there was room for `n` more */
    return SEK_OK;
}

/* Runs in the store come first, those in memory behind them. Returns how many are in the store. */
static uint32_t stored_first(SekRuns *runs) {
    uint32_t stored = 0;
    for (uint32_t i = 0; i < runs->n; i++)
        if (runs->list[i].len) {
            SekRun run = runs->list[i];
            runs->list[i] = runs->list[stored];
            runs->list[stored++] = run;
        }
    return stored;
}

/* What is not for hits that stayed in memory, less what is held of parts that hits have in common. */
static size_t room_for(const SekRuns *runs) {
    size_t room = runs->budget / 8 * 5, held = 0;
    for (uint32_t i = 0; i < runs->n_alike; i++)
        held += runs->alike[i] ? sek_alike_held(runs->alike[i]) : 0;
    return held < room ? room - held : 0;
}

/* Joins runs until what is left can be merged at once through windows of the size that it gives. */
static SekStatus join_down(SekMerge *m, size_t *out_window) {
    SekRuns *runs = m->runs;
    size_t room = room_for(runs), most = room / WINDOW;
    if (most < LEAST_RUNS)
        most = LEAST_RUNS;
    size_t window = room / most < WINDOW ? room / most : WINDOW;
    if (window < LEAST_WINDOW)
        window = LEAST_WINDOW;
    uint32_t stored = stored_first(runs);
    SekStatus status = SEK_OK;
    while (stored > most && !runs->full && status == SEK_OK) {
        uint32_t n = stored - most + 1 < most ? (uint32_t)(stored - most + 1) : (uint32_t)most;
        SekError why = {0};
        status = join(m, n, window, &why);
        if (status == SEK_OK)
            stored = stored_first(runs);
        if (status == SEK_ERR_IO) { /* no room to join them: then all at once */
            sek_runs_refuse(runs, &why);
            status = SEK_OK;
        }
    }
    *out_window = stored > most ? LEAST_WINDOW : window;
    return status;
}

SekStatus sek_merge_new(SekRuns *runs, const uint32_t *rank, SekMerge **out, SekError *err) {
    SekMerge *m = calloc(1, sizeof *m);
    if (!m)
        return SEK_ERR_MEMORY;
    *m = (SekMerge){.runs = runs, .rank = rank};
    sek_buf_init(&m->large, SIZE_MAX / 4);
    size_t window;
    SekStatus status = join_down(m, &window);
    if (status == SEK_OK)
        status = begin(m, runs->list, runs->n, window, err);
    if (status == SEK_OK)
        *out = m;
    else
        sek_merge_free(m);
    return status;
}

void sek_merge_free(SekMerge *m) {
    if (!m)
        return;
    end(m);
    sek_buf_deinit(&m->large);
    free(m);
}
