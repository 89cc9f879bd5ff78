/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/group.h"

#include <stdlib.h>

#define RAW_SCANS 8u /* with more, folding all values costs less */

static SekStatus list_posts(const SekRuleset *rules, SekGroup *g, SekPost **out, uint32_t *out_n) {
    uint32_t n = 0, total = 0;
    for (uint32_t i = 0; i < g->n_variants; i++)
        total += rules->variants[g->variants[i]].n_guards;
    SekPost *posts = malloc(((size_t)total + 1) * sizeof *posts);
    if (!posts)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < g->n_variants; i++) {
        const SekVariant *v = &rules->variants[g->variants[i]];
        if (v->n_guards == 0)
            g->always[g->n_always++] = g->variants[i];
        for (uint32_t j = 0; j < v->n_guards; j++) {
            uint32_t guard = rules->guard_sets[v->first_guard + j];
            posts[n++] = (SekPost){sek_guard_field(rules, guard), guard, g->variants[i]};
        }
    }
    *out = posts;
    *out_n = n;
    return SEK_OK;
}

/* Looks for the same literals in bytes, if that can be done: in as many scans as they need. `posts`: in order. */
static SekStatus add_raw(const SekRuleset *rules, SekGroup *g, const SekSearchField *words, const SekPost *posts) {
    uint32_t n = (words->n_guards + SEK_RAW_MAX - 1) / SEK_RAW_MAX;
    if (!sek_matcher_text_only(words->matcher) || n > RAW_SCANS)
        return SEK_OK;
    SekRawScan *raw = malloc(n * sizeof *raw);
    if (!raw)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < n; i++)
        sek_raw_scan_init(&raw[i]);
    bool complete = true;
    for (uint32_t i = 0; i < words->n_guards && complete; i++) {
        const SekGuard *guard = &rules->guards[posts[words->first_post[i]].guard];
        complete = guard->kind == SEK_GUARD_LITERAL && sek_raw_scan_add(&raw[i % n], guard->literal);
    }
    if (!complete) {
        free(raw);
        return SEK_OK;
    }
    g->raw = raw;
    g->n_raw = n;
    return SEK_OK;
}

static SekStatus build(const SekRuleset *rules, SekGroup *g) {
    SekPost *posts;
    uint32_t n;
    SekStatus status = list_posts(rules, g, &posts, &n);
    if (status != SEK_OK)
        return status;
    status = sek_search_build(rules->guards, posts, n, &g->search);
    const SekSearchField *words = sek_group_words(g);
    if (status == SEK_OK && words)
        status = add_raw(rules, g, words, posts);
    free(posts);
    return status;
}

/* --- what answers depend on ---------------------------------------------------------------------- */

/* Tells of each field that the variant asks for; true when one of them is `unsteady` (may be NULL). */
static bool note_asked(const SekRuleset *rules, uint32_t variant, const bool *unsteady, bool *asked) {
    for (uint32_t i = sek_variant_first(rules, variant); i <= rules->variants[variant].code; i++) {
        if (rules->codes[i].op != SEK_CODE_PRED)
            continue;
        const SekPred *pred = &rules->preds[rules->codes[i].first];
        uint32_t other = pred->kind == SEK_PRED_FIELDREF ? pred->ref_field : pred->field;
        if (unsteady && (unsteady[pred->field] || unsteady[other]))
            return true;
        if (asked)
            asked[pred->field] = asked[other] = true;
    }
    return false;
}

static bool *find_unsteady(const SekRuleset *rules) {
    bool *unsteady = calloc(rules->n_fields, sizeof *unsteady);
    for (uint32_t i = 0; unsteady && i < rules->n_fields; i++)
        unsteady[i] = i == SEK_FIELD_ID_KEYWORDS || rules->fields[i].ancestry != SEK_ANCESTRY_NONE ||
                      sek_field_unsteady(rules->fields[i].name);
    return unsteady;
}

/* What variants that ask for nothing unsteady ask for, so that keys answer them, and what guards search. What else
 * is asked is asked seldom, and would only make keys differ. */
static SekStatus list_asked(const SekRuleset *rules, SekGroup *g) {
    bool *unsteady = find_unsteady(rules), *asked = calloc(rules->n_fields, sizeof *asked);
    g->asked = malloc(((size_t)rules->n_fields + 1) * sizeof *g->asked);
    SekStatus status = unsteady && asked && g->asked ? SEK_OK : SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < g->n_variants && status == SEK_OK; i++) {
        const SekVariant *v = &rules->variants[g->variants[i]];
        if (!note_asked(rules, g->variants[i], unsteady, NULL))
            (void)note_asked(rules, g->variants[i], NULL, asked);
        for (uint32_t k = 0; k < v->n_guards; k++)
            asked[sek_guard_field(rules, rules->guard_sets[v->first_guard + k])] = true;
    }
    for (uint32_t i = 0; i < rules->n_fields && status == SEK_OK; i++)
        if (asked[i] && i != SEK_FIELD_ID_KEYWORDS && rules->fields[i].ancestry == SEK_ANCESTRY_NONE)
            g->asked[g->n_asked++] = (SekAsked){i, unsteady[i]};
    free(unsteady);
    free(asked);
    return status;
}

bool sek_field_unsteady(SekStr name) {
    static const char *const ends[] = {"guid", "logonid", "processid", "threadid", "time", "port", "handleid", "pid"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        SekStr end = sek_str(ends[i]);
        if (name.len >= end.len && sek_str_eq_nocase(sek_str_n(name.ptr + name.len - end.len, end.len), end))
            return true;
    }
    return false;
}

/* --- groups -------------------------------------------------------------------------------------- */

SekStatus sek_group_new(const SekRuleset *rules, const uint32_t *variants, uint32_t n, SekGroup **out) {
    SekGroup *g = calloc(1, sizeof *g);
    if (!g)
        return SEK_ERR_MEMORY;
    g->variants = malloc(((size_t)n + 1) * sizeof *g->variants);
    g->always = malloc(((size_t)n + 1) * sizeof *g->always);
    SekStatus status = g->variants && g->always ? SEK_OK : SEK_ERR_MEMORY;
    if (status == SEK_OK) {
        memcpy(g->variants, variants, n * sizeof *variants);
        g->n_variants = n;
        status = list_asked(rules, g);
    }
    if (status == SEK_OK)
        status = build(rules, g);
    if (status != SEK_OK) {
        sek_group_free(g);
        return status;
    }
    *out = g;
    return SEK_OK;
}

void sek_group_free(SekGroup *g) {
    if (!g)
        return;
    sek_search_free(&g->search);
    free(g->raw);
    free(g->variants);
    free(g->always);
    free(g->asked);
    free(g);
}
