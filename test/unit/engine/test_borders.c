/* SPDX-License-Identifier: Apache-2.0 */
/* Where tables of a scanner end: shapes without a number, more groups of a shape than recipes are kept of, answers that
 * fill a good part of the ring. Everywhere the answer must be what evaluating every rule gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/ruleset.h"
#include "engine/scanner.h"
#include "unit/engine/sysmon_shape.h"
#include "event/shape.h"

#include <stdio.h>
#include <stdlib.h>

#define N_VALUES 5u
#define SHAPES (SEK_SHAPES_READ + 300u)
#define LOGS 12u /* whose events have one shape: more than recall keeps recipes of */
#define LARGE 60u
#define LARGE_BYTES 100000u

static uint32_t random_state = 3;

static uint32_t random_below(uint32_t n) {
    random_state = random_state * 1664525u + 1013904223u; /* Numerical Recipes, section 7.1 */
    return (uint32_t)((uint64_t)random_state * n >> 32);
}

typedef struct Both {
    SekRuleset *rules;
    SekScanner *guarded, *brute;
    uint64_t matched;
} Both;

static const struct {
    const char *service, *channel;
} logs[LOGS] = {
    {"sysmon", "Microsoft-Windows-Sysmon/Operational"}, {"security", "Security"}, {"system", "System"}, {"application", "Application"},
    {"powershell", "Microsoft-Windows-PowerShell/Operational"}, {"powershell-classic", "Windows PowerShell"},
    {"taskscheduler", "Microsoft-Windows-TaskScheduler/Operational"}, {"wmi", "Microsoft-Windows-WMI-Activity/Operational"},
    {"dns-server", "DNS Server"}, {"ntlm", "Microsoft-Windows-NTLM/Operational"},
    {"windefend", "Microsoft-Windows-Windows Defender/Operational"}, {"bits-client", "Microsoft-Windows-Bits-Client/Operational"},
};

/* One rule for each of the first `n` logs. */
static void start(Both *b, uint32_t n) {
    SekBuf yaml;
    *b = (Both){.rules = calloc(1, sizeof *b->rules)};
    assert_non_null(b->rules);
    sek_buf_init(&yaml, 1u << 20);
    for (uint32_t i = 0; i < n; i++) {
        char rule[512];
        int len = snprintf(rule, sizeof rule,
                           "title: r\nid: 00000000-0000-4000-8000-0000000000%02u\nlogsource: {product: windows, service: %s}\n"
                           "detection: {s: {CommandLine|contains: ['alpha', 'word%u']}, i: {Image|endswith: '\\tongs.exe'}, "
                           "condition: s and not i}\nlevel: low\n---\n", i, logs[i].service, i);
        sek_buf_add(&yaml, rule, (size_t)len);
    }
    sek_rulefile_init(&b->rules->file);
    assert_int_equal(sek_rules_read(&b->rules->file, SEK_STR("test.yml"), sek_str_n(yaml.data, yaml.len - 4)), SEK_OK);
    assert_int_equal(sek_ruleset_build(b->rules), SEK_OK);
    assert_int_equal(sek_ruleset_count(b->rules), n);
    assert_int_equal(sek_scanner_new(b->rules, &b->guarded), SEK_OK);
    assert_int_equal(sek_scanner_new(b->rules, &b->brute), SEK_OK);
    sek_scanner_brute_force(b->brute);
    sek_buf_deinit(&yaml);
}

static void end(Both *b) {
    sek_scanner_free(b->guarded);
    sek_scanner_free(b->brute);
    sek_ruleset_free(b->rules);
}

static void compare(Both *both, const SekEvent *event) {
    const uint32_t *a, *b;
    uint32_t n_a, n_b;
    assert_int_equal(sek_scanner_match(both->guarded, event, &a, &n_a), SEK_OK);
    assert_int_equal(sek_scanner_match(both->brute, event, &b, &n_b), SEK_OK);
    assert_int_equal(n_a, n_b);
    assert_memory_equal(a, b, n_a * sizeof *a);
    both->matched += n_a;
}

static SekValue text(const char *s) {
    return (SekValue){(const uint8_t *)s, (uint32_t)strlen(s), SEK_VALUE_UTF8};
}

/* Channel, provider, event id, command line, image. */
static void set_values(SekValue values[N_VALUES], char room[64], uint32_t log) {
    static const char *const images[] = {"C:\\anvil.exe", "C:\\tongs.exe", "C:\\bellows.exe"};
    (void)snprintf(room, 64, "run %s word%u", random_below(3) ? "beta" : "alpha", random_below(LOGS));
    values[0] = text(logs[log].channel);
    values[1] = text("Some-Provider");
    values[2] = text("1");
    values[3] = text(room);
    values[4] = text(images[random_below(3)]);
}

#define ELEMENT(text, at) {.kind = SEK_NODE_ELEMENT, .name = {text, sizeof text - 1}, .end = at}
#define ATTRIBUTE(text) {.kind = SEK_NODE_ATTRIBUTE, .name = {text, sizeof text - 1}}
#define HOLE(at) {.kind = SEK_NODE_SUBSTITUTION, .slot = at}
#define END {.kind = SEK_NODE_END}

