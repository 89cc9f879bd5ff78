/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/texts.h"

#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

#define FIRST 256u /* texts and slots; both grow by doubling, so slots stay a power of two */

typedef struct Header {
    uint32_t hash, len;
} Header;

void sek_texts_init(SekTextTable *texts) {
    *texts = (SekTextTable){0};
    sek_arena_init(&texts->arena, 0);
}

void sek_texts_deinit(SekTextTable *texts) {
    sek_arena_deinit(&texts->arena);
    free(texts->items);
    free(texts->slots);
    *texts = (SekTextTable){0};
}

static Header header_of(const SekTextTable *texts, uint32_t number) {
    Header header;
    memcpy(&header, texts->items[number], sizeof header);
    return header;
}

SekStr sek_texts_get(const SekTextTable *texts, uint32_t number) {
    return sek_str_n(texts->items[number] + sizeof(Header), header_of(texts, number).len);
}

/* The slot of `text`, or the free one where it would go. The table is never full. */
static uint32_t *probe(const SekTextTable *texts, SekStr text, uint32_t hash) {
    uint32_t mask = texts->n_slots - 1;
    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &texts->slots[i];
        if (*slot == 0)
            return slot;
        if (header_of(texts, *slot - 1).hash == hash && sek_str_eq(sek_texts_get(texts, *slot - 1), text))
            return slot;
    }
}

SekStatus sek_texts_find(const SekTextTable *texts, SekStr text, uint32_t *out) {
    if (texts->n_slots == 0)
        return SEK_NOT_FOUND;
    uint32_t slot = *probe(texts, text, (uint32_t)sek_str_hash(text));
    if (slot == 0)
        return SEK_NOT_FOUND;
    *out = slot - 1;
    return SEK_OK;
}

static SekStatus grow_slots(SekTextTable *texts) {
    uint32_t n = texts->n_slots ? texts->n_slots * 2 : FIRST;
    uint32_t *slots = n > texts->n_slots ? calloc(n, sizeof *slots) : NULL;
    if (!slots)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < texts->n; i++) {
        uint32_t at = header_of(texts, i).hash & (n - 1);
        while (slots[at])
            at = (at + 1) & (n - 1);
        slots[at] = i + 1;
    }
    free(texts->slots);
    texts->slots = slots;
    texts->n_slots = n;
    return SEK_OK;
}

static SekStatus make_room(SekTextTable *texts) {
    if (sek_grow(&texts->items, &texts->cap, texts->n, sizeof *texts->items) != SEK_OK)
        return SEK_ERR_MEMORY;
    return (uint64_t)texts->n + 1 > texts->n_slots / 4 * 3 ? grow_slots(texts) : SEK_OK;
}

SekStatus sek_texts_add(SekTextTable *texts, SekStr text, uint32_t *out) {
    Header header = {(uint32_t)sek_str_hash(text), (uint32_t)text.len};
    if (text.len > UINT32_MAX / 2 || make_room(texts) != SEK_OK)
        return SEK_ERR_MEMORY;
    char *kept = sek_arena_alloc(&texts->arena, sizeof header + text.len);
    if (!kept)
        return SEK_ERR_MEMORY;
    memcpy(kept, &header, sizeof header);
    if (text.len)
        memcpy(kept + sizeof header, text.ptr, text.len);
    *probe(texts, text, header.hash) = texts->n + 1;
    texts->items[texts->n] = kept;
    *out = texts->n++;
    return SEK_OK;
}
