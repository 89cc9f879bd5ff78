/* SPDX-License-Identifier: Apache-2.0 */
/* The logs of one host: events are staged in any order, then sorted by time, numbered and written.
 *
 * While a step is set, every staged event belongs to the attack and goes into the ground truth. */
#pragma once

#include <stdio.h>

#include "evtxgen/case_core.h"
#include "evtxgen/case_kinds.h"
#include "evtxgen/gen_system.h"

typedef struct SekCaseEvent {
    SekGenEvent event; /* payload and values are set when it is written */
    SekGenValues values;
    SekGenGuid activity; /* used when event.activity is set */
    SekCaseKind kind;
    uint32_t order; /* keeps events of one instant in staging order */
    int step;       /* of case.md; 0: background */
    const char *note;
} SekCaseEvent;

typedef struct SekCaseLog {
    SekCaseEvent **events; /* owned array, events in the arena */
    size_t n;
    size_t cap;
    uint64_t first_record_id;
    uint64_t last_time; /* of the last event that was given at a whole millisecond */
    uint64_t last_jitter;
    /* A log that was archived at `archive_time` and cleared at `clear_time`: what lies between is
     * lost. 0: neither. */
    uint64_t archive_time;
    uint64_t clear_time;
} SekCaseLog;

typedef struct SekCaseLogs {
    SekCaseArena *arena;
    const char *host;
    const char *computer; /* full name, as events carry it */
    bool sysmon13;
    SekCaseLog log[SEK_CASE_N_CHANNELS];
    SekGenSource sources[SEK_CASE_N_PROVIDERS];
    SekGenTemplate *templates[SEK_CASE_N_KINDS]; /* made when first used */
    uint32_t next_order;
    int step;
    const char *note;
} SekCaseLogs;

typedef struct SekCaseTotals {
    uint64_t records;
    uint64_t files;
    uint64_t bytes;
} SekCaseTotals;

void sek_case_logs_init(SekCaseLogs *logs, SekCaseArena *arena, const char *host, const char *computer);
void sek_case_logs_deinit(SekCaseLogs *logs);

/* Stages an event and returns it; the caller adds its values and may change System values. */
SekCaseEvent *sek_case_stage(SekCaseLogs *logs, SekCaseKind kind, uint64_t time);

/* Writes DIR/HOST/<channel>.evtx for every channel with events, and the attack events to `truth`.
 * False (with a message on stderr) when a file cannot be written or a value does not fit. */
bool sek_case_logs_write(SekCaseLogs *logs, const char *dir, FILE *truth, SekCaseTotals *totals);
