/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where JSON records begin and end, without parsing them. A record is an object that stands in no
 * other: what is between records (blanks, commas, brackets of an array around them) is no part of
 * one. So JSON Lines, one array of objects, and objects that only follow each other are one form.
 * Reading the objects is yyjson's business (RFC 8259). */

#include "base/buf.h"
#include "base/str.h"

/* Zero-initialise; keeps its place between calls, so a record may arrive in pieces. */
typedef struct SekJsonScan {
    uint64_t depth; /* open braces and brackets; 0 = between records */
    int64_t arrays; /* brackets opened and not closed between records */
    bool in_string, escaped;
} SekJsonScan;

/* Goes on at `*at`. True with `*at` behind a record's closing brace; false at the end of `bytes`, whose
 * last record may be open (depth above 0). `*out_start`, where the record begins, is written when its
 * first byte is passed, in this call or an earlier one. */
bool sek_json_scan_record(SekJsonScan *scan, SekStr bytes, size_t *at, size_t *out_start);

/* True for what may stand between records. */
static inline bool sek_json_is_between(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == '[' || c == ']';
}

/* Appends `record` with what strict readers refuse, but writers of logs leave, put right: malformed
 * UTF-8 and lone surrogate escapes become U+FFFD, bare control characters inside strings become
 * escapes. The rest stays, right or wrong. Fails only as the buffer fails. */
void sek_json_repair(SekStr record, SekBuf *out);
