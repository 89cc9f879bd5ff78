/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/field_names.h"

#include "engine/ancestry.h"
#include "event/context.h"
#include "event/event.h"

/* Of the System section, whose names are the same in every event (Windows Event Log, SystemPropertiesType). */
static const char *const common[] = {
    "EventID", "EventID_Qualifiers", "Version", "Level", "Task", "Opcode", "Keywords", "TimeCreated_SystemTime",
    "EventRecordID", "Correlation_ActivityID", "Correlation_RelatedActivityID", "Execution_ProcessID",
    "Execution_ThreadID", "Execution_ProcessorID", "Channel", "Computer", "Security_UserID", "Provider_Name",
    "Provider_Guid", "Provider_EventSourceName", NULL,
};

static bool same_name(const char *known, SekStr name) {
    SekField field = {.name = sek_str(known)};
    bool exact;
    return sek_field_is(&field, name, &exact);
}

static bool listed(const char *const *names, SekStr name) {
    for (; *names; names++)
        if (same_name(*names, name))
            return true;
    return false;
}

static bool renamed(const SekRename *renames, SekStr name) {
    for (; renames && renames->sigma_field; renames++)
        if (same_name(renames->sigma_field, name))
            return true;
    return false;
}

/* --- the events in scope ------------------------------------------------------------------- */

/* One way into the log source; `event_ids` NULL = any of the service's. */
typedef struct Way {
    unsigned service;
    const uint32_t *event_ids; /* 0-terminated */
    const SekRename *renames;
} Way;

static bool names_provider(const SekNameList *providers, const char *provider) {
    if (providers->n == 0)
        return true;
    for (uint32_t i = 0; i < providers->n; i++)
        if (sek_str_eq_nocase(providers->names[i], sek_str(provider)))
            return true;
    return false;
}

static bool has_id(const SekEventFields *entry, uint32_t id) {
    for (const uint32_t *e = entry->event_ids; *e != UINT32_MAX; e++)
        if (*e == id)
            return true;
    return false;
}

/* Many programs write to these, each with its own meaning of a number. */
static bool is_shared(unsigned service) {
    SekStr name = sek_str(sek_services[service].name);
    return sek_str_eq(name, SEK_STR("system")) || sek_str_eq(name, SEK_STR("application"));
}

typedef struct Answer {
    bool unknown; /* nothing is known of some event */
    bool found;
} Answer;

/* Fields that are computed beside those that an event has: PowerShell's context (event/context.h). */
static bool computed(unsigned service, uint32_t id, SekStr name) {
    SekStr log = sek_str(sek_services[service].name);
    bool context = sek_str_eq(log, SEK_STR("powershell-classic")) ||
                   (sek_str_eq(log, SEK_STR("powershell")) && id >= 4100 && id <= 4103);
    return context && sek_context_key(name) != SEK_CONTEXT_NONE;
}

static void ask_event(const Way *way, const SekNameList *providers, uint32_t id, SekStr name, Answer *answer) {
    bool any = false;
    answer->found = answer->found || computed(way->service, id, name);
    for (unsigned i = 0; i < sek_n_event_fields; i++) {
        const SekEventFields *entry = &sek_event_fields[i];
        if (entry->service != way->service || !has_id(entry, id) || !names_provider(providers, entry->provider))
            continue;
        any = true;
        answer->found = answer->found || listed(entry->fields, name);
    }
    answer->unknown = answer->unknown || !any || (is_shared(way->service) && providers->n == 0);
}

static bool parse_id(SekStr text, uint32_t *out) {
    *out = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || i > 5)
            return false;
        *out = *out * 10 + (uint32_t)(text.ptr[i] - '0');
    }
    return text.len > 0;
}

static bool way_has(const Way *way, uint32_t id) {
    for (const uint32_t *w = way->event_ids; w && *w; w++)
        if (*w == id)
            return true;
    return !way->event_ids;
}

