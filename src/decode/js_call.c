/* SPDX-License-Identifier: Apache-2.0 */

/* What JScript's operators and built-in functions come to (ECMAScript, 3rd edition, sections 11 and 15).
 * Whatever is not certain - a regular expression with signs in it, a fraction as text - is unknown. */
#include "decode/js.h"

#include "base/utf.h"

#include <math.h>

#define PROPERTY UINT32_MAX /* no call: a property is read */

static bool text_arg(SekSfRun *run, const SekSfValue *args, uint32_t n, uint32_t i, SekStr *out) {
    return i < n && sek_sf_text(run, args[i], out);
}

static double number_arg(const SekSfValue *args, uint32_t n, uint32_t i, double otherwise, bool *good) {
    double value = otherwise;
    if (i < n && !sek_sf_to_number(args[i], &value))
        *good = false;
    return trunc(value);
}

static double clamp(double value, double most) {
    return value < 0 ? 0 : value > most ? most : value;
}

/* --- strings --- */

static SekSfValue part(SekSfRun *run, SekStr s, double from, double to) {
    if (to <= from)
        return sek_sf_string(run, SEK_STR(""));
    sek_sf_step(run, "substring");
    return sek_sf_string(run, sek_sf_slice(run, s, (size_t)from, (size_t)(to - from)));
}

static SekSfValue cut(SekSfRun *run, SekStr name, SekStr s, const SekSfValue *args, uint32_t n) {
    bool good = n > 0;
    double len = (double)sek_sf_units(s), a = number_arg(args, n, 0, 0, &good), b = number_arg(args, n, 1, len, &good);
    if (!good)
        return sek_sf_unknown();
    if (sek_str_eq(name, SEK_STR("substr"))) {
        a = clamp(a, len); /* JScript counts from the front, unlike ECMAScript (annex B.2.3) */
        return part(run, s, a, clamp(n > 1 ? a + clamp(b, len) : len, len));
    }
    if (sek_str_eq(name, SEK_STR("slice")))
        return part(run, s, clamp(a < 0 ? len + a : a, len), clamp(b < 0 ? len + b : b, len));
    a = clamp(a, len);
    b = clamp(b, len);
    return part(run, s, a < b ? a : b, a < b ? b : a);
}

static SekSfValue lower(SekSfRun *run, SekStr s, bool up) {
    SekBuf out;
    sek_buf_init(&out, run->decoder->limits.max_value_bytes);
    for (size_t i = 0; i < s.len; i++) {
        if ((uint8_t)s.ptr[i] >= 0x80) {
            sek_buf_deinit(&out);
            return sek_sf_unknown();
        }
        char c = s.ptr[i];
        sek_buf_addc(&out, up ? (char)(c >= 'a' && c <= 'z' ? c - 32 : c) : sek_ascii_lower(c));
    }
    return sek_sf_take(run, &out);
}

static SekSfValue index_of(SekStr s, SekStr what, size_t from) {
    ptrdiff_t found = from <= s.len ? sek_str_find(sek_str_n(s.ptr + from, s.len - from), what) : -1;
    return sek_sf_number(found < 0 ? -1 : (double)(found + (ptrdiff_t)from));
}

static SekSfValue replace(SekSfRun *run, SekStr s, const SekSfValue *args, uint32_t n) {
    SekStr with;
    if (n != 2 || args[0].type != SEK_SF_STRING || !text_arg(run, args, n, 1, &with) || (with.len && memchr(with.ptr, '$', with.len)))
        return sek_sf_unknown();
    return sek_sf_replace(run, s, args[0].text, with, args[0].regex && args[0].global ? -1 : 1);
}

