/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/field_check.h"

#include "engine/field_names.h"
#include "engine/taps.h"

#include <stdlib.h>

/* The walk over one rule: what a condition says about EventID and Provider_Name narrows the events that the
 * items beside it can meet. An item that stands in several places is complained about only when it is
 * unknown in each of them. */

#define MAX_VISITS 50000 /* the tree is a DAG: a hostile one has more ways through it than time */

enum { KNOWN = 1, UNKNOWN = 2 };

typedef struct Complaint {
    const SekItem *item;
    SekStr name;         /* that is not known */
    const char *nearest; /* that is, or NULL */
} Complaint;

typedef struct Walk {
    const SekRule *rule;
    uint32_t visits;
    uint8_t *verdicts;      /* by SekExpr.index: KNOWN, UNKNOWN or both */
    Complaint *complaints;  /* by SekExpr.index */
} Walk;

static bool literal_of(const SekMatch *m, SekStr *out) {
    if (m->kind == SEK_MATCH_NUMBER) {
        *out = m->text;
        return true;
    }
    if (m->kind != SEK_MATCH_STRING || m->n_patterns != 1 || m->patterns[0].n_tokens != 1 ||
        m->patterns[0].tokens[0].kind != SEK_TOKEN_LITERAL)
        return false;
    *out = m->patterns[0].tokens[0].text;
    return true;
}

/* The texts that `item` wants of `field`; false when it is about something else or says it otherwise. */
static bool wanted_of(const SekItem *item, const char *field, SekNameList *out) {
    *out = (SekNameList){0};
    if (item->negate || !sek_str_eq_nocase(item->field, sek_str(field)) || item->n_matches > SEK_NAME_LIST_MAX)
        return false;
    for (uint32_t i = 0; i < item->n_matches; i++)
        if (!literal_of(&item->matches[i], &out->names[out->n++]))
            return false;
    return true;
}

/* Adds `more` to `list`; false when it does not fit. */
static bool add_names(SekNameList *list, const SekNameList *more) {
    if (list->n + more->n > SEK_NAME_LIST_MAX)
        return false;
    for (uint32_t i = 0; i < more->n; i++)
        list->names[list->n++] = more->names[i];
    return true;
}

/* What every event on which `e` holds must have in `field`; false when nothing is known. */
static bool demanded(Walk *w, const SekExpr *e, const char *field, SekNameList *out) {
    SekNameList part;
    *out = (SekNameList){0};
    if (w->visits++ > MAX_VISITS)
        return false;
    switch (e->kind) {
    case SEK_EXPR_ITEM:
        return wanted_of(e->item, field, out);
    case SEK_EXPR_AND:
        for (uint32_t i = 0; i < e->n_kids; i++)
            if (demanded(w, e->kids[i], field, out))
                return true;
        return false;
    case SEK_EXPR_OR:
        for (uint32_t i = 0; i < e->n_kids; i++)
            if (!demanded(w, e->kids[i], field, &part) || !add_names(out, &part))
                return false;
        return true;
    default:
        return false;
    }
}

static void judge_item(Walk *w, const SekExpr *e, const SekEventScope *scope) {
    const SekItem *item = e->item;
    Complaint *c = &w->complaints[e->index];
    SekStr unknown = {0};
    if (item->field.len && !sek_field_name_known(scope, item->field))
        unknown = item->field;
    for (uint32_t i = 0; i < item->n_matches && !unknown.len; i++)
        if (item->matches[i].kind == SEK_MATCH_FIELDREF && !sek_field_name_known(scope, item->matches[i].text))
            unknown = item->matches[i].text;
    if (unknown.len && !c->item)
        *c = (Complaint){item, unknown, sek_field_name_nearest(scope, unknown)};
    w->verdicts[e->index] |= unknown.len ? UNKNOWN : KNOWN;
}

