/* SPDX-License-Identifier: Apache-2.0 */
/* Recall: events that repeat get the answer that evaluating them would give, and the values that made it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/group.h"
#include "engine/key_bytes.h"
#include "engine/ruleset.h"
#include "engine/scanner.h"
#include "unit/engine/sysmon_shape.h"
#include "format/binxml.h"

#include <stdio.h>
#include <stdlib.h>

#define N_VALUES 8u
#define FEW 8u /* different values, when most events repeat */
#define PADDING 200u /* bytes of a value: the ring comes round many times */

static const char yaml[] =
    "title: steady\nid: 00000000-0000-4000-8000-000000000001\nlogsource: {category: process_creation, product: windows}\n"
    "detection: {s: {CommandLine|contains: '7q'}, o: {Image|endswith: '3'}, condition: s or o}\nlevel: low\n---\n"
    "title: two fields\nid: 00000000-0000-4000-8000-000000000002\nlogsource: {category: process_creation, product: windows}\n"
    "detection: {s: {CommandLine|re: '1q+$', User: null}, f: {Image|fieldref|contains: User}, condition: s and not f}\nlevel: low\n---\n"
    "title: unsteady\nid: 00000000-0000-4000-8000-000000000003\nlogsource: {category: process_creation, product: windows}\n"
    "detection: {s: {LogonId|endswith: '5', CommandLine|startswith: '2'}, condition: s}\nlevel: low\n---\n"
    "title: keyword\nid: 00000000-0000-4000-8000-000000000004\nlogsource: {product: windows}\n"
    "detection: {k: ['6qq'], condition: k}\nlevel: low\n---\n"
    "title: keyword and field\nid: 00000000-0000-4000-8000-000000000005\nlogsource: {category: process_creation, product: windows}\n"
    "detection: {k: ['q7q'], i: {Image|contains: 'q'}, condition: not k and i}\nlevel: low\n---\n"
    "title: three parts are open\nid: 00000000-0000-4000-8000-000000000006\nlogsource: {category: process_creation, product: windows}\n"
    "detection: {i: {Image|contains: 'q', LogonId|contains: ['1', '2']}, l: {LogonId|endswith: 'q'}, m: {LogonId|startswith: '2'}, "
    "n: {LogonId: null}, condition: i and not n and (l or m)}\nlevel: low\n---\n"
    "title: more parts are open than are kept\nid: 00000000-0000-4000-8000-000000000007\nlogsource: {category: process_creation, product: windows}\n"
    "detection: {i: {Image|contains: 'q', LogonId|contains: ['1', '2']}, l: {LogonId|endswith: 'q'}, m: {LogonId|startswith: '2'}, "
    "n: {LogonId: null}, o: {LogonId|contains: '7'}, condition: i and not n and (l or m) and not o}\nlevel: low\n---\n"
    "title: one of two ways is left\nid: 00000000-0000-4000-8000-000000000008\nlogsource: {category: process_creation, product: windows}\n"
    "detection: {c: {CommandLine|startswith: '2'}, i: {Image|contains: 'q'}, l: {LogonId|endswith: '5'}, m: {LogonId|startswith: '3'}, "
    "condition: (c and l) or (i and m)}\nlevel: low\n";

static uint32_t random_state = 99;

static uint32_t random_below(uint32_t n) {
    random_state = random_state * 1664525u + 1013904223u; /* Numerical Recipes, section 7.1 */
    return (uint32_t)((uint64_t)random_state * n >> 32);
}

typedef struct Sample {
    SekField fields[N_VALUES + 1]; /* the last one was not recorded */
    SekShape shape, wider;
    SekValue values[N_VALUES], added;
    char more[32];
    char texts[N_VALUES][PADDING + 16];
    uint8_t wide[N_VALUES][2 * (PADDING + 16)];
    SekArena arena;
    SekEvent event;
} Sample;

static void set(Sample *s, uint32_t i, const char *text) {
    s->values[i] = (SekValue){(const uint8_t *)text, (uint32_t)strlen(text), SEK_VALUE_UTF8};
}

/* As UTF-16; with `strange`, the first q is a character above U+00FF whose low byte is a q. */
static void set_wide(Sample *s, uint32_t i, bool strange) {
    uint32_t n = 0;
    for (const char *c = s->texts[i]; *c; c++, n++) {
        bool high = strange && *c == 'q';
        s->wide[i][2 * n] = (uint8_t)*c;
        s->wide[i][2 * n + 1] = high;
        strange = strange && !high;
    }
    s->values[i] = (SekValue){s->wide[i], 2 * n, SEK_VALUE_STRING};
}

