/* SPDX-License-Identifier: Apache-2.0 */
/* The next record of a unit of JSON. */
#include "event/text_json.h"
#include "event/text_reader_parts.h"
#include "format/json_scan.h"

/* A record of JSON that does not end swallows those behind it. They are looked for this often a unit. */
#define MAX_RESUMES 8u

/* The record at `at`, if it is of a known shape: where it ends need not be found out before. */
static bool read_known(SekTextReader *r, size_t at) {
    size_t used;
    sek_text_reader_begin(r, r->unit->kind == SEK_UNIT_JSON ? SEK_ROOT_JSON : SEK_ROOT_JSON_LINES);
    if (!sek_text_json_known(sek_str_n(r->text.ptr + at, r->text.len - at), &r->record, &used))
        return false;
    r->at = at + used;
    r->ordinal++;
    return true;
}

/* `text` begins with the record at `at`, which was begun; r->at is moved behind what was read. */
static SekStatus read_json(SekTextReader *r, size_t at, SekStr text, SekEvent *out) {
    SekError err = {0};
    size_t used = 0;
    sek_text_reader_tell_encoding(r);
    SekStatus status = sek_text_json_read(text, &r->record, &used, &err);
    if (status == SEK_ERR_MEMORY)
        return status;
    r->at = at + (status == SEK_OK ? used : text.len);
    r->ordinal++;
    if (status == SEK_OK)
        return sek_text_reader_give(r, at, out);
    return sek_text_reader_refuse(r, at,
                  status == SEK_ERR_LIMIT ? "record needs more memory than a record may"
                                          : "record is not JSON, or is cut");
}

static size_t skip_between(SekStr text, size_t at) {
    while (at < text.len && sek_json_is_between(text.ptr[at]))
        at++;
    return at;
}

SekStatus sek_text_reader_json_line(SekTextReader *r, SekEvent *out) {
    size_t at = skip_between(r->text, r->at);
    if (at == r->text.len)
        return SEK_END;
    if (read_known(r, at))
        return sek_text_reader_give(r, at, out);
    const char *end = memchr(r->text.ptr + at, '\n', r->text.len - at);
    size_t len = (end ? (size_t)(end - r->text.ptr) : r->text.len) - at;
    return read_json(r, at, sek_str_n(r->text.ptr + at, len), out);
}

/* A record that cannot be read may have swallowed others: one that begins a line is tried again. */
static void resume_json(SekTextReader *r, size_t start) {
    SekStr rest = sek_str_n(r->text.ptr + start, r->at - start);
    ptrdiff_t found = sek_str_find(rest, SEK_STR("\n{"));
    if (found < 0 || r->resumes == MAX_RESUMES)
        return;
    r->resumes++;
    r->at = start + (size_t)found + 1;
}

SekStatus sek_text_reader_json(SekTextReader *r, SekEvent *out) {
    SekJsonScan scan = {0};
    size_t end = r->at, start = r->text.len, from = skip_between(r->text, r->at);
    if (read_known(r, from))
        return sek_text_reader_give(r, from, out);
    (void)sek_json_scan_record(&scan, r->text, &end, &start); /* the last one may be cut */
    if (from < start)
        sek_text_reader_damage(r, from, "text between records that is not JSON");
    if (start == r->text.len) {
        r->at = start;
        return SEK_END;
    }
    SekStatus status = read_json(r, start, sek_str_n(r->text.ptr + start, end - start), out);
    if (status == SEK_ERR_INPUT && !r->plan)
        resume_json(r, start);
    return status;
}
