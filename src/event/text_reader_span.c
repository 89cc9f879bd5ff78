/* SPDX-License-Identifier: Apache-2.0 */
/* The next record of a unit of XML, and of CSV. */
#include "base/utf.h"
#include "event/text_reader_parts.h"
#include "event/text_xml.h"
#include "format/csv.h"
#include "format/xml_between.h"
#include "format/xml_pull.h"

/* Tells what stands between `from` and `to`. Behind a record that could not be read it may be its rest. */
static void tell_between(SekTextReader *r, size_t from, size_t to) {
    SekStr gap = sek_str_n(r->text.ptr + from, to - from);
    if (from == to || r->refused)
        return;
    if (!sek_is_ascii(gap))
        sek_text_reader_tell_encoding(r);
    SekXmlBetween found = sek_xml_between(gap);
    if (found.text != SEK_XML_NOWHERE)
        sek_text_reader_damage(r, from + found.text, "text between events that is no XML");
    if (found.element == SEK_XML_NOWHERE)
        return;
    SekDamage other = {.offset = r->unit->offset + from + found.element, .lost = found.event_like,
                       .what = found.event_like ? "an element like an event that is not called Event: not read"
                                                : "an element between events that is none: passed over"};
    sek_text_reader_tell(r, &other);
}

/* The next record. An <Event> in a comment between records is none; a comment that does not end is no comment. */
static size_t find_record(SekTextReader *r) {
    for (size_t from = r->at;;) {
        size_t at = sek_xml_find(r->text, from, SEK_STR("Event"));
        SekStr gap = sek_str_n(r->text.ptr + from, at - from);
        ptrdiff_t comment = r->refused || r->open_comment || at == r->text.len ? -1 : sek_str_find(gap, SEK_STR("<!--"));
        if (comment < 0)
            return at;
        size_t open = from + (size_t)comment + SEK_STR("<!--").len;
        ptrdiff_t end = sek_str_find(sek_str_n(r->text.ptr + open, r->text.len - open), SEK_STR("-->"));
        r->open_comment = end < 0; /* and none behind it ends: that is asked once a unit */
        if (end < 0)
            return at;
        from = open + (size_t)end + SEK_STR("-->").len;
    }
}

/* The record at `at`: as of a known shape, or else thoroughly. */
static SekStatus read_xml(SekTextReader *r, size_t at, SekError *err) {
    size_t used;
    sek_text_reader_begin(r, SEK_ROOT_XML);
    if (sek_span_xml(&r->spans, sek_str_n(r->text.ptr + at, r->text.len - at), &r->record, &used)) {
        r->at = at + used;
        return SEK_OK;
    }
    sek_text_reader_tell_encoding(r);
    sek_text_reader_begin(r, SEK_ROOT_XML);
    return sek_text_xml_read(r->text, at, &r->record, &r->at, err);
}

SekStatus sek_text_reader_xml(SekTextReader *r, SekEvent *out) {
    size_t at = find_record(r);
    tell_between(r, r->at, at);
    r->refused = false;
    if (at == r->text.len) {
        r->at = at;
        return SEK_END;
    }
    SekError err = {0};
    SekStatus status = read_xml(r, at, &err);
    if (status == SEK_ERR_MEMORY)
        return status;
    r->ordinal++;
    if (status == SEK_OK)
        return sek_text_reader_give(r, at, out);
    r->refused = true;
    return sek_text_reader_refuse(r, at,
                  status == SEK_ERR_LIMIT ? "record is nested too deep, or needs too much memory"
                                          : "record is not well-formed XML, or is cut");
}

/* The record at `at`, if all of it is known: where it ends need not be found out before. */
static bool read_known_csv(SekTextReader *r, size_t at) {
    size_t used;
    sek_text_reader_begin(r, SEK_ROOT_CSV);
    if (!sek_text_csv_known(&r->csv, &r->spans, sek_str_n(r->text.ptr + at, r->text.len - at), &r->record, &used))
        return false;
    r->at = at + used;
    return true;
}

static SekStatus read_csv(SekTextReader *r, size_t at) {
    SekCsvScan scan = {0};
    sek_text_reader_tell_encoding(r);
    bool whole = sek_csv_scan_record(&scan, r->text, &r->at);
    if (!whole && r->unit->cut) /* without that, the last one may lack its line end */
        return sek_text_reader_refuse(r, at, "record is cut");
    SekStr record = sek_str_n(r->text.ptr + at, r->at - at);
    if (!whole && scan.in_quotes) /* given as it is: what it swallowed is still searched */
        sek_text_reader_damage(r, at + sek_csv_open_quote(record),
                               "a quote is open at the end of the file: the rest is one record");
    sek_text_reader_begin(r, SEK_ROOT_CSV);
    return sek_text_csv_read(&r->csv, record, whole, &r->record);
}

SekStatus sek_text_reader_csv(SekTextReader *r, SekEvent *out) {
    while (r->at < r->text.len && (r->text.ptr[r->at] == '\n' || r->text.ptr[r->at] == '\r'))
        r->at++;
    if (r->at == r->text.len)
        return SEK_END;
    if (sek_text_csv_header(&r->csv, r->unit->header) != SEK_OK)
        return SEK_ERR_MEMORY;
    size_t at = r->at;
    SekStatus status = read_known_csv(r, at) ? SEK_OK : read_csv(r, at);
    if (status == SEK_ERR_INPUT) /* it was cut, and has no number */
        return status;
    r->ordinal++;
    return status == SEK_OK ? sek_text_reader_give(r, at, out) : status;
}
