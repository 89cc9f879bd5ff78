/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/runner.h"

#include "base/heap.h"
#include "base/pool.h"
#include "engine/correlated.h"
#include "engine/gave_up.h"
#include "engine/give.h"
#include "engine/host_names.h"
#include "engine/look.h"

#include <pthread.h>
#include <stdlib.h>

/* What lineage may hold, in memory budgets: with one, the processes of 1 GB of dense logs go to the disk, which costs an
 * eighth of the time of a scan. */
#define SHELF_SHARES 2u

typedef struct Run {
    const SekRuleset *rules;
    SekSource *source;
    const SekRunOptions *options;
    unsigned wants;
    SekRuns runs;
    SekFeed *feeds; /* one a worker */
    _Atomic uint64_t feed_bytes;
    SekLineageLog *lineage_logs; /* one a worker; NULL when no rule asks for ancestry */
    SekShelf shelf; /* their facts and texts, and the forest */
    SekLineage *lineage; /* from when everything is read */
    SekSettler *settler;
    SekFragments *fragments;
    _Atomic uint32_t next_script;
    pthread_mutex_t lock; /* guards everything below, the source and its ledger */
    SekStatus status;
    SekError err;
    uint64_t bytes, records, findings;
    uint64_t *gave_up; /* one a rule */
    uint64_t n_gave_up;
    uint64_t unknown; /* conditions that ancestors leave open */
    SekHosts hosts;
    SekHostSet host_set; /* which of them are one; from when everything is read */
} Run;

typedef struct Worker {
    Run *run;
    SekReader *reader;
    SekLook look;
    SekHits hits;
    SekHosts hosts;
    SekLineageLog *lineage_log; /* NULL when no rule asks for ancestry */
    SekUnit unit;
} Worker;

static void stop(Run *run, SekStatus status, const SekError *err) {
    pthread_mutex_lock(&run->lock);
    if (run->status == SEK_OK) {
        run->status = status;
        if (err)
            run->err = *err;
        run->err.code = status;
    }
    pthread_mutex_unlock(&run->lock);
}

static SekStatus take_unit(Worker *w) {
    Run *run = w->run;
    SekError err = {0};
    pthread_mutex_lock(&run->lock);
    SekStatus status = run->status != SEK_OK ? SEK_END : run->source->next(run->source->self, &w->unit, &err);
    pthread_mutex_unlock(&run->lock);
    if (status != SEK_OK && status != SEK_END)
        stop(run, status, &err);
    return status;
}

/* Events without a time are kept whatever the bounds: nobody knows that they lie outside. */
static bool is_wanted(const Run *run, const SekEvent *event) {
    const SekRunOptions *o = run->options;
    return !event->time || ((!o->from || event->time >= o->from) && (!o->to || event->time <= o->to));
}

static SekStatus account(Worker *w) {
    Run *run = w->run;
    const SekReadStats *stats = sek_reader_stats(w->reader);
    pthread_mutex_lock(&run->lock);
    SekStatus status = sek_reader_account(w->reader, run->source->ledger);
    run->bytes += stats->bytes;
    run->records += stats->records;
    run->findings += w->look.findings;
    w->look.findings = 0;
    if (run->options->progress)
        run->options->progress(run->options->progress_user, run->bytes, run->records, run->findings);
    pthread_mutex_unlock(&run->lock);
    return status;
}

static SekStatus scan_unit(Worker *w) {
    SekStatus status = SEK_OK;
    SekDamage unreadable = {.offset = w->unit.offset, .what = "cannot be read from here on"};
    if (!w->unit.loaded && w->run->source->load(w->run->source->self, &w->unit, NULL) != SEK_OK) {
        pthread_mutex_lock(&w->run->lock);
        status = sek_ledger_damage(w->run->source->ledger, w->unit.file, &unreadable);
        pthread_mutex_unlock(&w->run->lock);
        return status;
    }
    sek_reader_start(w->reader, &w->unit);
    SekEvent event;
    while (status == SEK_OK) {
        status = sek_reader_next(w->reader, &event);
        /* Also outside the bounds: parents are older than children. */
        if (status == SEK_OK && w->lineage_log)
            status = sek_process_note(w->look.processes, &event, w->unit.file, w->lineage_log);
        if (status != SEK_OK || !is_wanted(w->run, &event))
            continue;
        status = sek_hosts_event(&w->hosts, &event);
        if (status == SEK_OK)
            status = sek_look_event(&w->look, &event, w->unit.file);
    }
    return status == SEK_END ? account(w) : status;
}

