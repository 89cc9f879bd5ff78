/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/regex_hint.h"

#include "engine/guard_cost.h"

#include <string.h>

#define RUN_MAX 1024u
#define PAIR_MAX 500000u /* of 100 million: a pair that is met more often than at each 200th byte spares nothing */

/* A part of the expression that stands for one character, at least `least` times. */
typedef struct Item {
    uint64_t set[4];
    uint32_t least; /* 0: nothing is known of what stands here */
    int single;     /* the only character of the set, or -1 */
} Item;

typedef struct Reader {
    SekStr re;
    size_t at;
    bool ignore_case, failed;
} Reader;

static bool has(const uint64_t set[4], uint8_t c) {
    return set[c >> 6] >> (c & 63) & 1;
}

static void add_range(uint64_t set[4], unsigned from, unsigned to) {
    for (unsigned c = from; c <= to; c++)
        set[c >> 6] |= (uint64_t)1 << (c & 63);
}

/* Characters beyond ASCII, and what folding makes of them: letters (the Kelvin sign is a k) and other such characters. */
static void add_beyond(uint64_t set[4]) {
    add_range(set, 0x80, 0xFF);
    add_range(set, 'a', 'z');
}

/* An ASCII character as it is folded. One that has a case may be matched by some beyond ASCII. */
static void add_char(Reader *r, uint64_t set[4], unsigned c) {
    bool letter = ((c | 32) >= 'a' && (c | 32) <= 'z');
    c = letter ? c | 32 : c;
    add_range(set, c, c);
    if (letter && r->ignore_case)
        add_beyond(set);
}

static bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What follows a backslash, \w, \d, \s or punctuation; returns the character that it stands for, or -1. */
static int read_escape(Reader *r, uint64_t set[4]) {
    char c = r->at < r->re.len ? r->re.ptr[r->at++] : 'Q';
    if (!is_letter_or_digit(c) && (uint8_t)c < 0x80) {
        add_char(r, set, (uint8_t)c);
        return (uint8_t)c;
    }
    r->failed = r->failed || (c != 'w' && c != 'd' && c != 's');
    add_range(set, 0x80, 0xFF);
    if (c == 's') {
        add_range(set, '\t', '\r');
        add_range(set, ' ', ' ');
    } else {
        add_range(set, '0', '9');
    }
    if (c == 'w') {
        add_beyond(set);
        add_range(set, '_', '_');
    }
    return -1;
}

/* A class, behind its bracket. */
static void read_class(Reader *r, Item *item) {
    SekStr re = r->re;
    bool others = r->at < re.len && re.ptr[r->at] == '^';
    r->at += others;
    size_t first = r->at;
    while (!r->failed && r->at < re.len && (re.ptr[r->at] != ']' || r->at == first)) {
        char c = re.ptr[r->at++];
        int from = (uint8_t)c;
        if (c == '[' || (uint8_t)c >= 0x80) {
            r->failed = true;
        } else if (c == '\\') {
            from = read_escape(r, item->set);
        } else {
            add_char(r, item->set, (uint8_t)c);
        }
        if (r->at + 1 >= re.len || re.ptr[r->at] != '-' || re.ptr[r->at + 1] == ']')
            continue;
        int to = (uint8_t)re.ptr[r->at + 1]; /* a range: of letters or digits, or nothing is understood */
        r->failed = r->failed || from < 0 || !is_letter_or_digit((char)from) || !is_letter_or_digit((char)to);
        for (int k = from; k <= to && !r->failed; k++)
            add_char(r, item->set, (unsigned)k);
        r->at += 2;
    }
    r->failed = r->failed || r->at >= re.len;
    r->at++;
    if (others)
        add_range(item->set, 0, 0xFF);
}

/* A group, at its bracket: nothing is known of it. */
static void skip_group(Reader *r) {
    size_t depth = 0;
    do {
        char c = r->at < r->re.len ? r->re.ptr[r->at] : 0;
        Item inside = {.single = -1};
        r->failed = r->failed || r->at >= r->re.len;
        r->at++;
        depth += c == '(';
        depth -= c == ')';
        if (c == '(' && r->at < r->re.len && r->re.ptr[r->at] == '*')
            r->failed = true;
        if (c == '(' && r->at + 1 < r->re.len && r->re.ptr[r->at] == '?' && r->re.ptr[r->at + 1] != ':')
            r->failed = true; /* modes, names, looks around */
        if (c == '\\')
            (void)read_escape(r, inside.set);
        else if (c == '[')
            read_class(r, &inside);
    } while (depth > 0 && !r->failed);
}

static uint32_t read_number(Reader *r) {
    uint32_t n = 0;
    size_t start = r->at;
    for (; r->at < r->re.len && r->re.ptr[r->at] >= '0' && r->re.ptr[r->at] <= '9' && n < RUN_MAX; r->at++)
        n = n * 10 + (uint32_t)(r->re.ptr[r->at] - '0');
    r->failed = r->failed || r->at == start || n >= RUN_MAX;
    return n;
}

