/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Lineage: who started whom, per host.
 *
 *   SekLineageLog   one a worker: facts about processes, as events tell them, in any order
 *   SekLineage      the forest made of all logs once everything is read; then it only answers
 *
 * A process is a node. Sysmon's and the Security log's views of one process become one node (same host
 * and process id, near in time, same program). Process ids are used again: a node lasts until its end is
 * logged or its id starts something else. A parent that no event shows becomes a node made of what its
 * children say about it. Where a broker stands between (WMI, the task scheduler, the service manager),
 * what asked the broker is added as an *inferred* cause with its reason; the recorded parent stays.
 *
 * Facts, texts and the forest lie on a shelf (base/shelf.h): in little memory, on disk beyond it.
 *
 * Input is hostile: names may lie, GUIDs repeat, parents form circles. Facts and texts are bounded by what the shelf
 * takes (SEK_SHELF_BYTES: some 20 million process starts), and what does not fit is counted; nothing recurses; building
 * takes O(n log n). */

#include "base/arena.h"
#include "base/host_set.h"
#include "base/shelf.h"
#include "base/strmap.h"

#define SEK_LINEAGE_HOSTS (1u << 18)            /* names of computers that one log tells apart ... */
#define SEK_LINEAGE_HOST_BYTES ((size_t)16 << 20) /* ... and their bytes: in memory, as every event's host is */
#define SEK_LINEAGE_TEXT_MAX (256u << 10)       /* bytes of a text */

#define SEK_NO_PID UINT32_MAX
#define SEK_NO_PROCESS UINT32_MAX
#define SEK_MAX_ANCESTORS 64u /* that are listed of one process; Windows' own trees are below 20 deep */
#define SEK_TREE_ID 384u      /* bytes that hold any tree id */

/* A process as an event names it. The GUID counts where there is one; else the id at that time. */
typedef struct SekProcessKey {
    SekStr host;      /* Computer */
    uint64_t time;    /* FILETIME of the event */
    uint32_t pid;     /* SEK_NO_PID = not given */
    uint8_t guid[16]; /* Sysmon's, as its text reads; all zero = not given */
} SekProcessKey;

/* Reads "{8F3C59A1-93E0-5FE1-3B04-000000002400}", with or without braces. False for anything else. */
bool sek_process_guid(SekStr text, uint8_t out[16]);
bool sek_process_has_guid(const uint8_t guid[16]);

/* Which log tells a start or an end. */
typedef enum { SEK_VIEW_SYSMON, SEK_VIEW_SECURITY, SEK_N_VIEWS } SekProcessView;

typedef enum {
    SEK_FACT_START,        /* Sysmon 1, Security 4688 */
    SEK_FACT_END,          /* Sysmon 5, Security 4689 */
    SEK_FACT_WMI_CLIENT,   /* WMI-Activity 5858, 5860, 5861: `process` asked WMI for something */
    SEK_FACT_WMI_LIBRARY,  /* Sysmon 7: `process` loaded a library of WMI's client side */
    SEK_FACT_TASK_STARTED, /* TaskScheduler 129 (with process id), 200 (with image): the task `name` */
    SEK_FACT_TASK_MADE,    /* TaskScheduler 106, 140, Security 4698: `process`, if known, made task `name` */
    SEK_FACT_SERVICE_MADE, /* System 7045, Security 4697: `process`, if known, made service `name` */
    SEK_FACT_BOOT,         /* Security 4608, System 6005: the host has started */
} SekFactKind;

typedef struct SekProcessFact {
    uint8_t kind; /* SekFactKind */
    uint8_t view; /* SekProcessView, of START and END */
    SekProcessKey process;
    uint32_t parent_pid;     /* from here to parent_user: START */
    uint8_t parent_guid[16];
    SekStr image, command_line, user; /* image also of END, TASK_STARTED, SERVICE_MADE */
    SekStr parent_image, parent_command_line, parent_user;
    SekStr name; /* of the task or service */
    uint32_t file; /* in the ledger */
    uint64_t offset; /* in the file; below 2^56. Two events have not the same place */
} SekProcessFact;

typedef struct SekStoredFact SekStoredFact;
typedef struct SekSeen SekSeen; /* a thing in a block that was met before */

/* A block of a log's facts. */
typedef struct SekFactBlock {
    uint32_t number, n;
} SekFactBlock;

/* A block that takes things of any size. */
typedef struct SekFilling {
    uint32_t number, used; /* in grains; used 0 = there is none */
} SekFilling;

