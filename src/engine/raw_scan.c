/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/raw_scan.h"

#include "base/utf.h"
#include "engine/guard_cost.h"

#include <math.h>

void sek_raw_scan_init(SekRawScan *scan) {
    SekRawNext wider = sek_raw_next_avx512(), wide = wider ? wider : sek_raw_next_avx2();
    *scan = (SekRawScan){.shortest = SIZE_MAX, .next = wide ? wide : sek_raw_next_plain};
}

/* --- building ------------------------------------------------------------------------------------ */

/* How often the bytes that two halves of a table entry admit are expected. */
static double passed(uint32_t low, uint32_t high) {
    double sum = 0;
    for (uint32_t h = high; h; h &= h - 1)
        for (uint32_t l = low; l; l &= l - 1)
            sum += sek_byte_counts[__builtin_ctz(h) << 4 | __builtin_ctz(l)];
    return sum;
}

typedef struct Halves {
    uint32_t low, high; /* bit x: half-byte x is admitted */
} Halves;

static void admit(Halves *h, uint8_t byte) {
    h->low |= 1u << (byte & 15);
    h->high |= 1u << (byte >> 4);
}

/* The low bytes of all characters that fold to `c`: beside the two letters the long s (U+017F) and the
 * sign for Kelvin (U+212A) fold to ASCII (Unicode CaseFolding.txt). */
static void admit_folded(Halves *h, char c) {
    admit(h, (uint8_t)c);
    if (c >= 'a' && c <= 'z')
        admit(h, (uint8_t)(c - 32));
    if (c == 's')
        admit(h, 0x7f);
    if (c == 'k')
        admit(h, 0x2a);
}

/* The same by whole characters. */
static void admit_ascii(uint8_t table[128], char c, uint8_t bit) {
    table[(uint8_t)c] |= bit;
    if (c >= 'a' && c <= 'z')
        table[(uint8_t)(c - 32)] |= bit;
    if (c == 's')
        table[0x7f] |= bit;
    if (c == 'k')
        table[0x2a] |= bit;
}

static double window_cost(SekStr literal, size_t at) {
    double cost = 1;
    for (uint32_t i = 0; i < SEK_RAW_WINDOW; i++) {
        Halves h = {0};
        admit_folded(&h, literal.ptr[at + i]);
        cost *= passed(h.low, h.high);
    }
    return cost;
}

/* ASCII; with `plain`, only what JSON writes as it is. */
static bool is_usable(char c, bool plain) {
    return !(c & 0x80) && !(plain && (c == '"' || c == '\\' || c == '/' || (uint8_t)c < 0x20));
}

static bool is_window(SekStr literal, size_t at, bool plain) {
    bool usable = true;
    for (size_t i = at; i < at + SEK_RAW_WINDOW; i++)
        usable = usable && is_usable(literal.ptr[i], plain);
    return usable;
}

/* The usable characters of the literal around its rarest window; empty if there is none. */
static SekRawLiteral around_window(SekStr literal, bool plain) {
    size_t best = literal.len;
    double least = INFINITY;
    for (size_t at = 0; at + SEK_RAW_WINDOW <= literal.len; at++) {
        if (!is_window(literal, at, plain) || window_cost(literal, at) >= least)
            continue;
        least = window_cost(literal, at);
        best = at;
    }
    size_t first = best, end = best;
    while (first > 0 && best < literal.len && is_usable(literal.ptr[first - 1], plain))
        first--;
    while (end < literal.len && is_usable(literal.ptr[end], plain))
        end++;
    return (SekRawLiteral){.text = {literal.ptr + first, end - first}, .window = (uint32_t)(best - first)};
}

static Halves halves_of(const SekRawScan *scan, uint32_t place, uint32_t set) {
    Halves h = {0};
    for (uint32_t x = 0; x < 16; x++) {
        h.low |= (uint32_t)(scan->tables[place][0][x] >> set & 1) << x;
        h.high |= (uint32_t)(scan->tables[place][1][x] >> set & 1) << x;
    }
    return h;
}

/* How much more a set lets pass once `text` is in it. */
static double growth(const SekRawScan *scan, const char *text, uint32_t set) {
    double before = 1, after = 1;
    for (uint32_t i = 0; i < SEK_RAW_WINDOW; i++) {
        Halves h = halves_of(scan, i, set);
        before *= passed(h.low, h.high);
        admit_folded(&h, text[i]);
        after *= passed(h.low, h.high);
    }
    return after - before;
}

