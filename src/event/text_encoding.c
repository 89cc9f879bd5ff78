/* SPDX-License-Identifier: Apache-2.0 */
#include "event/text_encoding.h"

#include "base/cp1252.h"
#include "base/cp932.h"
#include "base/utf.h"

/* --- to UTF-8 ---------------------------------------------------------------------------------- */

static void append_utf16be(SekBuf *out, const uint8_t *bytes, size_t len) {
    uint8_t swapped[4096];
    while (len) {
        size_t n = len < sizeof swapped ? len : sizeof swapped;
        bool splits = n < len && (bytes[n - 2] & 0xFC) == 0xD8; /* not between surrogates */
        n -= splits ? 2 : 0;
        for (size_t i = 0; i + 1 < n; i += 2) {
            swapped[i] = bytes[i + 1];
            swapped[i + 1] = bytes[i];
        }
        sek_utf16le_append(out, swapped, n);
        bytes += n;
        len -= n;
    }
}

void sek_text_decode(SekTextEncoding encoding, const uint8_t *bytes, size_t len, SekBuf *out) {
    switch (encoding) {
    case SEK_TEXT_UTF16LE:
        if (len)
            sek_utf16le_append(out, bytes, len);
        break;
    case SEK_TEXT_UTF16BE:
        append_utf16be(out, bytes, len);
        break;
    case SEK_TEXT_CP932:
        sek_cp932_append(out, bytes, len);
        break;
    case SEK_TEXT_CP1252:
        sek_cp1252_append(out, bytes, len);
        break;
    default:
        sek_buf_add(out, bytes, len);
        break;
    }
}

/* --- which it is --------------------------------------------------------------------------------- */

/* The mark, or a first character that all our formats can begin with (Unicode standard, 23.8). */
static SekTextEncoding by_first_bytes(const uint8_t *b, size_t len, uint32_t *mark) {
    *mark = 0;
    if (len >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF) {
        *mark = 3;
        return SEK_TEXT_UTF8;
    }
    if (len < 2)
        return SEK_TEXT_UTF8;
    bool little = b[0] == 0xFF && b[1] == 0xFE, big = b[0] == 0xFE && b[1] == 0xFF;
    *mark = little || big ? 2 : 0;
    if (little || (b[0] && strchr("<{[\"", b[0]) && b[1] == 0))
        return SEK_TEXT_UTF16LE;
    return big || (b[0] == 0 && b[1] && strchr("<{[\"", b[1])) ? SEK_TEXT_UTF16BE : SEK_TEXT_UTF8;
}

/* The name of the encoding in an XML declaration (XML 1.0, section 2.8 and 4.3.3); empty when there is none. */
static SekStr declared_name(SekStr text) {
    text = sek_str_trim(text);
    ptrdiff_t end = sek_str_starts(text, SEK_STR("<?xml")) ? sek_str_find(text, SEK_STR("?>")) : -1;
    SekStr head = sek_str_n(text.ptr, end < 0 ? 0 : (size_t)end);
    ptrdiff_t at = sek_str_find(head, SEK_STR("encoding"));
    if (at < 0)
        return SEK_STR("");
    size_t from = (size_t)at + SEK_STR("encoding").len;
    SekStr rest = sek_str_trim(sek_str_n(head.ptr + from, head.len - from));
    if (!sek_str_starts(rest, SEK_STR("=")))
        return SEK_STR("");
    rest = sek_str_trim(sek_str_n(rest.ptr + 1, rest.len - 1));
    if (rest.len == 0 || (rest.ptr[0] != '"' && rest.ptr[0] != '\''))
        return SEK_STR("");
    const char *close = memchr(rest.ptr + 1, rest.ptr[0], rest.len - 1);
    return close ? sek_str_n(rest.ptr + 1, (size_t)(close - rest.ptr) - 1) : SEK_STR("");
}

/* By its names in the IANA registry of character sets and those that Windows programs write. Not UTF-16: that would
 * have been seen already. */
static SekTextEncoding named(SekStr name) {
    static const struct {
        const char *name;
        SekTextEncoding encoding;
    } known[] = {
        {"shift_jis", SEK_TEXT_CP932},     {"shift-jis", SEK_TEXT_CP932},     {"x-sjis", SEK_TEXT_CP932},
        {"sjis", SEK_TEXT_CP932},          {"ms_kanji", SEK_TEXT_CP932},      {"windows-31j", SEK_TEXT_CP932},
        {"cswindows31j", SEK_TEXT_CP932},  {"windows-932", SEK_TEXT_CP932},   {"cp932", SEK_TEXT_CP932},
        {"ms932", SEK_TEXT_CP932},         {"windows-1252", SEK_TEXT_CP1252}, {"cp1252", SEK_TEXT_CP1252},
        {"iso-8859-1", SEK_TEXT_CP1252},   {"iso_8859-1", SEK_TEXT_CP1252},   {"iso8859-1", SEK_TEXT_CP1252},
        {"latin1", SEK_TEXT_CP1252},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (sek_str_eq_nocase(name, sek_str(known[i].name)))
            return known[i].encoding;
    return SEK_TEXT_UTF8;
}

/* True when it is, but for a last character that may be cut. */
static bool is_utf8(const uint8_t *bytes, size_t len) {
    size_t at = sek_utf8_malformed(sek_str_n((const char *)bytes, len));
    return at == len || (len - at < 4 && bytes[at] >= 0xC2);
}

SekTextEncoding sek_text_encoding(const uint8_t *bytes, size_t len, uint32_t *mark) {
    SekTextEncoding first = by_first_bytes(bytes, len, mark);
    if (*mark || first != SEK_TEXT_UTF8)
        return first;
    SekTextEncoding says = named(declared_name(sek_str_n((const char *)bytes, len)));
    if (says == SEK_TEXT_CP1252 || (says == SEK_TEXT_CP932 && sek_cp932_valid(bytes, len)))
        return says;
    if (is_utf8(bytes, len))
        return SEK_TEXT_UTF8;
    return says == SEK_TEXT_CP932 || sek_cp932_is_japanese(bytes, len) ? SEK_TEXT_CP932 : SEK_TEXT_UTF8;
}
