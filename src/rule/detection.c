/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/detection.h"

#include "rule/expr.h"
#include "rule/item.h"

/* Selections (RULES, "Search-Identifier", "Lists", "Maps", "Keywords search"): a map is an AND of
 * its items, a list of plain values is one keyword item, any other list is an OR of its entries.
 * The recursion is as deep as the YAML tree, at most SEK_YAML_MAX_DEPTH. */

typedef struct Walk {
    SekRuleReader *reader;
    SekBuf stack;    /* operands, see expr.h */
    const char *map; /* "detection" or "filter" */
    bool further;    /* what the reader's was before */
    uint32_t n_errors;
} Walk;

#define MAX_STACK (SEK_YAML_BUDGET * sizeof(SekExpr *))

static SekStatus read_definition(Walk *walk, const SekYamlNode *node, const SekExpr **out);

/* True when reading goes on behind an error, so that an author learns of all of them at once. What was
 * wrong has no expression then, and in the end there is no rule. */
static bool goes_on(Walk *walk, SekStatus status) {
    walk->reader->further = true;
    return status == SEK_ERR_INPUT && ++walk->n_errors < SEK_RULE_MAX_WARNINGS;
}

static SekStatus outcome(Walk *walk, SekStatus status) {
    walk->reader->further = walk->further;
    return status ? status : walk->n_errors ? SEK_ERR_INPUT : SEK_OK;
}

static bool is_scalar(const SekYamlNode *node) {
    return node->kind < SEK_YAML_LIST;
}

static bool all_scalar(const SekYamlNode *list) {
    for (uint32_t i = 0; i < list->n; i++)
        if (!is_scalar(list->items[i]))
            return false;
    return true;
}

static SekStatus finish(Walk *walk, const SekYamlNode *node, const SekExpr *expr,
                        const SekExpr **out) {
    if (!expr)
        return sek_rule_no_memory(walk->reader, sek_pos(node));
    *out = expr;
    return SEK_OK;
}

static SekStatus read_item(Walk *walk, const SekYamlNode *key, const SekYamlNode *value,
                           const SekExpr **out) {
    SekItem item;
    SekStatus status = sek_item_read(walk->reader, key, value, &item);
    if (status)
        return status;
    return finish(walk, value, sek_expr_item(walk->reader, &item), out);
}

static SekStatus read_map(Walk *walk, const SekYamlNode *map, const SekExpr **out) {
    size_t mark = walk->stack.len;
    for (uint32_t i = 0; i < map->n; i++) {
        const SekExpr *expr = NULL;
        SekStatus status = read_item(walk, map->pairs[i].key, map->pairs[i].value, &expr);
        if (status && !goes_on(walk, status))
            return status;
        if (expr)
            sek_expr_push(&walk->stack, expr);
    }
    if (walk->n_errors)
        return SEK_OK;
    return finish(walk, map, sek_expr_pop(walk->reader, &walk->stack, mark, SEK_EXPR_AND), out);
}

static SekStatus read_list(Walk *walk, const SekYamlNode *list, const SekExpr **out) {
    size_t mark = walk->stack.len;
    for (uint32_t i = 0; i < list->n; i++) {
        const SekExpr *expr = NULL;
        SekStatus status = read_definition(walk, list->items[i], &expr);
        if (status && !goes_on(walk, status))
            return status;
        if (expr)
            sek_expr_push(&walk->stack, expr);
    }
    if (walk->n_errors)
        return SEK_OK;
    return finish(walk, list, sek_expr_pop(walk->reader, &walk->stack, mark, SEK_EXPR_OR), out);
}

static SekStatus read_definition(Walk *walk, const SekYamlNode *node, const SekExpr **out) {
    if (node->kind == SEK_YAML_NULL || (!is_scalar(node) && node->n == 0))
        return sek_rule_error(
            walk->reader, sek_pos(node), "bad-detection",
            "nothing to look for; write fields with values, or a list of keywords");
    if (node->kind == SEK_YAML_MAP)
        return read_map(walk, node, out);
    if (is_scalar(node) || all_scalar(node))
        return read_item(walk, NULL, node, out);
    return read_list(walk, node, out);
}

