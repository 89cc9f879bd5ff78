/* SPDX-License-Identifier: Apache-2.0 */
#include "property/gen.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* --- chance --------------------------------------------------------------------------------- */

void sek_gen_init(SekGen *gen, uint64_t seed) {
    *gen = (SekGen){.state = seed * 2 + 1};
    sek_arena_init(&gen->arena, 0);
}

void sek_gen_deinit(SekGen *gen) {
    sek_arena_deinit(&gen->arena);
}

void sek_gen_reset(SekGen *gen) {
    sek_arena_reset(&gen->arena);
    gen->n_pool = gen->n_rules = gen->focus = 0;
}

/* SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). */
static uint64_t random64(SekGen *gen) {
    uint64_t z = gen->state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

uint32_t sek_gen_below(SekGen *gen, uint32_t n) {
    return (uint32_t)(random64(gen) % n);
}

bool sek_gen_chance(SekGen *gen, uint32_t percent) {
    return sek_gen_below(gen, 100) < percent;
}

const char *sek_gen_pick(SekGen *gen, const char *const *list, uint32_t n) {
    return list[sek_gen_below(gen, n)];
}

/* --- pieces --------------------------------------------------------------------------------- */

/* Kelvin sign, long s, sharp s in both cases, I with dot, dotless i, micro, the three sigmas, fullwidth,
 * Deseret. */
static const char *const characters[] = {
    "a", "b", "c", "A", "B", "C", "x", "k", "K", "s", "S", "i", "I", "1", "0", " ", " ", "\\", "\\", "/", "-", ".", ":",
    "\"", "'", "%", "$", "(", "|", "_", "\n", "\r\n", "\t", "\xC3\xA9", "\xC3\x89", "\xE2\x84\xAA", "\xC5\xBF",
    "\xC3\x9F", "\xE1\xBA\x9E", "\xC4\xB1", "\xC2\xB5", "\xCE\xBC", "\xCE\xA3", "\xCF\x82", "\xCF\x83", "\xD0\x94",
    "\xD0\xB4", "\xEF\xBC\xA1", "\xEF\xBD\x81", "\xF0\x90\x90\x80", "\xF0\x90\x90\xA8", "\xE3\x81\x82",
    "\xF0\x9F\x98\x80", "\xE2\x80\x93", "\xE2\x80\x94", "\xE2\x80\x95",
};
static const char *const words[] = {
    "powershell", "PowerShell", ".exe", "\\cmd.exe", "cmd", "\\Temp\\", "\\temp\\", " -enc ", " /c ", " -e", "http://",
    "rundll32", "\\System32\\", "aaaa", "aaab", "abab", "Software\\", "-windowstyle hidden", "Kernel32", "services",
    "user", "123", "4624", "stra\xC3\x9F" "e", "\xD0\xBF\xD0\xB0\xD1\x80\xD0\xBE\xD0\xBB\xD1\x8C", "ab-cd",
};

const char *sek_gen_piece(SekGen *gen, uint32_t percent) {
    return sek_gen_chance(gen, percent) ? SEK_GEN_PICK(gen, words) : SEK_GEN_PICK(gen, characters);
}

void sek_gen_dense(SekGen *gen, uint32_t n, SekBuf *out) {
    for (; n > 0; n--)
        sek_buf_addc(out, sek_gen_chance(gen, 60) ? 'a' : 'b');
}

/* --- the pool ------------------------------------------------------------------------------- */

void sek_gen_remember(SekGen *gen, const char *field, SekStr text) {
    if (gen->n_pool == SEK_GEN_POOL)
        return;
    gen->pool[gen->n_pool].text = sek_arena_dup(&gen->arena, text);
    gen->pool[gen->n_pool++].field = field;
}

/* Names differ by case and blanks only after the first letters. */
static bool is_for(const char *rule_field, SekStr field) {
    size_t n = strlen(rule_field) < field.len ? strlen(rule_field) : field.len;
    return sek_naive_same_word(sek_str_n(rule_field, n < 4 ? n : 4), sek_str_n(field.ptr, n < 4 ? n : 4));
}

static SekStr take(SekGen *gen, SekStr field) {
    uint32_t first = gen->first[gen->focus], n = gen->first[gen->focus + 1] - first;
    if (gen->n_rules == 0 || n == 0 || sek_gen_chance(gen, 40)) {
        first = 0;
        n = gen->n_pool;
    }
    uint32_t i = first + sek_gen_below(gen, n);
    for (int tries = 0; tries < 12 && !is_for(gen->pool[i].field, field); tries++)
        i = first + sek_gen_below(gen, n);
    return gen->pool[i].text;
}

static bool starts_character(char c) {
    return ((uint8_t)c & 0xC0) != 0x80;
}

/* A place between two characters. */
static size_t place(SekGen *gen, SekStr text) {
    size_t at = sek_gen_below(gen, (uint32_t)text.len + 1);
    while (at < text.len && !starts_character(text.ptr[at]))
        at--;
    return at;
}

static void flip_case(SekGen *gen, SekStr text, SekBuf *out) {
    bool all = sek_gen_chance(gen, 50);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        sek_buf_addc(out, letter && (all || sek_gen_chance(gen, 30)) ? (char)(c ^ 32) : c);
    }
}

