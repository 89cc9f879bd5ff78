/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/unfed.h"

#include "engine/taps.h"
#include "rule/unheard.h"

#include <stdlib.h>

typedef struct Unfed {
    SekRuleset *rules;
    SekStrMap numbers;
    bool *gone; /* one a rule */
    bool any;
} Unfed;

static bool is_there(const Unfed *u, const SekRule *const *target) {
    uint32_t number;
    return sek_strmap_get(&u->numbers, sek_rule_key(target), &number) == SEK_OK && !u->gone[number];
}

static SekStatus add_diag(Unfed *u, const SekRule *rule, uint32_t reference, SekDiagKind kind, const char *why) {
    SekRuleFile *file = &u->rules->file;
    const SekCorrelation *c = rule->correlation;
    SekError text = {0};
    (void)sek_fail(&text, SEK_ERR_UNSUPPORTED, "refers to rule '%.*s', which was not loaded%s",
                   SEK_STR_ARG(c->rules[reference]), why);
    SekDiag *diag = sek_rulefile_new_diag(file);
    SekStr kept = sek_arena_dup(&file->arena, sek_str(text.what));
    if (!diag || !kept.ptr)
        return SEK_ERR_MEMORY;
    SekRulePlace place = c->places ? c->places[reference] : (SekRulePlace){0};
    *diag = (SekDiag){.kind = kind, .code = "reference-not-loaded", .source = rule->source,
                      .line = place.line ? place.line : rule->line, .column = place.column,
                      .rule_id = rule->id, .rule_title = rule->title, .text = kept};
    return SEK_OK;
}

static bool needs_all(const SekCorrelation *c) {
    bool temporal = c->type == SEK_CORR_TEMPORAL || c->type == SEK_CORR_TEMPORAL_ORDERED;
    return temporal && !c->expr && c->n_bounds == 0;
}

static SekStatus judge(Unfed *u, uint32_t i) {
    const SekRule *rule = u->rules->rules[i];
    const SekCorrelation *c = rule->correlation;
    uint32_t missing = 0, first = 0;
    for (uint32_t r = c->n_rules; r-- > 0;)
        if (!is_there(u, &c->targets[r])) {
            missing++;
            first = r;
        }
    if (missing == 0)
        return SEK_OK;
    if (missing == c->n_rules || needs_all(c)) {
        u->gone[i] = u->any = true;
        if (c->targets[first]->part_of == rule) /* the part has said why */
            return SEK_OK;
        sek_unheard_mark_targets(rule);
        return add_diag(u, rule, first, SEK_DIAG_ERROR,
                        missing == c->n_rules ? (missing > 1 ? ", nor was any other of its rules" : "")
                                              : "; without it this correlation can never come true");
    }
    SekStatus status = SEK_OK;
    for (uint32_t r = first; r < c->n_rules && status == SEK_OK; r++)
        if (!is_there(u, &c->targets[r]))
            status = add_diag(u, rule, r, SEK_DIAG_WARNING, "; it counts for nothing here");
    return status;
}

/* Inner correlations before those that refer to them. */
static SekStatus judge_all(Unfed *u) {
    SekStatus status = SEK_OK;
    for (uint32_t depth = 1; depth <= SEK_CORR_MAX_DEPTH; depth++)
        for (uint32_t i = 0; i < u->rules->n_rules && status == SEK_OK; i++) {
            const SekCorrelation *c = u->rules->rules[i]->correlation;
            if (c && c->depth == depth)
                status = judge(u, i);
        }
    return status;
}

/* Without their correlation the parts of an aggregation would report what they match. */
static void drop_parts(Unfed *u) {
    for (uint32_t i = 0; i < u->rules->n_rules; i++) {
        const SekRule *whole = u->rules->rules[i]->part_of;
        if (whole && !is_there(u, &whole))
            u->gone[i] = u->any = true;
    }
}

/* Takes out the rules that are gone, with their variants. */
static SekStatus close_ranks(SekRuleset *rules, const bool *gone) {
    uint32_t *moved = calloc((size_t)rules->n_rules + 1, sizeof *moved), n = 0, n_variants = 0;
    if (!moved)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < rules->n_rules; i++) {
        moved[i] = n;
        if (!gone[i])
            rules->rules[n++] = rules->rules[i];
    }
    for (uint32_t i = 0; i < rules->n_variants; i++) {
        SekVariant variant = rules->variants[i];
        if (gone[variant.rule])
            continue;
        variant.rule = moved[variant.rule];
        rules->variants[n_variants++] = variant;
    }
    rules->n_rules = n;
    rules->n_variants = n_variants;
    free(moved);
    return SEK_OK;
}

SekStatus sek_unfed_refuse(SekRuleset *rules) {
    Unfed u = {.rules = rules, .gone = calloc((size_t)rules->n_rules + 1, sizeof *u.gone)};
    sek_strmap_init(&u.numbers, false);
    SekStatus status = u.gone ? sek_rule_numbers(rules, &u.numbers) : SEK_ERR_MEMORY;
    if (status == SEK_OK)
        status = judge_all(&u);
    if (status == SEK_OK)
        drop_parts(&u);
    if (status == SEK_OK && u.any)
        status = close_ranks(rules, u.gone);
    sek_strmap_deinit(&u.numbers);
    free(u.gone);
    return status;
}
