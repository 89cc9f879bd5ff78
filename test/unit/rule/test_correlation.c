/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_test.h"

#include "base/buf.h"
#include "rule/correlation.h"
#include "rule/timespan.h"

#define SECOND SEK_TIMESPAN_SECOND

/* A correlation rule around the lines of its `correlation`, indented by four blanks. */
#define HEAD "title: C\ncorrelation:\n"
#define BASE "---\ntitle: B\nname: base\nid: 5638f7c0-ac70-491d-8465-2a65075e0d86\n" LOG
#define LOG "logsource: {product: windows}\ndetection: {s: {A: 1}, condition: s}\n"
#define COUNT HEAD "    type: event_count\n    rules: [base]\n    timespan: 1m\n"
#define OTHER(name) "---\ntitle: " name "\nname: " name "\n" LOG

static bool is(SekStr text, const char *expected) {
    return sek_str_eq(text, sek_str(expected));
}

/* Reads a text whose first document is a correlation without errors, and gives that. */
static const SekCorrelation *only(SekRuleFile *file, const char *yaml) {
    *file = read_text(yaml);
    assert_string_equal(error_code(file), "");
    assert_true(file->n_rules > 0 && file->rules[0]->correlation);
    assert_null(file->rules[0]->condition);
    return file->rules[0]->correlation;
}

static void assert_code(const char *yaml, const char *code, uint32_t line) {
    SekRuleFile file = read_text(yaml);
    assert_string_equal(error_code(&file), code);
    assert_int_equal(find_diag(&file, code)->line, line);
    assert_true(find_diag(&file, code)->column > 0);
    sek_rulefile_deinit(&file);
}

static void assert_resolved(const char *yaml, const char *code, uint32_t n_left) {
    SekRuleFile file = read_text(yaml);
    assert_string_equal(error_code(&file), "");
    assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
    if (file.n_rules != n_left)
        fail_msg("%u rules left instead of %u", file.n_rules, n_left);
    bool found = *code == '\0' && file.n_diags == 0;
    for (uint32_t i = 0; i < file.n_diags; i++)
        found = found || strcmp(file.diags[i].code, code) == 0;
    if (!found)
        fail_msg("no %s: %s", code, file.n_diags ? file.diags[0].code : "nothing");
    sek_rulefile_deinit(&file);
}

/* --- parts --------------------------------------------------------------------------------- */

static void test_correlation__everything_is_kept(void **state) {
    (void)state;
    SekRuleFile file;
    const SekCorrelation *c =
        only(&file,
             "title: C\nid: 0e95725d-7320-415d-80f7-004da920fc11\nname: many\nstatus: test\n"
             "level: high\ntags: [attack.t1110]\ngenerate: true\ncorrelation:\n"
             "    type: value_count\n    rules:\n        - base\n        - other\n"
             "    group-by:\n        - Computer\n        - who\n    timespan: 90m\n"
             "    aliases:\n        who:\n            base: TargetUserName\n"
             "            other: SubjectUserName\n"
             "    condition:\n        gte: 10\n        lt: 20.5\n        field: [User, Domain]\n");
    const SekRule *rule = file.rules[0];
    assert_true(is(rule->title, "C") && is(rule->name, "many") &&
                is(rule->tags[0], "attack.t1110"));
    assert_int_equal(rule->level, SEK_LEVEL_HIGH);
    assert_int_equal(rule->logsource.product.len, 0);
    assert_int_equal(c->type, SEK_CORR_VALUE_COUNT);
    assert_int_equal(c->n_rules, 2);
    assert_true(is(c->rules[1], "other"));
    assert_int_equal(c->places[1].line, 12);
    assert_int_equal(c->places[1].column, 11);
    assert_int_equal(c->n_group_by, 2);
    assert_true(is(c->group_by[1], "who"));
    assert_int_equal(c->timespan, 5400 * SECOND);
    assert_int_equal(c->n_aliases, 1);
    assert_true(is(c->aliases[0].name, "who") && c->aliases[0].n_fields == 2);
    assert_true(is(c->aliases[0].fields[1].rule, "other"));
    assert_true(is(c->aliases[0].fields[1].field, "SubjectUserName"));
    assert_int_equal(c->n_bounds, 2);
    assert_true(c->bounds[0].op == SEK_OP_GTE && c->bounds[0].value == 10);
    assert_true(c->bounds[1].op == SEK_OP_LT && c->bounds[1].value == 20.5);
    assert_int_equal(c->n_fields, 2);
    assert_true(is(c->fields[1], "Domain"));
    assert_true(c->generate);
    assert_null(c->expr);
    sek_rulefile_deinit(&file);
}

