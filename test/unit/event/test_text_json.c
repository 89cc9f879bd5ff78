/* SPDX-License-Identifier: Apache-2.0 */

/* JSON as it is found: broken, deep, long, in one line or many. */
#include "unit/event/text_test.h"

#include "event/text_plan.h"
#include "event/text_record.h"

#include <stdio.h>
#include <stdlib.h>

#define EVENT(id) "{\"EventID\":" #id ",\"Channel\":\"x\"}"

static void records_follow_each_other_in_any_way(void **state) {
    (void)state;
    static const struct {
        SekUnitKind kind;
        const char *text;
    } forms[] = {
        {SEK_UNIT_JSON_LINES, EVENT(1) "\n" EVENT(2) "\r\n\n" EVENT(3)},
        {SEK_UNIT_JSON_LINES, EVENT(1) EVENT(2) " " EVENT(3)},
        {SEK_UNIT_JSON, EVENT(1) EVENT(2) "\n\n" EVENT(3) "\n"},
        {SEK_UNIT_JSON, "[" EVENT(1) ",\n" EVENT(2) "," EVENT(3) "]\n"},
        {SEK_UNIT_JSON,
         "{\n \"EventID\": 1,\n \"Channel\": \"x\"\n}\n{\n \"EventID\": 2,\n \"Channel\": \"x\"\n}\n"
         "{\n \"EventID\": 3,\n \"Channel\": \"x{[\\\"\"\n}"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        TextTest t;
        text_begin(&t, forms[i].kind, forms[i].text, NULL);
        for (unsigned id = 1; id <= 3; id++) {
            text_next(&t);
            assert_int_equal(sek_event_id(&t.event), id);
            assert_int_equal(t.event.record_id, id); /* the ordinal: there is no other number */
            assert_int_equal(forms[i].text[t.event.offset], '{');
        }
        text_over(&t, 0);
        text_end(&t);
    }
}

static void what_is_broken_is_told_and_passed_over(void **state) {
    (void)state;
    TextTest t;
    uint64_t offset;
    text_begin(&t, SEK_UNIT_JSON_LINES,
               EVENT(1) "\n{\"EventID\":2,,}\nnot json\n{\"EventID\":3,\"Chan\n" EVENT(4), NULL);
    text_next(&t);
    text_next(&t);
    assert_int_equal(sek_event_id(&t.event), 4);
    text_over(&t, 3);
    assert_string_equal(text_damage(&t, 0, &offset), "record is not JSON, or is cut");
    assert_int_equal(offset, strlen(EVENT(1)) + 1);
    text_end(&t);

    text_begin(&t, SEK_UNIT_JSON,
               EVENT(1) " junk " EVENT(2) "\n{\"a\":[1,}\n" EVENT(3) "\n{\"cut\":\n" EVENT(4) "\n", NULL);
    for (unsigned id = 1; id <= 4; id++) {
        text_next(&t);
        assert_int_equal(sek_event_id(&t.event), id);
    }
    text_over(&t, 2);
    assert_string_equal(text_damage(&t, 0, &offset), "text between records that is not JSON");
    text_end(&t);
}

static void what_is_no_event_is_told(void **state) {
    (void)state;
    TextTest t;
    text_begin(&t, SEK_UNIT_JSON_LINES,
               "{\"a\":1}\n{}\n[1]\n7\n{\"EventID\":1,\"Channel\":\"x\",\"RuleTitle\":\"t\"}\n{\"index\":{\"_"
               "index\":\"w\"}}\n"
               "{\"Id\":1,\"LogName\":\"x\"}\n{\"Id\":1,\"LogName\":\"x\",\"ProviderName\":\"y\"}\n",
               NULL);
    text_next(&t);
    assert_field(&t, "Provider_Name", "y");
    text_over(&t, 6); /* the action line of a bulk file is none of them */
    text_end(&t);
}

static void values_are_windows_text(void **state) {
    (void)state;
    TextTest t;
    text_begin(
        &t, SEK_UNIT_JSON_LINES,
        "{\"Event\":{\"System\":{\"EventID\":4624.0,\"Channel\":\"x\"},\"EventData\":{\"a\":"
        "18446744073709551615,"
        "\"b\":-1,\"c\":true,\"d\":false,\"e\":null,\"f\":1.50,\"g\":\"\\u3042\\u0000z\",\"h\":0.0,\"i\":"
        "123456789012345678901234567890,\"j\":100,\"k\":\"100.0\"}}}",
        NULL);
    text_next(&t);
    assert_int_equal(sek_event_id(&t.event), 4624);
    assert_field(&t, "EventID", "4624");
    assert_field(&t, "a", "18446744073709551615");
    assert_field(&t, "b", "-1");
    assert_field(&t, "c", "true");
    assert_field(&t, "d", "false");
    assert_field(&t, "e", "");
    assert_field(&t, "f", "1.50");
    assert_field(&t, "h", "0");
    assert_field(&t, "i", "123456789012345678901234567890");
    assert_field(&t, "j", "100");
    assert_field(&t, "k", "100.0");
    assert_memory_equal(text_field(&t, "g"), "\xE3\x81\x82\0z", 6);
    assert_non_null(strstr(text_json(&t), "\"a\":\"18446744073709551615\",\"b\":-1,\"c\":true,\"d\":false"));
    text_end(&t);
}

/* PCRE2 and outputs take valid UTF-8 only. */
static void malformed_text_becomes_replacement_characters(void **state) {
    (void)state;
    TextTest t;
    text_begin(&t, SEK_UNIT_JSON_LINES,
               "{\"EventID\":1,\"Channel\":\"x\",\"a\":\"\xFF\xC3(\",\"b\":\"\\ud800-\\udc00\",\"c\":"
               "\"\\ud83d\\ude00\","
               "\"d\":\"tab\there\",\"e\":\"\\\\\xE3\x81\"}",
               NULL);
    text_next(&t);
    assert_field(&t, "a", "\xEF\xBF\xBD\xEF\xBF\xBD(");
    assert_field(&t, "b", "\xEF\xBF\xBD-\xEF\xBF\xBD");
    assert_field(&t, "c", "\xF0\x9F\x98\x80");
    assert_field(&t, "d", "tab\there");
    assert_field(&t, "e", "\\\xEF\xBF\xBD\xEF\xBF\xBD");
    text_over(&t, 0);
    text_end(&t);
}

static void absent_and_empty_differ(void **state) {
    (void)state;
    TextTest t;
    text_begin(&t, SEK_UNIT_JSON_LINES,
               "{\"EventID\":1,\"Channel\":\"x\",\"a\":null,\"b\":\"\",\"c\":[],\"d\":[null,\"v\"]}", NULL);
    text_next(&t);
    assert_field(&t, "a", "(absent)");
    assert_field(&t, "b", "");
    assert_field(&t, "c", "(absent)");
    assert_field(&t, "d", "v");
    text_end(&t);
}

static void add_nested(SekBuf *out, unsigned depth) {
    sek_buf_adds(out, "{\"EventID\":1,\"Channel\":\"x\",\"a\":");
    for (unsigned i = 0; i < depth; i++)
        sek_buf_adds(out, "{\"n\":");
    sek_buf_adds(out, "\"end\"");
    for (unsigned i = 0; i < depth; i++)
        sek_buf_addc(out, '}');
    sek_buf_adds(out, ",\"z\":\"last\"}\n");
}

static void depth_has_a_limit(void **state) {
    (void)state;
    SekBuf text;
    sek_buf_init(&text, 1u << 24);
    unsigned deepest = SEK_TEXT_MAX_DEPTH - 1; /* the record is the first */
    add_nested(&text, deepest);
    add_nested(&text, deepest + 1);
    add_nested(&text, 100000);
    TextTest t;
    text_begin_bytes(&t, SEK_UNIT_JSON_LINES, sek_buf_str(&text), NULL);
    text_next(&t);
    uint32_t n;
    uint64_t more;
    (void)sek_reader_damages(t.reader, &n, &more);
    assert_int_equal(n, 0);
    text_next(&t);
    assert_field(&t, "z", "last");
    assert_string_equal(text_damage(&t, 0, NULL), "record is nested too deep: the deeper part is left out");
    text_next(&t);
    assert_field(&t, "z", "last");
    text_over(&t, 0);
    text_end(&t);
    sek_buf_deinit(&text);
}

static void add_fields(SekBuf *out, unsigned n) {
    sek_buf_adds(out, "{\"EventID\":1,\"Channel\":\"x\"");
    for (unsigned i = 0; i < n - 2; i++)
        sek_buf_addf(out, ",\"f%u\":%u", i, i);
    sek_buf_adds(out, "}\n");
}

static void the_number_of_fields_has_a_limit(void **state) {
    (void)state;
    SekBuf text;
    sek_buf_init(&text, 1u << 24);
    add_fields(&text, SEK_TEXT_MAX_LEAVES);
    add_fields(&text, SEK_TEXT_MAX_LEAVES + 1);
    TextTest t;
    text_begin_bytes(&t, SEK_UNIT_JSON_LINES, sek_buf_str(&text), NULL);
    text_next(&t);
    assert_field(&t, "f8189", "8189");
    uint32_t n;
    uint64_t more;
    (void)sek_reader_damages(t.reader, &n, &more);
    assert_int_equal(n, 0);
    text_next(&t);
    assert_field(&t, "f8189", "8189");
    assert_field(&t, "f8190", "(absent)");
    assert_string_equal(text_damage(&t, 0, NULL), "record has too many fields: the rest is left out");
    text_over(&t, 0);
    text_end(&t);
    sek_buf_deinit(&text);
}

static void the_length_of_a_value_has_a_limit(void **state) {
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        SekBuf text;
        sek_buf_init(&text, 1u << 24);
        sek_buf_adds(&text, "{\"EventID\":1,\"Channel\":\"x\",\"v\":\"");
        for (size_t i = 0; i < SEK_TEXT_MAX_VALUE - 1; i++)
            sek_buf_addc(&text, 'a');
        sek_buf_adds(&text, more ? "\xC3\xA9" : "b"); /* not cut inside a character */
        sek_buf_adds(&text, "\"}");
        TextTest t;
        text_begin_bytes(&t, SEK_UNIT_JSON_LINES, sek_buf_str(&text), NULL);
        text_next(&t);
        assert_int_equal(strlen(text_field(&t, "v")), SEK_TEXT_MAX_VALUE - more);
        if (more)
            assert_string_equal(text_damage(&t, 0, NULL),
                                "record has a value that is too long: the rest of it is left out");
        text_over(&t, 0);
        text_end(&t);
        sek_buf_deinit(&text);
    }
}

