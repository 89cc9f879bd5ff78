/* SPDX-License-Identifier: Apache-2.0 */
/* Filling templates ([MS-EVEN6] 3.1.4.7):
 * - an optional substitution whose value is NULL removes the element or attribute right around it,
 *   but for the place of a whole fragment, which just stays empty;
 * - a value of type BinXML is a fragment that stands in its place;
 * - an array repeats the element right around it, once for each item.
 *
 * Recursion goes down elements and nested fragments and is capped by SEK_TREE_MAX_DEPTH; nodes and
 * work are capped too, since one value may be used in many places. The tree lies in an arena of the
 * SekBinxml that is reset for each tree. */
#include "format/event_tree.h"

#include "format/binxml_internal.h"

typedef struct Builder {
    SekBinxml *bx;
    SekError *err;
    SekStatus problem; /* the first */
    uint32_t n_nodes, work;
    uint32_t depth, fragments;
    uint8_t from;    /* SekTreeFrom of the fragment in hand */
    uint32_t n_nested;
    SekTree *tree;
} Builder;

/* The array item that an element is being repeated for. */
typedef struct Item {
    const SekNode *hole; /* NULL: no array */
    SekValue value;
    bool known;      /* it is of the tree's array */
    uint32_t number; /* in that */
} Item;

static void problem(Builder *b, SekStatus status, const char *what) {
    if (!b->problem)
        b->problem = sek_binxml_fail(b->err, status, 0, what);
}

/* True when nothing more may be added. */
static bool is_over(Builder *b) {
    if (b->work > SEK_TREE_MAX_WORK || b->n_nodes >= SEK_TREE_MAX_NODES) {
        problem(b, SEK_ERR_LIMIT, "a record has too many elements");
        return true;
    }
    return b->problem == SEK_ERR_MEMORY;
}

/* The tree has no room for `wanted` bytes more. */
static void full(Builder *b, size_t wanted) {
    SekStatus status = sek_binxml_full(b->problem ? NULL : b->err, &b->bx->tree, wanted, 0);
    if (!b->problem || status == SEK_ERR_MEMORY)
        b->problem = status;
}

static SekTreeNode *add(Builder *b, SekTreeList *to, SekTreeNode node) {
    if (is_over(b))
        return NULL;
    SekTreeNode *copy = sek_arena_alloc(&b->bx->tree, sizeof *copy);
    if (!copy) {
        full(b, sizeof *copy);
        return NULL;
    }
    b->n_nodes++;
    *copy = node;
    if (to->last)
        to->last->next = copy;
    else
        to->first = copy;
    to->last = copy;
    return copy;
}

static SekValue utf8(SekStr s) {
    return (SekValue){.ptr = (const uint8_t *)s.ptr, .len = (uint32_t)s.len, .type = SEK_VALUE_UTF8};
}

/* A hole for a fragment is no value of the element around it, which would be the whole Event: without
 * its data an event is still one. */
static bool is_removed(const SekFragment *f, const SekNode *node) {
    return node->kind == SEK_NODE_SUBSTITUTION && node->optional && node->type != SEK_VALUE_BINXML &&
           sek_fragment_value(f, node->slot).type == SEK_VALUE_NULL;
}

/* Adds what is neither an element, an attribute nor a hole. */
static void add_plain(Builder *b, const SekNode *node, SekTreeList *to) {
    SekTreeNode out = {.kind = SEK_TREE_TEXT, .value = utf8(node->text)};
    if (node->kind == SEK_NODE_CDATA)
        out.kind = SEK_TREE_CDATA;
    if (node->kind == SEK_NODE_PI) {
        out.kind = SEK_TREE_PI;
        out.name = node->name;
    }
    if (node->kind == SEK_NODE_ENTITY) {
        out.kind = SEK_TREE_ENTITY;
        out.name = node->text;
    }
    (void)add(b, to, out); /* a failure is kept in `b` */
}

static bool ends_attribute(const SekNode *node) {
    return node->kind == SEK_NODE_ATTRIBUTE || node->kind == SEK_NODE_CONTENT || node->kind == SEK_NODE_END;
}

/* The node of a value that fills a hole. An array takes part in how often elements come, and text of other formats in
 * how numbers are told: what was made of these holds for them only. */
