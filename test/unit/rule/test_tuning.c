/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_test.h"

#include "base/buf.h"
#include "rule/correlation.h"
#include "rule/filter.h"
#include "rule/tuning.h"

#define ID "6f3e2987-db24-4c78-a860-b4f4095a7095"
#define RULES                                                                                      \
    "title: T\nid: " ID "\nname: t\nlevel: high\nstatus: test\nauthor: Ann, Bob\n"                 \
    "tags: [attack.t1059.001, cve.2020-1]\n"                                                       \
    "logsource: {product: windows, category: process_creation}\n"                                  \
    "detection: {s: {A: 1}, condition: s}\n---\n"                                                  \
    "title: O\nname: o\nlevel: low\nstatus: stable\n"                                              \
    "logsource: {product: windows, service: security}\ndetection: {s: {B: 1}, condition: s}\n---\n" \
    "title: C\nname: c\nlevel: medium\n"                                                           \
    "correlation: {type: event_count, rules: [o], timespan: 1h, condition: {gte: 2}}\n"

static SekStatus tune(SekRuleFile *file, const char *yaml, SekError *err) {
    SekTuning tuning = {0};
    SekStatus status = sek_tuning_read(&tuning, file, SEK_STR("t.yml"), sek_str(yaml), err);
    if (status != SEK_OK)
        return status;
    assert_int_equal(sek_tuning_apply(&tuning, file), SEK_OK);
    assert_int_equal(sek_filters_apply(file), SEK_OK);
    assert_int_equal(sek_correlations_resolve(file), SEK_OK);
    sek_rules_leave_out(file);
    return SEK_OK;
}

/* What is left, as "T:high O:low! C:medium" (a mark for what reports nothing), and how many warnings. */
static void assert_tuned(const char *yaml, const char *expected, uint32_t warnings) {
    SekRuleFile file = read_text(RULES);
    SekError err = {0};
    SekBuf text;
    assert_int_equal(tune(&file, yaml, &err), SEK_OK);
    sek_buf_init(&text, 1024);
    for (uint32_t i = 0; i < file.n_rules; i++)
        sek_buf_addf(&text, "%s%.*s:%s%s", i ? " " : "", SEK_STR_ARG(file.rules[i]->title),
                     sek_level_name(file.rules[i]->level), file.rules[i]->left_out ? "!" : "");
    sek_buf_addc(&text, '\0');
    assert_string_equal(text.data, expected);
    assert_int_equal(file.n_diags, warnings);
    sek_buf_deinit(&text);
    sek_rulefile_deinit(&file);
}

static void entries_choose_by_every_key(void **state) {
    (void)state;
    static const char *const keys[] = {
        "id: " ID, "id: 6F3E2987-DB24-4C78-A860-B4F4095A7095", "name: T", "title: t", "status: TEST",
        "level: high", "tag: attack.t1059", "tag: t1059.001", "tag: [cve]", "author: bob",
        "title: T, level: [low, high]",
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char yaml[200];
        (void)snprintf(yaml, sizeof yaml, "tuning: [{%s, set-level: critical}]", keys[i]);
        assert_tuned(yaml, "T:critical O:low C:medium", 0);
    }
}

static void entries_that_are_for_no_rule_are_named(void **state) {
    (void)state;
    static const char all[] = "T:high O:low C:medium";
    assert_tuned("tuning: [{name: tt, set-level: low}]", all, 2); /* the value, the entry */
    assert_tuned("tuning: [{tag: t105, set-level: low}]", all, 2);
    assert_tuned("tuning: [{title: T, level: low, set-level: low}]", all, 1);
    assert_tuned("tuning: [{status: deprecated, disable: true}]", all, 1);
    assert_tuned("tuning: [{id: [" ID ", x], set-level: high}]", all, 1);
}

static void disabled_rules_go_unless_they_are_needed(void **state) {
    (void)state;
    assert_tuned("tuning: [{title: T, disable: true}]", "O:low C:medium", 0);
    assert_tuned("tuning: [{title: O, disable: true}]", "T:high O:low! C:medium", 0);
    assert_tuned("tuning: [{title: [O, C], disable: true}]", "T:high", 0);
    assert_tuned("tuning: [{title: [O, C], disable: true}, {title: O, set-level: high}]", "T:high", 0);
}

static void entries_apply_in_their_order(void **state) {
    (void)state;
    assert_tuned("tuning:\n  - {level: low, set-level: high}\n  - {level: high, set-level: medium}\n",
                 "T:medium O:medium C:medium", 0);
}

