/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: any bytes as a file of events in text. The first byte says how: as a unit of one format,
 * or as a file whose format is found and which arrives in pieces. Beside not crashing, what comes out must
 * keep the promises that rules and outputs rely on: values are valid UTF-8, JSON can be parsed, XML can
 * be read, offsets lie in the input and rise, and a unit gives the same events when it is read again.
 *
 *   clang -fsanitize=fuzzer,address,undefined -Iinclude -Isrc test/fuzz/fuzz_text.c <libraries>
 */

#include "base/utf.h"
#include "collect/text_stream.h"
#include "event/reader.h"
#include "format/xml_pull.h"

#include <stdlib.h>
#include <yyjson.h>

#define TEXT_MAX (64u << 20)

static void require(bool condition) {
    if (!condition)
        abort();
}

typedef struct Check {
    SekReader *reader;
    SekBuf text;
    unsigned rendered;
    uint64_t digest; /* of all events: places, names, values */
} Check;

static void check_fields(Check *c, const SekEvent *event) {
    for (uint32_t i = 0; i < event->shape->n_fields; i++) {
        SekValue value;
        SekStatus status = sek_event_value(event, &event->shape->fields[i], &value);
        require(status == SEK_OK || status == SEK_NOT_FOUND);
        require(event->shape->fields[i].name.len > 0 || event->shape->fields[i].name.ptr);
        if (status != SEK_OK)
            continue;
        sek_buf_clear(&c->text);
        sek_value_text(value, &c->text);
        require(c->text.failed == SEK_OK && sek_utf8_valid(sek_buf_str(&c->text)));
        uint64_t name = sek_str_hash(event->shape->fields[i].name);
        c->digest = (c->digest ^ name ^ sek_str_hash(sek_buf_str(&c->text)) << 1) * 0x9E3779B97F4A7C15u;
    }
}

static void check_json(Check *c) {
    sek_buf_clear(&c->text);
    require(!sek_is_fatal(sek_reader_json(c->reader, &c->text)));
    yyjson_read_err err;
    yyjson_doc *doc = yyjson_read_opts(c->text.data, c->text.len, 0, NULL, &err);
    require(doc != NULL);
    yyjson_doc_free(doc);
}

static void check_xml(Check *c) {
    sek_buf_clear(&c->text);
    require(!sek_is_fatal(sek_reader_xml(c->reader, &c->text)));
    SekArena arena;
    sek_arena_init(&arena, 0);
    SekXmlPull pull;
    SekXmlToken token;
    SekError err = {0};
    sek_xml_start(&pull, sek_buf_str(&c->text), 0, &arena);
    SekStatus status;
    while ((status = sek_xml_next(&pull, &token, &err)) == SEK_OK)
        continue;
    require(status == SEK_END && pull.at == c->text.len);
    sek_arena_deinit(&arena);
}

/* Reads a unit; `*last` is the lowest offset that its next record may have. */
static void read_unit(Check *c, const SekUnit *unit, uint64_t *last) {
    SekEvent event;
    SekStatus status;
    sek_reader_start(c->reader, unit);
    while ((status = sek_reader_next(c->reader, &event)) == SEK_OK) {
        require(event.offset >= *last && event.offset < unit->offset + unit->len);
        *last = event.offset + 1;
        c->digest = (c->digest ^ sek_event_id(&event) ^ event.offset << 16) * 0x9E3779B97F4A7C15u;
        check_fields(c, &event);
        if (c->rendered++ < 64) { /* often enough; parsing all again costs more than reading */
            check_json(c);
            check_xml(c);
        }
    }
    require(status == SEK_END);
}

typedef struct Pieces {
    const uint8_t *data;
    size_t size, at;
} Pieces;

static SekStatus read_piece(void *user, uint8_t *out, size_t len, size_t *out_n, SekError *err) {
    (void)err;
    Pieces *p = user;
    size_t n = p->size - p->at < len ? p->size - p->at : len;
    if (n)
        memcpy(out, p->data + p->at, n);
    p->at += n;
    *out_n = n;
    return SEK_OK;
}

static void as_file(Check *c, const uint8_t *data, size_t size) {
    SekTextForm form;
    SekFormAnswer answer;
    require(sek_text_form(data, size, &form, &answer) == SEK_OK);
    if (answer == SEK_FORM_OTHER || answer == SEK_FORM_OPEN_HEADER)
        return;
    SekArena keep;
    SekTextStream stream;
    Pieces pieces = {.data = data, .size = size};
    SekUnit unit = {.bytes = malloc(SEK_UNIT_BYTES)};
    SekStatus problem, status;
    SekError err = {0};
    uint64_t last = 0;
    size_t evidence = 0;
    sek_arena_init(&keep, 0);
    require(unit.bytes && sek_text_stream_begin(&stream, &form, &keep) == SEK_OK);
    while ((status = sek_text_stream_unit(&stream, &unit, read_piece, &pieces, &problem, &err)) == SEK_OK) {
        require(problem == SEK_OK && unit.len > 0);
        evidence += unit.evidence;
        read_unit(c, &unit, &last);
    }
    require(status == SEK_END && pieces.at == size && evidence <= size);
    sek_text_stream_end(&stream);
    sek_arena_deinit(&keep);
    free(unit.bytes);
}

static void as_unit(Check *c, SekUnitKind kind, const uint8_t *data, size_t size) {
    SekUnit unit = {.kind = kind, .evidence = size, .loaded = true};
    const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
    size_t header = kind == SEK_UNIT_CSV && line ? (size_t)(line - data) + 1 : 0;
    unit.header = sek_str_n((const char *)data, header);
    unit.len = size - header;
    unit.bytes = malloc(unit.len ? unit.len : 1);
    require(unit.bytes != NULL);
    if (unit.len)
        memcpy(unit.bytes, data + header, unit.len);
    uint64_t digests[2];
    for (unsigned i = 0; i < 2; i++) { /* the second time, shapes are known: other code, the same events */
        uint64_t last = 0;
        c->digest = 0;
        read_unit(c, &unit, &last);
        digests[i] = c->digest;
    }
    require(digests[0] == digests[1]);
    free(unit.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const SekUnitKind kinds[] = {SEK_UNIT_JSON_LINES, SEK_UNIT_JSON, SEK_UNIT_XML, SEK_UNIT_CSV};
    if (size == 0)
        return 0;
    Check c = {0};
    SekReaderOptions options = {0};
    require(sek_reader_new(&options, &c.reader) == SEK_OK);
    sek_buf_init(&c.text, TEXT_MAX);
    unsigned how = data[0] % 8;
    if (how < 4)
        as_unit(&c, kinds[how], data + 1, size - 1);
    else
        as_file(&c, data + 1, size - 1);
    sek_buf_deinit(&c.text);
    sek_reader_free(c.reader);
    return 0;
}
