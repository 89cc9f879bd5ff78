/* SPDX-License-Identifier: Apache-2.0 */

/* How a shape is built: one walk over the nodes of a fragment with a stack of open elements. Text and
 * holes inside an element or attribute are gathered as pieces; at its end they become one field. */
#include "event/shape.h"

#include <stdlib.h>

#define MAX_DEPTH 32          /* open elements that can give fields; deeper ones are passed over */
#define MAX_FIELDS 8192       /* of one record; bounded by its 64 KiB anyway */
#define MAX_FRAGMENT_DEPTH 8  /* fragments inside fragments */
#define MAX_PAIRS SEK_SHAPES_READ /* cached shapes; more are made per record */

typedef struct Pair {
    const SekTemplate *outer, *inner; /* inner NULL: the record has no inner fragment */
    uint32_t inner_slot;
    SekShape shape;
    struct Pair *next;
} Pair;

struct SekShapes {
    SekBinxml *bx;
    SekArena cached; /* shapes for good */
    SekArena record; /* shapes and values of one record, and what is gathered for a cached shape */
    uint32_t n_pairs;
};

typedef struct Piece {
    SekField field;
    struct Piece *next;
} Piece;

typedef struct Open {
    SekStr tag;
    SekStr data_name; /* value of a literal Name attribute */
    bool has_children;
    bool removed; /* by an optional hole without a value: as if it were not there */
    Piece *first, *last; /* text pieces */
    uint32_t n_pieces;
} Open;

typedef struct Build {
    SekShapes *owner;
    SekArena *arena;   /* of what the shape keeps */
    SekArena *scratch; /* of what is gathered until the shape is whole */
    const SekFragment *fragment; /* being walked */
    uint8_t part;
    bool flatten; /* one-off shape: slots become literals */
    uint32_t skip_slot; /* outer slot that holds the inner fragment, or SEK_NO_FIELD */
    SekField *fields;
    uint32_t n_fields, cap_fields;
    Open stack[MAX_DEPTH];
    uint32_t depth;
    Open attribute; /* the open attribute, tag = its name */
    bool in_attribute;
    uint32_t fragment_depth;
    bool nested_bad;
    SekError *err;
} Build;

SekStatus sek_shapes_new(SekBinxml *bx, SekShapes **out) {
    SekShapes *shapes = calloc(1, sizeof *shapes);
    if (!shapes)
        return SEK_ERR_MEMORY;
    shapes->bx = bx;
    sek_arena_init(&shapes->cached, 0);
    sek_arena_init(&shapes->record, 64u * 1024u * 1024u);
    *out = shapes;
    return SEK_OK;
}

void sek_shapes_free(SekShapes *shapes) {
    if (!shapes)
        return;
    sek_arena_deinit(&shapes->cached);
    sek_arena_deinit(&shapes->record);
    free(shapes);
}

static SekPlace place_of(const Build *b) {
    SekStr section = b->depth > 1 ? b->stack[1].tag : (SekStr){0};
    if (sek_str_eq(section, SEK_STR("System")))
        return SEK_PLACE_SYSTEM;
    if (sek_str_eq(section, SEK_STR("EventData")))
        return SEK_PLACE_DATA;
    if (sek_str_eq(section, SEK_STR("RenderingInfo")))
        return SEK_PLACE_RENDERING;
    return SEK_PLACE_USER;
}

static SekStatus add_field(Build *b, SekField field) {
    if (b->n_fields == MAX_FIELDS)
        return SEK_ERR_LIMIT;
    if (b->n_fields == b->cap_fields) {
        uint32_t cap = b->cap_fields ? b->cap_fields * 2 : 64;
        SekField *grown = SEK_ARENA_ARRAY(b->scratch, SekField, cap);
        if (!grown)
            return sek_arena_why(b->scratch);
        if (b->n_fields)
            memcpy(grown, b->fields, b->n_fields * sizeof *grown);
        b->fields = grown;
        b->cap_fields = cap;
    }
    b->fields[b->n_fields++] = field;
    return SEK_OK;
}

