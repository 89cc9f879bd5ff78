/* SPDX-License-Identifier: Apache-2.0 */
/* Split guards: where command lines never repeat, what the rest of the event leaves open gets the answer that evaluating
 * every rule would give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/ruleset.h"
#include "engine/scanner.h"
#include "unit/engine/sysmon_shape.h"

#include <stdio.h>
#include <stdlib.h>

#define N_VALUES 8u
#define N_RULES 10u
#define ROOM 128u
#define EVENTS 20000u
#define MANY 5000u /* hits of guards: more than are listed */

#define RULE(title, number, body) \
    "title: " title "\nid: 00000000-0000-4000-8000-00000000000" number "\n" \
    "logsource: {category: process_creation, product: windows}\ndetection: " body "\nlevel: low\n"

static const char yaml[] =
    RULE("program and its command line", "1", "{i: {Image|endswith: '\\anvil.exe'}, c: {CommandLine|contains: ['alpha', 'gamma']}, condition: i and c}")
    "---\n" RULE("guarded by its command line alone", "2", "{i: {Image|contains: 'exe'}, c: {CommandLine|contains|all: ['delta-rare', 'alpha']}, condition: i and c}")
    "---\n" RULE("either", "3", "{i: {Image|endswith: '\\bellows.exe'}, c: {CommandLine|contains: 'omega'}, condition: i or c}")
    "---\n" RULE("but not", "4", "{i: {Image|endswith: '\\anvil.exe'}, c: {CommandLine|contains: 'alpha'}, condition: i and not c}")
    "---\n" RULE("short", "5", "{i: {Image|endswith: '\\anvil.exe'}, c: {CommandLine|contains: '&&'}, condition: i and c}")
    "---\n" RULE("two command lines", "6", "{i: {Image|endswith: '\\bellows.exe'}, c: {CommandLine|contains: 'alpha'}, p: {ParentCommandLine|contains: 'gamma'}, condition: i and (c or p)}")
    "---\n" RULE("expression and case", "7", "{i: {Image|endswith: '\\anvil.exe'}, c: {CommandLine|re: 'ALPHA +\\d+|beta'}, d: {CommandLine|contains|cased: 'GAMMA'}, condition: i and (c or d)}")
    "---\n" RULE("nested", "8", "{i: {Image|endswith: '\\anvil.exe', CommandLine|contains: 'beta'}, j: {User: 'smith', CommandLine|contains: 'gamma'}, condition: i or j}")
    "---\n" RULE("without a guard", "a", "{c: {CommandLine|re: 'x+`'}, d: {CommandLine|contains: '$'}, condition: c or d}")
    "---\n" RULE("keyword", "9", "{k: ['tuyere'], i: {Image|contains: 'anvil'}, condition: k and i}");

static uint32_t random_state = 7;

static uint32_t random_below(uint32_t n) {
    random_state = random_state * 1664525u + 1013904223u; /* Numerical Recipes, section 7.1 */
    return (uint32_t)((uint64_t)random_state * n >> 32);
}

typedef struct Sample {
    SekField fields[N_VALUES];
    SekShape shape;
    SekValue values[N_VALUES];
    char texts[N_VALUES][ROOM];
    char *large; /* a command line that hits guards more often than is listed */
    SekArena arena;
    SekEvent event;
} Sample;

static void set(Sample *s, uint32_t i, const char *text) {
    s->values[i] = (SekValue){(const uint8_t *)text, (uint32_t)strlen(text), SEK_VALUE_UTF8};
}

static void make_sample(Sample *s) {
    static const char *const names[N_VALUES] = {"Channel", "Provider_Name", "EventID", "CommandLine", "Image", "User", "ParentCommandLine", "Note"};
    s->shape = sysmon_shape(s->fields, names, N_VALUES);
    set(s, 0, "Microsoft-Windows-Sysmon/Operational");
    set(s, 1, "Microsoft-Windows-Sysmon");
    set(s, 2, "1");
    sek_arena_init(&s->arena, 0);
    s->event = (SekEvent){.shape = &s->shape, .values = {s->values, NULL}, .n_values = {N_VALUES, 0}, .arena = &s->arena};
    s->large = malloc(MANY * 6 + 32);
    assert_non_null(s->large);
}

