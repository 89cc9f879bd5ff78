/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Recall: which variants matched an event that held the same values. Logs repeat themselves: the same
 * service logs on, the same program starts the same program. What the steady variants of a group answer
 * depends on nothing but the values that they ask for, so these values, byte for byte, are the key.
 *
 * The answers of one thread lie in a ring of fixed size, the oldest are overwritten. Shapes whose events do
 * not repeat are left alone for a while. A recalled answer is the answer; speed alone depends on luck. */

#include "engine/fields.h"
#include "engine/group.h"

typedef struct SekRecall SekRecall;

SEK_MUST_USE SekStatus sek_recall_new(SekRecall **out);
void sek_recall_free(SekRecall *recall);

/* Looks for the answer of the group's steady variants to `event`, on which `fields` were started. SEK_OK with
 * the variants that matched, valid until the next call; SEK_NOT_FOUND; SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_recall_find(SekRecall *recall, const SekGroup *group, const SekEvent *event,
                                       SekFields *fields, const uint32_t **out, uint32_t *out_n);

/* Tells the answer to the last event from all others: the same for events with the same values as long as the answer
 * is kept, never given twice. 0 when there is none. */
uint64_t sek_recall_answer(const SekRecall *recall);

/* Keeps the answer to the event that was looked for last and not found. */
void sek_recall_keep(SekRecall *recall, const uint32_t *variants, uint32_t n);
