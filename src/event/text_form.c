/* SPDX-License-Identifier: Apache-2.0 */
#include "event/text_form.h"

#include "event/text_csv.h"
#include "event/text_flat.h"
#include "event/text_json.h"
#include "event/text_plan.h"
#include "event/text_xml.h"
#include "format/csv.h"
#include "format/json_scan.h"
#include "format/xml_pull.h"


#define RECORDS_LOOKED_AT 8 /* the first of a file may be something else */

/* --- JSON ------------------------------------------------------------------------------------ */

/* What is needed to read a few records. */
typedef struct Look {
    SekTextRecord record;
    SekArena arena, scratch;
} Look;

static SekStatus look_new(Look *look) {
    *look = (Look){0};
    sek_arena_init(&look->arena, 0);
    sek_arena_init(&look->scratch, 0);
    look->record.arena = &look->arena;
    SekStatus status = sek_trail_new(&look->record.trail);
    return status == SEK_OK ? sek_text_json_new(&look->record.json) : status;
}

static void look_end(Look *look) {
    sek_trail_free(look->record.trail);
    sek_text_json_free(look->record.json);
    sek_text_values_free(&look->record.values);
    sek_arena_deinit(&look->arena);
    sek_arena_deinit(&look->scratch);
}

/* SEK_OK when the record is an event, SEK_NOT_FOUND when not. */
static SekStatus look_at_json(Look *look, SekStr text) {
    SekError err = {0};
    size_t used;
    sek_arena_reset(&look->arena);
    sek_text_begin(&look->record, SEK_ROOT_JSON);
    SekStatus status = sek_text_json_read(text, &look->record, &used, &err);
    const SekStep *steps;
    uint32_t n;
    if (status == SEK_OK)
        status = sek_trail_steps(look->record.trail, &steps, &n);
    if (status != SEK_OK)
        return status == SEK_ERR_MEMORY ? status : SEK_NOT_FOUND;
    SekTextPlan plan = {.n_slots = look->record.values.n};
    SekBuild build;
    sek_build_init(&build, &look->arena);
    status = sek_text_json_plan(steps, n, &look->scratch, &build, &plan);
    return status == SEK_OK && plan.verdict != SEK_VERDICT_EVENT ? SEK_NOT_FOUND : status;
}

/* For a record that is longer than what we have: names that only events have. */
static bool has_event_name(SekStr text) {
    static const char *const names[] = {"\"EventID\"",   "\"EventId\"", "\"event_id\"",
                                        "\"EventCode\"", "\"winlog\"",  "\"winlog."};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sek_str_find(text, sek_str(names[i])) >= 0)
            return true;
    return false;
}

static SekStatus look_at_records(SekStr text, SekFormAnswer *answer) {
    Look look;
    SekStatus status = look_new(&look);
    size_t at = 0, start = 0;
    SekJsonScan scan = {0};
    *answer = SEK_FORM_MAYBE;
    for (int i = 0; status == SEK_OK && i < RECORDS_LOOKED_AT; i++) {
        if (!sek_json_scan_record(&scan, text, &at, &start)) {
            if (scan.depth && has_event_name(sek_str_n(text.ptr + start, text.len - start)))
                *answer = SEK_FORM_EVENTS;
            break;
        }
        status = look_at_json(&look, sek_str_n(text.ptr + start, at - start));
        if (status == SEK_OK) {
            *answer = SEK_FORM_EVENTS;
            break;
        }
        if (status == SEK_NOT_FOUND)
            status = SEK_OK;
    }
    look_end(&look);
    return status;
}

/* Lines, when the first record is all on the first line and no array is around it. */
static SekUnitKind json_kind(SekStr text) {
    size_t first = 0;
    while (first < text.len && sek_json_is_between(text.ptr[first]))
        if (text.ptr[first++] == '[')
            return SEK_UNIT_JSON;
    SekJsonScan scan = {0};
    size_t at = first, start = first;
    (void)sek_json_scan_record(&scan, text, &at, &start); /* else it is longer than what we have */
    return memchr(text.ptr + start, '\n', at - start) ? SEK_UNIT_JSON : SEK_UNIT_JSON_LINES;
}

/* --- XML and CSV ------------------------------------------------------------------------------- */

static SekFormAnswer look_at_xml(SekStr text) {
    size_t at = sek_xml_find(text, 0, SEK_STR("Event"));
    SekStr rest = sek_str_n(text.ptr + at, text.len - at);
    if (at < text.len && (sek_str_find(rest, SEK_STR(SEK_EVENT_NAMESPACE)) >= 0 ||
                          sek_xml_find(rest, 0, SEK_STR("System")) < rest.len))
        return SEK_FORM_EVENTS;
    bool xml = sek_str_starts(text, SEK_STR("<?xml")) || sek_xml_find(text, 0, SEK_STR("Events")) < text.len;
    return xml || at < text.len ? SEK_FORM_MAYBE : SEK_FORM_OTHER;
}

