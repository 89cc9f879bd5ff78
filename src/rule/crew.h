/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reading many texts of rules by several threads, as sek_rules_read would one after the other: what a text
 * gives stands in the order in which the texts were added, so neither rules nor messages depend on the number
 * of threads.
 *
 * Texts are gathered until there are SEK_RULE_CREW_BYTES of them and read together. Each thread has an arena of
 * its own; at the end `file` owns them all. To be used from one thread. */

#include "rule/rule.h"

#define SEK_RULE_CREW_BYTES ((size_t)512 * 1024) /* of texts that wait; more when one alone is larger */
#define SEK_RULE_CREW_MAX 8u                     /* threads */

typedef struct SekRuleCrew SekRuleCrew;

/* `file` is borrowed; its options are set already. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_rule_crew_new(SekRuleFile *file, unsigned threads, SekRuleCrew **out);

/* Also gives to `file` what was read; accepts NULL. */
void sek_rule_crew_free(SekRuleCrew *crew);

/* Adds a text, which is copied. SEK_OK also when its rules are bad, and when it waits; SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_rule_crew_add(SekRuleCrew *crew, SekStr source, SekStr yaml);

/* Everything added so far is in `file` afterwards: before a message of one's own. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_rule_crew_flush(SekRuleCrew *crew);
