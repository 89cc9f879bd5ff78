/* SPDX-License-Identifier: Apache-2.0 */
/* Records as XML and as JSON: filled templates, removed parts, arrays, escapes, hostile nesting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/event_text.h"
#include "format/event_tree.h"
#include "unit/format/builder.h"

#include <stdio.h>
#include <string.h>

static Builder b; /* 64 KiB: not for the stack */
static SekBinxml *bx;
static SekFragment f;
static SekBuf out;
static SekError err;

static int setup(void **state) {
    (void)state;
    build_start(&b);
    memset(&err, 0, sizeof err);
    sek_buf_init(&out, 1u << 20);
    return sek_binxml_new(&bx) == SEK_OK ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    sek_buf_deinit(&out);
    sek_binxml_free(bx);
    return 0;
}

typedef SekStatus Render(SekBinxml *, const SekFragment *, SekBuf *, SekError *);

static SekStatus render(Render *how) {
    sek_binxml_chunk(bx, b.bytes, 65536);
    assert_int_equal(sek_binxml_record(bx, 512, b.at - 512, &f, &err), SEK_OK);
    sek_buf_clear(&out);
    SekStatus status = how(bx, &f, &out, &err);
    SekStatus failed = out.failed;
    out.failed = SEK_OK;
    sek_buf_addc(&out, '\0');
    out.len--;
    return failed ? failed : status;
}

static void xml_is(const char *expected) {
    assert_int_equal(render(sek_event_xml), SEK_OK);
    assert_string_equal(out.data, expected);
}

static void json_is(const char *expected) {
    assert_int_equal(render(sek_event_json), SEK_OK);
    assert_string_equal(out.data, expected);
}

static void put_leaf(const char *name, const char *text) {
    put_open(&b, name, false);
    put_close_start(&b);
    put_text(&b, text);
    put_end(&b);
}

static void put_leaf_hole(const char *name, unsigned slot, unsigned type, bool optional) {
    put_open(&b, name, false);
    put_close_start(&b);
    put_hole(&b, slot, type, optional);
    put_end(&b);
}

static void put_data(const char *name, unsigned slot, unsigned type) {
    put_open(&b, "Data", true);
    put_attribute(&b, "Name");
    put_text(&b, name);
    put_close_start(&b);
    put_hole(&b, slot, type, false);
    put_end(&b);
}

static void small_event_is_rendered(void **state) {
    (void)state;
    b.at = 512 - 24; /* so that the BinXML behind the record's header begins at 512 */
    (void)put_small_event(&b, 0, 4104, "echo \"a\" & 'b' <c>");
    b.at -= 4;
    xml_is("<Event><System><EventID>4104</EventID><EventRecordID>1</EventRecordID><Channel>Test/Operational"
           "</Channel></System><EventData><Data Name='CommandLine'>echo \"a\" &amp; 'b' &lt;c&gt;</Data>"
           "</EventData></Event>");
    json_is("{\"Event\":{\"System\":{\"EventID\":4104,\"EventRecordID\":1,\"Channel\":\"Test/Operational\"},"
            "\"EventData\":{\"CommandLine\":\"echo \\\"a\\\" & 'b' <c>\"}}}");
}

static void optional_null_removes_the_element_around_it(void **state) {
    (void)state;
    uint32_t definition = put_instance_here(&b, 7);
    put_open(&b, "a", false);
    put_close_start(&b);
    put_leaf_hole("gone", 0, SEK_VALUE_STRING, true);
    put_leaf_hole("stays", 0, SEK_VALUE_STRING, false);
    put_leaf_hole("empty", 1, SEK_VALUE_STRING, true);
    put_end(&b);
    end_definition(&b, definition);
    put32(&b, 2);
    put_descriptor(&b, 2, SEK_VALUE_NULL); /* a NULL may carry bytes */
    put_descriptor(&b, 0, SEK_VALUE_STRING);
    put16(&b, 'x');
    xml_is("<a><stays></stays><empty></empty></a>");
    json_is("{\"a\":{\"stays\":\"\",\"empty\":\"\"}}");
}

static void optional_null_removes_the_attribute_around_it(void **state) {
    (void)state;
    uint32_t definition = put_instance_here(&b, 7);
    put_open(&b, "a", true);
    put_attribute(&b, "gone");
    put_hole(&b, 0, SEK_VALUE_STRING, true);
    put_attribute(&b, "empty");
    put_hole(&b, 0, SEK_VALUE_STRING, false);
    put_attribute(&b, "kept");
    put_text(&b, "n=");
    put_hole(&b, 1, SEK_VALUE_UINT8, true);
    put_close_empty(&b);
    end_definition(&b, definition);
    put32(&b, 2);
    put_descriptor(&b, 0, SEK_VALUE_NULL);
    put_descriptor(&b, 1, SEK_VALUE_UINT8);
    put8(&b, 7);
    xml_is("<a empty='' kept='n=7'/>");
    json_is("{\"a\":{\"#attributes\":{\"empty\":\"\",\"kept\":\"n=7\"}}}");
}

