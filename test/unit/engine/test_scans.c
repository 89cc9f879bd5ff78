/* SPDX-License-Identifier: Apache-2.0 */
/* Searches that have a plain form and one for wide registers: both give what a simple search gives. */
#include "base/buf.h"
#include "base/cp1252.h"
#include "base/utf.h"
#include "engine/guard.h"
#include "engine/matcher.h"
#include "engine/probe.h"
#include "engine/raw_event.h"
#include "engine/short_scan.h"
#include "format/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>

static uint32_t random_state = 12345;

static uint32_t random_below(uint32_t n) {
    random_state = random_state * 1664525u + 1013904223u; /* Numerical Recipes, section 7.1 */
    return (uint32_t)((uint64_t)random_state * n >> 32);
}

/* UTF-16LE of characters that meet often, at a place that may be odd, in bytes that may look like text. */
static size_t random_units(uint8_t *bytes, size_t max, uint32_t *out_start) {
    static const uint16_t units[] = {'a', 'A', 'b', 'k', 'K', 0x212A, 's', 'S', 0x17F, ':', '.', 0x3A3, 0xD83D, 0xDE00, 0};
    size_t n = random_below((uint32_t)max / 2 - 2);
    *out_start = random_below(2);
    bytes[0] = 'a';
    for (size_t i = 0; i < n; i++) {
        uint16_t unit = units[random_below(sizeof units / sizeof *units)];
        bytes[*out_start + 2 * i] = (uint8_t)unit;
        bytes[*out_start + 2 * i + 1] = (uint8_t)(unit >> 8);
    }
    return *out_start + 2 * n;
}

static bool folded_has(const uint8_t *utf16, size_t n, SekStr literal) {
    SekBuf text, folded;
    sek_buf_init(&text, 1u << 20);
    sek_buf_init(&folded, 1u << 20);
    sek_utf16le_append(&text, utf16, n);
    sek_fold_append(&folded, sek_buf_str(&text));
    bool found = sek_str_find(sek_buf_str(&folded), literal) >= 0;
    sek_buf_deinit(&text);
    sek_buf_deinit(&folded);
    return found;
}

/* False when this processor does not have the form. */
static bool use_form(SekRawScan *scan, int i) {
    SekRawHits forms[] = {sek_raw_hits_plain, sek_raw_hits_avx2(), sek_raw_hits_avx512()};
    scan->hits = forms[i];
    return forms[i] != NULL;
}

static void raw_scan_finds_what_folding_would_find(void **state) {
    (void)state;
    static const char *const words[] = {"abk", "sk:", "ka.s", "s::a", "bbb\xcf\x83", ".kk"};
    unsigned found = 0, passed = 0;
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[160];
        uint32_t start;
        SekRawScan scan;
        sek_raw_scan_init(&scan);
        size_t n = random_units(bytes, sizeof bytes, &start);
        SekStr word = sek_str(words[random_below(6)]);
        assert_true(sek_raw_scan_add(&scan, word));
        bool expected = folded_has(bytes + start, n - start, word), wide = sek_raw_scan_hits(&scan, bytes, n);
        for (int i = 0; i < 3; i++)
            if (use_form(&scan, i))
                assert_int_equal(wide, sek_raw_scan_hits(&scan, bytes, n));
        assert_true(wide || !expected);
        found += expected;
        passed += wide;
    }
    assert_true(found > 100 && passed < 15000);
}

static size_t random_utf8(char *bytes, size_t max) {
    static const char *const letters[] = {"a", "A", "b", "k", "K", "s", "S", ":", ".", "\xce\xa3", "\xf0\x9f\x98\x80"};
    size_t n = 0, wanted = random_below((uint32_t)max - 4);
    while (n < wanted) {
        SekStr letter = sek_str(letters[random_below(sizeof letters / sizeof *letters)]);
        memcpy(bytes + n, letter.ptr, letter.len);
        n += letter.len;
    }
    return n;
}

