/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* From BinXML fragments to shapes: which fields a record of this template pair has.
 *
 * The usual record is an outer template (System) with one value that is a fragment itself (EventData
 * or UserData). Their pair is looked up in a cache that lives as long as the reader. Everything else
 * (no template, several or deeper fragments, templates that are not cached) gets a shape of its own
 * that lives as long as the record. One SekShapes belongs to one thread. */

#include "event/event.h"
#include "format/binxml.h"

typedef struct SekShapes SekShapes;

/* `bx` is borrowed and must outlive the result. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_shapes_new(SekBinxml *bx, SekShapes **out);
void sek_shapes_free(SekShapes *shapes);

/* Fills shape, values and arena of `out` for `record`, the current record of the SekBinxml. SEK_OK;
 * SEK_ERR_INPUT when a nested fragment is malformed (what could be read is in `out` all the same);
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_shapes_event(SekShapes *shapes, const SekFragment *record, SekEvent *out,
                                        SekError *err);

/* The same for a record of which no value is a fragment: one that was read from text. */
SEK_MUST_USE SekStatus sek_shapes_text_event(SekShapes *shapes, const SekFragment *record, SekEvent *out, SekError *err);
