/* SPDX-License-Identifier: Apache-2.0 */
/* A record as XML, the way Windows' EvtRender writes it: one line, attributes in single quotes, an
 * element without content closed in its own tag.
 *
 * Only what XML demands is escaped. Characters that XML 1.0 forbids (section 2.2: controls other
 * than tab, CR and LF, and two noncharacters) cannot be written at all and become U+FFFD. Recursion is
 * bounded by the depth of the tree. */
#include "format/event_text.h"

#include "base/utf.h"
#include "format/binxml_internal.h"
#include "format/event_tree.h"

typedef struct Writer {
    SekBuf *out;
    SekBuf *text; /* a value before escaping */
} Writer;

static bool is_forbidden(uint32_t cp) {
    return (cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\r') || cp == 0xFFFE || cp == 0xFFFF;
}

static const char *escaped(uint32_t cp, bool attribute) {
    switch (cp) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '\'':
        return attribute ? "&apos;" : NULL;
    case '"':
        return attribute ? "&quot;" : NULL;
    default:
        return NULL;
    }
}

/* Bytes that stand for themselves everywhere: nearly all that logs hold. */
static bool is_plain(uint8_t byte) {
    return byte >= 0x20 && byte < 0x7F && byte != '&' && byte != '<' && byte != '>' && byte != '\'' &&
           byte != '"';
}

static void add_escaped(SekBuf *out, SekStr s, bool attribute) {
    size_t done = 0;
    for (size_t at = 0; at < s.len;) {
        if (is_plain((uint8_t)s.ptr[at])) {
            at++;
            continue;
        }
        size_t start = at;
        uint32_t cp = sek_utf8_next(s, &at);
        const char *with = escaped(cp, attribute);
        bool bad = is_forbidden(cp) || (cp == SEK_UTF_REPLACEMENT && at - start != 3);
        if (!with && !bad)
            continue;
        sek_buf_add(out, s.ptr + done, start - done);
        sek_buf_adds(out, with ? with : "\xEF\xBF\xBD");
        done = at;
    }
    if (done < s.len)
        sek_buf_add(out, s.ptr + done, s.len - done);
}

static void add_value(Writer *w, SekValue v, bool attribute) {
    if (v.type == SEK_VALUE_UTF8) {
        add_escaped(w->out, sek_str_n((const char *)v.ptr, v.len), attribute);
        return;
    }
    sek_buf_clear(w->text);
    sek_value_text(v, w->text);
    if (w->text->failed)
        w->out->failed = w->text->failed;
    add_escaped(w->out, sek_buf_str(w->text), attribute);
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
                              : !is_forbidden(cp) && cp >= 0xA0 && cp != SEK_UTF_REPLACEMENT;
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
                add_value(w, part->value, true);
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
        add_value(w, node->value, false); /* escaping keeps "?>" out of it */
        sek_buf_adds(w->out, "?>");
        return;
    default:
        add_value(w, node->value, false);
        return;
    }
}

SekStatus sek_event_xml(SekBinxml *bx, const SekFragment *record, SekBuf *out, SekError *err) {
    SekTreeNode *root;
    SekStatus status = sek_event_tree(bx, record, &root, err);
    if (status == SEK_ERR_MEMORY)
        return status;
    Writer w = {.out = out, .text = &bx->text};
    add_children(&w, root);
    if (out->failed)
        return sek_fail(err, out->failed, "no room for the text of a record");
    return status;
}
