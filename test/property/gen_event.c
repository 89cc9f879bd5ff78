/* SPDX-License-Identifier: Apache-2.0 */
#include "property/gen.h"

#include <stdio.h>

/* Names as events write them; rules write some of them differently (gen_rule.c). */
static const char *const data_names[] = {
    "A", "B", "C", "D", "Data", "Image", "CommandLine", "Threat Name", "ProcessGuid", "a",
};

static const struct {
    const char *name;
    SekSystemField which;
    uint32_t percent; /* of shapes that have it: exports from elsewhere may lack some */
} system_fields[] = {
    {"Channel", SEK_SYSTEM_CHANNEL, 100},
    {"Provider_Name", SEK_SYSTEM_PROVIDER, 85},
    {"EventID", SEK_SYSTEM_EVENT_ID, 97},
};
#define N_SYSTEM (sizeof system_fields / sizeof *system_fields)

/* --- shapes --------------------------------------------------------------------------------- */

static void add_field(SekGenShape *out, const char *name, SekPlace place) {
    uint32_t i = out->shape.n_fields++;
    out->fields[i] = (SekField){.name = sek_str(name), .place = (uint8_t)place, .kind = SEK_FIELD_SLOT,
                                .part = 1, .slot = (uint16_t)i};
}

static void make_literal(SekGen *gen, SekArena *arena, SekField *field) {
    SekBuf text;
    sek_buf_init(&text, 4096);
    sek_gen_text(gen, field->name, &text);
    SekStr kept = sek_arena_dup(arena, sek_buf_str(&text));
    field->kind = SEK_FIELD_LITERAL;
    field->literal = (SekValue){(const uint8_t *)kept.ptr, (uint32_t)kept.len, SEK_VALUE_UTF8};
    sek_buf_deinit(&text);
}

void sek_gen_shape(SekGen *gen, uint32_t id, SekArena *arena, SekGenShape *out) {
    *out = (SekGenShape){.shape = {.id = id, .fields = out->fields}};
    for (unsigned i = 0; i < SEK_N_SYSTEM; i++)
        out->shape.system[i] = SEK_NO_FIELD;
    for (unsigned i = 0; i < N_SYSTEM; i++) {
        if (!sek_gen_chance(gen, system_fields[i].percent))
            continue;
        out->shape.system[system_fields[i].which] = out->shape.n_fields;
        add_field(out, system_fields[i].name, SEK_PLACE_SYSTEM);
    }
    uint32_t wanted = out->shape.n_fields + 1 + sek_gen_below(gen, 8);
    while (out->shape.n_fields < wanted) {
        SekField *field = &out->fields[out->shape.n_fields];
        add_field(out, SEK_GEN_PICK(gen, data_names), SEK_PLACE_DATA);
        /* Whether a name stands exactly is a matter of the template (engine/fields.h), so of two names that
         * differ by case neither may be left out. */
        field->optional = !sek_naive_same_word(field->name, SEK_STR("a")) && sek_gen_chance(gen, 40);
        if (sek_gen_chance(gen, 10))
            make_literal(gen, arena, field);
    }
    if (sek_gen_chance(gen, 8)) /* System/104 has a second Channel in its data */
        add_field(out, system_fields[sek_gen_below(gen, N_SYSTEM)].name, SEK_PLACE_USER);
}

/* --- values --------------------------------------------------------------------------------- */

static void system_text(SekGen *gen, SekStr name, SekBuf *out) {
    static const char *const channels[] = {"Security", "Microsoft-Windows-Sysmon/Operational", "System", "security",
                                           "Elsewhere", "A"};
    static const char *const providers[] = {"Microsoft-Windows-Sysmon", "Microsoft-Windows-Security-Auditing", "P", "",
                                            "x"};
    static const char *const ids[] = {"1", "1", "4688", "4688", "4624", "4", "16", "7045", "0", "abc", "def", "01"};
    if (sek_str_eq(name, SEK_STR("Channel")))
        sek_buf_adds(out, SEK_GEN_PICK(gen, channels));
    else if (sek_str_eq(name, SEK_STR("EventID")))
        sek_buf_adds(out, SEK_GEN_PICK(gen, ids));
    else
        sek_buf_adds(out, SEK_GEN_PICK(gen, providers));
}

/* Longer than the steps in which an engine may read a value. */
static void long_text(SekGen *gen, SekStr field, SekBuf *out) {
    for (uint32_t n = 20 + sek_gen_below(gen, 100); out->len < n;)
        sek_buf_adds(out, sek_gen_piece(gen, 30));
    sek_gen_text(gen, field, out);
    for (uint32_t n = (uint32_t)out->len + sek_gen_below(gen, 40); out->len < n;)
        sek_buf_adds(out, sek_gen_piece(gen, 30));
}

