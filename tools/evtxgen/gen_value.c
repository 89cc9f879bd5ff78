/* SPDX-License-Identifier: Apache-2.0 */
/* Encoding of event values; see the header. */
#include "evtxgen/gen_value.h"

#include <stdlib.h>
#include <string.h>

enum {
    VALUES_LIMIT_BYTES = 1 << 20,
    SID_MAX_SUB_AUTHORITIES = 15,
    TICKS_PER_SECOND = 10000000,
    SECONDS_PER_DAY = 86400
};

void sek_gen_values_init(SekGenValues *values) {
    *values = (SekGenValues){0};
    sek_gen_buf_init(&values->bytes, VALUES_LIMIT_BYTES);
}

void sek_gen_values_deinit(SekGenValues *values) {
    sek_gen_buf_deinit(&values->bytes);
    free(values->items);
    *values = (SekGenValues){0};
}

void sek_gen_values_clear(SekGenValues *values) {
    sek_gen_buf_clear(&values->bytes);
    values->n = 0;
    values->failed = false;
}

static SekGenValue *add_item(SekGenValues *values, uint8_t type) {
    if (values->n == values->cap) {
        size_t cap = values->cap ? values->cap * 2 : 32;
        SekGenValue *items = realloc(values->items, cap * sizeof *items);
        if (!items) {
            values->failed = true;
            return NULL;
        }
        values->items = items;
        values->cap = cap;
    }
    SekGenValue *item = &values->items[values->n++];
    *item = (SekGenValue){.type = type, .off = (uint32_t)values->bytes.len};
    return item;
}

/* Ends an item whose bytes were appended after add_item(). */
static void close_item(SekGenValues *values, SekGenValue *item) {
    if (item) {
        item->size = (uint32_t)(values->bytes.len - item->off);
    }
    values->failed = values->failed || values->bytes.failed;
}

void sek_gen_values_copy(SekGenValues *out, const SekGenValues *values) {
    sek_gen_put_bytes(&out->bytes, values->bytes.data, values->bytes.len);
    out->failed = values->failed || out->bytes.failed;
    for (size_t i = 0; i < values->n && !out->failed; i++) {
        SekGenValue *item = add_item(out, values->items[i].type);
        if (item) {
            *item = values->items[i];
        }
    }
}

void sek_gen_add_raw(SekGenValues *values, uint8_t type, const void *bytes, size_t n) {
    SekGenValue *item = add_item(values, type);
    sek_gen_put_bytes(&values->bytes, bytes, n);
    close_item(values, item);
}

void sek_gen_add_null(SekGenValues *values) {
    sek_gen_add_raw(values, SEK_GEN_NULL, NULL, 0);
}

void sek_gen_add_str_n(SekGenValues *values, const char *utf8, size_t n) {
    SekGenValue *item = add_item(values, SEK_GEN_STRING);
    sek_gen_put_utf16(&values->bytes, utf8, n);
    close_item(values, item);
}

void sek_gen_add_str(SekGenValues *values, const char *utf8) {
    sek_gen_add_str_n(values, utf8, strlen(utf8));
}

void sek_gen_add_str_array(SekGenValues *values, const char *const *utf8, size_t n) {
    SekGenValue *item = add_item(values, SEK_GEN_STRING | SEK_GEN_ARRAY);
    for (size_t i = 0; i < n; i++) {
        sek_gen_put_utf16(&values->bytes, utf8[i], strlen(utf8[i]));
        sek_gen_put_u16(&values->bytes, 0);
    }
    close_item(values, item);
}

void sek_gen_add_int(SekGenValues *values, uint8_t type, uint64_t value) {
    uint8_t bytes[8];
    size_t size = 0;
    switch (type) {
    case SEK_GEN_INT8:
    case SEK_GEN_UINT8:
        size = 1;
        break;
    case SEK_GEN_INT16:
    case SEK_GEN_UINT16:
        size = 2;
        break;
    case SEK_GEN_INT32:
    case SEK_GEN_UINT32:
    case SEK_GEN_HEX32:
    case SEK_GEN_BOOL:
        size = 4;
        break;
    case SEK_GEN_INT64:
    case SEK_GEN_UINT64:
    case SEK_GEN_SIZE:
    case SEK_GEN_FILETIME:
    case SEK_GEN_HEX64:
        size = 8;
        break;
    default:
        values->failed = true;
        return;
    }
    sek_gen_set_u64(bytes, value);
    sek_gen_add_raw(values, type, bytes, size);
}

void sek_gen_add_bool(SekGenValues *values, bool value) {
    sek_gen_add_int(values, SEK_GEN_BOOL, value);
}

void sek_gen_add_u32(SekGenValues *values, uint32_t value) {
    sek_gen_add_int(values, SEK_GEN_UINT32, value);
}

void sek_gen_add_hex32(SekGenValues *values, uint32_t value) {
    sek_gen_add_int(values, SEK_GEN_HEX32, value);
}

void sek_gen_add_hex64(SekGenValues *values, uint64_t value) {
    sek_gen_add_int(values, SEK_GEN_HEX64, value);
}

void sek_gen_add_filetime(SekGenValues *values, uint64_t filetime) {
    sek_gen_add_int(values, SEK_GEN_FILETIME, filetime);
}

void sek_gen_add_binary(SekGenValues *values, const void *bytes, size_t n) {
    sek_gen_add_raw(values, SEK_GEN_BINARY, bytes, n);
}

