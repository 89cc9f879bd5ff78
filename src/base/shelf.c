/* SPDX-License-Identifier: Apache-2.0 */
#include "base/shelf.h"

#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

#define MAX_BLOCKS ((uint32_t)(SEK_SHELF_BYTES / SEK_SHELF_BLOCK))
#define ROOM_BLOCKS 16u /* that a room takes */
#define PLAIN UINT32_MAX
#define LEAST_STRIDE 16u
#define MOST_STRIDE 1024u
#define LEAST_RESIDENT (512u << 10) /* of the rooms, however small the window: less is all work and no gain */
#define NO_ROOM UINT32_MAX

void sek_shelf_init(SekShelf *s, uint64_t window, const SekBacking *backing) {
    *s = (SekShelf){.backing = window ? backing : NULL, .window = window, .limit = SEK_SHELF_MEMORY_BYTES,
                    .filling = NO_ROOM, .stride = LEAST_STRIDE};
    pthread_mutex_init(&s->lock, NULL);
}

static void close_room(SekShelf *s, uint32_t i) {
    SekShelfRoom *its = &s->rooms[i];
    if (its->plain)
        free(its->room.at);
    else if (its->room.at)
        s->backing->close(&its->room);
    *its = (SekShelfRoom){0};
}

void sek_shelf_deinit(SekShelf *s) {
    for (uint32_t i = 0; i < s->n_blocks; i++)
        sek_shelf_drop(s, i);
    for (uint32_t i = 0; i < s->n_rooms; i++)
        close_room(s, i);
    free(s->blocks);
    free(s->spare);
    free(s->rooms);
    pthread_mutex_destroy(&s->lock);
    *s = (SekShelf){0};
}

/* True while the backing takes more: what is beyond the window goes there. */
static bool takes_more(const SekShelf *s) {
    return s->backing && !s->err.code;
}

static void refuse(SekShelf *s, const SekError *err) {
    s->err = *err;
    s->err.code = SEK_ERR_IO;
}

/* --- rooms ------------------------------------------------------------------------------------ */

/* A free place in the list of rooms. */
static SekStatus new_room(SekShelf *s, uint32_t *out) {
    for (*out = 0; *out < s->n_rooms; ++*out)
        if (!s->rooms[*out].room.at)
            return SEK_OK;
    SekStatus status = sek_grow(&s->rooms, &s->cap_rooms, s->n_rooms, sizeof *s->rooms);
    if (status == SEK_OK)
        s->rooms[s->n_rooms++] = (SekShelfRoom){0};
    return status;
}

/* A room of the backing; SEK_ERR_IO when it has none, and then it is not asked again. */
static SekStatus open_room(SekShelf *s, uint64_t len, uint32_t *out) {
    SekError err = {0};
    SekStatus status = new_room(s, out);
    if (status != SEK_OK)
        return status;
    status = s->backing->open(s->backing->self, len, &s->rooms[*out].room, &err);
    if (status != SEK_OK) {
        s->rooms[*out] = (SekShelfRoom){0};
        refuse(s, &err);
        return SEK_ERR_IO;
    }
    s->on_disk += len;
    if (!s->has_rooms)
        s->others = s->backing->resident(s->backing->self);
    atomic_store_explicit(&s->has_rooms, 1, memory_order_relaxed);
    return SEK_OK;
}

static void rest(SekShelf *s) {
    for (uint32_t i = 0; i < s->n_rooms; i++)
        if (s->rooms[i].room.at && !s->rooms[i].plain)
            s->backing->rest(&s->rooms[i].room);
    s->others = s->backing->resident(s->backing->self);
}

/* Looks are so far apart that about a sixteenth of the window comes in between. */
static void set_stride(SekShelf *s, uint64_t came) {
    uint32_t stride = s->stride;
    if (came > s->window / 8 && stride > LEAST_STRIDE)
        stride /= 2;
    else if (came < s->window / 32 && stride < MOST_STRIDE)
        stride *= 2;
    atomic_store_explicit(&s->stride, stride, memory_order_relaxed);
}

void sek_shelf_rest_when_due(SekShelf *s) {
    if (!s->has_rooms || pthread_mutex_trylock(&s->lock) != 0)
        return;
    uint64_t now = s->backing->resident(s->backing->self), its = now > s->others ? now - s->others : 0;
    set_stride(s, its > s->seen ? its - s->seen : 0);
    s->seen = its;
    if (its >= (s->window > LEAST_RESIDENT ? s->window / 8 * 7 : LEAST_RESIDENT)) {
        rest(s);
        s->seen = 0;
    }
    pthread_mutex_unlock(&s->lock);
}

/* --- blocks ----------------------------------------------------------------------------------- */

static char *block_memory(SekShelf *s) {
    char *at = s->spare ? s->spare : aligned_alloc(64, SEK_SHELF_BLOCK);
    s->spare = NULL;
    s->in_memory += at ? SEK_SHELF_BLOCK : 0;
    return at;
}

static void give_memory(SekShelf *s, char *at) {
    s->in_memory -= SEK_SHELF_BLOCK;
    if (s->spare)
        free(at);
    else
        s->spare = at;
}

/* Where there is a disk, what lies in memory is no reason: it goes there when the window is full, however large that is, and
 * beside it there are the blocks that are being filled, some for each thread. */