/* Turns the gathered pieces of `open` into a field called `name`. */
static SekStatus close_text(Build *b, const Open *open, SekStr name) {
    if (open->removed && open->n_pieces == 0)
        return SEK_OK;
    SekField field = {.name = name, .kind = SEK_FIELD_LITERAL};
    if (open->n_pieces == 1) {
        field = open->first->field;
        field.name = name;
    } else if (open->n_pieces > 1) {
        SekField *pieces = SEK_ARENA_ARRAY(b->arena, SekField, open->n_pieces);
        if (!pieces)
            return sek_arena_why(b->arena);
        uint32_t n = 0;
        for (const Piece *p = open->first; p && n < UINT16_MAX; p = p->next)
            pieces[n++] = p->field;
        field.kind = SEK_FIELD_COMPOSITE;
        field.pieces = pieces;
        field.n_pieces = (uint16_t)n;
    } else {
        field.literal = (SekValue){(const uint8_t *)"", 0, SEK_VALUE_UTF8};
    }
    field.place = (uint8_t)place_of(b);
    return add_field(b, field);
}

static SekStr join_name(Build *b, SekStr tag, SekStr attribute) {
    char *joined = sek_arena_alloc(b->arena, tag.len + 1 + attribute.len);
    if (!joined)
        return (SekStr){0};
    memcpy(joined, tag.ptr, tag.len);
    joined[tag.len] = '_';
    memcpy(joined + tag.len + 1, attribute.ptr, attribute.len);
    return (SekStr){joined, tag.len + 1 + attribute.len};
}

/* True when the open attribute is the one that names a <Data>. */
static bool names_data(const Build *b) {
    if (!sek_str_eq(b->attribute.tag, SEK_STR("Name")))
        return false;
    SekPlace place = place_of(b);
    return place == SEK_PLACE_DATA || sek_str_eq(b->stack[b->depth - 1].tag, SEK_STR("Data"));
}

/* Remembers the literal text of a Name attribute. A name that is a hole is not one name for all
 * records: such a <Data> counts as unnamed. */
static SekStatus keep_data_name(Build *b) {
    const Open *a = &b->attribute;
    if (a->n_pieces != 1 || a->first->field.kind != SEK_FIELD_LITERAL)
        return SEK_OK;
    SekBuf text;
    sek_buf_init(&text, 64u * 1024u);
    sek_value_text(a->first->field.literal, &text);
    SekStr kept = sek_arena_dup(b->arena, sek_buf_str(&text));
    sek_buf_deinit(&text);
    b->stack[b->depth - 1].data_name = kept;
    return kept.ptr ? SEK_OK : sek_arena_why(b->arena);
}

static SekStatus close_attribute(Build *b) {
    b->in_attribute = false;
    Open *element = &b->stack[b->depth - 1];
    const Open *a = &b->attribute;
    if (b->depth < 3 || sek_str_starts(a->tag, SEK_STR("xmlns")))
        return SEK_OK; /* <Event> and its sections carry name spaces and the like */
    if (names_data(b))
        return keep_data_name(b);
    SekStr name = a->tag;
    if (place_of(b) == SEK_PLACE_SYSTEM) {
        name = join_name(b, element->tag, a->tag);
        if (!name.ptr)
            return sek_arena_why(b->arena);
    }
    return close_text(b, a, name);
}

static SekStatus close_element(Build *b) {
    Open *element = &b->stack[b->depth - 1];
    bool leaf = !element->has_children && b->depth > 2;
    SekStatus status = SEK_OK;
    /* System elements without text (Provider, TimeCreated) exist for their attributes only. */
    bool empty_system = place_of(b) == SEK_PLACE_SYSTEM && element->n_pieces == 0;
    if (leaf && !empty_system)
        status = close_text(b, element, element->data_name.len ? element->data_name : element->tag);
    b->depth--;
    return status;
}

static SekStatus add_piece(Build *b, SekField field) {
    if (!b->in_attribute && b->depth == 0)
        return SEK_OK;
    Open *to = b->in_attribute ? &b->attribute : &b->stack[b->depth - 1];
    Piece *piece = SEK_ARENA_NEW(b->scratch, Piece);
    if (!piece)
        return sek_arena_why(b->scratch);
    piece->field = field;
    if (to->last)
        to->last->next = piece;
    else
        to->first = piece;
    to->last = piece;
    to->n_pieces++;
    return SEK_OK;
}

