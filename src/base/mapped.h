/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Operating-system seam for a file that is used where the system keeps it in memory. What is written there
 * stays this process's own. mapped_posix.c implements it. */

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct SekMapped {
    char *ptr; /* NULL = nothing; else a page's first byte */
    size_t len;
} SekMapped;

/* Maps `len` bytes, at least 1, of the open file at `wish` if nothing stands there yet, else anywhere; no
 * page is waited for later. The file must not become shorter while it is mapped. SEK_OK, or SEK_ERR_IO. */
SEK_MUST_USE SekStatus sek_map(int fd, size_t len, uintptr_t wish, SekMapped *out);
void sek_unmap(SekMapped *mapped);
