/* SPDX-License-Identifier: Apache-2.0 */
#include "event/text_record.h"

void sek_text_begin(SekTextRecord *r, SekTextRoot root) {
    r->root = root;
    sek_trail_start(r->trail, root);
    r->values.n = 0;
    r->left_out = 0;
    r->plain = (SekStr){0};
    r->known = r->respelled = false;
    r->failed = SEK_OK;
}

static SekStr shorten(SekTextRecord *r, SekStr text, size_t max) {
    if (text.len <= max)
        return text;
    r->left_out |= SEK_PART_TOO_LONG;
    size_t len = max;
    while (len && ((uint8_t)text.ptr[len] & 0xC0) == 0x80) /* not inside a character */
        len--;
    return sek_str_n(text.ptr, len);
}

static void take(SekTextRecord *r, SekStepKind kind, SekStr key, uint32_t slot) {
    SekStatus status = sek_trail_step(r->trail, kind, shorten(r, key, SEK_TRAIL_MAX_KEY), slot);
    if (status == SEK_ERR_LIMIT)
        r->left_out |= SEK_PART_TOO_MANY;
    else if (status != SEK_OK)
        r->failed = status;
}

void sek_text_other_step(SekTextRecord *r, SekStepKind kind, SekStr key) {
    take(r, kind, key, SEK_NO_SLOT);
}

void sek_text_other_value(SekTextRecord *r, SekStepKind kind, SekStr key, SekStr value, SekWritten written) {
    if (r->values.n == SEK_TEXT_MAX_LEAVES) {
        r->left_out |= SEK_PART_TOO_MANY;
        return;
    }
    if (sek_text_values_room(&r->values, r->values.n + 1) != SEK_OK) {
        r->failed = SEK_ERR_MEMORY;
        return;
    }
    value = shorten(r, value, SEK_TEXT_MAX_VALUE);
    uint32_t slot = r->values.n++;
    r->values.values[slot] = (SekValue){(const uint8_t *)value.ptr, (uint32_t)value.len, SEK_VALUE_UTF8};
    r->values.written[slot] = (uint8_t)written;
    take(r, kind, key, slot);
}
