/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/vector_event.h"

static const struct {
    const char *name;
    SekSystemField which;
} system_names[] = {
    {"Channel", SEK_SYSTEM_CHANNEL},   {"Provider_Name", SEK_SYSTEM_PROVIDER},
    {"EventID", SEK_SYSTEM_EVENT_ID},  {"EventRecordID", SEK_SYSTEM_RECORD_ID},
    {"Computer", SEK_SYSTEM_COMPUTER}, {"TimeCreated_SystemTime", SEK_SYSTEM_TIME},
    {"Level", SEK_SYSTEM_LEVEL},
};
#define N_SYSTEM_NAMES (sizeof system_names / sizeof *system_names)

typedef struct Build {
    SekShape *shape;
    SekField *fields;
    uint32_t n;
} Build;

static void add_field(Build *b, SekStr name, SekStr text) {
    SekField *field = &b->fields[b->n];
    *field = (SekField){
        .name = name, .place = SEK_PLACE_DATA, .kind = SEK_FIELD_LITERAL,
        .literal = {(const uint8_t *)text.ptr, (uint32_t)text.len, SEK_VALUE_UTF8}};
    for (size_t i = 0; i < N_SYSTEM_NAMES; i++)
        if (sek_str_eq(name, sek_str(system_names[i].name)) &&
            b->shape->system[system_names[i].which] == SEK_NO_FIELD) {
            field->place = SEK_PLACE_SYSTEM;
            b->shape->system[system_names[i].which] = b->n;
        }
    b->n++;
}

static SekStatus add_value(Build *b, SekStr name, yyjson_val *value) {
    if (b->n == SEK_VECTOR_MAX_VALUES)
        return SEK_ERR_LIMIT;
    if (yyjson_is_str(value))
        add_field(b, name, sek_str_n(yyjson_get_str(value), yyjson_get_len(value)));
    else if (yyjson_is_raw(value))
        add_field(b, name, sek_str_n(yyjson_get_raw(value), yyjson_get_len(value)));
    else if (yyjson_is_bool(value))
        add_field(b, name, yyjson_get_bool(value) ? SEK_STR("true") : SEK_STR("false"));
    else
        return SEK_ERR_INPUT;
    return SEK_OK;
}

SekStatus sek_vector_event(yyjson_val *object, SekArena *arena, SekEvent *out) {
    if (!yyjson_is_obj(object))
        return SEK_ERR_INPUT;
    Build b = {.shape = SEK_ARENA_NEW(arena, SekShape),
               .fields = SEK_ARENA_ARRAY(arena, SekField, SEK_VECTOR_MAX_VALUES)};
    if (!b.shape || !b.fields)
        return SEK_ERR_MEMORY;
    for (unsigned i = 0; i < SEK_N_SYSTEM; i++)
        b.shape->system[i] = SEK_NO_FIELD;
    size_t index, max, item, items;
    yyjson_val *key, *value, *one;
    yyjson_obj_foreach(object, index, max, key, value) {
        SekStr name = sek_str_n(yyjson_get_str(key), yyjson_get_len(key));
        SekStatus status = SEK_OK;
        if (!yyjson_is_arr(value))
            status = add_value(&b, name, value);
        yyjson_arr_foreach(value, item, items, one) {
            if (status == SEK_OK)
                status = add_value(&b, name, one);
        }
        if (status != SEK_OK)
            return status;
    }
    b.shape->fields = b.fields;
    b.shape->n_fields = b.n;
    *out = (SekEvent){.shape = b.shape, .arena = arena};
    return SEK_OK;
}
