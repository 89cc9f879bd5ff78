/* SPDX-License-Identifier: Apache-2.0 */
/* Every check that a strict parser makes (RFC 8259) is made here too, so a record that is read this way
 * would have been read the other way with the same steps and values.
 *
 * Most of a record is what stands between its values, and that is the same in all records of a shape. What
 * follows a value is a function of the steps so far and the bytes that come; so it is read once, step by
 * step, and kept as a jump of the trail: from then on it is compared (text_json_jump.h). */
#include "event/text_json_follow.h"

#include "event/text_json_where.h"

#define PLAIN_MAX ((size_t)64 << 20) /* a record is at most 16 MiB and gets no longer here */
#define PLAIN_KEPT ((size_t)4 << 20)
/* A record in which jumps and single steps take turns more often is read by single steps: to go from one
 * to the other, all steps so far are looked at. */
#define MAX_PLACED 16u

typedef struct Follow {
    SekJsonText t;
    bool lines;
    uint32_t from;     /* the node of the last value, and where it ended */
    const char *after;
    unsigned n_placed; /* times that the steps' place was worked out for this record */
    unsigned level;
    bool array[SEK_TEXT_MAX_DEPTH];
    uint8_t where[SEK_TEXT_MAX_DEPTH]; /* SekJsonWhere bits */
} Follow;

/* The end of a line ends a record of JSON Lines: `text` goes on behind it. */
static inline void pass_blanks(Follow *f) {
    while (f->t.at < f->t.end && (uint8_t)*f->t.at <= ' ' &&
           (*f->t.at == ' ' || *f->t.at == '\t' || *f->t.at == '\r' || (*f->t.at == '\n' && !f->lines)))
        f->t.at++;
}

/* The next byte, or 0 at the end. */
static inline char peek(const Follow *f) {
    return f->t.at < f->t.end ? *f->t.at : '\0';
}

/* At the quote. The name that the trail expects is compared where it stands. */
static inline bool read_key(Follow *f, SekStr *out) {
    const SekTrail *trail = f->t.r->trail;
    const SekTrailNode *node = &trail->nodes[trail->nodes[trail->at].first];
    size_t len = node->key_len;
    if (peek(f) != '"')
        return false;
    if (node->plain && (size_t)(f->t.end - f->t.at) > len + 1 && f->t.at[len + 1] == '"' &&
        sek_trail_same(node->key, f->t.at + 1, len)) {
        *out = sek_str_n(node->key, len);
        f->t.at += len + 2;
        return true;
    }
    f->t.at++;
    return sek_json_read_string(&f->t, out);
}

/* --- steps --------------------------------------------------------------------------------- */

static inline bool take(Follow *f, SekStepKind kind, SekStr key) {
    SekTrail *trail = f->t.r->trail;
    uint32_t first = trail->nodes[trail->at].first;
    const SekTrailNode *node = &trail->nodes[first];
    if (node->kind == kind && node->key == key.ptr && node->key_len == key.len) {
        trail->at = first; /* the key was taken from there */
        return true;
    }
    return sek_trail_follow(trail, kind, key) || sek_trail_choose(trail, kind, key);
}

/* --- single steps -------------------------------------------------------------------------- */

/* Notes that the value of the node where the trail is was read, and how it was reached from the one before. `value` is
 * NULL when it must be reached by single steps. */
static void reached(Follow *f, const char *value, bool text, bool end) {
    SekTrail *trail = f->t.r->trail;
    if (value && value - f->after <= (ptrdiff_t)SEK_TRAIL_MAX_JUMP)
        sek_trail_add_jump(trail, f->from, (SekTrailJump){.bytes = f->after, .len = (uint32_t)(value - f->after),
                                                          .to = trail->at, .text = text, .end = end});
    f->from = trail->at;
    f->after = f->t.at;
}

