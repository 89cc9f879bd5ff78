/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_test.h"

#include "rule/correlation.h"
#include "rule/filter.h"
#include "rule/timespan.h"

#define ID "6f3e2987-db24-4c78-a860-b4f4095a7095"

/* A rule of Sigma 1 with selections a, b, c; `tail` is the condition and what follows it. */
#define RULE(tail)                                                                                 \
    "title: T\nid: " ID "\nname: t\nlevel: high\nlogsource: {product: windows}\ndetection:\n"      \
    "    a: {A: 1}\n    b: {B: 1}\n    c: {C: 1}\n    condition: " tail "\n"

static bool is(SekStr text, const char *expected) {
    return sek_str_eq(text, sek_str(expected));
}

static const SekCorrelation *only(SekRuleFile *file, const char *yaml) {
    *file = read_text(yaml);
    assert_string_equal(error_code(file), "");
    assert_true(file->n_rules > 1 && file->rules[0]->correlation);
    return file->rules[0]->correlation;
}

static void test_count__is_event_count_on_the_condition(void **state) {
    (void)state;
    SekRuleFile file;
    const SekCorrelation *c =
        only(&file, RULE("a and not b or c | count() by User > 5\n    timeframe: 10m"));
    assert_int_equal(file.n_diags, 0);
    assert_int_equal(file.n_rules, 2);
    const SekRule *rule = file.rules[0], *part = file.rules[1];
    assert_true(is(rule->id, ID) && is(rule->title, "T") && is(rule->name, "t"));
    assert_int_equal(rule->level, SEK_LEVEL_HIGH);
    assert_null(rule->condition);
    assert_null(rule->part_of);
    assert_int_equal(rule->logsource.product.len, 0);
    assert_int_equal(c->type, SEK_CORR_EVENT_COUNT);
    assert_int_equal(c->timespan, 600 * SEK_TIMESPAN_SECOND);
    assert_true(c->n_group_by == 1 && is(c->group_by[0], "User"));
    assert_true(c->n_bounds == 1 && c->bounds[0].op == SEK_OP_GT && c->bounds[0].value == 5);
    assert_int_equal(c->n_fields, 0);
    assert_false(c->generate);
    assert_true(c->n_rules == 1 && c->targets[0] == part);
    assert_ptr_equal(part->part_of, rule);
    assert_null(part->correlation);
    assert_int_equal(part->name.len, 0);
    assert_true(is(part->logsource.product, "windows"));
    assert_string_equal(show_expr(part->condition), "(or (and A=#1 (not B=#1)) C=#1)");
    assert_true(part->condition->index < part->n_exprs);
    assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
    assert_int_equal(file.n_rules, 2);
    assert_ptr_equal(c->targets[0], part);
    sek_rulefile_deinit(&file);
}

static void assert_function(const char *condition, SekCorrelationType type, const char *field,
                            double percentile) {
    char yaml[600];
    snprintf(yaml, sizeof yaml, RULE("%s"), condition);
    SekRuleFile file;
    const SekCorrelation *c = only(&file, yaml);
    assert_int_equal(c->type, type);
    assert_int_equal(c->n_fields, *field ? 1 : 0);
    assert_true(*field == '\0' || is(c->fields[0], field));
    assert_true(c->percentile == percentile);
    sek_rulefile_deinit(&file);
}

static void test_functions__and_their_correlations(void **state) {
    (void)state;
    assert_function("a or b or c | count(User) by Computer > 5", SEK_CORR_VALUE_COUNT, "User", 0);
    assert_function("a or b or c | sum(Size) > 5", SEK_CORR_VALUE_SUM, "Size", 0);
    assert_function("a or b or c | avg(Size) > 5", SEK_CORR_VALUE_AVG, "Size", 0);
    assert_function("a or b or c | min(Size) < 5", SEK_CORR_VALUE_PERCENTILE, "Size", 0);
    assert_function("a or b or c | max(Size) > 5", SEK_CORR_VALUE_PERCENTILE, "Size", 100);
    assert_function("a or b or c|count( )>5", SEK_CORR_EVENT_COUNT, "", 0);
    assert_function("a or b or c | count ( a.b-c_d ) by x>=5", SEK_CORR_VALUE_COUNT, "a.b-c_d", 0);
    assert_function("[a or b or c | count() > 5]", SEK_CORR_EVENT_COUNT, "", 0);
}

