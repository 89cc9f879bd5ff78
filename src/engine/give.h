/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Giving: what was found goes to the sinks, in order, in bounded memory. Threads do the same each:
 *
 *   take     some hits from the merge, one thread at a time
 *   render   unpack and settle them, and make the texts of those sinks that can render apart
 *   give     when the hits before have been given: texts to these sinks, findings to the others
 *
 * so that a batch is rendered while another is merged and a third is written, and what sinks see does not
 * depend on the number of threads. A batch that is ready before its turn is left to the thread that gives
 * those before it, and the one that made it takes the next; there is room for a few such batches. A text that
 * grows large waits for its turn and is written from then on as it is made. After an error nothing that comes
 * behind it is given. */

#include "base/host_set.h"
#include "engine/runs.h"
#include "engine/settle.h"

typedef struct SekGive {
    const SekRuleset *rules;
    SekRuns *runs;
    const SekLedger *ledger;
    const uint32_t *rank;      /* place of each ledger file in the order of paths */
    const SekHostSet *hosts;
    const SekLineage *lineage; /* NULL = no rule asks for ancestry */
    SekSink *const *sinks;
    size_t n_sinks;
    unsigned threads; /* at most; with 1, or few hits, none is started */
    /* Called for each settler that was used, when it was, one at a time. */
    void (*settled)(void *user, const SekSettler *settler);
    void *user;
} SekGive;

/* Gives all hits and counts them in `summary`. SEK_OK; what a sink returned; SEK_ERR_IO (reading back),
 * SEK_ERR_LIMIT (a line longer than SEK_LINE_MAX), SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_give(const SekGive *give, SekSummary *summary, SekError *err);
