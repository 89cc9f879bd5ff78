/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/pipeline_model.h"

#include "rule/item.h"
#include "rule/logsource.h"

/* The conditions of a step. Each kind has four keys: a list of conditions, or a map that gives them
 * names for an expression; how they are joined; whether the result is turned round. */

#define BAD "bad-pipeline"
#define MAX_CONDITIONS SEK_CORR_MAX_RULES /* the limit of the expressions' reader */

static const struct {
    const char *list, *op, *expr, *negate;
} keys[] = {
    [SEK_PIPE_ON_RULE] = {"rule_conditions", "rule_cond_op", "rule_cond_expr", "rule_cond_not"},
    [SEK_PIPE_ON_ITEM] = {"detection_item_conditions", "detection_item_cond_op",
                          "detection_item_cond_expr", "detection_item_cond_not"},
    [SEK_PIPE_ON_FIELD] = {"field_name_conditions", "field_name_cond_op", "field_name_cond_expr",
                           "field_name_cond_not"},
};
#define N_SUBJECTS (sizeof keys / sizeof *keys)

bool sek_pipeline_is_condition_key(SekStr key) {
    for (size_t i = 0; i < N_SUBJECTS; i++)
        if (sek_str_eq(key, sek_str(keys[i].list)) || sek_str_eq(key, sek_str(keys[i].op)) ||
            sek_str_eq(key, sek_str(keys[i].expr)) || sek_str_eq(key, sek_str(keys[i].negate)))
            return true;
    return false;
}

/* --- parameters ---------------------------------------------------------------------------- */

typedef SekStatus ReadCondition(SekRuleReader *reader, const SekYamlNode *map,
                                SekPipeCondition *out);

static SekStatus read_none(SekRuleReader *reader, const SekYamlNode *map, SekPipeCondition *out) {
    (void)reader;
    (void)map;
    (void)out;
    return SEK_OK;
}

static SekStatus read_logsource(SekRuleReader *reader, const SekYamlNode *map,
                                SekPipeCondition *out) {
    return sek_logsource_read_map(reader, map, &out->logsource);
}

static SekStatus read_field(SekRuleReader *reader, const SekYamlNode *map, SekPipeCondition *out) {
    return sek_pipeline_text(reader, map, "field", true, &out->name);
}

static SekStatus read_item(SekRuleReader *reader, const SekYamlNode *map, SekPipeCondition *out) {
    const SekYamlNode *value = sek_yaml_get(map, SEK_STR("value"));
    SekStatus status = read_field(reader, map, out);
    if (!status && !value)
        return sek_rule_error(reader, sek_pos(map), BAD, "`value` is needed");
    return status ? status : sek_value_read(reader, value, &out->value);
}

static SekStatus read_tag(SekRuleReader *reader, const SekYamlNode *map, SekPipeCondition *out) {
    return sek_pipeline_text(reader, map, "tag", true, &out->name);
}

static SekStatus read_applied(SekRuleReader *reader, const SekYamlNode *map,
                              SekPipeCondition *out) {
    return sek_pipeline_text(reader, map, "processing_item_id", true, &out->name);
}

static SekStatus read_op(SekRuleReader *reader, const SekYamlNode *map, SekPipeOp last,
                         SekPipeOp *out) {
    static const char *const names[] = {"eq", "ne", "gte", "gt", "lte", "lt", "in", "not_in"};
    SekStr text;
    SekStatus status = sek_pipeline_text(reader, map, "op", false, &text);
    if (status || text.len == 0)
        return status;
    for (int i = 0; i <= (int)last; i++) {
        if (!sek_str_eq(text, sek_str(names[i])))
            continue;
        *out = (SekPipeOp)i;
        return SEK_OK;
    }
    return sek_rule_error(reader, sek_pos(sek_yaml_get(map, SEK_STR("op"))), BAD,
                          "'%s' is no `op`; use eq, ne, gte, gt, lte, lt%s", sek_show(text).text,
                          last == SEK_PIPE_NOT_IN ? ", in, not_in" : "");
}

static SekStatus read_attribute(SekRuleReader *reader, const SekYamlNode *map,
                                SekPipeCondition *out) {
    SekStatus status = sek_pipeline_text(reader, map, "attribute", true, &out->name);
    if (!status)
        status = sek_pipeline_text(reader, map, "value", true, &out->text);
    return status ? status : read_op(reader, map, SEK_PIPE_NOT_IN, &out->op);
}

static SekStatus read_state(SekRuleReader *reader, const SekYamlNode *map, SekPipeCondition *out) {
    SekStatus status = sek_pipeline_text(reader, map, "key", true, &out->name);
    if (!status)
        status = sek_pipeline_text(reader, map, "val", true, &out->text);
    return status ? status : read_op(reader, map, SEK_PIPE_LT, &out->op);
}

