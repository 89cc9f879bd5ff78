/* SPDX-License-Identifier: Apache-2.0 */

/* Layers of an event's code as events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/again.h"
#include "rules/flat_event.h"

typedef struct Made {
    yyjson_doc *doc;
    SekArena arena;
    SekEvent event;
    SekCodeTexts *texts;
    const SekCodeText *list;
    uint32_t n;
} Made;

static void make(Made *m, const char *json) {
    m->doc = yyjson_read(json, strlen(json), 0);
    assert_non_null(m->doc);
    sek_arena_init(&m->arena, 0);
    assert_int_equal(sek_flat_event(yyjson_doc_get_root(m->doc), &m->arena, &m->event), SEK_OK);
    assert_int_equal(sek_code_texts_new(&m->texts), SEK_OK);
    assert_int_equal(sek_code_texts(m->texts, &m->event, &m->list, &m->n), SEK_OK);
}

static void drop(Made *m) {
    sek_code_texts_free(m->texts);
    sek_arena_deinit(&m->arena);
    yyjson_doc_free(m->doc);
}

/* The `nth` value of the fields called `name`; ptr NULL when there is none. */
static SekStr value_of(const SekEvent *event, const char *name, uint32_t nth) {
    for (uint32_t i = 0; i < event->shape->n_fields; i++) {
        SekValue value;
        if (!sek_str_eq(event->shape->fields[i].name, sek_str(name)) || nth-- > 0)
            continue;
        assert_int_equal(sek_event_value(event, &event->shape->fields[i], &value), SEK_OK);
        return sek_str_n((const char *)value.ptr, value.len);
    }
    return (SekStr){0};
}

#define PROCESS(line) "{\"EventID\":1,\"Image\":\"x\",\"CommandLine\":\"" line "\",\"User\":\"u\"}"

static void a_layer_is_the_event_with_one_value_more(void **state) {
    (void)state;
    SekAgain *again;
    Made m;
    uint32_t n;
    SekAgainLayer layer;
    assert_int_equal(sek_again_new(&again), SEK_OK);
    for (uint32_t id = 0; id < 3; id++) { /* with a shape that lasts, and without */
        make(&m, PROCESS("cmd /c p^ow^ershell -w h^idden"));
        SekShape shape = *m.event.shape;
        shape.id = id ? SEK_SHAPES_WIDER + id : 0;
        m.event.shape = &shape;
        assert_int_equal(sek_again_event(again, &m.event, m.list, m.n, &n), SEK_OK);
        assert_true(n > 0);
        for (uint32_t i = 0; i < n; i++) {
            assert_int_equal(sek_again_layer(again, i, &layer), SEK_OK);
            assert_true(sek_str_eq(value_of(&layer.event, "CommandLine", 0), SEK_STR("cmd /c p^ow^ershell -w h^idden")));
            assert_true(sek_str_find(value_of(&layer.event, "CommandLine", 1), SEK_STR("powershell -w hidden")) >= 0);
            assert_true(sek_str_eq(value_of(&layer.event, "User", 0), SEK_STR("u")));
            assert_int_equal(sek_event_id(&layer.event), 1);
            assert_int_equal(layer.event.types, 0);
            assert_int_equal(layer.event.shape->id != 0, id != 0);
        }
        drop(&m);
    }
    SekBuf steps;
    sek_buf_init(&steps, 4096);
    sek_again_steps(layer.layers, layer.index, &steps);
    assert_true(steps.len > 0);
    sek_buf_deinit(&steps);
    sek_again_free(again);
}

static void plain_text_and_what_stands_there_already_give_none(void **state) {
    (void)state;
    static const char *const plain[] = {
        PROCESS("notepad.exe a.txt"), PROCESS(""), PROCESS("cmd.exe /c whoami"), "{\"EventID\":4624,\"LogonType\":3}"};
    SekAgain *again;
    Made m;
    uint32_t n;
    assert_int_equal(sek_again_new(&again), SEK_OK);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        make(&m, plain[i]);
        assert_int_equal(sek_again_event(again, &m.event, m.list, m.n, &n), SEK_OK);
        assert_int_equal(n, 0);
        drop(&m);
    }
    sek_again_free(again);
}

