/* SPDX-License-Identifier: Apache-2.0 */

/* The dispatcher: takes each layer to the folder of its language until no folder has anything to add.
 * Owns the list of layers and the budget; knows no language. Layers are appended only, so the order is
 * that of discovery and a layer's parent always stands before it. */

#include "decode/languages.h"

static const struct {
    const char *name;
    SekFolder fold;        /* NULL: never decoded */
    SekLooksEncoded looks; /* NULL: never */
} languages[SEK_N_SCRIPT_KINDS] = {
    [SEK_SCRIPT_TEXT] = {"text", NULL, NULL},         [SEK_SCRIPT_COMMAND] = {"command", sek_fold_command, sek_looks_cmd},
    [SEK_SCRIPT_CMD] = {"cmd", sek_fold_cmd, sek_looks_cmd}, [SEK_SCRIPT_POWERSHELL] = {"powershell", sek_fold_powershell, sek_looks_powershell},
    [SEK_SCRIPT_VBSCRIPT] = {"vbscript", sek_fold_vbscript, sek_looks_vbscript}, [SEK_SCRIPT_JSCRIPT] = {"jscript", sek_fold_jscript, sek_looks_jscript},
};

const char *sek_script_kind_name(SekScriptKind kind) {
    return (unsigned)kind < SEK_N_SCRIPT_KINDS ? languages[kind].name : "unknown";
}

void sek_tally_add(SekStepTally *tally, const char *name, uint32_t count) {
    for (uint32_t i = 0; i < tally->n; i++)
        if (strcmp(tally->steps[i].name, name) == 0) {
            tally->steps[i].count += count;
            return;
        }
    if (tally->n < SEK_DECODE_MAX_STEP_NAMES)
        tally->steps[tally->n++] = (SekDecodeStep){.name = name, .count = count};
}

bool sek_decoder_pay(SekDecoder *decoder, uint64_t n) {
    if (decoder->steps_left < n) {
        decoder->steps_left = 0;
        return false;
    }
    decoder->steps_left -= n;
    return true;
}

void sek_decoder_partial(SekDecoder *decoder, uint32_t layer, const char *why) {
    SekLayer *l = &decoder->layers[layer];
    l->partial = true;
    if (!l->why)
        l->why = why;
}

static bool says_nothing_new(const SekDecoder *decoder, const SekLayerDraft *draft) {
    for (uint32_t at = draft->parent; at != SEK_LAYER_NONE; at = decoder->layers[at].parent)
        if (decoder->layers[at].kind == draft->kind && sek_str_eq(decoder->layers[at].text, draft->text))
            return true;
    for (uint32_t i = draft->parent + 1; i < decoder->n_layers; i++)
        if (decoder->layers[i].parent == draft->parent && decoder->layers[i].kind == draft->kind &&
            sek_str_eq(decoder->layers[i].text, draft->text))
            return true;
    return false;
}

static SekStatus grow(SekDecoder *decoder) {
    if (decoder->n_layers < decoder->cap_layers)
        return SEK_OK;
    uint32_t cap = decoder->cap_layers ? 2 * decoder->cap_layers : 4;
    SekLayer *layers = SEK_ARENA_ARRAY(decoder->arena, SekLayer, cap);
    SekLayerState *states = SEK_ARENA_ARRAY(&decoder->scratch, SekLayerState, cap);
    if (!layers || !states)
        return layers ? sek_arena_why(&decoder->scratch) : sek_arena_why(decoder->arena);
    if (decoder->n_layers) {
        memcpy(layers, decoder->layers, decoder->n_layers * sizeof *layers);
        memcpy(states, decoder->states, decoder->n_layers * sizeof *states);
    }
    decoder->layers = layers;
    decoder->states = states;
    decoder->cap_layers = cap;
    return SEK_OK;
}

static SekStatus keep_steps(SekDecoder *decoder, SekLayer *layer, const SekStepTally *tally) {
    if (!tally || tally->n == 0)
        return SEK_OK;
    SekDecodeStep *steps = SEK_ARENA_ARRAY(decoder->arena, SekDecodeStep, tally->n);
    if (!steps)
        return sek_arena_why(decoder->arena);
    memcpy(steps, tally->steps, tally->n * sizeof *steps);
    layer->steps = steps;
    layer->n_steps = tally->n;
    return SEK_OK;
}

SekStatus sek_decoder_emit(SekDecoder *decoder, const SekLayerDraft *draft, uint32_t *out_index) {
    if (out_index)
        *out_index = SEK_LAYER_NONE;
    if (says_nothing_new(decoder, draft))
        return SEK_END;
    uint32_t depth = decoder->layers[draft->parent].depth + 1;
    const char *refused = decoder->n_layers >= decoder->limits.max_layers ? "too many layers"
                          : depth > decoder->limits.max_depth             ? "layers nested too deep"
                          : draft->text.len > decoder->output_left        ? "too much text in all layers"
                                                                          : NULL;
    if (refused) {
        sek_decoder_partial(decoder, draft->parent, refused);
        return SEK_END;
    }
    SekStatus status = grow(decoder);
    if (status != SEK_OK)
        return status;
    SekLayer layer = {.kind = draft->kind,
                      .parent = draft->parent,
                      .depth = depth,
                      .folded = draft->folded,
                      .source_off = draft->source_off,
                      .source_len = draft->source_len,
                      .partial = draft->partial != NULL,
                      .why = draft->partial,
                      .text = sek_arena_dup(decoder->arena, draft->text)};
    if (!layer.text.ptr)
        return sek_arena_why(decoder->arena);
    status = keep_steps(decoder, &layer, draft->tally);
    if (status != SEK_OK)
        return status;
    decoder->output_left -= draft->text.len;
    decoder->states[decoder->n_layers] = (SekLayerState){.settled = draft->settled, .clear = draft->clear};
    decoder->layers[decoder->n_layers] = layer;
    if (out_index)
        *out_index = decoder->n_layers;
    decoder->n_layers++;
    return SEK_OK;
}

