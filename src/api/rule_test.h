/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the tests of rules share. */

#include "engine/scanner.h"
#include "event/reader.h"

typedef struct SekRuleTest {
    const SekRuleset *rules;
    const SekRuleTestCallbacks *callbacks;
    SekScanner *scanner;
    SekReader *reader;
    const bool *silent;   /* by rule */
    const uint32_t *mine; /* the rules of the file at work */
    uint32_t n_mine;
    SekRuleTested now;    /* of the file at work */
    SekBuf why;
} SekRuleTest;

/* Counts a test; with `what` it failed, and `test->why` goes with it. Empties `why`. */
void sek_rule_test_count(SekRuleTest *test, SekStr file, uint32_t line, const char *what);

/* Runs the events in `path`, which may be missing. SEK_OK or a fatal status. */
SEK_MUST_USE SekStatus sek_rule_test_events(SekRuleTest *test, const char *path);

/* Runs what the rule's `tests` names, looking for it from the rule's folder upwards. As above. */
SEK_MUST_USE SekStatus sek_rule_test_regression(SekRuleTest *test, uint32_t rule);
