/* SPDX-License-Identifier: Apache-2.0 */

/* Hosts as URLs hold them: names, also with letters outside ASCII, and addresses in every notation that
 * programs accept - 0xb907d607, 3104298503, 0271.07.0326.07 - as inet_aton reads them (WHATWG URL
 * Standard, section 3.5, "IPv4 parser"). */
#include "indicator/finder.h"

#include "base/utf.h"

#include <stdio.h>

#define LABEL_CPS 63u /* code points of one label that are looked at */

bool sek_word_at(SekStr s, size_t at, const char *word) {
    for (size_t i = 0; word[i]; i++)
        if (sek_ascii_lower(sek_byte_at(s, at + i)) != word[i])
            return false;
    return true;
}

bool sek_ends_word(uint32_t cp) {
    if (cp < 0x80)
        return !(sek_is_alnum((char)cp) || cp == '_' || cp == '-' || cp == '.');
    return cp < 0xC0 || (cp >= 0x2000 && cp <= 0x206F) || (cp >= 0x3000 && cp <= 0x303F && cp != 0x3005) ||
           (cp >= 0xFF00 && cp <= 0xFF0F) || (cp >= 0xFF1A && cp <= 0xFF20) ||
           (cp >= 0xFF3B && cp <= 0xFF40) || (cp >= 0xFF5B && cp <= 0xFF65) || cp == 0xFEFF || cp >= 0xFFF0;
}

bool sek_is_fragment(SekStr s, size_t start, size_t end) {
    size_t i = end;
    if (sek_one_of(sek_byte_at(s, i), "'\"")) {
        for (i++; i - end < 8 && sek_one_of(sek_byte_at(s, i), " )");)
            i++;
        if (sek_one_of(sek_byte_at(s, i), "+&"))
            return true;
    }
    if (start == 0 || !sek_one_of(s.ptr[start - 1], "'\""))
        return false;
    for (i = start - 1; i > 0 && start - i < 8 && sek_one_of(s.ptr[i - 1], " (");)
        i--;
    return i > 0 && sek_one_of(s.ptr[i - 1], "+&");
}

size_t sek_dot_at(SekStr s, size_t at, bool *defanged) {
    char c = sek_byte_at(s, at);
    if (c == '.')
        return 1;
    if (c == '[' || c == '(' || c == '{') {
        char close = (char)(c == '[' ? ']' : c == '(' ? ')' : '}');
        size_t len = sek_byte_at(s, at + 1) == '.' ? 1 : sek_word_at(s, at + 1, "dot") ? 3 : 0;
        if (len == 0 || sek_byte_at(s, at + 1 + len) != close)
            return 0;
        *defanged = true;
        return len + 2;
    }
    if ((uint8_t)c < 0x80)
        return 0;
    size_t next = at;
    uint32_t cp = sek_utf8_next(s, &next);
    return cp == 0x3002 || cp == 0xFF0E || cp == 0xFF61 ? next - at : 0;
}

size_t sek_port_at(SekStr text, size_t at, unsigned *out) {
    size_t i = at;
    if (sek_byte_at(text, i) == ':')
        i++;
    else if (sek_word_at(text, i, "[:]"))
        i += 3;
    else
        return 0;
    size_t digits = i;
    unsigned port = 0;
    while (i < text.len && i - digits < 6 && sek_is_digit(text.ptr[i]))
        port = port * 10 + (unsigned)(text.ptr[i++] - '0');
    if (i == digits || port == 0 || port > 65535 || sek_is_alnum(sek_byte_at(text, i)))
        return 0;
    *out = port;
    return i - at;
}

/* --- IPv6 (RFC 4291, section 2.2; written as RFC 5952 says) --- */

static bool read_groups(SekStr text, uint16_t groups[8], unsigned *out_n, int *out_gap) {
    size_t i = 0;
    while (i < text.len) {
        if (i + 1 < text.len && text.ptr[i] == ':' && text.ptr[i + 1] == ':') {
            if (*out_gap >= 0)
                return false;
            *out_gap = (int)*out_n;
            i += 2;
            continue;
        }
        if (i > 0 && text.ptr[i] == ':' && text.ptr[i - 1] != ':')
            i++;
        unsigned value = 0;
        size_t start = i;
        while (i < text.len && i - start < 5 && sek_hex_digit(text.ptr[i]) >= 0)
            value = value * 16 + (unsigned)sek_hex_digit(text.ptr[i++]);
        if (i == start || i - start > 4 || *out_n == 8 || (i < text.len && text.ptr[i] != ':'))
            return false;
        groups[(*out_n)++] = (uint16_t)value;
    }
    return text.len > 0 && (text.ptr[text.len - 1] != ':' || (text.len > 1 && text.ptr[text.len - 2] == ':'));
}

