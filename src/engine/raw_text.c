/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/raw_text.h"

#include "base/utf.h"

typedef struct Scans {
    const SekRawScan *scans;
    uint32_t n;
} Scans;

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

bool sek_raw_text_hit(const SekRawScan *scans, uint32_t n_scans, SekStr text) {
    return text_hits(&(Scans){scans, n_scans}, text);
}

/* True when what the known values' own text holds beyond their spelling in the record matters. */
static bool spelling_matters(const Scans *s, const SekEventText *text) {
    bool matters = text->respelled;
    for (uint32_t i = 0; i < s->n; i++)
        matters = matters || s->scans[i].escaped;
    return matters && text->plain.len;
}

/* How many outer values lie where the event says, as far as literals are looked for that the braces of a GUID could be
 * part of. */
static uint32_t known_values(const Scans *s, const SekEventText *text) {
    bool all = true;
    for (uint32_t i = 0; i < s->n && text->braced; i++)
        all = all && !s->scans[i].escaped;
    return all ? text->known : 0;
}

static bool lies_in(SekStr span, SekStr text) {
    uintptr_t first = (uintptr_t)span.ptr, at = (uintptr_t)text.ptr;
    return at >= first && at - first <= span.len && text.len <= span.len - (at - first);
}

typedef enum { NO_TEXT, TEXT, UNCLEAR } Kind;

/* No keyword that is looked for in this way can stand in what is no text. */
static Kind kind_of(SekValue v) {
    if (v.len == 0)
        return NO_TEXT;
    if (v.type == SEK_VALUE_UTF8)
        return TEXT;
    return v.type == SEK_VALUE_STRING || v.type == SEK_VALUE_ANSI || v.type > SEK_VALUE_HEX64 ? UNCLEAR : NO_TEXT;
}

bool sek_raw_text_hits(const SekRawScan *scans, uint32_t n_scans, const SekEvent *event, unsigned part) {
    static const SekEventText nothing = {0};
    Scans s = {scans, n_scans};
    const SekEventText *text = event->text ? event->text : &nothing;
    uint32_t known = part == 0 ? known_values(&s, text) : 0;
    bool in_record = false, in_plain = known && spelling_matters(&s, text);
    for (uint32_t i = known; i < event->n_values[part]; i++) {
        SekValue v = event->values[part][i];
        SekStr own = {(const char *)v.ptr, v.len};
        Kind kind = kind_of(v);
        if (kind == UNCLEAR)
            return true;
        if (kind == NO_TEXT)
            continue;
        if (lies_in(text->record, own))
            in_record = true;
        else if (lies_in(text->plain, own))
            in_plain = true;
        else if (text_hits(&s, own))
            return true;
    }
    if (in_plain && text_hits(&s, text->plain))
        return true;
    return known ? ascii_hits(&s, text->record) : in_record && text_hits(&s, text->record);
}

/* Values that were made of those that were read, from slot `first` on. One that lies where those do is one of them. */
static bool made_hit(const Scans *s, const SekEvent *event, uint32_t first, uint32_t end) {
    for (uint32_t i = first; i < end; i++) {
        SekValue v = event->values[0][i];
        SekStr own = {(const char *)v.ptr, v.len};
        Kind kind = kind_of(v);
        if (kind == UNCLEAR || (kind == TEXT && !lies_in(event->text->record, own) && !lies_in(event->text->plain, own) &&
                                text_hits(s, own)))
            return true;
    }
    return false;
}

bool sek_raw_text_rest_hits(const SekRawScan *scans, uint32_t n_scans, const SekEvent *event, const SekRecipe *recipe) {
    Scans s = {scans, n_scans};
    const SekEventText *text = event->text;
    if (spelling_matters(&s, text) || known_values(&s, text) == 0)
        return sek_raw_text_hits(scans, n_scans, event, 0);
    for (uint32_t i = 0; i < recipe->n_rest; i++) {
        uint32_t first = recipe->rest[i].first, end = first + recipe->rest[i].n;
        uint32_t made = first > text->known ? first : text->known;
        if (first < text->known) { /* the bytes up to the next value: names stand between, which hold no keyword */
            size_t from = text->places[first], to = end < text->known ? text->places[end] : text->record.len;
            if (ascii_hits(&s, sek_str_n(text->record.ptr + from, to - from)))
                return true;
        }
        if (made_hit(&s, event, made, end))
            return true;
    }
    return false;
}
