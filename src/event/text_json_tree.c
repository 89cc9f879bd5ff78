/* SPDX-License-Identifier: Apache-2.0 */
#include "event/text_json_tree.h"

#include "event/text_names.h"

typedef struct Tree {
    SekBuild *b;
    SekTextPlan *plan;
    bool velociraptor; /* EventID.Value: numbers where Windows shows hexadecimal */
} Tree;

/* --- elements -------------------------------------------------------------------------------- */

typedef enum { PLACE_SYSTEM, PLACE_DATA, PLACE_OTHER } Place;

static bool is_inline_attribute(const SekMember *m) {
    return m->kind == SEK_MEMBER_LEAF && m->key.len > 1 && (m->key.ptr[0] == '@' || m->key.ptr[0] == '-');
}

static bool is_text_key(SekStr key, Place place) {
    return sek_member_is(key, "#text") || key.len == 0 || sek_member_is(key, "_") ||
           (sek_member_is(key, "Value") && place != PLACE_OTHER);
}

/* Below System no element has elements, so what is no text is an attribute. */
static bool is_attribute(const SekMember *m, Place place) {
    return is_inline_attribute(m) || m->kind == SEK_MEMBER_NAME ||
           (place == PLACE_SYSTEM && m->kind == SEK_MEMBER_LEAF && !is_text_key(m->key, place));
}

static void add_attribute(Tree *p, SekStr element, const SekMember *m, Place place) {
    SekStr key = m->key;
    uint32_t slot = m->slot;
    if (m->kind == SEK_MEMBER_NAME) {
        sek_build_attribute_text(p->b, SEK_STR("Name"), m->key);
        return;
    }
    if (m->kind != SEK_MEMBER_LEAF)
        return;
    if (is_inline_attribute(m))
        key = sek_str_n(key.ptr + 1, key.len - 1);
    if (place == PLACE_SYSTEM && sek_member_is(element, "TimeCreated") && sek_member_is(key, "SystemTime"))
        slot = sek_text_plan_fix(p->plan, p->b, SEK_FIX_TIME, slot);
    if (place == PLACE_SYSTEM && sek_member_is(element, "Provider")) {
        if (sek_member_is(key, "Name"))
            p->plan->provider = slot;
        else if (sek_member_is(key, "Guid") || sek_member_is(key, "GUID"))
            p->plan->provider_guid = slot;
    }
    sek_build_attribute(p->b, key, slot);
}

static void add_attributes(Tree *p, SekStr element, const SekMember *value, const SekMember *set,
                           Place place) {
    for (const SekMember *m = set ? set->first : NULL; m; m = m->next)
        add_attribute(p, element, m, place);
    for (const SekMember *m = value->kind == SEK_MEMBER_OBJECT ? value->first : NULL; m; m = m->next) {
        if (sek_member_is_set(m))
            for (const SekMember *a = m->first; a; a = a->next)
                add_attribute(p, element, a, place);
        else if (is_attribute(m, place))
            add_attribute(p, element, m, place);
    }
}

/* The text of a value that has attributes beside it. */
static const SekMember *text_member(const SekMember *value, Place place) {
    for (const SekMember *m = value->kind == SEK_MEMBER_OBJECT ? value->first : NULL; m; m = m->next)
        if (is_text_key(m->key, place) && m->kind != SEK_MEMBER_OBJECT && m->kind != SEK_MEMBER_NAME)
            return m;
    return NULL;
}

static bool is_content(const SekMember *m, Place place) {
    return !sek_member_is_set(m) && !is_attribute(m, place) && !is_text_key(m->key, place);
}

static void add_leaf(Tree *p, SekStr tag, const SekMember *leaf, Place place) {
    uint32_t slot = leaf->slot;
    if (place == PLACE_SYSTEM && sek_member_is(tag, "Keywords"))
        slot = sek_text_plan_fix(p->plan, p->b, SEK_FIX_KEYWORDS, slot);
    if (place == PLACE_SYSTEM && sek_member_is(tag, "EventID"))
        p->plan->event_id = slot;
    sek_build_slot(p->b, slot);
}

static void add_members(Tree *p, const SekMember *of, Place place);

static void add_element(Tree *p, SekStr tag, const SekMember *value, const SekMember *set, Place place) {
    const SekMember *text = text_member(value, place);
    sek_build_open(p->b, tag);
    add_attributes(p, tag, value, set, place);
    if (value->kind == SEK_MEMBER_LEAF)
        add_leaf(p, tag, value, place);
    else if (text && text->kind == SEK_MEMBER_LEAF)
        add_leaf(p, tag, text, place);
    if (value->kind == SEK_MEMBER_OBJECT)
        add_members(p, value, place);
    sek_build_close(p->b);
}

