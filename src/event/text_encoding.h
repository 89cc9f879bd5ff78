/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* In which encoding a text of events is, and its text as UTF-8. What the text says of itself counts: its
 * byte-order mark, then whether every second byte of its beginning is zero, then what its XML declaration
 * says. Without these it is UTF-8, unless it cannot be and is Japanese of code page 932. */

#include "base/buf.h"
#include "base/str.h"

typedef enum {
    SEK_TEXT_UTF8,
    SEK_TEXT_UTF16LE,
    SEK_TEXT_UTF16BE,
    SEK_TEXT_CP932,
    SEK_TEXT_CP1252, /* with the control characters of ISO 8859-1 where it has none of its own */
} SekTextEncoding;

/* Looks at the first `len` bytes; `*mark` is the length of the byte-order mark. */
SekTextEncoding sek_text_encoding(const uint8_t *bytes, size_t len, uint32_t *mark);

/* Appends UTF-16 (`len` is even), CP932 or CP1252 as UTF-8; what is no character becomes U+FFFD. */
void sek_text_decode(SekTextEncoding encoding, const uint8_t *bytes, size_t len, SekBuf *out);
