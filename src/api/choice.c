/* SPDX-License-Identifier: Apache-2.0 */
#include "api/choice.h"

static const SekRuleKey keys[] = {SEK_KEY_ID, SEK_KEY_STATUS, SEK_KEY_LEVEL, SEK_KEY_TAG, SEK_KEY_AUTHOR};
#define N_KEYS (sizeof keys / sizeof *keys)

static const SekTexts *texts_of(const SekRuleChoice *choice, SekRuleKey key) {
    switch (key) {
    case SEK_KEY_ID:
        return &choice->ids;
    case SEK_KEY_STATUS:
        return &choice->statuses;
    case SEK_KEY_LEVEL:
        return &choice->levels;
    case SEK_KEY_TAG:
        return &choice->tags;
    default:
        return &choice->authors;
    }
}

/* Takes the next value off `*rest`; authors may hold commas. */
static SekStr next_value(SekRuleKey key, SekStr *rest) {
    ptrdiff_t comma = key == SEK_KEY_AUTHOR ? -1 : sek_str_find(*rest, SEK_STR(","));
    SekStr value = {rest->ptr, comma < 0 ? rest->len : (size_t)comma};
    size_t skip = value.len + (comma >= 0);
    *rest = sek_str_n(rest->ptr + skip, rest->len - skip);
    return sek_str_trim(value);
}

static SekStatus read_key(const SekTexts *texts, SekRuleKey key, SekArena *arena, SekChoice *out) {
    uint32_t n = 0;
    for (size_t i = 0; i < texts->n; i++)
        for (SekStr rest = sek_str(texts->items[i]); rest.len; n++)
            (void)next_value(key, &rest);
    if (n > SEK_CHOOSE_MAX_VALUES)
        return SEK_ERR_LIMIT;
    SekChoiceValue *values = SEK_ARENA_ARRAY(arena, SekChoiceValue, (size_t)n + 1);
    if (!values)
        return SEK_ERR_MEMORY;
    n = 0;
    for (size_t i = 0; i < texts->n; i++)
        for (SekStr rest = sek_str(texts->items[i]); rest.len;) {
            SekStr value = next_value(key, &rest);
            if (value.len)
                values[n++].text = value;
        }
    out->keys[key].list = values;
    out->keys[key].n = n;
    return SEK_OK;
}

static SekStatus read_choice(const SekRuleChoice *choice, SekArena *arena, SekChoice *out) {
    SekStatus status = SEK_OK;
    *out = (SekChoice){0};
    for (size_t i = 0; i < N_KEYS && status == SEK_OK; i++)
        status = read_key(texts_of(choice, keys[i]), keys[i], arena, out);
    return status;
}

static SekStatus check(const SekRuleChoice *choice, SekError *err) {
    for (size_t i = 0; i < N_KEYS; i++) {
        const SekTexts *texts = texts_of(choice, keys[i]);
        for (size_t k = 0; k < texts->n; k++) {
            SekStr rest = sek_str(texts->items[k]);
            if (sek_str_trim(rest).len == 0)
                return sek_fail(err, SEK_ERR_ARGUMENT, "an empty %s chooses nothing", sek_rule_key_name(keys[i]));
            while (keys[i] == SEK_KEY_LEVEL && rest.len) {
                SekStr value = next_value(keys[i], &rest);
                SekLevel level;
                if (sek_level_parse(value, &level) != SEK_OK)
                    return sek_fail(err, SEK_ERR_ARGUMENT, "'%.*s' is not informational, low, medium, high or critical",
                                    (int)(value.len < 60 ? value.len : 60), value.ptr);
            }
        }
    }
    return SEK_OK;
}

SekStatus sek_choices_check(const SekRulesOptions *options, SekError *err) {
    SekStatus status = check(&options->only, err);
    return status == SEK_OK ? check(&options->except, err) : status;
}

static bool is_left_out(SekChoice *only, SekChoice *except, const SekRule *rule) {
    bool out = false;
    for (size_t i = 0; i < N_KEYS; i++) {
        bool wanted = sek_choice_has(only, keys[i], rule), unwanted = sek_choice_has(except, keys[i], rule);
        out = out || (only->keys[keys[i]].n && !wanted) || unwanted;
    }
    return out;
}

SekStatus sek_choices_apply(const SekRulesOptions *options, SekRuleFile *file, SekError *err) {
    static const SekStr source = {"(command line)", 14};
    SekChoice only, except;
    SekStatus status = read_choice(&options->only, &file->arena, &only);
    if (status == SEK_OK)
        status = read_choice(&options->except, &file->arena, &except);
    if (status == SEK_ERR_LIMIT)
        return sek_fail(err, status, "more than %d values choose rules", SEK_CHOOSE_MAX_VALUES);
    if (status != SEK_OK)
        return status;
    for (uint32_t i = 0; i < file->n_rules; i++)
        if (!file->rules[i]->part_of) {
            file->rules[i]->left_out = is_left_out(&only, &except, file->rules[i]);
            file->rules[i]->asked = sek_choice_has(&only, SEK_KEY_ID, file->rules[i]);
        }
    sek_rules_leave_out(file);
    status = sek_choice_warn(&only, file, source);
    return status == SEK_OK ? sek_choice_warn(&except, file, source) : status;
}
