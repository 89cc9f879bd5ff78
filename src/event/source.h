/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Source: where units of work come from. A unit is a run of whole records of one file: whole chunks of
 * an EVTX file, or text that is cut where a record ends. The worker that takes it parses it, so the
 * runner makes threads busy without knowing a file or a format. */

#include "event/ledger.h"

#define SEK_UNIT_CHUNKS 4u /* 256 KiB: long enough to make a read cheap; what was read is still in the cache when it is parsed */
#define SEK_UNIT_BYTES (SEK_UNIT_CHUNKS * SEK_EVTX_CHUNK_SIZE)
#define SEK_UNIT_ALIGN 64u /* of its buffer, where that can be: a line of the cache, so that wide loads stay in one */
/* A text record may be longer than a unit; then the unit grows, up to this. The largest events hold
 * 64 KiB, which no rendering makes longer than some 400 KiB. */
#define SEK_UNIT_MAX (16u * 1024u * 1024u)

typedef enum {
    SEK_UNIT_EVTX,
    SEK_UNIT_JSON_LINES, /* an object, or several, on each line */
    SEK_UNIT_JSON,       /* objects one behind the other, or in an array */
    SEK_UNIT_XML,        /* <Event> elements, with anything around them */
    SEK_UNIT_CSV,        /* records below `header` */
} SekUnitKind;

/* Which of the first two numbers of 04/05/2026 is the month. */
typedef enum { SEK_DATE_UNKNOWN, SEK_DATE_DAY_FIRST, SEK_DATE_MONTH_FIRST } SekDateOrder;

typedef struct SekUnit {
    uint32_t file;        /* index in the ledger */
    SekUnitKind kind;
    uint64_t offset;      /* of `bytes` in the file (of text that is not UTF-8: in the same text as UTF-8) */
    size_t len;           /* bytes in `bytes`; EVTX: the rest of the last chunk is zero */
    size_t evidence;      /* bytes of the file that they stand for: `len` but for other encodings */
    uint8_t *bytes;       /* the worker's own, from malloc, SEK_UNIT_BYTES; next() may grow it */
    size_t cap;           /* size of `bytes`; 0 = SEK_UNIT_BYTES */
    uint64_t first_record; /* text: records of the file before this unit */
    bool cut;             /* text: the last record goes on, but is longer than a unit may be */
    SekStr header;        /* CSV: the header line, which lives as long as the source */
    SekDateOrder dates;   /* CSV: as the first records say */
    bool converted;       /* text: from an encoding without U+FFFD, which stands where there was no character */
    uint64_t used_end;    /* EVTX: where the chunks end that the file header counts; 0 = not known */
    bool loaded;          /* `bytes` is filled already (streams, text); else load() fills it */
    void *handle;         /* the source's own */
    uint32_t lane;        /* the source's own: what was taken last, so that the next is of the same file; 0 at first */
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
