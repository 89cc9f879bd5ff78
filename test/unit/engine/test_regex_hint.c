/* SPDX-License-Identifier: Apache-2.0 */
/* Hints of expressions: where an expression is found, its hint holds; and texts that cannot match are told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/utf.h"
#include "engine/regex.h"

#include <stdlib.h>

static uint32_t random_state = 4242;

static uint32_t random_below(uint32_t n) {
    random_state = random_state * 1664525u + 1013904223u; /* Numerical Recipes, section 7.1 */
    return (uint32_t)((uint64_t)random_state * n >> 32);
}

static bool holds(const SekRegexHint *hint, const char *text) {
    SekBuf folded;
    sek_buf_init(&folded, 1u << 20);
    sek_fold_append(&folded, sek_str(text));
    char *exact = malloc(folded.len + 1); /* of this size: what is read behind it is seen */
    assert_non_null(exact);
    if (folded.len)
        memcpy(exact, folded.data, folded.len);
    bool yes = sek_regex_hint_holds(hint, sek_str_n(exact, folded.len));
    free(exact);
    sek_buf_deinit(&folded);
    return yes;
}

static void expect(const char *pattern, bool ignore_case, const char *may, const char *never) {
    SekRegexHint hint = sek_regex_hint(sek_str(pattern), ignore_case);
    assert_true(holds(&hint, may));
    assert_false(holds(&hint, never));
}

static void rare_neighbours_are_asked_first(void **state) {
    (void)state;
    expect("\\s[a-fA-F0-9]{8}\\s[a-fA-F0-9]{16}", false, "x 0123456789ABCDEF", "x 0123456789 0123456789 x");
    expect("\\\\[a-zA-Z0-9]{1,32}\\.[a-zA-Z0-9]{1,6}\\.[ \"']{1}", false, "\\a.b. ", "C:\\Windows\\a.exe \"b.c\"");
    expect("a.+[ab]`", false, "ab`", "ac`d`");
    expect("(?i);[ek]nc", false, ";\u212Anc", "; ;1 n");
    expect("=\\w{9,}", false, "=\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4", "= 12345678 12345678");
    expect("(?:a|b)+x{12}?", false, "xxxxxxxxxxxx", "xxxxxxxxxxx");
}

/* What is not understood gives no hint: all texts may match. */
static void what_is_not_understood_gives_no_hint(void **state) {
    (void)state;
    static const char *const patterns[] = {"a{8}b|c", "(?=a{9})b", "a{9}(?-i)", "\\Qa{9}\\E", "(*UTF)a{9}", "\\x41{9}", "[[:alpha:]]{9}", "a{9", "(a{9}", "[a-",
                                           "a{9}\\", "\u00e9{9}", "(?#a)b{9}", "a{,9}b{9}", "", "a?", "\\d*", "(a)", "."};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        SekRegexHint hint = sek_regex_hint(sek_str(patterns[i]), false);
        assert_true(holds(&hint, ""));
        assert_true(holds(&hint, "?"));
    }
}

static void add_one(SekBuf *out, const char *const *parts, uint32_t n) {
    sek_buf_adds(out, parts[random_below(n)]);
}

/* Expressions and texts of a few parts that meet often. */
static void what_is_found_has_the_hint(void **state) {
    (void)state;
    static const char *const parts[] = {"a", "K", "s", "\\.", "\\\\", "[a-k]", "[^a]", "[ \"']", "[\\w-]", "\\w", "\\d", "\\s", "(?:a|\\.)", "(K)", ".", "1", "-", "^", "$", "`"};
    static const char *const counts[] = {"", "", "", "", "", "+", "*", "?", "{2}", "{8}", "{9,}", "{1,3}", "+?", "{8}+"};
    static const char *const texts[] = {"a", "K", "k", "s", ".", "\\", "-", "1", " ", "\"", "`", "\u212A", "\u017F", "\u00e9", "\ufb01", "aaaaaaaaa", "11111111", "kkkkkkkkkk"};
    SekRegexScratch *scratch;
    SekBuf pattern, text;
    uint64_t n_found = 0, n_spared = 0;
    assert_int_equal(sek_regex_scratch_new(&scratch), SEK_OK);
    sek_buf_init(&pattern, 1u << 12);
    sek_buf_init(&text, 1u << 12);
    for (uint32_t i = 0; i < 4000; i++) {
        sek_buf_clear(&pattern);
        if (random_below(4) == 0)
            sek_buf_adds(&pattern, "(?i)");
        for (uint32_t k = 1 + random_below(4); k > 0; k--) {
            add_one(&pattern, parts, sizeof parts / sizeof *parts);
            add_one(&pattern, counts, sizeof counts / sizeof *counts);
        }
        SekRegex regex;
        if (sek_regex_init(&regex, sek_buf_str(&pattern), random_below(3) == 0, random_below(4) == 0, false, NULL) != SEK_OK)
            continue;
        for (uint32_t k = 0; k < 40; k++) {
            uint32_t gave_up = 0;
            sek_buf_clear(&text);
            for (uint32_t m = random_below(7); m > 0; m--)
                add_one(&text, texts, sizeof texts / sizeof *texts);
            sek_buf_addc(&text, '\0');
            bool found = sek_regex_found(&regex, scratch, sek_str(text.data), &gave_up), may = holds(&regex.hint, text.data);
            assert_true(may || !found);
            n_found += found;
            n_spared += !may;
        }
        sek_regex_deinit(&regex);
    }
    assert_true(n_found > 10000 && n_spared > 10000);
    sek_buf_deinit(&pattern);
    sek_buf_deinit(&text);
    sek_regex_scratch_free(scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rare_neighbours_are_asked_first),
        cmocka_unit_test(what_is_not_understood_gives_no_hint),
        cmocka_unit_test(what_is_found_has_the_hint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
