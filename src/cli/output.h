/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Output files: they take their name when they are complete, so that nobody reads half a report; never
 * over evidence or rules. Until then they have no name at all, so that nothing is left behind by a signal;
 * where the file system cannot do that, they stand beside their name. A link stays, and what it leads to is
 * replaced; one that leads nowhere is refused: in a folder of others it would choose where a file is made. Names of
 * open files, such as /dev/stdout, are written to as they are, behind what was written to them. */

#include "cli/options.h"

#include <stdio.h>

typedef struct SekOutFile {
    const char *path;
    char *target;    /* where it leads, if it is a link; NULL = it is written to as it is */
    char *temporary; /* its name until it is complete; NULL = it has none, or is written to as it is */
    bool unnamed;
    int fd; /* the stream's, of a file that takes its name later */
    FILE *stream;
} SekOutFile;

/* What an output must not replace. Any part may be NULL. */
typedef struct SekOutGuard {
    const char *command;     /* for messages */
    const SekArgs *evidence; /* files, and folders with all that is below */
    const SekArgs *rules;
    const char *const *outputs; /* other outputs of the same command, NULL-terminated */
} SekOutGuard;

/* SEK_EXIT_DONE when `path` may be written; else SEK_EXIT_USAGE, with a message on standard error: it is
 * one of the inputs, lies below an input folder, is a log or an archive, another output, or a link to nothing. */
int sek_out_check(const SekOutGuard *guard, const char *path);

/* Opens for `path` ("-" = standard output). SEK_EXIT_DONE, or SEK_EXIT_FATAL with a message. */
int sek_out_open(SekOutFile *file, const char *command, const char *path);

/* Closes; with `keep` the file takes its name, else it is removed. False with a message when that
 * fails. Does nothing for a file that is not open. */
bool sek_out_close(SekOutFile *file, const char *command, bool keep);
