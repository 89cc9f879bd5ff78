/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/process_reader.h"

#include "event/taxonomy.h"

#include <stdlib.h>

#define MAX_PLANS SEK_SHAPE_IDS /* shapes with a plan; the reader caches no more */
#define TEXT_MAX (1u << 20)

/* Fields by what they say. Names: Sysmon 15 manifest; Windows security audit events 4688, 4689, 4697,
 * 4698; TaskScheduler 106, 129, 140, 200; WMI-Activity 5858, 5860, 5861; System 7045. */
typedef enum {
    GUID, PID, IMAGE, COMMAND, USER, PARENT_GUID, PARENT_PID, PARENT_IMAGE, PARENT_COMMAND, PARENT_USER,
    SOURCE_GUID, SOURCE_PID, NEW_PID, NEW_NAME, PARENT_NAME, PROCESS_NAME, SUBJECT_USER, SUBJECT_DOMAIN,
    TARGET_USER, TARGET_DOMAIN, LOADED, TASK_NAME, ACTION_NAME, SERVICE_NAME,
    IMAGE_PATH, SERVICE_FILE, CLIENT_PID, EXECUTION_PID, N_ROLES,
} Role;

static const char *const role_names[N_ROLES] = {
    [GUID] = "ProcessGuid", [PID] = "ProcessId", [IMAGE] = "Image", [COMMAND] = "CommandLine", [USER] = "User",
    [PARENT_GUID] = "ParentProcessGuid", [PARENT_PID] = "ParentProcessId", [PARENT_IMAGE] = "ParentImage",
    [PARENT_COMMAND] = "ParentCommandLine", [PARENT_USER] = "ParentUser",
    [SOURCE_GUID] = "SourceProcessGuid", [SOURCE_PID] = "SourceProcessId", [NEW_PID] = "NewProcessId",
    [NEW_NAME] = "NewProcessName", [PARENT_NAME] = "ParentProcessName", [PROCESS_NAME] = "ProcessName",
    [SUBJECT_USER] = "SubjectUserName", [SUBJECT_DOMAIN] = "SubjectDomainName",
    [TARGET_USER] = "TargetUserName", [TARGET_DOMAIN] = "TargetDomainName",
    [LOADED] = "ImageLoaded", [TASK_NAME] = "TaskName",
    [ACTION_NAME] = "ActionName", [SERVICE_NAME] = "ServiceName", [IMAGE_PATH] = "ImagePath",
    [SERVICE_FILE] = "ServiceFileName", [CLIENT_PID] = "ClientProcessId", [EXECUTION_PID] = "Execution_ProcessID",
};

#define ABSENT UINT16_MAX

#define CHANNEL_MAX 128u /* bytes of a channel's name that is remembered */

typedef struct Plan {
    uint16_t field[N_ROLES]; /* index into the shape's fields */
    /* The last event that was asked whether it is from its teller's log, and the answer. */
    uint32_t event_id, channel_len;
    uint8_t channel_type, channel[CHANNEL_MAX];
    bool from;
} Plan;

/* Which events tell what. */
typedef struct Teller {
    uint32_t event_id;
    const char *service;
    uint8_t kind; /* SekFactKind */
    uint8_t view; /* SekProcessView */
} Teller;

static const Teller tellers[] = {
    {1, "sysmon", SEK_FACT_START, SEK_VIEW_SYSMON},
    {5, "sysmon", SEK_FACT_END, SEK_VIEW_SYSMON},
    {7, "sysmon", SEK_FACT_WMI_LIBRARY, 0},
    {106, "taskscheduler", SEK_FACT_TASK_MADE, 0},
    {129, "taskscheduler", SEK_FACT_TASK_STARTED, 0},
    {140, "taskscheduler", SEK_FACT_TASK_MADE, 0},
    {200, "taskscheduler", SEK_FACT_TASK_STARTED, 0},
    {4608, "security", SEK_FACT_BOOT, 0},
    {4688, "security", SEK_FACT_START, SEK_VIEW_SECURITY},
    {4689, "security", SEK_FACT_END, SEK_VIEW_SECURITY},
    {4697, "security", SEK_FACT_SERVICE_MADE, 0},
    {4698, "security", SEK_FACT_TASK_MADE, 0},
    {5858, "wmi", SEK_FACT_WMI_CLIENT, 0},
    {5860, "wmi", SEK_FACT_WMI_CLIENT, 0},
    {5861, "wmi", SEK_FACT_WMI_CLIENT, 0},
    {6005, "system", SEK_FACT_BOOT, 0},
    {7045, "system", SEK_FACT_SERVICE_MADE, 0},
};

