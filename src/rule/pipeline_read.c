/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/pipeline_model.h"

/* YAML to a pipeline. What is wrong costs the whole pipeline: half of one would leave rules that
 * look at fields which no event has. */

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

/* --- the whole ----------------------------------------------------------------------------- */

static SekStatus read_vars(SekPipelineRead *r, const SekYamlNode *map) {
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

static SekStatus read_priority(SekPipelineRead *r, const SekYamlNode *map) {
    const SekYamlNode *node = sek_yaml_get(map, SEK_STR("priority"));
    if (!node || node->kind == SEK_YAML_NULL)
        return SEK_OK;
    if (node->kind != SEK_YAML_INT || node->number.magnitude > INT32_MAX)
        return sek_rule_error(r->reader, sek_pos(node), BAD, "`priority` is a whole number");
    r->pipeline->priority = (int64_t)node->number.magnitude * (node->number.negative ? -1 : 1);
    return SEK_OK;
}

static SekStatus check_top(SekPipelineRead *r, const SekYamlNode *map) {
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

static SekStatus read_root(SekPipelineRead *r, const SekYamlNode *root) {
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
        status = sek_pipeline_read_steps(r, list, &r->pipeline->steps, &r->pipeline->n_steps);
    return status;
}

static SekStatus read_text(SekPipelineRead *r, SekStr yaml) {
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
    SekPipelineRead r = {.reader = &reader, .pipeline = pipeline};
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
