/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_test.h"

/* One line of a selection in, the item out. */
#define assert_item(line, expected) assert_selection("        " line "\n", expected)

/* --- plain values -------------------------------------------------------------------------- */

static void test_plain__text_is_matched_as_a_whole(void **state) {
    (void)state;
    assert_item("F: abc", "F=abc");
    assert_item("F: 'C:\\Windows\\*.exe'", "F=C:\\Windows\\*.exe");
    assert_item("F: ' padded '", "F= padded ");
    assert_item("F: [a, b]", "F=a,b");
    assert_item("F: ''", "F=");
}

static void test_plain__kinds_of_values_are_kept_apart(void **state) {
    (void)state;
    assert_item("F: 4688", "F=#4688");
    assert_item("F: '4688'", "F=4688");
    assert_item("F: 1.50", "F=#1.50");
    assert_item("F: true", "F=TRUE");
    assert_item("F: 'true'", "F=true");
    assert_item("F: null", "F=NULL");
    assert_item("F:", "F=NULL");
    assert_item("F: []", "F=NULL");
    assert_item("F: off", "F=off");
    assert_item("F: 00:00", "F=00:00");
    assert_item("F: [0, 'DWORD (0x00000000)', null, false]", "F=#0,DWORD (0x00000000),NULL,FALSE");
}

static void test_plain__numbers_go_to_64_bits(void **state) {
    (void)state;
    SekRuleFile file = read_selection("        F: [2147943140, 18446744073709551615, -3]\n");
    const SekMatch *m = file.rules[0]->condition->item->matches;
    assert_true(m[0].number.is_int && m[0].number.magnitude == 2147943140u);
    assert_true(m[1].number.magnitude == UINT64_MAX && !m[1].number.negative);
    assert_true(m[2].number.magnitude == 3 && m[2].number.negative);
    sek_rulefile_deinit(&file);
}

static void test_plain__nested_values_are_an_error(void **state) {
    (void)state;
    assert_item("F: [a, [b]]", "error: bad-value");
    assert_item("F: {a: b}", "error: bad-value");
}

/* --- affixes ------------------------------------------------------------------------------- */

static void test_affix__each_puts_a_wildcard_where_it_says(void **state) {
    (void)state;
    assert_item("F|contains: abc", "F=*abc*");
    assert_item("F|startswith: abc", "F=abc*");
    assert_item("F|endswith: abc", "F=*abc");
    assert_item("F|startswith|endswith: abc", "F=*abc*");
    assert_item("F|contains: ''", "F=*");
    assert_item("F|contains: '*a?b'", "F=*a?b*");
}

static void test_affix__last_backslash_does_not_escape_the_wildcard(void **state) {
    (void)state;
    assert_item("F|contains: '\\Temp\\'", "F=*\\Temp\\*");
    SekRuleFile file = read_selection("        F|contains: '\\Temp\\'\n");
    assert_int_equal(file.rules[0]->condition->item->matches[0].patterns[0].n_tokens, 3);
    sek_rulefile_deinit(&file);
}

static void test_affix__numbers_booleans_and_nothing_are_errors(void **state) {
    (void)state;
    assert_item("F|contains: 5", "error: bad-value");
    assert_item("F|endswith: true", "error: bad-value");
    assert_item("F|startswith:", "error: bad-value");
    assert_item("F|contains: []", "error: bad-value");
    assert_item("F|contains: [a, 1.5]", "error: bad-value");
}

static void test_affix__digits_with_leading_zeros_are_text(void **state) {
    (void)state;
    assert_item("F|contains: 00000429", "F=*00000429*");
    assert_item("F|endswith: [00000429, 000b0c04]", "F=*00000429,*000b0c04");
    assert_item("F: 00000429", "F=#00000429");
    assert_item("F|gte: 010", "F=>=10");
}

/* --- all, neq, cased ------------------------------------------------------------------------ */

static void test_all__joins_values_wherever_it_stands(void **state) {
    (void)state;
    assert_item("F|contains|all: [a, b]", "F=all:*a*,*b*");
    assert_item("F|all|contains: [a, b]", "F=all:*a*,*b*");
    assert_item("F|re|all: [a, b]", "F=all:/a/,/b/");
}

