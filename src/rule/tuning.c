/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/tuning.h"

#include "rule/filter_read.h"
#include "rule/yaml.h"

#define TREES_MAX_MEMORY ((size_t)384 * 1024 * 1024)

typedef struct Reading {
    SekRuleReader reader;
    SekTuning *tuning;
    SekTuningEntry *entry; /* being read */
    uint32_t n_documents;  /* that hold something */
} Reading;

/* --- entries ------------------------------------------------------------------------------- */

static SekStatus read_value(Reading *r, const SekYamlNode *node, SekChoiceValue *out) {
    if (node->kind >= SEK_YAML_LIST || node->kind == SEK_YAML_NULL || node->text.len == 0)
        return sek_rule_error(&r->reader, sek_pos(node), "bad-tuning", "what rules are chosen by is a text or a list of texts");
    out->text = sek_arena_dup(&r->reader.file->arena, node->text);
    out->place = (SekRulePlace){node->line, node->column};
    return out->text.ptr ? SEK_OK : sek_rule_no_memory(&r->reader, sek_pos(node));
}

static SekStatus read_choice(Reading *r, unsigned key, const SekYamlNode *node) {
    bool list = node->kind == SEK_YAML_LIST;
    uint32_t n = list ? node->n : 1;
    if (n == 0)
        return sek_rule_error(&r->reader, sek_pos(node), "bad-tuning", "an empty list chooses no rule");
    if (n > SEK_CHOOSE_MAX_VALUES)
        return sek_rule_error(&r->reader, sek_pos(node), "limit", "more than %d values; make several entries of it",
                              SEK_CHOOSE_MAX_VALUES);
    SekChoiceValue *values = SEK_ARENA_ARRAY(&r->reader.file->arena, SekChoiceValue, n);
    if (!values)
        return sek_rule_no_memory(&r->reader, sek_pos(node));
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < n && !status; i++)
        status = read_value(r, list ? node->items[i] : node, &values[i]);
    r->entry->choice.keys[key].list = values;
    r->entry->choice.keys[key].n = n;
    return status;
}

static SekStatus read_disable(Reading *r, const SekYamlNode *node) {
    if (node->kind != SEK_YAML_BOOL || !node->flag)
        return sek_rule_error(&r->reader, sek_pos(node), "bad-tuning", "write `disable: true`, or leave the line away");
    r->entry->disable = true;
    return SEK_OK;
}

static SekStatus read_level(Reading *r, const SekYamlNode *node) {
    if (node->kind != SEK_YAML_STRING || sek_level_parse(node->text, &r->entry->level) != SEK_OK)
        return sek_rule_error(&r->reader, sek_pos(node), "bad-tuning",
                              "`set-level` is informational, low, medium, high or critical");
    r->entry->has_level = true;
    return SEK_OK;
}

static SekStatus read_filter(Reading *r, const SekYamlNode *node) {
    SekFilter *filter = SEK_ARENA_NEW(&r->reader.file->arena, SekFilter);
    if (!filter)
        return sek_rule_no_memory(&r->reader, sek_pos(node));
    filter->title = SEK_STR("tuning");
    filter->source = r->reader.source;
    filter->line = node->line;
    r->entry->filter = filter;
    return sek_filter_read_part(&r->reader, node, filter);
}

static SekStatus read_reason(Reading *r, const SekYamlNode *node) {
    if (node->kind < SEK_YAML_LIST)
        return SEK_OK; /* for people */
    return sek_rule_error(&r->reader, sek_pos(node), "bad-tuning", "`reason` is a text");
}

static const struct {
    const char *key;
    SekStatus (*read)(Reading *r, const SekYamlNode *node);
} actions[] = {{"disable", read_disable}, {"set-level", read_level}, {"filter", read_filter}, {"reason", read_reason}};
#define N_ACTIONS (sizeof actions / sizeof *actions)