static void arrays_repeat_the_element_around_them(void **state) {
    (void)state;
    uint32_t definition = put_instance_here(&b, 7);
    put_open(&b, "EventData", false);
    put_close_start(&b);
    put_leaf_hole("Data", 0, SEK_VALUE_STRING | SEK_VALUE_ARRAY, true);
    put_leaf_hole("None", 1, SEK_VALUE_STRING | SEK_VALUE_ARRAY, true);
    put_end(&b);
    end_definition(&b, definition);
    put32(&b, 2);
    put_descriptor(&b, 12, SEK_VALUE_STRING | SEK_VALUE_ARRAY);
    put_descriptor(&b, 0, SEK_VALUE_STRING | SEK_VALUE_ARRAY);
    put_utf16(&b, "a");
    put16(&b, 0);
    put16(&b, 0);
    put_utf16(&b, "bc");
    put16(&b, 0);
    xml_is("<EventData><Data>a</Data><Data></Data><Data>bc</Data></EventData>");
    json_is("{\"EventData\":{\"Data\":[\"a\",\"\",\"bc\"]}}");
}

static void parts_of_text_are_joined(void **state) {
    (void)state;
    uint32_t definition = put_instance_here(&b, 7);
    put_open(&b, "a", false);
    put_close_start(&b);
    put_text(&b, "pid ");
    put_hole(&b, 0, SEK_VALUE_UINT32, true);
    put8(&b, 0x08);
    put16(&b, '<');
    put8(&b, 0x09);
    put_name_here(&b, "foo");
    put_end(&b);
    end_definition(&b, definition);
    put32(&b, 1);
    put_descriptor(&b, 4, SEK_VALUE_UINT32);
    put32(&b, 4242);
    xml_is("<a>pid 4242&lt;&foo;</a>");
    json_is("{\"a\":\"pid 4242<&foo;\"}");
}

static void cdata_and_instructions_cannot_be_ended_by_their_text(void **state) {
    (void)state;
    put_open(&b, "a", false);
    put_close_start(&b);
    put8(&b, 0x07);
    put16(&b, 5);
    put_utf16(&b, "x]]>y");
    put8(&b, 0x0a);
    put_name_here(&b, "p?>q");
    put8(&b, 0x0b);
    put16(&b, 3);
    put_utf16(&b, "?>z");
    put_end(&b);
    put_eof(&b);
    xml_is("<a><![CDATA[x]]]]><![CDATA[>y]]><?p__q ?&gt;z?></a>");
    json_is("{\"a\":{\"#text\":\"x]]>y\",\"p?>q\":\"?>z\"}}");
}

static void attributes_are_escaped_for_their_quotes(void **state) {
    (void)state;
    put_open(&b, "a", true);
    put_attribute(&b, "q");
    put_text(&b, "'\"<>&\r\n");
    put_close_empty(&b);
    put_eof(&b);
    xml_is("<a q='&apos;&quot;&lt;&gt;&amp;\r\n'/>");
}

static void hostile_names_cannot_end_a_tag(void **state) {
    (void)state;
    put_open(&b, "a><script>", true);
    put_attribute(&b, "x='y' z");
    put_text(&b, "v");
    put_close_empty(&b);
    put_eof(&b);
    xml_is("<a__script_ x__y__z='v'/>");
}

static void characters_that_xml_forbids_are_replaced(void **state) {
    (void)state;
    put_open(&b, "a", false);
    put_close_start(&b);
    put8(&b, 0x05);
    put8(&b, 0x01);
    put16(&b, 4);
    put16(&b, 3);
    put16(&b, '\t');
    put16(&b, 0xffff);
    put16(&b, 'x');
    put_end(&b);
    put_eof(&b);
    xml_is("<a>\xEF\xBF\xBD\t\xEF\xBF\xBDx</a>");
    json_is("{\"a\":\"\\u0003\\t\xEF\xBF\xBFx\"}");
}

