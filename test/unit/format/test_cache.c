/* SPDX-License-Identifier: Apache-2.0 */
/* When two definitions are the same template and when they only look like it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/binxml_internal.h"
#include "unit/format/builder.h"

#include <stdio.h>
#include <string.h>

static Builder b; /* 64 KiB: not for the stack */
static SekBinxml *bx;
static SekFragment f;

static int setup(void **state) {
    (void)state;
    build_start(&b);
    return sek_binxml_new(&bx) == SEK_OK ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    sek_binxml_free(bx);
    return 0;
}

static void start(uint32_t at) {
    build_start(&b);
    b.at = at;
}

static SekTemplate *read_at(uint32_t at) {
    sek_binxml_chunk(bx, b.bytes, 65536);
    SekError err = {0};
    assert_int_equal(sek_binxml_record(bx, at, b.at - at, &f, &err), SEK_OK);
    return f.tpl;
}

/* A template <`name`>`text`</`name`> in place, at chunk offset `at`; the name stands in place. */
static SekTemplate *read_literal(uint32_t at, const char *name, const char *text) {
    start(at);
    uint32_t definition = put_instance_here(&b, 7);
    put_open(&b, name, false);
    put_close_start(&b);
    put_text(&b, text);
    put_end(&b);
    end_definition(&b, definition);
    put32(&b, 0);
    return read_at(at);
}

/* The same with the name at chunk offset `far`; its hash field holds `hash` if that is not 0. */
static SekTemplate *read_far_name(uint32_t far, const char *name, unsigned hash) {
    start(far);
    (void)put_name(&b, name);
    if (hash)
        set16(&b, far + 4, hash);
    b.at = 512;
    uint32_t definition = put_instance_here(&b, 7);
    put_open_at(&b, far, false);
    put_close_empty(&b);
    end_definition(&b, definition);
    put32(&b, 0);
    return read_at(512);
}

static void same_definition_in_another_place_is_one_template(void **state) {
    (void)state;
    SekTemplate *first = read_literal(512, "a", "text");
    first->user = &b;
    SekTemplate *second = read_literal(3000, "a", "text");
    assert_ptr_equal(first, second);
    assert_int_equal(second->id, 1);
    assert_ptr_equal(second->user, &b); /* what the layer above worked out stays */
}

static void sizes_that_only_the_writer_reads_may_differ(void **state) {
    (void)state;
    SekTemplate *first = read_literal(512, "a", "text");
    set32(&b, 512 + 10 + 24 + 4 + 3, 12345); /* size of the element, behind its identifier */
    assert_ptr_equal(read_at(512), first);
}

static void other_literals_are_another_template(void **state) {
    (void)state;
    SekTemplate *first = read_literal(512, "a", "host-1");
    SekTemplate *second = read_literal(512, "a", "host-2");
    assert_ptr_not_equal(first, second);
    assert_int_equal(second->id, 2);
    assert_ptr_equal(read_literal(600, "a", "host-1"), first);
    assert_ptr_equal(read_literal(600, "a", "host-2"), second);
}

static void names_outside_are_compared(void **state) {
    (void)state;
    SekTemplate *first = read_far_name(40000, "Image", 0);
    assert_ptr_equal(read_far_name(50000, "Image", 0), first);
    assert_ptr_not_equal(read_far_name(40000, "Emage", 0), first);
}

static void names_outside_are_compared_beyond_their_hash(void **state) {
    (void)state;
    SekTemplate *first = read_far_name(40000, "Image", 0x4242);
    SekTemplate *second = read_far_name(40000, "Omage", 0x4242);
    assert_ptr_not_equal(first, second);
    assert_memory_equal(second->nodes[0].name.ptr, "Omage", 5);
}

