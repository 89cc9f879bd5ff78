/* SPDX-License-Identifier: Apache-2.0 */

/* Character classes of PowerShell's tokenizer (its language specification, section 2.2 and 2.3; the
 * typographic dashes and quotes are those that its tokenizer treats like the ASCII ones). No state, no
 * allocation. */

#include "decode/ps_lex.h"

#define CONTROL (SEK_PS_IN_WORD | SEK_PS_IN_SINGLE | SEK_PS_IN_DOUBLE)
#define BLANK (SEK_PS_IN_SINGLE | SEK_PS_IN_DOUBLE) /* ends a word */
#define STAYS SEK_PS_STAYS
#define TEXT (CONTROL | STAYS)
#define MARK (BLANK | STAYS)
#define LETTER (SEK_PS_LETTER | SEK_PS_NAME | TEXT)
#define DIGIT (SEK_PS_NAME | TEXT)
#define FOUR(from, class) [from] = class, [(from) + 1] = class, [(from) + 2] = class, [(from) + 3] = class
#define LETTERS(a)                                                                                           \
    FOUR(a, LETTER), FOUR(a + 4, LETTER), FOUR(a + 8, LETTER), FOUR(a + 12, LETTER), FOUR(a + 16, LETTER),    \
        FOUR(a + 20, LETTER), [a + 24] = LETTER, [a + 25] = LETTER

/* Nothing above ASCII has a class: there are blanks, dashes and quotes among it. */
const uint8_t sek_ps_classes[256] = {
    FOUR(0, CONTROL), FOUR(4, CONTROL), [8] = CONTROL, [9] = BLANK, [10] = BLANK, [11] = BLANK, [12] = BLANK,
    [13] = BLANK, [14] = CONTROL, [15] = CONTROL, FOUR(16, CONTROL), FOUR(20, CONTROL), FOUR(24, CONTROL), FOUR(28, CONTROL),
    [' '] = BLANK, ['!'] = TEXT, ['"'] = SEK_PS_IN_SINGLE | STAYS, ['#'] = CONTROL, ['$'] = SEK_PS_IN_SINGLE | STAYS,
    ['%'] = TEXT, ['&'] = MARK, ['\''] = SEK_PS_IN_DOUBLE | STAYS, ['('] = MARK, [')'] = MARK, ['*'] = TEXT,
    ['+'] = TEXT, [','] = MARK, ['-'] = TEXT, ['.'] = TEXT, ['/'] = TEXT, FOUR('0', DIGIT), FOUR('4', DIGIT),
    ['8'] = DIGIT, ['9'] = DIGIT, [':'] = TEXT, [';'] = MARK, ['<'] = BLANK, ['='] = TEXT, ['>'] = MARK,
    ['?'] = TEXT, ['@'] = TEXT, LETTERS('A'), ['['] = TEXT, ['\\'] = TEXT, [']'] = TEXT, ['^'] = TEXT,
    ['_'] = DIGIT, ['`'] = SEK_PS_IN_SINGLE, LETTERS('a'), ['{'] = MARK, ['|'] = MARK, ['}'] = MARK,
    ['~'] = TEXT, [127] = TEXT,
};

static unsigned two(SekStr s, size_t at) { /* the last two bytes of a 3-byte sequence E2 xx yy */
    return (unsigned)sek_ps_byte(s, at + 1) << 8 | sek_ps_byte(s, at + 2);
}

size_t sek_ps_wide_blank(SekStr s, size_t at) {
    unsigned char c = sek_ps_byte(s, at);
    if (c == 0xC2 && (sek_ps_byte(s, at + 1) == 0xA0 || sek_ps_byte(s, at + 1) == 0x85))
        return 2;
    if (c == 0xE2) {
        unsigned t = two(s, at);
        if ((t >= 0x8080 && t <= 0x808A) || t == 0x80AF || t == 0x819F || t == 0x80A8 || t == 0x80A9)
            return 3;
    }
    return c == 0xE3 && two(s, at) == 0x8080 ? 3 : 0; /* U+3000 */
}

static size_t between(SekStr s, size_t at, unsigned low_high) {
    unsigned t = two(s, at);
    return t >= (0x8000u | low_high >> 8) && t <= (0x8000u | (low_high & 0xFF)) ? 3 : 0;
}

size_t sek_ps_wide_dash(SekStr s, size_t at) {
    return between(s, at, 0x9395);
}
size_t sek_ps_wide_single(SekStr s, size_t at) {
    return between(s, at, 0x989B);
}
size_t sek_ps_wide_double(SekStr s, size_t at) {
    return between(s, at, 0x9C9E);
}

static size_t find(SekStr s, size_t at, char c) {
    const char *found = at < s.len ? memchr(s.ptr + at, c, s.len - at) : NULL;
    return found ? (size_t)(found - s.ptr) : s.len;
}

static size_t skip_line(SekStr s, size_t at) {
    return find(sek_str_n(s.ptr, find(s, at, '\n')), at, '\r');
}

static size_t skip_comment(SekStr s, size_t at) {
    for (size_t end = find(s, at + 3, '>'); end < s.len; end = find(s, end + 1, '>'))
        if (s.ptr[end - 1] == '#')
            return end + 1;
    return s.len;
}

size_t sek_ps_skip_on(SekStr s, size_t at, bool newlines) {
    while (at < s.len) {
        unsigned char c = (unsigned char)s.ptr[at];
        if (c == ' ' || (newlines && (c == '\n' || c == '\r'))) {
            at++;
            continue;
        }
        size_t n = sek_ps_blank(s, at);
        if (n == 0 && newlines)
            n = sek_ps_newline(s, at);
        if (n == 0 && c == '`') {
            size_t line = sek_ps_newline(s, at + 1);
            n = line ? line + 1 : 0;
        }
        if (n > 0)
            at += n;
        else if (c == '#')
            at = skip_line(s, at);
        else if (c == '<' && sek_ps_byte(s, at + 1) == '#')
            at = skip_comment(s, at);
        else
            break;
    }
    return at;
}

bool sek_ps_keyword(SekStr s, size_t at, SekStr lower) {
    if (lower.len > s.len - at)
        return false;
    for (size_t i = 0; i < lower.len; i++)
        if (sek_ascii_lower(s.ptr[at + i]) != lower.ptr[i])
            return false;
    unsigned char after = sek_ps_byte(s, at + lower.len);
    return !sek_ps_is_word(after) && after != '-';
}
