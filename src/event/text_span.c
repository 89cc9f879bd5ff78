/* SPDX-License-Identifier: Apache-2.0 */
#include "event/text_span.h"

#include "base/utf.h"
#include "format/csv.h"
#include "format/xml_pull.h"

#define PLAIN_MAX ((size_t)64 << 20) /* a record is at most 16 MiB and gets no longer here */
#define PLAIN_KEPT ((size_t)4 << 20)

void sek_spans_init(SekSpans *spans) {
    *spans = (SekSpans){.form = sek_span_form_best()};
    sek_buf_init(&spans->plain, PLAIN_MAX);
}

void sek_spans_deinit(SekSpans *spans) {
    sek_buf_deinit(&spans->plain);
}

void sek_spans_start(SekSpans *spans) {
    spans->marks.from = NULL;
}

/* --- values -------------------------------------------------------------------------------------- */

static const char *find_byte(const char *at, const char *end, char c) {
    return at < end ? memchr(at, c, (size_t)(end - at)) : NULL;
}

static bool ends_bare(const SekSpanText *t, char c) {
    return c == t->separator || c == '\n' || c == '\r';
}

/* Where the cell without quotes ends that begins at `at`; NULL when a quote or the end of the text comes first. */
static const char *bare_end(const SekSpanText *t, const char *at) {
    while (at < t->end && !ends_bare(t, *at) && *at != '"')
        at++;
    return at < t->end && *at != '"' ? at : NULL;
}

/* Where the closing quote stands, `*doubled` when there are quotes before it. */
static const char *quoted_end(const SekSpanText *t, const char *at, bool *doubled) {
    for (; (at = find_byte(at, t->end, '"')) != NULL; at += 2) {
        if (t->end - at < 2 || at[1] != '"')
            return at;
        *doubled = true;
    }
    return NULL;
}

/* Where the text ends that begins at `at`: an end tag must follow. */
static const char *text_end(const SekSpanText *t, const char *at) {
    const char *end = find_byte(at, t->end, '<');
    return end && t->end - end > 1 && end[1] == '/' ? end : NULL;
}

/* What is not ASCII, or has to be decoded, is copied. Nothing gets longer by that. */
static bool copy(SekSpanText *t, SekStr raw, SekStr *out) {
    size_t n = 0;
    if (!sek_utf8_valid(raw))
        return false; /* told by the other way */
    if (t->csv)
        n = sek_csv_undouble(raw, t->plain);
    else
        n = sek_xml_decode(raw, t->plain);
    *out = sek_str_n(t->plain, n);
    t->plain += n;
    return true;
}

bool sek_span_read(SekSpanText *t, const SekTrailJump *jump) {
    const char *start = t->at, *end;
    bool doubled = false;
    if (t->csv)
        end = jump->text ? quoted_end(t, start, &doubled) : bare_end(t, start);
    else
        end = jump->text ? find_byte(start, t->end, jump->stop) : text_end(t, start);
    if (!end)
        return false;
    SekStr raw = sek_str_n(start, (size_t)(end - start)), value = raw;
    bool wide = !sek_is_ascii(raw), referring = !t->csv && raw.len && memchr(raw.ptr, '&', raw.len);
    if ((wide || doubled || referring) && !copy(t, raw, &value))
        return false;
    t->respelled |= wide || referring;
    t->at = end + jump->text;
    return sek_span_add(t, start, value);
}

/* --- jumps --------------------------------------------------------------------------------------- */

bool sek_span_fits(const SekSpanText *t, const SekTrailJump *jump) {
    size_t left = (size_t)(t->end - t->at), len = jump->len;
    if (len >= left + jump->end || !sek_trail_same(jump->bytes, t->at, len))
        return false;
    const char *start = t->at + len;
    if (jump->end || (jump->text && !t->csv))
        return true;
    if (!t->csv)
        return text_end(t, start) != NULL;
    if (jump->text) /* a quote is the end of an empty cell, two are text */
        return *start != '"' || (left - len > 1 && start[1] == '"');
    return !ends_bare(t, *start) && *start != '"';
}

uint32_t sek_span_find(const SekSpanText *t) {
    SekTrail *trail = t->r->trail;
    uint32_t *first = &trail->first_jumps[trail->at], *place = first;
    while (*place && !sek_span_fits(t, &trail->jumps[*place]))
        place = &trail->jumps[*place].next;
    uint32_t found = *place;
    if (found && place != first) {
        *place = trail->jumps[found].next;
        trail->jumps[found].next = *first;
        *first = found;
    }
    return found;
}

