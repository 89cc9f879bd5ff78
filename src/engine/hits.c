/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/hits.h"

#include "base/grow.h"

#include "engine/hit_pack.h"
#include "engine/runs.h"

#include <stdlib.h>

#define XML_MAX (16u * 1024u * 1024u) /* one event as XML */
#define HELD_MAX (SIZE_MAX / 4)       /* what is held is bounded by the share of the runs */

void sek_hits_init(SekHits *hits, SekRuns *runs) {
    *hits = (SekHits){.runs = runs};
    sek_buf_init(&hits->bytes, HELD_MAX);
    sek_buf_init(&hits->text, XML_MAX);
}

void sek_hits_deinit(SekHits *hits) {
    free(hits->list);
    sek_buf_deinit(&hits->bytes);
    sek_buf_deinit(&hits->text);
    *hits = (SekHits){0};
}

size_t sek_hits_held(const SekHits *hits) {
    return hits->bytes.len + hits->n * sizeof *hits->list;
}

static void pack_value(SekBuf *out, SekValue value) {
    size_t place = sek_pack_later(out);
    sek_value_text(value, out);
    sek_pack_text_end(out, place);
}

/* Cuts at a character, not inside one. */
static void pack_matched(SekBuf *out, SekStr value) {
    if (value.len <= SEK_MATCHED_MAX) {
        sek_pack_text(out, value);
        return;
    }
    size_t cut = SEK_MATCHED_MAX;
    while (cut > 0 && ((uint8_t)value.ptr[cut] & 0xC0) == 0x80)
        cut--;
    size_t place = sek_pack_later(out);
    sek_buf_add(out, value.ptr, cut);
    sek_buf_adds(out, "\xe2\x80\xa6"); /* U+2026 */
    sek_pack_text_end(out, place);
}

static SekStatus pack_matched_rule(SekBuf *out, const SekHitInput *in, uint32_t rule, uint32_t variant, bool *pending) {
    SekPair pairs[SEK_MATCHED_PAIRS];
    uint32_t n;
    SekStatus status = sek_scanner_matched(in->scanner, variant, pairs, SEK_MATCHED_PAIRS, &n);
    if (status != SEK_OK)
        return SEK_ERR_MEMORY;
    sek_pack_u32(out, rule);
    sek_pack_u32(out, n);
    for (uint32_t i = 0; i < n; i++) {
        sek_pack_text(out, pairs[i].field);
        pack_matched(out, pairs[i].value);
    }
    SekHitRule origin = {.layer = in->layer, .decoded = in->decoded, .script = in->script, .variant = variant};
    origin.pending = sek_scanner_pending(in->scanner, variant, &origin.bits);
    sek_pack_origin(out, &origin);
    *pending = origin.pending;
    return SEK_OK;
}

/* The rule's part, or its number, which events with the scanner's answer, and with the same values that the rule asks
 * for beside, have in common. What is pending becomes another for each event. */
static SekStatus pack_rule(SekHits *hits, const SekHitInput *in, uint32_t rule, uint32_t variant) {
    SekBuf *out = &hits->bytes;
    SekAlike *alike = hits->alike;
    bool pending, plain = alike && !in->decoded && !in->script;
    uint64_t answer = plain ? sek_scanner_answer(in->scanner) : 0;
    uint32_t number = answer ? sek_alike_answered(alike, answer, variant, in->event) : SEK_ALIKE_NONE;
    size_t start = sek_pack_part(out);
    if (number == SEK_ALIKE_NONE) {
        SekStatus status = pack_matched_rule(out, in, rule, variant, &pending);
        if (status != SEK_OK || !alike || pending || out->failed)
            return status;
        number = sek_alike_part(alike, SEK_ALIKE_RULE, sek_pack_part_bytes(out, start));
        SekBeside beside;
        if (number != SEK_ALIKE_NONE && answer && sek_scanner_beside(in->scanner, variant, &beside))
            sek_alike_keep_answer(alike, answer, variant, &(SekAlikeCase){in->event, &beside, number});
    }
    if (number != SEK_ALIKE_NONE)
        sek_pack_known(out, start, number);
    return SEK_OK;
}

static SekStatus pack_fields(SekBuf *out, const SekEvent *event) {
    const SekShape *shape = event->shape;
    size_t place = sek_pack_later(out);
    uint32_t n = 0;
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        SekValue value;
        SekStatus status = sek_event_value(event, &shape->fields[i], &value);
        if (status == SEK_NOT_FOUND)
            continue;
        if (status != SEK_OK)
            return status;
        sek_pack_text(out, shape->fields[i].name);
        pack_value(out, value);
        n++;
    }
    sek_pack_number_at(out, place, n);
    return SEK_OK;
}

