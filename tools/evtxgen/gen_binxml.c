/* SPDX-License-Identifier: Apache-2.0 */
/* Serialisation of node lists and template instances as BinXML tokens.
 *
 * Template instance as a record or a value holds it:
 *     0f 01 01 00 | 0c 01 id(4) definition offset(4) | definition, at first use only |
 *     count(4) | count x { size(2) type(1) 0(1) } | values | 00
 * Definition: next(4) GUID(16) size(4) | 0f 01 01 00 | elements | 00 */
#include "evtxgen/gen_binxml.h"

enum {
    TOKEN_EOF = 0x00,
    TOKEN_OPEN = 0x01,
    TOKEN_CLOSE_START = 0x02,
    TOKEN_CLOSE_EMPTY = 0x03,
    TOKEN_END = 0x04,
    TOKEN_VALUE = 0x05,
    TOKEN_ATTR = 0x06,
    TOKEN_CDATA = 0x07,
    TOKEN_CHARREF = 0x08,
    TOKEN_ENTITY = 0x09,
    TOKEN_PI_TARGET = 0x0a,
    TOKEN_PI_DATA = 0x0b,
    TOKEN_INSTANCE = 0x0c,
    TOKEN_SUB = 0x0d,
    TOKEN_OPT = 0x0e,
    TOKEN_FRAGMENT = 0x0f,
    TOKEN_MORE = 0x40,
    NO_DEPENDENCY = 0xffff,
    DEFINITION_HEADER_BYTES = 24
};

typedef struct OpenElement {
    size_t size_off;  /* of the element's size field */
    size_t attrs_off; /* of the size of its attributes, 0 when it has none */
    bool in_start;    /* the start tag is not closed yet */
} OpenElement;

typedef struct Writer {
    SekGenChunk *chunk;
    const SekGenTemplate *tmpl;
    bool in_template;
    size_t depth;
    OpenElement open[SEK_GEN_DEPTH_ELEMENTS];
} Writer;

static void put_fragment_header(SekGenBuf *buf) {
    static const uint8_t header[4] = {TOKEN_FRAGMENT, 1, 1, 0};
    sek_gen_put_bytes(buf, header, sizeof header);
}

static const char *node_text(const Writer *w, const SekGenNode *node) {
    return w->tmpl->text.data ? (const char *)w->tmpl->text.data + node->text_off : "";
}

static bool is_kind(const Writer *w, size_t i, SekGenNodeKind kind) {
    return i < w->tmpl->n && w->tmpl->nodes[i].kind == kind;
}

static bool is_content(const Writer *w, size_t i) {
    return i < w->tmpl->n && w->tmpl->nodes[i].kind != SEK_GEN_NODE_OPEN &&
           w->tmpl->nodes[i].kind != SEK_GEN_NODE_CLOSE && w->tmpl->nodes[i].kind != SEK_GEN_NODE_ATTR;
}

static void patch_u32(SekGenBuf *buf, size_t off) {
    if (!buf->failed) {
        sek_gen_set_u32(buf->data + off, (uint32_t)(buf->len - off - 4));
    }
}

/* The optional substitution that the element opened at node `i` hangs on. */
static uint16_t dependency(const Writer *w, size_t i) {
    size_t depth = 1;
    for (size_t k = i + 1; k < w->tmpl->n && depth; k++) {
        const SekGenNode *node = &w->tmpl->nodes[k];
        if (node->kind == SEK_GEN_NODE_ATTR) {
            k++; /* its value is not content */
        } else if (node->kind == SEK_GEN_NODE_OPEN) {
            depth++;
        } else if (node->kind == SEK_GEN_NODE_CLOSE) {
            depth--;
        } else if (node->kind == SEK_GEN_NODE_OPT && depth == 1) {
            return node->index;
        }
    }
    return NO_DEPENDENCY;
}

/* Closes the start tag of the innermost element, because content follows. */
static void end_start_tag(Writer *w) {
    if (w->depth && w->open[w->depth - 1].in_start) {
        sek_gen_put_u8(&w->chunk->buf, TOKEN_CLOSE_START);
        w->open[w->depth - 1].in_start = false;
    }
}

