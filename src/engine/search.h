/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Search: guards by the field in whose values they are looked for, all of a field at once, and which variants each that is
 * hit makes candidates. Read only once it is made. */

#include "engine/matcher.h"

/* That `variant` must be looked at when `guard` is hit in a text of `field`. */
typedef struct SekPost {
    uint32_t field, guard, variant;
} SekPost;

typedef struct SekSearchField {
    uint32_t field; /* of the ruleset */
    SekMatcher *matcher;
    uint32_t n_guards;
    uint32_t *first_post; /* n_guards + 1 indices into posts: the variants of each guard */
} SekSearchField;

typedef struct SekSearch {
    SekSearchField *fields; /* in order of field: keywords first */
    uint32_t n_fields;
    uint32_t *posts; /* variants, by guard */
} SekSearch;

/* Builds from `n` posts, which it sorts by field, guard and variant; their guards are indices into `guards`, of which
 * literals are borrowed. The zero-initialised search is to be freed in either case. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_search_build(const SekGuard *guards, SekPost *posts, uint32_t n, SekSearch *out);
void sek_search_free(SekSearch *search);