struct SekProcessReader {
    Plan **plans; /* by shape id */
    uint32_t n_plans; /* those behind were never touched */
    Plan one_off;
    SekArena fact, key; /* texts of the current one */
    SekBuf text;
};

SekStatus sek_process_reader_new(SekProcessReader **out) {
    SekProcessReader *r = calloc(1, sizeof *r);
    if (!r)
        return SEK_ERR_MEMORY;
    sek_arena_init(&r->fact, 0);
    sek_arena_init(&r->key, 0);
    sek_buf_init(&r->text, TEXT_MAX);
    r->plans = calloc(MAX_PLANS + 1, sizeof *r->plans);
    if (!r->plans) {
        sek_process_reader_free(r);
        return SEK_ERR_MEMORY;
    }
    *out = r;
    return SEK_OK;
}

void sek_process_reader_free(SekProcessReader *r) {
    if (!r)
        return;
    for (uint32_t i = 0; i < r->n_plans; i++)
        free(r->plans[i]);
    free(r->plans);
    sek_arena_deinit(&r->fact);
    sek_arena_deinit(&r->key);
    sek_buf_deinit(&r->text);
    free(r);
}

/* --- fields ---------------------------------------------------------------------------------- */

static void make_plan(const SekShape *shape, Plan *plan) {
    *plan = (Plan){.event_id = 0};
    memset(plan->field, 0xff, sizeof plan->field);
    for (uint32_t i = 0; i < shape->n_fields && i < ABSENT; i++)
        for (unsigned role = 0; role < N_ROLES; role++) {
            bool exact;
            if (sek_field_is(&shape->fields[i], sek_str(role_names[role]), &exact) &&
                (plan->field[role] == ABSENT || exact))
                plan->field[role] = (uint16_t)i;
        }
}

static Plan *plan_of(SekProcessReader *r, const SekShape *shape) {
    if (shape->id == 0 || shape->id > MAX_PLANS) {
        make_plan(shape, &r->one_off);
        return &r->one_off;
    }
    Plan *plan = r->plans[shape->id];
    if (!plan) {
        plan = r->plans[shape->id] = malloc(sizeof *plan);
        if (plan)
            make_plan(shape, plan);
        if (r->n_plans <= shape->id)
            r->n_plans = shape->id + 1;
    }
    return plan;
}

/* What it takes to read fields of one event. */
typedef struct Look {
    SekProcessReader *reader;
    const SekEvent *event;
    Plan *plan;
    SekArena *arena;
    SekStatus status; /* SEK_ERR_MEMORY sticks */
} Look;

static bool value_of(const Look *look, Role role, SekValue *out) {
    uint16_t field = look->plan->field[role];
    return field != ABSENT && sek_event_value(look->event, &look->event->shape->fields[field], out) == SEK_OK;
}

static SekStr keep_text(Look *look, SekValue value) {
    SekBuf *text = &look->reader->text;
    sek_buf_clear(text);
    sek_value_text(value, text);
    SekStr whole = sek_buf_str(text);
    if (whole.len > SEK_PROCESS_TEXT_MAX)
        whole.len = SEK_PROCESS_TEXT_MAX;
    SekStr kept = sek_arena_dup(look->arena, whole);
    if (!kept.ptr)
        look->status = SEK_ERR_MEMORY;
    return kept.ptr ? kept : (SekStr){0};
}