static void test_correlation__short_forms(void **state) {
    (void)state;
    SekRuleFile file;
    const SekCorrelation *c = only(&file, HEAD "    type: value_sum\n    rules: base\n"
                                               "    group-by: User\n    timespan: 2d\n"
                                               "    generate: true\n"
                                               "    condition: {gt: -1e3, field: Size}\n" BASE);
    assert_int_equal(file.n_rules, 2);
    assert_int_equal(file.rules[0]->level, SEK_LEVEL_INFORMATIONAL);
    assert_true(c->n_rules == 1 && is(c->rules[0], "base"));
    assert_true(c->n_group_by == 1 && is(c->group_by[0], "User"));
    assert_true(c->n_fields == 1 && is(c->fields[0], "Size"));
    assert_true(c->bounds[0].value == -1000);
    assert_true(c->generate);
    sek_rulefile_deinit(&file);
    c = only(&file, COUNT "    condition: {eq: 3}\n");
    assert_int_equal(c->n_group_by, 0);
    assert_false(c->generate);
    sek_rulefile_deinit(&file);
}

static void test_types__all_are_read_by_their_names(void **state) {
    (void)state;
    for (int i = SEK_CORR_EVENT_COUNT; i <= SEK_CORR_VALUE_MEDIAN; i++) {
        const char *name = sek_correlation_type_name((SekCorrelationType)i);
        bool counts =
            i == SEK_CORR_EVENT_COUNT || i == SEK_CORR_TEMPORAL || i == SEK_CORR_TEMPORAL_ORDERED;
        char yaml[400];
        snprintf(yaml, sizeof yaml,
                 HEAD "    type: %s\n    rules: [a]\n    timespan: 1s\n"
                      "    condition: {gte: 1%s}\n",
                 name, counts ? "" : ", field: F");
        SekRuleFile file;
        assert_int_equal(only(&file, yaml)->type, i);
        sek_rulefile_deinit(&file);
    }
    assert_code(HEAD "    type: Event_Count\n", "bad-correlation", 3);
    assert_code(HEAD "    rules: [a]\n", "bad-correlation", 3);
}

static void test_operators__all_six(void **state) {
    (void)state;
    static const struct {
        const char *name;
        SekOp op;
        bool negate;
    } ops[] = {{"gt", SEK_OP_GT, false},   {"gte", SEK_OP_GTE, false}, {"lt", SEK_OP_LT, false},
               {"lte", SEK_OP_LTE, false}, {"eq", SEK_OP_EQ, false},   {"neq", SEK_OP_EQ, true}};
    for (size_t i = 0; i < 6; i++) {
        char yaml[300];
        snprintf(yaml, sizeof yaml, COUNT "    condition: {%s: 5}\n", ops[i].name);
        SekRuleFile file;
        const SekCorrelation *c = only(&file, yaml);
        assert_int_equal(c->n_bounds, 1);
        assert_int_equal(c->bounds[0].op, ops[i].op);
        assert_int_equal(c->bounds[0].negate, ops[i].negate);
        sek_rulefile_deinit(&file);
    }
}

