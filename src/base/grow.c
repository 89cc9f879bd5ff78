/* SPDX-License-Identifier: Apache-2.0 */
/* One way for arrays to grow, so that no caller works out sizes for itself: twice as large each time, and no size wraps around. */

#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST = 16 };

SekStatus sek_grow(void *list, uint32_t *cap, uint32_t at, size_t item) {
    if (at < *cap)
        return SEK_OK;
    uint64_t more = *cap ? 2 * (uint64_t)*cap : FIRST;
    more = more <= at ? (uint64_t)at + 1 : more;
    more = more > UINT32_MAX ? UINT32_MAX : more;
    if (more <= at || more > SIZE_MAX / item)
        return SEK_ERR_MEMORY;
    /* Copied as bytes: `list` is the address of a pointer of whatever type. */
    void *old;
    memcpy(&old, list, sizeof old);
    void *grown = realloc(old, (size_t)more * item);
    if (!grown)
        return SEK_ERR_MEMORY;
    memcpy(list, &grown, sizeof grown);
    *cap = (uint32_t)more;
    return SEK_OK;
}

SekStatus sek_grow_zeroed(void *list, uint32_t *cap, uint32_t at, size_t item) {
    uint32_t before = *cap;
    SekStatus status = sek_grow(list, cap, at, item);
    if (status == SEK_OK && *cap > before) {
        char *bytes;
        memcpy(&bytes, list, sizeof bytes);
        memset(bytes + before * item, 0, (*cap - before) * item);
    }
    return status;
}