static void raw_scan_finds_in_text_what_folding_would_find(void **state) {
    (void)state;
    static const char *const words[] = {"abk", "sk:", "ka.s", "s::a", "bbb\xcf\x83", ".kk"};
    unsigned found = 0, passed = 0;
    for (int round = 0; round < 20000; round++) {
        char bytes[120];
        SekRawScan scan;
        SekBuf folded;
        SekStr text = {bytes, random_utf8(bytes, sizeof bytes)}, word = sek_str(words[random_below(6)]);
        sek_raw_scan_init(&scan);
        assert_true(sek_raw_scan_add(&scan, word));
        sek_buf_init(&folded, 1u << 20);
        sek_fold_append(&folded, text);
        bool expected = sek_str_find(sek_buf_str(&folded), word) >= 0;
        bool wide = sek_raw_scan_text_hits(&scan, (const uint8_t *)text.ptr, text.len);
        for (int i = 0; i < 3; i++)
            if (use_form(&scan, i))
                assert_int_equal(wide, sek_raw_scan_text_hits(&scan, (const uint8_t *)text.ptr, text.len));
        assert_true(wide || !expected);
        found += expected;
        passed += wide;
        sek_buf_deinit(&folded);
    }
    assert_true(found > 100 && passed < 15000);
}

/* Wherever it stands: over the ends of steps and of blocks of them, and at the very end, where nothing follows a window. */
static void raw_scan_finds_a_word_at_every_place(void **state) {
    (void)state;
    static const char *const words[] = {"kub", "rare:", "privilege::debug"};
    enum { LONG = 1100 };
    static uint8_t wide[2 * LONG], text[LONG];
    for (unsigned w = 0; w < 3; w++) {
        SekStr word = sek_str(words[w]);
        SekRawScan scan;
        sek_raw_scan_init(&scan);
        assert_true(sek_raw_scan_add(&scan, word));
        for (size_t place = 0; place + word.len <= LONG; place++) {
            size_t n = place % 3 ? LONG : place + word.len; /* with something behind it, or at the end */
            memset(text, 'e', sizeof text);
            memcpy(text + place, word.ptr, word.len);
            for (size_t i = 0; i < LONG; i++)
                wide[2 * i] = text[i];
            for (int i = 0; i < 3; i++) {
                if (!use_form(&scan, i))
                    continue;
                assert_true(sek_raw_scan_hits(&scan, wide, 2 * n) && sek_raw_scan_text_hits(&scan, text, n));
                assert_false(sek_raw_scan_hits(&scan, wide, 2 * (place + word.len) - 2));
                assert_false(sek_raw_scan_text_hits(&scan, text, place + word.len - 1));
            }
        }
    }
}

static void raw_scan_knows_all_that_folds_to_ascii(void **state) {
    (void)state;
    for (uint32_t cp = 0x80; cp < 0x110000; cp++)
        if (sek_fold_cp(cp) < 0x80)
            assert_true(cp == 0x17F || cp == 0x212A);
}

static void raw_scan_refuses_what_it_cannot_find(void **state) {
    (void)state;
    SekRawScan scan;
    sek_raw_scan_init(&scan);
    assert_false(sek_raw_scan_add(&scan, SEK_STR("ab")));
    assert_false(sek_raw_scan_add(&scan, SEK_STR("ab\xcf\x83" "cd")));
    for (unsigned i = 0; i < SEK_RAW_MAX; i++)
        assert_true(sek_raw_scan_add(&scan, SEK_STR("abc")));
    assert_false(sek_raw_scan_add(&scan, SEK_STR("abc")));
}

