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
#include "format/binxml_compiler.h"

#include "base/utf.h"

/* Elements outside definitions have no dependency identifier, as far as files are known; where the
 * place without one holds no name and the place with one does, the writer thought otherwise. */
static void learn_dependency(SekCompiler *c) {
    if (c->knows_dependency)
        return;
    c->knows_dependency = true;
    if (!sek_compiler_left(c, 11))
        return;
    const uint8_t *p = c->bx->chunk + c->at;
    c->dependency =
        !sek_compiler_is_name(c->bx, sek_le32(p + 5)) && sek_compiler_is_name(c->bx, sek_le32(p + 7));
}

static SekStatus open_element(SekCompiler *c, bool has_attributes) {
    if (c->in_tag)
        return sek_compiler_damaged(c, "an element begins inside a tag");
    if (c->depth == SEK_BINXML_MAX_DEPTH)
        return sek_compiler_limit(c, "elements are nested too deep");
    learn_dependency(c);
    uint32_t head = c->dependency ? 7 : 5;
    if (!sek_compiler_left(c, head))
        return sek_compiler_damaged(c, "the stream ends inside a token");
    c->at += head;
    sek_compiler_mask(c, c->at - 4, 4);
    SekNode node = {.kind = SEK_NODE_ELEMENT};
    SekStatus status = sek_compiler_name(c, &node.name);
    if (status)
        return status;
    if (has_attributes) {
        if (!sek_compiler_left(c, 4))
            return sek_compiler_damaged(c, "the stream ends inside a token");
        sek_compiler_mask(c, c->at, 4);
        c->at += 4;
    }
    c->open[c->depth++] = c->out->n_nodes;
    c->in_tag = true;
    c->in_attribute = false;
    return sek_compiler_add(c, node);
}

static SekStatus close_start(SekCompiler *c) {
    if (!c->in_tag)
        return sek_compiler_damaged(c, "a tag ends that did not begin");
    c->in_tag = c->in_attribute = false;
    c->at++;
    return sek_compiler_add(c, (SekNode){.kind = SEK_NODE_CONTENT});
}

static SekStatus end_element(SekCompiler *c, bool inside_tag) {
    if (c->depth == 0 || c->in_tag != inside_tag)
        return sek_compiler_damaged(c, "an element ends that did not begin");
    c->in_tag = c->in_attribute = false;
    c->at++;
    c->bx->nodes[c->open[--c->depth]].end = c->out->n_nodes;
    return sek_compiler_add(c, (SekNode){.kind = SEK_NODE_END});
}

static SekStatus attribute(SekCompiler *c) {
    if (!c->in_tag)
        return sek_compiler_damaged(c, "an attribute stands outside a tag");
    SekNode node = {.kind = SEK_NODE_ATTRIBUTE};
    c->at++;
    c->in_attribute = true;
    SekStatus status = sek_compiler_name(c, &node.name);
    c->in_name = !status && sek_str_eq(node.name, SEK_STR("Name"));
    return status ? status : sek_compiler_add(c, node);
}

/* Text may stand in an attribute or between tags, but not among attributes. */
static bool text_fits(const SekCompiler *c) {
    return !c->in_tag || c->in_attribute;
}

/* A value of a fragment becomes a hole that is filled by it. */
static SekStatus add_value(SekCompiler *c, SekValue value, bool written) {
    uint32_t slot = c->out->n_slots;
    if ((slot & (slot - 1)) == 0) { /* at 0, 1, 2, 4, ...: the array is full */
        SekValue *values = SEK_ARENA_ARRAY(c->arena, SekValue, slot ? 2u * slot : 1u);
        if (!values)
            return sek_binxml_full(c->err, c->arena, 2u * slot * sizeof *values, c->at);
        if (slot)
            memcpy(values, c->out->values, slot * sizeof *values);
        c->out->values = values;
    }
    c->out->values[slot] = value;
    c->out->n_slots++;
    return sek_compiler_add(c, (SekNode){.kind = SEK_NODE_SUBSTITUTION, .written = written, .slot = (uint16_t)slot, .type = value.type});
}

