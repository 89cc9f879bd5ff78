/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/raw_event.h"

#include "engine/raw_text.h"
#include "format/binxml.h"

/* Types whose text is UTF-16 or code page 1252, and those that are not text. */
#define RAW_TYPES (sek_value_type_bit(SEK_VALUE_BINXML) | (((uint64_t)1 << (SEK_VALUE_HEX64 + 1)) - 1))

_Static_assert(2 * SEK_RAW_SHORT >= SEK_TEXT_LEAST, "values that are not said to hold text hold no literal");

typedef struct Scans {
    const SekRawScan *scans;
    uint32_t n;
} Scans;

static bool wide_hits(const Scans *s, const uint8_t *bytes, size_t n) {
    for (uint32_t i = 0; i < s->n; i++)
        if (sek_raw_scan_hits(&s->scans[i], bytes, n))
            return true;
    return false;
}

/* Text in code page 1252: no character beyond ASCII folds to ASCII there. */
static bool ansi_hits(const Scans *s, const SekEvent *event, unsigned part, uint32_t first, uint32_t n) {
    if (!(event->types & sek_value_type_bit(SEK_VALUE_ANSI)))
        return false;
    for (uint32_t i = first; i < first + n; i++) {
        SekValue v = event->values[part][i];
        bool is = sek_value_type_bit(v.type) == sek_value_type_bit(SEK_VALUE_ANSI);
        for (uint32_t k = 0; is && k < s->n; k++)
            if (sek_raw_scan_text_hits(&s->scans[k], v.ptr, v.len))
                return true;
    }
    return false;
}

bool sek_raw_event_hits(const SekRawScan *scans, uint32_t n_scans, const SekEvent *event) {
    Scans s = {scans, n_scans};
    if (event->types & ~RAW_TYPES)
        return true;
    if (event->types == 0)
        return sek_raw_text_hits(scans, n_scans, event, 0) || sek_raw_text_hits(scans, n_scans, event, 1) ||
               sek_raw_text_hits(scans, n_scans, event, 2);
    if (event->n_values[0] > 0) {
        const SekValue *first = event->values[0], *last = first + event->n_values[0] - 1;
        if (wide_hits(&s, first->ptr, (size_t)(last->ptr + last->len - first->ptr)))
            return true;
    }
    if (ansi_hits(&s, event, 0, 0, event->n_values[0]) || ansi_hits(&s, event, 1, 0, event->n_values[1]))
        return true;
    return event->n_values[2] > 0 && sek_raw_text_hits(scans, n_scans, event, 2);
}

bool sek_raw_event_rest_hits(const SekRawScan *scans, uint32_t n_scans, const SekEvent *event, const SekRecipe *recipe) {
    Scans s = {scans, n_scans};
    size_t shortest = SIZE_MAX;
    if (event->types == 0)
        return sek_raw_text_rest_hits(scans, n_scans, event, recipe);
    if (event->types & ~RAW_TYPES)
        return true;
    for (uint32_t i = 0; i < n_scans; i++)
        shortest = scans[i].shortest < shortest ? scans[i].shortest : shortest;
    for (uint32_t i = 0; i < recipe->n_rest; i++) {
        const SekRestRun *run = &recipe->rest[i];
        uint64_t texts = event->texts[run->part] & run->slots;
        const SekValue *values = event->values[run->part], *first = values + run->first, *last = first + run->n - 1;
        if (ansi_hits(&s, event, run->part, run->first, run->n))
            return true;
        if (run->slots && !texts)
            continue;
        if (run->slots) {
            first = values + __builtin_ctzll(texts);
            last = values + 63 - __builtin_clzll(texts);
        }
        size_t n = (size_t)(last->ptr + last->len - first->ptr);
        if (n >= 2 * shortest && wide_hits(&s, first->ptr, n))
            return true;
    }
    return false;
}
