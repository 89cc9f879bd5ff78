/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* XML records: one <Event> element each, as Windows shows it. */

#include "event/text_record.h"

/* Reads the <Event> that begins at `at` into `record`, which was begun and whose arena is reset.
 * `*out_end`: where the record ends, or where reading it failed. SEK_OK; SEK_ERR_INPUT or
 * SEK_ERR_LIMIT; SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_text_xml_read(SekStr text, size_t at, SekTextRecord *record, size_t *out_end,
                                         SekError *err);

/* Fills the plan for the record's steps, whose keys must live as long as the plan. SEK_OK or
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_text_xml_plan(const SekStep *steps, uint32_t n, SekBuild *build,
                                         SekTextPlan *plan);

/* The name space of events ([MS-EVEN6] 6, "Event.xsd"). */
#define SEK_EVENT_NAMESPACE "http://schemas.microsoft.com/win/2004/08/events/event"
