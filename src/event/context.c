/* SPDX-License-Identifier: Apache-2.0 */
#include "event/context.h"

#define TEXT_MAX (256u * 1024u) /* one value: a record holds 64 KiB, UTF-8 needs 3/2 */
#define NO_LINE UINT8_MAX

typedef struct Key {
    const char *name;
    uint8_t line; /* in ContextInfo, from 0 */
} Key;

static const Key keys[] = {
    {"Severity", 0},        {"HostName", 1},          {"HostVersion", 2},
    {"HostId", 3},          {"HostApplication", 4},   {"EngineVersion", 5},
    {"RunspaceId", 6},      {"PipelineId", 7},        {"CommandName", 8},
    {"CommandType", 9},     {"ScriptName", 10},       {"CommandPath", 11},
    {"SequenceNumber", 12}, {"User", 13},             {"ConnectedUser", 14},
    {"ShellId", 15},        {"UserId", NO_LINE},      {"CommandLine", NO_LINE},
    {"DetailSequence", NO_LINE}, {"DetailTotal", NO_LINE}, {"ProviderName", NO_LINE},
    {"NewProviderState", NO_LINE}, {"NewEngineState", NO_LINE}, {"PreviousEngineState", NO_LINE},
    {"NewCommandState", NO_LINE},
};
#define N_KEYS (sizeof keys / sizeof *keys)
#define USER_LINE 13

/* Equal but for case and blanks. */
static bool same_key(SekStr text, const char *name) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == ' ')
            continue;
        if (!*name || sek_ascii_lower(text.ptr[i]) != sek_ascii_lower(*name))
            return false;
        name++;
    }
    return !*name;
}

int sek_context_key(SekStr name) {
    for (size_t i = 0; i < N_KEYS; i++)
        if (same_key(name, keys[i].name))
            return (int)i;
    return SEK_CONTEXT_NONE;
}

static bool is_key(SekStr text) {
    return sek_context_key(text) != SEK_CONTEXT_NONE;
}

/* A line of a block: its key, and where its value begins. `next` is where the next line begins. */
typedef struct Line {
    SekStr key;
    size_t value, next;
    bool indented;
    bool has_key; /* there is a `=` in it */
} Line;

static Line read_line(SekStr block, size_t at) {
    Line line = {.next = block.len};
    size_t start = at, end = block.len;
    while (at < block.len && (block.ptr[at] == ' ' || block.ptr[at] == '\t'))
        at++;
    line.indented = at > start || start == 0;
    for (size_t i = at; i < block.len; i++)
        if (block.ptr[i] == '\n') {
            end = i;
            line.next = i + 1;
            break;
        }
    for (size_t i = at; i < end && !line.has_key; i++)
        if (block.ptr[i] == '=') {
            line.has_key = true;
            line.key = sek_str_trim(sek_str_n(block.ptr + at, i - at));
            line.value = i + 1;
        }
    return line;
}

/* A value may have line breaks of its own: it ends where the next line that has a key of ours begins. */
static size_t value_end(SekStr block, size_t next) {
    while (next < block.len) {
        Line line = read_line(block, next);
        if (line.has_key && line.indented && is_key(line.key))
            return next;
        next = line.next;
    }
    return block.len;
}

static SekStatus find_by_name(SekStr block, const char *name, SekStr *out) {
    bool last = strcmp(name, "CommandLine") == 0; /* of its block: the script may look like lines of it */
    for (size_t at = 0; at < block.len;) {
        Line line = read_line(block, at);
        if (line.has_key && line.indented && same_key(line.key, name)) {
            size_t end = last ? block.len : value_end(block, line.next);
            *out = sek_str_trim(sek_str_n(block.ptr + line.value, end - line.value));
            return SEK_OK;
        }
        at = line.next;
    }
    return SEK_NOT_FOUND;
}

static SekStatus find_by_line(SekStr block, uint8_t number, SekStr *out) {
    uint8_t seen = 0;
    for (size_t at = 0; at < block.len;) {
        Line line = read_line(block, at);
        if (line.has_key && line.indented && seen++ == number) {
            *out = sek_str_trim(sek_str_n(block.ptr + line.value, line.next - line.value));
            return SEK_OK;
        }
        at = line.next;
    }
    return SEK_NOT_FOUND;
}

