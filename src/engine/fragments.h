/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Fragments: PowerShell logs a long script in parts, one event 4104 each (ScriptBlockId, MessageNumber,
 * MessageTotal). They are kept here, whatever file or chunk they come from, and joined when everything is
 * read: by computer, script block and number of parts, in the order of their numbers.
 *
 *   the same part twice     the copy first in the order of paths and places counts; texts are held once
 *   parts that differ       the same, and the script says how many did
 *   parts that are missing  the others are joined with a line break at the gap, so that nothing is found
 *                           across it, and the script says which are missing
 *
 * What comes out is a function of the parts alone, not of the order in which they arrive. What they hold goes to
 * a store beyond a small budget (engine/stash.h); in memory stay 64 bytes of a part and some 30 each of its script
 * and its text. All together has a limit; parts that it has no room for are counted. Adding is safe from any
 * thread; the rest is for one thread, or for several that only read. */

#include "base/arena.h"
#include "engine/spill.h"
#include "event/event.h"

/* Bytes that parts may take, in memory and in the store, all scripts together: 120 million characters that differ. */
#define SEK_FRAGMENTS_BYTES ((size_t)128 << 20)
/* Bytes of one joined script; parts beyond are left out and the script says so. */
#define SEK_SCRIPT_BYTES ((size_t)8 << 20)

typedef struct SekFragments SekFragments;

typedef struct SekFragmentsOptions {
    uint64_t limit_bytes;  /* 0 = SEK_FRAGMENTS_BYTES */
    size_t memory_bytes;   /* what parts hold beyond them goes to the store */
    const SekSpill *spill; /* borrowed; NULL = it stays in memory */
} SekFragmentsOptions;

/* SEK_OK or SEK_ERR_MEMORY; free accepts NULL. */
SEK_MUST_USE SekStatus sek_fragments_new(const SekFragmentsOptions *options, SekFragments **out);
void sek_fragments_free(SekFragments *fragments);

/* What an event says of being a part. */
typedef struct SekFragment4104 {
    SekValue computer, id, text;
    uint32_t text_field; /* of the event's shape */
    uint32_t number, total;
} SekFragment4104;

/* SEK_OK when `event` is one part of several, SEK_NOT_FOUND for every other event. */
SekStatus sek_fragment_read(const SekEvent *event, SekFragment4104 *out);

/* Keeps a part: what `event` holds is copied. `file` is its file in the ledger, `rules` are those that
 * matched it by itself. SEK_OK (also when there is no room: counted), SEK_ERR_IO or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_fragments_add(SekFragments *fragments, const SekEvent *event,
                                         const SekFragment4104 *part, uint32_t file, const uint32_t *rules,
                                         uint32_t n_rules);

/* Puts everything in order; to be called once, when nothing more comes. `rank` is the place of each file
 * in the order of paths. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_fragments_join(SekFragments *fragments, const uint32_t *rank);

/* How many scripts there are (after the join), and how many parts found no room. */
uint32_t sek_fragments_count(const SekFragments *fragments);
uint64_t sek_fragments_dropped(const SekFragments *fragments);

/* How the store did. */
typedef struct SekFragmentsStore {
    uint64_t bytes;     /* that it took */
    SekError spill_err; /* why it took no more: the rest is in memory; code 0 = it took all */
    SekError err;       /* why sek_fragments_add returned SEK_ERR_IO */
} SekFragmentsStore;

SekFragmentsStore sek_fragments_store(const SekFragments *fragments);

typedef struct SekScriptPart {
    uint32_t number, file;
    uint64_t time, record_id, offset;
} SekScriptPart;

/* A script put together. */
typedef struct SekScript {
    SekEvent event; /* the first part's, with the whole text in ScriptBlockText */
    uint32_t file;  /* of the first part */
    uint32_t total; /* parts that there should be */
    const SekScriptPart *parts; /* that there are, each number once */
    uint32_t n_parts;
    uint32_t n_conflicts; /* parts of which a copy has another text */
    bool cut;             /* parts were left out at SEK_SCRIPT_BYTES */
    const size_t *gaps;   /* where parts are missing, as in SekDecodeInput */
    uint32_t n_gaps;
    const uint32_t *rules; /* that matched some part by itself, in rule order, each once */
    uint32_t n_rules;
} SekScript;

/* Appends the numbers of the parts that are missing: "3-5, 9". The list ends with "..." when it is long. */
void sek_script_missing(const SekScript *script, SekBuf *out);

/* Builds script `index` in `arena`. SEK_OK, SEK_ERR_IO or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_fragments_script(const SekFragments *fragments, uint32_t index, SekArena *arena,
                                            SekScript *out, SekError *err);
