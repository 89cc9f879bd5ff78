/* SPDX-License-Identifier: Apache-2.0 */

/* What must hold whatever the text is: limits, and the promises of decode.h. What disguises come to is in
 * test/decode/cases. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "decode/decode.h"

#include <stdlib.h>
#include <zlib.h>

#define MAX_TEXT ((size_t)128 << 20)

typedef struct Decoded {
    SekArena arena;
    SekLayers layers;
} Decoded;

static Decoded *decode(SekScriptKind kind, SekStr text, const SekDecodeLimits *limits) {
    Decoded *d = calloc(1, sizeof *d);
    SekError err = {0};
    SekDecodeInput input = {.text = text, .kind = kind, .limits = limits};
    assert_non_null(d);
    sek_arena_init(&d->arena, 0);
    assert_int_equal(sek_decode(&d->arena, &input, &d->layers, &err), SEK_OK);
    return d;
}

static void drop(Decoded *d) {
    sek_arena_deinit(&d->arena);
    free(d);
}

static const SekLayer * final(const Decoded *d) {
    return &d->layers.items[d->layers.n - 1];
}

static void text_without_disguise_is_layer_0_alone(void **state) {
    (void)state;
    SekStr text = SEK_STR("Get-Item C:\\Temp | Remove-Item -Force");
    Decoded *d = decode(SEK_SCRIPT_POWERSHELL, text, NULL);
    assert_int_equal(d->layers.n, 1);
    assert_ptr_equal(d->layers.items[0].text.ptr, text.ptr);
    assert_false(sek_decode_looks_encoded(SEK_SCRIPT_POWERSHELL, text));
    drop(d);
}

static void layers_say_what_was_done(void **state) {
    (void)state;
    Decoded *d = decode(SEK_SCRIPT_POWERSHELL, SEK_STR("x; iex ('a b-'+'c')"), NULL);
    assert_int_equal(d->layers.n, 3);
    assert_true(d->layers.items[1].folded);
    assert_string_equal(d->layers.items[1].steps[0].name, "concat");
    assert_int_equal(d->layers.items[2].parent, 1);
    assert_true(sek_str_eq(final(d)->text, SEK_STR("a b-c")));
    assert_string_equal(final(d)->steps[0].name, "invoke");
    drop(d);
}

static void an_unknown_kind_is_an_argument_error(void **state) {
    (void)state;
    SekArena arena;
    SekLayers layers;
    SekError err = {0};
    SekDecodeInput input = {.kind = (SekScriptKind)99};
    sek_arena_init(&arena, 0);
    assert_int_equal(sek_decode(&arena, &input, &layers, &err), SEK_ERR_ARGUMENT);
    sek_arena_deinit(&arena);
}

static void ten_thousand_brackets_are_partial_not_fatal(void **state) {
    (void)state;
    SekBuf buf;
    sek_buf_init(&buf, MAX_TEXT);
    sek_buf_adds(&buf, "Write-Host ('a'+'b'); ");
    for (int i = 0; i < 10000; i++)
        sek_buf_addc(&buf, '(');
    sek_buf_adds(&buf, "'c'+'d'");
    for (int i = 0; i < 10000; i++)
        sek_buf_addc(&buf, ')');
    Decoded *d = decode(SEK_SCRIPT_POWERSHELL, sek_buf_str(&buf), NULL);
    assert_true(d->layers.partial);
    assert_true(sek_str_starts(final(d)->text, SEK_STR("Write-Host 'ab'")));
    drop(d);
    sek_buf_deinit(&buf);
}

static void brackets_up_to_the_limit_are_read(void **state) {
    (void)state;
    SekBuf buf;
    sek_buf_init(&buf, MAX_TEXT);
    sek_buf_adds(&buf, "$x=");
    for (int i = 0; i < 40; i++)
        sek_buf_adds(&buf, "('a'+");
    sek_buf_adds(&buf, "'b'");
    for (int i = 0; i < 40; i++)
        sek_buf_addc(&buf, ')');
    Decoded *d = decode(SEK_SCRIPT_POWERSHELL, sek_buf_str(&buf), NULL);
    assert_false(d->layers.partial);
    assert_true(sek_str_eq(final(d)->text, SEK_STR("$x='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'")));
    drop(d);
    sek_buf_deinit(&buf);
}

static void a_hundred_megabytes_are_refused_at_once(void **state) {
    (void)state;
    size_t n = (size_t)100 << 20;
    char *text = malloc(n);
    assert_non_null(text);
    for (size_t i = 0; i < n; i++)
        text[i] = "'a'+"[i % 4];
    Decoded *d = decode(SEK_SCRIPT_POWERSHELL, sek_str_n(text, n), NULL);
    assert_int_equal(d->layers.n, 1);
    assert_true(d->layers.partial);
    drop(d);
    free(text);
}

static void megabytes_of_concatenation_are_folded(void **state) {
    (void)state;
    SekBuf buf;
    sek_buf_init(&buf, MAX_TEXT);
    sek_buf_adds(&buf, "$x=");
    for (int i = 0; i < 2000; i++)
        sek_buf_adds(&buf, "'0123456789'+");
    sek_buf_adds(&buf, "'end'");
    Decoded *d = decode(SEK_SCRIPT_POWERSHELL, sek_buf_str(&buf), NULL);
    assert_int_equal(final(d)->text.len, 5 + 20000 + 3);
    drop(d);
    sek_buf_deinit(&buf);
}

static void put_base64(SekBuf *out, const uint8_t *bytes, size_t n) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16 | (i + 1 < n ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (i + 2 < n ? bytes[i + 2] : 0);
        for (unsigned k = 0; k < 4; k++)
            sek_buf_addc(out, i + k > n ? '=' : digits[group >> (18 - 6 * k) & 63]);
    }
}

static void a_bomb_is_stopped_at_the_limit(void **state) {
    (void)state;
    uLong room = compressBound((uLong)64 << 20);
    uint8_t *packed = malloc(room), *zeros = calloc((size_t)64 << 20, 1);
    SekBuf buf;
    assert_non_null(packed);
    assert_non_null(zeros);
    assert_int_equal(compress2(packed, &room, zeros, (uLong)64 << 20, 9), Z_OK);
    sek_buf_init(&buf, MAX_TEXT);
    sek_buf_adds(&buf, "iex ([IO.StreamReader]::new([IO.Compression.ZLibStream]::new([IO.MemoryStream]::new("
                       "[Convert]::FromBase64String('");
    put_base64(&buf, packed, room);
    sek_buf_adds(&buf, "')),'Decompress')).ReadToEnd())");
    SekDecodeLimits limits = {.max_inflated_bytes = (size_t)1 << 20};
    Decoded *d = decode(SEK_SCRIPT_POWERSHELL, sek_buf_str(&buf), &limits);
    assert_true(d->layers.partial);
    assert_true(d->arena.used < ((size_t)4 << 20));
    drop(d);
    sek_buf_deinit(&buf);
    free(packed);
    free(zeros);
}

static void steps_end_a_loop(void **state) {
    (void)state;
    SekDecodeLimits limits = {.max_steps = 5000};
    Decoded *d = decode(SEK_SCRIPT_POWERSHELL,
                        SEK_STR("$i=0;while($i -lt 9000000){$i++;$s+='x'};iex ('Write-Host '+$s)"), &limits);
    assert_true(d->layers.partial);
    drop(d);
}

static void growth_ends_at_the_value_limit(void **state) {
    (void)state;
    Decoded *d = decode(SEK_SCRIPT_POWERSHELL,
                        SEK_STR("$a='0123456789abcdef';1..64|%{$a=$a+$a};iex ('Write-Host '+$a)"), NULL);
    assert_true(d->layers.partial);
    assert_true(d->arena.used < ((size_t)64 << 20));
    drop(d);
}

static void code_that_runs_itself_ends(void **state) {
    (void)state;
    Decoded *d = decode(SEK_SCRIPT_POWERSHELL, SEK_STR("$a='$b=''x''+''y'';iex $a';iex $a"), NULL);
    assert_true(d->layers.n < 8);
    drop(d);
    d = decode(SEK_SCRIPT_POWERSHELL, SEK_STR("function f{f;f};f;iex ('a '+'b')"), NULL);
    assert_true(d->layers.n < 8);
    drop(d);
}

static void layers_end_at_their_limit(void **state) {
    (void)state;
    SekDecodeLimits limits = {.max_layers = 3};
    Decoded *d =
        decode(SEK_SCRIPT_POWERSHELL, SEK_STR("iex ('iex (''iex (\"a \"+\"b\")''+'' '')'+' ')"), &limits);
    assert_int_equal(d->layers.n, 3);
    assert_true(d->layers.partial);
    drop(d);
}

static void a_small_arena_is_a_status(void **state) {
    (void)state;
    SekArena arena;
    SekLayers layers;
    SekError err = {0};
    SekDecodeInput input = {.text = SEK_STR("iex ('a b'+' c')"), .kind = SEK_SCRIPT_POWERSHELL};
    sek_arena_init(&arena, 64);
    assert_int_equal(sek_decode(&arena, &input, &layers, &err), SEK_ERR_LIMIT);
    sek_arena_deinit(&arena);
}

/* `text` with gaps at the signs "\n~", which are taken out. */
static Decoded *decode_gappy(const char *text, size_t n_lost_at_the_ends) {
    char *joined = calloc(1, strlen(text) + 1);
    size_t gaps[8], n = 0, at = 0;
    if (n_lost_at_the_ends)
        gaps[n++] = 0;
    for (const char *c = text; *c; c++)
        if (*c == '~')
            gaps[n++] = at;
        else
            joined[at++] = *c;
    if (n_lost_at_the_ends > 1)
        gaps[n++] = at;
    Decoded *d = calloc(1, sizeof *d);
    SekDecodeInput input = {.text = sek_str(joined), .kind = SEK_SCRIPT_POWERSHELL, .gaps = gaps, .n_gaps = (uint32_t)n};
    sek_arena_init(&d->arena, 0);
    input.text = sek_arena_dup(&d->arena, input.text);
    assert_int_equal(sek_decode(&d->arena, &input, &d->layers, NULL), SEK_OK);
    free(joined);
    return d;
}

