/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The quick way to read a JSON record: of a shape that was seen before, in strict JSON. Names are
 * compared where they stand with those that the trail expects, values are views of the text or, when
 * they have escapes, of `plain`; no document is built. Whatever is unusual - a new step, an error, a
 * surrogate, a limit - is left to the thorough way (text_json.c), which begins the record again. */

#include "base/buf.h"
#include "event/text_json_jump.h"

typedef struct SekJsonFollow {
    SekBuf *plain; /* for values; must stay as long as the record */
    SekJsonForm form;
    SekTextMarks *marks; /* of bytes that are still what they were */
} SekJsonFollow;

/* Reads the object at the start of `text` into `record`, which was begun. True with `*out_used`, the bytes
 * read. False: nothing is said about the record, whose steps and values must be begun again. `text` may go on
 * behind the record; in JSON Lines it ends before the end of its line, or is not read. */
bool sek_text_json_follow(SekStr text, SekTextRecord *record, const SekJsonFollow *with, size_t *out_used);
