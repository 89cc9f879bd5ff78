/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/rule_index.h"

#include "rule/metadata.h"

/* Backwards, so that the first rule ends up in front. */
static SekStatus push(SekStrMap *map, SekStr key, uint32_t rule, uint32_t *next) {
    next[rule] = SEK_RULE_NONE;
    if (key.len == 0)
        return SEK_OK;
    uint32_t head;
    if (sek_strmap_get(map, key, &head) == SEK_OK)
        next[rule] = head;
    return sek_strmap_set(map, key, rule);
}

SekStatus sek_rule_index_init(SekRuleIndex *index, const SekRuleFile *file) {
    *index = (SekRuleIndex){.file = file};
    sek_arena_init(&index->arena, 0);
    sek_strmap_init(&index->ids, true);
    sek_strmap_init(&index->names, false);
    index->next_id = SEK_ARENA_ARRAY(&index->arena, uint32_t, (size_t)file->n_rules + 1);
    index->next_name = SEK_ARENA_ARRAY(&index->arena, uint32_t, (size_t)file->n_rules + 1);
    if (!index->next_id || !index->next_name)
        return SEK_ERR_MEMORY;
    SekStatus status = SEK_OK;
    for (uint32_t i = file->n_rules; i-- > 0 && !status;) {
        const SekRule *rule = file->rules[i];
        if (rule->part_of)
            continue;
        status = push(&index->ids, rule->id, i, index->next_id);
        if (!status)
            status = push(&index->names, rule->name, i, index->next_name);
    }
    return status;
}

void sek_rule_index_deinit(SekRuleIndex *index) {
    sek_arena_deinit(&index->arena);
    sek_strmap_deinit(&index->ids);
    sek_strmap_deinit(&index->names);
}

SekRuleMatches sek_rule_index_find(const SekRuleIndex *index, SekStr reference) {
    uint32_t rule;
    if (sek_strmap_get(&index->ids, reference, &rule) == SEK_OK)
        return (SekRuleMatches){rule, index->next_id, false};
    bool named =
        !sek_is_uuid(reference) && sek_strmap_get(&index->names, reference, &rule) == SEK_OK;
    return (SekRuleMatches){named ? rule : SEK_RULE_NONE, index->next_name, named};
}

#define MAX_NAMESAKES 1024 /* rules of one id or name that are looked at */

/* All rules of one text have the same `source.ptr`. */
uint32_t sek_rule_index_choose(const SekRuleIndex *index, SekStr source, SekRuleMatches matches,
                               uint32_t *out_same, uint32_t *out_all) {
    uint32_t chosen = SEK_RULE_NONE;
    *out_same = *out_all = 0;
    for (uint32_t at = matches.first; at != SEK_RULE_NONE && *out_all < MAX_NAMESAKES;
         at = matches.next[at]) {
        bool same = index->file->rules[at]->source.ptr == source.ptr;
        if (same && (*out_same)++ == 0)
            chosen = at;
        (*out_all)++;
    }
    return chosen == SEK_RULE_NONE ? matches.first : chosen;
}
