/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/look.h"

#include "engine/placed.h"

#include <stdlib.h>

#define STEPS_MAX (64u * 1024u)

SekStatus sek_look_init(SekLook *look, bool decode) {
    look->seen = calloc((size_t)look->rules->n_rules + 1, sizeof *look->seen);
    look->fresh = calloc((size_t)look->rules->n_variants + 1, sizeof *look->fresh);
    sek_buf_init(&look->steps, STEPS_MAX);
    sek_buf_init(&look->missing, STEPS_MAX);
    SekStatus status = look->seen && look->fresh ? SEK_OK : SEK_ERR_MEMORY;
    if (status == SEK_OK)
        status = sek_scanner_new(look->rules, &look->scanner);
    if (status == SEK_OK && look->processes)
        sek_scanner_defer(look->scanner, look->processes);
    if (status == SEK_OK)
        status = sek_code_texts_new(&look->texts);
    if (status == SEK_OK && decode)
        status = sek_again_new(&look->again);
    return status;
}

void sek_look_deinit(SekLook *look) {
    sek_scanner_free(look->scanner);
    sek_code_texts_free(look->texts);
    sek_again_free(look->again);
    free(look->seen);
    free(look->fresh);
    sek_buf_deinit(&look->steps);
    sek_buf_deinit(&look->missing);
}

/* --- rules that were found already --------------------------------------------------------------- */

static void forget_rules(SekLook *look) {
    if (++look->generation == 0) {
        memset(look->seen, 0, look->rules->n_rules * sizeof *look->seen);
        look->generation = 1;
    }
}

/* Leaves of `variants` those whose rules were not found before. One that only may match is no finding yet:
 * a layer may still decide it. */
static uint32_t keep_fresh(SekLook *look, const uint32_t *variants, uint32_t n) {
    uint32_t n_fresh = 0;
    for (uint32_t i = 0; i < n; i++)
        if (look->seen[look->rules->variants[variants[i]].rule] != look->generation)
            look->fresh[n_fresh++] = variants[i];
    for (uint32_t i = 0; i < n_fresh; i++)
        if (!sek_scanner_may(look->scanner, look->fresh[i]))
            look->seen[look->rules->variants[look->fresh[i]].rule] = look->generation;
    return n_fresh;
}

/* --- what matched ------------------------------------------------------------------------------------ */

/* What decides later whether the variant matches, if that is not known yet. */
static SekStatus feed_pending(SekLook *look, uint32_t variant, SekFeedEvent *fed) {
    SekStr bits;
    fed->pending = 0;
    if (!sek_scanner_pending(look->scanner, variant, &bits))
        return SEK_OK;
    return sek_feed_pending(look->feed, sek_scanner_process(look->scanner), variant, bits, &fed->pending);
}

/* Hands what matched to the correlations that want it. An event without a time lies in no window: all of
 * those would look simultaneous. The ledger counts them. */
