/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: what they give, where they end, and what is refused. */
#include "unit/format/binxml_fixture.h"

static void elements_and_attributes_become_nodes(void **state) {
    (void)state;
    put_fragment_header(&b);
    put_open(&b, "Event", true);
    put_attribute(&b, "xmlns");
    put_text(&b, "urn:x");
    put_close_start(&b);
    put_open(&b, "Empty", false);
    put_close_empty(&b);
    put_text(&b, "text");
    put_end(&b);
    put_eof(&b);
    assert_int_equal(parse(), SEK_OK);
    assert_int_equal(f.tpl->id, 0);
    assert_int_equal(f.tpl->n_nodes, 8);
    equals(node(0, SEK_NODE_ELEMENT)->name, "Event");
    assert_int_equal(node(0, SEK_NODE_ELEMENT)->end, 7);
    equals(node(1, SEK_NODE_ATTRIBUTE)->name, "xmlns");
    holds(2, "urn:x");
    (void)node(3, SEK_NODE_CONTENT);
    assert_int_equal(node(4, SEK_NODE_ELEMENT)->end, 5);
    (void)node(5, SEK_NODE_END); /* no CONTENT: written <Empty/> */
    holds(6, "text");
    (void)node(7, SEK_NODE_END);
}

static void elements_without_dependency_are_read(void **state) {
    (void)state;
    b.dependency = false;
    put_element("Event");
    put_eof(&b);
    assert_int_equal(parse(), SEK_OK);
    equals(node(0, SEK_NODE_ELEMENT)->name, "Event");
}

static void names_may_stand_elsewhere_in_the_chunk(void **state) {
    (void)state;
    uint32_t at = b.at;
    b.at = 40000;
    uint32_t name = put_name(&b, "Far");
    b.at = at;
    put_open_at(&b, name, false);
    put_close_empty(&b);
    put_eof(&b);
    assert_int_equal(parse(), SEK_OK);
    equals(node(0, SEK_NODE_ELEMENT)->name, "Far");
}

static void references_and_sections_become_text(void **state) {
    (void)state;
    put_open(&b, "a", false);
    put_close_start(&b);
    put8(&b, 0x08);
    put16(&b, 0x3042);
    put8(&b, 0x09);
    put_name_here(&b, "lt");
    put8(&b, 0x49);
    put_name_here(&b, "other");
    put8(&b, 0x07);
    put16(&b, 2);
    put_utf16(&b, "<>");
    put8(&b, 0x0a);
    put_name_here(&b, "target");
    put8(&b, 0x0b);
    put16(&b, 4);
    put_utf16(&b, "data");
    put_end(&b);
    put_eof(&b);
    assert_int_equal(parse(), SEK_OK);
    equals(node(2, SEK_NODE_CHARREF)->text, "\xE3\x81\x82");
    equals(node(3, SEK_NODE_TEXT)->text, "<");
    equals(node(4, SEK_NODE_ENTITY)->text, "other");
    equals(node(5, SEK_NODE_CDATA)->text, "<>");
    equals(node(6, SEK_NODE_PI)->name, "target");
    equals(node(6, SEK_NODE_PI)->text, "data");
}

static void literals_of_other_types_are_text(void **state) {
    (void)state;
    put_open(&b, "a", false);
    put_close_start(&b);
    put8(&b, 0x05);
    put8(&b, SEK_VALUE_UINT16);
    put16(&b, 4104);
    put8(&b, 0x05);
    put8(&b, SEK_VALUE_ANSI);
    put16(&b, 2);
    put_bytes(&b, "hi", 2);
    put_end(&b);
    put_eof(&b);
    assert_int_equal(parse(), SEK_OK);
    equals(node(2, SEK_NODE_TEXT)->text, "4104");
    equals(node(3, SEK_NODE_TEXT)->text, "hi");
}

static void misplaced_tokens_are_refused(void **state) {
    (void)state;
    put_end(&b);
    refused("ends that did not begin");
    put_close_start(&b);
    refused("tag ends that did not begin");
    put_open(&b, "a", false);
    put_end(&b);
    refused("ends that did not begin");
    put_open(&b, "a", false);
    put_open(&b, "b", false);
    refused("begins inside a tag");
    put_open(&b, "a", false);
    put_text(&b, "x");
    refused("text stands where none may be");
    put_open(&b, "a", false);
    put_close_start(&b);
    put_attribute(&b, "b");
    refused("attribute stands outside");
    put_open(&b, "a", false);
    put_close_start(&b);
    put_hole(&b, 0, SEK_VALUE_STRING, false);
    refused("substitution stands where none may be");
    put8(&b, 0x55);
    refused("unknown token");
    put_open(&b, "a", false);
    put_close_start(&b);
    put_eof(&b);
    refused("ends before its elements");
}

static void cut_tokens_are_refused(void **state) {
    (void)state;
    put_open(&b, "Event", true);
    put_attribute(&b, "Name");
    put_text(&b, "value");
    put_close_start(&b);
    put_end(&b);
    put_eof(&b);
    uint32_t whole = b.at;
    for (uint32_t end = 513; end < whole - 1; end++) { /* every prefix, but for the EOF */
        b.at = end;
        assert_int_equal(parse(), SEK_ERR_INPUT);
    }
    b.at = whole - 1; /* an EOF may be missing */
    assert_int_equal(parse(), SEK_OK);
}

