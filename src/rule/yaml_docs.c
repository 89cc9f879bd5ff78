/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/yaml.h"

/* Cutting a YAML text into documents, by lines and without understanding anything else.
 * A line ends at LF, CR or CRLF. Invariant: `cursor->at` is always the start of a line. */

#define BOM "\xEF\xBB\xBF"

typedef struct Line {
    SekStr text; /* without its line break */
    size_t start, next;
    uint32_t number;
} Line;

static bool peek_line(const SekYamlCursor *cursor, Line *out) {
    if (cursor->at >= cursor->text.len)
        return false;
    SekStr text = cursor->text;
    size_t start = cursor->at;
    /* Files with a byte order mark are sometimes simply joined: it may stand before each. */
    if (sek_str_starts(sek_str_n(text.ptr + start, text.len - start), SEK_STR(BOM)))
        start += sizeof BOM - 1;
    size_t end = start;
    while (end < text.len && text.ptr[end] != '\n' && text.ptr[end] != '\r')
        end++;
    size_t next = end;
    if (next < text.len)
        next += text.ptr[end] == '\r' && end + 1 < text.len && text.ptr[end + 1] == '\n' ? 2 : 1;
    *out = (Line){sek_str_n(text.ptr + start, end - start), start, next, cursor->line};
    return true;
}

static void take_line(SekYamlCursor *cursor, const Line *line) {
    cursor->at = line->next;
    cursor->line++;
}

static bool is_marker(SekStr line, const char *marker) {
    if (!sek_str_starts(line, sek_str_n(marker, 3)))
        return false;
    return line.len == 3 || line.ptr[3] == ' ' || line.ptr[3] == '\t';
}

static bool is_blank_or_comment(SekStr line) {
    SekStr rest = sek_str_trim(line);
    return rest.len == 0 || rest.ptr[0] == '#';
}

SekYamlCursor sek_yaml_cursor(SekStr text) {
    return (SekYamlCursor){.text = text, .line = 1};
}

/* Moves to the first line of the next document; `*out_first` is that line, and `*out_parse` where
 * the parser must start (a directive belongs to the document behind it). */
static bool find_start(SekYamlCursor *cursor, Line *out_first, Line *out_parse) {
    bool directive = false;
    Line line;
    while (peek_line(cursor, &line)) {
        bool marker = is_marker(line.text, "---");
        if (is_marker(line.text, "...")) {
            directive = false;
        } else if (marker || !is_blank_or_comment(line.text)) {
            if (!directive)
                *out_parse = line;
            *out_first = line;
            if (marker || line.text.ptr[0] != '%')
                return true;
            directive = true;
        }
        take_line(cursor, &line);
    }
    return directive; /* directives with no document: the parser says what is wrong */
}

/* The body starts on the marker's own line when something stands there. */
static void find_body(SekYamlDoc *doc, SekStr text, const Line *first, size_t end) {
    size_t at = first->start;
    uint32_t number = first->number;
    if (is_marker(first->text, "---")) {
        SekStr rest = sek_str_n(first->text.ptr + 3, first->text.len - 3);
        at = is_blank_or_comment(rest) ? first->next : at + 3;
        while (at < first->start + first->text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t'))
            at++;
        number += is_blank_or_comment(rest);
    }
    SekYamlCursor cursor = {sek_str_n(text.ptr, end), at, number};
    Line line;
    while (peek_line(&cursor, &line) && sek_str_trim(line.text).len == 0)
        take_line(&cursor, &line);
    SekStr tail = {text.ptr + cursor.at, cursor.at < end ? end - cursor.at : 0};
    doc->body =
        sek_str_n(tail.ptr, (size_t)(sek_str_trim(tail).ptr - tail.ptr) + sek_str_trim(tail).len);
    doc->body_line = cursor.line;
}

bool sek_yaml_next(SekYamlCursor *cursor, SekYamlDoc *out) {
    Line first, parse, line;
    if (!find_start(cursor, &first, &parse))
        return false;
    while (cursor->at < first.next && peek_line(cursor, &line))
        take_line(cursor, &line);
    size_t end = cursor->at;
    while (peek_line(cursor, &line) && !is_marker(line.text, "---")) {
        take_line(cursor, &line);
        if (is_marker(line.text, "..."))
            break;
        end = cursor->at;
    }
    out->parse = sek_str_n(cursor->text.ptr + parse.start, end - parse.start);
    out->line = parse.number;
    find_body(out, cursor->text, &first, end);
    return true;
}
