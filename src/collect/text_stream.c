/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memrchr */
#include "collect/text_stream.h"

#include "base/cp932.h"
#include "format/csv.h"
#include "format/cut.h"
#include "format/json_scan.h"

#include <stdlib.h>

#define RAW_BYTES (64u * 1024u)

SekStatus sek_text_stream_begin(SekTextStream *s, const SekTextForm *form, SekArena *keep) {
    *s = (SekTextStream){.form = *form, .keep = keep};
    sek_buf_init(&s->carry, SEK_UNIT_MAX + SEK_UNIT_BYTES);
    sek_buf_init(&s->decoded, 4 * RAW_BYTES);
    if (form->encoding == SEK_TEXT_UTF8)
        return SEK_OK;
    s->raw = malloc(RAW_BYTES);
    return s->raw ? SEK_OK : SEK_ERR_MEMORY;
}

void sek_text_stream_end(SekTextStream *s) {
    free(s->raw);
    if (s->keep) {
        sek_buf_deinit(&s->carry);
        sek_buf_deinit(&s->decoded);
    }
    *s = (SekTextStream){0};
}

/* --- reading ----------------------------------------------------------------------------------- */

typedef struct Fill {
    SekTextStream *s;
    SekUnit *unit;
    SekTextRead read;
    void *user;
    SekStatus problem;
    SekError *err;
} Fill;

static size_t cap_of(const SekUnit *unit) {
    return unit->cap ? unit->cap : SEK_UNIT_BYTES;
}

static SekStatus grow(SekUnit *unit, size_t cap) {
    if (cap <= cap_of(unit))
        return SEK_OK;
    uint8_t *grown = realloc(unit->bytes, cap);
    if (!grown)
        return SEK_ERR_MEMORY;
    unit->bytes = grown;
    unit->cap = cap;
    return SEK_OK;
}

static size_t read_bytes(Fill *f, uint8_t *out, size_t len) {
    size_t n = 0;
    SekStatus status = f->read(f->user, out, len, &n, f->err);
    if (status != SEK_OK)
        f->problem = status;
    if (status != SEK_OK || n < len)
        f->s->ended = true;
    f->s->evidence += n;
    return n;
}

/* Bytes at the end of `raw` that belong to a character whose rest has not come yet. */
static size_t incomplete(const SekTextStream *s, size_t n) {
    if (s->form.encoding == SEK_TEXT_CP1252)
        return 0;
    if (s->form.encoding == SEK_TEXT_CP932)
        return s->ended ? 0 : n - sek_cp932_whole(s->raw, n);
    size_t odd = n % 2;
    if (n < 2 + odd || s->ended)
        return odd;
    size_t last = n - odd - 2;
    uint8_t high = s->raw[s->form.encoding == SEK_TEXT_UTF16LE ? last + 1 : last];
    return (high & 0xFC) == 0xD8 ? odd + 2 : odd;
}

static SekStatus read_encoded(Fill *f, size_t room) {
    SekTextStream *s = f->s;
    bool bytes = s->form.encoding == SEK_TEXT_CP932 || s->form.encoding == SEK_TEXT_CP1252;
    room /= bytes ? 3 : 2; /* two bytes of UTF-16, or one, become three at most */
    size_t want = room < RAW_BYTES ? room : RAW_BYTES;
    size_t n = s->n_raw + read_bytes(f, s->raw + s->n_raw, want - s->n_raw);
    size_t skip = s->started ? 0 : s->form.mark;
    size_t keep = incomplete(s, n);
    sek_buf_clear(&s->decoded);
    if (n > skip + keep)
        sek_text_decode(s->form.encoding, s->raw + skip, n - skip - keep, &s->decoded);
    if (s->decoded.failed)
        return s->decoded.failed;
    if (s->decoded.len)
        memcpy(f->unit->bytes + f->unit->len, s->decoded.data, s->decoded.len);
    f->unit->len += s->decoded.len;
    memmove(s->raw, s->raw + n - keep, keep);
    s->n_raw = keep;
    return SEK_OK;
}

