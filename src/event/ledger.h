/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The ledger: what was read of each file, what was recovered, what was passed over and why. Nothing
 * is silently dropped: every path that was found has an entry here, and every damage is counted (the
 * first SEK_LEDGER_DAMAGES of a file with their place). */

#include "base/arena.h"
#include "format/evtx.h"

#define SEK_LEDGER_DAMAGES 256u /* kept per file; more are counted */

typedef enum {
    SEK_FILE_READ,    /* all of it */
    SEK_FILE_PARTLY,  /* with damages */
    SEK_FILE_SKIPPED, /* nothing of it, see reason; is evidence that was not seen */
    SEK_FILE_IGNORED, /* found in a folder or archive, not a log: no evidence was lost */
} SekFileStatus;

const char *sek_file_status_name(SekFileStatus status);

/* What reading one unit (or one file) gave. */
typedef struct SekReadStats {
    uint64_t bytes, chunks, records, recovered;
    uint64_t no_time;              /* events whose time is not there or cannot be read */
    uint64_t renamed;              /* events whose data has ECS names instead of Windows' */
    uint64_t bad_records;          /* recognised as records, but not readable */
    uint64_t first_time, last_time; /* FILETIME of events; 0 = none */
} SekReadStats;

void sek_read_stats_add(SekReadStats *to, const SekReadStats *from);

typedef struct SekFileEntry {
    SekStr path; /* as given; archive members as pkg.zip!inner/Security.evtx */
    uint64_t size;
    SekFileStatus status;
    SekStr reason; /* for SKIPPED and IGNORED */
    SekReadStats stats;
    SekDamage *damages;
    uint32_t n_damages, cap_damages;
    uint64_t n_more_damages;
    uint64_t n_lost; /* of all damages, those that cost evidence */
} SekFileEntry;

/* Not locked: its owner decides who writes when. */
typedef struct SekLedger {
    SekArena arena;
    SekFileEntry **files;
    uint32_t n_files, cap_files;
} SekLedger;

void sek_ledger_init(SekLedger *ledger);
void sek_ledger_deinit(SekLedger *ledger);

/* Adds an entry; `path` is copied. SEK_OK (index in *out) or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_ledger_add(SekLedger *ledger, SekStr path, uint64_t size, uint32_t *out);
/* Marks an entry as skipped or ignored; `reason` is copied. */
SEK_MUST_USE SekStatus sek_ledger_close(SekLedger *ledger, uint32_t index, SekFileStatus status, SekStr reason);
/* Adds a damage (counted when the list is full) and makes a read file a partly read one. */
SEK_MUST_USE SekStatus sek_ledger_damage(SekLedger *ledger, uint32_t index, const SekDamage *damage);

/* Adds what an entry says to the totals of a run. */
void sek_ledger_sum(const SekFileEntry *entry, SekSummary *to);

/* Sorts the damages of each file by offset: the order must not depend on threads. */
void sek_ledger_finish(SekLedger *ledger);