static void filters_are_joined_to_what_was_chosen(void **state) {
    (void)state;
    SekRuleFile file = read_text(RULES);
    SekError err = {0};
    assert_int_equal(tune(&file, "tuning:\n  - title: [T, C]\n    filter: {s: {U: x}, condition: not s}\n", &err),
                     SEK_OK);
    assert_string_equal(show_expr(file.rules[0]->condition), "(and A=#1 (not U=x))");
    assert_string_equal(show_expr(file.rules[1]->condition), "B=#1");
    assert_non_null(find_diag(&file, "no-effect")); /* C is a correlation */
    sek_rulefile_deinit(&file);
}

static void sigma_filters_may_stand_beside(void **state) {
    (void)state;
    SekRuleFile file = read_text(RULES);
    SekError err = {0};
    assert_int_equal(tune(&file,
                          "title: F\nlogsource: {product: windows}\nfilter: {rules: [o], s: {U: x}, condition: not s}\n"
                          "---\ntuning: [{title: T, set-level: low}]\n",
                          &err),
                     SEK_OK);
    assert_string_equal(show_expr(file.rules[1]->condition), "(and B=#1 (not U=x))");
    assert_int_equal(file.rules[0]->level, SEK_LEVEL_LOW);
    sek_rulefile_deinit(&file);
}

static void mistakes_stop_with_their_place(void **state) {
    (void)state;
    static const struct {
        const char *yaml;
        uint32_t line, column;
        const char *words;
    } cases[] = {
        {"tuning:\n  - {id: x}\n", 2, 5, "changes nothing"},
        {"tuning:\n  - {disable: true}\n", 2, 5, "which rules"},
        {"tuning:\n  - {id: x, disabled: true}\n", 2, 13, "no key of an entry"},
        {"tuning:\n  - {id: x, disable: yes}\n", 2, 22, "disable: true"},
        {"tuning:\n  - {id: x, set-level: hihg}\n", 2, 24, "set-level"},
        {"tuning:\n  - {id: [], disable: true}\n", 2, 10, "empty list"},
        {"tuning:\n  - {id: {a: b}, disable: true}\n", 2, 10, "text or a list"},
        {"tuning:\n  - {id: x, filter: {s: {A|nosuch: 1}, condition: s}}\n", 2, 26, "nosuch"},
        {"tuning:\n  - {id: x, filter: {s: {A: 1}}}\n", 2, 21, "condition"},
        {"tuning:\n  - {id: x, filter: none}\n", 2, 21, "map"},
        {"tuning: {id: x}\n", 1, 9, "a list of entries"},
        {"tuning: []\n", 1, 9, "empty"},
        {"tuning:\n", 1, 8, "a list of entries"},
        {"- {id: x, disable: true}\n", 1, 1, "tuning"},
        {"disable\n", 1, 1, "tuning"},
        {"", 1, 1, "holds nothing"},
        {"# later\n", 1, 1, "holds nothing"},
        {"rules: []\n", 1, 1, "tuning"},
        {"tuning: [\n", 0, 0, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SekRuleFile file = read_text(RULES);
        SekError err = {0};
        assert_int_equal(tune(&file, cases[i].yaml, &err), SEK_ERR_INPUT);
        if (cases[i].line) {
            assert_int_equal(err.line, cases[i].line);
            assert_int_equal(err.column, cases[i].column);
        }
        assert_non_null(strstr(err.what, cases[i].words));
        sek_rulefile_deinit(&file);
    }
}

static void too_many_values_and_entries_are_a_limit(void **state) {
    (void)state;
    for (int entries = 0; entries < 2; entries++) {
        SekRuleFile file = read_text(RULES);
        SekError err = {0};
        SekBuf yaml;
        sek_buf_init(&yaml, 1u << 22);
        sek_buf_adds(&yaml, entries ? "tuning:\n" : "tuning:\n  - disable: true\n    id: [x");
        for (int i = 0; i < 10001; i++)
            sek_buf_adds(&yaml, entries ? "  - {id: x, disable: true}\n" : ",x");
        sek_buf_adds(&yaml, entries ? "" : "]\n");
        sek_buf_addc(&yaml, '\0');
        assert_int_equal(tune(&file, yaml.data, &err), SEK_ERR_LIMIT);
        sek_buf_deinit(&yaml);
        sek_rulefile_deinit(&file);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_choose_by_every_key),
        cmocka_unit_test(entries_that_are_for_no_rule_are_named),
        cmocka_unit_test(disabled_rules_go_unless_they_are_needed),
        cmocka_unit_test(entries_apply_in_their_order),
        cmocka_unit_test(filters_are_joined_to_what_was_chosen),
        cmocka_unit_test(sigma_filters_may_stand_beside),
        cmocka_unit_test(mistakes_stop_with_their_place),
        cmocka_unit_test(too_many_values_and_entries_are_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
