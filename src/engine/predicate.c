/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/predicate.h"

#include "base/timestamp.h"
#include "rule/address.h"
#include "rule/number.h"

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

static bool cidr(const SekMatch *m, SekStr text) {
    text = sek_str_trim(text);
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '%')
            text.len = i; /* a zone id is not part of the address */
    SekAddress address, net = {.v6 = m->net_v6}, v4;
    memcpy(net.bytes, m->net, sizeof net.bytes);
    if (!sek_address_parse(text, &address))
        return false;
    if (sek_address_in(&address, &net, m->net_bits))
        return true;
    /* Windows often writes IPv4 as ::ffff:10.0.0.1 */
    return !net.v6 && sek_address_mapped(&address, &v4) && sek_address_in(&v4, &net, m->net_bits);
}

/* Reads the number of an event. "4688.0", as some exports write integers, is one to all of its digits. */
static bool event_number(SekStr text, SekNumber *out) {
    text = sek_str_trim(text);
    size_t end = text.len;
    while (end > 0 && text.ptr[end - 1] == '0')
        end--;
    size_t digits = end > 1 && end < text.len && text.ptr[end - 1] == '.' ? end - 1 : 0;
    size_t sign = digits && (text.ptr[0] == '-' || text.ptr[0] == '+'), at = sign;
    while (at < digits && text.ptr[at] >= '0' && text.ptr[at] <= '9')
        at++;
    if (digits > sign && at == digits)
        text.len = digits;
    return sek_number_parse(text, out);
}

static bool number_equals(const SekMatch *m, SekStr text) {
    SekNumber number;
    if (sek_str_eq_nocase(text, m->text))
        return true;
    return event_number(text, &number) && sek_number_cmp(&number, &m->number) == 0;
}

static bool compares(const SekMatch *m, SekStr text) {
    SekNumber number;
    bool known = m->part == SEK_PART_NONE ? event_number(text, &number) : date_part(m->part, text, &number);
    return known && holds(m->op, sek_number_cmp(&number, &m->number));
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
