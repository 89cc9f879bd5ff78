/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of CSV and records of XML that are almost of a known shape. What is read along known jumps, with and without wide
 * registers, must be what the thorough parser reads at the same place; and a file must give the same events by a reader
 * that knows nothing and one that knows all, in whatever encoding it is.
 *
 * usage: test_span_random [--records N] [--seed N] */
#include "property/span_text.h"

#include "base/utf.h"
#include "collect/text_stream.h"
#include "event/text_csv.h"
#include "event/text_json.h"
#include "event/text_xml.h"
#include "format/csv.h"
#include "format/cut.h"

#include <stdio.h>
#include <stdlib.h>

#define RECORDS_OF_FILE 8u
#define FORMS 3u

/* --- records --------------------------------------------------------------------------------- */

/* One way to read along jumps, and the thorough one beside it on the same trail. */
typedef struct Way {
    SekTextRecord known, thorough;
    SekTrail *trail;
    SekArena arena;
    SekSpans spans;
    SekTextCsv csv;
    uint64_t n_known;
} Way;

static void open_way(Way *w, SekSpanForm form) {
    *w = (Way){0};
    sek_arena_init(&w->arena, 0);
    sek_spans_init(&w->spans);
    w->spans.form = form;
    sek_text_csv_init(&w->csv);
    if (sek_trail_new(&w->trail) != SEK_OK || sek_text_json_new(&w->thorough.json) != SEK_OK ||
        sek_text_values_room(&w->known.values, 64) != SEK_OK)
        abort();
    w->known.trail = w->thorough.trail = w->trail;
    w->known.arena = w->thorough.arena = &w->arena;
}

static void close_way(Way *w) {
    sek_trail_free(w->trail);
    sek_text_json_free(w->thorough.json);
    sek_arena_deinit(&w->arena);
    sek_spans_deinit(&w->spans);
    sek_text_csv_deinit(&w->csv);
    sek_text_values_free(&w->known.values);
    sek_text_values_free(&w->thorough.values);
}

/* Begins anew before so many shapes are known that others are read in the other way. */
static void limit_way(Way *w) {
    SekSpanForm form = w->spans.form;
    uint64_t n_known = w->n_known;
    if (w->csv.n_sparse < SEK_CSV_MAX_SPARSE / 2)
        return;
    close_way(w);
    open_way(w, form);
    w->n_known = n_known;
}

static bool differ(const char *what, SekStr text) {
    (void)fprintf(stderr, "%s in:\n%.*s\n", what, (int)text.len, text.ptr);
    return false;
}

/* Compares what was read; `used`, `end`: how far. */
static bool agree(Way *w, uint32_t node, size_t used, size_t end, SekStr text) {
    w->n_known++;
    if (used != end)
        return differ("another end", text);
    if (w->trail->left || w->trail->at != node || w->thorough.left_out)
        return differ("other steps", text);
    return sek_same_values(&w->known.values, &w->thorough.values, false) || differ("other values", text);
}

static bool check_xml(Way *w, SekStr text) {
    size_t used = 0, end = 0;
    SekError err = {0};
    sek_arena_reset(&w->arena);
    sek_spans_start(&w->spans);
    sek_text_begin(&w->known, SEK_ROOT_XML);
    bool known = sek_span_xml(&w->spans, text, &w->known, &used);
    uint32_t node = w->trail->at;
    sek_text_begin(&w->thorough, SEK_ROOT_XML);
    SekStatus status = sek_text_xml_read(text, 0, &w->thorough, &end, &err);
    if (known && status != SEK_OK)
        return differ("known, but it cannot be read", text);
    return !known || agree(w, node, used, end, text);
}

static bool check_csv(Way *w, SekStr header, SekStr text) {
    size_t used = 0, end = 0;
    SekCsvScan scan = {0};
    limit_way(w);
    if (sek_text_csv_header(&w->csv, header) != SEK_OK)
        abort();
    sek_arena_reset(&w->arena);
    sek_spans_start(&w->spans);
    sek_text_begin(&w->known, SEK_ROOT_CSV);
    bool known = sek_text_csv_known(&w->csv, &w->spans, text, &w->known, &used);
    uint32_t node = w->trail->at;
    bool whole = sek_csv_scan_record(&scan, text, &end);
    sek_text_begin(&w->thorough, SEK_ROOT_CSV);
    if (sek_text_csv_read(&w->csv, sek_str_n(text.ptr, end), whole, &w->thorough) != SEK_OK)
        abort();
    void **plan = sek_trail_plan(w->trail);
    if (plan)
        *plan = w; /* the shape counts as known */
    if (known && !whole)
        return differ("known, but it does not end", text);
    return !known || agree(w, node, used, end, text);
}

/* --- files ------------------------------------------------------------------------------------ */

