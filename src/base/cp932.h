/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Windows code page 932 (Japanese, an extended Shift JIS): what programs on a Japanese Windows write when they
 * are not told to write Unicode. A character has one byte or two. Source of the characters: Microsoft's table at
 * unicode.org, MICSFT/WINDOWS/CP932.TXT (tools/gen_cp932.py). */

#include "base/buf.h"

#define SEK_CP932_LEADS 60u   /* first bytes 81..9F, E0..FC */
#define SEK_CP932_TRAILS 188u /* second bytes 40..7E, 80..FC */

/* 0 = there is no such character. */
extern const uint16_t sek_cp932_table[SEK_CP932_LEADS][SEK_CP932_TRAILS];

/* Appends `bytes`, which begin with a character, as UTF-8; what is none becomes U+FFFD. */
void sek_cp932_append(SekBuf *out, const uint8_t *bytes, size_t len);

/* How many of `bytes` are whole characters: `len`, or one less. */
size_t sek_cp932_whole(const uint8_t *bytes, size_t len);

/* True when all of it is CP932, but for a last byte whose second may be cut off. */
bool sek_cp932_valid(const uint8_t *bytes, size_t len);

/* True when it is that and looks Japanese: kana and common kanji (level 1 of JIS X 0208) follow each other more
 * often than there are other signs, which is not so for bytes of any other code page. */
bool sek_cp932_is_japanese(const uint8_t *bytes, size_t len);
