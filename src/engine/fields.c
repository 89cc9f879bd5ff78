/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fields.h"

#include "base/grow.h"
#include "base/utf.h"
#include "event/context.h"
#include "event/derive.h"

#include <stdlib.h>

#define MAX_PLANS SEK_SHAPE_IDS /* shapes with a plan */
/* Bytes of one value as text: a record holds 64 KiB and UTF-8 needs 3/2, but a script that was joined of
 * many may have SEK_SCRIPT_BYTES, and folding may make 3 bytes of 2. */
#define TEXT_MAX (16u << 20)

#define ALL_MAX (32u << 20) /* all values of one record, folded */

/* Where a field stands: entries of a plan. 0 = not looked up yet. */
#define PLAN_ABSENT 1u
#define PLAN_FIRST 2u /* PLAN_FIRST + index into refs, where a count and field indices stand */
#define PLAN_CONTEXT UINT32_MAX /* a key of PowerShell's context, if the event has one */

typedef struct Slot {
    uint32_t generation;
    uint32_t n;
    SekText *texts; /* `one`, or an array in the record's arena */
    SekText one;
} Slot;

struct SekFields {
    const SekRuleset *rules;
    const SekEvent *event;
    SekArena record; /* texts of one record */
    SekBuf scratch, folded;
    SekBuf all; /* sek_fields_all */
    Slot *slots; /* one a ruleset field */
    uint32_t generation;
    uint32_t **plans; /* by shape id */
    uint32_t n_plans; /* those behind were never touched */
    uint32_t *one_off; /* the plan of a shape that lives for one record */
    uint32_t *refs;
    uint32_t n_refs, cap_refs;
    uint32_t *plan; /* of the current event */
    SekFieldsAncestry ancestry; /* the same */
    bool has_ancestry;
};

SekStatus sek_fields_new(const SekRuleset *rules, SekFields **out) {
    SekFields *f = calloc(1, sizeof *f);
    if (!f)
        return SEK_ERR_MEMORY;
    f->rules = rules;
    sek_arena_init(&f->record, 0);
    sek_buf_init(&f->scratch, TEXT_MAX);
    sek_buf_init(&f->folded, TEXT_MAX);
    sek_buf_init(&f->all, ALL_MAX);
    f->slots = calloc(rules->n_fields, sizeof *f->slots);
    f->plans = calloc(MAX_PLANS + 1, sizeof *f->plans);
    f->one_off = calloc(rules->n_fields, sizeof *f->one_off);
    if (!f->slots || !f->plans || !f->one_off) {
        sek_fields_free(f);
        return SEK_ERR_MEMORY;
    }
    *out = f;
    return SEK_OK;
}

void sek_fields_free(SekFields *f) {
    if (!f)
        return;
    for (uint32_t i = 0; i < f->n_plans; i++)
        free(f->plans[i]);
    free(f->plans);
    free(f->one_off);
    free(f->slots);
    free(f->refs);
    sek_arena_deinit(&f->record);
    sek_buf_deinit(&f->scratch);
    sek_buf_deinit(&f->folded);
    sek_buf_deinit(&f->all);
    free(f);
}

SekStatus sek_fields_start(SekFields *f, const SekEvent *event) {
    f->event = event;
    f->has_ancestry = false;
    sek_arena_reset(&f->record);
    if (++f->generation == 0) {
        memset(f->slots, 0, f->rules->n_fields * sizeof *f->slots);
        f->generation = 1;
    }
    uint32_t id = event->shape->id;
    if (id == 0 || id > MAX_PLANS) {
        memset(f->one_off, 0, f->rules->n_fields * sizeof *f->one_off);
        f->plan = f->one_off;
        return SEK_OK;
    }
    if (!f->plans[id])
        f->plans[id] = calloc(f->rules->n_fields, sizeof **f->plans);
    if (f->n_plans <= id)
        f->n_plans = id + 1;
    f->plan = f->plans[id];
    return f->plan ? SEK_OK : SEK_ERR_MEMORY;
}

static SekStatus push_ref(SekFields *f, uint32_t value) {
    if (sek_grow(&f->refs, &f->cap_refs, f->n_refs, sizeof *f->refs) != SEK_OK)
        return SEK_ERR_MEMORY;
    f->refs[f->n_refs++] = value;
    return SEK_OK;
}

/* Appends the fields of the shape that bear the name: all exact ones, or, where there is none, those
 * that differ in case and blanks only. */
