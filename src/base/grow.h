/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Lists that grow: an array from malloc, which its owner frees, with a count of its own and the number of items it has room for. */

#include "base/status.h"

#include <stdint.h>

/* Makes room for an item number `at` (0 is the first) in the array whose pointer stands at `list`: any `T **`, the pointer NULL while
 * `*cap` is 0. Twice what it had, where that is enough. What is in it stays; the rest is not set. `item` = bytes of one item.
 * SEK_OK, or SEK_ERR_MEMORY, after which list and cap are as they were. */
SEK_MUST_USE SekStatus sek_grow(void *list, uint32_t *cap, uint32_t at, size_t item);

/* The same, and new items are all zero bytes. */
SEK_MUST_USE SekStatus sek_grow_zeroed(void *list, uint32_t *cap, uint32_t at, size_t item);