/* How often the item before must stand: a quantifier and what may follow it. */
static uint32_t read_least(Reader *r) {
    char c = r->at < r->re.len ? r->re.ptr[r->at] : 0;
    uint32_t least = 1;
    if (c != '*' && c != '+' && c != '?' && c != '{')
        return 1;
    r->at++;
    if (c == '{') {
        least = read_number(r);
        while (r->at < r->re.len && (r->re.ptr[r->at] == ',' || (r->re.ptr[r->at] >= '0' && r->re.ptr[r->at] <= '9')))
            r->at++;
        r->failed = r->failed || r->at >= r->re.len || r->re.ptr[r->at++] != '}';
    }
    if (r->at < r->re.len && (r->re.ptr[r->at] == '?' || r->re.ptr[r->at] == '+'))
        r->at++; /* lazy, possessive */
    return c == '*' || c == '?' ? 0 : least;
}

static Item read_item(Reader *r) {
    Item item = {.single = -1, .least = 1};
    char c = r->re.ptr[r->at];
    if (c == '(') {
        skip_group(r);
        item.least = 0;
        (void)read_least(r);
        return item;
    }
    r->at++;
    if (c == '[') {
        read_class(r, &item);
    } else if (c == '\\') {
        item.single = read_escape(r, item.set);
    } else if (strchr(".^$", c)) {
        item.least = 0;
    } else {
        r->failed = r->failed || (uint8_t)c >= 0x80 || strchr("|)*+?{}]", c);
        add_char(r, item.set, (uint8_t)c);
        item.single = (uint8_t)c;
    }
    if (item.single >= 0 && is_letter_or_digit((char)item.single)) /* it has a case: a class of one or more */
        item.single = r->ignore_case ? -1 : item.single | ((item.single >= 'A' ? 32 : 0));
    uint32_t least = read_least(r);
    item.least = item.least ? least : 0;
    return item;
}

/* How often bytes of the set are met, as a share of 10,000. */
static unsigned share(const uint64_t set[4]) {
    unsigned sum = 0;
    for (unsigned c = 0; c < 256; c++)
        sum += has(set, (uint8_t)c) ? sek_byte_counts[c] : 0;
    return sum;
}

static void take_pair(SekRegexHint *hint, unsigned *best, const Item *lead, const Item *other, bool behind) {
    if (lead->single <= 0 || lead->least == 0 || other->least == 0)
        return;
    unsigned often = share(lead->set) * share(other->set);
    if (often >= *best)
        return;
    *best = often;
    memcpy(hint->set, other->set, sizeof hint->set);
    hint->lead = (uint8_t)lead->single;
    hint->behind = behind;
}

SekRegexHint sek_regex_hint(SekStr pattern, bool ignore_case) {
    bool mode = pattern.len > 4 && memcmp(pattern.ptr, "(?i)", 4) == 0;
    Reader r = {.re = pattern, .at = mode ? 4 : 0, .ignore_case = ignore_case || mode};
    SekRegexHint hint = {0};
    Item last = {.single = -1};
    unsigned best = PAIR_MAX;
    while (r.at < r.re.len && !r.failed) {
        Item item = read_item(&r);
        if (item.least >= SEK_HINT_RUN && item.least > hint.run) {
            hint = (SekRegexHint){.run = (uint16_t)item.least};
            memcpy(hint.set, item.set, sizeof hint.set);
        }
        if (hint.run == 0) {
            take_pair(&hint, &best, &last, &item, true);
            take_pair(&hint, &best, &item, &last, false);
        }
        last = item;
    }
    return r.failed ? (SekRegexHint){0} : hint;
}

/* Looks at every so many bytes, and from one of the set backward. */
static bool run_stands(const SekRegexHint *hint, SekStr text) {
    for (size_t at = hint->run - 1u; at < text.len;) {
        size_t n = 0;
        while (n < hint->run && has(hint->set, (uint8_t)text.ptr[at - n]))
            n++;
        if (n == hint->run)
            return true;
        at += hint->run - n;
    }
    return false;
}

static bool pair_stands(const SekRegexHint *hint, SekStr text) {
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; at < end && (at = memchr(at, hint->lead, (size_t)(end - at))) != NULL; at++)
        if (hint->behind ? at + 1 < end && has(hint->set, (uint8_t)at[1]) : at > text.ptr && has(hint->set, (uint8_t)at[-1]))
            return true;
    return false;
}

bool sek_regex_hint_holds(const SekRegexHint *hint, SekStr folded) {
    if (hint->run)
        return run_stands(hint, folded);
    return !hint->lead || pair_stands(hint, folded);
}
