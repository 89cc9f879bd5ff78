/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Sigma strings ready to match: classified into the four simple forms that nearly all rules use, and
 * a general form for the rest. Matching works on UTF-8 that is folded on both sides (or on neither,
 * for `cased`): simple folding maps code point to code point, so the positions agree. */

#include "base/arena.h"
#include "rule/rule.h"

typedef enum {
    SEK_GLOB_EQUAL,
    SEK_GLOB_CONTAINS,
    SEK_GLOB_STARTS,
    SEK_GLOB_ENDS,
    SEK_GLOB_PRESENT, /* `*`: any value */
    SEK_GLOB_GENERAL, /* tokens */
} SekGlobKind;

typedef struct SekGlob {
    SekStr literal; /* the simple forms; folded unless cased */
    const SekToken *tokens;
    uint32_t n_tokens;
    SekGlobKind kind;
} SekGlob;

/* Compiles into `arena`, folding literals unless `cased`. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_glob_compile(SekArena *arena, const SekPattern *pattern, bool cased,
                                        SekGlob *out);

/* True when the whole of `text` matches. Time is at most linear in text times tokens. */
bool sek_glob_matches(const SekGlob *glob, SekStr text);