/* Empty when the event has no such field, and for "-", which stands for nothing. */
static SekStr text_of(Look *look, Role role) {
    SekValue value;
    if (!value_of(look, role, &value))
        return (SekStr){0};
    SekStr text = keep_text(look, value);
    return sek_str_eq(text, SEK_STR("-")) ? (SekStr){0} : text;
}

/* Decimal, or hexadecimal behind 0x: Security's form. */
static bool number_of(Look *look, Role role, uint64_t *out) {
    SekStr text = text_of(look, role);
    uint64_t number = 0;
    unsigned base = 10;
    if (text.len > 2 && text.ptr[0] == '0' && (text.ptr[1] | 32) == 'x') {
        base = 16;
        text = sek_str_n(text.ptr + 2, text.len - 2);
    }
    if (text.len == 0 || text.len > 20)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int digit = sek_hex_digit(text.ptr[i]);
        if (digit < 0 || (unsigned)digit >= base)
            return false;
        number = number * base + (unsigned)digit;
    }
    *out = number;
    return true;
}

static uint32_t pid_of(Look *look, Role role) {
    uint64_t number;
    return number_of(look, role, &number) && number < SEK_NO_PID ? (uint32_t)number : SEK_NO_PID;
}

/* A GUID in memory has its first three numbers in little-endian order ([MS-DTYP] 2.3.4); its text has not. */
static void read_binary_guid(const uint8_t *bytes, uint8_t out[16]) {
    static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    for (unsigned i = 0; i < 16; i++)
        out[i] = bytes[order[i]];
}

static void guid_of(Look *look, Role role, uint8_t out[16]) {
    SekValue value;
    if (value_of(look, role, &value) && value.type == SEK_VALUE_GUID && value.len == 16) {
        read_binary_guid(value.ptr, out);
        return;
    }
    if (!sek_process_guid(text_of(look, role), out))
        memset(out, 0, 16);
}

/* DOMAIN\name; empty without a name. */
static SekStr account_of(Look *look, Role domain, Role name) {
    SekStr who = text_of(look, name), where = text_of(look, domain);
    if (who.len == 0 || where.len == 0)
        return who;
    char *joined = sek_arena_alloc(look->arena, where.len + 1 + who.len);
    if (!joined) {
        look->status = SEK_ERR_MEMORY;
        return (SekStr){0};
    }
    memcpy(joined, where.ptr, where.len);
    joined[where.len] = '\\';
    memcpy(joined + where.len + 1, who.ptr, who.len);
    return sek_str_n(joined, where.len + 1 + who.len);
}

/* --- facts ----------------------------------------------------------------------------------- */

static void sysmon_start(Look *look, SekProcessFact *f) {
    guid_of(look, GUID, f->process.guid);
    guid_of(look, PARENT_GUID, f->parent_guid);
    f->process.pid = pid_of(look, PID);
    f->parent_pid = pid_of(look, PARENT_PID);
    f->image = text_of(look, IMAGE);
    f->command_line = text_of(look, COMMAND);
    f->user = text_of(look, USER);
    f->parent_image = text_of(look, PARENT_IMAGE);
    f->parent_command_line = text_of(look, PARENT_COMMAND);
    f->parent_user = text_of(look, PARENT_USER);
}

/* The target account, where there is one, is whom the process runs as; the subject started it. */
static void security_start(Look *look, SekProcessFact *f) {
    f->process.pid = pid_of(look, NEW_PID);
    f->parent_pid = pid_of(look, PID);
    f->image = text_of(look, NEW_NAME);
    f->command_line = text_of(look, COMMAND);
    f->parent_image = text_of(look, PARENT_NAME);
    f->user = account_of(look, TARGET_DOMAIN, TARGET_USER);
    if (f->user.len == 0)
        f->user = account_of(look, SUBJECT_DOMAIN, SUBJECT_USER);
}

/* Libraries through which a program asks WMI for something: the scripting interface, the client proxy and
 * what they load (public image-load samples of documents and scripts that use WMI). */
