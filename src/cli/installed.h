/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rule sets that `rules update` installed. Each has a name, and is meant by @NAME wherever a path of
 * rules is; a file whose name begins with @ is written ./@file. */

#include "cli/options.h"

/* The folder of the rule set `name` ("sigma", without @): below $XDG_DATA_HOME, or ~/.local/share, in
 * sekisho/rules. From malloc; NULL when the name is none (letters, digits, - _ . and no dot in front)
 * or there is no home. */
char *sek_installed_folder(const char *name);

/* Paths of rules with the @NAMEs among them resolved. */
typedef struct SekRulePaths {
    const char **items;
    size_t n;
    char **made;
} SekRulePaths;

/* SEK_EXIT_DONE, SEK_EXIT_USAGE with a message (no such rule set is installed), or SEK_EXIT_FATAL. Free
 * with sek_rule_paths_free, also after a failure. */
int sek_rule_paths(const char *command, const SekArgs *given, SekRulePaths *out);
void sek_rule_paths_free(SekRulePaths *paths);
