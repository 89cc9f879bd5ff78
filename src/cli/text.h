/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Untrusted text on a terminal: names and titles come out of archives and rule files. */

#include "sekisho.h"

/* Writes `text` with every control character (C0, DEL, C1 in UTF-8) as U+FFFD. */
void sek_put_text(FILE *to, SekStr text);

/* One problem as a line: file:line:column: kind: text [code]. */
void sek_put_problem(FILE *to, const SekRuleProblem *problem);

/* The end of a noun behind the number `n`. */
static inline const char *sek_s(size_t n) {
    return n == 1 ? "" : "s";
}

/* Whether what goes to `stream` may have colours: it is a terminal, one that is not "dumb", and NO_COLOR is not set
 * or empty (no-color.org). */
bool sek_wants_colour(FILE *stream);