static void test_percentile__is_a_number_from_0_to_100_and_50_unless_given(void **state) {
    (void)state;
#define PERCENTILE HEAD "    type: value_percentile\n    rules: [a]\n    timespan: 1h\n"
    SekRuleFile file;
    const SekCorrelation *c = only(&file, PERCENTILE "    condition: {lte: 1, field: F}\n");
    assert_true(c->percentile == 50);
    assert_non_null(find_diag(&file, "default-percentile"));
    sek_rulefile_deinit(&file);
    c = only(&file, PERCENTILE "    condition: {lte: 1, field: F, percentile: 99.5}\n");
    assert_true(c->percentile == 99.5);
    assert_int_equal(file.n_diags, 0);
    sek_rulefile_deinit(&file);
    assert_code(PERCENTILE "    condition: {lte: 1, field: F, percentile: 101}\n",
                "bad-correlation", 6);
    assert_code(PERCENTILE "    condition: {lte: 1, field: F, percentile: '9'}\n",
                "bad-correlation", 6);
    assert_code(COUNT "    condition: {gte: 1, percentile: 9}\n", "bad-correlation", 6);
}

static void test_errors__name_what_is_missing_or_wrong(void **state) {
    (void)state;
    assert_code("title: C\ncorrelation: x\n", "bad-correlation", 2);
    assert_code("correlation:\n    type: event_count\n", "missing-title", 1);
    assert_code(COUNT "    group_by: [A]\n    condition: {gte: 1}\n", "bad-correlation", 6);
    assert_code(COUNT, "bad-correlation", 3);
    assert_code(COUNT "    condition:\n", "bad-correlation", 3);
    assert_code(COUNT "    condition: {}\n", "bad-correlation", 6);
    assert_code(COUNT "    condition: [gte, 1]\n", "bad-correlation", 6);
    assert_code(COUNT "    condition: a and b\n", "bad-correlation", 6);
    assert_code(COUNT "    condition: {gte: '10'}\n", "bad-correlation", 6);
    assert_code(COUNT "    condition: {gte: .inf}\n", "bad-correlation", 6);
    assert_code(COUNT "    condition: {ge: 10}\n", "bad-correlation", 6);
    assert_code(COUNT "    condition: {gte: 10, field: F}\n", "bad-correlation", 6);
    assert_code(COUNT "    generate: 'yes'\n    condition: {gte: 1}\n", "bad-correlation", 6);
    assert_code("generate: false\n" COUNT "    generate: true\n    condition: {gte: 1}\n",
                "bad-correlation", 7);
    assert_code(COUNT "    group-by: {a: b}\n    condition: {gte: 1}\n", "bad-list", 6);
    assert_code(COUNT "    group-by: [a, [b]]\n    condition: {gte: 1}\n", "bad-list", 6);
    assert_code(COUNT "    aliases: [a]\n    condition: {gte: 1}\n", "bad-correlation", 6);
    assert_code(COUNT "    aliases: {a: b}\n    condition: {gte: 1}\n", "bad-correlation", 6);
    assert_code(COUNT "    aliases: {a: {b: [c, d]}}\n    condition: {gte: 1}\n", "bad-correlation",
                6);
    assert_code(HEAD "    type: event_count\n    rules: []\n    timespan: 1m\n", "bad-correlation",
                4);
    assert_code(HEAD "    type: event_count\n    rules: [a]\n    condition: {gte: 1}\n",
                "bad-correlation", 3);
    assert_code(HEAD "    type: value_avg\n    rules: [a]\n    timespan: 1m\n"
                     "    condition: {gte: 1}\n",
                "bad-correlation", 6);
    assert_code(HEAD "    type: value_avg\n    rules: [a]\n    timespan: 1m\n"
                     "    condition: {gte: 1, field: [a, b]}\n",
                "bad-correlation", 6);
    assert_code("title: T\n" LOG "correlation: {type: temporal}\n", "two-kinds", 3);
}

/* --- timespans ----------------------------------------------------------------------------- */