typedef struct Test {
    SekGen gen;
    SekBuf record, file, encoded;
    SekReader *known, *dense; /* the latter takes no sparse rows */
    Way ways[FORMS];
    unsigned n_ways;
    uint64_t n_records;
} Test;

typedef struct Pieces {
    SekStr bytes;
    size_t at;
} Pieces;

static SekStatus read_piece(void *user, uint8_t *out, size_t len, size_t *out_n, SekError *err) {
    (void)err;
    Pieces *p = user;
    size_t n = p->bytes.len - p->at < len ? p->bytes.len - p->at : len;
    memcpy(out, p->bytes.ptr + p->at, n);
    p->at += n;
    *out_n = n;
    return SEK_OK;
}

/* The events of a file. */
static void see_file(SekReader *reader, SekTextForm form, SekStr bytes, SekSeen *seen) {
    SekArena keep;
    SekTextStream stream;
    Pieces pieces = {.bytes = bytes};
    SekUnit unit = {.bytes = malloc(SEK_UNIT_BYTES)};
    SekStatus problem;
    SekError err = {0};
    sek_arena_init(&keep, 0);
    if (!unit.bytes || sek_text_stream_begin(&stream, &form, &keep) != SEK_OK)
        abort();
    while (sek_text_stream_unit(&stream, &unit, read_piece, &pieces, &problem, &err) == SEK_OK)
        sek_see_loaded(reader, &unit, seen);
    sek_text_stream_end(&stream);
    sek_arena_deinit(&keep);
    free(unit.bytes);
}

/* A reader that has seen as many headers as may have sparse rows. */
static SekReader *open_dense(void) {
    SekReaderOptions options = {0};
    SekReader *reader;
    SekSeen seen = {0};
    if (sek_reader_new(&options, &reader) != SEK_OK)
        abort();
    char headers[SEK_CSV_MAX_HEADERS][32]; /* told apart by where they stand */
    for (unsigned i = 0; i < SEK_CSV_MAX_HEADERS; i++) {
        (void)snprintf(headers[i], sizeof headers[i], "EventID,Channel,C%u\n", i); /* it fits */
        sek_see_unit(reader, &(SekUnit){.kind = SEK_UNIT_CSV, .header = sek_str(headers[i])}, SEK_STR("1,x,y\n"), &seen);
    }
    return reader;
}

/* The file as it is in another encoding; false when it cannot be. */
static bool encode(SekStr text, SekTextEncoding encoding, SekTextForm *form, SekBuf *out) {
    form->encoding = encoding;
    form->mark = encoding == SEK_TEXT_CP932 ? 0 : encoding == SEK_TEXT_UTF8 ? 3 : 2;
    sek_buf_clear(out);
    if (encoding == SEK_TEXT_CP932)
        return sek_span_gen_cp932(text, out);
    bool big = encoding == SEK_TEXT_UTF16BE;
    if (encoding == SEK_TEXT_UTF8)
        sek_buf_adds(out, "\xEF\xBB\xBF");
    else
        sek_buf_adds(out, big ? "\xFE\xFF" : "\xFF\xFE");
    if (encoding == SEK_TEXT_UTF8)
        sek_buf_add_str(out, text);
    else
        sek_gen_utf16(text, big, out);
    return true;
}

static bool check_file(Test *t, SekUnitKind kind) {
    SekStr text = sek_buf_str(&t->file);
    SekReaderOptions options = {0};
    SekReader *fresh;
    SekTextForm form = {.kind = kind};
    SekSeen first = {.damages = true}, again[2] = {first, first};
    if (sek_reader_new(&options, &fresh) != SEK_OK)
        abort();
    see_file(fresh, form, text, &first);
    sek_reader_free(fresh);
    for (unsigned i = 0; i < 2; i++) {
        see_file(t->known, form, text, &again[i]);
        if (!sek_same_seen(&first, &again[i]))
            return differ(i ? "other events, all known" : "other events", text);
    }
    SekSeen dense = {.damages = true};
    see_file(t->dense, form, text, &dense);
    if (!sek_same_seen(&first, &dense))
        return differ("other events, read densely", text);
    SekSeen anywhere = {.anywhere = true};
    see_file(t->known, form, text, &anywhere);
    for (SekTextEncoding e = SEK_TEXT_UTF8; sek_utf8_valid(text) && e <= SEK_TEXT_CP932; e++) {
        SekSeen seen = {.anywhere = true};
        if (!encode(text, e, &form, &t->encoded))
            continue;
        see_file(t->known, form, sek_buf_str(&t->encoded), &seen);
        if (!sek_same_seen(&anywhere, &seen))
            return differ("other events in another encoding", text);
    }
    return true;
}

/* --- cuts ------------------------------------------------------------------------------------- */

