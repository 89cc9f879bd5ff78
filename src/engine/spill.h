/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Spill: where the engine puts what it cannot hold. Whoever runs the engine implements it (the engine
 * itself opens no file): unnamed temporary files in a scan, memory or a full disk in tests. */

#include "base/status.h"

typedef struct SekSpill {
    void *self;
    /* A new empty store in `*out`. SEK_OK, SEK_ERR_IO (reason in `err`), SEK_ERR_MEMORY. */
    SekStatus (*open)(void *self, void **out, SekError *err);
    /* Writes and reads all of `len` bytes at `offset`; from many threads at once, each at places of its
     * own. SEK_OK or SEK_ERR_IO. */
    SekStatus (*write)(void *store, uint64_t offset, const void *bytes, size_t len, SekError *err);
    SekStatus (*read)(void *store, uint64_t offset, void *out, size_t len, SekError *err);
    void (*close)(void *store);
} SekSpill;
