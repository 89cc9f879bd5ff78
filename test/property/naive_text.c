/* SPDX-License-Identifier: Apache-2.0 */
#include "property/naive.h"

/* --- code points ---------------------------------------------------------------------------- */

typedef struct Text {
    uint32_t cp[SEK_NAIVE_MAX_TEXT];
    size_t n;
} Text;

/* Letters and what they fold to: the parts of Unicode's CaseFolding.txt (status C and S) that the
 * generator uses. U+0130, which has only foldings of status F and T, stays itself. */
static const struct {
    uint32_t first, last, to; /* a run of letters; to is where `first` goes */
} foldings[] = {
    {'A', 'Z', 'a'},          {0xC0, 0xD6, 0xE0},       {0xD8, 0xDE, 0xF8},
    {0xB5, 0xB5, 0x3BC},      {0x17F, 0x17F, 's'},      {0x1E9E, 0x1E9E, 0xDF},
    {0x391, 0x3A1, 0x3B1},    {0x3A3, 0x3AB, 0x3C3},    {0x3C2, 0x3C2, 0x3C3},
    {0x410, 0x42F, 0x430},    {0x400, 0x40F, 0x450},    {0x212A, 0x212A, 'k'},
    {0xFF21, 0xFF3A, 0xFF41}, {0x10400, 0x10427, 0x10428},
};

static uint32_t fold(uint32_t cp) {
    for (size_t i = 0; i < sizeof foldings / sizeof *foldings; i++)
        if (cp >= foldings[i].first && cp <= foldings[i].last)
            return foldings[i].to + (cp - foldings[i].first);
    return cp;
}

/* One code point from `*at` on; a byte that begins none is U+FFFD by itself. */
static uint32_t next(SekStr s, size_t *at) {
    const uint8_t *p = (const uint8_t *)s.ptr + *at;
    size_t left = s.len - *at, more = p[0] >= 0xF0 ? 3 : p[0] >= 0xE0 ? 2 : p[0] >= 0xC0 ? 1 : 0;
    uint32_t cp = more == 3 ? p[0] & 7u : more == 2 ? p[0] & 15u : more == 1 ? p[0] & 31u : p[0];
    bool good = p[0] < 0x80 || (more > 0 && more < left);
    for (size_t i = 1; good && i <= more; i++) {
        good = (p[i] & 0xC0) == 0x80;
        cp = cp << 6 | (p[i] & 0x3Fu);
    }
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    good = good && (more == 0 || cp >= least[more]) && cp <= 0x10FFFF && (cp < 0xD800 || cp > 0xDFFF);
    *at += good ? more + 1 : 1;
    return good ? cp : 0xFFFD;
}

static void decode(SekStr s, bool cased, Text *out) {
    out->n = 0;
    for (size_t at = 0; at < s.len && out->n < SEK_NAIVE_MAX_TEXT;) {
        uint32_t cp = next(s, &at);
        out->cp[out->n++] = cased ? cp : fold(cp);
    }
}

static bool equal(const uint32_t *a, const uint32_t *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

bool sek_naive_same_word(SekStr a, SekStr b) {
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        char x = a.ptr[i], y = b.ptr[i];
        x = (char)(x >= 'A' && x <= 'Z' ? x + 32 : x);
        y = (char)(y >= 'A' && y <= 'Z' ? y + 32 : y);
        if (x != y)
            return false;
    }
    return true;
}

/* --- patterns ------------------------------------------------------------------------------- */

typedef struct Glob {
    const SekToken *tokens;
    uint32_t n;
    bool cased;
} Glob;

/* Depth is the number of tokens, which SEK_PATTERN_MAX_TOKENS of rule/pattern.h bounds. */
static bool rest_matches(const Glob *glob, uint32_t t, const uint32_t *text, size_t n) {
    if (t == glob->n)
        return n == 0;
    const SekToken *token = &glob->tokens[t];
    if (token->kind == SEK_TOKEN_ANY) {
        for (size_t skip = 0; skip <= n; skip++)
            if (rest_matches(glob, t + 1, text + skip, n - skip))
                return true;
        return false;
    }
    if (token->kind == SEK_TOKEN_LITERAL) {
        Text literal;
        decode(token->text, glob->cased, &literal);
        return literal.n <= n && equal(literal.cp, text, literal.n) &&
               rest_matches(glob, t + 1, text + literal.n, n - literal.n);
    }
    bool dash = n > 0 && (text[0] == '-' || text[0] == '/' || (text[0] >= 0x2013 && text[0] <= 0x2015));
    return n > 0 && (token->kind == SEK_TOKEN_ONE || dash) && rest_matches(glob, t + 1, text + 1, n - 1);
}

bool sek_naive_glob(const SekPattern *pattern, bool cased, SekStr value) {
    Text text;
    decode(value, cased, &text);
    Glob glob = {pattern->tokens, pattern->n_tokens, cased};
    return rest_matches(&glob, 0, text.cp, text.n);
}

