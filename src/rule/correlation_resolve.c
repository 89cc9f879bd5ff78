/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/correlation.h"

#include "rule/reader.h"
#include "rule/rule_index.h"
#include "rule/unheard.h"

#include <stdio.h>

/* References of correlations to rules.
 *
 * Depth is worked out from below: a round settles every correlation whose targets are settled, so
 * after SEK_CORR_MAX_DEPTH rounds what is left is too deep or goes in circles. Which of the two is
 * found by following, from each, one target that is left as well: that ends at a correlation that
 * is only too deep, or comes back. No recursion, and no time that the references could blow up. */

typedef enum {
    OPEN,    /* not settled yet */
    GOOD,    /* `depth` is known */
    REFUSED, /* has its diagnostic */
    ON_WAY,  /* while a circle is looked for */
} State;

typedef struct Resolve {
    SekRuleFile *file;
    SekRuleIndex index;
    SekStrMap parts;   /* rules that are part of another, by pointer */
    SekStrMap refused; /* ids of rules that have an error */
    SekArena arena;
    State *states;      /* by rule; detection rules are GOOD at depth 0 */
    uint32_t *depths;   /* by rule */
    uint32_t **targets; /* by rule: numbers of the rules referred to; NULL for a detection rule */
    uint32_t *way;      /* scratch: n_rules numbers */
} Resolve;

/* --- diagnostics --------------------------------------------------------------------------- */

static SekRuleReader reader_for(Resolve *r, uint32_t i) {
    const SekRule *rule = r->file->rules[i];
    return (SekRuleReader){.file = r->file,
                           .source = rule->source,
                           .rule_id = rule->id,
                           .rule_title = rule->title,
                           .base_limit = r->file->arena.limit};
}

static SekStatus refuse(Resolve *r, uint32_t i, SekRulePlace place, const char *code,
                        const char *what) {
    SekRuleReader reader = reader_for(r, i);
    if (place.line == 0)
        place = (SekRulePlace){r->file->rules[i]->line, 1};
    SekStatus status =
        sek_rule_error(&reader, (SekRulePos){place.line, place.column}, code, "%s", what);
    r->states[i] = REFUSED;
    return status == SEK_ERR_INPUT ? SEK_OK : status;
}

static SekStatus refuse_named(Resolve *r, uint32_t i, SekRulePlace place, const char *code,
                              const char *format, SekStr name) {
    char what[300];
    snprintf(what, sizeof what, format, sek_show(name).text);
    return refuse(r, i, place, code, what);
}

static SekStatus unknown(Resolve *r, uint32_t i, SekRulePlace place, SekStr name) {
    uint32_t ignored;
    if (sek_strmap_get(&r->refused, name, &ignored) == SEK_OK)
        return refuse_named(r, i, place, "unknown-reference",
                            "rule '%s' was not loaded, for a reason of its own; without it this "
                            "correlation means nothing",
                            name);
    return refuse_named(r, i, place, "unknown-reference",
                        "no rule has the id or name '%s'; load the rule too, or correct the "
                        "reference",
                        name);
}

/* --- references ---------------------------------------------------------------------------- */

static SekStatus resolve_reference(Resolve *r, uint32_t i, SekStr name, SekRulePlace place,
                                   uint32_t *out) {
    SekRuleMatches matches = sek_rule_index_find(&r->index, name);
    if (matches.first == SEK_RULE_NONE)
        return unknown(r, i, place, name);
    uint32_t same, all;
    *out = sek_rule_index_choose(&r->index, r->file->rules[i]->source, matches, &same, &all);
    if (same == 1 || (same == 0 && all == 1))
        return SEK_OK;
    if (matches.by_name)
        return refuse_named(r, i, place, "ambiguous-reference",
                            "several rules have the name '%s'; refer to one by its id", name);
    if (r->file->rules[i]->correlation->targets) /* said already */
        return SEK_OK;
    SekRuleReader reader = reader_for(r, i);
    return sek_rule_warn(&reader, (SekRulePos){place.line, place.column}, "ambiguous-reference",
                         "several rules have the id '%s'; the first one is taken",
                         sek_show(name).text);
}

/* Parts of this very rule: they are there, or were refused since. */
static SekStatus resolve_parts(Resolve *r, uint32_t i, const SekCorrelation *c) {
    for (uint32_t k = 0; k < c->n_rules; k++) {
        SekStr key = sek_str_n((const char *)&c->targets[k], sizeof(void *));
        if (sek_strmap_get(&r->parts, key, &r->targets[i][k]) != SEK_OK)
            return refuse(r, i, (SekRulePlace){0}, "unknown-reference",
                          "a selection that this rule counts was refused, for a reason of its own");
    }
    return SEK_OK;
}

static bool is_same_rule(const SekRule *rule, SekStr name) {
    return (rule->id.len && sek_str_eq_nocase(rule->id, name)) ||
           (rule->name.len && sek_str_eq(rule->name, name));
}

