/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fragment_frame.h"

static void put_u32(SekBuf *out, uint32_t value) {
    sek_buf_add(out, &value, sizeof value);
}

void sek_fragment_pack(SekBuf *out, const SekEvent *event, uint32_t text_field) {
    size_t count_at = out->len;
    uint32_t n = 0;
    put_u32(out, 0);
    for (uint32_t i = 0; i < event->shape->n_fields; i++) {
        const SekField *field = &event->shape->fields[i];
        SekValue value;
        uint8_t head[3] = {field->place, 0, 0};
        if (i == text_field || sek_event_value(event, field, &value) != SEK_OK)
            continue;
        head[1] = value.type;
        for (uint8_t s = 0; s < SEK_N_SYSTEM; s++)
            if (event->shape->system[s] == i)
                head[2] = (uint8_t)(s + 1);
        sek_buf_add(out, head, sizeof head);
        put_u32(out, (uint32_t)field->name.len);
        put_u32(out, value.len);
        sek_buf_add_str(out, field->name);
        sek_buf_add(out, value.ptr, value.len);
        n++;
    }
    if (!out->failed)
        memcpy(out->data + count_at, &n, sizeof n);
}

static uint32_t take_u32(const char **at) {
    uint32_t value;
    memcpy(&value, *at, sizeof value);
    *at += sizeof value;
    return value;
}

SekStatus sek_fragment_unpack(SekStr frame, SekStr text, SekArena *arena, SekEvent *out) {
    const char *at = frame.ptr;
    uint32_t n = take_u32(&at);
    SekField *fields = SEK_ARENA_ARRAY(arena, SekField, n + 1);
    SekShape *shape = SEK_ARENA_NEW(arena, SekShape);
    if (!fields || !shape)
        return SEK_ERR_MEMORY;
    for (uint32_t s = 0; s < SEK_N_SYSTEM; s++)
        shape->system[s] = SEK_NO_FIELD;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t place = (uint8_t)at[0], type = (uint8_t)at[1], system = (uint8_t)at[2];
        at += 3;
        uint32_t name_len = take_u32(&at), value_len = take_u32(&at);
        fields[i] = (SekField){.name = {at, name_len}, .place = place, .kind = SEK_FIELD_LITERAL,
                               .literal = {(const uint8_t *)at + name_len, value_len, type}};
        at += name_len + value_len;
        if (system)
            shape->system[system - 1] = i;
    }
    fields[n] = (SekField){.name = SEK_STR("ScriptBlockText"), .place = SEK_PLACE_DATA, .kind = SEK_FIELD_LITERAL,
                           .literal = {(const uint8_t *)text.ptr, (uint32_t)text.len, SEK_VALUE_UTF8}};
    shape->fields = fields;
    shape->n_fields = n + 1;
    *out = (SekEvent){.shape = shape, .arena = arena};
    return SEK_OK;
}
