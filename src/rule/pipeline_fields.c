/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/pipeline_apply.h"

#include "rule/pattern.h"

/* Steps that give fields other names: of items, of `fieldref` values, and of correlations. */

/* What a field is called after the step: `*out_n` names, or none of them when it is to be left out;
 * `*out` stays NULL when the step does not concern it. */
typedef struct Names {
    const SekStr *list;
    uint32_t n;
    bool mapped;
} Names;

static SekStatus no_memory(SekApply *a) {
    return sek_rule_no_memory(&a->reader, (SekRulePos){a->rule->line, 1});
}

static SekStatus join_text(SekApply *a, SekStr x, SekStr y, SekStr *out) {
    char *text = sek_arena_alloc(&a->file->arena, x.len + y.len + 1);
    if (!text)
        return no_memory(a);
    if (x.len)
        memcpy(text, x.ptr, x.len);
    if (y.len)
        memcpy(text + x.len, y.ptr, y.len);
    *out = sek_str_n(text, x.len + y.len);
    return SEK_OK;
}

static SekStatus map_by_prefix(SekApply *a, SekStr field, Names *out) {
    for (uint32_t i = 0; i < a->step->n_mapping; i++) {
        const SekStepMapping *m = &a->step->mapping[i];
        if (m->from.len == 0 || !sek_str_starts(field, m->from))
            continue;
        SekStr tail = sek_str_n(field.ptr + m->from.len, field.len - m->from.len);
        SekStr *names = SEK_ARENA_ARRAY(&a->file->arena, SekStr, (size_t)m->to.n + 1);
        SekStatus status = names ? SEK_OK : no_memory(a);
        for (uint32_t k = 0; k < m->to.n && !status; k++)
            status = join_text(a, m->to.texts[k], tail, &names[k]);
        *out = (Names){names, m->to.n, true};
        return status;
    }
    return SEK_OK;
}

static SekStatus add_text(SekApply *a, SekStr field, Names *out) {
    SekStr *name = SEK_ARENA_NEW(&a->file->arena, SekStr);
    if (!name)
        return no_memory(a);
    bool front = a->step->kind == SEK_STEP_FIELD_PREFIX;
    *out = (Names){name, 1, true};
    return front ? join_text(a, a->step->text, field, name)
                 : join_text(a, field, a->step->text, name);
}

/* An empty `field` is that of keywords. */
static SekStatus map_field(SekApply *a, SekStr field, Names *out) {
    *out = (Names){0};
    switch (a->step->kind) {
    case SEK_STEP_FIELD_MAPPING:
        for (uint32_t i = 0; i < a->step->n_mapping; i++)
            if (sek_str_eq(a->step->mapping[i].from, field))
                *out = (Names){a->step->mapping[i].to.texts, a->step->mapping[i].to.n, true};
        return SEK_OK;
    case SEK_STEP_FIELD_PREFIX_MAPPING:
        return map_by_prefix(a, field, out);
    default:
        return field.len ? add_text(a, field, out) : SEK_OK;
    }
}

/* Names in a mapping count with their case, as in pySigma; one that differs in nothing else is told. */
static SekStatus tell_case(SekApply *a, SekStr field, SekRulePos pos) {
    for (uint32_t i = 0; a->step->kind == SEK_STEP_FIELD_MAPPING && field.len && i < a->step->n_mapping; i++) {
        SekStr from = a->step->mapping[i].from;
        if (sek_str_eq_nocase(from, field) && !sek_str_eq(from, field))
            return sek_rule_warn(&a->reader, pos, "pipeline-case",
                                 "a pipeline maps the field '%s', and the case of names counts there: '%s' stays as it is",
                                 sek_show(from).text, sek_show(field).text);
    }
    return SEK_OK;
}

/* --- items --------------------------------------------------------------------------------- */

