/* SPDX-License-Identifier: Apache-2.0 */

/* VBScript: tokens. Lines that go on (_) are one, comments are blanks, a colon ends a line. */
#include "decode/vbs.h"

static bool is_name(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (uint8_t)c >= 0x80;
}

static size_t line_end(const SekSfParser *p, size_t i) {
    while (i < p->text.len && p->text.ptr[i] != '\n' && p->text.ptr[i] != '\r')
        i++;
    return i;
}

static bool word_is(const SekSfParser *p, size_t off, size_t end, const char *word) {
    return sek_str_eq_nocase(sek_str_n(p->text.ptr + off, end - off), sek_str(word));
}

/* Blanks, continued lines and comments. */
static size_t skip_blank(const SekSfParser *p, size_t i) {
    for (;;) {
        char c = sek_sf_at(p, i);
        if (c == ' ' || c == '\t' || c == '\f' || c == '\v') {
            i++;
        } else if (c == '_' && (sek_sf_at(p, i + 1) == '\n' || (sek_sf_at(p, i + 1) == '\r' && sek_sf_at(p, i + 2) == '\n')) && (i == 0 || !is_name(sek_sf_at(p, i - 1)))) {
            i += sek_sf_at(p, i + 1) == '\n' ? 2 : 3;
        } else if (c == '\'' && i < p->text.len) {
            i = line_end(p, i);
        } else {
            return i;
        }
    }
}

static size_t string_end(const SekSfParser *p, size_t i) {
    for (i++; i < p->text.len && p->text.ptr[i] != '\n'; i++)
        if (p->text.ptr[i] == '"') {
            if (sek_sf_at(p, i + 1) != '"')
                return i + 1;
            i++;
        }
    return i;
}

static size_t number_end(const SekSfParser *p, size_t i) {
    if (sek_sf_at(p, i) == '&') {
        for (i += 2; is_name(sek_sf_at(p, i)); i++) {
        }
        return sek_sf_at(p, i) == '&' ? i + 1 : i;
    }
    while ((sek_sf_at(p, i) >= '0' && sek_sf_at(p, i) <= '9') || sek_sf_at(p, i) == '.')
        i++;
    if ((sek_sf_at(p, i) | 32) == 'e' && sek_sf_at(p, i + 1) >= '0' && sek_sf_at(p, i + 1) <= '9')
        for (i++; sek_sf_at(p, i) >= '0' && sek_sf_at(p, i) <= '9'; i++) {
        }
    return i;
}

void sek_vbs_next(SekSfParser *p) {
    p->last_end = p->token.end;
    size_t i = skip_blank(p, p->token.end), end = i;
    SekSfToken *t = &p->token;
    *t = (SekSfToken){.kind = SEK_SF_END, .off = i, .end = i, .blank_before = i > p->last_end};
    if (i >= p->text.len || p->run->fatal || p->run->gave_up)
        return;
    char c = p->text.ptr[i];
    bool hex = c == '&' && ((sek_sf_at(p, i + 1) | 32) == 'h' || (sek_sf_at(p, i + 1) | 32) == 'o') && sek_sf_at(p, i + 2) >= '0' && is_name(sek_sf_at(p, i + 2));
    if (c == '\n' || c == '\r' || c == ':') {
        t->kind = SEK_SF_LINE;
        end = i + 1;
    } else if (c == '"') {
        t->kind = SEK_SF_QUOTED;
        end = string_end(p, i);
    } else if ((c >= '0' && c <= '9') || hex || (c == '.' && sek_sf_at(p, i + 1) >= '0' && sek_sf_at(p, i + 1) <= '9')) {
        t->kind = SEK_SF_DIGITS;
        end = number_end(p, i);
    } else if (is_name(c)) {
        t->kind = SEK_SF_WORD;
        for (; is_name(sek_sf_at(p, end)); end++) {
        }
        if (word_is(p, i, end, "rem")) { /* a comment */
            t->kind = SEK_SF_LINE;
            end = line_end(p, end);
        }
    } else {
        t->kind = SEK_SF_PUNCT;
        bool two = (c == '<' && (sek_sf_at(p, i + 1) == '>' || sek_sf_at(p, i + 1) == '=')) || (c == '>' && sek_sf_at(p, i + 1) == '=');
        end = i + (two ? 2 : 1);
    }
    t->end = end;
}
