/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reading many texts of rules by several threads, as sek_rules_read would one after the other: what a text
 * gives stands in the order in which the texts were added, so neither rules nor messages depend on the number
 * of threads.
 *
 * One thread adds texts, or names of files, in a call of sek_rule_crew_run; the others read them meanwhile, and it
 * helps when more wait than SEK_RULE_CREW_WAITING batches. Each has an arena of its own; at the end `file` owns them
 * all. */

#include "rule/rule.h"

#define SEK_RULE_CREW_BYTES ((size_t)64 * 1024) /* of texts that a thread takes at once; more when one alone is larger */
#define SEK_RULE_CREW_TEXTS 32u                 /* the same in texts, of which files are not read yet */
#define SEK_RULE_CREW_WAITING 8u                /* batches */
#define SEK_RULE_CREW_MAX 8u                    /* threads */

typedef struct SekRuleCrew SekRuleCrew;

/* `file` is borrowed; its options are set already. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_rule_crew_new(SekRuleFile *file, unsigned threads, SekRuleCrew **out);

/* Also gives to `file` what was read; accepts NULL. */
void sek_rule_crew_free(SekRuleCrew *crew);

/* Calls `produce`, whose thread alone may add and flush, with the crew at work; everything that it added is in `file`
 * afterwards. Its status, or SEK_ERR_MEMORY. */
typedef SekStatus (*SekRuleProduce)(void *user);
SEK_MUST_USE SekStatus sek_rule_crew_run(SekRuleCrew *crew, SekRuleProduce produce, void *user);

/* Adds a text, which is copied. SEK_OK also when its rules are bad, and when it waits; SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_rule_crew_add(SekRuleCrew *crew, SekStr source, SekStr yaml);

/* Adds what the file at `path` holds, which is its source too. One that cannot be read costs that file: a message of
 * the code "unreadable" tells why. Likewise. */
SEK_MUST_USE SekStatus sek_rule_crew_add_file(SekRuleCrew *crew, const char *path);

/* Everything added so far is in `file` afterwards: before a message of one's own. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_rule_crew_flush(SekRuleCrew *crew);

/* Whether every file could be read, of those in `file`. */
bool sek_rule_crew_read_all(const SekRuleCrew *crew);
