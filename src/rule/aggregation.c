/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/aggregation.h"

#include "rule/correlation_read.h"
#include "rule/document.h"
#include "rule/expr.h"
#include "rule/number.h"
#include "rule/timespan.h"

#include <stdio.h>

/* The grammar of Sigma 1 behind the `|`:
 *
 *     aggregation := function "(" [ field ] ")" [ "by" field { "," field } ] operator number
 *                  | "near" condition
 *     function := "count" | "sum" | "avg" | "min" | "max"
 *     operator := ">" | ">=" | "<" | "<=" | "=" | "==" | "!="
 *
 * Without `timeframe` the whole log is one window. The largest and the smallest of some numbers are
 * their percentiles 100 and 0. */

typedef struct Parser {
    SekRuleReader *reader;
    const SekCondition *condition;
    const SekYamlNode *detection;
    SekSelections *selections;
    SekRule *rule;
    SekCorrelation *correlation;
    SekStr text;
    size_t at; /* behind the current word */
    SekStr word;
    const SekExpr *parts[SEK_CORR_MAX_RULES]; /* what the rules behind `rule` look for */
    uint32_t n_parts;
} Parser;

/* --- words --------------------------------------------------------------------------------- */

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_relation(char c) {
    return c == '<' || c == '>' || c == '=' || c == '!';
}

static bool is_sign(char c) {
    return c == '(' || c == ')' || c == ',' || is_relation(c);
}

static void advance(Parser *p) {
    SekStr text = p->text;
    while (p->at < text.len && is_blank(text.ptr[p->at]))
        p->at++;
    size_t start = p->at;
    while (p->at < text.len && !is_blank(text.ptr[p->at]) && !is_sign(text.ptr[p->at]))
        p->at++;
    if (p->at == start && p->at < text.len && is_relation(text.ptr[p->at]))
        while (p->at < text.len && is_relation(text.ptr[p->at]))
            p->at++;
    else if (p->at == start && p->at < text.len)
        p->at++;
    p->word = sek_str_n(text.ptr + start, p->at - start);
}

static bool is_word(const Parser *p, const char *word) {
    return sek_str_eq(p->word, sek_str(word));
}

static bool is_name(const Parser *p) {
    return p->word.len > 0 && !is_sign(p->word.ptr[0]);
}

static SekStatus unexpected(Parser *p, const char *wanted) {
    if (p->word.len == 0)
        return sek_rule_error(p->reader, p->condition->pipe_pos, "legacy-aggregation",
                              "the aggregation ends where %s should be", wanted);
    return sek_rule_error(p->reader, p->condition->pipe_pos, "legacy-aggregation",
                          "'%s' stands in the aggregation where %s should be",
                          sek_show(p->word).text, wanted);
}

static SekStatus no_memory(const Parser *p) {
    return sek_rule_no_memory(p->reader, p->condition->pipe_pos);
}

static SekStatus keep_word(Parser *p, SekStr *out) {
    *out = sek_arena_dup(&p->reader->file->arena, p->word);
    advance(p);
    return out->ptr ? SEK_OK : no_memory(p);
}

/* --- functions ----------------------------------------------------------------------------- */

/* `count(field)` counts different values, `count()` events. */
static const struct {
    const char *name;
    SekCorrelationType type;
    double percentile;
} functions[] = {
    {"count", SEK_CORR_VALUE_COUNT, 0},      {"sum", SEK_CORR_VALUE_SUM, 0},
    {"avg", SEK_CORR_VALUE_AVG, 0},          {"min", SEK_CORR_VALUE_PERCENTILE, 0},
    {"max", SEK_CORR_VALUE_PERCENTILE, 100},
};

/* Where the aggregation begins, `n` times. */
static SekRulePlace *places_of(Parser *p, uint32_t n) {
    SekRulePlace *places = SEK_ARENA_ARRAY(&p->reader->file->arena, SekRulePlace, n);
    for (uint32_t i = 0; places && i < n; i++)
        places[i] = (SekRulePlace){p->condition->pipe_pos.line, p->condition->pipe_pos.column};
    return places;
}

static SekStatus parse_function(Parser *p) {
    size_t f = 0;
    while (f < sizeof functions / sizeof *functions && !is_word(p, functions[f].name))
        f++;
    if (f == sizeof functions / sizeof *functions)
        return unexpected(p, "count, sum, avg, min, max or near");
    p->correlation->type = functions[f].type;
    p->correlation->percentile = functions[f].percentile;
    advance(p);
    if (!is_word(p, "("))
        return unexpected(p, "`(`");
    advance(p);
    if (is_name(p)) {
        SekStr *field = SEK_ARENA_NEW(&p->reader->file->arena, SekStr);
        SekStatus status = field ? keep_word(p, field) : no_memory(p);
        if (status)
            return status;
        p->correlation->fields = field;
        p->correlation->field_places = places_of(p, 1);
        if (!p->correlation->field_places)
            return no_memory(p);
        p->correlation->n_fields = 1;
    } else if (f > 0) {
        return unexpected(p, "a field to calculate with");
    } else {
        p->correlation->type = SEK_CORR_EVENT_COUNT;
    }
    if (!is_word(p, ")"))
        return unexpected(p, "`)`");
    advance(p);
    return SEK_OK;
}

