/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A store for tests of what the engine writes out. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "engine/spill.h"

/* A store in memory that can refuse. */
typedef struct Store {
    SekBuf bytes;
    size_t room;      /* bytes it takes */
    bool refuse_open, lose; /* lose: what was written is not there when it is read */
    unsigned opened, closed;
} Store;

static SekStatus store_open(void *self, void **out, SekError *err) {
    Store *store = self;
    if (store->refuse_open)
        return sek_fail(err, SEK_ERR_IO, "no store today");
    store->opened++;
    *out = store;
    return SEK_OK;
}

static SekStatus store_write(void *self, uint64_t offset, const void *bytes, size_t len, SekError *err) {
    Store *store = self;
    size_t end = (size_t)offset + len;
    if (end > store->room)
        return sek_fail(err, SEK_ERR_IO, "store is full");
    if (end > store->bytes.len) {
        char *at = sek_buf_reserve(&store->bytes, end - store->bytes.len);
        assert_non_null(at);
        memset(at, 0, end - store->bytes.len);
        sek_buf_advance(&store->bytes, end - store->bytes.len);
    }
    memcpy(store->bytes.data + offset, bytes, len);
    return SEK_OK;
}

static SekStatus store_read(void *self, uint64_t offset, void *out, size_t len, SekError *err) {
    const Store *store = self;
    if (store->lose || offset + len > store->bytes.len)
        return sek_fail(err, SEK_ERR_IO, "store has forgotten");
    memcpy(out, store->bytes.data + offset, len);
    return SEK_OK;
}

static void store_close(void *self) {
    ((Store *)self)->closed++;
}

static SekSpill store_spill(Store *store) {
    return (SekSpill){store, store_open, store_write, store_read, store_close};
}