static SekStatus find_fields(SekFields *f, SekStr name, uint32_t *out_n) {
    const SekShape *shape = f->event->shape;
    *out_n = 0;
    for (int pass = 0; pass < 2 && *out_n == 0; pass++)
        for (uint32_t i = 0; i < shape->n_fields; i++) {
            bool exact;
            if (!sek_field_is(&shape->fields[i], name, &exact) || exact != (pass == 0))
                continue;
            if (push_ref(f, i) != SEK_OK)
                return SEK_ERR_MEMORY;
            ++*out_n;
        }
    return SEK_OK;
}

static SekStatus plan_field(SekFields *f, uint32_t id, uint32_t *out) {
    if (f->plan == f->one_off && f->n_refs > 1u << 20)
        f->n_refs = 0, memset(f->one_off, 0, f->rules->n_fields * sizeof *f->one_off);
    uint32_t start = f->n_refs, n;
    SekStr name = f->rules->fields[id].name;
    if (push_ref(f, 0) != SEK_OK || find_fields(f, name, &n) != SEK_OK)
        return SEK_ERR_MEMORY;
    /* Some rules use the name that Sigma's generic taxonomy has for it. */
    if (n == 0 && sek_str_eq_nocase(name, SEK_STR("ComputerName")) &&
        find_fields(f, SEK_STR("Computer"), &n) != SEK_OK)
        return SEK_ERR_MEMORY;
    bool context = n == 0 && sek_context_key(name) != SEK_CONTEXT_NONE && sek_context_shape(f->event->shape);
    if (n == 0)
        f->n_refs = start;
    else
        f->refs[start] = n;
    *out = f->plan[id] = n ? PLAN_FIRST + start : context ? PLAN_CONTEXT : PLAN_ABSENT;
    return SEK_OK;
}

/* UTF-16 that is ASCII, as nearly all of it is, is narrowed and folded in one go. */
static SekStr fold_value(SekFields *f, SekValue value) {
    if (value.type == SEK_VALUE_STRING) {
        size_t units = value.len / 2;
        if (units && value.ptr[2 * units - 2] == 0 && value.ptr[2 * units - 1] == 0)
            units--; /* a final NUL is not part of the text */
        char *out = sek_arena_alloc(&f->record, units + SEK_TEXT_PAD);
        if (!out || sek_utf16le_fold_ascii(value.ptr, units, out))
            return sek_str_n(out, out ? units : 0);
    }
    sek_buf_clear(&f->scratch);
    sek_buf_clear(&f->folded);
    sek_value_text(value, &f->scratch);
    sek_fold_append(&f->folded, sek_buf_str(&f->scratch));
    char *out = sek_arena_alloc(&f->record, f->folded.len + SEK_TEXT_PAD);
    if (out && f->folded.len)
        memcpy(out, f->folded.data, f->folded.len);
    return sek_str_n(out, out ? f->folded.len : 0);
}

static SekStatus add_text(SekFields *f, Slot *slot, SekValue value, SekStr name) {
    SekStr folded = fold_value(f, value);
    if (!folded.ptr)
        return SEK_ERR_MEMORY;
    slot->texts[slot->n++] = (SekText){.value = value, .folded = folded, .head = sek_text_head(folded),
                                       .tail = sek_text_tail(folded), .name = name};
    return SEK_OK;
}

/* Adds the text of each element of `value` to `slot`, which has room for it. */
static SekStatus add_texts(SekFields *f, Slot *slot, SekValue value, SekStr name) {
    if (!sek_value_is_array(value))
        return add_text(f, slot, value, name);
    uint32_t at = 0;
    SekValue item;
    while (sek_value_next(value, &at, &item) == SEK_OK)
        if (add_text(f, slot, item, name) != SEK_OK)
            return SEK_ERR_MEMORY;
    return SEK_OK;
}

static uint32_t count_items(SekValue value) {
    uint32_t at = 0, n = 0;
    SekValue item;
    while (sek_value_next(value, &at, &item) == SEK_OK)
        n++;
    return n;
}

/* Makes room for `more` texts behind those that `slot` has. */
static SekStatus make_room(SekFields *f, Slot *slot, uint32_t more) {
    if (slot->n == 0 && more <= 1) {
        slot->texts = &slot->one;
        return SEK_OK;
    }
    SekText *bigger = SEK_ARENA_ARRAY(&f->record, SekText, slot->n + more + 1);
    if (!bigger)
        return SEK_ERR_MEMORY;
    if (slot->n)
        memcpy(bigger, slot->texts, slot->n * sizeof *bigger);
    slot->texts = bigger;
    return SEK_OK;
}

