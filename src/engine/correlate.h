/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Correlate: what the feed holds, group by group, through the windows of each correlation, inner
 * correlations before those that refer to them. Runs on one thread, on everything that was read, in
 * the order of time, path and place; so it does not depend on threads. */

#include "engine/feed.h"

#define SEK_CORRELATED_LISTED 100u /* events of a window that a finding lists; all are counted */

/* A correlation that came true. */
typedef struct SekCorrResult {
    uint32_t correlation; /* index into the ruleset's */
    uint32_t group;       /* text of the feed */
    uint64_t count;       /* events of the window */
    double value;         /* what the condition was held against */
    uint32_t last;        /* feed event: the window's last */
    uint32_t n_listed;
    const uint32_t *listed; /* feed events, in order */
} SekCorrResult;

typedef struct SekCorrResults {
    SekArena arena;
    SekCorrResult *list; /* in order of (correlation, group text, time) */
    uint32_t n, cap;
} SekCorrResults;

/* `file_rank` gives each ledger file its place in the order of paths. SEK_OK or SEK_ERR_MEMORY; free
 * `out` with sek_corr_results_free in any case. */
SEK_MUST_USE SekStatus sek_correlate(const SekRuleset *rules, SekFeed *feed, const uint32_t *file_rank,
                                     SekCorrResults *out);
void sek_corr_results_free(SekCorrResults *results);
