/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/pipeline_model.h"

#include "rule/detection.h"
#include "rule/item.h"
#include "rule/metadata.h"

/* YAML to a pipeline. What is wrong costs the whole pipeline: half of one would leave rules that look
 * at fields which no event has. */

typedef struct Read {
    SekRuleReader *reader;
    SekPipeline *pipeline;
    uint32_t nesting;
} Read;

#define BAD "bad-pipeline"

/* --- small parts --------------------------------------------------------------------------- */

SekStatus sek_pipeline_text(SekRuleReader *reader, const SekYamlNode *map, const char *key,
                            bool required, SekStr *out) {
    const SekYamlNode *node = sek_yaml_get(map, sek_str(key));
    *out = SEK_STR("");
    if (!node && !required)
        return SEK_OK;
    if (!node || node->kind >= SEK_YAML_LIST || node->kind == SEK_YAML_NULL)
        return sek_rule_error(reader, sek_pos(node ? node : map), BAD, "`%s` is needed, as a text",
                              key);
    *out = sek_arena_dup(&reader->file->arena, node->text);
    return out->ptr ? SEK_OK : sek_rule_no_memory(reader, sek_pos(node));
}

SekStatus sek_pipeline_flag(SekRuleReader *reader, const SekYamlNode *map, const char *key,
                            bool *io) {
    const SekYamlNode *node = sek_yaml_get(map, sek_str(key));
    if (!node)
        return SEK_OK;
    if (node->kind != SEK_YAML_BOOL)
        return sek_rule_error(reader, sek_pos(node), BAD, "`%s` is true or false", key);
    *io = node->flag;
    return SEK_OK;
}

SekStatus sek_pipeline_regex(SekRuleReader *reader, const SekYamlNode *map, const SekYamlNode *text,
                             SekPipeRegex **out) {
    if (!text || text->kind >= SEK_YAML_LIST || text->kind == SEK_YAML_NULL)
        return sek_rule_error(reader, sek_pos(text ? text : map), BAD,
                              "a regular expression is needed, as a text");
    char what[200];
    SekStatus status = sek_pipe_regex_compile(&reader->file->arena, text->text, out, what);
    if (status == SEK_ERR_INPUT)
        return sek_rule_error(reader, sek_pos(text), "regular-expression", "%s", what);
    return sek_rule_check(reader, sek_pos(text), status,
                          "the regular expression has more than 63 groups");
}

bool sek_pipeline_is_listed(const char *list, SekStr word) {
    char text[40];
    if (word.len == 0 || word.len > sizeof text - 3 || memchr(word.ptr, ' ', word.len))
        return false;
    text[0] = ' ';
    memcpy(text + 1, word.ptr, word.len);
    text[word.len + 1] = ' ';
    text[word.len + 2] = '\0';
    return strstr(list, text) != NULL;
}

static SekStatus read_names(Read *r, const SekYamlNode *map, const char *key, SekNames *out,
                            bool *out_given) {
    const SekYamlNode *node = sek_yaml_get(map, sek_str(key));
    *out_given = node != NULL;
    return sek_names_read(r->reader, node, key, SEK_PLACEHOLDERS_MAX, out);
}

/* --- parameters of steps ------------------------------------------------------------------- */

