/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* JSON records: those of a known shape are read in one pass (text_json_follow.h). Of the others yyjson parses
 * one, this walks it once and takes a step per key. Numbers stay as they
 * are written (64 bits and more survive); "4624.0" becomes 4624, since a program that keeps all numbers
 * as doubles means that. Values are views of the text, or of what was made
 * of it, until the next record. */

#include "event/text_record.h"

typedef struct SekTextJson SekTextJson;

/* SEK_OK or SEK_ERR_MEMORY; free with sek_text_json_free (accepts NULL). */
SEK_MUST_USE SekStatus sek_text_json_new(SekTextJson **out);
void sek_text_json_free(SekTextJson *json);

/* Other bytes may stand now where records were read before. */
void sek_text_json_start(SekTextJson *json);

/* Reads the record at the start of `text` when its shape is known and nothing about it is unusual, as sek_text_json_read
 * would; `text` may go on behind it. False: the record is as it was begun. */
bool sek_text_json_known(SekStr text, SekTextRecord *record, size_t *out_used);

/* Reads the first value of `text` into `record`, which was begun, whose arena is reset, and which has a
 * SekTextJson. `*out_used`: bytes read. SEK_OK; SEK_ERR_INPUT when it is not JSON or no object (`err->offset`
 * tells where); SEK_ERR_LIMIT when it needs more memory than the arena may take; SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_text_json_read(SekStr text, SekTextRecord *record, size_t *out_used,
                                          SekError *err);

/* EvtxECmd writes an event's data as JSON inside a value called Payload. When `value` is that, takes the
 * steps of what is in it and returns true; else nothing happens. Failures are kept in the record. */
bool sek_text_json_payload(SekStr key, SekStr value, SekTextRecord *record);

/* Fills the plan for the record's steps. Names live in `build->arena` or as long as the steps; `scratch`
 * is for the time of the call. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_text_json_plan(const SekStep *steps, uint32_t n, SekArena *scratch,
                                          SekBuild *build, SekTextPlan *plan);