/* More shapes than the trail takes: the records are read all the same, with plans of their own. */
static void shapes_without_end_are_still_read(void **state) {
    (void)state;
    SekBuf text;
    sek_buf_init(&text, 1u << 26);
    unsigned n = SEK_TRAIL_MAX_CHOICES + 300;
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < n; i++)
            sek_buf_addf(&text, "{\"name%u\":\"v%u\",\"EventID\":%u,\"Channel\":\"x\"}\n", i, i, i);
    TextTest t;
    text_begin_bytes(&t, SEK_UNIT_JSON_LINES, sek_buf_str(&text), NULL);
    for (unsigned i = 0; i < 2 * n; i++) {
        char name[32], value[32];
        text_next(&t);
        snprintf(name, sizeof name, "name%u", i % n);
        snprintf(value, sizeof value, "v%u", i % n);
        assert_field(&t, name, value);
        assert_int_equal(sek_event_id(&t.event), i % n);
    }
    assert_int_equal(t.event.shape->id, 0);
    text_over(&t, 0);
    text_end(&t);
    sek_buf_deinit(&text);
}

static void a_shape_is_worked_out_once(void **state) {
    (void)state;
    TextTest t;
    text_begin(&t, SEK_UNIT_JSON_LINES, EVENT(1) "\n{\"Channel\":\"x\",\"EventID\":2}\n" EVENT(3), NULL);
    text_next(&t);
    uint32_t id = t.event.shape->id;
    assert_int_not_equal(id, 0);
    text_next(&t);
    assert_int_not_equal(t.event.shape->id, id);
    text_next(&t);
    assert_int_equal(t.event.shape->id, id);
    text_end(&t);
}

