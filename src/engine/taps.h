/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Taps: what correlations want of the events that rules match, worked out once per ruleset. */

#include "engine/ruleset.h"

/* Lists the correlations of `rules` in order of depth, marks the rules that they silence, and adds the
 * taps of every variant. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_taps_build(SekRuleset *rules);

/* The field that `correlation` calls `name` in events of the rule behind `reference`: an alias's field
 * for that rule, or the name itself. */
SekStr sek_correlation_field(const SekCorrelation *correlation, SekStr name, uint32_t reference);

/* Numbers of the loaded rules by their SekRule: look up sek_rule_key of a place that holds the pointer.
 * `out` is initialised, case matters, and borrows from `rules`. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_rule_numbers(const SekRuleset *rules, SekStrMap *out);
SekStr sek_rule_key(const SekRule *const *place);
