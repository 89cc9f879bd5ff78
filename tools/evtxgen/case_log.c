/* SPDX-License-Identifier: Apache-2.0 */
/* Staging, numbering and writing of a host's logs; see the header. */
#include "evtxgen/case_log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "evtxgen/evtx_write.h"

void sek_case_logs_init(SekCaseLogs *logs, SekCaseArena *arena, const char *host, const char *computer) {
    *logs = (SekCaseLogs){.arena = arena, .host = host, .computer = computer};
    for (size_t i = 0; i < SEK_CASE_N_PROVIDERS; i++) {
        const SekCaseProviderInfo *info = sek_case_provider_info((SekCaseProvider)i);
        logs->sources[i] = (SekGenSource){
            .computer = computer,
            .channel = sek_case_channel_name((SekCaseChannel)info->channel),
            .provider = info->name,
            .provider_guid = info->guid,
            .event_source = info->event_source,
            .flags = info->flags,
        };
    }
}

void sek_case_logs_deinit(SekCaseLogs *logs) {
    for (size_t i = 0; i < SEK_CASE_N_CHANNELS; i++) {
        for (size_t k = 0; k < logs->log[i].n; k++) {
            sek_gen_values_deinit(&logs->log[i].events[k]->values);
        }
        free(logs->log[i].events);
    }
    for (size_t i = 0; i < SEK_CASE_N_KINDS; i++) {
        sek_gen_template_free(logs->templates[i]);
    }
    *logs = (SekCaseLogs){0};
}

static void no_memory(void) {
    fputs("sekisho-mkcase: out of memory\n", stderr);
    exit(EXIT_FAILURE);
}

static SekCaseLog *log_of(SekCaseLogs *logs, SekCaseKind kind) {
    const SekCaseKindInfo *info = sek_case_kind_info(kind);
    return &logs->log[sek_case_provider_info((SekCaseProvider)info->provider)->channel];
}

/* Adds ticks below the millisecond to a time that has none, keeping the order of staging. */
static uint64_t jitter(SekCaseLog *log, uint64_t time) {
    if (time % SEK_CASE_MS) {
        return time;
    }
    uint64_t ticks = (time / SEK_CASE_MS * 7919 + log->n * 6271) % 6000;
    if (time == log->last_time && ticks <= log->last_jitter) {
        ticks = log->last_jitter + 1 + ticks % 300;
    }
    log->last_time = time;
    log->last_jitter = ticks;
    return time + ticks;
}

SekCaseEvent *sek_case_stage(SekCaseLogs *logs, SekCaseKind kind, uint64_t time) {
    const SekCaseKindInfo *info = sek_case_kind_info(kind);
    SekCaseLog *log = log_of(logs, kind);
    if (log->n == log->cap) {
        size_t cap = log->cap ? log->cap * 2 : 1024;
        SekCaseEvent **events = realloc(log->events, cap * sizeof(SekCaseEvent *));
        if (!events) {
            no_memory();
        }
        log->events = events;
        log->cap = cap;
    }
    SekCaseEvent *e = sek_case_alloc(logs->arena, sizeof *e);
    *e = (SekCaseEvent){
        .event = {.filetime = jitter(log, time),
                  .event_id = info->event_id,
                  .qualifiers = info->qualifiers,
                  .version = info->version,
                  .level = info->level,
                  .opcode = info->opcode,
                  .task = info->task,
                  .keywords = info->keywords},
        .kind = kind,
        .order = logs->next_order++,
        .step = logs->step,
        .note = logs->note,
    };
    sek_gen_values_init(&e->values);
    log->events[log->n++] = e;
    return e;
}