/* An array is the element again and again; so is an array as the text of one. */
static void add_elements(Tree *p, SekStr tag, const SekMember *value, const SekMember *set, Place place) {
    const SekMember *text = text_member(value, place);
    const SekMember *array = value->kind == SEK_MEMBER_ARRAY          ? value
                             : text && text->kind == SEK_MEMBER_ARRAY ? text
                                                                      : NULL;
    if (!array) {
        add_element(p, tag, value, set, place);
        return;
    }
    for (const SekMember *item = array->first; item; item = item->next)
        if (item->kind == SEK_MEMBER_ARRAY)
            add_elements(p, tag, item, set, place);
        else
            add_element(p, tag, item, item == array->first ? set : NULL, place);
}

/* SubjectName_1 beside SubjectName: programs number elements that stand more than once. */
static SekStr element_name(const SekMember *parent, const SekMember *m) {
    size_t at = m->key.len;
    while (at && m->key.ptr[at - 1] >= '0' && m->key.ptr[at - 1] <= '9')
        at--;
    bool numbered = at < m->key.len && at >= 2 && m->key.ptr[at - 1] == '_' && m->key.ptr[at] != '0';
    if (!numbered || parent->n_members > SEK_MEMBER_MANY)
        return m->key;
    SekStr base = sek_str_n(m->key.ptr, at - 1);
    return sek_member_child(parent, base) || sek_member_set(parent, base) ? base : m->key;
}

/* The members of `of` that are elements. A set of attributes whose element is not there stands for it. */
static void add_members(Tree *p, const SekMember *of, Place place) {
    for (const SekMember *m = of->first; m; m = m->next) {
        if (!is_content(m, place))
            continue;
        if (sek_member_is_separate_set(m)) {
            SekStr owner = sek_member_owner(m);
            static const SekMember nothing = {.kind = SEK_MEMBER_NOTHING};
            if (!sek_member_child(of, owner))
                add_element(p, element_name(of, &(SekMember){.key = owner}), &nothing, m, place);
            continue;
        }
        add_elements(p, element_name(of, m), m, sek_member_set(of, m->key), place);
    }
}

/* --- sections -------------------------------------------------------------------------------- */

/* These exist for their attributes; some programs give them an empty text too. */
static bool is_attribute_only(SekStr tag) {
    return sek_member_is(tag, "Provider") || sek_member_is(tag, "TimeCreated") ||
           sek_member_is(tag, "Correlation") || sek_member_is(tag, "Execution") ||
           sek_member_is(tag, "Security");
}

/* An element that has attributes only, with a value in their place: the main one is meant. */
static void add_lone_value(Tree *p, const SekMember *m, const SekMember *set) {
    bool time = sek_member_is(m->key, "TimeCreated"), provider = sek_member_is(m->key, "Provider");
    SekMember value = {.kind = SEK_MEMBER_OBJECT}, attribute = *m;
    attribute.key = time ? SEK_STR("SystemTime") : SEK_STR("Name");
    attribute.next = NULL;
    if (!set && (time || provider))
        value.first = value.last = &attribute;
    add_element(p, m->key, &value, set, PLACE_SYSTEM);
}

static void add_system(Tree *p, const SekMember *system) {
    static const SekMember nothing = {.kind = SEK_MEMBER_NOTHING};
    sek_build_open(p->b, SEK_STR("System"));
    for (const SekMember *m = system->first; m; m = m->next) {
        if (sek_member_is_set(m) || m->kind == SEK_MEMBER_NAME)
            continue;
        if (sek_member_is_separate_set(m)) {
            if (!sek_member_child(system, sek_member_owner(m)))
                add_element(p, sek_member_owner(m), &nothing, m, PLACE_SYSTEM);
            continue;
        }
        const SekMember *set = sek_member_set(system, m->key);
        if (m->kind == SEK_MEMBER_LEAF && is_attribute_only(m->key))
            add_lone_value(p, m, set);
        else
            add_elements(p, m->key, m, set, PLACE_SYSTEM);
    }
    sek_build_close(p->b);
}

