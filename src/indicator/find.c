/* SPDX-License-Identifier: Apache-2.0 */

/* The finder's walk over the text. Bytes are taken in runs of word characters; what a run may be part
 * of is told by the bytes at its ends, so that ordinary text costs a look at a table per byte. */
#include "indicator/finder.h"

#define VALUE_MAX (4u * SEK_URL_MAX) /* a plain form is hardly longer than what was written */

static const char *const kind_names[SEK_N_INDICATOR_KINDS] = {
    "url", "host", "address", "endpoint", "email", "path", "unc", "file", "registry", "md5", "sha1", "sha256",
};
static const char *const mark_names[SEK_N_INDICATOR_MARKS] = {
    "bare-address", "numeric", "defanged", "idn", "site-path", "list", "program", "payload-host", "namespace",
};

const char *sek_indicator_kind_name(SekIndicatorKind kind) {
    return (unsigned)kind < SEK_N_INDICATOR_KINDS ? kind_names[kind] : "unknown";
}

const char *sek_indicator_mark_name(unsigned bit) {
    return bit < SEK_N_INDICATOR_MARKS ? mark_names[bit] : "unknown";
}

void sek_finder_give_value(SekFinder *f, const SekIndicatorHit *hit) {
    if (f->status == SEK_OK)
        f->status = f->visit(f->user, hit);
}

void sek_finder_give(SekFinder *f, SekIndicatorKind kind, unsigned marks, size_t off, size_t end) {
    if (f->value.failed == SEK_ERR_MEMORY && f->status == SEK_OK)
        f->status = SEK_ERR_MEMORY;
    if (f->value.failed || f->value.len == 0)
        return;
    SekIndicatorHit hit = {.kind = kind, .marks = marks, .value = sek_buf_str(&f->value), .off = off, .len = end - off};
    sek_finder_give_value(f, &hit);
}

static bool is_word(char c) {
    return sek_is_alnum(c) || c == '_' || c == '-' || c == '.';
}

/* The run at `at`: tries what it may begin or end, then what it is itself. */
static void take_run(SekFinder *f) {
    SekStr s = f->text;
    size_t start = f->at, end = start;
    while (end < s.len && is_word(s.ptr[end]))
        end++;
    char after = sek_byte_at(s, end);
    if ((after == ':' || after == '[' || after == '(') && sek_find_url(f, end))
        return;
    bool drive = after == ':' && sek_is_alpha(s.ptr[end - 1]) && (end - start == 1 || !sek_is_alnum(s.ptr[end - 2]));
    if (drive && sek_find_path(f, end - 1))
        return;
    bool dots = after == '\\' && s.ptr[start] == '.' && (end - start == 1 || (end - start == 2 && s.ptr[end - 1] == '.'));
    if (dots && sek_find_path(f, start))
        return;
    if ((after == '\\' || after == ':') && sek_ascii_lower(s.ptr[start]) == 'h' && sek_find_registry(f, start))
        return;
    sek_find_in_run(f, start, end);
    if (f->at < end)
        f->at = end;
}

static void take_other(SekFinder *f, char c) {
    size_t at = f->at;
    bool taken = false;
    if (c == '\\')
        taken = sek_find_path(f, at) || (sek_word_at(f->text, at, "\\registry\\") && sek_find_registry(f, at));
    else if (c == '%' || c == '$')
        taken = sek_find_path(f, at);
    else if (c == ':' && sek_byte_at(f->text, at + 1) == '/')
        taken = sek_find_url(f, at); /* the scheme ends in a sign: h**p has its run */
    if (!taken || f->at <= at)
        f->at = at + 1;
    if (!taken && c == '\\') /* the rest of the same separators begins nothing */
        while (f->at < f->text.len && f->text.ptr[f->at] == '\\')
            f->at++;
}

SekStatus sek_indicators_find(SekStr text, bool versions, SekIndicatorVisit visit, void *user) {
    SekFinder f = {.text = text, .versions = versions, .visit = visit, .user = user};
    sek_buf_init(&f.value, VALUE_MAX);
    while (f.at < text.len && f.status == SEK_OK) {
        char c = text.ptr[f.at];
        if (is_word(c))
            take_run(&f);
        else
            take_other(&f, c);
    }
    sek_buf_deinit(&f.value);
    return f.status;
}
