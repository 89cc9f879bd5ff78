/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the caller chose by SekRulesOptions.only and .except, applied to the rules that were read. */

#include "rule/choose.h"

/* Checks the values that can be wrong by themselves. SEK_OK, or SEK_ERR_ARGUMENT with the value. */
SEK_MUST_USE SekStatus sek_choices_check(const SekRulesOptions *options, SekError *err);

/* Marks what is left out and takes it from `file` (sek_rules_leave_out). Values that no rule has become
 * warnings. SEK_OK, SEK_ERR_LIMIT (too many values, in `err`), SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_choices_apply(const SekRulesOptions *options, SekRuleFile *file, SekError *err);
