/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/taps.h"

#include "engine/compile.h"

#include <stdlib.h>

uint32_t sek_rule_index(const SekRuleset *rules, const SekRule *rule) {
    for (uint32_t i = 0; i < rules->n_rules; i++)
        if (rules->rules[i] == rule)
            return i;
    return UINT32_MAX;
}

SekStr sek_correlation_field(const SekCorrelation *c, SekStr name, uint32_t reference) {
    for (uint32_t a = 0; a < c->n_aliases; a++) {
        if (!sek_str_eq(c->aliases[a].name, name))
            continue;
        for (uint32_t f = 0; f < c->aliases[a].n_fields; f++) {
            SekStr rule = c->aliases[a].fields[f].rule;
            const SekRule *target = c->targets[reference];
            if (sek_str_eq(rule, c->rules[reference]) || sek_str_eq(rule, target->name) ||
                sek_str_eq(rule, target->id))
                return c->aliases[a].fields[f].field;
        }
    }
    return name;
}

static int by_depth(const void *a, const void *b) {
    const SekCorrelationRule *x = a, *y = b;
    if (x->depth != y->depth)
        return x->depth < y->depth ? -1 : 1;
    return x->rule < y->rule ? -1 : x->rule > y->rule;
}

static SekStatus list_correlations(SekRuleset *rules) {
    rules->correlations = SEK_ARENA_ARRAY(&rules->arena, SekCorrelationRule, rules->n_rules + 1);
    rules->silent = SEK_ARENA_ARRAY(&rules->arena, bool, rules->n_rules + 1);
    if (!rules->correlations || !rules->silent)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < rules->n_rules; i++) {
        const SekCorrelation *c = rules->rules[i]->correlation;
        if (c)
            rules->correlations[rules->n_correlations++] = (SekCorrelationRule){i, c, c->depth};
    }
    if (rules->n_correlations)
        qsort(rules->correlations, rules->n_correlations, sizeof *rules->correlations, by_depth);
    return SEK_OK;
}

/* A rule that is referred to is silent unless some correlation that refers to it says `generate`. */
static void mark_silent(SekRuleset *rules) {
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < rules->n_correlations; i++) {
            const SekCorrelation *c = rules->correlations[i].what;
            for (uint32_t r = 0; r < c->n_rules; r++) {
                uint32_t index = sek_rule_index(rules, c->targets[r]);
                if (index != UINT32_MAX && c->generate == (pass == 1))
                    rules->silent[index] = pass == 0;
            }
        }
}

static SekStatus field_of(SekRuleset *rules, const SekVariant *v, SekStr name, uint32_t *out) {
    for (const SekRename *r = v->renames; r && r->sigma_field; r++)
        if (sek_str_eq_nocase(name, sek_str(r->sigma_field)))
            return sek_ruleset_field(rules, sek_str(r->event_field), r->derive, out);
    return sek_ruleset_field(rules, name, SEK_DERIVE_NONE, out);
}

static SekStatus push_tap(SekRuleset *rules, const SekTap *tap) {
    if (rules->n_taps == rules->cap_taps) {
        uint32_t cap = rules->cap_taps ? rules->cap_taps * 2 : 64;
        SekTap *grown = SEK_ARENA_ARRAY(&rules->arena, SekTap, cap);
        if (!grown)
            return SEK_ERR_MEMORY;
        if (rules->n_taps)
            memcpy(grown, rules->taps, rules->n_taps * sizeof *grown);
        rules->taps = grown;
        rules->cap_taps = cap;
    }
    rules->taps[rules->n_taps++] = *tap;
    return SEK_OK;
}

static SekStatus add_tap(SekRuleset *rules, const SekVariant *v, uint32_t correlation, uint32_t reference) {
    const SekCorrelation *c = rules->correlations[correlation].what;
    SekTap tap = {.correlation = correlation, .reference = reference};
    for (uint32_t i = 0; i < c->n_group_by; i++) {
        SekStr name = sek_correlation_field(c, c->group_by[i], reference);
        if (field_of(rules, v, name, &tap.group_fields[i]) != SEK_OK)
            return SEK_ERR_MEMORY;
    }
    for (uint32_t i = 0; i < c->n_fields; i++)
        if (field_of(rules, v, c->fields[i], &tap.value_fields[i]) != SEK_OK)
            return SEK_ERR_MEMORY;
    return push_tap(rules, &tap);
}

static SekStatus tap_variant(SekRuleset *rules, SekVariant *v) {
    v->first_tap = rules->n_taps;
    for (uint32_t i = 0; i < rules->n_correlations; i++) {
        const SekCorrelation *c = rules->correlations[i].what;
        for (uint32_t r = 0; r < c->n_rules; r++)
            if (c->targets[r] == rules->rules[v->rule] && add_tap(rules, v, i, r) != SEK_OK)
                return SEK_ERR_MEMORY;
    }
    v->n_taps = rules->n_taps - v->first_tap;
    return SEK_OK;
}

SekStatus sek_taps_build(SekRuleset *rules) {
    SekStatus status = list_correlations(rules);
    if (status != SEK_OK || rules->n_correlations == 0)
        return status;
    mark_silent(rules);
    for (uint32_t i = 0; i < rules->n_variants && status == SEK_OK; i++)
        status = tap_variant(rules, &rules->variants[i]);
    return status;
}
