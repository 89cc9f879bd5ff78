/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Operating-system seam for a shared library that few runs need: it is opened when it is asked for, so that
 * the others neither link it (and all that it links) when they start nor hold it in memory. The system's
 * own search finds it, as it finds the libraries that the program is linked with. library_posix.c
 * implements it. */

#include "base/status.h"

#include <stddef.h>

typedef struct SekLibraryName {
    const char *name; /* of a function */
    size_t at;        /* where the table has the pointer to it */
} SekLibraryName;

/* Opens the library `soname` and fills `table` with the functions that `names` lists. Once open it stays in
 * memory, so pointers never become invalid and opening it again is cheap. SEK_OK; SEK_NOT_FOUND when it,
 * or one of the functions, is not there (`err` says which). */
SEK_MUST_USE SekStatus sek_library_open(const char *soname, const SekLibraryName *names, size_t n, void *table,
                                        SekError *err);
