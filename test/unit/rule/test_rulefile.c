/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_test.h"

#include "base/buf.h"
#include "rule/duplicates.h"
#include "rule/reader.h"

#define BODY "logsource: {product: windows}\ndetection: {s: {A: 1}, condition: s}\n"

static bool is(SekStr text, const char *expected) {
    return sek_str_eq(text, sek_str(expected));
}

/* --- metadata ------------------------------------------------------------------------------ */

static void test_metadata__everything_is_kept(void **state) {
    (void)state;
    SekRuleFile file = read_text(
        "title: A title\nid: 929a690e-bef0-4204-a928-ef5e620d6fcc\nname: a_name\nstatus: test\n"
        "description: |\n    Two\n    lines\nlicense: MIT\nauthor: A, B\ndate: 2024-01-02\n"
        "modified: 2024-03-04\nreferences:\n    - https://example.org/1\n    - "
        "https://example.org/2\n"
        "tags:\n    - attack.execution\n    - attack.t1059.001\nfalsepositives:\n    - Unknown\n"
        "level: high\nlogsource:\n    category: process_creation\n    product: windows\n"
        "    service: sysmon\n    definition: x\ndetection: {s: {A: 1}, condition: s}\n");
    assert_int_equal(file.n_rules, 1);
    assert_int_equal(file.n_diags, 0);
    const SekRule *rule = file.rules[0];
    assert_true(is(rule->title, "A title"));
    assert_true(is(rule->id, "929a690e-bef0-4204-a928-ef5e620d6fcc"));
    assert_true(is(rule->name, "a_name"));
    assert_true(is(rule->status, "test"));
    assert_true(is(rule->description, "Two\nlines\n"));
    assert_true(is(rule->license, "MIT"));
    assert_true(is(rule->author, "A, B"));
    assert_true(is(rule->date, "2024-01-02"));
    assert_true(is(rule->modified, "2024-03-04"));
    assert_int_equal(rule->n_references, 2);
    assert_true(is(rule->references[1], "https://example.org/2"));
    assert_int_equal(rule->n_tags, 2);
    assert_true(is(rule->tags[1], "attack.t1059.001"));
    assert_int_equal(rule->n_falsepositives, 1);
    assert_int_equal(rule->level, SEK_LEVEL_HIGH);
    assert_true(is(rule->logsource.category, "process_creation"));
    assert_true(is(rule->logsource.product, "windows"));
    assert_true(is(rule->logsource.service, "sysmon"));
    assert_true(is(rule->source, "test.yml"));
    sek_rulefile_deinit(&file);
}

static void test_metadata__what_is_missing_is_empty(void **state) {
    (void)state;
    SekRuleFile file = read_text("title: T\n" BODY);
    const SekRule *rule = file.rules[0];
    assert_int_equal(file.n_diags, 0);
    assert_int_equal(rule->level, SEK_LEVEL_INFORMATIONAL);
    assert_int_equal(rule->id.len + rule->name.len + rule->status.len + rule->description.len, 0);
    assert_int_equal(rule->n_tags + rule->n_references + rule->n_falsepositives, 0);
    assert_int_equal(rule->logsource.category.len, 0);
    sek_rulefile_deinit(&file);
}

static void test_metadata__loose_forms_are_tolerated(void **state) {
    (void)state;
    SekRuleFile file = read_text("title: 2024\nreferences: https://example.org\ntags:\n"
                                 "falsepositives: Unknown\nauthor: [A, B]\nid:\n" BODY);
    assert_int_equal(file.n_rules, 1);
    assert_int_equal(file.n_diags, 0);
    const SekRule *rule = file.rules[0];
    assert_true(is(rule->title, "2024"));
    assert_int_equal(rule->n_references, 1);
    assert_true(is(rule->references[0], "https://example.org"));
    assert_int_equal(rule->n_tags, 0);
    assert_true(is(rule->author, "A, B"));
    sek_rulefile_deinit(&file);
}

static void assert_warning(const char *lines, const char *code, uint32_t line) {
    char yaml[2000];
    snprintf(yaml, sizeof yaml, "title: T\n%s" BODY, lines);
    SekRuleFile file = read_text(yaml);
    assert_int_equal(file.n_rules, 1);
    assert_int_equal(file.n_diags, 1);
    assert_int_equal(file.diags[0].kind, SEK_DIAG_WARNING);
    assert_string_equal(file.diags[0].code, code);
    assert_int_equal(file.diags[0].line, line);
    sek_rulefile_deinit(&file);
}

