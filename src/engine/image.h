/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Image: a sealed ruleset as one run of bytes, which another process of the same build uses where it
 * reads them, without compiling anything.
 *
 * Every pointer of the ruleset is in the image the distance of its target from the start; reading walks
 * the same structures, checks that each target lies within, and puts the address in its place. What lies
 * in the program itself (names and ids of log sources) is found again by index. */

#include "engine/ruleset.h"

#define SEK_IMAGE_ALIGN 16u /* of its first byte in memory */

/* Appends the image of `rules`, sealed and not asked yet, to `out`, whose length must be a multiple of
 * SEK_IMAGE_ALIGN. SEK_OK, SEK_ERR_LIMIT, SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_image_write(const SekRuleset *rules, SekBuf *out);

/* Fills `rules` from the `n` bytes at `image`, which are changed and must live in `arena`; the ruleset
 * takes the arena over when this succeeds. SEK_OK; SEK_ERR_MEMORY; SEK_ERR_INPUT when a pointer leads out of the image
 * or something that must be there is not. That keeps damage from being followed; it does not make the
 * numbers in a forged image true: whoever reads one must know where it came from. */
SEK_MUST_USE SekStatus sek_image_read(SekRuleset *rules, SekArena *arena, void *image, size_t n);