static void names_outside_the_chunk_are_refused(void **state) {
    (void)state;
    put_open_at(&b, 65536 - 7, false);
    refused("outside the chunk");
    put_open_at(&b, 0xffffffff, false);
    refused("outside the chunk");
    uint32_t last = 65536 - 12; /* one character and the NUL end with the chunk */
    uint32_t at = b.at;
    b.at = last;
    (void)put_name(&b, "z");
    b.at = at;
    put_open_at(&b, last, false);
    put_close_empty(&b);
    assert_int_equal(parse(), SEK_OK);
    set16(&b, last + 6, 2);
    assert_int_equal(parse(), SEK_ERR_INPUT);
}

static void empty_records_are_refused(void **state) {
    (void)state;
    refused("without content");
    put_eof(&b);
    refused("without content");
    put_fragment_header(&b);
    refused("without content");
}

static void record_outside_the_chunk_is_refused(void **state) {
    (void)state;
    sek_binxml_chunk(bx, b.bytes, 1000);
    assert_int_equal(sek_binxml_record(bx, 990, 11, &f, &err), SEK_ERR_INPUT);
    assert_int_equal(sek_binxml_record(bx, 0xffffffff, 2, &f, &err), SEK_ERR_INPUT);
}

/* --- limits --- */

static SekStatus parse_depth(uint32_t depth) {
    build_start(&b);
    for (uint32_t i = 0; i < depth; i++) {
        put_open(&b, "a", false);
        put_close_start(&b);
    }
    for (uint32_t i = 0; i < depth; i++)
        put_end(&b);
    put_eof(&b);
    return parse();
}

static void depth_has_a_limit(void **state) {
    (void)state;
    assert_int_equal(parse_depth(SEK_BINXML_MAX_DEPTH - 1), SEK_OK);
    assert_int_equal(parse_depth(SEK_BINXML_MAX_DEPTH), SEK_OK);
    assert_int_equal(parse_depth(SEK_BINXML_MAX_DEPTH + 1), SEK_ERR_LIMIT);
}

static SekStatus parse_nodes(uint32_t n) {
    build_start(&b);
    for (uint32_t i = 0; i < n; i++) {
        put8(&b, 0x08);
        put16(&b, 'x');
    }
    put_eof(&b);
    return parse();
}

static void nodes_have_a_limit(void **state) {
    (void)state;
    assert_int_equal(parse_nodes(SEK_BINXML_MAX_NODES - 1), SEK_OK);
    assert_int_equal(parse_nodes(SEK_BINXML_MAX_NODES), SEK_OK);
    assert_int_equal(f.tpl->n_nodes, SEK_BINXML_MAX_NODES);
    assert_int_equal(parse_nodes(SEK_BINXML_MAX_NODES + 1), SEK_ERR_LIMIT);
}

static SekStatus parse_name(uint32_t n_chars) {
    static char name[SEK_BINXML_MAX_NAME + 2];
    memset(name, 'n', n_chars);
    name[n_chars] = '\0';
    build_start(&b);
    put_element(name);
    put_eof(&b);
    return parse();
}

static void names_have_a_limit(void **state) {
    (void)state;
    assert_int_equal(parse_name(SEK_BINXML_MAX_NAME - 1), SEK_OK);
    assert_int_equal(parse_name(SEK_BINXML_MAX_NAME), SEK_OK);
    assert_int_equal(f.tpl->nodes[0].name.len, SEK_BINXML_MAX_NAME);
    assert_int_equal(parse_name(SEK_BINXML_MAX_NAME + 1), SEK_ERR_LIMIT);
    assert_int_equal(parse_name(0), SEK_ERR_INPUT);
}

static void bytes_of_names_have_a_limit(void **state) {
    (void)state;
    char name[SEK_BINXML_MAX_NAME + 1];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    b.at = 60000;
    uint32_t far = put_name(&b, name);
    uint32_t most = SEK_BINXML_MAX_NAME_BYTES / (2 * SEK_BINXML_MAX_NAME);
    for (uint32_t n = most; n <= most + 1; n++) {
        b.at = 512;
        for (uint32_t i = 0; i < n; i++) {
            put_open_at(&b, far, false);
            put_close_empty(&b);
        }
        put_eof(&b);
        assert_int_equal(parse(), n == most ? SEK_OK : SEK_ERR_LIMIT);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(elements_and_attributes_become_nodes),
        TEST(elements_without_dependency_are_read),
        TEST(names_may_stand_elsewhere_in_the_chunk),
        TEST(references_and_sections_become_text),
        TEST(literals_of_other_types_are_text),
        TEST(misplaced_tokens_are_refused),
        TEST(cut_tokens_are_refused),
        TEST(names_outside_the_chunk_are_refused),
        TEST(empty_records_are_refused),
        TEST(record_outside_the_chunk_is_refused),
        TEST(depth_has_a_limit),
        TEST(nodes_have_a_limit),
        TEST(names_have_a_limit),
        TEST(bytes_of_names_have_a_limit),
    };
    return cmocka_run_group_tests_name("format/binxml", tests, NULL, NULL);
}
