/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of JSON that are almost of a known shape, read three ways: by a reader that sees each for the first time, by one
 * that knows the shapes, and along the trail with and without wide registers. All must find the same.
 *
 * usage: test_json_random [--lines N] [--seed N] */
#include "property/seen.h"

#include "event/text_json.h"
#include "event/text_json_follow.h"

#include <stdio.h>
#include <stdlib.h>

#define LINES_OF_UNIT 6u
#define EVENT "{\"Event\":{\"System\":{\"Provider\":{\"#attributes\":{\"Name\":\"P\"}},\"EventID\":"
#define DATA "\"},\"Channel\":\"Security\",\"Correlation\":null,\"Computer\":\"pc\"},\"EventData\":{"

static const char *const shapes[] = {
    EVENT "1,\"TimeCreated\":{\"SystemTime\":\"2024-01-02T03:04:05.678Z" DATA "\"Image\":\"C:\\\\Windows\\\\System32\\\\a.exe\",\"N\":12}}}",
    EVENT "1,\"TimeCreated\":{\"SystemTime\":\"2024-01-02T03:04:05.678Z" DATA "\"Image\":\"b\",\"N\":\"12\",\"Long\":\"0123456789abcdef0123456789abcdef0123456789abcdef\"}}}",
    EVENT "{\"#text\":4688,\"Qualifiers\":0},\"X\":{\"Y\":\"" DATA "\"Data\":[\"a\",\"b\",3,true,null,{\"Z\":[]}]}}}",
    EVENT "5,\"X\":{\"Y\":\"" DATA "\"Data\":[{\"@Name\":\"A\",\"#text\":\"1\"},{\"@Name\":\"B\",\"#text\":\"x\\ty\"}]}}}",
    "{\"winlog\":{\"channel\":\"Security\",\"event_id\":\"4624\",\"event_data\":{\"LogonType\":\"3\",\"k\xC3\xA9y\":\"v\xC3\xA9\"}},\"@timestamp\":\"2024-01-02T03:04:05Z\"}",
    "{\"EventID\":4624,\"Channel\":\"Security\",\"Message\":\"a\\r\\nb: c\",\"flag\":true,\"off\":false,\"f\":4.50,\"g\":7.0,\"n\":-1}",
    "{ \"EventID\" : 1 ,\t\"Channel\" : \"x\" , \"a\" : { \"b\" : [ ] , \"c\" : { } } , \"a\" : \"again\" }",
    "{\"EventId\":7,\"Channel\":\"x\",\"Provider\":\"P\",\"Payload\":\"{\\\"EventData\\\":{\\\"Data\\\":[{\\\"@Name\\\":\\\"N\\\",\\\"#text\\\":\\\"v\\\"}]}}\"}",
    "{\"EventID\":1,\"Channel\":\"x\",\"EventData\":\"\"}",
};

/* What is written over a shape: bytes that mean something to a reader, and long runs for those that look at many at once. */
static const char *const pieces[] = {
    "\"", "\\", "\\\\", "\\\"", "\\n", "\\u0041", "\\u00e9", "\\ud83d\\ude00", "\\ud83d", "\\u0000", "\\x", "\xC3\xA9", "\xE2\x84\xAA",
    "\xC3", "\xFF", "\xEF\xBF\xBD", "\x01", "\x1F", "\x7F", "\t", "\r", "\n", " ", "{", "}", "[", "]", ",", ":", "0", "9", "-", ".", "e", "E5",
    "1", "00", "true", "false", "null", "\"a\":1,", ",\"a\":1", "\"Image\":\"z\",", "\"EventData\":{", "\"Data\":", "@Name", "{}", "[]",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\",
    "12345678901234567890123456789012345678901234567890",
};

