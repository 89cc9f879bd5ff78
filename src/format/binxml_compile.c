/* SPDX-License-Identifier: Apache-2.0 */
/* BinXML tokens to the flat node list of a template ([MS-EVEN6] 2.2.12; in a file names are offsets
 * into the chunk and not text in place: libevtx "Windows XML Event Log (EVTX) format", section 4).
 *
 *   element   01|41, [dependency identifier, 2], size 4, name offset 4, [name], [41: size of attributes 4]
 *   attribute 06|46, name offset 4, [name]            then its text tokens
 *   name      offset of the next name in the same hash bucket 4, hash 2, characters 2, UTF-16, NUL
 *
 * A name stands in place where its offset is the place behind the offset, and elsewhere in the chunk
 * if not. The dependency identifier is there in template definitions only. One pass, no recursion:
 * every token takes at least one byte, so the work is linear in the size, but for names, which have
 * caps of their own. The sizes that tokens carry are not needed and not believed. */
#include "format/binxml_internal.h"

#include "base/bytes.h"
#include "base/utf.h"

enum {
    TOKEN_EOF = 0x00,
    TOKEN_OPEN_START = 0x01,
    TOKEN_CLOSE_START = 0x02,
    TOKEN_CLOSE_EMPTY = 0x03,
    TOKEN_END = 0x04,
    TOKEN_VALUE = 0x05,
    TOKEN_ATTRIBUTE = 0x06,
    TOKEN_CDATA = 0x07,
    TOKEN_CHARREF = 0x08,
    TOKEN_ENTITY = 0x09,
    TOKEN_PI_TARGET = 0x0a,
    TOKEN_PI_DATA = 0x0b,
    TOKEN_TEMPLATE = 0x0c,
    TOKEN_SUBSTITUTION = 0x0d,
    TOKEN_OPTIONAL = 0x0e,
    TOKEN_FRAGMENT = 0x0f,
    TOKEN_MORE = 0x40, /* flag: attributes, or more text, follow */
};

#define NAME_HEADER 8u
#define FIRST_NODES 256u

typedef struct Compiler {
    SekBinxml *bx;
    SekArena *arena;
    SekCompiled *out;
    SekError *err;
    uint32_t base, at, end; /* offsets in the chunk */
    uint32_t depth;
    uint32_t name_bytes;
    bool definition;
    bool in_tag;       /* inside <...> */
    bool in_attribute; /* an attribute takes the text that follows */
    bool dependency;   /* elements carry a dependency identifier */
    bool knows_dependency;
    bool done;
    uint32_t open[SEK_BINXML_MAX_DEPTH]; /* nodes of the elements that are not closed */
} Compiler;

static SekStatus damaged(Compiler *c, const char *what) {
    return sek_binxml_fail(c->err, SEK_ERR_INPUT, c->at, what);
}

static SekStatus limit(Compiler *c, const char *what) {
    return sek_binxml_fail(c->err, SEK_ERR_LIMIT, c->at, what);
}

static bool left(const Compiler *c, uint32_t need) {
    return sek_within(c->at, need, c->end);
}

static SekStatus grow(Compiler *c) {
    SekBinxml *bx = c->bx;
    uint32_t cap = bx->cap_nodes ? 2 * bx->cap_nodes : FIRST_NODES;
    SekNode *nodes = SEK_ARENA_ARRAY(&bx->cache_arena, SekNode, cap);
    SekNameRef *refs = SEK_ARENA_ARRAY(&bx->cache_arena, SekNameRef, cap);
    if (!nodes || !refs)
        return sek_binxml_fail(c->err, SEK_ERR_MEMORY, c->at, "out of memory for a template");
    if (bx->cap_nodes) {
        memcpy(nodes, bx->nodes, bx->cap_nodes * sizeof *nodes);
        memcpy(refs, bx->refs, bx->cap_nodes * sizeof *refs);
    }
    bx->nodes = nodes;
    bx->refs = refs;
    bx->cap_nodes = cap;
    return SEK_OK;
}