static void test_metadata__untidiness_is_a_warning(void **state) {
    (void)state;
    assert_warning("level: hihg\n", "level", 2);
    assert_warning("level: High\n", "level", 2);
    assert_warning("status: tested\n", "status", 2);
    assert_warning("id: my-rule\n", "metadata", 2);
    assert_warning("id: 929a690e-bef0-4204-a928-ef5e620d6fcg\n", "metadata", 2);
    assert_warning("tags: {a: b}\n", "metadata", 2);
    assert_warning("tags:\n  - a.b\n  - [b]\n", "metadata", 4);
    assert_warning("description: [a]\n", "metadata", 2);
    assert_warning("date: 2024-13-01\n", "metadata", 2);
    assert_warning("date: 2023-02-29\n", "metadata", 2);
    assert_warning("date: 2024/02/01\n", "metadata", 2);
    assert_warning("modified: 2024-1-1\n", "metadata", 2);
    assert_warning("tags: [attack.t1059, Attack.t1059]\n", "metadata", 2);
    assert_warning("tags: [attack]\n", "metadata", 2);
    assert_warning("tags: [attack.]\n", "metadata", 2);
    assert_warning("tags: [.a]\n", "metadata", 2);
    assert_warning("taxonomy: ecs\n", "taxonomy", 2);
}

static void test_metadata__what_the_schema_wants_is_tidy(void **state) {
    (void)state;
    SekRuleFile file = read_text("title: T\ndate: 2024-02-29\nmodified: 2000-12-31\ntaxonomy: sigma\n"
                                 "tags: [attack.t1059.001, cve.2021-1234, car.2016-04-005, d3fend.d3-am]\n" BODY);
    assert_int_equal(file.n_rules, 1);
    assert_int_equal(file.n_diags, 0);
    sek_rulefile_deinit(&file);
}

static void test_duplicates__are_told_at_the_later_one(void **state) {
    (void)state;
    static const char yaml[] = "title: A\nid: 929a690e-bef0-4204-a928-ef5e620d6fcc\n" BODY
                               "---\ntitle: B\n" BODY
                               "---\ntitle: C\nid: 929A690E-bef0-4204-a928-ef5e620d6fcc\n" BODY "---\ntitle: D\n" BODY;
    SekRuleFile file = read_text(yaml);
    assert_int_equal(sek_duplicates_note(&file), SEK_OK);
    assert_int_equal(file.n_rules, 4);
    assert_int_equal(file.n_diags, 1);
    assert_string_equal(file.diags[0].code, "duplicate-id");
    assert_true(is(file.diags[0].rule_title, "C"));
    assert_true(sek_str_find(file.diags[0].text, SEK_STR("'A' in test.yml:1")) >= 0);
    sek_rulefile_deinit(&file);
}

static void test_metadata__level_in_other_case_is_taken(void **state) {
    (void)state;
    SekRuleFile file = read_text("title: T\nlevel: Critical\n" BODY);
    assert_int_equal(file.rules[0]->level, SEK_LEVEL_CRITICAL);
    sek_rulefile_deinit(&file);
}

static void test_metadata__title_length(void **state) {
    (void)state;
    for (int extra = 0; extra <= 1; extra++) {
        char yaml[600];
        snprintf(yaml, sizeof yaml, "title: %0*d\n" BODY, 256 + extra, 1);
        SekRuleFile file = read_text(yaml);
        assert_int_equal(file.n_rules, 1);
        assert_int_equal(file.n_diags, extra);
        sek_rulefile_deinit(&file);
    }
}

static void test_metadata__title_length_is_in_characters(void **state) {
    (void)state;
    for (int extra = 0; extra <= 1; extra++) {
        char title[3 * 257 + 1] = "", yaml[1200];
        for (int i = 0; i < 256 + extra; i++)
            memcpy(title + 3 * i, "\xE9\x96\xA2", 4);
        snprintf(yaml, sizeof yaml, "title: %s\n" BODY, title);
        SekRuleFile file = read_text(yaml);
        assert_int_equal(file.n_rules, 1);
        assert_int_equal(file.n_diags, extra);
        sek_rulefile_deinit(&file);
    }
}

