/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/stash.h"

#include "base/hash64.h"

#include <stdlib.h>

#define FIRST_SLOTS 64u
/* A walk through the slots ends after so many; a comparison of texts, which may have to be read, costs as much as
 * many slots. Texts that are not made to collide take a few. */
#define WALK_MAX 4096u
#define COMPARE_COST 256u
#define COMPARED_AT_ONCE 4096u
/* What a number costs beside the bytes, its slot and what is free among them included. */
#define TEXT_BYTES (sizeof(SekStashText) + 4 * sizeof(uint32_t))

void sek_stash_init(SekStash *s, size_t budget_bytes, uint64_t limit_bytes, const SekSpill *spill) {
    *s = (SekStash){.budget = budget_bytes, .limit = limit_bytes, .spill = spill};
}

void sek_stash_deinit(SekStash *s) {
    if (s->store)
        s->spill->close(s->store);
    free(s->window);
    free(s->texts);
    free(s->slots);
    *s = (SekStash){0};
}

/* --- putting ------------------------------------------------------------------------------------ */

static SekStatus write_out(SekStash *s, SekStr bytes) {
    SekStatus status = s->store ? SEK_OK : s->spill->open(s->spill->self, &s->store, &s->spill_err);
    if (status == SEK_OK)
        status = s->spill->write(s->store, s->written, bytes.ptr, bytes.len, &s->spill_err);
    if (status == SEK_OK)
        s->written += bytes.len;
    else
        s->spill_err.code = status;
    return status;
}

/* Makes room in the window: what is in it goes to the store, if that takes it. */
static void empty_window(SekStash *s, size_t wanted) {
    if (!s->spill || s->spill_err.code || wanted <= s->budget || s->len == 0)
        return;
    if (write_out(s, sek_str_n(s->window, s->len)) == SEK_OK)
        s->len = 0;
}

static SekStatus grow_window(SekStash *s, size_t wanted) {
    if (wanted <= s->cap)
        return SEK_OK;
    size_t cap = s->cap + s->cap / 2;
    if (cap < wanted)
        cap = wanted;
    char *grown = realloc(s->window, cap);
    if (!grown)
        return SEK_ERR_MEMORY;
    s->window = grown;
    s->cap = cap;
    return SEK_OK;
}

bool sek_stash_take(SekStash *s, size_t bytes) {
    if (s->limit - s->used < bytes)
        return false;
    s->used += bytes;
    return true;
}

SekStatus sek_stash_put(SekStash *s, SekStr bytes, uint64_t *out_at) {
    if (!sek_stash_take(s, bytes.len))
        return SEK_ERR_LIMIT;
    empty_window(s, s->len + bytes.len);
    *out_at = s->written + s->len;
    if (bytes.len == 0)
        return SEK_OK;
    if (s->spill && !s->spill_err.code && bytes.len > s->budget && write_out(s, bytes) == SEK_OK)
        return SEK_OK; /* too long for the window, which is empty */
    SekStatus status = grow_window(s, s->len + bytes.len);
    if (status != SEK_OK)
        return status;
    memcpy(s->window + s->len, bytes.ptr, bytes.len);
    s->len += bytes.len;
    return SEK_OK;
}

SekStatus sek_stash_read(const SekStash *s, uint64_t at, size_t len, void *out, SekError *err) {
    if (len == 0)
        return SEK_OK;
    if (at < s->written) /* nothing lies on both sides */
        return s->spill->read(s->store, at, out, len, err);
    memcpy(out, s->window + (at - s->written), len);
    return SEK_OK;
}

/* --- numbers ------------------------------------------------------------------------------------ */

