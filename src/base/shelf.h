/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shelf: much memory of which little is in memory. Up to `window` bytes are plain memory; what is taken beyond it lies in
 * rooms of a backing (base/backing.h), of which again no more than `window` bytes are kept in memory at a time, as long as
 * whoever reads and writes there says sek_shelf_breathe now and then. Pointers stay good.
 *
 *   block   1 MiB that one thread fills and then closes; a thing in it goes by a number of 32 bits, from any thread
 *   piece   any number of bytes for one array
 *
 * A backing that refuses (a full disk, none at all) costs memory: things are in plain memory then, and `err` says why.
 * Threads may take, close and breathe at the same time. */

#include "base/backing.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#define SEK_SHELF_BLOCK (1u << 20)
#define SEK_SHELF_GRAIN 16u /* things in blocks begin at multiples of it */
#define SEK_SHELF_GRAINS (SEK_SHELF_BLOCK / SEK_SHELF_GRAIN)

/* Bytes of blocks, at most: all together, and in plain memory where there is no disk and no larger window. */
#define SEK_SHELF_BYTES ((uint64_t)4 << 30)
#define SEK_SHELF_MEMORY_BYTES ((uint64_t)256 << 20)

typedef struct SekShelfBlock {
    char *at; /* NULL = given back */
    uint32_t room; /* UINT32_MAX = plain memory */
} SekShelfBlock;

typedef struct SekShelfRoom {
    SekRoom room; /* at NULL = given back */
    bool plain;   /* it is plain memory */
} SekShelfRoom;

typedef struct SekShelf {
    const SekBacking *backing; /* borrowed; NULL = all is plain memory, and not bounded by the window */
    uint64_t window;
    uint64_t limit; /* bytes of plain memory above which there is no further block without a disk, unless the window is larger; tests have less */
    SekShelfBlock *blocks; /* an entry is its filler's until everybody has filled; the table stays where it is */
    pthread_mutex_t lock;  /* guards what follows */
    uint32_t n_blocks;
    char *spare; /* a block of plain memory */
    SekShelfRoom *rooms; /* of blocks and pieces, in memory and not */
    uint32_t n_rooms, cap_rooms;
    uint32_t filling, filled; /* the room that takes blocks, and how many it has; filling UINT32_MAX = none */
    uint64_t in_memory, on_disk; /* bytes */
    SekError err; /* why the backing took no more; code 0 = it was never so */
    _Atomic uint32_t has_rooms, breaths;
    _Atomic uint32_t stride; /* after so many breaths, a power of two, it is looked what is in memory */
    uint64_t others; /* bytes of files that are in memory when all rooms rest */
    uint64_t seen;   /* bytes of rooms that were in memory at the last look */
} SekShelf;

/* `window` 0: all in plain memory. */
void sek_shelf_init(SekShelf *shelf, uint64_t window, const SekBacking *backing);
void sek_shelf_deinit(SekShelf *shelf); /* with all that was taken */

/* A block to fill, 64-byte aligned. SEK_OK; SEK_ERR_LIMIT when there are as many as there may be; SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_shelf_block(SekShelf *shelf, uint32_t *out_number);
/* The filler has done with it: it may go to the disk, and is only read from now on. */
void sek_shelf_close_block(SekShelf *shelf, uint32_t number);
/* Puts these bytes, all of a block, in the place of a closed one's. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_shelf_replace(SekShelf *shelf, uint32_t number, const char *bytes);
/* Gives its memory back; what it takes on the disk waits for the shelf's end. */
void sek_shelf_drop(SekShelf *shelf, uint32_t number);

static inline char *sek_shelf_at(const SekShelf *shelf, uint32_t ref) {
    return shelf->blocks[ref / SEK_SHELF_GRAINS].at + (size_t)(ref % SEK_SHELF_GRAINS) * SEK_SHELF_GRAIN;
}

/* Room for one array of `n` things, not cleared; NULL when memory ran out. What is not used of it costs nothing but
 * place on the disk. Give it back with sek_shelf_give (accepts NULL). */
void *sek_shelf_take(SekShelf *shelf, uint64_t n, size_t size);
void sek_shelf_give(SekShelf *shelf, void *piece);

/* Keeps what is in memory of the rooms within the window: looks now and then how much it is, and lets go of all when it is
 * full. To be said once an item of a loop; cheap. sek_shelf_rest_when_due looks at once. */
void sek_shelf_rest_when_due(SekShelf *shelf);
static inline void sek_shelf_breathe(SekShelf *shelf) {
    if (atomic_load_explicit(&shelf->has_rooms, memory_order_relaxed) &&
        (atomic_fetch_add_explicit(&shelf->breaths, 1, memory_order_relaxed) &
         (atomic_load_explicit(&shelf->stride, memory_order_relaxed) - 1)) == 0)
        sek_shelf_rest_when_due(shelf);
}

/* Sorts an array that was taken here, in memory of its own for a part of the window; `cmp` as for qsort_r. The order of
 * things that are equal is not kept. The array may be another afterwards. SEK_OK or SEK_ERR_MEMORY. */
typedef int (*SekShelfOrder)(const void *a, const void *b, void *user);
typedef struct SekShelfSort {
    size_t size; /* of a thing */
    SekShelfOrder order;
    void *user;
} SekShelfSort;
SEK_MUST_USE SekStatus sek_shelf_sort(SekShelf *shelf, void **array, uint64_t n, const SekShelfSort *how);

/* Merging sorted runs: a heap of what comes next of each. */
typedef struct SekShelfRun {
    const char *at, *end;
} SekShelfRun;
typedef struct SekShelfMerge {
    SekShelfRun *runs; /* borrowed, changed */
    uint32_t n;
    SekShelfSort how;
} SekShelfMerge;
void sek_shelf_merge_begin(SekShelfMerge *merge);
/* The next thing, or NULL. */
const void *sek_shelf_merge_next(SekShelfMerge *merge);
