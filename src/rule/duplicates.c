/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/duplicates.h"

#include "base/strmap.h"
#include "rule/reader.h"

static SekStatus warn(SekRuleFile *file, const SekRule *rule, const SekRule *first) {
    SekRuleReader reader = {.file = file, .source = rule->source, .rule_id = rule->id, .rule_title = rule->title,
                            .base_limit = file->arena.limit};
    SekShown title = sek_show(first->title);
    return sek_rule_warn(&reader, (SekRulePos){rule->line, 1}, "duplicate-id",
                         "has the id of the rule '%s' in %.*s:%u; both are used, and what goes by the id means both: "
                         "give one another id, or leave it out",
                         title.text, (int)(first->source.len < 300 ? first->source.len : 300), first->source.ptr,
                         (unsigned)first->line);
}

SekStatus sek_duplicates_note(SekRuleFile *file) {
    SekStrMap ids;
    SekStatus status = SEK_OK;
    sek_strmap_init(&ids, true);
    for (uint32_t i = 0; i < file->n_rules && !status; i++) {
        const SekRule *rule = file->rules[i];
        uint32_t first;
        if (rule->part_of || rule->id.len == 0)
            continue;
        if (sek_strmap_get(&ids, rule->id, &first) == SEK_OK)
            status = warn(file, rule, file->rules[first]);
        else
            status = sek_strmap_set(&ids, rule->id, i);
    }
    sek_strmap_deinit(&ids);
    return status;
}
