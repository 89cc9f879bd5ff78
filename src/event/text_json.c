/* SPDX-License-Identifier: Apache-2.0 */
#include "event/text_json.h"

#include "event/text_json_follow.h"
#include "event/text_json_where.h"
#include "format/json_scan.h"

#include <stdlib.h>
#include <yyjson.h>

#define REPAIRED_MAX (64u * 1024u * 1024u) /* a record of 16 MiB grows at most threefold */

struct SekTextJson {
    SekArena *arena; /* of the current record */
    bool limit;      /* the arena's limit was reached */
    bool bad_string; /* why it failed: something that can be put right */
    SekBuf repaired, plain;
    SekJsonForm form;
    SekTextMarks marks;
};

SekStatus sek_text_json_new(SekTextJson **out) {
    SekTextJson *json = calloc(1, sizeof *json);
    if (!json)
        return SEK_ERR_MEMORY;
    sek_buf_init(&json->repaired, REPAIRED_MAX);
    sek_buf_init(&json->plain, REPAIRED_MAX);
    json->form = sek_json_form_best();
    *out = json;
    return SEK_OK;
}

void sek_text_json_free(SekTextJson *json) {
    if (!json)
        return;
    sek_buf_deinit(&json->repaired);
    sek_buf_deinit(&json->plain);
    free(json);
}

void sek_text_json_start(SekTextJson *json) {
    json->marks.blocks = 0;
    json->marks.from = NULL;
}

/* --- memory: yyjson takes it from the record's arena and gives nothing back ------------------- */

static void *take(void *ctx, size_t size) {
    SekTextJson *json = ctx;
    const SekArena *arena = json->arena;
    if (arena->limit &&
        size + 32 > arena->limit - (arena->used < arena->limit ? arena->used : arena->limit)) {
        json->limit = true;
        return NULL;
    }
    return sek_arena_alloc(json->arena, size);
}

static void *retake(void *ctx, void *old, size_t old_size, size_t size) {
    if (size <= old_size)
        return old;
    void *taken = take(ctx, size);
    if (taken)
        memcpy(taken, old, old_size);
    return taken;
}

static void give_back(void *ctx, void *old) {
    (void)ctx;
    (void)old; /* dropped with the record */
}

/* --- walking ------------------------------------------------------------------------------- */

static bool is(SekStr key, const char *name) {
    return sek_str_eq(key, sek_str(name));
}

static SekStr string_of(yyjson_val *value) {
    return sek_str_n(unsafe_yyjson_get_str(value), unsafe_yyjson_get_len(value));
}

/* A name may be written as a number, or be a word that JSON takes for a truth value. */
static bool is_name(yyjson_val *value) {
    return unsafe_yyjson_is_str(value) || unsafe_yyjson_is_raw(value) || unsafe_yyjson_is_bool(value);
}

static SekStr bool_of(yyjson_val *value) {
    return unsafe_yyjson_is_true(value) ? SEK_STR("true") : SEK_STR("false");
}

static SekStr name_of(yyjson_val *value) {
    return unsafe_yyjson_is_bool(value) ? bool_of(value) : string_of(value);
}

/* 4624.0 means a whole number; other numbers stay as they are written. */
static SekStr plain_number(SekStr raw) {
    size_t at = raw.len;
    while (at > 1 && raw.ptr[at - 1] == '0')
        at--;
    return at > 1 && raw.ptr[at - 1] == '.' ? sek_str_n(raw.ptr, at - 1) : raw;
}

static void walk(SekTextRecord *r, SekStr key, yyjson_val *value, unsigned depth, unsigned where);

static void walk_object(SekTextRecord *r, SekStr key, yyjson_val *object, unsigned depth, unsigned where) {
    sek_text_step(r, SEK_STEP_OPEN, key);
    yyjson_obj_iter at = yyjson_obj_iter_with(object);
    for (yyjson_val *name; (name = yyjson_obj_iter_next(&at)) != NULL;) {
        yyjson_val *value = yyjson_obj_iter_get_val(name);
        SekStr member = string_of(name);
        if (where && is_name(value) && sek_json_names_data(member, where))
            sek_text_step(r, SEK_STEP_NAME, name_of(value));
        else
            walk(r, member, value, depth + 1, where);
    }
    sek_text_step(r, SEK_STEP_CLOSE, (SekStr){0});
}

static void walk_array(SekTextRecord *r, SekStr key, yyjson_val *array, unsigned depth, unsigned where) {
    sek_text_step(r, SEK_STEP_ARRAY, key);
    yyjson_arr_iter at = yyjson_arr_iter_with(array);
    for (yyjson_val *item; (item = yyjson_arr_iter_next(&at)) != NULL;)
        walk(r, (SekStr){"", 0}, item, depth + 1, where);
    sek_text_step(r, SEK_STEP_CLOSE, (SekStr){0});
}

