/* SPDX-License-Identifier: Apache-2.0 */

/* Parts of split scripts: joined whatever the order in which they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/fragments.h"
#include "rules/flat_event.h"
#include "unit/engine/store.h"

typedef struct Given {
    const char *computer, *id, *text;
    int64_t number, total;
    uint32_t file;
    uint64_t offset;
    uint32_t rule; /* that matched it; 0 = none */
    const uint32_t *rules; /* or these */
    uint32_t n_rules;
    bool recovered;
} Given;

static SekStatus give(SekFragments *f, const Given *g) {
    char json[1024];
    int n = snprintf(json, sizeof json,
                     "{\"Channel\":\"Microsoft-Windows-PowerShell/Operational\",\"EventID\":4104,\"Computer\":\"%s\","
                     "\"MessageNumber\":%jd,\"MessageTotal\":%jd,\"ScriptBlockText\":\"%s\",\"ScriptBlockId\":\"%s\","
                     "\"Path\":\"p%ju\"}",
                     g->computer ? g->computer : "PC", (intmax_t)g->number, (intmax_t)g->total, g->text,
                     g->id ? g->id : "id", (uintmax_t)g->offset);
    yyjson_doc *doc = yyjson_read(json, (size_t)n, 0);
    assert_non_null(doc);
    SekArena arena;
    SekEvent event;
    SekFragment4104 part;
    sek_arena_init(&arena, 0);
    assert_int_equal(sek_flat_event(yyjson_doc_get_root(doc), &arena, &event), SEK_OK);
    event.offset = g->offset;
    event.record_id = g->offset + 1000;
    event.recovered = g->recovered;
    SekStatus status = sek_fragment_read(&event, &part);
    if (status == SEK_OK)
        status = sek_fragments_add(f, &event, &part, g->file, g->rules ? g->rules : &g->rule, g->rules ? g->n_rules : g->rule != 0);
    sek_arena_deinit(&arena);
    yyjson_doc_free(doc);
    return status;
}

static SekStr field_of(const SekEvent *event, const char *name) {
    SekValue value;
    for (uint32_t i = 0; i < event->shape->n_fields; i++)
        if (sek_str_eq(event->shape->fields[i].name, sek_str(name))) {
            assert_int_equal(sek_event_value(event, &event->shape->fields[i], &value), SEK_OK);
            return sek_str_n((const char *)value.ptr, value.len);
        }
    return (SekStr){0};
}

#define CHECK_TEXT(text, want) assert_true(sek_str_eq((text), SEK_STR(want)))
static const uint32_t straight[] = {0, 1, 2, 3};

/* Two files, all orders of three parts: always the same script. */
static void parts_are_joined_in_any_order(void **state) {
    (void)state;
    static const Given parts[3] = {
        {.number = 1, .total = 3, .text = "Inv", .file = 0, .offset = 10, .rule = 7},
        {.number = 2, .total = 3, .text = "oke-Mimi", .file = 1, .offset = 5, .rule = 3},
        {.number = 3, .total = 3, .text = "katz", .file = 1, .offset = 6, .rule = 7},
    };
    static const uint8_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int o = 0; o < 6; o++) {
        SekFragments *f;
        SekScript script;
        SekArena arena;
        sek_arena_init(&arena, 0);
        assert_int_equal(sek_fragments_new(&(SekFragmentsOptions){0}, &f), SEK_OK);
        for (int i = 0; i < 3; i++)
            assert_int_equal(give(f, &parts[orders[o][i]]), SEK_OK);
        assert_int_equal(sek_fragments_join(f, straight), SEK_OK);
        assert_int_equal(sek_fragments_count(f), 1);
        assert_int_equal(sek_fragments_script(f, 0, &arena, &script, NULL), SEK_OK);
        CHECK_TEXT(field_of(&script.event, "ScriptBlockText"), "Invoke-Mimikatz");
        CHECK_TEXT(field_of(&script.event, "Path"), "p10"); /* the first part's */
        assert_int_equal(sek_event_id(&script.event), 4104);
        assert_int_equal(script.event.record_id, 1010);
        assert_int_equal(script.file, 0);
        assert_int_equal(script.total, 3);
        assert_int_equal(script.n_parts, 3);
        assert_int_equal(script.parts[2].record_id, 1006);
        assert_int_equal(script.n_conflicts, 0);
        assert_int_equal(script.n_rules, 2);
        assert_int_equal(script.rules[0], 3);
        assert_int_equal(script.rules[1], 7);
        sek_arena_deinit(&arena);
        sek_fragments_free(f);
    }
}

