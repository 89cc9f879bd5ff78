/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/item.h"

#include "rule/chain.h"
#include "rule/pattern.h"

/* The values of one item: each goes through the chain of modifiers by itself. An item without a
 * value
 * (`field:` or `field: []`) has the one value null. */

/* `Details|contains: 00000429`: a number for the core schema, but written as text, and the zeros
 * are meant. Only where a modifier asks for text; elsewhere a number matches its own text anyway.
 */
static bool is_padded_text(const SekChain *chain, const SekYamlNode *value) {
    SekStr text = value->text;
    if (value->kind != SEK_YAML_INT || text.len < 2 || text.ptr[0] != '0')
        return false;
    const SekModifier *first = NULL;
    for (uint32_t i = 0; i < chain->n && !first; i++)
        first = chain->modifiers[i]->apply ? chain->modifiers[i] : NULL;
    bool wants_text = first && !(first->takes & 1 << SEK_MATCH_NUMBER);
    return wants_text && text.ptr[1] >= '0' && text.ptr[1] <= '9';
}

/* What the value is before any modifier. */
static SekStatus start_match(SekRuleReader *reader, const SekChain *chain, const SekYamlNode *value,
                             SekMatch *out) {
    SekArena *arena = &reader->file->arena;
    switch (is_padded_text(chain, value) ? SEK_YAML_STRING : value->kind) {
    case SEK_YAML_NULL:
        *out = (SekMatch){.kind = SEK_MATCH_NULL};
        return SEK_OK;
    case SEK_YAML_BOOL:
        *out = (SekMatch){.kind = SEK_MATCH_BOOL, .flag = value->flag};
        return SEK_OK;
    case SEK_YAML_INT:
    case SEK_YAML_FLOAT:
        *out = (SekMatch){.kind = SEK_MATCH_NUMBER, .number = value->number};
        out->text = sek_arena_dup(arena, value->text);
        return out->text.ptr ? SEK_OK : sek_rule_no_memory(reader, sek_pos(value));
    case SEK_YAML_STRING:
        break;
    default:
        return sek_rule_error(reader, sek_pos(value), "bad-value",
                              "a value must be text, a number, true, false or null, not a %s",
                              value->kind == SEK_YAML_LIST ? "list" : "map");
    }
    SekPattern *pattern = SEK_ARENA_NEW(arena, SekPattern);
    SekStatus status = SEK_ERR_MEMORY;
    if (pattern)
        status = chain->expand ? sek_pattern_parse_expandable(arena, value->text, pattern)
                               : sek_pattern_parse(arena, value->text, pattern);
    *out = (SekMatch){.kind = SEK_MATCH_STRING, .patterns = pattern, .n_patterns = 1};
    return sek_rule_check(reader, sek_pos(value), status,
                          "the value is longer than 1 MB or has too many wildcards");
}

static SekStatus apply_chain(SekRuleReader *reader, const SekChain *chain, const SekYamlNode *value,
                             SekMatch *match) {
    SekDraft draft = {reader, value, NULL};
    match->line = value->line;
    match->column = value->column;
    for (uint32_t i = 0; i < chain->n; i++) {
        const SekModifier *modifier = chain->modifiers[i];
        if (!modifier->apply)
            continue;
        if (!(modifier->takes >> match->kind & 1))
            return sek_chain_wrong_kind(reader, modifier, value);
        draft.modifier = modifier->name;
        SekStatus status = modifier->apply(&draft, match);
        if (status)
            return status;
    }
    return SEK_OK;
}

/* Fields whose values are a file's path. */
static bool is_path_field(SekStr field) {
    static const char *const ends[] = {"image", "imageloaded", "filename", "filepath", "currentdirectory",
                                       "processname"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        SekStr end = sek_str(ends[i]);
        if (field.len >= end.len && sek_str_eq_nocase(sek_str_n(field.ptr + field.len - end.len, end.len), end))
            return true;
    }
    return false;
}

