/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Indicators: what in a text could be looked for elsewhere - addresses, names, paths, hashes.
 *
 * The finder (sek_indicators_find) goes over any text once, in linear time and without recursion, and
 * calls back for each hit with its place and its plain form: `hxxp://a[.]example` becomes
 * `http://a.example`, `http://0xb907d607/` becomes `http://185.7.214.7/`. The set (SekIndicatorSet) keeps
 * each indicator once, with the places where it was seen.
 *
 * What is *not* taken is as important; docs/decode.md tells the rules. In short: a name with dots that
 * stands alone is a host only with a known top-level domain and the shape of one (System.IO and
 * $_.Name are none), four numbers are an address only when nothing says that they are a version, and a
 * file name needs the extension of a program, script, document or archive. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/strmap.h"

#define SEK_URL_MAX 8192u         /* bytes of one URL; what follows is not looked at as part of it */
#define SEK_PATH_MAX 1024u        /* bytes of one path or registry key: four times MAX_PATH of Windows */
#define SEK_INDICATORS_MAX 65536u /* different indicators in one set */
#define SEK_INDICATOR_PLACES 8u   /* places kept for one indicator; further ones are counted */

typedef enum {
    SEK_INDICATOR_URL,
    SEK_INDICATOR_HOST,     /* domain name, lower case, IDN as xn-- */
    SEK_INDICATOR_ADDRESS,  /* IPv4 as four numbers, IPv6 in its short form (RFC 5952) */
    SEK_INDICATOR_ENDPOINT, /* address:port, [address]:port */
    SEK_INDICATOR_EMAIL,
    SEK_INDICATOR_PATH,     /* drive, relative or beginning with a variable; single backslashes */
    SEK_INDICATOR_UNC,
    SEK_INDICATOR_FILE,     /* name without a folder */
    SEK_INDICATOR_REGISTRY, /* HKLM\..., HKCU\... */
    SEK_INDICATOR_MD5,
    SEK_INDICATOR_SHA1,
    SEK_INDICATOR_SHA256,
    SEK_N_INDICATOR_KINDS,
} SekIndicatorKind;

/* What else is true of an indicator. */
typedef enum {
    SEK_MARK_BARE_ADDRESS = 1 << 0, /* URL whose host is an address */
    SEK_MARK_NUMERIC = 1 << 1,      /* the address was written as a number, in hexadecimal or octal */
    SEK_MARK_DEFANGED = 1 << 2,     /* was written so that it cannot be clicked on */
    SEK_MARK_IDN = 1 << 3,          /* host with letters outside ASCII */
    SEK_MARK_SITE_PATH = 1 << 4,    /* URL with a path of WordPress or a plug-in: a hacked site, often */
    SEK_MARK_LIST = 1 << 5,         /* one of at least three URLs of different hosts in a row */
    SEK_MARK_PROGRAM = 1 << 6,      /* URL of a program, script or archive, by its extension */
    SEK_MARK_PAYLOAD_HOST = 1 << 7, /* host or address of a URL with one of the three marks above */
    SEK_MARK_NAMESPACE = 1 << 8,    /* URL that names an XML vocabulary and is not fetched */
} SekIndicatorMark;
#define SEK_N_INDICATOR_MARKS 9

typedef struct SekIndicatorHit {
    SekIndicatorKind kind;
    unsigned marks; /* SekIndicatorMark; LIST and PAYLOAD_HOST of a list are known to the set only */
    SekStr value;   /* plain form, UTF-8; borrowed for the call */
    size_t off, len; /* bytes: where it stands in the text, as it is written there */
} SekIndicatorHit;

/* Anything but SEK_OK ends the search and is returned by it. */
typedef SekStatus (*SekIndicatorVisit)(void *user, const SekIndicatorHit *hit);

/* Calls `visit` for what is found in `text` (UTF-8, may be malformed), in order; the host of a URL
 * follows its URL. `versions`: numbers of four parts are versions here, not addresses. SEK_OK,
 * SEK_ERR_MEMORY, or what `visit` returned. */
SEK_MUST_USE SekStatus sek_indicators_find(SekStr text, bool versions, SekIndicatorVisit visit, void *user);

/* The kind's name as outputs give it: "url", "host", "address" ... */
const char *sek_indicator_kind_name(SekIndicatorKind kind);
/* The name of mark number `bit` (0 .. SEK_N_INDICATOR_MARKS - 1): "bare-address" ... */
const char *sek_indicator_mark_name(unsigned bit);

/* Appends `value` so that no program takes it for a link: hxxp, and [.] in host names and addresses.
 * Kinds that nothing opens (paths, files, hashes, keys) are appended as they are. */
void sek_indicator_defang(SekBuf *out, SekIndicatorKind kind, SekStr value);

/* --- the set --------------------------------------------------------------------------------- */

typedef struct SekIndicatorPlace {
    SekStr source;  /* what the text is part of: a file, a record; may be empty */
    SekStr field;   /* of an event; may be empty */
    uint32_t layer; /* 0 = as recorded */
    uint32_t len;   /* bytes, as written */
    size_t off;     /* bytes in the layer's text */
} SekIndicatorPlace;

typedef struct SekIndicator {
    SekIndicatorKind kind;
    unsigned marks;
    SekStr value;
    SekStr written; /* as it stands at its first place; empty when that is `value` */
    SekIndicatorPlace places[SEK_INDICATOR_PLACES];
    uint32_t n_places;
    uint64_t n_seen; /* places with those that were not kept */
} SekIndicator;

typedef struct SekIndicatorSet {
    SekArena arena;
    SekStrMap map;
    SekIndicator **items; /* in the order first seen */
    uint32_t n_items, cap;
    uint64_t n_lost; /* hits whose indicator was not entered because the set is full */
} SekIndicatorSet;

/* `arena_limit` bytes bound all that the set holds; 0 = 256 MiB. */
void sek_indicators_init(SekIndicatorSet *set, size_t arena_limit);
void sek_indicators_deinit(SekIndicatorSet *set);

/* Finds what `text` holds and enters it as seen in `where` (`off` and `len` are ignored; the names
 * are copied). A field whose name contains "Version" holds no addresses.
 * SEK_OK, also when the set is full (see n_lost); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_indicators_add(SekIndicatorSet *set, SekStr text, const SekIndicatorPlace *where);

/* All `n_items`, by kind and by first sight within; lies in the set's arena. NULL when memory ends. */
SEK_MUST_USE SekIndicator *const *sek_indicators_sorted(SekIndicatorSet *set);
