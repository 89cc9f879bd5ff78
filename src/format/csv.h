/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* CSV (RFC 4180): cells in quotes may hold separators, line ends and doubled quotes. The separator is
 * the one of the header: comma, semicolon, tab or bar. */

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

#define SEK_CSV_MAX_CELLS 4096u /* of one record; more are left out and reported */

/* Zero-initialise; keeps its place between calls. */
typedef struct SekCsvScan {
    bool in_quotes;
} SekCsvScan;

/* Goes on at `*at`. True with `*at` behind the line end of a record; false at the end of `bytes`. */
bool sek_csv_scan_record(SekCsvScan *scan, SekStr bytes, size_t *at);

/* Where the quote stands that is still open at the end of `bytes`, which begin outside quotes; their length
 * for none. */
size_t sek_csv_open_quote(SekStr bytes);

/* The separator of a header line: the one that stands in it most often outside quotes; 0 for none. */
char sek_csv_separator(SekStr header);

typedef struct SekCsvCells {
    SekStr *cells; /* views of the record, or in the arena where quotes had to go; valid UTF-8 */
    SekStr *raw;   /* the same as they are written */
    uint32_t n;
    bool more; /* there were more than SEK_CSV_MAX_CELLS */
} SekCsvCells;

/* Takes a record (with or without its line end) apart. A quote that does not end takes the rest.
 * SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_csv_cells(SekStr record, char separator, SekArena *arena, SekCsvCells *out);

/* Copies what stands between the quotes of a cell in quotes, doubled ones as one. Returns the length. */
size_t sek_csv_undouble(SekStr inner, char *out);
