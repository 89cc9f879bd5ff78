/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Bytes to a stream, as they are or as Base64 of gzip (RFC 1952 with no time and no name, so that the
 * same data gives the same text). */

#include "base/buf.h"

#include <stdio.h>

typedef struct SekPack SekPack;

/* `to` is borrowed. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_pack_new(FILE *to, bool packed, SekPack **out);

/* Adds bytes; a failure is kept until the end. */
void sek_pack_add(SekPack *pack, SekStr bytes);
/* Adds what `buf` holds and empties it. */
void sek_pack_take(SekPack *pack, SekBuf *buf);

/* Writes the rest and frees `pack`. SEK_OK, SEK_ERR_MEMORY, SEK_ERR_LIMIT or SEK_ERR_IO. */
SEK_MUST_USE SekStatus sek_pack_end(SekPack *pack, SekError *err);
