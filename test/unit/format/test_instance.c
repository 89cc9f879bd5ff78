/* SPDX-License-Identifier: Apache-2.0 */
/* Templates and their value tables, values that are fragments themselves, and strict reading. */
#include "unit/format/binxml_fixture.h"

static uint32_t put_one_hole(uint32_t id, unsigned slot, unsigned type, bool optional) {
    uint32_t definition = put_instance_here(&b, id);
    put_open(&b, "a", false);
    put_close_start(&b);
    put_hole(&b, slot, type, optional);
    put_end(&b);
    end_definition(&b, definition);
    return definition;
}

static void instance_gives_template_and_values(void **state) {
    (void)state;
    put_fragment_header(&b);
    (void)put_one_hole(7, 1, SEK_VALUE_UINT16, true);
    put32(&b, 2);
    put_descriptor(&b, 4, SEK_VALUE_STRING);
    put_descriptor(&b, 2, SEK_VALUE_UINT16);
    put_utf16(&b, "hi");
    put16(&b, 99);
    put_eof(&b);
    assert_int_equal(parse(), SEK_OK);
    assert_int_equal(f.tpl->id, 1);
    assert_int_equal(f.tpl->n_slots, 2);
    const SekNode *hole = node(2, SEK_NODE_SUBSTITUTION);
    assert_int_equal(hole->slot, 1);
    assert_int_equal(hole->type, SEK_VALUE_UINT16);
    assert_true(hole->optional);
    assert_int_equal(f.n_values, 2);
    assert_int_equal(f.values[0].len, 4);
    uint64_t number = 0;
    assert_int_equal(sek_value_u64(f.values[1], &number), SEK_OK);
    assert_int_equal(number, 99);
    assert_int_equal(sek_fragment_value(&f, 2).type, SEK_VALUE_NULL);
}

static SekStatus parse_values(uint32_t n) {
    build_start(&b);
    (void)put_one_hole(7, 0, SEK_VALUE_UINT8, false);
    put32(&b, n);
    for (uint32_t i = 0; i < n; i++)
        put_descriptor(&b, 1, SEK_VALUE_UINT8);
    for (uint32_t i = 0; i < n; i++)
        put8(&b, i);
    put_eof(&b);
    return parse();
}

static void values_have_a_limit(void **state) {
    (void)state;
    assert_int_equal(parse_values(0), SEK_OK);
    assert_int_equal(parse_values(SEK_BINXML_MAX_VALUES - 1), SEK_OK);
    assert_int_equal(parse_values(SEK_BINXML_MAX_VALUES), SEK_OK);
    assert_int_equal(f.values[SEK_BINXML_MAX_VALUES - 1].ptr[0], 0xff);
    assert_int_equal(parse_values(SEK_BINXML_MAX_VALUES + 1), SEK_ERR_LIMIT);
}

static void numbers_of_holes_have_a_limit(void **state) {
    (void)state;
    for (unsigned slot = SEK_BINXML_MAX_VALUES - 1; slot <= SEK_BINXML_MAX_VALUES; slot++) {
        build_start(&b);
        (void)put_one_hole(7, slot, SEK_VALUE_UINT8, false);
        put32(&b, 0);
        assert_int_equal(parse(), slot < SEK_BINXML_MAX_VALUES ? SEK_OK : SEK_ERR_LIMIT);
    }
}

static void cut_instances_are_refused(void **state) {
    (void)state;
    (void)put_one_hole(7, 0, SEK_VALUE_STRING, false);
    put32(&b, 1);
    put_descriptor(&b, 4, SEK_VALUE_STRING);
    put_utf16(&b, "hi");
    uint32_t whole = b.at;
    for (uint32_t end = 513; end < whole; end++) {
        b.at = end;
        assert_int_equal(parse(), SEK_ERR_INPUT);
    }
    b.at = whole;
    assert_int_equal(parse(), SEK_OK);
}

static void definitions_elsewhere_are_bounded(void **state) {
    (void)state;
    put_instance(&b, 7, 65536 - 23, 0);
    refused("outside the chunk");
    put_instance(&b, 7, 0xfffffff0, 0);
    refused("outside the chunk");
    put_instance(&b, 7, 40000, 0);
    set32(&b, 40004, 7);
    set32(&b, 40020, 65536 - 40024 + 1);
    refused("outside the chunk");
}

static void definition_of_another_template_is_refused(void **state) {
    (void)state;
    b.at = 40000;
    uint32_t definition = put_definition(&b, 8);
    put_element("a");
    end_definition(&b, definition);
    b.at = 512;
    put_instance(&b, 7, definition, 0);
    refused("another template");
    put_instance(&b, 8, definition, 0);
    assert_int_equal(parse(), SEK_OK);
}