/* Keywords are asked of the texts that values lie in; a value that is empty is no reason to look closer. */
static void raw_event_hits_where_a_value_holds_a_keyword(void **state) {
    (void)state;
    static const char text[] = "{\"xabcx\":\"plain\",\"y\":\"\",\"z\":\"-aBc-\"}", away[] = "an abc elsewhere";
    const uint8_t *p = (const uint8_t *)text;
    SekValue values[] = {{p + 10, 5, SEK_VALUE_UTF8}, {p + 21, 0, SEK_VALUE_UTF8}, {NULL, 0, SEK_VALUE_STRING},
                         {(const uint8_t *)"", 0, SEK_VALUE_UTF8}, {p + 28, 5, SEK_VALUE_UTF8}};
    SekEventText lies = {.record = {text + 9, 14}};
    SekEvent event = {.values = {values}, .n_values = {4}, .text = &lies};
    SekRawScan scan;
    sek_raw_scan_init(&scan);
    assert_true(sek_raw_scan_add(&scan, SEK_STR("nothing")) && sek_raw_scan_add(&scan, SEK_STR("abc")));
    assert_false(sek_raw_event_hits(&scan, 1, &event));
    event.n_values[0] = 5; /* lies in no span */
    assert_true(sek_raw_event_hits(&scan, 1, &event));
    lies.plain = (SekStr){text + 24, 10};
    assert_true(sek_raw_event_hits(&scan, 1, &event));
    values[4] = (SekValue){(const uint8_t *)away, sizeof away - 1, SEK_VALUE_UTF8};
    assert_true(sek_raw_event_hits(&scan, 1, &event));
    values[4] = (SekValue){(const uint8_t *)away, 6, SEK_VALUE_STRING}; /* cannot be told */
    assert_true(sek_raw_event_hits(&scan, 1, &event));
}

/* Text in code page 1252, whose characters beyond ASCII fold to none that a keyword has. */
static void raw_event_reads_code_page_1252(void **state) {
    (void)state;
    static const uint8_t text[] = "x\x8a\xdf xaBc\xe9";
    SekValue values[] = {{text, 9, SEK_VALUE_ANSI}, {text + 9, 0, SEK_VALUE_STRING}};
    SekEvent event = {.values = {values}, .n_values = {2},
                      .types = sek_value_type_bit(SEK_VALUE_ANSI) | sek_value_type_bit(SEK_VALUE_STRING)};
    SekRawScan scan;
    sek_raw_scan_init(&scan);
    assert_true(sek_raw_scan_add(&scan, SEK_STR("abc")));
    assert_true(sek_raw_event_hits(&scan, 1, &event));
    values[0].len = 7;
    assert_false(sek_raw_event_hits(&scan, 1, &event));
    values[0] = (SekValue){text + 5, 3, SEK_VALUE_ANSI | SEK_VALUE_ARRAY};
    assert_true(sek_raw_event_hits(&scan, 1, &event));
    for (unsigned byte = 0x80; byte < 0x100; byte++) {
        SekBuf utf8;
        size_t at = 0;
        uint8_t one = (uint8_t)byte;
        sek_buf_init(&utf8, 16);
        sek_cp1252_append(&utf8, &one, 1);
        assert_true(sek_fold_cp(sek_utf8_next(sek_buf_str(&utf8), &at)) >= 0x80);
        sek_buf_deinit(&utf8);
    }
}

/* What a known record of JSON writes with a backslash, or as the number of a character, is found all the same. */
static void raw_event_knows_how_json_is_written(void **state) {
    (void)state;
    static const struct {
        const char *keyword, *text, *value;
        bool respelled, hits;
    } cases[] = {
        {"abc", "{\"x\":\"-aBc-\"}", "", false, true},
        {"abc", "{\"x\":\"\\u0061bc\"}", "abc", true, true},
        {"xkx", "{\"x\":\"x\xE2\x84\xAAx\"}", "x\xE2\x84\xAAx", true, true},
        {"abc", "{\"x\":\"ab\\\\c\"}", "ab\\c", false, false},
        {"a\\b", "{\"x\":\"a\\\\b\"}", "a\\b", false, true}, /* no three characters that are written as they are */
        {"a/bcd", "{\"x\":\"A\\/bcd\"}", "A/bcd", false, true},
        {"\\mimi", "{\"x\":\"C:\\\\Mimi\"}", "C:\\Mimi", false, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SekStr text = sek_str(cases[i].text), plain = sek_str(cases[i].value);
        SekStr value = plain.len ? plain : sek_str_n(text.ptr + 6, text.len - 8);
        SekValue values[] = {{(const uint8_t *)value.ptr, (uint32_t)value.len, SEK_VALUE_UTF8}};
        SekEventText lies = {.record = text, .plain = plain, .known = 1, .respelled = cases[i].respelled};
        SekEvent event = {.values = {values}, .n_values = {1}, .text = &lies};
        SekRawScan scan;
        sek_raw_scan_init(&scan);
        assert_true(sek_raw_scan_add(&scan, sek_str(cases[i].keyword)));
        assert_int_equal(sek_raw_event_hits(&scan, 1, &event), cases[i].hits);
    }
}

/* A GUID that got its braces from us does not have them in the record. */
static void raw_text_asks_braces_of_the_values(void **state) {
    (void)state;
    static const struct {
        const char *keyword;
        bool hits;
    } cases[] = {{"25}", true}, {"{548", true}, {"496", true}, {"26}", false}};
    SekStr text = SEK_STR("{\"x\":\"54849625\"}"), value = SEK_STR("{54849625}");
    SekValue values[] = {{(const uint8_t *)value.ptr, (uint32_t)value.len, SEK_VALUE_UTF8}};
    uint32_t places[] = {6};
    SekRestRun rest[] = {{5, 0, 0, 1}};
    SekRecipe recipe = {.n_rest = 1, .rest = rest, .n_values = {1}, .nested = UINT32_MAX};
    SekEventText lies = {.record = text, .known = 1, .places = places, .braced = true};
    SekEvent event = {.values = {values}, .n_values = {1}, .text = &lies};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SekRawScan scan;
        sek_raw_scan_init(&scan);
        assert_true(sek_raw_scan_add(&scan, sek_str(cases[i].keyword)));
        assert_int_equal(sek_raw_event_hits(&scan, 1, &event), cases[i].hits);
        assert_int_equal(sek_raw_event_rest_hits(&scan, 1, &event, &recipe), cases[i].hits);
    }
}

