/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Field check: names in rules that no event of their log source has. Such an item never matches, and a
 * filter on it never filters, without anybody noticing; a correlation by it has one group of all. A warning is given only where the fields of every
 * event that the item can meet are known (data/taxonomy/fields*.tsv); everything else is left alone. */

#include "engine/ruleset.h"

/* Adds warnings ("unknown-field") to the diagnostics of `rules`, before sek_ruleset_build, with
 * references resolved (sek_correlations_resolve): one for each item, and for each name in a correlation's `group-by`,
 * `aliases` and `field`, with the nearest known name. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_fields_check(SekRuleFile *rules);