static void join_one(const Given *given, size_t n, SekFragments **f, SekArena *arena, SekScript *out) {
    sek_arena_init(arena, 0);
    assert_int_equal(sek_fragments_new(&(SekFragmentsOptions){0}, f), SEK_OK);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(give(*f, &given[i]), SEK_OK);
    assert_int_equal(sek_fragments_join(*f, straight), SEK_OK);
    assert_int_equal(sek_fragments_script(*f, 0, arena, out, NULL), SEK_OK);
}

static void a_gap_keeps_its_sides_apart(void **state) {
    (void)state;
    static const Given parts[] = {
        {.number = 1, .total = 2147483647, .text = "Invoke-", .offset = 1},
        {.number = 2147483647, .total = 2147483647, .text = "Mimikatz", .offset = 2},
    };
    SekFragments *f;
    SekArena arena;
    SekScript script;
    join_one(parts, 2, &f, &arena, &script);
    CHECK_TEXT(field_of(&script.event, "ScriptBlockText"), "Invoke-\nMimikatz");
    assert_int_equal(script.n_parts, 2);
    sek_arena_deinit(&arena);
    sek_fragments_free(f);
}

/* The same log twice, and copies that differ: the first in the order of paths counts, and what is only a
 * remain of an overwritten record comes last. */
static void copies_are_told(void **state) {
    (void)state;
    static const Given parts[] = {
        {.number = 1, .total = 2, .text = "forged", .file = 2, .offset = 1},
        {.number = 1, .total = 2, .text = "remain", .file = 0, .offset = 1, .recovered = true},
        {.number = 1, .total = 2, .text = "a", .file = 1, .offset = 1},
        {.number = 2, .total = 2, .text = "b", .file = 1, .offset = 2},
        {.number = 2, .total = 2, .text = "b", .file = 2, .offset = 2},
    };
    SekFragments *f;
    SekArena arena;
    SekScript script;
    join_one(parts, 5, &f, &arena, &script);
    CHECK_TEXT(field_of(&script.event, "ScriptBlockText"), "ab");
    assert_int_equal(script.n_conflicts, 1);
    assert_int_equal(script.parts[0].file, 1);
    assert_int_equal(sek_fragments_count(f), 1);
    sek_arena_deinit(&arena);
    sek_fragments_free(f);
}

static void scripts_are_told_apart(void **state) {
    (void)state;
    static const Given parts[] = {
        {.number = 1, .total = 2, .text = "a"},
        {.number = 2, .total = 2, .text = "b", .computer = "pc", .id = "ID"}, /* the same, in another case */
        {.number = 2, .total = 2, .text = "c", .computer = "other"},
        {.number = 2, .total = 2, .text = "d", .id = "id2"},
        {.number = 2, .total = 3, .text = "e"},
    };
    SekFragments *f;
    SekArena arena;
    SekScript script;
    join_one(parts, 5, &f, &arena, &script);
    assert_int_equal(sek_fragments_count(f), 4);
    CHECK_TEXT(field_of(&script.event, "ScriptBlockText"), "ab");
    sek_arena_deinit(&arena);
    sek_fragments_free(f);
}

static void what_is_no_part_is_left_alone(void **state) {
    (void)state;
    static const Given others[] = {
        {.number = 1, .total = 1, .text = "whole"},
        {.number = 0, .total = 2, .text = "no number"},
        {.number = 3, .total = 2, .text = "above"},
        {.number = 1, .total = 2147483648, .text = "too many"},
        {.number = 1, .total = -2, .text = "negative"},
    };
    SekFragments *f;
    assert_int_equal(sek_fragments_new(&(SekFragmentsOptions){0}, &f), SEK_OK);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(give(f, &others[i]), SEK_NOT_FOUND);
    assert_int_equal(sek_fragments_join(f, straight), SEK_OK);
    assert_int_equal(sek_fragments_count(f), 0);
    sek_fragments_free(f);
}

/* A million scripts of which one part comes: memory has its limit, and what is lost is counted. */
static void memory_has_a_limit(void **state) {
    (void)state;
    SekFragments *f;
    char id[32];
    const size_t limit = 256 * 1024;
    assert_int_equal(sek_fragments_new(&(SekFragmentsOptions){.limit_bytes = limit}, &f), SEK_OK);
    for (unsigned i = 0; i < 2000; i++) {
        (void)snprintf(id, sizeof id, "%u", i);
        assert_int_equal(give(f, &(Given){.number = 1, .total = 9, .text = "a", .id = id}), SEK_OK);
    }
    assert_int_equal(sek_fragments_join(f, straight), SEK_OK);
    assert_in_range(sek_fragments_count(f), 100, 1999);
    assert_int_equal(sek_fragments_count(f) + sek_fragments_dropped(f), 2000);
    sek_fragments_free(f);
}

