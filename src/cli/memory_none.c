/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/memory.h"

void sek_memory_give_back(void) {
}