static void json_keeps_the_kind_of_values(void **state) {
    (void)state;
    static const struct {
        unsigned type, size;
        uint64_t bits;
        const char *json;
    } cases[] = {
        {SEK_VALUE_UINT64, 8, 1ull << 53, "9007199254740992"},
        {SEK_VALUE_UINT64, 8, (1ull << 53) + 1, "\"9007199254740993\""},
        {SEK_VALUE_INT64, 8, (uint64_t)-9007199254740992ll, "-9007199254740992"},
        {SEK_VALUE_INT64, 8, (uint64_t)-9007199254740993ll, "\"-9007199254740993\""},
        {SEK_VALUE_INT8, 1, 0xff, "-1"},
        {SEK_VALUE_BOOL, 4, 1, "true"},
        {SEK_VALUE_BOOL, 2, 1, "\"0100\""},
        {SEK_VALUE_UINT32, 2, 1, "\"0100\""},
        {SEK_VALUE_HEX32, 4, 16, "\"0x10\""},
        {SEK_VALUE_NULL, 0, 0, "\"\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        build_start(&b);
        uint32_t definition = put_instance_here(&b, 7);
        put_leaf_hole("a", 0, SEK_VALUE_UINT64, false);
        end_definition(&b, definition);
        put32(&b, 1);
        put_descriptor(&b, cases[i].size, cases[i].type);
        put64(&b, cases[i].bits);
        b.at -= 8 - cases[i].size;
        char expected[64];
        (void)snprintf(expected, sizeof expected, "{\"a\":%s}", cases[i].json);
        json_is(expected);
    }
}

static void literal_numbers_below_system_are_numbers(void **state) {
    (void)state;
    put_open(&b, "Event", false);
    put_close_start(&b);
    put_open(&b, "System", false);
    put_close_start(&b);
    put_leaf("EventID", "4104");
    put_leaf("Task", "007");
    put_leaf("Computer", "12");
    put_open(&b, "Execution", true);
    put_attribute(&b, "ProcessID");
    put_text(&b, "5");
    put_close_empty(&b);
    put_end(&b);
    put_open(&b, "UserData", false);
    put_close_start(&b);
    put_leaf("EventID", "1");
    put_end(&b);
    put_end(&b);
    put_eof(&b);
    json_is("{\"Event\":{\"System\":{\"EventID\":4104,\"Task\":\"007\",\"Computer\":\"12\",\"Execution\":"
            "{\"#attributes\":{\"ProcessID\":5}}},\"UserData\":{\"EventID\":\"1\"}}}");
}

static void named_data_become_keys_and_repeats_arrays(void **state) {
    (void)state;
    uint32_t definition = put_instance_here(&b, 7);
    put_open(&b, "EventData", false);
    put_close_start(&b);
    put_data("x", 0, SEK_VALUE_UINT8);
    put_data("Data", 1, SEK_VALUE_UINT8);
    put_data("#text", 2, SEK_VALUE_UINT8);
    put_data("x", 3, SEK_VALUE_UINT8);
    put_leaf("Data", "unnamed");
    put_leaf("Binary", "00");
    put_end(&b);
    end_definition(&b, definition);
    put32(&b, 4);
    for (unsigned i = 0; i < 4; i++)
        put_descriptor(&b, 1, SEK_VALUE_UINT8);
    for (unsigned i = 0; i < 4; i++)
        put8(&b, i);
    json_is("{\"EventData\":{\"x\":[0,3],\"Data\":[{\"#attributes\":{\"Name\":\"Data\"},\"#text\":1},"
            "{\"#attributes\":{\"Name\":\"#text\"},\"#text\":2},\"unnamed\"],\"Binary\":\"00\"}}");
}

static void many_children_are_grouped_as_few_are(void **state) {
    (void)state;
    char name[8], expected[4096];
    size_t at = 0;
    put_open(&b, "a", false);
    put_close_start(&b);
    at += (size_t)snprintf(expected, sizeof expected, "{\"a\":{");
    for (int i = 0; i < 60; i++) {
        (void)snprintf(name, sizeof name, "n%d", i % 30);
        put_open(&b, name, false);
        put_close_empty(&b);
        if (i < 30)
            at += (size_t)snprintf(expected + at, sizeof expected - at, "%s\"%s\":[null,null]", i ? "," : "",
                                   name);
    }
    (void)snprintf(expected + at, sizeof expected - at, "}}");
    put_end(&b);
    put_eof(&b);
    json_is(expected);
}

static void unreadable_parts_are_left_out_and_told(void **state) {
    (void)state;
    uint32_t definition = put_instance_here(&b, 7);
    put_open(&b, "a", false);
    put_close_start(&b);
    put_leaf_hole("good", 1, SEK_VALUE_UINT8, false);
    put_hole(&b, 0, SEK_VALUE_BINXML, true);
    put_leaf_hole("also", 1, SEK_VALUE_UINT8, false);
    put_end(&b);
    end_definition(&b, definition);
    put32(&b, 2);
    put_descriptor(&b, 4, SEK_VALUE_BINXML);
    put_descriptor(&b, 1, SEK_VALUE_UINT8);
    put32(&b, 0x77777777);
    put8(&b, 3);
    assert_int_equal(render(sek_event_xml), SEK_ERR_INPUT);
    assert_string_equal(out.data, "<a><good>3</good><also>3</also></a>");
    assert_non_null(strstr(err.what, "unknown token"));
    assert_int_equal(render(sek_event_json), SEK_ERR_INPUT);
    assert_string_equal(out.data, "{\"a\":{\"good\":3,\"also\":3}}");
}

/* A chain of templates: each is one element around the next. */
static void put_chain(unsigned levels) {
    uint32_t sizes[16], starts[16];
    for (unsigned i = 0; i <= levels; i++) {
        starts[i] = b.at;
        put_fragment_header(&b);
        uint32_t definition = put_instance_here(&b, 7 + i);
        put_open(&b, "a", false);
        put_close_start(&b);
        if (i < levels)
            put_hole(&b, 0, SEK_VALUE_BINXML, true);
        put_end(&b);
        end_definition(&b, definition);
        put32(&b, i < levels ? 1 : 0);
        sizes[i] = b.at;
        if (i < levels)
            put_descriptor(&b, 0, SEK_VALUE_BINXML);
    }
    for (unsigned i = 0; i < levels; i++)
        set16(&b, sizes[i], b.at - starts[i + 1]);
}

static void fragments_in_fragments_have_a_limit(void **state) {
    (void)state;
    for (unsigned levels = SEK_TREE_MAX_FRAGMENTS - 1; levels <= SEK_TREE_MAX_FRAGMENTS + 1; levels++) {
        build_start(&b);
        put_chain(levels);
        SekStatus expected = levels > SEK_TREE_MAX_FRAGMENTS ? SEK_ERR_LIMIT : SEK_OK;
        assert_int_equal(render(sek_event_xml), expected);
        assert_int_equal(out.len, 7 * (expected ? levels : levels + 1));
        assert_int_equal(render(sek_event_json), expected);
    }
}

static void empty_place_of_a_fragment_keeps_its_element(void **state) {
    (void)state;
    uint32_t definition = put_instance_here(&b, 7);
    put_open(&b, "Event", false);
    put_close_start(&b);
    put_leaf("System", "x");
    put_hole(&b, 0, SEK_VALUE_BINXML, true);
    put_end(&b);
    end_definition(&b, definition);
    put32(&b, 1);
    put_descriptor(&b, 0, SEK_VALUE_NULL);
    xml_is("<Event><System>x</System></Event>");
}

/* A template of `deep` elements inside each other, and inside it another such. */
static SekStatus render_depth(uint32_t deep) {
    build_start(&b);
    b.at = 40000;
    uint32_t name = put_name(&b, "a");
    b.at = 512;
    uint32_t size = 0, start = 0;
    for (unsigned level = 0; level < 2; level++) {
        uint32_t definition = put_instance_here(&b, 7 + level);
        for (uint32_t i = 0; i < deep; i++) {
            put_open_at(&b, name, false);
            put_close_start(&b);
        }
        if (level == 0)
            put_hole(&b, 0, SEK_VALUE_BINXML, true);
        for (uint32_t i = 0; i < deep; i++)
            put_end(&b);
        end_definition(&b, definition);
        put32(&b, level == 0);
        if (level == 0) {
            size = b.at;
            put_descriptor(&b, 0, SEK_VALUE_BINXML);
            start = b.at;
        }
    }
    set16(&b, size, b.at - start);
    return render(sek_event_xml);
}

static void elements_through_fragments_have_a_limit(void **state) {
    (void)state;
    assert_int_equal(render_depth(SEK_TREE_MAX_DEPTH / 2 - 1), SEK_OK);
    assert_int_equal(render_depth(SEK_TREE_MAX_DEPTH / 2), SEK_OK);
    assert_int_equal(render_depth(SEK_TREE_MAX_DEPTH / 2 + 1), SEK_ERR_LIMIT);
    assert_int_equal(render(sek_event_json), SEK_ERR_LIMIT);
}

static void nodes_of_a_record_have_a_limit(void **state) {
    (void)state;
    for (unsigned n = 2; n <= 3; n++) { /* each element twice 30,000 nodes */
        build_start(&b);
        uint32_t definition = put_instance_here(&b, 7);
        for (unsigned i = 0; i < n; i++)
            put_leaf_hole("a", 0, SEK_VALUE_UINT8 | SEK_VALUE_ARRAY, false);
        end_definition(&b, definition);
        put32(&b, 1);
        put_descriptor(&b, 30000, SEK_VALUE_UINT8 | SEK_VALUE_ARRAY);
        b.at += 30000;
        assert_int_equal(render(sek_event_xml), n == 2 ? SEK_OK : SEK_ERR_LIMIT);
        assert_int_equal(render(sek_event_json), n == 2 ? SEK_OK : SEK_ERR_LIMIT);
    }
}

/* One value used by every hole of a template, and that value a fragment of the same kind. */
static void values_inside_values_cannot_multiply(void **state) {
    (void)state;
    uint32_t definition = put_instance_here(&b, 7);
    for (unsigned i = 0; i < 4000; i++)
        put_hole(&b, 0, SEK_VALUE_BINXML, true);
    end_definition(&b, definition);
    uint32_t depth = 4, sizes[8], starts[8];
    for (uint32_t i = 0; i < depth; i++) {
        put32(&b, 1);
        sizes[i] = b.at;
        put_descriptor(&b, 0, SEK_VALUE_BINXML);
        starts[i] = b.at;
        put_instance(&b, 7, definition, 0);
        b.at -= 4; /* the number of values follows in the next turn */
    }
    put32(&b, 0);
    for (uint32_t i = 0; i < depth; i++)
        set16(&b, sizes[i], b.at - starts[i]);
    assert_int_equal(render(sek_event_xml), SEK_ERR_LIMIT);
    assert_true(out.len < (1u << 20) + 1);
    assert_int_equal(render(sek_event_json), SEK_ERR_LIMIT);
}

static void arrays_cannot_multiply_without_end(void **state) {
    (void)state;
    uint32_t definition = put_instance_here(&b, 7);
    put_open(&b, "a", true);
    for (unsigned i = 0; i < 500; i++) { /* attributes that a NULL removes: work without output */
        put_attribute(&b, "x");
        put_hole(&b, 1, SEK_VALUE_STRING, true);
    }
    put_close_start(&b);
    put_hole(&b, 0, SEK_VALUE_UINT8 | SEK_VALUE_ARRAY, false);
    put_end(&b);
    end_definition(&b, definition);
    put32(&b, 2);
    put_descriptor(&b, 30000, SEK_VALUE_UINT8 | SEK_VALUE_ARRAY);
    put_descriptor(&b, 0, SEK_VALUE_NULL);
    b.at += 30000;
    assert_int_equal(render(sek_event_xml), SEK_ERR_LIMIT);
}

static void output_stops_at_the_cap_of_its_buffer(void **state) {
    (void)state;
    put_leaf("a", "0123456789");
    put_eof(&b);
    sek_buf_deinit(&out);
    sek_buf_init(&out, 12);
    sek_binxml_chunk(bx, b.bytes, 65536);
    assert_int_equal(sek_binxml_record(bx, 512, b.at - 512, &f, &err), SEK_OK);
    assert_int_equal(sek_event_xml(bx, &f, &out, &err), SEK_ERR_LIMIT);
    sek_buf_clear(&out);
    assert_int_equal(sek_event_json(bx, &f, &out, &err), SEK_ERR_LIMIT);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(small_event_is_rendered),
        TEST(optional_null_removes_the_element_around_it),
        TEST(optional_null_removes_the_attribute_around_it),
        TEST(arrays_repeat_the_element_around_them),
        TEST(parts_of_text_are_joined),
        TEST(cdata_and_instructions_cannot_be_ended_by_their_text),
        TEST(attributes_are_escaped_for_their_quotes),
        TEST(hostile_names_cannot_end_a_tag),
        TEST(characters_that_xml_forbids_are_replaced),
        TEST(json_keeps_the_kind_of_values),
        TEST(literal_numbers_below_system_are_numbers),
        TEST(named_data_become_keys_and_repeats_arrays),
        TEST(many_children_are_grouped_as_few_are),
        TEST(unreadable_parts_are_left_out_and_told),
        TEST(fragments_in_fragments_have_a_limit),
        TEST(empty_place_of_a_fragment_keeps_its_element),
        TEST(elements_through_fragments_have_a_limit),
        TEST(nodes_of_a_record_have_a_limit),
        TEST(values_inside_values_cannot_multiply),
        TEST(arrays_cannot_multiply_without_end),
        TEST(output_stops_at_the_cap_of_its_buffer),
    };
    return cmocka_run_group_tests_name("format/event text", tests, NULL, NULL);
}