#define DEFAULT(field, value) (given && given->field ? given->field : (value))

static SekDecodeLimits fill_limits(const SekDecodeLimits *given) {
    return (SekDecodeLimits){
        .max_layers = DEFAULT(max_layers, SEK_DECODE_MAX_LAYERS),
        .max_depth = DEFAULT(max_depth, SEK_DECODE_MAX_DEPTH),
        .max_steps = DEFAULT(max_steps, SEK_DECODE_MAX_STEPS),
        .max_value_bytes = DEFAULT(max_value_bytes, SEK_DECODE_MAX_VALUE_BYTES),
        .max_output_bytes = DEFAULT(max_output_bytes, SEK_DECODE_MAX_OUTPUT_BYTES),
        .max_inflated_bytes = DEFAULT(max_inflated_bytes, SEK_DECODE_MAX_INFLATED_BYTES),
    };
}

static SekStatus start(SekDecoder *decoder, const SekDecodeInput *input) {
    SekStatus status = grow(decoder);
    if (status != SEK_OK)
        return status;
    decoder->layers[0] = (SekLayer){
        .text = input->text, .kind = input->kind, .parent = SEK_LAYER_NONE, .source_off = SEK_OFF_NONE};
    decoder->n_layers = 1;
    if (input->n_gaps)
        sek_decoder_partial(decoder, 0, SEK_DECODE_GAP);
    return SEK_OK;
}

static SekStatus run(SekDecoder *decoder) {
    for (uint32_t i = 0; i < decoder->n_layers; i++) {
        const SekLayer *layer = &decoder->layers[i];
        SekFolder fold = languages[layer->kind].fold;
        bool looks = i == 0 && decoder->tested;
        if (decoder->states[i].settled || !fold || !(looks || sek_decode_looks_encoded(layer->kind, layer->text)))
            continue;
        if (layer->text.len > SEK_DECODE_MAX_INPUT_BYTES) {
            sek_decoder_partial(decoder, i, "text too long to be parsed");
            continue;
        }
        SekStatus status = fold(decoder, i);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

/* Drops the layers that stand in their parents as they are and led to nothing: they would say nothing new. */
static void drop_clear(SekDecoder *decoder) {
    for (uint32_t i = decoder->n_layers; i-- > 1;) {
        bool parent = false;
        for (uint32_t k = i + 1; k < decoder->n_layers; k++)
            parent = parent || decoder->layers[k].parent == i;
        if (!decoder->states[i].clear || parent)
            continue;
        if (decoder->layers[i].partial)
            sek_decoder_partial(decoder, decoder->layers[i].parent, decoder->layers[i].why);
        for (uint32_t k = i + 1; k < decoder->n_layers; k++) {
            decoder->layers[k - 1] = decoder->layers[k];
            decoder->states[k - 1] = decoder->states[k];
            if (decoder->layers[k - 1].parent > i)
                decoder->layers[k - 1].parent--;
        }
        decoder->n_layers--;
    }
}

SekStatus sek_decode(SekArena *arena, const SekDecodeInput *input, SekLayers *out, SekError *err) {
    if ((unsigned)input->kind >= SEK_N_SCRIPT_KINDS)
        return sek_fail(err, SEK_ERR_ARGUMENT, "no script kind has the number %d", (int)input->kind);
    SekDecoder decoder = {.arena = arena, .limits = fill_limits(input->limits), .gaps = input->gaps, .n_gaps = input->n_gaps,
                          .tested = input->tested};
    decoder.steps_left = decoder.limits.max_steps;
    decoder.output_left = decoder.limits.max_output_bytes;
    decoder.inflate_left = decoder.limits.max_inflated_bytes;
    sek_arena_init(&decoder.scratch, SEK_DECODE_MAX_SCRATCH_BYTES);
    SekStatus status = start(&decoder, input);
    if (status == SEK_OK)
        status = run(&decoder);
    if (status == SEK_OK)
        drop_clear(&decoder);
    sek_arena_deinit(&decoder.scratch);
    if (status != SEK_OK)
        return sek_fail(err, status, "no memory to decode a %s", sek_script_kind_name(input->kind));
    SekLayers layers = {.items = decoder.layers, .n = decoder.n_layers};
    for (uint32_t i = 0; i < layers.n; i++)
        layers.partial = layers.partial || layers.items[i].partial;
    *out = layers;
    return SEK_OK;
}

bool sek_units_at(const SekUnits *u, size_t at, SekStr lower) {
    if (lower.len > u->n || at > u->n - lower.len)
        return false;
    for (size_t i = 0; i < lower.len; i++) {
        unsigned c = sek_unit(u, at + i);
        if (c > 0x7F || sek_ascii_lower((char)c) != lower.ptr[i])
            return false;
    }
    return true;
}

static bool looks_encoded(SekScriptKind kind, const SekUnits *units) {
    return (unsigned)kind < SEK_N_SCRIPT_KINDS && languages[kind].looks && languages[kind].looks(units);
}

bool sek_decode_looks_encoded(SekScriptKind kind, SekStr text) {
    return looks_encoded(kind, &(SekUnits){.bytes = (const uint8_t *)text.ptr, .n = text.len, .size = 1});
}

bool sek_decode_looks_encoded_utf16(SekScriptKind kind, const uint8_t *bytes, size_t n_bytes) {
    return looks_encoded(kind, &(SekUnits){.bytes = bytes, .n = n_bytes / 2, .size = 2});
}