static bool is_full(const SekShelf *s) {
    uint64_t most = s->limit > s->window ? s->limit : s->window;
    return s->n_blocks == MAX_BLOCKS || (!takes_more(s) && s->in_memory + SEK_SHELF_BLOCK > most);
}

static SekStatus add_block(SekShelf *s, uint32_t *out) {
    if (!s->blocks)
        s->blocks = malloc(MAX_BLOCKS * sizeof *s->blocks);
    if (!s->blocks)
        return SEK_ERR_MEMORY;
    if (is_full(s))
        return SEK_ERR_LIMIT;
    char *at = block_memory(s);
    if (!at)
        return SEK_ERR_MEMORY;
    *out = s->n_blocks++;
    s->blocks[*out] = (SekShelfBlock){at, PLAIN};
    return SEK_OK;
}

SekStatus sek_shelf_block(SekShelf *s, uint32_t *out_number) {
    pthread_mutex_lock(&s->lock);
    SekStatus status = add_block(s, out_number);
    pthread_mutex_unlock(&s->lock);
    return status;
}

/* Where on the disk a block may go. */
static bool find_place(SekShelf *s, SekRoom *out_room, uint32_t *out_number, uint64_t *out_offset) {
    if (!takes_more(s) || s->in_memory <= s->window)
        return false;
    if (s->filling == NO_ROOM || s->filled == ROOM_BLOCKS) {
        s->filling = NO_ROOM;
        uint32_t number;
        if (open_room(s, (uint64_t)ROOM_BLOCKS * SEK_SHELF_BLOCK, &number) != SEK_OK)
            return false;
        s->filling = number;
        s->filled = 0;
    }
    *out_number = s->filling;
    *out_room = s->rooms[s->filling].room;
    *out_offset = (uint64_t)s->filled++ * SEK_SHELF_BLOCK;
    return true;
}

void sek_shelf_close_block(SekShelf *s, uint32_t number) {
    SekShelfBlock *block = &s->blocks[number];
    SekRoom room;
    SekError err = {0};
    uint32_t its;
    uint64_t offset;
    pthread_mutex_lock(&s->lock);
    bool goes = find_place(s, &room, &its, &offset);
    pthread_mutex_unlock(&s->lock);
    if (!goes)
        return;
    SekStatus status = s->backing->write(&room, offset, block->at, SEK_SHELF_BLOCK, &err);
    pthread_mutex_lock(&s->lock);
    if (status == SEK_OK) {
        give_memory(s, block->at);
        *block = (SekShelfBlock){room.at + offset, its};
    } else {
        refuse(s, &err);
    }
    pthread_mutex_unlock(&s->lock);
}

SekStatus sek_shelf_replace(SekShelf *s, uint32_t number, const char *bytes) {
    SekShelfBlock *block = &s->blocks[number];
    if (block->room == PLAIN) {
        memcpy(block->at, bytes, SEK_SHELF_BLOCK);
        return SEK_OK;
    }
    pthread_mutex_lock(&s->lock);
    SekRoom room = s->rooms[block->room].room;
    pthread_mutex_unlock(&s->lock);
    SekError err = {0};
    if (s->backing->write(&room, (uint64_t)(block->at - room.at), bytes, SEK_SHELF_BLOCK, &err) == SEK_OK)
        return SEK_OK;
    pthread_mutex_lock(&s->lock);
    refuse(s, &err);
    char *at = block_memory(s);
    pthread_mutex_unlock(&s->lock);
    if (!at)
        return SEK_ERR_MEMORY;
    memcpy(at, bytes, SEK_SHELF_BLOCK);
    *block = (SekShelfBlock){at, PLAIN};
    return SEK_OK;
}

void sek_shelf_drop(SekShelf *s, uint32_t number) {
    pthread_mutex_lock(&s->lock);
    if (s->blocks[number].at && s->blocks[number].room == PLAIN) {
        free(s->blocks[number].at);
        s->in_memory -= SEK_SHELF_BLOCK;
    }
    s->blocks[number] = (SekShelfBlock){NULL, PLAIN};
    pthread_mutex_unlock(&s->lock);
}

/* --- pieces ----------------------------------------------------------------------------------- */

static void *take(SekShelf *s, uint64_t len) {
    uint32_t i;
    if (takes_more(s) && s->in_memory + len > s->window && open_room(s, len, &i) == SEK_OK)
        return s->rooms[i].room.at;
    if (new_room(s, &i) != SEK_OK)
        return NULL;
    s->rooms[i] = (SekShelfRoom){{.at = malloc(len), .len = len}, true};
    s->in_memory += s->rooms[i].room.at ? len : 0;
    return s->rooms[i].room.at;
}

void *sek_shelf_take(SekShelf *s, uint64_t n, size_t size) {
    if (n >= SIZE_MAX / size - 1)
        return NULL;
    pthread_mutex_lock(&s->lock);
    void *at = take(s, (n + 1) * size);
    pthread_mutex_unlock(&s->lock);
    return at;
}

void sek_shelf_give(SekShelf *s, void *piece) {
    if (!piece)
        return;
    pthread_mutex_lock(&s->lock);
    for (uint32_t i = 0; i < s->n_rooms; i++)
        if (s->rooms[i].room.at == piece) {
            s->in_memory -= s->rooms[i].plain ? s->rooms[i].room.len : 0;
            close_room(s, i);
            break;
        }
    pthread_mutex_unlock(&s->lock);
}
