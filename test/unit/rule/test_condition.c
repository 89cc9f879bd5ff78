/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* strtok_r */
#include "rule_test.h"

#include "base/buf.h"
#include "rule/condition.h"

/* A rule with these selections (each `name: {A: name}`) and this condition. */
static SekRuleFile read_named(const char *names, const char *condition) {
    SekBuf buf;
    sek_buf_init(&buf, 1u << 20);
    sek_buf_adds(&buf, "title: T\nlogsource: {product: windows}\ndetection:\n");
    char copy[400];
    snprintf(copy, sizeof copy, "%s", names);
    for (char *at = copy, *name; (name = strtok_r(at, " ", &at));)
        sek_buf_addf(&buf, "  '%s': {F: %s}\n", name, name);
    sek_buf_addf(&buf, "  condition: %s\n", condition);
    sek_buf_addc(&buf, '\0');
    SekRuleFile file = read_text(buf.data);
    sek_buf_deinit(&buf);
    return file;
}

#define assert_named(names, condition, expected) \
    do { \
        SekRuleFile file_ = read_named(names, condition); \
        assert_string_equal(show_rule(&file_), expected); \
        sek_rulefile_deinit(&file_); \
    } while (0)

/* --- precedence ---------------------------------------------------------------------------- */

static void test_condition__single_name(void **state) {
    (void)state;
    assert_condition("a", "A=#1");
    assert_condition("(a)", "A=#1");
    assert_condition("  ( ( a ) )  ", "A=#1");
}

static void test_condition__and_binds_tighter_than_or(void **state) {
    (void)state;
    assert_condition("a or b and c", "(or A=#1 (and B=#1 C=#1))");
    assert_condition("a and b or c", "(or (and A=#1 B=#1) C=#1)");
    assert_condition("a and (b or c)", "(and A=#1 (or B=#1 C=#1))");
    assert_condition("a or b or c", "(or A=#1 B=#1 C=#1)");
}

static void test_condition__not_binds_tighter_than_and(void **state) {
    (void)state;
    assert_condition("not a and b", "(and (not A=#1) B=#1)");
    assert_condition("a and not b or c", "(or (and A=#1 (not B=#1)) C=#1)");
    assert_condition("not (a and b)", "(not (and A=#1 B=#1))");
    assert_condition("not not a", "(not (not A=#1))");
    assert_condition("not 1 of a*", "(not A=#1)");
    assert_condition("not all of them and a", "(and (not (and A=#1 B=#1 C=#1)) A=#1)");
}

static void test_condition__one_selection_used_twice_is_one_node(void **state) {
    (void)state;
    SekRuleFile file = read_condition("a and b or a and c");
    const SekExpr *expr = file.rules[0]->condition;
    assert_ptr_equal(expr->kids[0]->kids[0], expr->kids[1]->kids[0]);
    assert_int_equal(expr->depth, 3);
    sek_rulefile_deinit(&file);
}

/* --- quantifiers --------------------------------------------------------------------------- */

static void test_of__one_any_and_all(void **state) {
    (void)state;
    assert_condition("1 of them", "(or A=#1 B=#1 C=#1)");
    assert_condition("any of them", "(or A=#1 B=#1 C=#1)");
    assert_condition("all of them", "(and A=#1 B=#1 C=#1)");
    assert_condition("1 of a and b", "(and A=#1 B=#1)");
    assert_named("sel_a sel_b x", "1 of sel_* and not x", "(and (or F=sel_a F=sel_b) (not F=x))");
}

static void test_of__star_stands_anywhere(void **state) {
    (void)state;
    const char *names = "sel_one_x sel_two_x one filter_main_mdadm.conf";
    assert_named(names, "1 of *one*", "(or F=sel_one_x F=one)");
    assert_named(names, "1 of *_x", "(or F=sel_one_x F=sel_two_x)");
    assert_named(names, "1 of sel_*_x", "(or F=sel_one_x F=sel_two_x)");
    assert_named(names, "1 of sel_t*_*x", "F=sel_two_x");
    assert_named(names, "1 of filter*", "F=filter_main_mdadm.conf");
    assert_named(names, "1 of sel_one_x", "F=sel_one_x");
    assert_named(names, "all of *", "(and F=sel_one_x F=sel_two_x F=one F=filter_main_mdadm.conf)");
}

static void test_of__names_with_a_low_line_must_be_asked_for(void **state) {
    (void)state;
    assert_named("_a _b c", "1 of them", "F=c");
    assert_named("_a _b c", "1 of *", "F=c");
    assert_named("_a _b c", "1 of _*", "(or F=_a F=_b)");
    assert_named("_a _b c", "_a and c", "(and F=_a F=c)");
    assert_named("_a _b", "1 of them", "error: empty-pattern");
}

static void test_of__pattern_that_means_nothing_is_an_error(void **state) {
    (void)state;
    SekRuleFile file = read_condition("a and not 1 of filter_*");
    assert_string_equal(error_code(&file), "empty-pattern");
    assert_int_equal(find_diag(&file, "empty-pattern")->line, 11);
    assert_int_equal(find_diag(&file, "empty-pattern")->column, 16 + 15);
    sek_rulefile_deinit(&file);
    assert_condition("1 of A*", "error: empty-pattern"); /* names are case-sensitive */
}

