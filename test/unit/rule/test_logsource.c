/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_test.h"

#define DETECTION "detection: {s: {A: 1}, condition: s}\n"

static void must_say_something(void **state) {
    (void)state;
    assert_text("title: T\nlogsource: {}\n" DETECTION, "error: bad-logsource");
    assert_text("title: T\nlogsource: windows\n" DETECTION, "error: bad-logsource");
    assert_text("title: T\nlogsource:\n" DETECTION, "error: bad-logsource");
    assert_text("title: T\nlogsource: {definition: x}\n" DETECTION, "error: bad-logsource");
    assert_text("title: T\nlogsource: {product: [windows]}\n" DETECTION, "error: bad-logsource");
    SekRuleFile file = read_text("title: T\nlogsource: {product: Windows, service: }\n" DETECTION);
    assert_true(sek_str_eq(file.rules[0]->logsource.product, SEK_STR("windows")));
    assert_int_equal(file.rules[0]->logsource.service.len, 0);
    sek_rulefile_deinit(&file);
}

static void keys_that_are_slips_are_errors(void **state) {
    (void)state;
    static const char *const slips[] = {"Service", "SERVICE", "servise", "servce", "servicee", "sevrice", "ervice",
                                        "catgeory", "produkt", "Definitio"};
    static const char *const others[] = {"servises2", "vendor", "x", "custom_key", "sub-category", "''"};
    char text[200];
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        snprintf(text, sizeof text, "title: T\nlogsource:\n  product: windows\n  %s: security\n" DETECTION, slips[i]);
        SekRuleFile file = read_text(text);
        assert_string_equal(error_code(&file), "bad-logsource");
        assert_true(file.n_rules == 0 && file.diags[0].line == 4 && file.diags[0].column == 3);
        sek_rulefile_deinit(&file);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        snprintf(text, sizeof text, "title: T\nlogsource:\n  product: windows\n  %s: security\n" DETECTION, others[i]);
        SekRuleFile file = read_text(text);
        assert_true(file.n_rules == 1 && file.n_diags == 1);
        assert_int_equal(file.diags[0].kind, SEK_DIAG_WARNING);
        assert_int_equal(file.diags[0].line, 4);
        sek_rulefile_deinit(&file);
    }
    SekRuleFile file = read_text("title: F\nlogsource: {product: windows, Service: x}\n"
                                 "filter: {rules: any, s: {A: 1}, condition: not s}\n");
    assert_string_equal(error_code(&file), "bad-logsource");
    sek_rulefile_deinit(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(must_say_something),
        cmocka_unit_test(keys_that_are_slips_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
