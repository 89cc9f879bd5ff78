/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a file is, by its first bytes. */

#include "base/str.h"

/* EVTX needs its header (4 KiB) and the signature of the first chunk behind it; text needs more
 * (event/text_form.h). */
#define SEK_SNIFF_BYTES 65536u

typedef enum {
    SEK_SNIFF_EMPTY,
    SEK_SNIFF_EVTX,
    SEK_SNIFF_EVTX_DAMAGED, /* no file header, but a chunk stands where one should */
    SEK_SNIFF_ARCHIVE,      /* zip, 7z, tar, gzip, xz, bzip2, zstd */
    SEK_SNIFF_OTHER, /* may be text: see sek_text_form */
} SekSniff;

/* `bytes` are the first `len` bytes, up to SEK_SNIFF_BYTES. */
SekSniff sek_sniff(const uint8_t *bytes, size_t len);

/* True when the name ends in .evtx, in any case: if that is no log, evidence is missing. */
bool sek_named_evtx(SekStr path);
