/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Raw event: whether a keyword could stand in one of the values of an event, asked of the bytes as they lie in
 * its record: the value table of a binary event, the text of another. */

#include "engine/raw_scan.h"
#include "engine/recipe.h"

/* False when none of the scans' literals stands, folded, in the text of any value that was read for the event
 * (what its shape says of all events is not looked at). True: it may, or cannot be told apart. */
bool sek_raw_event_hits(const SekRawScan *scans, uint32_t n_scans, const SekEvent *event);

/* The same of those values alone that are not in the key of the event's recipe, which it fits (sek_recipe_fits), and not
 * the route's. */
bool sek_raw_event_rest_hits(const SekRawScan *scans, uint32_t n_scans, const SekEvent *event, const SekRecipe *recipe);