static SekTreeNode text_node(Builder *b, const SekNode *hole, SekValue value, bool in_content) {
    bool structural = value.type == SEK_VALUE_UTF8 || (in_content && sek_value_is_array(value));
    if (structural)
        b->tree->steady = false;
    return (SekTreeNode){.kind = SEK_TREE_TEXT, .value = value, .from = structural ? SEK_FROM_ELSE : b->from,
                         .written = hole->written, .in_content = in_content, .slot = hole->slot};
}

/* Adds the attribute at node `i` unless a NULL removes it; returns the node behind it. */
static uint32_t add_attribute(Builder *b, const SekFragment *f, uint32_t i, SekTreeNode *element) {
    const SekNode *nodes = f->tpl->nodes;
    uint32_t end = i + 1;
    bool removed = false;
    for (; !ends_attribute(&nodes[end]); end++)
        removed = removed || is_removed(f, &nodes[end]);
    b->work += end - i;
    SekTreeNode *attribute = removed ? NULL
                                     : add(b, &element->attributes,
                                           (SekTreeNode){.kind = SEK_TREE_ELEMENT, .name = nodes[i].name});
    for (i++; attribute && i < end; i++) {
        if (nodes[i].kind == SEK_NODE_SUBSTITUTION)
            (void)add(b, &attribute->children, text_node(b, &nodes[i], sek_fragment_value(f, nodes[i].slot), false));
        else
            add_plain(b, &nodes[i], &attribute->children);
    }
    return end;
}

static void add_fragment(Builder *b, const SekFragment *f, SekTreeList *to);

static void add_nested(Builder *b, SekValue value, SekTreeList *to) {
    if (b->fragments == SEK_TREE_MAX_FRAGMENTS) {
        problem(b, SEK_ERR_LIMIT, "fragments are nested too deep");
        return;
    }
    SekFragment nested;
    SekError err = {0};
    SekStatus status = sek_binxml_nested(b->bx, value, &nested, &err);
    if (status == SEK_OK) {
        uint8_t from = b->from;
        b->from = b->n_nested++ == 0 && from == SEK_FROM_OUTER ? SEK_FROM_INNER : SEK_FROM_ELSE;
        if (b->from == SEK_FROM_INNER)
            b->tree->inner = nested;
        else
            b->tree->steady = false;
        b->fragments++;
        add_fragment(b, &nested, to);
        b->fragments--;
        b->from = from;
    } else if (status != SEK_END && (!b->problem || status == SEK_ERR_MEMORY)) {
        b->problem = status;
        if (b->err)
            *b->err = err;
    }
}

static void add_substitution(Builder *b, const SekNode *hole, SekValue value, const Item *item, SekTreeList *to) {
    if (value.type == SEK_VALUE_BINXML) {
        b->tree->steady = b->tree->steady && value.len > 0; /* an empty one leaves no trace */
        add_nested(b, value, to);
        return;
    }
    SekTreeNode node = text_node(b, hole, value, true);
    if (item->hole == hole && node.from != SEK_FROM_ELSE) {
        bool kept = item->known && item->number < SEK_TREE_ITEMS;
        b->tree->steady = b->tree->steady && kept;
        node.from = kept ? SEK_FROM_ITEM : SEK_FROM_ELSE;
        node.slot = (uint16_t)item->number;
    }
    (void)add(b, to, node); /* a failure is kept in `b` */
}

static void add_element(Builder *b, const SekFragment *f, uint32_t start, SekTreeList *to);

/* Adds the nodes from `i` to `end`, all on one level. */
static void add_content(Builder *b, const SekFragment *f, uint32_t i, uint32_t end, Item item,
                        SekTreeList *to) {
    const SekNode *nodes = f->tpl->nodes;
    for (; i < end && !is_over(b); i++) {
        const SekNode *node = &nodes[i];
        b->work++;
        switch (node->kind) {
        case SEK_NODE_ELEMENT:
            add_element(b, f, i, to);
            i = node->end;
            break;
        case SEK_NODE_SUBSTITUTION:
            add_substitution(b, node, node == item.hole ? item.value : sek_fragment_value(f, node->slot), &item, to);
            break;
        default:
            add_plain(b, node, to);
            break;
        }
    }
}

