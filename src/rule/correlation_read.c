/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/correlation_read.h"

#include "rule/timespan.h"

/* The keys of a correlation. An unknown one is an error: `group_by` for `group-by` would put all
 * events into one group without anybody noticing. */

static const char *const keys[] = {"type",      "rules",   "group-by", "timespan",
                                   "condition", "aliases", "generate"};
#define N_KEYS (sizeof keys / sizeof *keys)

static SekStatus check_keys(SekRuleReader *reader, const SekYamlNode *map) {
    if (map->kind != SEK_YAML_MAP)
        return sek_rule_error(
            reader, sek_pos(map), "bad-correlation",
            "`correlation` must be a map with type, rules, timespan and condition");
    for (uint32_t i = 0; i < map->n; i++) {
        const SekYamlNode *key = map->pairs[i].key;
        size_t k = 0;
        while (k < N_KEYS && !sek_str_eq(key->text, sek_str(keys[k])))
            k++;
        if (k == N_KEYS)
            return sek_rule_error(reader, sek_pos(key), "bad-correlation",
                                  "`%s` is no part of a correlation; the keys are type, rules, "
                                  "group-by, timespan, condition, aliases and generate",
                                  sek_show(key->text).text);
    }
    return SEK_OK;
}

/* --- names --------------------------------------------------------------------------------- */

static SekStatus add_name(SekRuleReader *reader, const SekYamlNode *node, const char *what,
                          SekNames *io) {
    bool text = node->kind < SEK_YAML_LIST && node->kind != SEK_YAML_NULL && node->text.len > 0;
    if (!text)
        return sek_rule_error(reader, sek_pos(node), "bad-list", "an entry of `%s` must be text",
                              what);
    SekStr copy = sek_arena_dup(&reader->file->arena, node->text);
    if (!copy.ptr)
        return sek_rule_no_memory(reader, sek_pos(node));
    io->places[io->n] = (SekRulePlace){node->line, node->column};
    io->texts[io->n++] = copy;
    return SEK_OK;
}

SekStatus sek_names_read(SekRuleReader *reader, const SekYamlNode *node, const char *what,
                         uint32_t most, SekNames *out) {
    *out = (SekNames){0};
    if (!node || node->kind == SEK_YAML_NULL)
        return SEK_OK;
    if (node->kind == SEK_YAML_MAP)
        return sek_rule_error(reader, sek_pos(node), "bad-list",
                              "`%s` must be a list of texts, not a map", what);
    bool list = node->kind == SEK_YAML_LIST;
    uint32_t n = list ? node->n : 1;
    if (n > most)
        return sek_rule_error(reader, sek_pos(node), "limit", "`%s` has %u entries; at most %u",
                              what, (unsigned)n, (unsigned)most);
    SekArena *arena = &reader->file->arena;
    SekNames names = {SEK_ARENA_ARRAY(arena, SekStr, (size_t)n + 1),
                      SEK_ARENA_ARRAY(arena, SekRulePlace, (size_t)n + 1), 0};
    if (!names.texts || !names.places)
        return sek_rule_no_memory(reader, sek_pos(node));
    for (uint32_t i = 0; i < n; i++) {
        SekStatus status = add_name(reader, list ? node->items[i] : node, what, &names);
        if (status)
            return status;
    }
    *out = names;
    return SEK_OK;
}

/* --- parts --------------------------------------------------------------------------------- */

#define N_TYPES (SEK_CORR_VALUE_MEDIAN + 1)

static SekStatus read_type(SekRuleReader *reader, const SekYamlNode *map, SekCorrelationType *out) {
    const SekYamlNode *node = sek_yaml_get(map, SEK_STR("type"));
    if (!node || node->kind >= SEK_YAML_LIST)
        return sek_rule_error(reader, sek_pos(node ? node : map), "bad-correlation",
                              "a correlation needs a `type`, such as event_count or temporal");
    for (int i = 0; i < N_TYPES; i++) {
        if (!sek_str_eq(node->text, sek_str(sek_correlation_type_name((SekCorrelationType)i))))
            continue;
        *out = (SekCorrelationType)i;
        return SEK_OK;
    }
    return sek_rule_error(reader, sek_pos(node), "bad-correlation",
                          "there is no correlation type '%s'; types are event_count, value_count, "
                          "temporal, temporal_ordered, value_sum, value_avg, value_percentile and "
                          "value_median",
                          sek_show(node->text).text);
}

