/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/pipeline_apply.h"

#include "rule/pattern.h"

/* Values as text for expressions that look at them as a whole, and back. */

void sek_pipe_text_init(SekPipeText *text) {
    sek_buf_init(&text->text, SEK_RULE_MAX_FILE);
    sek_buf_init(&text->kinds, SEK_RULE_MAX_FILE);
}

void sek_pipe_text_deinit(SekPipeText *text) {
    sek_buf_deinit(&text->text);
    sek_buf_deinit(&text->kinds);
}

void sek_pipe_text_clear(SekPipeText *text) {
    sek_buf_clear(&text->text);
    sek_buf_clear(&text->kinds);
}

void sek_pipe_text_add_bytes(SekPipeText *text, SekStr bytes, SekByteKind kind) {
    sek_buf_add_str(&text->text, bytes);
    char *kinds = bytes.len ? sek_buf_reserve(&text->kinds, bytes.len) : NULL;
    if (!kinds)
        return;
    memset(kinds, (int)kind, bytes.len);
    sek_buf_advance(&text->kinds, bytes.len);
}

void sek_pipe_text_add(SekPipeText *text, const SekPattern *pattern) {
    for (uint32_t i = 0; i < pattern->n_tokens; i++) {
        const SekToken *token = &pattern->tokens[i];
        switch (token->kind) {
        case SEK_TOKEN_LITERAL:
            sek_pipe_text_add_bytes(text, token->text, SEK_BYTE_LITERAL);
            break;
        case SEK_TOKEN_ANY:
            sek_pipe_text_add_bytes(text, SEK_STR("*"), SEK_BYTE_ANY);
            break;
        case SEK_TOKEN_ONE:
            sek_pipe_text_add_bytes(text, SEK_STR("?"), SEK_BYTE_ONE);
            break;
        case SEK_TOKEN_DASH:
            sek_pipe_text_add_bytes(text, SEK_STR("-"), SEK_BYTE_DASH);
            break;
        case SEK_TOKEN_PLACEHOLDER:
            sek_pipe_text_add_bytes(text, SEK_STR("%"), SEK_BYTE_PLACEHOLDER);
            sek_pipe_text_add_bytes(text, token->text, SEK_BYTE_PLACEHOLDER);
            sek_pipe_text_add_bytes(text, SEK_STR("%"), SEK_BYTE_PLACEHOLDER);
            break;
        }
    }
}

/* Behind the bytes that make one token with the one at `at`. A placeholder ends at its second
 * percent sign, and is plain text when an expression has taken that away. */
static size_t token_end(SekStr text, const char *kinds, size_t at, SekToken *out) {
    SekByteKind kind = (SekByteKind)kinds[at];
    size_t end = at + 1;
    if (kind == SEK_BYTE_PLACEHOLDER && text.ptr[at] == '%') {
        while (end < text.len && kinds[end] == kinds[at] && text.ptr[end] != '%')
            end++;
        if (end < text.len && kinds[end] == kinds[at] && end > at + 1) {
            *out = (SekToken){SEK_TOKEN_PLACEHOLDER, sek_str_n(text.ptr + at + 1, end - at - 1)};
            return end + 1;
        }
        end = at + 1;
    }
    static const SekTokenKind tokens[] = {SEK_TOKEN_LITERAL, SEK_TOKEN_ANY, SEK_TOKEN_ONE,
                                          SEK_TOKEN_DASH, SEK_TOKEN_LITERAL};
    *out = (SekToken){tokens[kind], sek_str_n(text.ptr + at, 1)};
    if (out->kind != SEK_TOKEN_LITERAL)
        out->text = (SekStr){0};
    while (out->kind == SEK_TOKEN_LITERAL && end < text.len && kinds[end] == kinds[at] &&
           !(kind == SEK_BYTE_PLACEHOLDER && text.ptr[end] == '%'))
        end++;
    if (out->kind == SEK_TOKEN_LITERAL)
        out->text.len = end - at;
    return end;
}

SekStatus sek_pipe_text_pattern(const SekPipeText *text, SekArena *arena, SekPattern *out) {
    if (text->text.failed || text->kinds.failed)
        return text->text.failed ? text->text.failed : text->kinds.failed;
    SekStr all = sek_arena_dup(arena, sek_buf_str(&text->text));
    uint32_t n = 0, cap = 1;
    SekToken token;
    if (!all.ptr)
        return SEK_ERR_MEMORY;
    for (size_t at = 0; at < all.len; cap++)
        at = token_end(all, text->kinds.data, at, &token);
    SekToken *tokens = SEK_ARENA_ARRAY(arena, SekToken, cap);
    if (!tokens)
        return SEK_ERR_MEMORY;
    for (size_t at = 0; at < all.len;)
        at = token_end(all, text->kinds.data, at, &tokens[n++]);
    return sek_pattern_join(arena, tokens, n, out);
}
