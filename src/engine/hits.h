/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Hits: events on which rules matched, copied out of the chunk so that they can wait to be sorted by
 * (time, path, place in the file). A hit that waits is packed: one row of bytes behind a key. Each
 * worker fills a SekHits of its own; when it has its share of memory, what it holds becomes a sorted run
 * (engine/runs.h) and it starts anew. */

#include "engine/alike.h"
#include "engine/scanner.h"
#include "engine/sink.h"
#include "event/reader.h"

/* A matched value longer than this is cut and marked with U+2026; the event itself is kept whole. */
#define SEK_MATCHED_MAX 8192u
#define SEK_MATCHED_PAIRS 64u

/* A hit unpacked. */
typedef struct SekHitRule {
    uint32_t rule;
    uint32_t alike; /* all that stands here is the same in hits with this number; 0 = nobody knows */
    uint32_t n_matched;
    const SekPair *matched;
    const SekCorrelationInfo *correlation;
    uint32_t layer;              /* 0 = as recorded */
    const SekLayerInfo *decoded; /* NULL when `layer` is 0 */
    const SekScriptInfo *script; /* NULL but for scripts put together */
    bool pending;     /* whether it matches is decided when everything is read, by: */
    uint32_t variant;
    SekStr bits;      /* engine/defer.h */
} SekHitRule;

/* What hits are sorted by, and no two have in common. */
typedef struct SekHitKey {
    uint64_t time;   /* FILETIME */
    uint64_t offset; /* in the file */
    uint32_t file;   /* in the ledger */
    uint32_t order;  /* among hits at the same place: 0 = the event itself, then correlations, then the
                        script of which it is the first part (SEK_HIT_SCRIPT) */
} SekHitKey;

#define SEK_HIT_SCRIPT (1u << 31)

typedef struct SekHit {
    SekHitKey key;
    uint32_t alike; /* as of a rule: computer, channel, provider, event id and `recovered` */
    SekFindingEvent event; /* `file` is filled when it is given to the sinks */
    uint32_t n_rules;
    const SekHitRule *rules; /* each rule once, but for pending ones; in rule order those of the event, then of each layer */
    bool has_process;
    SekProcessKey process; /* that the event is about; host and time are the event's */
} SekHit;

typedef struct SekHitEntry {
    SekHitKey key;
    size_t at; /* in `bytes` of the SekHits */
    uint32_t len;
} SekHitEntry;

struct SekRuns;

typedef struct SekHits {
    SekBuf bytes; /* packed hits, one behind the other */
    SekHitEntry *list;
    uint32_t n, cap;
    struct SekRuns *runs; /* takes what is here when it is too much; borrowed */
    SekAlike *alike;      /* where parts that come again are kept, which then must be read with the hits; NULL = in each hit */
    SekBuf text;          /* scratch */
} SekHits;

void sek_hits_init(SekHits *hits, struct SekRuns *runs);
void sek_hits_deinit(SekHits *hits);

/* Bytes that wait here. */
size_t sek_hits_held(const SekHits *hits);

/* Adds a hit. SEK_OK, SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_hits_push(SekHits *hits, const SekRuleset *rules, const SekHit *hit);

/* What it takes to keep one event. */
typedef struct SekHitInput {
    SekScanner *scanner;
    SekReader *reader; /* of the event; NULL = it has no XML */
    const SekEvent *event;
    uint32_t file;
    uint32_t order; /* as in SekHitKey */
    unsigned wants;
    SekLevel min_level;
    /* What matched, the event of the scanner's last call being `event` or a layer of it. */
    const uint32_t *variants;
    uint32_t n_variants;
    uint32_t layer;
    const SekLayerInfo *decoded;
    const SekScriptInfo *script;
} SekHitInput;

/* A hit under way: what matched the event, then what matched its layers. */
typedef struct SekHitDraft {
    bool open;
    size_t start, count; /* places in `bytes` */
    uint32_t n_rules;
} SekHitDraft;

/* Adds the rules of `input` to the hit, unless they are below the level or only feed correlations; a zeroed
 * draft is begun with the first that stays. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_hits_add(SekHits *hits, const SekRuleset *rules, const SekHitInput *input,
                                    SekHitDraft *draft);

/* Ends the hit, with the event's fields and XML as they are wanted; nothing is kept when no rule was.
 * SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_hits_end(SekHits *hits, const SekHitInput *input, const SekHitDraft *draft);