static void test_all__single_value_is_a_warning(void **state) {
    (void)state;
    SekRuleFile file = read_selection("        F|contains|all: a\n");
    assert_string_equal(show_rule(&file), "F=all:*a*");
    assert_int_equal(find_diag(&file, "no-effect")->kind, SEK_DIAG_WARNING);
    assert_int_equal(find_diag(&file, "no-effect")->line, 6);
    sek_rulefile_deinit(&file);
}

static void test_neq__turns_the_whole_item_after_any_chain(void **state) {
    (void)state;
    assert_item("F|neq: [1, 2]", "F!=#1,#2");
    assert_item("F|contains|neq: a", "F!=*a*");
    assert_item("F|neq|contains: a", "F!=*a*");
    assert_item("F|contains|all|neq: [a, b]", "F!=all:*a*,*b*");
    assert_item("F|fieldref|neq: G", "F!=equal(G)");
    assert_item("F|re|neq: a", "F!=/a/");
    assert_item("F|neq:", "F!=NULL");
}

static void test_cased__makes_case_count_in_any_order(void **state) {
    (void)state;
    assert_item("F|cased: Abc", "F=cased Abc");
    assert_item("F|contains|cased: Abc", "F=cased *Abc*");
    assert_item("F|cased|contains: Abc", "F=cased *Abc*");
    assert_item("F|fieldref|cased: G", "F=cased equal(G)");
    assert_item("F|cased: 5", "error: bad-value");
}

/* --- regular expressions ------------------------------------------------------------------- */

static void test_re__text_is_kept_raw(void **state) {
    (void)state;
    assert_item("F|re: 'a\\\\b\\*?.+'", "F=/a\\\\b\\*?.+/");
    assert_item("F|re: '(?i)x'", "F=/(?i)x/");
    assert_item("F|re: ''", "error: bad-value");
    assert_item("F|re: 5", "error: bad-value");
}

static void test_re__flags_and_their_long_names(void **state) {
    (void)state;
    assert_item("F|re|i: a", "F=/a/i");
    assert_item("F|re|m|s: a", "F=/a/ms");
    assert_item("F|re|ignorecase|multiline|dotall: a", "F=/a/ims");
    assert_item("F|i: a", "error: modifier-order");
    assert_item("F|contains|s: a", "error: modifier-order");
}

static void test_re__must_be_first_and_only_some_may_follow(void **state) {
    (void)state;
    assert_item("F|contains|re: a", "error: modifier-order");
    assert_item("F|all|re: [a, b]", "error: modifier-order");
    assert_item("F|re|base64: a", "error: modifier-order");
    assert_item("F|re|windash: a", "error: modifier-order");
    assert_item("F|re|cased: a", "error: modifier-order");
    assert_item("F|re|cidr: a", "error: modifier-order");
    assert_item("F|re|re: a", "error: modifier-order");
    assert_item("F|re|i|ignorecase: a", "error: modifier-order");
}

static void test_re__affix_changes_nothing_and_is_a_warning(void **state) {
    (void)state;
    SekRuleFile file = read_selection("        F|re|startswith: a\n");
    assert_string_equal(show_rule(&file), "F=/a/");
    assert_non_null(find_diag(&file, "no-effect"));
    sek_rulefile_deinit(&file);
}

/* --- dashes and encodings ------------------------------------------------------------------- */

static void test_windash__before_and_after_an_affix(void **state) {
    (void)state;
    assert_item("F|contains|windash: ' -enc '", "F=* ~enc *");
    assert_item("F|windash|contains: ' -enc '", "F=* ~enc *");
    assert_item("F|endswith|windash: '/x'", "F=*~x");
    assert_item("F|contains|all|windash: ['-a', '-b c-d']", "F=all:*~a*,*~b c-d*");
    assert_item("F|windash: 5", "error: bad-value");
}

static void test_wide__and_the_other_forms_of_utf16(void **state) {
    (void)state;
    assert_item("F|wide: ab", "F=a\\0b\\0");
    assert_item("F|utf16le: ab", "F=a\\0b\\0");
    assert_item("F|utf16be: ab", "F=\\0a\\0b");
    assert_item("F|utf16: ab", "F=\xFF\xFE"
                               "a\\0b\\0");
    assert_item("F|wide: 'a*'", "error: bad-value");
    assert_item("F|wide|utf16be: a", "error: modifier-order");
    assert_item("F|contains|wide: a", "error: modifier-order");
}