static SekSfValue string_call(SekSfRun *run, SekStr name, SekStr s, const SekSfValue *args, uint32_t n) {
    bool good = true;
    SekStr text;
    if (n == PROPERTY)
        return sek_str_eq(name, SEK_STR("length")) ? sek_sf_number((double)sek_sf_units(s)) : sek_sf_unknown();
    if (sek_str_eq(name, SEK_STR("charAt")) || sek_str_eq(name, SEK_STR("charCodeAt"))) {
        double i = number_arg(args, n, 0, 0, &good);
        if (!good || i < 0 || i >= (double)sek_sf_units(s))
            return sek_sf_unknown();
        if (name.len == 6)
            return sek_sf_string(run, sek_sf_slice(run, s, (size_t)i, 1));
        int unit = sek_sf_unit_at(s, (size_t)i);
        return unit < 0 ? sek_sf_unknown() : sek_sf_number(unit);
    }
    if (sek_str_eq(name, SEK_STR("substr")) || sek_str_eq(name, SEK_STR("substring")) || sek_str_eq(name, SEK_STR("slice")))
        return cut(run, name, s, args, n);
    if (sek_str_eq(name, SEK_STR("split"))) {
        if (n == 1 && text_arg(run, args, n, 0, &text))
            return sek_sf_split(run, s, text);
        return n == 1 && args[0].regex ? sek_sf_split(run, s, args[0].text) : sek_sf_unknown();
    }
    if (sek_str_eq(name, SEK_STR("replace")))
        return replace(run, s, args, n);
    if (sek_str_eq(name, SEK_STR("toLowerCase")) || sek_str_eq(name, SEK_STR("toUpperCase")))
        return lower(run, s, name.ptr[2] == 'U');
    if (sek_str_eq(name, SEK_STR("indexOf")) && n == 1 && text_arg(run, args, n, 0, &text))
        return sek_is_ascii(s) ? index_of(s, text, 0) : sek_sf_unknown();
    if (sek_str_eq(name, SEK_STR("concat"))) {
        SekSfValue value = sek_sf_view(s);
        for (uint32_t i = 0; i < n; i++)
            value = sek_sf_concat(run, value, args[i]);
        return value;
    }
    if (sek_str_eq(name, SEK_STR("toString")) || sek_str_eq(name, SEK_STR("valueOf")))
        return sek_sf_view(s);
    if (sek_str_eq(name, SEK_STR("trim")))
        return sek_sf_string(run, sek_str_trim(s));
    return sek_sf_unknown();
}

/* --- arrays --- */

static SekSfValue reverse(SekSfArray *array, SekSfValue self) {
    for (uint32_t i = 0; i < array->n / 2; i++) {
        SekSfValue item = array->items[i];
        array->items[i] = array->items[array->n - 1 - i];
        array->items[array->n - 1 - i] = item;
    }
    return self;
}

static SekSfValue array_call(SekSfRun *run, SekStr name, SekSfValue self, const SekSfValue *args, uint32_t n) {
    SekSfArray *a = self.array;
    SekStr with = SEK_STR(",");
    if (n == PROPERTY)
        return sek_str_eq(name, SEK_STR("length")) ? sek_sf_number(a->n) : sek_sf_unknown();
    if (!sek_sf_pay(run, a->n * 16))
        return sek_sf_unknown();
    if (sek_str_eq(name, SEK_STR("join")))
        return n == 0 || text_arg(run, args, n, 0, &with) ? sek_sf_join(run, a, with) : sek_sf_unknown();
    if (sek_str_eq(name, SEK_STR("reverse")))
        return reverse(a, self);
    if (sek_str_eq(name, SEK_STR("push"))) {
        for (uint32_t i = 0; i < n; i++)
            if (!sek_sf_push(run, a, args[i]))
                return sek_sf_unknown();
        return sek_sf_number(a->n);
    }
    if (sek_str_eq(name, SEK_STR("pop")) && a->n > 0)
        return a->items[--a->n];
    if (sek_str_eq(name, SEK_STR("shift")) && a->n > 0) {
        SekSfValue first = a->items[0];
        memmove(a->items, a->items + 1, --a->n * sizeof *a->items);
        return first;
    }
    if (sek_str_eq(name, SEK_STR("concat")) && n == 1 && args[0].type == SEK_SF_ARRAY && !args[0].array->lost) {
        SekSfValue list = sek_sf_array(run, a->items, a->n);
        for (uint32_t i = 0; list.type == SEK_SF_ARRAY && i < args[0].array->n; i++)
            if (!sek_sf_push(run, list.array, args[0].array->items[i]))
                return sek_sf_unknown();
        return list;
    }
    if (sek_str_eq(name, SEK_STR("slice"))) {
        bool good = true;
        double len = a->n, from = number_arg(args, n, 0, 0, &good), to = number_arg(args, n, 1, len, &good);
        from = clamp(from < 0 ? len + from : from, len);
        to = clamp(to < 0 ? len + to : to, len);
        return good ? sek_sf_array(run, a->items + (uint32_t)from, to > from ? (uint32_t)(to - from) : 0) : sek_sf_unknown();
    }
    return sek_sf_unknown();
}

