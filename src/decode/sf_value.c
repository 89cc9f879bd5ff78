/* SPDX-License-Identifier: Apache-2.0 */

/* Values of VBScript and JScript: strings that loops append to, numbers, arrays, and what both languages
 * do with them. Strings are UTF-8; positions in them are UTF-16 units, as the languages count. */
#include "decode/sf.h"

#include "base/utf.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

#define EXACT 9007199254740992.0 /* 2^53: whole numbers beyond it are not certain */
#define VBS_EXACT 999999999999999.0 /* VBScript writes larger ones as 1E+15 */

void *sek_sf_alloc(SekSfRun *run, size_t size) {
    void *p = sek_arena_alloc(&run->decoder->scratch, size ? size : 1);
    if (!p && run->fatal == SEK_OK) {
        if (sek_arena_why(&run->decoder->scratch) == SEK_ERR_LIMIT)
            run->partial = "memory limit";
        else
            run->fatal = SEK_ERR_MEMORY;
        run->decoder->steps_left = 0; /* nothing more can be followed */
    }
    return p;
}

bool sek_sf_pay(SekSfRun *run, size_t bytes) {
    if (sek_decoder_pay(run->decoder, 1 + bytes / 64))
        return true;
    if (!run->partial)
        run->partial = "step limit";
    return false;
}

void sek_sf_step(SekSfRun *run, const char *name) {
    sek_tally_add(&run->tally, name, 1);
    run->disguised = true;
}

SekSfValue sek_sf_unknown(void) {
    return (SekSfValue){.type = SEK_SF_UNKNOWN};
}

SekSfValue sek_sf_view(SekStr text) {
    return (SekSfValue){.type = SEK_SF_STRING, .text = text};
}

SekSfValue sek_sf_number(double number) {
    return isfinite(number) ? (SekSfValue){.type = SEK_SF_NUMBER, .number = number} : sek_sf_unknown();
}

SekSfValue sek_sf_bool(bool value) {
    return (SekSfValue){.type = SEK_SF_BOOL, .number = value};
}

SekSfValue sek_sf_string(SekSfRun *run, SekStr text) {
    char *copy = sek_sf_pay(run, text.len) ? sek_sf_alloc(run, text.len) : NULL;
    if (!copy)
        return sek_sf_unknown();
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    return (SekSfValue){.type = SEK_SF_STRING, .made = true, .text = {copy, text.len}};
}

SekSfValue sek_sf_take(SekSfRun *run, SekBuf *buf) {
    SekSfValue value = sek_sf_unknown();
    if (buf->failed == SEK_ERR_MEMORY)
        run->fatal = SEK_ERR_MEMORY;
    else if (buf->failed)
        run->partial = run->partial ? run->partial : "a value longer than the limit";
    else
        value = sek_sf_string(run, sek_buf_str(buf));
    sek_buf_deinit(buf);
    return value;
}

SekSfValue sek_sf_array(SekSfRun *run, const SekSfValue *items, uint32_t n) {
    SekSfArray *array = sek_sf_alloc(run, sizeof *array);
    if (!array || !sek_sf_pay(run, n * sizeof *items))
        return sek_sf_unknown();
    *array = (SekSfArray){.n = n, .cap = n ? n : 4};
    array->items = sek_sf_alloc(run, array->cap * sizeof *items);
    if (!array->items)
        return sek_sf_unknown();
    if (n)
        memcpy(array->items, items, n * sizeof *items);
    return (SekSfValue){.type = SEK_SF_ARRAY, .made = true, .array = array};
}

bool sek_sf_push(SekSfRun *run, SekSfArray *array, SekSfValue item) {
    if (array->n == array->cap) {
        SekSfValue *items = array->cap < (1u << 22) ? sek_sf_alloc(run, 2 * (size_t)array->cap * sizeof *items) : NULL;
        if (!items)
            return false;
        memcpy(items, array->items, array->n * sizeof *items);
        array->items = items;
        array->cap *= 2;
    }
    array->items[array->n++] = item;
    return sek_sf_pay(run, 16);
}