/* A value of `many` different ones: some long, some absent, in three forms that narrowing could mix up. */
static void set_random(Sample *s, uint32_t i, uint32_t many) {
    uint32_t n = random_below(many);
    (void)snprintf(s->texts[i], sizeof s->texts[i], "%u%0*d", n, n % 3 ? 1 : (int)PADDING, 0);
    for (char *c = s->texts[i]; *c; c++)
        *c = *c == '0' && c != s->texts[i] ? 'q' : *c;
    uint32_t form = many == FEW ? n % 3 : random_below(3);
    if (form == 0)
        set(s, i, s->texts[i]);
    else
        set_wide(s, i, form == 2);
    if (n % 5 == 4)
        s->values[i] = (SekValue){0};
}

static void make_sample(Sample *s) {
    static const char *const names[N_VALUES] = {"Channel", "Provider_Name", "EventID", "CommandLine", "Image", "User", "LogonId", "Note"};
    s->shape = sysmon_shape(s->fields, names, N_VALUES);
    set(s, 0, "Microsoft-Windows-Sysmon/Operational");
    set(s, 1, "Microsoft-Windows-Sysmon");
    set(s, 2, "1");
    sek_arena_init(&s->arena, 0);
    s->event = (SekEvent){.shape = &s->shape, .values = {s->values, NULL}, .n_values = {N_VALUES, 0}, .arena = &s->arena};
    s->fields[N_VALUES] = (SekField){.name = sek_str("CommandLine"), .place = SEK_PLACE_DATA, .kind = SEK_FIELD_SLOT, .part = SEK_PART_ADDED};
    s->wider = s->shape;
    s->wider.id = 2;
    s->wider.n_fields = N_VALUES + 1;
}

/* The event, or, two times in three, one with a second command line that was not recorded. */
static SekEvent vary(Sample *s, uint32_t many) {
    SekEvent event = s->event;
    uint32_t n = random_below(many == FEW ? 2 : many);
    if (random_below(3) == 0)
        return event;
    (void)snprintf(s->more, sizeof s->more, "%u7qq", n % 7 ? n + 1000 : n);
    s->more[n % 2 ? strlen(s->more) : 1] = 0;
    s->added = (SekValue){(const uint8_t *)s->more, (uint32_t)strlen(s->more), SEK_VALUE_UTF8};
    event.shape = &s->wider;
    event.values[SEK_PART_ADDED] = &s->added;
    event.n_values[SEK_PART_ADDED] = 1;
    event.added = random_below(2) ? 1 + n : 0; /* 0: nobody can tell */
    return event;
}

static void compare_matched(SekScanner *one, SekScanner *other, uint32_t variant) {
    SekPair a[16], b[16];
    uint32_t n_a, n_b;
    assert_int_equal(sek_scanner_matched(one, variant, a, 16, &n_a), SEK_OK);
    assert_int_equal(sek_scanner_matched(other, variant, b, 16, &n_b), SEK_OK);
    assert_int_equal(n_a, n_b);
    for (uint32_t i = 0; i < n_a; i++) {
        assert_true(sek_str_eq(a[i].field, b[i].field));
        assert_true(sek_str_eq(a[i].value, b[i].value));
    }
}

static void compare(SekScanner *one, SekScanner *other, const SekEvent *event, uint64_t *matched) {
    const uint32_t *a, *b;
    uint32_t n_a, n_b;
    assert_int_equal(sek_scanner_match(one, event, &a, &n_a), SEK_OK);
    assert_int_equal(sek_scanner_match(other, event, &b, &n_b), SEK_OK);
    assert_int_equal(n_a, n_b);
    assert_memory_equal(a, b, n_a * sizeof *a);
    for (uint32_t i = 0; i < n_a; i++)
        compare_matched(one, other, a[i]);
    *matched += n_a;
}

typedef struct Scanners {
    SekRuleset *rules;
    SekScanner *guarded, *brute;
} Scanners;

