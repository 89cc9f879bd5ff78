/* SPDX-License-Identifier: Apache-2.0 */

/* What VBScript's built-in functions come to ([MS-VBSL], section 6). */
#include "decode/vbs.h"

#include "base/cp1252.h"
#include "base/utf.h"

#include <math.h>

/* --- functions --- */

/* Chr and Asc go by the machine's code page: Western Windows' is taken, and said to be. */
#define OF_A_PAGE "characters of a code page that is not known"

typedef struct Args {
    SekSfRun *run;
    const SekSfValue *items;
    uint32_t n;
    bool good;
} Args;

static SekStr text_at(Args *a, uint32_t i) {
    SekStr text = SEK_STR("");
    if (i >= a->n || !sek_sf_text(a->run, a->items[i], &text))
        a->good = false;
    return text;
}

/* Rounded as VBScript does: half to even. */
static double number_at(Args *a, uint32_t i) {
    double value = 0;
    if (i >= a->n || !sek_sf_to_number(a->items[i], &value))
        a->good = false;
    return nearbyint(value);
}

static SekSfValue made(SekSfRun *run, SekStr text) {
    return sek_sf_string(run, text);
}

static SekSfValue chr(Args *a, bool wide) {
    double code = number_at(a, 0);
    char bytes[4];
    if (!a->good || code < (wide ? -32768 : 0) || code > (wide ? 65535 : 255))
        return sek_sf_unknown();
    unsigned unit = code < 0 ? (unsigned)(code + 65536) : (unsigned)code;
    if (!wide && unit >= 0x80)
        sek_sf_partly(a->run, OF_A_PAGE);
    if (!wide && unit >= 0x80)
        unit = sek_cp1252_upper[unit - 0x80];
    if (unit >= 0xD800 && unit < 0xE000)
        return sek_sf_unknown();
    sek_sf_step(a->run, "char");
    return made(a->run, sek_str_n(bytes, sek_utf8_put(unit, bytes)));
}

static SekSfValue asc(Args *a, bool wide) {
    SekStr s = text_at(a, 0);
    int unit = a->good ? sek_sf_unit_at(s, 0) : -1;
    if (unit < 0)
        return sek_sf_unknown();
    if (wide) /* an Integer of 16 bits */
        return sek_sf_number((int16_t)(uint16_t)unit);
    if (unit >= 0x80)
        sek_sf_partly(a->run, OF_A_PAGE);
    for (unsigned i = 0; unit > 0xFF && i < 32; i++)
        if (sek_cp1252_upper[i] == unit)
            return sek_sf_number(0x80 + i);
    return unit > 0xFF ? sek_sf_unknown() : sek_sf_number(unit);
}

static SekSfValue mid(Args *a) {
    SekStr s = text_at(a, 0);
    double from = number_at(a, 1), n = a->n > 2 ? number_at(a, 2) : 1e9;
    if (!a->good || from < 1 || n < 0)
        return sek_sf_unknown();
    sek_sf_step(a->run, "substring");
    return made(a->run, from > 1e9 ? SEK_STR("") : sek_sf_slice(a->run, s, (size_t)from - 1, (size_t)n));
}

static SekSfValue left(Args *a, bool right) {
    SekStr s = text_at(a, 0);
    double n = number_at(a, 1), len = (double)sek_sf_units(s);
    if (!a->good || n < 0)
        return sek_sf_unknown();
    n = n < len ? n : len;
    sek_sf_step(a->run, "substring");
    return made(a->run, sek_sf_slice(a->run, s, right ? (size_t)(len - n) : 0, (size_t)n));
}

/* True when the i-th argument, where it is given, asks for a comparison of bytes: vbBinaryCompare. */
static bool compares_bytes(Args *a, uint32_t i) {
    return i >= a->n || number_at(a, i) == 0;
}

/* Replace(s, what, with [, start [, count [, compare]]]); what stands before `start` goes. */
static SekSfValue replace(Args *a) {
    SekStr s = text_at(a, 0), what = text_at(a, 1), with = text_at(a, 2);
    double start = a->n > 3 ? number_at(a, 3) : 1, count = a->n > 4 ? number_at(a, 4) : -1;
    bool bytes = compares_bytes(a, 5);
    if (!a->good || a->n > 6 || start < 1 || count < -1 || start > (double)sek_sf_units(s) + 1)
        return sek_sf_unknown();
    if (start > 1)
        s = sek_sf_slice(a->run, s, (size_t)start - 1, s.len);
    long most = count > 1e9 ? -1 : (long)count;
    return bytes ? sek_sf_replace(a->run, s, what, with, most) : sek_sf_replace_nocase(a->run, s, what, with, most);
}

