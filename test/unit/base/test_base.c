/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/host_set.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/grow.h"
#include "base/json_text.h"
#include "base/library.h"
#include "base/place.h"
#include "base/sha256.h"
#include "base/strmap.h"
#include "base/timestamp.h"
#include "base/utf.h"

#include <stdio.h>
#include <stdlib.h>

static void arena_stops_at_its_limit(void **state) {
    (void)state;
    SekArena arena;
    sek_arena_init(&arena, 1024);
    assert_non_null(sek_arena_alloc(&arena, 512));
    assert_non_null(sek_arena_alloc(&arena, 512));
    assert_null(sek_arena_alloc(&arena, 1));
    sek_arena_reset(&arena);
    assert_non_null(sek_arena_alloc(&arena, 1024));
    assert_null(sek_arena_calloc(&arena, SIZE_MAX / 2, 4));
    sek_arena_deinit(&arena);
}

static void arena_reuses_its_blocks(void **state) {
    (void)state;
    SekArena arena;
    sek_arena_init(&arena, 0);
    void *first = sek_arena_alloc(&arena, 100);
    sek_arena_reset(&arena);
    assert_ptr_equal(first, sek_arena_alloc(&arena, 100));
    sek_arena_deinit(&arena);
}

static void lists_grow_and_keep_what_is_in_them(void **state) {
    (void)state;
    uint16_t *list = NULL;
    uint32_t cap = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(sek_grow(&list, &cap, i, sizeof *list), SEK_OK);
        list[i] = (uint16_t)i;
    }
    assert_in_range(cap, 1000, 2000);
    uint32_t before = cap;
    assert_int_equal(sek_grow_zeroed(&list, &cap, 5000, sizeof *list), SEK_OK);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(list[i], i);
    for (uint32_t i = before; i < cap; i++)
        assert_int_equal(list[i], 0);
    assert_in_range(cap, 5001, 5001);
    assert_int_equal(sek_grow(&list, &cap, UINT32_MAX, sizeof *list), SEK_ERR_MEMORY); /* a count would not fit */
    assert_int_equal(sek_grow(&list, &cap, 6000, SIZE_MAX / 2), SEK_ERR_MEMORY);
    assert_int_equal(cap, 5001);
    free(list);
}

static void buffer_keeps_its_first_error(void **state) {
    (void)state;
    SekBuf buf;
    sek_buf_init(&buf, 8);
    sek_buf_adds(&buf, "12345678");
    assert_int_equal(buf.failed, SEK_OK);
    sek_buf_addc(&buf, '9');
    assert_int_equal(buf.failed, SEK_ERR_LIMIT);
    assert_int_equal(buf.len, 8);
    sek_buf_clear(&buf);
    sek_buf_addf(&buf, "%d", 42);
    assert_memory_equal(buf.data, "42", 2);
    sek_buf_deinit(&buf);
}

static void buffer_takes_numbers_and_formats_at_its_end(void **state) {
    (void)state;
    SekBuf buf;
    sek_buf_init(&buf, 4096);
    sek_buf_add_number(&buf, 0);
    sek_buf_addc(&buf, ' ');
    sek_buf_add_number(&buf, UINT64_MAX);
    assert_int_equal(buf.len, 22);
    assert_memory_equal(buf.data, "0 18446744073709551615", 22);
    for (int before = 240; before < 260; before++) { /* around the 256 bytes that it begins with */
        sek_buf_deinit(&buf);
        for (int i = 0; i < before; i++)
            sek_buf_addc(&buf, 'x');
        sek_buf_addf(&buf, "%d-%s", 4711, "abc");
        assert_int_equal(buf.len, (size_t)before + 8);
        assert_memory_equal(buf.data + before, "4711-abc", 8);
    }
    sek_buf_deinit(&buf);
    sek_buf_init(&buf, 10);
    sek_buf_addf(&buf, "%s", "0123456789ab");
    assert_int_equal(buf.failed, SEK_ERR_LIMIT);
    sek_buf_addc(&buf, 'y');
    assert_int_equal(buf.len, 0);
    sek_buf_deinit(&buf);
}

static void map_finds_what_it_holds(void **state) {
    (void)state;
    SekStrMap map;
    sek_strmap_init(&map, true);
    static char keys[1000][8];
    for (uint32_t i = 0; i < 1000; i++) {
        int n = snprintf(keys[i], sizeof keys[i], "Key%u", i);
        assert_int_equal(sek_strmap_set(&map, sek_str_n(keys[i], (size_t)n), i), SEK_OK);
    }
    uint32_t value = 0;
    assert_int_equal(sek_strmap_get(&map, SEK_STR("kEY777"), &value), SEK_OK);
    assert_int_equal(value, 777);
    assert_int_equal(sek_strmap_get(&map, SEK_STR("key1000"), &value), SEK_NOT_FOUND);
    sek_strmap_deinit(&map);
}

