/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the actions of `sekisho rules` share. */

#include "cli/rule_options.h"

typedef struct SekRulesCommand {
    const SekRuleset *set; /* NULL for actions that load nothing */
    SekArgs rest;          /* behind the action */
    SekRuleArgs rules;
    const char *record;
    const char *from, *to, *name, *sha256; /* update */
    SekLevel min_level;
    bool strict, http, quiet;
} SekRulesCommand;

/* Prints what is wrong; SEK_EXIT_USAGE. */
int sek_rules_complain(const char *what, const char *why);

int sek_rules_test_all(const SekRulesCommand *r);
int sek_rules_update(const SekRulesCommand *r);
