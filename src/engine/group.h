/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Group: the variants that one kind of event can match, with the matchers that name the few of them
 * that a given event could match. Kinds of event with the same variants share one group. */

#include "engine/raw_scan.h"
#include "engine/ruleset.h"
#include "engine/search.h"

/* A field on which answers depend (engine/recall.h); keywords and ancestry are left out. */
typedef struct SekAsked {
    uint32_t field; /* of the ruleset */
    bool unsteady;  /* see sek_field_unsteady */
} SekAsked;

typedef struct SekGroup {
    uint32_t *variants; /* in rule order */
    uint32_t n_variants;
    SekSearch search;
    SekRawScan *raw; /* keywords: the same literals, looked for in the bytes of a record; none when a literal could
                      * stand in a number, or cannot be looked for that way */
    uint32_t n_raw;
    uint32_t *always; /* variants without a guard */
    uint32_t n_always;
    SekAsked *asked; /* in order of field */
    uint32_t n_asked;
    uint32_t serial; /* from 1, never given twice */
    uint32_t users;  /* routers that have it; this and `next` are engine/group_pool.c's */
    struct SekGroup *next;
} SekGroup;

/* True when the field's values seldom come twice by their nature (identifiers, times, ports): see engine/recall.h. */
bool sek_field_unsteady(SekStr name);

/* Builds from `n` variants (copied). SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_group_new(const SekRuleset *rules, const uint32_t *variants, uint32_t n,
                                     SekGroup **out);
void sek_group_free(SekGroup *group);

/* The group's keywords; NULL when it has none. */
static inline const SekSearchField *sek_group_words(const SekGroup *group) {
    const SekSearch *s = &group->search;
    return s->n_fields && s->fields[0].field == SEK_FIELD_ID_KEYWORDS ? &s->fields[0] : NULL;
}