static void test_level__names_go_both_ways(void **state) {
    (void)state;
    for (int i = SEK_LEVEL_INFORMATIONAL; i <= SEK_LEVEL_CRITICAL; i++) {
        SekLevel level;
        assert_int_equal(sek_level_parse(sek_str(sek_level_name((SekLevel)i)), &level), SEK_OK);
        assert_int_equal(level, i);
    }
    SekLevel level;
    assert_int_equal(sek_level_parse(SEK_STR("High"), &level), SEK_NOT_FOUND);
    assert_int_equal(sek_level_parse(SEK_STR(""), &level), SEK_NOT_FOUND);
}

/* --- missing parts ------------------------------------------------------------------------- */

static void test_missing__parts_are_errors(void **state) {
    (void)state;
    assert_text(BODY, "error: missing-title");
    assert_text("title: ''\n" BODY, "error: missing-title");
    assert_text("title: T\ndetection: {s: {A: 1}, condition: s}\n", "error: missing-logsource");
    assert_text("title: T\nlogsource: {product: windows}\n", "error: missing-detection");
    assert_text("title: T\n", "error: not-a-rule");
    assert_text("- a\n", "error: not-a-rule");
    assert_text("text\n", "error: not-a-rule");
}

/* The codes of all errors, further ones too, each with its line. */
static void assert_errors(const char *text, const char *wanted) {
    SekRuleFile file = read_text(text);
    char got[400];
    size_t n = 0;
    got[0] = '\0';
    for (uint32_t i = 0; i < file.n_diags; i++)
        n += (size_t)snprintf(got + n, sizeof got - n, "%s%s:%u", n ? " " : "", file.diags[i].code, file.diags[i].line);
    assert_string_equal(got, wanted);
    for (uint32_t i = 0; i < file.n_diags; i++)
        assert_int_equal(file.diags[i].kind == SEK_DIAG_ERROR, i == 0);
    assert_int_equal(file.n_rules + file.n_filters, 0);
    sek_rulefile_deinit(&file);
}

static void test_missing__title_does_not_hide_the_rest(void **state) {
    (void)state;
    assert_errors("id: x\nlevel: huge\nlogsource: {}\ndetection:\n    a: {A|foo: 1}\n    b: {B|cidr: z}\n    condition: a and c\n",
                  "missing-title:1 metadata:1 level:2 bad-logsource:3 unknown-modifier:5 bad-value:6 undefined-name:7");
    assert_errors("logsource: {product: windows}\ndetection: {s: {A: 1}, t: {B: 1}, condition: s}\n",
                  "missing-title:1 unused-selection:2");
    assert_errors("logsource: {}\nlevel: huge\n", "missing-detection:1 missing-title:1 level:2 bad-logsource:1");
    assert_errors("correlation:\n    typo: event_count\n    timespan: never\n    rules: []\n    group-by: {a: b}\n    generate: 'yes'\n",
                  "missing-title:1 bad-correlation:2 bad-correlation:2 bad-correlation:4 bad-correlation:3 bad-list:5 bad-correlation:6");
    assert_errors("logsource: {}\nfilter:\n    s: {A: 1}\n    condition: not t\n",
                  "missing-title:1 bad-logsource:1 bad-filter:3 undefined-name:4");
}

static void test_kinds__a_document_has_one(void **state) {
    (void)state;
    SekRuleFile file = read_text("title: C\ncorrelation:\n  type: temporal\n" BODY "---\n"
                                 "title: T\n" BODY);
    assert_int_equal(file.n_rules, 1);
    assert_string_equal(error_code(&file), "two-kinds");
    assert_true(is(file.diags[0].rule_title, "C"));
    assert_int_equal(file.diags[0].line, 5);
    sek_rulefile_deinit(&file);
}

/* --- several documents --------------------------------------------------------------------- */

static void test_documents__an_error_costs_only_its_own_rule(void **state) {
    (void)state;
    SekRuleFile file =
        read_text("title: One\n" BODY "---\ntitle: [broken\n---\ntitle: Two\n" BODY
                  "---\ntitle: Three\ntitle: Three\n---\n\xFF\n---\ntitle: Four\n" BODY);
    assert_int_equal(file.n_rules, 3);
    assert_true(is(file.rules[1]->title, "Two"));
    assert_true(is(file.rules[2]->title, "Four"));
    assert_int_equal(file.n_diags, 3);
    assert_string_equal(file.diags[0].code, "yaml-syntax");
    assert_string_equal(file.diags[1].code, "yaml-duplicate-key");
    assert_int_equal(file.diags[1].line, 12);
    assert_string_equal(file.diags[2].code, "yaml-utf8");
    assert_int_equal(file.diags[2].line, 14);
    sek_rulefile_deinit(&file);
}

