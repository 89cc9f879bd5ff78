/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Placeholders: `%name%` in items with the `expand` modifier (RULES, Placeholders). */

#include "base/buf.h"
#include "rule/pattern.h"

/* Replaces every placeholder in the literals of `pattern` (sek_pattern_parse_expandable) by each of
 * its values; several give all combinations. A percent sign that no second one closes is itself.
 * With `options->defer`, one without values becomes a PLACEHOLDER token.
 * SEK_OK; SEK_NOT_FOUND with the unresolved name in `*out_name`; SEK_ERR_LIMIT, SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_expand_pattern(SekArena *arena, const SekRuleOptions *options,
                                          const SekPattern *pattern, SekPatternList *out,
                                          SekStr *out_name);

/* The same in a regular expression: a placeholder becomes a group of its values, which are Sigma
 * text and therefore quoted; their wildcards become `.*` and `.`. `\%` is a percent sign. */
SEK_MUST_USE SekStatus sek_expand_regex(SekArena *arena, const SekRuleOptions *options,
                                        SekStr regex, SekStr *out, SekStr *out_name);

/* True when a PLACEHOLDER token is left. */
bool sek_expand_is_pending(const SekPattern *pattern);

/* Replaces PLACEHOLDER tokens likewise; those without values stay when `options->defer` is set.
 * Statuses as sek_expand_pattern. */
SEK_MUST_USE SekStatus sek_expand_pending(SekArena *arena, const SekRuleOptions *options,
                                          const SekPattern *pattern, SekPatternList *out);
