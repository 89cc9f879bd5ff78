/* SPDX-License-Identifier: Apache-2.0 */

/* The cheap test for command lines and what cmd.exe reads: a text in which none of these signs stands gives no layer.
 * One pass over units of one or two bytes; wrong only in the direction of looking closer. */
#include "decode/languages.h"

static bool is_word(unsigned c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_blank(unsigned c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '@';
}

/* %name: - a variable that is cut or replaced in. */
static bool is_cut_variable(const SekUnits *u, size_t at) {
    size_t i = at + 1;
    while (i < u->n && i - at < 64 && sek_unit(u, i) != ':' && sek_unit(u, i) != '%' && sek_unit(u, i) != '!')
        i++;
    return i > at + 1 && i < u->n && sek_unit(u, i) == ':';
}

/* A comma, semicolon or equal sign where a command begins. `before` is the last unit that is no blank. */
static bool is_loose_separator(const SekUnits *u, size_t at, size_t before) {
    if (before == SIZE_MAX)
        return true;
    unsigned b = sek_unit(u, before);
    if (b == '&' || b == '|' || b == '(' || b == ',' || b == ';' || b == '"')
        return true;
    bool option = before > 0 && sek_unit(u, before - 1) == '/';
    if ((b | 0x20) != 'd' && (b | 0x20) != 'e' && (b | 0x20) != 'o') /* what the words below end with */
        return option;
    bool word = at > 0 && before + 1 <= at && (sek_units_at(u, before - (before > 1 ? 2 : 0), SEK_STR("cmd")) ||
                                               sek_units_at(u, before - (before > 1 ? 2 : 0), SEK_STR("exe")) ||
                                               sek_units_at(u, before - (before > 0 ? 1 : 0), SEK_STR("do")));
    return option || word;
}

/* The last unit before `at` that is no blank. */
static size_t before_blanks(const SekUnits *u, size_t at) {
    while (at > 0 && is_blank(sek_unit(u, at - 1)))
        at--;
    return at > 0 ? at - 1 : SIZE_MAX;
}

/* One look at a unit of interest; what is seen is kept in `seen`. */
enum { VARIABLE = 1, SET = 2, PIPE = 4, ECHO = 8 };

static bool looks_at(const SekUnits *u, size_t i, unsigned *seen) {
    unsigned c = sek_unit(u, i), next = i + 1 < u->n ? sek_unit(u, i + 1) : ' ';
    switch (c) {
    case '^':
        return true;
    case '%':
    case '!':
        *seen |= VARIABLE;
        return is_cut_variable(u, i);
    case '|':
        *seen |= PIPE;
        return false;
    case '"':
        return i > 0 && is_word(sek_unit(u, i - 1)) && (is_word(next) || next == '"' || next == '-');
    case ',':
    case ';':
    case '=':
        return is_loose_separator(u, i, before_blanks(u, i));
    case 's':
    case 'S':
        *seen |= sek_units_at(u, i, SEK_STR("set")) ? SET : 0u;
        return sek_units_at(u, i, SEK_STR("script:"));
    case '<':
        return sek_units_at(u, i, SEK_STR("<script"));
    case 'e':
    case 'E':
        *seen |= sek_units_at(u, i, SEK_STR("echo")) ? ECHO : 0u;
        return false;
    case 'f':
    case 'F':
        return sek_units_at(u, i, SEK_STR("for")) && i + 3 < u->n && !is_word(sek_unit(u, i + 3)) &&
               (i == 0 || !is_word(sek_unit(u, i - 1)));
    case 'p':
    case 'P':
        return sek_units_at(u, i, SEK_STR("powershell")) || sek_units_at(u, i, SEK_STR("pwsh"));
    default:
        return false;
    }
}

/* --- places ---------------------------------------------------------------------------------------- */

/* What units must follow each other for `looks_at` to have anything to say, told by their low bytes alone: sixteen
 * places at once, as every command line of every process is read and most have few such places. */
#define LANES 16u
typedef uint8_t Bytes __attribute__((vector_size(LANES))); /* GCC and Clang make it of what the processor has */

/* The low bytes of sixteen units. They must not go through memory: what is written by halves is read as a whole late. */
static inline Bytes bytes_at(const uint8_t *at, unsigned size) {
    Bytes first, second;
    memcpy(&first, at, sizeof first);
    if (size == 1)
        return first;
    memcpy(&second, at + LANES, sizeof second);
    return __builtin_shufflevector(first, second, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}

/* All bits of each byte that begins something of interest. Letters are those of set, script:; echo; for; powershell,
 * pwsh; <script. */
static inline Bytes interesting(Bytes c, Bytes next) {
    Bytes lower = c | 0x20, after = next | 0x20, o = (Bytes)(after == 'o'), letter_c = (Bytes)(after == 'c');
    Bytes always = (Bytes)(c == '^') | (Bytes)(c == '%') | (Bytes)(c == '!') | (Bytes)(c == '|') | (Bytes)(c == '"') |
                   (Bytes)(c == ',') | (Bytes)(c == ';') | (Bytes)(c == '=');
    return always | ((Bytes)(lower == 's') & ((Bytes)(after == 'e') | letter_c)) | ((Bytes)(lower == 'e') & letter_c) |
           ((Bytes)(lower == 'f') & o) | ((Bytes)(lower == 'p') & (o | (Bytes)(after == 'w'))) |
           ((Bytes)(c == '<') & (Bytes)(after == 's'));
}

/* Looks at the places among the eight units from `at` on, of which each has a byte; true when one of them says it all. */
static bool looks_at_each(const SekUnits *u, size_t at, uint64_t places, unsigned *seen) {
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
        places = __builtin_bswap64(places);
    for (; places; places &= ~((uint64_t)0xFF << (__builtin_ctzll(places) & ~7)))
        if (looks_at(u, at + (size_t)__builtin_ctzll(places) / 8, seen))
            return true;
    return false;
}

/* The same for the sixteen from `at` on, which stand, with one more, at `bytes`. */
static inline bool looks_at_block(const SekUnits *u, size_t at, const uint8_t *bytes, unsigned *seen) {
    Bytes found = interesting(bytes_at(bytes, u->size), bytes_at(bytes + u->size, u->size));
    uint64_t places[2];
    memcpy(places, &found, sizeof places);
    return (places[0] && looks_at_each(u, at, places[0], seen)) || (places[1] && looks_at_each(u, at + 8, places[1], seen));
}

bool sek_looks_cmd(const SekUnits *u) {
    uint8_t rest[2 * (LANES + 1)] = {0};
    unsigned seen = 0;
    size_t at = 0;
    for (; at + LANES < u->n; at += LANES)
        if (looks_at_block(u, at, u->bytes + u->size * at, &seen))
            return true;
    if (at < u->n) {
        memcpy(rest, u->bytes + u->size * at, u->size * (u->n - at));
        if (looks_at_block(u, at, rest, &seen))
            return true;
    }
    return (seen & (VARIABLE | SET)) == (VARIABLE | SET) || (seen & (PIPE | ECHO)) == (PIPE | ECHO);
}
