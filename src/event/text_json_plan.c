/* SPDX-License-Identifier: Apache-2.0 */
/* What a JSON record means. The forms that are known:
 *
 *   tree        Event.System..., or System... at the top: see text_json_tree.h
 *   Winlogbeat  winlog.channel ..., nested or with dotted names
 *   flat        names and values, see text_flat.h
 *
 * All become the same template, so that nothing above can tell them apart. */
#include "event/text_flat.h"
#include "event/text_json.h"
#include "event/text_json_tree.h"
#include "event/text_names.h"

typedef struct Plan {
    SekArena *scratch;
    SekBuild *b;
    SekTextPlan *plan;
} Plan;

/* A name that would be longer than any is that of the innermost member alone. */
static SekStr dotted(Plan *p, SekStr prefix, SekStr key) {
    if (prefix.len == 0 || key.len == 0)
        return prefix.len ? prefix : key;
    if (prefix.len + key.len >= SEK_TRAIL_MAX_KEY)
        return key;
    char *text = sek_arena_alloc(p->b->arena, prefix.len + key.len + 1);
    if (!text) {
        p->b->failed = SEK_ERR_MEMORY;
        return key;
    }
    memcpy(text, prefix.ptr, prefix.len);
    text[prefix.len] = '.';
    memcpy(text + prefix.len + 1, key.ptr, key.len);
    return sek_str_n(text, prefix.len + 1 + key.len);
}

/* Adds all leaves below `m`. What was null or nothing is absent. */
static void flatten(Plan *p, const SekMember *m, SekStr name, SekFlatPlace place, SekFlat *out) {
    if (m->kind == SEK_MEMBER_LEAF)
        sek_flat_add(out, name, m->slot, place);
    for (const SekMember *c = m->first; c; c = c->next)
        flatten(p, c, dotted(p, name, c->key), place, out);
}

/* The value of an element that was written as an object: {"@Name": ..., "#text": ...}. */
static void flatten_named(const SekMember *element, SekFlatPlace place, SekFlat *out) {
    const SekMember *text = sek_member_child(element, SEK_STR("#text"));
    if (text && text->kind == SEK_MEMBER_LEAF)
        sek_flat_add(out, element->first->key, text->slot, place);
}

/* Adds the leaves of an event's data, each under the name that it has in the event's XML: its own. */
static void flatten_data(const SekMember *m, SekStr name, SekFlatPlace place, SekFlat *out) {
    bool nameless = m->key.len == 0 || sek_member_is(m->key, "#text");
    bool attribute = m->key.len > 1 && m->key.ptr[0] == '@';
    if (!nameless)
        name = attribute ? sek_str_n(m->key.ptr + 1, m->key.len - 1) : m->key;
    if (m->kind == SEK_MEMBER_LEAF && !(attribute && sek_str_starts(name, SEK_STR("xmlns"))))
        sek_flat_add(out, name, m->slot, place);
    if (m->first && m->first->kind == SEK_MEMBER_NAME) {
        flatten_named(m, place, out);
        return;
    }
    for (const SekMember *c = m->first; c; c = c->next)
        flatten_data(c, name, place, out);
}

/* Objects that shippers keep an event's data in: their members' names stand alone. */
static bool is_data_object(const SekMember *m, SekFlatPlace *place) {
    if (m->kind != SEK_MEMBER_OBJECT)
        return false;
    bool user = sek_member_is(m->key, "user_data") || sek_member_is(m->key, "UserData");
    *place = user ? SEK_FLAT_USER : SEK_FLAT_DATA;
    return user || sek_member_is(m->key, "event_data") || sek_member_is(m->key, "EventData");
}

/* EvtxECmd's columns beside the event's data: ProcessId is the system's here, the rest are its own. */
static void flatten_evtxecmd(const SekMember *m, SekFlat *out) {
    SekStr name = sek_member_is(m->key, "ProcessId")  ? SEK_STR("ExecutionProcessID")
                  : sek_member_is(m->key, "ThreadId") ? SEK_STR("ExecutionThreadID")
                  : sek_member_is(m->key, "UserId")   ? SEK_STR("SecurityUserID")
                                                      : m->key;
    bool known = sek_name_flat(name).field != SEK_NAME_NONE;
    if (m->kind == SEK_MEMBER_LEAF)
        sek_flat_add(out, name, m->slot, known ? SEK_FLAT_PLAIN : SEK_FLAT_EXTRA);
}

static void flatten_flat(Plan *p, const SekMember *root, SekFlat *out) {
    bool evtxecmd = sek_member_child(root, SEK_STR("ChunkNumber")) &&
                    (sek_member_object(root, "EventData") || sek_member_object(root, "UserData"));
    for (const SekMember *m = root->first; m; m = m->next) {
        SekFlatPlace place;
        if (is_data_object(m, &place))
            for (const SekMember *c = m->first; c; c = c->next)
                flatten_data(c, c->key, place, out);
        else if (evtxecmd)
            flatten_evtxecmd(m, out);
        else
            flatten(p, m, m->key, SEK_FLAT_PLAIN, out);
    }
}

static void flatten_winlogbeat(Plan *p, const SekMember *root, SekFlat *out) {
    SekStr data = SEK_STR("winlog.event_data."), user = SEK_STR("winlog.user_data.");
    flatten(p, root, (SekStr){"", 0}, SEK_FLAT_PLAIN, out);
    for (uint32_t i = 0; i < out->n; i++) {
        SekFlatItem *item = &out->items[i];
        size_t cut = sek_str_starts(item->name, data)   ? data.len
                     : sek_str_starts(item->name, user) ? user.len
                                                        : 0;
        if (cut == 0)
            continue;
        bool is_user = sek_str_starts(item->name, user);
        item->place = is_user ? SEK_FLAT_USER : SEK_FLAT_DATA;
        item->name = sek_str_n(item->name.ptr + cut, item->name.len - cut);
        if (is_user && sek_member_is(item->name, "xml_name")) /* the name of the element around them */
            item->place = SEK_FLAT_EXTRA;
    }
}