/* --- strings --- */

static bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static SekSfRoom *make_room(SekSfRun *run, SekStr text, size_t more) {
    SekSfRoom *room = sek_sf_alloc(run, sizeof *room);
    if (!room)
        return NULL;
    *room = (SekSfRoom){.used = text.len, .cap = 2 * (text.len + more) + 16};
    room->data = sek_sf_alloc(run, room->cap);
    if (!room->data || !sek_sf_pay(run, text.len))
        return NULL;
    if (text.len)
        memcpy(room->data, text.ptr, text.len);
    return room;
}

SekSfValue sek_sf_concat(SekSfRun *run, SekSfValue a, SekSfValue b) {
    SekStr left, right;
    if (!sek_sf_text(run, a, &left) || !sek_sf_text(run, b, &right))
        return sek_sf_unknown();
    if (left.len + right.len > run->decoder->limits.max_value_bytes || !sek_sf_pay(run, right.len)) {
        run->partial = run->partial ? run->partial : "a value longer than the limit";
        return sek_sf_unknown();
    }
    bool seam = left.len && right.len && is_word(left.ptr[left.len - 1]) && is_word(right.ptr[0]);
    sek_tally_add(&run->tally, "concat", 1);
    run->disguised = run->disguised || seam;
    SekSfRoom *room = a.type == SEK_SF_STRING ? a.room : NULL;
    bool fits = room && left.ptr + left.len == room->data + room->used && room->cap - room->used >= right.len;
    if (!fits)
        room = make_room(run, left, right.len);
    if (!room)
        return sek_sf_unknown();
    const char *start = fits ? left.ptr : room->data;
    if (right.len)
        memcpy(room->data + room->used, right.ptr, right.len);
    room->used += right.len;
    return (SekSfValue){.type = SEK_SF_STRING, .made = true, .text = {start, left.len + right.len}, .room = room};
}

bool sek_sf_text(SekSfRun *run, SekSfValue value, SekStr *out) {
    if (value.type == SEK_SF_STRING && !value.regex) {
        *out = value.text;
        return true;
    }
    if (value.type == SEK_SF_EMPTY && run->language->nocase) {
        *out = SEK_STR("");
        return true;
    }
    double most = run->language->nocase ? VBS_EXACT : EXACT;
    if (value.type != SEK_SF_NUMBER || fabs(value.number) > most || value.number != floor(value.number))
        return false;
    SekBuf buf;
    sek_buf_init(&buf, 40);
    sek_buf_addf(&buf, "%.0f", value.number == 0 ? 0.0 : value.number);
    SekSfValue text = sek_sf_take(run, &buf);
    *out = text.text;
    return text.type == SEK_SF_STRING;
}

/* &HFFFF is an Integer of 16 bits, and so negative; with an & behind it, or beyond 16 bits, a Long of 32
 * ([MS-VBAL], section 3.3.2, which VBScript follows; strings are read alike). */
static bool read_radix(const char *digits, int base, double *out) {
    char *end;
    size_t n = strspn(digits, base == 16 ? "0123456789abcdefABCDEF" : "01234567");
    unsigned long long bits = n && n < 20 ? strtoull(digits, &end, base) : ULLONG_MAX;
    bool is_long = n && digits[n] == '&';
    if (bits > UINT32_MAX || digits[n + is_long] != '\0')
        return false;
    *out = bits <= UINT16_MAX && !is_long ? (int16_t)(uint16_t)bits : (int32_t)(uint32_t)bits;
    return true;
}

