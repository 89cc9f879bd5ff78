/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where records of text end, found by many bytes at once: a file is cut into units before anybody reads its records, by one
 * thread at a time. */

#include "base/str.h"

#define SEK_CUT_BLOCK 64u

/* What is known of records of CSV up to some place: see sek_csv_scan_all. */
typedef struct SekCsvCut {
    bool in_quotes;
    uint64_t records; /* that ended */
    size_t end;       /* behind the last of these; 0 = none */
} SekCsvCut;

/* Passes `blocks` whole blocks from `at` on. */
typedef void (*SekCutCsv)(SekCsvCut *cut, SekStr bytes, size_t at, size_t blocks);
/* The first place from `at` on in `blocks` whole blocks where "</E" begins, or behind them; two bytes more are read. */
typedef size_t (*SekCutXml)(SekStr bytes, size_t at, size_t blocks);

/* The forms for wide registers; NULL where there is none (cut_wide.c, wide_none.c). */
SekCutCsv sek_cut_csv_avx512(void);
SekCutCsv sek_cut_csv_avx2(void);
SekCutXml sek_cut_xml_avx512(void);
SekCutXml sek_cut_xml_avx2(void);

/* Goes on from `at` to the end of `bytes`. The plain way for all of them when `wide` is NULL. */
void sek_cut_csv(SekCsvCut *cut, SekStr bytes, size_t at, SekCutCsv wide);

/* Where "</Event>" stands from `at` on, or the length of `bytes`. */
size_t sek_cut_xml(SekStr bytes, size_t at, SekCutXml wide);

SekCutCsv sek_cut_csv_best(void);
SekCutXml sek_cut_xml_best(void);
