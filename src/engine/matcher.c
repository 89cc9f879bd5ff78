/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memrchr */
#include "engine/matcher.h"

#include "base/bytes.h"
#include "base/utf.h"
#include "engine/gram_scan.h"
#include "engine/short_scan.h"
#include "rule/number.h"

#include <stdlib.h>

#define PAIR_SLOTS 4096u
#define FEW_SHORTS 32u /* so many are looked for by scans, eight by each */

/* One guard of a hash table: chained by index. */
typedef struct Entry {
    uint64_t hash;
    SekStr literal;
    uint32_t guard;
    uint32_t next; /* 1 + index, 0 = end */
} Entry;

typedef struct Table {
    uint32_t *heads; /* 1 + index into entries */
    uint32_t mask;
    Entry *entries;
    uint32_t n;
} Table;

/* A literal, found by one of its windows. Those of a window stand side by side. */
typedef struct Literal {
    const char *text;
    uint64_t eight; /* its first bytes, as in SekProbe: most that are not there differ here, and its text lies far away */
    uint32_t len;
    uint32_t gram;   /* the window by which it is found ... */
    uint32_t window; /* ... and its offset */
    uint32_t guard;
} Literal;

/* A window: a place of a hash table with open addressing. */
typedef struct Gram {
    uint32_t gram;
    uint32_t first; /* 1 + index of its first literal, 0 = free; while literals are counted, how many they are */
} Gram;

/* A literal of 1 to 3 bytes. */
typedef struct Short {
    SekStr text;
    uint32_t guard;
    uint32_t next; /* 1 + index: others that begin with the same 2 bytes, or have but one as well */
} Short;

struct SekMatcher {
    Table equal, name, number;
    Literal *literals;
    uint32_t n_literals;
    Gram *grams;
    uint32_t gram_mask;
    uint32_t *bitmap; /* 2^bitmap_log bits */
    uint32_t bitmap_log;
    Short *shorts;
    uint32_t n_shorts;
    uint32_t *pair_heads; /* 1 + index into shorts, by PAIR_SLOTS */
    uint32_t *pairs;      /* bitmap of first 2 bytes */
    uint32_t singles;     /* 1 + index into shorts: the first of a single byte */
    uint32_t n_ascii;     /* of them that are ASCII: no others can be in ASCII text; the first FEW_SHORTS are */
    SekShortScan *scans;
    uint32_t ascii_guards[FEW_SHORTS];
    SekShortFind find;
    uint64_t equal_lengths; /* bit i: some equal literal has length i; bit 63: 63 or more */
    SekGramScan scan;
    bool text_only;
};

static uint32_t table_size(uint32_t n) {
    uint32_t size = 4;
    while (size < n * 2)
        size *= 2;
    return size;
}

static SekStatus table_init(Table *t, uint32_t n) {
    if (n == 0)
        return SEK_OK;
    uint32_t size = table_size(n);
    t->heads = calloc(size, sizeof *t->heads);
    t->entries = calloc(n, sizeof *t->entries);
    t->mask = size - 1;
    return t->heads && t->entries ? SEK_OK : SEK_ERR_MEMORY;
}

static void table_add(Table *t, uint64_t hash, SekStr literal, uint32_t guard) {
    uint32_t *head = &t->heads[hash & t->mask];
    t->entries[t->n] = (Entry){hash, literal, guard, *head};
    *head = ++t->n;
}

static void table_free(Table *t) {
    free(t->heads);
    free(t->entries);
}

/* Hash of a literal or value, by its ends and its length: what it mixes up costs an evaluation. */
static uint64_t text_hash(SekStr text) {
    uint64_t h = sek_text_head(text) * 0x9e3779b97f4a7c15u ^ (sek_text_tail(text) + text.len) * 0xc2b2ae3d27d4eb4fu;
    return h ^ h >> 29 ^ h >> 47;
}

/* Hash of a number by its value, so that 4, 0x4 and 4.0 are one. */
static uint64_t number_hash(const SekNumber *number) {
    double value = number->real == 0 ? 0 : number->real; /* -0.0 */
    return sek_str_hash(sek_str_n((const char *)&value, sizeof value));
}

/* The place of the window, or where it may stand: a third of the places at least is free. */
static inline Gram *find_gram(const SekMatcher *m, uint32_t gram) {
    uint32_t slot = gram * 0x85ebca6bu >> 7; /* another mix than the bitmap's */
    while (m->grams[slot & m->gram_mask].first && m->grams[slot & m->gram_mask].gram != gram)
        slot++;
    return &m->grams[slot & m->gram_mask];
}