static void test_timespan__units(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t seconds;
    } good[] = {{"1s", 1},        {"15m", 900},    {"2h", 7200},
                {"1d", 86400},    {"2w", 1209600}, {"1M", 2592000},
                {"1y", 31536000}, {"007s", 7},     {"100y", 36500ull * 86400}};
    uint64_t span;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(sek_timespan_parse(sek_str(good[i].text), &span), SEK_OK);
        assert_int_equal(span, good[i].seconds * SECOND);
    }
    static const char *const bad[] = {"",    "s",    "1",  "1S",  "1 s", "-1s",
                                      "+1s", "1.5h", "0m", "1ms", "m1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(sek_timespan_parse(sek_str(bad[i]), &span), SEK_ERR_INPUT);
    assert_int_equal(sek_timespan_parse(SEK_STR("36501d"), &span), SEK_ERR_LIMIT);
    assert_int_equal(sek_timespan_parse(SEK_STR("99999999999999999999999s"), &span), SEK_ERR_LIMIT);
}

static void test_timespan__in_a_rule(void **state) {
    (void)state;
    assert_code(HEAD "    type: event_count\n    rules: [a]\n    timespan: 60\n", "bad-correlation",
                5);
    assert_code(HEAD "    type: event_count\n    rules: [a]\n    timespan: [1m]\n",
                "bad-correlation", 5);
    assert_code(HEAD "    type: event_count\n    rules: [a]\n    timespan: 101y\n", "limit", 5);
}

/* --- conditions ---------------------------------------------------------------------------- */

#define TEMPORAL HEAD "    type: temporal\n    rules: [a, b, c]\n    timespan: 1m\n"
#define ORDERED HEAD "    type: temporal_ordered\n    rules: [a, b, c]\n    timespan: 1m\n"

static void put_expr(char *out, size_t size, const SekCorrelation *c, const SekCorrExpr *e) {
    size_t n = strlen(out);
    if (e->kind == SEK_EXPR_ITEM) {
        snprintf(out + n, size - n, "%.*s", SEK_STR_ARG(c->rules[e->rule]));
        return;
    }
    static const char *const names[] = {"", "and", "or", "not"};
    snprintf(out + n, size - n, "(%s", names[e->kind]);
    for (uint32_t i = 0; i < e->n_kids; i++) {
        strcat(out, " ");
        put_expr(out, size, c, e->kids[i]);
    }
    strcat(out, ")");
}

static void assert_expr(const char *yaml, const char *expected, const char *warning) {
    SekRuleFile file;
    const SekCorrelation *c = only(&file, yaml);
    char text[500] = "";
    put_expr(text, sizeof text, c, c->expr);
    assert_string_equal(text, expected);
    assert_string_equal(file.n_diags ? file.diags[0].code : "", warning);
    sek_rulefile_deinit(&file);
}

static void test_extended__conditions_are_trees_over_rules(void **state) {
    (void)state;
    assert_expr(TEMPORAL "    condition: a and not b or c\n", "(or (and a (not b)) c)", "");
    assert_expr(TEMPORAL "    condition: a and (b or c)\n", "(and a (or b c))", "");
    assert_expr(TEMPORAL "    condition: all of them\n", "(and a b c)", "");
}

static void test_extended__rules_may_be_named_by_the_condition_alone(void **state) {
    (void)state;
    assert_expr(HEAD "    type: temporal\n    timespan: 1m\n    condition: (a and not b) or a\n",
                "(or (and a (not b)) a)", "");
    SekRuleFile file;
    const SekCorrelation *c = only(
        &file, HEAD "    type: temporal\n    timespan: 1m\n    condition: x and not y and x\n");
    assert_int_equal(c->n_rules, 2);
    assert_true(is(c->rules[0], "x") && is(c->rules[1], "y"));
    sek_rulefile_deinit(&file);
}

static void test_extended__errors(void **state) {
    (void)state;
    assert_expr(TEMPORAL "    condition: a and b\n", "(and a b)", "no-effect");
    assert_expr(TEMPORAL "    condition: b and not a\n", "(and b (not a))", "no-effect");
    /* Windows are made of what is listed: here of those in which only b and c are. */
    assert_expr(TEMPORAL "    condition: not a\n", "(not a)", "");
    assert_expr(TEMPORAL "    condition: not (a or b)\n", "(not (or a b))", "");
    assert_code(TEMPORAL "    condition: a and d\n", "undefined-name", 6);
    assert_code(TEMPORAL "    condition: a AND b\n", "bad-condition", 6);
    assert_code(TEMPORAL "    condition: a and\n", "bad-condition", 6);
    assert_code(TEMPORAL "    condition: a | count() > 5\n", "bad-condition", 6);
    assert_code(ORDERED "    condition: a and b\n", "bad-correlation", 6);
}

