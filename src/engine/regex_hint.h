/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Hints of expressions: what each text must hold in which the expression is found, so cheap to look for that it is
 * asked first. Expressions that require no rare literal are the ones that no guard spares: `\s[0-9a-f]{64}\s` is
 * asked of every command line. A hint is one of
 *
 *   a run    so many bytes behind one another that are all of a set: a class with a count
 *   a pair   a character, and right behind it (or before it) a byte of a set: a literal beside a class
 *
 * of folded text. It may hold where the expression does not match, never the other way round. Only what is surely
 * understood of an expression gives a hint. */

#include "base/str.h"

#include <stdint.h>

#define SEK_HINT_RUN 8u /* shorter ones are found in most texts */

typedef struct SekRegexHint {
    uint64_t set[4]; /* one bit a byte */
    uint16_t run;    /* bytes of a run; 0: a pair, or nothing */
    uint8_t lead;    /* the character of a pair; 0: there is no hint, all texts may match */
    bool behind;     /* the byte of the set stands behind it */
} SekRegexHint;

SekRegexHint sek_regex_hint(SekStr pattern, bool ignore_case);

/* False when the expression is not found in the text that was `folded` from. */
bool sek_regex_hint_holds(const SekRegexHint *hint, SekStr folded);
