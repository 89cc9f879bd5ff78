/* SPDX-License-Identifier: Apache-2.0 */
#include "event/code_text.h"

#include "event/code_part.h"
#include "event/context.h"

#include <stdlib.h>

#define TEXT_MAX (256u * 1024u) /* one value: a record holds 64 KiB, UTF-8 needs 3/2 */
#define SHAPE_TEXTS SEK_CODE_COMMANDS /* fields of one shape that hold code */

/* How code stands in a field. */
typedef enum { WHOLE, CONTEXT_INFO, PAYLOAD, TASK_XML, DATA } Role;

typedef struct Known {
    const char *field;
    Role role;
    SekScriptKind kind; /* WHOLE */
} Known;

static const Known known[] = {
    {"CommandLine", WHOLE, SEK_SCRIPT_COMMAND},
    {"ParentCommandLine", WHOLE, SEK_SCRIPT_COMMAND},
    {"ProcessCommandLine", WHOLE, SEK_SCRIPT_COMMAND},
    {"TargetCommandline", WHOLE, SEK_SCRIPT_COMMAND},
    {"ImagePath", WHOLE, SEK_SCRIPT_COMMAND},
    {"ServiceFileName", WHOLE, SEK_SCRIPT_COMMAND},
    {"Details", WHOLE, SEK_SCRIPT_COMMAND},
    {"NewValue", WHOLE, SEK_SCRIPT_COMMAND},
    {"Destination", WHOLE, SEK_SCRIPT_COMMAND},
    {"ScriptBlockText", WHOLE, SEK_SCRIPT_POWERSHELL},
    {"ContextInfo", CONTEXT_INFO, SEK_SCRIPT_TEXT},
    {"Payload", PAYLOAD, SEK_SCRIPT_TEXT},
    {"TaskContent", TASK_XML, SEK_SCRIPT_TEXT},
    {"TaskContentNew", TASK_XML, SEK_SCRIPT_TEXT},
    {"Data", DATA, SEK_SCRIPT_TEXT},
};
#define N_KNOWN (sizeof known / sizeof *known)

typedef struct Plan {
    bool made;
    uint8_t n;
    struct {
        uint32_t field; /* of the shape */
        uint8_t known;
    } texts[SHAPE_TEXTS];
} Plan;

struct SekCodeTexts {
    Plan **plans; /* by shape id */
    uint32_t n_plans; /* those behind were never touched */
    Plan one_off;
    SekCodeText list[SEK_CODE_TEXTS];
    uint32_t n;
    SekBuf text;
};

SekStatus sek_code_texts_new(SekCodeTexts **out) {
    SekCodeTexts *t = calloc(1, sizeof *t);
    if (!t)
        return SEK_ERR_MEMORY;
    sek_buf_init(&t->text, TEXT_MAX);
    t->plans = calloc(SEK_SHAPE_IDS + 1, sizeof *t->plans);
    if (!t->plans) {
        sek_code_texts_free(t);
        return SEK_ERR_MEMORY;
    }
    *out = t;
    return SEK_OK;
}

void sek_code_texts_free(SekCodeTexts *t) {
    if (!t)
        return;
    for (uint32_t i = 0; i < t->n_plans; i++)
        free(t->plans[i]);
    free(t->plans);
    sek_buf_deinit(&t->text);
    free(t);
}

static void make_plan(Plan *plan, const SekShape *shape) {
    plan->made = true;
    bool data = false; /* all unnamed Data are one text list */
    for (uint32_t i = 0; i < shape->n_fields && plan->n < SHAPE_TEXTS; i++) {
        bool exact;
        if (shape->fields[i].place == SEK_PLACE_SYSTEM)
            continue;
        for (uint8_t k = 0; k < N_KNOWN; k++) {
            if (!sek_field_is(&shape->fields[i], sek_str(known[k].field), &exact))
                continue;
            if (known[k].role == DATA && data)
                break;
            data |= known[k].role == DATA;
            plan->texts[plan->n].field = i;
            plan->texts[plan->n++].known = k;
            break;
        }
    }
}

/* The plan of a shape: from memory when it has a number. */
static SekStatus find_plan(SekCodeTexts *t, const SekShape *shape, const Plan **out) {
    Plan *plan = &t->one_off;
    if (shape->id > SEK_SHAPES_WIDER && shape->id <= SEK_SHAPE_IDS) {
        if (!t->plans[shape->id])
            t->plans[shape->id] = calloc(1, sizeof *plan);
        if (t->n_plans <= shape->id)
            t->n_plans = shape->id + 1;
        plan = t->plans[shape->id];
        if (!plan)
            return SEK_ERR_MEMORY;
    } else {
        *plan = (Plan){0};
    }
    if (!plan->made)
        make_plan(plan, shape);
    *out = plan;
    return SEK_OK;
}

static void add(SekCodeTexts *t, SekCodeText text) {
    if (t->n < SEK_CODE_TEXTS && text.value.len)
        t->list[t->n++] = text;
}

/* Adds a part of a value, which is copied; what the record's memory has no room for is left out. */
static SekStatus add_part(SekCodeTexts *t, const SekEvent *event, SekCodeText text, SekStr part) {
    if (part.len == 0)
        return SEK_OK;
    SekStr kept = sek_arena_dup(event->arena, part);
    if (!kept.ptr)
        return sek_arena_why(event->arena) == SEK_ERR_LIMIT ? SEK_OK : SEK_ERR_MEMORY;
    text.value = (SekValue){(const uint8_t *)kept.ptr, (uint32_t)kept.len, SEK_VALUE_UTF8};
    add(t, text);
    return SEK_OK;
}