static void test_temporal__counts_rules(void **state) {
    (void)state;
    SekRuleFile file;
    const SekCorrelation *c = only(&file, TEMPORAL);
    assert_int_equal(c->n_bounds, 0);
    sek_rulefile_deinit(&file);
    c = only(&file, TEMPORAL "    condition: {gte: 2}\n");
    assert_int_equal(c->n_bounds, 1);
    sek_rulefile_deinit(&file);
    assert_code(TEMPORAL "    condition: {gte: 2, field: F}\n", "bad-correlation", 6);
}

static void test_temporal_ordered__wants_all_its_rules_or_at_least_so_many(void **state) {
    (void)state;
    static const char *const all[] = {"gte: 3", "eq: 3", "gt: 2", "gt: 2, lte: 3"};
    for (size_t i = 0; i < 4; i++) {
        char yaml[300];
        snprintf(yaml, sizeof yaml, ORDERED "    condition: {%s}\n", all[i]);
        SekRuleFile file;
        assert_int_equal(only(&file, yaml)->n_bounds, 0);
        sek_rulefile_deinit(&file);
    }
    SekRuleFile some;
    const SekCorrelation *c = only(&some, ORDERED "    condition: {gt: 1, lte: 5}\n");
    assert_int_equal(c->n_bounds, 1); /* at least two of the three */
    assert_int_equal(c->bounds[0].op, SEK_OP_GTE);
    assert_true(c->bounds[0].value == 2);
    sek_rulefile_deinit(&some);
    assert_code(ORDERED "    condition: {gte: 1}\n", "bad-correlation", 6);
    assert_code(ORDERED "    condition: {eq: 2}\n", "bad-correlation", 6);
    assert_code(ORDERED "    condition: {lte: 3}\n", "bad-correlation", 6);
    assert_code(ORDERED "    condition: {gte: 4}\n", "bad-correlation", 6);
}

static void test_conditions__that_no_window_meets_are_a_warning(void **state) {
    (void)state;
    static const char *const never[] = {"{gt: 5, lt: 5}", "{gt: 10, lte: 10}", "{lt: 1}",
                                        "{eq: 0}",        "{gte: 3, lte: 2}",  "{eq: 4, gt: 4}"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        char yaml[300];
        snprintf(yaml, sizeof yaml, COUNT "    condition: %s\n", never[i]);
        SekRuleFile file;
        (void)only(&file, yaml);
        assert_non_null(find_diag(&file, "never-true"));
        sek_rulefile_deinit(&file);
    }
    static const char *const fine[] = {"{gte: 5, lte: 5}", "{lte: 1}", "{neq: 0}",
                                       "{gt: 1, lt: 2}"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        char yaml[300];
        snprintf(yaml, sizeof yaml, COUNT "    condition: %s\n", fine[i]);
        SekRuleFile file;
        (void)only(&file, yaml);
        assert_int_equal(file.n_diags, 0);
        sek_rulefile_deinit(&file);
    }
    SekRuleFile file;
    (void)only(&file, TEMPORAL "    condition: {gte: 4}\n");
    assert_non_null(find_diag(&file, "never-true"));
    sek_rulefile_deinit(&file);
}

static void test_repeats__are_dropped_except_in_an_order(void **state) {
    (void)state;
    SekRuleFile file;
    const SekCorrelation *c = only(&file, HEAD "    type: temporal\n    rules: [a, b, a]\n"
                                               "    timespan: 1m\n");
    assert_int_equal(c->n_rules, 2);
    assert_non_null(find_diag(&file, "no-effect"));
    sek_rulefile_deinit(&file);
    c = only(&file, HEAD "    type: temporal_ordered\n    rules: [a, b, a]\n    timespan: 1m\n");
    assert_int_equal(c->n_rules, 3);
    sek_rulefile_deinit(&file);
}

