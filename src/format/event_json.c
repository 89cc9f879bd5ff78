/* SPDX-License-Identifier: Apache-2.0 */
/* A record as one JSON object. Every value keeps its name, place, order and kind; see event_text.h for
 * the shape.
 *
 * Two keys could be the same without meaning the same, so a `Data` whose name is that of a key of ours
 * ("Data", or anything that begins with "#") stays an object with its attribute. Numbers that are
 * literals of a template (6 % of templates write EventID that way) are recognised below System by the
 * types of the event schema, so that EventID is a number in every record. Recursion is bounded by the
 * depth of the tree; grouping is linear through a hash map where there are many children. */
#include "format/event_text.h"

#include "base/json_text.h"
#include "base/strmap.h"
#include "format/event_recipe.h"

#define FEW_CHILDREN 24u           /* up to here comparing beats hashing */

typedef struct Writer {
    SekDraft *draft;
    SekTree *tree;
    SekBuf *out;  /* of the draft */
    SekBuf *text; /* literals before escaping */
} Writer;

/* Where an element stands, as far as it changes how it is written. */
typedef enum { PLACE_OTHER, PLACE_SYSTEM, PLACE_EVENT_DATA } Place;

static bool is_child(const SekTreeNode *n) {
    return n->kind == SEK_TREE_ELEMENT || n->kind == SEK_TREE_PI;
}

static void add_text_of(Writer *w, const SekTreeNode *part) {
    if (part->kind == SEK_TREE_ENTITY) {
        sek_buf_addc(w->text, '&');
        sek_buf_add_str(w->text, part->name);
        sek_buf_addc(w->text, ';');
    } else {
        sek_value_text(part->value, w->text);
    }
}

/* xs:unsignedByte, Short, Int or Long in the System part of Event.xsd. */
static bool is_schema_number(SekStr name) {
    static const char *const numbers[] = {"EventID",       "Version",   "Level",    "Task",      "Opcode",
                                          "EventRecordID", "ProcessID", "ThreadID", "Qualifiers"};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (sek_str_eq(name, sek_str(numbers[i])))
            return true;
    return false;
}

static void take_failure(Writer *w) {
    if (w->text->failed)
        w->out->failed = w->text->failed;
}

/* A scalar that is a single literal, or text of another format: below System it may be a number. */
static void add_literal(Writer *w, const SekTreeNode *only, SekStr name, Place place) {
    sek_buf_clear(w->text);
    add_text_of(w, only);
    take_failure(w);
    SekStr text = sek_buf_str(w->text);
    if (only->kind == SEK_TREE_TEXT && place == PLACE_SYSTEM && is_schema_number(name) && sek_is_plain_number(text))
        sek_buf_add_str(w->out, text);
    else
        sek_json_string(w->out, text, false);
}

static void add_parts(Writer *w, const SekTreeList *list) {
    sek_buf_addc(w->out, '"');
    sek_buf_clear(w->text);
    for (const SekTreeNode *part = list->first; part; part = part->next) {
        if (is_child(part))
            continue;
        if (sek_draft_is_literal(part)) {
            add_text_of(w, part);
            continue;
        }
        sek_json_escape(w->out, sek_buf_str(w->text), false);
        sek_buf_clear(w->text);
        sek_draft_hole(w->draft, part, SEK_PUT_JSON);
    }
    take_failure(w);
    sek_json_escape(w->out, sek_buf_str(w->text), false);
    sek_buf_addc(w->out, '"');
}

