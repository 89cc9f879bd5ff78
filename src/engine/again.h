/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Again: the layers that the code of an event gives when its disguise is taken off (decode/decode.h), each
 * as an event on which the rules can be asked once more.
 *
 * Such an event is the recorded one in which the field has one value more: the layer's text behind the
 * text as recorded. So everything else is as in the event, a condition may hold on the layer or on what
 * was recorded, and a filter that excludes either of them excludes the finding. A layer that stands in the
 * recorded text word for word (what cmd.exe is told to run) says nothing new and is passed over.
 *
 * What text gave is remembered, in bounded memory, since the same command lines come again and again.
 * An object belongs to one thread. */

#include "event/code_text.h"

#define SEK_AGAIN_LAYERS 64u /* of one event */
/* Memory of remembered layers; when it is full, all are forgotten. One text may go beyond, by what the
 * limits of one call allow. */
#define SEK_AGAIN_BYTES ((size_t)4 << 20)
#define SEK_AGAIN_TEXTS 4096u
/* What one text may cost, since it is paid for every one that looks encoded: steps for itself and for each
 * of its bytes, so that hostile logs are read with a megabyte a second at the least (a step takes some 20
 * ns), up to what a text of the size of an event can sensibly need. */
#define SEK_AGAIN_STEPS 20000u
#define SEK_AGAIN_STEPS_A_BYTE 64u
#define SEK_AGAIN_STEPS_MAX 500000u
#define SEK_AGAIN_OUTPUT_BYTES ((size_t)4 << 20)

typedef struct SekAgain SekAgain;

/* SEK_OK or SEK_ERR_MEMORY; free accepts NULL. */
SEK_MUST_USE SekStatus sek_again_new(SekAgain **out);
void sek_again_free(SekAgain *again);

/* Decodes what looks encoded of the event's code `texts`; `*out_n` is how many layers there are. The
 * event is borrowed until the next call. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_again_event(SekAgain *again, const SekEvent *event, const SekCodeText *texts,
                                       uint32_t n_texts, uint32_t *out_n);

/* Keeps that events with this number, which are never given to others (sek_scanner_answer), have no layers. */
void sek_again_keep_plain(SekAgain *again, uint64_t answer);
bool sek_again_is_plain(const SekAgain *again, uint64_t answer);

typedef struct SekAgainLayer {
    SekEvent event;
    const SekCodeText *text;  /* that was decoded */
    const SekLayers *layers;  /* of the text */
    uint32_t index;           /* in `layers`, from 1 */
} SekAgainLayer;

/* Layer `i` of the event of the last call; valid until the next call for a layer or event. SEK_OK or
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_again_layer(SekAgain *again, uint32_t i, SekAgainLayer *out);

/* Appends what was done from the text as recorded to the layer: "encoded-command, base64; concat x12". */
void sek_again_steps(const SekLayers *layers, uint32_t index, SekBuf *out);

/* Texts that looked encoded so far, and those of them that were decoded anew. */
void sek_again_counts(const SekAgain *again, uint64_t *out_looked, uint64_t *out_decoded);
