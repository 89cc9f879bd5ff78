/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Context: what PowerShell says of its host in a block of lines inside one value, as fields.
 *
 *   4100-4103        ContextInfo, "        Host Application = powershell.exe"
 *   400 403 500 501
 *   600 800          an unnamed Data of the log "Windows PowerShell", "\tHostApplication=powershell.exe"
 *
 * The keys of the second form are the same in every language of Windows. Those of the first are
 * translated, but their order is fixed (public samples of 4103; LogContextToString in PowerShell's own
 * source), so a block whose first key is not "Severity" is read by the number of the line. The raw values
 * stay as they are: these fields stand beside them, and only where the event has none of that name. */

#include "event/event.h"

#define SEK_CONTEXT_NONE (-1)

/* Number of the key that a rule's field name means (case and blanks do not count), or SEK_CONTEXT_NONE. */
int sek_context_key(SekStr name);

/* True when an event of this shape can have context. */
bool sek_context_shape(const SekShape *shape);

/* The value of a key, copied into the event's arena as UTF-8. SEK_OK; SEK_NOT_FOUND when the event has no
 * context or no such line in it; SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_context_value(const SekEvent *event, int key, SekValue *out);

/* The same for who has the block as text already: the key's value in `block`, a part of it. `classic`: the
 * form of the log "Windows PowerShell". */
SEK_MUST_USE SekStatus sek_context_find(SekStr block, bool classic, int key, SekStr *out);

/* True for the events of "Windows PowerShell" that have a block, whose number among the event's unnamed
 * Data is then in `*out_block` (an event with fewer has it in its last). */
bool sek_context_classic(const SekEvent *event, uint32_t *out_block);