static void test_base64__works_on_bytes(void **state) {
    (void)state;
    assert_item("F|base64: a", "F=YQ==");
    assert_item("F|base64|contains: foobar", "F=*Zm9vYmFy*");
    assert_item("F|wide|base64: IEX", "F=SQBFAFgA");
    assert_item("F|utf16|base64: a", "F=//5hAA==");
    assert_item("F|base64: '\xC3\xA9'", "F=w6k=");
    assert_item("F|base64: '\\*'", "F=Kg==");
    assert_item("F|base64: 'a*'", "error: bad-value");
    assert_item("F|base64: ''", "error: bad-value");
    assert_item("F|contains|base64: a", "error: modifier-order");
}

static void test_base64offset__gives_three_alternatives(void **state) {
    (void)state;
    assert_item("F|base64offset|contains: foobar", "F=*Zm9vYmFy*/*Zvb2Jhc*/*mb29iYX*");
    assert_item("F|base64offset|contains: '\xC3\xA9\xC3\xA9'", "F=*w6nDq*/*Opw6*/*DqcOp*");
    assert_item("F|wide|base64offset|contains: IEX", "F=*SQBFAFgA*/*kARQBYA*/*JAEUAWA*");
    assert_item("F|base64offset: a", "error: bad-value");
    assert_item("F|base64offset: ab", "F=YW/Fi/hY");
}

static void test_base64offset__alternatives_stay_together_under_all(void **state) {
    (void)state;
    assert_item("F|base64offset|contains|all: [foobar, '/bin/sh']",
                "F=all:*Zm9vYmFy*/*Zvb2Jhc*/*mb29iYX*,*L2Jpbi9za*/*9iaW4vc2*/*vYmluL3No*");
}

static void test_encoding__dashes_are_written_out_first(void **state) {
    (void)state;
    assert_item("F|windash|base64: '-a'", "F=LWE=/L2E=/4oCTYQ==/4oCUYQ==/4oCVYQ==");
    assert_item("F|base64|windash: '-a'", "error: modifier-order");
}

/* --- addresses ----------------------------------------------------------------------------- */

static void test_cidr__networks_of_both_families(void **state) {
    (void)state;
    assert_item("F|cidr: 10.0.0.0/8", "F=0a000000/8");
    assert_item("F|cidr: 192.168.1.7", "F=c0a80107/32");
    assert_item("F|cidr: 0.0.0.0/0", "F=00000000/0");
    assert_item("F|cidr: 'fe80::/10'", "F=fe800000000000000000000000000000/10");
    assert_item("F|cidr: '::1'", "F=00000000000000000000000000000001/128");
    assert_item("F|cidr: ['127.0.0.0/8', '::1/128']",
                "F=7f000000/8,00000000000000000000000000000001/128");
}

static void test_cidr__anything_else_is_an_error(void **state) {
    (void)state;
    assert_item("F|cidr: 10.0.0.1/8", "error: bad-value");
    assert_item("F|cidr: 10.0.0.0/33", "error: bad-value");
    assert_item("F|cidr: 10.0.0.0/", "error: bad-value");
    assert_item("F|cidr: 10.0.0.0/-1", "error: bad-value");
    assert_item("F|cidr: 10.0.0/8", "error: bad-value");
    assert_item("F|cidr: '10.*'", "error: bad-value");
    assert_item("F|cidr: 'fe80::1/10'", "error: bad-value");
    assert_item("F|cidr: localhost", "error: bad-value");
    assert_item("F|cidr: 10", "error: bad-value");
    assert_item("F|contains|cidr: 10.0.0.0/8", "error: modifier-order");
    assert_item("F|cidr|contains: 10.0.0.0/8", "error: modifier-order");
}

/* --- numbers, dates, fields ------------------------------------------------------------------ */

static void test_exists__needs_a_real_boolean(void **state) {
    (void)state;
    assert_item("F|exists: true", "F=EXISTS");
    assert_item("F|exists: false", "F=MISSING");
    assert_item("F|exists: 'true'", "error: bad-value");
    assert_item("F|exists: yes", "error: bad-value");
    assert_item("F|exists: 1", "error: bad-value");
    assert_item("F|exists:", "error: bad-value");
    assert_item("F|contains|exists: true", "error: modifier-order");
    assert_item("F|exists|neq: true", "F!=EXISTS");
}