static SekStatus open_worker(Worker *w, Run *run, unsigned index) {
    *w = (Worker){.run = run};
    sek_hits_init(&w->hits, &run->runs);
    sek_runs_share(&run->runs, index, &w->hits);
    sek_hosts_init(&w->hosts);
    w->look = (SekLook){.rules = run->rules, .hits = &w->hits, .feed = &run->feeds[index],
                        .fragments = run->fragments, .ledger = run->source->ledger, .wants = run->wants,
                        .min_level = run->options->min_level};
    SekStatus status = SEK_OK;
    if (run->lineage_logs) {
        w->lineage_log = &run->lineage_logs[index];
        status = sek_process_reader_new(&w->look.processes);
    }
    if (status == SEK_OK)
        status = sek_look_init(&w->look, !run->options->no_decode);
    if (status == SEK_OK && run->options->brute_force)
        sek_scanner_brute_force(w->look.scanner);
    return status;
}

/* Adds matches of regular expressions that were given up, one number a predicate. */
static void count_gave_up(Run *run, const uint32_t *by_pred) {
    if (!by_pred)
        return;
    SekStatus counted = sek_gave_up_by_rule(run->rules, by_pred, run->gave_up);
    run->status = run->status == SEK_OK ? counted : run->status;
    for (uint32_t i = 0; i < run->rules->n_preds; i++)
        run->n_gave_up += by_pred[i];
}

/* Gives what it found to the run; `status` is how it went. */
static void close_worker(Worker *w, SekStatus status) {
    Run *run = w->run;
    if (status == SEK_OK)
        status = sek_runs_keep_last(&run->runs, &w->hits);
    pthread_mutex_lock(&run->lock);
    if (status == SEK_OK)
        status = sek_hosts_join(&run->hosts, &w->hosts);
    pthread_mutex_unlock(&run->lock);
    sek_hosts_deinit(&w->hosts);
    if (status != SEK_OK)
        stop(run, status, NULL);
    if (w->look.scanner) {
        pthread_mutex_lock(&run->lock);
        count_gave_up(run, sek_scanner_gave_up(w->look.scanner));
        pthread_mutex_unlock(&run->lock);
    }
    sek_look_deinit(&w->look);
    sek_process_reader_free(w->look.processes);
    sek_hits_deinit(&w->hits);
}

static void work(void *user, unsigned index) {
    Run *run = user;
    Worker w;
    SekReaderOptions options = {.recover = run->options->recover};
    SekStatus status = open_worker(&w, run, index);
    w.unit.bytes = aligned_alloc(SEK_UNIT_ALIGN, SEK_UNIT_BYTES);
    if (status == SEK_OK && !w.unit.bytes)
        status = SEK_ERR_MEMORY;
    if (status == SEK_OK)
        status = sek_reader_new(&options, &w.reader);
    w.look.reader = w.reader;
    while (status == SEK_OK && take_unit(&w) == SEK_OK)
        status = scan_unit(&w);
    close_worker(&w, status);
    sek_reader_free(w.reader);
    free(w.unit.bytes);
}

/* --- scripts that were logged in parts ------------------------------------------------------------ */

static void work_on_scripts(void *user, unsigned index) {
    Run *run = user;
    Worker w;
    SekArena arena;
    SekStatus status = open_worker(&w, run, index);
    uint32_t n = sek_fragments_count(run->fragments), i;
    sek_arena_init(&arena, 0);
    while (status == SEK_OK && (i = atomic_fetch_add(&run->next_script, 1)) < n) {
        SekScript script;
        sek_arena_reset(&arena);
        SekError err = {0};
        status = sek_fragments_script(run->fragments, i, &arena, &script, &err);
        if (status == SEK_OK)
            status = sek_look_script(&w.look, &script);
        else
            stop(run, status, &err);
    }
    close_worker(&w, status);
    sek_arena_deinit(&arena);
}

static SekStatus join_scripts(Run *run, unsigned n_workers, const uint32_t *rank) {
    SekStatus status = sek_fragments_join(run->fragments, rank);
    uint32_t n = sek_fragments_count(run->fragments);
    if (status != SEK_OK || n == 0)
        return status;
    sek_pool_run(n < n_workers ? n : n_workers, work_on_scripts, run, NULL);
    return run->status;
}

/* --- files in the order of their paths --------------------------------------------------------- */

typedef struct Named {
    SekStr path;
    uint32_t index;
} Named;