static bool is_short(SekStr literal) {
    return literal.len < 4;
}

static void add_short(SekMatcher *m, SekStr text, uint32_t guard) {
    bool single = text.len == 1;
    uint32_t pair = single ? 0 : sek_le16((const uint8_t *)text.ptr);
    uint32_t *head = single ? &m->singles : &m->pair_heads[pair & (PAIR_SLOTS - 1)];
    m->shorts[m->n_shorts] = (Short){text, guard, *head};
    *head = ++m->n_shorts;
    if (!single)
        m->pairs[pair >> 5] |= 1u << (pair & 31);
    if (!sek_is_ascii(text))
        return;
    if (memchr(text.ptr, 0, text.len)) /* no scan can tell that from the end */
        m->n_ascii = FEW_SHORTS;
    if (m->n_ascii < FEW_SHORTS) {
        sek_short_scan_add(&m->scans[m->n_ascii / SEK_SHORT_LITERALS], text);
        m->ascii_guards[m->n_ascii] = guard;
    }
    m->n_ascii++;
}

static uint32_t gram_of(const SekGuard *guard) {
    return sek_le32((const uint8_t *)guard->literal.ptr + guard->window);
}

static void add_literal(SekMatcher *m, const SekGuard *guard, uint32_t index) {
    SekStr text = guard->literal;
    if (is_short(text)) {
        add_short(m, text, index);
        return;
    }
    uint32_t gram = gram_of(guard), bit = sek_gram_bit(gram, m->bitmap_log);
    m->literals[--find_gram(m, gram)->first - 1] = (Literal){.text = text.ptr, .eight = sek_text_head(text), .len = (uint32_t)text.len,
                                                             .gram = gram, .window = guard->window, .guard = index};
    m->n_literals++;
    m->bitmap[bit >> 5] |= 1u << (bit & 31);
}

/* Finds room for the literals of each window: `first` is behind it until they are added. */
static void count_grams(SekMatcher *m, const SekGuard *guards, const uint32_t *preds, uint32_t n_preds) {
    uint32_t end = 1;
    for (uint32_t i = 0; i < n_preds; i++) {
        const SekGuard *guard = &guards[preds[i]];
        if (guard->kind != SEK_GUARD_LITERAL || is_short(guard->literal))
            continue;
        Gram *gram = find_gram(m, gram_of(guard));
        gram->gram = gram_of(guard);
        gram->first++;
    }
    for (uint32_t i = 0; m->grams && i <= m->gram_mask; i++)
        if (m->grams[i].first)
            m->grams[i].first = end += m->grams[i].first;
}

/* 64 bits a literal: one window in 64 that is not a literal's looks like one. */
static uint32_t bitmap_log(uint32_t n_literals) {
    uint32_t log = SEK_GRAM_LOG_MIN;
    while (log < SEK_GRAM_LOG_MAX && (uint64_t)n_literals * 64 > (uint64_t)1 << log)
        log++;
    return log;
}

/* Tables of short literals take 24 KB: only the few fields that have such literals get them. */
static SekStatus make_short_tables(SekMatcher *m, uint32_t n) {
    if (n == 0)
        return SEK_OK;
    m->shorts = calloc(n, sizeof *m->shorts);
    m->pair_heads = calloc(PAIR_SLOTS, sizeof *m->pair_heads);
    m->pairs = calloc(65536 / 32, sizeof *m->pairs);
    m->scans = calloc(FEW_SHORTS / SEK_SHORT_LITERALS, sizeof *m->scans);
    return m->shorts && m->pair_heads && m->pairs && m->scans ? SEK_OK : SEK_ERR_MEMORY;
}

static SekStatus make_gram_tables(SekMatcher *m, uint32_t n) {
    if (n == 0)
        return SEK_OK;
    m->gram_mask = table_size(n) - 1;
    m->literals = calloc(n, sizeof *m->literals);
    m->grams = calloc((size_t)m->gram_mask + 1, sizeof *m->grams);
    m->bitmap_log = bitmap_log(n);
    m->bitmap = calloc((size_t)1 << (m->bitmap_log - 5), sizeof *m->bitmap);
    return m->literals && m->grams && m->bitmap ? SEK_OK : SEK_ERR_MEMORY;
}

