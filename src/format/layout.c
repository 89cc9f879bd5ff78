/* SPDX-License-Identifier: Apache-2.0 */
#include "format/layout.h"

#include "base/bytes.h"

#define PLAIN_TYPE 0x7fu

/* The first fragment and how many there are. Nearly every record has one, and few tables of values inside. */
static void find_fragments(const SekValue *values, uint32_t n, SekLaid *out) {
    for (uint32_t i = n; i-- > 0;)
        if ((values[i].type & PLAIN_TYPE) == SEK_VALUE_BINXML && values[i].len > 0) {
            out->fragment = i;
            out->n_fragments++;
        }
}

static SekLaid lay_out(const uint8_t *descriptors, uint32_t n, const uint8_t *data, SekValue *values) {
    SekLaid laid = {.fragment = UINT32_MAX};
    uintptr_t at = (uintptr_t)data; /* a number: the sizes may say more than there is */
    uint64_t bit = 1;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t head = sek_le32(descriptors + 4 * (size_t)i), len = head & 0xffff;
        uint8_t type = (uint8_t)(head >> 16);
        values[i] = (SekValue){(const uint8_t *)at, len, type};
        laid.types |= sek_value_type_bit(type);
        laid.texts |= sek_value_holds_text(type, len) ? bit : 0;
        bit <<= 1; /* behind the 64th it is gone */
        at += len;
    }
    laid.bytes = (uint32_t)(at - (uintptr_t)data);
    if (laid.types & sek_value_type_bit(SEK_VALUE_BINXML))
        find_fragments(values, n, &laid);
    return laid;
}

SekLayOut sek_lay_out_plain(void) {
    return lay_out;
}

SekLayOut sek_lay_out(void) {
    SekLayOut wide = sek_lay_out_avx512();
    return wide ? wide : lay_out;
}
