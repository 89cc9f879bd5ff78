/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: the first byte picks the kind, the rest is the text. Beside not crashing, the layers must keep
 * what decode.h promises, and the cheap test must not have said no to a text that gives layers. */

#include "decode/decode.h"

#include <stdlib.h>

static void require(bool condition) {
    if (!condition)
        abort();
}

static void check(const SekLayers *layers, const SekDecodeInput *input) {
    require(layers->n >= 1 && layers->n <= SEK_DECODE_MAX_LAYERS);
    require(layers->items[0].text.ptr == input->text.ptr && layers->items[0].parent == SEK_LAYER_NONE);
    for (uint32_t i = 0; i < layers->n; i++) {
        const SekLayer *layer = &layers->items[i];
        require(i == 0 || (layer->parent < i && layer->depth == layers->items[layer->parent].depth + 1));
        require(layer->depth <= SEK_DECODE_MAX_DEPTH && layer->partial == (layer->why != NULL));
        require(layer->source_off == SEK_OFF_NONE ||
                layer->source_off + layer->source_len <= layers->items[layer->parent].text.len);
        for (uint32_t s = 0; s < layer->n_steps; s++)
            require(layer->steps[s].name && layer->steps[s].count > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SekArena arena;
    SekLayers layers;
    SekError err = {0};
    SekDecodeLimits limits = {.max_steps = 200000, .max_inflated_bytes = 1 << 20};
    if (size == 0)
        return 0;
    SekDecodeInput input = {.kind = (SekScriptKind)(data[0] % SEK_N_SCRIPT_KINDS),
                            .limits = &limits,
                            .text = sek_str_n((const char *)data + 1, size - 1)};
    sek_arena_init(&arena, (size_t)256 << 20);
    if (sek_decode(&arena, &input, &layers, &err) == SEK_OK) {
        check(&layers, &input);
        require(layers.n == 1 || sek_decode_looks_encoded(input.kind, input.text));
    }
    (void)sek_decode_looks_encoded_utf16(input.kind, data + 1, size - 1); /* any bytes */
    sek_arena_deinit(&arena);
    return 0;
}
