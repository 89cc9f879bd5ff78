/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/pipeline_apply.h"

#include "rule/number.h"

/* Answers to the conditions of a step. */

typedef struct Subject {
    const SekItem *item; /* for conditions on items; may be NULL for those on names */
    const SekStr *field; /* for conditions on names */
} Subject;

static bool has_step(const SekStepSet *set, uint32_t number) {
    return set->bits[number / 64] >> number % 64 & 1;
}

static bool was_applied(const SekApply *a, const SekStepSet *set, SekStr id) {
    for (uint32_t i = 0; i < a->n_ids; i++)
        if (has_step(set, i) && sek_str_eq(a->ids[i], id))
            return true;
    return false;
}

static const SekStepSet *steps_of_item(const SekApply *a, const SekItem *item) {
    static const SekStepSet none = {{0}};
    uint32_t index;
    SekStr key = sek_str_n((const char *)&item, sizeof item);
    return sek_strmap_get(&a->marked, key, &index) == SEK_OK ? &a->marks[index].steps : &none;
}

/* --- comparisons --------------------------------------------------------------------------- */

static bool holds(SekPipeOp op, int order) {
    switch (op) {
    case SEK_PIPE_EQ:
        return order == 0;
    case SEK_PIPE_NE:
        return order != 0;
    case SEK_PIPE_GTE:
        return order >= 0;
    case SEK_PIPE_GT:
        return order > 0;
    case SEK_PIPE_LTE:
        return order <= 0;
    case SEK_PIPE_LT:
        return order < 0;
    default:
        return false;
    }
}

/* Numbers by value, everything else as text; dates as RULES writes them are in order as text. */
static bool text_holds(SekPipeOp op, SekStr value, SekStr wanted) {
    SekNumber x, y;
    if (sek_number_parse(value, &x) && sek_number_parse(wanted, &y))
        return holds(op, sek_number_cmp(&x, &y));
    return holds(op, sek_str_cmp(value, wanted));
}

static bool list_holds(SekPipeOp op, const SekStr *list, uint32_t n, SekStr wanted) {
    bool found = false;
    for (uint32_t i = 0; i < n && !found; i++)
        found = sek_str_eq(list[i], wanted);
    if (op == SEK_PIPE_IN)
        return found;
    return op == SEK_PIPE_NOT_IN ? !found : op == SEK_PIPE_NE; /* a list equals no single value */
}

static bool level_holds(SekPipeOp op, SekLevel value, SekStr wanted) {
    SekLevel level;
    if (sek_level_parse(wanted, &level))
        return false;
    return holds(op, (int)value - (int)level);
}

