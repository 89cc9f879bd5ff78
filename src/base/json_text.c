/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_text.h"

#include "base/utf.h"

/* Characters that change how a terminal shows what follows: C0 and C1 controls, zero-width and
 * bidirectional formatting (Unicode Standard, section 23.2), and the byte order mark. */
static bool is_unsafe(uint32_t cp) {
    return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || (cp >= 0x200B && cp <= 0x200F) ||
           (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2060 && cp <= 0x2069) || cp == 0xFEFF ||
           cp == 0x061C;
}

/* ASCII characters at which copying stops, as bits: controls always, and what the place gives a meaning. */
#define BIT(c) (1u << ((c) & 31))
static const uint32_t text_stops[4] = {~0u, 0, 0, BIT(0x7F)};
static const uint32_t json_stops[4] = {~0u, BIT('"'), BIT('\\'), BIT(0x7F)};
static const uint32_t html_stops[4] = {~0u, BIT('"') | BIT('<') | BIT('>') | BIT('&'), BIT('\\'), BIT(0x7F)};

/* Appends what needs no attention from `i` on, and returns where that ends. */
static size_t copy_run(SekBuf *out, SekStr s, size_t i, const uint32_t stops[4]) {
    size_t start = i;
    for (; i < s.len; i++) {
        uint8_t c = (uint8_t)s.ptr[i];
        if (c >= 0x80 || stops[c >> 5] >> (c & 31) & 1)
            break;
    }
    sek_buf_add(out, s.ptr + start, i - start);
    return i;
}

static void escape(SekBuf *out, uint32_t cp, bool html) {
    switch (cp) {
    case '"':
        sek_buf_adds(out, "\\\"");
        return;
    case '\\':
        sek_buf_adds(out, "\\\\");
        return;
    case '\n':
        sek_buf_adds(out, "\\n");
        return;
    case '\r':
        sek_buf_adds(out, "\\r");
        return;
    case '\t':
        sek_buf_adds(out, "\\t");
        return;
    default:
        break;
    }
    bool angle = html && (cp == '<' || cp == '>' || cp == '&');
    if (angle || is_unsafe(cp)) {
        sek_buf_addf(out, "\\u%04x", (unsigned)cp);
        return;
    }
    char bytes[4];
    sek_buf_add(out, bytes, sek_utf8_put(cp, bytes));
}

void sek_json_string(SekBuf *out, SekStr s, bool html) {
    const uint32_t *stops = html ? html_stops : json_stops;
    sek_buf_addc(out, '"');
    for (size_t i = 0; i < s.len;) {
        i = copy_run(out, s, i, stops);
        if (i < s.len && s.ptr[i] == '\\') { /* paths are full of them */
            sek_buf_add(out, "\\\\", 2);
            i++;
        } else if (i < s.len) {
            escape(out, sek_utf8_next(s, &i), html);
        }
    }
    sek_buf_addc(out, '"');
}

static void quote(SekBuf *out, SekStr s, bool keep_breaks) {
    for (size_t i = 0; i < s.len;) {
        i = copy_run(out, s, i, text_stops);
        if (i == s.len)
            return;
        uint8_t byte = (uint8_t)s.ptr[i];
        uint32_t cp = sek_utf8_next(s, &i);
        char bytes[4];
        if (cp == '\n' || cp == '\r' || cp == '\t')
            sek_buf_addc(out, keep_breaks ? (char)cp : ' ');
        else if (cp == SEK_UTF_REPLACEMENT && byte != 0xEF)
            sek_buf_addf(out, "\\x%02x", byte);
        else if (is_unsafe(cp))
            sek_buf_addf(out, "\\u%04x", (unsigned)cp);
        else
            sek_buf_add(out, bytes, sek_utf8_put(cp, bytes));
    }
}

void sek_quote_text(SekBuf *out, SekStr s) {
    quote(out, s, true);
}

void sek_quote_line(SekBuf *out, SekStr s) {
    quote(out, s, false);
}