bool sek_raw_scan_add(SekRawScan *scan, SekStr literal) {
    SekRawLiteral found = around_window(literal, true);
    bool escaped = found.text.len == 0;
    if (escaped)
        found = around_window(literal, false);
    if (found.text.len == 0 || scan->n == SEK_RAW_MAX)
        return false;
    scan->escaped = scan->escaped || escaped;
    const char *text = found.text.ptr + found.window;
    uint32_t best = 0;
    double least = INFINITY;
    for (uint32_t set = 0; set < SEK_RAW_SETS; set++) {
        double more = growth(scan, text, set);
        best = more < least ? set : best;
        least = more < least ? more : least;
    }
    uint8_t bit = (uint8_t)(1u << best);
    for (uint32_t i = 0; i < SEK_RAW_WINDOW; i++) {
        Halves h = {0};
        admit_folded(&h, text[i]);
        for (uint32_t x = 0; x < 16; x++) {
            scan->tables[i][0][x] |= h.low >> x & 1 ? bit : 0;
            scan->tables[i][1][x] |= h.high >> x & 1 ? bit : 0;
        }
        admit_ascii(scan->ascii[i], text[i], bit);
    }
    scan->shortest = found.text.len < scan->shortest ? found.text.len : scan->shortest;
    found.next = scan->first[best];
    scan->literals[scan->n++] = found;
    scan->first[best] = (uint8_t)scan->n;
    return true;
}

/* --- asking -------------------------------------------------------------------------------------- */

static inline uint8_t sets_at(const SekRawScan *scan, const uint8_t *bytes, unsigned unit) {
    uint8_t sets = 0xff, beyond = 0;
    for (uint32_t i = 0; i < SEK_RAW_WINDOW; i++) {
        sets &= scan->ascii[i][bytes[unit * i] & 0x7f];
        beyond |= bytes[unit * i];
    }
    return beyond & 0x80 ? 0 : sets;
}

size_t sek_raw_next_plain(const SekRawScan *scan, const uint8_t *bytes, size_t n, size_t at, unsigned unit) {
    size_t span = unit * (SEK_RAW_WINDOW - 1) + 1; /* bytes from the first low byte to the last */
    for (; at + span <= n; at++)
        if (sets_at(scan, bytes + at, unit))
            return at;
    return n;
}

/* True when the code unit at `p` folds to the ASCII character. */
static inline bool folds_to(const uint8_t *p, char c) {
    if (p[1] == 0 && p[0] < 0x80)
        return sek_ascii_lower((char)p[0]) == c;
    return sek_fold_cp((uint32_t)(p[0] | p[1] << 8)) == (uint8_t)c;
}

/* True when the code units around the window at `at` fold to the literal's characters: those of the window first, as
 * others may have let it pass. */
static bool stands_wide(const SekRawLiteral *literal, const uint8_t *bytes, size_t n, size_t at) {
    SekStr text = literal->text;
    if (at < 2 * (size_t)literal->window || n - (at - 2 * literal->window) < 2 * text.len)
        return false;
    for (size_t i = 0; i < SEK_RAW_WINDOW; i++)
        if (!folds_to(bytes + at + 2 * i, text.ptr[literal->window + i]))
            return false;
    bytes += at - 2 * literal->window;
    for (size_t i = 0; i < text.len; i++)
        if (!folds_to(bytes + 2 * i, text.ptr[i]))
            return false;
    return true;
}

static bool stands(const SekRawLiteral *literal, const uint8_t *bytes, size_t n, size_t at) {
    SekStr text = literal->text;
    if (at < literal->window || n - (at - literal->window) < text.len)
        return false;
    bytes += at - literal->window;
    for (size_t i = 0; i < text.len; i++)
        if (sek_ascii_lower((char)bytes[i]) != text.ptr[i])
            return false;
    return true;
}

typedef bool (*Stands)(const SekRawLiteral *literal, const uint8_t *bytes, size_t n, size_t at);

/* True when a literal of one of the sets stands around the window at `at`. */
static inline bool any_stands(const SekRawScan *scan, const uint8_t *bytes, size_t n, size_t at, Stands is) {
    for (uint32_t sets = sets_at(scan, bytes + at, is == stands_wide ? 2 : 1); sets; sets &= sets - 1)
        for (uint32_t i = scan->first[__builtin_ctz(sets)]; i; i = scan->literals[i - 1].next)
            if (is(&scan->literals[i - 1], bytes, n, at))
                return true;
    return false;
}

bool sek_raw_scan_hits(const SekRawScan *scan, const uint8_t *bytes, size_t n) {
    for (size_t at = scan->next(scan, bytes, n, 0, 2); at < n; at = scan->next(scan, bytes, n, at + 1, 2))
        if (any_stands(scan, bytes, n, at, stands_wide))
            return true;
    return false;
}

bool sek_raw_scan_text_hits(const SekRawScan *scan, const uint8_t *text, size_t n) {
    for (size_t at = scan->next(scan, text, n, 0, 1); at < n; at = scan->next(scan, text, n, at + 1, 1))
        if (any_stands(scan, text, n, at, stands))
            return true;
    return false;
}