/* Lines that spreadsheet programs and PowerShell write before the header. */
static bool is_preamble(SekStr line) {
    return sek_str_starts(line, SEK_STR("sep=")) || sek_str_starts(line, SEK_STR("#TYPE ")) ||
           sek_str_trim(line).len == 0;
}

static bool is_text_line(SekStr line) {
    for (size_t i = 0; i < line.len; i++)
        if ((uint8_t)line.ptr[i] < 0x20 && line.ptr[i] != '\t' && line.ptr[i] != '\r' && line.ptr[i] != '\n')
            return false;
    return true;
}

static SekStatus look_at_header(SekStr header, SekFormAnswer *answer) {
    SekTextCsv csv;
    sek_text_csv_init(&csv);
    SekStatus status = sek_text_csv_header(&csv, header);
    SekFlat flat = {.arena = &csv.arena};
    for (uint32_t i = 0; status == SEK_OK && i < csv.n_names; i++)
        sek_flat_add(&flat, csv.names[i], i, SEK_FLAT_PLAIN);
    if (status == SEK_OK)
        status = flat.failed;
    if (status == SEK_OK && sek_flat_is_event(&flat, SEK_FLAT_NAMES))
        *answer = SEK_FORM_EVENTS;
    sek_text_csv_deinit(&csv);
    return status;
}

/* `text` begins with a header whose quote is still open where what we have ends. What its first line says
 * without quotes tells whether evidence would be lost with it. */
static SekStatus look_at_open_header(SekStr text, SekFormAnswer *answer) {
    const char *line_end = memchr(text.ptr, '\n', text.len);
    size_t len = line_end ? (size_t)(line_end - text.ptr) : text.len;
    SekBuf line;
    sek_buf_init(&line, SEK_TEXT_FORM_BYTES * 2);
    for (size_t i = 0; i < len; i++)
        if (text.ptr[i] != '"')
            sek_buf_addc(&line, text.ptr[i]);
    SekStatus status = line.failed;
    if (status == SEK_OK && sek_csv_separator(sek_buf_str(&line)))
        status = look_at_header(sek_buf_str(&line), answer);
    if (*answer == SEK_FORM_EVENTS)
        *answer = SEK_FORM_OPEN_HEADER;
    sek_buf_deinit(&line);
    return status;
}

static SekStatus look_at_csv(SekStr text, uint32_t *skip, SekFormAnswer *answer) {
    *skip = 0;
    for (size_t at = 0; at < text.len;) {
        SekCsvScan scan = {0};
        size_t end = at;
        bool whole = sek_csv_scan_record(&scan, text, &end); /* a file may be its header alone */
        SekStr line = sek_str_n(text.ptr + at, end - at);
        if (!is_text_line(line))
            return SEK_OK;
        if (!whole && scan.in_quotes)
            return look_at_open_header(line, answer);
        if (!is_preamble(line)) {
            *skip = (uint32_t)at;
            return sek_csv_separator(line) ? look_at_header(line, answer) : SEK_OK;
        }
        at = end;
    }
    return SEK_OK;
}

static SekStatus look_at_text(SekStr text, SekTextForm *out, SekFormAnswer *answer) {
    SekStr trimmed = sek_str_trim(text);
    if (trimmed.len == 0)
        return SEK_OK;
    switch (trimmed.ptr[0]) {
    case '<':
        out->kind = SEK_UNIT_XML;
        *answer = look_at_xml(trimmed);
        return SEK_OK;
    case '{':
    case '[':
        out->kind = json_kind(text);
        return look_at_records(text, answer);
    default:
        out->kind = SEK_UNIT_CSV;
        out->dates = sek_text_date_order(text);
        return look_at_csv(text, &out->skip, answer);
    }
}

SekStatus sek_text_form(const uint8_t *bytes, size_t len, SekTextForm *out, SekFormAnswer *answer) {
    SekTextForm form = {0};
    *answer = SEK_FORM_OTHER;
    if (len > SEK_TEXT_FORM_BYTES)
        len = SEK_TEXT_FORM_BYTES;
    form.encoding = sek_text_encoding(bytes, len, &form.mark);
    SekStr text = sek_str_n((const char *)bytes + form.mark, len - form.mark);
    SekBuf decoded;
    sek_buf_init(&decoded, 4u * SEK_TEXT_FORM_BYTES);
    if (form.encoding != SEK_TEXT_UTF8) {
        bool pairs = form.encoding == SEK_TEXT_UTF16LE || form.encoding == SEK_TEXT_UTF16BE;
        sek_text_decode(form.encoding, bytes + form.mark, pairs ? text.len & ~(size_t)1 : text.len, &decoded);
        text = sek_buf_str(&decoded);
    }
    SekStatus status = decoded.failed ? decoded.failed : look_at_text(text, &form, answer);
    sek_buf_deinit(&decoded);
    if (status == SEK_OK)
        *out = form;
    return status;
}