/* --- functions --- */

static SekSfValue from_char_code(SekSfRun *run, const SekSfValue *args, uint32_t n) {
    SekBuf out;
    sek_buf_init(&out, run->decoder->limits.max_value_bytes);
    for (uint32_t i = 0; i < n; i++) {
        double code;
        if (!sek_sf_to_number(args[i], &code) || code < 0 || code > 65535 || (code >= 0xD800 && code < 0xE000)) {
            sek_buf_deinit(&out);
            return sek_sf_unknown();
        }
        sek_sf_put_unit(&out, (unsigned)code);
    }
    sek_sf_step(run, "char");
    return sek_sf_take(run, &out);
}

static SekSfValue parse_int(SekSfRun *run, const SekSfValue *args, uint32_t n) {
    SekStr s;
    bool good = true;
    double base = number_arg(args, n, 1, 0, &good), value = 0;
    if (!good || !text_arg(run, args, n, 0, &s))
        return sek_sf_unknown();
    s = sek_str_trim(s);
    bool minus = s.len && s.ptr[0] == '-';
    size_t i = minus || (s.len && s.ptr[0] == '+');
    if ((base == 0 || base == 16) && i + 1 < s.len && s.ptr[i] == '0' && (s.ptr[i + 1] | 32) == 'x') {
        base = 16;
        i += 2;
    }
    if (base == 0) /* JScript 5.8 reads a leading 0 as octal, as ECMAScript 3 (15.1.2.2) allows */
        base = i < s.len && s.ptr[i] == '0' ? 8 : 10;
    size_t start = i;
    for (; i < s.len; i++) {
        char c = s.ptr[i], l = (char)(c | 32);
        int digit = c >= '0' && c <= '9' ? c - '0' : l >= 'a' && l <= 'z' ? l - 'a' + 10 : 99;
        if (digit >= base)
            break;
        value = value * base + digit;
    }
    return i == start ? sek_sf_unknown() : sek_sf_number(minus ? -value : value);
}

static int base64_digit(char c) {
    return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+' ? 62 : c == '/' ? 63 : -1;
}

static SekSfValue from_base64(SekSfRun *run, SekStr s) {
    SekBuf out;
    uint32_t bits = 0, n = 0;
    sek_buf_init(&out, run->decoder->limits.max_value_bytes);
    for (size_t i = 0; i < s.len && s.ptr[i] != '='; i++) {
        int digit = base64_digit(s.ptr[i]);
        if (digit < 0)
            continue;
        bits = bits << 6 | (uint32_t)digit;
        n += 6;
        if (n >= 8) {
            n -= 8;
            sek_sf_put_unit(&out, bits >> n & 255);
        }
    }
    sek_sf_step(run, "base64");
    return sek_sf_take(run, &out);
}

