/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/correlation_read.h"

#include <math.h>

/* The condition of a correlation: bounds for a number (COR, Condition), or an expression over rules
 * for a temporal one. */

static const struct {
    const char *name;
    SekOp op;
    bool negate;
} operators[] = {
    {"eq", SEK_OP_EQ, false},   {"neq", SEK_OP_EQ, true}, {"gt", SEK_OP_GT, false},
    {"gte", SEK_OP_GTE, false}, {"lt", SEK_OP_LT, false}, {"lte", SEK_OP_LTE, false},
};
#define N_OPERATORS (sizeof operators / sizeof *operators)

static bool is_temporal(const SekCorrelation *c) {
    return c->type == SEK_CORR_TEMPORAL || c->type == SEK_CORR_TEMPORAL_ORDERED;
}

/* --- bounds -------------------------------------------------------------------------------- */

static SekStatus add_bound(SekRuleReader *reader, const SekYamlNode *value, size_t op,
                           SekCorrelation *c) {
    bool number = value->kind == SEK_YAML_INT || value->kind == SEK_YAML_FLOAT;
    if (!number || !isfinite(value->number.real))
        return sek_rule_error(reader, sek_pos(value), "bad-correlation",
                              "`%s` needs a number without quotes", operators[op].name);
    c->bounds[c->n_bounds++] = (SekCorrBound){
        .op = operators[op].op, .negate = operators[op].negate, .value = value->number.real};
    return SEK_OK;
}

static SekStatus read_percentile(SekRuleReader *reader, const SekYamlNode *value,
                                 SekCorrelation *c) {
    if (c->type != SEK_CORR_VALUE_PERCENTILE)
        return sek_rule_error(reader, sek_pos(value), "bad-correlation",
                              "`percentile` belongs to value_percentile only");
    double p = value->number.real;
    bool number = value->kind == SEK_YAML_INT || value->kind == SEK_YAML_FLOAT;
    if (!number || !(p >= 0 && p <= 100))
        return sek_rule_error(reader, sek_pos(value), "bad-correlation",
                              "`percentile` needs a number from 0 to 100");
    c->percentile = p;
    return SEK_OK;
}

static SekStatus read_entry(SekRuleReader *reader, const SekYamlPair *pair, SekCorrelation *c) {
    SekStr key = pair->key->text;
    for (size_t i = 0; i < N_OPERATORS; i++)
        if (sek_str_eq(key, sek_str(operators[i].name)))
            return add_bound(reader, pair->value, i, c);
    if (sek_str_eq(key, SEK_STR("percentile")))
        return read_percentile(reader, pair->value, c);
    if (!sek_str_eq(key, SEK_STR("field")))
        return sek_rule_error(reader, sek_pos(pair->key), "bad-correlation",
                              "`%s` is no part of a condition; use gt, gte, lt, lte, eq, neq, "
                              "field or percentile",
                              sek_show(key).text);
    if (is_temporal(c) || c->type == SEK_CORR_EVENT_COUNT)
        return sek_rule_error(reader, sek_pos(pair->key), "bad-correlation",
                              "%s has no `field`; fields to count are for value_count",
                              sek_correlation_type_name(c->type));
    SekNames names;
    SekStatus status = sek_names_read(reader, pair->value, "field", SEK_CORR_MAX_FIELDS, &names);
    if (!status && names.n > 1 && c->type != SEK_CORR_VALUE_COUNT)
        return sek_rule_error(reader, sek_pos(pair->value), "bad-correlation",
                              "%s works on one field", sek_correlation_type_name(c->type));
    c->fields = names.texts;
    c->field_places = names.places;
    c->n_fields = names.n;
    return status;
}

/* What the number of a window can be at all: a window that holds nothing is none. */
static void natural_range(const SekCorrelation *c, double *least, double *most) {
    bool counts =
        is_temporal(c) || c->type == SEK_CORR_EVENT_COUNT || c->type == SEK_CORR_VALUE_COUNT;
    *least = counts ? 1 : -(double)INFINITY;
    *most = is_temporal(c) ? c->n_rules : (double)INFINITY;
}

static bool can_hold(const SekCorrelation *c) {
    double least, most;
    bool open_least = false, open_most = false;
    natural_range(c, &least, &most);
    for (uint32_t i = 0; i < c->n_bounds; i++) {
        const SekCorrBound *b = &c->bounds[i];
        if (b->negate)
            continue;
        bool lower = b->op == SEK_OP_EQ || b->op == SEK_OP_GT || b->op == SEK_OP_GTE;
        bool upper = b->op == SEK_OP_EQ || b->op == SEK_OP_LT || b->op == SEK_OP_LTE;
        if (lower && b->value >= least) {
            open_least = b->op == SEK_OP_GT || (open_least && b->value == least);
            least = b->value;
        }
        if (upper && b->value <= most) {
            open_most = b->op == SEK_OP_LT || (open_most && b->value == most);
            most = b->value;
        }
    }
    return least < most || (least == most && !open_least && !open_most);
}

