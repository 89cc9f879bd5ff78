/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reader: a unit's bytes as a row of events. One Reader belongs to one thread; its template and shape
 * caches live as long as it does. */

#include "event/event.h"
#include "event/source.h"

typedef struct SekReaderOptions {
    bool recover;        /* also give records found outside the valid ones */
    bool skip_checksums;
} SekReaderOptions;

typedef struct SekReader SekReader;

/* SEK_OK or SEK_ERR_MEMORY; free with sek_reader_free (accepts NULL). */
SEK_MUST_USE SekStatus sek_reader_new(const SekReaderOptions *options, SekReader **out);
void sek_reader_free(SekReader *reader);

/* Starts on `unit`, which is borrowed until the next call. */
void sek_reader_start(SekReader *reader, const SekUnit *unit);

/* The next event, valid until the next call: SEK_OK, SEK_END (unit done) or SEK_ERR_MEMORY. Damages
 * are kept in the reader. */
SEK_MUST_USE SekStatus sek_reader_next(SekReader *reader, SekEvent *out);

/* The event that was given last, as XML or JSON (see format/event_text.h). */
SEK_MUST_USE SekStatus sek_reader_xml(SekReader *reader, SekBuf *out);
SEK_MUST_USE SekStatus sek_reader_json(SekReader *reader, SekBuf *out);

/* What the unit gave so far: counts, and damages in the order found. Valid until the next start. */
const SekReadStats *sek_reader_stats(const SekReader *reader);
const SekDamage *sek_reader_damages(const SekReader *reader, uint32_t *out_n, uint64_t *out_more);

/* Enters what the unit gave into its file's entry; the caller holds the source's lock. */
SEK_MUST_USE SekStatus sek_reader_account(const SekReader *reader, SekLedger *ledger);
