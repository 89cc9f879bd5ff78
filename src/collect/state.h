/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Within collect only: the state of a walk over paths (collect.c), of what is being opened (open.c) and of
 * what is being read (units.c). Each worker has a regular file of its own as long as there are any, so that what it learns
 * of a log serves it; then they help each other. Archives and streams are read one at a time. */

#include "base/file.h"
#include "collect/archive_stream.h"
#include "collect/collect.h"
#include "collect/sniff.h"
#include "collect/text_stream.h"

#include <stdatomic.h>

/* An open log file that units refer to; closed by whoever drops the last reference. */
typedef struct SekHandle {
    SekFile file;
    atomic_uint refs;
} SekHandle;

#define SEK_LANES 16u

/* A regular file of which units are left. */
typedef struct SekLane {
    uint32_t number; /* never given twice; 0 = there is none */
    SekHandle *handle;
    uint32_t entry;
    uint64_t offset, used_end; /* as of SekCollect */
} SekLane;

/* A folder that the user named. */
typedef struct SekRoot {
    char *path;
    uint32_t n_logs; /* found below it so far */
} SekRoot;

#define SEK_NAMED UINT32_MAX /* was not found in a folder: the user named it */

typedef struct SekFound {
    char *path;
    uint32_t root; /* the folder it was found in, or SEK_NAMED: given by the user */
} SekFound;

/* What next() is in the middle of. */
typedef enum { SEK_IDLE, SEK_IN_FILE, SEK_IN_PIPE, SEK_IN_ARCHIVE, SEK_IN_MEMBER } SekCollectState;

struct SekCollect {
    SekLedger ledger;
    SekSource source;
    SekFound *items;
    uint32_t n_items, cap_items, at; /* at: next item to open */
    SekRoot *roots;
    uint32_t n_roots, cap_roots, roots_told; /* roots_told: those that were looked at in the end */
    uint32_t root;                /* of the item being read */
    SekFileIdentity *seen; /* regular files found so far */
    uint32_t n_seen, cap_seen;
    uint64_t bytes;
    bool unknown_size;
    SekStatus failed; /* memory ran out where it could not be returned */

    SekCollectState state;
    uint64_t used_end; /* where the chunks end that the EVTX header counts; 0 = not known */
    uint32_t entry;    /* ledger entry being read */
    uint64_t offset;   /* next byte of it */
    bool end_told;     /* that it cannot be read to its end */
    SekHandle *handle; /* SEK_IN_FILE, which becomes a lane at once */
    SekLane lanes[SEK_LANES];
    uint32_t last_lane; /* number of the one that was opened last */
    SekFile stream;    /* SEK_IN_PIPE, SEK_IN_ARCHIVE, SEK_IN_MEMBER: the file that is read in sequence */
    SekArchive *archive;
    const char *archive_path;
    uint32_t archive_logs; /* members read */
    SekArchive *outer;     /* `archive` is a member of it, called `inner_name`; NULL = it is a file */
    SekBuf inner_name;
    uint32_t outer_logs;
    bool archive_yaml;     /* has members that might be rules */
    uint8_t head[SEK_SNIFF_BYTES];
    size_t n_head, head_at; /* bytes of a stream that were read to look at them */
    bool is_text;           /* what is read is not EVTX, and comes through `text` */
    SekTextForm form;       /* of the file that is looked at */
    SekTextStream text;
    SekArena kept;          /* what units point to */
};

/* --- collect.c ------------------------------------------------------------------------------------ */

/* Enters a path of which nothing is read, with the reason. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_collect_enter(SekCollect *c, SekStr path, SekFileStatus status, const char *reason);

/* Enters a damage of the file being read (a SekDamageSink); memory that runs out is kept in `failed`. */
void sek_collect_damage(void *user, const SekDamage *damage);

/* A folder that somebody named and that holds no log at all must not look like a clean one. SEK_OK while
 * there are some to tell of, SEK_END, SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_collect_tell_empty(SekCollect *c);

/* --- open.c: what a file is ------------------------------------------------------------------------ */

/* Opens `item`, or enters why not; SEK_OK in both cases, SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_collect_open(SekCollect *c, const SekFound *item);

/* Goes to the next member of the archive and opens it, or ends the archive. Statuses as above. */
SEK_MUST_USE SekStatus sek_collect_member(SekCollect *c);

/* --- units.c: what workers get --------------------------------------------------------------------- */

/* The functions of the SekSource. */
SEK_MUST_USE SekStatus sek_collect_next(void *self, SekUnit *unit, SekError *err);
SEK_MUST_USE SekStatus sek_collect_load(void *self, SekUnit *unit, SekError *err);

/* Gives up one reference (accepts NULL). */
void sek_handle_drop(SekHandle *handle);
