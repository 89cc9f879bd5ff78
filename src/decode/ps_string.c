/* SPDX-License-Identifier: Apache-2.0 */

/* Strings, variables and the words of command mode. A text without anything to expand becomes one PS_STRING,
 * one with variables or $( ) a PS_EXPAND with the pieces as kids. PS_ODD marks texts written with escapes
 * that change nothing, which people do not write. */

#include "base/utf.h"
#include "decode/ps_parser.h"

static void put_unit(SekPsParser *p, unsigned unit) {
    uint16_t u = (uint16_t)unit;
    sek_buf_add(&p->units, &u, 2);
}

static void put_cp(SekPsParser *p, uint32_t cp) {
    if (cp > 0xFFFF) {
        put_unit(p, 0xD800u + ((cp - 0x10000u) >> 10));
        put_unit(p, 0xDC00u + ((cp - 0x10000u) & 0x3FFu));
    } else {
        put_unit(p, cp);
    }
}

static void put_next(SekPsParser *p) {
    put_cp(p, sek_utf8_next(p->s, &p->at));
}

static void widen(uint16_t *restrict to, const char *restrict from, size_t n) {
    for (size_t i = 0; i < n; i++)
        to[i] = (unsigned char)from[i];
}

/* Puts what stands for itself, up to a character that does not or is above ASCII. */
static void put_plain(SekPsParser *p, uint8_t where) {
    size_t end = sek_ps_run(p->s, p->at, where), n = end - p->at;
    char *out = n ? sek_buf_reserve(&p->units, 2 * n) : NULL;
    if (!out)
        return;
    for (size_t i = 0; i < n; i++) {
        uint16_t unit = (unsigned char)p->s.ptr[p->at + i];
        memcpy(out + 2 * i, &unit, 2);
    }
    sek_buf_advance(&p->units, 2 * n);
    p->at = end;
}

/* A text of ASCII, `from`..`end`, as it stands: nothing needs to be put together. Its node begins at `start` and ends where
 * the parser will be. */
static SekPsNode *plain_text(SekPsParser *p, size_t start, size_t from, size_t end, uint16_t flags) {
    SekPsNode *node = sek_ps_node(p, PS_STRING, start);
    uint16_t *units = sek_arena_alloc(p->arena, end > from ? 2 * (end - from) : 1);
    if (!units) {
        p->failed = true;
        return node;
    }
    widen(units, p->s.ptr + from, end - from);
    node->text = (SekPsText){units, (uint32_t)(end - from)};
    node->flags = flags;
    return node;
}

/* Takes what was put since `mark` as a text. */
static SekPsText take(SekPsParser *p, size_t mark) {
    SekPsText text = {NULL, 0};
    size_t bytes = p->units.len - mark;
    if (p->units.failed != SEK_OK) {
        p->failed = true;
        return text;
    }
    uint16_t *copy = sek_arena_alloc(p->arena, bytes ? bytes : 1);
    if (!copy) {
        p->failed = true;
        return text;
    }
    if (bytes)
        memcpy(copy, p->units.data + mark, bytes);
    p->units.len = mark;
    return (SekPsText){copy, (uint32_t)(bytes / 2)};
}

