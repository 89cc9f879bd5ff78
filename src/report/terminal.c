/* SPDX-License-Identifier: Apache-2.0 */
#include "report/terminal.h"

#include "base/json_text.h"
#include "base/utf.h"

#include <utf8proc.h>

#define CELL_MAX (1u << 20)

static unsigned cp_width(uint32_t cp) {
    int width = utf8proc_charwidth((utf8proc_int32_t)cp);
    return width > 0 ? (unsigned)width : 0;
}

unsigned sek_text_width(SekStr text) {
    unsigned width = 0;
    for (size_t i = 0; i < text.len;)
        width += cp_width(sek_utf8_next(text, &i));
    return width;
}

/* Bytes of `text` that fit into `columns`; their width in `*width`. */
static size_t fitting(SekStr text, unsigned columns, unsigned *width) {
    size_t at = 0;
    *width = 0;
    while (at < text.len) {
        size_t next = at;
        unsigned w = cp_width(sek_utf8_next(text, &next));
        if (*width + w > columns)
            break;
        *width += w;
        at = next;
    }
    return at;
}

static void add_blanks(SekBuf *out, size_t n) {
    for (; n; n--)
        sek_buf_addc(out, ' ');
}

/* What nearly every cell is: one column a byte, nothing to quote. Looks no further than the cell shows. */
static bool is_plain(SekStr text, unsigned columns) {
    for (size_t i = 0; i < text.len && i <= columns; i++)
        if (text.ptr[i] < 0x20 || text.ptr[i] > 0x7E)
            return false;
    return true;
}

void sek_add_cell(SekBuf *out, SekStr text, unsigned columns, bool pad) {
    if (is_plain(text, columns) && text.len <= columns) {
        sek_buf_add_str(out, text);
        add_blanks(out, pad ? columns - text.len : 0);
        return;
    }
    if (is_plain(text, columns) && columns > 0) {
        sek_buf_add(out, text.ptr, columns - 1);
        sek_buf_adds(out, "\xe2\x80\xa6"); /* U+2026 */
        return;
    }
    SekBuf quoted;
    sek_buf_init(&quoted, CELL_MAX);
    /* What does not fit is not worth quoting: a character never takes more than 4 bytes. */
    if (text.len > (size_t)columns * 4 + 4)
        text.len = (size_t)columns * 4 + 4;
    sek_quote_line(&quoted, text);
    SekStr whole = sek_buf_str(&quoted);
    unsigned width;
    size_t n = fitting(whole, columns, &width);
    if (n < whole.len && columns > 0) {
        n = fitting(whole, columns - 1, &width);
        sek_buf_add(out, whole.ptr, n);
        sek_buf_adds(out, "\xe2\x80\xa6"); /* U+2026 */
        width++;
    } else {
        sek_buf_add(out, whole.ptr, n);
    }
    add_blanks(out, pad && width < columns ? columns - width : 0);
    sek_buf_deinit(&quoted);
}

void sek_add_style(SekBuf *out, SekStyle style, bool colour) {
    static const char *const codes[] = {
        [SEK_STYLE_PLAIN] = "\033[0m",        [SEK_STYLE_BOLD] = "\033[1m",
        [SEK_STYLE_DIM] = "\033[2m",          [SEK_STYLE_CRITICAL] = "\033[1;97;41m",
        [SEK_STYLE_HIGH] = "\033[1;31m",      [SEK_STYLE_MEDIUM] = "\033[33m",
        [SEK_STYLE_LOW] = "\033[36m",         [SEK_STYLE_INFORMATIONAL] = "\033[2m",
    };
    if (colour)
        sek_buf_adds(out, codes[style]);
}

SekStyle sek_level_style(SekLevel level) {
    static const SekStyle styles[] = {SEK_STYLE_INFORMATIONAL, SEK_STYLE_LOW, SEK_STYLE_MEDIUM,
                                      SEK_STYLE_HIGH, SEK_STYLE_CRITICAL};
    return styles[level];
}