/* Depth is bounded by the rule reader (SEK_RULE_MAX_DEPTH). */
static void walk(Walk *w, const SekExpr *e, const SekEventScope *scope) {
    if (w->visits++ > MAX_VISITS)
        return;
    if (e->kind == SEK_EXPR_ITEM) {
        judge_item(w, e, scope);
        return;
    }
    SekEventScope inner = *scope;
    if (e->kind == SEK_EXPR_AND) {
        SekNameList names;
        if (demanded(w, e, "EventID", &names))
            inner.event_ids = names;
        if (demanded(w, e, "Provider_Name", &names))
            inner.providers = names;
    }
    for (uint32_t i = 0; i < e->n_kids; i++)
        walk(w, e->kids[i], &inner);
}

static int shown(SekStr text) {
    return (int)(text.len < 80 ? text.len : 80);
}

static SekStatus add_diag(SekRuleFile *file, const SekRule *rule, const char *code, SekRulePlace place,
                          const SekError *message) {
    SekError text = *message;
    SekDiag *diag = sek_rulefile_new_diag(file);
    SekStr kept = sek_arena_dup(&file->arena, sek_str(text.what));
    if (!diag || !kept.ptr)
        return SEK_ERR_MEMORY;
    *diag = (SekDiag){.kind = SEK_DIAG_WARNING, .code = code, .source = rule->source,
                      .line = place.line, .column = place.column, .rule_id = rule->id,
                      .rule_title = rule->title, .text = kept};
    return SEK_OK;
}

static SekStatus warn(SekRuleFile *file, const SekRule *rule, const Complaint *c) {
    SekError text = {0};
    (void)sek_fail(&text, SEK_ERR_INPUT,
                   "no event of this log source has a field '%.*s', so this never matches%s%s%s; correct the name or the "
                   "log source",
                   shown(c->name), c->name.ptr, c->nearest ? "; did you mean '" : "", c->nearest ? c->nearest : "",
                   c->nearest ? "'" : "");
    return add_diag(file, rule, "unknown-field", (SekRulePlace){c->item->line, c->item->column}, &text);
}

static SekStatus check_rule(SekRuleFile *file, const SekRule *rule) {
    Walk w = {.rule = rule};
    w.verdicts = calloc((size_t)rule->n_exprs + 1, sizeof *w.verdicts);
    w.complaints = calloc((size_t)rule->n_exprs + 1, sizeof *w.complaints);
    SekStatus status = w.verdicts && w.complaints ? SEK_OK : SEK_ERR_MEMORY;
    if (status == SEK_OK) {
        SekEventScope scope = {.logsource = &rule->logsource};
        walk(&w, rule->condition, &scope);
    }
    bool whole = w.visits <= MAX_VISITS; /* else some place of an item may not have been looked at */
    for (uint32_t i = 0; i < rule->n_exprs && status == SEK_OK && whole; i++)
        if (w.verdicts[i] == UNKNOWN)
            status = warn(file, rule, &w.complaints[i]);
    free(w.verdicts);
    free(w.complaints);
    return status;
}

/* --- correlations -------------------------------------------------------------------------------------- */

/* A name in a correlation, held against one of the rules that it refers to. */
typedef struct Use {
    SekStr name;   /* as that rule's events would have it */
    SekRulePlace place;
    const char *nearest;
    const char *effect, *fix, *code;
} Use;

/* What is found of another correlation has the fields by which that one groups (docs/sigma.md, chains). */
static bool is_grouped_by(const SekCorrelation *c, SekStr name) {
    for (uint32_t i = 0; i < c->n_group_by; i++)
        if (sek_str_eq_nocase(c->group_by[i], name))
            return true;
    return false;
}

/* True when events of `target` may have the name; else sets `io->nearest`. */
static bool target_has(const SekRule *target, Use *io) {
    if (target->correlation)
        return is_grouped_by(target->correlation, io->name);
    Walk w = {.rule = target};
    SekEventScope scope = {.logsource = &target->logsource};
    SekNameList names;
    if (demanded(&w, target->condition, "EventID", &names))
        scope.event_ids = names;
    if (demanded(&w, target->condition, "Provider_Name", &names))
        scope.providers = names;
    if (w.visits > MAX_VISITS || sek_field_name_known(&scope, io->name))
        return true;
    io->nearest = sek_field_name_nearest(&scope, io->name);
    return false;
}

