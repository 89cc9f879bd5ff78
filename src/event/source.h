/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Source: where units of work come from. A unit is a run of whole chunks of one file; the worker that
 * takes it parses it, so the runner makes threads busy without knowing a file or a format. */

#include "event/ledger.h"

#define SEK_UNIT_CHUNKS 16u /* 1 MiB: long enough to make a read cheap, short enough to share out */
#define SEK_UNIT_BYTES (SEK_UNIT_CHUNKS * SEK_EVTX_CHUNK_SIZE)

typedef struct SekUnit {
    uint32_t file;        /* index in the ledger */
    uint64_t offset;      /* of `bytes` in the file */
    size_t len;           /* bytes of evidence in `bytes`; the rest of the last chunk is zero */
    uint8_t *bytes;       /* the worker's own, SEK_UNIT_BYTES */
    bool loaded;          /* `bytes` is filled already (streams); else load() fills it */
    void *handle;         /* the source's own */
} SekUnit;

typedef struct SekSource {
    void *self;
    /* Takes the next unit into `unit` (whose `bytes` is the caller's buffer). Never called by two
     * threads at once. SEK_OK, SEK_END, or a fatal status. Unreadable files are entered in the ledger
     * and passed over. */
    SekStatus (*next)(void *self, SekUnit *unit, SekError *err);
    /* Fills the bytes of a unit that is not loaded; called by many threads at once. SEK_OK (a shorter
     * `len` when the file has shrunk), or SEK_ERR_IO with the reason in `err`. */
    SekStatus (*load)(void *self, SekUnit *unit, SekError *err);
    SekLedger *ledger;    /* written by next() and by whoever holds the same lock */
} SekSource;
