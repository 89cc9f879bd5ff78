/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the decode room: what a language's folder sees of the run that it is part of, and the table in
 * which the languages stand (decode.c). A folder reads one layer and emits what it found: the folded text
 * of the same script and the code that the script hands on. The dispatcher calls the folder of each
 * emitted layer in turn, so languages nest without knowing each other. */

#include "decode/decode.h"

#define SEK_DECODE_MAX_STEP_NAMES 48

/* Counts what was done, in the order of first use. Names are static strings. */
typedef struct SekStepTally {
    SekDecodeStep steps[SEK_DECODE_MAX_STEP_NAMES];
    uint32_t n;
} SekStepTally;

void sek_tally_add(SekStepTally *tally, const char *name, uint32_t count);

typedef struct SekLayerState {
    bool settled; /* not to be decoded (again) */
    bool clear;   /* stands in its parent as it is: dropped when nothing comes of it */
} SekLayerState;

typedef struct SekDecoder {
    SekArena *arena;        /* of the caller: for what stays in the layers */
    SekArena scratch;       /* of the run: freed when sek_decode returns */
    SekDecodeLimits limits; /* no zeros */
    uint64_t steps_left;
    size_t output_left, inflate_left;
    SekLayer *layers;
    uint32_t n_layers, cap_layers;
    struct SekLayerState *states; /* per layer */
    const size_t *gaps;           /* of layer 0, as in SekDecodeInput */
    uint32_t n_gaps;
    bool tested; /* layer 0, as in SekDecodeInput */
} SekDecoder;

#define SEK_DECODE_GAP "parts of the script are missing"

typedef struct SekLayerDraft {
    SekStr text; /* copied */
    SekScriptKind kind;
    uint32_t parent;
    size_t source_off, source_len; /* SEK_OFF_NONE, 0 = put together */
    const SekStepTally *tally;     /* may be NULL */
    const char *partial;           /* static reason, or NULL */
    bool folded;                   /* as in SekLayer */
    bool clear;          /* it stands in the parent as it is: worth a layer only if something comes of it */
    bool settled;                  /* the dispatcher need not decode it: its folder has */
} SekLayerDraft;

/* Adds a layer. SEK_OK and its index; SEK_END when it says nothing new (the text of its parent with the
 * same kind, or of an ancestor) or a limit refused it (the parent is then marked partial): `*out_index` is
 * then SEK_LAYER_NONE. Fatal: SEK_ERR_MEMORY, SEK_ERR_LIMIT (arena). `out_index` may be NULL. */
SekStatus sek_decoder_emit(SekDecoder *decoder, const SekLayerDraft *draft, uint32_t *out_index);

/* Marks a layer; the first reason stays. */
void sek_decoder_partial(SekDecoder *decoder, uint32_t layer, const char *why);

/* Pays `n` steps; false when they are used up, and then for ever. */
bool sek_decoder_pay(SekDecoder *decoder, uint64_t n);

/* Decodes layer `index`. Returns SEK_OK or a fatal status; everything else is said in layers. */
typedef SekStatus (*SekFolder)(SekDecoder *decoder, uint32_t index);

/* Reads text of one or two bytes per unit, so that the cheap tests are written once. Units of 0x80 and
 * above are only told apart in so far as the tests need it. */
typedef struct SekUnits {
    const uint8_t *bytes;
    size_t n;      /* units */
    unsigned size; /* 1: UTF-8, 2: UTF-16LE */
} SekUnits;

static inline unsigned sek_unit(const SekUnits *u, size_t at) {
    return u->size == 1 ? u->bytes[at] : (unsigned)(u->bytes[2 * at] | u->bytes[2 * at + 1] << 8);
}

/* True when the ASCII letters of `lower` (in lower case) stand at `at`, in any case. */
bool sek_units_at(const SekUnits *u, size_t at, SekStr lower);

typedef bool (*SekLooksEncoded)(const SekUnits *text);
