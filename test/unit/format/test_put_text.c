/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-16 written straight to its place: the same as converting and then escaping it, at every length, with something
 * else at every place, in no more room than is promised, and nothing read beyond the end. Digits beside printf's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/digits.h"
#include "base/json_text.h"
#include "base/utf.h"
#include "format/put_text.h"
#include "format/xml_escape.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define LONGEST 70u

static SekBuf utf8, expected;

static void expect(const uint8_t *bytes, size_t units, SekTextPlace place) {
    sek_buf_clear(&utf8);
    sek_buf_clear(&expected);
    sek_utf16le_append(&utf8, bytes, 2 * units);
    if (place == SEK_TEXT_JSON)
        sek_json_escape(&expected, sek_buf_str(&utf8), false);
    else
        sek_xml_escape(&expected, sek_buf_str(&utf8), place == SEK_TEXT_ATTRIBUTE);
}

/* Text and room lie in blocks of their own: AddressSanitizer sees what goes beyond them. */
static void check(const uint16_t *text, size_t units) {
    const SekPutTexts *ways[] = {sek_put_texts_plain(), sek_put_texts()};
    uint8_t *bytes = malloc(units ? 2 * units : 1);
    char *room = malloc(units * SEK_PUT_UNIT + SEK_PUT_BEHIND);
    assert_non_null(bytes);
    assert_non_null(room);
    for (size_t i = 0; i < units; i++) {
        bytes[2 * i] = (uint8_t)text[i];
        bytes[2 * i + 1] = (uint8_t)(text[i] >> 8);
    }
    for (unsigned place = 0; place < SEK_N_TEXTS; place++) {
        expect(bytes, units, (SekTextPlace)place);
        for (unsigned way = 0; way < 2; way++) {
            char *end = ways[way]->put[place](room, bytes, units);
            assert_int_equal(end - room, expected.len);
            if (expected.len)
                assert_memory_equal(room, expected.data, expected.len);
        }
    }
    free(bytes);
    free(room);
}

static const uint16_t others[] = {'"', '\\', '\n', '\r', '\t', 0, 1, 0x1f, ' ', '!', '~', 0x7f, '<', '>', '&', '\'', 0x80, 0x9b, 0xe9, 0xff, 0x100,
                                  0x122, 0x141, 0x15c, 0x200e, 0x202e, 0x3042, 0x7f41, 0x8041, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xfeff, 0xfffd,
                                  0xfffe, 0xffff};
#define N_OTHERS (sizeof others / sizeof *others)

static void any_unit_anywhere_is_written_as_it_should_be(void **state) {
    (void)state;
    uint16_t text[LONGEST];
    for (size_t len = 0; len <= LONGEST; len++)
        for (size_t k = 0; k < N_OTHERS; k++)
            for (size_t at = 0; at < len || at == 0; at++) {
                for (size_t i = 0; i < len; i++)
                    text[i] = i == at ? others[k] : (uint16_t)('A' + i % 26);
                check(text, len);
            }
}

static void many_of_them_are_as_well(void **state) {
    (void)state;
    uint16_t text[LONGEST];
    uint64_t random = 1;
    for (unsigned round = 0; round < 20000; round++) {
        size_t len = round % (LONGEST + 1);
        for (size_t i = 0; i < len; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            uint32_t r = (uint32_t)(random >> 33);
            text[i] = r % 3 ? (uint16_t)('a' + r % 7) : round % 2 ? others[r / 3 % N_OTHERS] : (uint16_t)(r / 3);
        }
        check(text, len);
    }
}

static void all_of_the_longest_fit(void **state) {
    (void)state;
    uint16_t text[LONGEST];
    for (size_t k = 0; k < N_OTHERS; k++)
        for (size_t len = 0; len <= LONGEST; len++) {
            for (size_t i = 0; i < len; i++)
                text[i] = others[k];
            check(text, len);
        }
}

static void check_number(uint64_t number) {
    char room[64], text[64];
    int n = snprintf(text, sizeof text, "%" PRIu64, number);
    assert_int_equal(sek_put_decimal(room, number) - room, n);
    assert_memory_equal(room, text, (size_t)n);
    n = snprintf(text, sizeof text, "0x%" PRIx64, number);
    assert_int_equal(sek_put_hex(room, number) - room, n);
    assert_memory_equal(room, text, (size_t)n);
}

static void numbers_are_written_as_printf_does(void **state) {
    (void)state;
    uint64_t ten = 1, random = 7;
    for (unsigned i = 0; i < 20; i++, ten *= 10)
        for (uint64_t more = 0; more < 3; more++)
            check_number(ten - 1 + more);
    for (unsigned bit = 0; bit < 64; bit++)
        for (uint64_t more = 0; more < 3; more++)
            check_number((UINT64_C(1) << bit) - 1 + more);
    for (unsigned i = 0; i < 10000; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        check_number(random >> i % 64);
    }
    check_number(UINT64_MAX);
}

static void bytes_and_guids_are_written_in_capitals(void **state) {
    (void)state;
    static const uint8_t bytes[] = {0x78, 0x56, 0x34, 0x12, 0xcd, 0xab, 0x0f, 0xf0, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
    static const char digits[] = "78563412CDAB";
    char room[SEK_GUID_LEN];
    assert_ptr_equal(sek_put_guid(room, bytes), room + SEK_GUID_LEN);
    assert_memory_equal(room, "{12345678-ABCD-F00F-0123-456789ABCDEF}", SEK_GUID_LEN);
    for (size_t n = 0; n <= 6; n++) {
        assert_ptr_equal(sek_put_hex_bytes(room, bytes, n), room + 2 * n);
        assert_memory_equal(room, digits, 2 * n);
    }
}

static int setup(void **state) {
    (void)state;
    sek_buf_init(&utf8, 4096);
    sek_buf_init(&expected, 4096);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    sek_buf_deinit(&utf8);
    sek_buf_deinit(&expected);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_unit_anywhere_is_written_as_it_should_be),
        cmocka_unit_test(many_of_them_are_as_well),
        cmocka_unit_test(all_of_the_longest_fit),
        cmocka_unit_test(numbers_are_written_as_printf_does),
        cmocka_unit_test(bytes_and_guids_are_written_in_capitals),
    };
    return cmocka_run_group_tests_name("format/put_text", tests, setup, teardown);
}