static void build_extras(Plan *p, const SekMember *root, const SekMember *event) {
    SekFlat extras = {.arena = p->scratch};
    for (const SekMember *m = event == root ? NULL : event->first; m; m = m->next)
        if (m->kind == SEK_MEMBER_LEAF && sek_json_tree_is_content(m) && !sek_json_tree_is_section(m->key) &&
            !sek_member_is(m->key, "Message"))
            flatten(p, m, m->key, SEK_FLAT_EXTRA, &extras);
    for (const SekMember *m = root->first; m; m = m->next) {
        if (sek_member_is(m->key, "Event") || sek_json_tree_is_section(m->key) ||
            sek_member_is_separate_set(m) || sek_member_is_set(m) || sek_member_is(m->key, "Message"))
            continue;
        flatten(p, m, m->key, SEK_FLAT_EXTRA, &extras);
    }
    if (extras.failed)
        p->b->failed = extras.failed;
    sek_flat_build_extras(&extras, p->b);
}

/* An event that is written as its XML would be, and what was added to it. */
static void build_tree(Plan *p, const SekMember *root, const SekMember *event) {
    sek_json_tree_build(root, event, p->b, p->plan);
    build_extras(p, root, event);
    sek_build_close(p->b);
}

/* {"index":{...}} and the like stand between records in Elasticsearch's bulk form. */
static bool is_action_line(const SekMember *root) {
    const SekMember *only = root->first;
    return only && !only->next && only->kind == SEK_MEMBER_OBJECT &&
           (sek_member_is(only->key, "index") || sek_member_is(only->key, "create") ||
            sek_member_is(only->key, "update") || sek_member_is(only->key, "delete"));
}

static bool has_winlog(const SekMember *root) {
    SekStr prefix = SEK_STR("winlog.");
    for (const SekMember *m = root->first; m; m = m->next)
        if ((sek_member_is(m->key, "winlog") && m->kind == SEK_MEMBER_OBJECT) ||
            sek_str_starts(m->key, prefix))
            return true;
    return false;
}

/* Names that Winlogbeat's modules give to fields of the data, and under which Windows' rules look for them: if the
 * first is there and none of the others, the data was renamed (data/pipelines/ecs.yml says from what that is known). */
static bool is_renamed(const SekFlat *flat) {
    static const char *const names[][5] = {
        {"process.executable", "Image", "NewProcessName", "ProcessName", "Application"},
        {"process.command_line", "CommandLine", "ProcessCommandLine"},
        {"registry.path", "TargetObject", "ObjectName"},
        {"dns.question.name", "QueryName"},
        {"file.path", "TargetFilename", "ImageLoaded", "Device", "ObjectName"},
        {"destination.ip", "DestinationIp", "DestAddress"},
    };
    unsigned renamed = 0, windows = 0;
    for (uint32_t i = 0; i < flat->n; i++)
        for (unsigned row = 0; row < sizeof names / sizeof *names; row++)
            for (unsigned column = 0; column < 5 && names[row][column]; column++)
                if (sek_str_eq(flat->items[i].name, sek_str(names[row][column])))
                    *(column ? &windows : &renamed) |= 1u << row;
    return (renamed & ~windows) != 0;
}

static bool build_flat(Plan *p, const SekMember *root, SekFlatStyle style) {
    SekFlat flat = {.arena = p->scratch};
    if (style == SEK_FLAT_WINLOGBEAT)
        flatten_winlogbeat(p, root, &flat);
    else
        flatten_flat(p, root, &flat);
    if (flat.failed)
        p->b->failed = flat.failed;
    if (flat.failed || !sek_flat_is_event(&flat, style))
        return false;
    p->plan->renamed = style == SEK_FLAT_WINLOGBEAT && is_renamed(&flat);
    sek_flat_build(&flat, style, p->b, p->plan);
    return true;
}

/* The record inside what a search engine wraps around it. */
static const SekMember *unwrap(const SekMember *root) {
    const SekMember *inner = sek_member_object(root, "_source");
    if (!inner)
        inner = sek_member_object(root, "result");
    return inner ? inner : root;
}

SekStatus sek_text_json_plan(const SekStep *steps, uint32_t n, SekArena *scratch, SekBuild *build,
                             SekTextPlan *plan) {
    SekMember *record;
    SekStatus status = sek_member_tree(steps, n, scratch, &record);
    if (status != SEK_OK)
        return status;
    Plan p = {.scratch = scratch, .b = build, .plan = plan};
    const SekMember *root = unwrap(record), *event = sek_member_object(root, "Event");
    plan->verdict = SEK_VERDICT_EVENT;
    if (sek_member_object(event, "System"))
        build_tree(&p, root, event);
    else if (sek_member_object(root, "System"))
        build_tree(&p, root, root);
    else if (is_action_line(record))
        plan->verdict = SEK_VERDICT_PASS;
    else if (!build_flat(&p, root, has_winlog(root) ? SEK_FLAT_WINLOGBEAT : SEK_FLAT_NAMES))
        plan->verdict = SEK_VERDICT_OTHER;
    return build->failed == SEK_ERR_MEMORY ? SEK_ERR_MEMORY : SEK_OK;
}
