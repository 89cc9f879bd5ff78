/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Status: what a call returns, and SekError: where and why it failed.
 *
 * Three kinds of result, kept apart on purpose: an *outcome* that the caller handles (SEK_END,
 * SEK_NOT_FOUND), *bad input*, which is normal for evidence (the record is skipped, counted and
 * reported with its place), and *fatal* (memory, I/O), which stops the run and passes up unchanged.
 * There is no global or thread-local error state: a caller that wants detail hands in a SekError. */

#include "sekisho.h" /* SekStatus and SekError: the public header defines them for everyone */

#define SEK_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Fills `err` (may be NULL) and returns `code`, so that a failing function can say
 * `return sek_fail(err, SEK_ERR_INPUT, "...")`. Text longer than the field is cut. */
SekStatus sek_fail(SekError *err, SekStatus code, const char *fmt, ...) SEK_PRINTF(3, 4);

/* True for the statuses that must stop a run. */
static inline bool sek_is_fatal(SekStatus status) {
    return status == SEK_ERR_MEMORY || status == SEK_ERR_IO;
}
