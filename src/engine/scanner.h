/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Scanner: which rules of a Ruleset match an event. A function of (Ruleset, Event): no clock, file,
 * locale or environment. One Scanner belongs to one thread; it borrows the Ruleset, which must outlive
 * it, and owns only scratch memory, so that after warm-up scanning allocates nothing per record. */

#include "engine/beside.h"
#include "engine/feed.h"
#include "engine/process_reader.h"
#include "engine/ruleset.h"
#include "event/event.h"

typedef struct SekScanner SekScanner;

/* SEK_OK or SEK_ERR_MEMORY; free with sek_scanner_free (accepts NULL). */
SEK_MUST_USE SekStatus sek_scanner_new(const SekRuleset *rules, SekScanner **out);
void sek_scanner_free(SekScanner *scanner);

/* Evaluates every variant of a group from now on, without guards: the answer must be the same. */
void sek_scanner_brute_force(SekScanner *scanner);

/* From now on conditions on ancestry are not decided: sek_scanner_match names variants that match and
 * those that may. `reader` is borrowed. Without this, events have no ancestry. */
void sek_scanner_defer(SekScanner *scanner, SekProcessReader *reader);

/* From now on ancestry is known: `settler` has it. Both are borrowed. */
struct SekSettler;
void sek_scanner_settle(SekScanner *scanner, SekProcessReader *reader, struct SekSettler *settler);

/* True when `variant`, named by the last match, only may match. */
bool sek_scanner_may(SekScanner *scanner, uint32_t variant);

/* The same; then `*out_bits` holds the answers to what
 * it asks beside ancestry, valid until the next call. */
bool sek_scanner_pending(SekScanner *scanner, uint32_t variant, SekStr *out_bits);

/* The process that the event of the last call is about; NULL when it says none, or nothing is deferred. */
const SekProcessKey *sek_scanner_process(SekScanner *scanner);

/* The variants that match `event`: `*out_n` indices in rule order, valid until the next call. SEK_OK
 * or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_scanner_match(SekScanner *scanner, const SekEvent *event,
                                         const uint32_t **out_variants, uint32_t *out_n);

/* A number for the last event and for those of the same shape that hold the same values in all keyed fields, never
 * given to others; 0 = none, as for the first of them. */
uint64_t sek_scanner_answer(const SekScanner *scanner);
bool sek_scanner_keyed(const SekScanner *scanner, const SekField *field);

/* Why: the fields and values that made `variant` match the event of the last call, at most `max`;
 * valid until the next call. Conditions under `not` show nothing. */
SEK_MUST_USE SekStatus sek_scanner_matched(SekScanner *scanner, uint32_t variant, SekPair *out,
                                           uint32_t max, uint32_t *out_n);

/* What decides, beside the answer, what sek_scanner_matched just told of `variant`: it is the same for all events with
 * this answer and the same values there. False when nobody can tell. */
bool sek_scanner_beside(SekScanner *scanner, uint32_t variant, SekBeside *out);

/* Says for the event of the last call which parts of `variant` hold and which do not, with the values
 * seen: indented lines, appended to `out`. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_scanner_explain(SekScanner *scanner, uint32_t variant, SekBuf *out);

/* True when the variant's way into its log source leads to `event`. */
bool sek_scanner_leads(SekScanner *scanner, const SekEvent *event, uint32_t variant);

/* Makes `event` the event of the last call without asking which rules match. */
SEK_MUST_USE SekStatus sek_scanner_start(SekScanner *scanner, const SekEvent *event);

/* Feeds what correlations want of `variant`, which matched the event of the last call. SEK_OK or
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_scanner_feed(SekScanner *scanner, uint32_t variant, SekFeed *feed,
                                        const SekFeedEvent *event);

/* Regular-expression matches given up at their limit so far, one number a predicate (engine/gave_up.h). */
const uint32_t *sek_scanner_gave_up(const SekScanner *scanner);
