/* SPDX-License-Identifier: Apache-2.0 */
#include "event/event.h"

#include <stdlib.h>

#define COMPOSITE_MAX (256u * 1024u) /* bytes of one joined value; a record holds at most 64 KiB */

static SekStatus join_pieces(const SekEvent *event, const SekField *field, SekValue *out) {
    SekBuf text;
    sek_buf_init(&text, COMPOSITE_MAX);
    for (uint32_t i = 0; i < field->n_pieces; i++) {
        SekValue piece;
        if (sek_event_value(event, &field->pieces[i], &piece) == SEK_OK)
            sek_value_text(piece, &text);
    }
    SekStr kept = sek_arena_dup(event->arena, sek_buf_str(&text));
    sek_buf_deinit(&text);
    if (!kept.ptr) /* a value that the record's share of memory has no room for is not there */
        return sek_arena_why(event->arena) == SEK_ERR_LIMIT ? SEK_NOT_FOUND : SEK_ERR_MEMORY;
    *out = (SekValue){(const uint8_t *)kept.ptr, (uint32_t)kept.len, SEK_VALUE_UTF8};
    return SEK_OK;
}

SekStatus sek_event_value(const SekEvent *event, const SekField *field, SekValue *out) {
    if (field->kind == SEK_FIELD_COMPOSITE)
        return join_pieces(event, field, out);
    if (field->kind == SEK_FIELD_LITERAL) {
        *out = field->literal;
        return SEK_OK;
    }
    SekValue value = sek_event_slot(event, field);
    if (field->optional && value.type == SEK_VALUE_NULL)
        return SEK_NOT_FOUND;
    *out = value;
    return SEK_OK;
}

SekValue sek_event_system_other(const SekEvent *event, SekSystemField which) {
    uint32_t index = event->shape->system[which];
    SekValue value = {0};
    if (index == SEK_NO_FIELD ||
        sek_event_value(event, &event->shape->fields[index], &value) != SEK_OK)
        return (SekValue){0};
    return value;
}

static uint32_t decimal(SekStr s) {
    uint64_t number = 0;
    bool good = s.len > 0 && s.len < 10 && s.ptr[0] != '0'; /* one number, one text: routes rely on it */
    for (size_t i = 0; i < s.len && good; i++) {
        good = s.ptr[i] >= '0' && s.ptr[i] <= '9';
        number = number * 10 + (uint64_t)(s.ptr[i] - '0');
    }
    return good ? (uint32_t)number : 0;
}

static uint32_t text_number(SekValue value) {
    if (value.type == SEK_VALUE_UTF8)
        return decimal(sek_str_n((const char *)value.ptr, value.len));
    SekBuf text;
    sek_buf_init(&text, 4096);
    sek_value_text(value, &text);
    uint32_t number = decimal(sek_buf_str(&text));
    sek_buf_deinit(&text);
    return number;
}

uint32_t sek_event_id(const SekEvent *event) {
    SekValue value = sek_event_system(event, SEK_SYSTEM_EVENT_ID);
    uint64_t number;
    if (value.type == SEK_VALUE_UTF8)
        return text_number(value);
    if (sek_value_u64(value, &number) == SEK_OK)
        return (uint32_t)number;
    return value.type == SEK_VALUE_NULL ? 0 : text_number(value);
}

bool sek_field_is(const SekField *field, SekStr name, bool *exact) {
    *exact = sek_str_eq(field->name, name);
    if (*exact)
        return true;
    size_t at = 0;
    for (size_t i = 0; i < field->name.len; i++) {
        if (field->name.ptr[i] == ' ')
            continue;
        if (at >= name.len || sek_ascii_lower(field->name.ptr[i]) != sek_ascii_lower(name.ptr[at]))
            return false;
        at++;
    }
    return at == name.len;
}
