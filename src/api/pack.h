/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Our own rule pack, built into the program (generated from rules/). */

#include <stddef.h>

typedef struct SekPackFile {
    const char *name; /* path below rules/; NULL ends the table */
    const char *text;
    size_t len;
} SekPackFile;

extern const SekPackFile sek_pack_files[];
