/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a ledger says when everything was read: totals, and a line for each problem. */

#include "event/ledger.h"

/* Adds up all files of a finished ledger. `out` may be NULL. */
void sek_tell_totals(const SekLedger *ledger, SekSummary *out);

/* Calls `problem` (may be NULL) with one line for each file that was skipped, and for each damage. */
void sek_tell_problems(const SekLedger *ledger, void (*problem)(void *user, const char *line), void *user);