void sek_gen_add_guid(SekGenValues *values, const SekGenGuid *guid) {
    sek_gen_add_raw(values, SEK_GEN_GUID, guid->bytes, sizeof guid->bytes);
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool sek_gen_guid_parse(const char *text, SekGenGuid *out_guid) {
    /* Where each pair of digits goes: the first three parts are little-endian on disk. */
    static const uint8_t place[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    SekGenGuid guid = {{0}};
    size_t n = 0;
    for (const char *p = text + (*text == '{'); *p && *p != '}'; p++) {
        if (*p == '-') {
            continue;
        }
        int digit = hex_digit(*p);
        if (digit < 0 || n == 32) {
            return false;
        }
        uint8_t *at = &guid.bytes[place[n / 2]];
        *at = (uint8_t)(*at << 4 | digit);
        n++;
    }
    if (n != 32) {
        return false;
    }
    *out_guid = guid;
    return true;
}

void sek_gen_add_guid_text(SekGenValues *values, const char *text) {
    SekGenGuid guid;
    if (sek_gen_guid_parse(text, &guid)) {
        sek_gen_add_guid(values, &guid);
    } else {
        values->failed = true;
    }
}

void sek_gen_add_sid(SekGenValues *values, const char *text) {
    uint8_t bytes[8 + 4 * SID_MAX_SUB_AUTHORITIES] = {0};
    size_t parts = 0; /* revision, authority, sub-authorities */
    const char *p = text;
    bool good = p[0] == 'S' && p[1] == '-';
    for (p += good ? 2 : 0; good && *p; parts++) {
        uint64_t number = 0;
        good = *p >= '0' && *p <= '9' && parts < 2 + SID_MAX_SUB_AUTHORITIES;
        while (good && *p >= '0' && *p <= '9') {
            number = number * 10 + (uint64_t)(*p++ - '0');
            good = number <= UINT32_MAX;
        }
        p += *p == '-';
        if (good && parts == 0) {
            bytes[0] = (uint8_t)number;
        } else if (good && parts == 1) {
            for (size_t i = 0; i < 6; i++) { /* the authority is big-endian */
                bytes[2 + i] = (uint8_t)(number >> (40 - 8 * i));
            }
        } else if (good) {
            sek_gen_set_u32(bytes + 8 + 4 * (parts - 2), (uint32_t)number);
        }
    }
    if (!good || parts < 3) {
        values->failed = true;
        return;
    }
    bytes[1] = (uint8_t)(parts - 2);
    sek_gen_add_raw(values, SEK_GEN_SID, bytes, 8 + 4 * (parts - 2));
}

void sek_gen_add_float(SekGenValues *values, float value) {
    uint32_t bits;
    uint8_t bytes[4];
    memcpy(&bits, &value, sizeof bits);
    sek_gen_set_u32(bytes, bits);
    sek_gen_add_raw(values, SEK_GEN_FLOAT, bytes, sizeof bytes);
}

void sek_gen_add_double(SekGenValues *values, double value) {
    uint64_t bits;
    uint8_t bytes[8];
    memcpy(&bits, &value, sizeof bits);
    sek_gen_set_u64(bytes, bits);
    sek_gen_add_raw(values, SEK_GEN_DOUBLE, bytes, sizeof bytes);
}

void sek_gen_add_systemtime(SekGenValues *values, uint64_t filetime) {
    SekGenDate date = sek_gen_date(filetime);
    const uint32_t parts[8] = {date.year, date.month,  date.weekday, date.day,
                               date.hour, date.minute, date.second,  date.ticks / 10000};
    uint8_t bytes[16];
    for (size_t i = 0; i < 8; i++) {
        sek_gen_set_u16(bytes + 2 * i, (uint16_t)parts[i]);
    }
    sek_gen_add_raw(values, SEK_GEN_SYSTEMTIME, bytes, sizeof bytes);
}

void sek_gen_add_nested(SekGenValues *values, const SekGenTemplate *tmpl, const SekGenValues *nested) {
    SekGenValue *item = add_item(values, SEK_GEN_BINXML);
    if (item) {
        item->nested_template = tmpl;
        item->nested_values = nested;
    }
}

static bool is_leap(uint32_t year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static uint32_t month_days(uint32_t year, uint32_t month) {
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year) ? 1u : 0u);
}

uint64_t sek_gen_filetime(int year, int month, int day, int hour, int minute, int second) {
    uint64_t days = (uint64_t)(day - 1);
    for (int y = 1601; y < year; y++) {
        days += is_leap((uint32_t)y) ? 366 : 365;
    }
    for (int m = 1; m < month; m++) {
        days += month_days((uint32_t)year, (uint32_t)m);
    }
    uint64_t seconds = days * SECONDS_PER_DAY + (uint64_t)(hour * 3600 + minute * 60 + second);
    return seconds * TICKS_PER_SECOND;
}

SekGenDate sek_gen_date(uint64_t filetime) {
    uint64_t seconds = filetime / TICKS_PER_SECOND;
    uint64_t days = seconds / SECONDS_PER_DAY;
    uint32_t rest = (uint32_t)(seconds % SECONDS_PER_DAY);
    SekGenDate date = {.year = 1601,
                       .month = 1,
                       .weekday = (uint32_t)((days + 1) % 7), /* 1601-01-01 was a Monday */
                       .hour = rest / 3600,
                       .minute = rest / 60 % 60,
                       .second = rest % 60,
                       .ticks = (uint32_t)(filetime % TICKS_PER_SECOND)};
    const uint32_t days_400 = 146097;
    date.year += (uint32_t)(days / days_400) * 400;
    days %= days_400;
    while (days >= (is_leap(date.year) ? 366u : 365u)) {
        days -= is_leap(date.year) ? 366u : 365u;
        date.year++;
    }
    while (days >= month_days(date.year, date.month)) {
        days -= month_days(date.year, date.month);
        date.month++;
    }
    date.day = (uint32_t)days + 1;
    return date;
}
