/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* CSV records: cells under the names of the header. An empty cell is an absent field: a table has a
 * column for every field of every event in it, so that nothing else could be meant. */

#include "event/text_record.h"

typedef struct SekTextCsv {
    SekArena arena; /* names */
    SekStr header;  /* that the names are from; borrowed, only compared */
    SekStr *names;
    uint32_t n_names;
    char separator;
} SekTextCsv;

void sek_text_csv_init(SekTextCsv *csv);
void sek_text_csv_deinit(SekTextCsv *csv);

/* Makes `header` (a record with its line end) the one that cells are named by. SEK_OK or
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_text_csv_header(SekTextCsv *csv, SekStr header);

/* Reads one record. SEK_OK or SEK_ERR_MEMORY. Its steps are planned by sek_text_json_plan. */
SEK_MUST_USE SekStatus sek_text_csv_read(const SekTextCsv *csv, SekStr text, SekTextRecord *record);
