/* SPDX-License-Identifier: Apache-2.0 */
#include "format/xml_escape.h"

#include "base/utf.h"

/* Bytes that stand for themselves everywhere: nearly all that logs hold. */
static bool is_plain(uint8_t byte) {
    return byte >= 0x20 && byte < 0x7F && byte != '&' && byte != '<' && byte != '>' && byte != '\'' &&
           byte != '"';
}

void sek_xml_escape(SekBuf *out, SekStr s, bool attribute) {
    size_t done = 0;
    for (size_t at = 0; at < s.len;) {
        if (is_plain((uint8_t)s.ptr[at])) {
            at++;
            continue;
        }
        size_t start = at;
        uint32_t cp = sek_utf8_next(s, &at);
        const char *with = sek_xml_escaped(cp, attribute);
        bool bad = sek_xml_forbids(cp) || (cp == SEK_UTF_REPLACEMENT && at - start != 3);
        if (!with && !bad)
            continue;
        sek_buf_add(out, s.ptr + done, start - done);
        sek_buf_adds(out, with ? with : "\xEF\xBF\xBD");
        done = at;
    }
    if (done < s.len)
        sek_buf_add(out, s.ptr + done, s.len - done);
}