static void several_instances_are_one_fragment(void **state) {
    (void)state;
    uint32_t definition = put_one_hole(7, 0, SEK_VALUE_UINT8, false);
    put32(&b, 1);
    put_descriptor(&b, 1, SEK_VALUE_UINT8);
    put8(&b, 5);
    put_instance(&b, 7, definition, 1);
    put_descriptor(&b, 1, SEK_VALUE_UINT8);
    put8(&b, 6);
    put_eof(&b);
    assert_int_equal(parse(), SEK_OK);
    assert_int_equal(f.n_values, 2);
    SekFragment part;
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(node(i, SEK_NODE_SUBSTITUTION)->slot, i);
        assert_int_equal(sek_binxml_nested(bx, f.values[i], &part, &err), SEK_OK);
        assert_int_equal(part.values[0].ptr[0], 5 + i);
    }
}

static void put_outer(unsigned size) {
    (void)put_one_hole(7, 0, SEK_VALUE_BINXML, true);
    put32(&b, 1);
    put_descriptor(&b, size, SEK_VALUE_BINXML);
}

static void nested_fragment_is_read(void **state) {
    (void)state;
    put_outer(0);
    uint32_t size_at = b.at - 4, start = b.at;
    put_fragment_header(&b);
    uint32_t inner = put_instance_here(&b, 9);
    put_element("inner");
    end_definition(&b, inner);
    put32(&b, 0);
    put_eof(&b);
    set16(&b, size_at, b.at - start);
    put_eof(&b);
    assert_int_equal(parse(), SEK_OK);
    SekFragment nested;
    assert_int_equal(sek_binxml_nested(bx, f.values[0], &nested, &err), SEK_OK);
    equals(nested.tpl->nodes[0].name, "inner");
    assert_int_equal(nested.tpl->id, 2);
}

static void nested_fragment_without_content_is_the_end(void **state) {
    (void)state;
    put_outer(0);
    put_eof(&b);
    assert_int_equal(parse(), SEK_OK);
    SekFragment nested;
    assert_int_equal(sek_binxml_nested(bx, f.values[0], &nested, &err), SEK_END);
    SekValue eof = {.ptr = b.bytes + b.at - 1, .len = 1, .type = SEK_VALUE_BINXML};
    assert_int_equal(sek_binxml_nested(bx, eof, &nested, &err), SEK_END);
}

static void nested_fragment_of_another_chunk_is_refused(void **state) {
    (void)state;
    static const uint8_t other[16] = {0x0f, 1, 1, 0};
    put_element("a");
    put_eof(&b);
    assert_int_equal(parse(), SEK_OK);
    SekFragment nested;
    SekValue v = {.ptr = other, .len = sizeof other, .type = SEK_VALUE_BINXML};
    assert_int_equal(sek_binxml_nested(bx, v, &nested, &err), SEK_ERR_ARGUMENT);
}

static void work_of_one_record_is_limited(void **state) {
    (void)state;
    put_element("a");
    uint32_t element = b.at - 512;
    for (uint32_t i = 1; i < 1000; i++)
        put_element("a");
    put_eof(&b);
    assert_int_equal(parse(), SEK_OK);
    SekFragment nested;
    SekStatus status = SEK_OK;
    uint32_t n = 0;
    for (; !status && n < 1000; n++) { /* each begins one element later */
        SekValue v = {
            .ptr = b.bytes + 512 + n * element, .len = b.at - 512 - n * element, .type = SEK_VALUE_BINXML};
        status = sek_binxml_nested(bx, v, &nested, &err);
    }
    assert_int_equal(status, SEK_ERR_LIMIT);
    assert_int_equal(parse(), SEK_OK); /* the next record starts anew */
    SekValue v = {.ptr = b.bytes + 512, .len = b.at - 512, .type = SEK_VALUE_BINXML};
    assert_int_equal(sek_binxml_nested(bx, v, &nested, &err), SEK_OK);
}

static void nested_fragments_are_remembered(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 100; i++)
        put_element("a");
    put_eof(&b);
    assert_int_equal(parse(), SEK_OK);
    SekFragment first, again;
    SekValue v = {.ptr = b.bytes + 512, .len = b.at - 512, .type = SEK_VALUE_BINXML};
    assert_int_equal(sek_binxml_nested(bx, v, &first, &err), SEK_OK);
    for (uint32_t i = 0; i < 1000; i++) { /* a record may be looked at many times */
        assert_int_equal(sek_binxml_nested(bx, v, &again, &err), SEK_OK);
        assert_ptr_equal(again.tpl, first.tpl);
    }
}

