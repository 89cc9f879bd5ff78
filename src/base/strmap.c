/* SPDX-License-Identifier: Apache-2.0 */
#include "base/strmap.h"

#include "base/hash64.h"

#include <stdlib.h>

#define FIRST_SLOTS 16u
#define LONG_KEY 128u /* bytes */

void sek_strmap_init(SekStrMap *map, bool nocase) {
    *map = (SekStrMap){.nocase = nocase};
}

void sek_strmap_deinit(SekStrMap *map) {
    free(map->slots);
    *map = (SekStrMap){.nocase = map->nocase};
}

/* Long keys, which are whole scripts, by four lanes at once. */
static uint32_t hash_of(const SekStrMap *map, SekStr key) {
    if (!map->nocase && key.len >= LONG_KEY)
        return (uint32_t)sek_hash64(key.ptr, key.len);
    return (uint32_t)(map->nocase ? sek_str_hash_nocase(key) : sek_str_hash(key));
}

/* The slot of `key`, or the free slot where it would go. The table is never full. */
static SekStrMapSlot *probe(const SekStrMap *map, SekStr key, uint32_t hash) {
    uint32_t mask = map->n_slots - 1;
    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        SekStrMapSlot *slot = &map->slots[i];
        if (!slot->key.ptr)
            return slot;
        if (slot->hash != hash)
            continue;
        if (map->nocase ? sek_str_eq_nocase(slot->key, key) : sek_str_eq(slot->key, key))
            return slot;
    }
}

SekStatus sek_strmap_get(const SekStrMap *map, SekStr key, uint32_t *out_value) {
    if (map->n_slots == 0)
        return SEK_NOT_FOUND;
    const SekStrMapSlot *slot = probe(map, key, hash_of(map, key));
    if (!slot->key.ptr)
        return SEK_NOT_FOUND;
    *out_value = slot->value;
    return SEK_OK;
}

static SekStatus grow(SekStrMap *map) {
    SekStrMap bigger = {.n_slots = map->n_slots ? map->n_slots * 2 : FIRST_SLOTS,
                        .n_used = map->n_used,
                        .nocase = map->nocase};
    bigger.slots = calloc(bigger.n_slots, sizeof *bigger.slots);
    if (!bigger.slots)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < map->n_slots; i++)
        if (map->slots[i].key.ptr)
            *probe(&bigger, map->slots[i].key, map->slots[i].hash) = map->slots[i];
    free(map->slots);
    *map = bigger;
    return SEK_OK;
}

SekStatus sek_strmap_set(SekStrMap *map, SekStr key, uint32_t value) {
    if ((map->n_used + 1) * 4 > map->n_slots * 3 && grow(map) != SEK_OK)
        return SEK_ERR_MEMORY;
    uint32_t hash = hash_of(map, key);
    SekStrMapSlot *slot = probe(map, key, hash);
    if (!slot->key.ptr) {
        map->n_used++;
        *slot = (SekStrMapSlot){.key = {key.len ? key.ptr : "", key.len}, .hash = hash};
    }
    slot->value = value;
    return SEK_OK;
}
