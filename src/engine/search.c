/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/search.h"

#include <stdlib.h>

static int by_field_and_guard(const void *a, const void *b) {
    const SekPost *x = a, *y = b;
    if (x->field != y->field)
        return x->field < y->field ? -1 : 1;
    if (x->guard != y->guard)
        return x->guard < y->guard ? -1 : 1;
    return x->variant < y->variant ? -1 : x->variant > y->variant;
}

/* One field: posts[start..end), sorted by guard. */
static SekStatus add_field(SekSearch *s, const SekGuard *guards, const SekPost *posts, uint32_t start, uint32_t end) {
    SekSearchField *f = &s->fields[s->n_fields];
    uint32_t *chosen = malloc((end - start) * sizeof *chosen);
    f->first_post = malloc((end - start + 1) * sizeof *f->first_post);
    f->field = posts[start].field;
    s->n_fields++; /* from here on sek_search_free sees it */
    if (!chosen || !f->first_post) {
        free(chosen);
        return SEK_ERR_MEMORY;
    }
    for (uint32_t i = start; i < end; i++)
        if (i == start || posts[i].guard != posts[i - 1].guard) {
            f->first_post[f->n_guards] = i;
            chosen[f->n_guards++] = posts[i].guard;
        }
    f->first_post[f->n_guards] = end;
    SekStatus status = sek_matcher_new(guards, chosen, f->n_guards, &f->matcher);
    free(chosen);
    return status;
}

SekStatus sek_search_build(const SekGuard *guards, SekPost *posts, uint32_t n, SekSearch *s) {
    uint32_t n_fields = 0;
    if (n)
        qsort(posts, n, sizeof *posts, by_field_and_guard);
    for (uint32_t i = 0; i < n; i++)
        n_fields += i == 0 || posts[i].field != posts[i - 1].field;
    s->fields = calloc(n_fields + 1, sizeof *s->fields);
    s->posts = malloc(((size_t)n + 1) * sizeof *s->posts);
    SekStatus status = s->fields && s->posts ? SEK_OK : SEK_ERR_MEMORY;
    for (uint32_t start = 0, end; start < n && status == SEK_OK; start = end) {
        for (end = start; end < n && posts[end].field == posts[start].field; end++)
            s->posts[end] = posts[end].variant;
        status = add_field(s, guards, posts, start, end);
    }
    return status;
}

void sek_search_free(SekSearch *s) {
    for (uint32_t i = 0; i < s->n_fields; i++) {
        sek_matcher_free(s->fields[i].matcher);
        free(s->fields[i].first_post);
    }
    free(s->fields);
    free(s->posts);
    *s = (SekSearch){0};
}
