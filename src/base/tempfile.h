/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Temporary files: readable by their owner alone, and without a name, so that nothing stays behind
 * however the process ends. tempfile_posix.c implements them. */

#include "base/status.h"

typedef struct SekTempFile {
    int fd; /* -1 when closed */
} SekTempFile;

/* Opens one in `folder`. SEK_OK, or SEK_ERR_IO with the folder and the system's reason in `err`. */
SEK_MUST_USE SekStatus sek_temp_open(const char *folder, SekTempFile *out, SekError *err);
void sek_temp_close(SekTempFile *file);

/* Writes and reads all of `len` bytes at `offset`; threads may do so at the same time, each at places of
 * its own. SEK_OK or SEK_ERR_IO (also when there is less to read). */
SEK_MUST_USE SekStatus sek_temp_write(const SekTempFile *file, uint64_t offset, const void *bytes, size_t len,
                                      SekError *err);
SEK_MUST_USE SekStatus sek_temp_read(const SekTempFile *file, uint64_t offset, void *out, size_t len,
                                     SekError *err);
