/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Conditions that no event can meet, told as warnings `never-true` (docs/sigma.md). What is looked at is cheap and
 * certain: event ids, held against each other and those of the log source's category, and the same selection
 * wanted and excluded. Everything else in a condition may be true or false. */

#include "rule/rule.h"

/* Adds the warnings to `file`. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_never_true_check(SekRuleFile *file);
