/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/event/text_test.h"

#include <stdlib.h>

void text_begin_bytes(TextTest *t, SekUnitKind kind, SekStr text, const char *header) {
    *t = (TextTest){.unit = {.kind = kind, .len = text.len, .evidence = text.len, .loaded = true}};
    t->unit.bytes = malloc(text.len ? text.len : 1); /* exact, so that reading beyond it is noticed */
    assert_non_null(t->unit.bytes);
    if (text.len)
        memcpy(t->unit.bytes, text.ptr, text.len);
    t->unit.header = sek_str(header);
    SekReaderOptions options = {0};
    assert_int_equal(sek_reader_new(&options, &t->reader), SEK_OK);
    sek_buf_init(&t->text, 64u * 1024u * 1024u);
    sek_reader_start(t->reader, &t->unit);
}

void text_begin(TextTest *t, SekUnitKind kind, const char *text, const char *header) {
    text_begin_bytes(t, kind, sek_str(text), header);
}

void text_end(TextTest *t) {
    sek_reader_free(t->reader);
    sek_buf_deinit(&t->text);
    free(t->unit.bytes);
}

void text_next(TextTest *t) {
    assert_int_equal(sek_reader_next(t->reader, &t->event), SEK_OK);
}

void text_over(TextTest *t, unsigned bad_records) {
    SekEvent event;
    assert_int_equal(sek_reader_next(t->reader, &event), SEK_END);
    assert_int_equal(sek_reader_stats(t->reader)->bad_records, bad_records);
}

static const char *finish(TextTest *t) {
    sek_buf_addc(&t->text, '\0');
    assert_int_equal(t->text.failed, SEK_OK);
    return t->text.data;
}

const char *text_field(TextTest *t, const char *name) {
    bool found = false;
    sek_buf_clear(&t->text);
    for (uint32_t i = 0; i < t->event.shape->n_fields; i++) {
        const SekField *field = &t->event.shape->fields[i];
        SekValue value;
        if (!sek_str_eq(field->name, sek_str(name)) || sek_event_value(&t->event, field, &value) != SEK_OK)
            continue;
        if (found)
            sek_buf_addc(&t->text, '|');
        found = true;
        sek_value_text(value, &t->text);
    }
    if (!found)
        sek_buf_adds(&t->text, "(absent)");
    return finish(t);
}

const char *text_xml(TextTest *t) {
    sek_buf_clear(&t->text);
    assert_int_equal(sek_reader_xml(t->reader, &t->text), SEK_OK);
    return finish(t);
}

const char *text_json(TextTest *t) {
    sek_buf_clear(&t->text);
    assert_int_equal(sek_reader_json(t->reader, &t->text), SEK_OK);
    return finish(t);
}

const char *text_damage(TextTest *t, unsigned i, uint64_t *out_offset) {
    uint32_t n;
    uint64_t more;
    const SekDamage *damages = sek_reader_damages(t->reader, &n, &more);
    assert_true(i < n);
    if (out_offset)
        *out_offset = damages[i].offset;
    return damages[i].what;
}