/* --- references ---------------------------------------------------------------------------- */

static void test_resolve__finds_rules_by_id_and_name(void **state) {
    (void)state;
    SekRuleFile file = read_text(HEAD "    type: temporal\n    timespan: 1m\n    rules:\n"
                                      "        - 5638F7C0-ac70-491d-8465-2a65075e0d86\n"
                                      "        - other\n" BASE OTHER("other"));
    assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
    assert_int_equal(file.n_rules, 3);
    assert_int_equal(file.n_diags, 0);
    const SekCorrelation *c = file.rules[0]->correlation;
    assert_ptr_equal(c->targets[0], file.rules[1]);
    assert_ptr_equal(c->targets[1], file.rules[2]);
    assert_int_equal(c->depth, 1);
    assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
    assert_ptr_equal(c->targets[1], file.rules[2]);
    sek_rulefile_deinit(&file);
}

static void test_resolve__over_files_and_before_the_target_is_read(void **state) {
    (void)state;
    SekRuleFile file = read_text(COUNT "    condition: {gte: 2}\n");
    assert_int_equal(sek_rules_read(&file, SEK_STR("b.yml"), sek_str(BASE)), SEK_OK);
    assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
    assert_ptr_equal(file.rules[0]->correlation->targets[0], file.rules[1]);
    sek_rulefile_deinit(&file);
}

static void test_resolve__unknown_references_cost_the_correlation(void **state) {
    (void)state;
    assert_resolved(COUNT "    condition: {gte: 2}\n" OTHER("x"), "unknown-reference", 1);
    assert_resolved(HEAD "    type: event_count\n    timespan: 1m\n    condition: {gte: 2}\n"
                         "    rules: [5638f7c0-ac70-491d-8465-000000000000]\n" BASE,
                    "unknown-reference", 1);
    /* A name is no title, and a UUID is no name. */
    assert_resolved(HEAD "    type: event_count\n    timespan: 1m\n    condition: {gte: 2}\n"
                         "    rules: [B]\n" BASE,
                    "unknown-reference", 1);
}

static void test_resolve__says_when_the_target_was_refused(void **state) {
    (void)state;
    SekRuleFile file =
        read_text(HEAD "    type: event_count\n    timespan: 1m\n    condition: {gte: 2}\n"
                       "    rules: [5638f7c0-ac70-491d-8465-2a65075e0d86]\n---\ntitle: B\n"
                       "id: 5638f7c0-ac70-491d-8465-2a65075e0d86\nlogsource: {product: windows}\n"
                       "detection: {s: {A|never: 1}, condition: s}\n");
    assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
    assert_int_equal(file.n_rules, 0);
    const SekDiag *diag = find_diag(&file, "unknown-reference");
    assert_true(sek_str_find(diag->text, SEK_STR("was not loaded")) > 0);
    assert_int_equal(diag->line, 6);
    assert_int_equal(diag->column, 13);
    sek_rulefile_deinit(&file);
}

