/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_test.h"

#include "rule/placeholders.h"

static void assert_values(SekPlaceholders *table, const char *name, const char *expected) {
    const SekStr *values;
    uint32_t n;
    char text[200] = "";
    if (sek_placeholders_lookup(table, sek_str(name), &values, &n) != SEK_OK) {
        assert_string_equal("(unknown)", expected);
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%.*s", i ? "," : "",
                 SEK_STR_ARG(values[i]));
    assert_string_equal(text, expected);
}

static void test_table__names_and_values(void **state) {
    (void)state;
    SekPlaceholders table;
    sek_placeholders_init(&table);
    SekError err = {0};
    assert_int_equal(sek_placeholders_read(&table,
                                           SEK_STR("admins: [root, 'a*', 7]\none: x\nnone: []\n"
                                                   "---\nflag: true\n"),
                                           &err),
                     SEK_OK);
    assert_values(&table, "admins", "root,a*,7");
    assert_values(&table, "one", "x");
    assert_values(&table, "none", "");
    assert_values(&table, "flag", "true");
    assert_values(&table, "Admins", "(unknown)");
    assert_int_equal(sek_placeholders_read(&table, SEK_STR("one: [y, z]\nmore: w\n"), &err),
                     SEK_OK);
    assert_values(&table, "one", "y,z");
    assert_values(&table, "more", "w");
    assert_values(&table, "admins", "root,a*,7");
    sek_placeholders_deinit(&table);
}

static void test_table__errors_have_a_place(void **state) {
    (void)state;
    static const struct {
        const char *yaml;
        uint32_t line, column;
    } bad[] = {{"- a\n", 1, 1},        {"a: {b: c}\n", 1, 4},
               {"a: [b]\nc:\n", 2, 3}, {"a:\n  - b\n  - [c]\n", 3, 5},
               {"a: [b\n", 2, 1},      {"a: b\na: c\n", 2, 1}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        SekPlaceholders table;
        sek_placeholders_init(&table);
        SekError err = {0};
        assert_int_equal(sek_placeholders_read(&table, sek_str(bad[i].yaml), &err), SEK_ERR_INPUT);
        assert_int_equal(err.line, bad[i].line);
        assert_int_equal(err.column, bad[i].column);
        assert_true(err.what[0] != '\0');
        sek_placeholders_deinit(&table);
    }
}

static void test_table__serves_rules(void **state) {
    (void)state;
    SekPlaceholders table;
    sek_placeholders_init(&table);
    assert_int_equal(sek_placeholders_read(&table, SEK_STR("who: [a, 'b*']\nnobody: []\n"), NULL),
                     SEK_OK);
    SekRuleFile file;
    sek_rulefile_init(&file);
    file.options = (SekRuleOptions){.placeholder = sek_placeholders_lookup, .user = &table};
    assert_int_equal(
        sek_rules_read(&file, SEK_STR("r.yml"),
                       SEK_STR(RULE_HEAD "        U|expand: 'x%who%'\n" RULE_TAIL "---\n" RULE_HEAD
                                         "        U|expand: '%nobody%'\n" RULE_TAIL)),
        SEK_OK);
    sek_placeholders_deinit(&table); /* the values were copied into the rules */
    assert_int_equal(file.n_rules, 1);
    assert_string_equal(show_expr(file.rules[0]->condition), "U=xa/xb*");
    assert_string_equal(error_code(&file), "placeholder");
    sek_rulefile_deinit(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table__names_and_values),
        cmocka_unit_test(test_table__errors_have_a_place),
        cmocka_unit_test(test_table__serves_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