static bool step_text(Follow *f, SekStr key) {
    bool in_array = f->array[f->level - 1];
    unsigned where = f->where[f->level - 1];
    const char *start = ++f->t.at;
    SekStr value;
    if (!sek_json_read_string(&f->t, &value))
        return false;
    if (!in_array && where && sek_json_names_data(key, where))
        return take(f, SEK_STEP_NAME, value);
    if (f->level == 1 && sek_str_eq(key, SEK_STR("Payload")))
        return false; /* may hold more JSON */
    bool may_be_empty = sek_str_eq(key, SEK_STR("EventData")); /* which makes it another step */
    if (value.len == 0 && may_be_empty)
        return take(f, SEK_STEP_EMPTY, key);
    if (!take(f, SEK_STEP_LEAF, key) || !sek_json_add_value(&f->t, start, value, SEK_WRITTEN_TEXT))
        return false;
    reached(f, may_be_empty ? NULL : start, true, false);
    return true;
}

static bool step_scalar(Follow *f, SekStr key) {
    const char *start = f->t.at;
    if (!take(f, SEK_STEP_LEAF, key) || !sek_json_read_scalar(&f->t))
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
    f->t.at++;
    return true;
}

static bool step_value(Follow *f, SekStr key) {
    switch (peek(f)) {
    case '"':
        return step_text(f, key);
    case '{':
    case '[':
        return step_open(f, key, *f->t.at == '[');
    case 'n':
        return sek_json_pass_word(&f->t, SEK_STR("null")) && take(f, SEK_STEP_NULL, key);
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
        f->t.at++;
        pass_blanks(f);
    }
    return step_value(f, key);
}

/* Works out which objects and arrays are open where the trail is: the way back to the root. */
static bool find_place(Follow *f) {
    const SekTrail *trail = f->t.r->trail;
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
    uint32_t before = f->t.r->values.n;
    while (f->level && !(once && f->t.r->values.n > before)) {
        pass_blanks(f);
        if (peek(f) == (f->array[f->level - 1] ? ']' : '}')) {
            if (!take(f, SEK_STEP_CLOSE, (SekStr){"", 0}))
                return false;
            f->t.at++;
            f->level--;
            fresh = false;
            continue;
        }
        if (!fresh) {
            if (peek(f) != ',')
                return false;
            f->t.at++;
            pass_blanks(f);
        }
        unsigned level = f->level;
        if (!step_member(f))
            return false;
        fresh = f->level > level;
    }
    if (f->level == 0)
        reached(f, f->t.at, false, true);
    return true;
}

static bool read_object(Follow *f) {
    SekTrail *trail = f->t.r->trail;
    SekJsonJumped jumped;
    while ((jumped = f->t.form->jump(&f->t)) == SEK_JUMPED_TO_STEPS) {
        bool first = f->t.r->values.n == 0;
        f->from = trail->at;
        f->after = f->t.at;
        bool once = find_place(f);
        if (first && (peek(f) != '{' || !step_open(f, (SekStr){"", 0}, false)))
            return false;
        if (!take_steps(f, first, once))
            return false;
        if (f->level == 0)
            return true;
    }
    return jumped == SEK_JUMPED_TO_END;
}

bool sek_text_json_follow(SekStr text, SekTextRecord *record, const SekJsonFollow *with, size_t *out_used) {
    SekBuf *plain = with->plain;
    if (plain->cap > PLAIN_KEPT && text.len <= SEK_TEXT_MAX_VALUE) {
        sek_buf_deinit(plain); /* one very long record does not make all others keep its room */
        sek_buf_init(plain, PLAIN_MAX);
    }
    sek_buf_clear(plain);
    if (!sek_buf_reserve(plain, text.len + SEK_JSON_SLACK))
        return false;
    Follow f = {.lines = record->root == SEK_ROOT_JSON_LINES,
                .t = {.r = record, .form = &with->form, .marks = with->marks, .begin = text.ptr, .at = text.ptr,
                      .end = text.ptr + text.len, .plain = plain->data}};
    if (!read_object(&f))
        return false;
    *out_used = (size_t)(f.t.at - text.ptr);
    record->known = true;
    record->respelled = f.t.respelled;
    record->plain = sek_str_n(plain->data, (size_t)(f.t.plain - plain->data));
    return true;
}