/* An alias for a rule that is not listed does nothing, and its group-by then means another field.
 */
static SekStatus check_aliases(Resolve *r, uint32_t i, const SekCorrelation *c) {
    for (uint32_t a = 0; a < c->n_aliases; a++)
        for (uint32_t f = 0; f < c->aliases[a].n_fields; f++) {
            const SekAliasField *field = &c->aliases[a].fields[f];
            bool known = false;
            for (uint32_t k = 0; k < c->n_rules && !known; k++)
                known = sek_str_eq(c->rules[k], field->rule) ||
                        is_same_rule(r->file->rules[r->targets[i][k]], field->rule);
            if (!known)
                return refuse_named(r, i, field->place, "unknown-reference",
                                    "the alias is for rule '%s', which is not in `rules`",
                                    field->rule);
        }
    return SEK_OK;
}

static bool has_parts(const SekRule *rule) {
    const SekCorrelation *c = rule->correlation;
    return c->targets && c->targets[0]->part_of == rule;
}

static SekStatus resolve_one(Resolve *r, uint32_t i) {
    const SekRule *rule = r->file->rules[i];
    const SekCorrelation *c = rule->correlation;
    r->targets[i] = SEK_ARENA_ARRAY(&r->arena, uint32_t, c->n_rules);
    if (!r->targets[i])
        return SEK_ERR_MEMORY;
    if (has_parts(rule))
        return resolve_parts(r, i, c);
    for (uint32_t k = 0; k < c->n_rules && r->states[i] == OPEN; k++) {
        SekStatus status = resolve_reference(r, i, c->rules[k], c->places[k], &r->targets[i][k]);
        if (status)
            return status;
    }
    return r->states[i] == OPEN ? check_aliases(r, i, c) : SEK_OK;
}

/* --- depth --------------------------------------------------------------------------------- */

/* Settles a correlation when all its targets are. */
static SekStatus settle(Resolve *r, uint32_t i) {
    const SekCorrelation *c = r->file->rules[i]->correlation;
    uint32_t depth = 0;
    bool open = false;
    for (uint32_t k = 0; k < c->n_rules; k++) {
        uint32_t target = r->targets[i][k];
        if (r->states[target] == REFUSED)
            return refuse_named(
                r, i, c->places ? c->places[k] : (SekRulePlace){0}, "unknown-reference",
                "correlation '%s' was refused, for a reason of its own", c->rules[k]);
        open = open || r->states[target] == OPEN;
        depth = r->depths[target] > depth ? r->depths[target] : depth;
    }
    if (open || depth == SEK_CORR_MAX_DEPTH)
        return SEK_OK;
    r->depths[i] = depth + 1;
    r->states[i] = GOOD;
    return SEK_OK;
}

static uint32_t open_target(const Resolve *r, uint32_t i) {
    const SekCorrelation *c = r->file->rules[i]->correlation;
    for (uint32_t k = 0; k < c->n_rules; k++)
        if (r->states[r->targets[i][k]] == OPEN || r->states[r->targets[i][k]] == ON_WAY)
            return r->targets[i][k];
    return SEK_RULE_NONE;
}

/* Of the reference to `target`. */
static SekRulePlace place_of(const Resolve *r, uint32_t i, uint32_t target) {
    const SekCorrelation *c = r->file->rules[i]->correlation;
    for (uint32_t k = 0; k < c->n_rules; k++)
        if (r->targets[i][k] == target)
            return c->places[k];
    return (SekRulePlace){0};
}

/* Refuses `start` and all that lie on the way from it. The way comes back to itself, or ends at a
 * correlation that nothing but its depth keeps from being settled; what leads to either is refused
 * because of that one. */
static SekStatus refuse_way(Resolve *r, uint32_t start) {
    uint32_t n = 0, at = start;
    for (; at != SEK_RULE_NONE && r->states[at] == OPEN; at = open_target(r, at)) {
        r->states[at] = ON_WAY;
        r->way[n++] = at;
    }
    uint32_t circle = n;
    while (at != SEK_RULE_NONE && r->way[circle - 1] != at)
        circle--;
    circle -= at != SEK_RULE_NONE;
    SekStatus status = SEK_OK;
    for (uint32_t i = circle; i < n && !status; i++) {
        SekRulePlace place = place_of(r, r->way[i], r->way[i + 1 < n ? i + 1 : circle]);
        status = refuse(r, r->way[i], place, "cycle", "the references go round in a circle");
    }
    for (uint32_t i = circle; i-- > 0 && !status;) {
        r->states[r->way[i]] = OPEN;
        status = settle(r, r->way[i]);
        if (!status && r->states[r->way[i]] == OPEN)
            status = refuse(r, r->way[i], (SekRulePlace){0}, "depth",
                            "correlations refer to each other more than 10 levels deep");
    }
    return status;
}

