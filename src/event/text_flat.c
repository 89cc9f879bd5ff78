/* SPDX-License-Identifier: Apache-2.0 */
#include "event/text_flat.h"

#include "event/text_names.h"

void sek_flat_add(SekFlat *flat, SekStr name, uint32_t slot, SekFlatPlace place) {
    if (flat->n == flat->cap) {
        uint32_t cap = flat->cap ? flat->cap * 2 : 64;
        SekFlatItem *grown = SEK_ARENA_ARRAY(flat->arena, SekFlatItem, cap);
        if (!grown) {
            flat->failed = SEK_ERR_MEMORY;
            return;
        }
        if (flat->n)
            memcpy(grown, flat->items, flat->n * sizeof *grown);
        flat->items = grown;
        flat->cap = cap;
    }
    flat->items[flat->n++] = (SekFlatItem){.name = name, .slot = slot, .place = (uint8_t)place};
}

static SekName look_up(const SekFlatItem *item, SekFlatStyle style) {
    if (item->place != SEK_FLAT_PLAIN)
        return (SekName){.field = SEK_NAME_NONE};
    return style == SEK_FLAT_WINLOGBEAT ? sek_name_winlogbeat(item->name) : sek_name_flat(item->name);
}

/* The items that the fields of the system part are taken from. */
typedef struct Fields {
    uint32_t item[SEK_N_NAMES]; /* SEK_NO_SLOT: none */
    SekName name[SEK_N_NAMES];
    SekName *of; /* what each item's name means; NULL when not asked for */
} Fields;

static void find_fields(const SekFlat *flat, SekFlatStyle style, Fields *out) {
    for (unsigned f = 0; f < SEK_N_NAMES; f++)
        out->item[f] = SEK_NO_SLOT;
    for (uint32_t i = 0; i < flat->n; i++) {
        SekName name = look_up(&flat->items[i], style);
        if (out->of)
            out->of[i] = name;
        if (name.field == SEK_NAME_NONE ||
            (out->item[name.field] != SEK_NO_SLOT && out->name[name.field].rank <= name.rank))
            continue;
        out->item[name.field] = i;
        out->name[name.field] = name;
    }
}

bool sek_flat_is_event(const SekFlat *flat, SekFlatStyle style) {
    Fields fields = {0};
    for (uint32_t i = 0; i < flat->n; i++)
        if (sek_name_of_finding(flat->items[i].name))
            return false;
    find_fields(flat, style, &fields);
    bool channel = fields.item[SEK_NAME_CHANNEL] != SEK_NO_SLOT;
    bool provider = fields.item[SEK_NAME_PROVIDER] != SEK_NO_SLOT;
    bool loose_id = fields.name[SEK_NAME_EVENT_ID].rank > 2; /* a mere "Id" needs more company */
    return fields.item[SEK_NAME_EVENT_ID] != SEK_NO_SLOT &&
           (loose_id ? channel && provider : channel || provider);
}

typedef struct Builder {
    const SekFlat *flat;
    SekFlatStyle style;
    SekBuild *b;
    SekTextPlan *plan;
    Fields fields;
} Builder;

/* The slot that a field was written in. */
static uint32_t plain_slot(const Builder *x, SekNameField field) {
    uint32_t item = x->fields.item[field];
    return item == SEK_NO_SLOT ? SEK_NO_SLOT : x->flat->items[item].slot;
}

/* The slot of a field, put right where its form asks for it; SEK_NO_SLOT when it is not there. */
static uint32_t slot_of(Builder *x, SekNameField field) {
    uint32_t item = x->fields.item[field];
    if (item == SEK_NO_SLOT)
        return SEK_NO_SLOT;
    uint32_t slot = x->flat->items[item].slot;
    if (slot == SEK_NO_SLOT)
        return slot;
    unsigned fix = x->fields.name[field].fix;
    return fix ? sek_text_plan_fix(x->plan, x->b, (SekFixKind)(fix - 1), slot) : slot;
}

static void add_element(Builder *x, const char *name, SekNameField field) {
    uint32_t slot = slot_of(x, field);
    if (slot != SEK_NO_SLOT)
        sek_build_value(x->b, sek_str(name), slot);
}

typedef struct {
    const char *name;
    SekNameField field;
} Attribute;

/* An element for its attributes; its text, if any, is `text`. */
static void add_attributes(Builder *x, const char *name, const Attribute *attributes, size_t n,
                           uint32_t text) {
    bool any = text != SEK_NO_SLOT;
    for (size_t i = 0; i < n; i++)
        any = any || x->fields.item[attributes[i].field] != SEK_NO_SLOT;
    if (!any)
        return;
    sek_build_open(x->b, sek_str(name));
    for (size_t i = 0; i < n; i++) {
        uint32_t slot = slot_of(x, attributes[i].field);
        if (slot != SEK_NO_SLOT)
            sek_build_attribute(x->b, sek_str(attributes[i].name), slot);
    }
    if (text != SEK_NO_SLOT)
        sek_build_slot(x->b, text);
    sek_build_close(x->b);
}

