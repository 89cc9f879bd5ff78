/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Regular expressions in pipelines: PCRE2 with Unicode. They are written by whoever runs Sekisho
 * and meet values of rules, so that the step limit is against accidents. Private to the room. */

#include "base/arena.h"

typedef struct SekPipeRegex SekPipeRegex;

#define SEK_PIPE_REGEX_MAX_GROUPS 64u

/* Where a match and its groups lie, as byte offsets; SIZE_MAX = the group took no part. */
typedef struct SekPipeMatch {
    size_t start[SEK_PIPE_REGEX_MAX_GROUPS], end[SEK_PIPE_REGEX_MAX_GROUPS];
    uint32_t n; /* groups, the whole match included */
} SekPipeMatch;

/* Compiled into the arena. SEK_OK; SEK_ERR_INPUT with PCRE2's reason in `what` (200 bytes);
 * SEK_ERR_LIMIT (more groups than SEK_PIPE_REGEX_MAX_GROUPS); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_pipe_regex_compile(SekArena *arena, SekStr text, SekPipeRegex **out,
                                              char *what);

/* Searches from `from`; with `anchored` only there. SEK_OK; SEK_NOT_FOUND; SEK_ERR_LIMIT (too many
 * steps); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_pipe_regex_match(const SekPipeRegex *regex, SekStr text, size_t from,
                                            bool anchored, SekPipeMatch *out);

/* The number of a named group, or -1. */
int sek_pipe_regex_group(const SekPipeRegex *regex, SekStr name);
