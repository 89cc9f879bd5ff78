/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/expand.h"

/* A text is a run of pieces: plain bytes or the name of a placeholder. */
typedef struct Piece {
    bool is_name;
    SekStr text;
} Piece;

typedef struct Scanner {
    SekStr text;
    size_t at;
    char escape; /* what may stand before a plain percent sign, or for it */
} Scanner;

static bool is_name_char(char c) {
    return c != '%' && c != '\\' && c != SEK_PATTERN_PERCENT && (unsigned char)c > ' ';
}

/* Behind the name of a placeholder that starts at `at`, or 0. */
static size_t name_end(SekStr text, size_t at) {
    size_t end = at + 1;
    while (end < text.len && is_name_char(text.ptr[end]))
        end++;
    return end > at + 1 && end < text.len && text.ptr[end] == '%' ? end : 0;
}

/* An escape is `\` and a character in an expression, but one byte of its own in a pattern. */
static Piece take_escape(Scanner *s) {
    const char *start = s->text.ptr + s->at;
    if (s->escape == SEK_PATTERN_PERCENT) {
        s->at++;
        return (Piece){false, SEK_STR("%")};
    }
    bool pair = s->at + 1 < s->text.len;
    s->at += pair ? 2 : 1;
    return (Piece){false, pair && start[1] == '%' ? SEK_STR("%") : sek_str_n(start, pair ? 2 : 1)};
}

/* The next piece; false at the end. */
static bool next_piece(Scanner *s, Piece *out) {
    SekStr text = s->text;
    size_t start = s->at;
    if (start >= text.len)
        return false;
    if (text.ptr[start] == s->escape) {
        *out = take_escape(s);
        return true;
    }
    size_t name = text.ptr[start] == '%' ? name_end(text, start) : 0;
    if (name) {
        *out = (Piece){true, sek_str_n(text.ptr + start + 1, name - start - 1)};
        s->at = name + 1;
        return true;
    }
    size_t end = start + 1;
    while (end < text.len && text.ptr[end] != '%' && text.ptr[end] != s->escape)
        end++;
    *out = (Piece){false, sek_str_n(text.ptr + start, end - start)};
    s->at = end;
    return true;
}

static SekStatus look_up(const SekRuleOptions *options, SekStr name, const SekStr **out_values,
                         uint32_t *out_n) {
    *out_n = 0;
    if (!options->placeholder)
        return SEK_NOT_FOUND;
    SekStatus status = options->placeholder(options->user, name, out_values, out_n);
    if (!status && *out_n == 0)
        return SEK_NOT_FOUND;
    if (!status && *out_n > SEK_PATTERN_MAX_ALTERNATIVES)
        return SEK_ERR_LIMIT;
    return status;
}

/* Every alternative so far, continued with every one of `tails`. */
static SekStatus multiply(SekArena *arena, SekPatternList *list, const SekPattern *tails,
                          uint32_t n_tails) {
    uint64_t n = (uint64_t)list->n * n_tails;
    if (n > SEK_PATTERN_MAX_ALTERNATIVES)
        return SEK_ERR_LIMIT;
    SekPattern *all = SEK_ARENA_ARRAY(arena, SekPattern, n);
    if (!all)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < n; i++) {
        const SekPattern *head = &list->patterns[i / n_tails], *tail = &tails[i % n_tails];
        uint32_t n_tokens = head->n_tokens + tail->n_tokens;
        SekToken *tokens = SEK_ARENA_ARRAY(arena, SekToken, n_tokens + 1);
        if (!tokens)
            return SEK_ERR_MEMORY;
        if (head->n_tokens)
            memcpy(tokens, head->tokens, head->n_tokens * sizeof *tokens);
        if (tail->n_tokens)
            memcpy(tokens + head->n_tokens, tail->tokens, tail->n_tokens * sizeof *tokens);
        SekStatus status = sek_pattern_join(arena, tokens, n_tokens, &all[i]);
        if (status)
            return status;
    }
    *list = (SekPatternList){all, (uint32_t)n};
    return SEK_OK;
}

static SekStatus add_placeholder(SekArena *arena, const SekRuleOptions *options, SekStr name,
                                 SekPatternList *list) {
    const SekStr *values;
    uint32_t n;
    SekStatus status = look_up(options, name, &values, &n);
    if (status == SEK_NOT_FOUND && options->defer) {
        SekToken later = {SEK_TOKEN_PLACEHOLDER, name};
        SekPattern tail = {&later, 1};
        return multiply(arena, list, &tail, 1);
    }
    if (status)
        return status;
    SekPattern *tails = SEK_ARENA_ARRAY(arena, SekPattern, n);
    if (!tails)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < n && !status; i++)
        status = sek_pattern_parse(arena, values[i], &tails[i]);
    return status ? status : multiply(arena, list, tails, n);
}

