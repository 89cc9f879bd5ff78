/* SPDX-License-Identifier: Apache-2.0 */

/* Bytes to text and back, Base64 as [Convert]::FromBase64String takes it, and the three deflate wrappings.
 * Inflating is paid from the run's budget, and what damaged or cut-off streams give is kept. */

#include "base/utf.h"
#include "decode/ps_run.h"

#include <zlib.h>

static int base64_digit(uint16_t c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Strict but for blanks and missing padding, which lenient readers take; anything else is refused, since an
 * exception would end the script. */
bool sek_ps_base64(SekArena *arena, SekPsText text, SekPsArray **out) {
    SekPsArray *bytes = sek_pa_bytes(arena, NULL, (size_t)text.n * 3 / 4 + 3);
    uint32_t group = 0, have = 0, n = 0;
    if (!bytes)
        return false;
    for (uint32_t i = 0; i < text.n; i++) {
        uint16_t c = text.p[i];
        int digit = base64_digit(c);
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            continue;
        if (c == '=') {
            for (uint32_t k = i; k < text.n; k++)
                if (text.p[k] != '=' && text.p[k] != ' ' && text.p[k] != '\r' && text.p[k] != '\n' &&
                    text.p[k] != '\t')
                    return false;
            break;
        }
        if (digit < 0)
            return false;
        group = group << 6 | (uint32_t)digit;
        if (++have == 4) {
            bytes->bytes[n++] = (uint8_t)(group >> 16);
            bytes->bytes[n++] = (uint8_t)(group >> 8);
            bytes->bytes[n++] = (uint8_t)group;
            have = group = 0;
        }
    }
    if (have == 1)
        return false;
    if (have >= 2)
        bytes->bytes[n++] = (uint8_t)(group >> (have == 2 ? 4 : 10));
    if (have == 3)
        bytes->bytes[n++] = (uint8_t)(group >> 2);
    bytes->n = n;
    *out = bytes;
    return true;
}

/* Four bytes a character. False for what is none. */
static bool units_of_utf32(const uint8_t *b, uint32_t n, SekPsText *out, uint16_t *units) {
    for (uint32_t i = 0; i + 3 < n; i += 4) {
        uint32_t c = (uint32_t)b[i] | (uint32_t)b[i + 1] << 8 | (uint32_t)b[i + 2] << 16 | (uint32_t)b[i + 3] << 24;
        if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
            return false;
        if (c > 0xFFFF)
            units[out->n++] = (uint16_t)(0xD800 + ((c - 0x10000) >> 10));
        units[out->n++] = (uint16_t)(c > 0xFFFF ? 0xDC00 + ((c - 0x10000) & 0x3FF) : c);
    }
    return n % 4 == 0;
}

static void units_of_utf16(const uint8_t *b, uint32_t n, unsigned low, SekPsText *out, uint16_t *units) {
    for (uint32_t i = 0; i + 1 < n; i += 2)
        units[out->n++] = (uint16_t)(b[i + low] | b[i + 1 - low] << 8);
    if (n % 2)
        units[out->n++] = 0xFFFD;
}

/* p NULL: no memory, or characters of which nothing is known. */
static SekPsText units_of(SekArena *arena, const SekPsArray *bytes, SekPsEncoding encoding) {
    uint16_t *units = sek_arena_alloc(arena, (size_t)bytes->n * 2 + 4);
    SekPsText text = {units, 0}, none = {NULL, 0};
    if (!units)
        return none;
    if (encoding == PS_ENC_UTF16 || encoding == PS_ENC_UTF16BE) {
        units_of_utf16(bytes->bytes, bytes->n, encoding == PS_ENC_UTF16 ? 0 : 1, &text, units);
        return text;
    }
    if (encoding == PS_ENC_UTF32)
        return units_of_utf32(bytes->bytes, bytes->n, &text, units) ? text : none;
    text.n = bytes->n;
    if (encoding != PS_ENC_ASCII && encoding != PS_ENC_LATIN1)
        return sek_ps_page_units(encoding, bytes->bytes, bytes->n, units) ? text : none;
    for (uint32_t i = 0; i < bytes->n; i++)
        units[i] = encoding == PS_ENC_ASCII && bytes->bytes[i] > 0x7F ? '?' : bytes->bytes[i];
    return text;
}

#define PAGE_NOT_KNOWN "characters of a code page that is not known"

SekPsValue sek_ps_decode_text(SekPsRun *run, const SekPsArray *bytes, SekPsEncoding encoding) {
    SekPsText text = {NULL, 0};
    if (!sek_ps_pay(run, bytes->n / 64 + 1))
        return sek_pv_unknown();
    if (encoding == PS_ENC_UTF8)
        text = sek_pt_from_utf8(run->arena, sek_str_n((const char *)bytes->bytes, bytes->n));
    else if (encoding != PS_ENC_OTHER)
        text = units_of(run->arena, bytes, encoding);
    if (!text.p)
        sek_ps_partial(run, PAGE_NOT_KNOWN);
    return text.p ? sek_pv_text(text) : sek_pv_some_string();
}

/* Bytes of a text in everything but UTF-8. False when they are not known. */
static bool bytes_of(SekPsText text, SekPsEncoding encoding, uint8_t *to) {
    bool little = encoding == PS_ENC_UTF16;
    if (encoding == PS_ENC_UTF32 || encoding == PS_ENC_OTHER)
        return false;
    if (encoding != PS_ENC_ASCII && encoding != PS_ENC_LATIN1 && !little && encoding != PS_ENC_UTF16BE)
        return sek_ps_page_bytes(encoding, text, to);
    for (uint32_t i = 0; i < text.n; i++) {
        uint16_t c = text.p[i];
        if (little || encoding == PS_ENC_UTF16BE) {
            to[2 * i + (little ? 0 : 1)] = (uint8_t)c;
            to[2 * i + (little ? 1 : 0)] = (uint8_t)(c >> 8);
        } else if (encoding == PS_ENC_LATIN1 && c > 0xFF) {
            return false; /* .NET Framework puts a letter that looks alike, later ones a question mark */
        } else {
            to[i] = (uint8_t)(encoding == PS_ENC_ASCII && c > 0x7F ? '?' : c);
        }
    }
    return true;
}

SekPsValue sek_ps_encode_text(SekPsRun *run, SekPsText text, SekPsEncoding encoding) {
    if (!sek_ps_pay(run, text.n / 64 + 1))
        return sek_pv_unknown();
    if (encoding == PS_ENC_UTF8) {
        SekStr utf8;
        if (!sek_pt_to_utf8(run->arena, text, &utf8))
            return sek_pv_unknown();
        return sek_pv_array(sek_pa_bytes(run->arena, utf8.ptr, utf8.len));
    }
    bool wide = encoding == PS_ENC_UTF16 || encoding == PS_ENC_UTF16BE;
    SekPsArray *bytes = sek_pa_bytes(run->arena, NULL, wide ? (size_t)text.n * 2 : text.n);
    if (bytes && bytes_of(text, encoding, bytes->bytes))
        return sek_pv_array(bytes);
    sek_ps_partial(run, PAGE_NOT_KNOWN);
    return sek_pv_unknown();
}

/* Inflates into `buf`; false when nothing at all came out or the stream is not one. A stream that breaks off
 * gives what it had, with `*out_cut` set. */
static bool inflate_into(z_stream *z, SekBuf *buf, size_t most, bool *out_cut) {
    int state = Z_OK;
    while (state == Z_OK) {
        size_t room = most - buf->len < 65536 ? most - buf->len : 65536;
        char *to = room ? sek_buf_reserve(buf, room) : NULL;
        if (!to)
            break;
        z->next_out = (Bytef *)to;
        z->avail_out = (uInt)room;
        state = inflate(z, Z_NO_FLUSH);
        sek_buf_advance(buf, room - z->avail_out);
        if (state == Z_OK && z->avail_in == 0 && z->avail_out > 0)
            break;
    }
    *out_cut = state != Z_STREAM_END;
    return buf->len > 0 || state == Z_STREAM_END;
}

SekPsValue sek_ps_inflate(SekPsRun *run, const uint8_t *bytes, size_t n, SekPsPacking packing) {
    static const int windows[] = {[PS_PACK_DEFLATE] = -15, [PS_PACK_GZIP] = 15 + 16, [PS_PACK_ZLIB] = 15};
    size_t *left = &run->decoder->inflate_left;
    z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)n};
    SekBuf buf;
    bool cut = false;
    SekPsValue result = sek_pv_unknown();
    if (*left == 0 || n > UINT32_MAX || inflateInit2(&z, windows[packing]) != Z_OK)
        return result;
    sek_buf_init(&buf, *left + 1);
    if (inflate_into(&z, &buf, *left, &cut) && sek_ps_pay(run, buf.len / 64 + 1)) {
        bool bomb = cut && buf.len >= *left;
        *left -= buf.len < *left ? buf.len : *left;
        if (cut)
            sek_ps_partial(run, bomb ? "a compressed stream is larger than allowed"
                                     : "a compressed stream breaks off");
        if (!bomb)
            result = sek_pv_array(sek_pa_bytes(run->arena, buf.data, buf.len));
    }
    sek_buf_deinit(&buf);
    (void)inflateEnd(&z); /* can only complain about a state that is not one */
    return result;
}
