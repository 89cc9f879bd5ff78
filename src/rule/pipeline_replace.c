/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/pipeline_apply.h"

/* replace_string: every match of an expression is replaced by a text that may hold groups (`\1`,
 * `\g<1>`, `\g<name>`). What a group brings over keeps its meaning, so a wildcard stays one and a
 * backslash of the value never turns into an escape of ours.
 *
 * Without skip_special the expression sees the whole value, wildcards as `*` and `?`, and in the
 * replacement `*` and `?` are wildcards and `\*` and `\?` are not. With it, it sees each run
 * between wildcards by itself, and the replacement is plain text unless interpret_special. */

typedef struct Replace {
    const SekStep *step;
    bool wildcards; /* in the replacement */
    SekPipeText result;
    bool changed;
} Replace;

static void add_part(Replace *r, const SekPipeText *from, size_t start, size_t end) {
    sek_buf_add(&r->result.text, from->text.data + start, end - start);
    sek_buf_add(&r->result.kinds, from->kinds.data + start, end - start);
}

/* A reference that starts at the backslash `at`; its end, or 0 when it is none. */
static size_t read_group(const Replace *r, size_t at, int *out) {
    SekStr text = r->step->replacement;
    size_t i = at + 1;
    if (i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9') {
        *out = text.ptr[i] - '0';
        if (i + 1 < text.len && text.ptr[i + 1] >= '0' && text.ptr[i + 1] <= '9')
            *out = *out * 10 + (text.ptr[++i] - '0');
        return i + 1;
    }
    const char *close = i + 2 < text.len && text.ptr[i] == 'g' && text.ptr[i + 1] == '<'
                            ? memchr(text.ptr + i, '>', text.len - i)
                            : NULL;
    if (!close)
        return 0;
    SekStr name = sek_str_n(text.ptr + i + 2, (size_t)(close - text.ptr) - i - 2);
    *out = 0;
    for (size_t k = 0; k < name.len && *out >= 0 && *out < 1000; k++)
        *out = name.ptr[k] >= '0' && name.ptr[k] <= '9' ? *out * 10 + (name.ptr[k] - '0') : -1;
    if (*out < 0)
        *out = sek_pipe_regex_group(r->step->regex, name);
    return (size_t)(close - text.ptr) + 1;
}

static void add_group(Replace *r, const SekPipeText *from, const SekPipeMatch *match, int group) {
    bool there = group >= 0 && (uint32_t)group < match->n && match->start[group] != SIZE_MAX;
    if (there && match->end[group] > match->start[group])
        add_part(r, from, match->start[group], match->end[group]);
}

static void add_replacement(Replace *r, const SekPipeText *from, const SekPipeMatch *match) {
    SekStr text = r->step->replacement;
    for (size_t at = 0; at < text.len;) {
        char c = text.ptr[at], next = at + 1 < text.len ? text.ptr[at + 1] : '\0';
        int group;
        size_t end = c == '\\' ? read_group(r, at, &group) : 0;
        SekByteKind kind = SEK_BYTE_LITERAL;
        if (end) {
            add_group(r, from, match, group);
            at = end;
            continue;
        }
        if (c == '\\' && (next == '\\' || (r->wildcards && (next == '*' || next == '?'))))
            c = text.ptr[++at];
        else if (r->wildcards && c == '*')
            kind = SEK_BYTE_ANY;
        else if (r->wildcards && c == '?')
            kind = SEK_BYTE_ONE;
        sek_pipe_text_add_bytes(&r->result, sek_str_n(&c, 1), kind);
        at++;
    }
}

/* Replaces in the part of `from` that starts at `start`; what stands before stays outside. */
static SekStatus replace_part(Replace *r, const SekPipeText *from, size_t start, size_t end) {
    SekStr text = sek_str_n(from->text.data + start, end - start);
    SekPipeText part = {.text = from->text, .kinds = from->kinds};
    part.text.data += start;
    part.kinds.data += start;
    size_t at = 0, kept = 0;
    while (at <= text.len) {
        SekPipeMatch match;
        SekStatus status = sek_pipe_regex_match(r->step->regex, text, at, false, &match);
        if (status == SEK_NOT_FOUND)
            break;
        if (status)
            return status;
        if (match.start[0] > kept)
            add_part(r, &part, kept, match.start[0]);
        add_replacement(r, &part, &match);
        r->changed = true;
        kept = match.end[0];
        at = match.end[0] + (match.end[0] == match.start[0]);
        while (at < text.len && ((unsigned char)text.ptr[at] & 0xC0) == 0x80)
            at++; /* not into a character */
        if (r->result.text.failed)
            return r->result.text.failed;
    }
    if (kept < text.len)
        add_part(r, &part, kept, text.len);
    return r->result.text.failed;
}

static SekStatus replace_runs(Replace *r, const SekPipeText *from) {
    SekStatus status = SEK_OK;
    for (size_t at = 0; at < from->text.len && !status;) {
        size_t end = at + 1;
        while (end < from->text.len && from->kinds.data[end] == from->kinds.data[at])
            end++;
        if (from->kinds.data[at] == SEK_BYTE_LITERAL)
            status = replace_part(r, from, at, end);
        else
            add_part(r, from, at, end);
        at = end;
    }
    return status;
}

SekStatus sek_pipe_replace(const SekStep *step, SekArena *arena, const SekPattern *pattern,
                           SekPattern *out, bool *out_changed) {
    Replace r = {.step = step, .wildcards = !step->skip_special || step->interpret_special};
    SekPipeText from;
    sek_pipe_text_init(&from);
    sek_pipe_text_init(&r.result);
    sek_pipe_text_add(&from, pattern);
    bool room =
        sek_buf_reserve(&from.text, 1) && sek_buf_reserve(&from.kinds, 1); /* also when empty */
    SekStatus status = room ? SEK_OK : from.text.failed ? from.text.failed : SEK_ERR_MEMORY;
    if (!status && step->skip_special)
        status = replace_runs(&r, &from);
    else if (!status)
        status = replace_part(&r, &from, 0, from.text.len);
    if (!status && r.changed)
        status = sek_pipe_text_pattern(&r.result, arena, out);
    *out_changed = r.changed;
    sek_pipe_text_deinit(&from);
    sek_pipe_text_deinit(&r.result);
    return status;
}
