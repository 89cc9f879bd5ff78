/* SPDX-License-Identifier: Apache-2.0 */

/* What correlations are connected to once a ruleset is built: references, silence, rules that no log
 * can feed, and that the cost grows with the references, not with their square. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/ruleset.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DETECTION(name, product)                                                                     \
    "title: " name "\nname: " name "\nlogsource: {product: " product ", service: security}\n"      \
    "detection: {s: {EventID: 4625}, condition: s}\n---\n"
#define CORRELATION(name, rest)                                                                      \
    "title: " name "\nname: " name "\ncorrelation: {timespan: 1h, group-by: [User], " rest "}\n---\n"

static SekRuleset *read_rules(SekStr yaml) {
    SekRuleset *rules = calloc(1, sizeof *rules);
    assert_non_null(rules);
    sek_rulefile_init(&rules->file);
    assert_int_equal(sek_rules_read(&rules->file, SEK_STR("test.yml"), yaml), SEK_OK);
    assert_int_equal(sek_correlations_resolve(&rules->file), SEK_OK);
    return rules;
}

static SekRuleset *load(const char *yaml) {
    SekRuleset *rules = read_rules(sek_str(yaml));
    assert_int_equal(sek_ruleset_build(rules), SEK_OK);
    return rules;
}

static const SekRuleInfo *named(const SekRuleset *rules, const char *title) {
    for (size_t i = 0; i < sek_ruleset_count(rules); i++)
        if (sek_str_eq(sek_ruleset_rule(rules, i)->title, sek_str(title)))
            return sek_ruleset_rule(rules, i);
    return NULL;
}

static const SekRuleProblem *problem_of(const SekRuleset *rules, const char *title) {
    for (size_t i = 0; i < sek_ruleset_problem_count(rules); i++)
        if (sek_str_eq(sek_ruleset_problem(rules, i)->rule_title, sek_str(title)))
            return sek_ruleset_problem(rules, i);
    return NULL;
}

static bool is_silent(const SekRuleset *rules, const char *title) {
    const SekRuleInfo *info = named(rules, title);
    assert_non_null(info);
    return rules->silent[info - rules->infos];
}

static void every_reference_becomes_a_tap(void **state) {
    (void)state;
    SekRuleset *rules = load(DETECTION("a", "windows") DETECTION("b", "windows") DETECTION("free", "windows")
                                 CORRELATION("one", "type: event_count, rules: [a, b], condition: {gte: 2}")
                                     CORRELATION("two", "type: temporal, rules: [b, one], generate: true"));
    assert_int_equal(rules->n_correlations, 2);
    assert_int_equal(rules->n_taps, 3); /* `one` itself is fed by what came true, not by events */
    for (uint32_t i = 0; i < rules->n_taps; i++) {
        const SekCorrelationRule *c = &rules->correlations[rules->taps[i].correlation];
        assert_true(rules->taps[i].reference < c->what->n_rules);
        assert_int_not_equal(c->targets[rules->taps[i].reference], UINT32_MAX);
    }
    assert_true(is_silent(rules, "a"));
    assert_false(is_silent(rules, "b")); /* `two` says generate */
    assert_false(is_silent(rules, "one"));
    assert_false(is_silent(rules, "free"));
    sek_ruleset_free(rules);
}

static void a_correlation_that_nothing_can_feed_is_refused(void **state) {
    (void)state;
    SekRuleset *rules = load(DETECTION("a", "linux") DETECTION("b", "macos")
                                 CORRELATION("count", "type: event_count, rules: [a, b], condition: {gte: 2}")
                                     CORRELATION("outer", "type: event_count, rules: [count], condition: {gte: 2}"));
    assert_int_equal(sek_ruleset_count(rules), 0);
    assert_int_equal(sek_ruleset_problem_count(rules), 4);
    static const char *const titles[] = {"count", "outer"};
    for (size_t i = 0; i < 2; i++) {
        const SekRuleProblem *p = problem_of(rules, titles[i]);
        assert_non_null(p);
        assert_true(p->not_loaded && p->line > 1 && p->column > 1);
        assert_string_equal(p->code, "reference-not-loaded");
    }
    sek_ruleset_free(rules);
}

static void a_correlation_that_lacks_some_rules_may_stay(void **state) {
    (void)state;
    SekRuleset *rules = load(DETECTION("a", "windows") DETECTION("b", "linux")
                                 CORRELATION("count", "type: event_count, rules: [a, b], condition: {gte: 2}")
                                     CORRELATION("either", "type: temporal, rules: [a, b], condition: a or b")
                                         CORRELATION("both", "type: temporal, rules: [a, b]"));
    assert_non_null(named(rules, "count"));
    assert_false(problem_of(rules, "count")->not_loaded);
    assert_non_null(named(rules, "either"));
    assert_null(named(rules, "both")); /* it can never come true */
    assert_true(problem_of(rules, "both")->not_loaded);
    sek_ruleset_free(rules);
}

static const SekRuleProblem *unheard(const SekRuleset *rules, const char *title) {
    for (size_t i = 0; i < sek_ruleset_problem_count(rules); i++) {
        const SekRuleProblem *p = sek_ruleset_problem(rules, i);
        if (sek_str_eq(p->rule_title, sek_str(title)) && strcmp(p->code, "unheard") == 0)
            return p;
    }
    return NULL;
}