static SekStatus add_literal(SekArena *arena, const SekRuleOptions *options, SekStr text,
                             SekPatternList *list, SekStr *out_name) {
    Scanner scanner = {text, 0, SEK_PATTERN_PERCENT};
    Piece piece;
    SekStatus status = SEK_OK;
    while (!status && next_piece(&scanner, &piece)) {
        if (piece.is_name) {
            status = add_placeholder(arena, options, piece.text, list);
            if (status == SEK_NOT_FOUND)
                *out_name = piece.text;
            continue;
        }
        SekToken token = {SEK_TOKEN_LITERAL, piece.text};
        SekPattern tail = {&token, 1};
        status = multiply(arena, list, &tail, 1);
    }
    return status;
}

SekStatus sek_expand_pattern(SekArena *arena, const SekRuleOptions *options,
                             const SekPattern *pattern, SekPatternList *out, SekStr *out_name) {
    static const SekPattern nothing = {NULL, 0};
    SekPatternList list = {&nothing, 1};
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < pattern->n_tokens && !status; i++) {
        const SekToken *token = &pattern->tokens[i];
        SekPattern tail = {token, 1};
        if (token->kind == SEK_TOKEN_LITERAL)
            status = add_literal(arena, options, token->text, &list, out_name);
        else
            status = multiply(arena, &list, &tail, 1);
    }
    if (!status)
        *out = list;
    return status;
}

bool sek_expand_is_pending(const SekPattern *pattern) {
    for (uint32_t i = 0; i < pattern->n_tokens; i++)
        if (pattern->tokens[i].kind == SEK_TOKEN_PLACEHOLDER)
            return true;
    return false;
}

SekStatus sek_expand_pending(SekArena *arena, const SekRuleOptions *options,
                             const SekPattern *pattern, SekPatternList *out) {
    static const SekPattern nothing = {NULL, 0};
    SekPatternList list = {&nothing, 1};
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < pattern->n_tokens && !status; i++) {
        const SekToken *token = &pattern->tokens[i];
        SekPattern tail = {token, 1};
        status = token->kind == SEK_TOKEN_PLACEHOLDER
                     ? add_placeholder(arena, options, token->text, &list)
                     : multiply(arena, &list, &tail, 1);
    }
    if (!status)
        *out = list;
    return status;
}

/* --- regular expressions ------------------------------------------------------------------- */

static void add_quoted(SekBuf *buf, SekStr text) {
    static const char special[] = "\\^$.[]|()?*+{}#-";
    for (size_t i = 0; i < text.len; i++) {
        if (memchr(special, text.ptr[i], sizeof special - 1))
            sek_buf_addc(buf, '\\');
        sek_buf_addc(buf, text.ptr[i]);
    }
}

static SekStatus add_group(SekArena *arena, const SekRuleOptions *options, SekStr name,
                           SekBuf *buf) {
    const SekStr *values;
    uint32_t n;
    SekStatus status = look_up(options, name, &values, &n);
    if (status)
        return status;
    for (uint32_t i = 0; i < n; i++) {
        SekPattern pattern;
        status = sek_pattern_parse(arena, values[i], &pattern);
        if (status)
            return status;
        sek_buf_adds(buf, i == 0 ? "(?:" : "|");
        for (uint32_t k = 0; k < pattern.n_tokens; k++) {
            if (pattern.tokens[k].kind == SEK_TOKEN_LITERAL)
                add_quoted(buf, pattern.tokens[k].text);
            else
                sek_buf_adds(buf, pattern.tokens[k].kind == SEK_TOKEN_ANY ? ".*" : ".");
        }
    }
    sek_buf_addc(buf, ')');
    return buf->failed;
}

SekStatus sek_expand_regex(SekArena *arena, const SekRuleOptions *options, SekStr regex,
                           SekStr *out, SekStr *out_name) {
    SekBuf buf;
    sek_buf_init(&buf, SEK_PATTERN_MAX_BYTES);
    SekStatus status = SEK_OK;
    Scanner scanner = {regex, 0, '\\'};
    Piece piece;
    while (!status && next_piece(&scanner, &piece)) {
        if (!piece.is_name) {
            sek_buf_add_str(&buf, piece.text);
            continue;
        }
        status = add_group(arena, options, piece.text, &buf);
        if (status == SEK_NOT_FOUND)
            *out_name = piece.text;
    }
    status = status ? status : buf.failed;
    if (!status) {
        SekStr text = sek_arena_dup(arena, sek_buf_str(&buf));
        status = text.ptr ? SEK_OK : SEK_ERR_MEMORY;
        *out = text;
    }
    sek_buf_deinit(&buf);
    return status;
}