static SekStatus add_node(Compiler *c, SekNode node) {
    if (c->out->n_nodes == SEK_BINXML_MAX_NODES)
        return limit(c, "too many nodes in one template");
    if (c->out->n_nodes == c->bx->cap_nodes) {
        SekStatus status = grow(c);
        if (status)
            return status;
    }
    c->bx->nodes[c->out->n_nodes++] = node;
    return SEK_OK;
}

/* References are fewer than nodes, since each belongs to one; they only may be ahead by one. */
static SekStatus add_ref(Compiler *c, SekNameRef ref) {
    if (c->out->n_refs == c->bx->cap_nodes) {
        SekStatus status = grow(c);
        if (status)
            return status;
    }
    c->bx->refs[c->out->n_refs++] = ref;
    return SEK_OK;
}

/* Lets the bytes at chunk offset `off` differ between two copies of the same definition. */
static void mask(Compiler *c, uint32_t off, uint32_t len) {
    if (c->definition)
        memset(c->out->mask + (off - c->base), 0, len);
}

static SekStatus keep_text(Compiler *c, SekStr *out) {
    *out = sek_arena_dup(c->arena, sek_buf_str(&c->bx->text));
    SekStatus failed = c->bx->text.failed;
    sek_buf_clear(&c->bx->text);
    if (failed == SEK_ERR_LIMIT)
        return limit(c, "text is too long");
    if (failed || !out->ptr)
        return sek_binxml_fail(c->err, SEK_ERR_MEMORY, c->at, "out of memory for the text of a template");
    return SEK_OK;
}

uint16_t sek_binxml_name_hash(const uint8_t *utf16, uint32_t n_chars) {
    uint32_t hash = 0;
    for (uint32_t i = 0; i < n_chars; i++)
        hash = hash * 65599u + sek_le16(utf16 + 2 * i);
    return (uint16_t)hash;
}

/* Bytes of the name at chunk offset `off` with its header and NUL, or 0 when it does not fit. */
static uint32_t name_size(const SekBinxml *bx, uint32_t off) {
    if (!sek_within(off, NAME_HEADER, bx->chunk_len))
        return 0;
    uint32_t size = NAME_HEADER + 2u * sek_le16(bx->chunk + off + 6) + 2;
    return sek_within(off, size, bx->chunk_len) ? size : 0;
}

/* True when a name with its own hash is at `off`: no accident. */
static bool is_name(const SekBinxml *bx, uint32_t off) {
    uint32_t size = name_size(bx, off);
    if (size <= NAME_HEADER + 2)
        return false;
    const uint8_t *p = bx->chunk + off;
    return sek_binxml_name_hash(p + NAME_HEADER, sek_le16(p + 6)) == sek_le16(p + 4);
}

static SekStatus name_text(Compiler *c, uint32_t off, SekStr *out) {
    const uint8_t *p = c->bx->chunk + off;
    uint32_t n_chars = sek_le16(p + 6);
    if (n_chars == 0 || n_chars > SEK_BINXML_MAX_NAME)
        return n_chars ? limit(c, "a name is too long") : damaged(c, "a name is empty");
    c->name_bytes += 2 * n_chars;
    if (c->name_bytes > SEK_BINXML_MAX_NAME_BYTES)
        return limit(c, "too many bytes of names in one template");
    if (sek_binxml_name_hash(p + NAME_HEADER, n_chars) != sek_le16(p + 4))
        c->out->sound = false;
    sek_utf16le_append(&c->bx->text, p + NAME_HEADER, 2 * n_chars);
    return keep_text(c, out);
}

/* Reads the name offset at c->at and moves behind it, and behind the name if that stands there. */
static SekStatus read_name(Compiler *c, SekStr *out) {
    if (!left(c, 4))
        return damaged(c, "the stream ends inside a token");
    uint32_t field = c->at, off = sek_le32(c->bx->chunk + field);
    uint32_t size = name_size(c->bx, off);
    if (size == 0)
        return damaged(c, "the offset of a name points outside the chunk");
    c->at += 4;
    bool in_place = off == c->at;
    if (in_place && !left(c, size))
        return damaged(c, "a name reaches over the end of its stream");
    SekStatus status = name_text(c, off, out);
    if (status)
        return status;
    mask(c, field, 4);
    SekNameRef ref = {.at = field - c->base, .inside = SEK_NAME_OUTSIDE};
    if (in_place) {
        mask(c, off, 4); /* the next name of the bucket lies wherever the chunk has it */
        ref.inside = off - c->base;
        c->at += size;
    } else {
        ref.name = c->bx->chunk + off + 4;
        ref.name_len = size - 4;
    }
    return add_ref(c, ref);
}

