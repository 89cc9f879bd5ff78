/* SPDX-License-Identifier: Apache-2.0 */
#include "base/heap.h"

void sek_heap_trim(void) {
}