/* Split(s [, by [, limit [, compare]]]) */
static SekSfValue split(Args *a) {
    SekStr s = text_at(a, 0), by = a->n > 1 ? text_at(a, 1) : SEK_STR(" ");
    bool all = a->n < 3 || number_at(a, 2) == -1;
    bool letters = false;
    for (size_t i = 0; i < by.len; i++)
        letters = letters || (by.ptr[i] | 32) != by.ptr[i] || ((by.ptr[i] | 32) >= 'a' && (by.ptr[i] | 32) <= 'z');
    if (!a->good || a->n > 4 || !all || (letters && !compares_bytes(a, 3)))
        return sek_sf_unknown();
    if (s.len == 0)
        return sek_sf_array(a->run, NULL, 0);
    if (by.len == 0)
        return sek_sf_array(a->run, &a->items[0], 1);
    return sek_sf_split(a->run, s, by);
}

static SekSfValue join(Args *a) {
    SekStr with = a->n > 1 ? text_at(a, 1) : SEK_STR(" ");
    if (!a->good || a->n < 1 || a->items[0].type != SEK_SF_ARRAY || a->items[0].array->lost)
        return sek_sf_unknown();
    return sek_sf_join(a->run, a->items[0].array, with);
}

static SekSfValue change_case(Args *a, bool up) {
    SekStr s = text_at(a, 0);
    SekBuf out;
    if (!a->good || !sek_is_ascii(s))
        return sek_sf_unknown();
    sek_buf_init(&out, a->run->decoder->limits.max_value_bytes);
    for (size_t i = 0; i < s.len; i++)
        sek_buf_addc(&out, up ? (char)(s.ptr[i] >= 'a' && s.ptr[i] <= 'z' ? s.ptr[i] - 32 : s.ptr[i]) : sek_ascii_lower(s.ptr[i]));
    return sek_sf_take(a->run, &out);
}

/* InStr([start,] s, what [, compare]) */
static SekSfValue instr(Args *a) {
    uint32_t first = a->n > 2 ? 1 : 0;
    double from = a->n > 2 ? number_at(a, 0) : 1;
    SekStr s = text_at(a, first), what = text_at(a, first + 1);
    if (!compares_bytes(a, 3) || !a->good || a->n > 4 || from < 1 || !sek_is_ascii(s) || from > (double)s.len + 1)
        return sek_sf_unknown();
    size_t start = (size_t)from - 1;
    ptrdiff_t found = sek_str_find(sek_str_n(s.ptr + start, s.len - start), what);
    return sek_sf_number(found < 0 ? 0 : (double)((size_t)found + start + 1));
}

/* InStrRev(s, what): the last place. */
static SekSfValue instr_reverse(Args *a) {
    SekStr s = text_at(a, 0), what = text_at(a, 1);
    if (!a->good || a->n != 2 || !sek_is_ascii(s) || what.len == 0 || !sek_sf_pay(a->run, s.len * what.len))
        return sek_sf_unknown();
    for (size_t at = s.len >= what.len ? s.len - what.len + 1 : 0; at > 0; at--)
        if (memcmp(s.ptr + at - 1, what.ptr, what.len) == 0)
            return sek_sf_number((double)at);
    return sek_sf_number(0);
}

/* StrComp(a, b) of plain strings. */
static SekSfValue compare(Args *a) {
    SekStr x = text_at(a, 0), y = text_at(a, 1);
    bool bytes = compares_bytes(a, 2);
    if (!a->good || a->n > 3 || !(bytes || sek_str_eq_nocase(x, y)))
        return sek_sf_unknown();
    int order = bytes ? sek_str_cmp(x, y) : 0;
    return sek_sf_number((order > 0) - (order < 0));
}

/* Hex(n), Oct(n) */
static SekSfValue digits(Args *a, bool octal) {
    double n = number_at(a, 0);
    SekBuf out;
    bool short_or_long = n < 0 && n >= -32768; /* Hex(-1): FFFF of an Integer, FFFFFFFF of a Long */
    if (!a->good || n < -2147483648.0 || n > 2147483647.0 || short_or_long)
        return sek_sf_unknown();
    sek_buf_init(&out, 32);
    sek_buf_addf(&out, octal ? "%o" : "%X", (unsigned)(int64_t)n);
    return sek_sf_take(a->run, &out);
}

