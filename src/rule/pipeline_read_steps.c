/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/pipeline_model.h"

#include "rule/detection.h"
#include "rule/item.h"
#include "rule/logsource.h"

/* Transformations: a table of their types, and what each has for parameters. */

#define BAD "bad-pipeline"

static SekStatus read_names(SekPipelineRead *r, const SekYamlNode *map, const char *key,
                            SekNames *out, bool *out_given) {
    const SekYamlNode *node = sek_yaml_get(map, sek_str(key));
    *out_given = node != NULL;
    return sek_names_read(r->reader, node, key, SEK_PLACEHOLDERS_MAX, out);
}

/* --- parameters ------------------------------------------------------------------- */

static SekStatus read_mapping(SekPipelineRead *r, const SekYamlNode *map, SekStep *step) {
    const SekYamlNode *node = sek_yaml_get(map, SEK_STR("mapping"));
    if (!node || node->kind != SEK_YAML_MAP || node->n == 0)
        return sek_rule_error(r->reader, sek_pos(node ? node : map), BAD,
                              "`mapping` is needed, a map of names to a name or a list of names");
    SekArena *arena = &r->reader->file->arena;
    SekStepMapping *mapping = SEK_ARENA_ARRAY(arena, SekStepMapping, node->n);
    if (!mapping)
        return sek_rule_no_memory(r->reader, sek_pos(node));
    for (uint32_t i = 0; i < node->n; i++) {
        const SekYamlNode *key = node->pairs[i].key, *value = node->pairs[i].value;
        if (value->kind == SEK_YAML_NULL)
            return sek_rule_error(r->reader, sek_pos(key), BAD,
                                  "'%s' is mapped to nothing; write [] to leave it out",
                                  sek_show(key->text).text);
        mapping[i].from = sek_arena_dup(arena, key->text);
        SekStatus status =
            sek_names_read(r->reader, value, "mapping", SEK_RULE_MAX_VALUES, &mapping[i].to);
        if (!status && !mapping[i].from.ptr)
            status = sek_rule_no_memory(r->reader, sek_pos(key));
        if (status)
            return status;
    }
    step->mapping = mapping;
    step->n_mapping = node->n;
    return SEK_OK;
}

static SekStatus read_prefix(SekPipelineRead *r, const SekYamlNode *map, SekStep *step) {
    return sek_pipeline_text(r->reader, map, "prefix", true, &step->text);
}

static SekStatus read_suffix(SekPipelineRead *r, const SekYamlNode *map, SekStep *step) {
    return sek_pipeline_text(r->reader, map, "suffix", true, &step->text);
}

static SekStatus read_message(SekPipelineRead *r, const SekYamlNode *map, SekStep *step) {
    return sek_pipeline_text(r->reader, map, "message", true, &step->text);
}

static SekStatus read_nothing(SekPipelineRead *r, const SekYamlNode *map, SekStep *step) {
    (void)r;
    (void)map;
    (void)step;
    return SEK_OK;
}

static SekStatus read_ignored(SekPipelineRead *r, const SekYamlNode *map, SekStep *step) {
    (void)step;
    return sek_rule_warn(r->reader, sek_pos(map), "pipeline-ignored",
                         "this transformation is for queries of other programs, and does nothing "
                         "here");
}

static SekStatus read_logsource(SekPipelineRead *r, const SekYamlNode *map, SekStep *step) {
    return sek_logsource_read_map(r->reader, map, &step->logsource);
}

/* Values with `$category` and the like are known only with a rule; that they make items at all is
 * checked here. */
static SekStatus read_condition(SekPipelineRead *r, const SekYamlNode *map, SekStep *step) {
    const SekYamlNode *node = sek_yaml_get(map, SEK_STR("conditions"));
    if (!node || node->kind != SEK_YAML_MAP || node->n == 0)
        return sek_rule_error(r->reader, sek_pos(node ? node : map), BAD,
                              "`conditions` is needed, a map of fields to values");
    step->conditions = node;
    r->reader->n_exprs = 0;
    SekStatus status = sek_selection_read(r->reader, node, &step->expr);
    step->n_exprs = r->reader->n_exprs;
    if (!status)
        status = sek_pipeline_flag(r->reader, map, "template", &step->template);
    return status ? status : sek_pipeline_flag(r->reader, map, "negated", &step->negated);
}

