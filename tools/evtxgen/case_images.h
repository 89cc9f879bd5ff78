/* SPDX-License-Identifier: Apache-2.0 */
/* Version resources and checksums of the programs of the case. */
#pragma once

#include "evtxgen/case_core.h"

typedef struct SekCaseImageInfo {
    const char *file;    /* lower-case name without folder */
    const char *version; /* NULL: that of the Windows build */
    const char *description;
    const char *product;
    const char *company;
    const char *original;
    const char *signature; /* signer, NULL: unsigned */
} SekCaseImageInfo;

/* What is known about the file of that path; for an unknown file all texts are "-". Programs that
 * change often have the version of 2020, or with `in_2022` of that year. */
SekCaseImageInfo sek_case_image_info(const char *path, bool in_2022);

/* Sysmon's Hashes field for a file: MD5, SHA256 and IMPHASH. Derived from `salt` (the build) and
 * the file name, not from any real file. */
const char *sek_case_hashes(SekCaseArena *arena, const char *path, const char *salt);