/* SEK_OK when the text is `text`, SEK_NOT_FOUND when it is another, SEK_ERR_IO. */
static SekStatus compare(SekStash *s, const SekStashText *known, SekStr text) {
    char piece[COMPARED_AT_ONCE];
    if (known->at >= s->written)
        return memcmp(s->window + (known->at - s->written), text.ptr, text.len) == 0 ? SEK_OK : SEK_NOT_FOUND;
    for (size_t i = 0; i < text.len; i += sizeof piece) {
        size_t n = text.len - i < sizeof piece ? text.len - i : sizeof piece;
        SekStatus status = s->spill->read(s->store, known->at + i, piece, n, &s->err);
        if (status != SEK_OK)
            return status;
        if (memcmp(piece, text.ptr + i, n) != 0)
            return SEK_NOT_FOUND;
    }
    return SEK_OK;
}

/* The slot of the text, or the free one where its number goes. SEK_OK, SEK_NOT_FOUND; SEK_ERR_LIMIT, SEK_ERR_IO. */
static SekStatus find(SekStash *s, SekStr text, uint32_t hash, uint32_t *out_slot) {
    uint32_t slot = hash & (s->n_slots - 1);
    for (uint32_t cost = 0; cost < WALK_MAX; cost++, slot = (slot + 1) & (s->n_slots - 1)) {
        *out_slot = slot;
        if (s->slots[slot] == 0)
            return SEK_NOT_FOUND;
        const SekStashText *known = &s->texts[s->slots[slot] - 1];
        if (known->hash != hash || known->len != text.len)
            continue;
        SekStatus status = text.len ? compare(s, known, text) : SEK_OK;
        if (status != SEK_NOT_FOUND)
            return status;
        cost += COMPARE_COST;
    }
    return SEK_ERR_LIMIT;
}

static SekStatus grow_slots(SekStash *s) {
    uint32_t n = s->n_slots ? s->n_slots * 2 : FIRST_SLOTS;
    uint32_t *slots = n ? calloc(n, sizeof *slots) : NULL;
    if (!slots)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < s->n_texts; i++) {
        uint32_t slot = s->texts[i].hash & (n - 1);
        while (slots[slot])
            slot = (slot + 1) & (n - 1);
        slots[slot] = i + 1;
    }
    free(s->slots);
    s->slots = slots;
    s->n_slots = n;
    return SEK_OK;
}

static SekStatus make_room(SekStash *s) {
    if (s->n_texts >= s->n_slots / 2) {
        SekStatus status = grow_slots(s);
        if (status != SEK_OK)
            return status;
    }
    if (s->n_texts < s->cap_texts)
        return SEK_OK;
    uint32_t cap = s->cap_texts ? s->cap_texts + s->cap_texts / 2 : FIRST_SLOTS;
    SekStashText *grown = cap > s->cap_texts ? realloc(s->texts, cap * sizeof *grown) : NULL;
    if (!grown)
        return SEK_ERR_MEMORY;
    s->texts = grown;
    s->cap_texts = cap;
    return SEK_OK;
}

SekStatus sek_stash_number(SekStash *s, SekStr text, uint32_t *out_number) {
    uint32_t hash = (uint32_t)sek_hash64(text.ptr, text.len), slot = 0;
    if (text.len > UINT32_MAX)
        return SEK_ERR_LIMIT;
    SekStatus status = make_room(s);
    if (status == SEK_OK)
        status = find(s, text, hash, &slot);
    if (status == SEK_OK)
        *out_number = s->slots[slot] - 1;
    if (status != SEK_NOT_FOUND)
        return status;
    if (!sek_stash_take(s, TEXT_BYTES))
        return SEK_ERR_LIMIT;
    SekStashText put = {.len = (uint32_t)text.len, .hash = hash};
    status = sek_stash_put(s, text, &put.at);
    if (status != SEK_OK)
        return status;
    *out_number = s->n_texts;
    s->texts[s->n_texts++] = put;
    s->slots[slot] = s->n_texts;
    return SEK_OK;
}

void sek_stash_close(SekStash *s) {
    free(s->slots);
    s->slots = NULL;
    s->n_slots = 0;
}
