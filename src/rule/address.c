/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/address.h"

static bool parse_v4(SekStr text, uint8_t out[4]) {
    size_t at = 0;
    for (int part = 0; part < 4; part++) {
        if (part > 0 && (at >= text.len || text.ptr[at++] != '.'))
            return false;
        size_t start = at;
        unsigned value = 0;
        while (at < text.len && at - start < 3 && text.ptr[at] >= '0' && text.ptr[at] <= '9')
            value = value * 10 + (unsigned)(text.ptr[at++] - '0');
        /* `010` is eight to some readers and ten to others */
        bool leading_zero = at - start > 1 && text.ptr[start] == '0';
        if (at == start || value > 255 || leading_zero)
            return false;
        out[part] = (uint8_t)value;
    }
    return at == text.len;
}

/* One group of up to four hex digits at `*at`; false if there is none. */
static bool parse_group(SekStr text, size_t *at, uint8_t out[2]) {
    unsigned value = 0;
    size_t start = *at;
    while (*at < text.len && *at - start < 4 && sek_hex_digit(text.ptr[*at]) >= 0)
        value = value << 4 | (unsigned)sek_hex_digit(text.ptr[(*at)++]);
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
    return *at > start;
}

/* Reads groups until the end or `::`; returns how many bytes, or -1. */
static int parse_groups(SekStr text, size_t *at, uint8_t out[16]) {
    int n = 0;
    while (n < 16) {
        size_t start = *at;
        if (n <= 12 && parse_v4(sek_str_n(text.ptr + start, text.len - start), out + n)) {
            *at = text.len;
            return n + 4;
        }
        if (!parse_group(text, at, out + n))
            return -1;
        n += 2;
        if (*at == text.len)
            return n;
        if (text.ptr[*at] != ':')
            return -1;
        if (*at + 1 < text.len && text.ptr[*at + 1] == ':')
            return n;
        (*at)++;
    }
    return -1;
}

static bool parse_v6(SekStr text, uint8_t out[16]) {
    uint8_t head[16] = {0}, tail[16] = {0};
    size_t at = 0;
    int n_head = 0, n_tail = 0;
    if (!sek_str_starts(text, SEK_STR("::"))) {
        n_head = parse_groups(text, &at, head);
        if (n_head < 0)
            return false;
    }
    bool gap = at + 1 < text.len && text.ptr[at] == ':' && text.ptr[at + 1] == ':';
    if (gap && at + 2 < text.len) {
        at += 2;
        n_tail = parse_groups(text, &at, tail);
    } else if (gap) {
        at += 2;
    }
    if (n_tail < 0 || at != text.len || (gap ? n_head + n_tail > 14 : n_head != 16))
        return false;
    memset(out, 0, 16);
    memcpy(out, head, (size_t)n_head);
    memcpy(out + 16 - n_tail, tail, (size_t)n_tail);
    return true;
}

bool sek_address_parse(SekStr text, SekAddress *out) {
    SekAddress address = {0};
    if (text.len < 2 || text.len > 45)
        return false;
    address.v6 = !parse_v4(text, address.bytes);
    if (address.v6 && !parse_v6(text, address.bytes))
        return false;
    *out = address;
    return true;
}

bool sek_address_in(const SekAddress *address, const SekAddress *net, unsigned bits) {
    if (address->v6 != net->v6 || bits > (net->v6 ? 128u : 32u))
        return false;
    unsigned whole = bits / 8, rest = bits % 8;
    if (whole && memcmp(address->bytes, net->bytes, whole) != 0)
        return false;
    return rest == 0 || (address->bytes[whole] ^ net->bytes[whole]) >> (8 - rest) == 0;
}

bool sek_address_mapped(const SekAddress *address, SekAddress *out_v4) {
    static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (!address->v6 || memcmp(address->bytes, prefix, sizeof prefix) != 0)
        return false;
    *out_v4 = (SekAddress){0};
    memcpy(out_v4->bytes, address->bytes + 12, 4);
    return true;
}
