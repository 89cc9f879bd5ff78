/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "base/asan.h"

#include <stdlib.h>

#define ALIGN 16u
#define SPARE_MAX (2u * 1024u * 1024u) /* kept by reset: one large record must not cost its memory for good */
#define BLOCK_MIN (32u * 1024u) /* small enough for many arenas, large enough to be rare */

struct SekArenaBlock {
    SekArenaBlock *next;
    size_t size; /* bytes of data */
    size_t used;
    size_t pad; /* keeps data 16-aligned */
    unsigned char data[];
};

void sek_arena_init(SekArena *arena, size_t limit_bytes) {
    *arena = (SekArena){.limit = limit_bytes};
}

static void free_blocks(SekArenaBlock *block) {
    while (block) {
        SekArenaBlock *next = block->next;
        SEK_ASAN_UNPOISON(block->data, block->size);
        free(block);
        block = next;
    }
}

void sek_arena_deinit(SekArena *arena) {
    free_blocks(arena->head);
    free_blocks(arena->spare);
    *arena = (SekArena){0};
}

void sek_arena_forget(SekArena *arena) {
    while (arena->head) {
        SekArenaBlock *block = arena->head;
        arena->head = block->next;
        SEK_ASAN_POISON(block->data, block->size);
        block->used = 0;
        if (block->size > SPARE_MAX - arena->spare_bytes) {
            SEK_ASAN_UNPOISON(block->data, block->size);
            free(block);
            continue;
        }
        block->next = arena->spare;
        arena->spare = block;
        arena->spare_bytes += block->size;
    }
    arena->used = 0;
    arena->refused = false;
}

void sek_arena_adopt(SekArena *to, SekArena *from) {
    SekArenaBlock **end = to->head ? &to->head->next : &to->head; /* the block in use stays in front */
    SekArenaBlock *rest = *end;
    *end = from->head;
    while (*end)
        end = &(*end)->next;
    *end = rest;
    to->used += from->used;
    free_blocks(from->spare);
    *from = (SekArena){0};
}

SekStatus sek_arena_why(const SekArena *arena) {
    return arena->refused ? SEK_ERR_LIMIT : SEK_ERR_MEMORY;
}

static SekArenaBlock *take_spare(SekArena *arena, size_t need) {
    for (SekArenaBlock **at = &arena->spare; *at; at = &(*at)->next) {
        if ((*at)->size < need)
            continue;
        SekArenaBlock *block = *at;
        *at = block->next;
        arena->spare_bytes -= block->size;
        return block;
    }
    return NULL;
}

static SekArenaBlock *new_block(SekArena *arena, size_t need) {
    SekArenaBlock *block = take_spare(arena, need);
    if (!block) {
        size_t grown = arena->head ? arena->head->size * 2 : BLOCK_MIN;
        if (grown > 4u * 1024u * 1024u)
            grown = 4u * 1024u * 1024u;
        size_t size = need > grown ? need : grown;
        block = malloc(sizeof *block + size);
        if (!block)
            return NULL;
        block->size = size;
        block->used = 0;
        SEK_ASAN_POISON(block->data, block->size);
    }
    block->next = arena->head;
    arena->head = block;
    return block;
}

void *sek_arena_alloc(SekArena *arena, size_t size) {
    if (size > SIZE_MAX - 2 * ALIGN)
        return NULL;
    size_t need = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (need == 0)
        need = ALIGN;
    if (arena->limit && need > arena->limit - (arena->used < arena->limit ? arena->used : arena->limit)) {
        arena->refused = true;
        return NULL;
    }
    SekArenaBlock *block = arena->head;
    if (!block || block->size - block->used < need) {
        block = new_block(arena, need);
        if (!block)
            return NULL;
    }
    void *at = block->data + block->used;
    block->used += need;
    arena->used += need;
    SEK_ASAN_UNPOISON(at, size);
    return at;
}

void *sek_arena_calloc(SekArena *arena, size_t n, size_t size) {
    if (size && n > SIZE_MAX / size)
        return NULL;
    void *at = sek_arena_alloc(arena, n * size);
    if (at)
        memset(at, 0, n * size);
    return at;
}

SekStr sek_arena_dup(SekArena *arena, SekStr s) {
    char *copy = sek_arena_alloc(arena, s.len + 1);
    if (!copy)
        return (SekStr){NULL, 0};
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return (SekStr){copy, s.len};
}

void sek_arena_flatten(const SekArena *arena, void *out) {
    unsigned char *to = out;
    for (SekArenaBlock *block = arena->head; block; block = block->next) {
        SEK_ASAN_UNPOISON(block->data, block->used); /* the gaps behind odd sizes too */
        memcpy(to, block->data, block->used);
        to += block->used;
    }
}

SekStatus sek_arena_place(const SekArena *arena, const void *at, size_t *out_place) {
    size_t before = 0;
    for (const SekArenaBlock *block = arena->head; block; block = block->next) {
        uintptr_t start = (uintptr_t)block->data;
        if ((uintptr_t)at >= start && (uintptr_t)at - start < block->used) {
            *out_place = before + ((uintptr_t)at - start);
            return SEK_OK;
        }
        before += block->used;
    }
    return SEK_NOT_FOUND;
}