static Scanners start(void) {
    Scanners s = {.rules = calloc(1, sizeof *s.rules)};
    assert_non_null(s.rules);
    sek_rulefile_init(&s.rules->file);
    assert_int_equal(sek_rules_read(&s.rules->file, SEK_STR("test.yml"), SEK_STR(yaml)), SEK_OK);
    assert_int_equal(sek_ruleset_build(s.rules), SEK_OK);
    assert_int_equal(sek_ruleset_count(s.rules), 8);
    assert_int_equal(sek_scanner_new(s.rules, &s.guarded), SEK_OK);
    assert_int_equal(sek_scanner_new(s.rules, &s.brute), SEK_OK);
    sek_scanner_brute_force(s.brute);
    return s;
}

static void end(Scanners *s) {
    sek_scanner_free(s->guarded);
    sek_scanner_free(s->brute);
    sek_ruleset_free(s->rules);
}

static void repeated_events_are_answered_as_new_ones(void **state) {
    (void)state;
    static Sample s;
    uint64_t matched = 0;
    Scanners scanners = start();
    make_sample(&s);
    for (uint32_t i = 0; i < 60000; i++) {
        uint32_t many = i < 25000 ? FEW : i % 20000 < 12000 ? 9 : 90; /* repeats itself, then hardly, then again */
        for (uint32_t v = 3; v < N_VALUES; v++)
            set_random(&s, v, v == 6 ? 40 : many);
        SekEvent event = vary(&s, many);
        compare(scanners.guarded, scanners.brute, &event, &matched);
    }
    assert_true(matched > 10000);
    end(&scanners);
    sek_arena_deinit(&s.arena);
}

/* A value of the kinds that EVTX has: text with and without characters above U+00FF, in code page 1252, none. */
static void set_packed(Sample *s, uint32_t i, uint32_t many) {
    static const char *const ends[] = {"3", "5", "6qq", "qq7q", "7q", "q"};
    uint32_t n = random_below(many), form = n % 11;
    (void)snprintf(s->texts[i], sizeof s->texts[i], "%u%0*d%s", n, n % 4 == 0 ? 40 : 1, 0, ends[n % 6]);
    if (form == 0)
        s->values[i] = (SekValue){.type = n % 2 ? SEK_VALUE_NULL : SEK_VALUE_STRING};
    else if (form == 1 && i == 7)
        s->values[i] = (SekValue){(const uint8_t *)s->texts[i], (uint32_t)strlen(s->texts[i]), SEK_VALUE_ANSI};
    else
        set_wide(s, i, form == 2);
}

#define APART 40u /* bytes between values */
#define OUTER 4u /* values of which the last holds the others */

/* Lays the values behind one another, as in a record; `apart`: with something between them, as in one without a template. */
static void pack(Sample *s, SekEvent *event, uint8_t *room, SekValue *values, bool apart) {
    uint8_t *at = room;
    event->types = event->texts[0] = event->texts[1] = 0;
    for (uint32_t i = 0; i < N_VALUES; i++) {
        uint32_t to = i < OUTER - 1 ? i : i + 1;
        values[to] = s->values[i];
        values[to].ptr = at;
        if (s->values[i].len)
            memcpy(at, s->values[i].ptr, s->values[i].len);
        at += s->values[i].len;
        for (uint32_t k = 0; apart && k < APART; k++)
            *at++ = '3';
        event->types |= sek_value_type_bit(s->values[i].type);
        if (sek_value_holds_text(s->values[i].type, s->values[i].len))
            event->texts[to >= OUTER] |= (uint64_t)1 << (to < OUTER ? to : to - OUTER);
    }
    const uint8_t *inner = values[OUTER].ptr;
    values[OUTER - 1] = (SekValue){inner, (uint32_t)(at - inner), SEK_VALUE_BINXML};
    event->types |= sek_value_type_bit(SEK_VALUE_BINXML);
}

