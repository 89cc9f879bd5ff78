/* SPDX-License-Identifier: Apache-2.0 */
/* Every check that a strict parser makes (RFC 8259) is made here too, so a record that is read this way
 * would have been read the other way with the same steps and values. Eight bytes are looked at in one
 * go; which of them matter is asked of all with a few operations on the word that they are.
 *
 * Most of a record is what stands between its values, and that is the same in all records of a shape. What
 * follows a value is a function of the steps so far and the bytes that come; so it is read once, step by
 * step, and kept as a jump of the trail: from then on it is compared. */
#include "event/text_json_follow.h"

#include "base/bytes.h"
#include "base/utf.h"
#include "event/text_json_where.h"

#define PLAIN_MAX ((size_t)64 << 20) /* a record is at most 16 MiB and gets no longer here */
#define WORD sizeof(uint64_t)
/* A record in which jumps and single steps take turns more often is read by single steps: to go from one
 * to the other, all steps so far are looked at. */
#define MAX_PLACED 16u

typedef struct Follow {
    SekTextRecord *r;
    const char *at, *end;
    char *plain; /* where the next value without its escapes goes: as long as the text, and a word more */
    uint32_t from;     /* the node of the last value, and where it ended */
    const char *after;
    unsigned n_placed; /* times that the steps' place was worked out for this record */
    unsigned level;
    bool array[SEK_TEXT_MAX_DEPTH];
    uint8_t where[SEK_TEXT_MAX_DEPTH]; /* SekJsonWhere bits */
} Follow;

/* --- bytes --------------------------------------------------------------------------------- */

/* The high bit of each byte that ends a run of plain characters: quotes, backslashes, controls, non-ASCII. Exact up to the
 * first of them, which is all that is asked for (the tests for a zero byte borrow from the left only). */
