/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Numbers as digits, written where they belong: eight hexadecimal digits at a time in one word, decimal ones by pairs.
 * Each function returns where its text ends; what room it wants is said with it, as some write more than they count. */

#include <stdint.h>
#include <string.h>

#define SEK_DECIMAL_MAX 20u /* digits of 2^64 - 1 */
#define SEK_HEX_ROOM 18u    /* sek_put_hex writes "0x" and up to sixteen digits */
#define SEK_GUID_LEN 38u    /* {XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX} */

/* What is added to letters so that they are upper or lower case. */
#define SEK_HEX_UPPER 7u
#define SEK_HEX_LOWER 39u

/* Writes a word whose lowest byte comes first. */
static inline void sek_put_word(char *at, uint64_t word) {
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
        word = __builtin_bswap64(word);
    memcpy(at, &word, sizeof word);
}

/* The eight hexadecimal digits of a number, the first in the lowest byte. */
static inline uint64_t sek_hex_digits(uint32_t number, unsigned letters) {
    uint64_t x = number;
    x = (x >> 16 | x << 32) & 0x0000ffff0000ffffu;
    x = (x >> 8 | x << 16) & 0x00ff00ff00ff00ffu;
    x = (x >> 4 | x << 8) & 0x0f0f0f0f0f0f0f0fu;
    uint64_t letter = (x + 0x0606060606060606u) >> 4 & 0x0101010101010101u;
    return x + 0x3030303030303030u + letter * letters;
}

/* "0x" and the digits without leading zeros, lower case. Room: SEK_HEX_ROOM. */
static inline char *sek_put_hex(char *at, uint64_t number) {
    unsigned empty = number ? (unsigned)__builtin_clzll(number) / 4 : 15;
    number <<= 4 * empty;
    memcpy(at, "0x", 2);
    sek_put_word(at + 2, sek_hex_digits((uint32_t)(number >> 32), SEK_HEX_LOWER));
    sek_put_word(at + 10, sek_hex_digits((uint32_t)number, SEK_HEX_LOWER));
    return at + 18 - empty;
}

/* Two upper-case digits for each of `n` bytes. Room: 2 * n. */
char *sek_put_hex_bytes(char *at, const uint8_t *bytes, size_t n);

/* Room: SEK_DECIMAL_MAX. */
char *sek_put_decimal(char *at, uint64_t number);

/* The 16 bytes of a GUID. Room: SEK_GUID_LEN. */
char *sek_put_guid(char *at, const uint8_t *guid);
