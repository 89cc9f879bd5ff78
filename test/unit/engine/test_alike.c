/* SPDX-License-Identifier: Apache-2.0 */

/* Alike: a number always names the bytes that it was given for, whatever comes; hits with numbers unpack to what hits
 * without them do. */
#include "engine/hit_pack.h"
#include "engine/runs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static SekAlike *new_table(uint32_t index, size_t limit) {
    SekAlike *alike;
    assert_int_equal(sek_alike_new(index, limit, &alike), SEK_OK);
    return alike;
}

static uint32_t twice(SekAlike *alike, SekAlikeKind kind, SekStr part) {
    assert_int_equal(sek_alike_part(alike, kind, part), SEK_ALIKE_NONE);
    return sek_alike_part(alike, kind, part);
}

static void test_alike__a_part_has_a_number_from_the_second_time_on(void **state) {
    (void)state;
    SekAlike *alike = new_table(3, SEK_ALIKE_BYTES);
    uint32_t a = twice(alike, SEK_ALIKE_RULE, SEK_STR("one part")), b = twice(alike, SEK_ALIKE_RULE, SEK_STR("one more"));
    uint32_t c = twice(alike, SEK_ALIKE_EVENT, SEK_STR("one part"));
    assert_true(a != SEK_ALIKE_NONE && b != SEK_ALIKE_NONE && c != SEK_ALIKE_NONE);
    assert_true(a != b && b != c && a != c);
    assert_int_equal(sek_alike_part(alike, SEK_ALIKE_RULE, SEK_STR("one part")), a);
    assert_int_equal(sek_alike_part(alike, SEK_ALIKE_EVENT, SEK_STR("one part")), c);
    assert_int_equal(sek_alike_table(a), 3);
    SekAlikeKind kind;
    assert_true(sek_str_eq(sek_alike_get(alike, sek_alike_place(b), &kind), SEK_STR("one more")) && kind == SEK_ALIKE_RULE);
    sek_alike_free(alike);
}

static SekStr nth(char *text, size_t size, uint32_t i) {
    int n = snprintf(text, size, "part %u of very many, of which no two are alike", i);
    return sek_str_n(text, (size_t)n);
}

/* More parts than there is room for: none has another's number, and what has one keeps it. */
static void test_alike__a_full_table_takes_no_more_and_loses_none(void **state) {
    (void)state;
    char text[128];
    SekAlike *alike = new_table(0, 64 * 1024);
    SekAlikeKind kind;
    for (unsigned pass = 0; pass < 3; pass++)
        for (uint32_t i = 0; i < 30000; i++) {
            SekStr part = nth(text, sizeof text, i);
            for (unsigned again = 0; again < 2; again++) {
                uint32_t number = sek_alike_part(alike, SEK_ALIKE_RULE, part);
                if (number != SEK_ALIKE_NONE)
                    assert_true(sek_str_eq(sek_alike_get(alike, sek_alike_place(number), &kind), part));
                else
                    assert_true(pass == 0 || i > 100); /* the first came in, and stay */
            }
        }
    assert_true(sek_alike_count(alike) > 500 && sek_alike_count(alike) < 2000);
    assert_true(sek_alike_held(alike) <= 64 * 1024);
    sek_alike_free(alike);
}

/* More short parts than a number can tell apart, in the last table: numbers name what they were given for, and none is
 * the one that says there is none. */
static void test_alike__more_parts_come_than_numbers(void **state) {
    (void)state;
    SekAlike *alike = new_table(SEK_ALIKE_TABLES - 1, SEK_ALIKE_BYTES);
    SekAlikeKind kind;
    uint32_t numbered = 0;
    for (uint32_t i = 0; i < 200000; i++) {
        SekStr part = sek_str_n((const char *)&i, sizeof i);
        uint32_t number = twice(alike, i % 2 ? SEK_ALIKE_RULE : SEK_ALIKE_EVENT, part);
        if (number == SEK_ALIKE_NONE)
            continue;
        assert_int_equal(sek_alike_table(number), SEK_ALIKE_TABLES - 1);
        assert_true(sek_str_eq(sek_alike_get(alike, sek_alike_place(number), &kind), part));
        assert_int_equal(kind, i % 2 ? SEK_ALIKE_RULE : SEK_ALIKE_EVENT);
        numbered++;
    }
    assert_int_equal(sek_alike_count(alike), numbered);
    assert_in_range(numbered, 10000, SEK_ALIKE_PARTS);
    sek_alike_free(alike);
}

