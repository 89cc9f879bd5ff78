/* SPDX-License-Identifier: Apache-2.0 */

/* Text that is looked at in blocks: the same as character by character, at every length, with something else
 * at every place, and nothing read beyond the end. */
#include "base/json_text.h"
#include "base/utf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define LONGEST 70u

/* --- JSON ------------------------------------------------------------------------------------------- */

/* One character as it stands in a string. */
static void add_expected(SekBuf *out, uint32_t cp, bool html) {
    static const struct {
        uint32_t cp;
        const char *text;
    } letters[] = {{'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}, {'\r', "\\r"}, {'\t', "\\t"}};
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (letters[i].cp == cp) {
            sek_buf_adds(out, letters[i].text);
            return;
        }
    bool angle = html && (cp == '<' || cp == '>' || cp == '&');
    char bytes[4];
    if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0x202E || angle)
        sek_buf_addf(out, "\\u%04x", (unsigned)cp);
    else
        sek_buf_add(out, bytes, sek_utf8_put(cp, bytes));
}

static void check_string(SekStr s, bool html) {
    SekBuf expected, got;
    sek_buf_init(&expected, 4096);
    sek_buf_init(&got, 4096);
    sek_buf_addc(&expected, '"');
    for (size_t i = 0; i < s.len;)
        add_expected(&expected, sek_utf8_next(s, &i), html);
    sek_buf_addc(&expected, '"');
    sek_json_string(&got, s, html);
    assert_int_equal(got.len, expected.len);
    assert_memory_equal(got.data, expected.data, got.len);
    sek_buf_deinit(&expected);
    sek_buf_deinit(&got);
}

static void test_json__a_character_anywhere_is_escaped(void **state) {
    (void)state;
    static const char *const others[] = {"\"", "\\", "\n", "\r", "\t", "\x01", "\x1f", " ", "!", "~", "\x7f", "<", ">", "&",
                                         "\x80", "\xff", "\xc2\x9b", "\xc3\xa9", "\xe2\x80\xae", "\xf0\x9f\x98\x80", "\xe2\x80"};
    for (size_t len = 0; len <= LONGEST; len++)
        for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
            size_t n = strlen(others[k]);
            for (size_t at = 0; at + n <= len || at == 0; at++) {
                char *text = malloc(len ? len : 1); /* its own block: reading beyond it is seen */
                assert_non_null(text);
                memset(text, 'a', len);
                if (n <= len)
                    memcpy(text + at, others[k], n);
                check_string(sek_str_n(text, len), false);
                check_string(sek_str_n(text, len), true);
                free(text);
            }
        }
}

