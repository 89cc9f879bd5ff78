/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Hits: events on which rules matched, copied out of the chunk so that they can wait to be sorted.
 * Each worker fills its own SekHits; the runner sorts all of them by (time, path, place in the file)
 * once everything is read. */

#include "event/reader.h"
#include "engine/scanner.h"
#include "engine/sink.h"

/* A matched value longer than this is cut and marked with U+2026; the event itself is kept whole. */
#define SEK_MATCHED_MAX 8192u
#define SEK_MATCHED_PAIRS 64u

typedef struct SekHitRule {
    uint32_t rule;
    uint32_t n_matched;
    const SekPair *matched;
    const SekCorrelationInfo *correlation;
} SekHitRule;

typedef struct SekHit {
    SekFindingEvent event; /* `file` is filled when it is given to the sinks */
    uint32_t file;         /* in the ledger */
    uint64_t offset;
    uint32_t order; /* among hits at the same place: 0 = the event itself, then correlations */
    uint32_t n_rules;
    const SekHitRule *rules; /* in rule order, each rule once */
} SekHit;

typedef struct SekHits {
    SekArena arena;
    SekHit **list;
    uint32_t n, cap;
} SekHits;

void sek_hits_init(SekHits *hits);
void sek_hits_deinit(SekHits *hits);

/* Adds a hit that stands in the arena already. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_hits_push(SekHits *hits, SekHit *hit);

/* What it takes to keep one event. */
typedef struct SekHitInput {
    SekScanner *scanner;
    SekReader *reader;
    const SekEvent *event;
    uint32_t file;
    const uint32_t *variants; /* that matched */
    uint32_t n_variants;
    unsigned wants;
    SekLevel min_level;
} SekHitInput;

/* Keeps the event unless all its rules are below the level or only feed correlations. SEK_OK or
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_hits_add(SekHits *hits, const SekRuleset *rules, const SekHitInput *input);