static void times_are_read_in_all_their_forms(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t time;
    } cases[] = {
        {"2022-04-26T02:20:11.3456789Z", 132954132113456789},
        {"2022-04-26T02:20:11.345678912Z", 132954132113456789},
        {"2022-04-26 02:20:11.345", 132954132113450000},
        {"2022-04-26T11:20:11+09:00", 132954132110000000},
        {"1650939611", 132954132110000000},
        {"1650939611.3456789", 132954132113456789},
        {"1650939611345", 132954132113450000},
        {"/Date(1650939611345)/", 132954132113450000},
        {"4/26/2022 2:20:11 AM", 132954132110000000},
        {"4/26/2022 2:20:11 PM", 132954564110000000},
        {"12/31/2021 12:00:00 AM", 132853824000000000},
        {"4/26/2022 14:20:11", 132954564110000000},
        {"26/4/2022 14:20:11", 132954564110000000},
        {"26.04.2022 02:20:11", 132954132110000000},
        {"2022/04/26 2:20:11", 132954132110000000},
        {"2022/4/26 14:20:11", 132954564110000000},
        {"26-04-2022 14:20", 132954564000000000},
        {"05.06.2022 14:20:11", 132989124110000000}, /* 5 June */
        {"5/6/2022 2:20:11 PM", 132963204110000000}, /* 6 May */
        {"5/5/2022 14:20:11", 132962340110000000},
        {"5/6/2022 14:20:11", 0},
        {"5/6-2022 14:20:11", 0},
        {"31.02.2022 14:20:11", 0},
        {"2022/04/26 24:20:11", 0},
        {"2022/04/26 0:20:11 PM", 0},
        {"2022/04/26 2:20:11 XM", 0},
        {"2022/04/26 ", 0},
        {"13/26/2022 2:20:11 AM", 0},
        {"yesterday", 0},
        {"12345", 0},
        {"", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t time = 0;
        SekStatus status = sek_text_time(sek_str(cases[i].text), SEK_DATE_UNKNOWN, &time);
        assert_int_equal(status, cases[i].time ? SEK_OK : SEK_NOT_FOUND);
        assert_true(time == cases[i].time);
    }
    uint64_t day_first, month_first;
    assert_int_equal(sek_text_time(SEK_STR("5/6/2022 14:20:11"), SEK_DATE_DAY_FIRST, &day_first), SEK_OK);
    assert_int_equal(sek_text_time(SEK_STR("5/6/2022 14:20:11"), SEK_DATE_MONTH_FIRST, &month_first), SEK_OK);
    assert_true(day_first - month_first == 30 * 864000000000);
    assert_int_equal(sek_text_date_order(SEK_STR("a,5/6/2022 1:2\nb,\"13/6/2022 1:2\"")), SEK_DATE_DAY_FIRST);
    assert_int_equal(sek_text_date_order(SEK_STR("a;5/16/2022;b")), SEK_DATE_MONTH_FIRST);
    assert_int_equal(sek_text_date_order(SEK_STR("5/16/2022,16/5/2022")), SEK_DATE_UNKNOWN);
    assert_int_equal(sek_text_date_order(SEK_STR("a,5/6/2022,x 16/5/2022,2022/5/16,1/16")), SEK_DATE_UNKNOWN);
    TextTest t;
    text_begin(&t, SEK_UNIT_JSON_LINES, "{\"EventID\":1,\"Channel\":\"x\",\"TimeCreated\":\"some day\"}",
               NULL);
    text_next(&t);
    assert_field(&t, "TimeCreated_SystemTime", "some day");
    assert_true(t.event.time == 0);
    text_end(&t);
}