static int by_path(const void *a, const void *b) {
    const Named *x = a, *y = b;
    int order = sek_str_cmp(x->path, y->path);
    return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

/* Ledger indices in the order of their paths, so that nothing depends on how the files were found. */
static SekStatus order_files(const SekLedger *ledger, uint32_t **out_order) {
    Named *named = calloc(ledger->n_files + 1, sizeof *named);
    uint32_t *order = calloc(ledger->n_files + 1, sizeof *order);
    if (!named || !order) {
        free(named);
        free(order);
        return SEK_ERR_MEMORY;
    }
    for (uint32_t i = 0; i < ledger->n_files; i++)
        named[i] = (Named){ledger->files[i]->path, i};
    qsort(named, ledger->n_files, sizeof *named, by_path);
    for (uint32_t i = 0; i < ledger->n_files; i++)
        order[i] = named[i].index;
    free(named);
    *out_order = order;
    return SEK_OK;
}

static SekStatus rank_files(const SekLedger *ledger, const uint32_t *order, uint32_t **out_rank) {
    uint32_t *rank = calloc(ledger->n_files + 1, sizeof *rank);
    if (!rank)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < ledger->n_files; i++)
        rank[order[i]] = i;
    *out_rank = rank;
    return SEK_OK;
}

/* --- when everything is read --------------------------------------------------------------------- */

/* Joins what the workers fed and adds what the correlations make of it to the hits. */
static SekStatus correlate(Run *run, unsigned n_workers, const uint32_t *rank) {
    if (run->rules->n_correlations == 0)
        return SEK_OK;
    SekFeed *all = &run->feeds[0];
    all->budget = NULL; /* what is in was within it */
    SekStatus status = SEK_OK;
    for (unsigned i = 1; i < n_workers && status == SEK_OK; i++) {
        status = sek_feed_join(all, &run->feeds[i], run->rules);
        sek_feed_deinit(&run->feeds[i]);
    }
    if (status == SEK_OK && run->settler)
        status = sek_settle_feed(run->settler, run->lineage, run->rules, all);
    if (status == SEK_OK)
        status = sek_host_names_group(&run->host_set, run->rules, all);
    if (status != SEK_OK)
        return status;
    SekCorrelatedInput input = {.rules = run->rules, .ledger = run->source->ledger, .feed = all, .rank = rank,
                                .min_level = run->options->min_level,
                                .fields = run->wants & SEK_WANT_FIELDS};
    SekHits hits;
    sek_hits_init(&hits, &run->runs);
    status = sek_correlated_hits(&input, &hits);
    if (status == SEK_OK)
        status = sek_runs_keep_last(&run->runs, &hits);
    sek_hits_deinit(&hits);
    return status;
}

/* Makes the forest of what the workers noted, and what decides with it. */
static SekStatus build_lineage(Run *run, unsigned n_workers, const uint32_t *rank, SekSummary *summary) {
    if (!run->lineage_logs)
        return SEK_OK;
    sek_heap_trim(); /* workers are gone, and the forest is large */
    SekStatus status = sek_lineage_build(run->lineage_logs, n_workers, rank, &run->host_set, &run->lineage);
    if (status != SEK_OK)
        return status;
    SekLineageStats stats = sek_lineage_stats(run->lineage);
    summary->processes = stats.processes;
    summary->processes_inferred = stats.inferred;
    summary->lineage_dropped = stats.dropped;
    return sek_settler_new(run->rules, run->lineage, &run->settler);
}

static void settled(void *user, const SekSettler *settler) {
    Run *run = user;
    count_gave_up(run, sek_settler_gave_up(settler));
    run->unknown += sek_settler_unknown(settler);
}

typedef struct Outputs {
    SekSink *const *sinks;
    size_t n_sinks;
    const uint32_t *rank;
    SekSummary *summary;
} Outputs;

static SekStatus give(Run *run, unsigned n_workers, const Outputs *out) {
    SekGive give = {.rules = run->rules, .runs = &run->runs, .ledger = run->source->ledger, .rank = out->rank,
                    .hosts = &run->host_set, .lineage = run->lineage, .sinks = out->sinks, .n_sinks = out->n_sinks,
                    .threads = n_workers, .settled = settled, .user = run};
    return sek_give(&give, out->summary, &run->err);
}

