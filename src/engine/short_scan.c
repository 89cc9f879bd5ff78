/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/short_scan.h"

void sek_short_scan_add(SekShortScan *scan, SekStr literal) {
    uint8_t bit = (uint8_t)(1u << scan->n++);
    for (size_t i = 0; i < SEK_SHORT_BYTES; i++)
        for (unsigned half = 0; half < 16; half++) {
            bool any = i >= literal.len;
            if (any || ((uint8_t)literal.ptr[i] & 15) == half)
                scan->low[i][half] |= bit;
            if (any || (uint8_t)literal.ptr[i] >> 4 == half)
                scan->high[i][half] |= bit;
        }
}

uint8_t sek_short_find_plain(const SekShortScan *scan, SekStr text) {
    uint8_t found = 0;
    for (size_t at = 0; at < text.len; at++)
        found |= sek_short_sets(scan, text, at);
    return found;
}

SekShortFind sek_short_find_best(void) {
    SekShortFind wider = sek_short_find_avx512(), wide = wider ? wider : sek_short_find_avx2();
    return wide ? wide : sek_short_find_plain;
}