/* The commonest mistake with wildcards: `\*` in a path, which is a star and no separator at all. */
static SekStatus warn_separator(SekRuleReader *reader, const SekChain *chain, const SekYamlNode *value,
                                const SekMatch *match) {
    if (match->kind != SEK_MATCH_STRING || value->kind != SEK_YAML_STRING)
        return SEK_OK;
    ptrdiff_t at = sek_pattern_lost_separator(value->text, is_path_field(chain->field));
    if (at < 0)
        return SEK_OK;
    char c = value->text.ptr[at + 1];
    return sek_rule_warn(reader, sek_pos(value), "escaped-wildcard",
                         "`\\%c` in '%s' is a literal %c without a backslash before it; write `\\\\%c` for a backslash and a "
                         "wildcard, or `\\\\\\%c` for the two characters as they stand",
                         c, sek_show(value->text).text, c, c, c);
}

/* Pending expressions still have placeholders in them. */
static SekStatus check_regex(SekRuleReader *reader, const SekYamlNode *value, const SekMatch *match) {
    SekError err = {0};
    SekStatus status = SEK_OK;
    if (match->kind == SEK_MATCH_REGEX && !match->pending && reader->file->options.check_regex)
        status = reader->file->options.check_regex(match, &err);
    if (status != SEK_ERR_INPUT)
        return status;
    return sek_rule_error(reader, sek_pos(value), "regular-expression", "%s", err.what);
}

static SekStatus make_keyword(SekRuleReader *reader, const SekYamlNode *value, SekMatch *m);

static SekStatus read_match(SekRuleReader *reader, const SekChain *chain, const SekYamlNode *value, SekMatch *out) {
    SekStatus status = start_match(reader, chain, value, out);
    if (!status)
        status = apply_chain(reader, chain, value, out);
    if (!status)
        status = check_regex(reader, value, out);
    if (!status)
        status = warn_separator(reader, chain, value, out);
    if (!status && chain->field.len == 0)
        status = make_keyword(reader, value, out);
    return status;
}

/* --- keywords ----------------------------------------------------------------------------- */

static bool is_any(const SekPattern *pattern) {
    return pattern->n_tokens == 1 && pattern->tokens[0].kind == SEK_TOKEN_ANY;
}

/* A keyword is searched for: every pattern gets ANY on both sides, and numbers are text. */
static SekStatus make_keyword(SekRuleReader *reader, const SekYamlNode *value, SekMatch *m) {
    SekArena *arena = &reader->file->arena;
    if (m->kind == SEK_MATCH_REGEX)
        return SEK_OK;
    SekPattern *patterns = SEK_ARENA_ARRAY(arena, SekPattern, m->n_patterns + 1);
    if (!patterns)
        return sek_rule_no_memory(reader, sek_pos(value));
    SekStatus status = SEK_OK;
    if (m->kind == SEK_MATCH_NUMBER || m->kind == SEK_MATCH_BOOL) {
        status = sek_pattern_literal(arena, value->text, &patterns[0]);
        *m = (SekMatch){.kind = SEK_MATCH_STRING, .n_patterns = 1, .line = m->line, .column = m->column};
    } else if (m->kind == SEK_MATCH_STRING) {
        memcpy(patterns, m->patterns, m->n_patterns * sizeof *patterns);
    } else {
        return sek_rule_error(reader, sek_pos(value), "bad-value",
                              "a keyword must be text; write a field name before this value");
    }
    for (uint32_t i = 0; i < m->n_patterns && !status; i++)
        status = sek_pattern_affix(arena, true, true, &patterns[i]);
    m->patterns = patterns;
    for (uint32_t i = 0; i < m->n_patterns && !status; i++)
        if (is_any(&patterns[i]))
            return sek_rule_error(reader, sek_pos(value), "bad-value",
                                  "an empty keyword is found in every event");
    return sek_rule_check(reader, sek_pos(value), status, "the keyword is too long");
}

