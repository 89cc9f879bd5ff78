/* SPDX-License-Identifier: Apache-2.0 */
/* A quote toggles wherever it stands: inside a quoted cell a doubled quote toggles twice, which is the
 * same as not at all, so that finding record ends needs one bit of state. Cells are looser than RFC 4180
 * where real exports are: text may stand before and behind the quotes of a cell. */
#include "format/csv.h"

#include "base/utf.h"

bool sek_csv_scan_record(SekCsvScan *scan, SekStr bytes, size_t *at) {
    for (size_t i = *at; i < bytes.len; i++) {
        char c = bytes.ptr[i];
        if (c == '"') {
            scan->in_quotes = !scan->in_quotes;
        } else if (c == '\n' && !scan->in_quotes) {
            *at = i + 1;
            return true;
        }
    }
    *at = bytes.len;
    return false;
}

size_t sek_csv_open_quote(SekStr bytes) {
    size_t opened = bytes.len;
    for (size_t at = 0; at < bytes.len; at++) {
        if (bytes.ptr[at] != '"')
            continue;
        if (opened == bytes.len)
            opened = at;
        else if (at + 1 < bytes.len && bytes.ptr[at + 1] == '"')
            at++; /* a doubled one is text */
        else
            opened = bytes.len;
    }
    return opened;
}

char sek_csv_separator(SekStr header) {
    static const char known[] = {',', ';', '\t', '|'};
    size_t counts[sizeof known] = {0}, best = 0;
    bool in_quotes = false;
    for (size_t i = 0; i < header.len; i++) {
        if (header.ptr[i] == '"')
            in_quotes = !in_quotes;
        for (size_t k = 0; k < sizeof known && !in_quotes; k++)
            counts[k] += header.ptr[i] == known[k];
    }
    for (size_t k = 1; k < sizeof known; k++)
        if (counts[k] > counts[best])
            best = k;
    return counts[best] ? known[best] : 0;
}

/* Where the cell at `at` ends. */
static size_t cell_end(SekStr s, size_t at, char separator) {
    bool in_quotes = false;
    for (; at < s.len; at++) {
        if (s.ptr[at] == '"')
            in_quotes = !in_quotes;
        else if (s.ptr[at] == separator && !in_quotes)
            break;
    }
    return at;
}

/* Copies a cell without its quotes, doubled ones as one, malformed UTF-8 as U+FFFD. */
static SekStatus unquote(SekStr raw, SekArena *arena, SekStr *out) {
    char *text = sek_arena_alloc(arena, 3 * raw.len + 4);
    if (!text)
        return SEK_ERR_MEMORY;
    size_t len = 0;
    bool in_quotes = false;
    for (size_t at = 0; at < raw.len;) {
        if (raw.ptr[at] == '"') {
            bool doubled = in_quotes && at + 1 < raw.len && raw.ptr[at + 1] == '"';
            if (doubled)
                text[len++] = '"';
            else
                in_quotes = !in_quotes;
            at += doubled ? 2 : 1;
            continue;
        }
        len += sek_utf8_put(sek_utf8_next(raw, &at), text + len);
    }
    *out = sek_str_n(text, len);
    return SEK_OK;
}

static SekStatus take_cell(SekStr raw, SekArena *arena, SekStr *out) {
    bool quoted = raw.len > 1 && raw.ptr[0] == '"' && raw.ptr[raw.len - 1] == '"';
    SekStr inner = quoted ? sek_str_n(raw.ptr + 1, raw.len - 2) : raw;
    bool plain = !inner.len || !memchr(inner.ptr, '"', inner.len);
    if (plain && sek_utf8_valid(inner)) {
        *out = inner;
        return SEK_OK;
    }
    return unquote(raw, arena, out);
}

SekStatus sek_csv_cells(SekStr record, char separator, SekArena *arena, SekCsvCells *out) {
    while (record.len && (record.ptr[record.len - 1] == '\n' || record.ptr[record.len - 1] == '\r'))
        record.len--;
    uint32_t cap = 1;
    for (size_t i = 0; i < record.len && cap < SEK_CSV_MAX_CELLS; i++)
        cap += record.ptr[i] == separator;
    SekCsvCells cells = {.cells = SEK_ARENA_ARRAY(arena, SekStr, cap), .raw = SEK_ARENA_ARRAY(arena, SekStr, cap)};
    if (!cells.cells || !cells.raw)
        return SEK_ERR_MEMORY;
    for (size_t at = 0; at <= record.len;) {
        if (cells.n == cap) {
            cells.more = true;
            break;
        }
        size_t end = cell_end(record, at, separator);
        cells.raw[cells.n] = sek_str_n(record.ptr + at, end - at);
        SekStatus status = take_cell(cells.raw[cells.n], arena, &cells.cells[cells.n]);
        if (status != SEK_OK)
            return status;
        cells.n++;
        at = end + 1;
    }
    *out = cells;
    return SEK_OK;
}

size_t sek_csv_undouble(SekStr inner, char *out) {
    size_t len = 0;
    for (size_t at = 0; at < inner.len;) {
        const char *quote = memchr(inner.ptr + at, '"', inner.len - at);
        size_t n = (quote ? (size_t)(quote - inner.ptr) + 1 : inner.len) - at;
        memcpy(out + len, inner.ptr + at, n);
        len += n;
        at += n + (quote != NULL);
    }
    return len;
}