static void change(SekGen *gen, SekBuf *line) {
    size_t at = sek_gen_below(gen, (uint32_t)line->len + 1), left = line->len - at;
    size_t cut = sek_gen_chance(gen, 50) ? sek_gen_below(gen, 4) : 0;
    cut = cut < left ? cut : left;
    if (sek_gen_chance(gen, 10)) { /* a part comes twice, or the line is cut */
        size_t n = sek_gen_below(gen, 40), from = sek_gen_below(gen, (uint32_t)line->len + 1);
        char copy[40];
        n = n < line->len - from ? n : line->len - from;
        memcpy(copy, line->data + from, n);
        sek_splice(line, at, sek_gen_chance(gen, 20) ? left : 0, sek_str_n(copy, n));
        return;
    }
    sek_splice(line, at, cut, sek_str(SEK_GEN_PICK(gen, pieces)));
}

/* A line without its end. */
static void make_line(SekGen *gen, SekBuf *out) {
    sek_buf_clear(out);
    sek_buf_adds(out, SEK_GEN_PICK(gen, shapes));
    for (uint32_t n = sek_gen_chance(gen, 30) ? 0 : 1 + sek_gen_below(gen, 3); n > 0; n--)
        change(gen, out);
}

/* --- events ---------------------------------------------------------------------------------- */

/* Each line by a reader of its own, which knows no shape. */
static void read_apart(SekStr bytes, SekSeen *seen) {
    SekReaderOptions options = {0};
    for (size_t at = 0; at < bytes.len;) {
        const char *end = memchr(bytes.ptr + at, '\n', bytes.len - at);
        size_t len = end ? (size_t)(end - bytes.ptr) + 1 - at : bytes.len - at;
        SekReader *reader;
        if (sek_reader_new(&options, &reader) != SEK_OK)
            abort();
        sek_see_unit(reader, &(SekUnit){.kind = SEK_UNIT_JSON_LINES, .offset = at}, sek_str_n(bytes.ptr + at, len), seen);
        sek_reader_free(reader);
        at += len;
    }
}

static bool check_unit(SekReader *known, SekStr bytes) {
    SekUnit lines = {.kind = SEK_UNIT_JSON_LINES};
    SekSeen apart = {0}, first = {0}, second = {0};
    read_apart(bytes, &apart);
    sek_see_unit(known, &lines, bytes, &first);
    sek_see_unit(known, &lines, bytes, &second);
    if (sek_same_seen(&apart, &first) && sek_same_seen(&apart, &second))
        return true;
    (void)fprintf(stderr, "%llu, %llu, %llu events and %llu, %llu, %llu bad records (new, known, known better) in:\n%.*s\n",
                  (unsigned long long)apart.events, (unsigned long long)first.events, (unsigned long long)second.events,
                  (unsigned long long)apart.bad, (unsigned long long)first.bad, (unsigned long long)second.bad, (int)bytes.len,
                  bytes.ptr);
    return false;
}

/* --- records --------------------------------------------------------------------------------- */

/* One way to read records along their trail. */
typedef struct Way {
    SekTextRecord record;
    SekArena arena;
    SekBuf plain;
    SekJsonForm form;
    SekTextMarks marks;
    bool known;
    size_t used;
} Way;

static void open_way(Way *w, SekJsonForm form) {
    *w = (Way){.form = form};
    sek_arena_init(&w->arena, 0);
    sek_buf_init(&w->plain, SEK_SEEN_TEXT);
    w->record.arena = &w->arena;
    if (sek_trail_new(&w->record.trail) != SEK_OK || sek_text_json_new(&w->record.json) != SEK_OK)
        abort();
}

static void close_way(Way *w) {
    sek_trail_free(w->record.trail);
    sek_text_json_free(w->record.json);
    sek_arena_deinit(&w->arena);
    sek_buf_deinit(&w->plain);
    sek_text_values_free(&w->record.values);
}

/* Reads the line; where it is not known it is learned, if it can be read. */
static void go(Way *w, SekStr line) {
    SekJsonFollow with = {&w->plain, w->form, &w->marks};
    SekError err = {0};
    w->used = 0;
    w->marks.from = NULL;
    sek_arena_reset(&w->arena);
    sek_text_begin(&w->record, SEK_ROOT_JSON_LINES);
    w->known = sek_text_json_follow(line, &w->record, &with, &w->used);
    if (w->known)
        return;
    sek_text_begin(&w->record, SEK_ROOT_JSON_LINES);
    if (sek_text_json_read(line, &w->record, &w->used, &err) != SEK_OK)
        w->record.values.n = 0;
}

