/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What decoding gave, for a person or a program: the layers of one text with what each step did, and the
 * indicators found. */

#include "base/buf.h"
#include "decode/decode.h"
#include "engine/hits.h"
#include "indicator/indicator.h"

/* Where a decoded text came from. */
typedef struct SekTextOrigin {
    SekStr source;      /* file as given, or what stands for it */
    bool event;         /* the rest is given */
    uint64_t time;      /* FILETIME; 0 = unknown */
    uint64_t record_id;
    uint32_t event_id;
    SekStr computer, channel;
    SekStr field, part; /* of the event; `part` may be empty */
    const SekScriptInfo *script; /* a script that was put together of several events, else NULL */
} SekTextOrigin;

/* True when the layer's text stands folded in a later layer: what is found in it is found there. */
bool sek_layer_is_superseded(const SekLayers *layers, uint32_t index);

/* Appends the layers for a terminal: untrusted text is quoted, `colour` gives headings in colour. */
void sek_layers_text(SekBuf *out, const SekTextOrigin *origin, const SekLayers *layers, bool colour);

/* The same for a text whose layers were given with `first`: says so instead. */
void sek_layers_same(SekBuf *out, const SekTextOrigin *origin, const SekTextOrigin *first, bool colour);

/* Appends the indicators for a terminal, links made unusable. `sources`: name the text as well as the
 * layer where each was seen. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_indicators_text(SekBuf *out, SekIndicatorSet *set, bool sources, bool colour);

/* Appends one JSON object and a line break. The keys are API: add, never rename. */
SEK_MUST_USE SekStatus sek_layers_json(SekBuf *out, const SekTextOrigin *origin, const SekLayers *layers,
                                       SekIndicatorSet *set);