/* String(n, "x"), Space(n) */
static SekSfValue repeat(Args *a, bool space) {
    double n = number_at(a, 0);
    SekBuf out;
    char c = ' ';
    if (!space) {
        double code = -1;
        SekStr s = a->n > 1 && a->items[1].type == SEK_SF_STRING ? text_at(a, 1) : SEK_STR("");
        if (s.len == 0)
            code = number_at(a, 1);
        c = s.len ? s.ptr[0] : (char)(code > 0 && code < 128 ? code : 0);
    }
    if (!a->good || n < 0 || n > 1e6 || c == 0 || (uint8_t)c >= 0x80 || !sek_sf_pay(a->run, (size_t)n))
        return sek_sf_unknown();
    sek_buf_init(&out, (size_t)n + 1);
    for (double i = 0; i < n; i++)
        sek_buf_addc(&out, c);
    return sek_sf_take(a->run, &out);
}

/* CInt, CLng, CByte: within the range of the type, else an overflow. */
static SekSfValue to_number(Args *a, double least, double most) {
    double n = number_at(a, 0);
    return a->n == 1 && a->good && n >= least && n <= most ? sek_sf_number(n) : sek_sf_unknown();
}

static SekSfValue whole(Args *a) {
    double n;
    return a->n == 1 && sek_sf_to_number(a->items[0], &n) ? sek_sf_number(floor(n)) : sek_sf_unknown();
}

static SekSfValue real(Args *a, bool positive) {
    double n;
    return a->n == 1 && sek_sf_to_number(a->items[0], &n) ? sek_sf_number(positive ? fabs(n) : n) : sek_sf_unknown();
}

static SekSfValue trim(Args *a, bool at_left, bool at_right) {
    SekStr s = text_at(a, 0);
    while (at_left && s.len && s.ptr[0] == ' ')
        s = sek_str_n(s.ptr + 1, s.len - 1);
    while (at_right && s.len && s.ptr[s.len - 1] == ' ')
        s.len--;
    return a->good ? made(a->run, s) : sek_sf_unknown();
}

static SekSfValue bound(Args *a, bool upper) {
    if (a->n < 1 || (a->n == 2 && number_at(a, 1) != 1) || a->n > 2 || !a->good || a->items[0].type != SEK_SF_ARRAY || a->items[0].array->lost)
        return sek_sf_unknown();
    return sek_sf_number(upper ? (double)a->items[0].array->n - 1 : 0);
}

typedef enum { F_CHR, F_CHRW, F_ASC, F_ASCW, F_REVERSE, F_REPLACE, F_MID, F_LEFT, F_RIGHT, F_LEN, F_SPLIT, F_JOIN, F_UCASE,
               F_LCASE, F_TRIM, F_LTRIM, F_RTRIM, F_INSTR, F_HEX, F_OCT, F_STRING, F_SPACE, F_ARRAY, F_CSTR, F_CINT, F_CLNG, F_CBYTE, F_INT,
               F_UNESCAPE, F_UBOUND, F_LBOUND, F_INSTRREV, F_COMPARE, F_REAL, F_ABS, F_OTHER } Function;

