/* SPDX-License-Identifier: Apache-2.0 */

/* Text files cut into units: at record ends, whatever the encoding and the length of records. */
#include "unit/event/text_test.h"

#include "collect/text_stream.h"

#include <stdlib.h>

/* A file in memory. */
typedef struct Source {
    SekStr bytes;
    size_t at, fail_at;
    SekTextStream stream;
    SekArena keep;
    SekUnit unit;
    SekReader *reader;
} Source;

static SekStatus read_bytes(void *user, uint8_t *out, size_t len, size_t *out_n, SekError *err) {
    (void)err;
    Source *s = user;
    size_t left = (s->fail_at ? s->fail_at : s->bytes.len) - s->at, n = left < len ? left : len;
    if (n)
        memcpy(out, s->bytes.ptr + s->at, n);
    s->at += n;
    *out_n = n;
    return s->fail_at && n < len ? SEK_ERR_IO : SEK_OK;
}

static void begin(Source *s, SekStr bytes) {
    *s = (Source){.bytes = bytes, .unit = {.bytes = malloc(SEK_UNIT_BYTES)}};
    SekTextForm form;
    SekFormAnswer answer;
    size_t head = bytes.len < SEK_TEXT_FORM_BYTES ? bytes.len : SEK_TEXT_FORM_BYTES;
    assert_int_equal(sek_text_form((const uint8_t *)bytes.ptr, head, &form, &answer), SEK_OK);
    assert_int_not_equal(answer, SEK_FORM_OTHER);
    sek_arena_init(&s->keep, 0);
    assert_int_equal(sek_text_stream_begin(&s->stream, &form, &s->keep), SEK_OK);
    SekReaderOptions options = {0};
    assert_int_equal(sek_reader_new(&options, &s->reader), SEK_OK);
}

static void end(Source *s) {
    sek_reader_free(s->reader);
    sek_text_stream_end(&s->stream);
    sek_arena_deinit(&s->keep);
    free(s->unit.bytes);
}

static SekStatus next_unit(Source *s) {
    SekStatus problem;
    SekError err = {0};
    return sek_text_stream_unit(&s->stream, &s->unit, read_bytes, s, &problem, &err);
}

typedef struct Totals {
    unsigned units, records, bad;
    size_t evidence;
    uint64_t last_offset;
    uint64_t ids; /* the event ids as digits */
} Totals;

/* With `numbered`, every record must have its number: in its EventID, and as its ordinal. */
static Totals read_all(Source *s, bool numbered) {
    Totals t = {0};
    SekStatus status;
    while ((status = next_unit(s)) == SEK_OK) {
        SekEvent event;
        t.units++;
        t.evidence += s->unit.evidence;
        sek_reader_start(s->reader, &s->unit);
        while (sek_reader_next(s->reader, &event) == SEK_OK) {
            t.records++;
            t.ids = t.ids * 10 + sek_event_id(&event);
            t.last_offset = event.offset;
            if (numbered) {
                assert_int_equal(sek_event_id(&event), t.records);
                assert_int_equal(event.record_id, t.records);
            }
        }
        t.bad += (unsigned)sek_reader_stats(s->reader)->bad_records;
    }
    assert_int_equal(status, SEK_END);
    return t;
}

typedef enum { LINES, ARRAY, PRETTY, XML, CSV, N_FORMS } Form;

static const struct {
    const char *file_head, *head, *tail, *between, *file_tail; /* % stands for the record's number */
} forms[N_FORMS] = {
    {"", "{\"EventID\":%,\"Channel\":\"x\",\"Text\":\"}{", "\"}\n", "", ""},
    {"[\n", "{\"EventID\":%,\"Channel\":\"x\",\"Text\":\"}{", "\"}", ",\n", "\n]\n"},
    {"", "{\n  \"EventID\": %,\n  \"Channel\": \"x\",\n  \"Text\": \"}\\\"{", "\"\n}\n", "", ""},
    {"<?xml version='1.0'?><Events>\n",
     "<Event><System><EventID>%</EventID><Channel>x</Channel></System><UserData><Event><A>",
     "</A></Event></UserData></Event>\n", "", "</Events>\n"},
    {"EventID,Channel,Text\r\n", "%,x,\"\n\"\",", "\"\r\n", "", ""},
};

/* Records of very different lengths, some longer than a unit. */
static void make(SekBuf *out, Form form, unsigned n) {
    sek_buf_adds(out, forms[form].file_head);
    for (unsigned i = 1; i <= n; i++) {
        size_t length = i % 97 == 0 ? 3 * SEK_UNIT_BYTES / 2 : i % 13 * 1000;
        const char *hole = strchr(forms[form].head, '%');
        sek_buf_add(out, forms[form].head, (size_t)(hole - forms[form].head));
        sek_buf_addf(out, "%u", i);
        sek_buf_adds(out, hole + 1);
        for (size_t k = 0; k < length; k += 10)
            sek_buf_adds(out, "\xE3\x81\x82 abcdef");
        sek_buf_adds(out, forms[form].tail);
        if (i < n)
            sek_buf_adds(out, forms[form].between);
    }
    sek_buf_adds(out, forms[form].file_tail);
    assert_int_equal(out->failed, SEK_OK);
}