SekStatus sek_context_find(SekStr block, bool classic, int key, SekStr *out) {
    const Key *k = &keys[key];
    if (classic)
        return find_by_name(block, k->name, out);
    bool user = strcmp(k->name, "UserId") == 0; /* the classic log's name for it */
    const Key *wanted = user ? &keys[USER_LINE] : k;
    if (wanted->line == NO_LINE)
        return SEK_NOT_FOUND;
    Line first = read_line(block, 0);
    if (first.has_key && same_key(first.key, keys[0].name))
        return find_by_name(block, wanted->name, out);
    return find_by_line(block, wanted->line, out);
}

static uint32_t find_field(const SekShape *shape, SekStr name) {
    for (uint32_t i = 0; i < shape->n_fields; i++)
        if (shape->fields[i].place != SEK_PLACE_SYSTEM && sek_str_eq(shape->fields[i].name, name))
            return i;
    return SEK_NO_FIELD;
}

bool sek_context_shape(const SekShape *shape) {
    return find_field(shape, SEK_STR("ContextInfo")) != SEK_NO_FIELD ||
           find_field(shape, SEK_STR("Data")) != SEK_NO_FIELD;
}

static bool system_is(const SekEvent *event, SekSystemField which, SekStr name) {
    SekBuf text;
    sek_buf_init(&text, 4096);
    sek_value_text(sek_event_system(event, which), &text);
    bool same = sek_str_eq_nocase(sek_buf_str(&text), name);
    sek_buf_deinit(&text);
    return same;
}

bool sek_context_classic(const SekEvent *event, uint32_t *out_block) {
    static const uint32_t ids[] = {400, 403, 500, 501, 600, 800};
    uint32_t id = sek_event_id(event);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (id == ids[i]) {
            *out_block = id == 800 ? 1 : 2; /* behind the pipeline's text; behind two states */
            return system_is(event, SEK_SYSTEM_PROVIDER, SEK_STR("PowerShell")) ||
                   system_is(event, SEK_SYSTEM_CHANNEL, SEK_STR("Windows PowerShell"));
        }
    return false;
}

/* The unnamed Data with number `wanted`, or the last one when there are fewer. */
static SekStatus data_value(const SekEvent *event, uint32_t wanted, SekValue *out) {
    SekStatus found = SEK_NOT_FOUND;
    uint32_t n = 0;
    for (uint32_t i = 0; i < event->shape->n_fields && n <= wanted; i++) {
        const SekField *field = &event->shape->fields[i];
        SekValue value, item;
        if (!sek_str_eq(field->name, SEK_STR("Data")) || sek_event_value(event, field, &value) != SEK_OK)
            continue;
        for (uint32_t at = 0; n <= wanted && sek_value_next(value, &at, &item) == SEK_OK; n++) {
            *out = item;
            found = SEK_OK;
        }
    }
    return found;
}

static SekStatus block_value(const SekEvent *event, SekValue *out, bool *classic) {
    uint32_t field = find_field(event->shape, SEK_STR("ContextInfo")), block;
    *classic = field == SEK_NO_FIELD;
    if (!*classic)
        return sek_event_value(event, &event->shape->fields[field], out);
    return sek_context_classic(event, &block) ? data_value(event, block, out) : SEK_NOT_FOUND;
}

SekStatus sek_context_value(const SekEvent *event, int key, SekValue *out) {
    SekValue block;
    bool classic;
    SekStr found;
    SekStatus status = block_value(event, &block, &classic);
    if (status != SEK_OK)
        return status;
    SekBuf text;
    sek_buf_init(&text, TEXT_MAX);
    sek_value_text(block, &text);
    status = text.failed == SEK_ERR_MEMORY ? SEK_ERR_MEMORY
                                           : sek_context_find(sek_buf_str(&text), classic, key, &found);
    if (status == SEK_OK) {
        SekStr kept = sek_arena_dup(event->arena, found);
        *out = (SekValue){(const uint8_t *)kept.ptr, (uint32_t)kept.len, SEK_VALUE_UTF8};
        if (!kept.ptr) /* what the record's share of memory has no room for is not there */
            status = sek_arena_why(event->arena) == SEK_ERR_LIMIT ? SEK_NOT_FOUND : SEK_ERR_MEMORY;
    }
    sek_buf_deinit(&text);
    return status;
}
