/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/candidates.h"

#include "base/utf.h"
#include "engine/raw_event.h"

#include <stdlib.h>

#define MAX_PLANS SEK_SHAPE_IDS     /* shapes with a plan */
#define CONSTANT_MAX (256u * 1024u) /* bytes of a text of a template */
#define HITS 4096u                  /* guards that one value may hit before all rules are looked at */

/* What is known of the events of one shape. */
typedef struct SekCandidatePlan {
    uint32_t group;    /* serial of the group that the rest was worked out for */
    bool constant_hit; /* a text that all its events have hits a keyword's guard, or cannot be told apart */
} Plan;

SekStatus sek_candidates_init(SekCandidates *c, SekEvaluate *evaluate) {
    uint32_t n = evaluate->rules->n_variants + 1;
    *c = (SekCandidates){.evaluate = evaluate};
    c->list = calloc(n, sizeof *c->list);
    c->chosen = calloc(n, sizeof *c->chosen);
    c->opened = calloc(n, sizeof *c->opened);
    c->hits = malloc(HITS * sizeof *c->hits);
    c->plans = calloc(MAX_PLANS + 1, sizeof *c->plans);
    return c->list && c->chosen && c->opened && c->hits && c->plans ? SEK_OK : SEK_ERR_MEMORY;
}

void sek_candidates_deinit(SekCandidates *c) {
    free(c->list);
    free(c->chosen);
    free(c->opened);
    free(c->hits);
    free(c->plans);
    *c = (SekCandidates){0};
}

void sek_candidates_start(SekCandidates *c) {
    c->n = 0;
    c->unlisted = false;
    if (++c->generation == 0) {
        memset(c->chosen, 0, c->evaluate->rules->n_variants * sizeof *c->chosen);
        memset(c->opened, 0, c->evaluate->rules->n_variants * sizeof *c->opened);
        c->generation = 1;
    }
}

static void choose(SekCandidates *c, uint32_t variant) {
    if (c->chosen[variant] == c->generation)
        return;
    c->chosen[variant] = c->generation;
    c->list[c->n++] = variant;
}

void sek_candidates_choose(SekCandidates *c, const uint32_t *variants, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        choose(c, variants[i]);
}

static inline void note(SekCandidates *c, uint32_t post) {
    if (post & SEK_POST_OPEN)
        c->opened[post & ~SEK_POST_OPEN] = c->generation;
    else
        choose(c, post);
}

/* Adds the variants of the guards that `text` hits; false when there are too many to list. */
static bool choose_by_text(SekCandidates *c, const SekSearch *search, const SekSearchField *field, SekStr folded) {
    size_t n = sek_matcher_find(field->matcher, folded, c->hits, HITS);
    if (n == SIZE_MAX) {
        c->unlisted = true;
        return false;
    }
    for (size_t i = 0; i < n; i++)
        for (uint32_t p = field->first_post[c->hits[i]]; p < field->first_post[c->hits[i] + 1]; p++)
            note(c, search->posts[p]);
    return true;
}

SekStatus sek_candidates_by_field(SekCandidates *c, const SekSearch *search, const SekSearchField *field, bool *listed) {
    SekText *texts;
    uint32_t n;
    SekStatus status = sek_fields_get(c->evaluate->fields, field->field, &texts, &n);
    for (uint32_t t = 0; t < n && status == SEK_OK && *listed; t++)
        *listed = choose_by_text(c, search, field, texts[t].folded);
    return status;
}

SekStatus sek_candidates_by_words(SekCandidates *c, const SekGroup *group, bool *listed) {
    const SekSearchField *field = sek_group_words(group);
    SekStr all;
    SekStatus status = sek_fields_all(c->evaluate->fields, sek_matcher_text_only(field->matcher), &all);
    if (status == SEK_OK)
        *listed = choose_by_text(c, &group->search, field, all);
    return status;
}

SekStatus sek_candidates_all(SekCandidates *c, const SekGroup *group, const SekEvent *event) {
    const SekSearchField *keywords = sek_group_words(group);
    SekStatus status = SEK_OK;
    bool listed = true;
    sek_candidates_choose(c, group->always, group->n_always);
    if (keywords && !sek_candidates_quiet(c, group, event))
        status = sek_candidates_by_words(c, group, &listed);
    for (uint32_t i = keywords != NULL; i < group->search.n_fields && status == SEK_OK && listed; i++)
        status = sek_candidates_by_field(c, &group->search, &group->search.fields[i], &listed);
    if (!listed)
        sek_candidates_choose(c, group->variants, group->n_variants);
    return status;
}

/* --- keywords ------------------------------------------------------------------------------------- */

/* True when a text that stands in the template, and so in every event of the shape, hits a keyword's guard.
 * Joined texts are not looked into: they count as hits. */
static bool constant_hits(SekCandidates *c, const SekShape *shape, const SekMatcher *keywords) {
    SekBuf folded;
    bool hit = false;
    sek_buf_init(&folded, CONSTANT_MAX);
    for (uint32_t i = 0; i < shape->n_fields && !hit; i++) {
        const SekField *field = &shape->fields[i];
        if (field->kind == SEK_FIELD_SLOT)
            continue;
        sek_buf_clear(&folded);
        sek_fold_append(&folded, sek_str_n((const char *)field->literal.ptr, field->literal.len));
        hit = field->kind != SEK_FIELD_LITERAL || field->literal.type != SEK_VALUE_UTF8 ||
              !sek_buf_reserve(&folded, SEK_TEXT_PAD) || folded.failed ||
              sek_matcher_find(keywords, sek_buf_str(&folded), c->hits, HITS) > 0;
    }
    sek_buf_deinit(&folded);
    return hit;
}

bool sek_candidates_quiet(SekCandidates *c, const SekGroup *group, const SekEvent *event) {
    const SekSearchField *keywords = sek_group_words(group);
    uint32_t id = event->shape->id;
    if (group->n_raw == 0 || id == 0 || id > MAX_PLANS)
        return false;
    Plan *plan = &c->plans[id];
    if (plan->group != group->serial)
        *plan = (Plan){group->serial, constant_hits(c, event->shape, keywords->matcher)};
    return !plan->constant_hit && !sek_raw_event_hits(group->raw, group->n_raw, event);
}
