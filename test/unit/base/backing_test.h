/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A backing for tests: in memory, can refuse, and counts how often its rooms rest. */

#include "base/backing.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct Disk {
    uint64_t room;     /* bytes it has */
    bool refuse_write; /* room is given, but nothing can be written there */
    uint64_t resident; /* what it says is in memory */
    unsigned opened, closed, rested, written;
} Disk;

static SekStatus disk_open(const void *self, uint64_t len, SekRoom *out, SekError *err) {
    Disk *disk = (Disk *)(uintptr_t)self;
    if (len > disk->room)
        return sek_fail(err, SEK_ERR_IO, "disk is full");
    disk->room -= len;
    disk->opened++;
    *out = (SekRoom){.at = calloc(1, len), .len = len, .handle = (intptr_t)disk};
    return out->at ? SEK_OK : SEK_ERR_IO;
}

static SekStatus disk_write(const SekRoom *room, uint64_t offset, const void *bytes, size_t len, SekError *err) {
    Disk *disk = (Disk *)room->handle;
    if (disk->refuse_write || offset + len > room->len)
        return sek_fail(err, SEK_ERR_IO, "disk is broken");
    disk->written++;
    memcpy(room->at + offset, bytes, len);
    return SEK_OK;
}

static void disk_rest(const SekRoom *room) {
    ((Disk *)room->handle)->rested++;
}

static void disk_close(SekRoom *room) {
    ((Disk *)room->handle)->closed++;
    free(room->at);
    *room = (SekRoom){0};
}

static uint64_t disk_resident(const void *self) {
    return ((const Disk *)self)->resident;
}

static SekBacking disk_backing(Disk *disk) {
    return (SekBacking){disk, disk_open, disk_write, disk_rest, disk_close, disk_resident};
}
