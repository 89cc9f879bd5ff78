/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The folders and cheap tests that stand in the table of decode.c, one pair per language. */

#include "decode/decoder.h"

/* Most that one run may hold while it works: trees, values, texts. */
#define SEK_DECODE_MAX_SCRATCH_BYTES ((size_t)512 << 20)
