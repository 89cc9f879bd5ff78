/* SPDX-License-Identifier: Apache-2.0 */
#include "base/timestamp.h"

#include "base/bytes.h"

#include <stdio.h>

#define TICKS_PER_SECOND 10000000u
#define LAST_FILETIME 2650467743999999999u /* 9999-12-31T23:59:59.9999999 */

/* Days to and from a proleptic Gregorian date, in 400-year eras that start on 1 March, so that the
 * leap day is the last day of a year (the usual "civil calendar" arithmetic). Day 0 = 1601-01-01. */
#define DAYS_0000_03_01_TO_1601_01_01 584694
#define DAYS_PER_ERA 146097

static void civil(uint64_t days, SekCalendar *out) {
    uint64_t z = days + DAYS_0000_03_01_TO_1601_01_01;
    uint64_t era = z / DAYS_PER_ERA, doe = z % DAYS_PER_ERA;
    uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    uint64_t mp = (5 * doy + 2) / 153;
    out->day = (uint32_t)(doy - (153 * mp + 2) / 5 + 1);
    out->month = (uint32_t)(mp < 10 ? mp + 3 : mp - 9);
    out->year = (uint32_t)(yoe + era * 400 + (out->month <= 2));
}

static uint64_t days_of(uint32_t year, uint32_t month, uint32_t day) {
    uint64_t y = year - (month <= 2);
    uint64_t era = y / 400, yoe = y % 400;
    uint64_t doy = (153 * (month > 2 ? month - 3u : month + 9u) + 2) / 5 + day - 1;
    uint64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * DAYS_PER_ERA + doe - DAYS_0000_03_01_TO_1601_01_01;
}

SekCalendar sek_time_calendar(uint64_t filetime) {
    if (filetime > LAST_FILETIME)
        filetime = LAST_FILETIME;
    SekCalendar c = {.ticks = (uint32_t)(filetime % TICKS_PER_SECOND)};
    uint64_t seconds = filetime / TICKS_PER_SECOND;
    civil(seconds / 86400, &c);
    uint32_t rest = (uint32_t)(seconds % 86400);
    c.hour = rest / 3600;
    c.minute = rest / 60 % 60;
    c.second = rest % 60;
    return c;
}

/* Two decimal digits and what stands behind them. */
static void put_two(char *at, uint32_t value, char behind) {
    static const char pairs[] = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
                                "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
    memcpy(at, pairs + (size_t)value * 2, 2);
    at[2] = behind;
}

size_t sek_time_format(uint64_t filetime, char *out) {
    SekCalendar c = sek_time_calendar(filetime);
    put_two(out, c.year / 100, '\0');
    put_two(out + 2, c.year % 100, '-');
    put_two(out + 5, c.month, '-');
    put_two(out + 8, c.day, 'T');
    put_two(out + 11, c.hour, ':');
    put_two(out + 14, c.minute, ':');
    put_two(out + 17, c.second, '.');
    put_two(out + 20, c.ticks / 100000, '\0');
    put_two(out + 22, c.ticks / 1000 % 100, '\0');
    put_two(out + 24, c.ticks / 10 % 100, '\0');
    out[26] = (char)('0' + c.ticks % 10);
    out[27] = 'Z';
    out[28] = '\0';
    return SEK_TIME_TEXT - 1;
}

typedef struct {
    SekStr s;
    size_t at;
    bool bad;
} Cursor;

static uint32_t number(Cursor *c, int width) {
    uint32_t value = 0;
    for (int i = 0; i < width; i++, c->at++) {
        if (c->at >= c->s.len || c->s.ptr[c->at] < '0' || c->s.ptr[c->at] > '9') {
            c->bad = true;
            return 0;
        }
        value = value * 10 + (uint32_t)(c->s.ptr[c->at] - '0');
    }
    return value;
}

static bool accept(Cursor *c, const char *any_of) {
    if (c->at < c->s.len && strchr(any_of, c->s.ptr[c->at]) && c->s.ptr[c->at] != '\0') {
        c->at++;
        return true;
    }
    return false;
}

static void expect(Cursor *c, const char *any_of) {
    if (!accept(c, any_of))
        c->bad = true;
}

static uint32_t fraction(Cursor *c) {
    uint32_t ticks = 0, scale = TICKS_PER_SECOND;
    size_t start = c->at;
    while (c->at < c->s.len && c->s.ptr[c->at] >= '0' && c->s.ptr[c->at] <= '9') {
        scale /= 10;
        ticks += (uint32_t)(c->s.ptr[c->at++] - '0') * scale;
    }
    c->bad = c->bad || c->at == start;
    return ticks;
}

