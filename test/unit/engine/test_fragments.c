/* SPDX-License-Identifier: Apache-2.0 */

/* Parts of split scripts: joined whatever the order in which they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/fragments.h"
#include "rules/flat_event.h"

typedef struct Given {
    const char *computer, *id, *text;
    int64_t number, total;
    uint32_t file;
    uint64_t offset;
    uint32_t rule; /* that matched it; 0 = none */
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
        status = sek_fragments_add(f, &event, &part, g->file, &g->rule, g->rule != 0);
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
        assert_int_equal(sek_fragments_new(0, &f), SEK_OK);
        for (int i = 0; i < 3; i++)
            assert_int_equal(give(f, &parts[orders[o][i]]), SEK_OK);
        assert_int_equal(sek_fragments_join(f, straight), SEK_OK);
        assert_int_equal(sek_fragments_count(f), 1);
        assert_int_equal(sek_fragments_script(f, 0, &arena, &script), SEK_OK);
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
    assert_int_equal(sek_fragments_new(0, f), SEK_OK);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(give(*f, &given[i]), SEK_OK);
    assert_int_equal(sek_fragments_join(*f, straight), SEK_OK);
    assert_int_equal(sek_fragments_script(*f, 0, arena, out), SEK_OK);
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
    assert_int_equal(sek_fragments_new(0, &f), SEK_OK);
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
    assert_int_equal(sek_fragments_new(limit, &f), SEK_OK);
    for (unsigned i = 0; i < 2000; i++) {
        (void)snprintf(id, sizeof id, "%u", i);
        assert_int_equal(give(f, &(Given){.number = 1, .total = 9, .text = "a", .id = id}), SEK_OK);
    }
    assert_int_equal(sek_fragments_join(f, straight), SEK_OK);
    assert_in_range(sek_fragments_count(f), 100, 1999);
    assert_int_equal(sek_fragments_count(f) + sek_fragments_dropped(f), 2000);
    sek_fragments_free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_joined_in_any_order),
        cmocka_unit_test(a_gap_keeps_its_sides_apart),
        cmocka_unit_test(copies_are_told),
        cmocka_unit_test(scripts_are_told_apart),
        cmocka_unit_test(what_is_no_part_is_left_alone),
        cmocka_unit_test(memory_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
