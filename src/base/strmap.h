/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Map from strings to 32-bit numbers: open addressing, insert and look up only.
 * Keys are borrowed (keep them in an arena that outlives the map). */

#include "base/status.h"
#include "base/str.h"

typedef struct SekStrMapSlot {
    SekStr key; /* ptr NULL = free slot */
    uint32_t hash;
    uint32_t value;
} SekStrMapSlot;

typedef struct SekStrMap {
    SekStrMapSlot *slots;
    uint32_t n_slots; /* power of two, or 0 */
    uint32_t n_used;
    bool nocase; /* keys equal but for ASCII case are the same key */
} SekStrMap;

void sek_strmap_init(SekStrMap *map, bool nocase);
void sek_strmap_deinit(SekStrMap *map);

/* SEK_OK and `*out_value`, or SEK_NOT_FOUND. */
SekStatus sek_strmap_get(const SekStrMap *map, SekStr key, uint32_t *out_value);

/* Sets or replaces. SEK_OK or SEK_ERR_MEMORY. */
SekStatus sek_strmap_set(SekStrMap *map, SekStr key, uint32_t value);
