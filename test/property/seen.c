/* SPDX-License-Identifier: Apache-2.0 */
#include "property/seen.h"

#include <stdlib.h>

void sek_splice(SekBuf *text, size_t at, size_t cut, SekStr piece) {
    char *rest = malloc(text->len + 1);
    size_t n = text->len - at - cut;
    if (!rest)
        abort();
    memcpy(rest, text->data + at + cut, n);
    text->len = at;
    sek_buf_add_str(text, piece);
    sek_buf_add(text, rest, n);
    free(rest);
}

bool sek_same_seen(const SekSeen *a, const SekSeen *b) {
    return a->digest == b->digest && a->events == b->events && a->bad == b->bad;
}

static void mix(SekSeen *seen, uint64_t x) {
    seen->digest = (seen->digest ^ x) * 0x9E3779B97F4A7C15u;
    seen->digest ^= seen->digest >> 29;
}

static void see(SekSeen *seen, const SekEvent *event, SekBuf *text) {
    seen->events++;
    mix(seen, event->time);
    mix(seen, seen->anywhere ? 0 : event->offset);
    for (uint32_t i = 0; i < event->shape->n_fields; i++) {
        SekValue value;
        if (sek_event_value(event, &event->shape->fields[i], &value) != SEK_OK)
            continue;
        sek_buf_clear(text);
        sek_value_text(value, text);
        mix(seen, sek_str_hash(event->shape->fields[i].name));
        mix(seen, sek_str_hash(sek_buf_str(text)));
    }
}

static void see_damages(SekSeen *seen, const SekReader *reader) {
    uint32_t n;
    uint64_t more;
    const SekDamage *damages = sek_reader_damages(reader, &n, &more);
    for (uint32_t i = 0; i < n; i++) {
        mix(seen, seen->anywhere ? 0 : damages[i].offset);
        mix(seen, sek_str_hash(sek_str(damages[i].what)));
    }
    mix(seen, more);
}

void sek_see_loaded(SekReader *reader, const SekUnit *unit, SekSeen *seen) {
    SekBuf text;
    SekEvent event;
    sek_buf_init(&text, SEK_SEEN_TEXT);
    sek_reader_start(reader, unit);
    while (sek_reader_next(reader, &event) == SEK_OK)
        see(seen, &event, &text);
    seen->bad += sek_reader_stats(reader)->bad_records;
    if (seen->damages)
        see_damages(seen, reader);
    sek_buf_deinit(&text);
}

void sek_see_unit(SekReader *reader, const SekUnit *like, SekStr bytes, SekSeen *seen) {
    SekUnit unit = *like;
    unit.len = unit.evidence = unit.cap = bytes.len;
    unit.loaded = true;
    unit.bytes = malloc(bytes.len + 1); /* exact, so that reading beyond it is noticed */
    if (!unit.bytes)
        abort();
    memcpy(unit.bytes, bytes.ptr, bytes.len);
    sek_see_loaded(reader, &unit, seen);
    free(unit.bytes);
}

bool sek_same_values(const SekTextValues *a, const SekTextValues *b, bool known) {
    for (uint32_t i = 0; a->n == b->n && i < a->n; i++)
        if (a->written[i] != b->written[i] || (known && a->places[i] != b->places[i]) || a->values[i].len != b->values[i].len ||
            (a->values[i].len && memcmp(a->values[i].ptr, b->values[i].ptr, a->values[i].len) != 0))
            return false;
    return a->n == b->n;
}