/* Of a known record that was recalled only the values that are not in the key are asked, and what was made of them. */
static void raw_text_asks_what_the_key_leaves(void **state) {
    (void)state;
    static const struct {
        const char *text, *plain, *made;
        bool respelled, hits;
    } cases[] = {
        {"{\"a\":\"xx\",\"b\":\"yabcy\",\"c\":\"zz\"}", "", "-", false, false},
        {"{\"a\":\"xabcx\",\"b\":\"yy\",\"c\":\"zz\"}", "", "-", false, true},
        {"{\"a\":\"xx\",\"b\":\"yy\",\"c\":\"zaBCz\"}", "", "-", false, true},
        {"{\"a\":\"xx\",\"b\":\"yy\",\"c\":\"zz\"}", "", "abc", false, true},
        {"{\"a\":\"xx\",\"b\":\"yy\",\"c\":\"zz\"}", "abc", "-", false, false}, /* as it is written, it is not there */
        {"{\"a\":\"xx\",\"b\":\"yy\",\"c\":\"zz\"}", "abc", "-", true, true},
    };
    SekRestRun rest[] = {{5, 0, 0, 1}, {12, 0, 2, 2}};
    SekRecipe recipe = {.n_rest = 2, .rest = rest, .n_values = {4}, .nested = UINT32_MAX};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SekStr text = sek_str(cases[i].text);
        SekValue values[4] = {{0}};
        uint32_t places[3];
        const char *at = text.ptr;
        for (unsigned k = 0; k < 3; k++) { /* each behind a colon and a quote */
            at = strchr(at, ':') + 2;
            places[k] = (uint32_t)(at - text.ptr);
            values[k] = (SekValue){(const uint8_t *)at, (uint32_t)strcspn(at, "\""), SEK_VALUE_UTF8};
        }
        values[3] = (SekValue){(const uint8_t *)cases[i].made, (uint32_t)strlen(cases[i].made), SEK_VALUE_UTF8};
        SekEventText lies = {.record = text, .plain = sek_str(cases[i].plain), .known = 3, .places = places,
                             .respelled = cases[i].respelled};
        SekEvent event = {.values = {values}, .n_values = {4}, .text = &lies};
        SekRawScan scan;
        sek_raw_scan_init(&scan);
        assert_true(sek_raw_scan_add(&scan, SEK_STR("abc")));
        assert_true(sek_recipe_fits(&recipe, &event));
        assert_int_equal(sek_raw_event_rest_hits(&scan, 1, &event, &recipe), cases[i].hits);
        lies.known = 0; /* nobody can tell where values stand */
        assert_false(sek_recipe_fits(&recipe, &event));
    }
}