/* The text with one character less, or with a piece in between or instead. */
static void edit(SekGen *gen, SekStr text, SekBuf *out) {
    size_t at = place(gen, text), end = at;
    if (end < text.len && sek_gen_chance(gen, 60))
        do
            end++;
        while (end < text.len && !starts_character(text.ptr[end]));
    sek_buf_add(out, text.ptr, at);
    if (sek_gen_chance(gen, 60))
        sek_buf_adds(out, sek_gen_piece(gen, 10));
    sek_buf_add(out, text.ptr + end, text.len - end);
}

static void fresh(SekGen *gen, SekBuf *out) {
    for (uint32_t n = sek_gen_below(gen, 6); n > 0; n--)
        sek_buf_adds(out, sek_gen_piece(gen, 30));
}

void sek_gen_text(SekGen *gen, SekStr field, SekBuf *out) {
    if (gen->n_pool == 0 || sek_gen_chance(gen, 12)) {
        fresh(gen, out);
        return;
    }
    SekStr text = take(gen, field);
    uint32_t how = sek_gen_below(gen, 10);
    if (how >= 8 || how == 3) /* around it */
        sek_buf_adds(out, sek_gen_piece(gen, 20));
    if (how < 4)
        sek_buf_add_str(out, text);
    else if (how < 6)
        flip_case(gen, text, out);
    else if (how < 8)
        edit(gen, text, out);
    else
        sek_buf_add_str(out, text);
    if (how >= 8 || how == 2) {
        sek_buf_adds(out, sek_gen_piece(gen, 20));
        text = take(gen, field);
        if (how == 9 && text.len < 60)
            sek_buf_add_str(out, text);
    }
}

/* --- numbers, addresses, dates -------------------------------------------------------------- */

const char *sek_gen_number(SekGen *gen) {
    static const char *const list[] = {
        "0", "1", "4", "5", "10", "16", "255", "4624", "-1", "-5", "04", "0x4", "0x10", "0XFF", "0xff", "0x0", "4.0",
        "5.5", "1.5", "1.50", "15e-1", "1000", "1e3", ".5", "0.5", "-0", " 4 ", "4 KB", "0x", "1,000", "1_0", "--1",
        "9007199254740992", "9007199254740993", "18446744073709551615", "18446744073709551614", "0xffffffffffffffff",
        "-9223372036854775808", "9223372036854775807", "+4", "4.", "1e", "0x1p3", "inf", "nan",
        "9007199254740992.0", "9007199254740993.0", "18446744073709551616", "99999999999999999999",
    };
    return SEK_GEN_PICK(gen, list);
}

const char *sek_gen_address(SekGen *gen) {
    static const char *const list[] = {
        "10.0.0.1", "10.255.255.255", "11.0.0.0", "172.16.5.4", "172.32.0.1", "192.168.1.200", "192.168.1.1",
        "::1", "::", "fe80::1", "fe80::1%12", "FEC0::1", "2001:db8::5", "::ffff:10.0.0.1", "::ffff:11.1.1.1",
        "::10.0.0.1", "-", "LOCAL", "10.0.0", "10.0.0.1:443", "010.0.0.1", "10.0.0.256", "1.2.3.4.5", "::ffff:0a00:1",
    };
    return SEK_GEN_PICK(gen, list);
}

const char *sek_gen_date(SekGen *gen) {
    static const char *const list[] = {
        "2020-12-22T22:01:02.5Z", "2020-12-22 05:59:59.123", "2021-01-03T00:00:00Z", "2021-01-04 00:00:00.000",
        "2024-12-30T12:30:00Z", "2022-01-01T23:59:59.9999999Z", "2024-02-29T06:00:00Z", "2023-02-29T06:00:00Z",
        "1999-12-31 23:59:59.999", "2020-13-01T00:00:00Z", "yesterday", "2026-11-21", "1601-01-01T00:00:00Z",
    };
    return SEK_GEN_PICK(gen, list);
}

/* --- encodings ------------------------------------------------------------------------------ */

void sek_gen_base64(SekStr bytes, SekBuf *out) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        bits = bits << 8 | (uint8_t)bytes.ptr[i];
        for (have += 8; have >= 6; have -= 6)
            sek_buf_addc(out, alphabet[bits >> (have - 6) & 63]);
    }
    if (have > 0)
        sek_buf_addc(out, alphabet[bits << (6 - have) & 63]);
    for (size_t i = bytes.len; i % 3 != 0; i++)
        sek_buf_addc(out, '=');
}

static void put_unit(uint32_t unit, bool big_endian, SekBuf *out) {
    sek_buf_addc(out, (char)(big_endian ? unit >> 8 : unit & 0xFF));
    sek_buf_addc(out, (char)(big_endian ? unit & 0xFF : unit >> 8));
}

void sek_gen_utf16(SekStr text, bool big_endian, SekBuf *out) {
    for (size_t i = 0; i < text.len;) {
        const uint8_t *p = (const uint8_t *)text.ptr + i;
        size_t n = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
        uint32_t cp = n == 1 ? p[0] : p[0] & (0x7Fu >> n);
        for (size_t k = 1; k < n; k++)
            cp = cp << 6 | (p[k] & 0x3Fu);
        i += n;
        if (cp >= 0x10000) {
            put_unit(0xD800 + ((cp - 0x10000) >> 10), big_endian, out);
            cp = 0xDC00 + (cp & 0x3FF);
        }
        put_unit(cp, big_endian, out);
    }
}
