/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/guard_cost.h"

#include "base/bytes.h"

#include <math.h>

#define RARE 300.0          /* guess for a window that was not seen: per million */
#define LEAST_SHARE 20000.0 /* what is less often in a field is not counted (tools/gram_table.py) */
#define RARE_VALUE 150.0
#define SHORT_COST 300000.0 /* literals under 4 bytes: found nearly everywhere, and searched one by one */
#define NUMBER_COST 60000.0
#define OTHER_NUMBER 5000.0 /* a number that a field with known numbers seldom has */

/* FNV-1a, 32 bits (draft-eastlake-fnv, section 5), over lower-case bytes. */
static uint32_t hash_more(uint32_t hash, SekStr text) {
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (uint8_t)sek_ascii_lower(text.ptr[i])) * 0x01000193u;
    return hash;
}

static uint32_t hash(SekStr text) {
    return hash_more(0x811c9dc5u, text);
}

static uint32_t hash_kind(const char *kind, SekStr field) {
    return hash_more(hash(sek_str(kind)), field);
}

/* The count, or -1 when there is none. */
static double look_up(uint32_t upper, uint32_t lower) {
    uint64_t key = (uint64_t)upper << 32 | lower;
    uint64_t at = key * 0x9e3779b97f4a7c15u >> (64 - SEK_SEEN_BITS);
    for (; sek_seen_counts[at].key; at = (at + 1) % SEK_SEEN_SLOTS)
        if (sek_seen_counts[at].key == key)
            return sek_seen_counts[at].million;
    return -1;
}

SekCostField sek_cost_field(SekStr name) {
    return (SekCostField){.windows = hash_kind("window ", name), .all = hash(SEK_STR("window *")), .values = hash_kind("value ", name),
                          .known = look_up(hash_kind("values ", name), 0) >= 0};
}

double sek_cost_window(const SekCostField *field, uint32_t gram) {
    double own = field->known ? look_up(field->windows, gram) : -1;
    if (own >= 0)
        return own;
    double all = fmax(RARE, look_up(field->all, gram));
    return field->known ? fmin(LEAST_SHARE, all) : all;
}

static double literal_cost(const SekCostField *field, SekStr s) {
    double least = INFINITY;
    for (size_t i = 0; i + 4 <= s.len; i++)
        least = fmin(least, sek_cost_window(field, sek_le32((const uint8_t *)s.ptr + i)));
    return least;
}

double sek_cost_guard(const SekCostField *field, const SekGuard *guard) {
    SekStr s = guard->literal;
    double value = field->known && guard->kind != SEK_GUARD_NONE ? look_up(field->values, hash(s)) : -1;
    switch (guard->kind) {
    case SEK_GUARD_NONE:
        return INFINITY;
    case SEK_GUARD_NUMBER:
        return value >= 0 ? value : field->known ? OTHER_NUMBER : NUMBER_COST;
    case SEK_GUARD_EQUAL:
        if (value >= 0 || field->known)
            return fmax(RARE_VALUE, value);
        return s.len < 4 ? NUMBER_COST : literal_cost(field, s) / 2;
    case SEK_GUARD_NAME:
        return s.len < 4 ? NUMBER_COST : literal_cost(field, s);
    default:
        return s.len < 4 ? SHORT_COST : literal_cost(field, s);
    }
}