/* Elements outside definitions have no dependency identifier, as far as files are known; where the
 * place without one holds no name and the place with one does, the writer thought otherwise. */
static void learn_dependency(Compiler *c) {
    if (c->knows_dependency)
        return;
    c->knows_dependency = true;
    if (!left(c, 11))
        return;
    const uint8_t *p = c->bx->chunk + c->at;
    c->dependency = !is_name(c->bx, sek_le32(p + 5)) && is_name(c->bx, sek_le32(p + 7));
}

static SekStatus open_element(Compiler *c, bool has_attributes) {
    if (c->in_tag)
        return damaged(c, "an element begins inside a tag");
    if (c->depth == SEK_BINXML_MAX_DEPTH)
        return limit(c, "elements are nested too deep");
    learn_dependency(c);
    uint32_t head = c->dependency ? 7 : 5;
    if (!left(c, head))
        return damaged(c, "the stream ends inside a token");
    c->at += head;
    mask(c, c->at - 4, 4);
    SekNode node = {.kind = SEK_NODE_ELEMENT};
    SekStatus status = read_name(c, &node.name);
    if (status)
        return status;
    if (has_attributes) {
        if (!left(c, 4))
            return damaged(c, "the stream ends inside a token");
        mask(c, c->at, 4);
        c->at += 4;
    }
    c->open[c->depth++] = c->out->n_nodes;
    c->in_tag = true;
    c->in_attribute = false;
    return add_node(c, node);
}

static SekStatus close_start(Compiler *c) {
    if (!c->in_tag)
        return damaged(c, "a tag ends that did not begin");
    c->in_tag = c->in_attribute = false;
    c->at++;
    return add_node(c, (SekNode){.kind = SEK_NODE_CONTENT});
}

static SekStatus end_element(Compiler *c, bool inside_tag) {
    if (c->depth == 0 || c->in_tag != inside_tag)
        return damaged(c, "an element ends that did not begin");
    c->in_tag = c->in_attribute = false;
    c->at++;
    c->bx->nodes[c->open[--c->depth]].end = c->out->n_nodes;
    return add_node(c, (SekNode){.kind = SEK_NODE_END});
}

static SekStatus attribute(Compiler *c) {
    if (!c->in_tag)
        return damaged(c, "an attribute stands outside a tag");
    SekNode node = {.kind = SEK_NODE_ATTRIBUTE};
    c->at++;
    c->in_attribute = true;
    SekStatus status = read_name(c, &node.name);
    return status ? status : add_node(c, node);
}

/* Text may stand in an attribute or between tags, but not among attributes. */
static bool text_fits(const Compiler *c) {
    return !c->in_tag || c->in_attribute;
}

/* A literal: type, then for text the number of units, else as many bytes as the type has. */
static SekStatus literal(Compiler *c) {
    if (!text_fits(c) || !left(c, 2))
        return damaged(c, "a text stands where none may be");
    SekValue v = {.type = c->bx->chunk[c->at + 1]};
    uint32_t head = 2;
    if (v.type == SEK_VALUE_STRING || v.type == SEK_VALUE_ANSI) {
        if (!left(c, 4))
            return damaged(c, "the stream ends inside a token");
        head = 4;
        v.len = sek_le16(c->bx->chunk + c->at + 2) * (v.type == SEK_VALUE_STRING ? 2u : 1u);
    } else {
        v.len = sek_value_fixed_size(v.type);
        if (v.len == 0)
            return damaged(c, "a literal has a type that has no text");
    }
    if (!left(c, head + v.len))
        return damaged(c, "a text reaches over the end of its stream");
    v.ptr = c->bx->chunk + c->at + head;
    c->at += head + v.len;
    sek_value_text(v, &c->bx->text);
    SekNode node = {.kind = SEK_NODE_TEXT};
    SekStatus status = keep_text(c, &node.text);
    return status ? status : add_node(c, node);
}