static SekStr text_of(SekCodeTexts *t, SekValue value) {
    sek_buf_clear(&t->text);
    sek_value_text(value, &t->text);
    return sek_buf_str(&t->text);
}

/* Which program was the host, and, where the block is of "Windows PowerShell", which script it ran. */
static SekStatus add_context(SekCodeTexts *t, const SekEvent *event, SekStr field, SekStr block,
                             bool classic) {
    static const SekStr host = {"HostApplication", 15}, line = {"CommandLine", 11};
    SekStr part;
    SekStatus status = SEK_OK;
    if (sek_context_find(block, classic, sek_context_key(host), &part) == SEK_OK)
        status = add_part(t, event, (SekCodeText){field, host, SEK_SCRIPT_COMMAND, {0}, NULL, 0}, part);
    if (status == SEK_OK && classic &&
        sek_context_find(block, classic, sek_context_key(line), &part) == SEK_OK)
        status = add_part(t, event, (SekCodeText){field, line, SEK_SCRIPT_POWERSHELL, {0}, NULL, 0}, part);
    return status;
}

/* The values that commands were given: each may be a script. */
static SekStatus add_payload(SekCodeTexts *t, const SekEvent *event, SekStr field, SekStr payload) {
    static const SekStr part = {"value", 5};
    SekStr value;
    SekStatus status = SEK_OK;
    for (size_t at = 0; status == SEK_OK && sek_code_payload_next(payload, &at, &value) == SEK_OK;)
        status = add_part(t, event, (SekCodeText){field, part, SEK_SCRIPT_POWERSHELL, {0}, NULL, 0}, value);
    return status;
}

static SekStatus add_task(SekCodeTexts *t, const SekEvent *event, SekStr field, SekStr xml) {
    static const SekStr part = {"Command", 7};
    SekBuf line;
    sek_buf_init(&line, TEXT_MAX);
    SekStatus status = SEK_OK;
    for (size_t at = 0; status == SEK_OK && sek_code_task_next(xml, &at, &line) == SEK_OK;)
        status = add_part(t, event, (SekCodeText){field, part, SEK_SCRIPT_COMMAND, {0}, NULL, 0}, sek_buf_str(&line));
    sek_buf_deinit(&line);
    return status;
}

/* One of the unnamed values of an event of "Windows PowerShell". */
static SekStatus add_data(SekCodeTexts *t, const SekEvent *event, SekValue value, uint32_t number,
                          uint32_t block) {
    static const SekStr field = {"Data", 4};
    if (number == 0 && block == 1) {
        add(t, (SekCodeText){field, {0}, SEK_SCRIPT_POWERSHELL, value, NULL, 0});
        return SEK_OK;
    }
    SekStr text = text_of(t, value);
    return number <= block ? add_context(t, event, field, text, true) : add_payload(t, event, field, text);
}

static SekStatus add_all_data(SekCodeTexts *t, const SekEvent *event) {
    uint32_t block, n = 0;
    SekStatus status = SEK_OK;
    if (!sek_context_classic(event, &block))
        return SEK_OK;
    for (uint32_t i = 0; i < event->shape->n_fields; i++) {
        const SekField *field = &event->shape->fields[i];
        SekValue value, item;
        if (!sek_str_eq(field->name, SEK_STR("Data")) || sek_event_value(event, field, &value) != SEK_OK)
            continue;
        for (uint32_t at = 0; status == SEK_OK && sek_value_next(value, &at, &item) == SEK_OK; n++)
            status = add_data(t, event, item, n, block);
    }
    return status;
}

static SekStatus add_field(SekCodeTexts *t, const SekEvent *event, const SekField *field, const Known *k) {
    SekValue value, item;
    if (k->role == DATA)
        return add_all_data(t, event);
    SekStatus status = sek_event_value(event, field, &value);
    if (status != SEK_OK)
        return status == SEK_NOT_FOUND ? SEK_OK : status;
    for (uint32_t at = 0; status == SEK_OK && sek_value_next(value, &at, &item) == SEK_OK;)
        switch (k->role) {
        case CONTEXT_INFO:
            status = add_context(t, event, field->name, text_of(t, item), false);
            break;
        case PAYLOAD:
            status = add_payload(t, event, field->name, text_of(t, item));
            break;
        case TASK_XML:
            status = add_task(t, event, field->name, text_of(t, item));
            break;
        default:
            add(t, (SekCodeText){field->name, {0}, k->kind, item, NULL, 0});
            break;
        }
    return status;
}

uint32_t sek_code_commands(SekCodeTexts *t, const SekEvent *event, uint32_t *out_fields) {
    const Plan *plan;
    if (find_plan(t, event->shape, &plan) != SEK_OK)
        return 0;
    for (uint32_t i = 0; i < plan->n; i++) {
        const Known *k = &known[plan->texts[i].known];
        if (k->role != WHOLE || k->kind != SEK_SCRIPT_COMMAND)
            return 0;
        out_fields[i] = plan->texts[i].field;
    }
    return plan->n;
}

SekStatus sek_code_texts(SekCodeTexts *t, const SekEvent *event, const SekCodeText **out,
                         uint32_t *out_n) {
    const Plan *plan;
    SekStatus status = find_plan(t, event->shape, &plan);
    t->n = 0;
    for (uint32_t i = 0; status == SEK_OK && i < plan->n; i++)
        status = add_field(t, event, &event->shape->fields[plan->texts[i].field],
                           &known[plan->texts[i].known]);
    *out = t->list;
    *out_n = t->n;
    return status;
}
