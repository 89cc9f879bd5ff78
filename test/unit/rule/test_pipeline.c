/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline_test.h"

/* --- fields -------------------------------------------------------------------------------- */

#define MAP(pairs) STEPS("  - type: field_name_mapping\n    mapping: {" pairs "}\n")

static void test_fields__are_mapped_one_to_one(void **state) {
    (void)state;
    assert_steps(RULE("        Image|endswith: x\n        B: 1\n"),
                 MAP("Image: process.executable"), "(and process.executable=*x B=#1)");
    assert_steps(RULE("        image: x\n"), MAP("Image: P"), "image=x");
    assert_steps(RULE("        A: 1\n        B: 2\n"), MAP("A: B, B: A"), "(and B=#1 A=#2)");
    assert_steps(RULE("        - A: 1\n        - [k, l]\n"), MAP("A: X"), "(or X=#1 =*k*,*l*)");
    assert_steps(RULE("        - [k, l]\n        - [m]\n"), MAP("'': msg"),
                 "(or msg=*k*,*l* msg=*m*)");
}

static void test_fields__one_to_many_is_an_or(void **state) {
    (void)state;
    assert_steps(RULE("        A: [1, 2]\n        B: 1\n"), MAP("A: [X, Y]"),
                 "(and (or X=#1,#2 Y=#1,#2) B=#1)");
    assert_steps(RULE("        A|contains|all: [p, q]\n"), MAP("A: [X, Y]"),
                 "(or X=all:*p*,*q* Y=all:*p*,*q*)");
    assert_steps(RULE("        A: 1\n"), MAP("A: [X]"), "X=#1");
    assert_steps(RULE("        A: 1\n        B: 1\n"), MAP("A: []"), "B=#1");
}

static void test_fields__absent_and_unequal_mean_all_of_many(void **state) {
    (void)state;
    assert_steps(RULE("        A:\n"), MAP("A: [X, Y]"), "(and X=NULL Y=NULL)");
    assert_steps(RULE("        A|exists: false\n"), MAP("A: [X, Y]"), "(and X=MISSING Y=MISSING)");
    assert_steps(RULE("        A|exists: true\n"), MAP("A: [X, Y]"), "(or X=EXISTS Y=EXISTS)");
    assert_steps(RULE("        A|neq: x\n"), MAP("A: [X, Y]"), "(not (or X=x Y=x))");
    assert_steps(RULE("        A: [x, null]\n"), MAP("A: [X, Y]"),
                 "(or (or X=x Y=x) (and X=NULL Y=NULL))");
}

static void test_fields__of_references_too(void **state) {
    (void)state;
    assert_steps(RULE("        A|fieldref: B\n"), MAP("A: X, B: Y"), "X=equal(Y)");
    assert_steps(RULE("        A|fieldref: B\n"), MAP("B: [Y, Z]"), "A=equal(Y),equal(Z)");
    assert_steps(RULE("        A|fieldref|startswith: B\n"), MAP("A: [X, Y], B: Z"),
                 "(or X=startswith(Z) Y=startswith(Z))");
}

static void test_fields__prefixes_and_suffixes(void **state) {
    (void)state;
    assert_steps(RULE("        win.A: 1\n        B: 1\n"),
                 STEPS("  - type: field_name_prefix_mapping\n    mapping: {win.: 'x.'}\n"),
                 "(and x.A=#1 B=#1)");
    assert_steps(RULE("        win.A: 1\n"),
                 STEPS("  - type: field_name_prefix_mapping\n    mapping: {win.: [x., y.]}\n"),
                 "(or x.A=#1 y.A=#1)");
    assert_steps(RULE("        - A|fieldref: B\n        - [k, l]\n        - [m]\n"),
                 STEPS("  - {type: field_name_prefix, prefix: e.}\n"
                       "  - {type: field_name_suffix, suffix: .t}\n"),
                 "(or e.A.t=equal(e.B.t) =*k*,*l* =*m*)");
}

