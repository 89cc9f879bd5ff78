/* SPDX-License-Identifier: Apache-2.0 */
/* Every step moves `at` forward or fails, and nothing is read twice but text that has to be decoded,
 * so time and memory are linear in the input. */
#include "format/xml_pull.h"

#include "base/utf.h"

static SekStatus malformed(SekXmlPull *p, const char *what, SekError *err) {
    if (err)
        err->offset = p->at;
    return sek_fail(err, SEK_ERR_INPUT, "XML: %s", what);
}

/* The arena is bounded by its owner, so that a hostile record cannot take all memory. */
static SekStatus take_room(SekXmlPull *p, size_t size, char **out) {
    const SekArena *arena = p->arena;
    if (arena->limit &&
        (arena->used > arena->limit || size + 32 > arena->limit - arena->used)) /* 32: what it rounds up */
        return SEK_ERR_LIMIT;
    *out = sek_arena_alloc(p->arena, size);
    return *out ? SEK_OK : SEK_ERR_MEMORY;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool ends_name(char c) {
    return is_blank(c) || c == '>' || c == '/' || c == '=' || c == '<' || c == '"' || c == '\'';
}

static bool starts(const SekXmlPull *p, SekStr with) {
    return p->bytes.len - p->at >= with.len && memcmp(p->bytes.ptr + p->at, with.ptr, with.len) == 0;
}

static void skip_blanks(SekXmlPull *p) {
    while (p->at < p->bytes.len && is_blank(p->bytes.ptr[p->at]))
        p->at++;
}

/* Moves behind `end`; false when it does not come. */
static bool skip_past(SekXmlPull *p, SekStr end) {
    ptrdiff_t found = sek_str_find(sek_str_n(p->bytes.ptr + p->at, p->bytes.len - p->at), end);
    if (found < 0)
        return false;
    p->at += (size_t)found + end.len;
    return true;
}

static SekStr take_name(SekXmlPull *p) {
    size_t start = p->at;
    while (p->at < p->bytes.len && !ends_name(p->bytes.ptr[p->at]))
        p->at++;
    return sek_str_n(p->bytes.ptr + start, p->at - start);
}

/* --- text ---------------------------------------------------------------------------------- */

/* The code point of "#123" or "#x7b" (between & and ;), or U+FFFD when there is no such character
 * (section 4.1; a NUL cannot be written in XML at all). */
static uint32_t char_reference(SekStr body) {
    bool hex = body.len > 1 && (body.ptr[1] == 'x' || body.ptr[1] == 'X');
    uint32_t value = 0, base = hex ? 16 : 10;
    size_t i = hex ? 2 : 1;
    if (i == body.len)
        return SEK_UTF_REPLACEMENT;
    for (; i < body.len; i++) {
        int digit = sek_hex_digit(body.ptr[i]);
        if (digit < 0 || (uint32_t)digit >= base || value > 0x10FFFF)
            return SEK_UTF_REPLACEMENT;
        value = value * base + (uint32_t)digit;
    }
    return value == 0 ? SEK_UTF_REPLACEMENT : value; /* larger ones become U+FFFD when written */
}

#define MAX_REFERENCE 12u /* bytes between & and ; that are looked at */

/* Writes what the reference at `in` stands for; returns the bytes read, 0 when it is none. */
static size_t decode_reference(SekStr in, char *out, size_t *n) {
    static const struct {
        const char *name;
        char c;
    } known[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    size_t limit = in.len < MAX_REFERENCE ? in.len : MAX_REFERENCE;
    const char *end = limit ? memchr(in.ptr, ';', limit) : NULL;
    if (!end)
        return 0;
    SekStr body = sek_str_n(in.ptr + 1, (size_t)(end - in.ptr) - 1);
    if (body.len > 1 && body.ptr[0] == '#') {
        *n = sek_utf8_put(char_reference(body), out);
        return body.len + 2;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (sek_str_eq(body, sek_str(known[i].name))) {
            *out = known[i].c;
            *n = 1;
            return body.len + 2;
        }
    return 0;
}

/* Copies what holds no reference; what is no UTF-8 becomes U+FFFD. */
static void decode_run(SekStr raw, char *text, size_t *len) {
    if (sek_utf8_valid(raw)) {
        memcpy(text + *len, raw.ptr, raw.len);
        *len += raw.len;
        return;
    }
    for (size_t at = 0; at < raw.len;)
        *len += sek_utf8_put(sek_utf8_next(raw, &at), text + *len);
}

static size_t decode_to(SekStr raw, bool references, char *text) {
    size_t len = 0;
    for (size_t at = 0; at < raw.len;) {
        size_t n = 0, used = 0;
        if (references && raw.ptr[at] == '&')
            used = decode_reference(sek_str_n(raw.ptr + at, raw.len - at), text + len, &n);
        at += used;
        len += n;
        if (used)
            continue;
        size_t from = at + (raw.ptr[at] == '&'); /* which is no reference */
        const char *next = references && from < raw.len ? memchr(raw.ptr + from, '&', raw.len - from) : NULL;
        size_t end = next ? (size_t)(next - raw.ptr) : raw.len;
        decode_run(sek_str_n(raw.ptr + at, end - at), text, &len);
        at = end;
    }
    return len;
}

size_t sek_xml_decode(SekStr raw, char *out) {
    return decode_to(raw, true, out);
}

/* `raw` decoded: itself when there is nothing to do. No reference and no byte grows more than
 * threefold. `references` is false inside CDATA. */
static SekStatus decode(SekXmlPull *p, SekStr raw, bool references, SekStr *out) {
    bool plain = !references || !raw.len || !memchr(raw.ptr, '&', raw.len);
    if (plain && (sek_is_ascii(raw) || sek_utf8_valid(raw))) {
        *out = raw;
        return SEK_OK;
    }
    char *text;
    SekStatus status = take_room(p, 3 * raw.len + 4, &text);
    if (status == SEK_OK)
        *out = sek_str_n(text, decode_to(raw, references, text));
    return status;
}

static SekStatus append(SekXmlPull *p, SekStr more) {
    if (p->value.len == 0) {
        p->value = more;
        return SEK_OK;
    }
    char *joined;
    SekStatus status = take_room(p, p->value.len + more.len, &joined);
    if (status != SEK_OK)
        return status;
    memcpy(joined, p->value.ptr, p->value.len);
    if (more.len)
        memcpy(joined + p->value.len, more.ptr, more.len);
    p->value = sek_str_n(joined, p->value.len + more.len);
    return SEK_OK;
}

/* A piece of text ends at `<`; a comment or CDATA may follow and text go on behind it. Each piece is
 * copied again when joined, so their number is bounded. */
#define MAX_PIECES 256u

static SekStatus take_piece(SekXmlPull *p, SekError *err) {
    SekStr cdata = SEK_STR("<![CDATA["), raw, piece;
    bool is_cdata = starts(p, cdata);
    size_t start = p->at + (is_cdata ? cdata.len : 0);
    p->whole = !is_cdata && p->value.len == 0;
    p->value_at = start;
    if (is_cdata) {
        p->at = start;
        if (!skip_past(p, SEK_STR("]]>")))
            return malformed(p, "a CDATA section does not end", err);
        raw = sek_str_n(p->bytes.ptr + start, p->at - 3 - start);
    } else {
        const char *end = memchr(p->bytes.ptr + start, '<', p->bytes.len - start);
        if (!end)
            return malformed(p, "the text is cut", err);
        p->at = (size_t)(end - p->bytes.ptr);
        raw = sek_str_n(p->bytes.ptr + start, p->at - start);
    }
    SekStatus status = decode(p, raw, !is_cdata, &piece);
    return status == SEK_OK ? append(p, piece) : status;
}

/* Text up to the next tag; comments and processing instructions are passed over. SEK_NOT_FOUND when
 * there is none. */
static SekStatus take_text(SekXmlPull *p, SekError *err) {
    p->value = (SekStr){0};
    uint32_t n_pieces = 0;
    while (p->at < p->bytes.len) {
        bool known = true;
        if (starts(p, SEK_STR("<!--")))
            known = skip_past(p, SEK_STR("-->"));
        else if (starts(p, SEK_STR("<?")))
            known = skip_past(p, SEK_STR("?>"));
        else if (p->bytes.ptr[p->at] == '<' && !starts(p, SEK_STR("<![CDATA[")))
            return p->value.len ? SEK_OK : SEK_NOT_FOUND;
        else if (n_pieces++ == MAX_PIECES)
            return malformed(p, "text in too many pieces", err);
        else {
            SekStatus status = take_piece(p, err);
            if (status != SEK_OK)
                return status;
        }
        if (!known)
            break;
    }
    return malformed(p, "the record is cut", err);
}

/* --- tags ---------------------------------------------------------------------------------- */

static SekStatus take_attribute(SekXmlPull *p, SekError *err) {
    p->name = take_name(p);
    skip_blanks(p);
    if (p->name.len == 0 || p->at == p->bytes.len || p->bytes.ptr[p->at] != '=')
        return malformed(p, "expected an attribute with a value", err);
    p->at++;
    skip_blanks(p);
    char quote = p->at < p->bytes.len ? p->bytes.ptr[p->at] : 0;
    if (quote != '"' && quote != '\'')
        return malformed(p, "expected a quoted value", err);
    size_t start = ++p->at;
    p->value_at = start;
    p->quote = quote;
    const char *end = start < p->bytes.len ? memchr(p->bytes.ptr + start, quote, p->bytes.len - start) : NULL;
    if (!end)
        return malformed(p, "the value of an attribute does not end", err);
    p->at = (size_t)(end - p->bytes.ptr) + 1;
    return decode(p, sek_str_n(p->bytes.ptr + start, p->at - 1 - start), true, &p->value);
}

static SekStatus open_tag(SekXmlPull *p, SekError *err) {
    if (p->depth == SEK_XML_MAX_DEPTH)
        return sek_fail(err, SEK_ERR_LIMIT, "XML: nested more than %d deep", SEK_XML_MAX_DEPTH);
    p->at++;
    p->name = take_name(p);
    if (p->name.len == 0)
        return malformed(p, "a tag without a name", err);
    p->open[p->depth++] = p->name;
    p->in_tag = true;
    return SEK_OK;
}

static SekStatus close_tag(SekXmlPull *p, SekError *err) {
    p->tag_at = p->at;
    p->at += 2;
    SekStr name = take_name(p);
    skip_blanks(p);
    if (!sek_str_eq(name, p->open[p->depth - 1]) || p->at == p->bytes.len || p->bytes.ptr[p->at] != '>')
        return malformed(p, "an end tag that does not fit", err);
    p->at++;
    p->depth--;
    p->name = name;
    p->empty = false;
    return SEK_OK;
}

/* Inside a start tag: an attribute, the end of an empty element, or (SEK_NOT_FOUND) content begins. */
static SekStatus next_in_tag(SekXmlPull *p, SekXmlToken *out, SekError *err) {
    skip_blanks(p);
    if (p->at == p->bytes.len)
        return malformed(p, "a tag is cut", err);
    if (p->bytes.ptr[p->at] == '>') {
        p->at++;
        p->in_tag = false;
        return SEK_NOT_FOUND;
    }
    if (starts(p, SEK_STR("/>"))) {
        p->at += 2;
        p->in_tag = false;
        p->name = p->open[--p->depth];
        p->empty = true;
        *out = SEK_XML_CLOSE;
        return SEK_OK;
    }
    *out = SEK_XML_ATTRIBUTE;
    return take_attribute(p, err);
}

void sek_xml_start(SekXmlPull *p, SekStr bytes, size_t at, SekArena *arena) {
    *p = (SekXmlPull){.bytes = bytes, .at = at, .arena = arena};
}

SekStatus sek_xml_next(SekXmlPull *p, SekXmlToken *out, SekError *err) {
    if (p->in_tag) {
        SekStatus status = next_in_tag(p, out, err);
        if (status != SEK_NOT_FOUND)
            return status;
    } else if (p->depth == 0 && p->name.len) {
        return SEK_END;
    }
    if (p->depth) {
        SekStatus status = take_text(p, err);
        *out = SEK_XML_TEXT;
        if (status != SEK_NOT_FOUND)
            return status;
    }
    if (starts(p, SEK_STR("<!")))
        return malformed(p, "a declaration inside a record", err);
    if (p->depth && starts(p, SEK_STR("</"))) {
        *out = SEK_XML_CLOSE;
        return close_tag(p, err);
    }
    *out = SEK_XML_OPEN;
    return open_tag(p, err);
}

size_t sek_xml_find(SekStr bytes, size_t at, SekStr name) {
    while (at < bytes.len) {
        const char *found = memchr(bytes.ptr + at, '<', bytes.len - at);
        if (!found)
            break;
        size_t start = (size_t)(found - bytes.ptr);
        size_t end = start + 1 + name.len;
        if (end < bytes.len && memcmp(found + 1, name.ptr, name.len) == 0 && ends_name(bytes.ptr[end]))
            return start;
        at = start + 1;
    }
    return bytes.len;
}