static SekStatus finish(Run *run, unsigned n_workers, SekSink *const *sinks, size_t n_sinks,
                        SekSummary *summary) {
    SekLedger *ledger = run->source->ledger;
    uint32_t *order = NULL, *rank = NULL;
    sek_ledger_finish(ledger);
    for (uint32_t i = 0; i < ledger->n_files; i++)
        sek_ledger_sum(ledger->files[i], summary);
    SekStatus status = order_files(ledger, &order);
    if (status == SEK_OK)
        status = rank_files(ledger, order, &rank);
    if (status == SEK_OK)
        status = join_scripts(run, n_workers, rank);
    summary->fragments_dropped = sek_fragments_dropped(run->fragments);
    if (status == SEK_OK)
        status = sek_host_names_set(&run->hosts, &run->host_set);
    if (status == SEK_OK)
        status = build_lineage(run, n_workers, rank, summary);
    if (status == SEK_OK)
        status = correlate(run, n_workers, rank);
    summary->correlation_dropped = run->feeds[0].dropped;
    summary->correlation_copies = run->feeds[0].copies;
    if (status == SEK_OK)
        status = give(run, n_workers, &(Outputs){sinks, n_sinks, rank, summary});
    if (run->settler)
        settled(run, run->settler);
    summary->lineage_unknown = run->unknown;
    summary->regex_gave_up = run->n_gave_up;
    if (run->rules->piped)
        summary->records_renamed = 0;
    SekFragmentsStore parts = sek_fragments_store(run->fragments);
    summary->spilled_bytes = run->runs.store_end + parts.bytes + run->shelf.on_disk;
    summary->spill_err = run->runs.spill_err.code ? run->runs.spill_err : parts.spill_err;
    if (!summary->spill_err.code)
        summary->spill_err = run->shelf.err;
    sek_host_names_merge(&run->host_set, &run->hosts);
    sek_hosts_sort(&run->hosts);
    SekRunResult result = {.rules = run->rules, .ledger = ledger, .file_order = order, .summary = summary,
                           .gave_up = run->gave_up, .hosts = run->hosts.items, .n_hosts = run->hosts.n,
                           .from = run->options->from, .to = run->options->to,
                           .min_level = run->options->min_level};
    for (size_t s = 0; s < n_sinks && status == SEK_OK; s++)
        status = sinks[s]->end(sinks[s]->self, &result, &run->err);
    free(rank);
    free(order);
    return status;
}

/* Each worker notes what events tell of processes, if any rule wants to know. */
static SekStatus begin_lineage(Run *run, unsigned n_workers) {
    if (!run->rules->ancestry)
        return SEK_OK;
    run->lineage_logs = calloc(n_workers, sizeof *run->lineage_logs);
    if (!run->lineage_logs)
        return SEK_ERR_MEMORY;
    sek_shelf_init(&run->shelf, SHELF_SHARES * (uint64_t)run->options->memory_bytes, run->options->backing);
    for (unsigned i = 0; i < n_workers; i++)
        sek_lineage_log_init(&run->lineage_logs[i], &run->shelf);
    return SEK_OK;
}

static void end_lineage(Run *run, unsigned n_workers) {
    sek_settler_free(run->settler);
    sek_lineage_free(run->lineage);
    for (unsigned i = 0; run->lineage_logs && i < n_workers; i++)
        sek_lineage_log_deinit(&run->lineage_logs[i]);
    if (run->lineage_logs)
        sek_shelf_deinit(&run->shelf);
    free(run->lineage_logs);
}

SekStatus sek_run(const SekRuleset *rules, SekSource *source, const SekRunOptions *options,
                  SekSink *const *sinks, size_t n_sinks, SekSummary *out, SekError *err) {
    Run run = {.rules = rules, .source = source, .options = options};
    *out = (SekSummary){0};
    for (size_t s = 0; s < n_sinks; s++)
        run.wants |= sinks[s]->wants;
    unsigned n = options->threads;
    sek_hosts_init(&run.hosts);
    run.feeds = calloc(n, sizeof *run.feeds);
    run.gave_up = calloc((size_t)rules->n_rules + 1, sizeof *run.gave_up);
    /* A sixteenth is for parts of scripts, the rest for findings. */
    size_t parts_bytes = options->memory_bytes / 16;
    SekFragmentsOptions parts = {.memory_bytes = parts_bytes, .spill = options->memory_bytes ? options->spill : NULL};
    SekStatus status = run.feeds && run.gave_up ? sek_fragments_new(&parts, &run.fragments) : SEK_ERR_MEMORY;
    if (status == SEK_OK)
        status = begin_lineage(&run, n);
    if (status == SEK_OK) {
        SekRunsOptions keeping = {.budget_bytes = options->memory_bytes - parts_bytes, .workers = n, .spill = options->spill,
                                  .ledger = source->ledger, .lock = &run.lock};
        sek_runs_init(&run.runs, &keeping);
        for (unsigned i = 0; i < n; i++)
            sek_feed_init(&run.feeds[i], &run.feed_bytes);
        pthread_mutex_init(&run.lock, NULL);
        sek_pool_run(n, work, &run, NULL);
        status = run.status;
        if (status == SEK_OK)
            status = finish(&run, n, sinks, n_sinks, out);
        pthread_mutex_destroy(&run.lock);
        sek_runs_deinit(&run.runs);
        for (unsigned i = 0; i < n; i++)
            sek_feed_deinit(&run.feeds[i]);
    }
    if (status == SEK_ERR_IO && !run.err.what[0])
        run.err = sek_fragments_store(run.fragments).err;
    if (status != SEK_OK && err) {
        *err = run.err;
        err->code = status;
    }
    end_lineage(&run, n);
    sek_host_set_deinit(&run.host_set);
    sek_hosts_deinit(&run.hosts);
    sek_fragments_free(run.fragments);
    free(run.feeds);
    free(run.gave_up);
    return status;
}
