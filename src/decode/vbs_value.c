/* SPDX-License-Identifier: Apache-2.0 */

/* VBScript's literals and operators ([MS-VBSL], section 5). */
#include "decode/vbs.h"

#include <math.h>

/* --- literals --- */

SekSfValue sek_vbs_string(SekSfRun *run, SekStr raw) {
    size_t end = raw.len > 1 && raw.ptr[raw.len - 1] == '"' ? raw.len - 1 : raw.len;
    SekStr s = sek_str_n(raw.ptr + 1, end > 0 ? end - 1 : 0);
    if (s.len == 0 || !memchr(s.ptr, '"', s.len))
        return sek_sf_view(s);
    SekBuf out;
    sek_buf_init(&out, s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        sek_buf_addc(&out, s.ptr[i]);
        i += s.ptr[i] == '"';
    }
    SekSfValue value = sek_sf_take(run, &out);
    value.made = false;
    return value;
}

SekSfValue sek_vbs_number(SekStr text) {
    double number;
    return sek_sf_to_number(sek_sf_view(text), &number) ? sek_sf_number(number) : sek_sf_unknown();
}

/* --- operators --- */

static SekSfValue compare(const char *op, int order) {
    if (strcmp(op, "=") == 0)
        return sek_sf_bool(order == 0);
    if (strcmp(op, "<>") == 0)
        return sek_sf_bool(order != 0);
    if (op[0] == '<')
        return sek_sf_bool(op[1] ? order <= 0 : order < 0);
    return sek_sf_bool(op[1] ? order >= 0 : order > 0);
}

/* Beyond a Long, operators of whole numbers end in an overflow. */
static bool is_long(double n) {
    return nearbyint(n) >= -2147483648.0 && nearbyint(n) <= 2147483647.0;
}

static SekSfValue logic(const char *op, SekSfValue a, SekSfValue b) {
    bool truths = a.type == SEK_SF_BOOL && b.type == SEK_SF_BOOL;
    double x, y;
    if (truths) {
        bool p = a.number != 0, q = b.number != 0;
        return sek_sf_bool(op[0] == 'a' ? p && q : op[0] == 'o' ? p || q : p != q);
    }
    if (!sek_sf_to_number(a, &x) || !sek_sf_to_number(b, &y) || !is_long(x) || !is_long(y))
        return sek_sf_unknown();
    int32_t p = (int32_t)nearbyint(x), q = (int32_t)nearbyint(y);
    return sek_sf_number(op[0] == 'a' ? p & q : op[0] == 'o' ? p | q : p ^ q);
}

static SekSfValue arithmetic(char op, double x, double y) {
    switch (op) {
    case '+':
        return sek_sf_number(x + y);
    case '-':
        return sek_sf_number(x - y);
    case '*':
        return sek_sf_number(x * y);
    case '/':
        return y != 0 ? sek_sf_number(x / y) : sek_sf_unknown();
    case '^':
        return sek_sf_number(pow(x, y));
    case '\\':
        x = nearbyint(x);
        y = nearbyint(y);
        return y != 0 && is_long(x) && is_long(y) ? sek_sf_number(trunc(x / y)) : sek_sf_unknown();
    default: /* mod */
        x = nearbyint(x);
        y = nearbyint(y);
        return y != 0 && is_long(x) && is_long(y) ? sek_sf_number(fmod(x, y)) : sek_sf_unknown();
    }
}

SekSfValue sek_vbs_binary(SekSfRun *run, const char *op, SekSfValue a, SekSfValue b) {
    double x, y;
    bool texts = a.type == SEK_SF_STRING && b.type == SEK_SF_STRING;
    if (op[0] == '&' || (op[0] == '+' && texts))
        return sek_sf_concat(run, a, b);
    if (strcmp(op, "and") == 0 || strcmp(op, "or") == 0 || strcmp(op, "xor") == 0)
        return logic(op, a, b);
    if (strcmp(op, "eqv") == 0 || strcmp(op, "imp") == 0 || strcmp(op, "is") == 0)
        return sek_sf_unknown();
    bool comparison = strchr("=<>", op[0]) != NULL;
    if (comparison && texts)
        return compare(op, sek_str_cmp(a.text, b.text));
    bool numbers = a.type == SEK_SF_NUMBER && b.type == SEK_SF_NUMBER;
    if ((comparison && !numbers) || !sek_sf_to_number(a, &x) || !sek_sf_to_number(b, &y))
        return sek_sf_unknown();
    return comparison ? compare(op, (x > y) - (x < y)) : arithmetic(op[0], x, y);
}
