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

static bool is_plain(uint8_t c, bool html) {
    if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\')
        return false;
    return !html || (c != '<' && c != '>' && c != '&');
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
    sek_buf_addc(out, '"');
    for (size_t i = 0; i < s.len;) {
        size_t start = i;
        while (i < s.len && is_plain((uint8_t)s.ptr[i], html))
            i++;
        sek_buf_add(out, s.ptr + start, i - start);
        if (i < s.len)
            escape(out, sek_utf8_next(s, &i), html);
    }
    sek_buf_addc(out, '"');
}

static void quote(SekBuf *out, SekStr s, bool keep_breaks) {
    for (size_t i = 0; i < s.len;) {
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
