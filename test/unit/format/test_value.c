/* SPDX-License-Identifier: Apache-2.0 */
/* Every value type as the text that Windows shows, and what does not fit its type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/value.h"

#include <string.h>

#define BYTES(...) ((const uint8_t[]){__VA_ARGS__})
#define VALUE(type, ...) value(type, BYTES(__VA_ARGS__), sizeof BYTES(__VA_ARGS__))

static SekValue value(unsigned type, const uint8_t *bytes, size_t len) {
    return (SekValue){.ptr = bytes, .len = (uint32_t)len, .type = (uint8_t)type};
}

static void shows(SekValue v, const char *expected) {
    SekBuf out;
    sek_buf_init(&out, 1u << 20);
    sek_value_text(v, &out);
    sek_buf_addc(&out, '\0');
    assert_int_equal(out.failed, SEK_OK);
    assert_string_equal(out.data, expected);
    sek_buf_deinit(&out);
}

static void integers_are_decimal_to_their_ends(void **state) {
    (void)state;
    shows(VALUE(SEK_VALUE_INT8, 0x80), "-128");
    shows(VALUE(SEK_VALUE_INT8, 0x7f), "127");
    shows(VALUE(SEK_VALUE_UINT8, 0xff), "255");
    shows(VALUE(SEK_VALUE_INT16, 0x00, 0x80), "-32768");
    shows(VALUE(SEK_VALUE_UINT16, 0xff, 0xff), "65535");
    shows(VALUE(SEK_VALUE_INT32, 0, 0, 0, 0x80), "-2147483648");
    shows(VALUE(SEK_VALUE_UINT32, 0xff, 0xff, 0xff, 0xff), "4294967295");
    shows(VALUE(SEK_VALUE_INT64, 0, 0, 0, 0, 0, 0, 0, 0x80), "-9223372036854775808");
    shows(VALUE(SEK_VALUE_INT64, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), "-1");
    shows(VALUE(SEK_VALUE_UINT64, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), "18446744073709551615");
    shows(VALUE(SEK_VALUE_UINT32, 0, 0, 0, 0), "0");
}

static void hexadecimal_is_lower_case_and_not_padded(void **state) {
    (void)state;
    shows(VALUE(SEK_VALUE_HEX32, 0xff, 0xff, 0x1f, 0x00), "0x1fffff");
    shows(VALUE(SEK_VALUE_HEX32, 0, 0, 0, 0), "0x0");
    shows(VALUE(SEK_VALUE_HEX64, 0, 0, 0, 0, 0, 0, 0x20, 0x80), "0x8020000000000000");
    shows(VALUE(SEK_VALUE_SIZE, 0x4c, 0x02, 0, 0), "0x24c");
    shows(VALUE(SEK_VALUE_SIZE, 0x4c, 0x02, 0, 0, 1, 0, 0, 0), "0x10000024c");
    shows(VALUE(SEK_VALUE_EVTHANDLE, 1, 0, 0, 0), "0x1");
}

static void boolean_takes_four_bytes_or_one(void **state) {
    (void)state;
    shows(VALUE(SEK_VALUE_BOOL, 1, 0, 0, 0), "true");
    shows(VALUE(SEK_VALUE_BOOL, 0, 0, 0, 0), "false");
    shows(VALUE(SEK_VALUE_BOOL, 0, 0x10, 0, 0), "true");
    shows(VALUE(SEK_VALUE_BOOL, 1), "true");
    shows(VALUE(SEK_VALUE_BOOL, 0), "false");
    shows(VALUE(SEK_VALUE_BOOL, 1, 0), "0100");
}

static void guid_has_braces_and_upper_case(void **state) {
    (void)state;
    shows(VALUE(SEK_VALUE_GUID, 0x25, 0x96, 0x84, 0x54, 0x78, 0x54, 0x94, 0x49, 0xa5, 0xba, 0x3e, 0x3b, 0x03,
                0x28, 0xc3, 0x0d),
          "{54849625-5478-4994-A5BA-3E3B0328C30D}");
    shows(VALUE(SEK_VALUE_GUID, 0x25, 0x96), "2596");
}

static void sid_is_written_with_its_parts(void **state) {
    (void)state;
    shows(VALUE(SEK_VALUE_SID, 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0), "S-1-5-18");
    shows(VALUE(SEK_VALUE_SID, 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 0x02, 0, 0), "S-1-5-32-544");
    shows(VALUE(SEK_VALUE_SID, 1, 0, 0, 0, 0, 0, 0, 1), "S-1-1");
    shows(VALUE(SEK_VALUE_SID, 1, 0, 1, 0, 0, 0, 0, 5), "S-1-0x10000000005");
}

static void sid_with_too_many_parts_is_bytes(void **state) {
    (void)state;
    uint8_t sid[8 + 4 * 16] = {1, 15, 0, 0, 0, 0, 0, 5};
    shows(value(SEK_VALUE_SID, sid, 8 + 4 * 15), "S-1-5-0-0-0-0-0-0-0-0-0-0-0-0-0-0-0");
    sid[1] = 16;
    SekBuf out;
    sek_buf_init(&out, 1u << 20);
    sek_value_text(value(SEK_VALUE_SID, sid, sizeof sid), &out);
    assert_int_equal(out.len, 2 * sizeof sid);
    sek_buf_deinit(&out);
    shows(VALUE(SEK_VALUE_SID, 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0), "0101000000000005120000");
    shows(VALUE(SEK_VALUE_SID, 1), "01");
}

static void times_keep_what_windows_keeps(void **state) {
    (void)state;
    shows(VALUE(SEK_VALUE_FILETIME, 0x07, 0x48, 0x4b, 0xba, 0xfc, 0xd7, 0xd6, 0x01),
          "2020-12-22T00:52:31.1234567Z");
    shows(VALUE(SEK_VALUE_FILETIME, 0, 0, 0, 0, 0, 0, 0, 0), "1601-01-01T00:00:00.0000000Z");
    shows(VALUE(SEK_VALUE_SYSTEMTIME, 0xe4, 0x07, 12, 0, 2, 0, 22, 0, 0, 0, 52, 0, 31, 0, 7, 0),
          "2020-12-22T00:52:31.007Z");
}

static void reals_have_six_digits(void **state) {
    (void)state;
    shows(VALUE(SEK_VALUE_FLOAT, 0, 0, 0xc0, 0x3f), "1.500000");
    shows(VALUE(SEK_VALUE_DOUBLE, 0, 0, 0, 0, 0, 0, 0xf8, 0xbf), "-1.500000");
    shows(VALUE(SEK_VALUE_FLOAT, 0, 0, 0x80, 0x7f), "inf");
    shows(VALUE(SEK_VALUE_FLOAT, 0, 0, 0x80, 0xff), "-inf");
    shows(VALUE(SEK_VALUE_FLOAT, 0, 0, 0xc0, 0x7f), "nan");
}

static void binary_is_upper_case(void **state) {
    (void)state;
    shows(VALUE(SEK_VALUE_BINARY, 0xde, 0xad, 0x0b), "DEAD0B");
}

static void text_keeps_blanks_and_line_ends(void **state) {
    (void)state;
    shows(VALUE(SEK_VALUE_STRING, ' ', 0, 'a', 0, '\r', 0, '\n', 0, ' ', 0), " a\r\n ");
    shows(VALUE(SEK_VALUE_STRING, 0x3d, 0xd8, 0x00, 0xde, 0x42, 0x30), "\xF0\x9F\x98\x80\xE3\x81\x82");
    shows(VALUE(SEK_VALUE_STRING, 0x3d, 0xd8), "\xEF\xBF\xBD");
    shows(VALUE(SEK_VALUE_EVTXML, '<', 0, 'a', 0), "<a");
}

static void text_ends_before_its_terminators(void **state) {
    (void)state;
    shows(VALUE(SEK_VALUE_STRING, 'a', 0, 0, 0), "a");
    shows(VALUE(SEK_VALUE_STRING, 'a', 0, 0, 0, 0, 0), "a");
    shows(VALUE(SEK_VALUE_STRING, 0, 0), "");
    shows(VALUE(SEK_VALUE_STRING, 'a', 0, 'b'), "a");
    SekBuf out;
    sek_buf_init(&out, 100);
    sek_value_text(VALUE(SEK_VALUE_STRING, 'a', 0, 0, 0, 'b', 0), &out);
    assert_int_equal(out.len, 3); /* one in the middle is text */
    assert_memory_equal(out.data, "a\0b", 3);
    sek_buf_deinit(&out);
}