static void test_fields__conditions_choose_them(void **state) {
    (void)state;
#define PREFIX_IF(conditions)                                                                      \
    STEPS("  - type: field_name_prefix\n    prefix: x.\n    field_name_conditions:\n" conditions)
    assert_steps(RULE("        A: 1\n        B: 1\n"),
                 PREFIX_IF("      - {type: include_fields, fields: [A]}\n"), "(and x.A=#1 B=#1)");
    assert_steps(RULE("        A: 1\n        B: 1\n"),
                 PREFIX_IF("      - {type: exclude_fields, fields: [A]}\n"), "(and A=#1 x.B=#1)");
    assert_steps(RULE("        Abc: 1\n        B: 1\n"),
                 PREFIX_IF("      - {type: include_fields, fields: ['A.*'], mode: re}\n"),
                 "(and x.Abc=#1 B=#1)");
    assert_steps(RULE("        A: 1\n        B: 1\n"),
                 PREFIX_IF("      - {type: include_fields, fields: [A]}\n"
                           "    field_name_cond_not: true\n"),
                 "(and A=#1 x.B=#1)");
    assert_steps(RULE("        A|fieldref: B\n"),
                 PREFIX_IF("      - {type: include_fields, fields: [B]}\n"), "A=equal(x.B)");
}

static void test_fields__of_correlations(void **state) {
    (void)state;
    SekRuleFile file = apply(
        "title: C\ncorrelation:\n    type: value_count\n    rules: [t]\n    timespan: 1m\n"
        "    group-by: [A, x, C]\n    aliases: {x: {t: A}}\n    condition: {gte: 1, field: A}\n"
        "---\ntitle: T\nname: t\n" LOG "detection: {s: {A: 1}, condition: s}\n",
        MAP("A: M, C: [P, Q], x: never"));
    assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
    assert_int_equal(file.n_diags, 0);
    const SekCorrelation *c = file.rules[0]->correlation;
    assert_int_equal(c->n_group_by, 4);
    assert_true(sek_str_eq(c->group_by[0], SEK_STR("M")));
    assert_true(sek_str_eq(c->group_by[1], SEK_STR("x")));
    assert_true(sek_str_eq(c->group_by[3], SEK_STR("Q")));
    assert_true(sek_str_eq(c->aliases[0].fields[0].field, SEK_STR("M")));
    assert_true(sek_str_eq(c->fields[0], SEK_STR("M")));
    assert_ptr_equal(c->targets[0], file.rules[1]);
    sek_rulefile_deinit(&file);
}

static void test_fields__counted_by_a_correlation_cannot_be_several(void **state) {
    (void)state;
    SekRuleFile file =
        apply("title: C\ncorrelation:\n    type: value_count\n    rules: [t]\n    timespan: 1m\n"
              "    condition: {gte: 1, field: A}\n"
              "---\ntitle: T\nname: t\n" LOG "detection: {s: {A: 1}, condition: s}\n",
              MAP("A: [P, Q]"));
    assert_string_equal(error_code(&file), "pipeline-failure");
    assert_int_equal(file.n_rules, 1);
    sek_rulefile_deinit(&file);
}

static void test_hashes__become_a_field_for_each_algorithm(void **state) {
    (void)state;
#define HASHES                                                                                     \
    STEPS("  - type: hashes_fields\n    valid_hash_algos: [MD5, SHA1]\n    field_prefix: File\n"   \
          "    field_name_conditions:\n      - {type: include_fields, fields: [Hashes]}\n")
    assert_steps(RULE("        Hashes|contains: ['MD5=ab', 'SHA1=cd', 'md5=ef']\n        A: 1\n"),
                 HASHES, "(and (or FileMD5=ab,ef FileSHA1=cd) A=#1)");
    assert_steps(RULE("        Hashes: 0123456789012345678901234567890a\n"), HASHES,
                 "FileMD5=0123456789012345678901234567890a");
    assert_steps(RULE("        Hashes|contains: 'IMPHASH=ab'\n"), HASHES,
                 "error: pipeline-failure");
    assert_steps(RULE("        Hashes: 1\n"), HASHES, "error: pipeline-failure");
}

/* --- items and conditions ------------------------------------------------------------------ */

#define DROP(conditions) STEPS("  - type: drop_detection_item\n" conditions)
#define DROP_A DROP("    field_name_conditions:\n      - {type: include_fields, fields: [A]}\n")
#define CONDITION(text)                                                                            \
    "title: T\n" LOG "detection:\n    a: {A: 1}\n    b: {B: 1}\n    c: {A: 2, C: 1}\n"             \
    "    condition: " text "\n"