/* <Data Name="key">, for a value that stands under its name. */
static void add_named_data(Tree *p, const SekMember *m, SekStr name) {
    if (m->kind == SEK_MEMBER_ARRAY) {
        for (const SekMember *item = m->first; item; item = item->next)
            add_named_data(p, item, name);
        return;
    }
    if (m->kind == SEK_MEMBER_OBJECT) {
        add_element(p, name, m, NULL, PLACE_OTHER);
        return;
    }
    sek_build_open(p->b, SEK_STR("Data"));
    sek_build_attribute_text(p->b, SEK_STR("Name"), name);
    if (m->kind == SEK_MEMBER_LEAF) {
        unsigned fix = p->velociraptor ? sek_name_hex(name) : 0;
        sek_build_slot(p->b,
                       fix ? sek_text_plan_fix(p->plan, p->b, (SekFixKind)(fix - 1), m->slot) : m->slot);
    }
    sek_build_close(p->b);
}

static void add_data_member(Tree *p, const SekMember *data, const SekMember *m) {
    const SekMember *set = sek_member_set(data, m->key);
    if (sek_member_is(m->key, "Data") || m->key.len == 0)
        add_elements(p, SEK_STR("Data"), m, set, PLACE_DATA);
    else if (sek_member_is(m->key, "Binary") || set)
        add_elements(p, element_name(data, m), m, set, PLACE_OTHER);
    else
        add_named_data(p, m, m->key);
}

static void add_event_data(Tree *p, const SekMember *data, const SekMember *set) {
    static const SekMember nothing = {.kind = SEK_MEMBER_NOTHING};
    sek_build_open(p->b, SEK_STR("EventData"));
    add_attributes(p, data->key, data, set, PLACE_OTHER);
    sek_build_content(p->b);
    if (data->kind == SEK_MEMBER_LEAF || data->kind == SEK_MEMBER_ARRAY)
        add_elements(p, SEK_STR("Data"), data, NULL, PLACE_DATA);
    for (const SekMember *m = data->kind == SEK_MEMBER_OBJECT ? data->first : NULL; m; m = m->next) {
        if (sek_member_is_set(m) || is_inline_attribute(m) || m->kind == SEK_MEMBER_NAME)
            continue;
        if (!sek_member_is_separate_set(m))
            add_data_member(p, data, m);
        else if (!sek_member_child(data, sek_member_owner(m)))
            add_element(p, sek_member_owner(m), &nothing, m, PLACE_OTHER);
    }
    sek_build_close(p->b);
}

bool sek_json_tree_is_section(SekStr key) {
    return sek_member_is(key, "System") || sek_member_is(key, "EventData") ||
           sek_member_is(key, "UserData") || sek_member_is(key, "RenderingInfo") ||
           sek_member_is(key, "ProcessingErrorData");
}

bool sek_json_tree_is_content(const SekMember *member) {
    return is_content(member, PLACE_OTHER);
}

static void add_section(Tree *p, const SekMember *event, const SekMember *m) {
    const SekMember *set = sek_member_set(event, m->key);
    if (sek_member_is(m->key, "System"))
        add_system(p, m);
    else if (sek_member_is(m->key, "EventData") && m->kind != SEK_MEMBER_NOTHING)
        add_event_data(p, m, set);
    else if (sek_member_is(m->key, "EventData"))
        add_element(p, m->key, m, set, PLACE_OTHER);
    else
        add_elements(p, m->key, m, set, PLACE_OTHER);
}

void sek_json_tree_build(const SekMember *root, const SekMember *event, SekBuild *build, SekTextPlan *plan) {
    const SekMember *id = sek_member_object(sek_member_object(event, "System"), "EventID");
    Tree tree = {.b = build, .plan = plan, .velociraptor = id && sek_member_child(id, SEK_STR("Value"))};
    Tree *p = &tree;
    sek_build_open(p->b, SEK_STR("Event"));
    if (event != root)
        add_attributes(p, SEK_STR("Event"), event, sek_member_set(root, SEK_STR("Event")), PLACE_OTHER);
    for (const SekMember *m = event->first; m; m = m->next) {
        if (sek_json_tree_is_section(m->key))
            add_section(p, event, m);
        else if (event != root && is_content(m, PLACE_OTHER) && !sek_member_is_separate_set(m) &&
                 m->kind != SEK_MEMBER_LEAF)
            add_elements(p, m->key, m, sek_member_set(event, m->key), PLACE_OTHER);
        else if (sek_member_is(m->key, "Message") && m->kind == SEK_MEMBER_LEAF) {
            p->plan->message = m->slot;
            sek_build_open(p->b, SEK_STR("RenderingInfo"));
            sek_build_value(p->b, m->key, m->slot);
            sek_build_close(p->b);
        }
    }
}
