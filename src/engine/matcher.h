/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Matcher: all guards of one field of one group of rules, searched in one pass over a value.
 *
 *   equal, number   hash of the whole value
 *   name            hash of what stands behind the last backslash
 *   literal         of each literal the rarest 4-byte window stands in a bitmap; where the value hits
 *                   the bitmap, the window is looked up and the literal compared around it
 *   short literal   of 1 to 3 bytes (an emoji in UTF-8): the same with a bitmap of its first 2 bytes; in ASCII,
 *                   where none but ASCII can stand, eight are looked for at once (engine/short_scan.h)
 *
 * Built once, then read only. */

#include "engine/guard.h"
#include "engine/probe.h"

typedef struct SekMatcher SekMatcher;

/* Builds from the guards of the predicates `preds`; a hit names the index of its predicate in that
 * list. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_matcher_new(const SekGuard *guards, const uint32_t *preds, uint32_t n_preds,
                                       SekMatcher **out);
void sek_matcher_free(SekMatcher *matcher);

/* True when every literal holds a character that numbers, GUIDs, SIDs and times never have: then only
 * values that are text need to be searched. */
bool sek_matcher_text_only(const SekMatcher *matcher);

/* Writes the indices of the guards that hit the folded `text` (SEK_TEXT_PAD bytes behind it may be read) to `out` (room for n_preds); an index may
 * stand there more than once, so `max` says how many fit: when it is reached, SIZE_MAX is returned and
 * every guard must be taken for hit. Returns how many. */
size_t sek_matcher_find(const SekMatcher *matcher, SekStr text, uint32_t *out, size_t max);