static void packed_events_are_answered_as_new_ones(void **state) {
    (void)state;
    static Sample s;
    static uint8_t room[N_VALUES * (2 * (PADDING + 16) + APART)];
    SekValue values[N_VALUES + 1];
    uint64_t matched = 0;
    Scanners scanners = start();
    make_sample(&s);
    for (uint32_t i = 0; i < OUTER - 1; i++) {
        (void)snprintf(s.texts[i], sizeof s.texts[i], "%s", (const char *)s.values[i].ptr);
        set_wide(&s, i, false);
    }
    for (uint16_t i = OUTER - 1; i < N_VALUES; i++) {
        s.fields[i].part = 1;
        s.fields[i].slot = (uint16_t)(i - (OUTER - 1));
    }
    s.shape.slots[SEK_SYSTEM_CHANNEL] = (SekSystemSlot){.known = true, .slot = 0};
    s.shape.slots[SEK_SYSTEM_PROVIDER] = (SekSystemSlot){.known = true, .slot = 1};
    SekEvent event = {.shape = &s.shape, .values = {values, values + OUTER}, .n_values = {OUTER, N_VALUES - OUTER + 1}, .arena = &s.arena};
    for (uint32_t i = 0; i < 60000; i++) {
        (void)snprintf(s.texts[1], sizeof s.texts[1], "%s", random_below(9) ? "Microsoft-Windows-Sysmon" : random_below(2) ? "of 6qq" : "other");
        set_wide(&s, 1, false); /* a keyword may stand in what the route tells */
        for (uint32_t v = OUTER - 1; v < N_VALUES; v++) /* the command line never repeats, then it does */
            set_packed(&s, v, v == 3 && i < 30000 ? 1000000 : v == 6 ? 40 : 7);
        s.shape.id = i % 3 == 0 ? 3 : 1; /* one whose recipe is made of values that lie apart, and one whose events may do so later */
        pack(&s, &event, room, values, s.shape.id == 3 ? i % 7 != 1 : i % 4 == 3);
        event.n_values[1] = N_VALUES - OUTER + 1 - (random_below(50) == 0);
        compare(scanners.guarded, scanners.brute, &event, &matched);
    }
    assert_true(matched > 10000);
    end(&scanners);
    sek_arena_deinit(&s.arena);
}

/* What is kept of runs, one of them narrow if it is long enough, and what may differ from it by one byte. */
static void compare_key(const SekKeyBytes *key, uint8_t *bytes, uint32_t n) {
    static const uint8_t other[] = "other";
    SekKeyRun runs[] = {{other, 3}, {bytes, n}, {NULL, 0}, {other + 1, 4}};
    uint32_t kept_n = n < SEK_NARROW_FROM ? n : n / 2;
    uint8_t *kept = malloc(kept_n + 7); /* of this size: what is read behind it is seen */
    assert_non_null(kept);
    for (uint32_t i = 0; i < n; i++)
        bytes[i] = i % 2 ? 0 : (uint8_t)random_below(256);
    for (uint32_t i = 0; i < kept_n; i++)
        kept[3 + i] = bytes[n < SEK_NARROW_FROM ? i : 2 * i];
    memcpy(kept, other, 3);
    memcpy(kept + 3 + kept_n, other + 1, 4);
    uint64_t before = key->hash(runs, 4), narrow = n < SEK_NARROW_FROM ? 0 : 2;
    assert_int_equal(before, key->hash(runs, 4));
    assert_true(key->same(runs, 4, kept, narrow));
    for (uint32_t i = 0; i < n; i++) {
        bytes[i] ^= (uint8_t)(1u << i % 8);
        assert_true(before != key->hash(runs, 4));
        assert_false(key->same(runs, 4, kept, narrow));
        bytes[i] ^= (uint8_t)(1u << i % 8);
    }
    for (uint32_t i = 0; i < kept_n + 7; i++) {
        kept[i] ^= 1;
        assert_false(key->same(runs, 4, kept, narrow));
        kept[i] ^= 1;
    }
    free(kept);
}

static void keys_are_compared_as_they_are_written(void **state) {
    (void)state;
    SekKeyBytes plain = sek_key_bytes_plain(), wide;
    bool has_wide = sek_key_bytes_avx2(&wide);
    for (uint32_t n = 0; n <= 300; n += 2) {
        uint8_t *bytes = malloc(n + 1); /* of this size: what is read behind it is seen */
        assert_non_null(bytes);
        compare_key(&plain, bytes, n);
        if (has_wide)
            compare_key(&wide, bytes, n);
        free(bytes);
    }
}

static void what_never_repeats_is_unsteady(void **state) {
    (void)state;
    assert_true(sek_field_unsteady(SEK_STR("ProcessGuid")));
    assert_true(sek_field_unsteady(SEK_STR("SubjectLogonId")));
    assert_false(sek_field_unsteady(SEK_STR("CommandLine")));
    assert_false(sek_field_unsteady(SEK_STR("id")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeated_events_are_answered_as_new_ones),
        cmocka_unit_test(packed_events_are_answered_as_new_ones),
        cmocka_unit_test(keys_are_compared_as_they_are_written),
        cmocka_unit_test(what_never_repeats_is_unsteady),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