/* The same log again and again takes no more room than once; the first place counts, in whatever order they come. */
static void copies_in_a_file_are_one(void **state) {
    (void)state;
    for (int upwards = 0; upwards < 2; upwards++) {
        SekFragments *f;
        SekArena arena;
        SekScript script;
        sek_arena_init(&arena, 0);
        assert_int_equal(sek_fragments_new(&(SekFragmentsOptions){.limit_bytes = upwards ? 4096 : 1 << 20}, &f), SEK_OK);
        for (unsigned i = 0; i < 2000; i++) {
            Given one = {.number = 1, .total = 2, .text = "same", .offset = upwards ? 1 + i : 2000 - i, .rule = 5};
            Given two = {.number = 2, .total = 2, .text = i == 77 ? "other" : "text", .offset = 4000 + one.offset,
                         .rule = i == 78 ? 9 : 6};
            assert_int_equal(give(f, &one), SEK_OK);
            assert_int_equal(give(f, &two), SEK_OK);
        }
        assert_int_equal(sek_fragments_dropped(f), 0);
        assert_int_equal(sek_fragments_join(f, straight), SEK_OK);
        assert_int_equal(sek_fragments_count(f), 1);
        assert_int_equal(sek_fragments_script(f, 0, &arena, &script, NULL), SEK_OK);
        CHECK_TEXT(field_of(&script.event, "ScriptBlockText"), "sametext");
        CHECK_TEXT(field_of(&script.event, "Path"), "p1");
        assert_int_equal(script.parts[0].offset, 1);
        assert_int_equal(script.parts[1].offset, 4001);
        assert_int_equal(script.n_conflicts, 1);
        assert_int_equal(script.n_rules, 3); /* also what matched one copy only */
        sek_arena_deinit(&arena);
        sek_fragments_free(f);
    }
}

/* What parts have in common takes its memory once, also when a script is put together. */
static void lists_of_rules_are_read_once(void **state) {
    (void)state;
    enum { RULES = 1000, PARTS = 2000 };
    static uint32_t rules[RULES + 1];
    SekFragments *f;
    SekArena arena;
    SekScript script;
    sek_arena_init(&arena, 0);
    for (uint32_t i = 0; i <= RULES; i++)
        rules[i] = 2 * i;
    assert_int_equal(sek_fragments_new(&(SekFragmentsOptions){0}, &f), SEK_OK);
    for (unsigned i = 0; i < PARTS; i++) {
        Given part = {.number = 1 + i, .total = PARTS, .text = "text", .offset = i, .rules = rules + i % 2, .n_rules = RULES};
        assert_int_equal(give(f, &part), SEK_OK);
    }
    assert_int_equal(sek_fragments_join(f, straight), SEK_OK);
    assert_int_equal(sek_fragments_script(f, 0, &arena, &script, NULL), SEK_OK);
    assert_int_equal(script.n_parts, PARTS);
    assert_int_equal(script.n_rules, RULES + 1);
    assert_memory_equal(script.rules, rules, sizeof rules);
    assert_true(arena.used < (size_t)1 << 20);
    sek_arena_deinit(&arena);
    sek_fragments_free(f);
}

/* Everything that a reader sees of what was joined, as one text. */
static void tell(const SekFragments *f, SekBuf *out) {
    for (uint32_t i = 0; i < sek_fragments_count(f); i++) {
        SekArena arena;
        SekScript script;
        sek_arena_init(&arena, 0);
        assert_int_equal(sek_fragments_script(f, i, &arena, &script, NULL), SEK_OK);
        for (uint32_t k = 0; k < script.event.shape->n_fields; k++) {
            SekStr name = script.event.shape->fields[k].name;
            char cstr[64];
            (void)snprintf(cstr, sizeof cstr, "%.*s", SEK_STR_ARG(name));
            sek_buf_add_str(out, name);
            sek_buf_add_str(out, field_of(&script.event, cstr));
        }
        for (uint32_t k = 0; k < script.n_parts; k++)
            sek_buf_addf(out, " %u:%u:%ju", script.parts[k].number, script.parts[k].file, (uintmax_t)script.parts[k].offset);
        for (uint32_t k = 0; k < script.n_rules; k++)
            sek_buf_addf(out, " r%u", script.rules[k]);
        sek_buf_addf(out, " %u %u %u\n", script.n_conflicts, script.n_gaps, script.event.recovered);
        sek_arena_deinit(&arena);
    }
}