static SekStatus load_field(SekFields *f, Slot *slot, const SekField *field) {
    SekValue value;
    SekStatus status = sek_event_value(f->event, field, &value);
    if (status == SEK_NOT_FOUND)
        return SEK_OK;
    if (status == SEK_OK)
        status = make_room(f, slot, sek_value_is_array(value) ? count_items(value) : 1);
    return status == SEK_OK ? add_texts(f, slot, value, field->name) : status;
}

static SekStatus load_all(SekFields *f, Slot *slot) {
    const SekShape *shape = f->event->shape;
    uint32_t total = 0;
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        SekValue value;
        if (sek_event_value(f->event, &shape->fields[i], &value) == SEK_OK)
            total += sek_value_is_array(value) ? count_items(value) : 1;
    }
    if (make_room(f, slot, total) != SEK_OK)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        SekValue value;
        SekStatus status = sek_event_value(f->event, &shape->fields[i], &value);
        if (status == SEK_OK)
            status = add_texts(f, slot, value, shape->fields[i].name);
        if (status != SEK_OK && status != SEK_NOT_FOUND)
            return status;
    }
    return SEK_OK;
}

/* A value that was not recorded (engine/again.h) stands as it is beside the one that is computed. */
static SekStatus load_extra(SekFields *f, Slot *slot, SekStr name) {
    const SekShape *shape = f->event->shape;
    for (uint32_t i = shape->n_fields - f->event->n_values[SEK_PART_ADDED]; i < shape->n_fields; i++)
        if (sek_str_eq_nocase(shape->fields[i].name, name) &&
            load_field(f, slot, &shape->fields[i]) != SEK_OK)
            return SEK_ERR_MEMORY;
    return SEK_OK;
}

/* A value that is computed from others: by a rename of the taxonomy, or out of PowerShell's context. */
static SekStatus load_derived(SekFields *f, Slot *slot, const SekRulesetField *field) {
    SekValue value;
    SekStatus status = field->derive != SEK_DERIVE_NONE
                           ? sek_derive(field->derive, f->event, &value)
                           : sek_context_value(f->event, sek_context_key(field->name), &value);
    if (status != SEK_OK)
        return status == SEK_NOT_FOUND ? SEK_OK : status;
    SekStr shown = field->derive != SEK_DERIVE_NONE ? sek_str(sek_derive_name(field->derive)) : field->name;
    if (make_room(f, slot, 1) != SEK_OK || add_texts(f, slot, value, shown) != SEK_OK)
        return SEK_ERR_MEMORY;
    return f->event->n_values[SEK_PART_ADDED] ? load_extra(f, slot, field->name) : SEK_OK;
}

void sek_fields_ancestry(SekFields *f, const SekFieldsAncestry *ancestry) {
    f->ancestry = *ancestry;
    f->has_ancestry = true;
}

static void load_ancestry(SekFields *f, Slot *slot, const SekRulesetField *field) {
    SekStr promise = f->ancestry.promise;
    if (!f->has_ancestry)
        return;
    if (promise.len) {
        slot->one = (SekText){.raw = promise, .folded = promise, .name = field->name};
        slot->texts = &slot->one;
        slot->n = 1;
        return;
    }
    slot->texts = f->ancestry.texts[field->ancestry];
    slot->n = f->ancestry.n_texts[field->ancestry];
}