/* Twice the same rule says nothing more, except in an order, where it must come twice. */
static SekStatus drop_repeats(SekRuleReader *reader, SekNames *io) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < io->n; i++) {
        uint32_t k = 0;
        while (k < n && !sek_str_eq(io->texts[k], io->texts[i]))
            k++;
        if (k == n) {
            io->texts[n] = io->texts[i];
            io->places[n++] = io->places[i];
            continue;
        }
        SekStatus status =
            sek_rule_warn(reader, (SekRulePos){io->places[i].line, io->places[i].column},
                          "no-effect", "rule '%s' is named twice", sek_show(io->texts[i]).text);
        if (status)
            return status;
    }
    io->n = n;
    return SEK_OK;
}

static SekStatus read_rules(SekRuleReader *reader, const SekYamlNode *map, SekCorrelation *c) {
    SekNames names;
    const SekYamlNode *node = sek_yaml_get(map, SEK_STR("rules"));
    SekStatus status = sek_names_read(reader, node, "rules", SEK_CORR_MAX_RULES, &names);
    const SekYamlNode *condition = sek_yaml_get(map, SEK_STR("condition"));
    bool named = condition && condition->kind == SEK_YAML_STRING; /* by an extended condition */
    if (!status && names.n == 0 && named)
        status = sek_correlation_names_in(reader, condition, SEK_CORR_MAX_RULES, &names);
    if (!status && names.n == 0)
        return sek_rule_error(reader, sek_pos(node ? node : map), "bad-correlation",
                              "a correlation needs `rules`: ids or names of the rules it is about");
    if (!status && c->type != SEK_CORR_TEMPORAL_ORDERED)
        status = drop_repeats(reader, &names);
    c->rules = names.texts;
    c->places = names.places;
    c->n_rules = names.n;
    return status;
}

static SekStatus read_timespan(SekRuleReader *reader, const SekYamlNode *map, uint64_t *out) {
    const SekYamlNode *node = sek_yaml_get(map, SEK_STR("timespan"));
    if (!node || node->kind == SEK_YAML_NULL)
        return sek_rule_error(reader, sek_pos(map), "bad-correlation",
                              "a correlation needs a `timespan`, such as 10m");
    bool text = node->kind < SEK_YAML_LIST;
    SekStatus status = text ? sek_timespan_parse(node->text, out) : SEK_ERR_INPUT;
    if (status == SEK_ERR_LIMIT)
        return sek_rule_error(reader, sek_pos(node), "limit",
                              "the timespan is longer than 100 years");
    if (status)
        return sek_rule_error(reader, sek_pos(node), "bad-correlation",
                              "'%s' is no timespan; write a number above 0 and one of s, m "
                              "(minutes), h, d, w, M (months), y, such as 10m",
                              text ? sek_show(node->text).text : "a list or map");
    return SEK_OK;
}

static SekStatus read_generate_at(SekRuleReader *reader, const SekYamlNode *map, bool *io_set,
                                  bool *io) {
    const SekYamlNode *node = sek_yaml_get(map, SEK_STR("generate"));
    if (!node || node->kind == SEK_YAML_NULL)
        return SEK_OK;
    if (node->kind != SEK_YAML_BOOL)
        return sek_rule_error(reader, sek_pos(node), "bad-correlation",
                              "`generate` is true or false, without quotes");
    if (*io_set && *io != node->flag)
        return sek_rule_error(reader, sek_pos(node), "bad-correlation",
                              "`generate` stands at the top and in `correlation`, and differs");
    *io_set = true;
    *io = node->flag;
    return SEK_OK;
}

/* The specification has it at the top of the document, others below `correlation`. */
static SekStatus read_generate(SekRuleReader *reader, const SekYamlNode *document,
                               const SekYamlNode *map, bool *out) {
    bool set = false;
    SekStatus status = read_generate_at(reader, document, &set, out);
    return status ? status : read_generate_at(reader, map, &set, out);
}

/* --- aliases ------------------------------------------------------------------------------- */

static SekStatus read_alias_fields(SekRuleReader *reader, const SekYamlNode *map, SekAlias *out) {
    if (map->kind != SEK_YAML_MAP || map->n == 0)
        return sek_rule_error(reader, sek_pos(map), "bad-correlation",
                              "an alias is a map of rule names and the fields they use");
    if (map->n > SEK_CORR_MAX_RULES)
        return sek_rule_error(reader, sek_pos(map), "limit", "an alias for more than %d rules",
                              SEK_CORR_MAX_RULES);
    SekArena *arena = &reader->file->arena;
    SekAliasField *fields = SEK_ARENA_ARRAY(arena, SekAliasField, map->n);
    if (!fields)
        return sek_rule_no_memory(reader, sek_pos(map));
    for (uint32_t i = 0; i < map->n; i++) {
        const SekYamlNode *key = map->pairs[i].key, *value = map->pairs[i].value;
        if (value->kind >= SEK_YAML_LIST || value->kind == SEK_YAML_NULL || value->text.len == 0)
            return sek_rule_error(reader, sek_pos(value), "bad-correlation",
                                  "an alias has one field for each rule");
        fields[i] = (SekAliasField){sek_arena_dup(arena, key->text),
                                    sek_arena_dup(arena, value->text),
                                    {key->line, key->column},
                                    {value->line, value->column}};
        if (!fields[i].rule.ptr || !fields[i].field.ptr)
            return sek_rule_no_memory(reader, sek_pos(key));
    }
    out->fields = fields;
    out->n_fields = map->n;
    return SEK_OK;
}