static SekStatus settle_all(Resolve *r) {
    SekStatus status = SEK_OK;
    uint32_t n = r->file->n_rules;
    for (int round = 0; round < SEK_CORR_MAX_DEPTH; round++)
        for (uint32_t i = 0; i < n && !status; i++)
            if (r->states[i] == OPEN)
                status = settle(r, i);
    for (uint32_t i = 0; i < n && !status; i++)
        if (r->states[i] == OPEN)
            status = refuse_way(r, i);
    return status;
}

/* --- the whole ----------------------------------------------------------------------------- */

static SekStatus set_up(Resolve *r) {
    size_t n = (size_t)r->file->n_rules + 1;
    r->states = SEK_ARENA_ARRAY(&r->arena, State, n);
    r->depths = SEK_ARENA_ARRAY(&r->arena, uint32_t, n);
    r->targets = SEK_ARENA_ARRAY(&r->arena, uint32_t *, n);
    r->way = SEK_ARENA_ARRAY(&r->arena, uint32_t, n);
    if (!r->states || !r->depths || !r->targets || !r->way)
        return SEK_ERR_MEMORY;
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < r->file->n_rules && !status; i++) {
        const SekRule *rule = r->file->rules[i];
        r->states[i] = rule->correlation ? OPEN : GOOD;
        if (rule->part_of)
            status = sek_strmap_set(&r->parts,
                                    sek_str_n((const char *)&r->file->rules[i], sizeof(void *)), i);
    }
    for (uint32_t i = 0; i < r->file->n_diags && !status; i++) {
        const SekDiag *diag = &r->file->diags[i];
        if (diag->kind == SEK_DIAG_ERROR && diag->rule_id.len)
            status = sek_strmap_set(&r->refused, diag->rule_id, i);
    }
    return status;
}

/* Without their correlation the parts would report what they match. */
static void refuse_parts(Resolve *r) {
    for (uint32_t i = 0; i < r->file->n_rules; i++) {
        const SekRule *rule = r->file->rules[i];
        if (!rule->correlation || r->states[i] != REFUSED || !has_parts(rule))
            continue;
        for (uint32_t k = 0; k < rule->correlation->n_rules; k++) {
            uint32_t part;
            SekStr key = sek_str_n((const char *)&rule->correlation->targets[k], sizeof(void *));
            if (sek_strmap_get(&r->parts, key, &part) == SEK_OK)
                r->states[part] = REFUSED;
        }
    }
}

/* Writes the result into the correlations, whose owner is the file, and drops those refused. */
static SekStatus finish(Resolve *r) {
    SekRuleFile *file = r->file;
    SekRule **old = SEK_ARENA_ARRAY(&r->arena, SekRule *, (size_t)file->n_rules + 1);
    if (!old)
        return SEK_ERR_MEMORY;
    if (file->n_rules)
        memcpy(old, file->rules, file->n_rules * sizeof *old);
    uint32_t n = 0, n_old = file->n_rules;
    for (uint32_t i = 0; i < n_old; i++) {
        if (r->states[i] == REFUSED) {
            SekStatus status = old[i]->correlation && !has_parts(old[i])
                                   ? sek_unheard_note_rule(file, old[i])
                                   : SEK_OK;
            if (status)
                return status;
            continue;
        }
        file->rules[n++] = old[i];
        if (!old[i]->correlation)
            continue;
        SekCorrelation *c = (SekCorrelation *)(uintptr_t)old[i]->correlation;
        if (!c->targets)
            c->targets = SEK_ARENA_ARRAY(&file->arena, const SekRule *, c->n_rules);
        if (!c->targets)
            return SEK_ERR_MEMORY;
        c->depth = r->depths[i];
        for (uint32_t k = 0; k < c->n_rules; k++)
            c->targets[k] = old[r->targets[i][k]];
    }
    file->n_rules = n;
    return SEK_OK;
}

SekStatus sek_correlations_resolve(SekRuleFile *file) {
    Resolve r = {.file = file};
    sek_arena_init(&r.arena, 0);
    sek_strmap_init(&r.parts, false);
    sek_strmap_init(&r.refused, true);
    SekStatus status = sek_rule_index_init(&r.index, file);
    if (!status)
        status = set_up(&r);
    for (uint32_t i = 0; i < file->n_rules && !status; i++)
        if (file->rules[i]->correlation)
            status = resolve_one(&r, i);
    if (!status)
        status = settle_all(&r);
    if (!status)
        refuse_parts(&r);
    if (!status)
        status = finish(&r);
    if (!status)
        status = sek_unheard_mark(file);
    sek_rule_index_deinit(&r.index);
    sek_strmap_deinit(&r.parts);
    sek_strmap_deinit(&r.refused);
    sek_arena_deinit(&r.arena);
    return status;
}
