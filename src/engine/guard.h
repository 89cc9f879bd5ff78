/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Guards: for each variant a set of predicates of which at least one must hold when the variant holds.
 * They can be searched for all rules at once, so a record pays for the guards that it hits and not for
 * the number of rules. A guard may hold too often (that costs time), never too seldom.
 *
 *   predicate        itself, when it can be searched for (a literal, a number); else it has none
 *   AND              the set of the child whose set is hit least
 *   OR               all sets together; none when a child has none
 *   NOT              none
 *
 * How often a literal is hit is guessed from the rarest of its 4-byte windows (data/grams.tsv). */

#include "engine/ruleset.h"

/* How a guard is searched for in a folded value. */
typedef enum {
    SEK_GUARD_NONE,    /* none; a literal that stands there all the same is in every value that matches */
    SEK_GUARD_EQUAL,   /* the value is the literal */
    SEK_GUARD_NAME,    /* the value ends in `\literal`, which has no further backslash: a file name */
    SEK_GUARD_LITERAL, /* the value contains the literal */
    SEK_GUARD_NUMBER,  /* the value is this number, in whatever notation */
} SekGuardKind;

typedef struct SekGuard {
    uint8_t kind; /* SekGuardKind */
    uint32_t pred; /* whose it is */
    float million;   /* values of a million that are expected to hit it; INFINITY for NONE */
    uint32_t window; /* LITERAL of 4 bytes or more: where the 4 bytes stand that it is found by */
    SekStr literal;
    SekNumber number;
} SekGuard;

/* Works out the guard of every predicate and the guard set of every variant, which names predicates until
 * sek_guards_pack. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_guards_build(SekRuleset *rules);

/* What is kept of a guard's `million` where the guard is not: its logarithm, in eighths. */
uint8_t sek_guard_rate(const SekGuard *guard);
double sek_guard_million(uint8_t rate);

/* When steps are built: the guard of any predicate, kept or not, with nothing but kind, predicate and literal, which is the
 * ruleset's. NONE for numbers, too, and with a literal for what is too short to be one. */
SekGuard sek_guard_again(const SekRuleset *rules, uint32_t pred);

/* The field in whose values a guard of a packed list is looked for. */
static inline uint32_t sek_guard_field(const SekRuleset *rules, uint32_t guard) {
    return rules->preds[rules->guards[guard].pred].field;
}

/* When steps are built: leaves the guards that some variant uses, three of five. Likewise. */
SEK_MUST_USE SekStatus sek_guards_pack(SekRuleset *rules);
