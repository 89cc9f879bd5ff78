/* SPDX-License-Identifier: Apache-2.0 */
#include "format/crc32.h"

#include <libdeflate.h>

uint32_t sek_crc32(uint32_t crc, const uint8_t *bytes, size_t n) {
    SekCrc32 wide = sek_crc32_avx512();
    if (!wide)
        wide = sek_crc32_avx2();
    return wide && n >= SEK_CRC32_WIDE ? wide(crc, bytes, n) : libdeflate_crc32(crc, bytes, n);
}
