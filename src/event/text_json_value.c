/* SPDX-License-Identifier: Apache-2.0 */
/* Eight bytes are looked at in one go; which of them matter is asked of all with a few operations on the
 * word that they are. */
#include "event/text_json_value.h"

#include "base/utf.h"

#define WORD sizeof(uint64_t)

const char sek_json_escapes[256] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                    ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};

/* --- strings ------------------------------------------------------------------------------- */

const char *sek_json_copy_plain(const char *at, const char *end, char **to) {
    char *out = *to;
    for (; (size_t)(end - at) >= WORD; at += WORD, out += WORD) {
        memcpy(out, at, WORD);
        uint64_t special = sek_json_special_bytes(sek_le64((const uint8_t *)at));
        if (special) {
            unsigned n = (unsigned)__builtin_ctzll(special) >> 3;
            *to = out + n;
            return at + n;
        }
    }
    while (at < end && !sek_json_is_special(*at))
        *out++ = *at++;
    *to = out;
    return at;
}

/* \uXXXX at `*at`, without surrogates and U+0000. */
static bool unescape_unit(const char **at, const char *end, char **to) {
    uint32_t unit = 0;
    if (end - *at < 6)
        return false;
    for (unsigned i = 2; i < 6; i++) {
        int digit = sek_hex_digit((*at)[i]);
        if (digit < 0)
            return false;
        unit = unit * 16 + (uint32_t)digit;
    }
    if (unit == 0 || (unit >= 0xD800 && unit < 0xE000))
        return false;
    *to += sek_utf8_put(unit, *to);
    *at += 6;
    return true;
}

static bool unescape(SekJsonText *t, const char **at, char **to) {
    if (t->end - *at < 2)
        return false;
    char c = sek_json_escapes[(uint8_t)(*at)[1]];
    if (c == 0) {
        t->respelled = true;
        return (*at)[1] == 'u' && unescape_unit(at, t->end, to);
    }
    *(*to)++ = c;
    *at += 2;
    return true;
}

static bool copy_wide(SekJsonText *t, const char **at, char **to) {
    SekStr rest = {*at, (size_t)(t->end - *at)};
    size_t n = 0;
    t->respelled = true;
    if (sek_utf8_next(rest, &n) == SEK_UTF_REPLACEMENT && (n != 3 || memcmp(*at, "\xEF\xBF\xBD", 3) != 0))
        return false;
    memcpy(*to, *at, n);
    *to += n;
    *at += n;
    return true;
}

bool sek_json_pass_special(SekJsonText *t, const char **at, char **to) {
    return **at == '\\' ? unescape(t, at, to) : (uint8_t)**at >= 0x80 && copy_wide(t, at, to);
}

bool sek_json_read_special(SekJsonText *t, const char *at, SekStr *out) {
    char *start = t->plain, *to = start;
    memcpy(to, t->at, (size_t)(at - t->at));
    to += at - t->at;
    while (at < t->end && *at != '"') {
        if (!sek_json_pass_special(t, &at, &to))
            return false;
        at = sek_json_copy_plain(at, t->end, &to);
    }
    if (at == t->end)
        return false;
    *out = sek_str_n(start, (size_t)(to - start));
    t->plain = to;
    t->at = at + 1;
    return true;
}

/* --- numbers and truth values -------------------------------------------------------------- */

static char peek(const SekJsonText *t) {
    return t->at < t->end ? *t->at : '\0';
}

static bool pass_digits(SekJsonText *t) {
    const char *start = t->at;
    while (t->at < t->end && *t->at >= '0' && *t->at <= '9')
        t->at++;
    return t->at > start;
}

/* `-`? whole (`.` digits)?; exponents are rare. As in text_json.c, 4624.0 means a whole number. */
static bool read_number(SekJsonText *t) {
    const char *start = t->at, *zeros = NULL;
    t->at += *t->at == '-';
    if (peek(t) == '0')
        t->at++;
    else if (!pass_digits(t))
        return false;
    if (peek(t) == '.') {
        zeros = t->at++;
        if (!pass_digits(t))
            return false;
        for (const char *p = zeros + 1; p < t->at && zeros; p++)
            zeros = *p == '0' ? zeros : NULL;
    }
    char next = peek(t);
    if (next != ',' && next != '}' && next != ']' && (uint8_t)next > ' ')
        return false;
    return sek_json_add_value(t, start, sek_str_n(start, (size_t)((zeros ? zeros : t->at) - start)), SEK_WRITTEN_NUMBER);
}

bool sek_json_pass_word(SekJsonText *t, SekStr word) {
    if ((size_t)(t->end - t->at) < word.len || memcmp(t->at, word.ptr, word.len) != 0)
        return false;
    t->at += word.len;
    return true;
}

bool sek_json_read_scalar(SekJsonText *t) {
    char first = peek(t);
    if (first != 't' && first != 'f')
        return t->at < t->end && read_number(t);
    SekStr word = first == 't' ? SEK_STR("true") : SEK_STR("false");
    const char *start = t->at;
    return sek_json_pass_word(t, word) && sek_json_add_value(t, start, sek_str_n(start, word.len), SEK_WRITTEN_BOOL);
}