typedef struct SekLineageLog {
    SekShelf *shelf;
    SekFactBlock *blocks; /* of facts, each cache-line for cache-line; the last is being filled */
    uint32_t n_blocks, cap_blocks;
    SekFilling texts; /* and which of them stand together: starts of a program are alike but for ids and times */
    SekSeen *seen_texts, *seen_told; /* the last that were met, so that what comes again is there once */
    SekArena host_names;
    SekStrMap host_numbers;
    SekStr *hosts;
    uint32_t n_hosts, cap_hosts;
    uint64_t n_of_kind[SEK_FACT_BOOT + 1];
    uint64_t dropped; /* facts that there was no room for */
} SekLineageLog;

/* `shelf` is borrowed, and shared by all logs that make one forest. */
void sek_lineage_log_init(SekLineageLog *log, SekShelf *shelf);
void sek_lineage_log_deinit(SekLineageLog *log);

/* Keeps a copy. SEK_OK also when there is no more room (see `dropped`); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_lineage_log_add(SekLineageLog *log, const SekProcessFact *fact);

/* Why a cause was inferred; docs/lineage.md names the evidence for each. */
typedef enum {
    SEK_CAUSE_NONE,
    SEK_CAUSE_WMI_CLIENT,
    SEK_CAUSE_WMI_LIBRARY,
    SEK_CAUSE_WMI_OFFICE,
    SEK_CAUSE_TASK_CLIENT,
    SEK_CAUSE_TASK_COMMAND,
    SEK_CAUSE_SERVICE_CLIENT,
    SEK_CAUSE_SERVICE_COMMAND,
} SekCause;

/* One sentence for people, e.g. "it loaded WMI's client library within a minute before". */
const char *sek_cause_text(SekCause cause);

typedef struct SekProcess {
    uint64_t start; /* FILETIME; 0 = before what the logs show */
    uint64_t seen;  /* when it is first heard of: its start, or the first event that names it */
    uint64_t end;   /* 0 = not logged */
    SekStr image, command_line, user;
    uint8_t guid[16];
    uint32_t pid, host;
    uint32_t parent; /* as recorded; SEK_NO_PROCESS = none known */
    uint32_t cause;  /* inferred: what asked the broker; SEK_NO_PROCESS = none */
    uint32_t root;   /* of its tree; itself when nothing stands above it */
    uint8_t views;   /* 1 << SekProcessView of starts seen; 0 = known only by hearsay */
    uint8_t reason;  /* SekCause */
} SekProcess;

typedef struct SekLineageStats {
    uint64_t facts, processes, joined, hearsay, inferred, circles_cut, dropped;
} SekLineageStats;

typedef struct SekLineage SekLineage;

/* Builds from `n` logs of one shelf, which must outlive it, and so must the shelf: it takes their facts, which are gone
 * when it returns, and refers to their texts. `file_rank` orders the files of the ledger, so that the result does not
 * depend on who read what. `hosts` says which names of computers mean one host, and must outlive it too; what it does
 * not know, and NULL, is decided by the facts' own names. Each log has a thread while facts are sorted. SEK_OK or
 * SEK_ERR_MEMORY. Free with sek_lineage_free (accepts NULL). */
SEK_MUST_USE SekStatus sek_lineage_build(SekLineageLog *logs, unsigned n, const uint32_t *file_rank,
                                         const SekHostSet *hosts, SekLineage **out);
void sek_lineage_free(SekLineage *lineage);
SekLineageStats sek_lineage_stats(const SekLineage *lineage);

/* The process that `key` names, or SEK_NO_PROCESS. O(log n). */
uint32_t sek_lineage_find(const SekLineage *lineage, const SekProcessKey *key);
SekProcess sek_lineage_process(const SekLineage *lineage, uint32_t process);

typedef struct SekAncestor {
    uint32_t process;
    uint32_t depth; /* 1 = parent, or what is inferred to have asked for it */
    bool inferred;  /* it, or something between, is inferred and not recorded */
    uint8_t reason; /* SekCause, of the one that is inferred itself */
} SekAncestor;

/* What stands above `process`, nearest first, recorded before inferred; at most SEK_MAX_ANCESTORS, each
 * process once. Returns how many; `*cut` tells that there are more. */
uint32_t sek_lineage_ancestors(const SekLineage *lineage, uint32_t process, SekAncestor *out, bool *cut);

/* Names the tree that `process` belongs to: the GUID of its root, or "HOST pid N at TIME". The root is
 * the topmost process below Windows' own starters (explorer, services, svchost ...), under which
 * everything would be one tree. Returns the length. */
size_t sek_lineage_tree_id(const SekLineage *lineage, uint32_t process, char out[SEK_TREE_ID]);