static SekStatus make_tables(SekMatcher *m, const uint32_t counts[], uint32_t n_shorts) {
    if (table_init(&m->equal, counts[SEK_GUARD_EQUAL] + counts[SEK_GUARD_NUMBER]) != SEK_OK ||
        table_init(&m->name, counts[SEK_GUARD_NAME]) != SEK_OK ||
        table_init(&m->number, counts[SEK_GUARD_NUMBER]) != SEK_OK)
        return SEK_ERR_MEMORY;
    SekStatus status = make_short_tables(m, n_shorts);
    return status == SEK_OK ? make_gram_tables(m, counts[SEK_GUARD_LITERAL] - n_shorts) : status;
}

static bool digit_or_end(SekStr s, size_t i) {
    return i >= s.len || (s.ptr[i] >= '0' && s.ptr[i] <= '9');
}

/* True when the character can stand there in a number, GUID, SID (s-1-5), time (2020-01-02t03:04:05z) or binary
 * value, folded. */
static bool in_number(SekStr s, size_t i) {
    if (s.ptr[i] == 's')
        return i == 0 && (s.len == 1 || s.ptr[1] == '-');
    if (s.ptr[i] == 't' || s.ptr[i] == 'z')
        return digit_or_end(s, i + 1) && (i == 0 || digit_or_end(s, i - 1));
    return s.ptr[i] && strchr("0123456789abcdefx{}-.:+", s.ptr[i]);
}

