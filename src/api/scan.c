/* SPDX-License-Identifier: Apache-2.0 */

/* A run: collect's source, the engine's runner, report's sinks, put together. */
#include "base/backing.h"
#include "base/file.h"
#include "base/grow.h"
#include "base/tempfile.h"
#include "collect/collect.h"
#include "engine/runner.h"
#include "report/report.h"

#include <stdlib.h>

#define PROGRESS_SECONDS 0.1

struct SekScan {
    const SekRuleset *rules;
    SekScanOptions options;
    SekCollect *collect;
    SekSink *sinks;
    uint32_t n_sinks, cap_sinks;
    double started, told;
};

SekStatus sek_scan_new(const SekRuleset *rules, const SekScanOptions *options, SekScan **out) {
    SekScan *scan = calloc(1, sizeof *scan);
    if (!scan || sek_collect_new(&scan->collect) != SEK_OK) {
        free(scan);
        return SEK_ERR_MEMORY;
    }
    scan->rules = rules;
    scan->options = *options;
    *out = scan;
    return SEK_OK;
}

void sek_scan_free(SekScan *scan) {
    if (!scan)
        return;
    for (size_t i = 0; i < scan->n_sinks; i++)
        scan->sinks[i].free(scan->sinks[i].self);
    free(scan->sinks);
    sek_collect_free(scan->collect);
    free(scan);
}

SekStatus sek_scan_add_path(SekScan *scan, const char *path) {
    return sek_collect_add(scan->collect, path);
}

static SekStatus add_sink(SekScan *scan, SekSink sink) {
    if (sek_grow(&scan->sinks, &scan->cap_sinks, scan->n_sinks, sizeof *scan->sinks) != SEK_OK) {
        sink.free(sink.self);
        return SEK_ERR_MEMORY;
    }
    scan->sinks[scan->n_sinks++] = sink;
    return SEK_OK;
}

SekStatus sek_scan_add_output(SekScan *scan, const SekOutput *output, SekError *err) {
    SekSink sink;
    SekStatus status = sek_report_sink(output, &sink, err);
    return status == SEK_OK ? add_sink(scan, sink) : status;
}

typedef struct Callback {
    SekFindingCallback call;
    void *user;
} Callback;

static SekStatus call_back(void *self, const SekFinding *finding, SekError *err) {
    (void)err;
    const Callback *callback = self;
    return callback->call(callback->user, finding);
}

static SekStatus no_end(void *self, const SekRunResult *result, SekError *err) {
    (void)self;
    (void)result;
    (void)err;
    return SEK_OK;
}

SekStatus sek_scan_add_callback(SekScan *scan, SekFindingCallback call, void *user) {
    Callback *callback = malloc(sizeof *callback);
    if (!callback)
        return SEK_ERR_MEMORY;
    *callback = (Callback){call, user};
    return add_sink(scan, (SekSink){.self = callback, .wants = SEK_WANT_FIELDS | SEK_WANT_CALLER,
                                    .finding = call_back, .end = no_end, .free = free});
}

/* The runner calls this after each unit, under its lock. */
static void progress(void *user, uint64_t bytes, uint64_t records, uint64_t findings) {
    SekScan *scan = user;
    double now = sek_clock_seconds();
    if (now - scan->told < PROGRESS_SECONDS)
        return;
    scan->told = now;
    SekProgress p = {.bytes_done = bytes, .bytes_total = sek_collect_bytes(scan->collect), .records = records,
                     .findings = findings, .seconds = now - scan->started};
    scan->options.progress(scan->options.progress_user, &p);
}

/* --- temporary files ---------------------------------------------------------------------------- */

static const char *temp_folder(const SekScanOptions *options) {
    return options->temp_folder ? options->temp_folder : "/tmp";
}

static SekStatus spill_open(void *self, void **out, SekError *err) {
    const SekScan *scan = self;
    SekTempFile *file = malloc(sizeof *file);
    if (!file)
        return SEK_ERR_MEMORY;
    SekStatus status = sek_temp_open(temp_folder(&scan->options), file, err);
    if (status != SEK_OK)
        free(file);
    else
        *out = file;
    return status;
}

static SekStatus spill_write(void *store, uint64_t offset, const void *bytes, size_t len, SekError *err) {
    return sek_temp_write(store, offset, bytes, len, err);
}

static SekStatus spill_read(void *store, uint64_t offset, void *out, size_t len, SekError *err) {
    return sek_temp_read(store, offset, out, len, err);
}

static void spill_close(void *store) {
    sek_temp_close(store);
    free(store);
}

/* --- the run ------------------------------------------------------------------------------------ */

static size_t memory_of(const SekScanOptions *options) {
    uint64_t bytes = options->memory_bytes ? options->memory_bytes : SEK_MEMORY_DEFAULT;
    return bytes < SIZE_MAX ? (size_t)bytes : SIZE_MAX;
}

SekStatus sek_scan_run(SekScan *scan, SekSummary *out, SekError *err) {
    SekSpill spill = {.self = scan, .open = spill_open, .write = spill_write, .read = spill_read,
                      .close = spill_close};
    SekBacking backing = sek_backing_folder(temp_folder(&scan->options));
    SekRunOptions options = {
        .memory_bytes = memory_of(&scan->options),
        .spill = &spill,
        .backing = &backing,
        .threads = scan->options.threads ? scan->options.threads : sek_cpu_count(),
        .recover = scan->options.recover,
        .brute_force = scan->options.brute_force,
        .no_decode = scan->options.no_decode,
        .min_level = scan->options.min_level,
        .from = scan->options.from,
        .to = scan->options.to,
        .progress = scan->options.progress ? progress : NULL,
        .progress_user = scan,
    };
    SekSink **sinks = calloc(scan->n_sinks + 1, sizeof *sinks);
    if (!sinks)
        return SEK_ERR_MEMORY;
    for (size_t i = 0; i < scan->n_sinks; i++)
        sinks[i] = &scan->sinks[i];
    scan->started = scan->told = sek_clock_seconds();
    SekStatus status = sek_run(scan->rules, sek_collect_source(scan->collect), &options, sinks,
                               scan->n_sinks, out, err);
    free(sinks);
    return status;
}