static SekSfValue plain_call(SekSfRun *run, SekStr name, const SekSfValue *args, uint32_t n) {
    SekStr text;
    double number;
    if (sek_str_eq(name, SEK_STR("String.fromCharCode")))
        return from_char_code(run, args, n);
    if (sek_str_eq(name, SEK_STR("parseInt")))
        return parse_int(run, args, n);
    if (sek_str_eq(name, SEK_STR("Math.floor")) || sek_str_eq(name, SEK_STR("Math.round")) || sek_str_eq(name, SEK_STR("Math.ceil"))) {
        if (n != 1 || !sek_sf_to_number(args[0], &number))
            return sek_sf_unknown();
        return sek_sf_number(name.ptr[5] == 'f' ? floor(number) : name.ptr[5] == 'c' ? ceil(number) : floor(number + 0.5));
    }
    if (sek_str_eq(name, SEK_STR("Math.pow")) && n == 2) {
        double power;
        return sek_sf_to_number(args[0], &number) && sek_sf_to_number(args[1], &power) ? sek_sf_number(pow(number, power)) : sek_sf_unknown();
    }
    if (sek_str_eq(name, SEK_STR("Array")) && n != 1)
        return sek_sf_array(run, args, n);
    if (n < 1)
        return sek_sf_unknown();
    if (sek_str_eq(name, SEK_STR("Number")) || sek_str_eq(name, SEK_STR("parseFloat")))
        return sek_sf_to_number(args[0], &number) ? sek_sf_number(number) : sek_sf_unknown();
    if (!sek_sf_text(run, args[0], &text))
        return sek_sf_unknown();
    if (sek_str_eq(name, SEK_STR("unescape")))
        return sek_sf_unescape(run, text);
    if (sek_str_eq(name, SEK_STR("decodeURIComponent")) || sek_str_eq(name, SEK_STR("decodeURI"))) {
        for (size_t i = 0; i + 1 < text.len; i++) /* %u and UTF-8 sequences mean something else here */
            if (text.ptr[i] == '%' && (text.ptr[i + 1] >= '8' || (text.ptr[i + 1] | 32) == 'u'))
                return sek_sf_unknown();
        return sek_sf_unescape(run, text);
    }
    if (sek_str_eq(name, SEK_STR("String")))
        return sek_sf_string(run, text);
    if (sek_str_eq(name, SEK_STR("atob")) || sek_str_eq(name, SEK_STR("window.atob")))
        return from_base64(run, text);
    return sek_sf_unknown();
}

static SekSfValue number_text(SekSfRun *run, double number, const SekSfValue *args, uint32_t n) {
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    bool good = true;
    char out[64];
    size_t at = sizeof out;
    double base = number_arg(args, n, 0, 10, &good);
    if (!good || base < 2 || base > 36 || number < 0 || number > 4294967295.0 || number != floor(number))
        return sek_sf_unknown();
    uint64_t value = (uint64_t)number;
    do {
        out[--at] = digits[value % (uint64_t)base];
        value /= (uint64_t)base;
    } while (value);
    return sek_sf_string(run, sek_str_n(out + at, sizeof out - at));
}

static SekSfValue call(SekSfRun *run, SekStr name, const SekSfValue *self, const SekSfValue *args, uint32_t n) {
    const char *dot = !self && name.len ? memchr(name.ptr, '.', name.len) : NULL;
    SekStr member = dot ? sek_str_n(dot + 1, name.len - (size_t)(dot - name.ptr) - 1) : name;
    if ((self || dot) && n != PROPERTY && run->n_hooks && sek_sf_is_hooked(run, member)) {
        sek_sf_partly(run, "a method that the script replaces");
        return sek_sf_unknown();
    }
    if (!self)
        return n == PROPERTY ? sek_sf_unknown() : plain_call(run, name, args, n);
    if (self->type == SEK_SF_STRING && !self->regex)
        return string_call(run, name, self->text, args, n);
    if (self->type == SEK_SF_ARRAY)
        return array_call(run, name, *self, args, n);
    if (self->type == SEK_SF_NUMBER && n != PROPERTY && sek_str_eq(name, SEK_STR("toString")))
        return number_text(run, self->number, args, n);
    return sek_sf_unknown();
}

/* --- operators --- */

static SekSfValue bits(const char *op, double a, double b) {
    if (fabs(a) > 9007199254740992.0 || fabs(b) > 9007199254740992.0)
        return sek_sf_unknown();
    uint32_t x = (uint32_t)(int64_t)a, y = (uint32_t)(int64_t)b;
    switch (op[0]) {
    case '&':
        return sek_sf_number((int32_t)(x & y));
    case '|':
        return sek_sf_number((int32_t)(x | y));
    case '^':
        return sek_sf_number((int32_t)(x ^ y));
    case '<':
        return sek_sf_number((int32_t)(x << (y & 31)));
    default:
        return strcmp(op, ">>>") == 0 ? sek_sf_number(x >> (y & 31))
                                      : sek_sf_number((double)((int64_t)(int32_t)x >> (y & 31)));
    }
}

static SekSfValue compare(const char *op, int order) {
    switch (op[0]) {
    case '<':
        return sek_sf_bool(op[1] ? order <= 0 : order < 0);
    case '>':
        return sek_sf_bool(op[1] ? order >= 0 : order > 0);
    case '=':
        return sek_sf_bool(order == 0);
    default:
        return sek_sf_bool(order != 0);
    }
}

