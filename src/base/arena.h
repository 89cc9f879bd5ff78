/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Arena: memory with one lifetime. Things are taken and never given back singly; reset drops all at
 * once and keeps the blocks, so a worker that resets per record or chunk stops allocating after
 * warm-up. Not shared between threads. */

#include "base/status.h"
#include "base/str.h"

typedef struct SekArenaBlock SekArenaBlock;

typedef struct SekArena {
    SekArenaBlock *head;    /* block in use; older blocks hang behind it */
    SekArenaBlock *spare;   /* blocks kept by reset, at most some MB */
    size_t spare_bytes;
    size_t used;            /* bytes taken since init or reset, all blocks */
    size_t limit;           /* most that `used` may reach; 0 = no limit */
    bool refused;           /* the limit was reached since init or reset */
} SekArena;

/* `limit_bytes`: a cap on what hostile input can make us hold; 0 for none. */
void sek_arena_init(SekArena *arena, size_t limit_bytes);
void sek_arena_deinit(SekArena *arena);

/* Forgets everything taken. Under AddressSanitizer the old memory is poisoned. */
void sek_arena_forget(SekArena *arena);
static inline void sek_arena_reset(SekArena *arena) {
    if (arena->head || arena->refused) /* most records take nothing */
        sek_arena_forget(arena);
}

/* `size` bytes aligned to 16, not zeroed; NULL when memory or the limit is reached. */
void *sek_arena_alloc(SekArena *arena, size_t size);
/* The same, zeroed, for `n` items of `size` bytes; NULL also when n * size overflows. */
void *sek_arena_calloc(SekArena *arena, size_t n, size_t size);

/* Why an allocation failed: SEK_ERR_LIMIT when the limit refused one, else SEK_ERR_MEMORY. */
SekStatus sek_arena_why(const SekArena *arena);

/* Everything that was taken from `from` belongs to `to` afterwards and stays where it is; `from` is empty. */
void sek_arena_adopt(SekArena *to, SekArena *from);

/* Copies `s` and adds a NUL behind it (not counted in len). ptr is NULL on failure. */
SekStr sek_arena_dup(SekArena *arena, SekStr s);

/* All that was taken, as one piece of `arena->used` bytes: writes it to `out`, and tells where in it
 * stands what is now at `at`. SEK_OK, or SEK_NOT_FOUND for what is not of this arena. */
void sek_arena_flatten(const SekArena *arena, void *out);
SEK_MUST_USE SekStatus sek_arena_place(const SekArena *arena, const void *at, size_t *out_place);

#define SEK_ARENA_NEW(arena, type) ((type *)sek_arena_calloc((arena), 1, sizeof(type)))
#define SEK_ARENA_ARRAY(arena, type, n) ((type *)sek_arena_calloc((arena), (n), sizeof(type)))