bool sek_naive_reference(SekRefMode mode, bool cased, SekStr value, SekStr other) {
    Text a, b;
    decode(value, cased, &a);
    decode(other, cased, &b);
    if (b.n > a.n || (mode == SEK_REF_EQUAL && a.n != b.n))
        return false;
    for (size_t at = 0; at + b.n <= a.n; at++) {
        bool place = mode == SEK_REF_CONTAINS || (mode == SEK_REF_ENDSWITH ? at + b.n == a.n : at == 0);
        if (place && equal(a.cp + at, b.cp, b.n))
            return true;
    }
    return false;
}

/* --- numbers -------------------------------------------------------------------------------- */

/* A number as it would be written on paper: 0.d1d2d3... times 10^exponent, d1 not 0; zero has no digits. */
#define MAX_DIGITS 400
typedef struct Decimal {
    bool negative;
    uint8_t digit[MAX_DIGITS];
    int n, exponent;
} Decimal;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Takes leading zeros off; what is left of the point says the exponent. */
static void normalise(Decimal *d, int whole) {
    int zeros = 0;
    while (zeros < d->n && d->digit[zeros] == 0)
        zeros++;
    memmove(d->digit, d->digit + zeros, (size_t)(d->n - zeros));
    d->n -= zeros;
    d->exponent += whole - zeros;
    while (d->n > 0 && d->digit[d->n - 1] == 0)
        d->n--;
    if (d->n == 0)
        *d = (Decimal){0};
}

/* Hexadecimal digits, multiplied up by hand. */
static bool read_hex(SekStr s, Decimal *out) {
    int n = 1; /* digits so far, the last one at n - 1 */
    if (s.len < 3 || s.len > 100)
        return false;
    for (size_t i = 2; i < s.len; i++) {
        char c = s.ptr[i];
        int carry = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (carry < 0)
            return false;
        for (int k = n - 1; k >= 0; k--) {
            carry += out->digit[k] * 16;
            out->digit[k] = (uint8_t)(carry % 10);
            carry /= 10;
        }
        for (; carry; carry /= 10, n++) {
            memmove(out->digit + 1, out->digit, (size_t)n);
            out->digit[0] = (uint8_t)(carry % 10);
        }
    }
    out->n = n;
    normalise(out, n);
    return true;
}

/* Digits, a point, digits; then an exponent. */
static bool read_decimal(SekStr s, Decimal *out) {
    size_t at = 0;
    int whole = 0;
    bool point = false;
    out->negative = s.ptr[0] == '-';
    at += s.ptr[0] == '-' || s.ptr[0] == '+';
    for (; at < s.len && (is_digit(s.ptr[at]) || (s.ptr[at] == '.' && !point)); at++) {
        if (s.ptr[at] == '.') {
            point = true;
            continue;
        }
        out->digit[out->n++] = (uint8_t)(s.ptr[at] - '0');
        whole += !point;
    }
    bool any = out->n > 0;
    if (any && at < s.len && (s.ptr[at] == 'e' || s.ptr[at] == 'E')) {
        bool minus = ++at < s.len && s.ptr[at] == '-';
        at += at < s.len && (s.ptr[at] == '-' || s.ptr[at] == '+');
        any = at < s.len;
        for (; at < s.len && is_digit(s.ptr[at]) && out->exponent < 100000; at++)
            out->exponent = out->exponent * 10 + (s.ptr[at] - '0');
        out->exponent = minus ? -out->exponent : out->exponent;
    }
    normalise(out, whole);
    return any && at == s.len;
}

SekStr sek_naive_trim(SekStr s) {
    while (s.len && is_blank(s.ptr[0]))
        s = sek_str_n(s.ptr + 1, s.len - 1);
    while (s.len && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

static bool read_number(SekStr s, Decimal *out) {
    s = sek_naive_trim(s);
    *out = (Decimal){0};
    if (s.len == 0 || s.len > 100)
        return false;
    bool hex = s.len > 1 && s.ptr[0] == '0' && (s.ptr[1] == 'x' || s.ptr[1] == 'X');
    return hex ? read_hex(s, out) : read_decimal(s, out);
}

/* The order of two numbers that are not negative. */
static int compare_sizes(const Decimal *a, const Decimal *b) {
    if (a->n == 0 || b->n == 0)
        return (a->n > 0) - (b->n > 0);
    if (a->exponent != b->exponent)
        return a->exponent < b->exponent ? -1 : 1;
    for (int i = 0; i < a->n || i < b->n; i++) {
        int x = i < a->n ? a->digit[i] : 0, y = i < b->n ? b->digit[i] : 0;
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

bool sek_naive_compare(SekStr a, SekStr b, int *out) {
    Decimal x, y;
    if (!read_number(a, &x) || !read_number(b, &y))
        return false;
    if (x.negative != y.negative)
        *out = x.negative ? -1 : 1;
    else
        *out = x.negative ? compare_sizes(&y, &x) : compare_sizes(&x, &y);
    return true;
}