static void test_alike__long_parts_leave_room_for_short_ones(void **state) {
    (void)state;
    char *text = calloc(1, SEK_ALIKE_LONGEST + 1), small[128];
    assert_non_null(text);
    SekAlike *alike = new_table(0, SEK_ALIKE_BYTES);
    assert_int_equal(twice(alike, SEK_ALIKE_RULE, sek_str_n(text, SEK_ALIKE_LONGEST + 1)), SEK_ALIKE_NONE);
    for (uint32_t i = 0; i < 1000; i++) {
        memcpy(text, &i, sizeof i);
        (void)twice(alike, SEK_ALIKE_RULE, sek_str_n(text, SEK_ALIKE_LONGEST));
    }
    for (uint32_t i = 0; i < 2000; i++)
        assert_int_not_equal(twice(alike, SEK_ALIKE_RULE, nth(small, sizeof small, i)), SEK_ALIKE_NONE);
    sek_alike_free(alike);
    free(text);
}

static void keep(SekAlike *alike, uint64_t answer, uint32_t variant, uint32_t number) {
    sek_alike_keep_answer(alike, answer, variant, &(SekAlikeCase){NULL, &(SekBeside){.n = 0}, number});
}

static void test_alike__answers_are_those_of_one_scanner(void **state) {
    (void)state;
    SekAlike *alike = new_table(0, SEK_ALIKE_BYTES);
    assert_int_equal(sek_alike_answered(alike, 0, 0, NULL), SEK_ALIKE_NONE);
    keep(alike, 7, 9, 42);
    assert_int_equal(sek_alike_answered(alike, 7, 9, NULL), 42);
    assert_int_equal(sek_alike_answered(alike, 7, 8, NULL), SEK_ALIKE_NONE);
    assert_int_equal(sek_alike_answered(alike, 8, 9, NULL), SEK_ALIKE_NONE);
    for (uint64_t i = 1; i < 100000; i++) { /* whoever has the place of another is not taken for it */
        uint32_t known = sek_alike_answered(alike, i * 977, (uint32_t)i % 5, NULL);
        assert_true(known == SEK_ALIKE_NONE);
        keep(alike, i * 977, (uint32_t)i % 5, (uint32_t)i);
        assert_int_equal(sek_alike_answered(alike, i * 977, (uint32_t)i % 5, NULL), i);
    }
    sek_alike_free(alike);

    SekRuns runs;
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    SekHits hits;
    sek_runs_init(&runs, &(SekRunsOptions){.workers = 2, .lock = &lock});
    sek_hits_init(&hits, &runs);
    sek_runs_share(&runs, 2, &hits);
    assert_null(hits.alike); /* there are but two */
    sek_runs_share(&runs, 1, &hits);
    keep(hits.alike, 7, 9, 42);
    sek_runs_share(&runs, 1, &hits); /* for the scripts there is another scanner, whose answers begin anew */
    assert_int_equal(sek_alike_answered(hits.alike, 7, 9, NULL), SEK_ALIKE_NONE);
    sek_hits_deinit(&hits);
    sek_runs_deinit(&runs);
}

/* --- events ---------------------------------------------------------------------------------------- */

typedef struct Sample {
    SekShape shape;
    SekValue values[4];
    SekEvent event;
} Sample;

static SekValue text(const char *s) {
    return (SekValue){(const uint8_t *)s, (uint32_t)strlen(s), SEK_VALUE_UTF8};
}

static SekEvent *event_of(Sample *s, const char *computer, const char *channel, const char *provider) {
    static const SekSystemField fields[] = {SEK_SYSTEM_COMPUTER, SEK_SYSTEM_CHANNEL, SEK_SYSTEM_PROVIDER, SEK_SYSTEM_EVENT_ID};
    *s = (Sample){.shape = {.id = 5}, .values = {text(computer), text(channel), text(provider), text("4624")}};
    for (uint16_t i = 0; i < 4; i++)
        s->shape.slots[fields[i]] = (SekSystemSlot){.known = true, .slot = i};
    s->event = (SekEvent){.shape = &s->shape, .values = {s->values}, .n_values = {4}};
    return &s->event;
}

