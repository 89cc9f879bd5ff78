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
    SEK_GUARD_NONE,
    SEK_GUARD_EQUAL,   /* the value is the literal */
    SEK_GUARD_NAME,    /* the value ends in `\literal`, which has no further backslash: a file name */
    SEK_GUARD_LITERAL, /* the value contains the literal */
    SEK_GUARD_NUMBER,  /* the value is this number, in whatever notation */
} SekGuardKind;

typedef struct SekGuard {
    uint8_t kind; /* SekGuardKind */
    uint32_t window; /* LITERAL of 4 bytes or more: where the 4 bytes stand that it is found by */
    SekStr literal;
    SekNumber number;
} SekGuard;

typedef struct SekGramCount {
    uint32_t gram;    /* four folded bytes, little-endian */
    uint32_t million; /* different values per million that hold it */
} SekGramCount;
extern const SekGramCount sek_gram_counts[]; /* sorted by gram */
extern const unsigned sek_n_gram_counts;

/* How often each byte stands in values, of 10,000 or so; at least 1. */
extern const uint16_t sek_byte_counts[256];

/* Values per million that hold these 4 bytes; a small number for windows that are not in the table. */
uint32_t sek_gram_frequency(uint32_t gram);

/* Values per million that are expected to hit the guard; INFINITY for none. */
double sek_guard_cost(const SekGuard *guard);

/* Works out the guard of every predicate and the guard set of every variant. SEK_OK or
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_guards_build(SekRuleset *rules);
