/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Guard window: by which four bytes of its literal each guard is found. Literals that begin alike ("imphash=") would else
 * all be found by their beginning. */

#include "engine/guard_cost.h"

/* Chooses the windows of those of the `n` guards that are `used` (one byte each), for being searched together.
 * `fields`: one a ruleset field. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_guard_windows(const SekRuleset *rules, const SekCostField *fields, SekGuard *guards, uint32_t n,
                                         const uint8_t *used);
