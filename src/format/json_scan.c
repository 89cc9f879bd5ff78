/* SPDX-License-Identifier: Apache-2.0 */
/* Only braces, brackets and quotes matter here, so a byte is looked at once and nothing is kept but
 * the depth. Brackets that do not match each other are counted alike: the parser will refuse the
 * record, and the place where it ends is as good as any other. */
#include "format/json_scan.h"

#include "base/utf.h"

/* Behind the string that is open at `at`, or the end of the bytes. */
static size_t pass_string(SekJsonScan *scan, SekStr bytes, size_t at) {
    while (at < bytes.len) {
        char c = bytes.ptr[at++];
        if (scan->escaped)
            scan->escaped = false;
        else if (c == '\\')
            scan->escaped = true;
        else if (c == '"') {
            scan->in_string = false;
            break;
        }
    }
    return at;
}

bool sek_json_scan_record(SekJsonScan *scan, SekStr bytes, size_t *at, size_t *out_start) {
    size_t i = *at;
    while (i < bytes.len) {
        if (scan->in_string) {
            i = pass_string(scan, bytes, i);
            continue;
        }
        char c = bytes.ptr[i++];
        if (scan->depth == 0) {
            if (c != '{') {
                scan->arrays += (c == '[') - (c == ']');
                continue;
            }
            *out_start = i - 1;
            scan->depth = 1;
        } else if (c == '"') {
            scan->in_string = true;
        } else if (c == '{' || c == '[') {
            scan->depth++;
        } else if ((c == '}' || c == ']') && --scan->depth == 0) {
            *at = i;
            return true;
        }
    }
    *at = i;
    return false;
}

/* The number of the escape \uXXXX at `at`, or -1. */
static int32_t escape_at(SekStr s, size_t at) {
    if (s.len - at < 6 || s.ptr[at] != '\\' || s.ptr[at + 1] != 'u')
        return -1;
    int32_t value = 0;
    for (size_t i = at + 2; i < at + 6; i++) {
        int digit = sek_hex_digit(s.ptr[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static bool is_high(int32_t unit) {
    return unit >= 0xD800 && unit < 0xDC00;
}

static bool is_low(int32_t unit) {
    return unit >= 0xDC00 && unit < 0xE000;
}

/* Appends the escape at `at`, which has a second byte; returns the place behind it. */
static size_t repair_escape(SekStr s, size_t at, SekBuf *out) {
    int32_t unit = escape_at(s, at);
    if (unit < 0) {
        sek_buf_add(out, s.ptr + at, 1);
        return at + 1; /* what follows is looked at on its own: it may be malformed too */
    }
    if (is_high(unit) && s.len - at >= 12 && is_low(escape_at(s, at + 6))) {
        sek_buf_add(out, s.ptr + at, 12);
        return at + 12;
    }
    if (is_high(unit) || is_low(unit))
        sek_buf_adds(out, "\\uFFFD");
    else
        sek_buf_add(out, s.ptr + at, 6);
    return at + 6;
}

void sek_json_repair(SekStr s, SekBuf *out) {
    bool in_string = false;
    for (size_t at = 0; at < s.len && !out->failed;) {
        uint8_t c = (uint8_t)s.ptr[at];
        if (in_string && c == '\\' && at + 1 < s.len) {
            bool plain =
                s.ptr[at + 1] != 'u' && (uint8_t)s.ptr[at + 1] >= 0x20 && (uint8_t)s.ptr[at + 1] < 0x80;
            if (!plain) {
                at = repair_escape(s, at, out);
                continue;
            }
            sek_buf_add(out, s.ptr + at, 2);
            at += 2;
            continue;
        }
        if (c == '"')
            in_string = !in_string;
        if (in_string && c < 0x20) {
            sek_buf_addf(out, "\\u%04x", c);
            at++;
            continue;
        }
        size_t start = at;
        uint32_t cp = sek_utf8_next(s, &at);
        if (cp == SEK_UTF_REPLACEMENT && at - start != 3)
            sek_buf_adds(out, "\xEF\xBF\xBD");
        else
            sek_buf_add(out, s.ptr + start, at - start);
    }
}