static void rules_of_a_correlation_that_is_not_loaded_stay_silent(void **state) {
    (void)state;
    static const char *const refused[] = {
        CORRELATION("x", "type: event_count, rules: [a, b], condition: {gte: many}"),
        CORRELATION("x", "typo: event_count, rules: [a, b], condition: {gte: 2}"),
        CORRELATION("x", "type: temporal, condition: a and b and no_such"),
        CORRELATION("x", "type: event_count, rules: [a, b, no_such], condition: {gte: 2}"),
        CORRELATION("x", "type: temporal, rules: [a, b, linux]"),
        "title: x\nfilter: {}\ncorrelation: {type: temporal, timespan: 1h, rules: [a, b]}\n---\n",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char yaml[2000];
        snprintf(yaml, sizeof yaml, "%s%s%s", DETECTION("a", "windows") DETECTION("b", "windows")
                 DETECTION("free", "windows") DETECTION("linux", "linux"), refused[i],
                 CORRELATION("loud", "type: temporal, rules: [b, free], generate: true"));
        SekRuleset *rules = load(yaml);
        assert_null(named(rules, "x"));
        assert_true(is_silent(rules, "a"));
        assert_false(unheard(rules, "a")->not_loaded);
        assert_false(is_silent(rules, "b")); /* another one asks for its findings */
        assert_null(unheard(rules, "b"));
        assert_false(is_silent(rules, "free"));
        sek_ruleset_free(rules);
    }
    static const char *const harmless[] = {
        CORRELATION("x", "type: event_count, rules: [a, no_such], generate: true, condition: {gte: 2}"),
        CORRELATION("x", "type: event_count, rules: [a], generate: true, condition: {gte: many}"),
        "title: x\ngenerate: true\ncorrelation: {type: temporal, timespan: never, rules: [a]}\n---\n",
        CORRELATION("x", "type: event_count, rules: {a: b}, condition: {gte: 2}"), "title: x\ncorrelation: [a]\n---\n"};
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
        char yaml[2000];
        snprintf(yaml, sizeof yaml, "%s%s", DETECTION("a", "windows"), harmless[i]);
        SekRuleset *rules = load(yaml);
        assert_int_equal(sek_ruleset_count(rules), 1);
        assert_false(is_silent(rules, "a"));
        assert_null(unheard(rules, "a"));
        sek_ruleset_free(rules);
    }
}

static void an_aggregation_that_no_log_feeds_is_one_problem(void **state) {
    (void)state;
    SekRuleset *rules = load("title: old\nid: 6f3e2987-db24-4c78-a860-b4f4095a7095\n"
                             "logsource: {product: linux, service: auth}\n"
                             "detection: {s: {A: 1}, timeframe: 1h, condition: s | count(B) by C > 5}\n");
    assert_int_equal(sek_ruleset_count(rules), 0);
    assert_int_equal(sek_ruleset_problem_count(rules), 1);
    assert_string_equal(sek_ruleset_problem(rules, 0)->code, "log-source");
    sek_ruleset_free(rules);
}

/* CPU seconds to connect `n` correlations of 16 references each to `n` rules. */
static double seconds_for(unsigned n) {
    SekBuf yaml;
    sek_buf_init(&yaml, 64u << 20);
    for (unsigned i = 0; i < n; i++)
        sek_buf_addf(&yaml, "title: r\nname: r%u\nlogsource: {product: windows, service: security}\n"
                            "detection: {s: {A: '%u'}, condition: s}\n---\n", i, i);
    for (unsigned i = 0; i < n; i++) {
        sek_buf_addf(&yaml, "title: c%u\ncorrelation: {type: event_count, timespan: 1h, condition: {gte: 2}, rules: [", i);
        for (unsigned k = 0; k < 16; k++)
            sek_buf_addf(&yaml, "%sr%u", k ? ", " : "", (i * 7 + k) % n);
        sek_buf_adds(&yaml, "]}\n---\n");
    }
    SekRuleset *rules = read_rules(sek_buf_str(&yaml));
    sek_buf_deinit(&yaml);
    clock_t start = clock();
    assert_int_equal(sek_ruleset_build(rules), SEK_OK);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    assert_int_equal(rules->n_correlations, n);
    assert_int_equal(rules->n_taps, 16 * n);
    sek_ruleset_free(rules);
    return seconds;
}

static void connecting_correlations_takes_linear_time(void **state) {
    (void)state;
    double few = 1e9, many = 1e9;
    for (int i = 0; i < 3; i++) {
        double a = seconds_for(1000), b = seconds_for(8000);
        few = a < few ? a : few;
        many = b < many ? b : many;
    }
    /* 8 times as many: 8 when linear, 64 when every reference is looked for among all rules. */
    if (many > 28 * few + 0.02)
        fail_msg("1000 correlations take %.3f s, 8000 take %.3f s", few, many);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reference_becomes_a_tap),
        cmocka_unit_test(a_correlation_that_nothing_can_feed_is_refused),
        cmocka_unit_test(a_correlation_that_lacks_some_rules_may_stay),
        cmocka_unit_test(rules_of_a_correlation_that_is_not_loaded_stay_silent),
        cmocka_unit_test(an_aggregation_that_no_log_feeds_is_one_problem),
        cmocka_unit_test(connecting_correlations_takes_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