static bool put_open(Writer *w, size_t i) {
    const SekGenNode *node = &w->tmpl->nodes[i];
    SekGenBuf *buf = &w->chunk->buf;
    if (w->depth == SEK_GEN_DEPTH_ELEMENTS) {
        return false;
    }
    end_start_tag(w);
    bool has_attrs = is_kind(w, i + 1, SEK_GEN_NODE_ATTR);
    OpenElement *e = &w->open[w->depth++];
    *e = (OpenElement){.in_start = true};
    sek_gen_put_u8(buf, has_attrs ? TOKEN_OPEN | TOKEN_MORE : TOKEN_OPEN);
    if (w->in_template) {
        sek_gen_put_u16(buf, dependency(w, i));
    }
    e->size_off = buf->len;
    sek_gen_put_u32(buf, 0);
    sek_gen_chunk_put_name(w->chunk, node_text(w, node), node->text_len);
    if (has_attrs) {
        e->attrs_off = buf->len;
        sek_gen_put_u32(buf, 0);
    }
    return true;
}

static bool put_close(Writer *w) {
    if (w->depth == 0) {
        return false;
    }
    OpenElement *e = &w->open[--w->depth];
    sek_gen_put_u8(&w->chunk->buf, e->in_start ? TOKEN_CLOSE_EMPTY : TOKEN_END);
    patch_u32(&w->chunk->buf, e->size_off);
    return true;
}

static void put_counted(SekGenBuf *buf, const char *text, size_t n) {
    size_t units = sek_gen_utf16_units(text, n);
    if (units > UINT16_MAX) {
        buf->failed = true;
        return;
    }
    sek_gen_put_u16(buf, (uint16_t)units);
    sek_gen_put_utf16(buf, text, n);
}

static void put_pi(Writer *w, const char *text, size_t n) {
    size_t target = 0;
    while (target < n && text[target] != ' ') {
        target++;
    }
    sek_gen_put_u8(&w->chunk->buf, TOKEN_PI_TARGET);
    sek_gen_chunk_put_name(w->chunk, text, target);
    sek_gen_put_u8(&w->chunk->buf, TOKEN_PI_DATA);
    put_counted(&w->chunk->buf, text + target + (target < n), n - target - (target < n));
}

/* Writes a content node; `more`: another content token follows directly. */
static bool put_content(Writer *w, const SekGenNode *node, bool more) {
    SekGenBuf *buf = &w->chunk->buf;
    uint8_t flag = more ? TOKEN_MORE : 0;
    const char *text = node_text(w, node);
    switch (node->kind) {
    case SEK_GEN_NODE_TEXT:
        sek_gen_put_u8(buf, TOKEN_VALUE | flag);
        sek_gen_put_u8(buf, SEK_GEN_STRING);
        put_counted(buf, text, node->text_len);
        return true;
    case SEK_GEN_NODE_SUB:
    case SEK_GEN_NODE_OPT:
        sek_gen_put_u8(buf, node->kind == SEK_GEN_NODE_SUB ? TOKEN_SUB : TOKEN_OPT);
        sek_gen_put_u16(buf, node->index);
        sek_gen_put_u8(buf, node->type);
        return w->in_template;
    case SEK_GEN_NODE_CDATA:
        sek_gen_put_u8(buf, TOKEN_CDATA | flag);
        put_counted(buf, text, node->text_len);
        return true;
    case SEK_GEN_NODE_CHARREF:
        sek_gen_put_u8(buf, TOKEN_CHARREF | flag);
        sek_gen_put_u16(buf, node->index);
        return true;
    case SEK_GEN_NODE_ENTITY:
        sek_gen_put_u8(buf, TOKEN_ENTITY | flag);
        sek_gen_chunk_put_name(w->chunk, text, node->text_len);
        return true;
    case SEK_GEN_NODE_PI:
        put_pi(w, text, node->text_len);
        return true;
    default:
        return false;
    }
}

/* Writes the attribute at node `i` with its value, node `i + 1`. */
static bool put_attr(Writer *w, size_t i) {
    SekGenBuf *buf = &w->chunk->buf;
    if (w->depth == 0 || !w->open[w->depth - 1].attrs_off || !is_content(w, i + 1)) {
        return false;
    }
    bool more = is_kind(w, i + 2, SEK_GEN_NODE_ATTR);
    sek_gen_put_u8(buf, more ? TOKEN_ATTR | TOKEN_MORE : TOKEN_ATTR);
    sek_gen_chunk_put_name(w->chunk, node_text(w, &w->tmpl->nodes[i]), w->tmpl->nodes[i].text_len);
    if (!put_content(w, &w->tmpl->nodes[i + 1], false)) {
        return false;
    }
    if (!more) {
        patch_u32(buf, w->open[w->depth - 1].attrs_off);
    }
    return true;
}

