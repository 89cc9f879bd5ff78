/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_test.h"

#include "rule/address.h"
#include "rule/number.h"

#include <locale.h>

static SekNumber number(const char *text) {
    SekNumber out = {0};
    if (!sek_number_parse(sek_str(text), &out))
        fail_msg("%s is not read", text);
    return out;
}

static void test_number__forms(void **state) {
    (void)state;
    assert_true(number("4624").is_int && number("4624").magnitude == 4624);
    assert_true(number("+1").magnitude == 1);
    assert_true(number("-7").negative && number("-7").real == -7.0);
    assert_false(number("-0").negative);
    assert_true(number("0x1fFf").magnitude == 0x1FFF);
    assert_true(number("0XFF").magnitude == 255);
    assert_true(number("007").magnitude == 7);
    assert_true(!number("4624.0").is_int && number("4624.0").real == 4624.0);
    assert_true(number(".5").real == 0.5 && number("5.").real == 5.0);
    assert_true(number("-1.25e-2").real == -0.0125);
}

static void test_number__anything_else_is_not_read(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",     " 1",    "1 ",  "-",   "+",   ".",   "e5", "1e",    "1e+", "0x", "0xg",
        "-0x1", "1_000", "1,5", "inf", "nan", "0b1", "١",  "1.2.3", "--1", "1-", "0x1.8p1"};
    SekNumber out = {.magnitude = 99};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (sek_number_parse(sek_str(texts[i]), &out))
            fail_msg("%s is read", texts[i]);
    assert_int_equal(out.magnitude, 99);
}

static void test_number__edges_of_64_bits(void **state) {
    (void)state;
    assert_true(number("18446744073709551615").is_int);
    assert_false(number("18446744073709551616").is_int);
    assert_true(number("18446744073709551616").real == 18446744073709551616.0);
    assert_true(number("0xFFFFFFFFFFFFFFFF").magnitude == UINT64_MAX);
    assert_false(number("0x10000000000000000").is_int);
    assert_true(number("0x10000000000000000").real == 18446744073709551616.0);
    assert_true(number("0x0000000000000000001").is_int);
    assert_true(number("-18446744073709551615").is_int);
}

static void test_number__longest_text(void **state) {
    (void)state;
    char text[SEK_NUMBER_MAX_TEXT + 2];
    SekNumber out;
    memset(text, '1', sizeof text);
    assert_true(sek_number_parse(sek_str_n(text, SEK_NUMBER_MAX_TEXT - 1), &out));
    assert_true(sek_number_parse(sek_str_n(text, SEK_NUMBER_MAX_TEXT), &out));
    assert_false(sek_number_parse(sek_str_n(text, SEK_NUMBER_MAX_TEXT + 1), &out));
}

static int order(const char *a, const char *b) {
    SekNumber x = number(a), y = number(b);
    return sek_number_cmp(&x, &y);
}

static void test_number__order_is_exact(void **state) {
    (void)state;
    assert_true(order("9007199254740993", "9007199254740992") > 0); /* equal as doubles */
    assert_true(order("-9007199254740993", "-9007199254740992") < 0);
    assert_true(order("-1", "1") < 0 && order("1", "-1") > 0);
    assert_int_equal(order("0x10", "16"), 0);
    assert_int_equal(order("16.0", "16"), 0);
    assert_true(order("1.5", "2") < 0);
    assert_true(order("18446744073709551615", "-1") > 0);
}

static void test_number__does_not_follow_the_locale(void **state) {
    (void)state;
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "fr_FR.UTF-8"))
        skip();
    double real = number("1.5").real;
    setlocale(LC_NUMERIC, "C");
    assert_true(real == 1.5);
}

/* --- addresses ----------------------------------------------------------------------------- */

static void assert_address(const char *text, const char *expected) {
    SekAddress address = {0};
    if (!sek_address_parse(sek_str(text), &address))
        fail_msg("%s is not read", text);
    char got[40];
    for (int i = 0; i < (address.v6 ? 16 : 4); i++)
        snprintf(got + 2 * i, 3, "%02x", address.bytes[i]);
    assert_string_equal(got, expected);
}