/* CDATA section and the data of a processing instruction: a count and UTF-16. */
static SekStatus counted_text(Compiler *c, SekStr *out) {
    if (!left(c, 3))
        return damaged(c, "the stream ends inside a token");
    uint32_t n_bytes = 2u * sek_le16(c->bx->chunk + c->at + 1);
    if (!left(c, 3 + n_bytes))
        return damaged(c, "a text reaches over the end of its stream");
    SekValue v = {.ptr = c->bx->chunk + c->at + 3, .len = n_bytes, .type = SEK_VALUE_STRING};
    c->at += 3 + n_bytes;
    sek_value_text(v, &c->bx->text);
    return keep_text(c, out);
}

static SekStatus cdata(Compiler *c) {
    if (c->in_tag)
        return damaged(c, "a CDATA section stands inside a tag");
    SekNode node = {.kind = SEK_NODE_CDATA};
    SekStatus status = counted_text(c, &node.text);
    return status ? status : add_node(c, node);
}

static SekStatus char_reference(Compiler *c) {
    if (!text_fits(c) || !left(c, 3))
        return damaged(c, "a character reference stands where none may be");
    char bytes[4];
    sek_buf_add(&c->bx->text, bytes, sek_utf8_put(sek_le16(c->bx->chunk + c->at + 1), bytes));
    c->at += 3;
    SekNode node = {.kind = SEK_NODE_CHARREF};
    SekStatus status = keep_text(c, &node.text);
    return status ? status : add_node(c, node);
}