static void test_drop__leaves_the_rest(void **state) {
    (void)state;
    assert_steps(CONDITION("a and b"), DROP_A, "B=#1");
    assert_steps(CONDITION("a or b"), DROP_A, "B=#1");
    assert_steps(CONDITION("b and not a"), DROP_A, "B=#1");
    assert_steps(CONDITION("b and not c"), DROP_A, "(and B=#1 (not C=#1))");
    assert_steps(CONDITION("a"), DROP_A, "error: pipeline-failure");
}

static void test_item_conditions__look_at_values(void **state) {
    (void)state;
#define DROP_IF(lines) DROP("    detection_item_conditions:\n" lines)
    static const char selection[] = RULE("        A: abc\n        B: [abd, x]\n        C:\n"
                                         "        D: a*\n        E: 5\n");
    assert_steps(selection, DROP_IF("      - {type: match_string, cond: any, pattern: ab}\n"),
                 "(and C=NULL D=a* E=#5)");
    assert_steps(selection, DROP_IF("      - {type: match_string, cond: all, pattern: 'ab.$'}\n"),
                 "(and B=abd,x C=NULL D=a* E=#5)");
    assert_steps(selection, DROP_IF("      - {type: match_string, cond: any, pattern: c}\n"),
                 "(and A=abc B=abd,x C=NULL D=a* E=#5)");
    assert_steps(selection, DROP_IF("      - {type: is_null, cond: any}\n"),
                 "(and A=abc B=abd,x D=a* E=#5)");
    assert_steps(selection, DROP_IF("      - {type: contains_wildcard, cond: any}\n"),
                 "(and A=abc B=abd,x C=NULL E=#5)");
    assert_steps(selection, DROP_IF("      - {type: match_value, cond: any, value: 5}\n"),
                 "(and A=abc B=abd,x C=NULL D=a*)");
    assert_steps(selection,
                 DROP_IF("      - {type: is_null, cond: any}\n"
                         "      - {type: match_value, cond: any, value: 5}\n"
                         "    detection_item_cond_op: or\n    detection_item_cond_not: true\n"),
                 "(and C=NULL E=#5)");
    assert_steps(selection,
                 DROP_IF("      n: {type: is_null, cond: any}\n"
                         "      w: {type: contains_wildcard, cond: any}\n"
                         "      f: {type: match_value, cond: any, value: 5}\n"
                         "    detection_item_cond_expr: not (n or w) and f\n"),
                 "(and A=abc B=abd,x C=NULL D=a*)");
}

/* Whether a step with these rule conditions touches the rule. */
static void assert_rule_condition(const char *conditions, bool expected) {
    char yaml[1000];
    snprintf(yaml, sizeof yaml,
             "name: P\ntransformations:\n  - {id: first, type: set_state, key: k, val: 5}\n"
             "  - type: field_name_mapping\n    mapping: {A: X}\n    rule_conditions:\n%s",
             conditions);
    SekRuleFile file = apply(RULE("        A: 5\n        B: 'x*'\n"), yaml);
    bool touched = strcmp(show_rule(&file), "(and X=#5 B=x*)") == 0;
    if (touched != expected)
        fail_msg("%s: %s", conditions, show_rule(&file));
    sek_rulefile_deinit(&file);
}