/* Minutes east of UTC. */
static int zone(Cursor *c) {
    if (accept(c, " ") && c->at >= c->s.len)
        c->bad = true;
    if (accept(c, "Zz"))
        return 0;
    if (c->at >= c->s.len)
        return 0;
    int sign = accept(c, "-") ? -1 : 1;
    if (sign > 0)
        expect(c, "+");
    uint32_t hours = number(c, 2);
    (void)accept(c, ":"); /* both +0900 and +09:00 are in use */
    uint32_t minutes = number(c, 2);
    c->bad = c->bad || hours > 14 || minutes > 59;
    return sign * (int)(hours * 60 + minutes);
}

static uint32_t days_in_month(uint32_t year, uint32_t month) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/* Eight characters as `form` has them, a digit where that has '0' and the very same elsewhere: the digits' values, one a
 * byte, the first in the lowest. */
__attribute__((always_inline)) static inline bool read_form(const char *at, const char form[8], uint64_t *out) {
    uint64_t digits = sek_le64((const uint8_t *)at) ^ sek_le64((const uint8_t *)form), beyond = 0;
    for (unsigned i = 0; i < 8; i++) /* a constant: what reaches 0x80 with it is no digit, or not the same */
        beyond |= (uint64_t)(form[i] == '0' ? 0x80 - 10 : 0x7f) << 8 * i;
    *out = digits;
    return ((digits | (digits + beyond)) & 0x8080808080808080u) == 0;
}

/* Byte i of the digits and the one behind it as a number of two digits. */
static uint32_t pair(uint64_t digits, unsigned i) {
    return (uint32_t)((digits * 10 + (digits >> 8)) >> 8 * i & 0xff);
}

/* All eight digits as one number: pairs, then pairs of these, then both halves. */
static uint32_t number_of(uint64_t digits) {
    digits = (digits * 10 + (digits >> 8)) & 0x00ff00ff00ff00ffu;
    digits = (digits * 100 + (digits >> 16)) & 0x0000ffff0000ffffu;
    return (uint32_t)(digits * 10000 + (digits >> 32));
}

/* YYYY-MM-DDThh:mm:ss.fffffffZ, the form in which Windows and most programs write times: one of each record.
 * False for all others, also wrong ones. */
static bool windows_time(SekStr s, uint64_t *out) {
    uint64_t date, minutes, rest, part;
    if (s.len != SEK_TIME_TEXT - 1 || !read_form(s.ptr, "0000-00-", &date) || !read_form(s.ptr + 8, "00T00:00", &minutes) ||
        !read_form(s.ptr + 16, ":00.0000", &rest) || !read_form(s.ptr + 20, "0000000Z", &part))
        return false;
    uint32_t year = pair(date, 0) * 100 + pair(date, 2), month = pair(date, 5), day = pair(minutes, 0),
             hour = pair(minutes, 3), minute = pair(minutes, 6), second = pair(rest, 1);
    if (year < 1601 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 || minute > 59 ||
        second > 60)
        return false;
    uint64_t seconds = (uint64_t)days_of(year, month, day) * 86400 + hour * 3600u + minute * 60u + second;
    *out = seconds * TICKS_PER_SECOND + number_of(part << 8);
    return true;
}

SekStatus sek_time_parse(SekStr text, uint64_t *out_filetime, SekError *err) {
    if (windows_time(text, out_filetime))
        return SEK_OK;
    Cursor c = {.s = sek_str_trim(text)};
    uint32_t year = number(&c, 4), hour = 0, minute = 0, second = 0, ticks = 0;
    expect(&c, "-");
    uint32_t month = number(&c, 2);
    expect(&c, "-");
    uint32_t day = number(&c, 2);
    int offset = 0;
    if (c.at < c.s.len) {
        expect(&c, "Tt ");
        hour = number(&c, 2);
        expect(&c, ":");
        minute = number(&c, 2);
        if (accept(&c, ":"))
            second = number(&c, 2);
        if (accept(&c, "."))
            ticks = fraction(&c);
        offset = zone(&c);
    }
    bool fits = !c.bad && c.at == c.s.len && year >= 1601 && month >= 1 && month <= 12 && day >= 1 &&
                day <= days_in_month(year, month) && hour < 24 && minute < 60 && second < 61;
    if (!fits)
        return sek_fail(err, SEK_ERR_INPUT,
                        "not a time: expected YYYY-MM-DD, or YYYY-MM-DDThh:mm:ss with Z or +hh:mm");
    int64_t seconds = (int64_t)(days_of(year, month, day) * 86400 + hour * 3600u + minute * 60u + second) -
                      (int64_t)offset * 60;
    *out_filetime = seconds < 0 ? 0 : (uint64_t)seconds * TICKS_PER_SECOND + ticks;
    return SEK_OK;
}