/* True when no value but text can hold the literal; beside numbers there are words. */
static bool is_text(SekStr literal) {
    static const SekStr words[] = {{"true", 4}, {"false", 5}, {"-inf", 4}, {"nan", 3}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (sek_str_find(words[i], literal) >= 0)
            return false;
    for (size_t i = 0; i < literal.len; i++)
        if (!in_number(literal, i))
            return true;
    return false;
}

static uint64_t length_bit(SekStr s) {
    return (uint64_t)1 << (s.len < 63 ? s.len : 63);
}

static void add_guard(SekMatcher *m, const SekGuard *guard, uint32_t index) {
    switch (guard->kind) {
    case SEK_GUARD_EQUAL:
        m->equal_lengths |= length_bit(guard->literal);
        table_add(&m->equal, text_hash(guard->literal), guard->literal, index);
        break;
    case SEK_GUARD_NAME:
        table_add(&m->name, text_hash(guard->literal), guard->literal, index);
        break;
    case SEK_GUARD_NUMBER:
        m->equal_lengths |= length_bit(guard->literal);
        table_add(&m->number, number_hash(&guard->number), (SekStr){0}, index);
        table_add(&m->equal, text_hash(guard->literal), guard->literal, index);
        break;
    case SEK_GUARD_LITERAL:
        m->text_only = m->text_only && is_text(guard->literal);
        add_literal(m, guard, index);
        break;
    default:
        break;
    }
}

SekStatus sek_matcher_new(const SekGuard *guards, const uint32_t *preds, uint32_t n_preds, SekMatcher **out) {
    SekMatcher *m = calloc(1, sizeof *m);
    if (!m)
        return SEK_ERR_MEMORY;
    m->scan = sek_gram_scan_best();
    m->find = sek_short_find_best();
    m->text_only = true;
    uint32_t counts[8] = {0}, n_shorts = 0;
    for (uint32_t i = 0; i < n_preds; i++) {
        const SekGuard *guard = &guards[preds[i]];
        counts[guard->kind]++;
        n_shorts += guard->kind == SEK_GUARD_LITERAL && is_short(guard->literal);
    }
    if (make_tables(m, counts, n_shorts) != SEK_OK) {
        sek_matcher_free(m);
        return SEK_ERR_MEMORY;
    }
    count_grams(m, guards, preds, n_preds);
    for (uint32_t i = 0; i < n_preds; i++)
        add_guard(m, &guards[preds[i]], i);
    *out = m;
    return SEK_OK;
}

bool sek_matcher_text_only(const SekMatcher *m) {
    return m->text_only;
}

void sek_matcher_free(SekMatcher *m) {
    if (!m)
        return;
    table_free(&m->equal);
    table_free(&m->name);
    table_free(&m->number);
    free(m->literals);
    free(m->shorts);
    free(m->pair_heads);
    free(m->pairs);
    free(m->scans);
    free(m->grams);
    free(m->bitmap);
    free(m);
}

typedef struct Hits {
    uint32_t *out;
    size_t n, max;
    bool full;
} Hits;

static void hit(Hits *hits, uint32_t guard) {
    if (hits->n < hits->max)
        hits->out[hits->n++] = guard;
    else
        hits->full = true;
}

/* Equal hashes are taken for equal: a guard may hit too often. */
static void find_hash(const Table *t, uint64_t hash, Hits *hits) {
    if (t->n == 0)
        return;
    for (uint32_t i = t->heads[hash & t->mask]; i; i = t->entries[i - 1].next)
        if (t->entries[i - 1].hash == hash)
            hit(hits, t->entries[i - 1].guard);
}

static void find_number(const SekMatcher *m, SekStr text, Hits *hits) {
    SekNumber number;
    if (m->number.n && sek_number_parse(sek_str_trim(text), &number))
        find_hash(&m->number, number_hash(&number), hits);
}

static void find_name(const SekMatcher *m, SekStr text, Hits *hits) {
    if (m->name.n == 0)
        return;
    const char *backslash = text.len ? memrchr(text.ptr, '\\', text.len) : NULL;
    if (backslash)
        find_hash(&m->name, text_hash(sek_str_n(backslash + 1, (size_t)(text.ptr + text.len - backslash - 1))), hits);
}

/* Eight bytes may be read at `at`. */
static inline bool stands(const Literal *l, const char *at) {
    unsigned spare = l->len < 8 ? 64 - 8 * l->len : 0; /* bits */
    return (sek_le64((const uint8_t *)at) ^ l->eight) << spare == 0 && (l->len <= 8 || memcmp(at + 8, l->text + 8, l->len - 8) == 0);
}

/* Compares the literals whose window stands at `at`. */
static void check_window(const SekMatcher *m, SekStr text, size_t at, Hits *hits) {
    uint32_t gram = sek_le32((const uint8_t *)text.ptr + at);
    uint32_t first = find_gram(m, gram)->first;
    if (first == 0)
        return;
    for (const Literal *l = &m->literals[first - 1], *end = m->literals + m->n_literals; l < end && l->gram == gram; l++)
        if (at >= l->window && l->len <= text.len - (at - l->window) && stands(l, text.ptr + at - l->window))
            hit(hits, l->guard);
}

static void find_shorts(const SekMatcher *m, SekStr text, Hits *hits) {
    if (m->n_shorts == 0)
        return;
    if (m->n_ascii <= FEW_SHORTS && sek_is_ascii(text)) {
        for (uint32_t i = 0; i < m->n_ascii; i += SEK_SHORT_LITERALS)
            for (unsigned found = m->find(&m->scans[i / SEK_SHORT_LITERALS], text); found; found &= found - 1)
                hit(hits, m->ascii_guards[i + (unsigned)__builtin_ctz(found)]);
        return;
    }
    for (uint32_t i = m->singles; i && text.len; i = m->shorts[i - 1].next)
        if (memchr(text.ptr, m->shorts[i - 1].text.ptr[0], text.len))
            hit(hits, m->shorts[i - 1].guard);
    for (size_t at = 0; at + 2 <= text.len; at++) {
        uint32_t pair = sek_le16((const uint8_t *)text.ptr + at);
        if (!(m->pairs[pair >> 5] >> (pair & 31) & 1))
            continue;
        for (uint32_t i = m->pair_heads[pair & (PAIR_SLOTS - 1)]; i; i = m->shorts[i - 1].next) {
            SekStr literal = m->shorts[i - 1].text;
            if (literal.len <= text.len - at && memcmp(text.ptr + at, literal.ptr, literal.len) == 0)
                hit(hits, m->shorts[i - 1].guard);
        }
    }
}

size_t sek_matcher_find(const SekMatcher *m, SekStr text, uint32_t *out, size_t max) {
    Hits hits = {.out = out, .max = max};
    if (m->equal_lengths & length_bit(text))
        find_hash(&m->equal, text_hash(text), &hits);
    find_number(m, text, &hits);
    find_name(m, text, &hits);
    find_shorts(m, text, &hits);
    if (m->n_literals && text.len >= 4)
        for (size_t at = m->scan(m->bitmap, m->bitmap_log, text, 0); at < text.len && !hits.full;
             at = m->scan(m->bitmap, m->bitmap_log, text, at + 1))
            check_window(m, text, at, &hits);
    return hits.full ? SIZE_MAX : hits.n;
}