static bool check_cuts(Test *t) {
    SekStr text = sek_buf_str(&t->file);
    SekCutCsv csv[] = {sek_cut_csv_avx2(), sek_cut_csv_avx512()};
    SekCutXml xml[] = {sek_cut_xml_avx2(), sek_cut_xml_avx512()};
    SekCsvCut plain = {0};
    size_t from = sek_gen_below(&t->gen, (uint32_t)text.len + 1), tag = sek_cut_xml(text, from, NULL);
    sek_cut_csv(&plain, text, from, NULL);
    for (unsigned i = 0; i < 2; i++) {
        SekCsvCut wide = {0};
        sek_cut_csv(&wide, text, from, csv[i]);
        if (wide.in_quotes != plain.in_quotes || wide.records != plain.records || wide.end != plain.end)
            return differ("other ends of rows", text);
        if (sek_cut_xml(text, from, xml[i]) != tag)
            return differ("another end tag", text);
    }
    return true;
}

/* --- all --------------------------------------------------------------------------------------- */

/* One record, with what may stand behind it, at any place of a block. */
static bool check_record(Test *t, bool xml, uint32_t header) {
    sek_buf_clear(&t->encoded);
    for (unsigned i = sek_gen_below(&t->gen, 64); i > 0; i--)
        sek_buf_addc(&t->encoded, ' ');
    size_t begin = t->encoded.len;
    sek_buf_add_str(&t->encoded, sek_buf_str(&t->record));
    for (unsigned i = sek_gen_below(&t->gen, 6); i > 0; i--)
        sek_buf_adds(&t->encoded, xml ? "<Event><System><EventID>1</EventID></System></Event>\n" : "a,b,c,d,e,f,g,h,i,j\n");
    size_t len = t->encoded.len - begin;
    char *exact = malloc(len + 1); /* so that reading beyond it is noticed */
    if (!exact)
        abort();
    memcpy(exact, t->encoded.data + begin, len);
    SekStr text = {exact, len};
    bool ok = true;
    for (unsigned i = 0; ok && len && i < t->n_ways; i++)
        ok = xml ? exact[0] != '<' || check_xml(&t->ways[i], text)
                 : exact[0] == '\n' || exact[0] == '\r' || check_csv(&t->ways[i], sek_span_gen_header(header), text);
    t->n_records++;
    free(exact);
    return ok;
}

static bool check(Test *t) {
    bool xml = sek_gen_chance(&t->gen, 50);
    uint32_t header = sek_gen_below(&t->gen, SEK_SPAN_HEADERS);
    sek_buf_clear(&t->file);
    if (!xml)
        sek_buf_add_str(&t->file, sek_span_gen_header(header));
    for (unsigned i = 0; i < RECORDS_OF_FILE; i++) {
        if (xml)
            sek_span_gen_xml(&t->gen, &t->record);
        else
            sek_span_gen_csv(&t->gen, header, &t->record);
        if (!check_record(t, xml, header))
            return false;
        sek_buf_add_str(&t->file, sek_buf_str(&t->record));
    }
    return check_cuts(t) && check_file(t, xml ? SEK_UNIT_XML : SEK_UNIT_CSV);
}

int main(int argc, char **argv) {
    Test *t = calloc(1, sizeof *t);
    unsigned long records = 30000, seed = 1;
    for (int i = 1; i + 1 < argc; i += 2)
        *(strcmp(argv[i], "--seed") == 0 ? &seed : &records) = strtoul(argv[i + 1], NULL, 10);
    SekReaderOptions options = {0};
    SekSpanForm form;
    if (!t || sek_reader_new(&options, &t->known) != SEK_OK)
        return 2;
    t->dense = open_dense();
    sek_gen_init(&t->gen, seed);
    sek_buf_init(&t->record, SEK_SEEN_TEXT);
    sek_buf_init(&t->file, SEK_SEEN_TEXT);
    sek_buf_init(&t->encoded, SEK_SEEN_TEXT);
    open_way(&t->ways[t->n_ways++], sek_span_form_plain());
    if (sek_span_form_avx2(&form))
        open_way(&t->ways[t->n_ways++], form);
    if (sek_span_form_avx512(&form))
        open_way(&t->ways[t->n_ways++], form);
    bool ok = true;
    while (ok && t->n_records < records)
        ok = check(t);
    for (unsigned i = 0; i < t->n_ways; i++) {
        bool often = t->ways[i].n_known * 4 > t->n_records; /* else this would say nothing */
        if (ok && !often)
            (void)fprintf(stderr, "only %llu of %llu records were known\n", (unsigned long long)t->ways[i].n_known,
                          (unsigned long long)t->n_records);
        ok = ok && often;
        close_way(&t->ways[i]);
    }
    sek_buf_deinit(&t->record);
    sek_buf_deinit(&t->file);
    sek_buf_deinit(&t->encoded);
    sek_gen_deinit(&t->gen);
    sek_reader_free(t->known);
    sek_reader_free(t->dense);
    free(t);
    return ok ? 0 : 1;
}
