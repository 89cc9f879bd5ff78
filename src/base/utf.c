/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf.h"

#include "base/bytes.h"

#include <utf8proc.h>

size_t sek_utf8_put(uint32_t cp, char *out) {
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        cp = SEK_UTF_REPLACEMENT;
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

/* Length of the sequence that starts at `p`, 0 when malformed (RFC 3629, section 4). */
static size_t sequence(const uint8_t *p, size_t left, uint32_t *cp) {
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = p[0] >= 0xF0 && p[0] < 0xF5 ? 4 : p[0] >= 0xE0 && p[0] < 0xF0 ? 3 : p[0] >= 0xC2 && p[0] < 0xE0 ? 2 : 0;
    if (n == 0 || n > left)
        return 0;
    uint32_t value = p[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (p[i] & 0x3Fu);
    }
    if (value < least[n] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *cp = value;
    return n;
}

uint32_t sek_utf8_next(SekStr s, size_t *at) {
    const uint8_t *p = (const uint8_t *)s.ptr + *at;
    if (*p < 0x80) {
        ++*at;
        return *p;
    }
    uint32_t cp;
    size_t n = sequence(p, s.len - *at, &cp);
    if (n == 0) {
        ++*at;
        return SEK_UTF_REPLACEMENT;
    }
    *at += n;
    return cp;
}

bool sek_is_ascii(SekStr s) {
    const uint64_t high = 0x8080808080808080u;
    size_t i = 0;
    for (; i + 32 <= s.len; i += 32) {
        uint64_t words[4];
        memcpy(words, s.ptr + i, sizeof words);
        if ((words[0] | words[1] | words[2] | words[3]) & high)
            return false;
    }
    for (; i + 8 <= s.len; i += 8) {
        uint64_t word;
        memcpy(&word, s.ptr + i, 8);
        if (word & high)
            return false;
    }
    for (; i < s.len; i++)
        if ((uint8_t)s.ptr[i] >= 0x80)
            return false;
    return true;
}

#define ASCII_BLOCK 64u /* bytes that are looked at at once */

/* Bytes of whole blocks at the beginning that are ASCII. Written so that compilers make vector code of it. */
static size_t ascii_blocks(const char *p, size_t len) {
    size_t done = 0;
    for (; done + ASCII_BLOCK <= len; done += ASCII_BLOCK) {
        uint8_t seen = 0;
        for (size_t i = done; i < done + ASCII_BLOCK; i++)
            seen |= (uint8_t)p[i];
        if (seen & 0x80)
            break;
    }
    return done;
}

size_t sek_utf8_malformed(SekStr s) {
    for (size_t i = ascii_blocks(s.ptr, s.len), run = 0; i < s.len;) {
        uint32_t cp;
        if ((uint8_t)s.ptr[i] < 0x80) {
            i++;
            if (++run == ASCII_BLOCK) {
                i += ascii_blocks(s.ptr + i, s.len - i);
                run = 0;
            }
            continue;
        }
        size_t n = sequence((const uint8_t *)s.ptr + i, s.len - i, &cp);
        if (n == 0)
            return i;
        i += n;
        run = 0;
    }
    return s.len;
}

bool sek_utf8_valid(SekStr s) {
    return sek_utf8_malformed(s) == s.len;
}

/* --- UTF-16 in blocks ------------------------------------------------------------------------------ */

#define LANES 8u
typedef uint16_t Units __attribute__((vector_size(2 * LANES))); /* GCC and Clang make it of what the processor has */
typedef uint8_t Bytes __attribute__((vector_size(LANES)));

#define NOT_ASCII 0xFF80u /* bits of a unit */
#define NOT_LATIN 0xFF00u
#define BLOCK (2 * LANES) /* units that are narrowed, if all are ASCII */

static inline Units units_at(const uint8_t *bytes) {
    Units u;
    memcpy(&u, bytes, sizeof u);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? u << 8 | u >> 8 : u;
}

static inline void put_units(char *at, Units u) {
    Bytes low = __builtin_convertvector(u, Bytes);
    memcpy(at, &low, sizeof low);
}

/* Every bit that some unit has. */
static inline uint16_t bits_of(Units u) {
    uint64_t words[2];
    memcpy(words, &u, sizeof words);
    words[0] |= words[1];
    words[0] |= words[0] >> 32;
    return (uint16_t)(words[0] | words[0] >> 16);
}

static inline Units lower(Units u) {
    return u + ((Units)((Units)(u - 'A') < 26) & 32);
}

/* Narrows whole blocks as long as they are ASCII; returns how many units that were. */
static size_t narrow_ascii(const uint8_t *bytes, size_t units, char *out) {
    size_t done = 0;
    for (; done + BLOCK <= units; done += BLOCK) {
        Units first = units_at(bytes + 2 * done), second = units_at(bytes + 2 * (done + LANES));
        if (bits_of(first | second) & NOT_ASCII)
            break;
        put_units(out + done, first);
        put_units(out + done + LANES, second);
    }
    return done;
}

void sek_utf16le_append(SekBuf *out, const uint8_t *bytes, size_t n_bytes) {
    size_t units = n_bytes / 2;
    char *at = sek_buf_reserve(out, units * 3); /* a unit never needs more than 3 bytes */
    if (!at)
        return;
    char *start = at;
    size_t ascii = narrow_ascii(bytes, units, at);
    at += ascii;
    for (size_t i = ascii; i < units; i++) {
        if (units - i >= LANES && !(bits_of(units_at(bytes + 2 * i)) & NOT_ASCII)) {
            put_units(at, units_at(bytes + 2 * i));
            at += LANES;
            i += LANES - 1;
            continue;
        }
        uint32_t unit = sek_le16(bytes + 2 * i);
        if (unit < 0x80) {
            *at++ = (char)unit;
            continue;
        }
        if (unit >= 0xD800 && unit < 0xDC00 && i + 1 < units) {
            uint32_t low = sek_le16(bytes + 2 * i + 2);
            if (low >= 0xDC00 && low < 0xE000) {
                unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                i++;
            }
        }
        at += sek_utf8_put(unit, at);
    }
    sek_buf_advance(out, (size_t)(at - start));
}

bool sek_utf16le_fold_ascii(const uint8_t *restrict bytes, size_t units, char *restrict out) {
    Units seen = {0};
    size_t i = 0;
    for (; i + LANES <= units; i += LANES) {
        Units u = units_at(bytes + 2 * i);
        seen |= u;
        put_units(out + i, lower(u));
    }
    uint16_t rest = 0;
    for (; i < units; i++) {
        rest |= sek_le16(bytes + 2 * i);
        out[i] = sek_ascii_lower((char)bytes[2 * i]);
    }
    return !((bits_of(seen) | rest) & NOT_ASCII);
}

bool sek_utf16le_low_bytes(const uint8_t *restrict bytes, size_t units, uint8_t *restrict out) {
    Units seen = {0};
    size_t i = 0;
    for (; i + LANES <= units; i += LANES) {
        Units u = units_at(bytes + 2 * i);
        seen |= u;
        put_units((char *)out + i, u);
    }
    uint16_t rest = 0;
    for (; i < units; i++) {
        rest |= sek_le16(bytes + 2 * i);
        out[i] = bytes[2 * i];
    }
    return !((bits_of(seen) | rest) & NOT_LATIN);
}

uint32_t sek_fold_cp(uint32_t cp) {
    if (cp < 0x80)
        return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
    utf8proc_int32_t folded[8];
    int boundary = 0;
    utf8proc_ssize_t n =
        utf8proc_decompose_char((utf8proc_int32_t)cp, folded, 8, UTF8PROC_CASEFOLD, &boundary);
    if (n == 1)
        return (uint32_t)folded[0];
    if (cp == 0x130)
        return cp; /* dotted capital I has a full folding only; its lower case is another letter's */
    /* A full folding to several code points has no simple form but its lower case. */
    return (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp);
}

void sek_fold_append(SekBuf *out, SekStr s) {
    if (sek_is_ascii(s)) {
        char *at = sek_buf_reserve(out, s.len);
        if (!at)
            return;
        for (size_t i = 0; i < s.len; i++)
            at[i] = sek_ascii_lower(s.ptr[i]);
        sek_buf_advance(out, s.len);
        return;
    }
    for (size_t i = 0; i < s.len;) {
        char bytes[4];
        size_t n = sek_utf8_put(sek_fold_cp(sek_utf8_next(s, &i)), bytes);
        sek_buf_add(out, bytes, n);
    }
}
