/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/pattern.h"

#include "base/utf.h"

#include <utf8proc.h>

/* --- reading ------------------------------------------------------------------------------ */

static bool escapes(SekStr text, size_t at, bool percent) {
    if (text.ptr[at] != '\\' || at + 1 >= text.len)
        return false;
    char next = text.ptr[at + 1];
    return next == '*' || next == '?' || next == '\\' || (percent && next == '%');
}

static uint32_t count_wildcards(SekStr text) {
    uint32_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (escapes(text, i, false))
            i++;
        else
            n += text.ptr[i] == '*' || text.ptr[i] == '?';
    }
    return n;
}

/* Token list under construction; room for all tokens is taken beforehand. */
typedef struct Builder {
    SekToken *tokens;
    uint32_t n;
} Builder;

static void put(Builder *b, SekTokenKind kind, SekStr text) {
    if (kind == SEK_TOKEN_LITERAL && text.len == 0)
        return;
    if (kind == SEK_TOKEN_ANY && b->n && b->tokens[b->n - 1].kind == SEK_TOKEN_ANY)
        return;
    b->tokens[b->n++] = (SekToken){kind, text};
}

static SekStatus parse(SekArena *arena, SekStr text, bool percent, SekPattern *out) {
    if (text.len > SEK_PATTERN_MAX_BYTES)
        return SEK_ERR_LIMIT;
    uint32_t most = 2 * count_wildcards(text) + 1;
    if (most > SEK_PATTERN_MAX_TOKENS)
        return SEK_ERR_LIMIT;
    Builder b = {SEK_ARENA_ARRAY(arena, SekToken, most), 0};
    char *plain = sek_arena_alloc(arena, text.len + 1);
    if (!b.tokens || !plain)
        return SEK_ERR_MEMORY;
    char *start = plain, *end = plain;
    for (size_t i = 0; i < text.len; i++) {
        bool escaped = escapes(text, i, percent);
        char c = text.ptr[escaped ? ++i : i];
        if (escaped || (c != '*' && c != '?')) {
            *end++ = escaped && c == '%' ? SEK_PATTERN_PERCENT : c;
            continue;
        }
        put(&b, SEK_TOKEN_LITERAL, sek_str_n(start, (size_t)(end - start)));
        put(&b, c == '*' ? SEK_TOKEN_ANY : SEK_TOKEN_ONE, (SekStr){0});
        start = end;
    }
    put(&b, SEK_TOKEN_LITERAL, sek_str_n(start, (size_t)(end - start)));
    *out = (SekPattern){b.tokens, b.n};
    return SEK_OK;
}

SekStatus sek_pattern_parse(SekArena *arena, SekStr text, SekPattern *out) {
    return parse(arena, text, false, out);
}

SekStatus sek_pattern_parse_expandable(SekArena *arena, SekStr text, SekPattern *out) {
    return parse(arena, text, true, out);
}

/* The last character of a folder's name, or the end of `%TEMP%`, `{GUID}`, `C:` and wildcards. */
static bool ends_folder(char c) {
    return (unsigned char)c >= 0x80 || (c >= '0' && c <= '9') || (sek_ascii_lower(c) >= 'a' && sek_ascii_lower(c) <= 'z') ||
           memchr("%}):_-.*", c, 8) != NULL;
}

ptrdiff_t sek_pattern_lost_separator(SekStr text, bool is_path) {
    bool separator = is_path; /* one was seen */
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\\')
            continue;
        size_t start = i;
        while (i + 1 < text.len && text.ptr[i + 1] == '\\')
            i++;
        bool wild = i + 1 < text.len && (text.ptr[i + 1] == '*' || text.ptr[i + 1] == '?');
        bool folder = is_path || (start > 0 && ends_folder(text.ptr[start - 1]));
        if (wild && i == start && separator && folder)
            return (ptrdiff_t)start;
        separator = separator || !wild || i > start;
    }
    return -1;
}

/* --- putting together --------------------------------------------------------------------- */

SekStatus sek_pattern_join(SekArena *arena, const SekToken *tokens, uint32_t n, SekPattern *out) {
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++)
        bytes += tokens[i].kind == SEK_TOKEN_LITERAL ? tokens[i].text.len : 0;
    if (n > SEK_PATTERN_MAX_TOKENS || bytes > SEK_PATTERN_MAX_BYTES)
        return SEK_ERR_LIMIT;
    Builder b = {SEK_ARENA_ARRAY(arena, SekToken, n + 1), 0};
    char *end = sek_arena_alloc(arena, bytes + 1);
    if (!b.tokens || !end)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < n; i++) {
        SekStr text = tokens[i].text;
        if (tokens[i].kind != SEK_TOKEN_LITERAL) {
            put(&b, tokens[i].kind, text);
            continue;
        }
        if (text.len)
            memcpy(end, text.ptr, text.len);
        SekToken *last = b.n ? &b.tokens[b.n - 1] : NULL;
        if (last && last->kind == SEK_TOKEN_LITERAL)
            last->text.len += text.len; /* its bytes end where these begin */
        else
            put(&b, SEK_TOKEN_LITERAL, sek_str_n(end, text.len));
        end += text.len;
    }
    *out = (SekPattern){b.tokens, b.n};
    return SEK_OK;
}