static void test_documents__know_their_text_and_line(void **state) {
    (void)state;
    SekRuleFile file = read_text("# licence\n---\ntitle: One\n" BODY
                                 "\n\n---\n\n# about\ntitle: Two\n" BODY "...\n");
    assert_int_equal(file.n_rules, 2);
    assert_int_equal(file.rules[0]->line, 3);
    assert_true(is(file.rules[0]->text, "title: One\nlogsource: {product: windows}\n"
                                        "detection: {s: {A: 1}, condition: s}"));
    assert_int_equal(file.rules[1]->line, 10);
    assert_true(sek_str_starts(file.rules[1]->text, SEK_STR("# about\ntitle: Two\n")));
    assert_int_equal(file.rules[1]->condition->item->line, 13);
    sek_rulefile_deinit(&file);
}

static void test_documents__empty_ones_are_nothing(void **state) {
    (void)state;
    SekRuleFile file = read_text("---\n---\n# only a comment\n---\ntitle: T\n" BODY "---\n");
    assert_int_equal(file.n_rules, 1);
    assert_int_equal(file.n_diags, 0);
    sek_rulefile_deinit(&file);
}

static void test_files__that_hold_nothing_are_named(void **state) {
    (void)state;
    static const char *const texts[] = {"", "\n\n", "# only a comment\n", "---\n", "---\n...\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        SekRuleFile file = read_text(texts[i]);
        assert_int_equal(file.n_rules, 0);
        assert_int_equal(file.n_diags, 1);
        assert_non_null(find_diag(&file, "not-a-rule"));
        sek_rulefile_deinit(&file);
    }
}

static void test_files__are_added_to_each_other(void **state) {
    (void)state;
    SekRuleFile file = read_text("title: One\n" BODY);
    assert_int_equal(sek_rules_read(&file, SEK_STR("b.yml"), SEK_STR("title: Two\n" BODY)), SEK_OK);
    assert_int_equal(sek_rules_read(&file, SEK_STR("c.yml"), SEK_STR("nothing\n")), SEK_OK);
    assert_int_equal(file.n_rules, 2);
    assert_true(is(file.rules[0]->source, "test.yml"));
    assert_true(is(file.rules[1]->source, "b.yml"));
    assert_true(is(file.diags[0].source, "c.yml"));
    sek_rulefile_deinit(&file);
}

static void test_files__crlf_and_byte_order_mark(void **state) {
    (void)state;
    assert_text("\xEF\xBB\xBFtitle: T\r\nlogsource:\r\n    product: windows\r\ndetection:\r\n"
                "    s:\r\n        A|contains: ' x '\r\n    condition: s\r\n",
                "A=* x *");
}

static void test_files__the_text_may_go_after_reading(void **state) {
    (void)state;
    static const char yaml[] = "title: T\nlevel: low\n" BODY;
    char *copy = malloc(sizeof yaml);
    memcpy(copy, yaml, sizeof yaml);
    SekRuleFile file = read_text(copy);
    memset(copy, 'x', sizeof yaml);
    free(copy);
    assert_true(is(file.rules[0]->title, "T"));
    assert_string_equal(show_rule(&file), "A=#1");
    sek_rulefile_deinit(&file);
}

/* --- actions ------------------------------------------------------------------------------- */

static void test_action__global_is_joined_with_later_documents_and_wins(void **state) {
    (void)state;
    SekRuleFile file = read_text("action: global\ntitle: G\nlevel: high\n"
                                 "detection:\n    a: {A: 1}\n    condition: a and b\n---\n"
                                 "title: Own\nlogsource: {service: security}\n"
                                 "detection: {b: {B: 2}}\n---\n"
                                 "logsource: {service: system}\ndetection: {b: {B: 3}}\n---\n"
                                 "action: reset\n---\ntitle: Alone\n" BODY);
    assert_int_equal(file.n_diags, 0);
    assert_int_equal(file.n_rules, 3);
    assert_true(is(file.rules[0]->title, "G"));
    assert_string_equal(show_expr(file.rules[0]->condition), "(and A=#1 B=#2)");
    assert_string_equal(show_expr(file.rules[1]->condition), "(and A=#1 B=#3)");
    assert_true(is(file.rules[1]->logsource.service, "system"));
    assert_int_equal(file.rules[1]->level, SEK_LEVEL_HIGH);
    assert_int_equal(file.rules[1]->line, 12);
    assert_true(is(file.rules[2]->title, "Alone"));
    sek_rulefile_deinit(&file);
}

