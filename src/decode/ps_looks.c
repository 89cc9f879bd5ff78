/* SPDX-License-Identifier: Apache-2.0 */

/* The cheap test for PowerShell: a text in which none of these signs stands gives no layer. One pass over
 * units of one or two bytes; wrong only in the direction of looking closer. */

#include "decode/languages.h"

static bool is_quote(unsigned c) {
    return c == '\'' || c == '"' || (c >= 0x2018 && c <= 0x201E) || c == 0xE2;
}

static bool is_word(unsigned c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c >= 0x80;
}

static unsigned near(const SekUnits *t, size_t at,
                     int step) { /* next unit that is no blank, in a direction */
    for (size_t i = at + (size_t)step; i < t->n; i += (size_t)step) {
        unsigned c = sek_unit(t, i);
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
            return c;
    }
    return 0;
}

/* Words by which values are made or run: commands, operators, members, types. Get-Item and the like are none:
 * behind a dash inside a word only what finds or runs code counts. */
static const char compound[] = "expression|variable|alias|command|";
/* By first letter. */
static const char *const words[26] = {
    ['a' - 'a'] = "addscript|aes|",
    ['c' - 'a'] = "char|cmd|concat|conhost|convert|",
    ['d' - 'a'] = "definition|",
    ['e' - 'a'] = "echo|encoding|",
    ['f' - 'a'] = "filter|foreach|forfiles|format(|function|",
    ['g' - 'a'] = "getc|getenvironmentvariable|getstring|gv|",
    ['i' - 'a'] = "icm|iex|insert|invoke|",
    ['j' - 'a'] = "join|",
    ['m' - 'a'] = "mshta|",
    ['n' - 'a'] = "nal|name|new |new-object|",
    ['o' - 'a'] = "out-string|",
    ['p' - 'a'] = "pad|password|powershell|pwsh|",
    ['r' - 'a'] = "readtoend|regex|remove(|replace|reverse|rundll32|",
    ['s' - 'a'] = "sal|saps|schtasks|script|select|split|start|string|substring|",
    ['t' - 'a'] = "tolower|tostring|toupper|trim|type|",
    ['u' - 'a'] = "unescape|urldecode|",
    ['v' - 'a'] = "value|variable|",
    ['w' - 'a'] = "where|wmic|write |write-output|",
};

static bool one_of(const SekUnits *t, size_t at, const char *list) {
    for (const char *end; (end = strchr(list, '|')) != NULL; list = end + 1)
        if (sek_units_at(t, at, sek_str_n(list, (size_t)(end - list))))
            return true;
    return false;
}

static bool telling_word(const SekUnits *t, size_t at) {
    bool dashed = at > 1 && sek_unit(t, at - 1) == '-' && is_word(sek_unit(t, at - 2));
    unsigned letter = (sek_unit(t, at) | 32) - 'a';
    if (dashed)
        return one_of(t, at, compound);
    return letter < 26 && words[letter] && one_of(t, at, words[letter]);
}

/* Whether a double-quoted text from `at` (behind the quote) expands something. */
static bool expands(const SekUnits *t, size_t at) {
    for (; at < t->n; at++) {
        unsigned c = sek_unit(t, at);
        if (c == '$')
            return true;
        if (c == '"' || c == 0x201C || c == 0x201D || c == 0x201E)
            return false;
    }
    return false;
}

static bool is_operand(unsigned c) {
    return is_quote(c) || c == '$' || c == '(' || c == '[' || c == ')';
}

/* & and . before a name that is put together, and . before one in quotes. */
static bool calls(const SekUnits *t, size_t at, unsigned c, unsigned next) {
    unsigned behind = near(t, at, 1);
    if (is_quote(next) || next == '(' || next == '$' || next == '{')
        return true;
    return c == '&' ? behind != '&' && behind != 0 : next == ' ' || next == '\t';
}

static bool is_dashed_operator(const SekUnits *t, size_t at, unsigned next) {
    unsigned letter = next | 32;
    if (at + 2 >= t->n)
        return false;
    if (letter == 'f' && !is_word(sek_unit(t, at + 2)))
        return true;
    return (letter == 'c' || letter == 'i') && telling_word(t, at + 2); /* -csplit, -ireplace */
}

static bool sign_at(const SekUnits *t, size_t at) {
    unsigned c = sek_unit(t, at), next = at + 1 < t->n ? sek_unit(t, at + 1) : 0;
    unsigned third = at + 2 < t->n ? sek_unit(t, at + 2) : 0;
    bool in_word = at > 0 && is_word(sek_unit(t, at - 1));
    switch (c) {
    case '`':
        return next != '\r' && next != '\n';
    case '+':
    case '*':
        return is_operand(near(t, at, 1)) || is_quote(near(t, at, -1)) || near(t, at, -1) == ')';
    case '&':
    case '.':
        return calls(t, at, c, next);
    case ':':
        return next == ':' && (is_quote(third) || third == '(' || third == '$');
    case '$':
    case '%':
    case '@':
        return next == '(' || next == '{' || (c == '%' && near(t, at, -1) == '|');
    case '[': {
        unsigned before = near(t, at, -1);
        return in_word || is_quote(before) || before == ')' || before == '}' || before == ']';
    }
    case '"':
        return expands(t, at + 1);
    case '-':
        return is_dashed_operator(t, at, next);
    default:
        break;
    }
    if (c == 0xE2 || (c >= 0x2013 && c <= 0x2015) || (c >= 0x2018 && c <= 0x201E))
        return true; /* a typographic dash or quote, 0xE2 in UTF-8 */
    return !in_word && c < 0x80 && is_word(c) && telling_word(t, at);
}

bool sek_looks_powershell(const SekUnits *t) {
    bool in_word = false;
    for (size_t at = 0; at < t->n; at++) {
        unsigned c = sek_unit(t, at);
        bool letter = c < 0x80 && is_word(c),
             quiet = c == ' ' || c == '\n' || c == '\r' || (letter && in_word);
        in_word = letter || c >= 0x80;
        if (!quiet && sign_at(t, at))
            return true;
    }
    return false;
}