static const struct {
    const char *name;
    Function function;
} functions[] = {
    {"chr", F_CHR},         {"chrb", F_CHR},       {"chrw", F_CHRW},     {"asc", F_ASC},       {"ascb", F_ASC},     {"ascw", F_ASCW},
    {"strreverse", F_REVERSE}, {"replace", F_REPLACE}, {"mid", F_MID},   {"left", F_LEFT},     {"right", F_RIGHT},  {"len", F_LEN},
    {"split", F_SPLIT},     {"join", F_JOIN},      {"ucase", F_UCASE},   {"lcase", F_LCASE},   {"trim", F_TRIM},    {"ltrim", F_LTRIM},
    {"rtrim", F_RTRIM},     {"instr", F_INSTR},    {"hex", F_HEX},       {"oct", F_OCT},       {"string", F_STRING}, {"space", F_SPACE},
    {"array", F_ARRAY},     {"cstr", F_CSTR},      {"cint", F_CINT},     {"clng", F_CLNG},     {"cbyte", F_CBYTE}, {"int", F_INT},
    {"fix", F_INT},         {"unescape", F_UNESCAPE}, {"ubound", F_UBOUND}, {"lbound", F_LBOUND}, {"eval", F_OTHER},
    {"instrrev", F_INSTRREV}, {"strcomp", F_COMPARE}, {"cdbl", F_REAL},  {"csng", F_REAL},     {"ccur", F_OTHER},   {"cbool", F_OTHER},
    {"abs", F_ABS},         {"sgn", F_OTHER},      {"sqr", F_OTHER},     {"midb", F_OTHER},    {"lenb", F_OTHER},   {"msgbox", F_OTHER},
    {"inputbox", F_OTHER},  {"isarray", F_OTHER},  {"isempty", F_OTHER}, {"isnull", F_OTHER},  {"isnumeric", F_OTHER}, {"isobject", F_OTHER},
    {"typename", F_OTHER},  {"vartype", F_OTHER},  {"formatnumber", F_OTHER}, {"rnd", F_OTHER}, {"escape", F_OTHER}, {"filter", F_OTHER},
    {"year", F_OTHER},      {"month", F_OTHER},    {"day", F_OTHER},     {"datediff", F_OTHER}, {"dateadd", F_OTHER}, {"cdate", F_OTHER},
    {"round", F_OTHER},     {"leftb", F_OTHER},    {"rightb", F_OTHER},  {"instrb", F_OTHER},  {"hour", F_OTHER},   {"randomize", F_OTHER},
};

static SekSfValue run_other(Args *a, Function function) {
    switch (function) {
    case F_UBOUND:
    case F_LBOUND:
        return bound(a, function == F_UBOUND);
    case F_INSTRREV:
        return instr_reverse(a);
    case F_COMPARE:
        return compare(a);
    case F_CINT:
        return to_number(a, -32768, 32767);
    case F_CLNG:
        return to_number(a, -2147483648.0, 2147483647.0);
    case F_CBYTE:
        return to_number(a, 0, 255);
    case F_REAL:
    case F_ABS:
        return real(a, function == F_ABS);
    default: /* leaves its arguments as they are; what it gives is not followed */
        return sek_sf_unknown();
    }
}

static SekSfValue run_function(Args *a, Function function) {
    SekStr s;
    switch (function) {
    case F_CHR:
    case F_CHRW:
        return chr(a, function == F_CHRW);
    case F_ASC:
    case F_ASCW:
        return asc(a, function == F_ASCW);
    case F_REVERSE:
        s = text_at(a, 0);
        return a->good ? sek_sf_reverse(a->run, s) : sek_sf_unknown();
    case F_REPLACE:
        return replace(a);
    case F_MID:
        return mid(a);
    case F_LEFT:
    case F_RIGHT:
        return left(a, function == F_RIGHT);
    case F_LEN:
        s = text_at(a, 0);
        return a->good ? sek_sf_number((double)sek_sf_units(s)) : sek_sf_unknown();
    case F_SPLIT:
        return split(a);
    case F_JOIN:
        return join(a);
    case F_UCASE:
    case F_LCASE:
        return change_case(a, function == F_UCASE);
    case F_TRIM:
    case F_LTRIM:
    case F_RTRIM:
        return trim(a, function != F_RTRIM, function != F_LTRIM);
    case F_INSTR:
        return instr(a);
    case F_HEX:
    case F_OCT:
        return digits(a, function == F_OCT);
    case F_STRING:
    case F_SPACE:
        return repeat(a, function == F_SPACE);
    case F_ARRAY:
        return sek_sf_array(a->run, a->items, a->n);
    case F_CSTR:
        if (a->n == 1 && a->items[0].type == SEK_SF_BOOL)
            return made(a->run, a->items[0].number != 0 ? SEK_STR("True") : SEK_STR("False"));
        s = text_at(a, 0);
        return a->good ? made(a->run, s) : sek_sf_unknown();
    case F_INT:
        return a->n == 1 && a->items[0].number < 0 ? sek_sf_unknown() : whole(a);
    case F_UNESCAPE:
        s = text_at(a, 0);
        return a->good ? sek_sf_unescape(a->run, s) : sek_sf_unknown();
    default:
        return run_other(a, function);
    }
}

static bool knows(SekStr name) {
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (sek_str_eq_nocase(name, sek_str(functions[i].name)))
            return true;
    return false;
}