static void test_resolve__same_names(void **state) {
    (void)state;
    assert_resolved(COUNT "    condition: {gte: 2}\n" OTHER("base") OTHER("base"),
                    "ambiguous-reference", 2);
    SekRuleFile both = read_text(COUNT "    condition: {gte: 2}\n" OTHER("base") OTHER("base") OTHER("third"));
    assert_int_equal(sek_correlations_resolve(&both), SEK_OK);
    assert_int_equal(both.n_rules, 3); /* which is meant is not known: neither reports */
    assert_true(both.rules[0]->unheard && both.rules[1]->unheard && !both.rules[2]->unheard);
    sek_rulefile_deinit(&both);
    /* The name of another file does not disturb. */
    SekRuleFile file = read_text(OTHER("base"));
    assert_int_equal(
        sek_rules_read(&file, SEK_STR("b.yml"), sek_str(COUNT "    condition: {gte: 2}\n" BASE)),
        SEK_OK);
    assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
    assert_int_equal(file.n_diags, 0);
    assert_ptr_equal(file.rules[1]->correlation->targets[0], file.rules[2]);
    sek_rulefile_deinit(&file);
    /* The same rule loaded twice: the first one. */
    file = read_text(HEAD "    type: event_count\n    timespan: 1m\n    condition: {gte: 2}\n"
                          "    rules: [5638f7c0-ac70-491d-8465-2a65075e0d86]\n");
    assert_int_equal(sek_rules_read(&file, SEK_STR("a"), sek_str(BASE)), SEK_OK);
    assert_int_equal(sek_rules_read(&file, SEK_STR("b"), sek_str(BASE)), SEK_OK);
    assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
    assert_ptr_equal(file.rules[0]->correlation->targets[0], file.rules[1]);
    assert_int_equal(file.n_diags, 1);
    assert_int_equal(file.diags[0].kind, SEK_DIAG_WARNING);
    assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
    assert_int_equal(file.n_diags, 1);
    sek_rulefile_deinit(&file);
}

static void test_resolve__aliases_are_for_listed_rules(void **state) {
    (void)state;
#define ALIAS(rule)                                                                                \
    HEAD "    type: temporal\n    rules: [base, other]\n    timespan: 1m\n    group-by: [x]\n"     \
         "    aliases: {x: {" rule ": F}}\n" BASE OTHER("other") OTHER("third")
    assert_resolved(ALIAS("base"), "", 4);
    assert_resolved(ALIAS("5638f7c0-ac70-491d-8465-2a65075e0d86"), "", 4);
    assert_resolved(ALIAS("third"), "unknown-reference", 3);
}

/* A correlation `name` on `target`. */
static void add_link(SekBuf *buf, const char *name, const char *target) {
    sek_buf_addf(buf,
                 "---\ntitle: %s\nname: %s\ncorrelation: {type: event_count, rules: [%s], "
                 "timespan: 1m, condition: {gte: 1}}\n",
                 name, name, target);
}

static void test_resolve__circles(void **state) {
    (void)state;
    SekBuf buf;
    sek_buf_init(&buf, 1u << 20);
    sek_buf_adds(&buf, "title: B\nname: base\n" LOG);
    add_link(&buf, "a", "b");
    add_link(&buf, "b", "c");
    add_link(&buf, "c", "b");
    add_link(&buf, "self", "self");
    add_link(&buf, "good", "base");
    sek_buf_addc(&buf, '\0');
    SekRuleFile file = read_text(buf.data);
    assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
    assert_int_equal(file.n_rules, 2);
    uint32_t cycles = 0;
    for (uint32_t i = 0; i < file.n_diags; i++) {
        bool leads_to_one = is(file.diags[i].rule_title, "a");
        assert_string_equal(file.diags[i].code, leads_to_one ? "unknown-reference" : "cycle");
        cycles += !leads_to_one;
    }
    assert_int_equal(cycles, 3);
    sek_rulefile_deinit(&file);
    sek_buf_deinit(&buf);
}

/* A chain of `n` correlations, the deepest first or last in the file. */
static SekRuleFile read_chain(uint32_t n, bool reversed) {
    SekBuf buf;
    sek_buf_init(&buf, 16u << 20);
    sek_buf_adds(&buf, "title: B\nname: c0\n" LOG);
    for (uint32_t i = 1; i <= n; i++) {
        uint32_t at = reversed ? n + 1 - i : i;
        char name[20], target[20];
        snprintf(name, sizeof name, "c%u", at);
        snprintf(target, sizeof target, "c%u", at - 1);
        add_link(&buf, name, target);
    }
    sek_buf_addc(&buf, '\0');
    SekRuleFile file = read_text(buf.data);
    assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
    sek_buf_deinit(&buf);
    return file;
}

