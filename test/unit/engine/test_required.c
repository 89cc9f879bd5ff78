/* SPDX-License-Identifier: Apache-2.0 */
/* What expressions require of a text: what they match has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf.h"
#include "engine/guard.h"
#include "engine/regex.h"
#include "engine/ruleset.h"

#include <stdio.h>
#include <stdlib.h>

#define RULES 400u
#define TEXTS 4000u

static uint32_t random_state = 11;

static uint32_t random_below(uint32_t n) {
    random_state = random_state * 1664525u + 1013904223u; /* Numerical Recipes, section 7.1 */
    return (uint32_t)((uint64_t)random_state * n >> 32);
}

static void add_rule(SekBuf *yaml, uint32_t number, const char *pattern) {
    char rule[512];
    int len = snprintf(rule, sizeof rule,
                       "---\ntitle: r\nid: 00000000-0000-4000-8000-000000000%03u\nlogsource: {category: process_creation, product: windows}\n"
                       "detection: {s: {CommandLine|re: '%s'}, condition: s}\nlevel: low\n", number, pattern);
    sek_buf_add(yaml, rule, (size_t)len);
}

static SekRuleset *build(SekBuf *yaml) {
    SekRuleset *rules = calloc(1, sizeof *rules);
    assert_non_null(rules);
    sek_rulefile_init(&rules->file);
    assert_int_equal(sek_rules_read(&rules->file, SEK_STR("test.yml"), sek_str_n(yaml->data + 4, yaml->len - 4)), SEK_OK);
    assert_int_equal(sek_ruleset_build(rules), SEK_OK);
    return rules;
}

static void literals_reach_into_groups(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *literal; /* NULL: none */
    } cases[] = {
        {"\"(?:\\{\\d\\})+\"\\s*-f", "\"{"}, {"ab(cd)ef.gh", "abcd"},     {"abx(cd)?ef.gh", "abx"}, {"ab(cd){0,2}xyz", "xyz"},
        {"abx(cd|ef)gh", "abx"},           {"ab(?:cde)+fgh", "abcde"}, {"ab(?=cde)q", "ab"},     {"ab(?!cde)q", "ab"},
        {"abx(c(d)e)f", "abx"},             {"abx(\\x41cde)f", "abx"},  {"ab([)]cde)f", "cde"},   {"ab(cde", NULL},
        {"ab(?:", NULL},                   {"a(b\\)cd)e", "ab)cd"},    {"(abc)*de", "de"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SekBuf yaml;
        sek_buf_init(&yaml, 1u << 16);
        add_rule(&yaml, 1, cases[i].pattern);
        SekRuleset *rules = build(&yaml);
        if (cases[i].literal) {
            assert_int_equal(rules->n_guards, 1);
            assert_true(sek_str_eq(rules->guards[0].literal, sek_str(cases[i].literal)));
        } else {
            assert_int_equal(sek_ruleset_count(rules), 0); /* no expression */
        }
        sek_ruleset_free(rules);
        sek_buf_deinit(&yaml);
    }
}

static void add_parts(SekBuf *out, const char *const *parts, uint32_t n_parts, uint32_t n) {
    for (; n > 0; n--)
        sek_buf_adds(out, parts[random_below(n_parts)]);
    sek_buf_addc(out, '\0');
}

/* The probe of an expression names what its guard does. */
static bool has_required(const SekProbe *probe, const char *text) {
    SekBuf folded;
    sek_buf_init(&folded, 1u << 12);
    sek_fold_append(&folded, sek_str(text));
    bool has = probe->kind != SEK_PROBE_NEEDS || sek_str_find(sek_buf_str(&folded), sek_str_n(probe->literal, probe->len)) >= 0;
    sek_buf_deinit(&folded);
    return has;
}

static void what_matches_has_what_is_required(void **state) {
    (void)state;
    static const char *const parts[] = {"a", "b", "K", "\\.", "[a-b]", "[)]", "(?:ab", "(a", "(?:b\\)", ")", ")", ")+", ")?", "){2}", "|", "+", "?", "\\w", ".", "{1,2}"};
    static const char *const texts[] = {"a", "b", "K", "k", ".", ")", "ab", "aab", "b)", "bb"};
    SekRegexScratch *scratch;
    SekBuf yaml, text;
    uint32_t n_found = 0, n_spared = 0;
    sek_buf_init(&yaml, 1u << 20);
    sek_buf_init(&text, 1u << 12);
    for (uint32_t i = 0; i < RULES; i++) {
        sek_buf_clear(&text);
        add_parts(&text, parts, sizeof parts / sizeof *parts, 2 + random_below(6));
        add_rule(&yaml, i, text.data);
    }
    SekRuleset *rules = build(&yaml);
    assert_true(sek_ruleset_count(rules) > RULES / 8); /* the others are no expressions */
    assert_int_equal(sek_regex_scratch_new(&scratch), SEK_OK);
    for (uint32_t i = 0; i < TEXTS; i++) {
        sek_buf_clear(&text);
        add_parts(&text, texts, sizeof texts / sizeof *texts, random_below(6));
        for (uint32_t p = 0; p < rules->n_preds; p++) {
            uint32_t gave_up = 0;
            bool may = has_required(&rules->probes[p], text.data);
            bool found = rules->preds[p].kind == SEK_PRED_REGEX && sek_regex_found(rules->preds[p].regex, scratch, sek_str(text.data), &gave_up);
            assert_true(may || !found);
            n_found += found;
            n_spared += !may;
        }
    }
    assert_true(n_found > TEXTS && n_spared > TEXTS);
    sek_regex_scratch_free(scratch);
    sek_ruleset_free(rules);
    sek_buf_deinit(&yaml);
    sek_buf_deinit(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_reach_into_groups),
        cmocka_unit_test(what_matches_has_what_is_required),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