static SekStatus read_mapping(Read *r, const SekYamlNode *map, SekStep *step) {
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

static SekStatus read_prefix(Read *r, const SekYamlNode *map, SekStep *step) {
    return sek_pipeline_text(r->reader, map, "prefix", true, &step->text);
}

static SekStatus read_suffix(Read *r, const SekYamlNode *map, SekStep *step) {
    return sek_pipeline_text(r->reader, map, "suffix", true, &step->text);
}

static SekStatus read_message(Read *r, const SekYamlNode *map, SekStep *step) {
    return sek_pipeline_text(r->reader, map, "message", true, &step->text);
}

static SekStatus read_nothing(Read *r, const SekYamlNode *map, SekStep *step) {
    (void)r;
    (void)map;
    (void)step;
    return SEK_OK;
}

static SekStatus read_ignored(Read *r, const SekYamlNode *map, SekStep *step) {
    (void)step;
    return sek_rule_warn(r->reader, sek_pos(map), "pipeline-ignored",
                         "this transformation is for queries of other programs, and does nothing "
                         "here");
}

static SekStatus read_logsource(Read *r, const SekYamlNode *map, SekStep *step) {
    return sek_logsource_read_map(r->reader, map, &step->logsource);
}

/* Values with `$category` and the like are known only with a rule; that they make items at all is
 * checked here. */
static SekStatus read_condition(Read *r, const SekYamlNode *map, SekStep *step) {
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

static SekStatus read_replace(Read *r, const SekYamlNode *map, SekStep *step) {
    SekStatus status = sek_pipeline_regex(r->reader, map, sek_yaml_get(map, SEK_STR("regex")),
                                          &step->regex);
    if (!status)
        status = sek_pipeline_text(r->reader, map, "replacement", true, &step->replacement);
    if (!status)
        status = sek_pipeline_flag(r->reader, map, "skip_special", &step->skip_special);
    return status ? status
                  : sek_pipeline_flag(r->reader, map, "interpret_special", &step->interpret_special);
}

static SekStatus force_type(Read *r, const SekYamlNode *value, SekStr type, SekMatch *io) {
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

static SekStatus read_value(Read *r, const SekYamlNode *map, SekStep *step) {
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

static SekStatus read_type(Read *r, const SekYamlNode *map, SekStep *step) {
    SekStr type;
    SekStatus status = sek_pipeline_text(r->reader, map, "target_type", true, &type);
    step->to_number = sek_str_eq(type, SEK_STR("num"));
    if (!status && !step->to_number && !sek_str_eq(type, SEK_STR("str")))
        return sek_rule_error(r->reader, sek_pos(map), BAD, "`target_type` is str or num");
    return status;
}

static SekStatus read_case(Read *r, const SekYamlNode *map, SekStep *step) {
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

static SekStatus read_hashes(Read *r, const SekYamlNode *map, SekStep *step) {
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

static SekStatus read_placeholders(Read *r, const SekYamlNode *map, SekStep *step) {
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

static SekStatus read_state(Read *r, const SekYamlNode *map, SekStep *step) {
    SekStatus status = sek_pipeline_text(r->reader, map, "key", true, &step->text);
    return status ? status : sek_pipeline_text(r->reader, map, "val", true, &step->replacement);
}

static SekStatus read_steps(Read *r, const SekYamlNode *list, SekStep **out, uint32_t *out_n);

static SekStatus read_nest(Read *r, const SekYamlNode *map, SekStep *step) {
    const SekYamlNode *items = sek_yaml_get(map, SEK_STR("items"));
    if (!items)
        return sek_rule_error(r->reader, sek_pos(map), BAD, "`items` is needed");
    if (r->nesting == SEK_PIPELINE_MAX_NESTING)
        return sek_rule_error(r->reader, sek_pos(map), "limit", "`nest` more than %d levels deep",
                              SEK_PIPELINE_MAX_NESTING);
    r->nesting++;
    SekStatus status = read_steps(r, items, &step->steps, &step->n_steps);
    r->nesting--;
    return status;
}

/* --- steps --------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    SekStepKind kind;
    SekStatus (*read)(Read *r, const SekYamlNode *map, SekStep *step);
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

static SekStatus check_keys(Read *r, const SekYamlNode *map, const char *type, const char *keys) {
    for (uint32_t i = 0; i < map->n; i++) {
        const SekYamlNode *key = map->pairs[i].key;
        if (!sek_pipeline_is_listed(" id type ", key->text) && !sek_pipeline_is_listed(keys, key->text) &&
            !sek_pipeline_is_condition_key(key->text))
            return sek_rule_error(r->reader, sek_pos(key), BAD, "`%s` is no parameter of %s",
                                  sek_show(key->text).text, type);
    }
    return SEK_OK;
}

static SekStatus find_type(Read *r, const SekYamlNode *map, size_t *out) {
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
    return sek_rule_error(r->reader, sek_pos(sek_yaml_get(map, SEK_STR("type"))),
                          "unknown-transformation",
                          "there is no transformation '%s' here; docs/pipelines.md lists those that "
                          "there are",
                          sek_show(type).text);
}

static SekStatus read_step(Read *r, const SekYamlNode *map, SekStep *step) {
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

static SekStatus read_steps(Read *r, const SekYamlNode *list, SekStep **out, uint32_t *out_n) {
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

/* --- the whole ----------------------------------------------------------------------------- */

static SekStatus read_vars(Read *r, const SekYamlNode *map) {
    const SekYamlNode *vars = sek_yaml_get(map, SEK_STR("vars"));
    if (!vars || vars->kind == SEK_YAML_NULL)
        return SEK_OK;
    if (vars->kind != SEK_YAML_MAP)
        return sek_rule_error(r->reader, sek_pos(vars), BAD, "`vars` is a map of names to values");
    SekArena *arena = &r->reader->file->arena;
    SekPlaceholder *list = SEK_ARENA_ARRAY(arena, SekPlaceholder, (size_t)vars->n + 1);
    if (!list)
        return sek_rule_no_memory(r->reader, sek_pos(vars));
    for (uint32_t i = 0; i < vars->n; i++) {
        const SekYamlNode *key = vars->pairs[i].key;
        SekNames values;
        list[i].name = sek_arena_dup(arena, key->text);
        SekStatus status =
            sek_names_read(r->reader, vars->pairs[i].value, "vars", SEK_RULE_MAX_VALUES, &values);
        if (!status && !list[i].name.ptr)
            status = sek_rule_no_memory(r->reader, sek_pos(key));
        if (status)
            return status;
        list[i].values = values.texts;
        list[i].n_values = values.n;
    }
    r->pipeline->vars = list;
    r->pipeline->n_vars = vars->n;
    return SEK_OK;
}

static SekStatus read_priority(Read *r, const SekYamlNode *map) {
    const SekYamlNode *node = sek_yaml_get(map, SEK_STR("priority"));
    if (!node || node->kind == SEK_YAML_NULL)
        return SEK_OK;
    if (node->kind != SEK_YAML_INT || node->number.magnitude > INT32_MAX)
        return sek_rule_error(r->reader, sek_pos(node), BAD, "`priority` is a whole number");
    r->pipeline->priority = (int64_t)node->number.magnitude * (node->number.negative ? -1 : 1);
    return SEK_OK;
}

static SekStatus check_top(Read *r, const SekYamlNode *map) {
    static const char known[] = " name priority vars transformations allowed_backends ";
    static const char ignored[] = " postprocessing finalizers ";
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < map->n && !status; i++) {
        const SekYamlNode *key = map->pairs[i].key;
        if (sek_pipeline_is_listed(ignored, key->text))
            status = sek_rule_warn(r->reader, sek_pos(key), "pipeline-ignored",
                                   "`%s` is for queries of other programs, and does nothing here",
                                   sek_show(key->text).text);
        else if (!sek_pipeline_is_listed(known, key->text))
            return sek_rule_error(r->reader, sek_pos(key), BAD,
                                  "`%s` is no part of a pipeline; it has name, priority, vars and "
                                  "transformations",
                                  sek_show(key->text).text);
    }
    return status;
}

static SekStatus read_root(Read *r, const SekYamlNode *root) {
    if (root->kind != SEK_YAML_MAP)
        return sek_rule_error(r->reader, sek_pos(root), BAD,
                              "a pipeline is a map with `name` and `transformations`");
    SekStatus status = check_top(r, root);
    if (!status)
        status = sek_pipeline_text(r->reader, root, "name", false, &r->pipeline->name);
    if (!status)
        status = read_priority(r, root);
    if (!status)
        status = read_vars(r, root);
    const SekYamlNode *list = sek_yaml_get(root, SEK_STR("transformations"));
    if (!status && list && list->kind != SEK_YAML_NULL)
        status = read_steps(r, list, &r->pipeline->steps, &r->pipeline->n_steps);
    return status;
}

static SekStatus read_text(Read *r, SekStr yaml) {
    SekRuleReader *reader = r->reader;
    SekYamlCursor cursor = sek_yaml_cursor(yaml);
    SekYamlDoc doc, more;
    uint32_t budget = SEK_YAML_BUDGET;
    const SekYamlNode *root = NULL;
    SekYamlError err = {0};
    if (yaml.len > SEK_RULE_MAX_FILE)
        return sek_rule_error(reader, (SekRulePos){0}, "limit", "the file is larger than %u MB",
                              SEK_RULE_MAX_FILE / (1024 * 1024));
    bool found = sek_yaml_next(&cursor, &doc);
    if (found && sek_yaml_next(&cursor, &more))
        return sek_rule_error(reader, (SekRulePos){more.line, 1}, BAD,
                              "a pipeline is one document, and here begins another");
    SekStatus status =
        found ? sek_yaml_parse(&reader->file->arena, &doc, &budget, &root, &err) : SEK_OK;
    if (status == SEK_ERR_MEMORY)
        return sek_rule_no_memory(reader, (SekRulePos){0});
    if (status)
        return sek_rule_error(reader, (SekRulePos){err.detail.line, err.detail.column}, err.code,
                              "%s", err.detail.what);
    if (!root)
        return sek_rule_error(reader, (SekRulePos){0}, BAD, "there is no pipeline in this file");
    return read_root(r, root);
}

/* A pipeline's own error stops the run, and is not one of the rules. */
static SekStatus take_error(SekRuleFile *file, SekError *err) {
    const SekDiag *diag = &file->diags[--file->n_diags];
    SekStatus status = strcmp(diag->code, "limit") == 0 ? SEK_ERR_LIMIT : SEK_ERR_INPUT;
    (void)sek_fail(err, status, "%.*s", SEK_STR_ARG(diag->text)); /* the status is the one below */
    if (err) {
        err->line = diag->line;
        err->column = diag->column;
    }
    return status;
}

SekStatus sek_pipeline_read(SekRuleFile *file, SekStr source, SekStr yaml, SekPipeline **out,
                            SekError *err) {
    SekArena *arena = &file->arena;
    SekRuleReader reader = {.file = file, .base_limit = arena->limit};
    SekPipeline *pipeline = SEK_ARENA_NEW(arena, SekPipeline);
    reader.source = sek_arena_dup(arena, source);
    if (!pipeline || !reader.source.ptr)
        return SEK_ERR_MEMORY;
    pipeline->source = reader.source;
    size_t share = arena->used + SEK_RULE_MAX_MEMORY;
    if (!arena->limit || arena->limit > share)
        arena->limit = share;
    Read r = {.reader = &reader, .pipeline = pipeline};
    bool defer = file->options.defer;
    file->options.defer = false; /* conditions that a pipeline adds have no placeholders */
    SekStatus status = read_text(&r, yaml);
    file->options.defer = defer;
    arena->limit = reader.base_limit;
    if (status == SEK_ERR_INPUT)
        return take_error(file, err);
    if (!status)
        *out = pipeline;
    return status;
}

bool sek_pipeline_has_placeholders(const SekPipeline *pipeline) {
    return pipeline->has_placeholders;
}