/* The text among `list` as one JSON value: bare when it is a single number or Boolean. */
static void add_scalar(Writer *w, const SekTreeList *list, SekStr name, Place place) {
    uint32_t n_parts = 0;
    const SekTreeNode *only = NULL;
    for (const SekTreeNode *part = list->first; part; part = part->next) {
        if (is_child(part))
            continue;
        only = part;
        n_parts++;
    }
    if (n_parts != 1)
        add_parts(w, list);
    else if (sek_draft_is_literal(only))
        add_literal(w, only, name, place);
    else if (!only->written)
        sek_draft_hole(w->draft, only, SEK_PUT_SCALAR);
    else if (place == PLACE_SYSTEM && is_schema_number(name))
        sek_draft_hole(w->draft, only, SEK_PUT_DIGITS);
    else
        add_parts(w, list);
}

static void add_key(Writer *w, SekStr key, bool *first) {
    if (!*first)
        sek_buf_addc(w->out, ',');
    *first = false;
    sek_json_string(w->out, key, false);
    sek_buf_addc(w->out, ':');
}

static bool has_text(const SekTreeNode *element) {
    for (const SekTreeNode *n = element->children.first; n; n = n->next)
        if (!is_child(n))
            return true;
    return false;
}

static bool has_elements(const SekTreeNode *element) {
    for (const SekTreeNode *n = element->children.first; n; n = n->next)
        if (is_child(n))
            return true;
    return false;
}

/* The literal or value text of a name attribute, if it is a plain one: `*out` lies in the tree. A value that names
 * others decides what is written. */
static bool attribute_name(Writer *w, SekBinxml *bx, const SekTreeNode *attribute, SekStr *out) {
    sek_buf_clear(w->text);
    for (const SekTreeNode *part = attribute->children.first; part; part = part->next) {
        w->tree->steady = w->tree->steady && sek_draft_is_literal(part);
        add_text_of(w, part);
    }
    *out = sek_arena_dup(&bx->tree, sek_buf_str(w->text));
    return out->ptr && out->len && out->ptr[0] != '#' && !sek_str_eq(*out, SEK_STR("Data"));
}

/* Gives every child its key: its name, or for <Data Name="x"> below EventData that of the
 * attribute; then the attribute is told by the key and dropped from the tree. */
static void name_children(Writer *w, SekBinxml *bx, SekTreeNode *parent, Place place) {
    for (SekTreeNode *n = parent->children.first; n; n = n->next) {
        n->group_next = n->group_last = NULL;
        const SekTreeNode *a = n->attributes.first;
        SekStr name;
        if (place != PLACE_EVENT_DATA || n->kind != SEK_TREE_ELEMENT || !a || a->next ||
            !sek_str_eq(n->name, SEK_STR("Data")) || !sek_str_eq(a->name, SEK_STR("Name")))
            continue;
        if (attribute_name(w, bx, a, &name)) {
            n->name = name;
            n->attributes = (SekTreeList){0};
        }
    }
}

/* The first child with the key of `n`, before it; NULL when `n` is the first. */
static SekTreeNode *leader_by_walking(SekTreeNode *first, const SekTreeNode *n) {
    for (SekTreeNode *other = first; other != n; other = other->next)
        if (is_child(other) && other->group_last && sek_str_eq(other->name, n->name))
            return other;
    return NULL;
}

/* Chains children with the same key: `group_last` is set in the first of each chain only. */
static void group_children(Writer *w, SekBinxml *bx, SekTreeNode *parent, uint32_t n_children) {
    SekStrMap map;
    sek_strmap_init(&map, false);
    SekTreeNode **leaders = NULL;
    if (n_children > FEW_CHILDREN) {
        leaders = SEK_ARENA_ARRAY(&bx->tree, SekTreeNode *, n_children);
        if (!leaders) { /* comparing each with each would take too long */
            w->out->failed = SEK_ERR_LIMIT;
            return;
        }
    }
    uint32_t n_leaders = 0, index;
    for (SekTreeNode *n = parent->children.first; n; n = n->next) {
        if (!is_child(n))
            continue;
        SekTreeNode *leader;
        if (!leaders)
            leader = leader_by_walking(parent->children.first, n);
        else
            leader = sek_strmap_get(&map, n->name, &index) == SEK_OK ? leaders[index] : NULL;
        if (leader) {
            leader->group_last->group_next = n;
            leader->group_last = n;
            continue;
        }
        n->group_last = n;
        if (leaders && sek_strmap_set(&map, n->name, n_leaders) == SEK_OK)
            leaders[n_leaders++] = n;
    }
    sek_strmap_deinit(&map);
}