static SekStatus walk(Build *b, const SekFragment *fragment);

static SekStatus nested(Build *b, SekValue value) {
    if (b->fragment_depth == MAX_FRAGMENT_DEPTH)
        return sek_fail(b->err, SEK_ERR_LIMIT, "fragments nested more than %d deep", MAX_FRAGMENT_DEPTH);
    SekFragment inner;
    SekStatus status = sek_binxml_nested(b->owner->bx, value, &inner, b->err);
    if (status == SEK_END)
        return SEK_OK;
    if (status != SEK_OK)
        return status;
    const SekFragment *outer = b->fragment;
    b->fragment_depth++;
    status = walk(b, &inner);
    b->fragment_depth--;
    b->fragment = outer;
    return status;
}

static SekStatus add_slot(Build *b, const SekNode *node) {
    SekField field = {.kind = SEK_FIELD_SLOT, .part = b->part, .slot = node->slot,
                      .optional = node->optional};
    if (!b->flatten)
        return node->slot == b->skip_slot && b->part == 0 ? SEK_OK : add_piece(b, field);
    SekValue value = sek_fragment_value(b->fragment, node->slot);
    if ((value.type & 0x7f) == SEK_VALUE_BINXML) {
        if (b->depth > 0)
            b->stack[b->depth - 1].has_children = true;
        SekStatus status = nested(b, value);
        if (status == SEK_ERR_INPUT || status == SEK_ERR_LIMIT) {
            b->nested_bad = true; /* the rest of the record is still worth having */
            return SEK_OK;
        }
        return status;
    }
    if (node->optional && value.type == SEK_VALUE_NULL) {
        Open *around = b->in_attribute ? &b->attribute : b->depth > 0 ? &b->stack[b->depth - 1] : NULL;
        if (around)
            around->removed = true;
        return SEK_OK;
    }
    field.kind = SEK_FIELD_LITERAL;
    field.literal = value;
    return add_piece(b, field);
}

static SekStatus open_element(Build *b, const SekNode *node) {
    if (b->depth > 0)
        b->stack[b->depth - 1].has_children = true;
    b->stack[b->depth++] = (Open){.tag = node->name};
    return SEK_OK;
}

static SekStatus add_text(Build *b, const SekNode *node) {
    SekField field = {.kind = SEK_FIELD_LITERAL,
                      .literal = {(const uint8_t *)node->text.ptr, (uint32_t)node->text.len,
                                  SEK_VALUE_UTF8}};
    return add_piece(b, field);
}

static SekStatus step(Build *b, const SekNode *node) {
    switch (node->kind) {
    case SEK_NODE_ELEMENT:
        return open_element(b, node);
    case SEK_NODE_ATTRIBUTE:
        b->attribute = (Open){.tag = node->name};
        b->in_attribute = true;
        return SEK_OK;
    case SEK_NODE_END:
        return b->depth > 0 ? close_element(b) : SEK_OK;
    case SEK_NODE_SUBSTITUTION:
        return add_slot(b, node);
    case SEK_NODE_TEXT:
    case SEK_NODE_CDATA:
    case SEK_NODE_CHARREF:
        return add_text(b, node);
    default:
        return SEK_OK;
    }
}