static bool put_nodes(SekGenChunk *chunk, const SekGenTemplate *tmpl, bool in_template) {
    Writer w = {.chunk = chunk, .tmpl = tmpl, .in_template = in_template};
    bool good = !tmpl->failed;
    put_fragment_header(&chunk->buf);
    for (size_t i = 0; good && i < tmpl->n; i++) {
        switch (tmpl->nodes[i].kind) {
        case SEK_GEN_NODE_OPEN:
            good = put_open(&w, i);
            break;
        case SEK_GEN_NODE_ATTR:
            good = put_attr(&w, i);
            i++;
            break;
        case SEK_GEN_NODE_CLOSE:
            good = put_close(&w);
            break;
        default:
            end_start_tag(&w);
            good = put_content(&w, &tmpl->nodes[i], is_content(&w, i + 1));
            break;
        }
    }
    sek_gen_put_u8(&chunk->buf, TOKEN_EOF);
    return good && w.depth == 0;
}

bool sek_gen_binxml_bare(SekGenChunk *chunk, const SekGenTemplate *tmpl) {
    return put_nodes(chunk, tmpl, false);
}

static bool put_definition(SekGenChunk *chunk, const SekGenTemplate *tmpl) {
    SekGenBuf *buf = &chunk->buf;
    uint32_t off = (uint32_t)buf->len;
    sek_gen_put_u32(buf, sek_gen_chunk_define_template(chunk, tmpl, off));
    sek_gen_put_bytes(buf, tmpl->guid.bytes, sizeof tmpl->guid.bytes);
    sek_gen_put_u32(buf, 0);
    bool good = put_nodes(chunk, tmpl, true);
    patch_u32(buf, off + DEFINITION_HEADER_BYTES - 4);
    return good;
}

/* Every substitution must have its value. */
static bool has_all_values(const SekGenTemplate *tmpl, size_t n) {
    for (size_t i = 0; i < tmpl->n; i++) {
        uint8_t kind = tmpl->nodes[i].kind;
        if ((kind == SEK_GEN_NODE_SUB || kind == SEK_GEN_NODE_OPT) && tmpl->nodes[i].index >= n) {
            return false;
        }
    }
    return true;
}

static bool put_instance(SekGenChunk *chunk, const SekGenTemplate *tmpl, const SekGenValues *values,
                         size_t depth);

static bool put_values(SekGenChunk *chunk, const SekGenValues *values, size_t depth) {
    SekGenBuf *buf = &chunk->buf;
    sek_gen_put_u32(buf, (uint32_t)values->n);
    size_t descriptors = buf->len;
    (void)sek_gen_buf_grow(buf, 4 * values->n); /* failure stays noted in the buffer */
    for (size_t i = 0; i < values->n && !buf->failed; i++) {
        const SekGenValue *value = &values->items[i];
        size_t start = buf->len;
        if (value->nested_template) {
            if (!put_instance(chunk, value->nested_template, value->nested_values, depth + 1)) {
                return false;
            }
        } else if (value->size) {
            sek_gen_put_bytes(buf, values->bytes.data + value->off, value->size);
        }
        size_t size = buf->len - start;
        if (size > UINT16_MAX || buf->failed) {
            buf->failed = true;
            break;
        }
        sek_gen_set_u16(buf->data + descriptors + 4 * i, (uint16_t)size);
        buf->data[descriptors + 4 * i + 2] = value->type;
    }
    return true;
}

static bool put_instance(SekGenChunk *chunk, const SekGenTemplate *tmpl, const SekGenValues *values,
                         size_t depth) {
    static const SekGenValues none = {0};
    SekGenBuf *buf = &chunk->buf;
    values = values ? values : &none;
    if (depth > SEK_GEN_DEPTH_TEMPLATES || values->failed || !tmpl->has_guid ||
        !has_all_values(tmpl, values->n)) {
        return false;
    }
    put_fragment_header(buf);
    sek_gen_put_u8(buf, TOKEN_INSTANCE);
    sek_gen_put_u8(buf, 1);
    sek_gen_put_bytes(buf, tmpl->guid.bytes, 4); /* the id is the start of the GUID */
    uint32_t off = sek_gen_chunk_find_template(chunk, tmpl);
    bool good = true;
    sek_gen_put_u32(buf, off ? off : (uint32_t)buf->len + 4);
    if (!off && !buf->failed) {
        good = put_definition(chunk, tmpl);
    }
    good = good && put_values(chunk, values, depth);
    sek_gen_put_u8(buf, TOKEN_EOF);
    return good;
}

bool sek_gen_binxml_instance(SekGenChunk *chunk, const SekGenTemplate *tmpl, const SekGenValues *values) {
    return put_instance(chunk, tmpl, values, 1);
}
