/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Why a rule did or did not match an event, as text. */

#include "engine/scanner.h"

/* Appends for each way into the rule's log source that leads to the event (for all, when none does) which
 * parts of the condition held. `event` becomes the scanner's event of the last call. SEK_OK or
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_explain_event(const SekRuleset *rules, SekScanner *scanner, uint32_t rule,
                                         const SekEvent *event, SekBuf *out);
