/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For tests of the decode room: layers as text. */

#include "decode/decode.h"

/* Decodes `text` and fails unless the layers behind layer 0 are exactly `layers`, a NULL-terminated list
 * of "kind: text"; a layer that is partial has "kind?: text". Also holds that the cheap test says yes
 * where there is more than layer 0. */
void expect_layers(SekScriptKind kind, const char *text, const char *const *layers);

/* Fails unless a layer of the text contains each of `wanted` (NULL-terminated). */
void expect_somewhere(SekScriptKind kind, const char *text, const char *const *wanted);

/* Fails unless layer 0 is all there is, and is not partial. */
void expect_nothing(SekScriptKind kind, const char *text);

#define LAYERS(...) ((const char *const[]){__VA_ARGS__, NULL})