static void test_action__repeat_continues_the_document_before(void **state) {
    (void)state;
    SekRuleFile file = read_text("title: One\n" BODY "---\naction: repeat\ntitle: Two\n"
                                 "detection: {s: {B: 2}}\n---\naction: repeat\ntitle: Three\n");
    assert_int_equal(file.n_diags, 0);
    assert_int_equal(file.n_rules, 3);
    assert_string_equal(show_expr(file.rules[1]->condition), "(and A=#1 B=#2)");
    assert_string_equal(show_expr(file.rules[2]->condition), "(and A=#1 B=#2)");
    assert_true(is(file.rules[2]->title, "Three"));
    sek_rulefile_deinit(&file);
}

static void test_action__that_makes_no_sense_is_an_error(void **state) {
    (void)state;
    assert_text("action: repeat\ntitle: T\n", "error: bad-action");
    assert_text("action: merge\ntitle: T\n" BODY, "error: bad-action");
    assert_text("action: [global]\ntitle: T\n" BODY, "error: bad-action");
}

static SekStatus look_up(void *user, SekStr name, const SekStr **out_values, uint32_t *out_n) {
    (void)user;
    (void)name;
    static const SekStr values[] = {{"a*", 2}, {"b", 1}};
    *out_values = values;
    *out_n = 2;
    return SEK_OK;
}

/* --- limits -------------------------------------------------------------------------------- */

static SekRuleFile read_sized(size_t size) {
    char *yaml = malloc(size + 1);
    size_t head = (size_t)snprintf(yaml, size, "title: T\n" BODY "# ");
    memset(yaml + head, 'x', size - head);
    yaml[size] = '\0';
    SekRuleFile file = read_text(yaml);
    free(yaml);
    return file;
}

static void test_limit__size_of_a_file(void **state) {
    (void)state;
    for (int extra = -1; extra <= 1; extra++) {
        SekRuleFile file = read_sized((size_t)((int)SEK_RULE_MAX_FILE + extra));
        assert_string_equal(error_code(&file), extra > 0 ? "limit" : "");
        assert_int_equal(file.n_rules, extra > 0 ? 0 : 1);
        sek_rulefile_deinit(&file);
    }
    SekRuleFile file = read_sized((size_t)50 * 1024 * 1024);
    assert_string_equal(error_code(&file), "limit");
    assert_int_equal(file.diags[0].line, 0);
    assert_true(file.arena.used < 4096);
    sek_rulefile_deinit(&file);
}

static void test_limit__number_of_documents(void **state) {
    (void)state;
    for (int extra = 0; extra <= 1; extra++) {
        SekBuf buf;
        sek_buf_init(&buf, 16u << 20);
        for (int i = 0; i < SEK_RULE_MAX_DOCUMENTS - 1 + extra; i++)
            sek_buf_adds(&buf, "---\n");
        sek_buf_adds(&buf, "---\ntitle: T\n" BODY);
        sek_buf_addc(&buf, '\0');
        SekRuleFile file = read_text(buf.data);
        assert_int_equal(file.n_rules, 1 - extra);
        assert_string_equal(error_code(&file), extra ? "limit" : "");
        sek_rulefile_deinit(&file);
        sek_buf_deinit(&buf);
    }
}

/* A short text whose rule would be huge: one megabyte, encoded three times for each of its aliases.
 */
