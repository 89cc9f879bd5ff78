/* SPDX-License-Identifier: Apache-2.0 */
/* Fragments without a template: known again by their tokens and names, and by nothing less. */
#include "unit/format/binxml_fixture.h"

#include <stdio.h>

/* <Event name-or-else="..."><Data Name="data">text</Data></Event> */
static void put_event(const char *element, const char *data, const char *text) {
    b.dependency = false;
    put_fragment_header(&b);
    put_open(&b, element, true);
    put_attribute(&b, "Guid");
    put_text(&b, text);
    put_close_start(&b);
    put_open(&b, "Data", true);
    put_attribute(&b, "Name");
    put_text(&b, data);
    put_close_start(&b);
    put_text(&b, text);
    put_end(&b);
    put_end(&b);
    put_eof(&b);
}

/* Builds and reads one record in a chunk of its own; the template's number. */
static uint32_t template_of(const char *element, const char *data, const char *text) {
    b.at = 512;
    put_event(element, data, text);
    assert_int_equal(parse(), SEK_OK);
    equals(node(0, SEK_NODE_ELEMENT)->name, element);
    holds(2, text);
    equals(node(6, SEK_NODE_TEXT)->text, data);
    holds(8, text);
    assert_int_equal(f.n_values, 2);
    return f.tpl->id;
}

static void same_names_are_one_template(void **state) {
    (void)state;
    uint32_t id = template_of("Event", "User", "anna");
    assert_int_not_equal(id, 0);
    assert_int_equal(template_of("Event", "User", "bob"), id);
    assert_int_equal(template_of("Event", "User", ""), id);
}

/* The names lie at the same offsets of another chunk: what was learnt of offsets is of one chunk. */
static void other_names_are_another_template(void **state) {
    (void)state;
    uint32_t id = template_of("Event", "User", "anna");
    uint32_t other = template_of("Evenx", "User", "anna");
    assert_int_not_equal(other, id);
    assert_int_not_equal(template_of("Event", "Host", "anna"), id);
    assert_int_equal(template_of("Event", "User", "anna"), id);
    assert_int_equal(template_of("Evenx", "User", "anna"), other);
}

static void names_elsewhere_are_the_same_names(void **state) {
    (void)state;
    uint32_t id = template_of("Event", "User", "anna");
    b.at = 30000;
    uint32_t event = put_name(&b, "Event");
    b.at = 512;
    b.dependency = false;
    put_fragment_header(&b);
    put_open_at(&b, event, true);
    put_attribute(&b, "Guid");
    put_text(&b, "eve");
    put_close_start(&b);
    put_open(&b, "Data", true);
    put_attribute(&b, "Name");
    put_text(&b, "User");
    put_close_start(&b);
    put_text(&b, "eve");
    put_end(&b);
    put_end(&b);
    put_eof(&b);
    assert_int_equal(parse(), SEK_OK);
    assert_int_equal(f.tpl->id, id);
    holds(8, "eve");
}

/* What is known leads to the place where the record is cut, and no further. */
static void cut_fragments_are_refused_when_known(void **state) {
    (void)state;
    (void)template_of("Event", "User", "anna");
    uint32_t end = b.at;
    for (uint32_t cut = 512; cut + 1 < end; cut++) {
        b.at = cut;
        assert_int_equal(parse(), SEK_ERR_INPUT);
    }
    b.at = end - 1; /* without its end token a stream ends with the record */
    assert_int_equal(parse(), SEK_OK);
}

/* A prefix of what is known is something else, and so is what goes on behind it. */
static void other_ends_are_other_templates(void **state) {
    (void)state;
    uint32_t id = template_of("Event", "User", "anna");
    b.at = 512;
    put_event("Event", "User", "anna");
    b.at--;
    put_element("More");
    put_eof(&b);
    assert_int_equal(parse(), SEK_OK);
    assert_int_not_equal(f.tpl->id, id);
    assert_int_equal(f.tpl->n_nodes, 14);
}

static void rare_parts_are_compiled_each_time(void **state) {
    (void)state;
    for (unsigned round = 0; round < 2; round++) {
        b.at = 512;
        b.dependency = false;
        put_open(&b, "a", false);
        put_close_start(&b);
        put8(&b, 0x05);
        put8(&b, SEK_VALUE_UINT16);
        put16(&b, 4104);
        put_end(&b);
        put_eof(&b);
        assert_int_equal(parse(), SEK_OK);
        assert_int_equal(f.tpl->id, 0);
        equals(node(2, SEK_NODE_TEXT)->text, "4104");
    }
}

/* A name with a wrong hash tells nothing of where identifiers of dependencies stand. */
static void unsound_names_are_not_kept(void **state) {
    (void)state;
    put_event("Event", "User", "anna");
    b.bytes[512 + 4 + 9 + 4]++; /* the hash of the first name */
    assert_int_equal(parse(), SEK_OK);
    assert_int_equal(f.tpl->id, 0);
}

/* Elements with identifiers of dependencies, which fragments should not have. */
static void dependencies_are_not_kept(void **state) {
    (void)state;
    put_element("Event");
    put_eof(&b);
    assert_int_equal(parse(), SEK_OK);
    assert_int_equal(f.tpl->id, 0);
}

static void remains_are_compiled(void **state) {
    (void)state;
    assert_int_not_equal(template_of("Event", "User", "anna"), 0);
    sek_binxml_strict(bx, true);
    assert_int_equal(template_of("Event", "User", "anna"), 0);
    sek_binxml_strict(bx, false);
}

/* However many there are, each is read; so many ways from one step are kept. */
static void ways_have_a_limit(void **state) {
    (void)state;
    char name[16];
    uint32_t kept = 0, first = template_of("Event", "0", "x");
    for (unsigned i = 1; i < 200; i++) {
        (void)snprintf(name, sizeof name, "%u", i);
        kept += template_of("Event", name, "x") != 0;
    }
    assert_int_equal(kept, 63);
    assert_int_equal(template_of("Event", "0", "x"), first);
}

/* More texts than there are holes for: the rest are literals. */
static void texts_beyond_the_holes_are_literals(void **state) {
    (void)state;
    b.dependency = false;
    put_open(&b, "a", false);
    put_close_start(&b);
    for (unsigned i = 0; i < SEK_BINXML_MAX_VALUES; i++)
        put_text(&b, "x");
    put_end(&b);
    put_eof(&b);
    for (unsigned round = 0; round < 2; round++) {
        assert_int_equal(parse(), SEK_OK);
        assert_int_equal(f.tpl->id, 0);
        holds(2, "x");
        equals(node(2 + SEK_BINXML_MAX_VALUES / 2, SEK_NODE_TEXT)->text, "x");
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(same_names_are_one_template),
        TEST(other_names_are_another_template),
        TEST(names_elsewhere_are_the_same_names),
        TEST(cut_fragments_are_refused_when_known),
        TEST(other_ends_are_other_templates),
        TEST(rare_parts_are_compiled_each_time),
        TEST(unsound_names_are_not_kept),
        TEST(dependencies_are_not_kept),
        TEST(remains_are_compiled),
        TEST(ways_have_a_limit),
        TEST(texts_beyond_the_holes_are_literals),
    };
    return cmocka_run_group_tests_name("format/plain", tests, NULL, NULL);
}