static SekStatus read_pair(Reading *r, const SekYamlPair *pair) {
    SekStr key = pair->key->text;
    for (unsigned i = 0; i < SEK_N_RULE_KEYS; i++)
        if (sek_str_eq(key, sek_str(sek_rule_key_name((SekRuleKey)i))))
            return read_choice(r, i, pair->value);
    for (size_t i = 0; i < N_ACTIONS; i++)
        if (sek_str_eq(key, sek_str(actions[i].key)))
            return actions[i].read(r, pair->value);
    return sek_rule_error(&r->reader, sek_pos(pair->key), "bad-tuning",
                          "'%s' is no key of an entry; rules are chosen by id, name, title, status, level, tag or author, "
                          "and changed by disable, set-level or filter", sek_show(key).text);
}

static SekStatus read_entry(Reading *r, const SekYamlNode *node) {
    bool chooses = false;
    if (node->kind != SEK_YAML_MAP)
        return sek_rule_error(&r->reader, sek_pos(node), "bad-tuning", "an entry is a map such as {id: ..., disable: true}");
    r->entry->place = (SekRulePlace){node->line, node->column};
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < node->n && !status; i++)
        status = read_pair(r, &node->pairs[i]);
    for (unsigned i = 0; i < SEK_N_RULE_KEYS; i++)
        chooses = chooses || r->entry->choice.keys[i].n;
    if (!status && !chooses)
        return sek_rule_error(&r->reader, sek_pos(node), "bad-tuning",
                              "the entry does not say which rules it is for; add an id, a name, a title or a tag");
    if (!status && !r->entry->disable && !r->entry->has_level && !r->entry->filter)
        return sek_rule_error(&r->reader, sek_pos(node), "bad-tuning",
                              "the entry changes nothing; add disable, set-level or filter");
    return status;
}

static SekStatus add_entry(Reading *r, const SekYamlNode *node) {
    SekTuning *t = r->tuning;
    SekArena *arena = &r->reader.file->arena;
    if (t->n == SEK_TUNING_MAX_ENTRIES)
        return sek_rule_error(&r->reader, sek_pos(node), "limit", "more than %d entries", SEK_TUNING_MAX_ENTRIES);
    if (t->n == t->cap) {
        uint32_t cap = t->cap ? t->cap * 2 : 16;
        SekTuningEntry *entries = SEK_ARENA_ARRAY(arena, SekTuningEntry, cap);
        if (!entries)
            return sek_rule_no_memory(&r->reader, sek_pos(node));
        if (t->n)
            memcpy(entries, t->entries, t->n * sizeof *entries);
        t->entries = entries;
        t->cap = cap;
    }
    r->entry = &t->entries[t->n++];
    return read_entry(r, node);
}

/* --- documents ----------------------------------------------------------------------------- */

static SekStatus read_root(Reading *r, const SekYamlNode *root, const SekYamlDoc *doc) {
    const SekYamlNode *list = sek_yaml_get(root, SEK_STR("tuning"));
    if (!list && sek_yaml_get(root, SEK_STR("filter")))
        return sek_filter_read(&r->reader, root, doc);
    if (!list || list->kind != SEK_YAML_LIST || root->n != 1)
        return sek_rule_error(&r->reader, sek_pos(list ? list : root), "bad-tuning",
                              "a tuning file has one key, `tuning`, with a list of entries; Sigma filters may stand "
                              "in documents of their own");
    if (list->n == 0)
        return sek_rule_error(&r->reader, sek_pos(list), "bad-tuning",
                              "the list of `tuning` is empty; add an entry, or leave the file away");
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < list->n && !status; i++)
        status = add_entry(r, list->items[i]);
    return status;
}

