/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Numbers of rules and of event values, read the same way on both sides so that equal text is an
 * equal number. The integers are exact over the whole of int64 and uint64. */

#include "rule/rule.h"

/* Longest text that is taken for a number; anything longer is text. */
#define SEK_NUMBER_MAX_TEXT 100

/* Reads `[-+]digits`, `0x` hex digits, or a decimal fraction with an optional exponent (YAML 1.2.2,
 * section 10.3.2, without octal, infinity and not-a-number). Blanks around it are not allowed.
 * Returns false, and leaves `*out` alone, when `text` is anything else. */
bool sek_number_parse(SekStr text, SekNumber *out);

/* Exact order: <0, 0, >0. Two integers are compared as integers, else as doubles. */
int sek_number_cmp(const SekNumber *a, const SekNumber *b);