static void units_end_where_records_end(void **state) {
    (void)state;
    for (int form = 0; form < N_FORMS; form++) {
        SekBuf text;
        sek_buf_init(&text, 1u << 26);
        make(&text, (Form)form, 1500);
        Source s;
        begin(&s, sek_buf_str(&text));
        Totals t = read_all(&s, true);
        assert_int_equal(t.records, 1500);
        assert_int_equal(t.bad, 0);
        assert_int_equal(t.evidence, text.len);
        assert_true(t.units > 10);
        end(&s);
        sek_buf_deinit(&text);
    }
}

/* The one character beyond ASCII becomes one that takes a pair of surrogates. */
static void to_utf16(SekBuf *out, SekStr text, bool big, bool mark) {
    if (mark)
        sek_buf_add(out, big ? "\xFE\xFF" : "\xFF\xFE", 2);
    for (size_t i = 0; i < text.len; i++) {
        if ((uint8_t)text.ptr[i] == 0xE3) {
            i += 2;
            sek_buf_add(out, big ? "\xD8\x3D\xDE\x00" : "\x3D\xD8\x00\xDE", 4);
            continue;
        }
        char bytes[2] = {big ? 0 : text.ptr[i], big ? text.ptr[i] : 0};
        sek_buf_add(out, bytes, 2);
    }
}

static void utf16_is_read_as_utf8(void **state) {
    (void)state;
    for (unsigned how = 0; how < 4 * N_FORMS; how++) {
        Form form = (Form)(how / 4);
        bool big = how & 1, mark = how & 2;
        if (form == CSV && !mark)
            continue; /* does not look like UTF-16 then */
        SekBuf text, wide;
        sek_buf_init(&text, 1u << 26);
        sek_buf_init(&wide, 1u << 27);
        make(&text, form, 200);
        to_utf16(&wide, sek_buf_str(&text), big, mark);
        if (big)
            sek_buf_addc(&wide, 'x'); /* an odd byte at the end is nothing */
        Source s;
        begin(&s, sek_buf_str(&wide));
        Totals t = read_all(&s, true);
        assert_int_equal(t.records, 200);
        assert_int_equal(t.bad, 0);
        assert_int_equal(t.evidence, wide.len);
        end(&s);
        sek_buf_deinit(&text);
        sek_buf_deinit(&wide);
    }
}

static void utf8_may_begin_with_a_mark(void **state) {
    (void)state;
    static const char *const texts[] = {
        "\xEF\xBB\xBF{\"EventID\":1,\"Channel\":\"x\"}\n",
        "\357\273\277EventID,Channel\n1,x\n", /* octal: E is a hexadecimal digit */
        "\xEF\xBB\xBF<Event><System><EventID>1</EventID></System></Event>"};
    for (size_t i = 0; i < 3; i++) {
        Source s;
        begin(&s, sek_str(texts[i]));
        Totals t = read_all(&s, true);
        assert_int_equal(t.records, 1);
        assert_int_equal(t.last_offset, i == 1 ? 3 + strlen("EventID,Channel\n") : 3);
        end(&s);
    }
}

#define LINE(id) "{\"EventID\":" #id ",\"Channel\":\"x\"}\n"

static void a_record_may_grow_up_to_the_limit(void **state) {
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        SekBuf text;
        sek_buf_init(&text, 1u << 27);
        sek_buf_adds(&text, LINE(1) "{\"EventID\":2,\"Channel\":\"x\",\"Text\":\"");
        size_t len = more ? 3 * (size_t)SEK_UNIT_MAX : SEK_UNIT_MAX - 256;
        while (text.len < len)
            sek_buf_adds(&text, "aaaaaaaaaaaaaaaa");
        sek_buf_adds(&text, "\"}\n" LINE(3));
        Source s;
        begin(&s, sek_buf_str(&text));
        Totals t = read_all(&s, false);
        assert_int_equal(t.ids, more ? 13 : 123);
        assert_int_equal(t.bad, more);
        assert_int_equal(t.last_offset, text.len - strlen(LINE(3)));
        assert_int_equal(t.evidence, text.len);
        assert_true(s.unit.cap <= SEK_UNIT_MAX);
        end(&s);
        sek_buf_deinit(&text);
    }
}

/* What was too long must not come back in parts: its middle may look like a record. */
static void the_rest_of_a_record_that_is_too_long_is_dropped(void **state) {
    (void)state;
    static const struct {
        Form form;
        const char *head, *inner, *tail;
        SekUnitKind kind;
    } cases[] = {
        {LINES, "{\"EventID\":1,\"Channel\":\"x\",\"Text\":\"", "{\"EventID\":9,\"Channel\":\"forged\"}",
         "\"}\n" LINE(1), SEK_UNIT_JSON_LINES},
        {PRETTY, "{\"EventID\":1,\"Channel\":\"x\",\"Text\":\"", "{\"EventID\":9,\"Channel\":\"forged\"}",
         "\"}\n" LINE(1), SEK_UNIT_JSON},
        {CSV, "EventID,Channel,Text\n1,x,\"", "9,forged, ", "\"\n1,x,\n", SEK_UNIT_CSV},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SekBuf text;
        sek_buf_init(&text, 1u << 27);
        sek_buf_adds(&text, cases[i].head);
        while (text.len < SEK_UNIT_MAX + 100000)
            sek_buf_adds(&text, cases[i].inner);
        sek_buf_adds(&text, cases[i].tail);
        Source s;
        begin(&s, sek_buf_str(&text));
        s.stream.form.kind = cases[i].kind;
        Totals t = read_all(&s, false);
        assert_int_equal(t.ids, 1);
        assert_int_equal(t.records, 1);
        assert_int_equal(t.bad, 1);
        end(&s);
        sek_buf_deinit(&text);
    }
}