static void ansi_is_code_page_1252(void **state) {
    (void)state;
    shows(VALUE(SEK_VALUE_ANSI, 'a', 0x80, 0xe9, 0), "a\xE2\x82\xAC\xC3\xA9");
    shows(VALUE(SEK_VALUE_ANSI, 0x81, 0x9f), "\xC2\x81\xC5\xB8");
}

static void null_is_empty_whatever_its_size(void **state) {
    (void)state;
    shows(VALUE(SEK_VALUE_NULL, 1, 2, 3), "");
    shows(value(SEK_VALUE_STRING, NULL, 0), "");
    shows(value(SEK_VALUE_UINT32, NULL, 0), "");
    shows(value(SEK_VALUE_SID, NULL, 0), "");
}

static void wrong_sizes_and_types_are_bytes(void **state) {
    (void)state;
    shows(VALUE(SEK_VALUE_UINT32, 1, 2, 3), "010203");
    shows(VALUE(SEK_VALUE_FILETIME, 1, 2, 3, 4, 5, 6, 7, 8, 9), "010203040506070809");
    shows(VALUE(0x55, 0xab), "AB");
    shows(VALUE(SEK_VALUE_SIZE, 1, 2, 3, 4, 5), "0102030405");
}

static void values_say_whether_they_fit_their_type(void **state) {
    (void)state;
    assert_true(sek_value_fits(VALUE(SEK_VALUE_NULL, 1, 2, 3)));
    assert_true(sek_value_fits(VALUE(SEK_VALUE_STRING, 'a', 0)));
    assert_false(sek_value_fits(VALUE(SEK_VALUE_STRING, 'a', 0, 'b')));
    assert_true(sek_value_fits(VALUE(SEK_VALUE_UINT16, 1, 0)));
    assert_false(sek_value_fits(VALUE(SEK_VALUE_UINT16, 1, 0, 0)));
    assert_false(sek_value_fits(value(SEK_VALUE_UINT16, NULL, 0)));
    assert_true(sek_value_fits(VALUE(SEK_VALUE_UINT16 | SEK_VALUE_ARRAY, 1, 0, 2, 0)));
    assert_false(sek_value_fits(VALUE(SEK_VALUE_UINT16 | SEK_VALUE_ARRAY, 1, 0, 2)));
    assert_true(sek_value_fits(VALUE(SEK_VALUE_SID, 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0)));
    assert_false(sek_value_fits(VALUE(SEK_VALUE_SID, 0, 0, 0, 0, 0, 0, 0, 0)));
    assert_true(sek_value_fits(VALUE(SEK_VALUE_SIZE, 1, 2, 3, 4)));
    assert_false(sek_value_fits(VALUE(SEK_VALUE_SIZE, 1, 2, 3)));
    assert_false(sek_value_fits(VALUE(0x55, 1)));
}

