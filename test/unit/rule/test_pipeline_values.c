/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline_test.h"

/* --- values -------------------------------------------------------------------------------- */

#define REPLACE(parameters) STEPS("  - {type: replace_string, " parameters "}\n")

static void test_replace__sees_the_value_as_a_text(void **state) {
    (void)state;
    assert_steps(RULE("        A: [abcab, 5, x]\n"), REPLACE("regex: 'ab|5', replacement: Z"),
                 "A=ZcZ,Z,x");
    assert_steps(RULE("        A: '\\Temp\\*'\n"),
                 REPLACE("regex: '^\\\\', replacement: '\\\\C:\\\\'"), "A=\\C:\\Temp\\*");
    assert_steps(RULE("        A|endswith: '\\cmd.exe'\n"),
                 REPLACE("regex: '^\\*\\\\', replacement: ''"), "A=cmd.exe");
    assert_steps(RULE("        A|contains: x\n"), REPLACE("regex: '\\*', replacement: '\\*'"),
                 "A=\\*x\\*");
    assert_steps(RULE("        A: 'a\\*b*c'\n"),
                 REPLACE("regex: '(a)(.*)(c)', replacement: '\\3\\2\\1?'"), "A=c\\*b*a?");
    assert_steps(RULE("        A: key=val\n"),
                 REPLACE("regex: '(?P<k>\\w+)=(\\w+)', replacement: '\\g<2>:\\g<k>\\\\'"),
                 "A=val:key\\");
    assert_steps(RULE("        A: ''\n"), REPLACE("regex: '^$', replacement: none"), "A=none");
    assert_steps(RULE("        A: 'éé'\n"), REPLACE("regex: 'x*', replacement: '-'"), "A=-é-é-");
}

/* The text `*\X\*` would be read as having a star at its end. */
static void test_replace__keeps_wildcards_behind_backslashes(void **state) {
    (void)state;
    SekRuleFile file =
        apply(RULE("        A|contains: '\\Temp\\'\n"), REPLACE("regex: Temp, replacement: X"));
    const SekPattern *pattern = file.rules[0]->condition->item->matches[0].patterns;
    assert_int_equal(pattern->n_tokens, 3);
    assert_int_equal(pattern->tokens[2].kind, SEK_TOKEN_ANY);
    assert_true(sek_str_eq(pattern->tokens[1].text, SEK_STR("\\X\\")));
    sek_rulefile_deinit(&file);
}

static void test_replace__of_plain_runs_only(void **state) {
    (void)state;
    assert_steps(RULE("        A: 'a*a?a'\n"),
                 REPLACE("regex: ^a, replacement: '*', skip_special: true"), "A=\\**\\*?\\*");
    assert_steps(
        RULE("        A: 'a*b'\n"),
        REPLACE("regex: b, replacement: 'x?', skip_special: true, interpret_special: true"),
        "A=a*x?");
    assert_steps(RULE("        A: 'a*b'\n"),
                 REPLACE("regex: '\\*', replacement: x, skip_special: true"), "A=a*b");
}

static void test_map_string__one_or_several(void **state) {
    (void)state;
    assert_steps(RULE("        A: [High, low, 'x*']\n"),
                 STEPS("  - type: map_string\n    mapping: {High: S-1-16-12288, low: [a, 'b*']}\n"),
                 "A=S-1-16-12288,a/b*,x*");
    assert_steps(RULE("        A|all: [p, q]\n"),
                 STEPS("  - {type: map_string, mapping: {p: [x, y]}}\n"), "A=all:x/y,q");
    assert_steps(RULE("        A: [p, q]\n"), STEPS("  - {type: map_string, mapping: {p: []}}\n"),
                 "A=q");
    assert_steps(RULE("        A|contains: p\n"),
                 STEPS("  - {type: map_string, mapping: {'*p*': x, p: y}}\n"), "A=x");
}

static void test_set_value__and_types(void **state) {
    (void)state;
#define ONLY_A "field_name_conditions: [{type: include_fields, fields: [A]}]"
    assert_steps(RULE("        A: x\n        B: x\n"),
                 STEPS("  - {type: set_value, value: 5, " ONLY_A "}\n"), "(and A=#5 B=x)");
    assert_steps(RULE("        A: x\n"),
                 STEPS("  - {type: set_value, value: 5, force_type: str}\n"), "A=5");
    assert_steps(RULE("        A: x\n"),
                 STEPS("  - {type: set_value, value: '5', force_type: num}\n"), "A=#5");
    assert_steps(RULE("        A: x\n"), STEPS("  - {type: set_value, value: null}\n"), "A=NULL");
    assert_steps(RULE("        A: x\n"), STEPS("  - {type: set_value, value: true}\n"), "A=TRUE");
    assert_steps(RULE("        A: [5, true, x]\n"),
                 STEPS("  - {type: convert_type, target_type: str}\n"), "A=5,true,x");
    assert_steps(RULE("        A: ['5', 6]\n"),
                 STEPS("  - {type: convert_type, target_type: num}\n"), "A=#5,#6");
    assert_steps(RULE("        A: x\n"), STEPS("  - {type: convert_type, target_type: num}\n"),
                 "error: pipeline-failure");
}

