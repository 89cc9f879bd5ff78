/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* asprintf */
#include "cli/rule_options.h"

#include <stdlib.h>
#include <string.h>

static SekTexts texts(const SekArgs *args) {
    return (SekTexts){args->items, args->n};
}

SekRulesOptions sek_rule_options(const SekRuleArgs *a) {
    return (SekRulesOptions){
        .paths = a->paths.items,
        .n_paths = a->paths.n,
        .pipelines = a->pipelines.items,
        .n_pipelines = a->pipelines.n,
        .placeholders = a->placeholders,
        .tunings = texts(&a->tunings),
        .only = {texts(&a->ids), texts(&a->statuses), texts(&a->levels), texts(&a->tags), texts(&a->authors)},
        .except = {texts(&a->not_ids), texts(&a->not_statuses), texts(&a->not_levels), texts(&a->not_tags),
                   texts(&a->not_authors)},
    };
}

char *sek_cache_folder(const SekRuleArgs *a) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char *folder = NULL;
    int n = -1;
    if (a->no_cache)
        return NULL;
    if (a->cache)
        return strdup(a->cache);
    if (cache && cache[0] == '/') /* the XDG base directory specification: relative ones are ignored */
        n = asprintf(&folder, "%s/sekisho", cache);
    else if (home && home[0] == '/')
        n = asprintf(&folder, "%s/.cache/sekisho", home);
    return n < 0 ? NULL : folder;
}

void sek_rule_args_free(SekRuleArgs *a) {
    SekArgs *const all[] = {&a->rules,   &a->pipelines,    &a->tunings,    &a->ids,      &a->statuses,
                            &a->levels,  &a->tags,         &a->authors,    &a->not_ids,  &a->not_statuses,
                            &a->not_levels, &a->not_tags, &a->not_authors};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        sek_args_free(all[i]);
    sek_rule_paths_free(&a->paths);
}