static bool is_wmi_library(SekValue image) {
    static const char *const names[] = {"\\wbemdisp.dll", "\\wbemprox.dll", "\\wbemcomn.dll", "\\fastprox.dll",
                                        "\\wbemsvc.dll", "\\wmiutils.dll"};
    char tail[16];
    unsigned step = image.type == SEK_VALUE_STRING ? 2 : 1, n = 0;
    uint32_t end = image.len;
    if (step == 2 && end >= 2 && image.ptr[end - 1] == 0 && image.ptr[end - 2] == 0)
        end -= 2; /* a final NUL is not part of the text */
    for (; n < sizeof tail && end >= step * (n + 1); n++) {
        const uint8_t *at = image.ptr + end - step * (n + 1);
        if (step == 2 && at[1])
            break;
        tail[sizeof tail - 1 - n] = (char)at[0];
    }
    SekStr text = {tail + sizeof tail - n, n};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        SekStr name = sek_str(names[i]);
        if (text.len >= name.len && sek_str_eq_nocase(sek_str_n(text.ptr + text.len - name.len, name.len), name))
            return true;
    }
    return false;
}

static bool is_event_log(Look *look) {
    SekStr provider = keep_text(look, sek_event_system(look->event, SEK_SYSTEM_PROVIDER));
    return sek_str_eq_nocase(provider, SEK_STR("EventLog"));
}

/* False when the event does not say what its kind should. */
static bool read_fact(Look *look, const Teller *teller, SekProcessFact *f) {
    SekValue loaded;
    switch ((SekFactKind)teller->kind) {
    case SEK_FACT_START:
        teller->view == SEK_VIEW_SYSMON ? sysmon_start(look, f) : security_start(look, f);
        return f->process.pid != SEK_NO_PID || sek_process_has_guid(f->process.guid);
    case SEK_FACT_END:
        guid_of(look, GUID, f->process.guid);
        f->process.pid = pid_of(look, PID);
        f->image = text_of(look, teller->view == SEK_VIEW_SYSMON ? IMAGE : PROCESS_NAME);
        return f->process.pid != SEK_NO_PID;
    case SEK_FACT_WMI_LIBRARY:
        if (!value_of(look, LOADED, &loaded) || !is_wmi_library(loaded))
            return false;
        guid_of(look, GUID, f->process.guid);
        f->process.pid = pid_of(look, PID);
        return true;
    case SEK_FACT_WMI_CLIENT:
        f->process.pid = pid_of(look, CLIENT_PID);
        if (f->process.pid == SEK_NO_PID)
            f->process.pid = pid_of(look, PID);
        return f->process.pid != SEK_NO_PID;
    case SEK_FACT_TASK_STARTED:
        f->name = text_of(look, TASK_NAME);
        f->process.pid = pid_of(look, PID);
        f->image = text_of(look, ACTION_NAME);
        return f->name.len && (f->process.pid != SEK_NO_PID || f->image.len);
    case SEK_FACT_TASK_MADE:
        f->name = text_of(look, TASK_NAME);
        f->process.pid = pid_of(look, CLIENT_PID);
        return f->name.len > 0;
    case SEK_FACT_SERVICE_MADE:
        f->name = text_of(look, SERVICE_NAME);
        f->image = text_of(look, IMAGE_PATH);
        if (f->image.len == 0)
            f->image = text_of(look, SERVICE_FILE);
        f->process.pid = pid_of(look, CLIENT_PID);
        return f->name.len && f->image.len;
    case SEK_FACT_BOOT:
        return teller->event_id != 6005 || is_event_log(look); /* others have a 6005 too */
    }
    return false;
}

/* `*by_channel`: the channel alone says so. */
static bool is_from(Look *look, const char *service, bool *by_channel) {
    SekStr channel = keep_text(look, sek_event_system(look->event, SEK_SYSTEM_CHANNEL));
    SekStr provider = keep_text(look, sek_event_system(look->event, SEK_SYSTEM_PROVIDER));
    int index = sek_service_find(sek_str(service));
    *by_channel = sek_channel_known(channel);
    return index >= 0 && sek_service_has(&sek_services[index], channel, provider, *by_channel);
}