static void test_limit__memory_of_a_file(void **state) {
    (void)state;
    SekBuf buf;
    sek_buf_init(&buf, 16u << 20);
    for (int rule = 0; rule < 2; rule++) {
        sek_buf_adds(&buf, rule ? "---\n" : "");
        sek_buf_adds(&buf, "title: Big\nx: &x ");
        for (int i = 0; i < 500000; i++)
            sek_buf_addc(&buf, 'x');
        sek_buf_adds(&buf, "\n"
                           "logsource: {product: windows}\n"
                           "detection:\n  s:\n    F|base64offset|contains: [");
        for (int i = 0; i < 28; i++)
            sek_buf_adds(&buf, "*x, ");
        sek_buf_adds(&buf, "]\n  condition: s\n");
    }
    sek_buf_addc(&buf, '\0');
    SekRuleFile file = read_text(buf.data);
    assert_true(file.arena.used < SEK_RULE_MAX_MEMORY + (1u << 20));
    assert_int_equal(file.n_rules, 1);
    assert_string_equal(error_code(&file), "limit");
    sek_rulefile_deinit(&file);
    sek_buf_deinit(&buf);
}

static void test_limit__alias_bomb_in_a_rule(void **state) {
    (void)state;
    SekBuf buf;
    sek_buf_init(&buf, 1u << 20);
    sek_buf_adds(
        &buf, "title: T\nlogsource: {product: windows}\ndetection:\n  a0: &a0 [{A: 1}, {B: 1}]\n");
    for (int i = 1; i < 60; i++)
        sek_buf_addf(&buf, "  a%d: &a%d [*a%d, *a%d]\n", i, i, i - 1, i - 1);
    sek_buf_adds(&buf, "  condition: 1 of a*\n");
    sek_buf_addc(&buf, '\0');
    SekRuleFile file = read_text(buf.data);
    assert_string_equal(error_code(&file), "limit");
    assert_true(file.arena.used < 1u << 20);
    sek_rulefile_deinit(&file);
    sek_buf_deinit(&buf);
}

static void test_limit__warnings_of_a_document(void **state) {
    (void)state;
    SekBuf buf;
    sek_buf_init(&buf, 1u << 20);
    sek_buf_adds(&buf, "title: T\n" BODY "tags:\n");
    for (int i = 0; i < 1000; i++)
        sek_buf_adds(&buf, "  - []\n");
    sek_buf_addc(&buf, '\0');
    SekRuleFile file = read_text(buf.data);
    assert_int_equal(file.n_rules, 1);
    assert_int_equal(file.n_diags, SEK_RULE_MAX_WARNINGS + 1);
    assert_string_equal(file.diags[SEK_RULE_MAX_WARNINGS].code, "more-warnings");
    sek_rulefile_deinit(&file);
    sek_buf_deinit(&buf);
}

/* The owner's cap is kept: a rule that does not fit is an error, a diagnostic that does not is
 * fatal. */
static void test_limit__owner_of_the_arena_has_the_last_word(void **state) {
    (void)state;
    static const size_t limits[] = {16384, 4096, 100};
    static const SekStatus statuses[] = {SEK_OK, SEK_OK, SEK_ERR_MEMORY};
    static const char *const codes[] = {"", "limit", ""};
    char yaml[6000];
    snprintf(yaml, sizeof yaml, "title: T\ndescription: %05000d\n" BODY, 1);
    for (size_t i = 0; i < 3; i++) {
        SekRuleFile file;
        sek_rulefile_init(&file);
        file.arena.limit = limits[i];
        assert_int_equal(sek_rules_read(&file, SEK_STR("t"), sek_str(yaml)), statuses[i]);
        assert_string_equal(error_code(&file), codes[i]);
        assert_int_equal(file.n_rules, i == 0);
        assert_int_equal(file.arena.limit, limits[i]);
        assert_true(file.arena.used <= limits[i]);
        sek_rulefile_deinit(&file);
    }
}

/* Every feature once, under every cap that is too small for it: each run ends in a clean status,
 * and the cap holds. What is left unfreed or read too far is for the sanitizers to see. */