static SekStatus read_any_all(SekRuleReader *reader, const SekYamlNode *map,
                              SekPipeCondition *out) {
    SekStr text;
    SekStatus status = sek_pipeline_text(reader, map, "cond", true, &text);
    out->all = sek_str_eq(text, SEK_STR("all"));
    if (!status && !out->all && !sek_str_eq(text, SEK_STR("any")))
        return sek_rule_error(reader, sek_pos(map), BAD, "`cond` is any or all");
    return status;
}

static SekStatus read_match(SekRuleReader *reader, const SekYamlNode *map, SekPipeCondition *out) {
    SekStatus status = read_any_all(reader, map, out);
    if (!status)
        status = sek_pipeline_flag(reader, map, "negate", &out->negate);
    out->regexes = SEK_ARENA_ARRAY(&reader->file->arena, SekPipeRegex *, 1);
    if (!status && !out->regexes)
        return sek_rule_no_memory(reader, sek_pos(map));
    return status ? status
                  : sek_pipeline_regex(reader, map, sek_yaml_get(map, SEK_STR("pattern")),
                                       &out->regexes[0]);
}

static SekStatus read_value(SekRuleReader *reader, const SekYamlNode *map, SekPipeCondition *out) {
    const SekYamlNode *value = sek_yaml_get(map, SEK_STR("value"));
    SekStatus status = read_any_all(reader, map, out);
    if (!status && !value)
        return sek_rule_error(reader, sek_pos(map), BAD, "`value` is needed");
    return status ? status : sek_value_read(reader, value, &out->value);
}

static SekStatus read_fields(SekRuleReader *reader, const SekYamlNode *map, SekPipeCondition *out) {
    const SekYamlNode *list = sek_yaml_get(map, SEK_STR("fields"));
    SekStatus status = sek_names_read(reader, list, "fields", SEK_RULE_MAX_VALUES, &out->fields);
    SekStr mode = {0};
    if (!status && out->fields.n == 0)
        return sek_rule_error(reader, sek_pos(map), BAD, "`fields` is needed, a list of names");
    if (!status)
        status = sek_pipeline_text(reader, map, "mode", false, &mode);
    if (status || mode.len == 0 || sek_str_eq(mode, SEK_STR("plain")))
        return status;
    if (!sek_str_eq(mode, SEK_STR("re")))
        return sek_rule_error(reader, sek_pos(map), BAD, "`mode` is plain or re");
    out->regexes = SEK_ARENA_ARRAY(&reader->file->arena, SekPipeRegex *, out->fields.n);
    if (!out->regexes)
        return sek_rule_no_memory(reader, sek_pos(map));
    for (uint32_t i = 0; i < out->fields.n && !status; i++)
        status = sek_pipeline_regex(
            reader, map, list->kind == SEK_YAML_LIST ? list->items[i] : list, &out->regexes[i]);
    return status;
}

/* --- conditions ---------------------------------------------------------------------------- */

enum { RULE = 1 << SEK_PIPE_ON_RULE, ITEM = 1 << SEK_PIPE_ON_ITEM, FIELD = 1 << SEK_PIPE_ON_FIELD };

static const struct {
    const char *name;
    unsigned subjects;
    SekPipeConditionKind kind;
    ReadCondition *read;
    const char *keys; /* its parameters, between blanks */
} types[] = {
    {"logsource", RULE, SEK_PIPE_LOGSOURCE, read_logsource, " category product service "},
    {"contains_field", RULE, SEK_PIPE_CONTAINS_FIELD, read_field, " field "},
    {"contains_detection_item", RULE, SEK_PIPE_CONTAINS_ITEM, read_item, " field value "},
    {"is_sigma_rule", RULE, SEK_PIPE_IS_RULE, read_none, " "},
    {"is_sigma_correlation_rule", RULE, SEK_PIPE_IS_CORRELATION, read_none, " "},
    {"rule_attribute", RULE, SEK_PIPE_ATTRIBUTE, read_attribute, " attribute value op "},
    {"tag", RULE, SEK_PIPE_TAG, read_tag, " tag "},
    {"match_string", ITEM, SEK_PIPE_MATCH_STRING, read_match, " cond pattern negate "},
    {"match_value", ITEM, SEK_PIPE_MATCH_VALUE, read_value, " cond value "},
    {"contains_wildcard", ITEM, SEK_PIPE_CONTAINS_WILDCARD, read_any_all, " cond "},
    {"is_null", ITEM, SEK_PIPE_IS_NULL, read_any_all, " cond "},
    {"include_fields", FIELD, SEK_PIPE_INCLUDE_FIELDS, read_fields, " fields mode "},
    {"exclude_fields", FIELD, SEK_PIPE_EXCLUDE_FIELDS, read_fields, " fields mode "},
    {"processing_item_applied", RULE | ITEM | FIELD, SEK_PIPE_APPLIED, read_applied,
     " processing_item_id "},
    {"processing_state", RULE | ITEM | FIELD, SEK_PIPE_STATE, read_state, " key val op "},
};
#define N_TYPES (sizeof types / sizeof *types)

