/* SPDX-License-Identifier: Apache-2.0 */
/* Filling recipes: the innermost loop of writing events. A constant text is copied in whole blocks, a value goes straight
 * behind it. Values of unusual types or sizes, and those for which the buffer may have no room, are made text first. */
#include "format/event_recipe.h"

#include "base/bytes.h"
#include "base/digits.h"
#include "base/json_text.h"
#include "base/timestamp.h"
#include "format/xml_escape.h"

#define EXACT_INTEGER (1ull << 53) /* what a reader that holds numbers as doubles keeps (RFC 8259, 6) */
#define SCHEMA_DIGITS 15u
#define ROOM 192u /* what any value of a fixed size, and a text behind its own end, may take; constant text behind its own */

_Static_assert(ROOM >= SEK_PUT_BEHIND + SEK_RECIPE_BEHIND + SEK_GUID_LEN + 2, "as said");

static inline char *put_constant(char *at, const char *text, size_t len) {
    size_t done = 0;
    do {
        memcpy(at + done, text + done, SEK_RECIPE_BEHIND);
        done += SEK_RECIPE_BEHIND;
    } while (done < len);
    return at + len;
}

/* --- values as text first ------------------------------------------------------------------------ */

bool sek_is_plain_number(SekStr s) {
    if (s.len == 0 || s.len > SCHEMA_DIGITS || (s.ptr[0] == '0' && s.len > 1))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    return true;
}

/* True when the value's own text can stand without quotes. */
static bool is_bare(SekValue v) {
    if (v.type == SEK_VALUE_BOOL)
        return v.len == 4 || v.len == 1;
    if (v.type < SEK_VALUE_INT8 || v.type > SEK_VALUE_UINT64)
        return false;
    uint64_t number;
    if (sek_value_u64(v, &number) != SEK_OK)
        return false;
    if (sek_value_is_signed(v.type) && number >> 63)
        number = 0 - number;
    return number <= EXACT_INTEGER;
}

static void add_text(SekBuf *out, SekStr text, SekPut put, bool bare) {
    switch (put) {
    case SEK_PUT_JSON:
        sek_json_escape(out, text, false);
        return;
    case SEK_PUT_XML:
    case SEK_PUT_ATTRIBUTE:
        sek_xml_escape(out, text, put == SEK_PUT_ATTRIBUTE);
        return;
    default:
        if (bare)
            sek_buf_add_str(out, text);
        else
            sek_json_string(out, text, false);
        return;
    }
}

static void add_value(const SekPen *pen, SekBuf *out, SekValue v, SekPut put) {
    sek_buf_clear(pen->scratch);
    sek_value_text(v, pen->scratch);
    SekStr text = sek_buf_str(pen->scratch);
    bool bare = put == SEK_PUT_DIGITS ? sek_is_plain_number(text) : is_bare(v);
    add_text(out, text, put, bare);
    if (pen->scratch->failed)
        out->failed = pen->scratch->failed;
}

/* --- values straight to their place -------------------------------------------------------------- */

static char *put_sid(char *at, const uint8_t *sid) {
    uint64_t authority = (uint64_t)sek_be32(sid + 2) << 16 | (uint64_t)sid[6] << 8 | sid[7];
    memcpy(at, "S-1-", 4);
    at = authority >> 32 ? sek_put_hex(at + 4, authority) : sek_put_decimal(at + 4, authority);
    for (uint32_t i = 0; i < sid[1]; i++) {
        *at++ = '-';
        at = sek_put_decimal(at, sek_le32(sid + 8 + 4 * (size_t)i));
    }
    return at;
}

/* Bytes of a value of one of these types. */
static inline bool has_width(SekValue v) {
    static const uint8_t widths[] = {[SEK_VALUE_INT8] = 1, [SEK_VALUE_UINT8] = 1, [SEK_VALUE_INT16] = 2, [SEK_VALUE_UINT16] = 2,
                                     [SEK_VALUE_INT32] = 4, [SEK_VALUE_UINT32] = 4, [SEK_VALUE_INT64] = 8, [SEK_VALUE_UINT64] = 8,
                                     [SEK_VALUE_BOOL] = 4, [SEK_VALUE_GUID] = 16, [SEK_VALUE_FILETIME] = 8,
                                     [SEK_VALUE_HEX32] = 4, [SEK_VALUE_HEX64] = 8};
    return v.len == widths[v.type];
}

/* A number whose size suits its type; `*exact` when readers of JSON take it for what it is. */
static inline char *put_integer(char *at, SekValue v, bool *exact) {
    uint64_t number = sek_le_bytes(v.ptr, v.len);
    if (sek_value_is_signed(v.type)) {
        unsigned shift = 64 - 8 * v.len;
        int64_t with_sign = (int64_t)(number << shift) >> shift;
        if (with_sign < 0)
            *at++ = '-';
        number = with_sign < 0 ? 0 - (uint64_t)with_sign : (uint64_t)with_sign;
    }
    *exact = number <= EXACT_INTEGER;
    return sek_put_decimal(at, number);
}