static uint32_t count_items(SekValue v, SekValue *items, uint32_t most) {
    uint32_t at = 0, n = 0;
    while (n < most && sek_value_next(v, &at, &items[n]) == SEK_OK)
        n++;
    SekValue more;
    assert_int_equal(sek_value_next(v, &at, &more), SEK_END);
    return n;
}

static void string_arrays_keep_empty_items(void **state) {
    (void)state;
    SekValue items[8];
    SekValue v = VALUE(SEK_VALUE_STRING | SEK_VALUE_ARRAY, 0, 0, 'a', 0, 0, 0, 0, 0, 'b', 0, 'c', 0);
    assert_int_equal(count_items(v, items, 8), 4);
    assert_int_equal(items[0].len, 0);
    assert_int_equal(items[1].len, 2);
    assert_int_equal(items[2].len, 0);
    assert_int_equal(items[3].len, 4);
    assert_int_equal(items[3].type, SEK_VALUE_STRING);
    shows(v, "\na\n\nbc");
    assert_int_equal(count_items(value(SEK_VALUE_STRING | SEK_VALUE_ARRAY, NULL, 0), items, 8), 0);
}

static void number_arrays_step_by_their_size(void **state) {
    (void)state;
    SekValue items[8];
    shows(VALUE(SEK_VALUE_UINT16 | SEK_VALUE_ARRAY, 1, 0, 2, 0, 3, 0), "1\n2\n3");
    SekValue cut = VALUE(SEK_VALUE_UINT32 | SEK_VALUE_ARRAY, 1, 0, 0, 0, 2, 0);
    assert_int_equal(count_items(cut, items, 8), 2);
    shows(cut, "1\n0200");
    shows(VALUE(SEK_VALUE_SIZE | SEK_VALUE_ARRAY, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0), "0x1\n0x2\n0x3");
}

