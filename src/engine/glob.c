/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/glob.h"

#include "base/utf.h"

static SekStatus fold_literal(SekArena *arena, SekStr text, bool cased, SekStr *out) {
    SekBuf folded;
    sek_buf_init(&folded, SEK_RULE_MAX_FILE);
    if (cased)
        sek_buf_add_str(&folded, text);
    else
        sek_fold_append(&folded, text);
    SekStatus status = folded.failed;
    SekStr kept = status == SEK_OK ? sek_arena_dup(arena, sek_buf_str(&folded)) : (SekStr){0};
    sek_buf_deinit(&folded);
    if (!kept.ptr)
        return SEK_ERR_MEMORY;
    *out = kept;
    return SEK_OK;
}

static SekGlobKind classify(const SekPattern *p) {
    const SekToken *t = p->tokens;
    if (p->n_tokens == 0)
        return SEK_GLOB_EQUAL;
    if (p->n_tokens == 1)
        return t[0].kind == SEK_TOKEN_LITERAL ? SEK_GLOB_EQUAL
               : t[0].kind == SEK_TOKEN_ANY   ? SEK_GLOB_PRESENT
                                              : SEK_GLOB_GENERAL;
    bool literal1 = t[1].kind == SEK_TOKEN_LITERAL, any0 = t[0].kind == SEK_TOKEN_ANY;
    if (p->n_tokens == 2 && any0 && literal1)
        return SEK_GLOB_ENDS;
    if (p->n_tokens == 2 && t[0].kind == SEK_TOKEN_LITERAL && t[1].kind == SEK_TOKEN_ANY)
        return SEK_GLOB_STARTS;
    if (p->n_tokens == 3 && any0 && literal1 && t[2].kind == SEK_TOKEN_ANY)
        return SEK_GLOB_CONTAINS;
    return SEK_GLOB_GENERAL;
}

SekStatus sek_glob_compile(SekArena *arena, const SekPattern *pattern, bool cased, SekGlob *out) {
    SekGlob glob = {.kind = classify(pattern)};
    SekToken *tokens = SEK_ARENA_ARRAY(arena, SekToken, pattern->n_tokens ? pattern->n_tokens : 1);
    if (!tokens)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < pattern->n_tokens; i++) {
        tokens[i].kind = pattern->tokens[i].kind;
        if (tokens[i].kind != SEK_TOKEN_LITERAL)
            continue;
        if (fold_literal(arena, pattern->tokens[i].text, cased, &tokens[i].text) != SEK_OK)
            return SEK_ERR_MEMORY;
        glob.literal = tokens[i].text; /* the simple forms have exactly one */
    }
    if (glob.kind == SEK_GLOB_GENERAL) {
        glob.tokens = tokens;
        glob.n_tokens = pattern->n_tokens;
    }
    *out = glob;
    return SEK_OK;
}

/* Hyphen-minus, slash, and the dashes that Windows programs take for them (Sigma modifiers appendix,
 * windash). */
static bool is_dash(uint32_t cp) {
    return cp == '-' || cp == '/' || cp == 0x2013 || cp == 0x2014 || cp == 0x2015;
}

/* Matches one token that is not ANY at `at`; moves `at` behind it. */
static bool token_at(const SekToken *token, SekStr text, size_t *at) {
    if (token->kind == SEK_TOKEN_LITERAL) {
        if (text.len - *at < token->text.len || memcmp(text.ptr + *at, token->text.ptr, token->text.len) != 0)
            return false;
        *at += token->text.len;
        return true;
    }
    if (*at == text.len)
        return false;
    uint32_t cp = sek_utf8_next(text, at);
    return token->kind == SEK_TOKEN_ONE || is_dash(cp);
}

/* Moves `at` to the first place from `at` on where `token` can match: a literal is searched for. */
static bool seek(const SekToken *token, SekStr text, size_t *at) {
    if (token->kind != SEK_TOKEN_LITERAL)
        return *at < text.len;
    ptrdiff_t found = sek_str_find(sek_str_n(text.ptr + *at, text.len - *at), token->text);
    if (found < 0)
        return false;
    *at += (size_t)found;
    return true;
}

/* The usual two-pointer match: only the last ANY is ever tried again, because an earlier one that
 * takes more can never help. */
static bool general(const SekGlob *glob, SekStr text) {
    size_t at = 0, retry_at = 0;
    uint32_t t = 0, retry = UINT32_MAX;
    for (;;) {
        if (t < glob->n_tokens && glob->tokens[t].kind == SEK_TOKEN_ANY) {
            if (t + 1 == glob->n_tokens)
                return true;
            retry = ++t;
            retry_at = at;
            if (!seek(&glob->tokens[t], text, &at))
                return false;
            retry_at = at;
            continue;
        }
        if (t == glob->n_tokens ? at == text.len : token_at(&glob->tokens[t], text, &at)) {
            if (t == glob->n_tokens)
                return true;
            t++;
            continue;
        }
        if (retry == UINT32_MAX || retry_at >= text.len)
            return false;
        (void)sek_utf8_next(text, &retry_at);
        t = retry;
        at = retry_at;
        if (!seek(&glob->tokens[t], text, &at))
            return false;
        retry_at = at;
    }
}

bool sek_glob_matches(const SekGlob *glob, SekStr text) {
    SekStr literal = glob->literal;
    switch (glob->kind) {
    case SEK_GLOB_EQUAL:
        return sek_str_eq(text, literal);
    case SEK_GLOB_CONTAINS:
        return sek_str_find(text, literal) >= 0;
    case SEK_GLOB_STARTS:
        return sek_str_starts(text, literal);
    case SEK_GLOB_ENDS:
        return sek_str_ends(text, literal);
    case SEK_GLOB_PRESENT:
        return true;
    case SEK_GLOB_GENERAL:
        return general(glob, text);
    }
    return false;
}