static void test_case__changes_literals(void **state) {
    (void)state;
    assert_steps(RULE("        A: ['Ab*C', 'É']\n"), STEPS("  - {type: case}\n"), "A=ab*c,é");
    assert_steps(RULE("        A: 'ab*é'\n"), STEPS("  - {type: case, method: upper}\n"), "A=AB*É");
    assert_steps(RULE("        A: 'ParentImage x-Y'\n"),
                 STEPS("  - {type: case, method: snake_case}\n"), "A=parent_image_x_y");
}

static void test_keywords__stay_searches(void **state) {
    (void)state;
#define KEYWORDS "title: T\n" LOG "detection: {s: [abc, d*f], condition: s}\n"
    assert_steps(KEYWORDS, REPLACE("regex: '^.(.*).$', replacement: '\\1'"), "=*abc*,*d*f*");
    assert_steps(KEYWORDS, STEPS("  - {type: set_value, value: 7}\n"), "=*7*,*7*");
    assert_steps(KEYWORDS, STEPS("  - {type: set_value, value: null}\n"),
                 "error: pipeline-failure");
    assert_steps(KEYWORDS, STEPS("  - {type: set_value, value: '*'}\n"), "error: pipeline-failure");
}

/* --- placeholders -------------------------------------------------------------------------- */

#define VARS "vars: {admins: [root, 'adm*'], one: x}\n"

static void test_placeholders__get_the_values_of_vars(void **state) {
    (void)state;
    assert_steps(RULE("        A|expand: '%admins%'\n"),
                 VARS STEPS("  - {type: value_placeholders}\n"), "A=root/adm*");
    assert_steps(RULE("        A|expand|contains: 'a%one%b%admins%'\n"),
                 VARS STEPS("  - {type: value_placeholders}\n"), "A=*axbroot*/*axbadm*");
    assert_steps(RULE("        A|expand: '%other%'\n"),
                 VARS STEPS("  - {type: value_placeholders}\n"), "error: placeholder");
    assert_steps(RULE("        A|re|expand: 'u_%admins%$'\n"),
                 VARS STEPS("  - {type: value_placeholders}\n"), "A=/u_(?:root|adm.*)$/");
}

static void test_placeholders__wildcards_for_the_rest(void **state) {
    (void)state;
    assert_steps(RULE("        A|expand: 'a%other%b%one%'\n"),
                 VARS STEPS("  - {type: value_placeholders, include: [one]}\n"
                            "  - {type: wildcard_placeholders}\n"),
                 "A=a*bx");
    assert_steps(RULE("        A|expand: '%other%'\n"),
                 STEPS("  - {type: wildcard_placeholders, exclude: [other]}\n"),
                 "error: placeholder");
    assert_steps(RULE("        A|re|expand: 'u%other%$'\n"),
                 STEPS("  - {type: wildcard_placeholders}\n"), "A=/u(?:.*)$/");
    assert_steps(
        RULE("        A|expand: '%x%'\n"),
        STEPS("  - {type: query_expression_placeholders, expression: '{field} in {id}'}\n"),
        "error: pipeline-failure");
}

static void test_placeholders__are_seen_by_other_steps(void **state) {
    (void)state;
    assert_steps(RULE("        A|expand: 'x%one%y'\n"),
                 VARS STEPS("  - {type: replace_string, regex: x, replacement: z}\n"
                            "  - {type: value_placeholders}\n"),
                 "A=zxy");
    assert_steps(RULE("        A|expand: '%one%'\n"),
                 VARS STEPS("  - {type: replace_string, regex: '^%', replacement: ''}\n"
                            "  - {type: value_placeholders}\n"),
                 "A=one%");
}

static void test_placeholders__from_a_lookup_come_first(void **state) {
    (void)state;
    SekRuleFile file;
    sek_rulefile_init(&file);
    SekPipeline *list[1] = {read_pipeline(&file, VARS STEPS("  - {type: value_placeholders}\n"))};
    file.options.defer = true;
    assert_int_equal(sek_rules_read(&file, SEK_STR("r.yml"),
                                    SEK_STR(RULE("        A|expand|wide: '%admins%'\n"))),
                     SEK_OK);
    assert_string_equal(error_code(&file), "bad-value"); /* nothing to encode yet */
    assert_int_equal(sek_pipelines_apply(&file, list, 1), SEK_OK);
    sek_rulefile_deinit(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replace__sees_the_value_as_a_text),
        cmocka_unit_test(test_replace__keeps_wildcards_behind_backslashes),
        cmocka_unit_test(test_replace__of_plain_runs_only),
        cmocka_unit_test(test_map_string__one_or_several),
        cmocka_unit_test(test_set_value__and_types),
        cmocka_unit_test(test_case__changes_literals),
        cmocka_unit_test(test_keywords__stay_searches),
        cmocka_unit_test(test_placeholders__get_the_values_of_vars),
        cmocka_unit_test(test_placeholders__wildcards_for_the_rest),
        cmocka_unit_test(test_placeholders__are_seen_by_other_steps),
        cmocka_unit_test(test_placeholders__from_a_lookup_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
