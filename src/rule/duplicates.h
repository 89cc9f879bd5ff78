/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rules that have the id of another one (RULES, Identification: an id is globally unique). */

#include "rule/rule.h"

/* Warns (`duplicate-id`) at each rule whose id an earlier one has, and names the place of that one. Both stay:
 * which of them is meant is not known, and leaving one out would be silent. Parts of rules do not count.
 * SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_duplicates_note(SekRuleFile *file);
