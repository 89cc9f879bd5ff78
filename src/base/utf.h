/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Unicode: UTF-16LE to UTF-8, UTF-8 stepping, and simple case folding.
 *
 * Text of evidence may be malformed. A lone surrogate becomes U+FFFD; malformed UTF-8 steps one byte
 * at a time and yields U+FFFD, so no input stops us and no input is read twice. */

#include "base/buf.h"
#include "base/str.h"

#define SEK_UTF_REPLACEMENT 0xFFFDu

/* Writes `cp` (0..0x10FFFF) as 1..4 bytes to `out`; returns how many. Surrogates and larger numbers
 * are written as U+FFFD. */
size_t sek_utf8_put(uint32_t cp, char *out);

/* Reads one code point of `s` from `*at`, moves `*at` behind it. `*at` must be below s.len. */
uint32_t sek_utf8_next(SekStr s, size_t *at);

/* True when every byte is below 0x80. */
bool sek_is_ascii(SekStr s);

/* True when `s` is well-formed UTF-8 (no surrogates, no overlong forms). */
bool sek_utf8_valid(SekStr s);

/* Where the first byte stands that is not well-formed UTF-8; s.len when there is none. Passes ASCII fast. */
size_t sek_utf8_malformed(SekStr s);

/* Appends `n_bytes` of UTF-16LE as UTF-8 (at most 3/2 of the size); an odd last byte is ignored. */
void sek_utf16le_append(SekBuf *out, const uint8_t *bytes, size_t n_bytes);

/* The ASCII case, which is nearly all of it: writes `units` UTF-16LE units as lower-case bytes to `out`.
 * False when one of them is not ASCII; `out` is then of no use. Written so that compilers make vector
 * code of it. */
bool sek_utf16le_fold_ascii(const uint8_t *bytes, size_t units, char *out);

/* The low bytes of `units` UTF-16LE units. False when one of them is above U+00FF; `out` is then of no use.
 * Vector code as well. */
bool sek_utf16le_low_bytes(const uint8_t *bytes, size_t units, uint8_t *out);

/* Simple case folding, one code point to one (Unicode CaseFolding.txt, status C and S). */
uint32_t sek_fold_cp(uint32_t cp);

/* Appends `s` with every code point folded. ASCII takes a fast path. */
void sek_fold_append(SekBuf *out, SekStr s);
