/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Regular expressions of rules: PCRE2 with JIT, bounded. Rules come from strangers and so does the
 * text they run on, so every match has a step limit; giving up is counted, never silent. */

#include "base/status.h"
#include "base/str.h"
#include "engine/regex_hint.h"

/* Steps of one match (PCRE2 match limit). A linear search of a 64 KiB value stays far below it. */
#define SEK_REGEX_STEPS 200000u

/* An expression. It is checked when it is made and compiled when it is first asked, by whichever thread
 * comes first: most rules' expressions are never asked in a run. */
typedef struct SekRegex {
    SekStr pattern;   /* borrowed */
    uint32_t options; /* PCRE2's */
    uint32_t shortest; /* characters that every match has at least */
    uint8_t mark;      /* not 0: the expression begins with a class that repeats, and then this character. So where it
                        * matches at all, it also matches from the mark on, or from one character before it ... */
    uint8_t before;    /* ... and the class says which, as its letter (`\w+`, `\s+` ...); 0: from the mark on (`\w*`) */
    SekRegexHint hint; /* of the text that it is asked of, folded */
    _Atomic(void *) code; /* NULL until it is first asked; owned */
} SekRegex;

/* Checks `pattern` (UTF, Unicode properties; `$` means the very end of the value; search, not full
 * match), which must outlive `out`. SEK_OK; SEK_ERR_INPUT with the reason and, in `err->column`, the
 * place; SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_regex_init(SekRegex *out, SekStr pattern, bool ignore_case, bool multi_line,
                                      bool dot_all, SekError *err);
/* Gives back what was compiled; no thread may be using it. Accepts NULL. */
void sek_regex_deinit(SekRegex *regex);

/* Scratch of one thread. */
typedef struct SekRegexScratch SekRegexScratch;
SEK_MUST_USE SekStatus sek_regex_scratch_new(SekRegexScratch **out);
void sek_regex_scratch_free(SekRegexScratch *scratch);

/* True when found in `text`, which must be valid UTF-8. A match that reaches the limit counts as not
 * found and adds 1 to `*gave_up`; so does an expression that there is no memory to compile. */
bool sek_regex_found(SekRegex *regex, SekRegexScratch *scratch, SekStr text, uint32_t *gave_up);
