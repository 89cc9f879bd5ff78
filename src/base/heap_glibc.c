/* SPDX-License-Identifier: Apache-2.0 */
#include "base/heap.h"

#include <malloc.h>

void sek_heap_trim(void) {
    (void)malloc_trim(0); /* whether there was anything */
}