static SekStatus read_documents(Reading *r, SekStr yaml) {
    uint32_t budget = SEK_YAML_BUDGET;
    SekYamlCursor cursor = sek_yaml_cursor(yaml);
    SekYamlDoc doc;
    SekArena trees;
    SekStatus status = SEK_OK;
    sek_arena_init(&trees, TREES_MAX_MEMORY);
    while (!status && sek_yaml_next(&cursor, &doc)) {
        const SekYamlNode *root = NULL;
        SekYamlError problem = {0};
        r->reader.n_warnings = r->reader.n_exprs = 0;
        r->reader.rule_id = r->reader.rule_title = SEK_STR("");
        status = sek_yaml_parse(&trees, &doc, &budget, &root, &problem);
        if (status && status != SEK_ERR_MEMORY)
            status = sek_rule_error(&r->reader, (SekRulePos){problem.detail.line, problem.detail.column}, problem.code,
                                    "%s", problem.detail.what);
        else if (!status && root && ++r->n_documents)
            status = read_root(r, root, &doc);
    }
    if (!status && r->n_documents == 0)
        status = sek_rule_error(&r->reader, (SekRulePos){1, 1}, "bad-tuning", "the file holds nothing; write `tuning` with a list of entries");
    sek_arena_deinit(&trees);
    return status;
}

/* The first error since `before`: a mistake here changes every rule's meaning, so it is no diagnostic. */
static SekStatus first_error(const SekRuleFile *file, uint32_t before, SekError *err) {
    for (uint32_t i = before; i < file->n_diags; i++) {
        const SekDiag *d = &file->diags[i];
        if (d->kind != SEK_DIAG_ERROR)
            continue;
        SekStatus status = strcmp(d->code, "limit") == 0 ? SEK_ERR_LIMIT : SEK_ERR_INPUT;
        (void)sek_fail(err, status, "%.*s", SEK_STR_ARG(d->text));
        if (err) {
            err->line = d->line;
            err->column = d->column;
        }
        return status;
    }
    return SEK_ERR_INPUT;
}

SekStatus sek_tuning_read(SekTuning *tuning, SekRuleFile *file, SekStr source, SekStr yaml, SekError *err) {
    Reading r = {.reader = {.file = file, .base_limit = file->arena.limit}, .tuning = tuning};
    uint32_t before = file->n_diags;
    r.reader.source = tuning->source = sek_arena_dup(&file->arena, source);
    if (!r.reader.source.ptr)
        return SEK_ERR_MEMORY;
    size_t limit = file->arena.used + SEK_RULE_MAX_MEMORY;
    if (!file->arena.limit || limit < file->arena.limit)
        file->arena.limit = limit;
    SekStatus status = read_documents(&r, yaml);
    file->arena.limit = r.reader.base_limit;
    return status == SEK_ERR_INPUT ? first_error(file, before, err) : status;
}

/* --- applying ------------------------------------------------------------------------------ */

static SekStatus apply_entry(SekTuning *t, SekTuningEntry *entry, SekRuleFile *file) {
    SekRuleReader reader = {.file = file, .source = t->source, .base_limit = file->arena.limit};
    SekRulePos pos = {entry->place.line, entry->place.column};
    bool *chosen = NULL;
    uint32_t n = 0;
    if (entry->filter && !(chosen = SEK_ARENA_ARRAY(&file->arena, bool, (size_t)file->n_rules + 1)))
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < file->n_rules; i++) {
        SekRule *rule = file->rules[i];
        if (rule->part_of || !sek_choice_all(&entry->choice, rule))
            continue;
        n++;
        rule->disabled = rule->disabled || entry->disable;
        if (entry->has_level)
            rule->level = entry->level;
        if (chosen)
            chosen[i] = true;
    }
    SekStatus status = sek_choice_warn(&entry->choice, file, t->source);
    if (status == SEK_OK && n == 0)
        status = sek_rule_warn(&reader, pos, "matches-no-rule", "no rule is what this entry is for");
    if (status == SEK_OK && chosen && n) {
        entry->filter->chosen = chosen;
        status = sek_filter_add(&reader, pos, entry->filter);
    }
    return status;
}

SekStatus sek_tuning_apply(SekTuning *tuning, SekRuleFile *file) {
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < tuning->n && status == SEK_OK; i++)
        status = apply_entry(tuning, &tuning->entries[i], file);
    return status;
}