static void test_groups__are_one_or_several_fields(void **state) {
    (void)state;
    SekRuleFile file;
    const SekCorrelation *c = only(&file, RULE("a | count() by X , Y,Z > 5"));
    assert_int_equal(c->n_group_by, 3);
    assert_true(is(c->group_by[0], "X") && is(c->group_by[1], "Y") && is(c->group_by[2], "Z"));
    sek_rulefile_deinit(&file);
    c = only(&file, RULE("a | count() > 5"));
    assert_int_equal(c->n_group_by, 0);
    sek_rulefile_deinit(&file);
}

static void test_relations__all_of_them(void **state) {
    (void)state;
    static const struct {
        const char *text;
        SekOp op;
        bool negate;
        double value;
    } cases[] = {{"> 5", SEK_OP_GT, false, 5},     {">=5", SEK_OP_GTE, false, 5},
                 {"< 5", SEK_OP_LT, false, 5},     {"<= 1e3", SEK_OP_LTE, false, 1000},
                 {"= 0.5", SEK_OP_EQ, false, 0.5}, {"== 5", SEK_OP_EQ, false, 5},
                 {"!= -5", SEK_OP_EQ, true, -5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[600];
        snprintf(yaml, sizeof yaml, RULE("a | sum(X) by Y %s"), cases[i].text);
        SekRuleFile file;
        const SekCorrelation *c = only(&file, yaml);
        assert_int_equal(c->bounds[0].op, cases[i].op);
        assert_int_equal(c->bounds[0].negate, cases[i].negate);
        assert_true(c->bounds[0].value == cases[i].value);
        sek_rulefile_deinit(&file);
    }
}

static void test_timeframe__without_one_the_whole_log_is_a_window(void **state) {
    (void)state;
    SekRuleFile file;
    assert_true(only(&file, RULE("a | count() > 5"))->timespan == SEK_TIMESPAN_MAX);
    sek_rulefile_deinit(&file);
    assert_true(only(&file, RULE("a | count() > 5\n    timeframe: 1M"))->timespan ==
                30 * 86400 * SEK_TIMESPAN_SECOND);
    sek_rulefile_deinit(&file);
    assert_non_null(only(&file, RULE("a | count() > 5")));
    assert_non_null(find_diag(&file, "no-timeframe"));
    assert_null(find_diag(&file, "no-effect"));
    sek_rulefile_deinit(&file);
    assert_true(only(&file, RULE("a | count() > 5\ntimeframe: 10s"))->timespan == SEK_TIMESPAN_MAX);
    assert_non_null(find_diag(&file, "no-timeframe"));
    const SekDiag *misplaced = find_diag(&file, "no-effect");
    assert_true(misplaced && misplaced->line == 11);
    sek_rulefile_deinit(&file);
    assert_text(RULE("a | count() > 5\n    timeframe: soon"), "error: legacy-aggregation");
    assert_text(RULE("a | count() > 5\n    timeframe: [1m]"), "error: legacy-aggregation");
}

static void test_near__is_temporal_over_the_selections(void **state) {
    (void)state;
    SekRuleFile file;
    const SekCorrelation *c = only(&file, RULE("a | near b and not c\n    timeframe: 30s"));
    assert_int_equal(file.n_diags, 0);
    assert_int_equal(file.n_rules, 4);
    assert_int_equal(c->type, SEK_CORR_TEMPORAL);
    assert_int_equal(c->n_rules, 3);
    assert_int_equal(c->n_group_by, 0);
    assert_true(is(c->rules[0], "T") && is(c->rules[1], "b") && is(c->rules[2], "c"));
    assert_string_equal(show_expr(c->targets[0]->condition), "A=#1");
    assert_string_equal(show_expr(c->targets[2]->condition), "C=#1");
    const SekCorrExpr *e = c->expr;
    assert_int_equal(e->kind, SEK_EXPR_AND);
    assert_true(e->kids[0]->kind == SEK_EXPR_ITEM && e->kids[0]->rule == 0);
    assert_true(e->kids[1]->kind == SEK_EXPR_AND && e->kids[1]->kids[0]->rule == 1);
    assert_true(e->kids[1]->kids[1]->kind == SEK_EXPR_NOT);
    assert_int_equal(e->kids[1]->kids[1]->kids[0]->rule, 2);
    sek_rulefile_deinit(&file);
    c = only(&file, RULE("a | near 1 of b*"));
    assert_int_equal(c->n_rules, 2);
    assert_non_null(find_diag(&file, "unused-selection")); /* c */
    sek_rulefile_deinit(&file);
}

static void test_errors__say_what_cannot_be_read(void **state) {
    (void)state;
    static const char *const bad[] = {
        "a |",
        "a | count",
        "a | count()",
        "a | count() by > 5",
        "a | count() by X",
        "a | count() > x",
        "a | count() > 5 6",
        "a | count() => 5",
        "a | sum() > 5",
        "a | COUNT() > 5",
        "a | median(X) > 5",
        "a | count(X, Y) > 5",
        "a | count() > 5 | count() > 6",
        "a | near b | near c",
        "[a | count() > 5, b]",
        "[b, a | count() > 5]",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char yaml[600];
        snprintf(yaml, sizeof yaml, RULE("%s"), bad[i]);
        SekRuleFile file = read_text(yaml);
        if (strcmp(error_code(&file), "legacy-aggregation") != 0)
            fail_msg("%s: %s", bad[i], error_code(&file));
        assert_int_equal(file.n_rules, 0);
        assert_int_equal(file.diags[0].line, 10);
        sek_rulefile_deinit(&file);
    }
    assert_text(RULE("a | near d"), "error: undefined-name");
    assert_text(RULE("a | near"), "error: bad-condition");
    SekRuleFile file = read_text(RULE("a | count() > x"));
    assert_int_equal(file.diags[0].column, 18);
    sek_rulefile_deinit(&file);
}

static void test_references__mean_the_correlation(void **state) {
    (void)state;
    SekRuleFile file = read_text(RULE("a | count() > 5") "---\ntitle: C\ncorrelation:\n"
                                                         "    type: event_count\n    rules: [" ID
                                                         "]\n    timespan: 1h\n"
                                                         "    condition: {gte: 2}\n");
    assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
    assert_string_equal(error_code(&file), "");
    assert_ptr_equal(file.rules[2]->correlation->targets[0], file.rules[0]);
    assert_int_equal(file.rules[2]->correlation->depth, 2);
    sek_rulefile_deinit(&file);
}

static void test_filters__go_to_the_rule_that_is_counted(void **state) {
    (void)state;
#define FILTER(rules)                                                                              \
    "---\ntitle: F\nlogsource: {product: windows}\nfilter:\n    rules: " rules                     \
    "\n    s: {U: x}\n    condition: not s\n"
    static const char *const texts[] = {RULE("a | near b") FILTER("[" ID "]"),
                                        RULE("a | near b") FILTER("any"),
                                        RULE("a | near b") FILTER("[t]")};
    for (size_t i = 0; i < 3; i++) {
        SekRuleFile file = read_text(texts[i]);
        assert_int_equal(sek_filters_apply(&file), SEK_OK);
        const SekCorrelation *c = file.rules[0]->correlation;
        assert_string_equal(show_expr(c->targets[0]->condition), "(and A=#1 (not U=x))");
        assert_string_equal(show_expr(c->targets[1]->condition), "B=#1");
        assert_null(find_diag(&file, "no-effect"));
        sek_rulefile_deinit(&file);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_count__is_event_count_on_the_condition),
        cmocka_unit_test(test_functions__and_their_correlations),
        cmocka_unit_test(test_groups__are_one_or_several_fields),
        cmocka_unit_test(test_relations__all_of_them),
        cmocka_unit_test(test_timeframe__without_one_the_whole_log_is_a_window),
        cmocka_unit_test(test_near__is_temporal_over_the_selections),
        cmocka_unit_test(test_errors__say_what_cannot_be_read),
        cmocka_unit_test(test_references__mean_the_correlation),
        cmocka_unit_test(test_filters__go_to_the_rule_that_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