static SekStatus read_replace(SekPipelineRead *r, const SekYamlNode *map, SekStep *step) {
    SekStatus status =
        sek_pipeline_regex(r->reader, map, sek_yaml_get(map, SEK_STR("regex")), &step->regex);
    if (!status)
        status = sek_pipeline_text(r->reader, map, "replacement", true, &step->replacement);
    if (!status)
        status = sek_pipeline_flag(r->reader, map, "skip_special", &step->skip_special);
    return status
               ? status
               : sek_pipeline_flag(r->reader, map, "interpret_special", &step->interpret_special);
}

static SekStatus force_type(SekPipelineRead *r, const SekYamlNode *value, SekStr type,
                            SekMatch *io) {
    SekYamlNode copy = *value;
    if (sek_str_eq(type, SEK_STR("str")))
        copy.kind = SEK_YAML_STRING;
    else if (!sek_str_eq(type, SEK_STR("num")))
        return sek_rule_error(r->reader, sek_pos(value), BAD, "`force_type` is str or num");
    else if (copy.kind == SEK_YAML_STRING)
        sek_yaml_resolve(&copy);
    bool number = copy.kind == SEK_YAML_INT || copy.kind == SEK_YAML_FLOAT;
    if (value->kind >= SEK_YAML_LIST || value->kind <= SEK_YAML_BOOL ||
        (copy.kind != SEK_YAML_STRING && !number))
        return sek_rule_error(r->reader, sek_pos(value), BAD,
                              "the value cannot be made what `force_type` says");
    return sek_value_read(r->reader, &copy, io);
}

static SekStatus read_value(SekPipelineRead *r, const SekYamlNode *map, SekStep *step) {
    const SekYamlNode *node = sek_yaml_get(map, SEK_STR("value"));
    if (!node)
        return sek_rule_error(r->reader, sek_pos(map), BAD, "`value` is needed");
    SekStr type;
    SekStatus status = sek_pipeline_text(r->reader, map, "force_type", false, &type);
    if (status)
        return status;
    return type.len ? force_type(r, node, type, &step->value)
                    : sek_value_read(r->reader, node, &step->value);
}

static SekStatus read_type(SekPipelineRead *r, const SekYamlNode *map, SekStep *step) {
    SekStr type;
    SekStatus status = sek_pipeline_text(r->reader, map, "target_type", true, &type);
    step->to_number = sek_str_eq(type, SEK_STR("num"));
    if (!status && !step->to_number && !sek_str_eq(type, SEK_STR("str")))
        return sek_rule_error(r->reader, sek_pos(map), BAD, "`target_type` is str or num");
    return status;
}

static SekStatus read_case(SekPipelineRead *r, const SekYamlNode *map, SekStep *step) {
    static const char *const methods[] = {"lower", "upper", "snake_case"};
    SekStr method;
    SekStatus status = sek_pipeline_text(r->reader, map, "method", false, &method);
    if (status || method.len == 0)
        return status;
    for (int i = 0; i < 3; i++) {
        if (!sek_str_eq(method, sek_str(methods[i])))
            continue;
        step->method = (SekCaseMethod)i;
        return SEK_OK;
    }
    return sek_rule_error(r->reader, sek_pos(map), BAD, "`method` is lower, upper or snake_case");
}

static SekStatus read_hashes(SekPipelineRead *r, const SekYamlNode *map, SekStep *step) {
    bool given;
    SekStatus status = read_names(r, map, "valid_hash_algos", &step->names, &given);
    if (!status && step->names.n == 0)
        return sek_rule_error(r->reader, sek_pos(map), BAD,
                              "`valid_hash_algos` is needed, such as [MD5, SHA1, SHA256]");
    if (!status)
        status = sek_pipeline_text(r->reader, map, "field_prefix", false, &step->text);
    return status ? status
                  : sek_pipeline_flag(r->reader, map, "drop_algo_prefix", &step->drop_prefix);
}