static void set_words(Sample *s, uint32_t i, const char *const words[], uint32_t n_words, uint32_t n) {
    char *at = s->texts[i];
    *at = 0;
    for (uint32_t k = 0; k < n; k++)
        at += snprintf(at, 24, k ? " %s" : "%s", words[random_below(n_words)]);
    set(s, i, s->texts[i]);
}

/* A command line that no other event has: a number and some words, or very many. */
static void set_command(Sample *s, uint32_t i, uint32_t number) {
    static const char *const words[] = {"alpha", "ALPHA 7", "beta", "gamma", "GAMMA", "delta-rare", "&&", "omega", "tuyere", "x", "x`", "`", "$", "\xc3\xa9"};
    set_words(s, i, words, sizeof words / sizeof *words, random_below(4));
    size_t n = strlen(s->texts[i]);
    (void)snprintf(s->texts[i] + n, ROOM - n, " %u", number);
    set(s, i, s->texts[i]);
    if (i != 3 || number % 500 != 499)
        return;
    char *at = s->large;
    for (uint32_t k = 0; k < MANY; k++, at += 6)
        memcpy(at, "gamma ", 6);
    (void)snprintf(at, 32, "%u", number);
    set(s, i, s->large);
}

static void set_event(Sample *s, uint32_t number) {
    static const char *const images[] = {"C:\\anvil.exe", "C:\\bellows.exe", "C:\\tongs.exe", "D:\\anvil.exe"};
    static const char *const users[] = {"smith", "wright"};
    set_command(s, 3, number);
    set_command(s, 6, number);
    set_words(s, 4, images, 4, 1);
    set_words(s, 5, users, 2, 1);
}

/* `repeated`: of ten events, those that are like others. */
static void compare_all(uint32_t repeated) {
    static Sample s;
    SekRuleset *rules = calloc(1, sizeof *rules);
    SekScanner *guarded, *brute;
    uint32_t matched[N_RULES] = {0};
    assert_non_null(rules);
    sek_rulefile_init(&rules->file);
    assert_int_equal(sek_rules_read(&rules->file, SEK_STR("test.yml"), SEK_STR(yaml)), SEK_OK);
    assert_int_equal(sek_ruleset_build(rules), SEK_OK);
    assert_int_equal(sek_ruleset_count(rules), N_RULES);
    assert_int_equal(sek_scanner_new(rules, &guarded), SEK_OK);
    assert_int_equal(sek_scanner_new(rules, &brute), SEK_OK);
    sek_scanner_brute_force(brute);
    make_sample(&s);
    for (uint32_t i = 0; i < EVENTS; i++) {
        if (random_below(10) < repeated && i > 0) { /* the words are chosen by what is set here */
            uint32_t kept = random_state;
            random_state = random_below(50);
            set_event(&s, 0);
            random_state = kept * 31 + i;
        } else {
            set_event(&s, i);
        }
        const uint32_t *a, *b;
        uint32_t n_a, n_b;
        assert_int_equal(sek_scanner_match(guarded, &s.event, &a, &n_a), SEK_OK);
        assert_int_equal(sek_scanner_match(brute, &s.event, &b, &n_b), SEK_OK);
        assert_int_equal(n_a, n_b);
        assert_memory_equal(a, b, n_a * sizeof *a);
        for (uint32_t k = 0; k < n_a; k++)
            matched[rules->variants[a[k]].rule]++;
    }
    for (uint32_t i = 0; i < N_RULES; i++)
        assert_in_range(matched[i], 50, EVENTS / 2 + EVENTS / 4);
    sek_scanner_free(guarded);
    sek_scanner_free(brute);
    sek_ruleset_free(rules);
    sek_arena_deinit(&s.arena);
    free(s.large);
}

static void answers_are_those_of_every_rule(void **state) {
    (void)state;
    compare_all(0);
}

/* Not so few that the key is narrowed at once, but few enough that it is in the end. */
static void some_events_repeat(void **state) {
    (void)state;
    compare_all(3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_those_of_every_rule),
        cmocka_unit_test(some_events_repeat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
