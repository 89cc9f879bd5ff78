/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What lies beside rules and is none: counted by kind, so that nobody wonders where the rules of an archive in
 * the folder are. Nothing is kept of the names but their endings, and of the first archive and the first events
 * without a rule. */

#include "base/buf.h"

#define SEK_OTHER_KINDS 24u     /* told apart; the rest is "others" */
#define SEK_OTHER_ENDING 12u    /* longest ending that is one, with its dot and end */

typedef struct SekOtherKind {
    char ending[SEK_OTHER_ENDING]; /* ".zip", in lower case; empty = no ending */
    uint32_t n;
} SekOtherKind;

typedef struct SekOtherFiles {
    SekOtherKind kinds[SEK_OTHER_KINDS];
    uint32_t n_kinds, n_others;
    uint32_t n_files;  /* that are no rules, those below apart */
    uint32_t n_read_me; /* read-me files, licences, manifests, events of rules, hidden files */
    uint32_t n_archives; /* of n_files */
    SekBuf archive;    /* path of the first */
} SekOtherFiles;

void sek_other_files_init(SekOtherFiles *files);
void sek_other_files_deinit(SekOtherFiles *files);

/* Counts a file. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_other_files_add(SekOtherFiles *files, SekStr path);

/* Appends "3 files here are no rules and are not read: .json 2, .zip 1". */
void sek_other_files_say(const SekOtherFiles *files, SekBuf *out);