static SekSfValue binary(SekSfRun *run, const char *op, SekSfValue a, SekSfValue b) {
    double x, y;
    bool a_text = a.type == SEK_SF_STRING && !a.regex, b_text = b.type == SEK_SF_STRING && !b.regex;
    bool comparison = strchr("<>=!", op[0]) && strcmp(op, "<<") && strcmp(op, ">>") && strcmp(op, ">>>");
    if (op[0] == '+' && (a_text || b_text))
        return sek_sf_concat(run, a, b);
    if (comparison && a_text && b_text)
        return compare(op, sek_str_cmp(a.text, b.text));
    bool numbers = a.type == SEK_SF_NUMBER && b.type == SEK_SF_NUMBER;
    if (!numbers && (comparison || op[0] == '+'))
        return sek_sf_unknown();
    if (!sek_sf_to_number(a, &x) || !sek_sf_to_number(b, &y))
        return sek_sf_unknown();
    if (comparison)
        return compare(op, (x > y) - (x < y));
    switch (op[0]) {
    case '+':
        return sek_sf_number(x + y);
    case '-':
        return sek_sf_number(x - y);
    case '*':
        return sek_sf_number(x * y);
    case '/':
        return y != 0 ? sek_sf_number(x / y) : sek_sf_unknown();
    case '%':
        return y != 0 ? sek_sf_number(fmod(x, y)) : sek_sf_unknown();
    case 'i': /* in, instanceof */
        return sek_sf_unknown();
    default:
        return bits(op, x, y);
    }
}

static SekSfValue constant(SekSfRun *run, SekStr name) {
    (void)run;
    if (sek_str_eq(name, SEK_STR("true")) || sek_str_eq(name, SEK_STR("false")))
        return sek_sf_bool(name.len == 4);
    return sek_sf_unknown();
}

static bool literal(SekBuf *out, SekStr text) {
    sek_buf_addc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        const char *escape = c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t" : c == '"' ? "\\\"" : c == '\\' ? "\\\\" : NULL;
        if (escape)
            sek_buf_adds(out, escape);
        else if ((uint8_t)c < 0x20)
            sek_buf_addf(out, "\\x%02x", (unsigned)(uint8_t)c);
        else
            sek_buf_addc(out, c);
    }
    sek_buf_addc(out, '"');
    return true;
}

/* Functions of the language that would change an array are members. */
static bool knows(SekStr name) {
    static const char *const names[] = {"parseInt", "parseFloat", "isNaN", "isFinite", "escape", "unescape", "encodeURIComponent",
                                        "decodeURIComponent", "encodeURI", "decodeURI", "String", "Number", "Boolean", "Array", "Date"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sek_str_eq(name, sek_str(names[i])))
            return true;
    return false;
}

static const SekSfLanguage jscript = {
    .kind = SEK_SCRIPT_JSCRIPT, .parse = sek_js_parse, .call = call, .knows = knows, .binary = binary, .constant = constant, .literal = literal};

SekStatus sek_fold_jscript(SekDecoder *decoder, uint32_t index) {
    return sek_sf_fold(decoder, index, &jscript);
}

/* Scripts do not come by the thousand: anything that can be folded or hands code on has one of these. */
bool sek_looks_jscript(const SekUnits *u) {
    static const SekStr words[] = {{"run", 3}, {"exec", 4}, {"eval", 4}, {"create", 6}, {"replace", 7}, {"join", 4}, {"concat", 6},
                                   {"sub", 3}, {"slice", 5}, {"char", 4}, {"reverse", 7}, {"escape", 6}, {"atob", 4}, {"function", 8},
                                   {"settimeout", 10}, {"setinterval", 11}, {"decode", 6}, {"string", 6}, {"tolower", 7}, {"toupper", 7}, {"trim", 4}, {"shell", 5}};
    for (size_t i = 0; i < u->n; i++) {
        unsigned c = sek_unit(u, i);
        if (c == '+' || c == '\\' || c == '[')
            return true;
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if ((c | 32) == (unsigned)words[k].ptr[0] && sek_units_at(u, i, words[k]))
                return true;
    }
    return false;
}
