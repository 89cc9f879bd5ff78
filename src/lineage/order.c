/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* qsort_r */

/* Facts in order: threads sort blocks of them, each for itself; then they are merged. */
#include "lineage/internal.h"

#include "base/pool.h"

#include <stdlib.h>

static int order_numbers(uint64_t a, uint64_t b) {
    return a < b ? -1 : a > b;
}

/* Starts of hosts first: they end what started before. */
static uint64_t kind_and_host(const SekStoredFact *f) {
    return (f->kind == SEK_FACT_BOOT ? 0 : (uint64_t)f->kind + 1) << 32 | f->host;
}

static int order_names(const SekLineage *l, const SekStoredFact *f, const SekStoredFact *g) {
    return sek_order_nocase(sek_lineage_text(l, sek_told(l, f->told)->name),
                            sek_lineage_text(l, sek_told(l, g->told)->name));
}

static int by_kind_and_place(const void *a, const void *b, void *user) {
    const SekStoredFact *f = a, *g = b;
    int order = order_numbers(kind_and_host(f), kind_and_host(g));
    if (order == 0 && f->kind <= SEK_FACT_END)
        order = order_numbers(f->pid, g->pid);
    if (order == 0 && f->kind == SEK_FACT_TASK_MADE)
        order = order_names(user, f, g);
    if (order == 0)
        order = order_numbers(f->time, g->time);
    if (order == 0)
        order = order_numbers(f->view, g->view);
    if (order == 0)
        order = order_numbers(f->file, g->file);
    return order ? order : order_numbers(f->offset, g->offset);
}

typedef struct Sorting {
    const SekForge *forge;
    uint32_t *hosts;      /* numbers in the forest of the names of all logs ... */
    uint32_t *first_host; /* ... and where those of each log begin */
    uint32_t *first_block; /* where the blocks of each log begin, in the list of all */
    uint32_t n_blocks;
    _Atomic uint32_t next;
    _Atomic bool failed;
} Sorting;

/* Hosts and files by their numbers in the forest, then sorted. */
static void sort_facts(const Sorting *s, unsigned log, SekStoredFact *facts, uint32_t n) {
    const uint32_t *rank = s->forge->file_rank;
    for (uint32_t i = 0; i < n; i++) {
        facts[i].host = s->hosts[s->first_host[log] + facts[i].host] & 0xffffff;
        if (rank && facts[i].file < 0xffffff)
            facts[i].file = rank[facts[i].file] & 0xffffff;
    }
    qsort_r(facts, n, sizeof *facts, by_kind_and_place, s->forge->lineage);
}

static SekStatus sort_block(const Sorting *s, unsigned log, const SekFactBlock *block, SekStoredFact *room) {
    SekShelf *shelf = s->forge->lineage->shelf;
    memcpy(room, shelf->blocks[block->number].at, block->n * sizeof *room);
    memset(room + block->n, 0, (SEK_BLOCK_FACTS - block->n) * sizeof *room);
    sort_facts(s, log, room, block->n);
    SekStatus status = sek_shelf_replace(shelf, block->number, (const char *)room);
    sek_shelf_breathe(shelf);
    return status;
}

static void sort_blocks(void *user, unsigned index) {
    (void)index;
    Sorting *s = user;
    SekStoredFact *room = malloc(SEK_SHELF_BLOCK);
    unsigned log = 0;
    for (uint32_t i; room && !s->failed && (i = atomic_fetch_add(&s->next, 1)) < s->n_blocks;) {
        while (i >= s->first_block[log + 1])
            log++;
        if (sort_block(s, log, &s->forge->logs[log].blocks[i - s->first_block[log]], room) != SEK_OK)
            s->failed = true;
    }
    if (!room)
        s->failed = true;
    free(room);
}

static void number_hosts(Sorting *s) {
    const SekForge *forge = s->forge;
    uint32_t n = 0, blocks = 0;
    for (unsigned i = 0; i < forge->n_logs; i++) {
        const SekLineageLog *log = &forge->logs[i];
        s->first_host[i] = n;
        s->first_block[i] = blocks;
        for (uint32_t h = 0; h < log->n_hosts; h++)
            s->hosts[n++] = sek_lineage_host(forge->lineage, log->hosts[h]);
        blocks += log->n_blocks;
    }
    s->first_block[forge->n_logs] = s->n_blocks = blocks;
}

/* One run a block. */
static SekStatus begin_merge(const SekForge *forge, uint32_t n_blocks, SekShelfMerge *out) {
    SekShelfRun *runs = malloc(((size_t)n_blocks + 1) * sizeof *runs);
    if (!runs)
        return SEK_ERR_MEMORY;
    uint32_t n = 0;
    for (unsigned i = 0; i < forge->n_logs; i++)
        for (uint32_t b = 0; b < forge->logs[i].n_blocks; b++) {
            const SekFactBlock *block = &forge->logs[i].blocks[b];
            const char *at = forge->lineage->shelf->blocks[block->number].at;
            runs[n++] = (SekShelfRun){at, at + block->n * sizeof(SekStoredFact)};
        }
    *out = (SekShelfMerge){.runs = runs, .n = n,
                           .how = {sizeof(SekStoredFact), by_kind_and_place, forge->lineage}};
    sek_shelf_merge_begin(out);
    return SEK_OK;
}

SekStatus sek_facts_sorted(SekForge *forge, SekShelfMerge *out) {
    size_t n_hosts = 0;
    for (unsigned i = 0; i < forge->n_logs; i++)
        n_hosts += forge->logs[i].n_hosts;
    Sorting s = {.forge = forge, .hosts = malloc((n_hosts + 1) * sizeof *s.hosts),
                 .first_host = malloc(((size_t)forge->n_logs + 1) * sizeof *s.first_host),
                 .first_block = malloc(((size_t)forge->n_logs + 1) * sizeof *s.first_block)};
    SekStatus status = SEK_ERR_MEMORY;
    if (s.hosts && s.first_host && s.first_block) {
        number_hosts(&s);
        sek_pool_run(s.n_blocks < forge->n_logs ? (s.n_blocks ? s.n_blocks : 1) : forge->n_logs, sort_blocks, &s, NULL);
        status = s.failed ? SEK_ERR_MEMORY : begin_merge(forge, s.n_blocks, out);
    }
    free(s.hosts);
    free(s.first_host);
    free(s.first_block);
    return status;
}
