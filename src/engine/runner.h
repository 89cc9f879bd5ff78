/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Runner: a Source through Scanners into Sinks. With engine/give.h the only place that starts workers. Each owns a
 * Reader and a Scanner; they share the Source and the ledger under one lock, taken once per unit. The
 * same input gives the same output for any number of threads. */

#include "base/backing.h"
#include "engine/sink.h"
#include "engine/spill.h"
#include "event/source.h"

typedef struct SekRunOptions {
    unsigned threads; /* at least 1 */
    bool recover;
    bool no_decode;   /* text as recorded only (engine/again.h) */
    bool brute_force; /* no guards: for checking that they change nothing */
    SekLevel min_level;
    uint64_t from, to; /* FILETIME, inclusive; 0 = no bound */
    size_t memory_bytes;   /* for findings that wait to be sorted; 0 = no bound */
    const SekSpill *spill; /* where they go beyond it; NULL = they stay in memory */
    const SekBacking *backing; /* the same for what is known of processes, which has as much memory again */
    /* Called after each unit, with the lock held: be brief. May be NULL. */
    void (*progress)(void *user, uint64_t bytes, uint64_t records, uint64_t findings);
    void *progress_user;
} SekRunOptions;

/* Runs to the end of `source`, then gives the findings to `sinks` and ends them. SEK_OK; fatal
 * statuses; whatever a sink returned. `*out` is filled in any case. */
SEK_MUST_USE SekStatus sek_run(const SekRuleset *rules, SekSource *source, const SekRunOptions *options,
                               SekSink *const *sinks, size_t n_sinks, SekSummary *out, SekError *err);
