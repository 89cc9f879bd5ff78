/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* gzip as a stream: whatever can be inflated is given, to the last byte before a cut or a damage, and what is
 * wrong is kept with its place. Members that follow each other are one stream. Source: RFC 1952. */

#include "base/buf.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Gives more of the compressed bytes; they stay valid until the next call. SEK_OK with `*out_n` 0 at their
 * end; another status (with 0 bytes) when they cannot be read further. */
typedef SekStatus (*SekGzipPull)(void *user, const uint8_t **out, size_t *out_n);

typedef struct SekGzipTrouble {
    const char *what; /* static; NULL = none */
    uint64_t in, out; /* bytes before it: compressed, and inflated */
} SekGzipTrouble;

typedef struct SekGzipReport {
    SekGzipTrouble check;  /* the first member whose checksum or length is not that of what came out */
    SekGzipTrouble stop;   /* why nothing came out any more before the end */
    SekGzipTrouble behind; /* data behind the last member that is no gzip (zeros and line ends are no data) */
} SekGzipReport;

#define SEK_GZIP_NAME_MAX 1024u /* bytes; what is longer is cut */

typedef struct SekGzip SekGzip;

/* Whether `bytes` begin a gzip member that can be inflated. */
bool sek_gzip_begins(const uint8_t *bytes, size_t len);

/* SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_gzip_new(SekGzipPull pull, void *user, SekGzip **out);
void sek_gzip_free(SekGzip *gzip);

/* Inflates up to `len` bytes into `out`: fewer only at the end, whether or not it is where it should be. */
size_t sek_gzip_read(SekGzip *gzip, uint8_t *out, size_t len);

/* The name that the file had before it was packed, as the first member says; empty = it says none, or nothing
 * was read yet. Made UTF-8 (RFC 1952 says ISO 8859-1, most programs write UTF-8). */
SekStr sek_gzip_name(const SekGzip *gzip);

/* What was wrong with what was read so far. */
const SekGzipReport *sek_gzip_report(const SekGzip *gzip);