/* The same text is decoded once; more texts than are remembered are decoded all the same. */
static void texts_are_remembered_in_bounded_memory(void **state) {
    (void)state;
    SekAgain *again;
    Made m;
    uint32_t n;
    uint64_t looked, decoded;
    SekAgainLayer layer;
    assert_int_equal(sek_again_new(&again), SEK_OK);
    for (unsigned i = 0; i < SEK_AGAIN_TEXTS + 200; i++) {
        char json[256];
        (void)snprintf(json, sizeof json, PROCESS("cmd /c e^cho %u"), i / 2);
        make(&m, json);
        assert_int_equal(sek_again_event(again, &m.event, m.list, m.n, &n), SEK_OK);
        assert_int_equal(n > 0, 1);
        (void)snprintf(json, sizeof json, "echo %u", i / 2);
        assert_int_equal(sek_again_layer(again, n - 1, &layer), SEK_OK);
        assert_true(sek_str_find(value_of(&layer.event, "CommandLine", 1), sek_str(json)) >= 0);
        drop(&m);
    }
    sek_again_counts(again, &looked, &decoded);
    assert_int_equal(looked, SEK_AGAIN_TEXTS + 200);
    assert_int_equal(decoded, SEK_AGAIN_TEXTS / 2 + 100);
    for (unsigned i = 0; i < SEK_AGAIN_TEXTS + 200; i++) {
        char json[256];
        (void)snprintf(json, sizeof json, PROCESS("cmd /c e^cho other%u"), i);
        make(&m, json);
        assert_int_equal(sek_again_event(again, &m.event, m.list, m.n, &n), SEK_OK);
        assert_int_equal(n > 0, 1);
        drop(&m);
    }
    sek_again_free(again);
}

#define FIFTY "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaa"
#define LONG " " FIFTY FIFTY FIFTY FIFTY FIFTY /* shorter values are not kept */

/* What is remembered of a value must not outlive the layers that it had. */
static void a_value_that_comes_again_has_layers_also_when_they_were_forgotten(void **state) {
    (void)state;
    SekAgain *again;
    Made m;
    uint32_t n;
    uint64_t looked, decoded;
    const size_t len = SEK_AGAIN_BYTES / 8; /* of one text; it is kept, and its layer */
    char *json = malloc(len + 256);
    assert_non_null(json);
    assert_int_equal(sek_again_new(&again), SEK_OK);
    for (unsigned i = 0; i < 16; i++) {
        make(&m, PROCESS("cmd /c e^cho again" LONG));
        assert_int_equal(sek_again_event(again, &m.event, m.list, m.n, &n), SEK_OK);
        assert_int_equal(n > 0, 1);
        SekAgainLayer layer;
        assert_int_equal(sek_again_layer(again, n - 1, &layer), SEK_OK);
        assert_true(sek_str_find(value_of(&layer.event, "CommandLine", 1), SEK_STR("echo again")) >= 0);
        drop(&m);
        make(&m, PROCESS("notepad plain.txt" LONG));
        assert_int_equal(sek_again_event(again, &m.event, m.list, m.n, &n), SEK_OK);
        assert_int_equal(n, 0);
        drop(&m);
        char *filler = malloc(len + 1);
        assert_non_null(filler);
        memset(filler, 'a', len);
        filler[len] = 0;
        (void)snprintf(json, len + 256, PROCESS("cmd /c e^cho %u%s"), i, filler);
        free(filler);
        make(&m, json);
        assert_int_equal(sek_again_event(again, &m.event, m.list, m.n, &n), SEK_OK);
        drop(&m);
    }
    sek_again_counts(again, &looked, &decoded);
    assert_int_equal(looked, 32);
    assert_in_range(decoded, 18, 31); /* the small one again whenever all was forgotten, but not each time */
    free(json);
    sek_again_free(again);
}

/* More kinds of events than there are numbers for wider shapes. */
static void shapes_have_numbers_as_long_as_there_are_any(void **state) {
    (void)state;
    SekAgain *again;
    Made m;
    uint32_t n, numbered = 0;
    SekAgainLayer layer;
    make(&m, PROCESS("cmd /c e^cho"));
    SekShape shape = *m.event.shape;
    m.event.shape = &shape;
    assert_int_equal(sek_again_new(&again), SEK_OK);
    for (uint32_t id = SEK_SHAPES_WIDER + 1; id <= SEK_SHAPES_WIDER + 2000; id++) {
        shape.id = id;
        assert_int_equal(sek_again_event(again, &m.event, m.list, m.n, &n), SEK_OK);
        assert_int_equal(sek_again_layer(again, 0, &layer), SEK_OK);
        assert_true(layer.event.shape->id <= SEK_SHAPES_WIDER);
        numbered += layer.event.shape->id != 0;
    }
    assert_int_equal(numbered, SEK_SHAPES_WIDER);
    sek_again_free(again);
    drop(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_layer_is_the_event_with_one_value_more),
        cmocka_unit_test(plain_text_and_what_stands_there_already_give_none),
        cmocka_unit_test(texts_are_remembered_in_bounded_memory),
        cmocka_unit_test(a_value_that_comes_again_has_layers_also_when_they_were_forgotten),
        cmocka_unit_test(shapes_have_numbers_as_long_as_there_are_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
