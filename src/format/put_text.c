/* SPDX-License-Identifier: Apache-2.0 */
/* Eight units at a time as long as they stand for themselves; what does not is written one by one. */
#include "format/put_text.h"

#include "base/bytes.h"
#include "base/json_text.h"
#include "base/utf.h"
#include "format/xml_escape.h"

#define LANES 8u
typedef uint16_t Units __attribute__((vector_size(2 * LANES))); /* GCC and Clang make it of what the processor has */
typedef uint8_t Bytes __attribute__((vector_size(LANES)));

/* A lone surrogate is no character. */
static uint32_t next_character(const uint8_t **bytes, size_t *units) {
    uint32_t unit = sek_le16(*bytes), low = 0;
    bool high = unit >= 0xD800 && unit < 0xDC00 && *units > 1;
    if (high)
        low = sek_le16(*bytes + 2);
    bool pair = high && low >= 0xDC00 && low < 0xE000;
    *bytes += pair ? 4 : 2;
    *units -= pair ? 2 : 1;
    if (pair)
        return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    return unit >= 0xD800 && unit < 0xE000 ? SEK_UTF_REPLACEMENT : unit;
}

char *sek_put_one(char *at, const uint8_t **bytes, size_t *units, SekTextPlace place) {
    uint32_t cp = next_character(bytes, units);
    if (place == SEK_TEXT_JSON)
        return at + sek_json_put(at, cp);
    const char *with = sek_xml_escaped(cp, place == SEK_TEXT_ATTRIBUTE);
    if (!with)
        return at + sek_utf8_put(sek_xml_forbids(cp) ? SEK_UTF_REPLACEMENT : cp, at);
    size_t len = strlen(with);
    memcpy(at, with, len);
    return at + len;
}

static inline Units units_at(const uint8_t *bytes) {
    Units u;
    memcpy(&u, bytes, sizeof u);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? u << 8 | u >> 8 : u;
}

/* The units that do not stand for themselves. */
static inline Units stops(Units u, SekTextPlace place) {
    Units beyond = (Units)((Units)(u - 0x20) > 0x7E - 0x20);
    if (place == SEK_TEXT_JSON)
        return beyond | (Units)(u == '"') | (Units)(u == '\\');
    beyond |= (Units)(u == '&') | (Units)(u == '<') | (Units)(u == '>');
    return place == SEK_TEXT_XML ? beyond : beyond | (Units)(u == '"') | (Units)(u == '\'');
}

static inline bool stands_for_itself(uint32_t unit, SekTextPlace place) {
    Units u = {(uint16_t)unit};
    return stops(u, place)[0] == 0;
}

/* How many units stand before the first stop. */
static inline size_t before(Units stop) {
    uint64_t words[2];
    memcpy(words, &stop, sizeof words);
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) {
        words[0] = __builtin_bswap64(words[0]);
        words[1] = __builtin_bswap64(words[1]);
    }
    if (words[0])
        return (unsigned)__builtin_ctzll(words[0]) / 16;
    return words[1] ? 4 + (unsigned)__builtin_ctzll(words[1]) / 16 : LANES;
}

__attribute__((always_inline)) static inline char *put(char *at, const uint8_t *bytes, size_t units, SekTextPlace place) {
    while (units >= LANES) {
        Units u = units_at(bytes);
        size_t good = before(stops(u, place));
        Bytes low = __builtin_convertvector(u, Bytes);
        memcpy(at, &low, sizeof low);
        at += good;
        bytes += 2 * good;
        units -= good;
        if (good < LANES)
            at = sek_put_one(at, &bytes, &units, place);
    }
    while (units) {
        uint32_t unit = sek_le16(bytes);
        if (!stands_for_itself(unit, place)) {
            at = sek_put_one(at, &bytes, &units, place);
            continue;
        }
        *at++ = (char)unit;
        bytes += 2;
        units--;
    }
    return at;
}

static char *put_json(char *at, const uint8_t *bytes, size_t units) {
    return put(at, bytes, units, SEK_TEXT_JSON);
}

static char *put_xml(char *at, const uint8_t *bytes, size_t units) {
    return put(at, bytes, units, SEK_TEXT_XML);
}

static char *put_attribute(char *at, const uint8_t *bytes, size_t units) {
    return put(at, bytes, units, SEK_TEXT_ATTRIBUTE);
}

const SekPutTexts *sek_put_texts_plain(void) {
    static const SekPutTexts texts = {{put_json, put_xml, put_attribute}};
    return &texts;
}

const SekPutTexts *sek_put_texts(void) {
    const SekPutTexts *wide = sek_put_texts_avx512();
    return wide ? wide : sek_put_texts_plain();
}
