/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rule_options.h"

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

void sek_rule_args_free(SekRuleArgs *a) {
    SekArgs *const all[] = {&a->rules,   &a->pipelines,    &a->tunings,    &a->ids,      &a->statuses,
                            &a->levels,  &a->tags,         &a->authors,    &a->not_ids,  &a->not_statuses,
                            &a->not_levels, &a->not_tags, &a->not_authors};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        sek_args_free(all[i]);
    sek_rule_paths_free(&a->paths);
}