static void data_text(SekGen *gen, SekStr field, SekBuf *out) {
    uint32_t kind = sek_gen_below(gen, 100);
    if (kind < 4)
        long_text(gen, field, out);
    else if (kind < 12)
        sek_gen_dense(gen, 4 + sek_gen_below(gen, 40), out);
    else if (kind < 70)
        sek_gen_text(gen, field, out);
    else if (kind < 78)
        sek_buf_adds(out, sek_gen_number(gen));
    else if (kind < 83)
        sek_buf_adds(out, sek_gen_address(gen));
    else if (kind < 89)
        sek_buf_adds(out, sek_gen_date(gen));
    else if (kind < 92)
        sek_buf_adds(out, sek_gen_chance(gen, 50) ? "true" : "False");
    else if (kind < 94)
        sek_buf_adds(out, "-");
}

/* A typed number, and the text that stands for it. */
static SekValue typed_number(SekGen *gen, SekArena *arena, SekBuf *text) {
    static const uint32_t numbers[] = {0, 1, 4, 5, 10, 16, 255, 4624, 4688, 0x1fffff};
    uint32_t *number = SEK_ARENA_NEW(arena, uint32_t);
    *number = numbers[sek_gen_below(gen, sizeof numbers / sizeof *numbers)];
    switch (sek_gen_below(gen, 3)) {
    case 0:
        sek_buf_addf(text, "%u", *number);
        return (SekValue){(const uint8_t *)number, 4, SEK_VALUE_UINT32};
    case 1:
        sek_buf_addf(text, "0x%x", *number);
        return (SekValue){(const uint8_t *)number, 4, SEK_VALUE_HEX32};
    default:
        *number = *number % 2;
        sek_buf_adds(text, *number ? "true" : "false");
        return (SekValue){(const uint8_t *)number, 4, SEK_VALUE_BOOL};
    }
}

/* The text as EVTX or as JSON brings it. */
static SekValue text_value(SekGen *gen, SekArena *arena, SekStr text) {
    SekBuf units;
    bool ends = text.len && text.ptr[text.len - 1] == '\0'; /* would be taken for a terminator */
    if (ends || sek_gen_chance(gen, 50))
        return (SekValue){(const uint8_t *)text.ptr, (uint32_t)text.len, SEK_VALUE_UTF8};
    sek_buf_init(&units, 65536);
    sek_gen_utf16(text, false, &units);
    SekStr kept = sek_arena_dup(arena, sek_buf_str(&units));
    sek_buf_deinit(&units);
    return (SekValue){(const uint8_t *)kept.ptr, (uint32_t)kept.len, SEK_VALUE_STRING};
}

/* Fills slot `i` and says what the naive evaluator sees; false when the field is not there. */
static bool fill(SekGen *gen, const SekField *field, SekGenEvent *out, uint32_t i, SekBuf *text) {
    bool system = field->place == SEK_PLACE_SYSTEM;
    sek_buf_clear(text);
    if (field->kind == SEK_FIELD_LITERAL) {
        sek_buf_add(text, field->literal.ptr, field->literal.len);
    } else if (!system && sek_gen_chance(gen, 15)) {
        out->values[i] = (SekValue){0};
        if (field->optional)
            return false;
    } else if (!system && sek_gen_chance(gen, 6)) {
        out->values[i] = typed_number(gen, &out->arena, text);
    } else {
        if (system)
            system_text(gen, field->name, text);
        else
            data_text(gen, field->name, text);
        out->values[i] = text_value(gen, &out->arena, sek_arena_dup(&out->arena, sek_buf_str(text)));
    }
    SekStr kept = sek_arena_dup(&out->arena, sek_buf_str(text));
    out->naive_fields[out->naive.n++] = (SekNaiveField){field->name, kept};
    return true;
}

void sek_gen_event(SekGen *gen, const SekGenShape *shape, SekGenEvent *out) {
    SekBuf text;
    *out = (SekGenEvent){0};
    gen->focus = gen->n_rules ? sek_gen_below(gen, gen->n_rules) : 0;
    sek_arena_init(&out->arena, 0);
    sek_buf_init(&text, 65536);
    for (uint32_t i = 0; i < shape->shape.n_fields; i++)
        (void)fill(gen, &shape->fields[i], out, i, &text);
    sek_buf_deinit(&text);
    out->naive.fields = out->naive_fields;
    out->event = (SekEvent){.shape = &shape->shape, .arena = &out->arena};
    out->event.values[1] = out->values;
    out->event.n_values[1] = shape->shape.n_fields;
}

void sek_gen_event_free(SekGenEvent *event) {
    sek_arena_deinit(&event->arena);
}
