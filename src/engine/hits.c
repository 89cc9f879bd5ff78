/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/hits.h"

#include "base/utf.h"

#include <stdlib.h>

#define TEXT_MAX (16u * 1024u * 1024u) /* one event as XML */

void sek_hits_init(SekHits *hits) {
    *hits = (SekHits){0};
    sek_arena_init(&hits->arena, 0);
}

void sek_hits_deinit(SekHits *hits) {
    free(hits->list);
    sek_arena_deinit(&hits->arena);
    *hits = (SekHits){0};
}

static SekStatus keep_value(SekArena *arena, SekValue value, SekStr *out) {
    SekBuf text;
    sek_buf_init(&text, TEXT_MAX);
    sek_value_text(value, &text);
    *out = sek_arena_dup(arena, sek_buf_str(&text));
    sek_buf_deinit(&text);
    return out->ptr ? SEK_OK : SEK_ERR_MEMORY;
}

/* Cuts at a character, not inside one. */
static SekStatus keep_matched(SekArena *arena, SekStr value, SekStr *out) {
    if (value.len <= SEK_MATCHED_MAX) {
        *out = sek_arena_dup(arena, value);
        return out->ptr ? SEK_OK : SEK_ERR_MEMORY;
    }
    static const char mark[] = "\xe2\x80\xa6"; /* U+2026 */
    size_t cut = SEK_MATCHED_MAX;
    while (cut > 0 && ((uint8_t)value.ptr[cut] & 0xC0) == 0x80)
        cut--;
    char *copy = sek_arena_alloc(arena, cut + sizeof mark);
    if (!copy)
        return SEK_ERR_MEMORY;
    memcpy(copy, value.ptr, cut);
    memcpy(copy + cut, mark, sizeof mark);
    *out = (SekStr){copy, cut + sizeof mark - 1};
    return SEK_OK;
}

static SekStatus keep_rule(SekHits *hits, const SekHitInput *in, uint32_t variant, SekHitRule *out) {
    SekPair pairs[SEK_MATCHED_PAIRS];
    uint32_t n;
    SekStatus status = sek_scanner_matched(in->scanner, variant, pairs, SEK_MATCHED_PAIRS, &n);
    SekPair *kept = SEK_ARENA_ARRAY(&hits->arena, SekPair, n ? n : 1);
    if (status != SEK_OK || !kept)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < n; i++) {
        kept[i].field = sek_arena_dup(&hits->arena, pairs[i].field);
        if (!kept[i].field.ptr || keep_matched(&hits->arena, pairs[i].value, &kept[i].value) != SEK_OK)
            return SEK_ERR_MEMORY;
    }
    out->matched = kept;
    out->n_matched = n;
    return SEK_OK;
}

static SekStatus keep_rules(SekHits *hits, const SekRuleset *rules, const SekHitInput *in, SekHit *hit) {
    SekHitRule *list = SEK_ARENA_ARRAY(&hits->arena, SekHitRule, in->n_variants);
    if (!list)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < in->n_variants; i++) {
        uint32_t rule = rules->variants[in->variants[i]].rule;
        bool twice = hit->n_rules && list[hit->n_rules - 1].rule == rule;
        if (twice || rules->silent[rule] || rules->infos[rule].level < in->min_level)
            continue;
        list[hit->n_rules].rule = rule;
        if (keep_rule(hits, in, in->variants[i], &list[hit->n_rules++]) != SEK_OK)
            return SEK_ERR_MEMORY;
    }
    hit->rules = list;
    return SEK_OK;
}

static SekStatus keep_fields(SekHits *hits, const SekEvent *event, SekHit *hit) {
    const SekShape *shape = event->shape;
    SekPair *fields = SEK_ARENA_ARRAY(&hits->arena, SekPair, shape->n_fields ? shape->n_fields : 1);
    if (!fields)
        return SEK_ERR_MEMORY;
    uint32_t n = 0;
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        SekValue value;
        SekStatus status = sek_event_value(event, &shape->fields[i], &value);
        if (status == SEK_NOT_FOUND)
            continue;
        fields[n].field = sek_arena_dup(&hits->arena, shape->fields[i].name);
        if (status != SEK_OK || !fields[n].field.ptr ||
            keep_value(&hits->arena, value, &fields[n].value) != SEK_OK)
            return SEK_ERR_MEMORY;
        n++;
    }
    hit->event.fields = fields;
    hit->event.n_fields = n;
    return SEK_OK;
}

static SekStatus keep_xml(SekHits *hits, SekReader *reader, SekHit *hit) {
    SekBuf xml;
    sek_buf_init(&xml, TEXT_MAX);
    SekStatus status = sek_reader_xml(reader, &xml);
    if (!sek_is_fatal(status)) {
        hit->event.xml = sek_arena_dup(&hits->arena, sek_buf_str(&xml));
        status = hit->event.xml.ptr ? SEK_OK : SEK_ERR_MEMORY;
    }
    sek_buf_deinit(&xml);
    return status;
}

static SekStatus keep_identity(SekHits *hits, const SekEvent *event, SekHit *hit) {
    hit->event.time = event->time;
    hit->event.record_id = event->record_id;
    hit->event.event_id = sek_event_id(event);
    hit->event.recovered = event->recovered;
    hit->offset = event->offset;
    SekArena *arena = &hits->arena;
    if (keep_value(arena, sek_event_system(event, SEK_SYSTEM_COMPUTER), &hit->event.computer) != SEK_OK ||
        keep_value(arena, sek_event_system(event, SEK_SYSTEM_CHANNEL), &hit->event.channel) != SEK_OK)
        return SEK_ERR_MEMORY;
    return keep_value(arena, sek_event_system(event, SEK_SYSTEM_PROVIDER), &hit->event.provider);
}

SekStatus sek_hits_push(SekHits *hits, SekHit *hit) {
    if (hits->n == hits->cap) {
        uint32_t cap = hits->cap ? hits->cap * 2 : 256;
        SekHit **grown = realloc(hits->list, cap * sizeof *grown);
        if (!grown)
            return SEK_ERR_MEMORY;
        hits->list = grown;
        hits->cap = cap;
    }
    hits->list[hits->n++] = hit;
    return SEK_OK;
}

SekStatus sek_hits_add(SekHits *hits, const SekRuleset *rules, const SekHitInput *in) {
    SekHit *hit = SEK_ARENA_NEW(&hits->arena, SekHit);
    if (!hit || keep_rules(hits, rules, in, hit) != SEK_OK)
        return SEK_ERR_MEMORY;
    if (hit->n_rules == 0)
        return SEK_OK;
    hit->file = in->file;
    SekStatus status = keep_identity(hits, in->event, hit);
    if (status == SEK_OK && in->wants & SEK_WANT_FIELDS)
        status = keep_fields(hits, in->event, hit);
    if (status == SEK_OK && in->wants & SEK_WANT_XML)
        status = keep_xml(hits, in->reader, hit);
    return status == SEK_OK ? sek_hits_push(hits, hit) : status;
}
