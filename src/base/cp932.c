/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cp932.h"

#include "base/utf.h"

#define NONE 0xFFu

/* Row of the table, or NONE. */
static unsigned lead_of(uint8_t byte) {
    if (byte >= 0x81 && byte <= 0x9F)
        return byte - 0x81u;
    return byte >= 0xE0 && byte <= 0xFC ? byte - 0xE0u + 31u : NONE;
}

/* Column of the table, or NONE. */
static unsigned trail_of(uint8_t byte) {
    if (byte >= 0x40 && byte <= 0x7E)
        return byte - 0x40u;
    return byte >= 0x80 && byte <= 0xFC ? byte - 0x80u + 63u : NONE;
}

/* The character at `*at`, which moves behind it; 0 when it is none or cut. A wrong second byte is looked at again:
 * it may be a quote or a line end. */
static uint32_t next(const uint8_t *bytes, size_t len, size_t *at) {
    uint8_t first = bytes[(*at)++];
    if (first < 0x80)
        return first ? first : SEK_UTF_REPLACEMENT;
    if (first >= 0xA1 && first <= 0xDF)
        return 0xFF61u + first - 0xA1u; /* half-width kana */
    unsigned lead = lead_of(first), trail = *at < len ? trail_of(bytes[*at]) : NONE;
    uint32_t c = lead == NONE || trail == NONE ? 0 : sek_cp932_table[lead][trail];
    *at += c != 0;
    return c;
}

void sek_cp932_append(SekBuf *out, const uint8_t *bytes, size_t len) {
    for (size_t at = 0; at < len;) {
        size_t start = at;
        while (at < len && bytes[at] < 0x80 && bytes[at])
            at++;
        sek_buf_add(out, bytes + start, at - start);
        if (at == len)
            break;
        uint32_t c = next(bytes, len, &at);
        char text[4];
        sek_buf_add(out, text, sek_utf8_put(c ? c : SEK_UTF_REPLACEMENT, text));
    }
}

size_t sek_cp932_whole(const uint8_t *bytes, size_t len) {
    size_t at = 0;
    while (at < len) {
        if (at + 1 == len && lead_of(bytes[at]) != NONE)
            return at;
        (void)next(bytes, len, &at);
    }
    return len;
}

bool sek_cp932_valid(const uint8_t *bytes, size_t len) {
    size_t whole = sek_cp932_whole(bytes, len);
    for (size_t at = 0; at < whole;) {
        uint32_t c = next(bytes, whole, &at);
        if (c == 0 || c == SEK_UTF_REPLACEMENT)
            return false;
    }
    return true;
}

/* First bytes of the kanji of level 1: 889F..9872. Those of level 2 are letters with accents in Latin text. */
static bool is_common(uint32_t c, uint8_t first) {
    return (c >= 0x3041 && c <= 0x30FE) || (c >= 0x4E00 && c <= 0x9FFF && first >= 0x88 && first <= 0x98);
}

bool sek_cp932_is_japanese(const uint8_t *bytes, size_t len) {
    size_t whole = sek_cp932_whole(bytes, len);
    uint64_t followed = 0, other = 0;
    bool before = false;
    for (size_t at = 0; at < whole;) {
        uint8_t first = bytes[at];
        uint32_t c = next(bytes, whole, &at);
        if (c == 0 || c == SEK_UTF_REPLACEMENT || (c >= 0xE000 && c <= 0xF8FF))
            return false; /* none of those that users make themselves */
        bool common = is_common(c, first);
        bool punctuation = c >= 0x3000 && c <= 0x303F;
        followed += common && before;
        other += c >= 0x80 && !common && !punctuation;
        before = common;
    }
    return followed > other;
}
