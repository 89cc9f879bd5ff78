/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Marks: which bytes of some thousand may end a value, noted by blocks before the values are looked at. So the end of a
 * value is found without looking at its bytes: where the next one begins depends on it. */

#include <stddef.h>
#include <stdint.h>

#define SEK_MARK_BLOCK 64u
#define SEK_MARK_BLOCKS 64u /* that are marked at once */

/* What is known of `blocks` blocks from `from` on, as long as their bytes stay. */
typedef struct SekTextMarks {
    const char *from;
    size_t blocks;
    size_t reach; /* places from `from` on behind which a block is known */
    uint64_t ends[SEK_MARK_BLOCKS + 1];   /* bit i: byte i may end a value of the usual kind */
    uint64_t others[SEK_MARK_BLOCKS + 1]; /* the same, of the other kind */
} SekTextMarks;