/* What the holes right inside an element do to it. */
typedef struct Holes {
    uint32_t content;     /* the CONTENT or END node */
    const SekNode *array; /* the first that is filled by an array */
    bool removed;
} Holes;

static Holes look_at_holes(Builder *b, const SekFragment *f, uint32_t start) {
    const SekNode *nodes = f->tpl->nodes;
    uint32_t end = nodes[start].end;
    Holes holes = {.content = start + 1};
    while (nodes[holes.content].kind != SEK_NODE_CONTENT && holes.content < end)
        holes.content++;
    b->work += holes.content - start;
    for (uint32_t i = holes.content; i < end; i++, b->work++) {
        const SekNode *node = &nodes[i];
        if (node->kind == SEK_NODE_ELEMENT) {
            i = node->end;
        } else if (node->kind == SEK_NODE_SUBSTITUTION) {
            holes.removed = holes.removed || is_removed(f, node);
            if (!holes.array && sek_value_is_array(sek_fragment_value(f, node->slot)))
                holes.array = node;
        }
    }
    return holes;
}

static void add_one(Builder *b, const SekFragment *f, uint32_t start, const Holes *holes, Item item,
                    SekTreeList *to) {
    if (is_over(b))
        return;
    const SekNode *nodes = f->tpl->nodes;
    uint32_t end = nodes[start].end;
    SekTreeNode *element =
        add(b, to,
            (SekTreeNode){
                .kind = SEK_TREE_ELEMENT, .has_content = holes->content < end, .name = nodes[start].name});
    if (!element)
        return;
    for (uint32_t i = start + 1; i < holes->content;) {
        if (nodes[i].kind == SEK_NODE_ATTRIBUTE)
            i = add_attribute(b, f, i, element);
        else
            i++;
    }
    if (holes->content < end)
        add_content(b, f, holes->content + 1, end, item, &element->children);
}

/* True when the value is the only array that elements of the tree are repeated for. */
static bool is_the_array(Builder *b, uint16_t slot) {
    SekTree *tree = b->tree;
    if (tree->array_from == SEK_FROM_LITERAL && b->from != SEK_FROM_ELSE) {
        tree->array_from = b->from;
        tree->array_slot = slot;
    }
    bool is = tree->array_from == b->from && tree->array_slot == slot;
    tree->steady = tree->steady && is;
    return is;
}

static void add_element(Builder *b, const SekFragment *f, uint32_t start, SekTreeList *to) {
    if (b->depth == SEK_TREE_MAX_DEPTH) {
        problem(b, SEK_ERR_LIMIT, "a record is nested too deep");
        return;
    }
    Holes holes = look_at_holes(b, f, start);
    if (holes.removed)
        return;
    b->depth++;
    if (holes.array) {
        SekValue array = sek_fragment_value(f, holes.array->slot);
        Item item = {.hole = holes.array, .known = is_the_array(b, holes.array->slot)};
        for (uint32_t at = 0; !is_over(b) && sek_value_next(array, &at, &item.value) == SEK_OK; item.number++)
            add_one(b, f, start, &holes, item, to);
    } else {
        add_one(b, f, start, &holes, (Item){0}, to);
    }
    b->depth--;
}

static void add_fragment(Builder *b, const SekFragment *f, SekTreeList *to) {
    add_content(b, f, 0, f->tpl->n_nodes, (Item){0}, to);
}

SekStatus sek_event_tree(SekBinxml *bx, const SekFragment *record, SekTree *out, SekError *err) {
    sek_arena_reset(&bx->tree);
    *out = (SekTree){.steady = true};
    Builder b = {.bx = bx, .err = err, .from = SEK_FROM_OUTER, .tree = out};
    SekTreeList top = {0};
    out->root = add(&b, &top, (SekTreeNode){.kind = SEK_TREE_ELEMENT, .has_content = true});
    if (out->root)
        add_fragment(&b, record, &out->root->children);
    if (!out->root || b.problem == SEK_ERR_MEMORY)
        return SEK_ERR_MEMORY; /* the first node always fits under the limits */
    out->steady = out->steady && b.problem == SEK_OK;
    return b.problem;
}