static void test_rule_conditions__of_all_kinds(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool holds;
    } cases[] = {
        {"      - {type: logsource, product: windows}\n", true},
        {"      - {type: logsource, product: Windows, category: process_creation}\n", true},
        {"      - {type: logsource, product: linux}\n", false},
        {"      - {type: logsource, service: sysmon}\n", false},
        {"      - {type: is_sigma_rule}\n", true},
        {"      - {type: is_sigma_correlation_rule}\n", false},
        {"      - {type: contains_field, field: A}\n", true},
        {"      - {type: contains_field, field: C}\n", false},
        {"      - {type: contains_detection_item, field: A, value: 5}\n", true},
        {"      - {type: contains_detection_item, field: A, value: 6}\n", false},
        {"      - {type: contains_detection_item, field: B, value: 'x*'}\n", true},
        {"      - {type: contains_detection_item, field: B, value: x}\n", false},
        {"      - {type: processing_item_applied, processing_item_id: first}\n", true},
        {"      - {type: processing_item_applied, processing_item_id: second}\n", false},
        {"      - {type: processing_state, key: k, val: 5}\n", true},
        {"      - {type: processing_state, key: k, val: 4, op: gt}\n", true},
        {"      - {type: processing_state, key: l, val: 5}\n", false},
        {"      - {type: tag, tag: attack.t1059}\n", true},
        {"      - {type: tag, tag: attack.t1}\n", false},
        {"      - {type: rule_attribute, attribute: level, value: medium, op: gte}\n", true},
        {"      - {type: rule_attribute, attribute: level, value: critical, op: gte}\n", false},
        {"      - {type: rule_attribute, attribute: title, value: T}\n", true},
        {"      - {type: rule_attribute, attribute: tags, value: attack.t1059, op: in}\n", true},
        {"      - {type: rule_attribute, attribute: tags, value: x, op: not_in}\n", true},
        {"      - {type: rule_attribute, attribute: tags, value: attack.t1059}\n", false},
        {"      - {type: rule_attribute, attribute: date, value: 2024-01-01}\n", false},
        {"      - {type: is_sigma_rule}\n      - {type: contains_field, field: C}\n", false},
        {"      - {type: is_sigma_rule}\n      - {type: contains_field, field: C}\n"
         "    rule_cond_op: or\n",
         true},
        {"      - {type: is_sigma_rule}\n    rule_cond_not: true\n", false},
        {"      a: {type: is_sigma_rule}\n      b: {type: contains_field, field: C}\n"
         "    rule_cond_expr: a and not b\n",
         true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_rule_condition(cases[i].text, cases[i].holds);
}

static void test_conditions__remember_what_was_applied_to_an_item(void **state) {
    (void)state;
    static const char *const subjects[] = {"detection_item", "field_name"};
    for (int i = 0; i < 2; i++) {
        char yaml[600];
        snprintf(yaml, sizeof yaml,
                 STEPS("  - {id: m, type: field_name_mapping, mapping: {A: X}}\n"
                       "  - type: field_name_suffix\n    suffix: .s\n    %s_conditions:\n"
                       "      - {type: processing_item_applied, processing_item_id: m}\n"),
                 subjects[i]);
        assert_steps(RULE("        A: 1\n        B: 1\n"), yaml, "(and X.s=#1 B=#1)");
    }
}

static void test_nest__runs_its_items_when_its_conditions_hold(void **state) {
    (void)state;
#define NEST(product)                                                                              \
    STEPS("  - type: nest\n    rule_conditions: [{type: logsource, product: " product "}]\n"       \
          "    items:\n      - {type: field_name_prefix, prefix: x.}\n"                            \
          "      - type: nest\n        items: [{type: field_name_suffix, suffix: .y}]\n")
    assert_steps(RULE("        A: 1\n"), NEST("windows"), "x.A.y=#1");
    assert_steps(RULE("        A: 1\n"), NEST("linux"), "A=#1");
}

/* --- rules --------------------------------------------------------------------------------- */

static void test_add_condition__is_an_and_before_the_rule(void **state) {
    (void)state;
    assert_steps(CONDITION("a or b"),
                 STEPS("  - type: add_condition\n    conditions: {E: [1, 2], F|contains: x}\n"),
                 "(and (and E=#1,#2 F=*x*) (or A=#1 B=#1))");
    assert_steps(CONDITION("a or b"),
                 STEPS("  - type: add_condition\n    negated: true\n    conditions: {E: 1}\n"),
                 "(and (not E=#1) (or A=#1 B=#1))");
    assert_steps(
        CONDITION("a"),
        STEPS("  - type: add_condition\n    template: true\n"
              "    conditions: {E: ['$product/${category}', '$service.$$x$other'], F: 5}\n"),
        "(and (and E=windows/process_creation,.$x$other F=#5) A=#1)");
    /* what is added can be changed by later steps */
    assert_steps(CONDITION("a"),
                 STEPS("  - type: add_condition\n    conditions: {E: 1}\n"
                       "  - {type: field_name_mapping, mapping: {E: G, A: H}}\n"),
                 "(and G=#1 H=#1)");
}

static void test_change_logsource__replaces_it(void **state) {
    (void)state;
    SekRuleFile file =
        apply(RULE("        A: 1\n"), STEPS("  - {type: change_logsource, service: Security}\n"));
    assert_true(sek_str_eq(file.rules[0]->logsource.service, SEK_STR("security")));
    assert_int_equal(file.rules[0]->logsource.product.len, 0);
    sek_rulefile_deinit(&file);
}

static void test_failures__refuse_the_rule_with_their_message(void **state) {
    (void)state;
    SekRuleFile file =
        apply(RULE("        A: 1\n"), STEPS("  - {type: rule_failure, message: not for us}\n"));
    assert_int_equal(file.n_rules, 0);
    assert_string_equal(error_code(&file), "pipeline-failure");
    assert_true(sek_str_eq(file.diags[0].text, SEK_STR("not for us")));
    assert_true(sek_str_eq(file.diags[0].rule_title, SEK_STR("T")));
    assert_true(sek_str_eq(file.diags[0].source, SEK_STR("r.yml")));
    sek_rulefile_deinit(&file);
    file = apply(RULE("        A: 1\n        B: 1\n"),
                 STEPS("  - type: detection_item_failure\n    message: no B\n"
                       "    field_name_conditions: [{type: include_fields, fields: [B]}]\n"));
    assert_int_equal(file.n_rules, 0);
    assert_int_equal(file.diags[0].line, 9);
    sek_rulefile_deinit(&file);
    file = apply(RULE("        A: 1\n") "---\n" RULE("        B: 1\n"),
                 STEPS("  - type: rule_failure\n    message: no B\n"
                       "    rule_conditions: [{type: contains_field, field: B}]\n"));
    assert_int_equal(file.n_rules, 1);
    sek_rulefile_deinit(&file);
}

static void test_failures__take_correlations_with_them(void **state) {
    (void)state;
    SekRuleFile file =
        apply("title: C\ncorrelation: {type: event_count, rules: [t], timespan: 1m, condition: "
              "{gte: 1}}\n"
              "---\ntitle: T\nname: t\n" LOG "detection: {s: {A: 1}, condition: s}\n"
              "---\ntitle: L\n" LOG "detection: {s: {A: 1}, condition: s | count() > 5}\n",
              STEPS("  - type: rule_failure\n    message: no A\n"
                    "    rule_conditions: [{type: contains_field, field: A}]\n"));
    assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
    assert_int_equal(file.n_rules, 0);
    sek_rulefile_deinit(&file);
}

static void test_mapping__names_that_differ_in_case_are_told(void **state) {
    (void)state;
    SekRuleFile file = apply(RULE("        User: x\n        Image: y\n"), MAP("user: A, Image: B"));
    assert_string_equal(show_rule(&file), "(and User=x B=y)");
    const SekDiag *d = find_diag(&file, "pipeline-case");
    assert_true(d && d->kind == SEK_DIAG_WARNING && d->line == 8 && file.n_diags == 1);
    sek_rulefile_deinit(&file);
    file = apply(RULE("        User: x\n"), MAP("user: A, User: B"));
    assert_string_equal(show_rule(&file), "B=x");
    assert_null(find_diag(&file, "pipeline-case"));
    sek_rulefile_deinit(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mapping__names_that_differ_in_case_are_told),
        cmocka_unit_test(test_fields__are_mapped_one_to_one),
        cmocka_unit_test(test_fields__one_to_many_is_an_or),
        cmocka_unit_test(test_fields__absent_and_unequal_mean_all_of_many),
        cmocka_unit_test(test_fields__of_references_too),
        cmocka_unit_test(test_fields__prefixes_and_suffixes),
        cmocka_unit_test(test_fields__conditions_choose_them),
        cmocka_unit_test(test_fields__of_correlations),
        cmocka_unit_test(test_fields__counted_by_a_correlation_cannot_be_several),
        cmocka_unit_test(test_hashes__become_a_field_for_each_algorithm),
        cmocka_unit_test(test_drop__leaves_the_rest),
        cmocka_unit_test(test_item_conditions__look_at_values),
        cmocka_unit_test(test_rule_conditions__of_all_kinds),
        cmocka_unit_test(test_conditions__remember_what_was_applied_to_an_item),
        cmocka_unit_test(test_nest__runs_its_items_when_its_conditions_hold),
        cmocka_unit_test(test_add_condition__is_an_and_before_the_rule),
        cmocka_unit_test(test_change_logsource__replaces_it),
        cmocka_unit_test(test_failures__refuse_the_rule_with_their_message),
        cmocka_unit_test(test_failures__take_correlations_with_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
