/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline_test.h"

static void assert_bad(const char *yaml, uint32_t line, const char *part) {
    SekRuleFile file;
    sek_rulefile_init(&file);
    SekPipeline *pipeline = NULL;
    SekError err = {0};
    assert_int_equal(sek_pipeline_read(&file, SEK_STR("p.yml"), sek_str(yaml), &pipeline, &err),
                     SEK_ERR_INPUT);
    assert_null(pipeline);
    if (err.line != line || !strstr(err.what, part))
        fail_msg("%u:%u: %s", err.line, err.column, err.what);
    assert_null(find_diag(&file, "bad-pipeline"));
    sek_rulefile_deinit(&file);
}

/* --- several pipelines --------------------------------------------------------------------- */

static void test_priority__decides_the_order(void **state) {
    (void)state;
    SekRuleFile file = read_text(RULE("        A: 1\n"));
    SekPipeline *list[3] = {
        read_pipeline(&file, "priority: 20\n" STEPS("  - {type: field_name_suffix, suffix: .c}\n")),
        read_pipeline(&file, "priority: 10\n" STEPS("  - {type: field_name_suffix, suffix: .a}\n")),
        read_pipeline(&file,
                      "priority: 10\n" STEPS("  - {type: field_name_suffix, suffix: .b}\n"))};
    assert_int_equal(sek_pipelines_apply(&file, list, 3), SEK_OK);
    assert_string_equal(show_rule(&file), "A.a.b.c=#1");
    sek_rulefile_deinit(&file);
}

static void test_ids__reach_over_pipelines(void **state) {
    (void)state;
    SekRuleFile file = read_text(RULE("        A: 1\n        B: 1\n"));
    SekPipeline *list[2] = {
        read_pipeline(&file, STEPS("  - {type: field_name_mapping, mapping: {C: D}}\n"
                                   "  - {id: m, type: field_name_mapping, mapping: {A: X}}\n")),
        read_pipeline(&file,
                      STEPS("  - {type: field_name_suffix, suffix: .s, detection_item_conditions: "
                            "[{type: processing_item_applied, processing_item_id: m}]}\n"))};
    assert_int_equal(sek_pipelines_apply(&file, list, 2), SEK_OK);
    assert_string_equal(show_rule(&file), "(and X.s=#1 B=#1)");
    sek_rulefile_deinit(&file);
}

/* --- reading ------------------------------------------------------------------------------- */

static void test_reading__notes_what_it_ignores(void **state) {
    (void)state;
    SekRuleFile file;
    sek_rulefile_init(&file);
    (void)read_pipeline(&file, "name: P\npriority: -5\nallowed_backends: [x]\nfinalizers: []\n"
                               "postprocessing: []\ntransformations:\n"
                               "  - {type: add_field, field: x}\n");
    assert_int_equal(file.n_diags, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_string_equal(file.diags[i].code, "pipeline-ignored");
        assert_int_equal(file.diags[i].kind, SEK_DIAG_WARNING);
        assert_true(sek_str_eq(file.diags[i].source, SEK_STR("p.yml")));
    }
    assert_int_equal(file.diags[2].line, 7);
    sek_rulefile_deinit(&file);
}