bool sek_span_jump_plain(SekSpanText *t) {
    SekTrail *trail = t->r->trail;
    for (uint32_t found; (found = sek_span_find(t)) != 0;) {
        const SekTrailJump *jump = &trail->jumps[found];
        t->at += jump->len;
        trail->at = jump->to;
        if (jump->end)
            return true;
        if (!sek_span_read(t, jump))
            return false;
    }
    return false;
}

SekSpanForm sek_span_form_plain(void) {
    return (SekSpanForm){.jump = sek_span_jump_plain};
}

SekSpanForm sek_span_form_best(void) {
    SekSpanForm form;
    return sek_span_form_avx512(&form) || sek_span_form_avx2(&form) ? form : sek_span_form_plain();
}

/* --- records ------------------------------------------------------------------------------------- */

static bool read_record(SekSpans *spans, SekSpanText *t, size_t *out_used) {
    SekTrail *trail = t->r->trail;
    SekBuf *plain = &spans->plain;
    size_t len = (size_t)(t->end - t->begin);
    if (trail->left || !trail->first_jumps[trail->at])
        return false;
    if (plain->cap > PLAIN_KEPT && len <= SEK_TEXT_MAX_VALUE) {
        sek_buf_deinit(plain); /* one very long record does not make all others keep its room */
        sek_buf_init(plain, PLAIN_MAX);
    }
    sek_buf_clear(plain);
    t->plain = sek_buf_reserve(plain, len + 1);
    if (!t->plain || !t->form.jump(t))
        return false;
    *out_used = (size_t)(t->at - t->begin);
    t->r->known = true;
    t->r->respelled = t->respelled;
    t->r->plain = sek_str_n(plain->data, (size_t)(t->plain - plain->data));
    return true;
}

bool sek_span_xml(SekSpans *spans, SekStr text, SekTextRecord *record, size_t *out_used) {
    SekSpanText t = {.r = record, .form = spans->form, .marks = &spans->marks,
                     .begin = text.ptr, .at = text.ptr, .end = text.ptr + text.len};
    return read_record(spans, &t, out_used);
}

bool sek_span_csv(SekSpans *spans, SekStr text, char separator, SekTextRecord *record, size_t *out_used) {
    SekSpanText t = {.r = record, .form = spans->form, .marks = &spans->marks, .csv = true, .separator = separator,
                     .begin = text.ptr, .at = text.ptr, .end = text.ptr + text.len};
    return read_record(spans, &t, out_used);
}

/* --- learning ------------------------------------------------------------------------------------ */

SekSpanLearn sek_span_learn(SekTrail *trail, SekStr text, size_t at) {
    return (SekSpanLearn){.trail = trail, .text = text, .from = trail->at, .after = at, .off = trail->left};
}

static bool is_known(const SekTrail *trail, uint32_t from, const SekTrailJump *jump) {
    for (uint32_t at = trail->first_jumps[from]; at; at = trail->jumps[at].next) {
        const SekTrailJump *other = &trail->jumps[at];
        if (other->len == jump->len && other->to == jump->to && other->text == jump->text && other->stop == jump->stop &&
            other->end == jump->end && sek_trail_same(other->bytes, jump->bytes, jump->len))
            return true;
    }
    return false;
}

static void learn(SekSpanLearn *l, size_t start, char stop, bool end) {
    SekTrail *trail = l->trail;
    l->off = l->off || trail->left || start < l->after || start - l->after > SEK_TRAIL_MAX_JUMP;
    if (l->off)
        return;
    SekStr bytes = sek_str_n(l->text.ptr + l->after, start - l->after);
    SekTrailJump jump = {.bytes = bytes.ptr, .len = (uint32_t)bytes.len, .to = trail->at, .text = stop != 0, .stop = stop,
                         .end = end};
    l->off = !sek_utf8_valid(bytes); /* which is told with each unit */
    if (!l->off && !is_known(trail, l->from, &jump))
        sek_trail_add_jump(trail, l->from, jump);
}

void sek_span_learn_value(SekSpanLearn *l, size_t start, size_t behind, char stop) {
    learn(l, start, stop, false);
    l->from = l->trail->at;
    l->after = behind;
}

void sek_span_learn_end(SekSpanLearn *l, size_t end) {
    learn(l, end, 0, true);
}
