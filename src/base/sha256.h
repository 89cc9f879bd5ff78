/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* SHA-256 (FIPS 180-4, section 6.2): of rule packages and of every file that was installed. */

#include "base/str.h"

#define SEK_SHA256_BYTES 32u
#define SEK_SHA256_TEXT 65u /* hexadecimal digits and a NUL */

typedef struct SekSha256 {
    uint32_t state[8];
    uint64_t n_bytes;
    uint8_t block[64];
} SekSha256;

void sek_sha256_init(SekSha256 *sha);
void sek_sha256_add(SekSha256 *sha, const void *bytes, size_t len);
/* Ends it: the digest as lower-case hexadecimal digits. */
void sek_sha256_end(SekSha256 *sha, char out[SEK_SHA256_TEXT]);

/* All three for one text. */
void sek_sha256_text(SekStr text, char out[SEK_SHA256_TEXT]);

/* True for 64 hexadecimal digits, in any case. */
bool sek_is_sha256(SekStr text);
