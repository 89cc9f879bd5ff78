/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* UTF-16LE of records to escaped UTF-8, in one pass and straight to where it belongs. The same text as converting it
 * (base/utf.h) and then escaping it as JSON (base/json_text.h) or as XML (event_xml.c) gives. */

#include <stddef.h>
#include <stdint.h>

/* The places that a text can stand in. */
typedef enum {
    SEK_TEXT_JSON,      /* inside the quotes of a string */
    SEK_TEXT_XML,       /* between tags */
    SEK_TEXT_ATTRIBUTE, /* of XML, inside quotes of either kind */
    SEK_N_TEXTS,
} SekTextPlace;

/* Bytes that a unit may need at most ("\u001f", "&quot;"), and that may be written behind the end besides. */
#define SEK_PUT_UNIT 6u
#define SEK_PUT_BEHIND 64u

/* Writes `units` at `at`, which has room for SEK_PUT_UNIT each and SEK_PUT_BEHIND more; returns where the text ends. */
typedef char *(*SekPutUtf16)(char *at, const uint8_t *bytes, size_t units);

typedef struct SekPutTexts {
    SekPutUtf16 put[SEK_N_TEXTS];
} SekPutTexts;

/* The fastest that this processor can. */
const SekPutTexts *sek_put_texts(void);
const SekPutTexts *sek_put_texts_plain(void);
const SekPutTexts *sek_put_texts_avx512(void); /* NULL where there is none */

/* Writes the first character of `units` (there is one), escaped, and moves `*bytes` and `*units` behind it. */
char *sek_put_one(char *at, const uint8_t **bytes, size_t *units, SekTextPlace place);