static void test_address__forms(void **state) {
    (void)state;
    assert_address("0.0.0.0", "00000000");
    assert_address("255.1.20.255", "ff0114ff");
    assert_address("::", "00000000000000000000000000000000");
    assert_address("::1", "00000000000000000000000000000001");
    assert_address("fe80::", "fe800000000000000000000000000000");
    assert_address("2001:DB8::8:800:200c:417a", "20010db80000000000080800200c417a");
    assert_address("1:2:3:4:5:6:7:8", "00010002000300040005000600070008");
    assert_address("1:2:3:4:5:6:7::", "00010002000300040005000600070000");
    assert_address("::2:3:4:5:6:7:8", "00000002000300040005000600070008");
    assert_address("::ffff:10.0.0.1", "00000000000000000000ffff0a000001");
    assert_address("1:2:3:4:5:6:1.2.3.4", "00010002000300040005000601020304");
    assert_address("1::1.2.3.4", "00010000000000000000000001020304");
}

static void test_address__anything_else_is_not_read(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        "-",
        "LOCAL",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "01.2.3.4",
        "1.2.3.4 ",
        "1.2.3.",
        "1.2.3.1234",
        ":",
        ":::",
        "1:2:3",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7",
        "1::2::3",
        "12345::",
        "g::",
        "fe80::1%eth0",
        "::1.2.3",
        "::1.2.3.4:5",
        ":1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:",
        "1:2:3:4:5:6:7:1.2.3.4",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "1.2.3.4::",
    };
    SekAddress address;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (sek_address_parse(sek_str(texts[i]), &address))
            fail_msg("%s is read", texts[i]);
}

static bool in(const char *address, const char *net, unsigned bits) {
    SekAddress a, n;
    assert_true(sek_address_parse(sek_str(address), &a));
    assert_true(sek_address_parse(sek_str(net), &n));
    return sek_address_in(&a, &n, bits);
}

static void test_address__in_network(void **state) {
    (void)state;
    assert_true(in("10.255.0.1", "10.0.0.0", 8));
    assert_false(in("11.0.0.0", "10.0.0.0", 8));
    assert_true(in("172.31.255.255", "172.16.0.0", 12));
    assert_false(in("172.32.0.0", "172.16.0.0", 12));
    assert_true(in("1.2.3.4", "1.2.3.4", 32));
    assert_false(in("1.2.3.5", "1.2.3.4", 32));
    assert_true(in("9.9.9.9", "0.0.0.0", 0));
    assert_true(in("febf::1", "fe80::", 10));
    assert_false(in("fec0::1", "fe80::", 10));
    assert_true(in("::1", "::1", 128));
    assert_false(in("::1", "0.0.0.0", 0));
    assert_false(in("1.2.3.4", "1.2.3.4", 33));
}

static void test_address__mapped(void **state) {
    (void)state;
    SekAddress address, v4;
    assert_true(sek_address_parse(SEK_STR("::ffff:10.0.0.1"), &address));
    assert_true(sek_address_mapped(&address, &v4));
    assert_true(!v4.v6 && v4.bytes[0] == 10 && v4.bytes[3] == 1 && v4.bytes[4] == 0);
    assert_true(sek_address_parse(SEK_STR("::1:ffff:10.0.0.1"), &address));
    assert_false(sek_address_mapped(&address, &v4));
    assert_true(sek_address_parse(SEK_STR("10.0.0.1"), &address));
    assert_false(sek_address_mapped(&address, &v4));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number__forms),
        cmocka_unit_test(test_number__anything_else_is_not_read),
        cmocka_unit_test(test_number__edges_of_64_bits),
        cmocka_unit_test(test_number__longest_text),
        cmocka_unit_test(test_number__order_is_exact),
        cmocka_unit_test(test_number__does_not_follow_the_locale),
        cmocka_unit_test(test_address__forms),
        cmocka_unit_test(test_address__anything_else_is_not_read),
        cmocka_unit_test(test_address__in_network),
        cmocka_unit_test(test_address__mapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