static void nothing_is_folded_across_a_gap(void **state) {
    (void)state;
    Decoded *d = decode_gappy("$a = 'I'; &('x'+'y') 1\n~&($a + 'EX') 1; iex ('Get-'+'Date a')", 0);
    assert_int_equal(d->layers.n, 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_true(d->layers.items[i].partial);
    assert_true(sek_str_eq(d->layers.items[1].text,
                           SEK_STR("$a = 'I'; xy 1\n&($a + 'EX') 1; iex 'Get-Date a'")));
    assert_true(sek_str_eq(final(d)->text, SEK_STR("Get-Date a")));
    drop(d);
    d = decode_gappy("'a\n~b' + 'c'\n~d'; iex 'e f'", 2);
    assert_true(d->layers.partial && d->layers.items[0].partial);
    drop(d);
    d = decode_gappy("Get-Item\n~Get-Date", 0); /* nothing is hidden, and still it is not all */
    assert_int_equal(d->layers.n, 1);
    assert_true(d->layers.partial);
    drop(d);
}

static void the_cheap_test_reads_utf16(void **state) {
    (void)state;
    static const uint16_t yes[] = u"iex ('a'+'b')", no[] = u"Get-Item a";
    assert_true(sek_decode_looks_encoded_utf16(SEK_SCRIPT_POWERSHELL, (const uint8_t *)yes, sizeof yes - 2));
    assert_true(sek_decode_looks_encoded_utf16(SEK_SCRIPT_POWERSHELL, (const uint8_t *)yes, sizeof yes - 3));
    assert_false(sek_decode_looks_encoded_utf16(SEK_SCRIPT_POWERSHELL, (const uint8_t *)no, sizeof no - 2));
    assert_false(sek_decode_looks_encoded_utf16(SEK_SCRIPT_TEXT, (const uint8_t *)yes, sizeof yes - 2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_without_disguise_is_layer_0_alone),
        cmocka_unit_test(layers_say_what_was_done),
        cmocka_unit_test(an_unknown_kind_is_an_argument_error),
        cmocka_unit_test(ten_thousand_brackets_are_partial_not_fatal),
        cmocka_unit_test(brackets_up_to_the_limit_are_read),
        cmocka_unit_test(a_hundred_megabytes_are_refused_at_once),
        cmocka_unit_test(megabytes_of_concatenation_are_folded),
        cmocka_unit_test(a_bomb_is_stopped_at_the_limit),
        cmocka_unit_test(steps_end_a_loop),
        cmocka_unit_test(growth_ends_at_the_value_limit),
        cmocka_unit_test(code_that_runs_itself_ends),
        cmocka_unit_test(layers_end_at_their_limit),
        cmocka_unit_test(a_small_arena_is_a_status),
        cmocka_unit_test(nothing_is_folded_across_a_gap),
        cmocka_unit_test(the_cheap_test_reads_utf16),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