/* Where only their names are known, those of audit events still tell the number. */
static void add_keywords(Builder *x) {
    uint32_t rendered = plain_slot(x, SEK_NAME_RENDERED_KEYWORDS);
    if (x->fields.item[SEK_NAME_KEYWORDS] != SEK_NO_SLOT) {
        add_element(x, "Keywords", SEK_NAME_KEYWORDS);
    } else if (rendered != SEK_NO_SLOT) {
        sek_build_open(x->b, SEK_STR("Keywords"));
        sek_build_optional(x->b, sek_text_plan_fix(x->plan, x->b, SEK_FIX_AUDIT, rendered));
        sek_build_close(x->b);
    }
}

static void build_system(Builder *x) {
    static const Attribute provider[] = {{"Name", SEK_NAME_PROVIDER},
                                         {"Guid", SEK_NAME_PROVIDER_GUID},
                                         {"EventSourceName", SEK_NAME_PROVIDER_SOURCE}};
    static const Attribute event_id[] = {{"Qualifiers", SEK_NAME_QUALIFIERS}};
    static const Attribute time[] = {{"SystemTime", SEK_NAME_TIME}};
    static const Attribute correlation[] = {{"ActivityID", SEK_NAME_ACTIVITY},
                                            {"RelatedActivityID", SEK_NAME_RELATED_ACTIVITY}};
    static const Attribute execution[] = {{"ProcessID", SEK_NAME_PROCESS}, {"ThreadID", SEK_NAME_THREAD}};
    static const Attribute security[] = {{"UserID", SEK_NAME_USER}};
    sek_build_open(x->b, SEK_STR("System"));
    add_attributes(x, "Provider", provider, 3, SEK_NO_SLOT);
    add_attributes(x, "EventID", event_id, 1, slot_of(x, SEK_NAME_EVENT_ID));
    add_element(x, "Version", SEK_NAME_VERSION);
    add_element(x, "Level", SEK_NAME_LEVEL);
    add_element(x, "Task", SEK_NAME_TASK);
    add_element(x, "Opcode", SEK_NAME_OPCODE);
    add_keywords(x);
    add_attributes(x, "TimeCreated", time, 1, SEK_NO_SLOT);
    add_element(x, "EventRecordID", SEK_NAME_RECORD_ID);
    add_attributes(x, "Correlation", correlation, 2, SEK_NO_SLOT);
    add_attributes(x, "Execution", execution, 2, SEK_NO_SLOT);
    add_element(x, "Channel", SEK_NAME_CHANNEL);
    add_element(x, "Computer", SEK_NAME_COMPUTER);
    add_attributes(x, "Security", security, 1, SEK_NO_SLOT);
    sek_build_close(x->b);
}

/* True for the item that a field was taken from, which is then not shown again. */
static bool is_taken(const Builder *x, uint32_t item) {
    SekName name = x->fields.of[item];
    return name.field != SEK_NAME_NONE && x->fields.item[name.field] == item && !name.also_data;
}

/* Names of search engines and shippers for their own bookkeeping (_index, @version). */
static bool is_bookkeeping(SekStr name) {
    return name.len == 0 || name.ptr[0] == '_' || name.ptr[0] == '@';
}

/* Of a flat record all is the event's data but what the system part was taken from. A name that lost to
 * a better one stays: it may be a field that the event has twice, as System/104 has two Channels. */
static bool is_data(const Builder *x, uint32_t i) {
    const SekFlatItem *item = &x->flat->items[i];
    if (item->place == SEK_FLAT_DATA)
        return true;
    return item->place == SEK_FLAT_PLAIN && x->style == SEK_FLAT_NAMES && !is_taken(x, i) &&
           !is_bookkeeping(item->name);
}

static void build_data_item(Builder *x, const SekFlatItem *item) {
    if (item->slot == SEK_NO_SLOT)
        return;
    bool unnamed = sek_str_eq(item->name, SEK_STR("Data")),
         binary = sek_str_eq(item->name, SEK_STR("Binary"));
    sek_build_open(x->b, binary ? item->name : SEK_STR("Data"));
    if (!unnamed && !binary)
        sek_build_attribute_text(x->b, SEK_STR("Name"), item->name);
    sek_build_slot(x->b, item->slot);
    sek_build_close(x->b);
}

/* Values without a name are called param1 and so on by Winlogbeat, but so do some providers call their
 * own. Those have a GUID; a provider without one never names its values. */
static void build_params(Builder *x, bool *named) {
    bool has_guid = x->fields.item[SEK_NAME_PROVIDER_GUID] != SEK_NO_SLOT, only_params = true;
    for (uint32_t i = 0; i < x->flat->n; i++)
        if (is_data(x, i) && !sek_name_is_param(x->flat->items[i].name) &&
            !sek_str_eq(x->flat->items[i].name, SEK_STR("Binary")))
            only_params = false;
    *named = has_guid || !only_params;
    for (uint32_t i = 0; only_params && i < x->flat->n; i++)
        if (is_data(x, i) && sek_name_is_param(x->flat->items[i].name) && x->flat->items[i].slot != SEK_NO_SLOT)
            sek_build_value(x->b, SEK_STR("Data"), x->flat->items[i].slot);
}

