/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Filters: what one organisation wants left out of other people's rules (Sigma filters
 * specification 2.1.0, FIL). A filter hangs in the arena of the SekRuleFile that it came from. */

#include "rule/rule.h"

#define SEK_FILTER_MAX_RULES 65536 /* references of one filter */

typedef struct SekFilter {
    SekStr id, title, source;
    uint32_t line;
    SekLogSource logsource;
    const SekStr *rules;        /* ids or names as written */
    uint32_t n_rules;           /* 0 = every rule of the log source */
    const SekRulePlace *places; /* of `rules` */
    const SekExpr *condition;
    uint32_t n_exprs; /* as of a SekRule */
    const bool *chosen; /* by rule, of a tuning file: for these rules, whatever `rules` says; or NULL */
} SekFilter;

/* Applies the filters of `file` to its rules, and forgets them: a rule that one is for becomes
 * (condition) and (the filter's condition). A filter is for the rules that it names, or for all,
 * but only for those whose log source its own contains; never for correlations (FIL; what decides
 * where it is silent is in docs/sigma.md). Call when all files are read. What has no effect becomes
 * a warning. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_filters_apply(SekRuleFile *file);
