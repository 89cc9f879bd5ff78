/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of values as this processor lays them out, against the plain way: sizes, types, sums, fragments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/layout.h"

#include <stdlib.h>
#include <string.h>

#define MOST 70u

static uint64_t state = 1;

static uint32_t random_below(uint32_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % n;
}

/* Mostly small values of common types, some of 65,535 bytes, any byte as a type, and bytes that mean nothing. */
static void fill(uint8_t *descriptor) {
    uint32_t size = random_below(8) ? random_below(40) : 65535u - random_below(3);
    uint8_t type = (uint8_t)(random_below(4) ? random_below(0x16) : random_below(256));
    if (random_below(6) == 0)
        type = random_below(2) ? SEK_VALUE_BINXML : SEK_VALUE_BINXML | SEK_VALUE_ARRAY;
    descriptor[0] = (uint8_t)size;
    descriptor[1] = (uint8_t)(size >> 8);
    descriptor[2] = type;
    descriptor[3] = (uint8_t)random_below(256);
}

/* The descriptors lie at the end of a block of their own: a reader that goes on behind them is seen by
 * AddressSanitizer. */
static void check(SekLayOut lay_out, uint32_t n) {
    uint8_t *descriptors = malloc(n ? 4 * (size_t)n : 1);
    SekValue values[MOST + SEK_LAYOUT_STEP], expected[MOST + SEK_LAYOUT_STEP];
    static const uint8_t data[1];
    assert_non_null(descriptors);
    for (uint32_t i = 0; i < n; i++)
        fill(descriptors + 4 * (size_t)i);
    SekLaid laid = lay_out(descriptors, n, data, values);
    SekLaid plain = sek_lay_out_plain()(descriptors, n, data, expected);
    uint32_t bytes = 0, n_fragments = 0;
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal((uintptr_t)values[i].ptr, (uintptr_t)data + bytes);
        assert_int_equal(values[i].len, descriptors[4 * i] | descriptors[4 * i + 1] << 8);
        assert_int_equal(values[i].type, descriptors[4 * i + 2]);
        assert_ptr_equal(values[i].ptr, expected[i].ptr);
        assert_true(laid.types & sek_value_type_bit(values[i].type));
        if (i < 64)
            assert_int_equal(laid.texts >> i & 1, sek_value_holds_text(values[i].type, values[i].len));
        bytes += values[i].len;
        n_fragments += (values[i].type & 0x7f) == SEK_VALUE_BINXML && values[i].len > 0;
    }
    assert_int_equal(laid.bytes, bytes);
    assert_int_equal(laid.n_fragments, n_fragments);
    assert_int_equal(laid.types, plain.types);
    assert_int_equal(laid.texts, plain.texts);
    assert_true(n >= 64 || laid.texts >> n == 0);
    assert_int_equal(laid.fragment, plain.fragment);
    assert_int_equal(plain.n_fragments, n_fragments);
    assert_true(n_fragments ? (values[laid.fragment].type & 0x7f) == SEK_VALUE_BINXML : laid.fragment == UINT32_MAX);
    free(descriptors);
}

static void check_all(SekLayOut lay_out) {
    for (uint32_t n = 0; n <= MOST; n++)
        for (unsigned round = 0; round < 20; round++)
            check(lay_out, n);
}

static void test_plain(void **s) {
    (void)s;
    check_all(sek_lay_out_plain());
}

static void test_chosen(void **s) {
    (void)s;
    check_all(sek_lay_out());
}

/* The types of a table without values, or of values that are not there, are none. */
static void test_types_of_few(void **s) {
    (void)s;
    static const uint8_t one[4] = {2, 0, SEK_VALUE_STRING, 0};
    SekValue values[SEK_LAYOUT_STEP];
    assert_int_equal(sek_lay_out()(one, 1, one, values).types, sek_value_type_bit(SEK_VALUE_STRING));
    assert_int_equal(sek_lay_out()(one, 0, one, values).types, 0);
    assert_int_equal(sek_lay_out()(one, 0, one, values).fragment, UINT32_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_chosen),
        cmocka_unit_test(test_types_of_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
