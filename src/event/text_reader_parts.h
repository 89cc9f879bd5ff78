/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the parts of the text reader share (text_reader.c, text_reader_json.c, text_reader_span.c and
 * text_reader_typed.c): a part finds the next record and reads it, then it becomes an event. */

#include "event/text_csv.h"
#include "event/text_reader.h"

struct SekTextReader {
    SekShapes *shapes;
    SekTrail *trail;
    SekTextCsv csv;
    SekSpans spans;
    SekArena arena;     /* of the record */
    SekArena plans;     /* plans that stay */
    SekArena scratch;   /* while a plan is made */
    SekArena rendering; /* of the record, when it is asked for as text */
    SekTextRecord record;
    SekTextPlan *plan; /* of the record */
    SekEventText about; /* the event */
    uint32_t n_plans, planned_steps;
    const SekUnit *unit;
    SekStr text; /* of the unit */
    size_t at;
    uint64_t ordinal; /* records of the file so far */
    uint32_t resumes;
    bool time_told; /* of this unit */
    bool encoding_told; /* of this unit: it was looked at */
    bool refused;   /* XML: the last record could not be read */
    bool open_comment; /* XML: one between records that does not end in this unit */
    SekDamageSink sink;
    void *user;
};

/* Begins a record of the format. */
void sek_text_reader_begin(SekTextReader *r, SekTextRoot root);

/* Turns what was read into an event; `at`: where the record begins. */
SEK_MUST_USE SekStatus sek_text_reader_give(SekTextReader *r, size_t at, SekEvent *out);

/* Looks once a unit for text that is not of its encoding, and tells. */
void sek_text_reader_tell_encoding(SekTextReader *r);
/* What is told of the encoding comes before all else, whenever it was looked at. */
void sek_text_reader_tell(SekTextReader *r, const SekDamage *damage);
/* Something at `at` of the unit is lost. */
void sek_text_reader_damage(SekTextReader *r, size_t at, const char *what);
/* Tells that a record could not be read. One that ends where its unit ends may have been cut there. */
SEK_MUST_USE SekStatus sek_text_reader_refuse(SekTextReader *r, size_t at, const char *what);

/* The next record of each format: see sek_text_reader_next. SEK_NOT_FOUND: one that is passed over. */
SEK_MUST_USE SekStatus sek_text_reader_json_line(SekTextReader *r, SekEvent *out);
SEK_MUST_USE SekStatus sek_text_reader_json(SekTextReader *r, SekEvent *out);
SEK_MUST_USE SekStatus sek_text_reader_xml(SekTextReader *r, SekEvent *out);
SEK_MUST_USE SekStatus sek_text_reader_csv(SekTextReader *r, SekEvent *out);

/* A decimal number of up to 64 bits. */
bool sek_text_reader_number(SekValue value, uint64_t *out);
