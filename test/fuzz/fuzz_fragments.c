/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: any bytes as parts of split scripts, and as the texts in which code is looked for. Each part
 * takes a row of the input: how long, which number of how many, which script, which file. What comes out
 * must not depend on the order in which parts come, must be the parts in the order of their numbers, and
 * what is left out must be counted.
 *
 *   clang -fsanitize=fuzzer,address,undefined -Iinclude -Isrc test/fuzz/fuzz_fragments.c <libraries>
 */

#include "engine/fragments.h"
#include "event/code_part.h"
#include "event/context.h"

#include <stdlib.h>

#define PARTS_MAX 64u
#define FILES 4u

static void require(bool condition) {
    if (!condition)
        abort();
}

typedef struct Row {
    SekStr text;
    char id[2];
    uint32_t number, total, file;
} Row;

static uint32_t read_rows(SekStr input, Row *rows) {
    uint32_t n = 0;
    for (size_t at = 0; n < PARTS_MAX && input.len - at >= 5; n++) {
        const uint8_t *head = (const uint8_t *)input.ptr + at;
        size_t len = head[0];
        at += 5;
        if (len > input.len - at)
            len = input.len - at;
        rows[n] = (Row){.text = {input.ptr + at, len}, .id = {(char)('a' + head[3] % 3), '\0'}, .number = head[1],
                        .total = head[2] == 255 ? INT32_MAX : head[2], .file = head[4] % FILES};
        at += len;
    }
    return n;
}

static SekField field(const char *name, SekPlace place, SekStr text) {
    return (SekField){.name = sek_str(name), .place = (uint8_t)place, .kind = SEK_FIELD_LITERAL,
                      .literal = {(const uint8_t *)text.ptr, (uint32_t)text.len, SEK_VALUE_UTF8}};
}

static void add_row(SekFragments *f, const Row *row, uint64_t offset) {
    char number[16], total[16];
    (void)snprintf(number, sizeof number, "%u", row->number);
    (void)snprintf(total, sizeof total, "%u", row->total);
    SekField fields[] = {field("EventID", SEK_PLACE_SYSTEM, SEK_STR("4104")),
                         field("Computer", SEK_PLACE_SYSTEM, SEK_STR("PC")),
                         field("MessageNumber", SEK_PLACE_DATA, sek_str(number)),
                         field("MessageTotal", SEK_PLACE_DATA, sek_str(total)),
                         field("ScriptBlockText", SEK_PLACE_DATA, row->text),
                         field("ScriptBlockId", SEK_PLACE_DATA, sek_str(row->id))};
    SekShape shape = {.n_fields = sizeof fields / sizeof *fields, .fields = fields};
    for (unsigned s = 0; s < SEK_N_SYSTEM; s++)
        shape.system[s] = SEK_NO_FIELD;
    shape.system[SEK_SYSTEM_EVENT_ID] = 0;
    shape.system[SEK_SYSTEM_COMPUTER] = 1;
    SekArena arena;
    sek_arena_init(&arena, 0);
    SekEvent event = {.shape = &shape, .arena = &arena, .offset = offset};
    SekFragment4104 part;
    bool is_part = row->total >= 2 && row->number >= 1 && row->number <= row->total;
    require((sek_fragment_read(&event, &part) == SEK_OK) == is_part);
    if (is_part)
        require(sek_fragments_add(f, &event, &part, row->file, &row->number, 1) == SEK_OK);
    sek_arena_deinit(&arena);
}

/* The whole text must be the parts in order, with a line break in each gap. */
static void check_script(const SekScript *script) {
    SekValue value;
    uint32_t last = script->event.shape->n_fields - 1;
    require(sek_event_value(&script->event, &script->event.shape->fields[last], &value) == SEK_OK);
    require(script->n_parts > 0 && script->parts[0].number >= 1);
    for (uint32_t i = 1; i < script->n_parts; i++)
        require(script->parts[i].number > script->parts[i - 1].number);
    require(script->parts[script->n_parts - 1].number <= script->total && script->n_conflicts <= script->n_parts);
    for (uint32_t i = 1; i < script->n_rules; i++)
        require(script->rules[i] > script->rules[i - 1]);
}

/* All scripts as one text, in an order that does not depend on that of the parts. */
static uint64_t digest(const Row *rows, uint32_t n, bool backwards) {
    static const uint32_t rank[FILES] = {2, 0, 3, 1};
    SekFragments *f;
    uint64_t sum = 0;
    require(sek_fragments_new(&(SekFragmentsOptions){0}, &f) == SEK_OK);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = backwards ? n - 1 - i : i;
        add_row(f, &rows[at], at);
    }
    require(sek_fragments_join(f, rank) == SEK_OK && sek_fragments_dropped(f) == 0);
    for (uint32_t i = 0; i < sek_fragments_count(f); i++) {
        SekArena arena;
        SekScript script;
        SekValue value;
        sek_arena_init(&arena, 0);
        require(sek_fragments_script(f, i, &arena, &script, NULL) == SEK_OK);
        check_script(&script);
        require(sek_event_value(&script.event, &script.event.shape->fields[script.event.shape->n_fields - 1],
                                &value) == SEK_OK);
        sum += sek_str_hash(sek_str_n((const char *)value.ptr, value.len)) * (script.file + 1) +
               script.event.offset * 31 + script.n_conflicts * 7;
        sek_arena_deinit(&arena);
    }
    sek_fragments_free(f);
    return sum;
}

static void in_bounds(SekStr part, SekStr whole) {
    require(part.ptr >= whole.ptr && part.len <= whole.len &&
            (size_t)(part.ptr - whole.ptr) <= whole.len - part.len);
}

static void look_for_code(SekStr input) {
    SekStr part;
    SekBuf line;
    sek_buf_init(&line, 1u << 20);
    size_t before = 0;
    for (size_t at = 0; sek_code_payload_next(input, &at, &part) == SEK_OK; before = at) {
        require(at > before && at <= input.len);
        in_bounds(part, input);
    }
    before = 0;
    for (size_t at = 0; sek_code_task_next(input, &at, &line) == SEK_OK; before = at)
        require(at > before && at <= input.len && line.len <= input.len + 1);
    static const char *const names[] = {"HostApplication", "CommandLine", "UserId", "ShellId"};
    for (unsigned i = 0; i < 8; i++)
        if (sek_context_find(input, i % 2, sek_context_key(sek_str(names[i / 2])), &part) == SEK_OK && part.len)
            in_bounds(part, input);
    sek_buf_deinit(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Row rows[PARTS_MAX];
    SekStr input = {(const char *)data, size};
    uint32_t n = read_rows(input, rows);
    require(digest(rows, n, false) == digest(rows, n, true));
    look_for_code(input);
    return 0;
}