static void check_utf16(const uint8_t *bytes, size_t n, const char *expected) {
    SekBuf out;
    sek_buf_init(&out, 1024);
    sek_utf16le_append(&out, bytes, n);
    assert_int_equal(out.len, strlen(expected));
    assert_memory_equal(out.data, expected, out.len);
    assert_true(sek_utf8_valid(sek_buf_str(&out)));
    sek_buf_deinit(&out);
}

static void utf16_becomes_utf8(void **state) {
    (void)state;
    check_utf16((const uint8_t *)"a\0\xe9\0\xac\x20", 6, "a\xc3\xa9\xe2\x82\xac");
    check_utf16((const uint8_t *)"\x3d\xd8\x00\xde", 4, "\xf0\x9f\x98\x80");
    check_utf16((const uint8_t *)"\x3d\xd8x\0", 4, "\xef\xbf\xbdx"); /* high surrogate alone */
    check_utf16((const uint8_t *)"\x00\xdex\0", 4, "\xef\xbf\xbdx"); /* low surrogate alone */
    check_utf16((const uint8_t *)"a\0b", 3, "a");                     /* odd length */
}

static void malformed_utf8_is_seen(void **state) {
    (void)state;
    assert_true(sek_utf8_valid(SEK_STR("\xf0\x9f\x98\x80")));
    assert_false(sek_utf8_valid(SEK_STR("\xc0\xaf")));         /* overlong */
    assert_false(sek_utf8_valid(SEK_STR("\xed\xa0\x80")));     /* surrogate */
    assert_false(sek_utf8_valid(SEK_STR("\xf4\x90\x80\x80"))); /* above U+10FFFF */
    assert_false(sek_utf8_valid(SEK_STR("\xe2\x82")));         /* cut */
}

static void folding_is_one_to_one(void **state) {
    (void)state;
    assert_int_equal(sek_fold_cp('A'), 'a');
    assert_int_equal(sek_fold_cp(0xC4), 0xE4);     /* Ä */
    assert_int_equal(sek_fold_cp(0x17F), 's');     /* long s */
    assert_int_equal(sek_fold_cp(0x212A), 'k');    /* Kelvin */
    assert_int_equal(sek_fold_cp(0x3A3), 0x3C3);   /* Σ */
    assert_int_equal(sek_fold_cp(0x1E9E), 0xDF);   /* capital sharp s: simple form */
    assert_int_equal(sek_fold_cp(0x10400), 0x10428); /* Deseret, above the BMP */
    assert_int_equal(sek_fold_cp(0x3042), 0x3042); /* あ has no case */
}

static void check_time(const char *text, const char *expected) {
    uint64_t time = 0;
    char out[SEK_TIME_TEXT];
    assert_int_equal(sek_time_parse(sek_str(text), &time, NULL), SEK_OK);
    assert_int_equal(sek_time_format(time, out), SEK_TIME_TEXT - 1);
    assert_string_equal(out, expected);
}

/* Times in Windows' own form are read by other code than the rest: each byte of one is made wrong in turn, and a
 * blank before it makes no difference. */
static void the_usual_form_of_times_is_no_exception(void **state) {
    (void)state;
    static const char bytes[] = "019 -:.TZ\x7f";
    char text[SEK_TIME_TEXT + 1] = " 2020-12-22T00:52:31.1234567Z";
    for (size_t at = 1; text[at]; at++)
        for (size_t i = 0; i + 1 < sizeof bytes; i++) {
            char kept = text[at];
            uint64_t usual = 0, other = 0;
            text[at] = bytes[i];
            assert_int_equal(sek_time_parse(sek_str(text + 1), &usual, NULL), sek_time_parse(sek_str(text), &other, NULL));
            assert_int_equal(usual, other);
            text[at] = kept;
        }
    check_time(text + 1, "2020-12-22T00:52:31.1234567Z");
    check_time("1601-01-01T00:00:00.0000001Z", "1601-01-01T00:00:00.0000001Z");
}

