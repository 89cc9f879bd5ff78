/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L /* getline, clock_gettime */

/* Decodes many texts: JSON Lines in, JSON Lines out. Input: {"kind": "powershell", "text": "..."}; output:
 * the layers, the milliseconds of processor time, and what the cheap tests said of the text. For tests in
 * Python. */

#include "base/json_text.h"
#include "decode/decode.h"

#include <stdlib.h>
#include <time.h>
#include <yyjson.h>

static SekScriptKind kind_of(const char *name) {
    for (int i = 0; i < SEK_N_SCRIPT_KINDS; i++)
        if (name && strcmp(name, sek_script_kind_name((SekScriptKind)i)) == 0)
            return (SekScriptKind)i;
    return SEK_SCRIPT_TEXT;
}

static double processor_ms(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* As UTF-16LE, for the other form of the cheap test. ASCII and Latin letters are enough to compare. */
static bool looks_wide(SekScriptKind kind, SekStr text) {
    uint8_t *wide = malloc(2 * text.len + 2);
    for (size_t i = 0; wide && i < text.len; i++) {
        wide[2 * i] = (uint8_t)text.ptr[i];
        wide[2 * i + 1] = 0;
    }
    bool looks = wide && sek_decode_looks_encoded_utf16(kind, wide, 2 * text.len);
    free(wide);
    return looks;
}

static void print_layer(yyjson_mut_doc *doc, yyjson_mut_val *list, const SekLayer *layer) {
    yyjson_mut_val *item = yyjson_mut_arr_add_obj(doc, list);
    yyjson_mut_obj_add_strncpy(doc, item, "text", layer->text.ptr ? layer->text.ptr : "", layer->text.len);
    yyjson_mut_obj_add_str(doc, item, "kind", sek_script_kind_name(layer->kind));
    yyjson_mut_obj_add_int(doc, item, "parent",
                           layer->parent == SEK_LAYER_NONE ? -1 : (int64_t)layer->parent);
    yyjson_mut_obj_add_bool(doc, item, "folded", layer->folded);
    yyjson_mut_val *steps = yyjson_mut_obj_add_obj(doc, item, "steps");
    for (uint32_t i = 0; i < layer->n_steps; i++)
        yyjson_mut_obj_add_uint(doc, steps, layer->steps[i].name, layer->steps[i].count);
    if (layer->partial)
        yyjson_mut_obj_add_str(doc, item, "partial", layer->why);
}

static bool decode_one(SekArena *arena, const char *json, size_t len) {
    yyjson_doc *in = yyjson_read(json, len, 0);
    yyjson_val *root = yyjson_doc_get_root(in), *text = yyjson_obj_get(root, "text");
    SekDecodeInput input = {.kind = kind_of(yyjson_get_str(yyjson_obj_get(root, "kind"))),
                            .text = sek_str_n(yyjson_get_str(text), yyjson_get_len(text))};
    SekLayers layers;
    SekError err = {0};
    double start = processor_ms();
    SekStatus status = in ? sek_decode(arena, &input, &layers, &err) : SEK_ERR_INPUT;
    double took = processor_ms() - start;
    if (status != SEK_OK) {
        yyjson_doc_free(in);
        (void)fprintf(stderr, "%s\n", err.what);
        return false;
    }
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *out = yyjson_mut_obj(doc), *list;
    yyjson_mut_doc_set_root(doc, out);
    yyjson_mut_obj_add_real(doc, out, "ms", took);
    yyjson_mut_obj_add_bool(doc, out, "looks", sek_decode_looks_encoded(input.kind, input.text));
    yyjson_mut_obj_add_bool(doc, out, "looks16", looks_wide(input.kind, input.text));
    yyjson_mut_obj_add_bool(doc, out, "partial", layers.partial);
    list = yyjson_mut_obj_add_arr(doc, out, "layers");
    for (uint32_t i = 0; i < layers.n; i++)
        print_layer(doc, list, &layers.items[i]);
    char *line = yyjson_mut_write(doc, YYJSON_WRITE_ALLOW_INVALID_UNICODE, NULL);
    puts(line ? line : "{}");
    free(line);
    yyjson_mut_doc_free(doc);
    yyjson_doc_free(in);
    return true;
}

int main(void) {
    SekArena arena;
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    bool good = true;
    sek_arena_init(&arena, (size_t)1 << 30);
    while ((len = getline(&line, &cap, stdin)) > 0) {
        good = decode_one(&arena, line, (size_t)len) && good;
        sek_arena_reset(&arena);
    }
    free(line);
    sek_arena_deinit(&arena);
    return good ? 0 : 1;
}