static void test_compare__needs_a_real_number(void **state) {
    (void)state;
    assert_item("F|gt: 5", "F=>5");
    assert_item("F|gte: -5", "F=>=-5");
    assert_item("F|lt: 0.5", "F=<0.5");
    assert_item("F|lte: 0x10", "F=<=16");
    assert_item("F|gt: '5'", "error: bad-value");
    assert_item("F|gt: true", "error: bad-value");
    assert_item("F|gt:", "error: bad-value");
    assert_item("F|gt: .inf", "error: bad-value");
    assert_item("F|gt: .nan", "error: bad-value");
    assert_item("F|gt|lt: 5", "error: modifier-order");
    assert_item("F|contains|gt: 5", "error: modifier-order");
}

static void test_date__parts_and_their_ranges(void **state) {
    (void)state;
    assert_item("F|minute: 0", "F=minute==0");
    assert_item("F|hour: 23", "F=hour==23");
    assert_item("F|hour|gte: 22", "F=hour>=22");
    assert_item("F|day|lt: 31", "F=day<31");
    assert_item("F|week: 53", "F=week==53");
    assert_item("F|month: [1, 12]", "F=month==1,month==12");
    assert_item("F|year|gt: 2020", "F=year>2020");
    assert_item("F|hour: 24", "error: bad-value");
    assert_item("F|minute: 60", "error: bad-value");
    assert_item("F|day: 0", "error: bad-value");
    assert_item("F|week: 54", "error: bad-value");
    assert_item("F|month: 13", "error: bad-value");
    assert_item("F|year: -1", "error: bad-value");
    assert_item("F|hour: 1.5", "error: bad-value");
    assert_item("F|hour: '1'", "error: bad-value");
    assert_item("F|gte|hour: 22", "error: modifier-order");
    assert_item("F|hour|minute: 22", "error: modifier-order");
}

static void test_fieldref__and_its_combinations(void **state) {
    (void)state;
    assert_item("F|fieldref: G", "F=equal(G)");
    assert_item("F|fieldref|contains: G", "F=contains(G)");
    assert_item("F|fieldref|startswith: G", "F=startswith(G)");
    assert_item("F|fieldref|endswith: G", "F=endswith(G)");
    assert_item("F|fieldref|startswith|endswith: G", "F=contains(G)");
    assert_item("F|fieldref: [G, H]", "F=equal(G),equal(H)");
    assert_item("F|contains|fieldref: G", "error: modifier-order");
    assert_item("F|fieldref: 'G*'", "error: bad-value");
    assert_item("F|fieldref: ''", "error: bad-value");
    assert_item("F|fieldref: 5", "error: bad-value");
}

/* --- placeholders -------------------------------------------------------------------------- */

static void test_expand__unresolved_is_an_error_that_names_it(void **state) {
    (void)state;
    SekRuleFile file = read_selection("        F|expand: 'x%Servers%'\n");
    assert_string_equal(error_code(&file), "placeholder");
    assert_true(sek_str_find(find_diag(&file, "placeholder")->text, SEK_STR("%Servers%")) >= 0);
    assert_int_equal(find_diag(&file, "placeholder")->line, 6);
    assert_int_equal(find_diag(&file, "placeholder")->column, 19);
    sek_rulefile_deinit(&file);
}

static void test_expand__without_a_placeholder_is_plain_text(void **state) {
    (void)state;
    assert_item("F: '%name%'", "F=%name%");
    assert_item("F|expand: '100%'", "F=100%");
    assert_item("F|expand: '\\%a\\%'", "F=%a%");
    assert_item("F|contains|expand: '50% off'", "F=*50% off*");
}

static SekStatus look_up(void *user, SekStr name, const SekStr **out_values, uint32_t *out_n) {
    (void)user;
    static const SekStr values[] = {{"srv*", 4}, {"db-1", 4}};
    *out_values = values;
    *out_n = sek_str_eq(name, SEK_STR("Servers")) ? 2 : 0; /* others are known but empty */
    return SEK_OK;
}

