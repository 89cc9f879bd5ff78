/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digits.h"

#include "base/bytes.h"

static const char pairs[] = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
                            "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

static unsigned count_digits(uint64_t number) {
    static const uint64_t tens[] = {0,         10,         100,         1000,         10000,         100000,         1000000,
                                    10000000u, 100000000u, 1000000000u, 10000000000u, 100000000000u, 1000000000000u, 10000000000000u,
                                    100000000000000u, 1000000000000000u, 10000000000000000u, 100000000000000000u,
                                    1000000000000000000u, 10000000000000000000u};
    unsigned bits = 64 - (unsigned)__builtin_clzll(number | 1), guess = bits * 1233 >> 12; /* 1233 / 4096: log10 of 2 */
    return guess + (number >= tens[guess]);
}

char *sek_put_decimal(char *at, uint64_t number) {
    if (number < 10) {
        *at = (char)('0' + number);
        return at + 1;
    }
    char *end = at + count_digits(number), *to = end;
    for (; number >= 100; number /= 100)
        memcpy(to -= 2, pairs + number % 100 * 2, 2);
    if (number >= 10)
        memcpy(at, pairs + number * 2, 2);
    else
        *at = (char)('0' + number);
    return end;
}

char *sek_put_hex_bytes(char *at, const uint8_t *bytes, size_t n) {
    static const char digits[] = "0123456789ABCDEF";
    for (; n >= 4; n -= 4, bytes += 4, at += 8)
        sek_put_word(at, sek_hex_digits(sek_be32(bytes), SEK_HEX_UPPER));
    for (; n; n--, bytes++) {
        *at++ = digits[*bytes >> 4];
        *at++ = digits[*bytes & 15];
    }
    return at;
}

/* Three numbers, then eight bytes in order ([MS-DTYP] 2.3.4.2). */
char *sek_put_guid(char *at, const uint8_t *guid) {
    char half[8];
    *at = '{';
    sek_put_word(at + 1, sek_hex_digits(sek_le32(guid), SEK_HEX_UPPER));
    sek_put_word(half, sek_hex_digits((uint32_t)sek_le16(guid + 4) << 16 | sek_le16(guid + 6), SEK_HEX_UPPER));
    at[9] = at[14] = at[19] = at[24] = '-';
    memcpy(at + 10, half, 4);
    memcpy(at + 15, half + 4, 4);
    sek_put_word(half, sek_hex_digits(sek_be32(guid + 8), SEK_HEX_UPPER));
    memcpy(at + 20, half, 4);
    memcpy(at + 25, half + 4, 4);
    sek_put_word(at + 29, sek_hex_digits(sek_be32(guid + 12), SEK_HEX_UPPER));
    at[37] = '}';
    return at + SEK_GUID_LEN;
}
