/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a file is, by its first bytes. */

#include "base/str.h"

#define SEK_SNIFF_BYTES 4608u /* EVTX header (4 KiB) and the signature of the first chunk behind it */

typedef enum {
    SEK_SNIFF_EMPTY,
    SEK_SNIFF_EVTX,
    SEK_SNIFF_EVTX_DAMAGED, /* no file header, but a chunk stands where one should */
    SEK_SNIFF_ARCHIVE,      /* zip, 7z, tar, gzip, xz, bzip2, zstd */
    SEK_SNIFF_OTHER,
} SekSniff;

/* `bytes` are the first `len` bytes, up to SEK_SNIFF_BYTES. */
SekSniff sek_sniff(const uint8_t *bytes, size_t len);

/* True when the name ends in .evtx, in any case. */
bool sek_named_evtx(SekStr path);
