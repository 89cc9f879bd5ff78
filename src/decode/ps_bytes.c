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

static SekPsText units_of(SekArena *arena, const SekPsArray *bytes, SekPsEncoding encoding) {
    uint32_t n = bytes->n / 2;
    uint16_t *units = sek_arena_alloc(arena, (size_t)bytes->n * 2 + 4);
    SekPsText text = {units, 0};
    if (!units)
        return text;
    if (encoding == PS_ENC_UTF16 || encoding == PS_ENC_UTF16BE) {
        unsigned low = encoding == PS_ENC_UTF16 ? 0 : 1;
        for (uint32_t i = 0; i < n; i++)
            units[i] = (uint16_t)(bytes->bytes[2 * i + low] | bytes->bytes[2 * i + 1 - low] << 8);
        if (bytes->n % 2)
            units[n++] = 0xFFFD;
        text.n = n;
        return text;
    }
    for (uint32_t i = 0; i < bytes->n; i++)
        units[i] = encoding == PS_ENC_ASCII && bytes->bytes[i] > 0x7F ? '?' : bytes->bytes[i];
    text.n = bytes->n;
    return text;
}

SekPsValue sek_ps_decode_text(SekPsRun *run, const SekPsArray *bytes, SekPsEncoding encoding) {
    SekPsText text = {NULL, 0};
    if (!sek_ps_pay(run, bytes->n / 64 + 1))
        return sek_pv_unknown();
    if (encoding == PS_ENC_UTF8)
        text = sek_pt_from_utf8(run->arena, sek_str_n((const char *)bytes->bytes, bytes->n));
    else if (encoding == PS_ENC_UTF32 || encoding == PS_ENC_UTF7)
        return sek_pv_some_string();
    else {
        for (uint32_t i = 0; encoding == PS_ENC_ANSI && i < bytes->n; i++)
            if (bytes->bytes[i] > 0x7F) /* differs from machine to machine */
                return sek_pv_some_string();
        text = units_of(run->arena, bytes, encoding);
    }
    return text.p ? sek_pv_text(text) : sek_pv_some_string();
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
    for (uint32_t i = 0; encoding == PS_ENC_ANSI && i < text.n; i++)
        if (text.p[i] > 0x7F)
            return sek_pv_unknown();
    bool wide = encoding == PS_ENC_UTF16 || encoding == PS_ENC_UTF16BE;
    if (encoding == PS_ENC_UTF32 || encoding == PS_ENC_UTF7)
        return sek_pv_unknown();
    SekPsArray *bytes = sek_pa_bytes(run->arena, NULL, wide ? (size_t)text.n * 2 : text.n);
    for (uint32_t i = 0; bytes && i < text.n; i++) {
        uint16_t c = text.p[i];
        if (wide) {
            bytes->bytes[2 * i + (encoding == PS_ENC_UTF16 ? 0 : 1)] = (uint8_t)c;
            bytes->bytes[2 * i + (encoding == PS_ENC_UTF16 ? 1 : 0)] = (uint8_t)(c >> 8);
        } else {
            bytes->bytes[i] = (uint8_t)(c > (encoding == PS_ENC_ASCII ? 0x7F : 0xFF) ? '?' : c);
        }
    }
    return sek_pv_array(bytes);
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
