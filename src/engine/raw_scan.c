/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/raw_scan.h"

#include "base/bytes.h"
#include "base/utf.h"
#include "engine/guard_cost.h"

#include <math.h>

void sek_raw_scan_init(SekRawScan *scan) {
    SekRawHits wider = sek_raw_hits_avx512(), wide = wider ? wider : sek_raw_hits_avx2();
    *scan = (SekRawScan){.shortest = SIZE_MAX, .hits = wide ? wide : sek_raw_hits_plain};
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

/* What the window's place `i` admits; behind a short window anything. */
static Halves place_of(const char *window, uint32_t n, uint32_t i) {
    Halves h = {0};
    if (i < n)
        admit_folded(&h, window[i]);
    else
        h = (Halves){0xffff, 0xffff};
    return h;
}

#define COUNTED 10000.0    /* sek_byte_counts are of so many */
#define VALUE_PLACES 5e7   /* where a window may stand, in a million values */

/* How often a window is expected in a million values: what was counted, and what its characters make likely. */
static double window_cost(const SekCostField *any, const char *window, uint32_t n) {
    double likely = VALUE_PLACES;
    for (uint32_t i = 0; i < n; i++) {
        Halves h = place_of(window, n, i);
        likely *= passed(h.low, h.high) / COUNTED;
    }
    return n < SEK_RAW_WINDOW ? likely : likely + sek_cost_window(any, sek_le32((const uint8_t *)window));
}

/* ASCII; with `plain`, only what text that is read writes as it is: JSON has escapes, and GUIDs may lack their braces. */
static bool is_usable(char c, bool plain) {
    bool respelled = c == '"' || c == '\\' || c == '/' || (uint8_t)c < 0x20 || c == '{' || c == '}';
    return !(c & 0x80) && !(plain && respelled);
}

static bool is_window(SekStr literal, size_t at, uint32_t n, bool plain) {
    bool usable = true;
    for (size_t i = at; i < at + n; i++)
        usable = usable && is_usable(literal.ptr[i], plain);
    return usable;
}

/* The usable characters of the literal around its rarest window of `n` characters; empty if there is none. */
static SekRawLiteral around_window(SekStr literal, uint32_t n, bool plain) {
    SekCostField any = sek_cost_field(SEK_STR("*"));
    size_t best = literal.len;
    double least = INFINITY;
    for (size_t at = 0; at + n <= literal.len; at++) {
        double cost = is_window(literal, at, n, plain) ? window_cost(&any, literal.ptr + at, n) : INFINITY;
        best = cost < least ? at : best;
        least = cost < least ? cost : least;
    }
    size_t first = best, end = best;
    while (first > 0 && best < literal.len && is_usable(literal.ptr[first - 1], plain))
        first--;
    while (end < literal.len && is_usable(literal.ptr[end], plain))
        end++;
    return (SekRawLiteral){.text = {literal.ptr + first, end - first}, .window = (uint32_t)(best - first), .width = (uint8_t)n};
}

/* The widest window that text writes as it is; or else any. */
static SekRawLiteral choose_window(SekStr literal, bool *escaped) {
    SekRawLiteral found = {0};
    for (int plain = 1; plain >= 0 && found.text.len == 0; plain--)
        for (uint32_t n = SEK_RAW_WINDOW; n >= SEK_RAW_SHORT && found.text.len == 0; n--) {
            found = around_window(literal, n, plain);
            *escaped = !plain;
        }
    return found;
}

static Halves halves_of(const SekRawScan *scan, uint32_t place, uint32_t set) {
    Halves h = {0};
    for (uint32_t x = 0; x < 16; x++) {
        h.low |= (uint32_t)(scan->tables[place][0][x] >> set & 1) << x;
        h.high |= (uint32_t)(scan->tables[place][1][x] >> set & 1) << x;
    }
    return h;
}

/* How much more a set lets pass once the window is in it. */
static double growth(const SekRawScan *scan, const char *window, uint32_t n, uint32_t set) {
    double before = 1, after = 1;
    for (uint32_t i = 0; i < SEK_RAW_WINDOW; i++) {
        Halves h = halves_of(scan, i, set), more = place_of(window, n, i);
        before *= passed(h.low, h.high);
        after *= passed(h.low | more.low, h.high | more.high);
    }
    return after - before;
}

static void add_to_set(SekRawScan *scan, const char *window, uint32_t n, uint8_t bit) {
    for (uint32_t i = 0; i < SEK_RAW_WINDOW; i++) {
        Halves h = place_of(window, n, i);
        for (uint32_t x = 0; x < 16; x++) {
            scan->tables[i][0][x] |= h.low >> x & 1 ? bit : 0;
            scan->tables[i][1][x] |= h.high >> x & 1 ? bit : 0;
        }
        for (uint32_t c = 0; i >= n && c < sizeof scan->ascii[i]; c++)
            scan->ascii[i][c] |= bit;
        if (i < n)
            admit_ascii(scan->ascii[i], window[i], bit);
    }
}

bool sek_raw_scan_add(SekRawScan *scan, SekStr literal) {
    bool escaped = false;
    SekRawLiteral found = choose_window(literal, &escaped);
    if (found.text.len == 0 || scan->n == SEK_RAW_MAX)
        return false;
    scan->escaped = scan->escaped || escaped;
    const char *window = found.text.ptr + found.window;
    uint32_t best = 0;
    double least = INFINITY;
    for (uint32_t set = 0; set < SEK_RAW_SETS; set++) {
        double more = growth(scan, window, found.width, set);
        best = more < least ? set : best;
        least = more < least ? more : least;
    }
    add_to_set(scan, window, found.width, (uint8_t)(1u << best));
    scan->has_short = scan->has_short || found.width < SEK_RAW_WINDOW;
    scan->shortest = found.text.len < scan->shortest ? found.text.len : scan->shortest;
    found.next = scan->first[best];
    scan->literals[scan->n++] = found;
    scan->first[best] = (uint8_t)scan->n;
    return true;
}

/* --- asking -------------------------------------------------------------------------------------- */

/* What is behind the bytes counts as zero, which only short windows let pass. */
static inline uint8_t sets_at(const SekRawScan *scan, const uint8_t *bytes, size_t n, unsigned unit) {
    uint8_t sets = 0xff, beyond = 0;
    for (uint32_t i = 0; i < SEK_RAW_SHORT; i++) {
        sets &= scan->ascii[i][bytes[unit * i] & 0x7f];
        beyond |= bytes[unit * i];
    }
    for (uint32_t i = SEK_RAW_SHORT; i < SEK_RAW_WINDOW; i++)
        sets &= scan->ascii[i][unit * i < n ? bytes[unit * i] & 0x7f : 0];
    return beyond & 0x80 ? 0 : sets;
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
    for (size_t i = 0; i < literal->width; i++)
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

bool sek_raw_scan_stands(const SekRawScan *scan, const uint8_t *bytes, size_t n, size_t at, unsigned unit) {
    for (uint32_t sets = sets_at(scan, bytes + at, n - at, unit); sets; sets &= sets - 1)
        for (uint32_t i = scan->first[__builtin_ctz(sets)]; i; i = scan->literals[i - 1].next)
            if (unit == 2 ? stands_wide(&scan->literals[i - 1], bytes, n, at) : stands(&scan->literals[i - 1], bytes, n, at))
                return true;
    return false;
}

bool sek_raw_hits_plain(const SekRawScan *scan, const uint8_t *bytes, size_t n, unsigned unit) {
    for (size_t at = 0; at + sek_raw_span(unit) <= n; at++)
        if (sek_raw_scan_stands(scan, bytes, n, at, unit))
            return true;
    return false;
}

bool sek_raw_scan_hits(const SekRawScan *scan, const uint8_t *bytes, size_t n) {
    return scan->hits(scan, bytes, n, 2);
}

bool sek_raw_scan_text_hits(const SekRawScan *scan, const uint8_t *text, size_t n) {
    return scan->hits(scan, text, n, 1);
}
