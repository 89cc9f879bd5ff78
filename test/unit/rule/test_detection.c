/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_test.h"

#include "base/buf.h"
#include "rule/detection.h"

/* --- maps and lists ------------------------------------------------------------------------ */

static void test_map__is_an_and_of_its_items(void **state) {
    (void)state;
    assert_selection("        A: 1\n        B|contains: x\n", "(and A=#1 B=*x*)");
    assert_selection("        A: [1, 2]\n", "A=#1,#2");
}

static void test_map__same_field_with_other_modifiers_is_normal(void **state) {
    (void)state;
    assert_selection(
        "        A|contains: x\n        A|contains|all: [y, z]\n        A|endswith: w\n",
        "(and A=*x* A=all:*y*,*z* A=*w)");
    assert_selection("        A: 1\n        A: 2\n", "error: yaml-duplicate-key");
}

static void test_list__of_maps_is_an_or_of_ands(void **state) {
    (void)state;
    assert_selection("        - A: 1\n          B: 2\n        - C: 3\n",
                     "(or (and A=#1 B=#2) C=#3)");
    assert_selection("        - A: 1\n", "A=#1");
}

static void test_list__may_mix_maps_texts_and_lists(void **state) {
    (void)state;
    assert_selection("        - A: 1\n        - word\n", "(or A=#1 =*word*)");
    assert_selection("        - [a, b]\n        - C: 3\n        - - D: 4\n          - [E: 5, f]\n",
                     "(or =*a*,*b* C=#3 (or D=#4 (or E=#5 =*f*)))");
}

/* --- keywords ------------------------------------------------------------------------------ */

static void test_keywords__are_searched_for_anywhere(void **state) {
    (void)state;
    assert_selection("        - mimikatz\n        - 'a*b'\n        - 4104\n        - true\n",
                     "=*mimikatz*,*a*b*,*4104*,*true*");
    assert_selection("        - '*x'\n", "=*x*");
    assert_selection("        - ' -enc '\n", "=* -enc *");
}

static void test_keywords__a_single_text_is_one(void **state) {
    (void)state;
    assert_text("title: T\nlogsource: {product: windows}\ndetection:\n  k: word\n  condition: k\n",
                "=*word*");
    assert_text("title: T\nlogsource: {product: windows}\ndetection:\n  k: 4104\n  condition: k\n",
                "=*4104*");
}

static void test_keywords__keys_without_a_field(void **state) {
    (void)state;
    assert_selection("        '|all':\n            - a\n            - b\n", "=all:*a*,*b*");
    assert_selection("        '|contains|all': [a, b]\n", "=all:*a*,*b*");
    assert_selection("        '': [a, b]\n", "=*a*,*b*");
    assert_selection("        '|re': 'a.b'\n", "=/a.b/");
    assert_selection("        '|cased': Ab\n", "=cased *Ab*");
    assert_selection("        '|startswith': ab\n", "=*ab*");
    assert_selection("        '|windash': '-a'\n", "=*~a*");
    assert_selection("        '|all': [a, b]\n        C: 1\n", "(and =all:*a*,*b* C=#1)");
    assert_selection("        '|base64offset|contains': foobar\n",
                     "=*Zm9vYmFy*/*Zvb2Jhc*/*mb29iYX*");
}

static void test_keywords__that_mean_nothing_are_errors(void **state) {
    (void)state;
    assert_selection("        - ''\n", "error: bad-value");
    assert_selection("        - '*'\n", "error: bad-value");
    assert_selection("        - a\n        - null\n", "error: bad-value");
    assert_selection("        '': null\n", "error: bad-value");
    assert_selection("        '|exists': true\n", "error: bad-value");
    assert_selection("        '|cidr': 10.0.0.0/8\n", "error: bad-value");
    assert_selection("        '|gt': 5\n", "error: bad-value");
    assert_selection("        '|fieldref': A\n", "error: bad-value");
}

/* --- null and empty ------------------------------------------------------------------------ */

static void test_null__and_empty_text_are_different(void **state) {
    (void)state;
    assert_selection("        A: null\n        B: ''\n        C:\n        D: ~\n        E: []\n",
                     "(and A=NULL B= C=NULL D=NULL E=NULL)");
    assert_selection("        A: ['', null]\n", "A=,NULL");
}

static void test_empty__selections_are_errors(void **state) {
    (void)state;
    assert_selection("", "error: bad-detection");
    assert_selection("        {}\n", "error: bad-detection");
    assert_selection("        []\n", "error: bad-detection");
    assert_selection("        - A: 1\n        - {}\n", "error: bad-detection");
    assert_selection("        - A: 1\n        -\n        - - B: 1\n", "error: bad-detection");
    assert_text("title: T\nlogsource: {product: windows}\ndetection:\n  condition: a\n",
                "error: bad-detection");
    assert_text("title: T\nlogsource: {product: windows}\ndetection: [a]\n",
                "error: bad-detection");
    assert_text("title: T\nlogsource: {product: windows}\ndetection:\n", "error: bad-detection");
}

/* --- places and limits --------------------------------------------------------------------- */

static void test_item__knows_its_place(void **state) {
    (void)state;
    SekRuleFile file = read_selection("        A: 1\n        B:\n            - 2\n");
    const SekExpr *expr = file.rules[0]->condition;
    assert_int_equal(expr->kids[1]->item->line, 7);
    assert_int_equal(expr->kids[1]->item->column, 9);
    sek_rulefile_deinit(&file);
}

