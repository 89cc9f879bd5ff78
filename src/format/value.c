/* SPDX-License-Identifier: Apache-2.0 */
/* Values as text: what Windows' own XML rendering shows for each BinXML type.
 *
 * A value is a view of untrusted bytes, so every renderer is told by `fits` whether the size suits the
 * type; what does not fit is shown as bytes in hexadecimal and nothing is guessed. Nothing here owns
 * memory and nothing fails but the output buffer. */
#include "format/value.h"

#include "base/bytes.h"
#include "base/cp1252.h"
#include "base/timestamp.h"
#include "base/utf.h"

#include <math.h>

#define SID_HEADER 8u /* revision, count, authority ([MS-DTYP] 2.4.2.2) */
#define SID_MAX_SUBAUTHORITIES 15u
#define MAX_DECIMAL 20u /* digits of 2^64 - 1 */

uint32_t sek_value_fixed_size(uint8_t type) {
    switch (type) {
    case SEK_VALUE_INT8:
    case SEK_VALUE_UINT8:
        return 1;
    case SEK_VALUE_INT16:
    case SEK_VALUE_UINT16:
        return 2;
    case SEK_VALUE_INT32:
    case SEK_VALUE_UINT32:
    case SEK_VALUE_FLOAT:
    case SEK_VALUE_BOOL:
    case SEK_VALUE_HEX32:
        return 4;
    case SEK_VALUE_INT64:
    case SEK_VALUE_UINT64:
    case SEK_VALUE_DOUBLE:
    case SEK_VALUE_FILETIME:
    case SEK_VALUE_HEX64:
        return 8;
    case SEK_VALUE_GUID:
    case SEK_VALUE_SYSTEMTIME:
        return 16;
    default:
        return 0;
    }
}

/* Size of the SID at `p`, or 0 when there is none in `len` bytes. */
static uint32_t sid_size(const uint8_t *p, uint32_t len) {
    if (len < SID_HEADER || p[0] != 1 || p[1] > SID_MAX_SUBAUTHORITIES)
        return 0;
    uint32_t size = SID_HEADER + 4u * p[1];
    return size <= len ? size : 0;
}

static bool fits(SekValue v) {
    switch (v.type) {
    case SEK_VALUE_BOOL: /* one byte in logs that were written by other programs than Windows */
        return v.len == 4 || v.len == 1;
    case SEK_VALUE_SIZE:
    case SEK_VALUE_EVTHANDLE: /* as wide as the writer's pointers */
        return v.len == 4 || v.len == 8;
    case SEK_VALUE_SID:
        return v.len && sid_size(v.ptr, v.len) == v.len;
    default:
        return v.len == sek_value_fixed_size(v.type);
    }
}

bool sek_value_fits(SekValue v) {
    uint32_t item = sek_value_fixed_size((uint8_t)(v.type & ~(unsigned)SEK_VALUE_ARRAY));
    switch (v.type) {
    case SEK_VALUE_NULL:
    case SEK_VALUE_ANSI:
    case SEK_VALUE_BINARY:
    case SEK_VALUE_BINXML:
    case SEK_VALUE_UTF8:
    case SEK_VALUE_ANSI | SEK_VALUE_ARRAY:
    case SEK_VALUE_SID | SEK_VALUE_ARRAY:
        return true;
    case SEK_VALUE_STRING:
    case SEK_VALUE_EVTXML:
    case SEK_VALUE_STRING | SEK_VALUE_ARRAY:
        return v.len % 2 == 0;
    default:
        return sek_value_is_array(v) ? item && v.len % item == 0 : fits(v);
    }
}

