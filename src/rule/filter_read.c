/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/filter_read.h"

#include "rule/condition.h"
#include "rule/correlation_read.h"
#include "rule/detection.h"
#include "rule/logsource.h"
#include "rule/metadata.h"

static SekStatus read_rules(SekRuleReader *reader, const SekYamlNode *map, SekFilter *filter) {
    const SekYamlNode *node = sek_yaml_get(map, SEK_STR("rules"));
    if (!node)
        return sek_rule_error(reader, sek_pos(map), "bad-filter",
                              "a filter needs `rules`: a list of ids or names, or any");
    SekNames names;
    SekStatus status = sek_names_read(reader, node, "rules", SEK_FILTER_MAX_RULES, &names);
    if (status)
        return status;
    bool any = names.n == 1 && sek_str_eq(names.texts[0], SEK_STR("any"));
    filter->rules = names.texts;
    filter->places = names.places;
    filter->n_rules = any ? 0 : names.n;
    return SEK_OK;
}

static bool excludes(const SekExpr *expr, bool *seen) {
    if (seen[expr->index])
        return false;
    seen[expr->index] = true;
    if (expr->kind == SEK_EXPR_NOT || (expr->kind == SEK_EXPR_ITEM && expr->item->negate))
        return true;
    for (uint32_t i = 0; i < expr->n_kids; i++)
        if (excludes(expr->kids[i], seen))
            return true;
    return false;
}

/* FIL's own example has `condition: selection` for events to leave out; everybody who runs filters
 * reads it as those to keep. */
static SekStatus warn_without_not(SekRuleReader *reader, const SekYamlNode *condition,
                                  const SekExpr *expr) {
    bool *seen = SEK_ARENA_ARRAY(&reader->file->arena, bool, reader->n_exprs);
    if (!seen)
        return sek_rule_no_memory(reader, sek_pos(condition));
    if (excludes(expr, seen))
        return SEK_OK;
    return sek_rule_warn(reader, sek_pos(condition), "filter-without-not",
                         "the filter's condition has no `not`: only events that match the filter "
                         "are reported. To leave them out write `not selection`");
}

static SekStatus read_condition(SekRuleReader *reader, const SekYamlNode *map, SekFilter *filter) {
    const SekYamlNode *node = sek_yaml_get(map, SEK_STR("condition"));
    if (!node || node->kind != SEK_YAML_STRING)
        return sek_rule_error(reader, sek_pos(node ? node : map), "bad-filter",
                              "a filter has one `condition`, a text such as `not selection`");
    SekSelections selections = {0};
    SekCondition condition = {0};
    SekStatus status = sek_detection_read_filter(reader, map, &selections);
    if (!status)
        status = sek_condition_read(reader, map, node, &selections, &condition);
    if (!status && condition.aggregation.len)
        return sek_rule_error(reader, condition.pipe_pos, "bad-condition",
                              "a filter cannot count; nothing may follow its expression");
    for (uint32_t i = 0; i < selections.n && !status; i++)
        if (!selections.list[i].used)
            status = sek_rule_warn(reader, selections.list[i].pos, "unused-selection",
                                   "the condition does not use selection '%s'",
                                   sek_show(selections.list[i].name).text);
    filter->condition = condition.expr;
    filter->n_exprs = reader->n_exprs;
    return status ? status : warn_without_not(reader, node, condition.expr);
}

SekStatus sek_filter_read_part(SekRuleReader *reader, const SekYamlNode *map, SekFilter *filter) {
    if (map->kind != SEK_YAML_MAP)
        return sek_rule_error(reader, sek_pos(map), "bad-filter",
                              "`filter` must be a map with selections and a condition");
    reader->n_exprs = 0;
    return read_condition(reader, map, filter);
}

SekStatus sek_filter_add(SekRuleReader *reader, SekRulePos pos, SekFilter *filter) {
    SekRuleFile *file = reader->file;
    if (file->n_filters == file->cap_filters) {
        uint32_t cap = file->cap_filters ? file->cap_filters * 2 : 16;
        SekFilter **filters = SEK_ARENA_ARRAY(&file->arena, SekFilter *, cap);
        if (!filters)
            return sek_rule_no_memory(reader, pos);
        if (file->n_filters)
            memcpy(filters, file->filters, file->n_filters * sizeof *filters);
        file->filters = filters;
        file->cap_filters = cap;
    }
    file->filters[file->n_filters++] = filter;
    return SEK_OK;
}

SekStatus sek_filter_read(SekRuleReader *reader, const SekYamlNode *root, const SekYamlDoc *doc) {
    const SekYamlNode *map = sek_yaml_get(root, SEK_STR("filter"));
    if (map->kind != SEK_YAML_MAP)
        return sek_rule_error(reader, sek_pos(map), "bad-filter",
                              "`filter` must be a map with rules, selections and a condition");
    SekFilter *filter = SEK_ARENA_NEW(&reader->file->arena, SekFilter);
    SekRule *rule = SEK_ARENA_NEW(&reader->file->arena, SekRule); /* checks what all kinds have */
    if (!filter || !rule)
        return sek_rule_no_memory(reader, sek_pos(root));
    SekStatus first = SEK_OK, status = sek_metadata_read(reader, root, rule);
    filter->id = rule->id;
    filter->title = rule->title;
    filter->source = reader->source;
    filter->line = doc->body_line;
    if (sek_rule_goes_on(reader, status, &first))
        status = sek_logsource_read(reader, root, &filter->logsource);
    if (sek_rule_goes_on(reader, status, &first))
        status = read_rules(reader, map, filter);
    if (sek_rule_goes_on(reader, status, &first))
        status = read_condition(reader, map, filter);
    (void)sek_rule_goes_on(reader, status, &first);
    return first ? first : sek_filter_add(reader, sek_pos(root), filter);
}