/* True for a text of a fragment that is a value: the same elements come again with other texts (binxml_plain.c). The
 * text of an attribute called Name says what the value is. */
static bool is_hole(const SekCompiler *c, SekValue v) {
    return !c->definition && v.type == SEK_VALUE_STRING && !(c->in_attribute && c->in_name) &&
           c->out->n_slots < SEK_BINXML_MAX_VALUES / 2;
}

/* A literal: type, then for text the number of units, else as many bytes as the type has. */
static SekStatus literal(SekCompiler *c) {
    if (!text_fits(c) || !sek_compiler_left(c, 2))
        return sek_compiler_damaged(c, "a text stands where none may be");
    SekValue v = {.type = c->bx->chunk[c->at + 1]};
    uint32_t head = 2;
    if (v.type == SEK_VALUE_STRING || v.type == SEK_VALUE_ANSI) {
        if (!sek_compiler_left(c, 4))
            return sek_compiler_damaged(c, "the stream ends inside a token");
        head = 4;
        v.len = sek_le16(c->bx->chunk + c->at + 2) * (v.type == SEK_VALUE_STRING ? 2u : 1u);
    } else {
        v.len = sek_value_fixed_size(v.type);
        if (v.len == 0)
            return sek_compiler_damaged(c, "a literal has a type that has no text");
    }
    if (!sek_compiler_left(c, head + v.len))
        return sek_compiler_damaged(c, "a text reaches over the end of its stream");
    v.ptr = c->bx->chunk + c->at + head;
    c->at += head + v.len;
    if (is_hole(c, v))
        return add_value(c, v, true);
    sek_value_text(v, &c->bx->text);
    SekNode node = {.kind = SEK_NODE_TEXT};
    SekStatus status = sek_compiler_text(c, &node.text);
    return status ? status : sek_compiler_add(c, node);
}

/* CDATA section and the data of a processing instruction: a count and UTF-16. */
static SekStatus counted_text(SekCompiler *c, SekStr *out) {
    if (!sek_compiler_left(c, 3))
        return sek_compiler_damaged(c, "the stream ends inside a token");
    uint32_t n_bytes = 2u * sek_le16(c->bx->chunk + c->at + 1);
    if (!sek_compiler_left(c, 3 + n_bytes))
        return sek_compiler_damaged(c, "a text reaches over the end of its stream");
    SekValue v = {.ptr = c->bx->chunk + c->at + 3, .len = n_bytes, .type = SEK_VALUE_STRING};
    c->at += 3 + n_bytes;
    sek_value_text(v, &c->bx->text);
    return sek_compiler_text(c, out);
}

static SekStatus cdata(SekCompiler *c) {
    if (c->in_tag)
        return sek_compiler_damaged(c, "a CDATA section stands inside a tag");
    SekNode node = {.kind = SEK_NODE_CDATA};
    SekStatus status = counted_text(c, &node.text);
    return status ? status : sek_compiler_add(c, node);
}

static SekStatus char_reference(SekCompiler *c) {
    if (!text_fits(c) || !sek_compiler_left(c, 3))
        return sek_compiler_damaged(c, "a character reference stands where none may be");
    char bytes[4];
    sek_buf_add(&c->bx->text, bytes, sek_utf8_put(sek_le16(c->bx->chunk + c->at + 1), bytes));
    c->at += 3;
    SekNode node = {.kind = SEK_NODE_CHARREF};
    SekStatus status = sek_compiler_text(c, &node.text);
    return status ? status : sek_compiler_add(c, node);
}

