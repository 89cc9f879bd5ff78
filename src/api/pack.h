/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Files of ours that are built into the program: the rule pack (generated from rules/) and the processing
 * pipelines (from data/pipelines/). */

#include <stddef.h>

typedef struct SekPackFile {
    const char *name; /* path below the folder; NULL ends the table */
    const char *text;
    size_t len;
} SekPackFile;

extern const SekPackFile sek_pack_files[];
extern const SekPackFile sek_pipeline_files[];