bool sek_sf_to_number(SekSfValue value, double *out) {
    char digits[48], *end;
    if (value.type == SEK_SF_NUMBER) {
        *out = value.number;
        return true;
    }
    SekStr s = sek_str_trim(value.text);
    if (value.type != SEK_SF_STRING || value.regex || s.len == 0 || s.len >= sizeof digits - 2)
        return false;
    memcpy(digits, s.ptr, s.len);
    digits[s.len] = '\0';
    if (digits[0] == '&')
        return s.len > 2 && strchr("hHoO", digits[1]) && read_radix(digits + 2, (digits[1] | 32) == 'h' ? 16 : 8, out);
    bool hex = s.len > 2 && digits[0] == '0' && (digits[1] | 32) == 'x';
    size_t plain = hex ? 2 + strspn(digits + 2, "0123456789abcdefABCDEF") : strspn(digits, "+-0123456789.eE");
    *out = hex ? (double)strtoll(digits + 2, &end, 16) : strtod(digits, &end);
    return *end == '\0' && plain == s.len && isfinite(*out);
}

bool sek_sf_truth(SekSfValue value, bool *out) {
    if (value.type == SEK_SF_BOOL || value.type == SEK_SF_NUMBER)
        *out = value.number != 0;
    else if (value.type == SEK_SF_STRING && !value.regex)
        *out = value.text.len > 0;
    else if (value.type == SEK_SF_EMPTY)
        *out = false;
    else
        return false;
    return true;
}

size_t sek_sf_units(SekStr text) {
    if (sek_is_ascii(text))
        return text.len;
    size_t n = 0;
    for (size_t i = 0; i < text.len; n++)
        n += sek_utf8_next(text, &i) > 0xFFFF;
    return n;
}

/* The byte at which unit `at` begins. */
static size_t byte_of_unit(SekStr text, size_t at) {
    size_t i = 0;
    for (size_t n = 0; n < at && i < text.len; n++)
        n += sek_utf8_next(text, &i) > 0xFFFF;
    return i;
}

SekStr sek_sf_slice(SekSfRun *run, SekStr text, size_t from, size_t n) {
    if (sek_is_ascii(text)) {
        from = from < text.len ? from : text.len;
        return sek_str_n(text.ptr + from, n < text.len - from ? n : text.len - from);
    }
    if (!sek_sf_pay(run, text.len))
        return SEK_STR("");
    size_t start = byte_of_unit(text, from);
    SekStr rest = sek_str_n(text.ptr + start, text.len - start);
    return sek_str_n(rest.ptr, n >= rest.len ? rest.len : byte_of_unit(rest, n));
}

int sek_sf_unit_at(SekStr text, size_t at) {
    if (at < text.len && sek_is_ascii(sek_str_n(text.ptr, at + 1)))
        return (uint8_t)text.ptr[at];
    size_t i = byte_of_unit(text, at);
    if (i >= text.len)
        return -1;
    uint32_t cp = sek_utf8_next(text, &i);
    return cp > 0xFFFF ? -1 : (int)cp;
}

void sek_sf_put_unit(SekBuf *out, unsigned unit) {
    char bytes[4];
    sek_buf_add(out, bytes, sek_utf8_put(unit, bytes));
}

/* --- what both languages do --- */

static ptrdiff_t find(SekStr text, SekStr what, bool nocase) {
    if (!nocase)
        return sek_str_find(text, what);
    for (size_t i = 0; what.len <= text.len && i <= text.len - what.len; i++)
        if (sek_str_eq_nocase(sek_str_n(text.ptr + i, what.len), what))
            return (ptrdiff_t)i;
    return -1;
}

static SekSfValue replace(SekSfRun *run, SekStr text, SekStr what, SekStr with, long most, bool nocase) {
    SekBuf out;
    sek_buf_init(&out, run->decoder->limits.max_value_bytes);
    size_t at = 0;
    for (long n = 0; most < 0 || n < most; n++) {
        ptrdiff_t found = find(sek_str_n(text.ptr + at, text.len - at), what, nocase);
        if (found < 0)
            break;
        sek_buf_add(&out, text.ptr + at, (size_t)found);
        sek_buf_add_str(&out, with);
        at += (size_t)found + what.len;
    }
    sek_buf_add(&out, text.ptr + at, text.len - at);
    if (at > 0)
        sek_sf_step(run, "replace");
    return sek_sf_take(run, &out);
}

