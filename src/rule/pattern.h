/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Sigma strings as lists of tokens (RULES, "String Wildcard" and "Escape Character"), and what the
 * string modifiers do to them. Everything is taken from the arena that is handed in; the input is
 * never changed. Each function returns SEK_OK, SEK_ERR_LIMIT (one of the limits here) or
 * SEK_ERR_MEMORY. */

#include "base/arena.h"
#include "rule/rule.h"

#define SEK_PATTERN_MAX_BYTES (1024u * 1024) /* of one string, before and after a modifier */
#define SEK_PATTERN_MAX_TOKENS 4096u         /* of one string; public rules stay below 20 */
#define SEK_PATTERN_MAX_ALTERNATIVES 65536u  /* of one value, after placeholders and dashes */

/* OR-ed forms of one value. */
typedef struct SekPatternList {
    const SekPattern *patterns;
    uint32_t n;
} SekPatternList;

/* Reads wildcards and escapes: `\` before `*`, `?` or `\` takes the meaning from it, before
 * anything else it is itself. */
SEK_MUST_USE SekStatus sek_pattern_parse(SekArena *arena, SekStr text, SekPattern *out);

/* Offset of the first `\*` or `\?` in `text` that was likely meant as a separator of a path and a wildcard:
 * one backslash behind a name of a folder, with a separator before that. In a field that `is_path`, where no
 * value can hold these characters, every single one is. -1 when there is none. */
ptrdiff_t sek_pattern_lost_separator(SekStr text, bool is_path);

/* Stands for `\%` in the literals of a pattern that still has to be expanded; no byte of UTF-8. */
#define SEK_PATTERN_PERCENT '\xFF'

/* The same for text with placeholders, where `\` also takes the meaning from `%`. */
SEK_MUST_USE SekStatus sek_pattern_parse_expandable(SekArena *arena, SekStr text, SekPattern *out);

/* The same tokens with neighbouring literals joined and neighbouring ANY made one. */
SEK_MUST_USE SekStatus sek_pattern_join(SekArena *arena, const SekToken *tokens, uint32_t n,
                                        SekPattern *out);

/* Puts ANY before and/or behind, where there is none yet. */
SEK_MUST_USE SekStatus sek_pattern_affix(SekArena *arena, bool front, bool back, SekPattern *io);

/* Makes DASH of every `-` and `/` that starts a word and does not end one: `\B[-/]\b` with Unicode
 * words, in each literal by itself (MOD windash). */
SEK_MUST_USE SekStatus sek_pattern_windash(SekArena *arena, SekPattern *io);

/* All strings without DASH that `pattern` stands for; 5 for each DASH. */
SEK_MUST_USE SekStatus sek_pattern_undash(SekArena *arena, const SekPattern *pattern,
                                          SekPatternList *out);

/* True when there is no wildcard and no DASH; `*out` is then the plain text. */
bool sek_pattern_plain(const SekPattern *pattern, SekStr *out);

/* One literal of these bytes, or no token when there are none. */
SEK_MUST_USE SekStatus sek_pattern_literal(SekArena *arena, SekStr bytes, SekPattern *out);
