/* SPDX-License-Identifier: Apache-2.0 */
/* A record as XML, the way Windows' EvtRender writes it: one line, attributes in single quotes, an
 * element without content closed in its own tag.
 *
 * Recursion is bounded by the depth of the tree. */
#include "format/event_text.h"

#include "base/utf.h"
#include "format/event_recipe.h"
#include "format/xml_escape.h"

typedef struct Writer {
    SekDraft *draft;
    SekBuf *out; /* of the draft */
} Writer;

/* A text, an instruction's data. */
static void add_value(Writer *w, const SekTreeNode *node, bool attribute) {
    if (sek_draft_is_literal(node))
        sek_xml_escape(w->out, sek_str_n((const char *)node->value.ptr, node->value.len), attribute);
    else
        sek_draft_hole(w->draft, node, attribute ? SEK_PUT_ATTRIBUTE : SEK_PUT_XML);
}

/* A section cannot contain its own end, so that is split over two (XML 1.0, section 2.7). */
static void add_cdata(Writer *w, SekValue v) {
    SekStr s = {(const char *)v.ptr, v.len}, end = SEK_STR("]]>");
    sek_buf_adds(w->out, "<![CDATA[");
    for (ptrdiff_t at; (at = sek_str_find(s, end)) >= 0;) {
        sek_buf_add(w->out, s.ptr, (size_t)at + 2);
        sek_buf_adds(w->out, "]]><![CDATA[");
        s = sek_str_n(s.ptr + at + 2, s.len - (size_t)at - 2);
    }
    sek_buf_add_str(w->out, s);
    sek_buf_adds(w->out, "]]>");
}

static bool is_name_byte(uint8_t byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == ':' || byte == '-' || byte == '.' || byte == '_';
}

/* Names come from the input like everything else: what XML 1.0 (section 2.3) does not allow in one, and
 * so could end the tag, becomes an underscore; beyond ASCII only what no text may hold. */
static void add_name(SekBuf *out, SekStr name) {
    size_t plain = 0;
    while (plain < name.len && is_name_byte((uint8_t)name.ptr[plain]))
        plain++;
    sek_buf_add(out, name.ptr, plain);
    for (size_t at = plain; at < name.len;) {
        size_t start = at;
        uint32_t cp = sek_utf8_next(name, &at);
        bool fits = cp < 0x80 ? is_name_byte((uint8_t)cp)
                              : !sek_xml_forbids(cp) && cp >= 0xA0 && cp != SEK_UTF_REPLACEMENT;
        sek_buf_add(out, fits ? name.ptr + start : "_", fits ? at - start : 1);
    }
}

static void add_node(Writer *w, const SekTreeNode *node);

static void add_children(Writer *w, const SekTreeNode *parent) {
    for (const SekTreeNode *node = parent->children.first; node && !w->out->failed; node = node->next)
        add_node(w, node);
}

static void add_element(Writer *w, const SekTreeNode *element) {
    sek_buf_addc(w->out, '<');
    add_name(w->out, element->name);
    for (const SekTreeNode *a = element->attributes.first; a && !w->out->failed; a = a->next) {
        sek_buf_addc(w->out, ' ');
        add_name(w->out, a->name);
        sek_buf_adds(w->out, "='");
        for (const SekTreeNode *part = a->children.first; part; part = part->next) {
            if (part->kind == SEK_TREE_ENTITY)
                add_node(w, part);
            else
                add_value(w, part, true);
        }
        sek_buf_addc(w->out, '\'');
    }
    if (!element->has_content) {
        sek_buf_adds(w->out, "/>");
        return;
    }
    sek_buf_addc(w->out, '>');
    add_children(w, element);
    sek_buf_adds(w->out, "</");
    add_name(w->out, element->name);
    sek_buf_addc(w->out, '>');
}

static void add_node(Writer *w, const SekTreeNode *node) {
    switch (node->kind) {
    case SEK_TREE_ELEMENT:
        add_element(w, node);
        return;
    case SEK_TREE_CDATA:
        add_cdata(w, node->value);
        return;
    case SEK_TREE_ENTITY:
        sek_buf_addc(w->out, '&');
        add_name(w->out, node->name);
        sek_buf_addc(w->out, ';');
        return;
    case SEK_TREE_PI:
        sek_buf_adds(w->out, "<?");
        add_name(w->out, node->name);
        sek_buf_addc(w->out, ' ');
        add_value(w, node, false); /* escaping keeps "?>" out of it */
        sek_buf_adds(w->out, "?>");
        return;
    default:
        add_value(w, node, false);
        return;
    }
}

void sek_draft_xml(SekBinxml *bx, SekTree *tree, SekDraft *draft) {
    (void)bx;
    Writer w = {.draft = draft, .out = &draft->text};
    add_children(&w, tree->root);
}

SekStatus sek_event_xml(SekBinxml *bx, const SekFragment *record, SekBuf *out, SekError *err) {
    return sek_recipe_write(bx, record, SEK_RECIPE_XML, out, err);
}
