/* SPDX-License-Identifier: Apache-2.0 */
/* The sums that this processor can take, at every length around the steps of the registers, against libdeflate's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/crc32.h"

#include <libdeflate.h>

#define MOST 3000u
#define OFFSETS 4u

static void fill(uint8_t *bytes, size_t n) {
    uint64_t state = 42;
    for (size_t i = 0; i < n; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (uint8_t)(state >> 56);
    }
}

static void check(SekCrc32 sum, size_t least) {
    static uint8_t bytes[MOST + OFFSETS];
    fill(bytes, sizeof bytes);
    for (size_t n = least; n <= MOST; n++) {
        const uint8_t *from = bytes + n % OFFSETS;
        uint32_t before = (uint32_t)n * 2654435761u;
        assert_int_equal(sum(before, from, n), libdeflate_crc32(before, from, n));
        assert_int_equal(sum(0, from, n), libdeflate_crc32(0, from, n));
    }
}

static void test_any_length(void **state) {
    (void)state;
    check(sek_crc32, 0);
}

static void test_512_bits(void **state) {
    (void)state;
    if (!sek_crc32_avx512())
        skip();
    check(sek_crc32_avx512(), SEK_CRC32_WIDE);
}

static void test_256_bits(void **state) {
    (void)state;
    if (!sek_crc32_avx2())
        skip();
    check(sek_crc32_avx2(), SEK_CRC32_WIDE);
}

/* The check value that the catalogue of CRC algorithms gives for CRC-32/ISO-HDLC. */
static void test_known_value(void **state) {
    (void)state;
    assert_int_equal(sek_crc32(0, (const uint8_t *)"123456789", 9), 0xcbf43926);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_length),
        cmocka_unit_test(test_512_bits),
        cmocka_unit_test(test_256_bits),
        cmocka_unit_test(test_known_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