static SekStatus feed_event(SekLook *look, const SekHitInput *in, const SekEvent *event) {
    SekFeedEvent fed = {.time = event->time, .record_id = event->record_id, .offset = event->offset,
                        .file = in->file, .source = SEK_FEED_NONE};
    for (uint32_t i = 0; i < in->n_variants && event->time; i++) {
        const SekVariant *variant = &look->rules->variants[in->variants[i]];
        SekStatus status = SEK_OK;
        if (variant->n_taps == 0)
            continue;
        if (fed.source == SEK_FEED_NONE)
            status = sek_placed_source(look->feed, event, &fed);
        fed.rule = variant->rule;
        if (status == SEK_OK)
            status = feed_pending(look, in->variants[i], &fed);
        if (status == SEK_OK)
            status = sek_scanner_feed(look->scanner, in->variants[i], look->feed, &fed);
        if (status == SEK_ERR_LIMIT)
            look->feed->dropped++;
        else if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

/* Asks the rules about `event`, which is that of `in` or a layer of it; what is new is the input's. */
static SekStatus match(SekLook *look, SekHitInput *in, const SekEvent *event) {
    const uint32_t *variants;
    uint32_t n;
    in->n_variants = 0;
    SekStatus status = sek_scanner_match(look->scanner, event, &variants, &n);
    if (status != SEK_OK || n == 0)
        return status;
    in->n_variants = keep_fresh(look, variants, n);
    in->variants = look->fresh;
    return in->n_variants && look->rules->n_correlations ? feed_event(look, in, event) : SEK_OK;
}

static SekStatus ask(SekLook *look, SekHitInput *in, SekHitDraft *draft) {
    SekStatus status = match(look, in, in->event);
    return status == SEK_OK && in->n_variants ? sek_hits_add(look->hits, look->rules, in, draft) : status;
}

/* --- layers --------------------------------------------------------------------------------------- */

static SekStr cut_text(SekBuf *out, SekStr text, size_t max) {
    if (text.len <= max)
        return text;
    while (max > 0 && ((uint8_t)text.ptr[max] & 0xC0) == 0x80)
        max--;
    sek_buf_add(out, text.ptr, max);
    sek_buf_adds(out, "\xe2\x80\xa6"); /* U+2026 */
    return sek_buf_str(out);
}

/* Keeps what matched a layer, with what the layer is. */
static SekStatus keep_layer(SekLook *look, SekHitInput *in, const SekAgainLayer *layer, SekHitDraft *draft) {
    const SekLayer *text = &layer->layers->items[layer->index];
    SekBuf cut;
    sek_buf_init(&cut, 2u * SEK_LAYER_TEXT);
    sek_buf_clear(&look->steps);
    sek_again_steps(layer->layers, layer->index, &look->steps);
    SekLayerInfo info = {.field = layer->text->field, .part = layer->text->part,
                         .kind = sek_str(sek_script_kind_name(text->kind)), .steps = sek_buf_str(&look->steps),
                         .text = cut_text(&cut, text->text, SEK_LAYER_TEXT), .partial = text->partial};
    in->layer = layer->index;
    in->decoded = &info;
    SekStatus status = cut.failed == SEK_ERR_MEMORY ? SEK_ERR_MEMORY : sek_hits_add(look->hits, look->rules, in, draft);
    in->layer = 0;
    in->decoded = NULL;
    sek_buf_deinit(&cut);
    return status;
}

static SekStatus ask_layer(SekLook *look, SekHitInput *in, uint32_t i, SekHitDraft *draft) {
    SekAgainLayer layer;
    SekStatus status = sek_again_layer(look->again, i, &layer);
    if (status == SEK_OK)
        status = match(look, in, &layer.event);
    return status == SEK_OK && in->n_variants ? keep_layer(look, in, &layer, draft) : status;
}

/* True when what the scanner's number tells from other events tells its command lines, too, and it has no other code. */
static bool is_told_by_number(SekLook *look, const SekEvent *event) {
    uint32_t fields[SEK_CODE_COMMANDS], n = sek_code_commands(look->texts, event, fields);
    for (uint32_t i = 0; i < n; i++)
        if (!sek_scanner_keyed(look->scanner, &event->shape->fields[fields[i]]))
            return false;
    return n > 0;
}

static SekStatus ask_layers(SekLook *look, SekHitInput *in, const SekCodeText *texts, uint32_t n_texts,
                            SekHitDraft *draft) {
    uint32_t n;
    SekStatus status = sek_again_event(look->again, in->event, texts, n_texts, &n);
    uint64_t answer = n == 0 ? sek_scanner_answer(look->scanner) : 0;
    if (status == SEK_OK && answer && is_told_by_number(look, in->event))
        sek_again_keep_plain(look->again, answer);
    for (uint32_t i = 0; i < n && status == SEK_OK; i++)
        status = ask_layer(look, in, i, draft);
    return status;
}

/* --- events ---------------------------------------------------------------------------------------- */

static bool is_part(const SekEvent *event, const SekCodeText *texts, uint32_t n, SekFragment4104 *out) {
    for (uint32_t i = 0; i < n; i++)
        if (sek_str_eq_nocase(texts[i].field, SEK_STR("ScriptBlockText")))
            return sek_fragment_read(event, out) == SEK_OK;
    return false;
}

/* Puts a part by, with the rules that matched it. */
static SekStatus keep_part(SekLook *look, const SekHitInput *in, const SekFragment4104 *part) {
    for (uint32_t i = 0; i < in->n_variants; i++) /* `fresh` is done with */
        look->fresh[i] = look->rules->variants[look->fresh[i]].rule;
    return sek_fragments_add(look->fragments, in->event, part, in->file, look->fresh, in->n_variants);
}

static SekStatus finish(SekLook *look, const SekHitInput *in, const SekHitDraft *draft) {
    look->findings += draft->n_rules;
    return sek_hits_end(look->hits, in, draft);
}

/* Asks what the code of the event hides, or puts it by as a part of a script. */
static SekStatus look_at_code(SekLook *look, SekHitInput *in, SekHitDraft *draft) {
    SekFragment4104 part;
    const SekCodeText *texts;
    uint32_t n_texts;
    uint64_t answer = look->again ? sek_scanner_answer(look->scanner) : 0;
    if (answer && sek_again_is_plain(look->again, answer))
        return SEK_OK;
    SekStatus status = sek_code_texts(look->texts, in->event, &texts, &n_texts);
    if (status != SEK_OK || n_texts == 0)
        return status;
    if (is_part(in->event, texts, n_texts, &part))
        return keep_part(look, in, &part);
    return look->again ? ask_layers(look, in, texts, n_texts, draft) : SEK_OK;
}

SekStatus sek_look_event(SekLook *look, const SekEvent *event, uint32_t file) {
    SekHitInput in = {.scanner = look->scanner, .reader = look->reader, .event = event, .file = file,
                      .wants = look->wants, .min_level = look->min_level};
    SekHitDraft draft = {0};
    forget_rules(look);
    SekStatus status = ask(look, &in, &draft);
    if (status == SEK_OK)
        status = look_at_code(look, &in, &draft);
    return status == SEK_OK ? finish(look, &in, &draft) : status;
}

/* --- scripts ------------------------------------------------------------------------------------- */

static SekStatus ask_script(SekLook *look, SekHitInput *in, const SekScript *script, SekHitDraft *draft) {
    const SekCodeText *texts;
    SekCodeText gappy[SEK_CODE_TEXTS];
    uint32_t n_texts;
    SekStatus status = ask(look, in, draft);
    if (status == SEK_OK && look->again)
        status = sek_code_texts(look->texts, in->event, &texts, &n_texts);
    for (uint32_t i = 0; status == SEK_OK && look->again && i < n_texts; i++) {
        gappy[i] = texts[i];
        gappy[i].gaps = script->gaps; /* the script is the only code of its event */
        gappy[i].n_gaps = script->n_gaps;
    }
    if (status == SEK_OK && look->again)
        status = ask_layers(look, in, gappy, n_texts, draft);
    return status == SEK_OK ? finish(look, in, draft) : status;
}

SekStatus sek_look_script(SekLook *look, const SekScript *script) {
    SekScriptPartInfo parts[SEK_SCRIPT_LISTED];
    SekHitDraft draft = {0};
    sek_buf_clear(&look->missing);
    sek_script_missing(script, &look->missing);
    SekScriptInfo info = {.total = script->total, .parts = parts, .n_parts = script->n_parts,
                          .n_conflicts = script->n_conflicts, .cut = script->cut,
                          .missing = sek_buf_str(&look->missing)};
    for (uint32_t i = 0; i < script->n_parts && i < SEK_SCRIPT_LISTED; i++)
        parts[info.n_listed++] = (SekScriptPartInfo){
            .number = script->parts[i].number, .time = script->parts[i].time,
            .record_id = script->parts[i].record_id, .file = look->ledger->files[script->parts[i].file]->path};
    forget_rules(look);
    for (uint32_t i = 0; i < script->n_rules; i++)
        look->seen[script->rules[i]] = look->generation;
    SekHitInput in = {.scanner = look->scanner, .event = &script->event, .file = script->file,
                      .order = SEK_HIT_SCRIPT, .wants = look->wants, .min_level = look->min_level,
                      .script = &info};
    return ask_script(look, &in, script, &draft);
}
