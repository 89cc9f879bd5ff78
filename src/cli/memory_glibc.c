/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/memory.h"

#include <malloc.h>

void sek_memory_give_back(void) {
    (void)mallopt(M_MMAP_THRESHOLD, 1024 * 1024); /* at worst memory stays taken */
    (void)mallopt(M_TRIM_THRESHOLD, 2 * 1024 * 1024); /* or its ends come and go with every text that is read */
    /* No spare end: of what lies in it when it is asked for, calloc clears all, also of tables that are never used. */
    (void)mallopt(M_TOP_PAD, 0);
}