static bool attribute_holds(const SekRule *rule, const SekPipeCondition *c) {
    const struct {
        const char *name;
        const SekStr *text;
    } texts[] = {
        {"id", &rule->id},           {"name", &rule->name},
        {"title", &rule->title},     {"status", &rule->status},
        {"author", &rule->author},   {"description", &rule->description},
        {"date", &rule->date},       {"modified", &rule->modified},
        {"license", &rule->license},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (sek_str_eq(c->name, sek_str(texts[i].name)))
            return texts[i].text->len > 0 && text_holds(c->op, *texts[i].text, c->text);
    if (sek_str_eq(c->name, SEK_STR("level")))
        return level_holds(c->op, rule->level, c->text);
    if (sek_str_eq(c->name, SEK_STR("tags")))
        return list_holds(c->op, rule->tags, rule->n_tags, c->text);
    if (sek_str_eq(c->name, SEK_STR("references")))
        return list_holds(c->op, rule->references, rule->n_references, c->text);
    if (sek_str_eq(c->name, SEK_STR("falsepositives")))
        return list_holds(c->op, rule->falsepositives, rule->n_falsepositives, c->text);
    return false;
}

static bool state_holds(const SekApply *a, const SekPipeCondition *c) {
    for (uint32_t i = 0; i < a->n_states; i++)
        if (sek_str_eq(a->states[i].key, c->name))
            return text_holds(c->op, a->states[i].value, c->text);
    return false;
}

/* --- values -------------------------------------------------------------------------------- */

static bool same_pattern(const SekPattern *x, const SekPattern *y) {
    if (x->n_tokens != y->n_tokens)
        return false;
    for (uint32_t i = 0; i < x->n_tokens; i++)
        if (x->tokens[i].kind != y->tokens[i].kind ||
            !sek_str_eq(x->tokens[i].text, y->tokens[i].text))
            return false;
    return true;
}

static bool same_value(const SekMatch *x, const SekMatch *y) {
    if (x->kind != y->kind)
        return false;
    switch (x->kind) {
    case SEK_MATCH_STRING:
        return x->n_patterns == 1 && same_pattern(&x->patterns[0], &y->patterns[0]);
    case SEK_MATCH_NUMBER:
        return sek_number_cmp(&x->number, &y->number) == 0;
    case SEK_MATCH_BOOL:
        return x->flag == y->flag;
    default:
        return x->kind == SEK_MATCH_NULL;
    }
}

static bool has_wildcard(const SekMatch *m) {
    if (m->kind != SEK_MATCH_STRING)
        return false;
    for (uint32_t i = 0; i < m->n_patterns; i++)
        for (uint32_t k = 0; k < m->patterns[i].n_tokens; k++) {
            SekTokenKind kind = m->patterns[i].tokens[k].kind;
            if (kind == SEK_TOKEN_ANY || kind == SEK_TOKEN_ONE)
                return true;
        }
    return false;
}

static bool regex_matches(SekApply *a, const SekPipeRegex *regex, SekStr text) {
    SekPipeMatch match;
    SekStatus status = sek_pipe_regex_match(regex, text, 0, true, &match);
    if (status != SEK_OK && status != SEK_NOT_FOUND)
        a->status = status;
    return status == SEK_OK;
}

static bool string_matches(SekApply *a, const SekPipeCondition *c, const SekMatch *m) {
    if (m->kind != SEK_MATCH_STRING || m->n_patterns != 1)
        return c->negate;
    SekPipeText text;
    sek_pipe_text_init(&text);
    sek_pipe_text_add(&text, &m->patterns[0]);
    if (text.text.failed)
        a->status = text.text.failed;
    bool found = !text.text.failed && regex_matches(a, c->regexes[0], sek_buf_str(&text.text));
    sek_pipe_text_deinit(&text);
    return found != c->negate;
}

static bool value_holds(SekApply *a, const SekPipeCondition *c, const SekMatch *m) {
    switch (c->kind) {
    case SEK_PIPE_MATCH_STRING:
        return string_matches(a, c, m);
    case SEK_PIPE_MATCH_VALUE:
        return same_value(m, &c->value);
    case SEK_PIPE_CONTAINS_WILDCARD:
        return has_wildcard(m);
    default:
        return m->kind == SEK_MATCH_NULL;
    }
}

static bool values_hold(SekApply *a, const SekPipeCondition *c, const SekItem *item) {
    for (uint32_t i = 0; i < item->n_matches; i++)
        if (value_holds(a, c, &item->matches[i]) != c->all)
            return !c->all;
    return c->all;
}

/* --- rules --------------------------------------------------------------------------------- */

/* Some item of the expression with this field, and with the value when there is one. */
static bool contains_item(const SekExpr *expr, const SekPipeCondition *c, bool *seen) {
    if (seen[expr->index])
        return false;
    seen[expr->index] = true;
    const SekItem *item = expr->item;
    if (expr->kind == SEK_EXPR_ITEM && item->field.len && sek_str_eq(item->field, c->name)) {
        if (c->kind == SEK_PIPE_CONTAINS_FIELD)
            return true;
        for (uint32_t i = 0; i < item->n_matches; i++)
            if (same_value(&item->matches[i], &c->value))
                return true;
    }
    for (uint32_t i = 0; i < expr->n_kids; i++)
        if (contains_item(expr->kids[i], c, seen))
            return true;
    return false;
}

static bool rule_contains(SekApply *a, const SekPipeCondition *c) {
    if (!a->rule->condition)
        return false;
    bool *seen = SEK_ARENA_ARRAY(&a->scratch, bool, a->rule->n_exprs);
    if (!seen) {
        a->status = SEK_ERR_MEMORY;
        return false;
    }
    return contains_item(a->rule->condition, c, seen);
}

static bool source_is(const SekLogSource *wanted, const SekLogSource *have) {
    return (!wanted->category.len || sek_str_eq(wanted->category, have->category)) &&
           (!wanted->product.len || sek_str_eq(wanted->product, have->product)) &&
           (!wanted->service.len || sek_str_eq(wanted->service, have->service));
}

#define MAX_TARGETS                                                                                \
    4096 /* looked at for one condition: chains may name the same rules over and over */

/* A correlation has the log sources of the rules below it (pySigma). */
static bool logsource_holds(const SekRule *rule, const SekLogSource *wanted, uint32_t *budget) {
    const SekCorrelation *c = rule->correlation;
    if (!c)
        return source_is(wanted, &rule->logsource);
    for (uint32_t i = 0; c->targets && i<c->n_rules && * budget> 0; i++) {
        (*budget)--;
        if (logsource_holds(c->targets[i], wanted, budget))
            return true;
    }
    return false;
}

static bool tag_holds(const SekRule *rule, SekStr tag) {
    for (uint32_t i = 0; i < rule->n_tags; i++)
        if (sek_str_eq_nocase(rule->tags[i], tag))
            return true;
    return false;
}

/* --- all kinds ----------------------------------------------------------------------------- */

static bool names_hold(SekApply *a, const SekPipeCondition *c, SekStr field) {
    bool found = false;
    for (uint32_t i = 0; i < c->fields.n && !found && field.len; i++)
        found = c->regexes ? regex_matches(a, c->regexes[i], field)
                           : sek_str_eq(c->fields.texts[i], field);
    return found == (c->kind == SEK_PIPE_INCLUDE_FIELDS);
}

static bool one_holds(SekApply *a, const SekPipeCondition *c, const Subject *subject) {
    uint32_t budget = MAX_TARGETS;
    switch (c->kind) {
    case SEK_PIPE_LOGSOURCE:
        return logsource_holds(a->rule, &c->logsource, &budget);
    case SEK_PIPE_CONTAINS_FIELD:
    case SEK_PIPE_CONTAINS_ITEM:
        return rule_contains(a, c);
    case SEK_PIPE_IS_RULE:
        return a->rule->correlation == NULL;
    case SEK_PIPE_IS_CORRELATION:
        return a->rule->correlation != NULL;
    case SEK_PIPE_ATTRIBUTE:
        return attribute_holds(a->rule, c);
    case SEK_PIPE_TAG:
        return tag_holds(a->rule, c->name);
    case SEK_PIPE_INCLUDE_FIELDS:
    case SEK_PIPE_EXCLUDE_FIELDS:
        return names_hold(a, c, *subject->field);
    case SEK_PIPE_APPLIED:
        if (!subject->item && !subject->field)
            return was_applied(a, &a->applied, c->name);
        return subject->item && was_applied(a, steps_of_item(a, subject->item), c->name);
    case SEK_PIPE_STATE:
        return state_holds(a, c);
    default:
        return values_hold(a, c, subject->item);
    }
}

/* As deep as the expression, at most SEK_RULE_MAX_DEPTH. */
static bool expr_holds(SekApply *a, const SekPipeConditions *all, const SekCorrExpr *expr,
                       const Subject *subject) {
    if (expr->kind == SEK_EXPR_ITEM)
        return one_holds(a, &all->list[expr->rule], subject);
    if (expr->kind == SEK_EXPR_NOT)
        return !expr_holds(a, all, expr->kids[0], subject);
    bool any = expr->kind == SEK_EXPR_OR;
    for (uint32_t i = 0; i < expr->n_kids; i++)
        if (expr_holds(a, all, expr->kids[i], subject) == any)
            return any;
    return !any;
}

static bool all_hold(SekApply *a, const SekPipeConditions *all, const Subject *subject) {
    if (all->n == 0)
        return true;
    if (all->expr)
        return expr_holds(a, all, all->expr, subject) != all->negate;
    bool result = !all->any;
    for (uint32_t i = 0; i < all->n && result != all->any; i++)
        result = one_holds(a, &all->list[i], subject);
    return result != all->negate;
}

bool sek_apply_rule_matches(SekApply *a) {
    Subject subject = {0};
    return all_hold(a, &a->step->on_rule, &subject);
}

bool sek_apply_field_matches(SekApply *a, const SekItem *item, SekStr field) {
    Subject subject = {item, &field};
    return all_hold(a, &a->step->on_field, &subject);
}

bool sek_apply_item_matches(SekApply *a, const SekItem *item) {
    Subject subject = {item, NULL};
    if (!all_hold(a, &a->step->on_item, &subject))
        return false;
    if (sek_apply_field_matches(a, item, item->field))
        return true;
    for (uint32_t i = 0; i < item->n_matches; i++)
        if (item->matches[i].kind == SEK_MATCH_FIELDREF &&
            sek_apply_field_matches(a, item, item->matches[i].text))
            return true;
    return false;
}