static void assert_expanded(const char *line, const char *expected) {
    char yaml[400];
    snprintf(yaml, sizeof yaml, RULE_HEAD "        %s\n" RULE_TAIL, line);
    SekRuleFile file;
    sek_rulefile_init(&file);
    file.options = (SekRuleOptions){.placeholder = look_up, .user = NULL};
    assert_int_equal(sek_rules_read(&file, SEK_STR("t"), sek_str(yaml)), SEK_OK);
    assert_string_equal(show_rule(&file), expected);
    sek_rulefile_deinit(&file);
}

static void test_expand__values_are_alternatives(void **state) {
    (void)state;
    assert_expanded("F|expand: '%Servers%'", "F=srv*/db-1");
    assert_expanded("F|contains|expand: '%Servers%'", "F=*srv*/*db-1*");
    assert_expanded("F|expand|endswith: '\\%Servers%'", "F=*%Servers%");
    assert_expanded("F|expand|all: ['%Servers%', x]", "F=all:srv*/db-1,x");
    assert_expanded("F|re|expand: '^%Servers%$'", "F=/^(?:srv.*|db\\-1)$/");
    assert_expanded("F|expand|base64: '%Servers%'", "error: bad-value");
    assert_expanded("F|expand: '%Empty%'", "error: placeholder");
    assert_expanded("F|base64|expand: '%Servers%'", "error: modifier-order");
}

/* --- names --------------------------------------------------------------------------------- */

static void test_unknown__modifier_rejects_the_rule(void **state) {
    (void)state;
    assert_item("F|contain: a", "error: unknown-modifier");
    assert_item("F|Contains: a", "error: unknown-modifier");
    assert_item("F|contains|ALL: [a, b]", "error: unknown-modifier");
    assert_item("F|: a", "error: unknown-modifier");
    assert_item("F|contains|: a", "error: unknown-modifier");
    assert_item("'F| contains': a", "error: unknown-modifier");
    assert_item("F|min_length: 3", "error: unknown-modifier");
}

static void test_unknown__diagnostic_tells_place_rule_and_what_to_do(void **state) {
    (void)state;
    SekRuleFile file = read_text("title: My rule\nid: 929a690e-bef0-4204-a928-ef5e620d6fcc\n"
                                 "logsource:\n    product: windows\ndetection:\n    s:\n"
                                 "        A: 1\n        F|Contains: a\n    condition: s\n");
    const SekDiag *diag = find_diag(&file, "unknown-modifier");
    assert_int_equal(diag->line, 8);
    assert_int_equal(diag->column, 9);
    assert_true(sek_str_eq(diag->rule_title, SEK_STR("My rule")));
    assert_true(sek_str_eq(diag->rule_id, SEK_STR("929a690e-bef0-4204-a928-ef5e620d6fcc")));
    assert_true(sek_str_eq(diag->source, SEK_STR("test.yml")));
    assert_true(sek_str_find(diag->text, SEK_STR("`contains`")) >= 0);
    sek_rulefile_deinit(&file);
}

static void test_twice__the_same_modifier_is_an_error(void **state) {
    (void)state;
    assert_item("F|contains|contains: a", "error: modifier-order");
    assert_item("F|all|all: [a, b]", "error: modifier-order");
    assert_item("F|wide|utf16le: a", "error: modifier-order");
}

/* --- limits -------------------------------------------------------------------------------- */

static SekRuleFile read_values(uint32_t n) {
    size_t size = (size_t)n * 16 + 64;
    char *text = malloc(size);
    size_t len = (size_t)snprintf(text, size, "        F|contains: [");
    for (uint32_t i = 0; i < n; i++)
        len += (size_t)snprintf(text + len, size - len, "v%u,", (unsigned)i);
    snprintf(text + len, size - len, "]\n");
    SekRuleFile file = read_selection(text);
    free(text);
    return file;
}

static void test_limit__lists_of_values(void **state) {
    (void)state;
    static const uint32_t good[] = {5000, SEK_RULE_MAX_VALUES - 1, SEK_RULE_MAX_VALUES};
    for (size_t i = 0; i < 3; i++) {
        SekRuleFile file = read_values(good[i]);
        assert_int_equal(file.n_rules, 1);
        assert_int_equal(file.rules[0]->condition->item->n_matches, good[i]);
        sek_rulefile_deinit(&file);
    }
    SekRuleFile file = read_values(SEK_RULE_MAX_VALUES + 1);
    assert_string_equal(error_code(&file), "limit");
    sek_rulefile_deinit(&file);
}