static char *put_bool(char *at, SekValue v) {
    bool set = sek_le_bytes(v.ptr, v.len) != 0;
    memcpy(at, set ? "true" : "fals", 4);
    at[4] = 'e';
    return at + (set ? 4 : 5);
}

static char *put_utf16(const SekPen *pen, char *at, SekValue v, SekPut put) {
    size_t units = v.len / 2;
    while (units && sek_le16(v.ptr + 2 * units - 2) == 0) /* terminators are no part of the text */
        units--;
    return pen->texts->put[put == SEK_PUT_SCALAR ? SEK_TEXT_JSON : (SekTextPlace)put](at, v.ptr, units);
}

/* Writes the text of a value that is not empty. NULL when it has to be made text first. */
static inline char *put_text(const SekPen *pen, char *at, SekValue v, SekPut put) {
    switch (v.type) {
    case SEK_VALUE_STRING:
    case SEK_VALUE_EVTXML:
        return put_utf16(pen, at, v, put);
    case SEK_VALUE_HEX32:
    case SEK_VALUE_HEX64:
        return has_width(v) ? sek_put_hex(at, sek_le_bytes(v.ptr, v.len)) : NULL;
    case SEK_VALUE_BINARY:
        return sek_put_hex_bytes(at, v.ptr, v.len);
    case SEK_VALUE_GUID:
        return has_width(v) ? sek_put_guid(at, v.ptr) : NULL;
    case SEK_VALUE_FILETIME:
        return has_width(v) ? at + sek_time_format(sek_le64(v.ptr), at) : NULL;
    case SEK_VALUE_SID:
        return sek_value_fits(v) ? put_sid(at, v.ptr) : NULL;
    default:
        return NULL;
    }
}

/* Numbers and Booleans, which JSON writes without quotes. */
static inline char *put_plain(char *at, SekValue v, SekPut put) {
    if (!has_width(v))
        return NULL;
    if (v.type == SEK_VALUE_BOOL)
        return put_bool(at, v);
    bool exact;
    char *end = put_integer(at, v, &exact);
    if (exact || put != SEK_PUT_SCALAR)
        return end;
    *at = '"';
    end = put_integer(at + 1, v, &exact);
    *end = '"';
    return end + 1;
}

static inline bool is_plain(uint8_t type) {
    return (type >= SEK_VALUE_INT8 && type <= SEK_VALUE_UINT64) || type == SEK_VALUE_BOOL;
}

/* The same for any value. */
static inline char *put_value(const SekPen *pen, char *at, SekValue v, SekPut put) {
    bool empty = v.len == 0 || v.type == SEK_VALUE_NULL; /* a NULL may carry bytes; they mean nothing */
    if (put == SEK_PUT_DIGITS)
        return NULL;
    if (!empty && is_plain(v.type))
        return put_plain(at, v, put);
    if (put != SEK_PUT_SCALAR)
        return empty ? at : put_text(pen, at, v, put);
    *at = '"';
    char *end = empty ? at + 1 : put_text(pen, at + 1, v, put);
    if (!end)
        return NULL;
    *end = '"';
    return end + 1;
}

/* --- recipes ------------------------------------------------------------------------------------ */

static inline bool suits(const SekHole *hole, SekValue v) {
    if (v.type == SEK_VALUE_UTF8)
        return false;
    return !hole->in_content || (v.type != SEK_VALUE_BINXML && !sek_value_is_array(v));
}

/* Constant text and value of one hole where there is not all the room that they may want. */
static void add_hole(const SekPen *pen, const SekRecipe *recipe, const SekHole *hole, SekValue v, SekBuf *out) {
    sek_buf_add(out, recipe->text + hole->text, hole->len);
    add_value(pen, out, v, (SekPut)hole->put);
}

/* Room for a hole; false when the buffer may not grow so far. */
static bool make_room(SekBuf *out, size_t need) {
    return need <= out->max - out->len && sek_buf_reserve(out, need) != NULL;
}

bool sek_recipe_fill(const SekPen *pen, const SekRecipe *recipe, const SekFilling *with, SekBuf *out) {
    size_t start = out->len;
    for (const SekHole *hole = recipe->holes, *end = hole + recipe->n_holes; hole < end && !out->failed; hole++) {
        SekValue v = hole->slot < with->n[hole->from] ? with->values[hole->from][hole->slot] : (SekValue){0};
        if (!suits(hole, v)) {
            out->len = start;
            return false;
        }
        size_t need = hole->len + (size_t)v.len * (SEK_PUT_UNIT / 2) + ROOM;
        char *at = NULL;
        if (need <= out->cap - out->len || make_room(out, need)) {
            at = put_constant(out->data + out->len, recipe->text + hole->text, hole->len);
            at = put_value(pen, at, v, (SekPut)hole->put);
        }
        if (at)
            out->len = (size_t)(at - out->data);
        else
            add_hole(pen, recipe, hole, v, out);
    }
    sek_buf_add(out, recipe->text + recipe->tail, recipe->len - recipe->tail);
    return true;
}