/* The longest run of zero groups, of at least two, the first of equals. */
static void longest_zeros(const uint16_t groups[8], unsigned *out_start, unsigned *out_len) {
    *out_start = 8;
    *out_len = 1;
    for (unsigned i = 0; i < 8; i++) {
        unsigned n = 0;
        while (i + n < 8 && groups[i + n] == 0)
            n++;
        if (n > *out_len) {
            *out_start = i;
            *out_len = n;
        }
        i += n;
    }
}

/* ::ffff:1.2.3.4 (RFC 4291, section 2.5.5.2). */
static bool is_mapped(const uint16_t groups[8]) {
    for (unsigned i = 0; i < 5; i++)
        if (groups[i] != 0)
            return false;
    return groups[5] == 0xFFFF;
}

static size_t write_ipv6(const uint16_t groups[8], char *out) {
    unsigned gap, gap_len;
    size_t len = 0;
    if (is_mapped(groups))
        return (size_t)snprintf(out, 23, "::ffff:%u.%u.%u.%u", groups[6] >> 8u, groups[6] & 255u, groups[7] >> 8u, groups[7] & 255u);
    longest_zeros(groups, &gap, &gap_len);
    for (unsigned i = 0; i < 8; i++) {
        if (i == gap) {
            out[len++] = ':';
            if (i == 0)
                out[len++] = ':';
            i += gap_len - 1;
            continue;
        }
        len += (size_t)snprintf(out + len, 6, i < 7 ? "%x:" : "%x", groups[i]);
    }
    return len;
}

/* Four decimal numbers at the end as two groups in hexadecimal; the text as it is when there are none. */
static SekStr without_quad(SekStr text, char *room, size_t size) {
    size_t start = text.len;
    unsigned part[4], n = 0;
    while (start > 0 && text.ptr[start - 1] != ':')
        start--;
    if (start < 2 || start + 10 > size || text.len == start || !memchr(text.ptr + start, '.', text.len - start))
        return text;
    for (size_t i = start; n < 4; i++) {
        size_t first = i;
        for (part[n] = 0; i < text.len && i - first < 3 && sek_is_digit(text.ptr[i]); i++)
            part[n] = part[n] * 10 + (unsigned)(text.ptr[i] - '0');
        if (i == first || part[n] > 255 || (n < 3 ? sek_byte_at(text, i) != '.' : i != text.len))
            return text;
        n++;
    }
    memcpy(room, text.ptr, start);
    int len = snprintf(room + start, size - start, "%x:%x", part[0] << 8u | part[1], part[2] << 8u | part[3]);
    return sek_str_n(room, start + (size_t)len);
}

bool sek_ipv6_read(SekStr text, char *out, size_t *out_len) {
    uint16_t groups[8] = {0}, full[8] = {0};
    unsigned n = 0;
    int gap = -1;
    char room[64];
    if (text.len >= 2 && text.len <= SEK_IPV6_MAX)
        text = without_quad(text, room, sizeof room);
    if (text.len < 2 || text.len > SEK_IPV6_MAX || !read_groups(text, groups, &n, &gap) || (gap < 0 ? n != 8 : n > 7))
        return false;
    unsigned head = gap < 0 ? 8 : (unsigned)gap;
    memcpy(full, groups, head * sizeof *full);
    memcpy(full + 8 - (n - head), groups + head, (n - head) * sizeof *full);
    *out_len = write_ipv6(full, out);
    return true;
}

static bool read_bracketed(SekStr text, size_t at, SekHost *out) {
    size_t end = at + 1;
    while (end < text.len && end - at <= SEK_IPV6_MAX + 1 && text.ptr[end] != ']')
        end++;
    if (sek_byte_at(text, end) != ']' || !sek_ipv6_read(sek_str_n(text.ptr + at + 1, end - at - 1), out->text, &out->len))
        return false;
    out->kind = SEK_HOST_V6;
    out->end = end + 1;
    return true;
}

/* --- IPv4 --- */

