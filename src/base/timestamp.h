/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Time: FILETIME (100 ns since 1601-01-01 UTC) and its text. The program never reads the local zone:
 * every text is UTC, so output does not depend on where it runs. */

#include "base/status.h"
#include "base/str.h"

/* "2020-12-22T00:52:31.1234567Z" and its NUL. */
#define SEK_TIME_TEXT 29

/* FILETIME of 1970-01-01 ([MS-DTYP] 2.3.3 FILETIME; RFC 3339). */
#define SEK_FILETIME_UNIX_EPOCH 116444736000000000u

/* Writes RFC 3339 with 7 digits into `out` (at least SEK_TIME_TEXT bytes); returns the length (28).
 * Years above 9999 are written as "9999-12-31T23:59:59.9999999Z": nothing sane lies there. */
size_t sek_time_format(uint64_t filetime, char *out);

/* sek_time_parse, the way back, is part of the public header. */

/* Calendar fields of a FILETIME, UTC. */
typedef struct SekCalendar {
    uint32_t year, month, day, hour, minute, second; /* month and day from 1 */
    uint32_t ticks;   /* 100 ns, 0..9999999 */
} SekCalendar;
SekCalendar sek_time_calendar(uint64_t filetime);
