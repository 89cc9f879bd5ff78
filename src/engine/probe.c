/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/probe.h"

#include "base/bytes.h"
#include "engine/guard_cost.h"

uint64_t sek_text_head(SekStr text) {
    uint8_t bytes[8] = {0};
    if (text.len >= 8)
        return sek_le64((const uint8_t *)text.ptr);
    if (text.len)
        memcpy(bytes, text.ptr, text.len);
    return sek_le64(bytes);
}

uint64_t sek_text_tail(SekStr text) {
    uint8_t bytes[8] = {0};
    if (text.len >= 8)
        return sek_le64((const uint8_t *)text.ptr + text.len - 8);
    if (text.len)
        memcpy(bytes + 8 - text.len, text.ptr, text.len);
    return sek_le64(bytes);
}

static SekProbeKind kind_of(const SekPred *pred) {
    if (pred->kind != SEK_PRED_GLOB || pred->cased || pred->glob.literal.len > UINT32_MAX)
        return SEK_PROBE_OTHER;
    bool empty = pred->glob.literal.len == 0;
    switch (pred->glob.kind) {
    case SEK_GLOB_EQUAL:
        return SEK_PROBE_EQUAL;
    case SEK_GLOB_STARTS:
        return empty ? SEK_PROBE_OTHER : SEK_PROBE_STARTS;
    case SEK_GLOB_ENDS:
        return empty ? SEK_PROBE_OTHER : SEK_PROBE_ENDS;
    case SEK_GLOB_CONTAINS:
        return empty ? SEK_PROBE_OTHER : SEK_PROBE_CONTAINS;
    default:
        return SEK_PROBE_OTHER;
    }
}

/* The place of the rarest byte of the literal but for `other`. */
static size_t rarest(SekStr literal, size_t other) {
    size_t best = other == 0 && literal.len > 1 ? 1 : 0;
    for (size_t i = 0; i < literal.len && i < UINT16_MAX; i++)
        if (i != other &&
            sek_byte_counts[(uint8_t)literal.ptr[i]] < sek_byte_counts[(uint8_t)literal.ptr[best]])
            best = i;
    return best;
}

SekProbe sek_probe_make(const SekPred *pred, const SekGuard *guard) {
    SekStr literal = pred->glob.literal;
    SekProbe probe = {.kind = (uint8_t)kind_of(pred), .field = pred->field, .rate = sek_guard_rate(guard)};
    if (probe.kind == SEK_PROBE_OTHER && guard->literal.len && guard->literal.len <= UINT32_MAX &&
        (pred->kind == SEK_PRED_GLOB || pred->kind == SEK_PRED_REGEX)) {
        literal = guard->literal;
        probe.kind = SEK_PROBE_NEEDS;
    }
    if (probe.kind == SEK_PROBE_OTHER)
        return probe;
    probe.literal = literal.ptr;
    probe.len = (uint32_t)literal.len;
    probe.eight = probe.kind == SEK_PROBE_ENDS ? sek_text_tail(literal) : sek_text_head(literal);
    if (probe.kind == SEK_PROBE_CONTAINS || probe.kind == SEK_PROBE_NEEDS) {
        size_t a = rarest(literal, SIZE_MAX), b = rarest(literal, a);
        probe.rare[0] = (uint16_t)(a < b ? a : b);
        probe.rare[1] = (uint16_t)(a < b ? b : a);
    }
    return probe;
}

bool sek_find_plain(SekStr text, const SekProbe *probe) {
    return sek_str_find(text, sek_str_n(probe->literal, probe->len)) >= 0;
}

SekFind sek_find_best(void) {
    SekFind wider = sek_find_avx512(), wide = wider ? wider : sek_find_avx2();
    return wide ? wide : sek_find_plain;
}
