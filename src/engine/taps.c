/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/taps.h"

#include "engine/compile.h"
#include "rule/unheard.h"

#include <stdlib.h>

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
            rules->correlations[rules->n_correlations++] = (SekCorrelationRule){i, c, c->depth, NULL};
    }
    if (rules->n_correlations)
        qsort(rules->correlations, rules->n_correlations, sizeof *rules->correlations, by_depth);
    return SEK_OK;
}

/* Numbers of the rules that each correlation refers to, and how often each rule is referred to. */
static SekStatus find_targets(SekRuleset *rules, const SekStrMap *numbers) {
    for (uint32_t i = 0; i < rules->n_correlations; i++) {
        const SekCorrelation *c = rules->correlations[i].what;
        uint32_t *targets = SEK_ARENA_ARRAY(&rules->arena, uint32_t, c->n_rules);
        if (!targets)
            return SEK_ERR_MEMORY;
        for (uint32_t r = 0; r < c->n_rules; r++) {
            targets[r] = UINT32_MAX;
            if (sek_strmap_get(numbers, sek_rule_key(&c->targets[r]), &targets[r]) == SEK_OK)
                rules->first_reference[targets[r] + 1]++;
        }
        rules->correlations[i].targets = targets;
    }
    return SEK_OK;
}

/* Lists, for each rule, who refers to it: one pass over all references, however many there are. */
static SekStatus list_references(SekRuleset *rules, const SekStrMap *numbers) {
    rules->first_reference = SEK_ARENA_ARRAY(&rules->arena, uint32_t, (size_t)rules->n_rules + 2);
    uint32_t *next = calloc((size_t)rules->n_rules + 1, sizeof *next);
    SekStatus status = rules->first_reference && next ? find_targets(rules, numbers) : SEK_ERR_MEMORY;
    if (status == SEK_OK) {
        for (uint32_t i = 0; i < rules->n_rules; i++) {
            next[i] = rules->first_reference[i];
            rules->first_reference[i + 1] += rules->first_reference[i];
        }
        uint32_t total = rules->first_reference[rules->n_rules];
        rules->references = SEK_ARENA_ARRAY(&rules->arena, SekReference, (size_t)total + 1);
        status = rules->references ? SEK_OK : SEK_ERR_MEMORY;
    }
    for (uint32_t i = 0; i < rules->n_correlations && status == SEK_OK; i++)
        for (uint32_t r = 0; r < rules->correlations[i].what->n_rules; r++)
            if (rules->correlations[i].targets[r] != UINT32_MAX)
                rules->references[next[rules->correlations[i].targets[r]]++] = (SekReference){i, r};
    free(next);
    return status;
}

/* A rule that is referred to is silent unless some correlation that refers to it says `generate`. */
static void mark_silent(SekRuleset *rules) {
    for (uint32_t i = 0; i < rules->n_rules; i++) {
        uint32_t first = rules->first_reference[i], end = rules->first_reference[i + 1];
        bool generate = (first == end && !rules->rules[i]->unheard) || rules->rules[i]->heard;
        for (uint32_t r = first; r < end && !generate; r++)
            generate = rules->correlations[rules->references[r].correlation].what->generate;
        rules->silent[i] = !generate || rules->rules[i]->left_out;
    }
}

/* Without any correlation that refers to it, a rule may still be one that such a one wanted for itself. */
static SekStatus tell_unheard(SekRuleset *rules) {
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < rules->n_rules && status == SEK_OK; i++) {
        const SekRule *rule = rules->rules[i];
        bool alone = !rules->first_reference || rules->first_reference[i] == rules->first_reference[i + 1];
        if (rule->unheard && alone && !rule->left_out)
            status = sek_unheard_tell(&rules->file, rule);
    }
    return status;
}

static SekStatus field_of(SekRuleset *rules, const SekVariant *v, SekStr name, uint32_t *out) {
    const SekRename *r = v->way.category ? sek_category_ways[v->way.category - 1].renames : NULL;
    for (; r && r->sigma_field; r++)
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
    for (uint32_t r = rules->first_reference[v->rule]; r < rules->first_reference[v->rule + 1]; r++) {
        const SekReference *reference = &rules->references[r];
        if (add_tap(rules, v, reference->correlation, reference->number) != SEK_OK)
            return SEK_ERR_MEMORY;
    }
    v->n_taps = rules->n_taps - v->first_tap;
    return SEK_OK;
}

SekStr sek_rule_key(const SekRule *const *place) {
    return sek_str_n((const char *)place, sizeof *place);
}

SekStatus sek_rule_numbers(const SekRuleset *rules, SekStrMap *out) {
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < rules->n_rules && status == SEK_OK; i++)
        status = sek_strmap_set(out, sek_rule_key(&rules->rules[i]), i);
    return status;
}

SekStatus sek_taps_build(SekRuleset *rules) {
    SekStatus status = list_correlations(rules);
    for (uint32_t i = 0; i < rules->n_rules && status == SEK_OK; i++)
        rules->silent[i] = rules->rules[i]->left_out || rules->rules[i]->unheard;
    if (status != SEK_OK || rules->n_correlations == 0)
        return status == SEK_OK ? tell_unheard(rules) : status;
    SekStrMap numbers;
    sek_strmap_init(&numbers, false);
    status = sek_rule_numbers(rules, &numbers);
    if (status == SEK_OK)
        status = list_references(rules, &numbers);
    sek_strmap_deinit(&numbers);
    if (status == SEK_OK)
        mark_silent(rules);
    for (uint32_t i = 0; i < rules->n_variants && status == SEK_OK; i++)
        status = tap_variant(rules, &rules->variants[i]);
    return status == SEK_OK ? tell_unheard(rules) : status;
}
