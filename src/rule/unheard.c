/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/unheard.h"

#include "rule/correlation_read.h"
#include "rule/rule_index.h"

/* --- noting -------------------------------------------------------------------------------- */

static SekStatus add_note(SekRuleFile *file, const SekUnheardNote *note) {
    if (file->n_unheard == file->cap_unheard) {
        uint32_t cap = file->cap_unheard ? file->cap_unheard * 2 : 16;
        SekUnheardNote *grown = SEK_ARENA_ARRAY(&file->arena, SekUnheardNote, cap);
        if (!grown)
            return SEK_ERR_MEMORY;
        if (file->n_unheard)
            memcpy(grown, file->unheard, file->n_unheard * sizeof *grown);
        file->unheard = grown;
        file->cap_unheard = cap;
    }
    file->unheard[file->n_unheard++] = *note;
    return SEK_OK;
}

static bool generates(const SekYamlNode *map) {
    const SekYamlNode *node = sek_yaml_get(map, SEK_STR("generate"));
    return node && node->kind == SEK_YAML_BOOL && node->flag;
}

/* The references as far as they can be read; there may be none. */
static SekStatus read_names(SekRuleReader *reader, const SekYamlNode *map, SekNames *out) {
    const SekYamlNode *rules = sek_yaml_get(map, SEK_STR("rules"));
    const SekYamlNode *condition = sek_yaml_get(map, SEK_STR("condition"));
    if (!rules && condition && condition->kind == SEK_YAML_STRING)
        return sek_correlation_names_in(reader, condition, SEK_CORR_MAX_RULES, out);
    uint32_t n = rules && rules->kind == SEK_YAML_LIST ? rules->n : rules != NULL;
    SekStr *texts = SEK_ARENA_ARRAY(&reader->file->arena, SekStr, SEK_CORR_MAX_RULES);
    if (!texts)
        return SEK_ERR_MEMORY;
    *out = (SekNames){.texts = texts};
    for (uint32_t i = 0; i < n && out->n < SEK_CORR_MAX_RULES; i++) {
        const SekYamlNode *name = rules->kind == SEK_YAML_LIST ? rules->items[i] : rules;
        if (name->kind >= SEK_YAML_LIST || name->kind == SEK_YAML_NULL)
            continue;
        texts[out->n] = sek_arena_dup(&reader->file->arena, name->text);
        if (!texts[out->n++].ptr)
            return SEK_ERR_MEMORY;
    }
    return SEK_OK;
}

SekStatus sek_unheard_note(SekRuleReader *reader, const SekYamlNode *root) {
    const SekYamlNode *map = sek_yaml_get(root, SEK_STR("correlation"));
    SekNames names = {0};
    if (!map || map->kind != SEK_YAML_MAP || generates(root) || generates(map))
        return SEK_OK;
    SekStatus status = read_names(reader, map, &names);
    for (uint32_t i = 0; i < names.n && status == SEK_OK; i++)
        status = add_note(reader->file, &(SekUnheardNote){names.texts[i], reader->source,
                                                          reader->rule_title});
    return status == SEK_ERR_MEMORY ? status : SEK_OK;
}

SekStatus sek_unheard_note_rule(SekRuleFile *file, const SekRule *correlation) {
    const SekCorrelation *c = correlation->correlation;
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < c->n_rules && !c->generate && status == SEK_OK; i++)
        status = add_note(file, &(SekUnheardNote){c->rules[i], correlation->source,
                                                  correlation->title});
    return status;
}

/* --- marking ------------------------------------------------------------------------------- */

static void mark(SekRule *rule, SekStr correlation) {
    if (!rule->unheard)
        rule->unheard_by = correlation;
    rule->unheard = true;
}

void sek_unheard_mark_targets(const SekRule *correlation) {
    const SekCorrelation *c = correlation->correlation;
    for (uint32_t i = 0; i < c->n_rules && !c->generate; i++)
        mark((SekRule *)(uintptr_t)c->targets[i], correlation->title);
}

void sek_unheard_mark_left_out(SekRuleFile *file) {
    for (uint32_t i = 0; i < file->n_rules; i++) {
        const SekRule *rule = file->rules[i];
        const SekCorrelation *c = rule->left_out && !rule->needed ? rule->correlation : NULL;
        for (uint32_t r = 0; c && c->targets && !c->generate && r < c->n_rules; r++) {
            SekRule *target = (SekRule *)(uintptr_t)c->targets[r];
            if (target->unheard || target->asked)
                continue;
            target->unheard_by_choice = true;
            mark(target, rule->title);
        }
    }
    for (uint32_t i = 0; i < file->n_rules; i++) {
        const SekCorrelation *c = file->rules[i]->correlation;
        for (uint32_t r = 0; c && c->targets && c->generate && r < c->n_rules; r++) {
            SekRule *target = (SekRule *)(uintptr_t)c->targets[r];
            target->heard = target->heard || file->rules[i]->left_out;
            target->unheard = target->unheard && !target->unheard_by_choice;
        }
    }
}

/* Of several rules with the name none is known to be the one that was meant: all of them are silent. */
static void mark_matches(const SekRuleIndex *index, const SekUnheardNote *note, SekRuleMatches matches) {
    uint32_t same, all, chosen = sek_rule_index_choose(index, note->source, matches, &same, &all);
    bool several = matches.by_name && (same ? same : all) > 1;
    for (uint32_t i = several ? matches.first : chosen; i != SEK_RULE_NONE; i = several ? matches.next[i] : SEK_RULE_NONE)
        if (!several || same == 0 || index->file->rules[i]->source.ptr == note->source.ptr)
            mark(index->file->rules[i], note->title);
}

SekStatus sek_unheard_mark(SekRuleFile *file) {
    SekRuleIndex index = {0};
    if (file->n_unheard == 0)
        return SEK_OK;
    SekStatus status = sek_rule_index_init(&index, file);
    for (uint32_t i = 0; i < file->n_unheard && !status; i++) {
        const SekUnheardNote *note = &file->unheard[i];
        SekRuleMatches matches = sek_rule_index_find(&index, note->name);
        if (matches.first != SEK_RULE_NONE)
            mark_matches(&index, note, matches);
    }
    file->n_unheard = 0;
    sek_rule_index_deinit(&index);
    return status;
}

SekStatus sek_unheard_tell(SekRuleFile *file, const SekRule *rule) {
    SekRuleReader reader = {.file = file, .source = rule->source, .rule_id = rule->id,
                            .rule_title = rule->title, .base_limit = file->arena.limit};
    if (rule->unheard_by_choice)
        return sek_rule_note(&reader, (SekRulePos){rule->line, 1}, "unheard",
                             "this rule reports nothing: correlation '%s', which refers to it without `generate`, "
                             "was left out or disabled; --id with this rule's id makes it report",
                             sek_show(rule->unheard_by).text);
    return sek_rule_warn(&reader, (SekRulePos){rule->line, 1}, "unheard",
                         "this rule reports nothing: correlation '%s', which refers to it without "
                         "`generate`, was not loaded",
                         sek_show(rule->unheard_by).text);
}
