/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Candidates: the variants of a group that an event could match: those of which a guard is hit, and those that have none.
 * A guard that is hit makes its variant a candidate once an event, whatever else hits it. Owns scratch memory alone. */

#include "engine/evaluate.h"
#include "engine/group.h"
#include "engine/split.h"

typedef struct SekCandidates {
    SekEvaluate *evaluate; /* borrowed: started on the event */
    uint32_t *list;        /* variants to evaluate for the event */
    uint32_t n;
    uint32_t *chosen; /* one a variant: generation in which it became a candidate, or is none any more */
    uint32_t *opened; /* likewise: in which a guard was hit without which it is not asked, if it is open (engine/split.h) */
    uint32_t generation;
    bool unlisted; /* guards were hit that could not be listed */
    uint32_t *hits;                /* guards that a value hit */
    struct SekCandidatePlan *plans; /* by shape id */
} SekCandidates;

/* SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_candidates_init(SekCandidates *c, SekEvaluate *evaluate);
void sek_candidates_deinit(SekCandidates *c);

/* Begins anew, with the next event. */
void sek_candidates_start(SekCandidates *c);

/* Makes the variants candidates. */
void sek_candidates_choose(SekCandidates *c, const uint32_t *variants, uint32_t n);

/* From now on the variant is no candidate of this event, whatever is hit.. */
static inline void sek_candidates_leave(SekCandidates *c, uint32_t variant) {
    c->chosen[variant] = c->generation;
}

/* True when the open variant was named, or any may have been: see SEK_POST_OPEN. */
static inline bool sek_candidates_opened(const SekCandidates *c, uint32_t variant) {
    return c->unlisted || c->opened[variant] == c->generation;
}

/* Adds the variants of the guards that the field's texts hit; `*listed`: they could be listed. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_candidates_by_field(SekCandidates *c, const SekSearch *search, const SekSearchField *field, bool *listed);

/* The same of keywords, in all texts of the event. */
SEK_MUST_USE SekStatus sek_candidates_by_words(SekCandidates *c, const SekGroup *group, bool *listed);

/* Names the variants that the event could match: those whose guards it hits, and those without. SEK_OK or
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_candidates_all(SekCandidates *c, const SekGroup *group, const SekEvent *event);

/* True when the bytes of the event say that no keyword can be in any of its values. */
bool sek_candidates_quiet(SekCandidates *c, const SekGroup *group, const SekEvent *event);