static SekStatus parse_groups(Parser *p) {
    if (!is_word(p, "by"))
        return SEK_OK;
    SekStr *groups = SEK_ARENA_ARRAY(&p->reader->file->arena, SekStr, SEK_CORR_MAX_FIELDS);
    if (!groups)
        return no_memory(p);
    uint32_t n = 0;
    do {
        advance(p);
        if (!is_name(p) || n == SEK_CORR_MAX_FIELDS)
            return unexpected(p,
                              n == SEK_CORR_MAX_FIELDS ? "the end of so many fields" : "a field");
        SekStatus status = keep_word(p, &groups[n++]);
        if (status)
            return status;
    } while (is_word(p, ","));
    p->correlation->group_by = groups;
    p->correlation->n_group_by = n;
    p->correlation->group_places = places_of(p, n);
    if (!p->correlation->group_places)
        return no_memory(p);
    return SEK_OK;
}

static SekStatus parse_bound(Parser *p) {
    static const struct {
        const char *name;
        SekOp op;
        bool negate;
    } relations[] = {
        {">", SEK_OP_GT, false},   {">=", SEK_OP_GTE, false}, {"<", SEK_OP_LT, false},
        {"<=", SEK_OP_LTE, false}, {"=", SEK_OP_EQ, false},   {"==", SEK_OP_EQ, false},
        {"!=", SEK_OP_EQ, true},
    };
    size_t r = 0;
    while (r < sizeof relations / sizeof *relations && !is_word(p, relations[r].name))
        r++;
    if (r == sizeof relations / sizeof *relations)
        return unexpected(p, "one of > >= < <= == !=");
    advance(p);
    SekNumber number;
    if (!sek_number_parse(p->word, &number))
        return unexpected(p, "a number");
    advance(p);
    if (p->word.len)
        return unexpected(p, "the end");
    p->correlation->bounds[0] = (SekCorrBound){relations[r].op, relations[r].negate, number.real};
    p->correlation->n_bounds = 1;
    return SEK_OK;
}

/* --- near ---------------------------------------------------------------------------------- */

/* Makes a part of every selection that the expression names, and the tree over their numbers. Part
 * 0 is the condition itself, which must be there too. */
static SekStatus convert_near(Parser *p, const SekSelections *named, const SekExpr *const *markers,
                              const SekExpr *expr) {
    const SekExpr *items[SEK_CORR_MAX_RULES] = {NULL};
    for (uint32_t i = 0; i < named->n; i++) {
        if (!named->list[i].used)
            continue;
        if (p->n_parts == SEK_CORR_MAX_RULES)
            return sek_rule_error(p->reader, p->condition->pipe_pos, "limit",
                                  "`near` with more than %d selections", SEK_CORR_MAX_RULES - 1);
        items[p->n_parts] = markers[i];
        p->parts[p->n_parts++] = p->selections->list[i].expr;
        p->selections->list[i].used = true;
    }
    const SekCorrExpr *others = NULL;
    SekStatus status = sek_correlation_convert_expr(p->reader, expr, items, p->n_parts, &others);
    SekArena *arena = &p->reader->file->arena;
    SekCorrExpr *self = SEK_ARENA_NEW(arena, SekCorrExpr);
    SekCorrExpr *both = SEK_ARENA_NEW(arena, SekCorrExpr);
    const SekCorrExpr **kids = SEK_ARENA_ARRAY(arena, const SekCorrExpr *, 2);
    if (status || !self || !both || !kids)
        return status ? status : no_memory(p);
    self->kind = SEK_EXPR_ITEM;
    kids[0] = self;
    kids[1] = others;
    *both = (SekCorrExpr){.kind = SEK_EXPR_AND, .kids = kids, .n_kids = 2};
    p->correlation->expr = both;
    return SEK_OK;
}

/* What stands behind `near` is a condition over selections; markers take their place, so that the
 * tree tells which is which. */