static SekStatus read_placeholders(SekPipelineRead *r, const SekYamlNode *map, SekStep *step) {
    SekNames exclude;
    SekStatus status = read_names(r, map, "include", &step->names, &step->include);
    if (!status)
        status = read_names(r, map, "exclude", &exclude, &step->exclude);
    if (!status && step->include && step->exclude)
        return sek_rule_error(r->reader, sek_pos(map), BAD,
                              "`include` and `exclude` cannot stand together");
    if (!status && step->exclude)
        step->names = exclude;
    r->pipeline->has_placeholders = true;
    return status;
}

static SekStatus read_state(SekPipelineRead *r, const SekYamlNode *map, SekStep *step) {
    SekStatus status = sek_pipeline_text(r->reader, map, "key", true, &step->text);
    return status ? status : sek_pipeline_text(r->reader, map, "val", true, &step->replacement);
}

static SekStatus read_nest(SekPipelineRead *r, const SekYamlNode *map, SekStep *step) {
    const SekYamlNode *items = sek_yaml_get(map, SEK_STR("items"));
    if (!items)
        return sek_rule_error(r->reader, sek_pos(map), BAD, "`items` is needed");
    if (r->nesting == SEK_PIPELINE_MAX_NESTING)
        return sek_rule_error(r->reader, sek_pos(map), "limit", "`nest` more than %d levels deep",
                              SEK_PIPELINE_MAX_NESTING);
    r->nesting++;
    SekStatus status = sek_pipeline_read_steps(r, items, &step->steps, &step->n_steps);
    r->nesting--;
    return status;
}

/* --- steps --------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    SekStepKind kind;
    SekStatus (*read)(SekPipelineRead *r, const SekYamlNode *map, SekStep *step);
    const char *keys; /* its parameters, between blanks */
} types[] = {
    {"field_name_mapping", SEK_STEP_FIELD_MAPPING, read_mapping, " mapping "},
    {"field_name_prefix_mapping", SEK_STEP_FIELD_PREFIX_MAPPING, read_mapping, " mapping "},
    {"field_name_prefix", SEK_STEP_FIELD_PREFIX, read_prefix, " prefix "},
    {"field_name_suffix", SEK_STEP_FIELD_SUFFIX, read_suffix, " suffix "},
    {"drop_detection_item", SEK_STEP_DROP_ITEM, read_nothing, " "},
    {"add_condition", SEK_STEP_ADD_CONDITION, read_condition, " conditions name template negated "},
    {"change_logsource", SEK_STEP_CHANGE_LOGSOURCE, read_logsource, " category product service "},
    {"replace_string", SEK_STEP_REPLACE_STRING, read_replace,
     " regex replacement skip_special interpret_special "},
    {"map_string", SEK_STEP_MAP_STRING, read_mapping, " mapping "},
    {"set_value", SEK_STEP_SET_VALUE, read_value, " value force_type "},
    {"convert_type", SEK_STEP_CONVERT_TYPE, read_type, " target_type "},
    {"case", SEK_STEP_CASE, read_case, " method "},
    {"hashes_fields", SEK_STEP_HASHES_FIELDS, read_hashes,
     " valid_hash_algos field_prefix drop_algo_prefix "},
    {"value_placeholders", SEK_STEP_VALUE_PLACEHOLDERS, read_placeholders, " include exclude "},
    {"wildcard_placeholders", SEK_STEP_WILDCARD_PLACEHOLDERS, read_placeholders,
     " include exclude "},
    {"query_expression_placeholders", SEK_STEP_QUERY_PLACEHOLDERS, read_placeholders,
     " include exclude expression mapping "},
    {"set_state", SEK_STEP_SET_STATE, read_state, " key val "},
    {"rule_failure", SEK_STEP_RULE_FAILURE, read_message, " message "},
    {"detection_item_failure", SEK_STEP_ITEM_FAILURE, read_message, " message "},
    {"nest", SEK_STEP_NEST, read_nest, " items "},
    {"add_field", SEK_STEP_NOTHING, read_ignored, " field "},
    {"remove_field", SEK_STEP_NOTHING, read_ignored, " field "},
    {"set_field", SEK_STEP_NOTHING, read_ignored, " fields "},
    {"set_custom_attribute", SEK_STEP_NOTHING, read_ignored, " attribute value "},
};
#define N_TYPES (sizeof types / sizeof *types)