/* Templates that say the same, but are not one: each gives a shape, and only so many have a number. */
static void shapes_run_out_of_numbers(void **state) {
    (void)state;
    static const SekNode nodes[] = {
        ELEMENT("Event", 20), ELEMENT("System", 11), ELEMENT("Provider", 4), ATTRIBUTE("Name"), HOLE(1), END,
        ELEMENT("EventID", 8), HOLE(2), END, ELEMENT("Channel", 11), HOLE(0), END, END,
        ELEMENT("EventData", 20), ELEMENT("CommandLine", 16), HOLE(3), END, ELEMENT("Image", 19), HOLE(4), END, END, END,
    };
    SekTemplate *templates = calloc(SHAPES, sizeof *templates);
    SekBinxml *bx;
    SekShapes *shapes;
    Both both;
    uint32_t numbered = 0;
    assert_non_null(templates);
    start(&both, 2);
    assert_int_equal(sek_binxml_new(&bx), SEK_OK);
    assert_int_equal(sek_shapes_new(bx, &shapes), SEK_OK);
    for (uint32_t i = 0; i < 3 * SHAPES; i++) {
        SekTemplate *t = &templates[i % SHAPES];
        char room[64];
        SekValue values[N_VALUES];
        SekEvent event;
        SekError err = {0};
        *t = (SekTemplate){.id = i % SHAPES + 1, .n_nodes = sizeof nodes / sizeof *nodes, .n_slots = N_VALUES, .nodes = nodes, .user = t->user};
        set_values(values, room, random_below(3));
        SekFragment record = {.tpl = t, .values = values, .n_values = N_VALUES, .fragment = SEK_BINXML_NO_VALUE};
        assert_int_equal(sek_shapes_text_event(shapes, &record, &event, &err), SEK_OK);
        numbered += event.shape->id != 0;
        assert_true(event.shape->id <= SEK_SHAPE_IDS);
        compare(&both, &event);
    }
    assert_int_equal(numbered, 3 * SEK_SHAPES_READ);
    assert_in_range(both.matched, SHAPES / 8, SHAPES);
    sek_shapes_free(shapes);
    sek_binxml_free(bx);
    end(&both);
    free(templates);
}

typedef struct Sample {
    SekField fields[N_VALUES];
    SekShape shape;
    SekArena arena;
    SekValue values[N_VALUES];
    SekEvent event;
    char room[64];
} Sample;

static void make_sample(Sample *s) {
    static const char *const names[N_VALUES] = {"Channel", "Provider_Name", "EventID", "CommandLine", "Image"};
    s->shape = sysmon_shape(s->fields, names, N_VALUES);
    sek_arena_init(&s->arena, 0);
    s->event = (SekEvent){.shape = &s->shape, .values = {s->values, NULL}, .n_values = {N_VALUES, 0}, .arena = &s->arena};
}

static void a_shape_has_more_groups_than_recipes(void **state) {
    (void)state;
    static Sample s;
    Both both;
    start(&both, LOGS);
    make_sample(&s);
    for (uint32_t i = 0; i < 30000; i++) {
        set_values(s.values, s.room, random_below(i % 3 ? LOGS : 3)); /* some of them more often than others */
        compare(&both, &s.event);
    }
    assert_in_range(both.matched, 3000, 30000);
    end(&both);
    sek_arena_deinit(&s.arena);
}

/* Command lines that are alike but for a word somewhere, more of them than the ring holds, again and again. */
static void large_answers_come_round(void **state) {
    (void)state;
    static Sample s;
    static const uint32_t back[] = {1, 2, 5, 20, 40};
    Both both;
    char *commands[LARGE];
    uint32_t last[1024] = {0};
    start(&both, 2);
    make_sample(&s);
    for (uint32_t i = 0; i < LARGE; i++) {
        uint32_t n = i % 7 == 0 ? 100 : LARGE_BYTES + random_below(LARGE_BYTES);
        commands[i] = malloc(n + 1);
        assert_non_null(commands[i]);
        memset(commands[i], 'x', n);
        memcpy(commands[i] + (i / 2) * (n / LARGE), i % 2 ? "alpha" : "alphx", 5);
        commands[i][n] = 0;
    }
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t which = i > 50 && random_below(2) ? last[(i - back[random_below(5)]) & 1023] : random_below(LARGE);
        last[i & 1023] = which;
        set_values(s.values, s.room, random_below(2));
        s.values[3] = text(commands[which]);
        compare(&both, &s.event);
    }
    assert_in_range(both.matched, 100, 900);
    for (uint32_t i = 0; i < LARGE; i++)
        free(commands[i]);
    end(&both);
    sek_arena_deinit(&s.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_run_out_of_numbers),
        cmocka_unit_test(a_shape_has_more_groups_than_recipes),
        cmocka_unit_test(large_answers_come_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
