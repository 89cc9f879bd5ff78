/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/told.h"

#include <stdlib.h>

#define SLOTS 8192u /* a power of two */

/* A cache line. */
typedef struct Entry {
    uint64_t answer; /* 0: free */
    uint32_t variant;
    uint32_t n;
    SekMatchedPlace places[SEK_MATCHED_PLACES];
} Entry;
_Static_assert(sizeof(Entry) == 64, "a cache line");

struct SekTold {
    Entry *slots;
};

SekStatus sek_told_new(SekTold **out) {
    SekTold *told = calloc(1, sizeof *told);
    if (told)
        told->slots = calloc(SLOTS, sizeof *told->slots);
    if (!told || !told->slots) {
        sek_told_free(told);
        return SEK_ERR_MEMORY;
    }
    *out = told;
    return SEK_OK;
}

void sek_told_free(SekTold *told) {
    if (!told)
        return;
    free(told->slots);
    free(told);
}

static Entry *slot_of(const SekTold *told, uint64_t answer, uint32_t variant) {
    uint64_t hash = (answer ^ (uint64_t)variant << 40) * 0x9e3779b97f4a7c15u;
    return &told->slots[hash >> 32 & (SLOTS - 1)];
}

const SekMatchedPlace *sek_told_find(const SekTold *told, uint64_t answer, uint32_t variant, uint32_t *out_n) {
    const Entry *entry = slot_of(told, answer, variant);
    if (entry->answer != answer || entry->variant != variant)
        return NULL;
    *out_n = entry->n;
    return entry->places;
}

void sek_told_keep(SekTold *told, uint64_t answer, uint32_t variant, const SekMatchedPlace *places, uint32_t n) {
    Entry *entry = slot_of(told, answer, variant);
    *entry = (Entry){.answer = answer, .variant = variant, .n = n};
    for (uint32_t i = 0; i < n; i++)
        entry->places[i] = places[i];
}