static SekStatus warn_use(SekRuleFile *file, const SekRule *rule, const SekRule *target, const Use *use) {
    SekError text = {0};
    (void)sek_fail(&text, SEK_ERR_INPUT, "no %s of rule '%.*s' has a field '%.*s', so %s%s%s%s; %s",
                   target->correlation ? "finding" : "event", shown(target->title), target->title.ptr,
                   shown(use->name), use->name.ptr, use->effect, use->nearest ? "; did you mean '" : "",
                   use->nearest ? use->nearest : "", use->nearest ? "'" : "", use->fix);
    return add_diag(file, rule, use->code ? use->code : "unknown-field", use->place, &text);
}

static const SekAliasField *alias_of(const SekCorrelation *c, SekStr name, SekStr field) {
    for (uint32_t a = 0; a < c->n_aliases; a++)
        for (uint32_t f = 0; sek_str_eq(c->aliases[a].name, name) && f < c->aliases[a].n_fields; f++)
            if (c->aliases[a].fields[f].field.ptr == field.ptr)
                return &c->aliases[a].fields[f];
    return NULL;
}

/* True when all rules are wanted together, and what the inner correlation `r` finds is in a group of its own: events
 * of another one have the field. */
static bool is_apart(const SekCorrelation *c, uint32_t group, uint32_t r) {
    bool together = (c->type == SEK_CORR_TEMPORAL || c->type == SEK_CORR_TEMPORAL_ORDERED) && !c->expr && !c->n_bounds;
    for (uint32_t i = 0; together && c->targets[r]->correlation && i < c->n_rules; i++) {
        Use use = {.name = sek_correlation_field(c, c->group_by[group], i)};
        if (i != r && target_has(c->targets[i], &use))
            return true;
    }
    return false;
}

/* One warning a place: a name that several of the rules lack is told of the first of them. */
static SekStatus check_group(SekRuleFile *file, const SekRule *rule, uint32_t group) {
    const SekCorrelation *c = rule->correlation;
    bool told = false; /* at the name itself; an alias has a place for each rule */
    SekStatus status = SEK_OK;
    for (uint32_t r = 0; r < c->n_rules && status == SEK_OK; r++) {
        Use use = {.name = sek_correlation_field(c, c->group_by[group], r), .place = c->group_places[group]};
        const SekAliasField *alias = alias_of(c, c->group_by[group], use.name);
        use.effect = "all of them are in one group";
        if (is_apart(c, group, r)) {
            use.code = "never-true";
            use.effect = "it is in no group with those of the other rules, and this never comes true";
            use.fix = "let that correlation group by it, too";
        }
        use.fix = alias || c->n_rules == 1 ? "correct the name" : "correct the name, or give an alias";
        if (alias)
            use.place = alias->field_place;
        if ((!alias && told) || target_has(c->targets[r], &use))
            continue;
        told = told || !alias;
        status = warn_use(file, rule, c->targets[r], &use);
    }
    return status;
}

static SekStatus check_value(SekRuleFile *file, const SekRule *rule, uint32_t field) {
    const SekCorrelation *c = rule->correlation;
    for (uint32_t r = 0; r < c->n_rules; r++) {
        Use use = {.name = c->fields[field], .place = c->field_places[field],
                   .effect = "they count for nothing here", .fix = "correct the name"};
        if (!target_has(c->targets[r], &use))
            return warn_use(file, rule, c->targets[r], &use);
    }
    return SEK_OK;
}

static SekStatus check_correlation(SekRuleFile *file, const SekRule *rule) {
    const SekCorrelation *c = rule->correlation;
    SekStatus status = SEK_OK;
    if (!c->targets || (c->n_group_by && !c->group_places) || (c->n_fields && !c->field_places))
        return SEK_OK;
    for (uint32_t i = 0; i < c->n_group_by && status == SEK_OK; i++)
        status = check_group(file, rule, i);
    for (uint32_t i = 0; i < c->n_fields && status == SEK_OK; i++)
        status = check_value(file, rule, i);
    return status;
}

SekStatus sek_fields_check(SekRuleFile *file) {
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < file->n_rules && status == SEK_OK; i++)
        status = file->rules[i]->correlation ? check_correlation(file, file->rules[i]) : check_rule(file, file->rules[i]);
    return status;
}