static void times_are_read_and_written(void **state) {
    (void)state;
    check_time("2020-12-22", "2020-12-22T00:00:00.0000000Z");
    check_time("2020-12-22 00:52:31.1234567", "2020-12-22T00:52:31.1234567Z");
    check_time("2020-12-22T09:52:31+09:00", "2020-12-22T00:52:31.0000000Z");
    check_time("2020-02-29T23:59:59.5Z", "2020-02-29T23:59:59.5000000Z");
    check_time("1601-01-01", "1601-01-01T00:00:00.0000000Z");
    uint64_t time;
    static const char *const bad[] = {"", "2021-02-29", "2020-13-01", "2020-12-22T24:00", "2020-12-22T",
                                      "2020-12-22 0:52:31", "2020-12-22T00:52:31.Z", "yesterday", "2020-12-22x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(sek_time_parse(sek_str(bad[i]), &time, NULL), SEK_ERR_INPUT);
    char out[SEK_TIME_TEXT];
    (void)sek_time_format(UINT64_MAX, out);
    assert_string_equal(out, "9999-12-31T23:59:59.9999999Z");
}

static void check_json(SekStr text, bool html, const char *expected) {
    SekBuf out;
    sek_buf_init(&out, 1024);
    sek_json_string(&out, text, html);
    sek_buf_addc(&out, '\0');
    assert_string_equal(out.data, expected);
    sek_buf_deinit(&out);
}

static void json_strings_are_escaped(void **state) {
    (void)state;
    check_json(SEK_STR("a\"\\\n\x01"), false, "\"a\\\"\\\\\\n\\u0001\"");
    check_json(SEK_STR("</script>"), true, "\"\\u003c/script\\u003e\"");
    check_json(SEK_STR("\xe2\x80\xa8"), false, "\"\\u2028\"");
    check_json(SEK_STR("\xff"), false, "\"\xef\xbf\xbd\"");
    check_json(SEK_STR("C:\\a \x7f<\xc3\xa9>"), false, "\"C:\\\\a \\u007f<\xc3\xa9>\"");
    check_json(SEK_STR("<a x='1'>&\\"), true, "\"\\u003ca x='1'\\u003e\\u0026\\\\\"");
}

static void terminal_text_cannot_steer(void **state) {
    (void)state;
    SekBuf out;
    sek_buf_init(&out, 1024);
    sek_quote_line(&out, SEK_STR("a\x1b[31m\nb\xe2\x80\xae\xc2\x9b\xff"));
    sek_buf_addc(&out, '\0');
    assert_string_equal(out.data, "a\\u001b[31m b\\u202e\\u009b\\xff");
    sek_buf_deinit(&out);
}

/* NIST's example values for SHA-256 (FIPS 180-4 examples, and CAVP SHA256ShortMsg, Len 8 and 440). */
static void checksums_are_those_of_nist(void **state) {
    (void)state;
    static const struct {
        const char *text, *digest;
    } vectors[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"\xd3", "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
         "nopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };
    char out[SEK_SHA256_TEXT];
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        sek_sha256_text(sek_str(vectors[i].text), out);
        assert_string_equal(out, vectors[i].digest);
    }
}

/* FIPS 180-4's long example, a million times "a", in pieces of every size that a block can be cut at. */
static void checksums_do_not_depend_on_the_pieces(void **state) {
    (void)state;
    char out[SEK_SHA256_TEXT], bytes[131];
    memset(bytes, 'a', sizeof bytes);
    SekSha256 sha;
    sek_sha256_init(&sha);
    size_t left = 1000000;
    for (size_t piece = 0; left; piece = (piece + 1) % sizeof bytes) {
        size_t n = piece < left ? piece : left;
        sek_sha256_add(&sha, bytes, n);
        left -= n;
    }
    sek_sha256_end(&sha, out);
    assert_string_equal(out, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    assert_true(sek_is_sha256(sek_str(out)));
    assert_false(sek_is_sha256(SEK_STR("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cdg")));
    assert_false(sek_is_sha256(SEK_STR("cdc7")));
}

static void libraries_are_opened_when_asked_for(void **state) {
    (void)state;
    struct {
        size_t (*length)(const char *text);
    } table = {NULL};
    const SekLibraryName good[] = {{"strlen", 0}}, bad[] = {{"no_such_function", 0}};
    SekError err = {0};
    assert_int_equal(sek_library_open("libc.so.6", good, 1, &table, &err), SEK_OK);
    assert_int_equal(table.length("four"), 4);
    assert_int_equal(sek_library_open("libc.so.6", bad, 1, &table, &err), SEK_NOT_FOUND);
    assert_non_null(strstr(err.what, "no_such_function"));
    assert_int_equal(sek_library_open("libnosuch.so.1", good, 1, &table, &err), SEK_NOT_FOUND);
    assert_non_null(strstr(err.what, "libnosuch.so.1"));
}

static void check_host(const SekHostSet *hosts, const char *name, const char *means) {
    uint32_t host = sek_host_set_find(hosts, sek_str(name));
    if (!means)
        assert_int_equal(host, SEK_NO_HOST);
    else
        assert_true(host != SEK_NO_HOST && sek_str_eq(hosts->names[host], sek_str(means)));
}

static void test_hosts__short_names_mean_the_only_full_one(void **state) {
    (void)state;
    static const char *const names[] = {"PC1", "pc1.corp.example", "PC1-A", "pc2", "PC2.b.example", "pc2.a.example",
                                        "10.0.0.5", "10", "PC3", "pc3", "Pc1.Corp.Example", ""};
    SekStr list[12];
    for (size_t i = 0; i < 12; i++)
        list[i] = sek_str(names[i]);
    SekHostSet hosts;
    assert_int_equal(sek_host_set_init(&hosts, list, 12), SEK_OK);
    check_host(&hosts, "pc1", "Pc1.Corp.Example");
    check_host(&hosts, "PC1.CORP.EXAMPLE", "Pc1.Corp.Example");
    check_host(&hosts, "PC1-A", "PC1-A");
    check_host(&hosts, "PC2", "pc2"); /* of two computers */
    check_host(&hosts, "pc2.A.example", "pc2.a.example");
    check_host(&hosts, "10", "10"); /* not the start of an address */
    check_host(&hosts, "Pc3", "PC3");
    check_host(&hosts, "", "");
    check_host(&hosts, "pc4", NULL);
    check_host(&hosts, "pc1.other.example", NULL);
    sek_host_set_deinit(&hosts);
    assert_int_equal(sek_host_set_init(&hosts, list, 0), SEK_OK);
    check_host(&hosts, "pc1", NULL);
    sek_host_set_deinit(&hosts);
}

/* Relative to an open folder a path must mean what it means as a whole, however it is written. */
static void stamps_in_a_folder_are_those_of_whole_paths(void **state) {
    (void)state;
    SekBuf folder, path;
    sek_buf_init(&folder, 4096);
    sek_buf_init(&path, 4096);
    assert_int_equal(sek_place_beside("stamps", &folder, NULL), SEK_OK);
    SekStr at = sek_buf_str(&folder);
    assert_int_equal(sek_place_write(folder.data, sek_str("in/a"), sek_str("1"), NULL), SEK_OK);
    assert_int_equal(sek_place_write(folder.data, sek_str("in/deep/b"), sek_str("22"), NULL), SEK_OK);
    assert_int_equal(sek_place_write(folder.data, sek_str("other/a"), sek_str("333"), NULL), SEK_OK);
    static const char *const ends[] = {"in/a", "in//a", "in/deep/b", "in/./deep//b", "in/deep", "in/", "in//", "in",
                                        "in/none", "in/../other/a", "other/a", "in//other/a"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        for (size_t cut = 0; cut <= 2; cut++) { /* no folder; the folder above; the folder `in` */
            SekStampFolder open;
            SekStamp whole = {0}, below = {0};
            sek_buf_clear(&path);
            sek_buf_addf(&path, "%.*s/%s", SEK_STR_ARG(at), ends[i]);
            sek_buf_addc(&path, '\0');
            sek_stamp_folder_open(path.data, cut ? at.len + 1 + (cut - 1) * 3 : 0, &open);
            assert_int_equal(sek_path_stamp(path.data, &whole), sek_stamp_in_folder(&open, path.data, &below));
            assert_memory_equal(&whole, &below, sizeof whole);
            sek_stamp_folder_close(&open);
        }
    sek_buf_addc(&folder, '\0');
    sek_place_remove_all(folder.data);
    sek_buf_deinit(&folder);
    sek_buf_deinit(&path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_stops_at_its_limit),   cmocka_unit_test(arena_reuses_its_blocks),
        cmocka_unit_test(lists_grow_and_keep_what_is_in_them),
        cmocka_unit_test(buffer_keeps_its_first_error), cmocka_unit_test(map_finds_what_it_holds),
        cmocka_unit_test(utf16_becomes_utf8),         cmocka_unit_test(malformed_utf8_is_seen),
        cmocka_unit_test(folding_is_one_to_one),      cmocka_unit_test(times_are_read_and_written),
        cmocka_unit_test(the_usual_form_of_times_is_no_exception),
        cmocka_unit_test(buffer_takes_numbers_and_formats_at_its_end),
        cmocka_unit_test(json_strings_are_escaped),   cmocka_unit_test(terminal_text_cannot_steer),
        cmocka_unit_test(libraries_are_opened_when_asked_for),
        cmocka_unit_test(checksums_are_those_of_nist), cmocka_unit_test(checksums_do_not_depend_on_the_pieces),
        cmocka_unit_test(test_hosts__short_names_mean_the_only_full_one),
        cmocka_unit_test(stamps_in_a_folder_are_those_of_whole_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
