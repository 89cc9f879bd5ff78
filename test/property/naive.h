/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The meaning of a checked rule, said as simply as possible: the oracle of the property test.
 *
 * Nothing is shared with src/engine, and nothing is remembered, guarded or routed: every item asks every
 * field of the event anew, strings are compared code point by code point, numbers digit by digit.
 * Sources: the Sigma specification 2.1 and the decisions of docs/sigma.md, items 1 to 35.
 *
 * Limits, which the generator keeps: case folding knows the letters listed in naive_text.c, a value has
 * at most SEK_NAIVE_MAX_TEXT code points, and wildcards are tried one by one, so patterns must be short. */

#include "rule/rule.h"

#define SEK_NAIVE_MAX_TEXT 1024u

typedef struct SekNaiveField {
    SekStr name, value; /* UTF-8; a name may stand more than once */
} SekNaiveField;

typedef struct SekNaiveEvent {
    const SekNaiveField *fields;
    uint32_t n;
    bool cut; /* fields of ancestors may have more values than are listed; AncestorDepth is at least what it says */
} SekNaiveEvent;

/* Whether the rule's condition holds for the event, whatever was cut; its log source is not looked at. */
bool sek_naive_holds(const SekRule *rule, const SekNaiveEvent *event);

/* --- what it is made of (naive_text.c) ------------------------------------------------------- */

/* True when the pattern matches the whole of `value`; case counts only if `cased`. */
bool sek_naive_glob(const SekPattern *pattern, bool cased, SekStr value);

/* The order of two decimal or hexadecimal numbers of any length: true, and <0, 0, >0 in `*out`, when
 * both texts are numbers. Blanks around them do not count. */
bool sek_naive_compare(SekStr a, SekStr b, int *out);

/* True when `value` relates to `other` as the mode says; case counts only if `cased`. */
bool sek_naive_reference(SekRefMode mode, bool cased, SekStr value, SekStr other);

/* Without blanks, tabs and line breaks at the ends. */
SekStr sek_naive_trim(SekStr text);

/* ASCII case ignored. */
bool sek_naive_same_word(SekStr a, SekStr b);
