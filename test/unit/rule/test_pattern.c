/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_test.h"

#include "rule/encode.h"
#include "rule/expand.h"
#include "rule/pattern.h"

static SekArena arena;

static int set_up(void **state) {
    (void)state;
    sek_arena_init(&arena, 0);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    sek_arena_deinit(&arena);
    return 0;
}

static SekPattern parse(const char *text) {
    SekPattern pattern = {0};
    assert_int_equal(sek_pattern_parse(&arena, sek_str(text), &pattern), SEK_OK);
    return pattern;
}

static void assert_parse(const char *text, const char *expected) {
    SekPattern pattern = parse(text);
    assert_string_equal(show_pattern(&pattern), expected);
}

/* --- reading ------------------------------------------------------------------------------- */

static void test_parse__backslash_escapes_only_wildcards_and_itself(void **state) {
    (void)state;
    assert_parse("a", "a");
    assert_parse("", "");
    assert_parse("*", "*");
    assert_parse("a*b?c", "a*b?c");
    assert_parse("\\*", "\\*");
    assert_parse("\\?", "\\?");
    assert_parse("\\\\", "\\");
    assert_parse("\\\\*", "\\*"); /* shown: a backslash, then ANY */
    assert_parse("\\\\\\*", "\\\\*");
    assert_parse("\\\\\\\\", "\\\\");
    assert_parse("\\\\\\x", "\\\\x");
    assert_parse("\\", "\\");
    assert_parse("C:\\Temp\\", "C:\\Temp\\");
    assert_parse("a\\nb", "a\\nb");
}

static void test_parse__escaped_and_real_wildcards_are_different_tokens(void **state) {
    (void)state;
    SekPattern pattern = parse("\\\\*");
    assert_int_equal(pattern.n_tokens, 2);
    assert_int_equal(pattern.tokens[0].kind, SEK_TOKEN_LITERAL);
    assert_int_equal(pattern.tokens[1].kind, SEK_TOKEN_ANY);
    pattern = parse("\\\\\\*"); /* `\` and `*` as characters */
    assert_int_equal(pattern.n_tokens, 1);
    assert_true(sek_str_eq(pattern.tokens[0].text, SEK_STR("\\*")));
    pattern = parse("\\\\\\\\*"); /* two backslashes and a wildcard */
    assert_int_equal(pattern.n_tokens, 2);
    assert_true(sek_str_eq(pattern.tokens[0].text, SEK_STR("\\\\")));
    pattern = parse("\\\\\\\\\\*");
    assert_int_equal(pattern.n_tokens, 1);
    assert_true(sek_str_eq(pattern.tokens[0].text, SEK_STR("\\\\*")));
}

static void test_parse__neighbouring_wildcards(void **state) {
    (void)state;
    assert_parse("**a***", "*a*");
    assert_parse("*?*", "*?*");
    assert_parse("??", "??");
}

static void test_parse__blanks_and_other_scripts_are_kept(void **state) {
    (void)state;
    assert_parse("  -enc ", "  -enc ");
    assert_parse("\xD0\xB0*\xF0\x9F\x98\x80", "\xD0\xB0*\xF0\x9F\x98\x80");
}

static void test_parse__limits_below_at_and_above(void **state) {
    (void)state;
    char *text = malloc(SEK_PATTERN_MAX_BYTES + 1);
    SekPattern pattern;
    memset(text, 'a', SEK_PATTERN_MAX_BYTES + 1);
    assert_int_equal(sek_pattern_parse(&arena, sek_str_n(text, SEK_PATTERN_MAX_BYTES), &pattern),
                     SEK_OK);
    assert_int_equal(
        sek_pattern_parse(&arena, sek_str_n(text, SEK_PATTERN_MAX_BYTES + 1), &pattern),
        SEK_ERR_LIMIT);
    memset(text, '?', SEK_PATTERN_MAX_TOKENS);
    uint32_t most = (SEK_PATTERN_MAX_TOKENS - 1) / 2; /* wildcards, each with a literal before */
    assert_int_equal(sek_pattern_parse(&arena, sek_str_n(text, most), &pattern), SEK_OK);
    assert_int_equal(pattern.n_tokens, most);
    assert_int_equal(sek_pattern_parse(&arena, sek_str_n(text, most + 1), &pattern), SEK_ERR_LIMIT);
    free(text);
}