static SekStatus check_parameters(SekRuleReader *reader, const SekYamlNode *map, size_t type) {
    for (uint32_t i = 0; i < map->n; i++) {
        const SekYamlNode *key = map->pairs[i].key;
        if (!sek_str_eq(key->text, SEK_STR("type")) &&
            !sek_pipeline_is_listed(types[type].keys, key->text))
            return sek_rule_error(reader, sek_pos(key), BAD, "`%s` is no parameter of %s",
                                  sek_show(key->text).text, types[type].name);
    }
    return SEK_OK;
}

static SekStatus read_condition(SekRuleReader *reader, const SekYamlNode *map,
                                SekPipeSubject subject, SekPipeCondition *out) {
    if (map->kind != SEK_YAML_MAP)
        return sek_rule_error(reader, sek_pos(map), BAD, "a condition is a map with a `type`");
    SekStr type;
    SekStatus status = sek_pipeline_text(reader, map, "type", true, &type);
    if (status)
        return status;
    for (size_t i = 0; i < N_TYPES; i++) {
        if (!sek_str_eq(type, sek_str(types[i].name)) || !(types[i].subjects >> subject & 1))
            continue;
        out->kind = types[i].kind;
        status = check_parameters(reader, map, i);
        return status ? status : types[i].read(reader, map, out);
    }
    return sek_rule_error(reader, sek_pos(sek_yaml_get(map, SEK_STR("type"))), "unknown-condition",
                          "there is no condition '%s' among %s; docs/pipelines.md lists those that "
                          "there are",
                          sek_show(type).text, keys[subject].list);
}

/* --- joining ------------------------------------------------------------------------------- */

static SekStatus read_join(SekRuleReader *reader, const SekYamlNode *step, SekPipeSubject subject,
                           SekPipeConditions *out) {
    SekStr op;
    SekStatus status = sek_pipeline_text(reader, step, keys[subject].op, false, &op);
    out->any = sek_str_eq(op, SEK_STR("or"));
    if (!status && op.len && !out->any && !sek_str_eq(op, SEK_STR("and")))
        return sek_rule_error(reader, sek_pos(step), BAD, "`%s` is and or or", keys[subject].op);
    if (!status)
        status = sek_pipeline_flag(reader, step, keys[subject].negate, &out->negate);
    if (!status && out->negate && out->n == 0)
        return sek_rule_error(reader, sek_pos(step), BAD, "`%s` without conditions to turn round",
                              keys[subject].negate);
    return status;
}

static SekStatus read_expression(SekRuleReader *reader, const SekYamlNode *step,
                                 SekPipeSubject subject, SekPipeConditions *out) {
    const SekYamlNode *text = sek_yaml_get(step, sek_str(keys[subject].expr));
    const SekYamlNode *list = sek_yaml_get(step, sek_str(keys[subject].list));
    if (!text)
        return SEK_OK;
    if (!list || list->kind != SEK_YAML_MAP || out->n == 0)
        return sek_rule_error(reader, sek_pos(text), BAD,
                              "`%s` needs conditions with names, as a map", keys[subject].expr);
    if (sek_yaml_get(step, sek_str(keys[subject].op)))
        return sek_rule_error(reader, sek_pos(text), BAD, "`%s` and `%s` cannot stand together",
                              keys[subject].expr, keys[subject].op);
    SekStr names[MAX_CONDITIONS];
    SekRulePlace places[MAX_CONDITIONS];
    for (uint32_t i = 0; i < list->n; i++) {
        const SekYamlNode *key = list->pairs[i].key;
        names[i] = key->text;
        places[i] = (SekRulePlace){key->line, key->column};
    }
    SekNames all = {names, places, list->n};
    reader->n_exprs = 0;
    return sek_correlation_read_expr(reader, text, &all, &out->expr);
}

SekStatus sek_pipeline_read_conditions(SekRuleReader *reader, const SekYamlNode *step,
                                       SekPipeSubject subject, SekPipeConditions *out) {
    const SekYamlNode *list = sek_yaml_get(step, sek_str(keys[subject].list));
    if (list && list->kind != SEK_YAML_LIST && list->kind != SEK_YAML_MAP)
        return sek_rule_error(reader, sek_pos(list), BAD, "`%s` is a list or map of conditions",
                              keys[subject].list);
    uint32_t n = list ? list->n : 0;
    if (n > MAX_CONDITIONS)
        return sek_rule_error(reader, sek_pos(list), "limit", "more than %d conditions",
                              MAX_CONDITIONS);
    out->list = SEK_ARENA_ARRAY(&reader->file->arena, SekPipeCondition, (size_t)n + 1);
    if (!out->list)
        return sek_rule_no_memory(reader, sek_pos(step));
    for (uint32_t i = 0; i < n; i++) {
        const SekYamlNode *map =
            list->kind == SEK_YAML_LIST ? list->items[i] : list->pairs[i].value;
        SekStatus status = read_condition(reader, map, subject, &out->list[i]);
        if (status)
            return status;
    }
    out->n = n;
    SekStatus status = read_join(reader, step, subject, out);
    return status ? status : read_expression(reader, step, subject, out);
}
