/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/group.h"

#include <stdlib.h>

/* That `variant` must be looked at when `pred` hits. */
typedef struct Post {
    uint32_t field, pred, variant;
} Post;

static int by_field_and_pred(const void *a, const void *b) {
    const Post *x = a, *y = b;
    if (x->field != y->field)
        return x->field < y->field ? -1 : 1;
    if (x->pred != y->pred)
        return x->pred < y->pred ? -1 : 1;
    return x->variant < y->variant ? -1 : x->variant > y->variant;
}

static SekStatus list_posts(const SekRuleset *rules, SekGroup *g, Post **out, uint32_t *out_n) {
    uint32_t n = 0, total = 0;
    for (uint32_t i = 0; i < g->n_variants; i++)
        total += rules->variants[g->variants[i]].n_guards;
    Post *posts = malloc(((size_t)total + 1) * sizeof *posts);
    if (!posts)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < g->n_variants; i++) {
        const SekVariant *v = &rules->variants[g->variants[i]];
        if (v->n_guards == 0)
            g->always[g->n_always++] = g->variants[i];
        for (uint32_t j = 0; j < v->n_guards; j++) {
            uint32_t pred = rules->guard_preds[v->first_guard + j];
            posts[n++] = (Post){rules->preds[pred].field, pred, g->variants[i]};
        }
    }
    qsort(posts, n, sizeof *posts, by_field_and_pred);
    *out = posts;
    *out_n = n;
    return SEK_OK;
}

/* Looks for the same literals in bytes, if that can be done. */
static SekStatus add_raw(const SekRuleset *rules, SekGroupField *f, const uint32_t *preds) {
    SekRawScan *raw = malloc(sizeof *raw);
    if (!raw)
        return SEK_ERR_MEMORY;
    sek_raw_scan_init(raw);
    bool complete = sek_matcher_text_only(f->matcher);
    for (uint32_t i = 0; i < f->n_guards && complete; i++) {
        const SekGuard *guard = &rules->guards[preds[i]];
        complete = guard->kind == SEK_GUARD_LITERAL && sek_raw_scan_add(raw, guard->literal);
    }
    if (complete)
        f->raw = raw;
    else
        free(raw);
    return SEK_OK;
}

/* One field: posts[start..end), sorted by predicate. */
static SekStatus add_field(const SekRuleset *rules, SekGroup *g, const Post *posts, uint32_t start, uint32_t end) {
    SekGroupField *f = &g->fields[g->n_fields];
    uint32_t *preds = malloc((end - start) * sizeof *preds);
    f->first_post = malloc((end - start + 1) * sizeof *f->first_post);
    f->field = posts[start].field;
    g->n_fields++; /* from here on sek_group_free sees it */
    if (!preds || !f->first_post) {
        free(preds);
        return SEK_ERR_MEMORY;
    }
    for (uint32_t i = start; i < end; i++)
        if (i == start || posts[i].pred != posts[i - 1].pred) {
            f->first_post[f->n_guards] = i;
            preds[f->n_guards++] = posts[i].pred;
        }
    f->first_post[f->n_guards] = end;
    SekStatus status = sek_matcher_new(rules->guards, preds, f->n_guards, &f->matcher);
    if (status == SEK_OK && f->field == SEK_FIELD_ID_KEYWORDS)
        status = add_raw(rules, f, preds);
    free(preds);
    return status;
}

static SekStatus build(const SekRuleset *rules, SekGroup *g) {
    Post *posts;
    uint32_t n, n_fields = 0;
    SekStatus status = list_posts(rules, g, &posts, &n);
    if (status != SEK_OK)
        return status;
    for (uint32_t i = 0; i < n; i++)
        n_fields += i == 0 || posts[i].field != posts[i - 1].field;
    g->fields = calloc(n_fields + 1, sizeof *g->fields);
    g->posts = malloc(((size_t)n + 1) * sizeof *g->posts);
    status = g->fields && g->posts ? SEK_OK : SEK_ERR_MEMORY;
    for (uint32_t start = 0, end; start < n && status == SEK_OK; start = end) {
        for (end = start; end < n && posts[end].field == posts[start].field; end++)
            g->posts[end] = posts[end].variant;
        status = add_field(rules, g, posts, start, end);
    }
    free(posts);
    return status;
}

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
        status = build(rules, g);
    }
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
    for (uint32_t i = 0; i < g->n_fields; i++) {
        sek_matcher_free(g->fields[i].matcher);
        free(g->fields[i].raw);
        free(g->fields[i].first_post);
    }
    free(g->fields);
    free(g->variants);
    free(g->posts);
    free(g->always);
    free(g);
}
