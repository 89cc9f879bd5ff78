/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the parts of the finder share. A part is called where its kind of thing may begin; it either
 * gives hits and moves `at` behind what it took, or leaves `at` and returns false. No part looks further
 * than a named limit from where it is called, and none is called for the same bytes more than a few
 * times: that keeps the whole linear. */

#include "indicator/indicator.h"

#define SEK_IPV6_MAX 45u  /* characters of an address with four decimal numbers at its end */
#define SEK_HOST_MAX 253u /* RFC 1035, section 2.3.4: 255 octets on the wire */

typedef struct SekFinder {
    SekStr text;
    size_t at; /* everything before it is done */
    bool versions;
    SekIndicatorVisit visit;
    void *user;
    SekBuf value; /* plain form of the hit in work */
    SekStatus status;
} SekFinder;

/* Gives the hit in `value` that stands at `off` .. `end`. */
void sek_finder_give(SekFinder *f, SekIndicatorKind kind, unsigned marks, size_t off, size_t end);
/* The same for a value that is not in the buffer. */
void sek_finder_give_value(SekFinder *f, const SekIndicatorHit *hit);

/* --- characters --- */

static inline bool sek_is_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline bool sek_is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
/* True when `c` is one of `set`, never for NUL. */
static inline bool sek_one_of(char c, const char *set) {
    return c != '\0' && strchr(set, c) != NULL;
}
/* The byte at `i`, 0 beyond the end. */
static inline char sek_byte_at(SekStr s, size_t i) {
    return i < s.len ? s.ptr[i] : '\0';
}
/* True when `s` holds `word` (lower case) at `at`, in any case. */
bool sek_word_at(SekStr s, size_t at, const char *word);
/* True for a code point outside ASCII that ends words and URLs: blanks, quotes, punctuation of every
 * width (Unicode blocks General Punctuation, CJK Symbols, Halfwidth and Fullwidth Forms' signs). */
bool sek_ends_word(uint32_t cp);

/* True when what stands at `start` .. `end` is a piece of a string that is put together: 'exam'+'ple'. */
bool sek_is_fragment(SekStr s, size_t start, size_t end);

/* Length of a dot at `at`, also of one in disguise: [.] (.) {.} [dot] (dot) {dot} and the wide dots
 * that IDNA takes for one (RFC 3490, section 3.1). 0 = none. `*defanged` is set for the bracketed. */
size_t sek_dot_at(SekStr s, size_t at, bool *defanged);

/* --- hosts (host.c) --- */

typedef enum { SEK_HOST_NONE, SEK_HOST_NAME, SEK_HOST_V4, SEK_HOST_V6 } SekHostKind;

typedef struct SekHost {
    SekHostKind kind;
    unsigned marks;  /* NUMERIC, DEFANGED, IDN */
    uint32_t n_labels;
    size_t end;      /* of what was read */
    size_t len;
    char text[SEK_HOST_MAX + 3]; /* plain form; IPv6 without brackets */
} SekHost;

/* Reads a host at `at` as a URL holds it: a name, an address in any notation that inet_aton takes, or
 * [IPv6]. False when there is none. */
bool sek_host_read(SekStr text, size_t at, SekHost *out);
/* Reads IPv6 text, also with four decimal numbers at its end; false when it is not. `len` of `out` (at least 46 bytes) in *out_len. */
bool sek_ipv6_read(SekStr text, char *out, size_t *out_len);
/* Port behind `at` (":8080" or "[:]8080"): its length with the colon, or 0; the number in *out. */
size_t sek_port_at(SekStr text, size_t at, unsigned *out);
/* Appends the label's Punycode with xn-- (RFC 3492) for code points `cps`. False when it is too long. */
bool sek_punycode(const uint32_t *cps, size_t n, char *out, size_t *io_len, size_t cap);

/* --- tables (names.c) --- */

typedef enum { SEK_TLD_NONE, SEK_TLD_WORD, SEK_TLD_PLAIN } SekTld;
/* WORD: a top-level domain that is also a word of programs or an extension (id, name, io, py ...). */
SekTld sek_tld_of(SekStr label);
/* True for extensions of programs, scripts, documents that carry macros, and archives. */
bool sek_is_telling_extension(SekStr extension);
/* True for extensions that make a download a program: without documents. */
bool sek_is_program_extension(SekStr extension);
/* True for a dotted name that is known and is no host: command.com, asp.net ... */
bool sek_is_known_name(SekStr name);
/* True for a host that only names XML vocabularies. */
bool sek_is_namespace_host(SekStr host);

/* --- parts --- */

/* `colon` is where the separator behind a scheme may stand. */
bool sek_find_url(SekFinder *f, size_t colon);
/* Where the scheme before `colon` begins, or SIZE_MAX when none stands there. */
size_t sek_scheme_before(SekStr text, size_t colon);

/* A path that begins at `at`: with a drive, `..`, `.`, %NAME%, $env:NAME, $home or two backslashes. */
bool sek_find_path(SekFinder *f, size_t at);
/* A registry key that begins at `at`, with its hive in any spelling. */
bool sek_find_registry(SekFinder *f, size_t at);

/* The run of letters, digits, '_', '-' and '.' at `start` .. `end`: address, host, file, hash, e-mail. */
void sek_find_in_run(SekFinder *f, size_t start, size_t end);