/* What is known of a shape makes the next records of it quick to read; they must not be read otherwise. */
static void a_known_shape_is_read_like_a_new_one(void **state) {
    (void)state;
    static const struct {
        const char *records[4];
        const char *values[4]; /* of the field X; NULL = the record cannot be read */
    } cases[] = {
        {{"\"X\":1", "\"X\":\"1\"", "\"X\":2", "\"X\":\"a\""}, {"1", "1", "2", "a"}},
        {{"\"X\":7", "\"X\":-7.0", "\"X\":07", "\"X\":7.50"}, {"7", "-7", NULL, "7.50"}},
        {{"\"X\":true", "\"X\":false", "\"X\":truth", "\"X\":null"}, {"true", "false", NULL, "(absent)"}},
        {{"\"X\":\"a\"", "\"X\":\"a\\\\b\"", "\"X\":\"\\u65e5\xE6\x9C\xAC\"", "\"X\":\"\\ud83d\\ude00\""},
         {"a", "a\\b", "\xE6\x97\xA5\xE6\x9C\xAC", "\xF0\x9F\x98\x80"}},
        {{"\"X\":\"a\"", "\"X\":\"a", "\"X\":\"a\"]", "\"X\":\"b\","}, {"a", NULL, NULL, NULL}},
        {{"\"EventData\":{\"X\":\"a\"}", "\"EventData\":\"\",\"X\":\"b\"", "\"EventData\":\"c\",\"X\":\"d\"",
          "\"EventData\":\"\",\"X\":\"e\""}, {"a", "b", "d", "e"}},
        {{"\"a\\\\\":1,\"X\":2", "\"a\\\":1,\"X\":2", "\"a\\\\\":3,\"X\":4", "\"a\\\\\":3 ,\n \"X\" : 5 "},
         {"2", NULL, "4", "5"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[1024] = "";
        size_t len = 0;
        unsigned bad = 0;
        for (unsigned k = 0; k < 12; k++) { /* three rounds: unknown, single steps, jumps */
            len += (size_t)snprintf(text + len, sizeof text - len, "{\"EventID\":1,\"Channel\":\"x\",%s}\n",
                                    cases[i].records[k % 4]);
            bad += !cases[i].values[k % 4];
        }
        for (char *c = text; (c = strstr(c, "\n \"X")) != NULL;)
            *c = '\t'; /* a line is a record */
        TextTest t;
        text_begin(&t, SEK_UNIT_JSON_LINES, text, NULL);
        for (unsigned k = 0; k < 12; k++)
            if (cases[i].values[k % 4]) {
                text_next(&t);
                assert_field(&t, "X", cases[i].values[k % 4]);
            }
        text_over(&t, bad);
        text_end(&t);
    }
}

/* Who looks for a text in the bytes of a record must know whether each character is written as it is. */
static void a_known_record_tells_how_it_is_written(void **state) {
    (void)state;
    static const struct {
        const char *value;
        bool known, respelled;
    } cases[] = {{"a", false, false}, {"b", false, false}, {"plain", true, false}, {"a\\\\b\\n", true, false}, {"\\u0061", true, true},
                 {"\xC3\xA9", true, true}, {"x", true, false}, {"\\ud83d\\ude00", false, false}};
    char text[1024] = "";
    size_t len = 0, n = sizeof cases / sizeof *cases;
    for (size_t i = 0; i < n; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "{\"EventID\":1,\"Channel\":\"x\",\"X\":\"%s\"}\n", cases[i].value);
    TextTest t;
    text_begin(&t, SEK_UNIT_JSON_LINES, text, NULL);
    for (size_t i = 0; i < n; i++) {
        text_next(&t);
        if (i > 1) /* what is known of a shape is learned from the first */
            assert_int_equal(t.event.text->known, cases[i].known ? 3 : 0);
        assert_int_equal(t.event.text->respelled, cases[i].respelled);
        const SekEventText *lies = t.event.text;
        for (uint32_t k = 0; k < lies->known; k++) /* the last value as it is written, the others as they are */
            assert_memory_equal(lies->record.ptr + lies->places[k], k == 2 ? cases[i].value : (const char *)t.event.values[0][k].ptr,
                                k == 2 ? strlen(cases[i].value) : t.event.values[0][k].len);
    }
    text_end(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_follow_each_other_in_any_way),
        cmocka_unit_test(a_known_shape_is_read_like_a_new_one),
        cmocka_unit_test(a_known_record_tells_how_it_is_written),
        cmocka_unit_test(what_is_broken_is_told_and_passed_over),
        cmocka_unit_test(what_is_no_event_is_told),
        cmocka_unit_test(values_are_windows_text),
        cmocka_unit_test(malformed_text_becomes_replacement_characters),
        cmocka_unit_test(absent_and_empty_differ),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(the_number_of_fields_has_a_limit),
        cmocka_unit_test(the_length_of_a_value_has_a_limit),
        cmocka_unit_test(shapes_without_end_are_still_read),
        cmocka_unit_test(a_shape_is_worked_out_once),
        cmocka_unit_test(times_are_read_in_all_their_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
