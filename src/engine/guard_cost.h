/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a guard costs: how often events are expected to hit it, from counts of public sample logs
 * (data/grams.tsv). A wrong guess costs speed only. */

#include "engine/guard.h"

#define SEK_SEEN_BITS 15u /* as in tools/gen_grams.py */
#define SEK_SEEN_SLOTS (1u << SEK_SEEN_BITS)

/* A window or whole value of a field: a hash table with open addressing, key 0 = free. */
typedef struct SekSeenCount {
    uint64_t key;
    uint32_t million; /* of a million values of the field, those that have it */
} SekSeenCount;
extern const SekSeenCount sek_seen_counts[SEK_SEEN_SLOTS];

/* How often each byte stands in values, of 10,000 or so; at least 1. */
extern const uint16_t sek_byte_counts[256];

/* A field's name, ready for looking up. */
typedef struct SekCostField {
    uint32_t windows, values; /* hashes */
    uint32_t all;             /* hash of the windows of all fields together */
    bool known;               /* the field has counts of its own */
} SekCostField;

SekCostField sek_cost_field(SekStr name);

/* Values per million of the field that hold these 4 folded bytes. */
double sek_cost_window(const SekCostField *field, uint32_t gram);

/* Values per million of the field that hit the guard; INFINITY for none. */
double sek_cost_guard(const SekCostField *field, const SekGuard *guard);