/* --- affixes ------------------------------------------------------------------------------- */

static void assert_affix(const char *text, bool front, bool back, const char *expected) {
    SekPattern pattern = parse(text);
    assert_int_equal(sek_pattern_affix(&arena, front, back, &pattern), SEK_OK);
    assert_string_equal(show_pattern(&pattern), expected);
}

static void test_affix__is_not_added_where_a_wildcard_stands(void **state) {
    (void)state;
    assert_affix("a", true, true, "*a*");
    assert_affix("*a", true, true, "*a*");
    assert_affix("a*", true, false, "*a*");
    assert_affix("", true, true, "*");
    assert_affix("*", false, true, "*");
    assert_affix("?a?", true, true, "*?a?*");
}

static void test_affix__last_backslash_stays_a_backslash(void **state) {
    (void)state;
    SekPattern pattern = parse("\\Temp\\");
    assert_int_equal(sek_pattern_affix(&arena, true, true, &pattern), SEK_OK);
    assert_int_equal(pattern.n_tokens, 3);
    assert_true(sek_str_eq(pattern.tokens[1].text, SEK_STR("\\Temp\\")));
    assert_int_equal(pattern.tokens[2].kind, SEK_TOKEN_ANY);
    pattern = parse("a\\*"); /* an escaped star is no wildcard, so one is added */
    assert_int_equal(sek_pattern_affix(&arena, false, true, &pattern), SEK_OK);
    assert_int_equal(pattern.n_tokens, 2);
}

/* --- dashes -------------------------------------------------------------------------------- */

static void assert_windash(const char *text, const char *expected) {
    SekPattern pattern = parse(text);
    assert_int_equal(sek_pattern_windash(&arena, &pattern), SEK_OK);
    assert_string_equal(show_pattern(&pattern), expected);
}

static void test_windash__frees_dashes_at_word_starts(void **state) {
    (void)state;
    assert_windash("-enc", "~enc");
    assert_windash("/c", "~c");
    assert_windash(" -param-name", " ~param-name");
    assert_windash(" /a /b", " ~a ~b");
    assert_windash("--x", "-~x");
    assert_windash("-", "-");
    assert_windash("a-b", "a-b");
    assert_windash("a/b", "a/b");
    assert_windash("- x", "- x");
    assert_windash("-_", "~_");
    assert_windash("x -1", "x ~1");
    assert_windash("none", "none");
    assert_windash("", "");
}

static void test_windash__looks_at_each_run_by_itself(void **state) {
    (void)state;
    assert_windash("a*-b", "a*~b");
    assert_windash("a?-b", "a?~b");
    assert_windash("-*b", "-*b");
    assert_windash("*-a*/b*", "*~a*~b*");
}

static void test_windash__words_are_those_of_unicode(void **state) {
    (void)state;
    assert_windash("-\xC3\xA9t\xC3\xA9", "~\xC3\xA9t\xC3\xA9");
    assert_windash("\xC3\xA9-a", "\xC3\xA9-a");
    assert_windash("-\xE6\x97\xA5", "~\xE6\x97\xA5");
    assert_windash("\xE2\x80\x94-a", "\xE2\x80\x94~a"); /* an em dash is no letter */
    assert_windash("\xE2\x80\x93"
                   "a",
                   "\xE2\x80\x93"
                   "a"); /* and is not freed itself */
}

static void test_undash__gives_five_strings_for_each_dash(void **state) {
    (void)state;
    SekPattern pattern = parse("-a /b");
    assert_int_equal(sek_pattern_windash(&arena, &pattern), SEK_OK);
    SekPatternList list;
    assert_int_equal(sek_pattern_undash(&arena, &pattern, &list), SEK_OK);
    assert_int_equal(list.n, 25);
    assert_string_equal(show_pattern(&list.patterns[0]), "-a -b");
    assert_string_equal(show_pattern(&list.patterns[24]), "\xE2\x80\x95"
                                                          "a \xE2\x80\x95"
                                                          "b");
    for (uint32_t i = 0; i < list.n; i++)
        assert_int_equal(list.patterns[i].n_tokens, 1);
}

