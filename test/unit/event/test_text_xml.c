/* SPDX-License-Identifier: Apache-2.0 */

/* XML and CSV as they are found. */
#include "unit/event/text_test.h"

#include "event/text_csv.h"
#include "format/csv.h"
#include "format/xml_between.h"
#include "format/xml_pull.h"

#include <stdlib.h>

#define NS "xmlns='http://schemas.microsoft.com/win/2004/08/events/event'"
#define SYSTEM(id) "<System><EventID>" #id "</EventID><Channel>x</Channel></System>"
#define EVENT(id, rest) "<Event " NS ">" SYSTEM(id) rest "</Event>"

#define BOTH(before, between, behind) before EVENT(1, "") between EVENT(2, "") behind
#define TEXT "text between events that is no XML"
#define OTHER "an element between events that is none: passed over"
#define LIKE "an element like an event that is not called Event: not read"

/* Layout and elements around events are nothing to tell of, everything else is. Events are read all the same. */
static void records_stand_in_anything(void **state) {
    (void)state;
    static const struct {
        const char *text, *told, *at; /* at: what stands where it is told */
    } cases[] = {
        {BOTH("", "", ""), NULL, NULL},
        {BOTH("<?xml version='1.0'?>\n<!-- <Eventually> --><Events>\n", "\n", "\n</Events>\n"), NULL, NULL},
        {BOTH("<a x='>'><b>", "</b><b>", "</b></a><Events/><Events></Events>"), NULL, NULL},
        {BOTH("<!DOCTYPE x [<!ENTITY a 'b'>]><!DOCTYPE y>", "\xEF\xBB\xBF<?xml?>", ""), NULL, NULL},
        {"<Event>" SYSTEM(1) "</Event> <Event\n>" SYSTEM(2) "</Event >", NULL, NULL},
        {BOTH("header text\r\n", "\r\n\r\n", ""), TEXT, "header"},
        {BOTH("", "\r\n", "trailer"), TEXT, "trailer"},
        {BOTH("<a> ", "</a><a>junk", "</a>"), TEXT, "junk"},
        {BOTH("", "", "<Eve"), TEXT, "<Eve"},
        {BOTH("", "<!-- ", ""), TEXT, "<!--"},
        {BOTH("<a>", "<EventX/>", "</a>"), OTHER, "<EventX/>"},
        {BOTH("<a>", "<n>1<m>2</m>3</n>", "</a>"), OTHER, "<m>"},
        {BOTH("<a><n>1</n>", "", "</a>"), OTHER, "<n>"},
        {BOTH("", "<Evnt><System><EventID>1</EventID></System></Evnt>", ""), LIKE, "<System>"},
        {BOTH("", "<Evnt><System/></Evnt>", ""), LIKE, "<System/>"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        TextTest t;
        text_begin(&t, SEK_UNIT_XML, cases[i].text, NULL);
        for (unsigned id = 1; id <= 2; id++) {
            text_next(&t);
            assert_int_equal(sek_event_id(&t.event), id);
            assert_int_equal(t.event.record_id, id);
            assert_memory_equal(cases[i].text + t.event.offset, "<Event", 6);
        }
        text_over(&t, 0);
        uint32_t n;
        uint64_t more, at = 0;
        (void)sek_reader_damages(t.reader, &n, &more);
        assert_int_equal(n, cases[i].told != NULL);
        if (cases[i].told) {
            assert_string_equal(text_damage(&t, 0, &at), cases[i].told);
            assert_memory_equal(cases[i].text + at, cases[i].at, strlen(cases[i].at));
        }
        text_end(&t);
    }
}

/* Line ends of the file stay, those written as references too: Windows' values hold CR LF. */
static void text_is_decoded_and_not_normalised(void **state) {
    (void)state;
    TextTest t;
    text_begin(&t, SEK_UNIT_XML,
               EVENT(1, "<EventData><Data Name='a'>1\r\n2&#13;&#10;3&#xA;\t </Data><Data "
                        "Name='b'>&lt;&gt;&amp;&quot;&apos;</Data>"
                        "<Data Name='c'>x<![CDATA[<&amp;]]]]><![CDATA[>]]>y<!-- z --><?p q?>w</Data><Data "
                        "Name='d'>&unknown; &#0; "
                        "&#xD800; &#x110000; &#; &amp</Data><Data Name='e'>\xFF\xE3\x81\x82</Data><Data "
                        "Name='f'>  </Data>"
                        "<Data Name='g'/><Data "
                        "Name='h'></Data><Data>u</Data><Data>v</Data><Binary>4D00</Binary></EventData>"),
               NULL);
    text_next(&t);
    assert_field(&t, "a", "1\r\n2\r\n3\n\t ");
    assert_field(&t, "b", "<>&\"'");
    assert_field(&t, "c", "x<&amp;]]>yw");
    assert_field(&t, "d", "&unknown; \xEF\xBF\xBD \xEF\xBF\xBD \xEF\xBF\xBD &#; &amp");
    assert_field(&t, "e", "\xEF\xBF\xBD\xE3\x81\x82");
    assert_field(&t, "f", "  ");
    assert_field(&t, "g", "");
    assert_field(&t, "h", "");
    assert_field(&t, "Data", "u|v");
    assert_field(&t, "Binary", "4D00");
    assert_non_null(strstr(text_xml(&t), "<Data Name='g'/><Data Name='h'></Data><Data>u</Data>"));
    text_over(&t, 0);
    text_end(&t);
}

static void names_are_those_of_windows_events(void **state) {
    (void)state;
    TextTest t;
    text_begin(
        &t, SEK_UNIT_XML,
        "<Event " NS
        "><System><Provider Name='p' EventSourceName=\"s\"/><EventID Qualifiers='16384'>7036</EventID>"
        "<TimeCreated "
        "SystemTime='2022-04-26T02:20:11.345678900Z'/><EventRecordID>18446744073709551615</EventRecordID>"
        "<Correlation/><Channel>System</Channel></System>"
        "<UserData>\n <EventXML xmlns='Event_NS' Session='2'>\n  <User>u</User>\n  <Empty/>\n "
        "</EventXML>\n</UserData>"
        "<RenderingInfo Culture='en-US'><Message>m &#38; n</Message><Keywords><Keyword>k</Keyword></Keywords>"
        "</RenderingInfo></Event>",
        NULL);
    text_next(&t);
    assert_field(&t, "Provider_EventSourceName", "s");
    assert_field(&t, "EventID_Qualifiers", "16384");
    assert_field(&t, "TimeCreated_SystemTime", "2022-04-26T02:20:11.345678900Z");
    assert_true(t.event.time == 132954132113456789);
    assert_true(t.event.record_id == UINT64_MAX);
    assert_field(&t, "Correlation", "(absent)");
    assert_field(&t, "User", "u");
    assert_field(&t, "Session", "2");
    assert_field(&t, "Empty", "");
    assert_field(&t, "Culture", "(absent)");
    assert_field(&t, "Message", "m & n");
    assert_field(&t, "Keyword", "k");
    text_over(&t, 0);
    text_end(&t);
}

static void what_is_broken_is_told_and_passed_over(void **state) {
    (void)state;
    static const char *const broken[] = {
        "<Event " NS "><System><EventID>1</System></Event>",
        "<Event " NS "><System a=b></System></Event>",
        "<Event " NS "><System><!DOCTYPE x></System></Event>",
        "<Event " NS "><System><![CDATA[ </System>",
        "<Event " NS "><System><EventID>1<",
        "<Event " NS "><System",
        "<Event " NS "><></Event>",
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        SekBuf text;
        sek_buf_init(&text, 65536);
        sek_buf_adds(&text, EVENT(1, ""));
        sek_buf_adds(&text, broken[i]);
        size_t at = text.len;
        sek_buf_adds(&text, EVENT(2, ""));
        TextTest t;
        text_begin_bytes(&t, SEK_UNIT_XML, sek_buf_str(&text), NULL);
        text_next(&t);
        text_next(&t);
        assert_int_equal(sek_event_id(&t.event), 2);
        assert_int_equal(t.event.offset, at);
        text_over(&t, 1);
        uint64_t offset;
        assert_string_equal(text_damage(&t, 0, &offset), "record is not well-formed XML, or is cut");
        assert_int_equal(offset, strlen(EVENT(1, "")));
        text_end(&t);
        sek_buf_deinit(&text);
    }
}

/* An element of an event's data may be called Event; only the next record has the name space. */
static void an_event_may_hold_an_event(void **state) {
    (void)state;
    TextTest t;
    text_begin(&t, SEK_UNIT_XML,
               EVENT(1, "<UserData><Event xmlns='other'><A>1</A></Event></UserData>") EVENT(2, ""), NULL);
    text_next(&t);
    assert_field(&t, "A", "1");
    text_next(&t);
    text_over(&t, 0);
    text_end(&t);
}

static void depth_has_a_limit(void **state) {
    (void)state;
    for (unsigned depth = SEK_XML_MAX_DEPTH - 3; depth <= SEK_XML_MAX_DEPTH - 1; depth++) {
        SekBuf text;
        sek_buf_init(&text, 1u << 20);
        sek_buf_adds(&text, "<Event " NS ">" SYSTEM(1) "<UserData>");
        for (unsigned i = 0; i < depth; i++)
            sek_buf_adds(&text, "<n>");
        for (unsigned i = 0; i < depth; i++)
            sek_buf_adds(&text, "</n>");
        sek_buf_adds(&text,
                     "</UserData><EventData><Data Name='z'>last</Data></EventData></Event>" EVENT(2, ""));
        TextTest t;
        text_begin_bytes(&t, SEK_UNIT_XML, sek_buf_str(&text), NULL);
        bool fits = depth + 2 <= SEK_XML_MAX_DEPTH;
        text_next(&t);
        if (fits) {
            assert_field(&t, "z", "last");
            assert_string_equal(text_damage(&t, 0, NULL),
                                "record is too large or too deep for an event: a part is left out");
            text_next(&t);
        }
        assert_int_equal(sek_event_id(&t.event), 2);
        text_over(&t, !fits);
        text_end(&t);
        sek_buf_deinit(&text);
    }
}

/* 8 MiB of declarations: looking for what stands behind each would take an hour. */
static void what_stands_between_is_looked_at_once(void **state) {
    (void)state;
    size_t len = (size_t)8 << 20;
    char *gap = malloc(len + 1);
    assert_non_null(gap);
    for (size_t i = 0; i < len; i++)
        gap[i] = "<!>"[i % 3];
    SekXmlBetween found = sek_xml_between(sek_str_n(gap, len - len % 3));
    assert_true(found.text == SEK_XML_NOWHERE && found.element == SEK_XML_NOWHERE);
    free(gap);
    found = sek_xml_between(SEK_STR("<!DOCTYPE a [<!ENTITY b 'c'>]> <!x> [d>"));
    assert_int_equal(found.text, 36);
}

/* --- CSV -------------------------------------------------------------------------------------- */

static void comments_between_events_are_none(void **state) {
    (void)state;
    TextTest t;
    text_begin(&t, SEK_UNIT_XML,
               "<?xml version='1.0'?><!-- <Event> --><Events><!--<Event><System><EventID>8</EventID></System></Event>-->"
               "<Event><System><EventID>1</EventID><Channel>Security</Channel></System></Event><!-- </Event> -->"
               "<Event><System><EventID>2</EventID><Channel>Security</Channel></System></Event></Events>"
               "<!-- does not end <Event><System><EventID>3</EventID><Channel>Security</Channel></System></Event>",
               NULL);
    for (uint32_t id = 1; id <= 3; id++) {
        text_next(&t);
        assert_int_equal(sek_event_id(&t.event), id);
        assert_int_equal(t.event.record_id, id);
    }
    uint64_t at;
    assert_string_equal(text_damage(&t, 0, &at), "text between events that is no XML");
    assert_memory_equal(t.unit.bytes + at, "<!-- does", 9);
    text_over(&t, 0);
    text_end(&t);
}

static void csv_cells_may_hold_anything(void **state) {
    (void)state;
    TextTest t;
    text_begin(&t, SEK_UNIT_CSV,
               "Security,4688,\"a;b\r\n\"\"c\"\"\",  d "
               ",\r\n\r\nSecurity,4689,e\xFF,,\"f\"\n\"Security\",\"4690\",\"g\nh",
               "Channel,EventID,A,B,C\r\n");
    text_next(&t);
    assert_field(&t, "A", "a;b\r\n\"c\"");
    assert_field(&t, "B", "  d ");
    assert_field(&t, "C", "(absent)");
    assert_int_equal(t.event.record_id, 1);
    text_next(&t);
    assert_field(&t, "A", "e\xEF\xBF\xBD");
    assert_field(&t, "B", "(absent)");
    assert_field(&t, "C", "f");
    text_next(&t);
    assert_int_equal(sek_event_id(&t.event), 4690);
    assert_field(&t, "A", "g\nh");
    uint64_t at;
    assert_string_equal(text_damage(&t, 0, &at), "text that is not UTF-8 is read as U+FFFD, the first of it");
    assert_memory_equal(t.unit.bytes + at, "\xFF,,", 3);
    assert_string_equal(text_damage(&t, 1, &at), "a quote is open at the end of the file: the rest is one record");
    assert_memory_equal(t.unit.bytes + at, "\"g\nh", 4);
    text_over(&t, 0);
    text_end(&t);
}

/* Bytes between values are not looked at again where they are known: but what they tell is told with each unit. */
static void names_that_are_no_utf8_are_told_each_time(void **state) {
    (void)state;
    TextTest t;
    text_begin(&t, SEK_UNIT_XML,
               "<Event><System><EventID>1</EventID><Channel>x</Channel></System>"
               "<EventData><Data Name='a\xFF'>v</Data></EventData></Event>\n",
               NULL);
    for (int i = 0; i < 3; i++) {
        sek_reader_start(t.reader, &t.unit);
        text_next(&t);
        assert_field(&t, "a\xEF\xBF\xBD", "v");
        assert_string_equal(text_damage(&t, 0, NULL), "text that is not UTF-8 is read as U+FFFD, the first of it");
        text_over(&t, 0);
    }
    text_end(&t);
}

/* Rows that fill other cells each time make no shapes without end: from some number on they are all one. */
static void csv_rows_of_many_shapes_are_read(void **state) {
    (void)state;
    enum { COLUMNS = 13, ROWS = 1 << COLUMNS };
    _Static_assert(ROWS > SEK_CSV_MAX_SPARSE + 2, "more than there may be shapes of");
    SekBuf text;
    sek_buf_init(&text, 4u << 20);
    for (unsigned row = 0; row < ROWS; row++) {
        sek_buf_addf(&text, "Security,%u", row);
        for (unsigned i = 0; i < COLUMNS; i++)
            sek_buf_adds(&text, row >> i & 1 ? ",v" : ",");
        sek_buf_adds(&text, "\n");
    }
    TextTest t;
    text_begin_bytes(&t, SEK_UNIT_CSV, sek_buf_str(&text), "Channel,EventID,A,B,C,D,E,F,G,H,I,J,K,L,M\n");
    const SekShape *last = NULL;
    for (int times = 0; times < 2; times++) {
        sek_reader_start(t.reader, &t.unit);
        unsigned changes = 0;
        for (unsigned row = 0; row < ROWS; row++) {
            text_next(&t);
            assert_int_equal(sek_event_id(&t.event), row);
            assert_field(&t, "A", row & 1 ? "v" : "(absent)");
            assert_field(&t, "M", row >> (COLUMNS - 1) & 1 ? "v" : "(absent)");
            changes += t.event.shape != last;
            last = t.event.shape;
        }
        assert_true(changes > SEK_CSV_MAX_SPARSE / 2 && changes <= SEK_CSV_MAX_SPARSE + 1);
        text_over(&t, 0);
    }
    text_end(&t);
    sek_buf_deinit(&text);
}

static void csv_quotes_that_stay_open_are_found(void **state) {
    (void)state;
    assert_int_equal(sek_csv_open_quote(SEK_STR("a,b")), 3);
    assert_int_equal(sek_csv_open_quote(SEK_STR("\"a\",\"b\"\"c\"")), 10);
    assert_int_equal(sek_csv_open_quote(SEK_STR("\"a\",\"b")), 4);
    assert_int_equal(sek_csv_open_quote(SEK_STR("\"a\",\"b\"\"c")), 4);
    assert_int_equal(sek_csv_open_quote(SEK_STR("a,\"")), 2);
    assert_int_equal(sek_csv_open_quote(SEK_STR("")), 0);
}

/* Event Viewer's: the description has no column of its own. */
static void csv_of_event_viewer_is_read(void **state) {
    (void)state;
    TextTest t;
    text_begin(&t, SEK_UNIT_CSV,
               "Information,4/26/2022 2:20:11 AM,Microsoft-Windows-Sysmon,1,Process Create,\"Process "
               "Create:\r\nImage: x\"\r\n"
               "Error,4/26/2022 2:20:12 PM,y,2,(1),d,e\r\n",
               "Level,Date and Time,Source,Event ID,Task Category\r\n");
    text_next(&t);
    assert_int_equal(sek_event_id(&t.event), 1);
    assert_field(&t, "Provider_Name", "Microsoft-Windows-Sysmon");
    assert_field(&t, "Level", "4");
    assert_field(&t, "Message", "Process Create:\r\nImage: x");
    assert_true(t.event.time == 132954132110000000);
    text_next(&t);
    assert_field(&t, "Level", "2");
    assert_string_equal(text_damage(&t, 0, NULL),
                        "record has more cells than the header has names: they are left out");
    text_over(&t, 0);
    text_end(&t);
}

static void csv_separators_are_found(void **state) {
    (void)state;
    assert_int_equal(sek_csv_separator(SEK_STR("a,b;c,d")), ',');
    assert_int_equal(sek_csv_separator(SEK_STR("a;b;\"c,d,e,f\"")), ';');
    assert_int_equal(sek_csv_separator(SEK_STR("a\tb c")), '\t');
    assert_int_equal(sek_csv_separator(SEK_STR("a|b|c")), '|');
    assert_int_equal(sek_csv_separator(SEK_STR("abc")), 0);
}

static void csv_cells_have_a_limit(void **state) {
    (void)state;
    SekArena arena;
    sek_arena_init(&arena, 0);
    static char line[2 * SEK_CSV_MAX_CELLS + 2];
    memset(line, ',', sizeof line);
    for (unsigned more = 0; more < 2; more++) {
        SekCsvCells cells;
        SekStr text = sek_str_n(line, SEK_CSV_MAX_CELLS - 1 + more); /* one cell more than separators */
        assert_int_equal(sek_csv_cells(text, ',', &arena, &cells), SEK_OK);
        assert_int_equal(cells.n, SEK_CSV_MAX_CELLS);
        assert_int_equal(cells.more, more);
    }
    sek_arena_deinit(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_stand_in_anything),
        cmocka_unit_test(text_is_decoded_and_not_normalised),
        cmocka_unit_test(names_are_those_of_windows_events),
        cmocka_unit_test(what_is_broken_is_told_and_passed_over),
        cmocka_unit_test(an_event_may_hold_an_event),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(comments_between_events_are_none),
        cmocka_unit_test(csv_cells_may_hold_anything),
        cmocka_unit_test(names_that_are_no_utf8_are_told_each_time),
        cmocka_unit_test(csv_rows_of_many_shapes_are_read),
        cmocka_unit_test(csv_quotes_that_stay_open_are_found),
        cmocka_unit_test(csv_of_event_viewer_is_read),
        cmocka_unit_test(csv_separators_are_found),
        cmocka_unit_test(csv_cells_have_a_limit),
        cmocka_unit_test(what_stands_between_is_looked_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