static int compare_events(const void *left, const void *right) {
    const SekCaseEvent *a = *(SekCaseEvent *const *)left;
    const SekCaseEvent *b = *(SekCaseEvent *const *)right;
    if (a->event.filetime != b->event.filetime) {
        return a->event.filetime < b->event.filetime ? -1 : 1;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

static const SekGenTemplate *template_of(SekCaseLogs *logs, SekCaseKind kind) {
    if (!logs->templates[kind]) {
        const SekCaseKindInfo *info = sek_case_kind_info(kind);
        const char *more = logs->sysmon13 && info->fields13 ? info->fields13 : "";
        char *fields = sek_case_fmt(logs->arena, "%s%s", info->fields, more);
        logs->templates[kind] = sek_gen_template_fields(info->root, fields);
        if (!logs->templates[kind]) {
            no_memory();
        }
    }
    return logs->templates[kind];
}

typedef struct OneFile {
    const char *name; /* below the host's folder, without ".evtx" */
    size_t from, to;  /* events of the log */
} OneFile;

static bool write_events(SekCaseLogs *logs, const SekCaseLog *log, const OneFile *file,
                         SekGenWriter *writer) {
    for (size_t i = file->from; i < file->to; i++) {
        SekCaseEvent *e = log->events[i];
        const SekCaseKindInfo *info = sek_case_kind_info(e->kind);
        e->event.payload = template_of(logs, e->kind);
        e->event.values = &e->values;
        e->event.activity = e->event.activity ? &e->activity : NULL;
        SekGenStatus status = sek_gen_writer_add(writer, &logs->sources[info->provider], &e->event);
        if (status != SEK_GEN_OK) {
            fprintf(stderr, "sekisho-mkcase: %s %s: event %u (record %" PRIu64 "): status %d\n", logs->host,
                    file->name, info->event_id, e->event.record_id, (int)status);
            return false;
        }
    }
    return true;
}

static void write_truth(const SekCaseLogs *logs, const SekCaseLog *log, const OneFile *file, FILE *truth) {
    for (size_t i = file->from; i < file->to; i++) {
        const SekCaseEvent *e = log->events[i];
        if (e->step) {
            const SekCaseKindInfo *info = sek_case_kind_info(e->kind);
            uint8_t channel = sek_case_provider_info((SekCaseProvider)info->provider)->channel;
            fprintf(truth, "%d\t%s\t%s/%s.evtx\t%" PRIu64 "\t%s\t%u\t%s\n", e->step, logs->host, logs->host,
                    file->name, e->event.record_id, sek_case_channel_name((SekCaseChannel)channel),
                    info->event_id, e->note);
        }
    }
}

static bool write_file(SekCaseLogs *logs, const SekCaseLog *log, const OneFile *file, const char *dir,
                       SekCaseTotals *totals) {
    char *path = sek_case_fmt(logs->arena, "%s/%s/%s.evtx", dir, logs->host, file->name);
    SekGenWriterOptions options = {.file = fopen(path, "wb")};
    if (!options.file) {
        fprintf(stderr, "sekisho-mkcase: %s: %s\n", path, strerror(errno));
        return false;
    }
    SekGenWriter *writer = NULL;
    bool good = sek_gen_writer_open(&options, &writer) == SEK_GEN_OK &&
                write_events(logs, log, file, writer) && sek_gen_writer_finish(writer) == SEK_GEN_OK;
    if (good) {
        totals->records += sek_gen_writer_n_records(writer);
        totals->bytes += 4096 + (uint64_t)sek_gen_writer_n_chunks(writer) * 65536;
        totals->files++;
    }
    sek_gen_writer_free(writer);
    good = fclose(options.file) == 0 && good;
    if (!good) {
        fprintf(stderr, "sekisho-mkcase: %s: not written completely\n", path);
    }
    return good;
}

/* The first event at or after `time`. */
static size_t event_at(const SekCaseLog *log, uint64_t time) {
    size_t i = 0;
    while (i < log->n && log->events[i]->event.filetime < time) {
        i++;
    }
    return i;
}

/* Archive-Security-2022-04-26-02-20-11-345, as the Event Log service names it. */
static const char *archive_name(SekCaseLogs *logs, const char *file, uint64_t time) {
    SekGenDate d = sek_gen_date(time);
    return sek_case_fmt(logs->arena, "Archive-%s-%04u-%02u-%02u-%02u-%02u-%02u-%03u", file, d.year, d.month,
                        d.day, d.hour, d.minute, d.second, d.ticks / 10000);
}

static bool write_log(SekCaseLogs *logs, SekCaseChannel channel, const char *dir, FILE *truth,
                      SekCaseTotals *totals) {
    SekCaseLog *log = &logs->log[channel];
    if (log->n == 0) {
        return true;
    }
    qsort(log->events, log->n, sizeof(SekCaseEvent *), compare_events);
    for (size_t i = 0; i < log->n; i++) {
        log->events[i]->event.record_id = log->first_record_id + i;
    }
    const char *name = sek_case_channel_file(channel);
    OneFile files[2] = {{.name = name, .from = 0, .to = log->n}};
    size_t n_files = 1;
    if (log->archive_time) {
        files[0].name = archive_name(logs, name, log->archive_time);
        files[0].to = event_at(log, log->archive_time);
        files[1] = (OneFile){.name = name, .from = event_at(log, log->clear_time), .to = log->n};
        n_files = 2;
    }
    for (size_t i = 0; i < n_files; i++) {
        if (!write_file(logs, log, &files[i], dir, totals)) {
            return false;
        }
        write_truth(logs, log, &files[i], truth);
    }
    return true;
}

bool sek_case_logs_write(SekCaseLogs *logs, const char *dir, FILE *truth, SekCaseTotals *totals) {
    char *path = sek_case_fmt(logs->arena, "%s/%s", dir, logs->host);
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "sekisho-mkcase: %s: %s\n", path, strerror(errno));
        return false;
    }
    for (size_t i = 0; i < SEK_CASE_N_CHANNELS; i++) {
        if (!write_log(logs, (SekCaseChannel)i, dir, truth, totals)) {
            return false;
        }
    }
    return true;
}
