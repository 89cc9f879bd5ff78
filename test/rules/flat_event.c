/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/flat_event.h"

typedef struct Build {
    SekArena *arena;
    SekField *fields;
    uint32_t n, cap;
} Build;

static const struct {
    const char *name;
    SekSystemField which;
} system_names[] = {
    {"Channel", SEK_SYSTEM_CHANNEL},   {"Provider_Name", SEK_SYSTEM_PROVIDER},
    {"EventID", SEK_SYSTEM_EVENT_ID},  {"EventRecordID", SEK_SYSTEM_RECORD_ID},
    {"Computer", SEK_SYSTEM_COMPUTER}, {"TimeCreated_SystemTime", SEK_SYSTEM_TIME},
    {"Level", SEK_SYSTEM_LEVEL},
};

static SekStatus add(Build *b, SekStr name, SekStr text) {
    if (b->n == b->cap)
        return SEK_ERR_LIMIT;
    SekStr kept = sek_arena_dup(b->arena, text);
    if (!kept.ptr)
        return SEK_ERR_MEMORY;
    b->fields[b->n++] = (SekField){
        .name = name, .place = SEK_PLACE_DATA, .kind = SEK_FIELD_LITERAL,
        .literal = {(const uint8_t *)kept.ptr, (uint32_t)kept.len, SEK_VALUE_UTF8}};
    return SEK_OK;
}

static SekStatus add_value(Build *b, SekStr name, yyjson_val *value) {
    char text[32];
    if (yyjson_is_str(value))
        return add(b, name, sek_str_n(yyjson_get_str(value), yyjson_get_len(value)));
    if (yyjson_is_int(value)) {
        int n = snprintf(text, sizeof text, yyjson_is_sint(value) ? "%jd" : "%ju", (intmax_t)yyjson_get_sint(value));
        return add(b, name, sek_str_n(text, (size_t)n));
    }
    if (yyjson_is_bool(value))
        return add(b, name, yyjson_get_bool(value) ? SEK_STR("true") : SEK_STR("false"));
    if (yyjson_is_null(value))
        return SEK_OK;
    if (!yyjson_is_arr(value))
        return SEK_ERR_INPUT;
    size_t index, max;
    yyjson_val *item;
    yyjson_arr_foreach(value, index, max, item) {
        SekStatus status = yyjson_is_arr(item) ? SEK_ERR_INPUT : add_value(b, name, item);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

static void find_system(SekShape *shape, SekField *fields) {
    for (unsigned i = 0; i < SEK_N_SYSTEM; i++)
        shape->system[i] = SEK_NO_FIELD;
    for (unsigned s = 0; s < sizeof system_names / sizeof *system_names; s++)
        for (uint32_t i = 0; i < shape->n_fields; i++)
            if (sek_str_eq(fields[i].name, sek_str(system_names[s].name)) &&
                shape->system[system_names[s].which] == SEK_NO_FIELD) {
                fields[i].place = SEK_PLACE_SYSTEM;
                shape->system[system_names[s].which] = i;
            }
}

SekStatus sek_flat_event(yyjson_val *object, SekArena *arena, SekEvent *out) {
    if (!yyjson_is_obj(object))
        return SEK_ERR_INPUT;
    Build b = {.arena = arena, .cap = 1024};
    b.fields = SEK_ARENA_ARRAY(arena, SekField, b.cap);
    SekShape *shape = SEK_ARENA_NEW(arena, SekShape);
    if (!b.fields || !shape)
        return SEK_ERR_MEMORY;
    size_t index, max;
    yyjson_val *key, *value;
    yyjson_obj_foreach(object, index, max, key, value) {
        SekStatus status = add_value(&b, sek_str_n(yyjson_get_str(key), yyjson_get_len(key)), value);
        if (status != SEK_OK)
            return status;
    }
    *shape = (SekShape){.fields = b.fields, .n_fields = b.n};
    find_system(shape, b.fields);
    *out = (SekEvent){.shape = shape, .arena = arena};
    return SEK_OK;
}
