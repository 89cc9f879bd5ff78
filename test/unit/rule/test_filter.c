/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_test.h"

#include "base/buf.h"
#include "rule/correlation.h"
#include "rule/filter.h"

#define ID "6f3e2987-db24-4c78-a860-b4f4095a7095"
#define RULE                                                                                       \
    "title: T\nid: " ID "\nname: t\nlogsource: {product: windows, category: process_creation}\n"   \
    "detection: {s: {A: 1}, condition: s}\n"
#define OTHER                                                                                      \
    "---\ntitle: O\nname: o\nlogsource: {product: windows, service: security}\n"                   \
    "detection: {s: {B: 1}, condition: s}\n"
#define FILTER_OF(source, body) "---\ntitle: F\nlogsource: {" source "}\nfilter:\n" body
#define FILTER(rules)                                                                              \
    FILTER_OF("product: windows, category: process_creation",                                      \
              "    rules: " rules "\n    selection: {U: x}\n    condition: not selection\n")

static SekRuleFile read_filtered(const char *yaml) {
    SekRuleFile file = read_text(yaml);
    assert_string_equal(error_code(&file), "");
    assert_int_equal(sek_filters_apply(&file), SEK_OK);
    assert_int_equal(file.n_filters, 0);
    return file;
}

/* The condition of the first rule after filtering, and the code of the first warning. */
static void assert_filtered(const char *yaml, const char *expected, const char *warning) {
    SekRuleFile file = read_filtered(yaml);
    assert_string_equal(show_expr(file.rules[0]->condition), expected);
    assert_string_equal(file.n_diags ? file.diags[0].code : "", warning);
    sek_rulefile_deinit(&file);
}

#define FILTERED "(and A=#1 (not U=x))"

static void test_filter__is_joined_to_rules_named_by_id_or_name(void **state) {
    (void)state;
    assert_filtered(RULE FILTER("[" ID "]"), FILTERED, "");
    assert_filtered(RULE FILTER("[t]"), FILTERED, "");
    assert_filtered(RULE FILTER("t"), FILTERED, "");
    assert_filtered(RULE FILTER("[t, " ID "]"), FILTERED, "");
    assert_filtered(RULE FILTER("[o]"), "A=#1", "unknown-reference");
}

static void test_filter__for_any_rule_of_its_log_source(void **state) {
    (void)state;
    assert_filtered(RULE FILTER("any"), FILTERED, "");
    assert_filtered(RULE FILTER("[any]"), FILTERED, "");
    assert_filtered(RULE FILTER("[]"), FILTERED, "");
    assert_filtered(RULE FILTER(""), FILTERED, "");
    SekRuleFile file = read_filtered(RULE OTHER FILTER("any"));
    assert_string_equal(show_expr(file.rules[0]->condition), FILTERED);
    assert_string_equal(show_expr(file.rules[1]->condition), "B=#1");
    assert_int_equal(file.n_diags, 0);
    sek_rulefile_deinit(&file);
}

static void test_filter__for_no_rule_is_a_warning(void **state) {
    (void)state;
    assert_filtered(RULE FILTER_OF("product: linux", "    rules: any\n    s: {U: x}\n    condition: not s\n"),
                    "A=#1", "matches-no-rule");
    assert_filtered(RULE FILTER_OF("category: nosuch", "    rules: any\n    s: {U: x}\n    condition: not s\n"),
                    "A=#1", "matches-no-rule");
    SekRuleFile file = read_filtered(RULE FILTER("[o]"));
    assert_int_equal(file.n_diags, 1); /* one reason is enough */
    sek_rulefile_deinit(&file);
}