/* The same for a teller; the answer for the last channel of a shape is remembered. */
static bool is_told_by(Look *look, const Teller *teller) {
    Plan *plan = look->plan;
    SekValue channel = sek_event_system(look->event, SEK_SYSTEM_CHANNEL);
    bool same = plan->event_id == teller->event_id && channel.len && plan->channel_len == channel.len &&
                plan->channel_type == channel.type && memcmp(plan->channel, channel.ptr, channel.len) == 0;
    if (same)
        return plan->from;
    bool by_channel, from = is_from(look, teller->service, &by_channel);
    if (by_channel && channel.len && channel.len <= CHANNEL_MAX) {
        memcpy(plan->channel, channel.ptr, channel.len);
        plan->channel_len = channel.len;
        plan->channel_type = channel.type;
        plan->event_id = teller->event_id;
        plan->from = from;
    }
    return from;
}

static const Teller *teller_of(uint32_t event_id) {
    size_t low = 0, high = sizeof tellers / sizeof *tellers;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tellers[middle].event_id < event_id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < sizeof tellers / sizeof *tellers && tellers[low].event_id == event_id ? &tellers[low] : NULL;
}

SekStatus sek_process_note(SekProcessReader *r, const SekEvent *event, uint32_t file, SekLineageLog *log) {
    const Teller *teller = teller_of(sek_event_id(event));
    if (!teller)
        return SEK_OK;
    Plan *plan = plan_of(r, event->shape);
    if (!plan)
        return SEK_ERR_MEMORY;
    sek_arena_reset(&r->fact);
    Look look = {.reader = r, .event = event, .plan = plan, .arena = &r->fact, .status = SEK_OK};
    SekProcessFact fact = {.kind = teller->kind, .view = teller->view, .parent_pid = SEK_NO_PID, .file = file,
                           .offset = event->offset};
    fact.process.time = event->time;
    fact.process.pid = SEK_NO_PID;
    if (!read_fact(&look, teller, &fact) || !is_told_by(&look, teller))
        return look.status;
    fact.process.host = keep_text(&look, sek_event_system(event, SEK_SYSTEM_COMPUTER));
    return look.status == SEK_OK ? sek_lineage_log_add(log, &fact) : look.status;
}

/* --- the process of an event ------------------------------------------------------------------ */

/* Asked of the event, not of its shape: the shape of a CSV file has the columns of all its events. */
static bool has(const Look *look, Role role) {
    SekValue value;
    return value_of(look, role, &value);
}

SekStatus sek_process_of(SekProcessReader *r, const SekEvent *event, SekProcessKey *out) {
    Plan *plan = plan_of(r, event->shape);
    if (!plan)
        return SEK_ERR_MEMORY;
    sek_arena_reset(&r->key);
    Look look = {.reader = r, .event = event, .plan = plan, .arena = &r->key, .status = SEK_OK};
    SekProcessKey key = {.time = event->time, .pid = SEK_NO_PID};
    bool by_channel;
    if (has(&look, NEW_PID)) {
        key.pid = pid_of(&look, NEW_PID);
    } else if (has(&look, SOURCE_GUID) || has(&look, SOURCE_PID)) {
        guid_of(&look, SOURCE_GUID, key.guid);
        key.pid = pid_of(&look, SOURCE_PID);
    } else if (has(&look, GUID) || has(&look, PID)) {
        guid_of(&look, GUID, key.guid);
        key.pid = pid_of(&look, PID);
    } else if (has(&look, EXECUTION_PID) && is_from(&look, "powershell", &by_channel)) {
        key.pid = pid_of(&look, EXECUTION_PID);
    }
    if (key.pid == SEK_NO_PID && !sek_process_has_guid(key.guid))
        return look.status == SEK_OK ? SEK_NOT_FOUND : look.status;
    key.host = keep_text(&look, sek_event_system(event, SEK_SYSTEM_COMPUTER));
    *out = key;
    return look.status;
}