static void test_resolve__depth_at_and_above_the_limit(void **state) {
    (void)state;
    for (int reversed = 0; reversed < 2; reversed++) {
        SekRuleFile file = read_chain(SEK_CORR_MAX_DEPTH, reversed);
        assert_int_equal(file.n_rules, SEK_CORR_MAX_DEPTH + 1);
        assert_int_equal(file.rules[reversed ? 1 : SEK_CORR_MAX_DEPTH]->correlation->depth,
                         SEK_CORR_MAX_DEPTH);
        sek_rulefile_deinit(&file);
        file = read_chain(SEK_CORR_MAX_DEPTH + 3, reversed);
        assert_int_equal(file.n_rules, SEK_CORR_MAX_DEPTH + 1);
        assert_int_equal(file.n_diags, 3);
        assert_non_null(find_diag(&file, "depth"));
        sek_rulefile_deinit(&file);
        file = read_chain(20000, reversed);
        assert_int_equal(file.n_rules, SEK_CORR_MAX_DEPTH + 1);
        sek_rulefile_deinit(&file);
    }
}

static void test_limit__rules_and_groups_of_a_correlation(void **state) {
    (void)state;
    for (int extra = 0; extra <= 1; extra++) {
        SekBuf buf;
        sek_buf_init(&buf, 1u << 20);
        sek_buf_adds(&buf, HEAD "    type: temporal\n    timespan: 1m\n    rules:\n");
        for (int i = 0; i < SEK_CORR_MAX_RULES + extra; i++)
            sek_buf_addf(&buf, "        - r%d\n", i);
        sek_buf_addc(&buf, '\0');
        SekRuleFile file = read_text(buf.data);
        assert_string_equal(error_code(&file), extra ? "limit" : "");
        sek_rulefile_deinit(&file);
        sek_buf_clear(&buf);
        sek_buf_adds(&buf, COUNT "    condition: {gte: 1}\n    group-by:\n");
        for (int i = 0; i < SEK_CORR_MAX_FIELDS + extra; i++)
            sek_buf_addf(&buf, "        - f%d\n", i);
        sek_buf_addc(&buf, '\0');
        file = read_text(buf.data);
        assert_string_equal(error_code(&file), extra ? "limit" : "");
        sek_rulefile_deinit(&file);
        sek_buf_deinit(&buf);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_correlation__everything_is_kept),
        cmocka_unit_test(test_correlation__short_forms),
        cmocka_unit_test(test_types__all_are_read_by_their_names),
        cmocka_unit_test(test_operators__all_six),
        cmocka_unit_test(test_percentile__is_a_number_from_0_to_100_and_50_unless_given),
        cmocka_unit_test(test_errors__name_what_is_missing_or_wrong),
        cmocka_unit_test(test_timespan__units),
        cmocka_unit_test(test_timespan__in_a_rule),
        cmocka_unit_test(test_extended__conditions_are_trees_over_rules),
        cmocka_unit_test(test_extended__rules_may_be_named_by_the_condition_alone),
        cmocka_unit_test(test_extended__errors),
        cmocka_unit_test(test_temporal__counts_rules),
        cmocka_unit_test(test_temporal_ordered__wants_all_its_rules_or_at_least_so_many),
        cmocka_unit_test(test_conditions__that_no_window_meets_are_a_warning),
        cmocka_unit_test(test_repeats__are_dropped_except_in_an_order),
        cmocka_unit_test(test_resolve__finds_rules_by_id_and_name),
        cmocka_unit_test(test_resolve__over_files_and_before_the_target_is_read),
        cmocka_unit_test(test_resolve__unknown_references_cost_the_correlation),
        cmocka_unit_test(test_resolve__says_when_the_target_was_refused),
        cmocka_unit_test(test_resolve__same_names),
        cmocka_unit_test(test_resolve__aliases_are_for_listed_rules),
        cmocka_unit_test(test_resolve__circles),
        cmocka_unit_test(test_resolve__depth_at_and_above_the_limit),
        cmocka_unit_test(test_limit__rules_and_groups_of_a_correlation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