static SekRuleFile read_selections(int n, size_t name_len) {
    SekBuf buf;
    sek_buf_init(&buf, 1u << 20);
    sek_buf_adds(&buf,
                 "title: T\nlogsource: {product: windows}\ndetection:\n  condition: all of x*\n");
    for (int i = 0; i < n; i++)
        sek_buf_addf(&buf, "  x%0*d: {A: 1}\n", (int)name_len - 1, i);
    sek_buf_addc(&buf, '\0');
    SekRuleFile file = read_text(buf.data);
    sek_buf_deinit(&buf);
    return file;
}

static void test_limit__number_of_selections(void **state) {
    (void)state;
    for (int extra = -1; extra <= 1; extra++) {
        SekRuleFile file = read_selections(SEK_RULE_MAX_SELECTIONS + extra, 8);
        assert_string_equal(error_code(&file), extra > 0 ? "limit" : "");
        sek_rulefile_deinit(&file);
    }
}

static void test_limit__length_of_names(void **state) {
    (void)state;
    for (int extra = -1; extra <= 1; extra++) {
        SekRuleFile file = read_selections(1, (size_t)(SEK_SELECTION_MAX_NAME + extra));
        assert_string_equal(error_code(&file), extra > 0 ? "limit" : "");
        sek_rulefile_deinit(&file);
    }
}

static void assert_nested_lists(int depth, const char *code) {
    SekBuf buf;
    sek_buf_init(&buf, 1u << 20);
    sek_buf_adds(&buf, "        ");
    for (int i = 0; i < depth; i++)
        sek_buf_adds(&buf, "[{A: 1}, ");
    sek_buf_adds(&buf, "{B: 1}");
    for (int i = 0; i < depth; i++)
        sek_buf_addc(&buf, ']');
    sek_buf_adds(&buf, "\n");
    sek_buf_addc(&buf, '\0');
    SekRuleFile file = read_selection(buf.data);
    assert_string_equal(error_code(&file), code);
    sek_rulefile_deinit(&file);
    sek_buf_deinit(&buf);
}

static void assert_escape(const char *line, bool warned) {
    char text[200];
    snprintf(text, sizeof text, "        %s\n", line);
    SekRuleFile file = read_selection(text);
    const SekDiag *d = find_diag(&file, "escaped-wildcard");
    assert_string_equal(error_code(&file), "");
    if ((d != NULL) != warned)
        fail_msg("%s: %s", line, d ? "warned" : "not warned");
    assert_true(!d || (d->line == 6 && d->kind == SEK_DIAG_WARNING));
    sek_rulefile_deinit(&file);
}

static void test_value__that_lost_a_separator_is_warned_of(void **state) {
    (void)state;
    assert_escape("Image: '*\\Temp\\*.exe'", true);
    assert_escape("Image: '*\\*.exe'", true);
    assert_escape("TargetFilename|endswith: '\\?.lnk'", true);
    assert_escape("CommandLine|contains: 'C:\\Windows\\Temp\\*'", true);
    assert_escape("CommandLine|contains: '%TEMP%\\x\\*\\y'", true);
    assert_escape("TargetObject: 'HKLM\\Software\\*\\Run'", true);
    assert_escape("Image: '*\\Temp\\\\*.exe'", false);
    assert_escape("Image: '*\\Temp\\\\\\*.exe'", false);
    assert_escape("CommandLine|contains: 'del \\*.bak'", false);
    assert_escape("CommandLine|contains: ' -Filter \\*'", false);
    assert_escape("CommandLine|contains: 'x \\\\srv -Filter \\*'", false);
    assert_escape("ScriptBlockText|contains: '\\*avira\\*'", false);
    assert_escape("ShareName: '\\\\\\\\\\*\\\\IPC$'", false);
    assert_escape("ContextInfo|contains: '= \\\\\\?\\?\\C:Windows'", false);
    assert_escape("Image|re: 'C:\\\\Temp\\*'", false);
}

static void test_limit__nested_lists(void **state) {
    (void)state;
    int most = SEK_YAML_MAX_DEPTH - 3; /* document, detection, and the innermost map */
    assert_nested_lists(most - 1, "");
    assert_nested_lists(most, "");
    assert_nested_lists(most + 1, "limit");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map__is_an_and_of_its_items),
        cmocka_unit_test(test_map__same_field_with_other_modifiers_is_normal),
        cmocka_unit_test(test_list__of_maps_is_an_or_of_ands),
        cmocka_unit_test(test_list__may_mix_maps_texts_and_lists),
        cmocka_unit_test(test_keywords__are_searched_for_anywhere),
        cmocka_unit_test(test_keywords__a_single_text_is_one),
        cmocka_unit_test(test_keywords__keys_without_a_field),
        cmocka_unit_test(test_keywords__that_mean_nothing_are_errors),
        cmocka_unit_test(test_null__and_empty_text_are_different),
        cmocka_unit_test(test_empty__selections_are_errors),
        cmocka_unit_test(test_item__knows_its_place),
        cmocka_unit_test(test_limit__number_of_selections),
        cmocka_unit_test(test_limit__length_of_names),
        cmocka_unit_test(test_value__that_lost_a_separator_is_warned_of),
        cmocka_unit_test(test_limit__nested_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