SekSfValue sek_sf_replace(SekSfRun *run, SekStr text, SekStr what, SekStr with, long most) {
    return what.len && sek_sf_pay(run, text.len) ? replace(run, text, what, with, most, false) : sek_sf_view(text);
}

SekSfValue sek_sf_replace_nocase(SekSfRun *run, SekStr text, SekStr what, SekStr with, long most) {
    if (!sek_is_ascii(text) || !sek_is_ascii(what))
        return sek_sf_unknown();
    return what.len && sek_sf_pay(run, 16 * text.len) ? replace(run, text, what, with, most, true) : sek_sf_view(text);
}

SekSfValue sek_sf_split(SekSfRun *run, SekStr text, SekStr by) {
    SekSfValue list = sek_sf_array(run, NULL, 0);
    if (list.type != SEK_SF_ARRAY || !sek_sf_pay(run, text.len))
        return sek_sf_unknown();
    for (size_t at = 0; at <= text.len;) {
        SekStr rest = sek_str_n(text.ptr + at, text.len - at);
        ptrdiff_t found = by.len ? sek_str_find(rest, by) : -1;
        size_t len = found >= 0 ? (size_t)found : rest.len;
        if (by.len == 0) { /* into units */
            size_t next = 0;
            if (rest.len == 0)
                break;
            (void)sek_utf8_next(rest, &next);
            len = next;
        }
        if (!sek_sf_push(run, list.array, (SekSfValue){.type = SEK_SF_STRING, .made = true, .text = {rest.ptr, len}}))
            return sek_sf_unknown();
        if (by.len && found < 0)
            break;
        at += len + by.len;
    }
    return list;
}

SekSfValue sek_sf_join(SekSfRun *run, const SekSfArray *array, SekStr with) {
    SekBuf out;
    sek_buf_init(&out, run->decoder->limits.max_value_bytes);
    for (uint32_t i = 0; i < array->n; i++) {
        SekStr item = SEK_STR("");
        if (array->items[i].type != SEK_SF_EMPTY && !sek_sf_text(run, array->items[i], &item)) {
            sek_buf_deinit(&out);
            return sek_sf_unknown();
        }
        if (i)
            sek_buf_add_str(&out, with);
        sek_buf_add_str(&out, item);
    }
    sek_sf_step(run, "join");
    return sek_sf_take(run, &out);
}

SekSfValue sek_sf_reverse(SekSfRun *run, SekStr text) {
    SekBuf out;
    sek_buf_init(&out, run->decoder->limits.max_value_bytes);
    for (size_t end = text.len; end > 0;) {
        size_t start = end - 1;
        while (start > 0 && ((uint8_t)text.ptr[start] & 0xC0) == 0x80)
            start--;
        sek_buf_add(&out, text.ptr + start, end - start);
        end = start;
    }
    sek_sf_step(run, "reverse");
    return sek_sf_take(run, &out);
}

static int hex_run(SekStr s, size_t at, size_t n) {
    int value = 0;
    if (at + n > s.len)
        return -1;
    for (size_t i = at; i < at + n; i++) {
        int digit = sek_hex_digit(s.ptr[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

SekSfValue sek_sf_unescape(SekSfRun *run, SekStr text) {
    SekBuf out;
    bool any = false;
    sek_buf_init(&out, run->decoder->limits.max_value_bytes);
    for (size_t i = 0; i < text.len;) {
        bool wide = i + 1 < text.len && (text.ptr[i + 1] | 32) == 'u';
        int unit = text.ptr[i] == '%' ? hex_run(text, i + (wide ? 2 : 1), wide ? 4 : 2) : -1;
        if (unit < 0) {
            sek_buf_addc(&out, text.ptr[i++]);
            continue;
        }
        any = true;
        sek_sf_put_unit(&out, (unsigned)unit);
        i += wide ? 6 : 3;
    }
    if (any)
        sek_sf_step(run, "unescape");
    return sek_sf_take(run, &out);
}
