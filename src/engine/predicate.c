/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/predicate.h"

#include "base/timestamp.h"

#include <arpa/inet.h>
#include <stdlib.h>

#define NUMBER_TEXT 64 /* longer texts are no numbers */

/* Reads decimal, 0x hexadecimal or floating point; false when `text` is not a number as a whole. */
static bool parse_number(SekStr text, SekNumber *out) {
    text = sek_str_trim(text);
    if (text.len == 0 || text.len >= NUMBER_TEXT)
        return false;
    char digits[NUMBER_TEXT];
    memcpy(digits, text.ptr, text.len);
    digits[text.len] = '\0';
    SekNumber number = {0};
    size_t at = digits[0] == '-' || digits[0] == '+';
    number.negative = digits[0] == '-';
    bool hex = digits[at] == '0' && (digits[at + 1] == 'x' || digits[at + 1] == 'X');
    size_t start = hex ? at + 2 : at, end = start;
    bool overflow = false;
    for (; digits[end]; end++) {
        char c = sek_ascii_lower(digits[end]);
        uint64_t digit = c >= '0' && c <= '9' ? (uint64_t)(c - '0')
                         : hex && c >= 'a' && c <= 'f' ? (uint64_t)(c - 'a') + 10
                                                       : 99;
        if (digit == 99)
            break;
        uint64_t base = hex ? 16 : 10;
        overflow = overflow || number.magnitude > (UINT64_MAX - digit) / base;
        number.magnitude = number.magnitude * base + digit;
    }
    if (end > start && !digits[end] && !overflow) {
        number.is_int = true;
        number.real = (number.negative ? -1.0 : 1.0) * (double)number.magnitude;
        *out = number;
        return true;
    }
    if (hex || strspn(digits + at, "0123456789.eE+-") != text.len - at)
        return false; /* strtod also reads "inf", "nan" and hexadecimal floats */
    char *rest;
    number.real = strtod(digits, &rest);
    number.is_int = false;
    *out = number;
    return rest != digits && *rest == '\0';
}

/* <0, 0, >0; exact between integers. */
static int compare_numbers(const SekNumber *a, const SekNumber *b) {
    if (!a->is_int || !b->is_int)
        return a->real < b->real ? -1 : a->real > b->real;
    bool a_neg = a->negative && a->magnitude, b_neg = b->negative && b->magnitude;
    if (a_neg != b_neg)
        return a_neg ? -1 : 1;
    int order = a->magnitude < b->magnitude ? -1 : a->magnitude > b->magnitude;
    return a_neg ? -order : order;
}

static bool holds(SekOp op, int order) {
    switch (op) {
    case SEK_OP_EQ:
        return order == 0;
    case SEK_OP_GT:
        return order > 0;
    case SEK_OP_GTE:
        return order >= 0;
    case SEK_OP_LT:
        return order < 0;
    case SEK_OP_LTE:
        return order <= 0;
    }
    return false;
}

/* ISO 8601 week 1..53: the week of the year that holds this date's Thursday. */
static uint32_t iso_week(SekCalendar c) {
    static const uint16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    bool leap = (c.year % 4 == 0 && c.year % 100 != 0) || c.year % 400 == 0;
    int day_of_year = before[c.month - 1] + (int)c.day + (leap && c.month > 2);
    uint32_t y = c.year - 1;
    int jan1 = (int)((y + y / 4 - y / 100 + y / 400) % 7); /* 0 = Monday */
    int week_day = (jan1 + day_of_year - 1) % 7;
    int week = (day_of_year - 1 - week_day + 10) / 7;
    if (week >= 1 && week <= 52)
        return (uint32_t)week;
    if (week < 1) { /* last week of the year before: 53 when that year began on Thursday, or was leap and on Wednesday */
        bool leap_before = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
        int jan1_before = (jan1 + 7 - (leap_before ? 366 : 365) % 7) % 7;
        return jan1_before == 3 || (leap_before && jan1_before == 2) ? 53 : 52;
    }
    return jan1 == 3 || (leap && jan1 == 2) ? 53 : 1;
}

static bool date_part(SekDatePart part, SekStr text, SekNumber *out) {
    uint64_t time;
    if (sek_time_parse(text, &time, NULL) != SEK_OK)
        return false;
    SekCalendar c = sek_time_calendar(time);
    uint32_t value = part == SEK_PART_MINUTE  ? c.minute
                     : part == SEK_PART_HOUR  ? c.hour
                     : part == SEK_PART_DAY   ? c.day
                     : part == SEK_PART_WEEK  ? iso_week(c)
                     : part == SEK_PART_MONTH ? c.month
                                              : c.year;
    *out = (SekNumber){.is_int = true, .magnitude = value, .real = value};
    return true;
}

static bool in_net(const uint8_t *address, const uint8_t *net, unsigned bits) {
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(address, net, whole) != 0)
        return false;
    return rest == 0 || ((address[whole] ^ net[whole]) & (0xFFu << (8 - rest) & 0xFFu)) == 0;
}

static bool cidr(const SekMatch *m, SekStr text) {
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    text = sek_str_trim(text);
    char address[INET6_ADDRSTRLEN + 1];
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '%')
            text.len = i; /* a zone id is not part of the address */
    if (text.len == 0 || text.len >= sizeof address)
        return false;
    memcpy(address, text.ptr, text.len);
    address[text.len] = '\0';
    uint8_t bytes[16];
    if (inet_pton(AF_INET, address, bytes) == 1)
        return !m->net_v6 && in_net(bytes, m->net, m->net_bits);
    if (inet_pton(AF_INET6, address, bytes) != 1)
        return false;
    if (!m->net_v6) /* Windows often writes IPv4 as ::ffff:10.0.0.1 */
        return memcmp(bytes, mapped, sizeof mapped) == 0 && in_net(bytes + 12, m->net, m->net_bits);
    return in_net(bytes, m->net, m->net_bits);
}

static bool number_equals(const SekMatch *m, SekStr text) {
    SekNumber number;
    if (sek_str_eq_nocase(text, m->text))
        return true;
    return parse_number(text, &number) && compare_numbers(&number, &m->number) == 0;
}

static bool compares(const SekMatch *m, SekStr text) {
    SekNumber number;
    bool known = m->part == SEK_PART_NONE ? parse_number(text, &number) : date_part(m->part, text, &number);
    return known && holds(m->op, compare_numbers(&number, &m->number));
}

bool sek_pred_plain(const SekPred *pred, SekStr text) {
    const SekMatch *m = pred->match;
    switch (pred->kind) {
    case SEK_PRED_NUMBER:
        return number_equals(m, text);
    case SEK_PRED_BOOL:
        return sek_str_eq_nocase(text, m->flag ? SEK_STR("true") : SEK_STR("false"));
    case SEK_PRED_CIDR:
        return cidr(m, text);
    case SEK_PRED_COMPARE:
        return compares(m, text);
    default:
        return false;
    }
}

bool sek_pred_ref(SekRefMode mode, SekStr value, SekStr other) {
    switch (mode) {
    case SEK_REF_EQUAL:
        return sek_str_eq(value, other);
    case SEK_REF_CONTAINS:
        return sek_str_find(value, other) >= 0;
    case SEK_REF_STARTSWITH:
        return sek_str_starts(value, other);
    case SEK_REF_ENDSWITH:
        return sek_str_ends(value, other);
    }
    return false;
}
