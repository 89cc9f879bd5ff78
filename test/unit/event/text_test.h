/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the tests of text inputs share: a text is read as one unit, and its events are looked at by
 * field name. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event/reader.h"

typedef struct TextTest {
    SekReader *reader;
    SekUnit unit;
    SekEvent event;
    SekBuf text; /* of the last value or rendering */
} TextTest;

/* Begins to read `text`, which is copied. `header` is for CSV, else NULL. */
void text_begin(TextTest *t, SekUnitKind kind, const char *text, const char *header);
void text_begin_bytes(TextTest *t, SekUnitKind kind, SekStr text, const char *header);
void text_end(TextTest *t);

/* The next event must be there. */
void text_next(TextTest *t);
/* There must be no further event, and these many records that could not be read. */
void text_over(TextTest *t, unsigned bad_records);

/* All values of the event's fields called `name`, joined by `|`; "(absent)" when there is none. */
const char *text_field(TextTest *t, const char *name);
const char *text_xml(TextTest *t);
const char *text_json(TextTest *t);
/* What the damage number `i` says; fails when there are fewer. */
const char *text_damage(TextTest *t, unsigned i, uint64_t *out_offset);

#define assert_field(t, name, expected) assert_string_equal(text_field((t), (name)), (expected))
