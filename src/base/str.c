/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memmem */
#include "base/str.h"

#include <limits.h>

bool sek_str_eq_nocase(SekStr a, SekStr b) {
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (sek_ascii_lower(a.ptr[i]) != sek_ascii_lower(b.ptr[i]))
            return false;
    return true;
}

int sek_str_cmp(SekStr a, SekStr b) {
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.ptr, b.ptr, n) : 0;
    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

bool sek_str_starts(SekStr s, SekStr prefix) {
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

bool sek_str_ends(SekStr s, SekStr suffix) {
    return s.len >= suffix.len &&
           (suffix.len == 0 || memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

ptrdiff_t sek_str_find(SekStr hay, SekStr needle) {
    if (needle.len == 0)
        return 0;
    if (hay.len < needle.len)
        return -1;
    const char *at = memmem(hay.ptr, hay.len, needle.ptr, needle.len);
    return at ? at - hay.ptr : -1;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

SekStr sek_str_trim(SekStr s) {
    while (s.len && is_blank(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

/* FNV-1a, 64 bits: offset basis and prime from draft-eastlake-fnv, section 5. */
#define FNV_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

static uint64_t mix(uint64_t h) {
    h ^= h >> 32;
    h *= 0x9e3779b97f4a7c15u; /* 2^64 / golden ratio: spreads the low entropy of short keys */
    return h ^ (h >> 29);
}

/* Eight bytes a step; the last step takes what is left, with the length. */
uint64_t sek_str_hash(SekStr s) {
    uint64_t h = FNV_BASIS;
    size_t i = 0;
    for (; i + 8 <= s.len; i += 8) {
        uint64_t word;
        memcpy(&word, s.ptr + i, 8);
        h = (h ^ word) * FNV_PRIME;
        h ^= h >> 29; /* upper bits reach the lower ones */
    }
    uint64_t rest = (uint64_t)s.len << 56;
    for (unsigned shift = 0; i < s.len; i++, shift += 8)
        rest ^= (uint64_t)(uint8_t)s.ptr[i] << shift;
    return mix((h ^ rest) * FNV_PRIME);
}

uint64_t sek_str_hash_nocase(SekStr s) {
    uint64_t h = FNV_BASIS;
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (uint8_t)sek_ascii_lower(s.ptr[i])) * FNV_PRIME;
    return mix(h);
}

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

unsigned sek_str_distance(SekStr a, SekStr b) {
    unsigned row[SEK_STR_DISTANCE_MAX + 1];
    if (a.len > SEK_STR_DISTANCE_MAX || b.len > SEK_STR_DISTANCE_MAX)
        return UINT_MAX;
    for (unsigned j = 0; j <= b.len; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned corner = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            bool same = sek_ascii_lower(a.ptr[i - 1]) == sek_ascii_lower(b.ptr[j - 1]);
            unsigned next = least(least(row[j], row[j - 1]) + 1, corner + !same);
            corner = row[j];
            row[j] = next;
        }
    }
    return row[b.len];
}