static void a_file_that_cannot_be_read_on_gives_what_came_before(void **state) {
    (void)state;
    SekBuf text;
    sek_buf_init(&text, 1u << 24);
    make(&text, LINES, 90);
    Source s;
    begin(&s, sek_buf_str(&text));
    s.fail_at = text.len / 8; /* in the first unit */
    SekStatus problem;
    SekError err = {0};
    assert_int_equal(sek_text_stream_unit(&s.stream, &s.unit, read_bytes, &s, &problem, &err), SEK_OK);
    assert_int_equal(problem, SEK_ERR_IO);
    assert_int_equal(s.unit.len, s.fail_at);
    assert_int_equal(next_unit(&s), SEK_END);
    end(&s);
    sek_buf_deinit(&text);
}

static void the_content_tells_what_a_file_is(void **state) {
    (void)state;
    static const struct {
        const char *text;
        SekFormAnswer answer;
        SekUnitKind kind;
    } cases[] = {
        {"{\"EventID\":1,\"Channel\":\"x\"}", SEK_FORM_EVENTS, SEK_UNIT_JSON_LINES},
        {"\n\n{\"EventID\":1,\"Channel\":\"x\"}\n", SEK_FORM_EVENTS, SEK_UNIT_JSON_LINES},
        {"{\"EventID\":1,\n\"Channel\":\"x\"}", SEK_FORM_EVENTS, SEK_UNIT_JSON},
        {"[{\"EventID\":1,\"Channel\":\"x\"}]", SEK_FORM_EVENTS, SEK_UNIT_JSON},
        {"{\"index\":{}}\n{\"EventID\":1,\"Channel\":\"x\"}", SEK_FORM_EVENTS, SEK_UNIT_JSON_LINES},
        {"{\"name\":\"package\",\"version\":\"1\"}", SEK_FORM_MAYBE, SEK_UNIT_JSON_LINES},
        {"{\"event_id\":1,\"channel\":\"x\",\"rule_title\":\"t\"}", SEK_FORM_MAYBE, SEK_UNIT_JSON_LINES},
        {"{\"message\":\"long", SEK_FORM_MAYBE, SEK_UNIT_JSON_LINES},
        {"{\"winlog\":{\"x\":\"long", SEK_FORM_EVENTS, SEK_UNIT_JSON_LINES},
        {"<Event><System/></Event>", SEK_FORM_EVENTS, SEK_UNIT_XML},
        {"<?xml version='1.0'?><Events/>", SEK_FORM_MAYBE, SEK_UNIT_XML},
        {"<html><EventHandler/></html>", SEK_FORM_OTHER, SEK_UNIT_XML},
        {"sep=;\r\nChannel;EventID\r\n", SEK_FORM_EVENTS, SEK_UNIT_CSV},
        {"#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\n\"Id\",\"LogName\",\"ProviderName\"\n",
         SEK_FORM_EVENTS, SEK_UNIT_CSV},
        {"Timestamp,RuleTitle,EventID,Channel\n", SEK_FORM_OTHER, SEK_UNIT_CSV},
        {"name,price\n", SEK_FORM_OTHER, SEK_UNIT_CSV},
        {"Channel,Event\001ID\n", SEK_FORM_OTHER, SEK_UNIT_CSV},
        {"just text", SEK_FORM_OTHER, SEK_UNIT_CSV},
        {"  \n", SEK_FORM_OTHER, SEK_UNIT_EVTX},
        {"", SEK_FORM_OTHER, SEK_UNIT_EVTX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SekTextForm form = {0};
        SekFormAnswer answer;
        const uint8_t *bytes = (const uint8_t *)cases[i].text;
        assert_int_equal(sek_text_form(bytes, strlen(cases[i].text), &form, &answer), SEK_OK);
        if (answer != cases[i].answer || (answer != SEK_FORM_OTHER && form.kind != cases[i].kind))
            fail_msg("case %zu: %s", i, cases[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_end_where_records_end),
        cmocka_unit_test(utf16_is_read_as_utf8),
        cmocka_unit_test(utf8_may_begin_with_a_mark),
        cmocka_unit_test(a_record_may_grow_up_to_the_limit),
        cmocka_unit_test(the_rest_of_a_record_that_is_too_long_is_dropped),
        cmocka_unit_test(a_file_that_cannot_be_read_on_gives_what_came_before),
        cmocka_unit_test(the_content_tells_what_a_file_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
