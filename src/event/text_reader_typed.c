/* SPDX-License-Identifier: Apache-2.0 */
/* The event that was given last as a fragment for rendering. */
#include "event/text_reader_parts.h"

bool sek_text_reader_number(SekValue value, uint64_t *out) {
    uint64_t n = 0;
    bool short_enough = value.len < 20; /* for any digits */
    if (value.type != SEK_VALUE_UTF8 || value.len == 0 || value.len > 20)
        return false;
    for (uint32_t i = 0; i < value.len; i++) {
        uint64_t digit = (uint64_t)(value.ptr[i] - '0');
        if (digit > 9 || (!short_enough && n > (UINT64_MAX - digit) / 10))
            return false;
        n = n * 10 + digit;
    }
    *out = n;
    return true;
}

/* The value as the type that its writer gave it. Numbers beyond 64 bits and fractions stay text. */
static SekStatus typed(SekTextReader *r, uint32_t slot, SekValue *value) {
    uint8_t written = r->record.values.written[slot];
    if (written == SEK_WRITTEN_TEXT || value->type != SEK_VALUE_UTF8)
        return SEK_OK;
    uint8_t *bytes = sek_arena_calloc(&r->rendering, 1, 8);
    if (!bytes)
        return SEK_ERR_MEMORY;
    if (written == SEK_WRITTEN_BOOL) {
        bytes[0] = value->len == 4; /* true */
        *value = (SekValue){bytes, 4, SEK_VALUE_BOOL};
        return SEK_OK;
    }
    bool negative = value->len && value->ptr[0] == '-';
    SekValue whole = {value->ptr + negative, value->len - negative, SEK_VALUE_UTF8};
    uint64_t n;
    if (!sek_text_reader_number(whole, &n) || (negative && n > (uint64_t)INT64_MAX) || (whole.len > 1 && whole.ptr[0] == '0'))
        return SEK_OK;
    n = negative ? 0 - n : n;
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(n >> (8 * i));
    *value = (SekValue){bytes, 8, negative ? SEK_VALUE_INT64 : SEK_VALUE_UINT64};
    return SEK_OK;
}

SekStatus sek_text_reader_fragment(SekTextReader *r, bool kinds, SekFragment *out) {
    const SekTextValues *v = &r->record.values;
    *out = (SekFragment){.tpl = &r->plan->tpl, .values = v->values, .n_values = v->n};
    if (!kinds)
        return SEK_OK;
    sek_arena_reset(&r->rendering);
    SekValue *values = SEK_ARENA_ARRAY(&r->rendering, SekValue, v->n ? v->n : 1);
    if (!values)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < v->n; i++) {
        values[i] = v->values[i];
        SekStatus status = typed(r, i, &values[i]);
        if (status != SEK_OK)
            return status;
    }
    out->values = values;
    return SEK_OK;
}