static SekStr random_text(char *buffer, uint32_t max, uint32_t letters) {
    uint32_t n = random_below(max + 1);
    for (uint32_t i = 0; i < n; i++)
        buffer[i] = (char)('a' + random_below(letters));
    return sek_str_n(buffer, n);
}

static void probes_answer_as_their_predicates(void **state) {
    (void)state;
    static const SekGlobKind kinds[] = {SEK_GLOB_EQUAL, SEK_GLOB_STARTS, SEK_GLOB_ENDS, SEK_GLOB_CONTAINS};
    unsigned held = 0;
    for (int round = 0; round < 200000; round++) {
        char literal[24], text[160 + SEK_TEXT_PAD] = {0};
        uint32_t letters = 1 + random_below(3);
        SekPred pred = {.kind = SEK_PRED_GLOB};
        pred.glob.kind = kinds[random_below(4)];
        pred.glob.literal = random_text(literal, random_below(20), letters);
        SekText value = {.folded = random_text(text, random_below(4) ? 12 : 160, letters)};
        value.head = sek_text_head(value.folded);
        value.tail = sek_text_tail(value.folded);
        SekProbe probe = sek_probe_make(&pred, &(SekGuard){0});
        bool expected = sek_glob_matches(&pred.glob, value.folded);
        if (probe.kind == SEK_PROBE_OTHER) {
            assert_true(pred.glob.literal.len == 0);
            continue;
        }
        assert_int_equal(expected, sek_probe_holds(&probe, &value, sek_find_best()));
        assert_int_equal(expected, sek_probe_holds(&probe, &value, sek_find_plain));
        held += expected;
    }
    assert_true(held > 10000);
}

#define SHORTS 50u
#define LETTERS "abks:." /* of the random texts */

/* The short literal of that number: some by hand, then of two letters, then one that no scan can hold. */
static SekStr short_literal(uint32_t i, char bytes[2]) {
    static const char *const words[] = {"ab", "k:", ".sa", "\xcf\x83", "a\xcf\x83", "::", "sss", "ka", "b.", "s.k", "kk", "as"};
    uint32_t n = (uint32_t)(sizeof words / sizeof *words), letters = (uint32_t)(sizeof LETTERS - 1);
    if (i < n)
        return sek_str(words[i]);
    bytes[0] = LETTERS[(i - n) / letters % letters];
    bytes[1] = i == SHORTS - 1 ? 0 : LETTERS[(i - n) % letters];
    return sek_str_n(bytes, 2);
}

/* Literals of two and three bytes: few of them, with others that are not ASCII, many, and more than are scanned for. */
static void short_literals_are_found_where_they_stand(void **state) {
    (void)state;
    static const uint32_t counts[] = {1, 3, 5, 12, 34, SHORTS};
    char bytes_of[SHORTS][2];
    unsigned found = 0;
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        SekGuard guards[SHORTS];
        uint32_t preds[SHORTS], hits[512];
        SekMatcher *matcher;
        for (uint32_t i = 0; i < counts[c]; i++) {
            guards[i] = (SekGuard){.kind = SEK_GUARD_LITERAL, .literal = short_literal(i, bytes_of[i])};
            preds[i] = i;
        }
        assert_int_equal(sek_matcher_new(guards, preds, counts[c], &matcher), SEK_OK);
        for (int round = 0; round < 5000; round++) {
            char bytes[90 + SEK_TEXT_PAD] = "";
            SekBuf folded;
            sek_buf_init(&folded, 1u << 20);
            sek_fold_append(&folded, sek_str_n(bytes, random_utf8(bytes, round % 2 ? 90 : 12)));
            assert_non_null(sek_buf_reserve(&folded, SEK_TEXT_PAD));
            SekStr text = sek_buf_str(&folded);
            size_t n = sek_matcher_find(matcher, text, hits, sizeof hits / sizeof *hits);
            for (uint32_t i = 0; i < counts[c]; i++) {
                bool expected = sek_str_find(text, guards[i].literal) >= 0, hit = false;
                for (size_t h = 0; h < n; h++)
                    hit = hit || hits[h] == i;
                assert_int_equal(hit, expected);
                found += expected;
            }
            sek_buf_deinit(&folded);
        }
        sek_matcher_free(matcher);
    }
    assert_true(found > 5000);
}

