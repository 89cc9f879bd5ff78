/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Values for placeholders (`%name%` with the `expand` modifier; RULES, Placeholders), from a file
 * of the organisation's own: a YAML map of names to a value or a list of values. Values are Sigma
 * text, so they may hold wildcards. */

#include "base/strmap.h"
#include "rule/rule.h"

#define SEK_PLACEHOLDERS_MAX 65536 /* names */

typedef struct SekPlaceholder {
    SekStr name;
    const SekStr *values;
    uint32_t n_values;
} SekPlaceholder;

typedef struct SekPlaceholders {
    SekArena arena; /* owns names and values */
    SekPlaceholder *list;
    uint32_t n, cap;
    SekStrMap numbers; /* name -> index */
} SekPlaceholders;

void sek_placeholders_init(SekPlaceholders *table);
void sek_placeholders_deinit(SekPlaceholders *table);

/* Adds the names of one YAML text; a name that is there already gets the new values. Empty lists
 * are allowed: rules that need them are refused. The text is copied. SEK_OK; SEK_ERR_INPUT,
 * SEK_ERR_LIMIT (with place and reason in `err`); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_placeholders_read(SekPlaceholders *table, SekStr yaml, SekError *err);

/* For SekRuleOptions.placeholder; `table` is a SekPlaceholders. */
SekStatus sek_placeholders_lookup(void *table, SekStr name, const SekStr **out_values,
                                  uint32_t *out_n);
