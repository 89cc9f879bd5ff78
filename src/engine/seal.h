/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Seal: what matching and reporting need of a ruleset, copied close together, and the memory of reading
 * and compiling (documents, trees, keys, half-empty arrays: more than half of all) given back. */

#include "engine/ruleset.h"

typedef struct SekSealOptions {
    bool drop_texts; /* what only reports show of a rule is given up too: its YAML, description, author ... */
} SekSealOptions;

/* Seals a ruleset that is built; nothing of `file`, and no SekRule, is there afterwards. SEK_OK, or
 * SEK_ERR_MEMORY: then the ruleset can only be freed. */
SEK_MUST_USE SekStatus sek_ruleset_seal(SekRuleset *rules, const SekSealOptions *options);