/* All forms, on texts behind which nothing may be read. */
static void eight_short_literals_are_found_alike(void **state) {
    (void)state;
    static const char *const words[SEK_SHORT_LITERALS] = {"a", "`", "ab", "b\xff", "\xffxc", "abc", "cab", "x"};
    SekShortFind forms[] = {sek_short_find_plain, sek_short_find_avx2(), sek_short_find_avx512()};
    SekShortScan scan = {.n = 0};
    uint32_t n_found = 0;
    for (uint32_t i = 0; i < SEK_SHORT_LITERALS; i++)
        sek_short_scan_add(&scan, sek_str(words[i]));
    for (uint32_t round = 0; round < 20000; round++) {
        size_t n = random_below(round % 2 ? 5 : 200);
        char *text = malloc(n + 1);
        uint8_t expected = 0;
        assert_non_null(text);
        for (size_t k = 0; k < n; k++)
            text[k] = random_below((uint32_t)n / 4 + 1) ? '-' : "abcx`\xff\0"[random_below(7)];
        for (uint32_t i = 0; i < SEK_SHORT_LITERALS; i++)
            expected |= (uint8_t)((sek_str_find(sek_str_n(text, n), sek_str(words[i])) >= 0) << i);
        for (size_t k = 0; k < sizeof forms / sizeof *forms; k++)
            if (forms[k])
                assert_int_equal(forms[k](&scan, sek_str_n(text, n)), expected);
        n_found += (uint32_t)__builtin_popcount(expected);
        free(text);
    }
    assert_true(n_found > 10000);
}

/* Texts of a few characters, so that rare bytes meet often; as long as one step of the widest form, and longer. */
static void literals_are_found_alike(void **state) {
    (void)state;
    SekFind forms[] = {sek_find_plain, sek_find_avx2(), sek_find_avx512()};
    uint32_t n_found = 0;
    for (uint32_t i = 0; i < 60000; i++) {
        size_t n = random_below(i % 2 ? 20 : 200), len = 1 + random_below(i % 3 ? 4 : 20);
        char *text = malloc(n + SEK_TEXT_PAD), literal[20]; /* what may be read behind it, and no more */
        assert_non_null(text);
        for (size_t k = 0; k < n + SEK_TEXT_PAD; k++)
            text[k] = "abc"[random_below(3)];
        for (size_t k = 0; k < len; k++)
            literal[k] = "abcd"[random_below(i % 50 ? 3 : 4)];
        SekProbe probe = {.literal = literal, .eight = sek_text_head(sek_str_n(literal, len)), .len = (uint32_t)len, .kind = SEK_PROBE_CONTAINS};
        probe.rare[0] = (uint16_t)random_below((uint32_t)len);
        probe.rare[1] = (uint16_t)(probe.rare[0] + random_below((uint32_t)len - probe.rare[0]));
        bool found = forms[0](sek_str_n(text, n), &probe);
        for (size_t k = 1; k < sizeof forms / sizeof *forms; k++)
            if (forms[k])
                assert_int_equal(forms[k](sek_str_n(text, n), &probe), found);
        n_found += found;
        free(text);
    }
    assert_true(n_found > 10000 && n_found < 50000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_are_found_alike),
        cmocka_unit_test(raw_scan_finds_what_folding_would_find),
        cmocka_unit_test(short_literals_are_found_where_they_stand),
        cmocka_unit_test(eight_short_literals_are_found_alike),
        cmocka_unit_test(raw_scan_finds_in_text_what_folding_would_find),
        cmocka_unit_test(raw_scan_finds_a_word_at_every_place),
        cmocka_unit_test(raw_scan_knows_all_that_folds_to_ascii),
        cmocka_unit_test(probes_answer_as_their_predicates),
        cmocka_unit_test(raw_scan_refuses_what_it_cannot_find),
        cmocka_unit_test(raw_event_hits_where_a_value_holds_a_keyword), cmocka_unit_test(raw_event_reads_code_page_1252),
        cmocka_unit_test(raw_event_knows_how_json_is_written),
        cmocka_unit_test(raw_text_asks_braces_of_the_values),
        cmocka_unit_test(raw_text_asks_what_the_key_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
