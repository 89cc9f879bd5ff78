/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/memory.h"

#include <malloc.h>

void sek_memory_give_back(void) {
    (void)mallopt(M_MMAP_THRESHOLD, 128 * 1024); /* at worst memory stays taken */
}
