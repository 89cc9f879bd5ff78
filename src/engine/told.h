/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Told: where the texts stand that made a variant match, for answers that recall gives again (engine/recall.h). Which
 * texts those are depends on what the variant asks for, and all of that is part of the answer's key, so an event with
 * the same key has them in the same places. Working it out anew asks every alternative of a long list again.
 *
 * A table of fixed size, the last one counts. One thread's. */

#include "engine/matched.h"

typedef struct SekTold SekTold;

SEK_MUST_USE SekStatus sek_told_new(SekTold **out);
void sek_told_free(SekTold *told);

/* The places that were kept for `variant` of the answer, valid until the next call of sek_told_keep; NULL when none
 * were. */
const SekMatchedPlace *sek_told_find(const SekTold *told, uint64_t answer, uint32_t variant, uint32_t *out_n);

/* Keeps `n` places, at most SEK_MATCHED_PLACES; all that the variant asks for must be in the key. */
void sek_told_keep(SekTold *told, uint64_t answer, uint32_t variant, const SekMatchedPlace *places, uint32_t n);