static void test_filter__log_source_must_contain_that_of_the_rule(void **state) {
    (void)state;
#define BODY "    rules: [t]\n    selection: {U: x}\n    condition: not selection\n"
    assert_filtered(RULE FILTER_OF("product: windows", BODY), FILTERED, "");
    assert_filtered(RULE FILTER_OF("category: process_creation", BODY), FILTERED, "");
    assert_filtered(RULE FILTER_OF("product: Windows", BODY), FILTERED, "");
    assert_filtered(RULE FILTER_OF("product: linux", BODY), "A=#1", "filter-logsource");
    assert_filtered(RULE FILTER_OF("product: windows, service: sysmon", BODY), "A=#1",
                    "filter-logsource");
}

static void test_filter__stands_before_or_after_and_in_other_files(void **state) {
    (void)state;
    SekRuleFile file = read_text(FILTER("[t]"));
    assert_int_equal(sek_rules_read(&file, SEK_STR("b.yml"), SEK_STR(RULE)), SEK_OK);
    assert_int_equal(sek_filters_apply(&file), SEK_OK);
    assert_string_equal(show_expr(file.rules[0]->condition), FILTERED);
    sek_rulefile_deinit(&file);
}

static void test_filter__several_on_one_rule(void **state) {
    (void)state;
    SekRuleFile file = read_filtered(RULE FILTER("[t]") FILTER("any"));
    assert_string_equal(show_expr(file.rules[0]->condition),
                        "(and (and A=#1 (not U=x)) (not U=x))");
    const SekExpr *root = file.rules[0]->condition;
    assert_true(root->index < file.rules[0]->n_exprs);
    assert_true(root->kids[1]->index != root->kids[0]->kids[1]->index);
    assert_int_equal(root->depth, 4);
    sek_rulefile_deinit(&file);
}

static void test_filter__names_are_its_own(void **state) {
    (void)state;
    /* `s` is another selection in the rule; `them` means those of the filter. */
    assert_filtered(RULE FILTER_OF("product: windows",
                                   "    rules: [t]\n    s: {U: x}\n    q: {V: y}\n"
                                   "    _z: {W: z}\n    condition: not 1 of them and not _z\n"),
                    "(and A=#1 (and (not (or U=x V=y)) (not W=z)))", "");
}

static void test_filter__without_not_keeps_what_matches_and_warns(void **state) {
    (void)state;
#define PLAIN(key)                                                                                 \
    RULE FILTER_OF("product: windows",                                                             \
                   "    rules: [t]\n    selection: {" key ": x}\n    condition: selection\n")
    assert_filtered(PLAIN("U"), "(and A=#1 U=x)", "filter-without-not");
    assert_filtered(PLAIN("U|neq"), "(and A=#1 U!=x)", "");
    SekRuleFile file = read_text(PLAIN("U"));
    assert_int_equal(find_diag(&file, "filter-without-not")->line, 12);
    assert_true(sek_str_eq(file.diags[0].rule_title, SEK_STR("F")));
    sek_rulefile_deinit(&file);
}

static void test_filter__leaves_correlations_alone(void **state) {
    (void)state;
#define COUNT                                                                                      \
    "---\ntitle: C\nname: c\ncorrelation: {type: event_count, rules: [t], timespan: 1m, "          \
    "condition: {gte: 1}}\n"
    SekRuleFile file = read_filtered(RULE COUNT FILTER("[c]"));
    assert_string_equal(file.diags[0].code, "no-effect");
    assert_string_equal(show_expr(file.rules[0]->condition), "A=#1");
    sek_rulefile_deinit(&file);
    file = read_filtered(RULE COUNT FILTER("any"));
    assert_int_equal(file.n_diags, 0);
    assert_string_equal(show_expr(file.rules[0]->condition), FILTERED);
    assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
    assert_int_equal(file.n_rules, 2);
    sek_rulefile_deinit(&file);
}

