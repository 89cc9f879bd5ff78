/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/reader.h"

#include "base/utf.h"

#include <stdarg.h>
#include <stdio.h>

/* Diagnostics. They are written even when the text has used up its share of memory: their number is
 * bounded by that of documents and warnings. */

/* A request larger than this is never made on behalf of one value (pattern.h, SEK_PATTERN_MAX_*).
 */
#define LARGEST_REQUEST ((size_t)64 * 1024 * 1024)

SekShown sek_show(SekStr text) {
    SekShown shown;
    size_t n = 0, at = 0;
    while (at < text.len && n < 80) {
        uint32_t cp = sek_utf8_next(text, &at);
        n += sek_utf8_put(cp < 0x20 || cp == 0x7F ? ' ' : cp, shown.text + n);
    }
    if (at < text.len) {
        memcpy(shown.text + n, "...", 3);
        n += 3;
    }
    shown.text[n] = '\0';
    return shown;
}

SekDiag *sek_rulefile_new_diag(SekRuleFile *file) {
    if (file->n_diags == file->cap_diags) {
        uint32_t cap = file->cap_diags ? file->cap_diags * 2 : 16;
        SekDiag *diags = SEK_ARENA_ARRAY(&file->arena, SekDiag, cap);
        if (!diags)
            return NULL;
        if (file->n_diags)
            memcpy(diags, file->diags, file->n_diags * sizeof *diags);
        file->diags = diags;
        file->cap_diags = cap;
    }
    return &file->diags[file->n_diags++];
}

static SekStatus add(SekRuleReader *reader, SekDiag diag, const char *fmt, va_list args) {
    char text[600];
    int len = vsnprintf(text, sizeof text, fmt, args);
    size_t n = len < 0 ? 0 : (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    SekArena *arena = &reader->file->arena;
    size_t limit = arena->limit;
    arena->limit = reader->base_limit;
    diag.source = reader->source;
    diag.rule_id = reader->rule_id;
    diag.rule_title = reader->rule_title;
    diag.text = sek_arena_dup(arena, sek_str_n(text, n));
    SekDiag *slot = diag.text.ptr ? sek_rulefile_new_diag(reader->file) : NULL;
    arena->limit = limit;
    if (!slot)
        return SEK_ERR_MEMORY;
    *slot = diag;
    return SEK_OK;
}

SekStatus sek_rule_error(SekRuleReader *reader, SekRulePos pos, const char *code, const char *fmt,
                         ...) {
    va_list args;
    va_start(args, fmt);
    SekDiag diag = {.kind = reader->further ? SEK_DIAG_FURTHER : SEK_DIAG_ERROR, .code = code, .line = pos.line, .column = pos.column};
    SekStatus status = add(reader, diag, fmt, args);
    va_end(args);
    return status ? status : SEK_ERR_INPUT;
}

SekStatus sek_rule_warn(SekRuleReader *reader, SekRulePos pos, const char *code, const char *fmt,
                        ...) {
    if (reader->n_warnings > SEK_RULE_MAX_WARNINGS)
        return SEK_OK;
    if (reader->n_warnings++ == SEK_RULE_MAX_WARNINGS) {
        code = "more-warnings";
        fmt = "there are more warnings, which are left out";
    }
    va_list args;
    va_start(args, fmt);
    SekDiag diag = {.kind = SEK_DIAG_WARNING, .code = code, .line = pos.line, .column = pos.column};
    SekStatus status = add(reader, diag, fmt, args);
    va_end(args);
    return status;
}

SekStatus sek_rule_note(SekRuleReader *reader, SekRulePos pos, const char *code, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    SekDiag diag = {.kind = SEK_DIAG_NOTE, .code = code, .line = pos.line, .column = pos.column};
    SekStatus status = add(reader, diag, fmt, args);
    va_end(args);
    return status;
}

bool sek_rule_goes_on(SekRuleReader *reader, SekStatus status, SekStatus *io_first) {
    if (status && (!*io_first || status != SEK_ERR_INPUT))
        *io_first = status;
    reader->further = reader->further || status;
    return !status || status == SEK_ERR_INPUT;
}

SekStatus sek_rule_no_memory(SekRuleReader *reader, SekRulePos pos) {
    const SekArena *arena = &reader->file->arena;
    bool spent = arena->limit &&
                 (arena->used >= arena->limit || arena->limit - arena->used < LARGEST_REQUEST);
    if (!spent)
        return SEK_ERR_MEMORY;
    return sek_rule_error(reader, pos, "limit",
                          "the rules of this file take too much memory; split the file");
}

SekStatus sek_rule_check(SekRuleReader *reader, SekRulePos pos, SekStatus status,
                         const char *what) {
    if (status == SEK_ERR_MEMORY)
        return sek_rule_no_memory(reader, pos);
    if (status)
        return sek_rule_error(reader, pos, "limit", "%s", what);
    return SEK_OK;
}
