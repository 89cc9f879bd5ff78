/* SPDX-License-Identifier: Apache-2.0 */

/* Edits: what a span of the source comes to, as PowerShell would write it. An edit replaces those inside its
 * span, and everything outside of edits stays byte for byte. Where a literal would run into its neighbours a
 * blank is put between. */

#include "base/utf.h"
#include "decode/ps_lex.h"
#include "decode/ps_run.h"

#include <stdlib.h>

#define MAX_PRINTED_ITEMS 4096 /* of an array; what is longer is data, not names */

bool sek_ps_is_plain(const SekPsNode *node) {
    switch (node->kind) {
    case PS_STRING:
        return !(node->flags & PS_ODD);
    case PS_NUMBER:
    case PS_VAR:
    case PS_TYPE:
    case PS_BLOCK:
        return true;
    case PS_LIST:
    case PS_PAREN:
    case PS_ARRAY:
    case PS_HASH:
        for (const SekPsNode *kid = node->kid; kid; kid = kid->next)
            if (!sek_ps_is_plain(kid))
                return false;
        return true;
    case PS_CAST: /* [byte[]](1, 2): nothing is hidden in numbers that stay numbers */
        return node->kid->kind != PS_CHAIN && node->kid->kind != PS_BINARY && sek_ps_is_plain(node->kid);
    default:
        return false;
    }
}

static void drop_inside(SekPsUnit *unit, uint32_t start, uint32_t end) {
    while (unit->n_edits > 0 && unit->edits[unit->n_edits - 1].start >= start &&
           unit->edits[unit->n_edits - 1].end <= end)
        unit->edit_bytes -= unit->edits[--unit->n_edits].text.len;
}

void sek_ps_record_span(SekPsRun *run, uint32_t start, uint32_t end, SekStr text) {
    SekPsUnit *unit = run->unit;
    if (!run->recording || start >= end)
        return;
    drop_inside(unit, start, end);
    if (sek_str_eq(text, sek_str_n(unit->source.ptr + start, end - start)))
        return;
    if (unit->edit_bytes + text.len > run->decoder->limits.max_value_bytes + unit->source.len) {
        sek_ps_partial(run, "too much text in one layer");
        return;
    }
    if (unit->n_edits == unit->cap_edits) {
        uint32_t cap = unit->cap_edits ? 2 * unit->cap_edits : 16;
        SekPsEdit *edits = SEK_ARENA_ARRAY(run->arena, SekPsEdit, cap);
        if (!edits) {
            run->out_of_memory = true;
            return;
        }
        if (unit->n_edits)
            memcpy(edits, unit->edits, unit->n_edits * sizeof *edits);
        unit->edits = edits;
        unit->cap_edits = cap;
    }
    unit->edit_bytes += text.len;
    unit->edits[unit->n_edits++] = (SekPsEdit){.start = start, .end = end, .text = text};
}

/* 'text', with every kind of single quote doubled. */
static bool put_literal(SekPsRun *run, SekBuf *buf, SekPsText text) {
    SekStr utf8;
    if (!sek_pt_to_utf8(run->arena, text, &utf8))
        return false;
    sek_buf_addc(buf, '\'');
    size_t from = 0;
    for (size_t at = 0; at < utf8.len; at++) {
        size_t quote = sek_ps_single(utf8, at);
        if (quote == 0)
            continue;
        sek_buf_add(buf, utf8.ptr + from, at + quote - from);
        sek_buf_add(buf, utf8.ptr + at, quote);
        at += quote - 1;
        from = at + 1;
    }
    sek_buf_add(buf, utf8.ptr + from, utf8.len - from);
    sek_buf_addc(buf, '\'');
    return true;
}

static bool put_value(SekPsRun *run, SekBuf *buf, const SekPsValue *v) {
    SekPsText text;
    if (!sek_pv_known(v))
        return false;
    if (v->kind == PV_STRING || v->kind == PV_CHAR)
        return sek_pv_to_text(run->arena, v, (SekPsText){NULL, 0}, &text) && put_literal(run, buf, text);
    if (v->kind != PV_ARRAY || v->array->n == 0 || v->array->n > MAX_PRINTED_ITEMS ||
        v->array->elem != PS_ELEM_ANY)
        return false;
    sek_buf_adds(buf, "@(");
    for (uint32_t i = 0; i < v->array->n; i++) {
        const SekPsValue *item = &v->array->items[i];
        if (i)
            sek_buf_addc(buf, ',');
        if ((item->kind != PV_STRING && item->kind != PV_CHAR) || !put_value(run, buf, item))
            return false;
    }
    sek_buf_addc(buf, ')');
    return true;
}

