/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Byte encodings of the `wide`, `utf16*` and `base64*` modifiers (MOD, Encoding). They work on
 * bytes: what UTF-16 makes goes into Base64 as it is. Results are taken from the arena. SEK_OK,
 * SEK_ERR_LIMIT (SEK_PATTERN_MAX_BYTES), SEK_ERR_MEMORY. */

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

typedef enum {
    SEK_UTF16_LE,     /* `wide`, `utf16le` */
    SEK_UTF16_BE,     /* `utf16be` */
    SEK_UTF16_BOM_LE, /* `utf16`: FF FE, then little-endian */
} SekUtf16Form;

SEK_MUST_USE SekStatus sek_encode_utf16(SekArena *arena, SekStr utf8, SekUtf16Form form,
                                        SekStr *out);

/* RFC 4648, section 4, with padding. */
SEK_MUST_USE SekStatus sek_encode_base64(SekArena *arena, SekStr bytes, SekStr *out);

/* What stands still in Base64 when `bytes` begin `shift` (0, 1, 2) bytes into a group of three,
 * whatever stands before and behind. Fewer than two bytes leave nothing for some shift: `*out` is
 * then empty. */
SEK_MUST_USE SekStatus sek_encode_base64_shift(SekArena *arena, SekStr bytes, unsigned shift,
                                               SekStr *out);
