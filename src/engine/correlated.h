/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Correlated: what correlations found, as hits like any other. */

#include "engine/correlate.h"
#include "engine/hits.h"

typedef struct SekCorrelatedInput {
    const SekRuleset *rules;
    const SekLedger *ledger;
    SekFeed *feed;
    const uint32_t *rank; /* of ledger files by path */
    SekLevel min_level;
    bool fields; /* some report shows the fields of events */
} SekCorrelatedInput;

/* Runs the correlations and adds a hit for each that came true and reports. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_correlated_hits(const SekCorrelatedInput *input, SekHits *hits);
