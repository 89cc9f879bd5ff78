/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Raw text: whether a keyword could stand in values that are text already, asked of the record that they were read from
 * (SekEventText) or, of those that lie elsewhere, of each by itself. */

#include "engine/raw_scan.h"
#include "engine/recipe.h"

/* False when none of the scans' literals stands, folded, in a value of the event's `part`, whose types nobody looked
 * at. True: it may, or cannot be told apart. */
bool sek_raw_text_hits(const SekRawScan *scans, uint32_t n_scans, const SekEvent *event, unsigned part);

/* The same of those outer values alone that the recipe has as the rest of a known record, which fits it
 * (sek_recipe_fits). */
bool sek_raw_text_rest_hits(const SekRawScan *scans, uint32_t n_scans, const SekEvent *event, const SekRecipe *recipe);

/* The same of one text. */
bool sek_raw_text_hit(const SekRawScan *scans, uint32_t n_scans, SekStr text);