static void test_filter__errors(void **state) {
    (void)state;
#define BAD(body) FILTER_OF("product: windows", body)
    assert_text("title: F\nfilter: {rules: any}\n", "error: missing-logsource");
    assert_text("title: F\nlogsource: {product: windows}\nfilter: x\n", "error: bad-filter");
    assert_text(BAD("    s: {U: x}\n    condition: not s\n"), "error: bad-filter");
    assert_text(BAD("    rules: any\n    s: {U: x}\n"), "error: bad-filter");
    assert_text(BAD("    rules: any\n    s: {U: x}\n    condition: [not s]\n"),
                "error: bad-filter");
    assert_text(BAD("    rules: any\n    condition: not s\n"), "error: bad-detection");
    assert_text(BAD("    rules: any\n    s: {U: x}\n    condition: not t\n"),
                "error: undefined-name");
    assert_text(BAD("    rules: any\n    s: {U: x}\n    condition: not s | count() > 5\n"),
                "error: bad-condition");
    assert_text(BAD("    rules: {a: b}\n    s: {U: x}\n    condition: not s\n"), "error: bad-list");
    assert_text(BAD("    rules: any\n    s: {U|bad: x}\n    condition: not s\n"),
                "error: unknown-modifier");
}

static void test_filter__on_a_rule_at_the_depth_limit_is_a_warning(void **state) {
    (void)state;
    for (int extra = 0; extra <= 1; extra++) {
        SekBuf buf;
        sek_buf_init(&buf, 1u << 16);
        sek_buf_adds(&buf, "title: T\nname: t\nlogsource: {product: windows}\ndetection:\n"
                           "    s: {A: 1}\n    condition: ");
        for (uint32_t i = 0; i < SEK_RULE_MAX_DEPTH - 2 + (uint32_t)extra; i++)
            sek_buf_adds(&buf, "not ");
        sek_buf_adds(&buf, "s\n" FILTER_OF("product: windows", BODY));
        sek_buf_addc(&buf, '\0');
        SekRuleFile file = read_filtered(buf.data);
        assert_int_equal(file.rules[0]->condition->depth, SEK_RULE_MAX_DEPTH);
        assert_int_equal(file.n_diags, extra);
        assert_int_equal(file.rules[0]->condition->kind, extra ? SEK_EXPR_NOT : SEK_EXPR_AND);
        sek_rulefile_deinit(&file);
        sek_buf_deinit(&buf);
    }
}

static void test_filter__many_unknown_names_are_said_to_be_more(void **state) {
    (void)state;
    SekBuf buf;
    sek_buf_init(&buf, 1u << 16);
    sek_buf_adds(&buf, "title: F\nlogsource: {product: windows}\nfilter:\n    s: {U: x}\n"
                       "    condition: not s\n    rules:\n");
    for (int i = 0; i < 40; i++)
        sek_buf_addf(&buf, "        - unknown%d\n", i);
    sek_buf_addc(&buf, '\0');
    SekRuleFile file = read_filtered(buf.data);
    assert_int_equal(file.n_diags, 33);
    assert_string_equal(file.diags[32].code, "more-warnings");
    sek_rulefile_deinit(&file);
    sek_buf_deinit(&buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filter__is_joined_to_rules_named_by_id_or_name),
        cmocka_unit_test(test_filter__for_any_rule_of_its_log_source),
        cmocka_unit_test(test_filter__for_no_rule_is_a_warning),
        cmocka_unit_test(test_filter__log_source_must_contain_that_of_the_rule),
        cmocka_unit_test(test_filter__stands_before_or_after_and_in_other_files),
        cmocka_unit_test(test_filter__several_on_one_rule),
        cmocka_unit_test(test_filter__names_are_its_own),
        cmocka_unit_test(test_filter__without_not_keeps_what_matches_and_warns),
        cmocka_unit_test(test_filter__leaves_correlations_alone),
        cmocka_unit_test(test_filter__errors),
        cmocka_unit_test(test_filter__on_a_rule_at_the_depth_limit_is_a_warning),
        cmocka_unit_test(test_filter__many_unknown_names_are_said_to_be_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