/* A look at a damaged definition costs work of the chunk, which others would lack. */
static void damaged_fragments_are_remembered(void **state) {
    (void)state;
    put_outer(0);
    uint32_t size_at = b.at - 4, start = b.at;
    put_fragment_header(&b);
    uint32_t definition = put_instance_here(&b, 9);
    put8(&b, 0x7f); /* no token */
    end_definition(&b, definition);
    put32(&b, 0);
    put_eof(&b);
    set16(&b, size_at, b.at - start);
    put_eof(&b);
    assert_int_equal(parse(), SEK_OK);
    SekFragment nested;
    assert_int_equal(sek_binxml_nested(bx, f.values[0], &nested, &err), SEK_ERR_INPUT);
    uint64_t where = err.offset;
    uint32_t chunk_work = bx->chunk_work, record_work = bx->record_work;
    assert_in_range(where, definition + 24, b.at);
    memset(bx->definitions, 0, sizeof bx->definitions); /* as when a definition that overlaps it took its place */
    for (uint32_t i = 0; i < 3; i++) {
        err.offset = 0;
        assert_int_equal(sek_binxml_nested(bx, f.values[0], &nested, i % 2 ? NULL : &err), SEK_ERR_INPUT);
        assert_int_equal(i % 2 ? where : err.offset, where);
        assert_int_equal(bx->chunk_work, chunk_work);
        assert_int_equal(bx->record_work, record_work);
    }
}

static void strict_reading_wants_the_types_of_the_template(void **state) {
    (void)state;
    static const struct {
        unsigned type, size, n;
        SekStatus expected;
    } cases[] = {
        {SEK_VALUE_SIZE, 8, 1, SEK_OK},         {SEK_VALUE_HEX64, 8, 1, SEK_OK},
        {SEK_VALUE_HEX32, 4, 1, SEK_OK},        {SEK_VALUE_NULL, 0, 1, SEK_OK},
        {SEK_VALUE_NULL, 5, 1, SEK_OK},         {SEK_VALUE_UINT64, 8, 1, SEK_ERR_INPUT},
        {SEK_VALUE_HEX64, 4, 1, SEK_ERR_INPUT}, {SEK_VALUE_SIZE, 8, 2, SEK_ERR_INPUT},
        {SEK_VALUE_SIZE, 8, 0, SEK_ERR_INPUT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        build_start(&b);
        (void)put_one_hole(7, 0, SEK_VALUE_SIZE, false);
        put32(&b, cases[i].n);
        for (unsigned k = 0; k < cases[i].n; k++)
            put_descriptor(&b, cases[i].size, cases[i].type);
        b.at += cases[i].n * cases[i].size;
        put_eof(&b);
        sek_binxml_strict(bx, false);
        assert_int_equal(parse(), SEK_OK);
        sek_binxml_strict(bx, true);
        assert_int_equal(parse(), cases[i].expected);
    }
}

static void strict_reading_wants_the_hash_of_names(void **state) {
    (void)state;
    b.dependency = false; /* without its hash a name cannot tell that an identifier precedes it */
    put_open(&b, "a", false);
    set16(&b, b.at - 8, 0x1234); /* hash, 1, 'a', NUL */
    put_close_empty(&b);
    put_eof(&b);
    assert_int_equal(parse(), SEK_OK);
    sek_binxml_strict(bx, true);
    assert_int_equal(parse(), SEK_ERR_INPUT);
    assert_non_null(strstr(err.what, "names"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(instance_gives_template_and_values),
        TEST(values_have_a_limit),
        TEST(numbers_of_holes_have_a_limit),
        TEST(cut_instances_are_refused),
        TEST(definitions_elsewhere_are_bounded),
        TEST(definition_of_another_template_is_refused),
        TEST(several_instances_are_one_fragment),
        TEST(nested_fragment_is_read),
        TEST(nested_fragment_without_content_is_the_end),
        TEST(nested_fragment_of_another_chunk_is_refused),
        TEST(work_of_one_record_is_limited),
        TEST(nested_fragments_are_remembered),
        TEST(damaged_fragments_are_remembered),
        TEST(strict_reading_wants_the_types_of_the_template),
        TEST(strict_reading_wants_the_hash_of_names),
    };
    return cmocka_run_group_tests_name("format/binxml instance", tests, NULL, NULL);
}
