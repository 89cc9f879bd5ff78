/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Spans of time as rules write them: a whole number and one letter. Private to the room. */

#include "base/str.h"

#define SEK_TIMESPAN_SECOND 10000000ull /* in 100 ns, like FILETIME */
/* Longest span, and what "the whole log" means: 100 years of 365 days. */
#define SEK_TIMESPAN_MAX (36500ull * 86400 * SEK_TIMESPAN_SECOND)

/* Units: s, m, h, d (COR, Time Selection), and w, M, y as other implementations read them; a month
 * is 30 days here and a year 365. `*out` is in 100 ns, from 1 s to SEK_TIMESPAN_MAX. SEK_OK;
 * SEK_ERR_INPUT when it is no such text or zero; SEK_ERR_LIMIT when it is longer. */
SEK_MUST_USE SekStatus sek_timespan_parse(SekStr text, uint64_t *out);