/* --- items -------------------------------------------------------------------------------- */

/* The values as an array, whether one or many were written; for one, `*out` stays as it is. */
static SekStatus values_of(SekRuleReader *reader, const SekYamlNode *value,
                           const SekYamlNode *const **out, uint32_t *out_n) {
    *out_n = 1;
    if (value->kind != SEK_YAML_LIST)
        return SEK_OK;
    if (value->n > SEK_RULE_MAX_VALUES)
        return sek_rule_error(reader, sek_pos(value), "limit",
                              "%u values in one list; more than %d are not read",
                              (unsigned)value->n, SEK_RULE_MAX_VALUES);
    *out = value->items;
    *out_n = value->n;
    return SEK_OK;
}

static SekStatus warn_single_all(SekRuleReader *reader, const SekChain *chain,
                                 const SekYamlNode *value, uint32_t n) {
    if (!chain->all || n != 1)
        return SEK_OK;
    return sek_rule_warn(reader, sek_pos(value), "no-effect",
                         "`all` does nothing to a single value (MOD, Generic Modifiers)");
}

typedef struct Matches {
    SekMatch *list;
    uint32_t n;
} Matches;

/* All values, also behind one that is wrong: an author wants to know of every one. */
static SekStatus read_each(SekRuleReader *reader, const SekChain *chain, const SekYamlNode *const *values,
                           const Matches *out) {
    SekStatus first = SEK_OK;
    bool further = reader->further;
    uint32_t n_errors = 0;
    for (uint32_t i = 0; i < out->n && n_errors < SEK_RULE_MAX_WARNINGS; i++) {
        SekStatus status = read_match(reader, chain, values[i], &out->list[i]);
        if (status && status != SEK_ERR_INPUT)
            return status;
        if (!status)
            continue;
        first = status;
        n_errors++;
        reader->further = true;
    }
    reader->further = further;
    return first;
}

static SekStatus read_values(SekRuleReader *reader, const SekChain *chain, const SekYamlNode *value,
                             SekItem *item) {
    static const SekYamlNode nothing = {.kind = SEK_YAML_NULL};
    SekYamlNode null_node = nothing;
    null_node.line = value->line;
    null_node.column = value->column;
    const SekYamlNode *single = value;
    const SekYamlNode *const *values = &single;
    uint32_t n = 0;
    SekStatus status = values_of(reader, value, &values, &n);
    if (status)
        return status;
    if (n == 0) { /* `field: []` */
        single = &null_node;
        values = &single;
        n = 1;
    }
    SekMatch *matches = SEK_ARENA_ARRAY(&reader->file->arena, SekMatch, n);
    if (!matches)
        return sek_rule_no_memory(reader, sek_pos(value));
    status = read_each(reader, chain, values, &(Matches){matches, n});
    item->matches = matches;
    item->n_matches = n;
    return status ? status : warn_single_all(reader, chain, value, n);
}

SekStatus sek_item_read(SekRuleReader *reader, const SekYamlNode *key, const SekYamlNode *value,
                        SekItem *out) {
    SekChain chain = {0};
    SekStatus status = key ? sek_chain_parse(reader, key, &chain) : SEK_OK;
    if (status)
        return status;
    SekRulePos pos = sek_pos(key ? key : value);
    SekItem item = {
        .all = chain.all, .negate = chain.negate, .line = pos.line, .column = pos.column, .source = reader->source};
    item.field = sek_arena_dup(&reader->file->arena, chain.field);
    if (!item.field.ptr)
        return sek_rule_no_memory(reader, pos);
    status = read_values(reader, &chain, value, &item);
    if (!status)
        *out = item;
    return status;
}

SekStatus sek_value_read(SekRuleReader *reader, const SekYamlNode *value, SekMatch *out) {
    SekChain chain = {0};
    return start_match(reader, &chain, value, out);
}
