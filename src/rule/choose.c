/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/choose.h"

#include "rule/correlation.h"
#include "rule/reader.h"
#include "rule/unheard.h"

const char *sek_rule_key_name(SekRuleKey key) {
    static const char *const names[SEK_N_RULE_KEYS] = {"id", "name", "title", "status", "level", "tag", "author"};
    return names[key];
}

static bool contains_nocase(SekStr hay, SekStr needle) {
    for (size_t i = 0; i + needle.len <= hay.len; i++)
        if (sek_str_eq_nocase(sek_str_n(hay.ptr + i, needle.len), needle))
            return true;
    return false;
}

/* "attack.t1059" is attack.t1059 and attack.t1059.001, but not attack.t10591. */
static bool is_tag(SekStr tag, SekStr value) {
    if (value.len == 0 || tag.len < value.len || !sek_str_eq_nocase(sek_str_n(tag.ptr, value.len), value))
        return false;
    return tag.len == value.len || tag.ptr[value.len] == '.';
}

static bool has_tag(const SekRule *rule, SekStr value) {
    static const SekStr prefix = {"attack.", 7};
    for (uint32_t i = 0; i < rule->n_tags; i++) {
        SekStr tag = rule->tags[i];
        if (is_tag(tag, value))
            return true;
        if (sek_str_starts(tag, prefix) && is_tag(sek_str_n(tag.ptr + prefix.len, tag.len - prefix.len), value))
            return true;
    }
    return false;
}

static bool has(const SekRule *rule, SekRuleKey key, SekStr value) {
    switch (key) {
    case SEK_KEY_ID:
        return sek_str_eq_nocase(rule->id, value);
    case SEK_KEY_NAME:
        return sek_str_eq_nocase(rule->name, value);
    case SEK_KEY_TITLE:
        return sek_str_eq_nocase(rule->title, value);
    case SEK_KEY_STATUS:
        return sek_str_eq_nocase(rule->status, value);
    case SEK_KEY_LEVEL:
        return sek_str_eq_nocase(sek_str(sek_level_name(rule->level)), value);
    case SEK_KEY_TAG:
        return has_tag(rule, value);
    case SEK_KEY_AUTHOR:
        return contains_nocase(rule->author, value);
    }
    return false;
}

bool sek_choice_has(SekChoice *choice, SekRuleKey key, const SekRule *rule) {
    bool any = false;
    for (uint32_t i = 0; i < choice->keys[key].n; i++) {
        SekChoiceValue *value = &choice->keys[key].list[i];
        if (value->text.len && has(rule, key, value->text))
            any = value->hit = true;
    }
    return any;
}

bool sek_choice_all(SekChoice *choice, const SekRule *rule) {
    bool all = true, some = false;
    for (unsigned key = 0; key < SEK_N_RULE_KEYS; key++) {
        if (choice->keys[key].n == 0)
            continue;
        some = true;
        all = sek_choice_has(choice, (SekRuleKey)key, rule) && all; /* asks all: each notes its values */
    }
    return all && some;
}

SekStatus sek_choice_warn(const SekChoice *choice, SekRuleFile *file, SekStr source) {
    SekStatus status = SEK_OK;
    for (unsigned key = 0; key < SEK_N_RULE_KEYS; key++)
        for (uint32_t i = 0; i < choice->keys[key].n && status == SEK_OK; i++) {
            if (key == SEK_KEY_STATUS || key == SEK_KEY_LEVEL)
                break;
            const SekChoiceValue *value = &choice->keys[key].list[i];
            SekRuleReader reader = {.file = file, .source = source, .base_limit = file->arena.limit};
            if (!value->hit)
                status = sek_rule_warn(&reader, (SekRulePos){value->place.line, value->place.column},
                                       "matches-no-rule", "no rule has the %s '%s'",
                                       sek_rule_key_name((SekRuleKey)key), sek_show(value->text).text);
        }
    return status;
}

/* --- leaving out --------------------------------------------------------------------------- */

/* Depth is that of correlations on correlations (SEK_CORR_MAX_DEPTH). */
static void need(SekRule *rule) {
    const SekCorrelation *c = rule->correlation;
    for (uint32_t i = 0; c && c->targets && i < c->n_rules; i++) {
        SekRule *target = (SekRule *)(uintptr_t)c->targets[i];
        if (target->needed)
            continue;
        target->needed = true;
        need(target);
    }
}

void sek_rules_leave_out(SekRuleFile *file) {
    for (uint32_t i = 0; i < file->n_rules; i++) {
        SekRule *rule = file->rules[i];
        if (rule->part_of) { /* goes with the rule that it is a part of */
            rule->left_out = rule->part_of->left_out || rule->part_of->disabled;
            continue;
        }
        file->n_disabled += rule->disabled;
        file->n_left_out += rule->left_out && !rule->disabled;
        rule->left_out = rule->left_out || rule->disabled;
    }
    for (uint32_t i = 0; i < file->n_rules; i++)
        if (!file->rules[i]->left_out)
            need(file->rules[i]);
    sek_unheard_mark_left_out(file);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < file->n_rules; i++)
        if (!file->rules[i]->left_out || file->rules[i]->needed)
            file->rules[kept++] = file->rules[i];
    file->n_rules = kept;
}