static SekStatus parse_near(Parser *p) {
    SekArena *arena = &p->reader->file->arena;
    uint32_t n = p->selections->n;
    SekSelections named = {.list = SEK_ARENA_ARRAY(arena, SekSelection, n), .n = n};
    const SekExpr **markers = SEK_ARENA_ARRAY(arena, const SekExpr *, n);
    if (!named.list || !markers)
        return no_memory(p);
    for (uint32_t i = 0; i < n; i++) {
        SekItem nothing = {0};
        markers[i] = sek_expr_item(p->reader, &nothing);
        if (!markers[i])
            return no_memory(p);
        named.list[i] = (SekSelection){.name = p->selections->list[i].name, .expr = markers[i]};
    }
    SekYamlNode rest = {.kind = SEK_YAML_STRING,
                        .text = sek_str_n(p->text.ptr + p->at, p->text.len - p->at),
                        .line = p->condition->pipe_pos.line,
                        .column = p->condition->pipe_pos.column};
    SekCondition near = {0};
    SekStatus status = sek_condition_read(p->reader, p->detection, &rest, &named, &near);
    if (!status && near.aggregation.len)
        return sek_rule_error(p->reader, p->condition->pipe_pos, "legacy-aggregation",
                              "a condition has one aggregation");
    p->correlation->type = SEK_CORR_TEMPORAL;
    return status ? status : convert_near(p, &named, markers, near.expr);
}

/* --- rules --------------------------------------------------------------------------------- */

static SekStatus read_timeframe(Parser *p) {
    const SekYamlNode *node = sek_yaml_get(p->detection, SEK_STR("timeframe"));
    p->correlation->timespan = SEK_TIMESPAN_MAX;
    if (!node || node->kind == SEK_YAML_NULL)
        return sek_rule_warn(p->reader, p->condition->pipe_pos, "no-timeframe",
                             "the aggregation has no `timeframe`, so it runs over the whole log; write one below "
                             "`detection`, such as `timeframe: 10m`");
    bool text = node->kind < SEK_YAML_LIST;
    if (text && sek_timespan_parse(node->text, &p->correlation->timespan) == SEK_OK)
        return SEK_OK;
    return sek_rule_error(p->reader, sek_pos(node), "legacy-aggregation",
                          "'%s' is no timeframe; write a number and one of s, m, h, d, w, M, y",
                          text ? sek_show(node->text).text : "a list or map");
}

/* The name of a selection, or of the rule for its condition. */
static SekStr part_name(const Parser *p, uint32_t part) {
    for (uint32_t i = 0; part > 0 && i < p->selections->n; i++)
        if (p->selections->list[i].expr == p->parts[part])
            return p->selections->list[i].name;
    return p->rule->title;
}

static SekStatus add_part(Parser *p, uint32_t number, SekStr name, const SekLogSource *logsource) {
    SekRule *part = SEK_ARENA_NEW(&p->reader->file->arena, SekRule);
    if (!part)
        return no_memory(p);
    *part = *p->rule;
    part->name = SEK_STR("");
    part->title = name;
    part->correlation = NULL;
    part->part_of = p->rule;
    part->logsource = *logsource;
    part->condition = p->parts[number];
    part->n_exprs = p->reader->n_exprs;
    p->correlation->targets[number] = part;
    return sek_document_add_rule(p->reader, p->condition->pipe_pos, part);
}

static SekStatus add_rules(Parser *p) {
    SekArena *arena = &p->reader->file->arena;
    SekCorrelation *c = p->correlation;
    SekLogSource logsource = p->rule->logsource;
    SekStr *names = SEK_ARENA_ARRAY(arena, SekStr, p->n_parts);
    SekRulePlace *places = SEK_ARENA_ARRAY(arena, SekRulePlace, p->n_parts);
    c->targets = SEK_ARENA_ARRAY(arena, const SekRule *, p->n_parts);
    if (!names || !places || !c->targets)
        return no_memory(p);
    c->rules = names;
    c->places = places;
    c->n_rules = p->n_parts;
    c->depth = 1;
    p->rule->correlation = c;
    p->rule->logsource = (SekLogSource){0};
    uint32_t before = p->reader->file->n_rules;
    SekStatus status = sek_document_add_rule(p->reader, p->condition->pipe_pos, p->rule);
    for (uint32_t i = 0; i < p->n_parts && !status; i++) {
        names[i] = sek_arena_dup(arena, part_name(p, i));
        places[i] = (SekRulePlace){p->condition->pipe_pos.line, p->condition->pipe_pos.column};
        status = names[i].ptr ? add_part(p, i, names[i], &logsource) : no_memory(p);
    }
    if (status)
        p->reader->file->n_rules = before; /* all or nothing */
    return status;
}

SekStatus sek_aggregation_read(SekRuleReader *reader, const SekYamlNode *detection,
                               const SekCondition *condition, SekSelections *selections,
                               SekRule *rule) {
    Parser p = {.reader = reader,
                .condition = condition,
                .detection = detection,
                .selections = selections,
                .rule = rule,
                .correlation = SEK_ARENA_NEW(&reader->file->arena, SekCorrelation),
                .text = condition->aggregation,
                .parts = {condition->expr},
                .n_parts = 1};
    if (!p.correlation)
        return no_memory(&p);
    SekStatus status = read_timeframe(&p);
    advance(&p);
    if (!status && is_word(&p, "near")) {
        status = parse_near(&p);
    } else {
        status = status ? status : parse_function(&p);
        status = status ? status : parse_groups(&p);
        status = status ? status : parse_bound(&p);
    }
    return status ? status : add_rules(&p);
}
