/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/timespan.h"

#define MAX_DIGITS 18 /* fits in 64 bits with room to spare */

static uint64_t unit_seconds(char unit) {
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    case 'w':
        return 7ull * 86400;
    case 'M':
        return 30ull * 86400;
    case 'y':
        return 365ull * 86400;
    default:
        return 0;
    }
}

SekStatus sek_timespan_parse(SekStr text, uint64_t *out) {
    uint64_t count = 0, unit = text.len ? unit_seconds(text.ptr[text.len - 1]) : 0;
    if (unit == 0 || text.len < 2)
        return SEK_ERR_INPUT;
    for (size_t i = 0; i + 1 < text.len; i++) {
        char c = text.ptr[i];
        if (c < '0' || c > '9')
            return SEK_ERR_INPUT;
        if (i < MAX_DIGITS)
            count = count * 10 + (uint64_t)(c - '0');
    }
    if (text.len - 1 > MAX_DIGITS || count > SEK_TIMESPAN_MAX / SEK_TIMESPAN_SECOND / unit)
        return SEK_ERR_LIMIT;
    if (count == 0)
        return SEK_ERR_INPUT;
    *out = count * unit * SEK_TIMESPAN_SECOND;
    return SEK_OK;
}