static void test_reading__errors(void **state) {
    (void)state;
    assert_bad("", 0, "no pipeline");
    assert_bad("- a\n", 1, "is a map");
    assert_bad("name: [\n", 2, "YAML");
    assert_bad("name: a\n---\nname: b\n", 2, "one document");
    assert_bad("nam: P\n", 1, "`nam`");
    assert_bad("priority: x\n", 1, "priority");
    assert_bad("vars: [a]\n", 1, "vars");
    assert_bad("transformations: {a: b}\n", 1, "list");
    assert_bad(STEPS("  - a\n"), 3, "a map");
    assert_bad(STEPS("  - {mapping: {a: b}}\n"), 3, "`type`");
    assert_bad(STEPS("  - {type: no_such}\n"), 3, "'no_such'");
    assert_bad(STEPS("  - {type: field_name_mapping}\n"), 3, "`mapping`");
    assert_bad(STEPS("  - {type: field_name_mapping, mapping: {a: }}\n"), 3, "nothing");
    assert_bad(STEPS("  - {type: field_name_mapping, mapping: {a: b}, map: c}\n"), 3, "`map`");
    assert_bad(STEPS("  - {type: field_name_prefix}\n"), 3, "`prefix`");
    assert_bad(STEPS("  - {type: replace_string, regex: '(', replacement: x}\n"), 3, "character");
    assert_bad(STEPS("  - {type: add_condition}\n"), 3, "`conditions`");
    assert_bad(STEPS("  - {type: add_condition, conditions: {A|bad: 1}}\n"), 3, "`bad`");
    assert_bad(STEPS("  - {type: change_logsource}\n"), 3, "log source");
    assert_bad(STEPS("  - {type: case, method: title}\n"), 3, "method");
    assert_bad(STEPS("  - {type: value_placeholders, include: [a], exclude: [b]}\n"), 3,
               "together");
    assert_bad(STEPS("  - {type: set_value, value: true, force_type: num}\n"), 3, "force_type");
    assert_bad(STEPS("  - {type: drop_detection_item, rule_conditions: [{type: is_null}]}\n"), 3,
               "'is_null'");
    assert_bad(STEPS("  - {type: drop_detection_item, rule_conditions: x}\n"), 3, "list or map");
    assert_bad(STEPS("  - {type: drop_detection_item, rule_cond_op: xor}\n"), 3, "and or or");
    assert_bad(STEPS("  - {type: drop_detection_item, rule_cond_not: true}\n"), 3, "turn round");
    assert_bad(STEPS("  - {type: drop_detection_item, rule_cond_expr: a}\n"), 3, "with names");
    assert_bad(STEPS("  - {type: drop_detection_item, rule_conditions: {a: {type: is_sigma_rule}}, "
                     "rule_cond_expr: b}\n"),
               3, "'b'");
    assert_bad(STEPS("  - {type: drop_detection_item, field_name_conditions: "
                     "[{type: include_fields, fields: [x], mode: glob}]}\n"),
               3, "plain or re");
    assert_bad(STEPS("  - {type: drop_detection_item, detection_item_conditions: "
                     "[{type: match_string, pattern: x, cond: some}]}\n"),
               3, "any or all");
    assert_bad(STEPS("  - {type: drop_detection_item, rule_conditions: "
                     "[{type: tag, tag: x, field: y}]}\n"),
               3, "`field`");
}

static void test_limits__steps_and_nesting(void **state) {
    (void)state;
    for (int extra = 0; extra <= 1; extra++) {
        static char yaml[200000];
        size_t n = (size_t)snprintf(yaml, sizeof yaml, "transformations:\n");
        for (int i = 0; i < SEK_PIPELINE_MAX_STEPS + extra; i++)
            n += (size_t)snprintf(yaml + n, sizeof yaml - n,
                                  "  - {type: set_state, key: k, val: v}\n");
        SekRuleFile file;
        sek_rulefile_init(&file);
        SekPipeline *list[2] = {NULL, NULL};
        SekError err = {0};
        assert_int_equal(sek_pipeline_read(&file, SEK_STR("p"), sek_str(yaml), &list[0], &err),
                         extra ? SEK_ERR_LIMIT : SEK_OK);
        if (!extra) {
            assert_int_equal(sek_pipelines_apply(&file, list, 1), SEK_OK);
            list[1] = list[0];
            assert_int_equal(sek_pipelines_apply(&file, list, 2), SEK_ERR_LIMIT);
        }
        sek_rulefile_deinit(&file);
        n = (size_t)snprintf(yaml, sizeof yaml, "transformations: ");
        for (int i = 0; i < SEK_PIPELINE_MAX_NESTING + extra; i++)
            n += (size_t)snprintf(yaml + n, sizeof yaml - n, "[{type: nest, items: ");
        n += (size_t)snprintf(yaml + n, sizeof yaml - n, "[]");
        for (int i = 0; i < SEK_PIPELINE_MAX_NESTING + extra; i++)
            n += (size_t)snprintf(yaml + n, sizeof yaml - n, "}]");
        sek_rulefile_init(&file);
        assert_int_equal(sek_pipeline_read(&file, SEK_STR("p"), sek_str(yaml), &list[0], &err),
                         extra ? SEK_ERR_LIMIT : SEK_OK);
        sek_rulefile_deinit(&file);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_priority__decides_the_order),
        cmocka_unit_test(test_ids__reach_over_pipelines),
        cmocka_unit_test(test_reading__notes_what_it_ignores),
        cmocka_unit_test(test_reading__errors),
        cmocka_unit_test(test_limits__steps_and_nesting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