/* The five that XML predefines (XML 1.0, section 4.6) are the character they stand for. */
static SekStatus entity(Compiler *c) {
    static const struct {
        const char *name;
        const char *text;
    } known[] = {{"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}};
    if (!text_fits(c))
        return damaged(c, "an entity reference stands where none may be");
    SekNode node = {.kind = SEK_NODE_ENTITY};
    c->at++;
    SekStatus status = read_name(c, &node.text);
    if (status)
        return status;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (sek_str_eq(node.text, sek_str(known[i].name))) {
            node.kind = SEK_NODE_TEXT;
            node.text = sek_str(known[i].text);
        }
    }
    return add_node(c, node);
}

/* Target and data are two tokens of which the second must follow the first. */
static SekStatus instruction(Compiler *c) {
    if (c->in_tag)
        return damaged(c, "a processing instruction stands inside a tag");
    SekNode node = {.kind = SEK_NODE_PI};
    c->at++;
    SekStatus status = read_name(c, &node.name);
    if (status)
        return status;
    if (left(c, 1) && c->bx->chunk[c->at] == TOKEN_PI_DATA) {
        status = counted_text(c, &node.text);
        if (status)
            return status;
    }
    return add_node(c, node);
}

static SekStatus substitution(Compiler *c, bool optional) {
    if (!text_fits(c) || !left(c, 4) || !c->definition)
        return damaged(c, "a substitution stands where none may be");
    const uint8_t *p = c->bx->chunk + c->at;
    SekNode node = {
        .kind = SEK_NODE_SUBSTITUTION, .optional = optional, .slot = sek_le16(p + 1), .type = p[3]};
    c->at += 4;
    if (node.slot >= SEK_BINXML_MAX_VALUES)
        return limit(c, "a substitution has too high a number");
    if (node.slot >= c->out->n_slots)
        c->out->n_slots = node.slot + 1u;
    return add_node(c, node);
}

/* A template instance among the tokens of a fragment becomes a hole, filled by the instance itself,
 * so that readers meet it like any other fragment inside a value. */
static SekStatus instance(Compiler *c) {
    if (c->in_tag || c->definition)
        return damaged(c, "a template instance stands where none may be");
    uint32_t slot = c->out->n_slots, end;
    if (slot == SEK_BINXML_MAX_VALUES)
        return limit(c, "too many template instances in one fragment");
    SekStatus status = sek_binxml_skip_instance(c->bx, c->at, c->end, &end, c->err);
    if (status)
        return status;
    if ((slot & (slot - 1)) == 0) { /* at 0, 1, 2, 4, ...: the array is full */
        SekValue *values = SEK_ARENA_ARRAY(c->arena, SekValue, slot ? 2u * slot : 1u);
        if (!values)
            return sek_binxml_fail(c->err, SEK_ERR_MEMORY, c->at, "out of memory for a fragment");
        if (slot)
            memcpy(values, c->out->values, slot * sizeof *values);
        c->out->values = values;
    }
    c->out->values[slot] =
        (SekValue){.ptr = c->bx->chunk + c->at, .len = end - c->at, .type = SEK_VALUE_BINXML};
    c->out->n_slots++;
    c->at = end;
    return add_node(c, (SekNode){.kind = SEK_NODE_SUBSTITUTION,
                                 .slot = (uint16_t)slot,
                                 .type = SEK_VALUE_BINXML});
}

static SekStatus fragment_header(Compiler *c) {
    if (c->depth || !left(c, 4))
        return damaged(c, "a fragment header stands where none may be");
    c->at += 4;
    return SEK_OK;
}

static SekStatus end_of_stream(Compiler *c) {
    if (c->depth)
        return damaged(c, "the stream ends before its elements do");
    c->done = true;
    return SEK_OK;
}

static SekStatus token(Compiler *c) {
    uint8_t code = c->bx->chunk[c->at];
    switch (code) {
    case TOKEN_EOF:
        return end_of_stream(c);
    case TOKEN_OPEN_START:
    case TOKEN_OPEN_START | TOKEN_MORE:
        return open_element(c, code & TOKEN_MORE);
    case TOKEN_CLOSE_START:
        return close_start(c);
    case TOKEN_CLOSE_EMPTY:
        return end_element(c, true);
    case TOKEN_END:
        return end_element(c, false);
    case TOKEN_VALUE:
    case TOKEN_VALUE | TOKEN_MORE:
        return literal(c);
    case TOKEN_ATTRIBUTE:
    case TOKEN_ATTRIBUTE | TOKEN_MORE:
        return attribute(c);
    case TOKEN_CDATA:
    case TOKEN_CDATA | TOKEN_MORE:
        return cdata(c);
    case TOKEN_CHARREF:
    case TOKEN_CHARREF | TOKEN_MORE:
        return char_reference(c);
    case TOKEN_ENTITY:
    case TOKEN_ENTITY | TOKEN_MORE:
        return entity(c);
    case TOKEN_PI_TARGET:
        return instruction(c);
    case TOKEN_TEMPLATE:
        return instance(c);
    case TOKEN_SUBSTITUTION:
    case TOKEN_OPTIONAL:
        return substitution(c, code == TOKEN_OPTIONAL);
    case TOKEN_FRAGMENT:
        return fragment_header(c);
    default:
        return damaged(c, "an unknown token");
    }
}

SekStatus sek_binxml_compile(SekBinxml *bx, SekTokens tokens, SekArena *arena, SekCompiled *out,
                             SekError *err) {
    *out = (SekCompiled){.sound = true};
    Compiler c = {.bx = bx,
                  .arena = arena,
                  .out = out,
                  .err = err,
                  .base = tokens.off,
                  .at = tokens.off,
                  .end = tokens.off + tokens.len,
                  .definition = tokens.definition,
                  .dependency = tokens.definition,
                  .knows_dependency = tokens.definition};
    if (tokens.definition) {
        out->mask = sek_arena_alloc(arena, tokens.len);
        if (!out->mask)
            return sek_binxml_fail(err, SEK_ERR_MEMORY, tokens.off, "out of memory for a template");
        memset(out->mask, 0xff, tokens.len);
    }
    sek_buf_clear(&bx->text);
    SekStatus status = SEK_OK;
    while (!status && !c.done && c.at < c.end)
        status = token(&c);
    if (!status && c.depth)
        status = damaged(&c, "the stream ends before its elements do");
    out->nodes = bx->nodes;
    out->refs = bx->refs;
    return status;
}