static void add_decimal(SekBuf *out, uint64_t number, bool negative) {
    char text[MAX_DECIMAL + 1];
    size_t at = sizeof text;
    do {
        text[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    if (negative)
        text[--at] = '-';
    sek_buf_add(out, text + at, sizeof text - at);
}

static void add_hex_number(SekBuf *out, uint64_t number) {
    char text[18];
    size_t at = sizeof text;
    do {
        text[--at] = "0123456789abcdef"[number & 15];
        number >>= 4;
    } while (number);
    text[--at] = 'x';
    text[--at] = '0';
    sek_buf_add(out, text + at, sizeof text - at);
}

static void add_hex_bytes(SekBuf *out, const uint8_t *p, uint32_t len) {
    static const char digits[] = "0123456789ABCDEF";
    char *at = sek_buf_reserve(out, 2 * (size_t)len);
    if (!at)
        return;
    for (uint32_t i = 0; i < len; i++) {
        at[2 * i] = digits[p[i] >> 4];
        at[2 * i + 1] = digits[p[i] & 15];
    }
    sek_buf_advance(out, 2 * (size_t)len);
}

static void add_guid(SekBuf *out, const uint8_t *p) {
    static const uint8_t order[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    sek_buf_addc(out, '{');
    for (uint32_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            sek_buf_addc(out, '-');
        add_hex_bytes(out, p + order[i], 1);
    }
    sek_buf_addc(out, '}');
}

/* S-revision-authority-subauthorities ([MS-DTYP] 2.4.2.1); an authority of more than 32 bits is
 * written in hexadecimal. */
static void add_sid(SekBuf *out, const uint8_t *p) {
    uint64_t authority = 0;
    for (uint32_t i = 2; i < SID_HEADER; i++)
        authority = authority << 8 | p[i];
    sek_buf_add(out, "S-1-", 4);
    if (authority >> 32)
        add_hex_number(out, authority);
    else
        add_decimal(out, authority, false);
    for (uint32_t i = 0; i < p[1]; i++) {
        sek_buf_addc(out, '-');
        add_decimal(out, sek_le32(p + SID_HEADER + 4 * i), false);
    }
}

static void add_filetime(SekBuf *out, const uint8_t *p) {
    char text[SEK_TIME_TEXT];
    sek_buf_add(out, text, sek_time_format(sek_le64(p), text));
}

/* Year, month, day of week, day, hour, minute, second, milliseconds ([MS-DTYP] 2.3.13). */
static void add_systemtime(SekBuf *out, const uint8_t *p) {
    sek_buf_addf(out, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", sek_le16(p), sek_le16(p + 2), sek_le16(p + 6),
                 sek_le16(p + 8), sek_le16(p + 10), sek_le16(p + 12), sek_le16(p + 14));
}

/* [-]dddd.dddd ([MS-EVEN6] 2.2.12.3), that is C's "%f". */
static void add_real(SekBuf *out, double real) {
    if (isnan(real))
        sek_buf_adds(out, "nan");
    else if (isinf(real))
        sek_buf_adds(out, real < 0 ? "-inf" : "inf");
    else
        sek_buf_addf(out, "%f", real);
}

static void add_float(SekBuf *out, const uint8_t *p) {
    uint32_t bits = sek_le32(p);
    float real;
    memcpy(&real, &bits, sizeof real);
    add_real(out, (double)real);
}

static void add_double(SekBuf *out, const uint8_t *p) {
    uint64_t bits = sek_le64(p);
    double real;
    memcpy(&real, &bits, sizeof real);
    add_real(out, real);
}

/* The terminators that writers leave at the end are no part of the text. */
static void add_ansi(SekBuf *out, const uint8_t *p, uint32_t len) {
    while (len && p[len - 1] == 0)
        len--;
    sek_cp1252_append(out, p, len);
}

static void add_utf16(SekBuf *out, const uint8_t *p, uint32_t len) {
    len &= ~1u;
    while (len && sek_le16(p + len - 2) == 0)
        len -= 2;
    if (len)
        sek_utf16le_append(out, p, len);
}

static void add_integer(SekBuf *out, SekValue v) {
    uint64_t number = 0;
    (void)sek_value_u64(v, &number); /* `fits` was asked, so it is a number */
    bool is_signed = v.type == SEK_VALUE_INT8 || v.type == SEK_VALUE_INT16 || v.type == SEK_VALUE_INT32 ||
                     v.type == SEK_VALUE_INT64;
    bool negative = is_signed && number >> 63;
    add_decimal(out, negative ? 0 - number : number, negative);
}

/* Types whose size is fixed or follows from their content; the caller asked `fits`. */
static void add_sized(SekBuf *out, SekValue v) {
    switch (v.type) {
    case SEK_VALUE_FLOAT:
        add_float(out, v.ptr);
        return;
    case SEK_VALUE_DOUBLE:
        add_double(out, v.ptr);
        return;
    case SEK_VALUE_BOOL:
        sek_buf_adds(out, sek_le_bytes(v.ptr, v.len) ? "true" : "false");
        return;
    case SEK_VALUE_GUID:
        add_guid(out, v.ptr);
        return;
    case SEK_VALUE_FILETIME:
        add_filetime(out, v.ptr);
        return;
    case SEK_VALUE_SYSTEMTIME:
        add_systemtime(out, v.ptr);
        return;
    case SEK_VALUE_SID:
        add_sid(out, v.ptr);
        return;
    case SEK_VALUE_SIZE:
    case SEK_VALUE_EVTHANDLE:
    case SEK_VALUE_HEX32:
    case SEK_VALUE_HEX64:
        add_hex_number(out, sek_le_bytes(v.ptr, v.len));
        return;
    default:
        add_integer(out, v);
        return;
    }
}

static void add_array(SekBuf *out, SekValue v) {
    SekValue item;
    for (uint32_t at = 0; !out->failed && sek_value_next(v, &at, &item) == SEK_OK;) {
        if (item.ptr != v.ptr)
            sek_buf_addc(out, '\n');
        sek_value_text(item, out);
    }
}

void sek_value_text(SekValue v, SekBuf *out) {
    if (v.len == 0 || v.type == SEK_VALUE_NULL) /* a NULL may carry bytes; they mean nothing */
        return;
    switch (v.type) {
    case SEK_VALUE_STRING:
    case SEK_VALUE_EVTXML:
        add_utf16(out, v.ptr, v.len);
        return;
    case SEK_VALUE_ANSI:
        add_ansi(out, v.ptr, v.len);
        return;
    case SEK_VALUE_UTF8:
        sek_buf_add(out, v.ptr, v.len);
        return;
    case SEK_VALUE_BINARY:
        add_hex_bytes(out, v.ptr, v.len);
        return;
    default:
        break;
    }
    if (sek_value_is_array(v))
        add_array(out, v);
    else if (fits(v))
        add_sized(out, v);
    else
        add_hex_bytes(out, v.ptr, v.len);
}

/* Bytes up to and with the terminator of the first string of an array; `*text` without it. */
static uint32_t string_item(const uint8_t *p, uint32_t len, uint32_t width, uint32_t *text) {
    for (uint32_t i = 0; i + width <= len; i += width) {
        if (p[i] == 0 && p[i + width - 1] == 0) {
            *text = i;
            return i + width;
        }
    }
    *text = len;
    return len;
}

SekStatus sek_value_next(SekValue v, uint32_t *at, SekValue *out_item) {
    if (!sek_value_is_array(v)) {
        if (*at)
            return SEK_END;
        *at = 1;
        *out_item = v;
        return SEK_OK;
    }
    if (*at >= v.len)
        return SEK_END;
    uint8_t type = (uint8_t)(v.type & ~(unsigned)SEK_VALUE_ARRAY);
    const uint8_t *p = v.ptr + *at;
    uint32_t left = v.len - *at, step = sek_value_fixed_size(type), len;
    if (type == SEK_VALUE_STRING || type == SEK_VALUE_ANSI) {
        step = string_item(p, left, type == SEK_VALUE_STRING ? 2 : 1, &len);
    } else {
        if (type == SEK_VALUE_SID)
            step = sid_size(p, left);
        else if (type == SEK_VALUE_SIZE || type == SEK_VALUE_EVTHANDLE)
            step = v.len % 8 ? 4 : 8;
        if (step == 0 || step > left) /* no element boundary can be known: the rest is one */
            step = left;
        len = step;
    }
    *out_item = (SekValue){.ptr = p, .len = len, .type = type};
    *at += step;
    return SEK_OK;
}

SekStatus sek_value_u64(SekValue v, uint64_t *out) {
    switch (v.type) {
    case SEK_VALUE_INT8:
    case SEK_VALUE_INT16:
    case SEK_VALUE_INT32:
    case SEK_VALUE_INT64:
    case SEK_VALUE_UINT8:
    case SEK_VALUE_UINT16:
    case SEK_VALUE_UINT32:
    case SEK_VALUE_UINT64:
    case SEK_VALUE_SIZE:
    case SEK_VALUE_FILETIME:
    case SEK_VALUE_HEX32:
    case SEK_VALUE_HEX64:
        break;
    default:
        return SEK_NOT_FOUND;
    }
    if (!fits(v))
        return SEK_NOT_FOUND;
    uint64_t number = sek_le_bytes(v.ptr, v.len);
    bool is_signed = v.type == SEK_VALUE_INT8 || v.type == SEK_VALUE_INT16 || v.type == SEK_VALUE_INT32;
    if (is_signed) {
        unsigned shift = 64 - 8 * v.len;
        number = (uint64_t)((int64_t)(number << shift) >> shift);
    }
    *out = number;
    return SEK_OK;
}