/* `fieldref` values; several names for one become several values. */
static SekStatus map_references(SekApply *a, const SekItem *item, SekItem *io, bool *out_changed) {
    SekBuf matches;
    sek_buf_init(&matches, SEK_RULE_MAX_VALUES * sizeof(SekMatch));
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < item->n_matches && !status; i++) {
        SekMatch match = item->matches[i];
        Names names = {0};
        if (match.kind == SEK_MATCH_FIELDREF && sek_apply_field_matches(a, item, match.text))
            status = map_field(a, match.text, &names);
        if (!names.mapped || names.n == 0) {
            sek_buf_add(&matches, &match, sizeof match);
            continue;
        }
        *out_changed = true;
        for (uint32_t k = 0; k < names.n; k++) {
            match.text = names.list[k];
            sek_buf_add(&matches, &match, sizeof match);
        }
    }
    status = status ? status : matches.failed;
    if (!status && *out_changed) {
        SekMatch *copy = SEK_ARENA_ARRAY(&a->file->arena, SekMatch, matches.len / sizeof *copy);
        if (copy)
            memcpy(copy, matches.data, matches.len);
        io->matches = copy;
        io->n_matches = (uint32_t)(matches.len / sizeof *copy);
        status = copy ? SEK_OK : no_memory(a);
    }
    sek_buf_deinit(&matches);
    return status == SEK_ERR_LIMIT
               ? sek_rule_error(&a->reader, (SekRulePos){item->line, item->column}, "limit",
                                "a pipeline makes too many values of this item")
               : status;
}

static bool wants_absence(const SekMatch *m) {
    return m->kind == SEK_MATCH_NULL || (m->kind == SEK_MATCH_EXISTS && !m->flag);
}

/* The item on each of the names. One that has a value is enough, but absent is only what none of
 * them has. */
static const SekExpr *on_each(SekApply *a, const SekItem *item, const Names *names,
                              SekExprKind kind) {
    const SekExpr **kids = SEK_ARENA_ARRAY(&a->scratch, const SekExpr *, names->n);
    for (uint32_t i = 0; kids && i < names->n; i++) {
        SekItem copy = *item;
        copy.field = names->list[i];
        copy.negate = false;
        kids[i] = sek_apply_new_item(a, item, &copy);
        if (!kids[i])
            return NULL;
    }
    return kids ? sek_expr_join(&a->reader, kind, kids, names->n) : NULL;
}

static uint32_t count_absences(const SekItem *item) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < item->n_matches; i++)
        n += wants_absence(&item->matches[i]);
    return n;
}

/* The matches that want absence, or the others. */
static SekStatus pick(SekApply *a, const SekItem *item, bool absences, SekItem *out) {
    SekMatch *matches = SEK_ARENA_ARRAY(&a->file->arena, SekMatch, item->n_matches);
    if (!matches)
        return no_memory(a);
    *out = *item;
    out->n_matches = 0;
    for (uint32_t i = 0; i < item->n_matches; i++)
        if (wants_absence(&item->matches[i]) == absences)
            matches[out->n_matches++] = item->matches[i];
    out->matches = matches;
    return SEK_OK;
}

static SekStatus on_several(SekApply *a, const SekItem *item, const Names *names,
                            const SekExpr **out) {
    uint32_t absences = count_absences(item);
    const SekExpr *expr = NULL;
    if (absences == 0 || absences == item->n_matches || item->all) {
        expr = on_each(a, item, names, absences ? SEK_EXPR_AND : SEK_EXPR_OR);
    } else {
        SekItem absent, present;
        SekStatus status = pick(a, item, true, &absent);
        if (!status)
            status = pick(a, item, false, &present);
        if (status)
            return status;
        const SekExpr *kids[2] = {on_each(a, &present, names, SEK_EXPR_OR),
                                  on_each(a, &absent, names, SEK_EXPR_AND)};
        if (kids[0] && kids[1])
            expr = sek_expr_join(&a->reader, SEK_EXPR_OR, kids, 2);
    }
    if (expr && item->negate)
        expr = sek_expr_join(&a->reader, SEK_EXPR_NOT, &expr, 1);
    *out = expr;
    return expr ? SEK_OK : no_memory(a);
}

static SekStatus change_item(SekApply *a, const SekItem *item, const SekExpr **out,
                             bool *out_dropped) {
    SekItem changed = *item;
    bool references = false;
    Names names = {0};
    SekStatus status = map_references(a, item, &changed, &references);
    if (!status && sek_apply_field_matches(a, item, item->field))
        status = map_field(a, item->field, &names);
    if (!status && !names.mapped)
        status = tell_case(a, item->field, (SekRulePos){item->line, item->column});
    if (status)
        return status;
    *out_dropped = names.mapped && names.n == 0;
    if (*out_dropped || (!names.mapped && !references))
        return SEK_OK;
    if (names.mapped && names.n > 1) {
        SekItem *kept = SEK_ARENA_NEW(&a->file->arena, SekItem);
        if (!kept)
            return no_memory(a);
        *kept = changed;
        return on_several(a, kept, &names, out);
    }
    if (names.mapped)
        changed.field = names.list[0];
    *out = sek_apply_new_item(a, item, &changed);
    return *out ? SEK_OK : no_memory(a);
}