static SekRuleFile read_long(const char *key, size_t len) {
    char *text = malloc(len + 64);
    int head = snprintf(text, 64, "        %s: '", key);
    memset(text + head, 'x', len);
    memcpy(text + head + len, "'\n", 3);
    SekRuleFile file = read_selection(text);
    free(text);
    return file;
}

static void test_limit__length_of_text(void **state) {
    (void)state;
    static const struct {
        const char *key;
        size_t most;
    } cases[] = {
        {"F", 1024 * 1024},
        {"F|contains", 1024 * 1024},
        {"F|base64|contains", 512 * 1024},
        {"F|wide|contains", 512 * 1024 - 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t extra = 0; extra <= 1; extra++) {
            SekRuleFile file = read_long(cases[i].key, cases[i].most + extra);
            assert_string_equal(error_code(&file), extra ? "limit" : "");
            sek_rulefile_deinit(&file);
        }
}

static void test_limit__text_with_many_wildcards(void **state) {
    (void)state;
    char line[6000] = "        F: '";
    size_t start = strlen(line);
    memset(line + start, '?', 3000);
    snprintf(line + start + 3000, 4, "'\n");
    assert_selection(line, "error: limit");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain__text_is_matched_as_a_whole),
        cmocka_unit_test(test_plain__kinds_of_values_are_kept_apart),
        cmocka_unit_test(test_plain__numbers_go_to_64_bits),
        cmocka_unit_test(test_plain__nested_values_are_an_error),
        cmocka_unit_test(test_affix__each_puts_a_wildcard_where_it_says),
        cmocka_unit_test(test_affix__last_backslash_does_not_escape_the_wildcard),
        cmocka_unit_test(test_affix__numbers_booleans_and_nothing_are_errors),
        cmocka_unit_test(test_affix__digits_with_leading_zeros_are_text),
        cmocka_unit_test(test_all__joins_values_wherever_it_stands),
        cmocka_unit_test(test_all__single_value_is_a_warning),
        cmocka_unit_test(test_neq__turns_the_whole_item_after_any_chain),
        cmocka_unit_test(test_cased__makes_case_count_in_any_order),
        cmocka_unit_test(test_re__text_is_kept_raw),
        cmocka_unit_test(test_re__flags_and_their_long_names),
        cmocka_unit_test(test_re__must_be_first_and_only_some_may_follow),
        cmocka_unit_test(test_re__affix_changes_nothing_and_is_a_warning),
        cmocka_unit_test(test_windash__before_and_after_an_affix),
        cmocka_unit_test(test_wide__and_the_other_forms_of_utf16),
        cmocka_unit_test(test_base64__works_on_bytes),
        cmocka_unit_test(test_base64offset__gives_three_alternatives),
        cmocka_unit_test(test_base64offset__alternatives_stay_together_under_all),
        cmocka_unit_test(test_encoding__dashes_are_written_out_first),
        cmocka_unit_test(test_cidr__networks_of_both_families),
        cmocka_unit_test(test_cidr__anything_else_is_an_error),
        cmocka_unit_test(test_exists__needs_a_real_boolean),
        cmocka_unit_test(test_compare__needs_a_real_number),
        cmocka_unit_test(test_date__parts_and_their_ranges),
        cmocka_unit_test(test_fieldref__and_its_combinations),
        cmocka_unit_test(test_expand__unresolved_is_an_error_that_names_it),
        cmocka_unit_test(test_expand__without_a_placeholder_is_plain_text),
        cmocka_unit_test(test_expand__values_are_alternatives),
        cmocka_unit_test(test_unknown__modifier_rejects_the_rule),
        cmocka_unit_test(test_unknown__diagnostic_tells_place_rule_and_what_to_do),
        cmocka_unit_test(test_twice__the_same_modifier_is_an_error),
        cmocka_unit_test(test_limit__lists_of_values),
        cmocka_unit_test(test_limit__length_of_text),
        cmocka_unit_test(test_limit__text_with_many_wildcards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
