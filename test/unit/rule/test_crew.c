/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_test.h"

#include "base/buf.h"
#include "rule/crew.h"

#include <stdio.h>

#define N_TEXTS 3000u /* some flushes of the crew */

/* Rules, mistakes, warnings, filters, correlations on rules that are not there, and nothing. */
static void write_text(uint32_t i, SekBuf *name, SekBuf *text) {
    static const char *const bodies[] = {
        "logsource: {product: windows}\ndetection: {s: {A: 1}, condition: s}\n",
        "logsource: {product: windows}\ndetection: {s: {A|nonsense: 1}, condition: s}\n",
        "logsource: {product: windows}\ndetection: {s: {A: 1}, t: {B: 2}, condition: s}\n",
        "logsource: {product: windows}\nfilter: {rules: [x], s: {A: 1}, condition: not s}\n",
        "correlation: {type: event_count, rules: [gone], timespan: 1m, condition: {gte: x}}\n",
        "logsource: {product: windows}\ndetection: {s: {A: 1}, condition: s}\n---\ntitle: second\n",
    };
    sek_buf_clear(name);
    sek_buf_clear(text);
    sek_buf_addf(name, "rules/%05u.yml", i);
    if (i % 17 == 16)
        return;
    sek_buf_addf(text, "title: Rule %u\nname: rule_%u\ndescription: ", i, i);
    for (uint32_t k = 0; k < i % 7 * 100; k++)
        sek_buf_adds(text, "word ");
    sek_buf_addf(text, ".\n%s", bodies[i % (sizeof bodies / sizeof *bodies)]);
}

#define HERE "crew-test.yml" /* a file in the folder of the build; the other name is nobody's */

static SekStatus add_texts(void *user) {
    SekRuleCrew *crew = user;
    SekBuf name, text;
    sek_buf_init(&name, 4096);
    sek_buf_init(&text, 65536);
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < N_TEXTS && status == SEK_OK; i++) {
        write_text(i, &name, &text);
        status = sek_rule_crew_add(crew, sek_buf_str(&name), sek_buf_str(&text));
        if (i % 100 == 7 && status == SEK_OK)
            status = sek_rule_crew_add_file(crew, i % 200 == 7 ? HERE : "crew-test-missing.yml");
    }
    sek_buf_deinit(&name);
    sek_buf_deinit(&text);
    return status;
}

static SekRuleFile read_with(unsigned threads) {
    SekRuleFile file;
    SekRuleCrew *crew;
    sek_rulefile_init(&file);
    assert_int_equal(sek_rule_crew_new(&file, threads, &crew), SEK_OK);
    assert_int_equal(sek_rule_crew_run(crew, add_texts, crew), SEK_OK);
    assert_false(sek_rule_crew_read_all(crew));
    sek_rule_crew_free(crew);
    return file;
}

static void assert_str_equal(SekStr a, SekStr b) {
    assert_true(sek_str_eq(a, b));
}

static void assert_same(const SekRuleFile *a, const SekRuleFile *b) {
    assert_int_equal(a->n_rules, b->n_rules);
    assert_int_equal(a->n_diags, b->n_diags);
    assert_int_equal(a->n_filters, b->n_filters);
    assert_int_equal(a->n_unheard, b->n_unheard);
    for (uint32_t i = 0; i < a->n_rules; i++) {
        assert_str_equal(a->rules[i]->title, b->rules[i]->title);
        assert_str_equal(a->rules[i]->source, b->rules[i]->source);
        assert_str_equal(a->rules[i]->text, b->rules[i]->text);
    }
    for (uint32_t i = 0; i < a->n_diags; i++) {
        assert_int_equal(a->diags[i].kind, b->diags[i].kind);
        assert_int_equal(a->diags[i].line, b->diags[i].line);
        assert_string_equal(a->diags[i].code, b->diags[i].code);
        assert_str_equal(a->diags[i].source, b->diags[i].source);
        assert_str_equal(a->diags[i].rule_title, b->diags[i].rule_title);
        assert_str_equal(a->diags[i].text, b->diags[i].text);
    }
}

static void test_crew__reads_the_same_with_any_number_of_threads(void **state) {
    static const unsigned threads[] = {2, 3, 100};
    (void)state;
    FILE *here = fopen(HERE, "w");
    assert_non_null(here);
    assert_true(fputs("title: T\nlogsource: {product: windows}\ndetection: {s: {A: 1}, condition: s}\n", here) > 0);
    assert_int_equal(fclose(here), 0);
    SekRuleFile one = read_with(1);
    assert_true(one.n_rules > 1000 && one.n_diags > 1000 && one.n_filters > 0);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        SekRuleFile more = read_with(threads[i]);
        assert_same(&one, &more);
        sek_rulefile_deinit(&more);
    }
    assert_int_equal(remove(HERE), 0);
    sek_rulefile_deinit(&one);
}

typedef struct Flushing {
    SekRuleFile *file;
    SekRuleCrew *crew;
} Flushing;

static SekStatus add_and_flush(void *user) {
    const Flushing *f = user;
    SekStr text = SEK_STR("title: T\nlogsource: {product: windows}\ndetection: {s: {A: 1}, condition: s}\n");
    assert_int_equal(sek_rule_crew_flush(f->crew), SEK_OK);
    for (uint32_t i = 1; i <= 100; i++) {
        assert_int_equal(sek_rule_crew_add(f->crew, SEK_STR("a.yml"), text), SEK_OK);
        if (i % 10)
            continue;
        assert_int_equal(sek_rule_crew_flush(f->crew), SEK_OK);
        assert_int_equal(f->file->n_rules, i);
    }
    return SEK_OK;
}

static void test_crew__what_is_flushed_is_in_the_file(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= 3; threads++) {
        SekRuleFile file;
        Flushing f = {.file = &file};
        sek_rulefile_init(&file);
        assert_int_equal(sek_rule_crew_new(&file, threads, &f.crew), SEK_OK);
        assert_int_equal(sek_rule_crew_run(f.crew, add_and_flush, &f), SEK_OK);
        assert_true(sek_rule_crew_read_all(f.crew));
        sek_rule_crew_free(f.crew);
        assert_int_equal(file.n_rules, 100);
        assert_str_equal(file.rules[2]->title, SEK_STR("T")); /* its memory is the file's now */
        sek_rulefile_deinit(&file);
    }
}

static SekStatus give_up(void *user) {
    SekBuf name, text;
    sek_buf_init(&name, 4096);
    sek_buf_init(&text, 65536);
    for (uint32_t i = 0; i < 200; i++) {
        write_text(i, &name, &text);
        assert_int_equal(sek_rule_crew_add(user, sek_buf_str(&name), sek_buf_str(&text)), SEK_OK);
    }
    sek_buf_deinit(&name);
    sek_buf_deinit(&text);
    return SEK_ERR_IO;
}

static void test_crew__goes_home_when_nothing_more_comes(void **state) {
    (void)state;
    SekRuleFile file;
    SekRuleCrew *crew;
    sek_rulefile_init(&file);
    assert_int_equal(sek_rule_crew_new(&file, 3, &crew), SEK_OK);
    assert_int_equal(sek_rule_crew_run(crew, give_up, crew), SEK_ERR_IO);
    sek_rule_crew_free(crew);
    sek_rulefile_deinit(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crew__reads_the_same_with_any_number_of_threads),
        cmocka_unit_test(test_crew__what_is_flushed_is_in_the_file),
        cmocka_unit_test(test_crew__goes_home_when_nothing_more_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