/* The depth is bounded here. Items of an array are where the array is. */
static void walk(SekTextRecord *r, SekStr key, yyjson_val *value, unsigned depth, unsigned where) {
    switch (unsafe_yyjson_get_type(value)) {
    case YYJSON_TYPE_OBJ:
    case YYJSON_TYPE_ARR:
        if (key.len)
            where = sek_json_where_inside(key, where);
        if (depth == SEK_TEXT_MAX_DEPTH)
            r->left_out |= SEK_PART_TOO_DEEP;
        else if (unsafe_yyjson_is_obj(value))
            walk_object(r, key, value, depth, where);
        else
            walk_array(r, key, value, depth, where);
        return;
    case YYJSON_TYPE_STR:
        if (depth == 1 && sek_text_json_payload(key, string_of(value), r))
            return;
        if (unsafe_yyjson_get_len(value) == 0 && is(key, "EventData")) { /* no data, not one empty value */
            sek_text_step(r, SEK_STEP_EMPTY, key);
            return;
        }
        sek_text_value(r, SEK_STEP_LEAF, key, string_of(value), SEK_WRITTEN_TEXT);
        return;
    case YYJSON_TYPE_RAW:
        sek_text_value(r, SEK_STEP_LEAF, key, plain_number(string_of(value)), SEK_WRITTEN_NUMBER);
        return;
    case YYJSON_TYPE_BOOL:
        sek_text_value(r, SEK_STEP_LEAF, key, bool_of(value), SEK_WRITTEN_BOOL);
        return;
    default:
        sek_text_step(r, SEK_STEP_NULL, key);
        return;
    }
}

/* --- parsing ------------------------------------------------------------------------------- */

static SekStatus parse(SekTextJson *json, SekStr text, yyjson_doc **out, SekError *err) {
    yyjson_alc memory = {.malloc = take, .realloc = retake, .free = give_back, .ctx = json};
    yyjson_read_err problem = {0};
    *out = yyjson_read_opts((char *)(uintptr_t)text.ptr, text.len, /* not written to without INSITU */
                            YYJSON_READ_STOP_WHEN_DONE | YYJSON_READ_NUMBER_AS_RAW, &memory, &problem);
    if (*out)
        return SEK_OK;
    json->bad_string = problem.code == YYJSON_READ_ERROR_INVALID_STRING;
    if (problem.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
        return json->limit ? sek_fail(err, SEK_ERR_LIMIT, "JSON: a record needs too much memory")
                           : SEK_ERR_MEMORY;
    if (err)
        err->offset = problem.pos;
    return sek_fail(err, SEK_ERR_INPUT, "JSON: %s", problem.msg);
}

/* What strict JSON forbids but logs hold is put right once, and then it is tried again. */
static SekStatus parse_repaired(SekTextJson *json, SekStr text, yyjson_doc **out, SekError *err) {
    sek_buf_clear(&json->repaired);
    sek_json_repair(text, &json->repaired);
    if (json->repaired.failed)
        return json->repaired.failed;
    if (sek_str_eq(sek_buf_str(&json->repaired), text))
        return SEK_ERR_INPUT;
    return parse(json, sek_buf_str(&json->repaired), out, err);
}

bool sek_text_json_known(SekStr text, SekTextRecord *record, size_t *out_used) {
    SekTextJson *json = record->json;
    SekJsonFollow with = {&json->plain, json->form, &json->marks};
    if (sek_text_json_follow(text, record, &with, out_used))
        return true;
    sek_text_begin(record, record->root);
    return false;
}

SekStatus sek_text_json_read(SekStr text, SekTextRecord *record, size_t *out_used, SekError *err) {
    SekTextJson *json = record->json;
    json->arena = record->arena;
    json->limit = false;
    yyjson_doc *doc;
    SekStatus status = parse(json, text, &doc, err);
    bool repaired = false;
    if (status == SEK_ERR_INPUT && json->bad_string) {
        status = parse_repaired(json, text, &doc, err);
        repaired = true;
    }
    if (status != SEK_OK)
        return status;
    *out_used = repaired ? text.len : yyjson_doc_get_read_size(doc);
    yyjson_val *root = yyjson_doc_get_root(doc);
    if (!yyjson_is_obj(root))
        return sek_fail(err, SEK_ERR_INPUT, "JSON: expected an object");
    walk_object(record, (SekStr){"", 0}, root, 0, 0);
    return record->failed;
}

bool sek_text_json_payload(SekStr key, SekStr value, SekTextRecord *record) {
    if (!is(key, "Payload") || !(sek_str_starts(value, SEK_STR("{\"EventData\":")) ||
                                 sek_str_starts(value, SEK_STR("{\"UserData\":"))))
        return false;
    yyjson_doc *doc;
    record->json->arena = record->arena;
    SekStatus status = parse(record->json, value, &doc, NULL);
    if (status == SEK_ERR_MEMORY)
        record->failed = status;
    if (status != SEK_OK)
        return false;
    yyjson_obj_iter at = yyjson_obj_iter_with(yyjson_doc_get_root(doc));
    for (yyjson_val *name; (name = yyjson_obj_iter_next(&at)) != NULL;)
        walk(record, string_of(name), yyjson_obj_iter_get_val(name), 2, 0);
    return true;
}
