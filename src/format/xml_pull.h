/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Pull parser for the XML of event exports (XML 1.0, fifth edition, as far as events use it): elements,
 * attributes, text, CDATA, comments, processing instructions, character references and the five
 * entities of section 4.6. There is no DTD and no other entity: such a reference stays as it is
 * written. Line ends stay as they are in the input, and those written as references are kept too:
 * values are evidence (section 2.11 would fold them).
 *
 * One element and what is in it is read, from its `<` to behind its end tag. Names and values are views
 * of the input, or lie in the arena where something had to be decoded. Values are valid UTF-8. */

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

#define SEK_XML_MAX_DEPTH 64 /* elements inside each other; events have fewer than 12 */

typedef enum {
    SEK_XML_OPEN,      /* name */
    SEK_XML_ATTRIBUTE, /* name, value; of the element that was opened last */
    SEK_XML_TEXT,      /* value: all text up to the next tag, not empty */
    SEK_XML_CLOSE,     /* name; `empty` when written <a/> */
} SekXmlToken;

typedef struct SekXmlPull {
    SekStr bytes;
    size_t at;       /* next byte */
    SekArena *arena; /* borrowed */
    SekStr name, value;
    size_t value_at; /* where the value is written */
    size_t tag_at;   /* CLOSE that is not `empty`: where the end tag begins */
    char quote;      /* ATTRIBUTE: around the value */
    bool whole;      /* TEXT: written in one piece, and no CDATA section */
    bool empty;
    bool in_tag; /* between the name of a start tag and its end */
    uint32_t depth;
    SekStr open[SEK_XML_MAX_DEPTH]; /* names of the open elements */
} SekXmlPull;

/* Starts at `at`, where a `<` stands. */
void sek_xml_start(SekXmlPull *pull, SekStr bytes, size_t at, SekArena *arena);

/* The next token: SEK_OK; SEK_END behind the element; SEK_ERR_INPUT when malformed or cut (`at` stands
 * where it was noticed), SEK_ERR_LIMIT when nested too deep or the arena's limit is reached,
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_xml_next(SekXmlPull *pull, SekXmlToken *out, SekError *err);

/* Place of the next start tag called `name` from `at` on, or the length of `bytes`. Comments and CDATA
 * are not told apart from the rest: this is for finding records in a file, not for reading one. */
size_t sek_xml_find(SekStr bytes, size_t at, SekStr name);

/* Writes `raw` without its references to `out`, which has room for thrice as much and four bytes; what is no UTF-8
 * becomes U+FFFD. Valid UTF-8 does not get longer. Returns the length. */
size_t sek_xml_decode(SekStr raw, char *out);
