/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/gram_scan.h"

#include "base/bytes.h"

size_t sek_gram_scan_plain(const uint32_t *bitmap, uint32_t log, SekStr text, size_t at) {
    const uint8_t *bytes = (const uint8_t *)text.ptr;
    for (; at + 4 <= text.len; at++) {
        uint32_t bit = sek_gram_bit(sek_le32(bytes + at), log);
        if (bitmap[bit >> 5] >> (bit & 31) & 1)
            return at;
    }
    return text.len;
}

SekGramScan sek_gram_scan_best(void) {
    SekGramScan wide = sek_gram_scan_avx2();
    return wide ? wide : sek_gram_scan_plain;
}
