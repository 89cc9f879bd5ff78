/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The options that say which rules are used: the same for every command that loads rules. */

#include "cli/installed.h"

typedef struct SekRuleArgs {
    SekArgs rules, pipelines, tunings;
    const char *placeholders, *cache;
    bool no_cache;
    SekArgs ids, statuses, levels, tags, authors;
    SekArgs not_ids, not_statuses, not_levels, not_tags, not_authors;
    SekRulePaths paths; /* `rules`, with @NAMEs resolved; see sek_rule_paths */
} SekRuleArgs;

/* Rows for the commands that keep compiled rules. */
#define SEK_CACHE_ROWS(a)                                                                                        \
    {"cache-dir", 0, SEK_OPT_TEXT, "FOLDER", "keep compiled rules there, not in the user's cache", &(a).cache, NULL}, \
    {"no-cache", 0, SEK_OPT_FLAG, NULL, "compile the rules anew, and do not keep them", &(a).no_cache, NULL}

/* The folder in which compiled rules are kept: --cache-dir, or the user's own (XDG_CACHE_HOME or HOME); NULL
 * for none. The caller frees it. */
char *sek_cache_folder(const SekRuleArgs *args);

/* Rows for an option table; `a` is a SekRuleArgs. */
#define SEK_RULE_ROWS(a)                                                                                              \
    {"rules", 'r', SEK_OPT_LIST, "PATH", "rule file, folder, archive or @NAME; repeatable (default: built-in pack)",  \
     &(a).rules, NULL},                                                                                               \
    {"tuning", 0, SEK_OPT_LIST, "FILE", "changes to rules: disable, re-level, filter; repeatable", &(a).tunings, NULL}, \
    {"pipeline", 'p', SEK_OPT_LIST, "FILE", "processing pipeline for the rules, a file or built in; repeatable",      \
     &(a).pipelines, NULL},                                                                                           \
    {"placeholders", 0, SEK_OPT_TEXT, "FILE", "values for placeholders in rules (expand)", &(a).placeholders, NULL},  \
    {"status", 0, SEK_OPT_LIST, "STATUS", "only rules of this status; repeatable, or with commas", &(a).statuses, NULL}, \
    {"level", 0, SEK_OPT_LIST, "LEVEL", "only rules of this very level", &(a).levels, NULL},                          \
    {"tag", 0, SEK_OPT_LIST, "TAG", "only rules with this tag: attack.t1059, t1059, cve", &(a).tags, NULL},           \
    {"author", 0, SEK_OPT_LIST, "TEXT", "only rules whose author holds TEXT", &(a).authors, NULL},                    \
    {"id", 0, SEK_OPT_LIST, "ID", "only rules of this id", &(a).ids, NULL},                                           \
    {"exclude-status", 0, SEK_OPT_LIST, "STATUS", "all but those; likewise", &(a).not_statuses, NULL},                \
    {"exclude-level", 0, SEK_OPT_LIST, "LEVEL", "all but those", &(a).not_levels, NULL},                              \
    {"exclude-tag", 0, SEK_OPT_LIST, "TAG", "all but those", &(a).not_tags, NULL},                                    \
    {"exclude-author", 0, SEK_OPT_LIST, "TEXT", "all but those", &(a).not_authors, NULL},                             \
    {"exclude-id", 0, SEK_OPT_LIST, "ID", "all but those", &(a).not_ids, NULL}

/* What the library wants, from `args`, which it points into. */
SekRulesOptions sek_rule_options(const SekRuleArgs *args);

void sek_rule_args_free(SekRuleArgs *args);