static void test_alike__an_event_is_known_by_all_that_it_says(void **state) {
    (void)state;
    SekAlike *alike = new_table(0, SEK_ALIKE_BYTES);
    Sample s;
    sek_alike_keep_event(alike, event_of(&s, "PC1", "Security", "Auditing"), 8);
    assert_int_equal(sek_alike_event(alike, &s.event), 8);
    s.event.recovered = true; /* which is said of an event, too */
    assert_int_equal(sek_alike_event(alike, &s.event), SEK_ALIKE_NONE);
    assert_int_equal(sek_alike_event(alike, event_of(&s, "PC2", "Security", "Auditing")), SEK_ALIKE_NONE);
    assert_int_equal(sek_alike_event(alike, event_of(&s, "PC1", "Securit", "yAuditing")), SEK_ALIKE_NONE);
    assert_int_equal(sek_alike_event(alike, event_of(&s, "PC1", "Security", "Auditinh")), SEK_ALIKE_NONE);
    event_of(&s, "PC1", "Security", "Auditing");
    s.values[0].type = SEK_VALUE_BINARY; /* the same bytes, but another text */
    assert_int_equal(sek_alike_event(alike, &s.event), SEK_ALIKE_NONE);
    event_of(&s, "PC1", "Security", "Auditing");
    s.values[3] = text("4624\0" + 1); /* 624: the slot is another, or the number tells */
    assert_int_equal(sek_alike_event(alike, &s.event), SEK_ALIKE_NONE);
    for (uint32_t id = 0; id < 1000; id++) {
        char number[16];
        (void)snprintf(number, sizeof number, "%u", id);
        s.values[3] = text(number);
        assert_int_equal(sek_alike_event(alike, &s.event), SEK_ALIKE_NONE);
        sek_alike_keep_event(alike, &s.event, id);
        assert_int_equal(sek_alike_event(alike, &s.event), id);
    }
    char *name = calloc(1, 1001);
    assert_non_null(name);
    for (size_t n = 0; n < 1000; n++) { /* names of any length, at the end of their memory */
        name[n] = 'x';
        event_of(&s, name, name + n, name + n / 2);
        sek_alike_keep_event(alike, &s.event, 77);
        uint32_t known = sek_alike_event(alike, &s.event);
        assert_true(known == 77 || (known == SEK_ALIKE_NONE && n > 100));
    }
    free(name);
    sek_alike_free(alike);
}

/* An answer and two values beside it: of those none may differ. */
static void test_alike__values_beside_an_answer_decide(void **state) {
    (void)state;
    SekAlike *alike = new_table(0, SEK_ALIKE_BYTES);
    SekBeside beside = {.places = {{0, 1}, {0, 2}}, .n = 2};
    Sample s;
    SekEvent *event = event_of(&s, "any", "ab", "cd");
    assert_int_equal(sek_alike_answered(alike, 7, 9, event), SEK_ALIKE_NONE);
    sek_alike_keep_answer(alike, 7, 9, &(SekAlikeCase){event, &beside, 42});
    assert_int_equal(sek_alike_answered(alike, 7, 9, event), 42);
    assert_int_equal(sek_alike_answered(alike, 8, 9, event), SEK_ALIKE_NONE);
    assert_int_equal(sek_alike_answered(alike, 7, 8, event), SEK_ALIKE_NONE);
    assert_int_equal(sek_alike_answered(alike, 7, 9, event_of(&s, "other", "ab", "cd")), 42);
    assert_int_equal(sek_alike_answered(alike, 7, 9, event_of(&s, "any", "ab", "ce")), SEK_ALIKE_NONE);
    assert_int_equal(sek_alike_answered(alike, 7, 9, event_of(&s, "any", "abc", "d")), SEK_ALIKE_NONE);
    assert_int_equal(sek_alike_answered(alike, 7, 9, event_of(&s, "any", "ab", "")), SEK_ALIKE_NONE);
    event_of(&s, "any", "ab", "cd");
    s.values[2].type = SEK_VALUE_BINARY;
    assert_int_equal(sek_alike_answered(alike, 7, 9, &s.event), SEK_ALIKE_NONE);
    s.event.n_values[0] = 2; /* a value that is not there is none of the same length */
    assert_int_equal(sek_alike_answered(alike, 7, 9, &s.event), SEK_ALIKE_NONE);
    sek_alike_keep_answer(alike, 7, 9, &(SekAlikeCase){&s.event, &beside, 43});
    assert_int_equal(sek_alike_answered(alike, 7, 9, &s.event), 43);
    char name[128] = "";
    for (size_t n = 0; n < sizeof name - 1; n++) { /* of any length */
        name[n] = (char)('a' + n % 26);
        event_of(&s, "any", name, name + n / 3);
        assert_int_equal(sek_alike_answered(alike, 7, 9, event), SEK_ALIKE_NONE);
        sek_alike_keep_answer(alike, 7, 9, &(SekAlikeCase){event, &beside, 44});
        assert_int_equal(sek_alike_answered(alike, 7, 9, event), 2 * (n + 1) - n / 3 <= 44 ? 44 : SEK_ALIKE_NONE);
    }
    sek_alike_forget_answers(alike);
    assert_int_equal(sek_alike_answered(alike, 7, 9, event_of(&s, "any", "ab", "cd")), SEK_ALIKE_NONE);
    sek_alike_keep_answer(alike, 7, 9, &(SekAlikeCase){event, &beside, 42});
    assert_int_equal(sek_alike_answered(alike, 7, 9, event_of(&s, "any", "a", "bcd")), SEK_ALIKE_NONE);
    sek_alike_free(alike);
}

/* --- packed ---------------------------------------------------------------------------------------- */

static SekRuleInfo infos[3];
static const SekRuleset rules = {.infos = infos, .n_rules = 3};

