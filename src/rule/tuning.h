/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Tuning: what an organisation changes about other people's rules without touching them. A YAML file of
 * entries, each of which chooses rules and says what becomes of them; Sigma filters may stand in the same
 * file (docs/tuning.md). */

#include "rule/choose.h"

#define SEK_TUNING_MAX_ENTRIES 10000

typedef struct SekTuningEntry {
    SekChoice choice;
    SekRulePlace place;
    bool disable, has_level;
    SekLevel level;
    struct SekFilter *filter; /* or NULL */
} SekTuningEntry;

typedef struct SekTuning {
    SekStr source;
    SekTuningEntry *entries; /* hang in the rule file's arena, like everything below */
    uint32_t n, cap;
} SekTuning;

/* Reads a tuning file; `tuning` begins as all zero and may take several. Sigma filters in it are added to
 * those of `file`. SEK_OK; SEK_ERR_INPUT or SEK_ERR_LIMIT (the first mistake, with line and column, in
 * `err`); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_tuning_read(SekTuning *tuning, SekRuleFile *file, SekStr source, SekStr yaml, SekError *err);

/* Applies the entries in their order to the rules of `file`, when all are read and before filters are
 * applied. What chooses no rule becomes a warning. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_tuning_apply(SekTuning *tuning, SekRuleFile *file);