static bool check_line(Way *plain, Way *wide, SekStr text) {
    go(wide, text);
    if (plain->known == wide->known && plain->used == wide->used && plain->record.trail->at == wide->record.trail->at &&
        sek_same_values(&plain->record.values, &wide->record.values, plain->known))
        return true;
    (void)fprintf(stderr, "plain and wide differ (%d %zu, %d %zu) in:\n%.*s\n", plain->known, plain->used, wide->known, wide->used,
                  (int)text.len, text.ptr);
    return false;
}

#define WIDE_WAYS 2u

typedef struct Test {
    SekGen gen;
    SekBuf line, unit, text;
    SekReader *known;
    Way plain, wide[WIDE_WAYS];
    unsigned n_wide;
} Test;

/* Wide steps are taken only where much text is left: mostly there are other lines behind. */
static bool check_ways(Test *t) {
    SekStr line = sek_buf_str(&t->line);
    sek_buf_clear(&t->text);
    for (unsigned i = sek_gen_below(&t->gen, 64); i > 0; i--) /* blocks begin anywhere */
        sek_buf_add_str(&t->text, SEK_STR(" "));
    size_t begin = t->text.len;
    sek_buf_add_str(&t->text, line);
    for (unsigned i = sek_gen_below(&t->gen, 8); i > 0; i--)
        sek_buf_adds(&t->text, i % 2 ? "\n" : SEK_GEN_PICK(&t->gen, shapes));
    SekStr text = sek_str_n(t->text.data + begin, t->text.len - begin);
    go(&t->plain, text);
    for (unsigned i = 0; i < t->n_wide; i++)
        if (!check_line(&t->plain, &t->wide[i], text))
            return false;
    return true;
}

static bool check(Test *t) {
    sek_buf_clear(&t->unit);
    for (unsigned i = 0; i < LINES_OF_UNIT; i++) {
        make_line(&t->gen, &t->line);
        if (!check_ways(t))
            return false;
        sek_buf_add_str(&t->unit, sek_buf_str(&t->line));
        sek_buf_adds(&t->unit, sek_gen_chance(&t->gen, 90) ? "\n" : "\r\n");
    }
    if (sek_gen_chance(&t->gen, 20)) /* the last line has no end, or is cut anywhere */
        t->unit.len -= 1 + (sek_gen_chance(&t->gen, 50) ? sek_gen_below(&t->gen, (uint32_t)t->line.len) : 0);
    return check_unit(t->known, sek_buf_str(&t->unit));
}

int main(int argc, char **argv) {
    Test *t = calloc(1, sizeof *t);
    unsigned long lines = 30000, seed = 1;
    for (int i = 1; i + 1 < argc; i += 2)
        *(strcmp(argv[i], "--seed") == 0 ? &seed : &lines) = strtoul(argv[i + 1], NULL, 10);
    SekReaderOptions options = {0};
    SekJsonForm form;
    if (!t || sek_reader_new(&options, &t->known) != SEK_OK)
        return 2;
    sek_gen_init(&t->gen, seed);
    sek_buf_init(&t->line, SEK_SEEN_TEXT);
    sek_buf_init(&t->unit, SEK_SEEN_TEXT);
    sek_buf_init(&t->text, SEK_SEEN_TEXT);
    open_way(&t->plain, sek_json_form_plain());
    if (sek_json_form_avx2(&form))
        open_way(&t->wide[t->n_wide++], form);
    if (sek_json_form_avx512(&form))
        open_way(&t->wide[t->n_wide++], form);
    bool ok = true;
    for (unsigned long n = 0; ok && n < lines; n += LINES_OF_UNIT)
        ok = check(t);
    close_way(&t->plain);
    for (unsigned i = 0; i < t->n_wide; i++)
        close_way(&t->wide[i]);
    sek_buf_deinit(&t->line);
    sek_buf_deinit(&t->unit);
    sek_buf_deinit(&t->text);
    sek_gen_deinit(&t->gen);
    sek_reader_free(t->known);
    free(t);
    return ok ? 0 : 1;
}
