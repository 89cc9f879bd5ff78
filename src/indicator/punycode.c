/* SPDX-License-Identifier: Apache-2.0 */

/* Punycode, the ASCII form of a label with other letters (RFC 3492; parameters of section 5). DNS logs
 * and proxies hold this form, so that is what a host is given as. */
#include "indicator/finder.h"

enum { BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700, BIAS = 72, FIRST = 128 };

static uint32_t adapt(uint32_t delta, uint32_t n_points, bool first) {
    delta = first ? delta / DAMP : delta / 2;
    delta += delta / n_points;
    uint32_t k = 0;
    while (delta > (BASE - T_MIN) * T_MAX / 2) {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static bool put(char *out, size_t *io_len, size_t cap, char c) {
    if (*io_len >= cap)
        return false;
    out[(*io_len)++] = c;
    return true;
}

static bool put_number(uint32_t value, uint32_t bias, char *out, size_t *io_len, size_t cap) {
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
        uint32_t digit = value < t ? value : t + (value - t) % (BASE - t);
        if (!put(out, io_len, cap, (char)(digit < 26 ? 'a' + digit : '0' + digit - 26)))
            return false;
        if (value < t)
            return true;
        value = (value - t) / (BASE - t);
    }
}

bool sek_punycode(const uint32_t *cps, size_t n, char *out, size_t *io_len, size_t cap) {
    bool good = put(out, io_len, cap, 'x') && put(out, io_len, cap, 'n') && put(out, io_len, cap, '-') &&
                put(out, io_len, cap, '-');
    uint32_t basic = 0;
    for (size_t i = 0; i < n && good; i++)
        if (cps[i] < FIRST) {
            good = put(out, io_len, cap, (char)cps[i]);
            basic++;
        }
    if (basic > 0 && good)
        good = put(out, io_len, cap, '-');
    uint32_t handled = basic, point = FIRST, delta = 0, bias = BIAS;
    while (handled < n && good) {
        uint32_t next = UINT32_MAX;
        for (size_t i = 0; i < n; i++)
            if (cps[i] >= point && cps[i] < next)
                next = cps[i];
        if (next > 0x10FFFF)
            return false; /* not code points: there is no label for them */
        delta += (next - point) * (handled + 1); /* at most 0x10FFFF * 64: fits */
        point = next;
        for (size_t i = 0; i < n && good; i++) {
            delta += cps[i] < point;
            if (cps[i] != point)
                continue;
            good = put_number(delta, bias, out, io_len, cap);
            bias = adapt(delta, handled + 1, handled == basic);
            delta = 0;
            handled++;
        }
        delta++;
        point++;
    }
    return good;
}