/* The five that XML predefines (XML 1.0, section 4.6) are the character they stand for. */
static SekStatus entity(SekCompiler *c) {
    static const struct {
        const char *name;
        const char *text;
    } known[] = {{"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}};
    if (!text_fits(c))
        return sek_compiler_damaged(c, "an entity reference stands where none may be");
    SekNode node = {.kind = SEK_NODE_ENTITY};
    c->at++;
    SekStatus status = sek_compiler_name(c, &node.text);
    if (status)
        return status;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (sek_str_eq(node.text, sek_str(known[i].name))) {
            node.kind = SEK_NODE_TEXT;
            node.text = sek_str(known[i].text);
        }
    }
    return sek_compiler_add(c, node);
}

/* Target and data are two tokens of which the second must follow the first. */
static SekStatus instruction(SekCompiler *c) {
    if (c->in_tag)
        return sek_compiler_damaged(c, "a processing instruction stands inside a tag");
    SekNode node = {.kind = SEK_NODE_PI};
    c->at++;
    SekStatus status = sek_compiler_name(c, &node.name);
    if (status)
        return status;
    if (sek_compiler_left(c, 1) && c->bx->chunk[c->at] == TOKEN_PI_DATA) {
        status = counted_text(c, &node.text);
        if (status)
            return status;
    }
    return sek_compiler_add(c, node);
}

static SekStatus substitution(SekCompiler *c, bool optional) {
    if (!text_fits(c) || !sek_compiler_left(c, 4) || !c->definition)
        return sek_compiler_damaged(c, "a substitution stands where none may be");
    const uint8_t *p = c->bx->chunk + c->at;
    SekNode node = {
        .kind = SEK_NODE_SUBSTITUTION, .optional = optional, .slot = sek_le16(p + 1), .type = p[3]};
    c->at += 4;
    if (node.slot >= SEK_BINXML_MAX_VALUES)
        return sek_compiler_limit(c, "a substitution has too high a number");
    if (node.slot >= c->out->n_slots)
        c->out->n_slots = node.slot + 1u;
    return sek_compiler_add(c, node);
}

/* A template instance among the tokens of a fragment becomes a hole, filled by the instance itself,
 * so that readers meet it like any other fragment inside a value. */
static SekStatus instance(SekCompiler *c) {
    if (c->in_tag || c->definition)
        return sek_compiler_damaged(c, "a template instance stands where none may be");
    if (c->out->n_slots == SEK_BINXML_MAX_VALUES)
        return sek_compiler_limit(c, "too many template instances in one fragment");
    uint32_t end, off = c->at;
    SekStatus status = sek_binxml_skip_instance(c->bx, off, c->end, &end, c->err);
    if (status)
        return status;
    c->at = end;
    return add_value(c, (SekValue){.ptr = c->bx->chunk + off, .len = end - off, .type = SEK_VALUE_BINXML}, false);
}

static SekStatus fragment_header(SekCompiler *c) {
    if (c->depth || !sek_compiler_left(c, 4))
        return sek_compiler_damaged(c, "a fragment header stands where none may be");
    c->at += 4;
    return SEK_OK;
}

static SekStatus end_of_stream(SekCompiler *c) {
    if (c->depth)
        return sek_compiler_damaged(c, "the stream ends before its elements do");
    c->done = true;
    return SEK_OK;
}

static SekStatus token(SekCompiler *c) {
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
        return sek_compiler_damaged(c, "an unknown token");
    }
}

SekStatus sek_binxml_compile(SekBinxml *bx, SekTokens tokens, SekArena *arena, SekCompiled *out,
                             SekError *err) {
    *out = (SekCompiled){.sound = true};
    SekCompiler c = {.bx = bx,
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
            return sek_binxml_full(err, arena, tokens.len, tokens.off);
        memset(out->mask, 0xff, tokens.len);
    }
    sek_buf_clear(&bx->text);
    SekStatus status = SEK_OK;
    while (!status && !c.done && c.at < c.end)
        status = token(&c);
    if (!status && c.depth)
        status = sek_compiler_damaged(&c, "the stream ends before its elements do");
    out->dependency = c.dependency;
    out->nodes = bx->nodes;
    out->refs = bx->refs;
    return status;
}
