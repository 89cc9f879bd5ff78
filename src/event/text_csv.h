/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* CSV records: cells under the names of the header. An empty cell is an absent field: a table has a
 * column for every field of every event in it, so that nothing else could be meant.
 *
 * Records are read in one of two ways, which say the same of an event:
 *   sparse  steps for the cells that are not empty: the records of one kind of event have a shape of their own, without
 *           what only others have, and are known again by what stands between their values (text_span.h)
 *   dense   steps for all cells; those that are empty have a NULL value. All records of a header are one shape. So are
 *           read what has more or fewer cells than the header, or JSON in one; and when there are too many sparse shapes:
 *           someone who fills cells at random would make one with each record. */

#include "event/text_record.h"
#include "event/text_span.h"

#define SEK_CSV_MAX_HEADERS 64u       /* of one reader, that have sparse records */
#define SEK_CSV_MAX_HEADER 65536u     /* bytes of one of these */
#define SEK_CSV_MAX_SPARSE 4096u      /* shapes of sparse records of one reader */
#define SEK_CSV_SPARSE_STEPS 32768u   /* of all these: most of the trail, and of the memory of plans, is for others */

typedef struct SekTextCsv {
    SekArena arena; /* names */
    SekStr header;  /* that the names are from; borrowed, only compared */
    SekStr *names;
    uint32_t n_names;
    char separator;
    bool has_message;     /* a column is called as cells behind those with a name are */
    char key[16];         /* tells the header from others in the trail; empty: no sparse records */
    SekArena seen;        /* headers that have one */
    SekStr *headers;
    uint32_t n_headers;
    uint32_t n_sparse, sparse_steps;
} SekTextCsv;

void sek_text_csv_init(SekTextCsv *csv);
void sek_text_csv_deinit(SekTextCsv *csv);

/* Makes `header` (a record with its line end) the one that cells are named by. SEK_OK or
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_text_csv_header(SekTextCsv *csv, SekStr header);

/* Reads the record at the start of `text` when all of it is known; `text` may go on behind it. `*out_used`: its length
 * with the line end. False: the record must be begun again. */
bool sek_text_csv_known(const SekTextCsv *csv, SekSpans *spans, SekStr text, SekTextRecord *record, size_t *out_used);

/* Reads one record. `whole`: it ends with its line end, and so does `text`. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_text_csv_read(SekTextCsv *csv, SekStr text, bool whole, SekTextRecord *record);

/* Fills the plan for the record's steps, as sek_text_json_plan does. */
SEK_MUST_USE SekStatus sek_text_csv_plan(const SekTextCsv *csv, const SekStep *steps, uint32_t n, SekArena *scratch,
                                         SekBuild *build, SekTextPlan *plan);