static bool holds(const SekCorrelation *c, double value) {
    for (uint32_t i = 0; i < c->n_bounds; i++) {
        const SekCorrBound *b = &c->bounds[i];
        bool good = b->op == SEK_OP_EQ    ? value == b->value
                    : b->op == SEK_OP_GT  ? value > b->value
                    : b->op == SEK_OP_GTE ? value >= b->value
                    : b->op == SEK_OP_LT  ? value < b->value
                                          : value <= b->value;
        if (good == b->negate)
            return false;
    }
    return true;
}

/* An order is one of all rules, or of at least so many of them: then rules may be left out, and those that
 * are there keep the order of the list. One rule alone has no order, and "at most" would make a longer
 * story none. What is kept is a bound that says at least how many; none = all. */
static SekStatus check_ordered(SekRuleReader *reader, const SekYamlNode *map, SekCorrelation *c) {
    uint32_t least = 1;
    while (least <= c->n_rules && !holds(c, least))
        least++;
    bool at_least = least > 1 || c->n_rules == 1;
    for (uint32_t n = least; n <= c->n_rules; n++)
        at_least = at_least && holds(c, n);
    if (!at_least || least > c->n_rules)
        return sek_rule_error(reader, sek_pos(map), "bad-correlation",
                              "temporal_ordered takes all its rules in order, or at least so many of "
                              "them: gte from 2 to the number of its rules");
    c->n_bounds = least < c->n_rules;
    c->bounds[0] = (SekCorrBound){.op = SEK_OP_GTE, .value = least};
    return SEK_OK;
}

static SekStatus check_map(SekRuleReader *reader, const SekYamlNode *map, SekCorrelation *c,
                           bool percentile) {
    const char *type = sek_correlation_type_name(c->type);
    bool values = !is_temporal(c) && c->type != SEK_CORR_EVENT_COUNT;
    if (c->n_bounds == 0)
        return sek_rule_error(reader, sek_pos(map), "bad-correlation",
                              "the condition compares with nothing; write for example gte: 10");
    if (values && c->n_fields == 0)
        return sek_rule_error(reader, sek_pos(map), "bad-correlation",
                              "%s needs a `field` in its condition", type);
    if (c->type == SEK_CORR_TEMPORAL_ORDERED)
        return check_ordered(reader, map, c);
    SekStatus status = SEK_OK;
    if (!can_hold(c))
        status =
            sek_rule_warn(reader, sek_pos(map), "never-true", "no window can meet this condition");
    if (!status && c->type == SEK_CORR_VALUE_PERCENTILE && !percentile)
        status = sek_rule_warn(reader, sek_pos(map), "default-percentile",
                               "without `percentile` the median (50) is held against the bounds");
    return status;
}

static SekStatus read_map(SekRuleReader *reader, const SekYamlNode *map, SekCorrelation *c) {
    for (uint32_t i = 0; i < map->n; i++) {
        SekStatus status = read_entry(reader, &map->pairs[i], c);
        if (status)
            return status;
    }
    return check_map(reader, map, c, sek_yaml_get(map, SEK_STR("percentile")) != NULL);
}

/* --- both kinds ---------------------------------------------------------------------------- */

static SekStatus read_text(SekRuleReader *reader, const SekYamlNode *text, SekCorrelation *c) {
    if (c->type != SEK_CORR_TEMPORAL)
        return sek_rule_error(reader, sek_pos(text), "bad-correlation",
                              "an expression over rules belongs to temporal only; %s",
                              is_temporal(c) ? "an order has no `or` and no `not`"
                                             : "write a map such as gte: 10");
    SekNames names = {(SekStr *)(uintptr_t)c->rules, (SekRulePlace *)(uintptr_t)c->places,
                      c->n_rules};
    return sek_correlation_read_expr(reader, text, &names, &c->expr);
}

SekStatus sek_correlation_read_condition(SekRuleReader *reader, const SekYamlNode *correlation,
                                         const SekYamlNode *condition, SekCorrelation *io) {
    if (io->type == SEK_CORR_VALUE_PERCENTILE)
        io->percentile = 50;
    if (!condition || condition->kind == SEK_YAML_NULL) {
        if (is_temporal(io))
            return SEK_OK;
        return sek_rule_error(reader, sek_pos(correlation), "bad-correlation",
                              "%s needs a `condition`, such as gte: 10",
                              sek_correlation_type_name(io->type));
    }
    if (condition->kind == SEK_YAML_MAP)
        return read_map(reader, condition, io);
    if (condition->kind == SEK_YAML_STRING)
        return read_text(reader, condition, io);
    return sek_rule_error(reader, sek_pos(condition), "bad-correlation",
                          "a correlation's condition is a map such as gte: 10, or for temporal an "
                          "expression such as `a and not b`");
}
