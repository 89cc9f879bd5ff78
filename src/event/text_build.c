/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes come in the order that the BinXML compiler gives them: ELEMENT, its attributes with their text,
 * CONTENT, what is inside, END. */
#include "event/text_build.h"

void sek_build_init(SekBuild *b, SekArena *arena) {
    *b = (SekBuild){.arena = arena};
}

/* `spare` nodes must stay free for the ends of open elements. */
static SekNode *add(SekBuild *b, SekNode node, uint32_t spare) {
    if (b->failed == SEK_ERR_MEMORY)
        return NULL;
    if (b->n + spare >= SEK_BUILD_MAX_NODES) {
        b->failed = SEK_ERR_LIMIT;
        return NULL;
    }
    if (b->n == b->cap) {
        uint32_t cap = b->cap ? b->cap * 2 : 256;
        SekNode *grown = SEK_ARENA_ARRAY(b->arena, SekNode, cap);
        if (!grown) {
            b->failed = SEK_ERR_MEMORY;
            return NULL;
        }
        if (b->n)
            memcpy(grown, b->nodes, b->n * sizeof *grown);
        b->nodes = grown;
        b->cap = cap;
    }
    b->nodes[b->n] = node;
    return &b->nodes[b->n++];
}

/* An element or attribute has a name; JSON allows an empty key. */
static SekStr some_name(SekStr name) {
    return name.len ? name : SEK_STR("_");
}

static uint32_t spare(const SekBuild *b) {
    return 2 * b->depth + 8;
}

void sek_build_open(SekBuild *b, SekStr name) {
    sek_build_content(b);
    bool fits = b->too_deep == 0 && b->depth < SEK_BUILD_MAX_DEPTH;
    if (!fits || !add(b, (SekNode){.kind = SEK_NODE_ELEMENT, .name = some_name(name)}, spare(b))) {
        b->too_deep++;
        if (b->failed == SEK_OK)
            b->failed = SEK_ERR_LIMIT;
        return;
    }
    b->content[b->depth] = false;
    b->open[b->depth++] = b->n - 1;
}

static void take_slot(SekBuild *b, uint32_t slot, bool optional) {
    if (add(b,
            (SekNode){.kind = SEK_NODE_SUBSTITUTION,
                      .type = SEK_VALUE_UTF8,
                      .slot = (uint16_t)slot,
                      .optional = optional || b->all_optional},
            spare(b)) &&
        slot >= b->n_slots)
        b->n_slots = slot + 1;
}

static bool begin_attribute(SekBuild *b, SekStr name) {
    return b->depth && !b->too_deep && !b->content[b->depth - 1] &&
           add(b, (SekNode){.kind = SEK_NODE_ATTRIBUTE, .name = some_name(name)}, spare(b));
}

void sek_build_attribute(SekBuild *b, SekStr name, uint32_t slot) {
    if (begin_attribute(b, name))
        take_slot(b, slot, false);
}

void sek_build_attribute_text(SekBuild *b, SekStr name, SekStr text) {
    if (begin_attribute(b, name))
        (void)add(b, (SekNode){.kind = SEK_NODE_TEXT, .text = text}, spare(b)); /* kept in `failed` */
}

void sek_build_content(SekBuild *b) {
    if (b->depth == 0 || b->too_deep || b->content[b->depth - 1])
        return;
    if (add(b, (SekNode){.kind = SEK_NODE_CONTENT}, spare(b)))
        b->content[b->depth - 1] = true;
}

void sek_build_slot(SekBuild *b, uint32_t slot) {
    sek_build_content(b);
    if (b->depth && !b->too_deep)
        take_slot(b, slot, false);
}

void sek_build_optional(SekBuild *b, uint32_t slot) {
    sek_build_content(b);
    if (b->depth && !b->too_deep)
        take_slot(b, slot, true);
}

void sek_build_text(SekBuild *b, SekStr text) {
    sek_build_content(b);
    if (b->depth && !b->too_deep)
        (void)add(b, (SekNode){.kind = SEK_NODE_TEXT, .text = text}, spare(b)); /* kept in `failed` */
}

void sek_build_close(SekBuild *b) {
    if (b->too_deep) {
        b->too_deep--;
        return;
    }
    if (b->depth == 0)
        return;
    uint32_t start = b->open[--b->depth];
    if (add(b, (SekNode){.kind = SEK_NODE_END}, 0))
        b->nodes[start].end = b->n - 1;
}

void sek_build_value(SekBuild *b, SekStr name, uint32_t slot) {
    sek_build_open(b, name);
    sek_build_slot(b, slot);
    sek_build_close(b);
}

void sek_build_end(const SekBuild *b, SekTemplate *out) {
    out->nodes = b->nodes;
    out->n_nodes = b->n;
    out->n_slots = b->n_slots;
}
