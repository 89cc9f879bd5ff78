/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One record of text while it is read: the steps it takes and the values it has. What the readers of
 * JSON, XML and CSV have in common. */

#include "event/text_plan.h"
#include "event/text_trail.h"

/* JSON objects inside each other, XML elements inside each other. */
#define SEK_TEXT_MAX_DEPTH 32u

typedef enum {
    SEK_PART_TOO_DEEP = 1,
    SEK_PART_TOO_MANY = 2,
    SEK_PART_TOO_LONG = 4,
    SEK_PART_ODD_CELLS = 8, /* CSV: more cells than the header has names */
} SekPart;

/* Formats that have a trail of their own. */
typedef enum { SEK_ROOT_JSON, SEK_ROOT_JSON_LINES, SEK_ROOT_XML, SEK_ROOT_CSV } SekTextRoot;

typedef struct SekTextRecord {
    SekTextRoot root;
    SekTrail *trail;
    struct SekTextJson *json; /* for JSON, and for JSON inside other values */
    SekTextValues values;
    SekStr plain;      /* where values without their escapes lie; empty: not in one place */
    bool known;        /* JSON: values lie in `plain`, or are ASCII and lie in the record */
    bool respelled;    /* known: one in `plain` is not ASCII, or has a character that is written as its number */
    SekArena *arena;   /* of the record: everything is dropped with the next one */
    unsigned left_out; /* SekPart bits */
    SekStatus failed;  /* SEK_ERR_MEMORY */
} SekTextRecord;

void sek_text_begin(SekTextRecord *record, SekTextRoot root);

/* What the inline functions below leave to do: a step that is not the usual one. */
void sek_text_other_step(SekTextRecord *record, SekStepKind kind, SekStr key);
void sek_text_other_value(SekTextRecord *record, SekStepKind kind, SekStr key, SekStr value,
                          SekWritten written);

/* Takes a step; failures are kept in the record. */
static inline void sek_text_step(SekTextRecord *record, SekStepKind kind, SekStr key) {
    if (!sek_trail_follow(record->trail, kind, key))
        sek_text_other_step(record, kind, key);
}

/* Takes a LEAF or ATTRIBUTE step with its value (valid UTF-8, borrowed as long as the record). */
static inline void sek_text_value(SekTextRecord *record, SekStepKind kind, SekStr key, SekStr value,
                                  SekWritten written) {
    SekTextValues *v = &record->values;
    if (v->n == v->cap || value.len > SEK_TEXT_MAX_VALUE || v->n == SEK_TEXT_MAX_LEAVES ||
        !sek_trail_follow(record->trail, kind, key)) {
        sek_text_other_value(record, kind, key, value, written);
        return;
    }
    v->values[v->n] = (SekValue){(const uint8_t *)value.ptr, (uint32_t)value.len, SEK_VALUE_UTF8};
    v->written[v->n++] = (uint8_t)written;
}
