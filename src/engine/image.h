/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Image: a sealed ruleset as one run of bytes, which another process of the same build uses where it
 * reads them, without compiling anything.
 *
 * Its pointers are those of an image that stands at an address which the writer chose. Where it is read at that address
 * (the usual case: nothing else stands there), nothing is looked at and nothing is written: only pages that matching
 * asks for are touched. Elsewhere reading walks the structures, checks that each target lies within, and moves it.
 * Nothing in an image points into the program itself: names and ids of log sources are found by index. */

#include "engine/ruleset.h"

#define SEK_IMAGE_ALIGN 16u /* of its first byte in memory */

/* Appends the image of `rules`, sealed and not asked yet, to `out`, for the address `base`; both it and the length of
 * `out` must be multiples of SEK_IMAGE_ALIGN. SEK_OK, SEK_ERR_LIMIT, SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_image_write(const SekRuleset *rules, uintptr_t base, SekBuf *out);

/* Fills `rules` from the image that stands in `mapped` from its byte `at` to its end, was written for the address
 * `base`, and is changed if it stands elsewhere; the ruleset takes `mapped` over when this succeeds. SEK_OK;
 * SEK_ERR_MEMORY; SEK_ERR_INPUT when a pointer leads out of an image that is moved, or something that must be there is not.
 * That keeps accidents from being followed. It does not make a forged image harmless, which has its numbers and, where it
 * need not be moved, its pointers as it likes: whoever reads one must know that it is his own and undamaged. */
SEK_MUST_USE SekStatus sek_image_read(SekRuleset *rules, SekMapped *mapped, size_t at, uintptr_t base);
