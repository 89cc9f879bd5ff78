/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* MAP_POPULATE */
#include "base/mapped.h"

#include <sys/mman.h>

SekStatus sek_map(int fd, size_t len, uintptr_t wish, SekMapped *out) {
    /* First to be read alone: of pages that may be written all would be copied at once. */
    void *at = mmap((void *)wish, len, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    *out = (SekMapped){0};
    if (at == MAP_FAILED)
        return SEK_ERR_IO;
    *out = (SekMapped){at, len};
    if (mprotect(at, len, PROT_READ | PROT_WRITE) == 0)
        return SEK_OK;
    sek_unmap(out);
    return SEK_ERR_IO;
}

void sek_unmap(SekMapped *mapped) {
    if (mapped->ptr)
        munmap(mapped->ptr, mapped->len);
    *mapped = (SekMapped){0};
}