static void test_memory__running_out_anywhere_is_clean(void **state) {
    (void)state;
    static const char yaml[] =
        "title: T\nid: x\nlevel: High\nauthor: [a, b]\ntags: [a, b]\nreferences: r\n"
        "logsource: {product: windows}\ndetection:\n  s:\n    A: [1, x, null, true]\n"
        "    B|re|expand: '%a%+'\n    C|expand|contains: 'y%a%-%a%'\n"
        "    D|windash|wide|base64offset|contains: ' -a'\n    E|cidr: 10.0.0.0/8\n"
        "    F|fieldref|startswith: G\n    H|contains|all|windash: ['-x', '/y']\n"
        "  k: ['*w', 5]\n  l: [{A: 1}, [{B: 2}, c]]\n  unused: {Z: 1}\n"
        "  condition: [s or not k, all of l*]\n---\ntitle: bad\n---\naction: global\n---\n" BODY;
    size_t most = 0;
    for (size_t limit = 0; limit == 0 || limit < most + 64; limit += limit ? 16 : 64) {
        SekRuleFile file;
        sek_rulefile_init(&file);
        file.options = (SekRuleOptions){.placeholder = look_up, .user = NULL};
        file.arena.limit = limit;
        SekStatus status = sek_rules_read(&file, SEK_STR("t"), sek_str(yaml));
        assert_true(status == SEK_OK || status == SEK_ERR_MEMORY);
        assert_int_equal(file.arena.limit, limit);
        if (limit == 0) { /* no cap: this is what it takes */
            assert_int_equal(status, SEK_OK);
            assert_int_equal(file.n_rules, 1);
            most = file.arena.used;
        } else {
            assert_true(file.arena.used <= limit);
            assert_true(limit >= most || file.n_rules == 0 || file.n_diags < 9);
        }
        sek_rulefile_deinit(&file);
    }
}

static void test_message__cuts_long_names(void **state) {
    (void)state;
    char line[400];
    snprintf(line, sizeof line, "        F|%0250d: 1\n", 1);
    SekRuleFile file = read_selection(line);
    SekStr text = find_diag(&file, "unknown-modifier")->text;
    assert_true(text.len < 200 && sek_str_find(text, SEK_STR("0...`")) > 0);
    sek_rulefile_deinit(&file);
}

static void test_message__shows_hostile_text_on_one_line(void **state) {
    (void)state;
    SekRuleFile file = read_selection("        \"F|a\\e[31m\\nb\": 1\n");
    SekStr text = find_diag(&file, "unknown-modifier")->text;
    assert_null(memchr(text.ptr, '\x1B', text.len));
    assert_null(memchr(text.ptr, '\n', text.len));
    sek_rulefile_deinit(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metadata__everything_is_kept),
        cmocka_unit_test(test_metadata__what_is_missing_is_empty),
        cmocka_unit_test(test_metadata__loose_forms_are_tolerated),
        cmocka_unit_test(test_metadata__untidiness_is_a_warning),
        cmocka_unit_test(test_duplicates__are_told_at_the_later_one),
        cmocka_unit_test(test_metadata__what_the_schema_wants_is_tidy),
        cmocka_unit_test(test_metadata__level_in_other_case_is_taken),
        cmocka_unit_test(test_metadata__title_length),
        cmocka_unit_test(test_metadata__title_length_is_in_characters),
        cmocka_unit_test(test_level__names_go_both_ways),
        cmocka_unit_test(test_missing__parts_are_errors),
        cmocka_unit_test(test_missing__title_does_not_hide_the_rest),
        cmocka_unit_test(test_kinds__a_document_has_one),
        cmocka_unit_test(test_documents__an_error_costs_only_its_own_rule),
        cmocka_unit_test(test_documents__know_their_text_and_line),
        cmocka_unit_test(test_documents__empty_ones_are_nothing),
        cmocka_unit_test(test_files__that_hold_nothing_are_named),
        cmocka_unit_test(test_files__are_added_to_each_other),
        cmocka_unit_test(test_files__crlf_and_byte_order_mark),
        cmocka_unit_test(test_files__the_text_may_go_after_reading),
        cmocka_unit_test(test_action__global_is_joined_with_later_documents_and_wins),
        cmocka_unit_test(test_action__repeat_continues_the_document_before),
        cmocka_unit_test(test_action__that_makes_no_sense_is_an_error),
        cmocka_unit_test(test_limit__size_of_a_file),
        cmocka_unit_test(test_limit__number_of_documents),
        cmocka_unit_test(test_limit__memory_of_a_file),
        cmocka_unit_test(test_limit__alias_bomb_in_a_rule),
        cmocka_unit_test(test_limit__warnings_of_a_document),
        cmocka_unit_test(test_limit__owner_of_the_arena_has_the_last_word),
        cmocka_unit_test(test_memory__running_out_anywhere_is_clean),
        cmocka_unit_test(test_message__cuts_long_names),
        cmocka_unit_test(test_message__shows_hostile_text_on_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