static SekStatus load(SekFields *f, uint32_t id, Slot *slot) {
    const SekRulesetField *field = &f->rules->fields[id];
    slot->generation = f->generation;
    slot->n = 0;
    if (id == SEK_FIELD_ID_KEYWORDS)
        return load_all(f, slot);
    if (field->ancestry != SEK_ANCESTRY_NONE) {
        load_ancestry(f, slot, field);
        return SEK_OK;
    }
    if (field->derive != SEK_DERIVE_NONE)
        return load_derived(f, slot, field);
    uint32_t entry = f->plan[id];
    if (entry == 0 && plan_field(f, id, &entry) != SEK_OK)
        return SEK_ERR_MEMORY;
    if (entry == PLAN_ABSENT)
        return SEK_OK;
    if (entry == PLAN_CONTEXT)
        return load_derived(f, slot, field);
    uint32_t start = entry - PLAN_FIRST;
    for (uint32_t i = 0; i < f->refs[start]; i++) {
        SekStatus status = load_field(f, slot, &f->event->shape->fields[f->refs[start + 1 + i]]);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

/* Literals are the same for all events of the shape. */
static bool tell_slots(const SekField *field, SekSourceSink sink, void *user) {
    if (field->kind == SEK_FIELD_SLOT)
        return sink(user, field);
    for (uint32_t i = 0; field->kind == SEK_FIELD_COMPOSITE && i < field->n_pieces; i++)
        if (field->pieces[i].kind == SEK_FIELD_SLOT && !sink(user, &field->pieces[i]))
            return false;
    return true;
}

static SekStatus derive_sources(SekFields *f, SekDerive derive, SekSourceSink sink, void *user) {
    const SekShape *shape = f->event->shape;
    for (const char *const *name = sek_derive_sources(derive); *name; name++)
        for (uint32_t i = 0; i < shape->n_fields; i++)
            if (sek_str_eq(shape->fields[i].name, sek_str(*name)) && !tell_slots(&shape->fields[i], sink, user))
                return SEK_NOT_FOUND;
    return SEK_OK;
}

SekStatus sek_fields_sources(SekFields *f, uint32_t id, SekSourceSink sink, void *user) {
    const SekRulesetField *field = &f->rules->fields[id];
    if (id == SEK_FIELD_ID_KEYWORDS)
        return SEK_NOT_FOUND;
    if (field->derive != SEK_DERIVE_NONE)
        return derive_sources(f, field->derive, sink, user);
    uint32_t entry = f->plan[id];
    if (entry == 0 && plan_field(f, id, &entry) != SEK_OK)
        return SEK_ERR_MEMORY;
    if (entry == PLAN_ABSENT)
        return SEK_OK;
    if (entry == PLAN_CONTEXT)
        return SEK_NOT_FOUND;
    uint32_t start = entry - PLAN_FIRST;
    for (uint32_t i = 0; i < f->refs[start]; i++)
        if (!tell_slots(&f->event->shape->fields[f->refs[start + 1 + i]], sink, user))
            return SEK_NOT_FOUND;
    return SEK_OK;
}

SekStatus sek_fields_get(SekFields *f, uint32_t id, SekText **out, uint32_t *out_n) {
    Slot *slot = &f->slots[id];
    if (slot->generation != f->generation) {
        SekStatus status = load(f, id, slot);
        if (status != SEK_OK)
            return status;
    }
    *out = slot->texts;
    *out_n = slot->n;
    return SEK_OK;
}

static void append_folded(SekFields *f, SekValue value) {
    size_t units = value.len / 2;
    if (value.type == SEK_VALUE_STRING) {
        char *at = sek_buf_reserve(&f->all, units + 1);
        if (at && sek_utf16le_fold_ascii(value.ptr, units, at)) {
            sek_buf_advance(&f->all, units);
            return;
        }
    }
    sek_buf_clear(&f->scratch);
    sek_value_text(value, &f->scratch);
    sek_fold_append(&f->all, sek_buf_str(&f->scratch));
}

static bool is_text(SekValue value) {
    uint8_t type = value.type & (uint8_t)~SEK_VALUE_ARRAY;
    return type == SEK_VALUE_STRING || type == SEK_VALUE_ANSI || type >= SEK_VALUE_EVTHANDLE;
}

SekStatus sek_fields_all(SekFields *f, bool text_only, SekStr *out) {
    const SekShape *shape = f->event->shape;
    sek_buf_clear(&f->all);
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        SekValue value;
        SekStatus status = sek_event_value(f->event, &shape->fields[i], &value);
        if (status == SEK_NOT_FOUND || (status == SEK_OK && text_only && !is_text(value)))
            continue;
        if (status != SEK_OK)
            return status;
        uint32_t at = 0;
        SekValue item;
        if (!sek_value_is_array(value))
            append_folded(f, value);
        else
            while (sek_value_next(value, &at, &item) == SEK_OK) {
                append_folded(f, item);
                sek_buf_addc(&f->all, '\0');
            }
        sek_buf_addc(&f->all, '\0');
    }
    (void)sek_buf_reserve(&f->all, SEK_TEXT_PAD); /* says itself when it fails */
    *out = sek_buf_str(&f->all);
    return f->all.failed == SEK_ERR_MEMORY ? SEK_ERR_MEMORY : SEK_OK;
}

SekStr sek_fields_raw(SekFields *f, SekText *text) {
    if (!text->raw.ptr) {
        sek_buf_clear(&f->scratch);
        sek_value_text(text->value, &f->scratch);
        text->raw = sek_arena_dup(&f->record, sek_buf_str(&f->scratch));
    }
    return text->raw;
}