static bool hex_escape(SekPsParser *p) { /* at the u of `u{20AC} */
    size_t at = p->at + 1;
    uint32_t cp = 0;
    unsigned digits = 0;
    if (sek_ps_byte(p->s, at) != '{')
        return false;
    for (at++; digits < 7; at++, digits++) {
        unsigned char c = (unsigned char)sek_ascii_lower((char)sek_ps_byte(p->s, at));
        if (!sek_ps_is_digit(c) && !(c >= 'a' && c <= 'f'))
            break;
        cp = cp * 16 + (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    if (digits == 0 || sek_ps_byte(p->s, at) != '}' || cp > 0x10FFFF)
        return false;
    put_cp(p, cp);
    p->at = at + 1;
    return true;
}

/* At a backtick: puts what it stands for. Sets `*odd` when the backtick changes nothing. `e is an e, as in
 * Windows PowerShell. */
static void escape(SekPsParser *p, uint16_t *odd) {
    static const char from[] = "0abfnrtv", to[] = "\0\a\b\f\n\r\t\v";
    p->at++;
    unsigned char c = sek_ps_byte(p->s, p->at);
    const char *found = c ? memchr(from, c, sizeof from - 1) : NULL;
    if (p->at >= p->s.len)
        return;
    if (found) {
        put_unit(p, (unsigned char)to[found - from]);
        p->at++;
    } else if (c != 'u' || !hex_escape(p)) {
        if (sek_ps_is_word(c) || c == '-' || c == '.' || c == '/' || c == ':')
            *odd |= PS_ODD;
        put_next(p);
    }
}

/* --- variables ---------------------------------------------------------------------------------------------
 */

static size_t name_length(SekStr s, size_t at) {
    size_t n = sek_ps_run(s, at, SEK_PS_NAME) - at;
    for (;; n++) {
        unsigned char c = sek_ps_byte(s, at + n);
        if (sek_ps_is_word(c) && !(c >= 0x80 && (sek_ps_blank(s, at + n) || sek_ps_dash(s, at + n) ||
                                                 sek_ps_single(s, at + n) || sek_ps_double(s, at + n))))
            continue;
        if (c == '?')
            continue;
        if (c == ':' && n > 0 && sek_ps_byte(s, at + n + 1) != ':' &&
            sek_ps_is_word(sek_ps_byte(s, at + n + 1)))
            continue;
        return n;
    }
}

static SekPsNode *braced(SekPsParser *p, size_t start) {
    size_t from = start + 2, to = from;
    bool ticks = false;
    while (to < p->s.len && p->s.ptr[to] != '}') {
        ticks |= p->s.ptr[to] == '`';
        to += p->s.ptr[to] == '`' && to + 1 < p->s.len ? 2 : 1;
    }
    if (to >= p->s.len)
        return NULL;
    SekPsNode *node = sek_ps_node(p, PS_VAR, start);
    node->flags = PS_BRACED;
    node->name = sek_str_n(p->s.ptr + from, to - from);
    if (ticks) {
        char *plain = sek_arena_alloc(p->arena, to - from);
        size_t n = 0;
        if (!plain) {
            p->failed = true;
            return NULL;
        }
        for (size_t i = from; i < to; i++) {
            if (p->s.ptr[i] == '`' && i + 1 < to)
                i++;
            plain[n++] = p->s.ptr[i];
        }
        node->name = sek_str_n(plain, n);
    }
    p->at = to + 1;
    return sek_ps_done(p, node);
}

SekPsNode *sek_ps_variable(SekPsParser *p) {
    size_t start = p->at;
    unsigned char c = sek_ps_byte(p->s, start + 1);
    if (sek_ps_byte(p->s, start) != '$')
        return NULL;
    if (c == '{')
        return braced(p, start);
    size_t n = name_length(p->s, start + 1);
    if (n == 0 && (c == '$' || c == '^'))
        n = 1;
    if (n == 0)
        return NULL;
    SekPsNode *node = sek_ps_node(p, PS_VAR, start);
    node->name = sek_str_n(p->s.ptr + start + 1, n);
    p->at = start + 1 + n;
    return sek_ps_done(p, node);
}

/* --- expandable text ---------------------------------------------------------------------------------------
 */

typedef struct Pieces {
    SekPsKids kids;
    SekPsNode *only;    /* the string so far, while it is the only piece */
    size_t mark, start; /* of the current run of literal text */
    uint16_t odd;
} Pieces;

static void end_run(SekPsParser *p, Pieces *pieces, bool always) {
    if (!always && p->units.len == pieces->mark)
        return;
    SekPsNode *run = sek_ps_node(p, PS_STRING, pieces->start);
    run->text = take(p, pieces->mark);
    run->end = (uint32_t)p->at;
    run->flags = pieces->odd;
    sek_ps_add(&pieces->kids, run);
}

/* At a $: a variable or $( ) becomes a piece; false when the $ is only a $. */
static bool expand_one(SekPsParser *p, Pieces *pieces) {
    size_t start = p->at;
    SekPsNode *piece = NULL;
    if (sek_ps_byte(p->s, start + 1) == '(') {
        size_t mark = p->units.len;
        if (!sek_ps_enter(p))
            return false;
        piece = sek_ps_node(p, PS_SUB, start);
        p->at += 2;
        SekPsKids kids = {0};
        sek_ps_statements(p, &kids, ')');
        piece->kid = kids.first;
        sek_ps_leave(p);
        (void)sek_ps_done(p, piece);
        p->units.len = mark;
    } else {
        piece = sek_ps_variable(p);
    }
    if (!piece)
        return false;
    size_t behind = p->at;
    p->at = start;
    end_run(p, pieces, false);
    p->at = behind;
    sek_ps_add(&pieces->kids, piece);
    pieces->start = behind;
    pieces->mark = p->units.len;
    return true;
}

/* What the pieces make: one string, or an expansion. */
static SekPsNode *gather(SekPsParser *p, Pieces *pieces, size_t start, uint16_t flags) {
    end_run(p, pieces, pieces->kids.first == NULL);
    SekPsNode *first = pieces->kids.first;
    if (first->kind == PS_STRING && !first->next) {
        first->start = (uint32_t)start;
        first->flags = (uint16_t)(pieces->odd | flags);
        return first;
    }
    SekPsNode *node = sek_ps_node(p, PS_EXPAND, start);
    node->kid = first;
    node->flags = (uint16_t)(pieces->odd | flags);
    return node;
}

static bool here_ends(SekStr s, size_t at, bool single, size_t *out_len) {
    size_t n = sek_ps_newline(s, at);
    if (n == 0)
        return false;
    size_t q = single ? sek_ps_single(s, at + n) : sek_ps_double(s, at + n);
    if (q == 0 || sek_ps_byte(s, at + n + q) != '@')
        return false;
    *out_len = n + q + 1;
    return true;
}

/* A string without an end swallows the rest of the source, as it does for PowerShell; winding back instead
 * would read the rest again at every quote. */
static SekPsNode *unterminated(SekPsParser *p, size_t start, size_t mark) {
    p->units.len = mark;
    p->at = p->s.len;
    p->opaque = true;
    return sek_ps_done(p, sek_ps_node(p, PS_OPAQUE, start));
}

static SekPsNode *here_string(SekPsParser *p, bool single) {
    size_t start = p->at, len = 0;
    size_t q = single ? sek_ps_single(p->s, start + 1) : sek_ps_double(p->s, start + 1);
    size_t at = start + 1 + q;
    while (sek_ps_blank(p->s, at))
        at += sek_ps_blank(p->s, at);
    if (!sek_ps_newline(p->s, at))
        return NULL;
    p->at = at + sek_ps_newline(p->s, at);
    Pieces pieces = {.mark = p->units.len, .start = p->at};
    if (here_ends(p->s, at, single, &len)) { /* nothing between the quotes */
        p->at = at + len;
        SekPsNode *empty = gather(p, &pieces, start, PS_QUOTED | PS_HERE);
        return sek_ps_done(p, empty);
    }
    while (p->at < p->s.len && !p->failed) {
        if (here_ends(p->s, p->at, single, &len)) {
            SekPsNode *node = gather(p, &pieces, start, PS_QUOTED | PS_HERE);
            p->at += len;
            return sek_ps_done(p, node);
        }
        char c = p->s.ptr[p->at];
        if (!single && c == '`')
            escape(p, &pieces.odd);
        else if (single || c != '$' || !expand_one(p, &pieces))
            put_next(p);
    }
    return unterminated(p, start, pieces.mark);
}

/* A quoted text from `from` on that ends at `end` with the quote of ASCII, which is not doubled. */
static SekPsNode *plain_quoted(SekPsParser *p, size_t from, size_t end) {
    SekPsNode *node = plain_text(p, p->at, from, end, PS_QUOTED);
    p->at = end + 1;
    return sek_ps_done(p, node);
}

static SekPsNode *single_quoted(SekPsParser *p) {
    size_t start = p->at, mark = p->units.len, from = start + sek_ps_single(p->s, start);
    size_t end = sek_ps_run(p->s, from, SEK_PS_IN_SINGLE);
    if (sek_ps_byte(p->s, end) == '\'' && !sek_ps_single(p->s, end + 1))
        return plain_quoted(p, from, end);
    p->at = from;
    for (;;) {
        put_plain(p, SEK_PS_IN_SINGLE);
        if (p->at >= p->s.len)
            break;
        size_t q = sek_ps_single(p->s, p->at);
        if (q == 0) {
            put_next(p);
            continue;
        }
        size_t again = sek_ps_single(p->s, p->at + q);
        if (again == 0) {
            SekPsNode *node = sek_ps_node(p, PS_STRING, start);
            p->at += q;
            node->text = take(p, mark);
            node->flags = PS_QUOTED;
            return sek_ps_done(p, node);
        }
        p->at += q;
        put_next(p);
    }
    return unterminated(p, start, mark);
}

/* The inside of "..." up to the closing quote, which is not taken; false when there is none. */
static bool double_inside(SekPsParser *p, Pieces *pieces) {
    for (;;) {
        put_plain(p, SEK_PS_IN_DOUBLE);
        if (p->at >= p->s.len || p->failed)
            break;
        size_t q = sek_ps_double(p->s, p->at);
        if (q > 0) {
            if (sek_ps_double(p->s, p->at + q) == 0)
                return true;
            p->at += q;
            put_next(p);
        } else if (p->s.ptr[p->at] == '`') {
            escape(p, &pieces->odd);
        } else if (p->s.ptr[p->at] != '$' || !expand_one(p, pieces)) {
            put_next(p);
        }
    }
    return false;
}

SekPsNode *sek_ps_quoted(SekPsParser *p) {
    size_t start = p->at;
    if (sek_ps_byte(p->s, start) == '@') {
        if (sek_ps_single(p->s, start + 1))
            return here_string(p, true);
        return sek_ps_double(p->s, start + 1) ? here_string(p, false) : NULL;
    }
    if (sek_ps_single(p->s, start))
        return single_quoted(p);
    size_t quote = sek_ps_double(p->s, start);
    if (!quote)
        return NULL;
    size_t end = sek_ps_run(p->s, start + quote, SEK_PS_IN_DOUBLE), mark = p->units.len;
    if (sek_ps_byte(p->s, end) == '"' && !sek_ps_double(p->s, end + 1))
        return plain_quoted(p, start + quote, end);
    p->at += quote;
    Pieces pieces = {.mark = p->units.len, .start = p->at};
    if (double_inside(p, &pieces)) {
        SekPsNode *node = gather(p, &pieces, start, PS_QUOTED);
        p->at += sek_ps_double(p->s, p->at);
        return sek_ps_done(p, node);
    }
    return unterminated(p, start, mark);
}

/* --- words of command mode ---------------------------------------------------------------------------------
 */

bool sek_ps_word_ends(const SekPsParser *p, size_t at) {
    unsigned char c = sek_ps_byte(p->s, at);
    if (at < p->s.len && c < 0x80 && (sek_ps_classes[c] & SEK_PS_IN_WORD))
        return false;
    if (at >= p->s.len || sek_ps_blank(p->s, at) || sek_ps_newline(p->s, at))
        return true;
    return c == ';' || c == ',' || c == '|' || c == '&' || c == '(' || c == ')' || c == '{' || c == '}' ||
           c == '<' || c == '>';
}

/* A quoted stretch inside a word; false when it has no end: the rest of the source is then gone. */
static bool word_quote(SekPsParser *p, Pieces *pieces) {
    size_t start = p->at;
    if (sek_ps_double(p->s, start)) {
        p->at += sek_ps_double(p->s, start);
        if (double_inside(p, pieces)) {
            p->at += sek_ps_double(p->s, p->at);
            return true;
        }
        return false;
    }
    SekPsNode *node = single_quoted(p);
    for (uint32_t i = 0; node->kind == PS_STRING && i < node->text.n; i++)
        put_unit(p, node->text.p[i]);
    return node->kind == PS_STRING;
}

SekPsNode *sek_ps_plain_word(SekPsParser *p, size_t end) {
    size_t start = p->at;
    p->at = end;
    return sek_ps_done(p, plain_text(p, start, start, end, PS_BARE));
}

SekPsNode *sek_ps_word(SekPsParser *p, bool command_name) {
    size_t start = p->at, end = sek_ps_run(p->s, start, SEK_PS_IN_WORD);
    uint16_t ticks = 0;
    if (end > start && sek_ps_byte(p->s, end) < 0x80 && sek_ps_word_ends(p, end))
        return sek_ps_plain_word(p, end);
    Pieces pieces = {.mark = p->units.len, .start = start};
    for (;;) {
        put_plain(p, SEK_PS_IN_WORD);
        if (sek_ps_word_ends(p, p->at) || p->failed)
            break;
        unsigned char c = sek_ps_byte(p->s, p->at);
        if (c == '`') {
            if (sek_ps_newline(p->s, p->at + 1))
                break;
            ticks = PS_BACKTICK;
            escape(p, &pieces.odd);
        } else if (sek_ps_single(p->s, p->at) || sek_ps_double(p->s, p->at)) {
            if (!word_quote(p, &pieces))
                return unterminated(p, start, pieces.mark);
        } else if (c != '$' || command_name || !expand_one(p, &pieces)) {
            put_next(p);
        }
    }
    if (p->at == start) {
        p->units.len = pieces.mark;
        return NULL;
    }
    SekPsNode *node = gather(p, &pieces, start, (uint16_t)(PS_BARE | ticks));
    return sek_ps_done(p, node);
}