static SekStatus warn_unused_alias(SekRuleReader *reader, const SekYamlNode *key,
                                   const SekCorrelation *c) {
    for (uint32_t i = 0; i < c->n_group_by; i++)
        if (sek_str_eq(c->group_by[i], key->text))
            return SEK_OK;
    return sek_rule_warn(reader, sek_pos(key), "no-effect",
                         "alias '%s' is not in `group-by`, the only place where aliases count",
                         sek_show(key->text).text);
}

static SekStatus read_aliases(SekRuleReader *reader, const SekYamlNode *map, SekCorrelation *c) {
    const SekYamlNode *node = sek_yaml_get(map, SEK_STR("aliases"));
    if (!node || node->kind == SEK_YAML_NULL)
        return SEK_OK;
    if (node->kind != SEK_YAML_MAP)
        return sek_rule_error(reader, sek_pos(node), "bad-correlation",
                              "`aliases` must be a map of alias names");
    if (node->n > SEK_CORR_MAX_ALIASES)
        return sek_rule_error(reader, sek_pos(node), "limit", "more than %d aliases",
                              SEK_CORR_MAX_ALIASES);
    SekArena *arena = &reader->file->arena;
    SekAlias *aliases = SEK_ARENA_ARRAY(arena, SekAlias, (size_t)node->n + 1);
    if (!aliases)
        return sek_rule_no_memory(reader, sek_pos(node));
    for (uint32_t i = 0; i < node->n; i++) {
        const SekYamlNode *key = node->pairs[i].key;
        aliases[i].name = sek_arena_dup(arena, key->text);
        if (!aliases[i].name.ptr)
            return sek_rule_no_memory(reader, sek_pos(key));
        SekStatus status = read_alias_fields(reader, node->pairs[i].value, &aliases[i]);
        if (!status)
            status = warn_unused_alias(reader, key, c);
        if (status)
            return status;
    }
    c->aliases = aliases;
    c->n_aliases = node->n;
    return SEK_OK;
}

/* --- the whole ----------------------------------------------------------------------------- */

static SekStatus read_parts(SekRuleReader *reader, const SekYamlNode *document,
                            const SekYamlNode *map, SekCorrelation *c) {
    SekNames groups = {0};
    SekStatus first = SEK_OK, needed = SEK_OK; /* of the parts that the condition is read with */
    SekStatus status = check_keys(reader, map);
    if (map->kind != SEK_YAML_MAP)
        return status;
    if (sek_rule_goes_on(reader, status, &first))
        status = needed = read_type(reader, map, &c->type);
    if (sek_rule_goes_on(reader, status, &first))
        status = read_rules(reader, map, c);
    needed = needed ? needed : status;
    if (sek_rule_goes_on(reader, status, &first))
        status = read_timespan(reader, map, &c->timespan);
    if (sek_rule_goes_on(reader, status, &first))
        status = sek_names_read(reader, sek_yaml_get(map, SEK_STR("group-by")), "group-by",
                                SEK_CORR_MAX_FIELDS, &groups);
    c->group_by = groups.texts;
    c->n_group_by = groups.n;
    c->group_places = groups.places;
    if (sek_rule_goes_on(reader, status, &first))
        status = read_aliases(reader, map, c);
    if (sek_rule_goes_on(reader, status, &first))
        status = read_generate(reader, document, map, &c->generate);
    if (sek_rule_goes_on(reader, status, &first) && !needed)
        status =
            sek_correlation_read_condition(reader, map, sek_yaml_get(map, SEK_STR("condition")), c);
    (void)sek_rule_goes_on(reader, status, &first);
    return first;
}

SekStatus sek_correlation_read(SekRuleReader *reader, const SekYamlNode *document,
                               const SekCorrelation **out) {
    const SekYamlNode *map = sek_yaml_get(document, SEK_STR("correlation"));
    SekCorrelation *correlation = SEK_ARENA_NEW(&reader->file->arena, SekCorrelation);
    if (!correlation)
        return sek_rule_no_memory(reader, sek_pos(document));
    SekStatus status = read_parts(reader, document, map, correlation);
    if (!status)
        *out = correlation;
    return status;
}
