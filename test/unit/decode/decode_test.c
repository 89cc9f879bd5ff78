/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "decode_test.h"

#include "base/buf.h"

static void decode(SekArena *arena, SekScriptKind kind, const char *text, SekLayers *out) {
    SekDecodeInput input = {.text = sek_str(text), .kind = kind};
    SekError err = {0};
    sek_arena_init(arena, 0);
    assert_int_equal(sek_decode(arena, &input, out, &err), SEK_OK);
    assert_true(out->n >= 1 && sek_str_eq(out->items[0].text, input.text));
    if (out->n > 1 && !sek_decode_looks_encoded(kind, input.text))
        fail_msg("the cheap test says no to: %s", text);
    for (uint32_t i = 1; i < out->n; i++)
        assert_true(out->items[i].parent < i && out->items[i].n_steps > 0);
}

static void describe(const SekLayers *layers, SekBuf *out) {
    for (uint32_t i = 1; i < layers->n; i++) {
        const SekLayer *l = &layers->items[i];
        sek_buf_addf(out, "%s%s: ", sek_script_kind_name(l->kind), l->partial ? "?" : "");
        sek_buf_add_str(out, l->text);
        sek_buf_addc(out, '\n');
    }
    sek_buf_addc(out, '\0');
}

void expect_layers(SekScriptKind kind, const char *text, const char *const *layers) {
    SekArena arena;
    SekLayers got;
    SekBuf a, b;
    sek_buf_init(&a, 1 << 20);
    sek_buf_init(&b, 1 << 20);
    decode(&arena, kind, text, &got);
    describe(&got, &a);
    for (; *layers; layers++)
        sek_buf_addf(&b, "%s\n", *layers);
    sek_buf_addc(&b, '\0');
    if (strcmp(a.data, b.data) != 0)
        fail_msg("in: %s\nlayers:\n%sexpected:\n%s", text, a.data, b.data);
    sek_buf_deinit(&a);
    sek_buf_deinit(&b);
    sek_arena_deinit(&arena);
}

void expect_somewhere(SekScriptKind kind, const char *text, const char *const *wanted) {
    SekArena arena;
    SekLayers got;
    decode(&arena, kind, text, &got);
    for (; *wanted; wanted++) {
        bool found = false;
        for (uint32_t i = 0; i < got.n && !found; i++)
            found = sek_str_find(got.items[i].text, sek_str(*wanted)) >= 0;
        if (!found) {
            SekBuf all;
            sek_buf_init(&all, 1 << 20);
            describe(&got, &all);
            fail_msg("no layer holds: %s\n%s", *wanted, all.data);
        }
    }
    sek_arena_deinit(&arena);
}

void expect_nothing(SekScriptKind kind, const char *text) {
    SekArena arena;
    SekLayers got;
    decode(&arena, kind, text, &got);
    if (got.n != 1 || got.partial) {
        SekBuf all;
        sek_buf_init(&all, 1 << 20);
        describe(&got, &all);
        fail_msg("%s\nhas layers:\n%s%s", text, all.data, got.items[0].why ? got.items[0].why : "");
    }
    sek_arena_deinit(&arena);
}