static void sid_arrays_step_by_their_content(void **state) {
    (void)state;
    shows(VALUE(SEK_VALUE_SID | SEK_VALUE_ARRAY, 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1),
          "S-1-5-18\nS-1-1");
    shows(VALUE(SEK_VALUE_SID | SEK_VALUE_ARRAY, 9, 9, 9), "090909");
}

static void plain_values_are_arrays_of_one(void **state) {
    (void)state;
    SekValue items[2];
    assert_int_equal(count_items(VALUE(SEK_VALUE_UINT8, 7), items, 2), 1);
    assert_int_equal(items[0].type, SEK_VALUE_UINT8);
}

static void numbers_are_read_as_u64(void **state) {
    (void)state;
    uint64_t n = 0;
    assert_int_equal(sek_value_u64(VALUE(SEK_VALUE_INT8, 0xff), &n), SEK_OK);
    assert_true(n == UINT64_MAX);
    assert_int_equal(sek_value_u64(VALUE(SEK_VALUE_INT32, 0xfe, 0xff, 0xff, 0xff), &n), SEK_OK);
    assert_true(n == UINT64_MAX - 1);
    assert_int_equal(sek_value_u64(VALUE(SEK_VALUE_UINT16, 0x34, 0x12), &n), SEK_OK);
    assert_true(n == 0x1234);
    assert_int_equal(sek_value_u64(VALUE(SEK_VALUE_HEX64, 1, 0, 0, 0, 0, 0, 0, 0x80), &n), SEK_OK);
    assert_true(n == 0x8000000000000001u);
    assert_int_equal(sek_value_u64(VALUE(SEK_VALUE_UINT16, 1), &n), SEK_NOT_FOUND);
    assert_int_equal(sek_value_u64(VALUE(SEK_VALUE_BOOL, 1, 0, 0, 0), &n), SEK_NOT_FOUND);
    assert_int_equal(sek_value_u64(VALUE(SEK_VALUE_STRING, '1', 0), &n), SEK_NOT_FOUND);
}

static void text_stops_at_the_cap_of_its_buffer(void **state) {
    (void)state;
    SekBuf out;
    sek_buf_init(&out, 5);
    sek_value_text(VALUE(SEK_VALUE_BINARY, 1, 2), &out);
    assert_int_equal(out.failed, SEK_OK);
    sek_value_text(VALUE(SEK_VALUE_BINARY, 1), &out);
    assert_int_equal(out.failed, SEK_ERR_LIMIT);
    assert_int_equal(out.len, 4);
    sek_buf_deinit(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_decimal_to_their_ends),
        cmocka_unit_test(hexadecimal_is_lower_case_and_not_padded),
        cmocka_unit_test(boolean_takes_four_bytes_or_one),
        cmocka_unit_test(guid_has_braces_and_upper_case),
        cmocka_unit_test(sid_is_written_with_its_parts),
        cmocka_unit_test(sid_with_too_many_parts_is_bytes),
        cmocka_unit_test(times_keep_what_windows_keeps),
        cmocka_unit_test(reals_have_six_digits),
        cmocka_unit_test(binary_is_upper_case),
        cmocka_unit_test(text_keeps_blanks_and_line_ends),
        cmocka_unit_test(text_ends_before_its_terminators),
        cmocka_unit_test(ansi_is_code_page_1252),
        cmocka_unit_test(null_is_empty_whatever_its_size),
        cmocka_unit_test(wrong_sizes_and_types_are_bytes),
        cmocka_unit_test(values_say_whether_they_fit_their_type),
        cmocka_unit_test(string_arrays_keep_empty_items),
        cmocka_unit_test(number_arrays_step_by_their_size),
        cmocka_unit_test(sid_arrays_step_by_their_content),
        cmocka_unit_test(plain_values_are_arrays_of_one),
        cmocka_unit_test(numbers_are_read_as_u64),
        cmocka_unit_test(text_stops_at_the_cap_of_its_buffer),
    };
    return cmocka_run_group_tests_name("format/value", tests, NULL, NULL);
}
