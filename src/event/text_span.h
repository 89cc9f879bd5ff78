/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Spans: reading a record of XML or CSV along the jumps of its trail (text_trail.h). What stands between two values (tags
 * and names, separators and quotes) is compared with what stood there before, the values are read. The thorough parser of
 * the format judges all else, and tells the jumps while it does (SekSpanLearn).
 *
 * A jump is kept only where what the parser makes of its bytes is a function of the steps so far and of these bytes:
 *   XML  a value is an attribute's, or the text of an element without children, written in one piece, behind which comes
 *        an end tag
 *   CSV  a value is a cell that is not empty, in quotes as a whole or without any; the names of cells are part of the
 *        trail, and each stands once in the header
 * So a record that is read this way would have been read the other way with the same steps and values. */

#include "base/buf.h"
#include "event/text_marks.h"
#include "event/text_record.h"

typedef struct SekSpanText SekSpanText;

/* True when the record was read to its end. */
typedef bool (*SekSpanJump)(SekSpanText *text);
/* Fills marks for all their bytes, whole blocks. XML: `ends` of texts, `others` of attributes; CSV: `ends` of cells
 * without quotes, `others` of those with. */
typedef void (*SekSpanMark)(SekTextMarks *marks, bool csv, char separator);

/* How records are read on some kind of processor. */
typedef struct SekSpanForm {
    SekSpanJump jump;
    SekSpanMark mark; /* NULL: `jump` needs no marks */
} SekSpanForm;

struct SekSpanText {
    SekTextRecord *r;
    SekSpanForm form;
    SekTextMarks *marks;
    const char *begin, *at, *end;
    char *plain; /* where the next value that is not taken as it lies goes: as long as the text */
    bool csv, respelled;
    char separator; /* of CSV */
};

/* The fastest form that this processor runs; the others. False where there is none (text_wide_none.c). */
SekSpanForm sek_span_form_best(void);
SekSpanForm sek_span_form_plain(void);
bool sek_span_form_avx2(SekSpanForm *out);
bool sek_span_form_avx512(SekSpanForm *out);

/* What is kept from record to record. */
typedef struct SekSpans {
    SekBuf plain;
    SekSpanForm form;
    SekTextMarks marks;
} SekSpans;

void sek_spans_init(SekSpans *spans);
void sek_spans_deinit(SekSpans *spans);
/* Other bytes, or ones of another separator, may stand now where records were read before. */
void sek_spans_start(SekSpans *spans);

/* Reads the record at the start of `text` when all jumps of it are known; `text` may go on behind it, and outlives the
 * record. `*out_used`: its length. False: the record must be begun again. `separator`: of CSV. */
bool sek_span_xml(SekSpans *spans, SekStr text, SekTextRecord *record, size_t *out_used);
bool sek_span_csv(SekSpans *spans, SekStr text, char separator, SekTextRecord *record, size_t *out_used);

/* --- for the forms ------------------------------------------------------------------------------ */

bool sek_span_jump_plain(SekSpanText *t);

/* True when the jump's bytes stand at t->at, and a value of its kind may follow. */
bool sek_span_fits(const SekSpanText *t, const SekTrailJump *jump);

/* The jump from the trail's place that fits the text, put in front of the others as with steps; 0 when there is none. */
uint32_t sek_span_find(const SekSpanText *t);

/* Reads the value of `jump` at t->at; false leaves it to the parser. */
bool sek_span_read(SekSpanText *t, const SekTrailJump *jump);

/* Adds the value that stands at `start` in the text. */
static inline bool sek_span_add(SekSpanText *t, const char *start, SekStr value) {
    SekTextValues *v = &t->r->values;
    if (v->n == v->cap || value.len > SEK_TEXT_MAX_VALUE || v->n == SEK_TEXT_MAX_LEAVES)
        return false;
    v->values[v->n] = (SekValue){(const uint8_t *)value.ptr, (uint32_t)value.len, SEK_VALUE_UTF8};
    v->places[v->n] = (uint32_t)(start - t->begin);
    v->written[v->n++] = SEK_WRITTEN_TEXT;
    return true;
}

/* --- learning ----------------------------------------------------------------------------------- */

/* Follows a record while it is read thoroughly. */
typedef struct SekSpanLearn {
    SekTrail *trail;
    SekStr text;   /* that places are in */
    uint32_t from; /* the node of the last value, or of the record's start, and where it ended */
    size_t after;
    bool off;      /* what comes is no more to be learned */
} SekSpanLearn;

/* The trail stands where the record's first jump begins, the text at `at`. */
SekSpanLearn sek_span_learn(SekTrail *trail, SekStr text, size_t at);

/* The value of the step that was just taken stands at `start`, and what comes next at `behind`. `stop`: the quote that
 * ends it, whose like stands before it; 0 = none. */
void sek_span_learn_value(SekSpanLearn *learn, size_t start, size_t behind, char stop);

/* The last step was taken, and the record ends at `end`. */
void sek_span_learn_end(SekSpanLearn *learn, size_t end);