static SekStatus walk(Build *b, const SekFragment *fragment) {
    b->fragment = fragment;
    const SekTemplate *tpl = fragment->tpl;
    for (uint32_t i = 0; i < tpl->n_nodes; i++) {
        const SekNode *node = &tpl->nodes[i];
        bool ends_attribute = node->kind == SEK_NODE_ATTRIBUTE || node->kind == SEK_NODE_CONTENT ||
                              node->kind == SEK_NODE_END;
        if (b->in_attribute && ends_attribute) {
            SekStatus status = b->depth > 0 ? close_attribute(b) : SEK_OK;
            b->in_attribute = false;
            if (status != SEK_OK)
                return status;
        }
        if (node->kind == SEK_NODE_ELEMENT && b->depth == MAX_DEPTH) {
            i = node->end; /* too deep to mean anything: pass over it with all that is inside */
            continue;
        }
        SekStatus status = step(b, node);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

static void find_system(SekShape *shape) {
    static const struct {
        SekSystemField which;
        const char *name;
    } names[] = {
        {SEK_SYSTEM_CHANNEL, "Channel"},         {SEK_SYSTEM_PROVIDER, "Provider_Name"},
        {SEK_SYSTEM_EVENT_ID, "EventID"},        {SEK_SYSTEM_RECORD_ID, "EventRecordID"},
        {SEK_SYSTEM_TIME, "TimeCreated_SystemTime"}, {SEK_SYSTEM_COMPUTER, "Computer"},
        {SEK_SYSTEM_LEVEL, "Level"},
    };
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        shape->system[names[n].which] = SEK_NO_FIELD;
        for (uint32_t i = 0; i < shape->n_fields; i++)
            if (shape->fields[i].place == SEK_PLACE_SYSTEM &&
                sek_str_eq(shape->fields[i].name, sek_str(names[n].name))) {
                shape->system[names[n].which] = i;
                if (shape->fields[i].kind == SEK_FIELD_SLOT)
                    shape->slots[names[n].which] = (SekSystemSlot){true, shape->fields[i].part, shape->fields[i].slot};
                break;
            }
    }
}

/* The fields as they stand for good: as many as there are, where thousands of shapes are kept. */
static SekStatus keep_fields(Build *b) {
    SekField *kept = SEK_ARENA_ARRAY(b->arena, SekField, b->n_fields);
    if (!kept)
        return sek_arena_why(b->arena);
    if (b->n_fields)
        memcpy(kept, b->fields, b->n_fields * sizeof *kept);
    b->fields = kept;
    return SEK_OK;
}

/* The slot that holds the inner fragment, and how many fragments there are. */
static uint32_t fragment_slot(const SekFragment *f, uint32_t *out_count) {
    uint32_t slot = SEK_NO_FIELD;
    *out_count = f->n_fragments;
    if (f->types)
        return f->fragment;
    for (uint32_t i = f->n_values; i-- > 0;)
        if ((f->values[i].type & 0x7f) == SEK_VALUE_BINXML && f->values[i].len > 0) {
            slot = i;
            ++*out_count;
        }
    return slot;
}

static SekStatus build_pair(SekShapes *shapes, const SekFragment *outer, const SekFragment *inner,
                            Pair *pair) {
    Build b = {.owner = shapes, .arena = &shapes->cached, .scratch = &shapes->record, .skip_slot = pair->inner_slot};
    SekStatus status = SEK_OK;
    /* The inner fragment's fields come after System's, as in the document. */
    status = walk(&b, outer);
    if (status == SEK_OK && inner) {
        b.part = 1;
        b.skip_slot = SEK_NO_FIELD;
        b.depth = 1; /* inside <Event> */
        b.stack[0] = (Open){.tag = SEK_STR("Event"), .has_children = true};
        status = walk(&b, inner);
    }
    if (status == SEK_OK)
        status = keep_fields(&b);
    if (status != SEK_OK)
        return status;
    pair->shape = (SekShape){.fields = b.fields, .n_fields = b.n_fields};
    find_system(&pair->shape);
    return SEK_OK;
}

static SekStatus cached_shape(SekShapes *shapes, const SekFragment *outer, const SekFragment *inner,
                              uint32_t slot, const SekShape **out) {
    const SekTemplate *inner_tpl = inner ? inner->tpl : NULL;
    SekTemplate *holder = inner ? inner->tpl : outer->tpl; /* few System templates hold the same EventData */
    for (const Pair *p = holder->user; p; p = p->next)
        if (p->outer == outer->tpl && p->inner == inner_tpl && p->inner_slot == slot) {
            *out = &p->shape;
            return SEK_OK;
        }
    if (shapes->n_pairs == MAX_PAIRS)
        return SEK_NOT_FOUND;
    Pair *pair = SEK_ARENA_NEW(&shapes->cached, Pair);
    if (!pair)
        return SEK_ERR_MEMORY;
    *pair = (Pair){.outer = outer->tpl, .inner = inner_tpl, .inner_slot = slot};
    SekStatus status = build_pair(shapes, outer, inner, pair);
    if (status != SEK_OK)
        return status;
    pair->shape.id = SEK_SHAPES_WIDER + ++shapes->n_pairs;
    pair->next = holder->user;
    holder->user = pair;
    *out = &pair->shape;
    return SEK_OK;
}

static SekStatus one_off_shape(SekShapes *shapes, const SekFragment *record, SekEvent *out,
                               SekError *err) {
    Build b = {.owner = shapes, .arena = &shapes->record, .scratch = &shapes->record, .flatten = true,
               .skip_slot = SEK_NO_FIELD, .err = err};
    SekShape *shape = SEK_ARENA_NEW(&shapes->record, SekShape); /* first: what fits is kept at the limit */
    if (!shape)
        return SEK_ERR_MEMORY;
    SekStatus status = walk(&b, record);
    if (status == SEK_ERR_MEMORY)
        return status;
    *shape = (SekShape){.fields = b.fields, .n_fields = b.n_fields};
    find_system(shape);
    out->shape = shape;
    return b.nested_bad ? SEK_ERR_INPUT : status;
}

/* True when the values of the inner fragment hold fragments themselves. */
static bool has_fragments(const SekFragment *f) {
    uint32_t count;
    (void)fragment_slot(f, &count);
    return count > 0;
}

/* All that an event has but for its shape and its inner values; one by one, as clearing it as a whole is slower. */
static inline void start_event(SekShapes *shapes, const SekFragment *record, SekEvent *out) {
    out->shape = NULL;
    out->values[0] = record->values;
    out->values[1] = out->values[2] = NULL;
    out->n_values[0] = record->n_values;
    out->n_values[1] = out->n_values[2] = 0;
    out->types = out->added = 0;
    out->texts[0] = out->texts[1] = 0;
    out->text = NULL;
    out->time = out->record_id = out->offset = 0;
    out->recovered = false;
    out->arena = &shapes->record;
}

SekStatus sek_shapes_text_event(SekShapes *shapes, const SekFragment *record, SekEvent *out, SekError *err) {
    sek_arena_reset(&shapes->record);
    start_event(shapes, record, out);
    SekStatus status = SEK_NOT_FOUND;
    if (record->tpl->id != 0)
        status = cached_shape(shapes, record, NULL, SEK_NO_FIELD, &out->shape);
    return status == SEK_NOT_FOUND ? one_off_shape(shapes, record, out, err) : status;
}

SekStatus sek_shapes_event(SekShapes *shapes, const SekFragment *record, SekEvent *out,
                           SekError *err) {
    sek_arena_reset(&shapes->record);
    start_event(shapes, record, out);
    uint32_t count;
    uint32_t slot = fragment_slot(record, &count);
    if (record->tpl->id == 0 || count > 1 || (count == 1 && sek_value_is_array(record->values[slot])))
        return one_off_shape(shapes, record, out, err);
    const SekFragment *inner = NULL;
    if (count == 1) {
        SekStatus status = sek_binxml_nested_kept(shapes->bx, record->values[slot], &inner, err);
        if (sek_is_fatal(status))
            return status;
        if (status == SEK_END)
            inner = NULL;
        else if (status != SEK_OK || inner->tpl->id == 0 || has_fragments(inner))
            return one_off_shape(shapes, record, out, err);
    }
    SekStatus status = cached_shape(shapes, record, inner, slot, &out->shape);
    if (status == SEK_NOT_FOUND)
        return one_off_shape(shapes, record, out, err);
    out->types = record->types;
    out->texts[0] = record->texts;
    if (inner) {
        out->values[1] = inner->values;
        out->texts[1] = inner->texts;
        out->n_values[1] = inner->n_values;
        if (out->types)
            out->types = inner->types || inner->n_values == 0 ? out->types | inner->types : 0;
    }
    return status;
}
