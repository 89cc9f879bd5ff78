/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/placeholders_read.h"

#include "rule/pattern.h"
#include "rule/yaml.h"

#define MAX_MEMORY ((size_t)256 * 1024 * 1024)

void sek_placeholders_init(SekPlaceholders *table) {
    *table = (SekPlaceholders){0};
    sek_arena_init(&table->arena, MAX_MEMORY);
    sek_strmap_init(&table->numbers, false);
}

void sek_placeholders_deinit(SekPlaceholders *table) {
    sek_arena_deinit(&table->arena);
    sek_strmap_deinit(&table->numbers);
    *table = (SekPlaceholders){0};
}

static SekStatus fail(SekError *err, const SekYamlNode *node, SekStatus status, const char *what) {
    (void)sek_fail(err, status, "%s", what); /* the status is the one to return */
    if (err) {
        err->line = node->line;
        err->column = node->column;
    }
    return status;
}

static bool is_value(const SekYamlNode *node) {
    return node->kind < SEK_YAML_LIST && node->kind != SEK_YAML_NULL;
}

static SekStatus copy_values(SekPlaceholders *table, const SekYamlNode *node, SekPlaceholder *out,
                             SekError *err) {
    bool list = node->kind == SEK_YAML_LIST;
    uint32_t n = list ? node->n : 1;
    if (n > SEK_PATTERN_MAX_ALTERNATIVES)
        return fail(err, node, SEK_ERR_LIMIT, "too many values for one placeholder");
    SekStr *values = SEK_ARENA_ARRAY(&table->arena, SekStr, (size_t)n + 1);
    if (!values)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < n; i++) {
        const SekYamlNode *value = list ? node->items[i] : node;
        if (!is_value(value))
            return fail(err, value, SEK_ERR_INPUT,
                        "the values of a placeholder are texts or numbers; write name: [a, b]");
        values[i] = sek_arena_dup(&table->arena, value->text);
        if (!values[i].ptr)
            return SEK_ERR_MEMORY;
    }
    out->values = values;
    out->n_values = n;
    return SEK_OK;
}

static SekStatus slot_for(SekPlaceholders *table, SekStr name, SekPlaceholder **out) {
    uint32_t number;
    if (sek_strmap_get(&table->numbers, name, &number) == SEK_OK) {
        *out = &table->list[number];
        return SEK_OK;
    }
    if (table->n == SEK_PLACEHOLDERS_MAX)
        return SEK_ERR_LIMIT;
    if (table->n == table->cap) {
        uint32_t cap = table->cap ? table->cap * 2 : 16;
        SekPlaceholder *list = SEK_ARENA_ARRAY(&table->arena, SekPlaceholder, cap);
        if (!list)
            return SEK_ERR_MEMORY;
        if (table->n)
            memcpy(list, table->list, table->n * sizeof *list);
        table->list = list;
        table->cap = cap;
    }
    SekPlaceholder *slot = &table->list[table->n];
    slot->name = sek_arena_dup(&table->arena, name);
    if (!slot->name.ptr)
        return SEK_ERR_MEMORY;
    *out = slot;
    return sek_strmap_set(&table->numbers, slot->name, table->n++);
}

SekStatus sek_placeholders_set(SekPlaceholders *table, const SekPlaceholder *value) {
    SekPlaceholder *slot;
    SekStatus status = slot_for(table, value->name, &slot);
    if (!status) {
        slot->values = value->values;
        slot->n_values = value->n_values;
    }
    return status;
}

static SekStatus read_map(SekPlaceholders *table, const SekYamlNode *map, SekError *err) {
    if (map->kind != SEK_YAML_MAP)
        return fail(err, map, SEK_ERR_INPUT,
                    "placeholders are a map of names to values, such as admins: [root, alice]");
    for (uint32_t i = 0; i < map->n; i++) {
        const SekYamlNode *key = map->pairs[i].key;
        SekPlaceholder value = {0}, *slot;
        SekStatus status = copy_values(table, map->pairs[i].value, &value, err);
        if (!status)
            status = slot_for(table, key->text, &slot);
        if (status == SEK_ERR_LIMIT)
            return fail(err, key, status, "too many placeholders");
        if (status)
            return status;
        slot->values = value.values;
        slot->n_values = value.n_values;
    }
    return SEK_OK;
}

static SekStatus read_document(SekPlaceholders *table, SekArena *trees, const SekYamlDoc *doc,
                               SekError *err) {
    uint32_t budget = SEK_YAML_BUDGET;
    const SekYamlNode *root = NULL;
    SekYamlError problem = {0};
    SekStatus status = sek_yaml_parse(trees, doc, &budget, &root, &problem);
    if (status && status != SEK_ERR_MEMORY && err)
        *err = problem.detail;
    if (status || !root)
        return status;
    return read_map(table, root, err);
}

SekStatus sek_placeholders_read(SekPlaceholders *table, SekStr yaml, SekError *err) {
    if (yaml.len > SEK_RULE_MAX_FILE)
        return sek_fail(err, SEK_ERR_LIMIT, "the file is larger than %u MB",
                        SEK_RULE_MAX_FILE / (1024 * 1024));
    SekArena trees;
    sek_arena_init(&trees, MAX_MEMORY);
    SekYamlCursor cursor = sek_yaml_cursor(yaml);
    SekYamlDoc doc;
    SekStatus status = SEK_OK;
    while (!status && sek_yaml_next(&cursor, &doc))
        status = read_document(table, &trees, &doc, err);
    sek_arena_deinit(&trees);
    return status;
}

SekStatus sek_placeholders_lookup(void *table, SekStr name, const SekStr **out_values,
                                  uint32_t *out_n) {
    const SekPlaceholders *placeholders = table;
    uint32_t number;
    SekStatus status = sek_strmap_get(&placeholders->numbers, name, &number);
    if (status)
        return status;
    *out_values = placeholders->list[number].values;
    *out_n = placeholders->list[number].n_values;
    return SEK_OK;
}