static inline uint64_t special_bytes(uint64_t word) {
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    uint64_t quote = word ^ ones * '"', slash = word ^ ones * '\\';
    return (((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((word - ones * 0x20) & ~word) | word) & high;
}

static inline bool is_special(char c) {
    return c == '"' || c == '\\' || (uint8_t)c < 0x20 || (uint8_t)c >= 0x80;
}

static inline uint64_t word_at(const char *p) {
    return sek_le64((const uint8_t *)p);
}

static inline const char *pass_plain(const char *at, const char *end) {
    for (; (size_t)(end - at) >= WORD; at += WORD) {
        uint64_t special = special_bytes(word_at(at));
        if (special)
            return at + ((unsigned)__builtin_ctzll(special) >> 3);
    }
    while (at < end && !is_special(*at))
        at++;
    return at;
}

/* The same, and copies what it passes; up to a word more is written. */
static const char *copy_plain(const char *at, const char *end, char **to) {
    char *out = *to;
    for (; (size_t)(end - at) >= WORD; at += WORD, out += WORD) {
        memcpy(out, at, WORD);
        uint64_t special = special_bytes(word_at(at));
        if (special) {
            unsigned n = (unsigned)__builtin_ctzll(special) >> 3;
            *to = out + n;
            return at + n;
        }
    }
    while (at < end && !is_special(*at))
        *out++ = *at++;
    *to = out;
    return at;
}

static inline void pass_blanks(Follow *f) {
    while (f->at < f->end && (uint8_t)*f->at <= ' ' &&
           (*f->at == ' ' || *f->at == '\t' || *f->at == '\r' || *f->at == '\n'))
        f->at++;
}

/* The next byte, or 0 at the end. */
static inline char peek(const Follow *f) {
    return f->at < f->end ? *f->at : '\0';
}

/* --- strings ------------------------------------------------------------------------------- */

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c = sek_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \uXXXX at `*at`, without surrogates and U+0000. */
static bool unescape_unit(const char **at, const char *end, char **to) {
    uint32_t unit = 0;
    if (end - *at < 6)
        return false;
    for (unsigned i = 2; i < 6; i++) {
        int digit = hex_digit((*at)[i]);
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

static bool unescape(const char **at, const char *end, char **to) {
    static const char means[128] = {['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b',
                                    ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'};
    if (end - *at < 2 || (uint8_t)(*at)[1] >= sizeof means)
        return false;
    char c = means[(uint8_t)(*at)[1]];
    if (c == 0)
        return (*at)[1] == 'u' && unescape_unit(at, end, to);
    *(*to)++ = c;
    *at += 2;
    return true;
}

/* One character beyond ASCII. */
static bool copy_wide(const char **at, const char *end, char **to) {
    SekStr rest = {*at, (size_t)(end - *at)};
    size_t n = 0;
    if (sek_utf8_next(rest, &n) == SEK_UTF_REPLACEMENT && (n != 3 || memcmp(*at, "\xEF\xBF\xBD", 3) != 0))
        return false;
    memcpy(*to, *at, n);
    *to += n;
    *at += n;
    return true;
}

/* The string whose first special byte is at `at`. */
static bool read_special(Follow *f, const char *at, SekStr *out) {
    char *start = f->plain, *to = start;
    memcpy(to, f->at, (size_t)(at - f->at));
    to += at - f->at;
    while (at < f->end && *at != '"') {
        bool fine = *at == '\\' ? unescape(&at, f->end, &to) : (uint8_t)*at >= 0x80 && copy_wide(&at, f->end, &to);
        if (!fine)
            return false;
        at = copy_plain(at, f->end, &to);
    }
    if (at == f->end)
        return false;
    *out = sek_str_n(start, (size_t)(to - start));
    f->plain = to;
    f->at = at + 1;
    return true;
}

/* Behind the opening quote. */
static inline bool read_string(Follow *f, SekStr *out) {
    const char *at = pass_plain(f->at, f->end);
    if (at == f->end || *at != '"')
        return at != f->end && read_special(f, at, out);
    *out = sek_str_n(f->at, (size_t)(at - f->at));
    f->at = at + 1;
    return true;
}

/* At the quote. The name that the trail expects is compared where it stands. */
static inline bool read_key(Follow *f, SekStr *out) {
    const SekTrail *trail = f->r->trail;
    const SekTrailNode *node = &trail->nodes[trail->nodes[trail->at].first];
    size_t len = node->key_len;
    if (peek(f) != '"')
        return false;
    if (node->plain && (size_t)(f->end - f->at) > len + 1 && f->at[len + 1] == '"' &&
        sek_trail_same(node->key, f->at + 1, len)) {
        *out = sek_str_n(node->key, len);
        f->at += len + 2;
        return true;
    }
    f->at++;
    return read_string(f, out);
}

/* --- steps --------------------------------------------------------------------------------- */

static inline bool take(Follow *f, SekStepKind kind, SekStr key) {
    SekTrail *trail = f->r->trail;
    uint32_t first = trail->nodes[trail->at].first;
    const SekTrailNode *node = &trail->nodes[first];
    if (node->kind == kind && node->key == key.ptr && node->key_len == key.len) {
        trail->at = first; /* the key was taken from there */
        return true;
    }
    return sek_trail_follow(trail, kind, key) || sek_trail_choose(trail, kind, key);
}

static inline bool add_value(Follow *f, SekStr value, SekWritten written) {
    SekTextValues *v = &f->r->values;
    if (v->n == v->cap || value.len > SEK_TEXT_MAX_VALUE || v->n == SEK_TEXT_MAX_LEAVES)
        return false;
    v->values[v->n] = (SekValue){(const uint8_t *)value.ptr, (uint32_t)value.len, SEK_VALUE_UTF8};
    v->written[v->n++] = (uint8_t)written;
    return true;
}

/* --- values -------------------------------------------------------------------------------- */

static bool pass_digits(Follow *f) {
    const char *start = f->at;
    while (f->at < f->end && *f->at >= '0' && *f->at <= '9')
        f->at++;
    return f->at > start;
}

/* `-`? whole (`.` digits)?; exponents are rare. As in text_json.c, 4624.0 means a whole number. */
static bool read_number(Follow *f) {
    const char *start = f->at, *zeros = NULL;
    f->at += *f->at == '-';
    if (peek(f) == '0')
        f->at++;
    else if (!pass_digits(f))
        return false;
    if (peek(f) == '.') {
        zeros = f->at++;
        if (!pass_digits(f))
            return false;
        for (const char *p = zeros + 1; p < f->at && zeros; p++)
            zeros = *p == '0' ? zeros : NULL;
    }
    char next = peek(f);
    if (next != ',' && next != '}' && next != ']' && (uint8_t)next > ' ')
        return false;
    return add_value(f, sek_str_n(start, (size_t)((zeros ? zeros : f->at) - start)), SEK_WRITTEN_NUMBER);
}

static bool pass_word(Follow *f, SekStr word) {
    if ((size_t)(f->end - f->at) < word.len || memcmp(f->at, word.ptr, word.len) != 0)
        return false;
    f->at += word.len;
    return true;
}

/* A value that is neither text nor null. */
static bool read_scalar(Follow *f) {
    if (peek(f) == 't')
        return pass_word(f, SEK_STR("true")) && add_value(f, SEK_STR("true"), SEK_WRITTEN_BOOL);
    if (peek(f) == 'f')
        return pass_word(f, SEK_STR("false")) && add_value(f, SEK_STR("false"), SEK_WRITTEN_BOOL);
    return f->at < f->end && read_number(f);
}

/* --- single steps -------------------------------------------------------------------------- */

/* Notes that the value of the node where the trail is was read, and how it was reached from the one before. `value` is
 * NULL when it must be reached by single steps. */
static void reached(Follow *f, const char *value, bool text, bool end) {
    SekTrail *trail = f->r->trail;
    if (value && value - f->after <= (ptrdiff_t)SEK_TRAIL_MAX_JUMP)
        sek_trail_add_jump(trail, f->from, (SekTrailJump){.bytes = f->after, .len = (uint32_t)(value - f->after),
                                                          .to = trail->at, .text = text, .end = end});
    f->from = trail->at;
    f->after = f->at;
}

static bool step_text(Follow *f, SekStr key) {
    bool in_array = f->array[f->level - 1];
    unsigned where = f->where[f->level - 1];
    const char *start = ++f->at;
    SekStr value;
    if (!read_string(f, &value))
        return false;
    if (!in_array && where && sek_json_names_data(key, where))
        return take(f, SEK_STEP_NAME, value);
    if (f->level == 1 && sek_str_eq(key, SEK_STR("Payload")))
        return false; /* may hold more JSON */
    bool may_be_empty = sek_str_eq(key, SEK_STR("EventData")); /* which makes it another step */
    if (value.len == 0 && may_be_empty)
        return take(f, SEK_STEP_EMPTY, key);
    if (!take(f, SEK_STEP_LEAF, key) || !add_value(f, value, SEK_WRITTEN_TEXT))
        return false;
    reached(f, may_be_empty ? NULL : start, true, false);
    return true;
}

static bool step_scalar(Follow *f, SekStr key) {
    const char *start = f->at;
    if (!take(f, SEK_STEP_LEAF, key) || !read_scalar(f))
        return false;
    reached(f, start, false, false);
    return true;
}

static bool step_open(Follow *f, SekStr key, bool array) {
    unsigned where = f->level ? f->where[f->level - 1] : 0;
    if (f->level == SEK_TEXT_MAX_DEPTH || !take(f, array ? SEK_STEP_ARRAY : SEK_STEP_OPEN, key))
        return false;
    f->array[f->level] = array;
    f->where[f->level++] = (uint8_t)(key.len ? sek_json_where_inside(key, where) : where);
    f->at++;
    return true;
}

static bool step_value(Follow *f, SekStr key) {
    switch (peek(f)) {
    case '"':
        return step_text(f, key);
    case '{':
    case '[':
        return step_open(f, key, *f->at == '[');
    case 'n':
        return pass_word(f, SEK_STR("null")) && take(f, SEK_STEP_NULL, key);
    default:
        return step_scalar(f, key);
    }
}

/* At a member of an object, or an item of an array. */
static bool step_member(Follow *f) {
    SekStr key = {"", 0};
    if (!f->array[f->level - 1]) {
        if (!read_key(f, &key))
            return false;
        pass_blanks(f);
        if (peek(f) != ':')
            return false;
        f->at++;
        pass_blanks(f);
    }
    return step_value(f, key);
}

/* Works out which objects and arrays are open where the trail is: the way back to the root. */
static bool find_place(Follow *f) {
    const SekTrail *trail = f->r->trail;
    const SekTrailNode *open[SEK_TEXT_MAX_DEPTH];
    unsigned closed = 0, n = 0;
    for (uint32_t at = trail->at; trail->nodes[at].kind != SEK_STEP_START; at = trail->nodes[at].parent) {
        const SekTrailNode *node = &trail->nodes[at];
        bool opens = node->kind == SEK_STEP_OPEN || node->kind == SEK_STEP_ARRAY;
        closed += node->kind == SEK_STEP_CLOSE;
        if (opens && closed)
            closed--;
        else if (opens && n < SEK_TEXT_MAX_DEPTH)
            open[n++] = node;
    }
    unsigned where = 0;
    for (f->level = 0; f->level < n; f->level++) {
        const SekTrailNode *node = open[n - 1 - f->level];
        SekStr key = {node->key, node->key_len};
        where = key.len ? sek_json_where_inside(key, where) : where;
        f->array[f->level] = node->kind == SEK_STEP_ARRAY;
        f->where[f->level] = (uint8_t)where;
    }
    return ++f->n_placed <= MAX_PLACED;
}

/* Takes single steps: up to the next value if `once`, else to the record's end, where level is 0. `fresh`: nothing was
 * read yet of the object or array that is open. */
static bool take_steps(Follow *f, bool fresh, bool once) {
    uint32_t before = f->r->values.n;
    while (f->level && !(once && f->r->values.n > before)) {
        pass_blanks(f);
        if (peek(f) == (f->array[f->level - 1] ? ']' : '}')) {
            if (!take(f, SEK_STEP_CLOSE, (SekStr){"", 0}))
                return false;
            f->at++;
            f->level--;
            fresh = false;
            continue;
        }
        if (!fresh) {
            if (peek(f) != ',')
                return false;
            f->at++;
            pass_blanks(f);
        }
        unsigned level = f->level;
        if (!step_member(f))
            return false;
        fresh = f->level > level;
    }
    if (f->level == 0)
        reached(f, f->at, false, true);
    return true;
}

/* --- jumps --------------------------------------------------------------------------------- */

/* Goes on behind a value, or at the record's start, as far as known bytes lead; true at the end. `*ok` is false
 * when a value behind known bytes is not as it was. */
static bool jump(Follow *f, bool *ok) {
    SekTrail *trail = f->r->trail;
    for (const SekTrailJump *jump; *ok && (jump = sek_trail_jump(trail, f->at, (size_t)(f->end - f->at))) != NULL;) {
        SekStr value;
        f->at += jump->len;
        trail->at = jump->to;
        if (jump->end)
            return true;
        *ok = jump->text ? read_string(f, &value) && add_value(f, value, SEK_WRITTEN_TEXT) : read_scalar(f);
    }
    return false;
}

static bool read_object(Follow *f) {
    SekTrail *trail = f->r->trail;
    bool ok = true;
    while (!jump(f, &ok)) {
        bool first = f->r->values.n == 0;
        if (!ok)
            return false;
        f->from = trail->at;
        f->after = f->at;
        bool once = find_place(f);
        if (first && (peek(f) != '{' || !step_open(f, (SekStr){"", 0}, false)))
            return false;
        if (!take_steps(f, first, once))
            return false;
        if (f->level == 0)
            return true;
    }
    return true;
}

bool sek_text_json_follow(SekStr text, SekTextRecord *record, SekBuf *plain, size_t *out_used) {
    if (plain->cap > SEK_TEXT_MAX_VALUE && text.len <= SEK_TEXT_MAX_VALUE) {
        sek_buf_deinit(plain); /* one very long record does not make all others keep its room */
        sek_buf_init(plain, PLAIN_MAX);
    }
    sek_buf_clear(plain);
    if (!sek_buf_reserve(plain, text.len + WORD))
        return false;
    Follow f = {.r = record, .at = text.ptr, .end = text.ptr + text.len, .plain = plain->data};
    if (!read_object(&f))
        return false;
    *out_used = (size_t)(f.at - text.ptr);
    record->plain = sek_str_n(plain->data, (size_t)(f.plain - plain->data));
    return true;
}
