/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Sink: takes findings, in order, one at a time; needs no locks. Threads take turns with it. */

#include "base/buf.h"
#include "engine/hosts.h"
#include "engine/ruleset.h"
#include "event/ledger.h"

/* What a sink needs of an event beyond its identity; costs are paid only when some sink asks. And that it
 * wants to be called by the thread that called sek_run, and no other. */
enum { SEK_WANT_FIELDS = 1, SEK_WANT_XML = 2, SEK_WANT_CALLER = 4 };

#define SEK_LINE_MAX (64u * 1024u * 1024u) /* one line of output: an event with all its fields */

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

/* Numbers of what a finding has in common with others of the run, so that what is made of it can be kept; 0 = nobody
 * knows. */
typedef struct SekSame {
    uint32_t event; /* computer, channel, provider, event_id, recovered */
    uint32_t rule;  /* the rule, layer, decoded, script and matched */
} SekSame;

/* A sink whose text of a finding depends on that finding alone (not on its event's `index`, which is not
 * known yet) has findings rendered, by several threads at once, and is given the texts in order, some at
 * once. Anything but SEK_OK stops the run and is returned by it. */
typedef struct SekRendering {
    /* What one thread needs: SEK_OK or SEK_ERR_MEMORY. `self` is only read. */
    SekStatus (*pen_new)(const void *self, void **out);
    void (*pen_free)(void *pen);
    /* Appends the text. SEK_OK or SEK_ERR_MEMORY; that a line is too long is left to `out` to tell. */
    SekStatus (*render)(void *pen, const SekFinding *finding, const SekSame *same, SekBuf *out);
    SekStatus (*write)(void *self, SekStr text, SekError *err);
} SekRendering;

typedef struct SekSink {
    void *self;
    unsigned wants;
    const SekRendering *rendering; /* instead of `finding`; NULL = it has that */
    /* Anything but SEK_OK stops the run and is returned by it. */
    SekStatus (*finding)(void *self, const SekFinding *finding, SekError *err);
    SekStatus (*end)(void *self, const SekRunResult *result, SekError *err);
    void (*free)(void *self);
} SekSink;