static void test_undash__six_dashes_are_read_and_seven_are_too_many(void **state) {
    (void)state;
    SekPatternList list;
    SekPattern pattern = parse("-a -a -a -a -a -a");
    assert_int_equal(sek_pattern_windash(&arena, &pattern), SEK_OK);
    assert_int_equal(sek_pattern_undash(&arena, &pattern, &list), SEK_OK);
    assert_int_equal(list.n, 15625);
    pattern = parse("-a -a -a -a -a -a -a");
    assert_int_equal(sek_pattern_windash(&arena, &pattern), SEK_OK);
    assert_int_equal(sek_pattern_undash(&arena, &pattern, &list), SEK_ERR_LIMIT);
}

static SekPattern parse_repeated(const char *unit, size_t n) {
    size_t len = strlen(unit);
    char *text = malloc(n * len);
    for (size_t i = 0; i < n; i++)
        memcpy(text + i * len, unit, len);
    SekPattern pattern;
    assert_int_equal(sek_pattern_parse(&arena, sek_str_n(text, n * len), &pattern), SEK_OK);
    free(text);
    return pattern;
}

static void test_tokens__are_counted_by_every_function(void **state) {
    (void)state;
    size_t most = (SEK_PATTERN_MAX_TOKENS - 1) / 2;
    SekPattern pattern = parse_repeated("a?", most - 1);
    assert_int_equal(sek_pattern_affix(&arena, false, true, &pattern), SEK_OK);
    pattern = parse_repeated("?a", most);
    assert_int_equal(pattern.n_tokens, SEK_PATTERN_MAX_TOKENS - 2);
    assert_int_equal(sek_pattern_affix(&arena, true, true, &pattern), SEK_OK);
    assert_int_equal(pattern.n_tokens, SEK_PATTERN_MAX_TOKENS);
    assert_int_equal(sek_pattern_affix(&arena, true, false, &pattern), SEK_ERR_LIMIT);
    pattern = parse_repeated(" -a", SEK_PATTERN_MAX_TOKENS / 2 - 1);
    assert_int_equal(sek_pattern_windash(&arena, &pattern), SEK_OK);
    assert_int_equal(pattern.n_tokens, SEK_PATTERN_MAX_TOKENS - 1);
    pattern = parse_repeated(" -a", SEK_PATTERN_MAX_TOKENS / 2 + 1);
    assert_int_equal(sek_pattern_windash(&arena, &pattern), SEK_ERR_LIMIT);
    pattern = parse_repeated("?-a", most);
    assert_int_equal(sek_pattern_windash(&arena, &pattern), SEK_ERR_LIMIT);
}

/* --- encodings ----------------------------------------------------------------------------- */

static void assert_bytes(SekStr got, const char *expected, size_t len) {
    assert_int_equal(got.len, len);
    assert_memory_equal(got.ptr, expected, len);
}

static void test_utf16__all_forms(void **state) {
    (void)state;
    SekStr out;
    assert_int_equal(sek_encode_utf16(&arena, SEK_STR("cmd"), SEK_UTF16_LE, &out), SEK_OK);
    assert_bytes(out, "c\0m\0d\0", 6);
    assert_int_equal(sek_encode_utf16(&arena, SEK_STR("cmd"), SEK_UTF16_BE, &out), SEK_OK);
    assert_bytes(out, "\0c\0m\0d", 6);
    assert_int_equal(sek_encode_utf16(&arena, SEK_STR("cmd"), SEK_UTF16_BOM_LE, &out), SEK_OK);
    assert_bytes(out,
                 "\xFF\xFE"
                 "c\0m\0d\0",
                 8);
}