static void ask_way(const Way *way, const SekEventScope *scope, SekStr name, Answer *answer) {
    const SekNameList *ids = &scope->event_ids;
    answer->found = answer->found || renamed(way->renames, name);
    for (uint32_t i = 0; i < ids->n; i++) {
        uint32_t id;
        if (!parse_id(ids->names[i], &id))
            answer->unknown = true;
        else if (way_has(way, id))
            ask_event(way, &scope->providers, id, name, answer);
    }
    if (ids->n)
        return;
    for (const uint32_t *w = way->event_ids; w && *w; w++)
        ask_event(way, &scope->providers, *w, name, answer);
    answer->unknown = answer->unknown || !way->event_ids;
}

/* Calls `visit` for every way into the log source; false when it is not one that is known. */
static bool each_way(const SekLogSource *source, void (*visit)(void *user, const Way *way), void *user) {
    int service = source->service.len ? sek_service_find(source->service) : -1;
    if (source->category.len == 0) {
        if (service >= 0)
            visit(user, &(Way){.service = (unsigned)service});
        return service >= 0;
    }
    bool any = false;
    for (unsigned i = 0; i < sek_n_category_ways; i++) {
        const SekCategoryWay *way = &sek_category_ways[i];
        if (!sek_str_eq_nocase(source->category, sek_str(way->category)) ||
            (service >= 0 && (unsigned)service != way->service))
            continue;
        any = true;
        visit(user, &(Way){way->service, way->event_ids, way->renames});
    }
    return any;
}

typedef struct Question {
    const SekEventScope *scope;
    SekStr name;
    Answer answer;
} Question;

static void ask(void *user, const Way *way) {
    Question *q = user;
    ask_way(way, q->scope, q->name, &q->answer);
}

bool sek_field_name_known(const SekEventScope *scope, SekStr name) {
    if (listed(common, name) || sek_ancestry_field(name) != SEK_ANCESTRY_NONE)
        return true;
    Question q = {.scope = scope, .name = name};
    if (!each_way(scope->logsource, ask, &q))
        return true;
    /* A condition that contradicts the log source leaves no event to speak of. */
    return q.answer.found || q.answer.unknown;
}

/* --- the nearest name ---------------------------------------------------------------------- */

typedef struct Nearest {
    const SekEventScope *scope;
    SekStr name;
    const char *best;
    unsigned distance;
} Nearest;

static void offer(Nearest *n, const char *candidate) {
    SekStr name = sek_str(candidate);
    unsigned d = sek_str_distance(n->name, name);
    if (d < n->distance) {
        n->distance = d;
        n->best = candidate;
    }
}

/* True when an event of `entry` can come this way into the scope. */
static bool in_scope(const Way *way, const SekEventScope *scope, const SekEventFields *entry) {
    if (entry->service != way->service || !names_provider(&scope->providers, entry->provider))
        return false;
    for (const uint32_t *e = entry->event_ids; *e != UINT32_MAX; e++) {
        bool wanted = scope->event_ids.n == 0;
        for (uint32_t i = 0, id; i < scope->event_ids.n && !wanted; i++)
            wanted = parse_id(scope->event_ids.names[i], &id) && id == *e;
        if (wanted && way_has(way, *e))
            return true;
    }
    return false;
}

static void offer_way(void *user, const Way *way) {
    Nearest *n = user;
    for (const SekRename *r = way->renames; r && r->sigma_field; r++)
        offer(n, r->sigma_field);
    for (unsigned i = 0; i < sek_n_event_fields; i++)
        for (const char *const *name = sek_event_fields[i].fields;
             *name && in_scope(way, n->scope, &sek_event_fields[i]); name++)
            offer(n, *name);
}

const char *sek_field_name_nearest(const SekEventScope *scope, SekStr name) {
    if (name.len > SEK_STR_DISTANCE_MAX)
        return NULL;
    Nearest n = {.scope = scope, .name = name, .distance = name.len > 6 ? (unsigned)(name.len / 3) + 1 : 3};
    for (const char *const *c = common; *c; c++)
        offer(&n, *c);
    (void)each_way(scope->logsource, offer_way, &n);
    return n.best;
}