SekStatus sek_pattern_affix(SekArena *arena, bool front, bool back, SekPattern *io) {
    if (io->n_tokens + 2 > SEK_PATTERN_MAX_TOKENS)
        return SEK_ERR_LIMIT;
    Builder b = {SEK_ARENA_ARRAY(arena, SekToken, io->n_tokens + 2), 0};
    if (!b.tokens)
        return SEK_ERR_MEMORY;
    if (front)
        put(&b, SEK_TOKEN_ANY, (SekStr){0});
    for (uint32_t i = 0; i < io->n_tokens; i++)
        put(&b, io->tokens[i].kind, io->tokens[i].text);
    if (back)
        put(&b, SEK_TOKEN_ANY, (SekStr){0});
    *io = (SekPattern){b.tokens, b.n};
    return SEK_OK;
}

bool sek_pattern_plain(const SekPattern *pattern, SekStr *out) {
    if (pattern->n_tokens > 1 ||
        (pattern->n_tokens == 1 && pattern->tokens[0].kind != SEK_TOKEN_LITERAL))
        return false;
    *out = pattern->n_tokens ? pattern->tokens[0].text : SEK_STR("");
    return true;
}

SekStatus sek_pattern_literal(SekArena *arena, SekStr bytes, SekPattern *out) {
    SekToken token = {SEK_TOKEN_LITERAL, bytes};
    return sek_pattern_join(arena, &token, 1, out);
}

/* --- dashes ------------------------------------------------------------------------------- */

/* A word character as Python's `\w` has it: letters, numbers and the low line. */
static bool is_word(uint32_t cp) {
    switch (utf8proc_category((utf8proc_int32_t)cp)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return true;
    default:
        return cp == '_';
    }
}

static bool is_dash(SekStr text, uint32_t cp, size_t behind) {
    return (cp == '-' || cp == '/') && behind < text.len && is_word(sek_utf8_next(text, &behind));
}

static SekStatus windash_literal(Builder *b, uint32_t most, SekStr text) {
    size_t start = 0;
    bool in_word = false; /* the character before is part of a word */
    for (size_t at = 0; at < text.len;) {
        size_t here = at;
        uint32_t cp = sek_utf8_next(text, &at);
        bool dash = !in_word && is_dash(text, cp, at);
        in_word = is_word(cp);
        if (!dash)
            continue;
        if (most - b->n < 3)
            return SEK_ERR_LIMIT;
        put(b, SEK_TOKEN_LITERAL, sek_str_n(text.ptr + start, here - start));
        put(b, SEK_TOKEN_DASH, (SekStr){0});
        start = at;
    }
    if (b->n == most)
        return SEK_ERR_LIMIT;
    put(b, SEK_TOKEN_LITERAL, sek_str_n(text.ptr + start, text.len - start));
    return SEK_OK;
}

/* Most tokens that windash can make of `pattern`, and room for a literal that turns out empty. */
static uint32_t room_for_dashes(const SekPattern *pattern) {
    uint32_t room = pattern->n_tokens + 1;
    for (uint32_t i = 0; i < pattern->n_tokens; i++) {
        SekStr text = pattern->tokens[i].text;
        for (size_t k = 0; k < text.len && room < SEK_PATTERN_MAX_TOKENS; k++)
            room += text.ptr[k] == '-' || text.ptr[k] == '/' ? 3 : 0;
    }
    return room;
}

SekStatus sek_pattern_windash(SekArena *arena, SekPattern *io) {
    uint32_t most = room_for_dashes(io);
    Builder b = {SEK_ARENA_ARRAY(arena, SekToken, most), 0};
    if (!b.tokens)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < io->n_tokens; i++) {
        SekStatus status = SEK_OK;
        if (io->tokens[i].kind == SEK_TOKEN_LITERAL)
            status = windash_literal(&b, most, io->tokens[i].text);
        else if (b.n == most)
            status = SEK_ERR_LIMIT;
        else
            put(&b, io->tokens[i].kind, io->tokens[i].text);
        if (status)
            return status;
    }
    if (b.n > SEK_PATTERN_MAX_TOKENS)
        return SEK_ERR_LIMIT;
    *io = (SekPattern){b.tokens, b.n};
    return SEK_OK;
}

/* In the order of the specification's list. */
static const char *const dashes[] = {"-", "/", "\xE2\x80\x93", "\xE2\x80\x94", "\xE2\x80\x95"};
#define N_DASHES ((uint32_t)(sizeof dashes / sizeof *dashes))

SekStatus sek_pattern_undash(SekArena *arena, const SekPattern *pattern, SekPatternList *out) {
    uint32_t n = 1;
    for (uint32_t i = 0; i < pattern->n_tokens; i++) {
        n *= pattern->tokens[i].kind == SEK_TOKEN_DASH ? N_DASHES : 1;
        if (n > SEK_PATTERN_MAX_ALTERNATIVES)
            return SEK_ERR_LIMIT;
    }
    SekPattern *list = SEK_ARENA_ARRAY(arena, SekPattern, n);
    SekToken *tokens = SEK_ARENA_ARRAY(arena, SekToken, pattern->n_tokens + 1);
    if (!list || !tokens)
        return SEK_ERR_MEMORY;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t rest = k; /* its digits in base 5 choose the dashes */
        for (uint32_t i = 0; i < pattern->n_tokens; i++) {
            tokens[i] = pattern->tokens[i];
            if (tokens[i].kind != SEK_TOKEN_DASH)
                continue;
            tokens[i] = (SekToken){SEK_TOKEN_LITERAL, sek_str(dashes[rest % N_DASHES])};
            rest /= N_DASHES;
        }
        SekStatus status = sek_pattern_join(arena, tokens, pattern->n_tokens, &list[k]);
        if (status)
            return status;
    }
    *out = (SekPatternList){list, n};
    return SEK_OK;
}