static void test_utf16__other_scripts_and_surrogate_pairs(void **state) {
    (void)state;
    SekStr out;
    assert_int_equal(sek_encode_utf16(&arena, SEK_STR("\xC3\xA9\xE6\x97\xA5"), SEK_UTF16_LE, &out),
                     SEK_OK);
    assert_bytes(out, "\xE9\x00\xE5\x65", 4);
    assert_int_equal(sek_encode_utf16(&arena, SEK_STR("\xF0\x9F\x98\x80"), SEK_UTF16_BE, &out),
                     SEK_OK);
    assert_bytes(out, "\xD8\x3D\xDE\x00", 4);
}

static void test_base64__is_that_of_rfc_4648_section_10(void **state) {
    (void)state;
    static const char *const vectors[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        SekStr out;
        assert_int_equal(sek_encode_base64(&arena, sek_str(vectors[i][0]), &out), SEK_OK);
        assert_bytes(out, vectors[i][1], strlen(vectors[i][1]));
    }
}

/* Whatever stands around the text, one of the three forms is in the encoding of the whole. */
static void test_base64_shift__is_found_at_every_place(void **state) {
    (void)state;
    static const char *const texts[] = {"ab",     "abc", "foobar", "http://", "\xC3\xA9\xC3\xA9",
                                        "/bin/sh"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (unsigned place = 0; place < 9; place++) {
            char text[64];
            snprintf(text, sizeof text, "%.*s%s\xFF\x01~", (int)place, "xyzXYZ019", texts[i]);
            SekStr whole, part;
            assert_int_equal(sek_encode_base64(&arena, sek_str(text), &whole), SEK_OK);
            assert_int_equal(sek_encode_base64_shift(&arena, sek_str(texts[i]), place % 3, &part),
                             SEK_OK);
            assert_true(part.len > 0);
            assert_true(sek_str_find(whole, part) >= 0);
        }
    }
}

static void test_base64_shift__cuts_by_bytes(void **state) {
    (void)state;
    static const char *const expected[] = {"Zm9vYmFy", "Zvb2Jhc", "mb29iYX"};
    for (unsigned shift = 0; shift < 3; shift++) {
        SekStr out;
        assert_int_equal(sek_encode_base64_shift(&arena, SEK_STR("foobar"), shift, &out), SEK_OK);
        assert_bytes(out, expected[shift], strlen(expected[shift]));
    }
    SekStr out; /* four bytes, two characters */
    assert_int_equal(sek_encode_base64_shift(&arena, SEK_STR("\xC3\xA9\xC3\xA9"), 0, &out), SEK_OK);
    assert_bytes(out, "w6nDq", 5);
    assert_int_equal(sek_encode_base64_shift(&arena, SEK_STR("a"), 1, &out), SEK_OK);
    assert_int_equal(out.len, 0);
}

/* --- placeholders -------------------------------------------------------------------------- */

static SekStatus look_up(void *user, SekStr name, const SekStr **out_values, uint32_t *out_n) {
    static const SekStr servers[] = {{"srv*", 4}, {"db1", 3}};
    static const SekStr one[] = {{"a.b(c)", 6}};
    assert_ptr_equal(user, &arena);
    bool many = sek_str_eq(name, SEK_STR("servers"));
    *out_values = many ? servers : one;
    *out_n = many ? 2 : 1;
    return many || sek_str_eq(name, SEK_STR("one")) ? SEK_OK : SEK_NOT_FOUND;
}

static void assert_expand(const char *text, const char *expected) {
    SekRuleOptions options = {.placeholder = look_up, .user = &arena};
    SekPattern pattern;
    assert_int_equal(sek_pattern_parse_expandable(&arena, sek_str(text), &pattern), SEK_OK);
    SekPatternList list;
    SekStr missing = {0};
    SekStatus status = sek_expand_pattern(&arena, &options, &pattern, &list, &missing);
    char got[400];
    if (status == SEK_NOT_FOUND)
        snprintf(got, sizeof got, "missing %.*s", SEK_STR_ARG(missing));
    size_t n = 0;
    for (uint32_t i = 0; status == SEK_OK && i < list.n; i++)
        n += (size_t)snprintf(got + n, sizeof got - n, "%s<%s>", "",
                              show_pattern(&list.patterns[i]));
    assert_string_equal(got, expected);
}