static void test_json__escapes_in_a_row(void **state) {
    (void)state;
    static const char mixed[] = "\\\"\n\x01\\a\\bc\\\\\\\"\x7f\xc3\xa9\xff\"\"\"\"";
    char text[3000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = mixed[i * 7 % (sizeof mixed - 1)];
    for (size_t len = 0; len <= 700; len++)
        check_string(sek_str_n(text, len), false);
    SekBuf small;
    sek_buf_init(&small, 1000);
    sek_json_string(&small, sek_str_n(text, sizeof text), false);
    assert_int_equal(small.failed, SEK_ERR_LIMIT);
    sek_buf_deinit(&small);
}

static void test_quote__a_character_anywhere_is_shown(void **state) {
    (void)state;
    for (size_t len = 1; len <= LONGEST; len++)
        for (size_t at = 0; at < len; at++)
            for (unsigned c = 0; c < 256; c++) {
                char *text = malloc(len);
                SekBuf expected, got;
                assert_non_null(text);
                memset(text, 'a', len);
                text[at] = (char)c;
                sek_buf_init(&expected, 4096);
                sek_buf_init(&got, 4096);
                sek_buf_add(&expected, text, at);
                if (c == '\n' || c == '\r' || c == '\t')
                    sek_buf_addc(&expected, ' ');
                else if (c == 0xEF) /* it may have been U+FFFD itself */
                    sek_buf_adds(&expected, "\xef\xbf\xbd");
                else if (c >= 0x80)
                    sek_buf_addf(&expected, "\\x%02x", c);
                else if (c < 0x20 || c == 0x7F)
                    sek_buf_addf(&expected, "\\u%04x", c);
                else
                    sek_buf_addc(&expected, (char)c);
                sek_buf_add(&expected, text + at + 1, len - at - 1);
                sek_quote_line(&got, sek_str_n(text, len));
                assert_int_equal(got.len, expected.len);
                assert_memory_equal(got.data, expected.data, got.len);
                sek_buf_deinit(&expected);
                sek_buf_deinit(&got);
                free(text);
            }
}

/* --- UTF-16 ----------------------------------------------------------------------------------------- */

static uint32_t unit_at(const uint8_t *bytes, size_t i) {
    return bytes[2 * i] | (uint32_t)bytes[2 * i + 1] << 8;
}

static void check_units(const uint8_t *bytes, size_t units) {
    SekBuf expected, got;
    uint32_t seen = 0;
    sek_buf_init(&expected, 4096);
    sek_buf_init(&got, 4096);
    for (size_t i = 0; i < units; i++) {
        uint32_t cp = unit_at(bytes, i), low = i + 1 < units ? unit_at(bytes, i + 1) : 0;
        seen |= cp;
        if (cp >= 0xD800 && cp < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
            cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
            i++;
        }
        char utf8[4];
        sek_buf_add(&expected, utf8, sek_utf8_put(cp, utf8));
    }
    sek_utf16le_append(&got, bytes, units * 2);
    assert_int_equal(got.len, expected.len);
    if (got.len)
        assert_memory_equal(got.data, expected.data, got.len);
    char *folded = malloc(units ? units : 1); /* writing beyond it is seen, too */
    uint8_t *low = malloc(units ? units : 1);
    assert_true(folded && low);
    assert_int_equal(sek_utf16le_fold_ascii(bytes, units, folded), seen < 0x80);
    assert_int_equal(sek_utf16le_low_bytes(bytes, units, low), seen < 0x100);
    for (size_t i = 0; i < units; i++) {
        if (seen < 0x80)
            assert_int_equal(folded[i], sek_ascii_lower((char)bytes[2 * i]));
        if (seen < 0x100)
            assert_int_equal(low[i], bytes[2 * i]);
    }
    free(folded);
    free(low);
    sek_buf_deinit(&expected);
    sek_buf_deinit(&got);
}

static void test_utf16__a_unit_anywhere_becomes_utf8(void **state) {
    (void)state;
    static const uint16_t others[] = {0,      '@',    'A',    'Z',    '[',    'a',    0x7F,   0x80,   0xC1,
                                      0xFF,   0x100,  0x141,  0x3042, 0xD83D, 0xDE00, 0xFFFF, 0x4100, 0x8000};
    for (size_t units = 0; units <= LONGEST; units++)
        for (size_t k = 0; k < sizeof others / sizeof *others; k++)
            for (size_t at = 0; at == 0 || at < units; at++) {
                uint8_t *bytes = calloc(units ? units : 1, 2);
                assert_non_null(bytes);
                for (size_t i = 0; i < units; i++) {
                    uint16_t unit = i == at ? others[k] : i == at + 1 && others[k] == 0xD83D ? 0xDE00 : (uint16_t)('A' + i % 50);
                    bytes[2 * i] = (uint8_t)unit;
                    bytes[2 * i + 1] = (uint8_t)(unit >> 8);
                }
                check_units(bytes, units);
                free(bytes);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json__a_character_anywhere_is_escaped),
        cmocka_unit_test(test_json__escapes_in_a_row),
        cmocka_unit_test(test_quote__a_character_anywhere_is_shown),
        cmocka_unit_test(test_utf16__a_unit_anywhere_becomes_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