static void give_many(SekFragments *f, unsigned n) {
    char id[32], text[600];
    for (unsigned i = 0; i < n; i++) {
        unsigned row = i * 7919 % n;
        (void)snprintf(id, sizeof id, "id%u", row % 97);
        (void)snprintf(text, sizeof text, "%0*u", (int)(1 + row * 31 % 500), row % 13);
        Given given = {.number = 1 + row % 3, .total = 3, .text = text, .id = id, .file = row % 4, .offset = row,
                       .rule = row % 5, .recovered = row % 7 == 0};
        assert_int_equal(give(f, &given), SEK_OK);
    }
}

/* A store, one that is full soon, none: always the same scripts. */
static void memory_changes_nothing(void **state) {
    (void)state;
    static const struct {
        size_t memory, room;
        bool refuse;
    } cases[] = {{SIZE_MAX, SIZE_MAX, false}, {0, SIZE_MAX, false}, {700, SIZE_MAX, false}, {20000, SIZE_MAX, false},
                 {700, 5000, false}, {0, 100000, false}, {0, 0, true}};
    SekBuf want, got;
    sek_buf_init(&want, 1 << 24);
    sek_buf_init(&got, 1 << 24);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Store store = {.room = cases[i].room, .refuse_open = cases[i].refuse};
        sek_buf_init(&store.bytes, 1 << 28);
        SekSpill spill = store_spill(&store);
        SekFragments *f;
        sek_buf_clear(&got);
        assert_int_equal(sek_fragments_new(&(SekFragmentsOptions){.memory_bytes = cases[i].memory, .spill = &spill}, &f), SEK_OK);
        give_many(f, 2000);
        assert_int_equal(sek_fragments_join(f, straight), SEK_OK);
        assert_int_equal(sek_fragments_count(f), 97);
        tell(f, i ? &got : &want);
        if (i)
            assert_true(got.len == want.len && memcmp(got.data, want.data, got.len) == 0);
        bool fails = cases[i].refuse || cases[i].room < SIZE_MAX;
        assert_int_equal(sek_fragments_store(f).spill_err.code, fails ? SEK_ERR_IO : SEK_OK);
        assert_true(cases[i].memory == SIZE_MAX || cases[i].refuse || sek_fragments_store(f).bytes > 4000);
        sek_fragments_free(f);
        assert_int_equal(store.opened, store.closed);
        sek_buf_deinit(&store.bytes);
    }
    sek_buf_deinit(&want);
    sek_buf_deinit(&got);
}

static void a_store_that_forgets_is_told(void **state) {
    (void)state;
    Store store = {.room = SIZE_MAX};
    sek_buf_init(&store.bytes, 1 << 20);
    SekSpill spill = store_spill(&store);
    SekFragments *f;
    SekArena arena;
    SekScript script;
    SekError err = {0};
    const Given part = {.number = 1, .total = 2, .text = "text"};
    sek_arena_init(&arena, 0);
    assert_int_equal(sek_fragments_new(&(SekFragmentsOptions){.spill = &spill}, &f), SEK_OK);
    assert_int_equal(give(f, &part), SEK_OK);
    store.lose = true;
    assert_int_equal(give(f, &part), SEK_ERR_IO);
    assert_string_equal(sek_fragments_store(f).err.what, "store has forgotten");
    assert_int_equal(sek_fragments_join(f, straight), SEK_OK);
    assert_int_equal(sek_fragments_script(f, 0, &arena, &script, &err), SEK_ERR_IO);
    assert_string_equal(err.what, "store has forgotten");
    sek_arena_deinit(&arena);
    sek_fragments_free(f);
    sek_buf_deinit(&store.bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_joined_in_any_order),
        cmocka_unit_test(a_gap_keeps_its_sides_apart),
        cmocka_unit_test(copies_are_told),
        cmocka_unit_test(scripts_are_told_apart),
        cmocka_unit_test(what_is_no_part_is_left_alone),
        cmocka_unit_test(memory_has_a_limit),
        cmocka_unit_test(copies_in_a_file_are_one),
        cmocka_unit_test(lists_of_rules_are_read_once),
        cmocka_unit_test(memory_changes_nothing),
        cmocka_unit_test(a_store_that_forgets_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