static void read_utf8(Fill *f, size_t room) {
    SekUnit *unit = f->unit;
    size_t n = read_bytes(f, unit->bytes + unit->len, room), skip = f->s->started ? 0 : f->s->form.mark;
    if (skip && n >= skip) {
        memmove(unit->bytes + unit->len, unit->bytes + unit->len + skip, n - skip);
        f->s->offset += skip;
        n -= skip;
    }
    unit->len += n;
}

#define LEAST_ROOM 64u /* for UTF-16: room for a character, whatever is kept */

static SekStatus read_up_to(Fill *f, size_t target) {
    while (!f->s->ended && f->unit->len + LEAST_ROOM <= target) {
        SekStatus status = SEK_OK;
        if (f->s->form.encoding == SEK_TEXT_UTF8)
            read_utf8(f, target - f->unit->len);
        else
            status = read_encoded(f, target - f->unit->len);
        f->s->started = true;
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

/* --- cutting ----------------------------------------------------------------------------------- */

/* How far a unit was looked at, while it grows. */
typedef struct Cut {
    size_t at;  /* looked at */
    size_t end; /* behind the last whole record; 0 = none yet */
    SekJsonScan json;
    int64_t arrays; /* open at `end` */
    SekCsvCut csv;
    uint64_t records;
    bool too_long; /* the last record goes on */
} Cut;

static SekStr text_of(const SekUnit *unit) {
    return sek_str_n((const char *)unit->bytes, unit->len);
}

static bool is_end_tag(SekStr s, size_t at) {
    SekStr tag = SEK_STR("</Event>");
    return s.len - at >= tag.len && memcmp(s.ptr + at, tag.ptr, tag.len) == 0;
}

typedef enum { INNER_TAG, RECORD_TAG, UNKNOWN_TAG } EndTag;

/* An <Event> may stand inside the data of one; behind its end comes the end of another element. What
 * comes behind that of a record is the next one, or the end of <Events>, or nothing. */
static EndTag end_tag(SekStr s, size_t at) {
    at += SEK_STR("</Event>").len;
    while (at < s.len && (s.ptr[at] == ' ' || s.ptr[at] == '\t' || s.ptr[at] == '\r' || s.ptr[at] == '\n'))
        at++;
    SekStr rest = sek_str_n(s.ptr + at, s.len - at), end_of_all = SEK_STR("</Events");
    if (rest.len < end_of_all.len)
        return UNKNOWN_TAG;
    return !sek_str_starts(rest, SEK_STR("</")) || sek_str_starts(rest, end_of_all) ? RECORD_TAG : INNER_TAG;
}

static size_t cut_xml(SekStr s) {
    for (size_t end = s.len; end > 0;) {
        const char *tag = memrchr(s.ptr, '<', end);
        if (!tag)
            return 0;
        end = (size_t)(tag - s.ptr);
        if (is_end_tag(s, end) && end_tag(s, end) == RECORD_TAG)
            return end + SEK_STR("</Event>").len;
    }
    return 0;
}

static void cut_json(SekStr s, Cut *cut) {
    size_t start;
    while (sek_json_scan_record(&cut->json, s, &cut->at, &start)) {
        cut->end = cut->at;
        cut->arrays = cut->json.arrays;
        cut->records++;
    }
}

static void cut_csv(SekStr s, Cut *cut) {
    sek_cut_csv(&cut->csv, s, cut->at, sek_cut_csv_best());
    cut->at = s.len;
    cut->end = cut->csv.end;
    cut->records = cut->csv.records;
}

static void find_cut(const SekTextStream *s, const SekUnit *unit, Cut *cut) {
    SekStr text = text_of(unit);
    const char *line_end;
    switch (s->form.kind) {
    case SEK_UNIT_JSON_LINES:
        line_end = text.len ? memrchr(text.ptr, '\n', text.len) : NULL;
        cut->end = line_end ? (size_t)(line_end - text.ptr) + 1 : 0;
        return;
    case SEK_UNIT_JSON:
        cut_json(text, cut);
        return;
    case SEK_UNIT_XML:
        cut->end = cut_xml(text);
        return;
    default:
        cut_csv(text, cut);
        return;
    }
}

static uint64_t count_lines(SekStr s) {
    uint64_t n = 0;
    for (size_t at = 0; at < s.len;) {
        while (at < s.len && sek_json_is_between(s.ptr[at]))
            at++;
        if (at == s.len)
            break;
        n++;
        const char *end = memchr(s.ptr + at, '\n', s.len - at);
        at = end ? (size_t)(end - s.ptr) + 1 : s.len;
    }
    return n;
}

/* Units end where records end, so the last tag of one is a record's. */
static uint64_t count_end_tags(SekStr s) {
    uint64_t n = 0;
    SekCutXml wide = sek_cut_xml_best();
    for (size_t at = 0; (at = sek_cut_xml(s, at, wide)) < s.len; at += SEK_STR("</Event>").len)
        n += end_tag(s, at) != INNER_TAG;
    return n;
}

/* Records of a unit, for those that have no number of their own. */
static uint64_t count_records(const SekTextStream *s, const SekUnit *unit, const Cut *cut) {
    switch (s->form.kind) {
    case SEK_UNIT_JSON_LINES:
        return count_lines(text_of(unit));
    case SEK_UNIT_XML:
        return count_end_tags(text_of(unit));
    default:
        return cut->records;
    }
}

/* --- units ------------------------------------------------------------------------------------- */

static void remove_head(Fill *f, size_t n) {
    SekUnit *unit = f->unit;
    memmove(unit->bytes, unit->bytes + n, unit->len - n);
    unit->len -= n;
    f->s->offset += n;
}

/* Drops what is left of a record that was too long. */
static SekStatus drop_rest(Fill *f) {
    SekTextStream *s = f->s;
    bool lines = s->form.kind != SEK_UNIT_JSON;
    SekStr mark = lines ? SEK_STR("\n") : SEK_STR("\n{");
    while (s->drop) {
        ptrdiff_t found = sek_str_find(text_of(f->unit), mark);
        if (found >= 0) {
            remove_head(f, (size_t)found + 1);
            s->drop = false;
        } else if (s->ended) {
            remove_head(f, f->unit->len);
            break;
        } else {
            bool half = f->unit->len && f->unit->bytes[f->unit->len - 1] == '\n';
            remove_head(f, f->unit->len - half);
            SekStatus status = read_up_to(f, SEK_UNIT_BYTES);
            if (status != SEK_OK)
                return status;
        }
    }
    return SEK_OK;
}

static SekStatus take_header(Fill *f) {
    SekTextStream *s = f->s;
    SekCsvScan scan = {0};
    size_t start = s->form.skip < f->unit->len ? s->form.skip : f->unit->len, end = start;
    (void)sek_csv_scan_record(&scan, text_of(f->unit), &end); /* a file may be its header alone */
    s->header = sek_arena_dup(s->keep, sek_str_n((const char *)f->unit->bytes + start, end - start));
    if (!s->header.ptr)
        return SEK_ERR_MEMORY;
    remove_head(f, end);
    return SEK_OK;
}

/* What was carried over, and as much as a unit holds. */
static SekStatus first_fill(Fill *f) {
    SekTextStream *s = f->s;
    SekUnit *unit = f->unit;
    unit->len = s->carry.len;
    SekStatus status = grow(unit, s->carry.len + LEAST_ROOM);
    if (status != SEK_OK)
        return status;
    if (s->carry.len)
        memcpy(unit->bytes, s->carry.data, s->carry.len);
    sek_buf_clear(&s->carry);
    if (unit->len < SEK_UNIT_BYTES)
        status = read_up_to(f, SEK_UNIT_BYTES);
    if (status == SEK_OK && s->form.kind == SEK_UNIT_CSV && !s->header.ptr)
        status = take_header(f);
    if (status == SEK_OK && s->drop)
        status = drop_rest(f);
    return status;
}

/* Fills until a record ends. */
static SekStatus fill_records(Fill *f, Cut *cut) {
    size_t target = SEK_UNIT_BYTES;
    for (;;) {
        find_cut(f->s, f->unit, cut);
        if (f->s->ended) {
            cut->records += cut->end < f->unit->len;
            cut->end = f->unit->len;
            cut->arrays = cut->json.arrays;
        }
        if (cut->end || f->s->ended)
            return SEK_OK;
        if (f->unit->len + LEAST_ROOM > SEK_UNIT_MAX) {
            f->s->drop = f->s->form.kind != SEK_UNIT_XML; /* there the next start tag is found anyway */
            cut->end = f->unit->len;
            cut->records++;
            cut->too_long = true;
            return SEK_OK;
        }
        while (target < f->unit->len + LEAST_ROOM) /* up to SEK_UNIT_MAX, a power of two times this */
            target *= 2;
        SekStatus status = grow(f->unit, target);
        if (status == SEK_OK)
            status = read_up_to(f, target);
        if (status != SEK_OK)
            return status;
    }
}

/* --- what stands around records ---------------------------------------------------------------- */

/* Behind blanks, and in XML behind its declaration and comments. */
static size_t skip_prolog(SekStr s, bool xml) {
    for (size_t at = 0;;) {
        while (at < s.len && (s.ptr[at] == ' ' || s.ptr[at] == '\t' || s.ptr[at] == '\r' || s.ptr[at] == '\n'))
            at++;
        SekStr rest = sek_str_n(s.ptr + at, s.len - at);
        bool comment = sek_str_starts(rest, SEK_STR("<!--"));
        if (!xml || !(comment || sek_str_starts(rest, SEK_STR("<?"))))
            return at;
        SekStr mark = comment ? SEK_STR("-->") : SEK_STR("?>");
        ptrdiff_t found = sek_str_find(rest, mark);
        if (found < 0)
            return s.len;
        at += (size_t)found + mark.len;
    }
}

static bool begins_enclosed(const SekTextStream *s, SekStr text) {
    bool xml = s->form.kind == SEK_UNIT_XML;
    size_t at = skip_prolog(text, xml);
    SekStr rest = sek_str_n(text.ptr + at, text.len - at);
    if (xml)
        return sek_str_starts(rest, SEK_STR("<Events>")) || sek_str_starts(rest, SEK_STR("<Events "));
    return s->form.kind == SEK_UNIT_JSON && sek_str_starts(rest, SEK_STR("["));
}

/* Notes what is still open behind the last unit. The end of <Events> stands in no unit but that: a unit is
 * cut right behind a record. */
static void note_enclosure(SekTextStream *s, const SekUnit *unit, const Cut *cut) {
    SekStr text = text_of(unit);
    if (s->offset <= s->form.mark)
        s->encloses = begins_enclosed(s, text);
    s->arrays += cut->arrays;
    if (!s->encloses || !s->ended || s->carry.len || s->failed)
        return;
    if (s->form.kind == SEK_UNIT_JSON && s->arrays > 0)
        s->open = "the file ends inside an array";
    if (s->form.kind == SEK_UNIT_XML && sek_str_find(text, SEK_STR("</Events")) < 0)
        s->open = "the file ends inside <Events>";
}

SekStatus sek_text_stream_unit(SekTextStream *s, SekUnit *unit, SekTextRead read, void *user,
                               SekStatus *problem, SekError *err) {
    Fill f = {.s = s, .unit = unit, .read = read, .user = user, .err = err};
    Cut cut = {0};
    *problem = SEK_OK;
    SekStatus status = first_fill(&f);
    if (status == SEK_OK)
        status = fill_records(&f, &cut);
    *problem = f.problem;
    s->failed |= f.problem != SEK_OK;
    if (status != SEK_OK)
        return status;
    if (cut.end == 0)
        return SEK_END;
    sek_buf_add(&s->carry, unit->bytes + cut.end, unit->len - cut.end);
    if (s->carry.failed)
        return s->carry.failed;
    unit->len = cut.end;
    unit->kind = s->form.kind;
    unit->offset = s->offset;
    unit->evidence = s->evidence;
    unit->first_record = s->records;
    unit->header = s->header;
    unit->dates = s->form.dates;
    unit->converted = s->form.encoding == SEK_TEXT_CP932;
    unit->cut = cut.too_long;
    unit->loaded = true;
    note_enclosure(s, unit, &cut);
    s->records += count_records(s, unit, &cut);
    s->offset += unit->len;
    s->evidence = 0;
    return SEK_OK;
}
