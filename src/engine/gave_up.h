/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Given up: matches of regular expressions that reached their limit count as not found. Which rules that
 * concerns is worked out here, after the run, so that matching pays nothing for it. */

#include "engine/ruleset.h"

/* `by_pred` says for each predicate how many matches of it were given up. Adds to `by_rule`, one a rule of
 * the ruleset: rules that share an expression each get its number. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_gave_up_by_rule(const SekRuleset *rules, const uint32_t *by_pred, uint64_t *by_rule);
