/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/encode.h"

#include "base/utf.h"
#include "rule/pattern.h"

static size_t put16(char *out, uint32_t unit, bool big_endian) {
    out[big_endian ? 0 : 1] = (char)(uint8_t)(unit >> 8);
    out[big_endian ? 1 : 0] = (char)(uint8_t)unit;
    return 2;
}

SekStatus sek_encode_utf16(SekArena *arena, SekStr utf8, SekUtf16Form form, SekStr *out) {
    if (utf8.len > SEK_PATTERN_MAX_BYTES / 2 - 2)
        return SEK_ERR_LIMIT;
    char *bytes = sek_arena_alloc(arena, 2 * utf8.len + 2); /* a byte of UTF-8 gives at most two */
    if (!bytes)
        return SEK_ERR_MEMORY;
    bool big = form == SEK_UTF16_BE;
    size_t n = form == SEK_UTF16_BOM_LE ? put16(bytes, 0xFEFF, false) : 0;
    for (size_t at = 0; at < utf8.len;) {
        uint32_t cp = sek_utf8_next(utf8, &at);
        if (cp >= 0x10000) {
            n += put16(bytes + n, 0xD800 + ((cp - 0x10000) >> 10), big);
            cp = 0xDC00 + ((cp - 0x10000) & 0x3FF);
        }
        n += put16(bytes + n, cp, big);
    }
    *out = sek_str_n(bytes, n);
    return SEK_OK;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Encodes `shift` zero bytes and then `bytes`. */
static SekStatus encode(SekArena *arena, SekStr bytes, unsigned shift, SekStr *out) {
    if (bytes.len > SEK_PATTERN_MAX_BYTES / 2)
        return SEK_ERR_LIMIT;
    size_t n = bytes.len + shift, len = 0;
    char *text = sek_arena_alloc(arena, (n + 2) / 3 * 4 + 1);
    if (!text)
        return SEK_ERR_MEMORY;
    for (size_t i = 0; i < n; i += 3) {
        uint32_t group = 0;
        for (size_t k = i; k < i + 3; k++) {
            uint8_t byte = k >= shift && k < n ? (uint8_t)bytes.ptr[k - shift] : 0;
            group = group << 8 | byte;
        }
        size_t have = n - i < 3 ? n - i : 3;
        for (size_t k = 0; k < 4; k++)
            text[len++] = k <= have ? alphabet[group >> (18 - 6 * k) & 63] : '=';
    }
    *out = sek_str_n(text, len);
    return SEK_OK;
}

SekStatus sek_encode_base64(SekArena *arena, SekStr bytes, SekStr *out) {
    return encode(arena, bytes, 0, out);
}

/* A character carries 6 bits. One that also holds bits of the bytes before or behind is not known:
 *
 *   shift 1:  |......XX|XXXXXX..   the first two characters hold foreign bits; shift 2: three
 *   bytes 1 in the last group: one whole character, padding included three to cut; bytes 2: two
 */
SekStatus sek_encode_base64_shift(SekArena *arena, SekStr bytes, unsigned shift, SekStr *out) {
    static const size_t cut_front[] = {0, 2, 3}, cut_back[] = {0, 3, 2};
    SekStr text;
    SekStatus status = encode(arena, bytes, shift, &text);
    if (status)
        return status;
    size_t front = cut_front[shift], back = cut_back[(bytes.len + shift) % 3];
    if (text.len <= front + back)
        *out = SEK_STR("");
    else
        *out = sek_str_n(text.ptr + front, text.len - front - back);
    return SEK_OK;
}
