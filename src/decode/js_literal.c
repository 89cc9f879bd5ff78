/* SPDX-License-Identifier: Apache-2.0 */

/* Literals of JScript: strings with their escapes, numbers, and regular expressions that are plain text. */
#include "decode/js.h"

static bool is_name(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static int hex_of(SekStr s, size_t i, size_t n) {
    int value = 0;
    if (i + n > s.len)
        return -1;
    for (size_t k = i; k < i + n; k++) {
        char c = s.ptr[k], l = (char)(c | 32);
        int digit = c >= '0' && c <= '9' ? c - '0' : l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* One escape behind the backslash at `i`; returns where it ends. */
static size_t unescape(SekStr s, size_t i, SekBuf *out, bool *hidden) {
    char c = i + 1 < s.len ? s.ptr[i + 1] : '\\';
    static const char from[] = "nrtbfv0", to[] = "\n\r\t\b\f\v";
    size_t n = c == 'x' ? 2 : c == 'u' ? 4 : 0;
    int unit = n ? hex_of(s, i + 2, n) : -1;
    const char *plain = c ? strchr(from, c) : NULL;
    if (unit >= 0) {
        *hidden = *hidden || (unit > 0x20 && unit < 0x7F);
        sek_sf_put_unit(out, (unsigned)unit);
        return i + 2 + n;
    }
    if (c >= '0' && c <= '7') { /* octal, up to three digits */
        unsigned value = 0;
        size_t k = i + 1;
        while (k < s.len && k < i + 4 && s.ptr[k] >= '0' && s.ptr[k] <= '7' && value * 8 + (unsigned)(s.ptr[k] - '0') < 256)
            value = value * 8 + (unsigned)(s.ptr[k++] - '0');
        *hidden = *hidden || (value > 0x20 && value < 0x7F);
        sek_sf_put_unit(out, value);
        return k;
    }
    if (plain)
        sek_buf_addc(out, to[plain - from]);
    else if (c == '\r' && i + 2 < s.len && s.ptr[i + 2] == '\n')
        return i + 3;
    else if (c != '\n')
        sek_buf_addc(out, c);
    return i + 2;
}

SekSfValue sek_js_string(SekSfRun *run, SekStr raw) {
    SekBuf out;
    bool hidden = false;
    SekStr s = raw.len > 1 ? sek_str_n(raw.ptr + 1, raw.len - 2) : SEK_STR("");
    if (s.len == 0 || !memchr(s.ptr, '\\', s.len))
        return sek_sf_view(s);
    sek_buf_init(&out, 2 * s.len + 16);
    for (size_t i = 0; i < s.len;) {
        if (s.ptr[i] == '\\') {
            i = unescape(s, i, &out, &hidden);
            continue;
        }
        sek_buf_addc(&out, s.ptr[i++]);
    }
    SekSfValue value = sek_sf_take(run, &out);
    value.made = hidden;
    if (hidden)
        sek_sf_step(run, "escape");
    return value;
}

SekSfValue sek_js_regex(SekSfRun *run, SekStr raw) {
    SekBuf out;
    size_t i = 1;
    sek_buf_init(&out, raw.len + 1);
    for (; i < raw.len && raw.ptr[i] != '/'; i++) {
        if (raw.ptr[i] == '\\' && i + 1 < raw.len && !is_name(raw.ptr[i + 1]))
            i++;
        else if (strchr("\\^$.|?*+()[]{}", raw.ptr[i])) {
            sek_buf_deinit(&out);
            return sek_sf_object(run, SEK_STR("RegExp"), false);
        }
        sek_buf_addc(&out, raw.ptr[i]);
    }
    SekStr flags = sek_str_n(raw.ptr + i, raw.len - i);
    SekSfValue value = sek_sf_take(run, &out);
    if (sek_str_find(flags, SEK_STR("i")) >= 0)
        return sek_sf_object(run, SEK_STR("RegExp"), false);
    value.made = false;
    value.regex = value.type == SEK_SF_STRING;
    value.global = sek_str_find(flags, SEK_STR("g")) >= 0;
    return value;
}

/* A leading 0 makes it octal (ECMAScript 3, annex B.1.1), unless a digit is none of octal. */
SekSfValue sek_js_number(SekStr raw) {
    double number, octal = 0;
    size_t i = 0;
    for (; i < raw.len && raw.ptr[i] >= '0' && raw.ptr[i] <= '7'; i++)
        octal = octal * 8 + (raw.ptr[i] - '0');
    if (raw.len > 1 && raw.ptr[0] == '0' && i == raw.len)
        return sek_sf_number(octal);
    return sek_sf_to_number(sek_sf_view(raw), &number) ? sek_sf_number(number) : sek_sf_unknown();
}
