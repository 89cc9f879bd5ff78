/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Output files: written beside their name and renamed when complete, so that nobody reads half a
 * report; never over evidence. */

#include <stdbool.h>
#include <stdio.h>

typedef struct SekOutFile {
    const char *path;
    char *temporary;
    FILE *stream;
} SekOutFile;

/* Opens for `path`. False, with a message on standard error, when it cannot be written or is an event
 * log. */
bool sek_out_open(SekOutFile *file, const char *command, const char *path);

/* Closes; with `keep` the file takes its name, else it is removed. False with a message when that
 * fails. Does nothing for a file that is not open. */
bool sek_out_close(SekOutFile *file, const char *command, bool keep);
