/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a text file is, by its first bytes: its encoding, its format, and whether Windows events are in
 * it. Names and extensions of files are not asked. */

#include "event/source.h"
#include "event/text_encoding.h"

/* Bytes that are worth looking at: what tells an event may stand behind a long message. */
#define SEK_TEXT_FORM_BYTES 65536u

typedef enum {
    SEK_FORM_OTHER, /* not a text of events */
    SEK_FORM_MAYBE, /* JSON or XML, but no event was seen in these bytes */
    SEK_FORM_EVENTS,
    SEK_FORM_OPEN_HEADER, /* CSV whose first line names what events have, but opens a quote and does not close it */
} SekFormAnswer;

typedef struct SekTextForm {
    SekUnitKind kind;
    SekTextEncoding encoding;
    uint32_t mark; /* bytes of the byte-order mark */
    SekDateOrder dates; /* of CSV */
    uint32_t skip; /* bytes of the text (as UTF-8) before the header of CSV: lines like "sep=;" */
} SekTextForm;

/* Looks at the first `len` bytes. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_text_form(const uint8_t *bytes, size_t len, SekTextForm *out,
                                     SekFormAnswer *answer);