static void build_data(Builder *x) {
    bool named;
    sek_build_open(x->b, SEK_STR("EventData"));
    sek_build_content(x->b);
    build_params(x, &named);
    for (uint32_t i = 0; i < x->flat->n; i++)
        if (is_data(x, i) && (named || !sek_name_is_param(x->flat->items[i].name)))
            build_data_item(x, &x->flat->items[i]);
    uint32_t type = plain_slot(x, SEK_NAME_EVENT_TYPE);
    if (type != SEK_NO_SLOT) {
        sek_build_open(x->b, SEK_STR("Data"));
        sek_build_attribute_text(x->b, SEK_STR("Name"), SEK_STR("EventType"));
        sek_build_optional(x->b,
                           sek_text_plan_fix(x->plan, x->b, SEK_FIX_EVENT_TYPE, type));
        sek_build_close(x->b);
    }
    sek_build_close(x->b);
}

static void build_section(Builder *x, const char *section, SekFlatPlace place) {
    bool any = false;
    for (uint32_t i = 0; i < x->flat->n; i++) {
        if (x->flat->items[i].place != place || x->flat->items[i].slot == SEK_NO_SLOT)
            continue;
        if (!any)
            sek_build_open(x->b, sek_str(section));
        any = true;
        sek_build_value(x->b, x->flat->items[i].name, x->flat->items[i].slot);
    }
    if (any)
        sek_build_close(x->b);
}

static void build_rendering(Builder *x) {
    static const Attribute rendered[] = {{"Message", SEK_NAME_RENDERED_MESSAGE},
                                         {"Level", SEK_NAME_RENDERED_LEVEL},
                                         {"Task", SEK_NAME_RENDERED_TASK},
                                         {"Opcode", SEK_NAME_RENDERED_OPCODE}};
    bool any = x->fields.item[SEK_NAME_RENDERED_KEYWORDS] != SEK_NO_SLOT;
    for (size_t i = 0; i < 4; i++)
        any = any || x->fields.item[rendered[i].field] != SEK_NO_SLOT;
    if (!any)
        return;
    sek_build_open(x->b, SEK_STR("RenderingInfo"));
    for (size_t i = 0; i < 4; i++)
        add_element(x, rendered[i].name, rendered[i].field);
    add_element(x, "Keywords", SEK_NAME_RENDERED_KEYWORDS);
    sek_build_close(x->b);
}

/* What is left was added on the way. */
static void build_rest(Builder *x) {
    SekFlat rest = {.arena = x->flat->arena};
    for (uint32_t i = 0; i < x->flat->n; i++) {
        const SekFlatItem *item = &x->flat->items[i];
        bool elsewhere = item->place == SEK_FLAT_USER || is_data(x, i) || is_taken(x, i);
        if (!elsewhere)
            sek_flat_add(&rest, item->name, item->slot, SEK_FLAT_EXTRA);
    }
    if (rest.failed)
        x->b->failed = rest.failed;
    sek_flat_build_extras(&rest, x->b);
}

void sek_flat_build(const SekFlat *flat, SekFlatStyle style, SekBuild *b, SekTextPlan *plan) {
    Builder x = {.flat = flat, .style = style, .b = b, .plan = plan};
    x.fields.of = SEK_ARENA_ARRAY(flat->arena, SekName, flat->n ? flat->n : 1);
    if (!x.fields.of) {
        b->failed = SEK_ERR_MEMORY;
        return;
    }
    find_fields(flat, style, &x.fields);
    plan->provider = plain_slot(&x, SEK_NAME_PROVIDER);
    plan->provider_guid = plain_slot(&x, SEK_NAME_PROVIDER_GUID);
    plan->message = plain_slot(&x, SEK_NAME_RENDERED_MESSAGE);
    sek_build_open(b, SEK_STR("Event"));
    sek_build_attribute_text(b, SEK_STR("xmlns"),
                             SEK_STR("http://schemas.microsoft.com/win/2004/08/events/event"));
    build_system(&x);
    build_data(&x);
    build_section(&x, "UserData", SEK_FLAT_USER);
    build_rendering(&x);
    build_rest(&x);
    sek_build_close(b);
}

/* A name with a dot is a path, and no other name for a field of Windows. */
static bool is_said_before(SekStr name) {
    bool path = name.len && memchr(name.ptr, '.', name.len);
    return is_bookkeeping(name) || (!path && sek_name_flat(name).field < SEK_N_SYSTEM_NAMES);
}

void sek_flat_build_extras(const SekFlat *flat, SekBuild *b) {
    bool any = false;
    for (uint32_t i = 0; i < flat->n; i++) {
        if (flat->items[i].slot == SEK_NO_SLOT || is_said_before(flat->items[i].name))
            continue;
        if (!any)
            sek_build_open(b, SEK_STR("Collected"));
        any = true;
        sek_build_value(b, flat->items[i].name, flat->items[i].slot);
    }
    if (any)
        sek_build_close(b);
}