static bool read_number(SekStr part, uint64_t *out, bool *plain) {
    unsigned base = 10;
    size_t i = 0;
    if (part.len > 1 && part.ptr[0] == '0') {
        base = sek_ascii_lower(part.ptr[1]) == 'x' ? 16 : 8;
        i = base == 16 ? 2 : 1;
        *plain = false;
    }
    uint64_t value = 0;
    for (; i < part.len; i++) {
        int digit = sek_hex_digit(part.ptr[i]);
        if (digit < 0 || (unsigned)digit >= base || value > UINT32_MAX)
            return false;
        value = value * base + (unsigned)digit;
    }
    *out = value;
    return part.len > 0;
}

/* The parts of a host whose last label begins with a digit. */
static bool read_ipv4(SekHost *out) {
    uint64_t parts[4], address = 0;
    unsigned n = 0;
    bool plain = true;
    for (size_t i = 0, start = 0; i <= out->len; i++) {
        if (i < out->len && out->text[i] != '.')
            continue;
        if (n == 4 || !read_number(sek_str_n(out->text + start, i - start), &parts[n], &plain))
            return false;
        n++;
        start = i + 1;
    }
    for (unsigned i = 0; i + 1 < n; i++) {
        if (parts[i] > 255)
            return false;
        address = address << 8 | parts[i];
    }
    unsigned rest = 8 * (5 - n);
    if (parts[n - 1] >> rest != 0)
        return false;
    address = address << rest | parts[n - 1];
    if (!plain || n != 4)
        out->marks |= SEK_MARK_NUMERIC;
    out->len = (size_t)snprintf(out->text, 16, "%u.%u.%u.%u", (unsigned)(address >> 24), (unsigned)(address >> 16 & 255),
                                (unsigned)(address >> 8 & 255), (unsigned)(address & 255));
    out->kind = SEK_HOST_V4;
    return true;
}

/* --- names --- */

/* Appends one label; false when it is none. Moves *at behind it. */
static bool read_label(SekStr text, size_t *at, SekHost *out) {
    uint32_t cps[LABEL_CPS];
    size_t n = 0, i = *at;
    bool ascii = true;
    while (i < text.len && n < LABEL_CPS) {
        size_t next = i, hidden = 0;
        uint32_t cp = sek_utf8_next(text, &next);
        bool defanged = false;
        if (cp == '.' || sek_ends_word(cp) || (cp >= 0x80 && (hidden = sek_dot_at(text, i, &defanged)) > 0))
            break;
        ascii = ascii && cp < 0x80;
        cps[n++] = cp < 0x80 ? (uint32_t)sek_ascii_lower((char)cp) : sek_fold_cp(cp);
        i = next;
    }
    bool cut = n == LABEL_CPS && i < text.len && (sek_is_alnum(text.ptr[i]) || (uint8_t)text.ptr[i] >= 0x80);
    if (n == 0 || cut || out->len + n > SEK_HOST_MAX)
        return false;
    if (ascii) {
        for (size_t k = 0; k < n; k++)
            out->text[out->len++] = (char)cps[k];
    } else if (!sek_punycode(cps, n, out->text, &out->len, SEK_HOST_MAX)) {
        return false;
    }
    out->marks |= ascii ? 0u : SEK_MARK_IDN;
    out->n_labels++;
    *at = i;
    return true;
}

bool sek_host_read(SekStr text, size_t at, SekHost *out) {
    *out = (SekHost){.end = at};
    if (sek_byte_at(text, at) == '[')
        return read_bracketed(text, at, out);
    size_t last_label = 0, i = at;
    while (read_label(text, &i, out)) {
        out->end = i;
        bool defanged = false;
        size_t dot = sek_dot_at(text, i, &defanged);
        if (dot == 0 || out->len >= SEK_HOST_MAX)
            break;
        /* A dot at the end of a sentence is no part of the host. */
        size_t after = i + dot, ignored = after;
        uint32_t cp = after < text.len ? sek_utf8_next(text, &ignored) : ' ';
        if (cp == '/' && dot == 1) { /* the name with the root's dot: it counts where a path follows */
            out->end = after;
            break;
        }
        if (cp == '.' || sek_ends_word(cp))
            break;
        out->marks |= defanged ? SEK_MARK_DEFANGED : 0u;
        out->text[out->len++] = '.';
        last_label = out->len;
        i = after;
    }
    if (out->len > 0 && out->text[out->len - 1] == '.') {
        out->len--; /* the label behind it was none */
        return false;
    }
    if (out->n_labels == 0 || out->text[0] == '-')
        return false;
    out->kind = SEK_HOST_NAME;
    if (sek_is_digit(out->text[last_label]))
        return read_ipv4(out) || !sek_is_digit(out->text[out->len - 1]);
    return true;
}