static void add_element(Writer *w, SekBinxml *bx, SekTreeNode *element, Place place);

static void add_one(Writer *w, SekBinxml *bx, SekTreeNode *n, Place place) {
    if (n->kind == SEK_TREE_PI) {
        sek_buf_clear(w->text);
        sek_value_text(n->value, w->text);
        sek_json_string(w->out, sek_buf_str(w->text), false);
    } else {
        add_element(w, bx, n, place);
    }
}

static void add_children(Writer *w, SekBinxml *bx, SekTreeNode *parent, bool *first, Place place) {
    name_children(w, bx, parent, place);
    uint32_t n_children = 0;
    for (const SekTreeNode *n = parent->children.first; n; n = n->next)
        n_children += is_child(n);
    group_children(w, bx, parent, n_children);
    for (SekTreeNode *n = parent->children.first; n && !w->out->failed; n = n->next) {
        if (!n->group_last)
            continue;
        add_key(w, n->name, first);
        if (!n->group_next) {
            add_one(w, bx, n, place);
            continue;
        }
        sek_buf_addc(w->out, '[');
        for (SekTreeNode *same = n; same; same = same->group_next) {
            if (same != n)
                sek_buf_addc(w->out, ',');
            add_one(w, bx, same, place);
        }
        sek_buf_addc(w->out, ']');
    }
}

static void add_attributes(Writer *w, const SekTreeNode *element, bool *first, Place place) {
    add_key(w, SEK_STR("#attributes"), first);
    sek_buf_addc(w->out, '{');
    bool first_attribute = true;
    for (const SekTreeNode *a = element->attributes.first; a; a = a->next) {
        add_key(w, a->name, &first_attribute);
        add_scalar(w, &a->children, a->name, place);
    }
    sek_buf_addc(w->out, '}');
}

static Place place_inside(const SekTreeNode *element, Place place) {
    if (sek_str_eq(element->name, SEK_STR("EventData")))
        return PLACE_EVENT_DATA;
    if (sek_str_eq(element->name, SEK_STR("System")))
        return PLACE_SYSTEM;
    return place == PLACE_SYSTEM ? PLACE_SYSTEM : PLACE_OTHER;
}

static void add_element(Writer *w, SekBinxml *bx, SekTreeNode *element, Place place) {
    bool elements = has_elements(element);
    if (!element->attributes.first && !elements) {
        if (element->has_content)
            add_scalar(w, &element->children, element->name, place);
        else
            sek_buf_adds(w->out, "null");
        return;
    }
    bool first = true;
    sek_buf_addc(w->out, '{');
    if (element->attributes.first)
        add_attributes(w, element, &first, place);
    if (has_text(element)) {
        add_key(w, SEK_STR("#text"), &first);
        add_scalar(w, &element->children, element->name, place);
    }
    if (elements)
        add_children(w, bx, element, &first, place_inside(element, place));
    sek_buf_addc(w->out, '}');
}

void sek_draft_json(SekBinxml *bx, SekTree *tree, SekDraft *draft) {
    Writer w = {.draft = draft, .tree = tree, .out = &draft->text, .text = &bx->text};
    bool first = true;
    sek_buf_addc(w.out, '{');
    add_children(&w, bx, tree->root, &first, PLACE_OTHER);
    sek_buf_addc(w.out, '}');
}

SekStatus sek_event_json(SekBinxml *bx, const SekFragment *record, SekBuf *out, SekError *err) {
    return sek_recipe_write(bx, record, SEK_RECIPE_JSON, out, err);
}
