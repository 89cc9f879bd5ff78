/* SPDX-License-Identifier: Apache-2.0 */

/* JScript: tokens. A slash begins a regular expression where no value stands before it. */
#include "decode/js.h"

static bool is_name(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || (uint8_t)c >= 0x80;
}

static size_t skip_blank(const SekSfParser *p, size_t i, bool *line) {
    while (i < p->text.len) {
        char c = p->text.ptr[i];
        if (c == '\n' || c == '\r')
            *line = true;
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v') {
            i++;
        } else if (c == '/' && sek_sf_at(p, i + 1) == '/') {
            while (i < p->text.len && p->text.ptr[i] != '\n')
                i++;
        } else if (c == '/' && sek_sf_at(p, i + 1) == '*') {
            ptrdiff_t close = sek_str_find(sek_str_n(p->text.ptr + i + 2, p->text.len - i - 2), SEK_STR("*/"));
            i = close < 0 ? p->text.len : i + 2 + (size_t)close + 2;
        } else {
            break;
        }
    }
    return i;
}

static size_t string_end(const SekSfParser *p, size_t i) {
    char quote = p->text.ptr[i++];
    while (i < p->text.len && p->text.ptr[i] != quote) {
        if (p->text.ptr[i] == '\n')
            return i;
        i += p->text.ptr[i] == '\\' && i + 1 < p->text.len ? 2 : 1;
    }
    return i < p->text.len ? i + 1 : p->text.len;
}

static size_t regex_end(const SekSfParser *p, size_t i) {
    bool set = false;
    for (i++; i < p->text.len && p->text.ptr[i] != '\n'; i++) {
        char c = p->text.ptr[i];
        if (c == '\\')
            i++;
        else if (c == '[')
            set = true;
        else if (c == ']')
            set = false;
        else if (c == '/' && !set) {
            for (i++; is_name(sek_sf_at(p, i)); i++) {
            }
            return i;
        }
    }
    return 0;
}

static size_t punct_len(const SekSfParser *p, size_t i) {
    static const char *const puncts[] = {">>>=", "===", "!==", ">>>", "<<=", ">>=", "==", "!=", "<=", ">=", "&&", "||",
                                         "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>"};
    for (size_t k = 0; k < sizeof puncts / sizeof *puncts; k++)
        if (sek_str_starts(sek_str_n(p->text.ptr + i, p->text.len - i), sek_str(puncts[k])))
            return strlen(puncts[k]);
    return 1;
}

void sek_js_next(SekSfParser *p) {
    bool line = false;
    p->last_end = p->token.end;
    size_t i = skip_blank(p, p->token.end, &line), end = i;
    SekSfToken *t = &p->token;
    *t = (SekSfToken){.kind = SEK_SF_END, .off = i, .end = i, .line_before = line};
    if (i >= p->text.len || p->run->fatal || p->run->gave_up)
        return;
    char c = p->text.ptr[i];
    if (c == '"' || c == '\'') {
        t->kind = SEK_SF_QUOTED;
        end = string_end(p, i);
    } else if ((c >= '0' && c <= '9') || (c == '.' && sek_sf_at(p, i + 1) >= '0' && sek_sf_at(p, i + 1) <= '9')) {
        t->kind = SEK_SF_DIGITS;
        for (end = i; is_name(sek_sf_at(p, end)) || sek_sf_at(p, end) == '.'; end++) {
        }
    } else if (is_name(c)) {
        t->kind = SEK_SF_WORD;
        for (end = i; is_name(sek_sf_at(p, end)); end++) {
        }
    } else if (c == '/' && !p->operand && (end = regex_end(p, i)) > 0) {
        t->kind = SEK_SF_REGEX;
    } else {
        t->kind = SEK_SF_PUNCT;
        end = i + punct_len(p, i);
    }
    t->end = end;
    p->operand = t->kind != SEK_SF_PUNCT || c == ')' || c == ']' || c == '}';
}