static SekStatus check_keys(SekPipelineRead *r, const SekYamlNode *map, const char *type,
                            const char *keys) {
    for (uint32_t i = 0; i < map->n; i++) {
        const SekYamlNode *key = map->pairs[i].key;
        if (!sek_pipeline_is_listed(" id type ", key->text) &&
            !sek_pipeline_is_listed(keys, key->text) && !sek_pipeline_is_condition_key(key->text))
            return sek_rule_error(r->reader, sek_pos(key), BAD, "`%s` is no parameter of %s",
                                  sek_show(key->text).text, type);
    }
    return SEK_OK;
}

static SekStatus find_type(SekPipelineRead *r, const SekYamlNode *map, size_t *out) {
    SekStr type;
    SekStatus status = sek_pipeline_text(r->reader, map, "type", true, &type);
    for (size_t i = 0; i < N_TYPES && !status; i++) {
        if (!sek_str_eq(type, sek_str(types[i].name)))
            continue;
        *out = i;
        return SEK_OK;
    }
    if (status)
        return status;
    return sek_rule_error(
        r->reader, sek_pos(sek_yaml_get(map, SEK_STR("type"))), "unknown-transformation",
        "there is no transformation '%s' here; docs/pipelines.md lists those that "
        "there are",
        sek_show(type).text);
}

static SekStatus read_step(SekPipelineRead *r, const SekYamlNode *map, SekStep *step) {
    if (map->kind != SEK_YAML_MAP)
        return sek_rule_error(r->reader, sek_pos(map), BAD,
                              "a transformation is a map with a `type`");
    if (r->pipeline->n_all_steps == SEK_PIPELINE_MAX_STEPS)
        return sek_rule_error(r->reader, sek_pos(map), "limit", "more than %d transformations",
                              SEK_PIPELINE_MAX_STEPS);
    step->number = r->pipeline->n_all_steps++;
    size_t type = 0;
    SekStatus status = find_type(r, map, &type);
    if (!status)
        status = check_keys(r, map, types[type].name, types[type].keys);
    if (!status)
        status = sek_pipeline_text(r->reader, map, "id", false, &step->id);
    if (!status)
        status = sek_pipeline_read_conditions(r->reader, map, SEK_PIPE_ON_RULE, &step->on_rule);
    if (!status)
        status = sek_pipeline_read_conditions(r->reader, map, SEK_PIPE_ON_ITEM, &step->on_item);
    if (!status)
        status = sek_pipeline_read_conditions(r->reader, map, SEK_PIPE_ON_FIELD, &step->on_field);
    if (status)
        return status;
    step->kind = types[type].kind;
    return types[type].read(r, map, step);
}

SekStatus sek_pipeline_read_steps(SekPipelineRead *r, const SekYamlNode *list, SekStep **out,
                                  uint32_t *out_n) {
    if (list->kind != SEK_YAML_LIST)
        return sek_rule_error(r->reader, sek_pos(list), BAD, "transformations are a list");
    SekStep *steps = SEK_ARENA_ARRAY(&r->reader->file->arena, SekStep, (size_t)list->n + 1);
    if (!steps)
        return sek_rule_no_memory(r->reader, sek_pos(list));
    for (uint32_t i = 0; i < list->n; i++) {
        SekStatus status = read_step(r, list->items[i], &steps[i]);
        if (status)
            return status;
    }
    *out = steps;
    *out_n = list->n;
    return SEK_OK;
}
