/* SPDX-License-Identifier: Apache-2.0 */
#include "event/code_part.h"

#include "base/utf.h"

static SekStr from(SekStr s, size_t at) {
    return sek_str_n(s.ptr + at, s.len - at);
}

/* True when the text behind a quotation mark says that the value ended there. */
static bool ends_value(SekStr rest) {
    static const char *const lines[] = {"ParameterBinding(", "CommandInvocation(", "TerminatingError(",
                                        "NonTerminatingError("};
    rest = sek_str_trim(rest);
    if (rest.len == 0)
        return true;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (sek_str_starts(rest, sek_str(lines[i])))
            return true;
    return false;
}

SekStatus sek_code_payload_next(SekStr payload, size_t *at, SekStr *out) {
    static const SekStr mark = {"; value=\"", 9};
    ptrdiff_t found = sek_str_find(from(payload, *at), mark);
    if (found < 0)
        return SEK_END;
    size_t start = *at + (size_t)found + mark.len, end = payload.len;
    *at = payload.len;
    for (size_t i = start; i < payload.len; i++) {
        bool line_end = i + 1 == payload.len || payload.ptr[i + 1] == '\r' || payload.ptr[i + 1] == '\n';
        if (payload.ptr[i] == '"' && line_end && ends_value(sek_str_n(payload.ptr + i + 1,
            payload.len - i - 1 < 64 ? payload.len - i - 1 : 64))) {
            end = i;
            *at = i + 1;
            break;
        }
    }
    *out = sek_str_n(payload.ptr + start, end - start);
    return SEK_OK;
}

static const struct {
    const char *name;
    char c;
} references[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};

/* "&#38;" and "&#x26;"; 0 for anything else. */
static uint32_t numeric_reference(SekStr text, size_t *len) {
    bool hex = text.len > 3 && text.ptr[2] == 'x';
    size_t at = hex ? 3 : 2;
    uint32_t number = 0, base = hex ? 16 : 10;
    for (; at < text.len && at < 10 && text.ptr[at] != ';'; at++) {
        int digit = sek_hex_digit(text.ptr[at]);
        if (digit < 0 || (uint32_t)digit >= base)
            return 0;
        number = number * base + (uint32_t)digit;
    }
    *len = at + 1;
    return at < text.len && text.ptr[at] == ';' && number <= 0x10FFFF ? number : 0;
}

/* Appends the character that a reference stands for; returns its length, 0 when there is none. */
static size_t add_reference(SekStr text, SekBuf *out) {
    for (size_t i = 0; i < sizeof references / sizeof *references; i++)
        if (sek_str_starts(text, sek_str(references[i].name))) {
            sek_buf_addc(out, references[i].c);
            return strlen(references[i].name);
        }
    if (text.len < 3 || text.ptr[1] != '#')
        return 0;
    size_t len = 0;
    uint32_t c = numeric_reference(text, &len);
    if (c == 0 || (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    char utf8[4];
    sek_buf_add(out, utf8, sek_utf8_put(c, utf8));
    return len;
}

static void add_unescaped(SekStr text, SekBuf *out) {
    for (size_t i = 0; i < text.len;) {
        size_t len = text.ptr[i] == '&' ? add_reference(from(text, i), out) : 0;
        if (len == 0)
            sek_buf_addc(out, text.ptr[i++]);
        i += len;
    }
}

/* What stands in the first `open`...`close` of `xml`; an empty text when there is none. */
static SekStr element(SekStr xml, SekStr open, SekStr close) {
    ptrdiff_t start = sek_str_find(xml, open);
    if (start < 0)
        return SEK_STR("");
    SekStr rest = from(xml, (size_t)start + open.len);
    ptrdiff_t end = sek_str_find(rest, close);
    return end < 0 ? SEK_STR("") : sek_str_trim(sek_str_n(rest.ptr, (size_t)end));
}

/* The element may have an id: <Exec id="a">; <ExecutionTimeLimit> is another. */
static ptrdiff_t find_exec(SekStr xml) {
    ptrdiff_t plain = sek_str_find(xml, SEK_STR("<Exec>")), with_id = sek_str_find(xml, SEK_STR("<Exec "));
    return with_id < 0 || (plain >= 0 && plain < with_id) ? plain : with_id;
}

SekStatus sek_code_task_next(SekStr xml, size_t *at, SekBuf *out) {
    sek_buf_clear(out);
    SekStr rest = from(xml, *at);
    ptrdiff_t start = find_exec(rest);
    if (start < 0)
        return SEK_END;
    rest = from(rest, (size_t)start);
    ptrdiff_t end = sek_str_find(rest, SEK_STR("</Exec>"));
    SekStr action = end < 0 ? rest : sek_str_n(rest.ptr, (size_t)end);
    *at += (size_t)start + (end < 0 ? rest.len : (size_t)end);
    add_unescaped(element(action, SEK_STR("<Command>"), SEK_STR("</Command>")), out);
    SekStr arguments = element(action, SEK_STR("<Arguments>"), SEK_STR("</Arguments>"));
    if (arguments.len)
        sek_buf_addc(out, ' ');
    add_unescaped(arguments, out);
    return SEK_OK;
}