static SekStatus pack_xml(SekHits *hits, SekReader *reader) {
    sek_buf_clear(&hits->text);
    SekStatus status = sek_reader_xml(reader, &hits->text);
    sek_pack_text(&hits->bytes, sek_buf_str(&hits->text));
    return sek_is_fatal(status) ? status : SEK_OK;
}

static void pack_event(SekHits *hits, const SekEvent *event) {
    SekBuf *out = &hits->bytes;
    uint32_t number = hits->alike ? sek_alike_event(hits->alike, event) : SEK_ALIKE_NONE;
    size_t start = sek_pack_part(out);
    if (number == SEK_ALIKE_NONE) {
        sek_pack_u32(out, sek_event_id(event));
        sek_pack_u32(out, event->recovered);
        pack_value(out, sek_event_system(event, SEK_SYSTEM_COMPUTER));
        pack_value(out, sek_event_system(event, SEK_SYSTEM_CHANNEL));
        pack_value(out, sek_event_system(event, SEK_SYSTEM_PROVIDER));
        if (!hits->alike || out->failed)
            return;
        number = sek_alike_part(hits->alike, SEK_ALIKE_EVENT, sek_pack_part_bytes(out, start));
        if (number == SEK_ALIKE_NONE)
            return;
        sek_alike_keep_event(hits->alike, event, number);
    }
    sek_pack_known(out, start, number);
}

/* Enters what was packed since `start`, and hands all over when it is enough. */
static SekStatus enter(SekHits *hits, SekHitKey key, size_t start) {
    if (hits->bytes.failed)
        return SEK_ERR_MEMORY;
    if (sek_grow(&hits->list, &hits->cap, hits->n, sizeof *hits->list) != SEK_OK)
        return SEK_ERR_MEMORY;
    hits->list[hits->n++] = (SekHitEntry){.key = key, .at = start, .len = (uint32_t)(hits->bytes.len - start)};
    return sek_hits_held(hits) < hits->runs->share ? SEK_OK : sek_runs_keep(hits->runs, hits);
}

SekStatus sek_hits_push(SekHits *hits, const SekRuleset *rules, const SekHit *hit) {
    size_t start = hits->bytes.len;
    sek_pack_hit(&hits->bytes, rules, hit);
    return enter(hits, hit->key, start);
}

static void begin(SekHits *hits, const SekHitInput *in, SekHitDraft *draft) {
    SekBuf *out = &hits->bytes;
    draft->open = true;
    draft->start = out->len;
    sek_pack_u64(out, in->event->record_id);
    pack_event(hits, in->event);
    sek_pack_process(out, sek_scanner_process(in->scanner));
    draft->count = sek_pack_later(out);
}

SekStatus sek_hits_add(SekHits *hits, const SekRuleset *rules, const SekHitInput *in, SekHitDraft *draft) {
    uint32_t n = 0, last = 0;
    for (uint32_t i = 0; i < in->n_variants; i++) {
        uint32_t rule = rules->variants[in->variants[i]].rule;
        bool twice = n && last == rule;
        if (twice || rules->silent[rule] || rules->infos[rule].level < in->min_level)
            continue;
        if (!draft->open)
            begin(hits, in, draft);
        if (pack_rule(hits, in, rule, in->variants[i]) != SEK_OK)
            return SEK_ERR_MEMORY;
        last = rule;
        n++;
    }
    draft->n_rules += n;
    return hits->bytes.failed ? SEK_ERR_MEMORY : SEK_OK;
}

SekStatus sek_hits_end(SekHits *hits, const SekHitInput *in, const SekHitDraft *draft) {
    SekBuf *out = &hits->bytes;
    SekStatus status = SEK_OK;
    if (!draft->open)
        return SEK_OK;
    sek_pack_number_at(out, draft->count, draft->n_rules);
    if (in->wants & SEK_WANT_FIELDS)
        status = pack_fields(out, in->event);
    else
        sek_pack_u32(out, 0);
    if (status == SEK_OK && in->wants & SEK_WANT_XML && in->reader)
        status = pack_xml(hits, in->reader);
    else
        sek_pack_text(out, SEK_STR(""));
    SekHitKey key = {.time = in->event->time, .offset = in->event->offset, .file = in->file, .order = in->order};
    return status == SEK_OK ? enter(hits, key, draft->start) : status;
}