static void names_inside_are_told_apart_by_their_place(void **state) {
    (void)state;
    SekTemplate *seen[2];
    for (unsigned i = 0; i < 2; i++) { /* the third element refers to the name of the first or second */
        start(512);
        uint32_t definition = put_instance_here(&b, 7);
        uint32_t names[2];
        put_open(&b, "ab", false);
        names[0] = b.at - 14;
        put_close_empty(&b);
        put_open(&b, "cd", false);
        names[1] = b.at - 14;
        put_close_empty(&b);
        put_open_at(&b, names[i], false);
        put_close_empty(&b);
        end_definition(&b, definition);
        put32(&b, 0);
        seen[i] = read_at(512);
        assert_memory_equal(seen[i]->nodes[4].name.ptr, i ? "cd" : "ab", 2);
    }
    assert_ptr_not_equal(seen[0], seen[1]);
}

static void many_of_one_guid_are_found_by_content(void **state) {
    (void)state;
    SekTemplate *seen[100];
    char text[16];
    for (int i = 0; i < 100; i++) {
        (void)snprintf(text, sizeof text, "h%03d", i);
        seen[i] = read_literal(512, "a", text);
        assert_int_equal(seen[i]->id, i + 1);
    }
    for (int i = 0; i < 100; i++) {
        (void)snprintf(text, sizeof text, "h%03d", i);
        assert_ptr_equal(read_literal(700, "a", text), seen[i]);
    }
}

static void damaged_definition_is_refused_each_time(void **state) {
    (void)state;
    (void)read_literal(512, "a", "text");
    b.bytes[512 + 10 + 24 + 4] = 0x77; /* first token */
    sek_binxml_chunk(bx, b.bytes, 65536);
    SekError err = {0};
    assert_int_equal(sek_binxml_record(bx, 512, b.at - 512, &f, &err), SEK_ERR_INPUT);
    assert_non_null(strstr(err.what, "unknown token"));
    assert_int_equal(sek_binxml_record(bx, 512, b.at - 512, &f, &err), SEK_ERR_INPUT);
    assert_non_null(strstr(err.what, "damaged"));
    (void)read_literal(512, "a", "text"); /* the next chunk is looked at anew */
}

static void overlapping_definitions_have_a_limit_of_work(void **state) {
    (void)state;
    start(0);
    for (uint32_t i = 0; i < 16000; i++)
        put32(&b, 0x0001010f); /* fragment headers: a long definition that means nothing */
    b.at = 64100;
    SekStatus status = SEK_OK;
    uint32_t n = 0;
    sek_binxml_chunk(bx, b.bytes, 65536);
    while (status != SEK_ERR_LIMIT && n < 100) { /* every definition begins a little later and is as long */
        uint32_t def = 64 * n++;
        set32(&b, def + 20, 60000 - def);
        b.at = 64100;
        put_instance(&b, 0x0001010f, def, 0);
        status = sek_binxml_record(bx, 64100, b.at - 64100, &f, NULL);
        set32(&b, def + 20, 0x0001010f);
    }
    assert_int_equal(status, SEK_ERR_LIMIT);
    assert_true(n <= SEK_BINXML_CHUNK_WORK / 50000 + 2);
}

static void uncached_templates_are_given_when_the_cache_is_full(void **state) {
    (void)state;
    SekTemplate *cached = read_literal(512, "a", "old");
    bx->cache_arena.limit = bx->cache_arena.used; /* as if 64 MiB were taken */
    SekTemplate *t = read_literal(512, "a", "new");
    assert_int_equal(t->id, 0);
    assert_memory_equal(t->nodes[2].text.ptr, "new", 3);
    assert_ptr_equal(read_literal(512, "a", "old"), cached);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(same_definition_in_another_place_is_one_template),
        TEST(sizes_that_only_the_writer_reads_may_differ),
        TEST(other_literals_are_another_template),
        TEST(names_outside_are_compared),
        TEST(names_outside_are_compared_beyond_their_hash),
        TEST(names_inside_are_told_apart_by_their_place),
        TEST(many_of_one_guid_are_found_by_content),
        TEST(damaged_definition_is_refused_each_time),
        TEST(overlapping_definitions_have_a_limit_of_work),
        TEST(uncached_templates_are_given_when_the_cache_is_full),
    };
    return cmocka_run_group_tests_name("format/binxml cache", tests, NULL, NULL);
}
