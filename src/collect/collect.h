/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Collect: paths as a Source. Folders are walked, archives are streamed without unpacking to disk,
 * what a file is decided by its content, and every file that was found gets its entry in the ledger:
 * read, or skipped or ignored with the reason. */

#include "event/source.h"

typedef struct SekCollect SekCollect;

/* SEK_OK or SEK_ERR_MEMORY; free with sek_collect_free (accepts NULL). */
SEK_MUST_USE SekStatus sek_collect_new(SekCollect **out);
void sek_collect_free(SekCollect *collect);

/* Adds a file, a folder (walked now), an archive, or "-" (standard input). A file that is reached twice
 * is read once. A path that does not exist is entered as skipped. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_collect_add(SekCollect *collect, const char *path);

/* Bytes of all files found so far; 0 when some are unknown (a pipe). */
uint64_t sek_collect_bytes(const SekCollect *collect);

/* The Source; valid as long as `collect`. */
SekSource *sek_collect_source(SekCollect *collect);
