/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The values of an event that rules ask for, as text, each made at most once per record.
 *
 * Where a ruleset's field stands in a shape is worked out once per shape (a *plan*) and looked up by
 * number after that. */

#include "engine/ruleset.h"
#include "event/event.h"

typedef struct SekFields SekFields;

SEK_MUST_USE SekStatus sek_fields_new(const SekRuleset *rules, SekFields **out);
void sek_fields_free(SekFields *fields);

/* Starts on `event`, borrowed until the next start. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_fields_start(SekFields *fields, const SekEvent *event);

/* For the event of the last start: what stands in the place of ancestry fields. `promise` (may be empty)
 * is what groups hold until the values are known; or `texts`, when they are known already. */
typedef struct SekFieldsAncestry {
    SekStr promise;
    SekText *texts[SEK_N_ANCESTRY];
    uint32_t n_texts[SEK_N_ANCESTRY];
} SekFieldsAncestry;
void sek_fields_ancestry(SekFields *fields, const SekFieldsAncestry *ancestry);

/* The values of the ruleset's field `id`; `*out_n` is 0 when the event lacks it. Texts stay valid until
 * the next start. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_fields_get(SekFields *fields, uint32_t id, SekText **out, uint32_t *out_n);

/* All values of the event (`text_only`: those that are text, not numbers and the like), folded, in one
 * text with a NUL behind each and SEK_TEXT_PAD bytes behind all: for looking for literals in all of them at once. Valid until the next
 * start. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_fields_all(SekFields *fields, bool text_only, SekStr *out);

/* Told of every value of the current event that the ruleset's field `id` is made of, as the slot where it stands, pieces
 * of composite ones too, but not of texts that all events of the shape have in common; false stops. */
typedef bool (*SekSourceSink)(void *user, const SekField *slot);

/* SEK_OK when `sink` was told all of them; SEK_NOT_FOUND when the field is made of more than fields of the
 * event, or `sink` stopped; SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_fields_sources(SekFields *fields, uint32_t id, SekSourceSink sink, void *user);

/* The text as it stands in the event, made on first use; ptr NULL when memory ran out. */
SekStr sek_fields_raw(SekFields *fields, SekText *text);
