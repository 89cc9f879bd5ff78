/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_text.h"

#include "base/bytes.h"
#include "base/utf.h"

/* Characters that change how a terminal shows what follows: C0 and C1 controls, zero-width and
 * bidirectional formatting (Unicode Standard, section 23.2), and the byte order mark. */
static bool is_unsafe(uint32_t cp) {
    return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || (cp >= 0x200B && cp <= 0x200F) ||
           (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2060 && cp <= 0x2069) || cp == 0xFEFF ||
           cp == 0x061C;
}

/* --- sixteen bytes at once ------------------------------------------------------------------------ */

typedef uint8_t Block __attribute__((vector_size(16))); /* GCC and Clang make it of what the processor has */

#define BLOCK sizeof(Block)

/* Eight bytes as a number whose lowest byte is the first. */
static inline uint64_t in_order(uint64_t word) {
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(word) : word;
}

/* Up to eight bytes, zeroes behind them. */
static inline uint64_t few(const uint8_t *at, size_t n) {
    if (n == 8)
        return sek_le64(at);
    if (n >= 4)
        return sek_le32(at) | (uint64_t)sek_le32(at + n - 4) << 8 * (n - 4);
    return n == 0 ? 0 : at[0] | (uint64_t)at[n / 2] << 8 * (n / 2) | (uint64_t)at[n - 1] << 8 * (n - 1);
}

/* The bytes from `i` on; NUL, which is a control, behind the last. */
static inline Block block_at(SekStr s, size_t i) {
    const uint8_t *at = (const uint8_t *)s.ptr + i;
    size_t left = s.len - i;
    Block block;
    if (left < BLOCK) {
        uint64_t words[2] = {in_order(few(at, left < 8 ? left : 8)), in_order(left > 8 ? few(at + 8, left - 8) : 0)};
        memcpy(&block, words, BLOCK);
    } else {
        memcpy(&block, at, BLOCK);
    }
    return block;
}

/* What needs attention: controls and what is not ASCII always. */
static inline Block stops_of_text(Block b) {
    return (Block)(b < 0x20) | (Block)(b > 0x7E);
}

static inline Block stops_of_json(Block b, bool html) {
    Block stops = stops_of_text(b) | (Block)(b == '"') | (Block)(b == '\\');
    return html ? stops | (Block)(b == '<') | (Block)(b == '>') | (Block)(b == '&') : stops;
}

/* How many bytes stand before the first. */
static inline size_t before(Block stops) {
    uint64_t words[2];
    memcpy(words, &stops, BLOCK);
    if (words[0])
        return (unsigned)__builtin_ctzll(in_order(words[0])) >> 3;
    return words[1] ? 8 + ((unsigned)__builtin_ctzll(in_order(words[1])) >> 3) : BLOCK;
}

/* --- JSON ------------------------------------------------------------------------------------------- */

#define PIECE 512u /* bytes of a string that room is made for at once */
#define MOST 6u    /* bytes that one may need */

static size_t put_hex(char *at, uint32_t cp) {
    static const char digits[] = "0123456789abcdef";
    at[0] = '\\';
    at[1] = 'u';
    for (unsigned k = 0; k < 4; k++)
        at[2 + k] = digits[cp >> (12 - 4 * k) & 15];
    return 6;
}

/* What has a letter of its own (RFC 8259, section 7); paths and scripts are full of them. */
static const char letters[0x80] = {['"'] = '"', ['\\'] = '\\', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};

static size_t put_escaped(char *at, uint32_t cp, bool html) {
    bool angle = html && (cp == '<' || cp == '>' || cp == '&');
    return angle || is_unsafe(cp) ? put_hex(at, cp) : sek_utf8_put(cp, at);
}

/* Writes the string from `*next` on, until it ends or what is written stands at `full` or behind; there is room
 * for a block and an escape there. Returns where that ends. */
static inline char *put_string(char *at, const char *full, SekStr s, size_t *next, bool html) {
    size_t i = *next;
    while (i < s.len && at < full) {
        Block block = block_at(s, i);
        size_t good = before(stops_of_json(block, html));
        memcpy(at, &block, BLOCK);
        at += good;
        i += good;
        if (good == BLOCK || i >= s.len)
            continue;
        uint8_t c = (uint8_t)s.ptr[i];
        if (c < 0x80 && letters[c]) {
            at[0] = '\\';
            at[1] = letters[c];
            at += 2;
            i++;
        } else {
            size_t other = i;
            at += put_escaped(at, sek_utf8_next(s, &other), html);
            i = other;
        }
    }
    *next = i;
    return at;
}

size_t sek_json_put(char *at, uint32_t cp) {
    if (cp >= 0x80 || !letters[cp])
        return put_escaped(at, cp, false);
    at[0] = '\\';
    at[1] = letters[cp];
    return 2;
}

void sek_json_escape(SekBuf *out, SekStr s, bool html) {
    char stage[MOST * PIECE + 2 * BLOCK]; /* where the buffer has not all the room that a piece may need */
    for (size_t i = 0; i < s.len && !out->failed;) {
        size_t left = s.len - i, most = MOST * (left < PIECE ? left : PIECE);
        bool direct = out->cap - out->len >= most + 2 * BLOCK;
        char *at = direct ? out->data + out->len : stage, *end = put_string(at, at + most, s, &i, html);
        if (direct)
            sek_buf_advance(out, (size_t)(end - at));
        else
            sek_buf_add(out, stage, (size_t)(end - stage));
    }
}

void sek_json_string(SekBuf *out, SekStr s, bool html) {
    sek_buf_addc(out, '"');
    sek_json_escape(out, s, html);
    sek_buf_addc(out, '"');
}

/* --- text ------------------------------------------------------------------------------------------- */

/* Appends what needs no attention from `i` on, and returns where that ends. */
static size_t copy_run(SekBuf *out, SekStr s, size_t i) {
    size_t start = i;
    for (size_t good = BLOCK; i < s.len && good == BLOCK; i += good)
        good = before(stops_of_text(block_at(s, i)));
    sek_buf_add(out, s.ptr + start, i - start);
    return i;
}

static void quote(SekBuf *out, SekStr s, bool keep_breaks) {
    for (size_t i = 0; i < s.len;) {
        i = copy_run(out, s, i);
        if (i == s.len)
            return;
        uint8_t byte = (uint8_t)s.ptr[i];
        uint32_t cp = sek_utf8_next(s, &i);
        char bytes[4];
        if (cp == '\n' || cp == '\r' || cp == '\t')
            sek_buf_addc(out, keep_breaks ? (char)cp : ' ');
        else if (cp == SEK_UTF_REPLACEMENT && byte != 0xEF)
            sek_buf_addf(out, "\\x%02x", byte);
        else if (is_unsafe(cp))
            sek_buf_addf(out, "\\u%04x", (unsigned)cp);
        else
            sek_buf_add(out, bytes, sek_utf8_put(cp, bytes));
    }
}

void sek_quote_text(SekBuf *out, SekStr s) {
    quote(out, s, true);
}

void sek_quote_line(SekBuf *out, SekStr s) {
    quote(out, s, false);
}
