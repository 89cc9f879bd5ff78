/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Text stream: a file of JSON, XML or CSV as units. Bytes come in order, UTF-16 and code pages become UTF-8, and
 * what is given ends where a record ends, so that any worker can read it alone. Cutting looks at as
 * little as it can: for JSON Lines at the last line end only. */

#include "base/arena.h"
#include "event/source.h"
#include "event/text_form.h"

typedef struct SekTextStream {
    SekTextForm form;
    SekArena *keep;   /* of the source: headers live there */
    SekStr header;    /* CSV */
    uint64_t offset;  /* of the next byte to give */
    uint64_t records; /* given so far */
    int64_t arrays;   /* of JSON, open behind what was given */
    const char *open; /* what the file begins with and did not end, when all is given; NULL = nothing */
    size_t evidence;  /* bytes of the file read since the last unit */
    SekBuf carry;     /* text that was read but not given: the beginning of a record */
    SekBuf decoded;
    uint8_t *raw;              /* to decode */
    size_t n_raw;              /* a character or pair whose rest has not come, kept for the next time */
    bool started, ended, drop; /* drop: the record that was too long goes on */
    bool encloses;             /* begins with the `[` or <Events> that its records stand in */
    bool failed;               /* could not be read to its end */
} SekTextStream;

/* Reads the next bytes of the file: fewer than `len` only at its end. */
typedef SekStatus (*SekTextRead)(void *user, uint8_t *out, size_t len, size_t *out_n, SekError *err);

/* Begins a file. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_text_stream_begin(SekTextStream *stream, const SekTextForm *form, SekArena *keep);
/* Ends it, read to its end or not; accepts one that is all zero. */
void sek_text_stream_end(SekTextStream *stream);

/* Fills bytes (growing the buffer up to SEK_UNIT_MAX), kind, offset, lengths, first record and header of
 * `unit`. SEK_OK; SEK_END; SEK_ERR_MEMORY. When `read` fails, what came before is given, and `*problem`
 * has the status and `err` the reason. */
SEK_MUST_USE SekStatus sek_text_stream_unit(SekTextStream *stream, SekUnit *unit, SekTextRead read,
                                            void *user, SekStatus *problem, SekError *err);
