/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/number.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>

static bool parse_hex(SekStr digits, SekNumber *out) {
    uint64_t value = 0;
    double real = 0;
    bool fits = true;
    for (size_t i = 0; i < digits.len; i++) {
        int digit = sek_hex_digit(digits.ptr[i]);
        if (digit < 0)
            return false;
        fits = fits && value <= UINT64_MAX >> 4;
        value = value << 4 | (uint64_t)digit;
        real = real * 16 + digit;
    }
    *out = (SekNumber){.is_int = fits, .magnitude = fits ? value : 0, .real = real};
    if (fits)
        out->real = (double)value;
    return digits.len > 0;
}

/* strtod follows the locale of the process that uses the library; the text always has a point. */
static double to_double(SekStr text) {
    char copy[SEK_NUMBER_MAX_TEXT + 1];
    const char *point = localeconv()->decimal_point;
    for (size_t i = 0; i < text.len; i++)
        copy[i] = text.ptr[i] == '.' && point[0] && !point[1] ? point[0] : text.ptr[i];
    copy[text.len] = '\0';
    return strtod(copy, NULL);
}

static size_t skip_digits(SekStr text, size_t at) {
    while (at < text.len && sek_is_digit(text.ptr[at]))
        at++;
    return at;
}

static bool is_float(SekStr text) {
    size_t at = text.ptr[0] == '-' || text.ptr[0] == '+';
    size_t whole = skip_digits(text, at) - at;
    at += whole;
    size_t fraction = 0;
    if (at < text.len && text.ptr[at] == '.') {
        fraction = skip_digits(text, at + 1) - (at + 1);
        at += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
        at++;
        at += at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+');
        size_t end = skip_digits(text, at);
        if (end == at)
            return false;
        at = end;
    }
    return at == text.len;
}

static bool parse_int(SekStr text, SekNumber *out) {
    bool negative = text.ptr[0] == '-';
    uint64_t value = 0;
    for (size_t i = negative || text.ptr[0] == '+'; i < text.len; i++) {
        unsigned digit = (unsigned)(text.ptr[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    negative = negative && value != 0;
    double real = (double)value;
    *out = (SekNumber){true, negative, value, negative ? -real : real};
    return true;
}

bool sek_number_parse(SekStr text, SekNumber *out) {
    if (text.len == 0 || text.len > SEK_NUMBER_MAX_TEXT)
        return false;
    if (text.len > 2 && text.ptr[0] == '0' && (text.ptr[1] == 'x' || text.ptr[1] == 'X'))
        return parse_hex(sek_str_n(text.ptr + 2, text.len - 2), out);
    if (!is_float(text))
        return false;
    size_t sign = text.ptr[0] == '-' || text.ptr[0] == '+';
    if (skip_digits(text, sign) == text.len && parse_int(text, out))
        return true;
    *out = (SekNumber){.real = to_double(text)};
    return true;
}

/* An integer with a number that is none, without rounding the integer. */
static int cmp_int_real(const SekNumber *a, double real) {
    if ((real < 0) != a->negative)
        return a->negative ? -1 : 1;
    double size = fabs(real), whole = floor(size);
    int order = -1; /* of magnitudes */
    if (size < 18446744073709551616.0) { /* 2^64 */
        uint64_t other = (uint64_t)whole;
        order = (a->magnitude > other) - (a->magnitude < other);
        if (order == 0)
            order = -(size > whole);
    }
    return a->negative ? -order : order;
}

int sek_number_cmp(const SekNumber *a, const SekNumber *b) {
    if (a->is_int != b->is_int)
        return a->is_int ? cmp_int_real(a, b->real) : -cmp_int_real(b, a->real);
    if (!a->is_int)
        return (a->real > b->real) - (a->real < b->real);
    if (a->negative != b->negative)
        return a->negative ? -1 : 1;
    int order = (a->magnitude > b->magnitude) - (a->magnitude < b->magnitude);
    return a->negative ? -order : order;
}
