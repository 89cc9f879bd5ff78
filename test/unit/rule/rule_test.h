/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the tests of this room share: reading a text, and showing what came out as one short text.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "rule/rule.h"

/* A rule around some lines of a selection; they must be indented by eight blanks. */
#define RULE_HEAD "title: T\nlogsource:\n    product: windows\ndetection:\n    selection:\n"
#define RULE_TAIL "    condition: selection\n"

/* A file that holds what `yaml` gave; to be released by sek_rulefile_deinit. */
SekRuleFile read_text(const char *yaml);
/* A rule with one selection of these lines. */
SekRuleFile read_selection(const char *lines);
/* A rule with three selections a, b, c (fields A, B, C) and this condition. */
SekRuleFile read_condition(const char *condition);

/* The code of the only error, or "" when there is none; fails when there are several. */
const char *error_code(const SekRuleFile *file);
/* The first diagnostic with this code, or NULL. */
const SekDiag *find_diag(const SekRuleFile *file, const char *code);

/* Writes an expression: items as `field=match`, operators as (and x y), (or x y), (not x). Matches
 * are separated by commas; patterns of one match by `/`. A pattern: text as it is, ANY as `*`, ONE
 * as `?`, DASH as `~`; literal characters among these are written with a `\` before them. The text
 * is static. */
const char *show_expr(const SekExpr *expr);
const char *show_rule(const SekRuleFile *file);
const char *show_pattern(const SekPattern *pattern);

/* One selection in, its text or `error: code` out. */
#define assert_selection(lines, expected) \
    do { \
        SekRuleFile file_ = read_selection(lines); \
        assert_string_equal(show_rule(&file_), expected); \
        sek_rulefile_deinit(&file_); \
    } while (0)

#define assert_condition(text, expected) \
    do { \
        SekRuleFile file_ = read_condition(text); \
        assert_string_equal(show_rule(&file_), expected); \
        sek_rulefile_deinit(&file_); \
    } while (0)

#define assert_text(yaml, expected) \
    do { \
        SekRuleFile file_ = read_text(yaml); \
        assert_string_equal(show_rule(&file_), expected); \
        sek_rulefile_deinit(&file_); \
    } while (0)