static void test_of__other_numbers_are_an_error(void **state) {
    (void)state;
    assert_condition("2 of them", "error: bad-condition");
    assert_condition("0 of a*", "error: bad-condition");
    assert_condition("all of", "error: bad-condition");
    assert_condition("1 of (a*)", "error: bad-condition");
    assert_condition("of them", "error: bad-condition");
    assert_condition("a*", "error: bad-condition");
}

/* --- names --------------------------------------------------------------------------------- */

static void test_names__may_begin_with_or_be_a_keyword(void **state) {
    (void)state;
    assert_named("notable orange android office allowed_apps_key 1st",
                 "notable or orange and android or office or allowed_apps_key or 1st",
                 "(or F=notable (and F=orange F=android) F=office F=allowed_apps_key F=1st)");
    assert_named("not all any them 1", "not or all and any", "(or F=not (and F=all F=any))");
    assert_named("them x", "1 of them", "(or F=them F=x)");
}

static void test_names__with_signs_and_in_other_scripts(void **state) {
    (void)state;
    assert_named("sel-1 filter.conf \xE9\x81\xB8\xE6\x8A\x9E", "sel-1 and not filter.conf",
                 "(and F=sel-1 (not F=filter.conf))");
    assert_named("\xE9\x81\xB8\xE6\x8A\x9E x", "\xE9\x81\xB8\xE6\x8A\x9E",
                 "F=\xE9\x81\xB8\xE6\x8A\x9E");
}

static void test_names__undefined_is_an_error_at_its_place(void **state) {
    (void)state;
    SekRuleFile file = read_condition("a and (b or filter)");
    assert_string_equal(error_code(&file), "undefined-name");
    assert_int_equal(find_diag(&file, "undefined-name")->line, 11);
    assert_int_equal(find_diag(&file, "undefined-name")->column, 16 + 12);
    sek_rulefile_deinit(&file);
    file = read_condition("'a and x'");
    assert_int_equal(find_diag(&file, "undefined-name")->column, 16 + 7);
    sek_rulefile_deinit(&file);
    file = read_condition("|\n        a and\n        x");
    assert_int_equal(find_diag(&file, "undefined-name")->line, 11);
    sek_rulefile_deinit(&file);
    assert_condition("A", "error: undefined-name");
}

static void test_names__of_timeframe_and_condition_are_no_selections(void **state) {
    (void)state;
    assert_condition("timeframe", "error: undefined-name");
    assert_text("title: T\nlogsource: {product: windows}\ndetection:\n  a: {A: 1}\n"
                "  timeframe: 5m\n  condition: all of *\n",
                "A=#1");
}

/* --- syntax -------------------------------------------------------------------------------- */

static void test_syntax__errors(void **state) {
    (void)state;
    static const char *const texts[] = {
        "''",   "a and",     "and a",   "a b",       "(a",    "a)",       "()",
        "not",  "a or or b", "a not b", "a AND b",   "NOT a", "a and (b", "a & b",
        "a, b", "((a)",      "1 of",    "a and not", "a not", "{a: b}",   "[[a]]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        SekRuleFile file = read_condition(texts[i]);
        const char *code = error_code(&file);
        bool refused = strcmp(code, "bad-condition") == 0 || strcmp(code, "undefined-name") == 0;
        if (!refused)
            fail_msg("%s: '%s'", texts[i], code);
        sek_rulefile_deinit(&file);
    }
}

static void test_syntax__upper_case_operators_get_a_hint(void **state) {
    (void)state;
    SekRuleFile file = read_condition("NOT a");
    assert_true(sek_str_find(find_diag(&file, "bad-condition")->text, SEK_STR("lower case")) >= 0);
    sek_rulefile_deinit(&file);
}

static void test_pipe__ends_the_expression(void **state) {
    (void)state;
    assert_condition("1 of a* |count() > 3", "error: several rules"); /* see test_aggregation.c */
    assert_condition("a |", "error: legacy-aggregation");
    assert_condition("a and | count() > 3", "error: bad-condition");
    assert_condition("(a | count() > 3)", "error: bad-condition");
}

/* --- several and none ---------------------------------------------------------------------- */

static void test_list__of_conditions_is_an_or(void **state) {
    (void)state;
    assert_condition("[a and b, not c]", "(or (and A=#1 B=#1) (not C=#1))");
    assert_condition("\n        - a\n        - b", "(or A=#1 B=#1)");
    assert_condition("[a]", "A=#1");
    assert_condition("[a, x]", "error: undefined-name");
    assert_condition("[a, null]", "error: bad-condition");
}

static void test_missing__condition_is_fine_with_one_selection(void **state) {
    (void)state;
    assert_text("title: T\nlogsource: {product: windows}\ndetection:\n  a: {A: 1}\n", "A=#1");
    assert_text("title: T\nlogsource: {product: windows}\ndetection:\n  a: {A: 1}\n  condition:\n",
                "A=#1");
    assert_condition("", "error: missing-condition");
    assert_condition("[]", "error: missing-condition");
}