static void test_expand__puts_every_value_in(void **state) {
    (void)state;
    assert_expand("%servers%", "<srv*><db1>");
    assert_expand("\\\\\\\\%servers%.example", "<\\\\srv*.example><\\\\db1.example>");
    assert_expand("*%servers%*", "<*srv*><*db1*>");
    assert_expand("%servers%-%servers%", "<srv*-srv*><srv*-db1><db1-srv*><db1-db1>");
}

static void test_expand__percent_signs_that_are_no_placeholder(void **state) {
    (void)state;
    assert_expand("100%", "<100%>");
    assert_expand("%%", "<%%>");
    assert_expand("% a %", "<% a %>");
    assert_expand("\\%plain%one%", "<%plaina.b(c)>");
    assert_expand("\\%one\\%", "<%one%>");
    assert_expand("CORP\\\\%one%", "<CORP\\a.b(c)>");
}

static void test_expand__unknown_name_is_told(void **state) {
    (void)state;
    assert_expand("a %nobody% b", "missing nobody");
    SekRuleOptions none = {0};
    SekPattern pattern = parse("%one%");
    SekPatternList list;
    SekStr missing;
    assert_int_equal(sek_expand_pattern(&arena, &none, &pattern, &list, &missing), SEK_NOT_FOUND);
}

static void test_expand__combinations_are_bounded(void **state) {
    (void)state;
    char text[200] = "";
    for (int i = 0; i < 16; i++)
        memcpy(text + strlen(text), "%servers%", sizeof "%servers%");
    for (int extra = 0; extra <= 1; extra++) {
        SekRuleOptions options = {.placeholder = look_up, .user = &arena};
        SekPattern pattern;
        SekPatternList list;
        SekStr missing;
        assert_int_equal(sek_pattern_parse_expandable(&arena, sek_str(text), &pattern), SEK_OK);
        SekStatus status = sek_expand_pattern(&arena, &options, &pattern, &list, &missing);
        assert_int_equal(status, extra ? SEK_ERR_LIMIT : SEK_OK);
        assert_true(extra || list.n == SEK_PATTERN_MAX_ALTERNATIVES);
        memcpy(text + strlen(text), "%servers%", sizeof "%servers%");
    }
}

static void test_expand__regex_gets_a_group_of_quoted_values(void **state) {
    (void)state;
    SekRuleOptions options = {.placeholder = look_up, .user = &arena};
    SekStr out, missing;
    assert_int_equal(
        sek_expand_regex(&arena, &options, SEK_STR("^%one%\\\\%servers%\\%one%$"), &out, &missing),
        SEK_OK);
    assert_true(sek_str_eq(out, SEK_STR("^(?:a\\.b\\(c\\))\\\\(?:srv.*|db1)%one%$")));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_parse__backslash_escapes_only_wildcards_and_itself),
        TEST(test_parse__escaped_and_real_wildcards_are_different_tokens),
        TEST(test_parse__neighbouring_wildcards),
        TEST(test_parse__blanks_and_other_scripts_are_kept),
        TEST(test_parse__limits_below_at_and_above),
        TEST(test_affix__is_not_added_where_a_wildcard_stands),
        TEST(test_affix__last_backslash_stays_a_backslash),
        TEST(test_windash__frees_dashes_at_word_starts),
        TEST(test_windash__looks_at_each_run_by_itself),
        TEST(test_windash__words_are_those_of_unicode),
        TEST(test_undash__gives_five_strings_for_each_dash),
        TEST(test_undash__six_dashes_are_read_and_seven_are_too_many),
        TEST(test_tokens__are_counted_by_every_function),
        TEST(test_utf16__all_forms),
        TEST(test_utf16__other_scripts_and_surrogate_pairs),
        TEST(test_base64__is_that_of_rfc_4648_section_10),
        TEST(test_base64_shift__is_found_at_every_place),
        TEST(test_base64_shift__cuts_by_bytes),
        TEST(test_expand__puts_every_value_in),
        TEST(test_expand__percent_signs_that_are_no_placeholder),
        TEST(test_expand__unknown_name_is_told),
        TEST(test_expand__combinations_are_bounded),
        TEST(test_expand__regex_gets_a_group_of_quoted_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