/* --- correlations -------------------------------------------------------------------------- */

static SekStatus map_if_wanted(SekApply *a, SekStr field, Names *out) {
    *out = (Names){0};
    if (field.len == 0 || !sek_apply_field_matches(a, NULL, field))
        return SEK_OK;
    SekStatus status = map_field(a, field, out);
    return status || out->mapped ? status : tell_case(a, field, (SekRulePos){a->rule->line, 1});
}

/* One name for one: aliases and counted fields cannot be several. */
static SekStatus map_single(SekApply *a, SekStr *io) {
    Names names;
    SekStatus status = map_if_wanted(a, *io, &names);
    if (status || !names.mapped)
        return status;
    if (names.n != 1)
        return sek_rule_error(&a->reader, (SekRulePos){a->rule->line, 1}, "pipeline-failure",
                              "a pipeline maps '%s' to %u fields, but this correlation needs one",
                              sek_show(*io).text, (unsigned)names.n);
    *io = names.list[0];
    return SEK_OK;
}

static bool is_alias(const SekCorrelation *c, SekStr name) {
    for (uint32_t i = 0; i < c->n_aliases; i++)
        if (sek_str_eq(c->aliases[i].name, name))
            return true;
    return false;
}

static SekStatus map_groups(SekApply *a, SekCorrelation *c) {
    SekStr *groups = SEK_ARENA_ARRAY(&a->file->arena, SekStr, SEK_CORR_MAX_FIELDS);
    if (!groups)
        return no_memory(a);
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n_group_by; i++) {
        Names names = {0};
        SekStatus status =
            is_alias(c, c->group_by[i]) ? SEK_OK : map_if_wanted(a, c->group_by[i], &names);
        if (status)
            return status;
        const SekStr *from = names.mapped ? names.list : &c->group_by[i];
        uint32_t n_from = names.mapped ? names.n : 1;
        if (n + n_from > SEK_CORR_MAX_FIELDS)
            return sek_rule_error(&a->reader, (SekRulePos){a->rule->line, 1}, "limit",
                                  "a pipeline makes more than %d group-by fields",
                                  SEK_CORR_MAX_FIELDS);
        for (uint32_t k = 0; k < n_from; k++)
            groups[n++] = from[k];
    }
    c->group_by = groups;
    c->n_group_by = n;
    c->group_places = NULL;
    return SEK_OK;
}

static SekStatus map_aliases(SekApply *a, SekCorrelation *c) {
    SekArena *arena = &a->file->arena;
    SekAlias *aliases = SEK_ARENA_ARRAY(arena, SekAlias, (size_t)c->n_aliases + 1);
    if (!aliases)
        return no_memory(a);
    for (uint32_t i = 0; i < c->n_aliases; i++) {
        uint32_t n = c->aliases[i].n_fields;
        SekAliasField *fields = SEK_ARENA_ARRAY(arena, SekAliasField, n);
        SekStatus status = fields ? SEK_OK : no_memory(a);
        for (uint32_t k = 0; k < n && !status; k++) {
            fields[k] = c->aliases[i].fields[k];
            status = map_single(a, &fields[k].field);
        }
        if (status)
            return status;
        aliases[i] = (SekAlias){c->aliases[i].name, fields, n};
    }
    c->aliases = aliases;
    return SEK_OK;
}

static SekStatus map_fields(SekApply *a, SekCorrelation *c) {
    SekStr *fields = SEK_ARENA_ARRAY(&a->file->arena, SekStr, (size_t)c->n_fields + 1);
    SekStatus status = fields ? SEK_OK : no_memory(a);
    for (uint32_t i = 0; i < c->n_fields && !status; i++) {
        fields[i] = c->fields[i];
        status = map_single(a, &fields[i]);
    }
    c->fields = fields;
    c->field_places = NULL;
    return status;
}

static SekStatus change_correlation(SekApply *a) {
    SekCorrelation *changed = SEK_ARENA_NEW(&a->file->arena, SekCorrelation);
    if (!changed)
        return no_memory(a);
    *changed = *a->rule->correlation;
    SekStatus status = map_aliases(a, changed);
    if (!status)
        status = map_groups(a, changed);
    if (!status)
        status = map_fields(a, changed);
    if (!status)
        a->rule->correlation = changed;
    return status;
}

SekStatus sek_step_fields(SekApply *a) {
    return a->rule->correlation ? change_correlation(a) : sek_apply_to_items(a, change_item);
}
