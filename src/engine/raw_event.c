/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/raw_event.h"

#include "base/utf.h"
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

/* The two characters beyond ASCII that fold to ASCII (see raw_scan.c) are no reason to look closer elsewhere. */
static bool has_folding_letter(SekStr text) {
    return !sek_is_ascii(text) &&
           (sek_str_find(text, SEK_STR("\xc5\xbf")) >= 0 || sek_str_find(text, SEK_STR("\xe2\x84\xaa")) >= 0);
}

static bool ascii_hits(const Scans *s, SekStr text) {
    for (uint32_t i = 0; i < s->n; i++)
        if (sek_raw_scan_text_hits(&s->scans[i], (const uint8_t *)text.ptr, text.len))
            return true;
    return false;
}

static bool text_hits(const Scans *s, SekStr text) {
    return has_folding_letter(text) || ascii_hits(s, text);
}

/* Text in code page 1252: no character beyond ASCII folds to ASCII there. */
static bool ansi_hits(const Scans *s, const SekEvent *event, unsigned part, uint32_t first, uint32_t n) {
    if (!(event->types & sek_value_type_bit(SEK_VALUE_ANSI)))
        return false;
    for (uint32_t i = first; i < first + n; i++) {
        SekValue v = event->values[part][i];
        if (sek_value_type_bit(v.type) == sek_value_type_bit(SEK_VALUE_ANSI) &&
            ascii_hits(s, (SekStr){(const char *)v.ptr, v.len}))
            return true;
    }
    return false;
}

/* True when what the values' own text holds beyond their spelling in the record matters. */
static bool spelling_matters(const Scans *s, const SekEvent *event) {
    bool matters = event->respelled;
    for (uint32_t i = 0; i < s->n; i++)
        matters = matters || s->scans[i].escaped;
    return matters && event->spans[1].len;
}

static bool lies_in(SekStr span, SekStr text) {
    uintptr_t first = (uintptr_t)span.ptr, at = (uintptr_t)text.ptr;
    return at >= first && at - first <= span.len && text.len <= span.len - (at - first);
}

/* Values of text: each lies in one of the spans that the reader names, which are looked at as a whole, or is
 * looked at by itself. */
static bool values_hit(const Scans *s, const SekEvent *event, unsigned part) {
    uint32_t known = part == 0 ? event->in_spans : 0;
    bool used[SEK_EVENT_SPANS] = {false, known && spelling_matters(s, event)};
    unsigned span = 0; /* of the last value: mostly that of the next */
    for (uint32_t i = known; i < event->n_values[part]; i++) {
        SekValue v = event->values[part][i];
        SekStr text = {(const char *)v.ptr, v.len};
        if (v.len == 0)
            continue;
        if (v.type != SEK_VALUE_UTF8) {
            if (v.type == SEK_VALUE_STRING || v.type == SEK_VALUE_ANSI || v.type > SEK_VALUE_HEX64)
                return true;
            continue; /* no keyword that is looked for in this way can stand in other types */
        }
        unsigned tried = 0;
        for (; tried < SEK_EVENT_SPANS && !lies_in(event->spans[span], text); tried++)
            span = (span + 1) % SEK_EVENT_SPANS;
        if (tried < SEK_EVENT_SPANS)
            used[span] = true;
        else if (text_hits(s, text))
            return true;
    }
    for (unsigned i = 0; i < SEK_EVENT_SPANS; i++)
        if (used[i] && !(known && i == 0) && text_hits(s, event->spans[i]))
            return true;
    return known && ascii_hits(s, event->spans[0]);
}

bool sek_raw_event_hits(const SekRawScan *scans, uint32_t n_scans, const SekEvent *event) {
    Scans s = {scans, n_scans};
    if (event->types & ~RAW_TYPES)
        return true;
    if (event->types == 0)
        return values_hit(&s, event, 0) || values_hit(&s, event, 1) || values_hit(&s, event, 2);
    if (event->n_values[0] > 0) {
        const SekValue *first = event->values[0], *last = first + event->n_values[0] - 1;
        if (wide_hits(&s, first->ptr, (size_t)(last->ptr + last->len - first->ptr)))
            return true;
    }
    if (ansi_hits(&s, event, 0, 0, event->n_values[0]) || ansi_hits(&s, event, 1, 0, event->n_values[1]))
        return true;
    return event->n_values[2] > 0 && values_hit(&s, event, 2);
}

bool sek_raw_event_rest_hits(const SekRawScan *scans, uint32_t n_scans, const SekEvent *event, const SekRecipe *recipe) {
    Scans s = {scans, n_scans};
    size_t shortest = SIZE_MAX;
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