/* Whether text put between these two would be read as part of them. */
static bool clings_before(const SekPsUnit *unit, uint32_t start) {
    unsigned char c = start > 0 ? (unsigned char)unit->source.ptr[start - 1] : 0;
    return sek_ps_is_word(c) || c == '\'' || c == '"' || c == '`';
}

static bool clings_behind(const SekPsUnit *unit, uint32_t end) {
    return sek_ps_single(unit->source, end) || sek_ps_double(unit->source, end) ||
           sek_ps_is_word(sek_ps_byte(unit->source, end));
}

static void record_buf(SekPsRun *run, uint32_t start, uint32_t end, SekBuf *buf) {
    if (clings_behind(run->unit, end))
        sek_buf_addc(buf, ' ');
    if (buf->failed != SEK_OK)
        return;
    SekStr text = sek_arena_dup(run->arena, sek_buf_str(buf));
    if (text.ptr)
        sek_ps_record_span(run, start, end, text);
    else
        run->out_of_memory = true;
}

void sek_ps_record_value(SekPsRun *run, uint32_t start, uint32_t end, const SekPsValue *value) {
    if (!run->recording || start >= end)
        return;
    SekBuf buf;
    sek_buf_init(&buf, run->decoder->limits.max_value_bytes * 2 + 16);
    if (clings_before(run->unit, start))
        sek_buf_addc(&buf, ' ');
    if (put_value(run, &buf, value))
        record_buf(run, start, end, &buf);
    sek_buf_deinit(&buf);
}

void sek_ps_record(SekPsRun *run, const SekPsNode *node, const SekPsValue *value) {
    if (!run->recording || !sek_pv_known(value) || sek_ps_is_plain(node))
        return;
    if (node->flags & PS_ODD && (node->kind == PS_STRING || node->kind == PS_EXPAND))
        run->unit->hidden = true;
    sek_ps_record_value(run, node->start, node->end, value);
}

bool sek_ps_record_name(SekPsRun *run, uint32_t start, uint32_t end, SekPsText name) {
    char buf[160];
    SekStr ascii;
    if (name.n == 0 || !sek_pt_ascii(name, buf, sizeof buf - 2, &ascii))
        return false;
    for (size_t i = 0; i < ascii.len; i++)
        if (!sek_ps_is_word((unsigned char)buf[i]) && !strchr("-.\\:_/?%*", buf[i]))
            return false;
    if (buf[0] == '-' || buf[0] == '.')
        return false;
    if (!run->recording)
        return true;
    SekBuf text;
    sek_buf_init(&text, sizeof buf + 4);
    if (clings_before(run->unit, start))
        sek_buf_addc(&text, ' ');
    sek_buf_add_str(&text, ascii);
    record_buf(run, start, end, &text);
    sek_buf_deinit(&text);
    return true;
}

static int by_start(const void *a, const void *b) {
    const SekPsEdit *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return x->end > y->end ? -1 : x->end < y->end;
}

SekStr sek_ps_apply(SekArena *arena, SekPsUnit *unit) {
    size_t size = unit->source.len + 1;
    if (unit->n_edits > 1)
        qsort(unit->edits, unit->n_edits, sizeof *unit->edits, by_start);
    for (uint32_t i = 0; i < unit->n_edits; i++)
        size += unit->edits[i].text.len;
    char *text = sek_arena_alloc(arena, size);
    size_t n = 0, at = 0;
    if (!text)
        return sek_str_n(NULL, 0);
    for (uint32_t i = 0; i < unit->n_edits; i++) {
        const SekPsEdit *edit = &unit->edits[i];
        if (edit->start < at) /* inside of one that is applied already */
            continue;
        memcpy(text + n, unit->source.ptr + at, edit->start - at);
        n += edit->start - at;
        memcpy(text + n, edit->text.ptr, edit->text.len);
        n += edit->text.len;
        at = edit->end;
    }
    if (unit->source.len > at)
        memcpy(text + n, unit->source.ptr + at, unit->source.len - at);
    return sek_str_n(text, n + unit->source.len - at);
}