static bool is_selection(const Walk *walk, SekStr name) {
    if (sek_str_eq(name, SEK_STR("condition")))
        return false;
    bool filter = strcmp(walk->map, "filter") == 0;
    return !sek_str_eq(name, filter ? SEK_STR("rules") : SEK_STR("timeframe"));
}

static SekStatus read_selection(Walk *walk, const SekYamlNode *key, const SekYamlNode *value, const SekExpr **out) {
    if (key->text.len > SEK_SELECTION_MAX_NAME)
        return sek_rule_error(walk->reader, sek_pos(key), "limit",
                              "the name of the selection is longer than %d bytes",
                              SEK_SELECTION_MAX_NAME);
    /* Of an empty value the key tells more about the place. */
    if (value->kind == SEK_YAML_NULL)
        return sek_rule_error(walk->reader, sek_pos(key), "bad-detection",
                              "selection '%s' is empty; write fields with values below it, indented more than its name",
                              sek_show(key->text).text);
    return read_definition(walk, value, out);
}

/* What could not be read has something in its place, so that the condition can be looked at all the same. */
static SekStatus read_selections(Walk *walk, const SekYamlNode *detection, SekSelections *out) {
    for (uint32_t i = 0; i < detection->n; i++) {
        const SekYamlNode *key = detection->pairs[i].key, *value = detection->pairs[i].value;
        if (!is_selection(walk, key->text))
            continue;
        const SekExpr *expr = NULL;
        SekStatus status = read_selection(walk, key, value, &expr);
        if (status && !goes_on(walk, status))
            return status;
        if (!expr)
            expr = sek_expr_item(walk->reader, &(SekItem){0});
        if (!expr)
            return sek_rule_no_memory(walk->reader, sek_pos(key));
        out->list[out->n++] = (SekSelection){key->text, expr, sek_pos(key), false};
    }
    return SEK_OK;
}

static SekStatus read_all(Walk *walk, const SekYamlNode *detection, SekSelections *out) {
    SekRuleReader *reader = walk->reader;
    if (detection->kind != SEK_YAML_MAP)
        return sek_rule_error(reader, sek_pos(detection), "bad-detection",
                              "`%s` must be a map of selections and a `condition`", walk->map);
    uint32_t n = 0;
    for (uint32_t i = 0; i < detection->n; i++)
        n += is_selection(walk, detection->pairs[i].key->text);
    if (n == 0)
        return sek_rule_error(reader, sek_pos(detection), "bad-detection",
                              "`%s` has no selection; name at least one beside `condition`",
                              walk->map);
    if (n > SEK_RULE_MAX_SELECTIONS)
        return sek_rule_error(reader, sek_pos(detection), "limit",
                              "%u selections; more than %d are not read", (unsigned)n,
                              SEK_RULE_MAX_SELECTIONS);
    SekSelections selections = {.list = SEK_ARENA_ARRAY(&reader->file->arena, SekSelection, n)};
    if (!selections.list)
        return sek_rule_no_memory(reader, sek_pos(detection));
    sek_buf_init(&walk->stack, MAX_STACK);
    walk->further = reader->further;
    SekStatus status = outcome(walk, read_selections(walk, detection, &selections));
    sek_buf_deinit(&walk->stack);
    if (selections.n == n)
        *out = selections;
    return status;
}

SekStatus sek_detection_read(SekRuleReader *reader, const SekYamlNode *detection,
                             SekSelections *out) {
    Walk walk = {.reader = reader, .map = "detection"};
    return read_all(&walk, detection, out);
}

SekStatus sek_detection_read_filter(SekRuleReader *reader, const SekYamlNode *filter,
                                    SekSelections *out) {
    Walk walk = {.reader = reader, .map = "filter"};
    return read_all(&walk, filter, out);
}

SekStatus sek_selection_read(SekRuleReader *reader, const SekYamlNode *definition,
                             const SekExpr **out) {
    Walk walk = {.reader = reader, .map = "detection"};
    sek_buf_init(&walk.stack, MAX_STACK);
    walk.further = reader->further;
    SekStatus status = outcome(&walk, read_definition(&walk, definition, out));
    sek_buf_deinit(&walk.stack);
    return status;
}
