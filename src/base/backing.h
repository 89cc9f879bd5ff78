/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Backing: memory that need not stay in memory. A room is bytes of a file without a name that are seen in memory; its
 * pages can be let go of at any time, and come again when they are asked for. Whoever runs a scan passes one in
 * (rooms beside the engine open no file); backing_posix.c makes one of a folder, tests have others. */

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct SekRoom {
    char *at; /* NULL = none */
    uint64_t len;
    intptr_t handle; /* the backing's own */
} SekRoom;

typedef struct SekBacking {
    const void *self;
    /* A room of `len` bytes, all zero, to read and write. All of it has its place on the disk, so that no later write in
     * memory can fail for want of it. SEK_OK, or SEK_ERR_IO with the reason in `err`. */
    SekStatus (*open)(const void *self, uint64_t len, SekRoom *out, SekError *err);
    /* Writes `len` bytes at `offset` without making pages of memory for them. SEK_OK or SEK_ERR_IO. */
    SekStatus (*write)(const SekRoom *room, uint64_t offset, const void *bytes, size_t len, SekError *err);
    /* Lets go of the pages that are in memory. What is in them stays, and every pointer into them. */
    void (*rest)(const SekRoom *room);
    void (*close)(SekRoom *room);
    /* Bytes of files that are in the memory of the process, of rooms and of others. */
    uint64_t (*resident)(const void *self);
} SekBacking;

/* Files without names in `folder`, which is borrowed. */
SekBacking sek_backing_folder(const char *folder);
