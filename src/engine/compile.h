/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Compiling one variant of a rule: its tree into nodes and predicates of a ruleset under way. */

#include "engine/ruleset.h"

/* How Sigma's field names are to be read for one way into a log source. */
typedef struct SekFieldMap {
    const SekRename *renames; /* NULL = none */
    const char *condition_field; /* NULL, or: this event field must hold ... */
    const char *const *condition_values; /* ... one of these */
} SekFieldMap;

/* The ruleset's number for a field, made when new. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_ruleset_field(SekRuleset *rules, SekStr name, SekDerive derive, uint32_t *out);

/* Compiles `rule` under `map`; `*out_root` is its root node. SEK_OK; SEK_ERR_INPUT when a regular
 * expression does not compile (the reason is in `err`); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_compile_variant(SekRuleset *rules, const SekRule *rule, const SekFieldMap *map,
                                           uint32_t *out_root, SekError *err);