static SekStr pack(SekBuf *out, uint32_t event, uint32_t rule) {
    sek_buf_clear(out);
    sek_pack_u64(out, 11);
    sek_pack_u32(out, event);
    sek_pack_process(out, NULL);
    sek_pack_u32(out, 2);
    sek_pack_u32(out, rule);
    size_t start = sek_pack_part(out);
    sek_pack_u32(out, 2); /* rule */
    sek_pack_u32(out, 0);
    sek_pack_u32(out, 0);
    assert_int_equal(sek_pack_part_bytes(out, start).len, 12);
    sek_pack_u32(out, 0);
    sek_pack_text(out, SEK_STR("<x/>"));
    return sek_buf_str(out);
}

static void test_alike__hits_with_numbers_are_what_hits_without_are(void **state) {
    (void)state;
    SekPair pair = {SEK_STR("Image"), SEK_STR("a.exe")};
    SekHitRule rule = {.rule = 1, .matched = &pair, .n_matched = 1};
    SekHit hit = {.event = {.event_id = 4, .computer = SEK_STR("PC")}, .rules = &rule, .n_rules = 1}, out;
    SekBuf bytes;
    SekArena arena;
    sek_buf_init(&bytes, 1 << 16);
    sek_arena_init(&arena, 0);
    sek_pack_hit(&bytes, &rules, &hit);
    size_t event_at = 12, event_len = 5 * 4 + 2, rule_at = event_at + event_len + 12, rule_len = bytes.len - 8 - rule_at;
    SekAlike *tables[3] = {NULL, new_table(1, SEK_ALIKE_BYTES), new_table(2, SEK_ALIKE_BYTES)};
    (void)twice(tables[2], SEK_ALIKE_RULE, SEK_STR("\0\0\0\0\0\0\0\0\0\0\0\0"));
    uint32_t event = twice(tables[1], SEK_ALIKE_EVENT, sek_str_n(bytes.data + event_at, event_len));
    uint32_t known = twice(tables[2], SEK_ALIKE_RULE, sek_str_n(bytes.data + rule_at, rule_len));
    SekAlikeParts parts;
    assert_int_equal(sek_alike_parts_read(&parts, tables, 3, &rules), SEK_OK);
    SekUnpacking with = {&rules, &parts};
    assert_int_equal(sek_unpack_hit(pack(&bytes, event, known), &with, &arena, &out), SEK_OK);
    assert_true(out.alike && out.rules[0].alike && out.alike != out.rules[0].alike && !out.rules[1].alike);
    assert_int_equal(out.event.record_id, 11);
    assert_int_equal(out.event.event_id, 4);
    assert_true(sek_str_eq(out.event.computer, SEK_STR("PC")) && sek_str_eq(out.event.xml, SEK_STR("<x/>")));
    assert_int_equal(out.n_rules, 2);
    assert_int_equal(out.rules[0].rule, 1);
    assert_true(sek_str_eq(out.rules[0].matched[0].value, pair.value));
    assert_int_equal(out.rules[1].rule, 2);
    /* No number that nothing was given, and none of the other kind. */
    const uint32_t bad[][2] = {{known, known}, {event, event}, {event, known + 1}, {event + 1, known}, {0, known},
                               {event, 3u << 16}, {event, UINT32_MAX - 1}, {event, (2u << 16) + 0xffff}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(sek_unpack_hit(pack(&bytes, bad[i][0], bad[i][1]), &with, &arena, &out), SEK_ERR_IO);
    with.parts = NULL;
    assert_int_equal(sek_unpack_hit(pack(&bytes, event, known), &with, &arena, &out), SEK_ERR_IO);
    sek_alike_parts_deinit(&parts);
    (void)twice(tables[1], SEK_ALIKE_RULE, SEK_STR("no rule at all")); /* parts are not believed, either */
    assert_int_equal(sek_alike_parts_read(&parts, tables, 3, &rules), SEK_ERR_IO);
    sek_alike_parts_deinit(&parts);
    sek_alike_free(tables[1]);
    sek_alike_free(tables[2]);
    sek_arena_deinit(&arena);
    sek_buf_deinit(&bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alike__a_part_has_a_number_from_the_second_time_on),
        cmocka_unit_test(test_alike__a_full_table_takes_no_more_and_loses_none),
        cmocka_unit_test(test_alike__more_parts_come_than_numbers),
        cmocka_unit_test(test_alike__long_parts_leave_room_for_short_ones),
        cmocka_unit_test(test_alike__answers_are_those_of_one_scanner),
        cmocka_unit_test(test_alike__an_event_is_known_by_all_that_it_says),
        cmocka_unit_test(test_alike__values_beside_an_answer_decide),
        cmocka_unit_test(test_alike__hits_with_numbers_are_what_hits_without_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