static SekSfValue call(SekSfRun *run, SekStr name, const SekSfValue *self, const SekSfValue *args, uint32_t n) {
    if (self || n == UINT32_MAX)
        return sek_sf_unknown();
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (sek_str_eq_nocase(name, sek_str(functions[i].name))) {
            Args a = {.run = run, .items = args, .n = n, .good = true};
            return run_function(&a, functions[i].function);
        }
    return sek_sf_unknown();
}

static SekSfValue constant(SekSfRun *run, SekStr name) {
    static const struct {
        const char *name, *text;
    } texts[] = {{"vbcrlf", "\r\n"}, {"vblf", "\n"}, {"vbcr", "\r"}, {"vbtab", "\t"}, {"vbnewline", "\r\n"}, {"vbnullstring", ""},
                 {"vbformfeed", "\f"}, {"vbverticaltab", "\v"}};
    static const struct {
        const char *name;
        double number;
    } numbers[] = {{"vbbinarycompare", 0}, {"vbtextcompare", 1}, {"vbhide", 0}, {"vbnormalfocus", 1}};
    (void)run;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (sek_str_eq_nocase(name, sek_str(texts[i].name)))
            return sek_sf_view(sek_str(texts[i].text));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sek_str_eq_nocase(name, sek_str(numbers[i].name)))
            return sek_sf_number(numbers[i].number);
    if (sek_str_eq_nocase(name, SEK_STR("true")) || sek_str_eq_nocase(name, SEK_STR("false")))
        return sek_sf_bool(name.len == 4);
    return sek_sf_unknown();
}

/* A string literal has no escapes: what is no printable text stays as it is in the script. */
static bool literal(SekBuf *out, SekStr text) {
    sek_buf_addc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if ((uint8_t)text.ptr[i] < 0x20 && text.ptr[i] != '\t')
            return false;
        if (text.ptr[i] == '"')
            sek_buf_addc(out, '"');
        sek_buf_addc(out, text.ptr[i]);
    }
    sek_buf_addc(out, '"');
    return true;
}

static const SekSfLanguage vbscript = {
    .kind = SEK_SCRIPT_VBSCRIPT, .nocase = true, .parse = sek_vbs_parse, .call = call, .knows = knows, .binary = sek_vbs_binary,
    .constant = constant, .literal = literal};

SekStatus sek_fold_vbscript(SekDecoder *decoder, uint32_t index) {
    SekStr text = decoder->layers[index].text;
    SekBuf plain;
    size_t off, len;
    bool damaged = false;
    sek_buf_init(&plain, text.len + 1);
    if (sek_script_encoded(text, &plain, &off, &len, &damaged)) {
        SekStepTally tally = {0};
        sek_tally_add(&tally, "script-encoder", 1);
        SekLayerDraft draft = {.text = sek_buf_str(&plain), .kind = SEK_SCRIPT_VBSCRIPT, .parent = index, .source_off = off,
                               .source_len = len, .tally = &tally,
                               .partial = damaged ? "checksum of the encoded script is wrong" : NULL};
        SekStatus status = plain.failed ? SEK_ERR_MEMORY : sek_decoder_emit(decoder, &draft, NULL);
        sek_buf_deinit(&plain);
        return status == SEK_END ? SEK_OK : status;
    }
    sek_buf_deinit(&plain);
    return sek_sf_fold(decoder, index, &vbscript);
}

bool sek_looks_vbscript(const SekUnits *u) {
    static const SekStr words[] = {{"run", 3}, {"exec", 4}, {"eval", 4}, {"create", 6}, {"chr", 3}, {"strreverse", 10}, {"replace", 7},
                                   {"mid", 3}, {"left", 4}, {"right", 5}, {"join", 4}, {"case", 4}, {"trim", 4}, {"string", 6},
                                   {"unescape", 8}, {"cstr", 4}, {"space", 5}, {"hex", 3}, {"oct", 3}, {"addcode", 7}, {"shell", 5}, {"function", 8}};
    for (size_t i = 0; i < u->n; i++) {
        unsigned c = sek_unit(u, i);
        if (c == '&' || c == '+' || (c == '#' && sek_units_at(u, i, SEK_STR("#@~^"))))
            return true;
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if ((c | 32) == (unsigned)words[k].ptr[0] && sek_units_at(u, i, words[k]))
                return true;
    }
    return false;
}
