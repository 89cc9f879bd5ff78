/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Look: everything that is asked of one event, and what is kept of the answer.
 *
 *   1. which rules match it as recorded
 *   2. a part of a split script is put by (engine/fragments.h); its layers are those of the whole
 *   3. otherwise, which rules match a layer of its code (engine/again.h) that did not match before
 *
 * A rule counts once: what a finding says already is not said again for a layer, nor for a script of
 * which it matched a part. What matched feeds correlations and becomes a hit.
 *
 * A SekLook belongs to one worker. */

#include "engine/again.h"
#include "engine/fragments.h"
#include "engine/hits.h"

#define SEK_LAYER_TEXT 65536u /* of a layer's text, kept for findings */
#define SEK_SCRIPT_LISTED 100u /* parts of a script that a finding lists */

typedef struct SekLook {
    const SekRuleset *rules;
    SekScanner *scanner;  /* the look's own */
    SekHits *hits;        /* borrowed, and so is what follows */
    SekFeed *feed;
    SekFragments *fragments;
    SekProcessReader *processes; /* NULL when no rule asks for ancestry */
    const SekLedger *ledger;
    SekReader *reader;    /* of the events; NULL for scripts */
    unsigned wants;
    SekLevel min_level;
    uint64_t findings;    /* so far */
    SekCodeTexts *texts;  /* its own, as everything below */
    SekAgain *again;      /* NULL = text as recorded only */
    uint32_t *seen;       /* one a rule: generation in which it was found */
    uint32_t generation;
    uint32_t *fresh;      /* variants of rules that were not seen before */
    SekBuf steps, missing;
} SekLook;

/* Takes what is set up to `min_level` but the scanner, and makes the rest. SEK_OK or SEK_ERR_MEMORY; to be
 * deinitialised in any case. */
SEK_MUST_USE SekStatus sek_look_init(SekLook *look, bool decode);
void sek_look_deinit(SekLook *look);

/* Looks at an event of `file` (in the ledger). SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_look_event(SekLook *look, const SekEvent *event, uint32_t file);

/* Looks at a script that was put together. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_look_script(SekLook *look, const SekScript *script);
