/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Sink: takes findings, in order, from one thread; needs no locks. */

#include "engine/hosts.h"
#include "engine/ruleset.h"
#include "event/ledger.h"

/* What a sink needs of an event beyond its identity; costs are paid only when some sink asks. */
enum { SEK_WANT_FIELDS = 1, SEK_WANT_XML = 2 };

/* What there is to say when all findings have been given. */
typedef struct SekRunResult {
    const SekRuleset *rules;
    const SekLedger *ledger;
    const uint32_t *file_order; /* ledger indices, sorted by path */
    const SekSummary *summary;
    const SekHost *hosts; /* all whose events were searched, by name; none when there were too many */
    uint32_t n_hosts;
    const uint64_t *gave_up; /* one a rule: regular-expression matches of it given up at their limit */
    uint64_t from, to; /* FILETIME bounds of the run; 0 = none */
    SekLevel min_level;
} SekRunResult;

typedef struct SekSink {
    void *self;
    unsigned wants;
    /* Anything but SEK_OK stops the run and is returned by it. */
    SekStatus (*finding)(void *self, const SekFinding *finding, SekError *err);
    SekStatus (*end)(void *self, const SekRunResult *result, SekError *err);
    void (*free)(void *self);
} SekSink;
