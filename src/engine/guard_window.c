/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/guard_window.h"

#include "base/bytes.h"
#include "base/pool.h"

#include <math.h>
#include <stdlib.h>

#define SHARE 2048u /* guards that a thread takes at once */

/* How many guards hold a window, about: windows that fall together are counted together. */
#define SHARED_LOG 16u
static uint32_t shared_slot(uint32_t gram) {
    return gram * 0x9e3779b1u >> (32 - SHARED_LOG);
}

static double window_rarity(const SekCostField *field, SekStr literal, uint32_t at, const uint16_t *shared) {
    uint32_t gram = sek_le32((const uint8_t *)literal.ptr + at);
    double bytes = 1;
    for (uint32_t i = 0; i < 4; i++)
        bytes *= sek_byte_counts[(uint8_t)literal.ptr[at + i]] / 1e4;
    /* First how often events hold it; of those that are not known to, the one that few guards share. */
    return sek_cost_window(field, gram) + shared[shared_slot(gram)] / 1e3 + bytes / 1e3;
}

static uint32_t rarest_window(const SekCostField *field, SekStr literal, const uint16_t *shared) {
    uint32_t best = 0;
    double least = INFINITY;
    for (uint32_t at = 0; at + 4 <= literal.len; at++) {
        double rarity = window_rarity(field, literal, at, shared);
        if (rarity < least) {
            least = rarity;
            best = at;
        }
    }
    return best;
}

typedef struct Windows {
    const SekRuleset *rules;
    const SekCostField *fields;
    SekGuard *guards;
    uint16_t *shared;    /* by slot: how many guards hold the window */
    const uint8_t *used;
} Windows;

static bool has_window(const Windows *w, uint32_t i) {
    return w->used[i] && w->guards[i].kind == SEK_GUARD_LITERAL && w->guards[i].literal.len >= 4;
}

static void choose_range(void *user, uint32_t from, uint32_t to) {
    const Windows *w = user;
    for (uint32_t i = from; i < to; i++) {
        SekGuard *guard = &w->guards[i];
        if (has_window(w, i))
            guard->window = rarest_window(&w->fields[w->rules->preds[guard->pred].field], guard->literal, w->shared);
    }
}

SekStatus sek_guard_windows(const SekRuleset *rules, const SekCostField *fields, SekGuard *guards, uint32_t n,
                            const uint8_t *used) {
    Windows w = {rules, fields, guards, calloc((size_t)1 << SHARED_LOG, sizeof *w.shared), used};
    if (!w.shared)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < n; i++) {
        SekStr literal = guards[i].literal;
        for (uint32_t at = 0; has_window(&w, i) && at + 4 <= literal.len; at++) {
            uint16_t *count = &w.shared[shared_slot(sek_le32((const uint8_t *)literal.ptr + at))];
            *count = (uint16_t)(*count + (*count < UINT16_MAX));
        }
    }
    sek_pool_ranges(n, SHARE, choose_range, &w);
    free(w.shared);
    return SEK_OK;
}