static void test_unused__selection_is_a_warning(void **state) {
    (void)state;
    SekRuleFile file = read_condition("a and c");
    assert_int_equal(file.n_rules, 1);
    assert_int_equal(file.n_diags, 1);
    assert_string_equal(file.diags[0].code, "unused-selection");
    assert_int_equal(file.diags[0].line, 7);
    sek_rulefile_deinit(&file);
}

/* --- limits -------------------------------------------------------------------------------- */

/* `depth` times `open`, then a, then as many `close`. */
static SekRuleFile read_deep(int depth, const char *open, const char *close) {
    SekBuf buf;
    sek_buf_init(&buf, 1u << 20);
    for (int i = 0; i < depth; i++)
        sek_buf_adds(&buf, open);
    sek_buf_addc(&buf, 'a');
    for (int i = 0; i < depth; i++)
        sek_buf_adds(&buf, close);
    sek_buf_addc(&buf, '\0');
    SekRuleFile file = read_condition(buf.data);
    sek_buf_deinit(&buf);
    return file;
}

static void assert_deep(int depth, const char *open, const char *close, const char *code) {
    SekRuleFile file = read_deep(depth, open, close);
    assert_string_equal(error_code(&file), code);
    sek_rulefile_deinit(&file);
}

static void test_limit__brackets(void **state) {
    (void)state;
    assert_deep(100, "(", ")", "");
    assert_deep(SEK_CONDITION_MAX_DEPTH - 1, "(", ")", "");
    assert_deep(SEK_CONDITION_MAX_DEPTH, "(", ")", "");
    assert_deep(SEK_CONDITION_MAX_DEPTH + 1, "(", ")", "limit");
    assert_deep(200, "(", ")", "limit");
}

static void test_limit__tree(void **state) {
    (void)state;
    assert_deep(100, "not (", ")", "");
    assert_deep(100, "b and (", ")", "");
    assert_deep(50, "b and (c or (", "))", "");
    assert_deep(SEK_RULE_MAX_DEPTH - 2, "not ", "", "");
    assert_deep(SEK_RULE_MAX_DEPTH - 1, "not ", "", "");
    assert_deep(SEK_RULE_MAX_DEPTH, "not ", "", "limit");
    assert_deep(200, "not ", "", "limit");
    assert_deep(200, "b and (c or (", "))", "limit");
}

static void test_limit__length(void **state) {
    (void)state;
    for (int extra = -1; extra <= 1; extra++) {
        size_t len = (size_t)(SEK_CONDITION_MAX_BYTES + extra);
        char *text = malloc(len + 3);
        memset(text, ' ', len + 2);
        text[0] = '\'';
        text[1] = 'a';
        text[len + 1] = '\'';
        text[len + 2] = '\0';
        SekRuleFile file = read_condition(text);
        assert_string_equal(error_code(&file), extra > 0 ? "limit" : "");
        sek_rulefile_deinit(&file);
        free(text);
    }
}

static void test_limit__many_operands_are_no_depth(void **state) {
    (void)state;
    SekRuleFile file = read_deep(2000, "b or ", "");
    assert_string_equal(error_code(&file), "");
    assert_int_equal(file.rules[0]->condition->n_kids, 2001);
    assert_int_equal(file.rules[0]->condition->depth, 2);
    sek_rulefile_deinit(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_condition__single_name),
        cmocka_unit_test(test_condition__and_binds_tighter_than_or),
        cmocka_unit_test(test_condition__not_binds_tighter_than_and),
        cmocka_unit_test(test_condition__one_selection_used_twice_is_one_node),
        cmocka_unit_test(test_of__one_any_and_all),
        cmocka_unit_test(test_of__star_stands_anywhere),
        cmocka_unit_test(test_of__names_with_a_low_line_must_be_asked_for),
        cmocka_unit_test(test_of__pattern_that_means_nothing_is_an_error),
        cmocka_unit_test(test_of__other_numbers_are_an_error),
        cmocka_unit_test(test_names__may_begin_with_or_be_a_keyword),
        cmocka_unit_test(test_names__with_signs_and_in_other_scripts),
        cmocka_unit_test(test_names__undefined_is_an_error_at_its_place),
        cmocka_unit_test(test_names__of_timeframe_and_condition_are_no_selections),
        cmocka_unit_test(test_syntax__errors),
        cmocka_unit_test(test_syntax__upper_case_operators_get_a_hint),
        cmocka_unit_test(test_pipe__ends_the_expression),
        cmocka_unit_test(test_list__of_conditions_is_an_or),
        cmocka_unit_test(test_missing__condition_is_fine_with_one_selection),
        cmocka_unit_test(test_unused__selection_is_a_warning),
        cmocka_unit_test(test_limit__brackets),
        cmocka_unit_test(test_limit__tree),
        cmocka_unit_test(test_limit__length),
        cmocka_unit_test(test_limit__many_operands_are_no_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
