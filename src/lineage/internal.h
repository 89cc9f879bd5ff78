/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of this room share: stored facts, and the forest while it is built. */

#include "lineage/lineage.h"

#define SEK_SECOND 10000000u /* FILETIME units */

/* Sysmon and the Security log write one start at slightly different times; Sysmon lags under load. */
#define SEK_VIEW_WINDOW (5u * SEK_SECOND)

/* What started this long before the host's start was logged is of that start: services and their children
 * run before the event log does. */
#define SEK_BOOT_WINDOW (120u * (uint64_t)SEK_SECOND)

/* A text where it is kept; its number is its place on the shelf. 0 is the empty one. */
typedef struct SekKeptText {
    uint32_t len;
    uint8_t traits, bytes[]; /* SEK_IS_... of a program's path */
} SekKeptText;

/* Texts of a fact by their numbers. */
typedef struct SekTold {
    uint32_t image, command_line, user, parent_image, parent_command_line, parent_user, name, none;
} SekTold;
_Static_assert(sizeof(SekTold) == 2 * SEK_SHELF_GRAIN, "grains");

/* There are as many as processes, ten million in the largest cases: a cache line each. Those who may not be told apart
 * by place any more come in any order: beyond 16 million files and 1 TiB of each. */
struct SekStoredFact {
    uint64_t time;
    uint64_t file : 24, offset : 40; /* `file`: once sorted, its rank */
    uint8_t guid[16], parent_guid[16];
    uint32_t pid, parent_pid;
    uint32_t kind : 4, host : 24, view : 4; /* `host`: its name in the log; once sorted, its number in the forest */
    uint32_t told; /* its place on the shelf */
};
_Static_assert(sizeof(SekStoredFact) == 64 && SEK_FACT_BOOT < 15 && SEK_N_VIEWS < 16 && SEK_LINEAGE_HOSTS < 1u << 24,
               "a cache line");
#define SEK_BLOCK_FACTS (SEK_SHELF_BLOCK / (uint32_t)sizeof(SekStoredFact))

/* A SekProcess as it is kept. */
typedef struct SekNode {
    uint64_t seen, end;
    uint8_t guid[16];
    uint32_t image, command_line, user; /* numbers of texts */
    uint32_t pid, host, parent, cause, root;
    uint8_t views, reason;
} SekNode;

/* A GUID as two numbers. Sysmon's are the machine, the time in seconds (its halves the wrong way round) and what tells
 * processes of a second apart: the time goes first, so that what is looked for one after the other often stands near,
 * and the machine, which is the same for all, last. */
typedef struct SekGuidKey {
    uint64_t head, tail;
} SekGuidKey;

/* A process in the order of GUIDs, with all that is asked of it there. */
typedef struct SekGuidEntry {
    SekGuidKey key;
    uint64_t seen;
    uint32_t host, pid, process;
} SekGuidEntry;

struct SekLineage {
    SekShelf *shelf;
    SekHostSet hosts;        /* of the facts' names; a process's host is a number in it */
    const SekHostSet *known; /* the run's; NULL = none */
    SekNode *list; /* [0, n_real) have a start, which is when they are seen, sorted by (host, pid, start); then
                      hearsay, sorted by (host, pid, gap) */
    uint32_t n, n_real;
    uint32_t *gaps; /* of hearsay: index of the first real process of that host and pid that starts
                       later; one an entry of list behind n_real */
    SekGuidEntry *by_guid; /* processes with a GUID, sorted by (GUID, in an order of find.c's own, host, seen) */
    uint32_t n_guids;
    SekLineageStats stats;
};

/* A start of a host. */
typedef struct SekBoot {
    uint64_t time;
    uint32_t host;
} SekBoot;

/* What a program is, as far as its path tells: asked once a text, not once a process. */
enum { SEK_IS_STARTER = 1, SEK_IS_WMI_HOST = 2, SEK_IS_SERVICES = 4, SEK_IS_ACTOR = 8 };

/* What the start says of its parent, or the end of itself. */
typedef struct SekClaim {
    uint64_t time;
    uint8_t guid[16];
    uint32_t pid, told;
} SekClaim;

/* The forest while it is built. Facts come sorted by host; starts and ends then by (pid, time), tasks that were made by
 * (name, time), all others by time; at last by place. */
typedef struct SekForge {
    SekLineage *lineage;
    SekLineageLog *logs;
    unsigned n_logs;
    const uint32_t *file_rank;
    uint64_t n_of_kind[SEK_FACT_BOOT + 1];
    SekBoot *boots; /* sorted by (host, time) */
    uint32_t n_boots;
    SekStoredFact *rows; /* facts that are neither starts nor ends of processes or hosts */
    uint32_t n_rows;
    uint32_t first[SEK_FACT_BOOT + 1]; /* where those of each kind begin */
    SekClaim *claims; /* one a real process: Sysmon's where there is one */
} SekForge;

/* --- texts ---------------------------------------------------------------------------------- */

static inline const SekKeptText *sek_kept_text(const SekShelf *shelf, uint32_t text) {
    return (const SekKeptText *)(const void *)sek_shelf_at(shelf, text);
}

static inline SekStr sek_lineage_text(const SekLineage *lineage, uint32_t text) {
    if (text == 0)
        return (SekStr){"", 0};
    const SekKeptText *kept = sek_kept_text(lineage->shelf, text);
    return (SekStr){(const char *)kept->bytes, kept->len};
}

static inline bool sek_text_is(const SekLineage *lineage, uint32_t text, unsigned trait) {
    return text && sek_kept_text(lineage->shelf, text)->traits & trait;
}

static inline const SekTold *sek_told(const SekLineage *lineage, uint32_t told) {
    return (const SekTold *)(const void *)sek_shelf_at(lineage->shelf, told);
}

/* When it started; 0 = before what the logs show. */
static inline uint64_t sek_lineage_start(const SekLineage *lineage, uint32_t process) {
    return process < lineage->n_real ? lineage->list[process].seen : 0;
}

static inline SekStr sek_node_image(const SekLineage *lineage, const SekNode *node) {
    return sek_lineage_text(lineage, node->image);
}

static inline bool sek_node_is(const SekLineage *lineage, const SekNode *node, unsigned trait) {
    return sek_text_is(lineage, node->image, trait);
}

static inline uint64_t sek_apart(uint64_t a, uint64_t b) {
    return a > b ? a - b : b - a;
}

/* build.c: the host's number, or SEK_NO_HOST. */
uint32_t sek_lineage_host(const SekLineage *lineage, SekStr name);

/* find.c: index of the first real process of (host, pid) that starts after `time`. */
uint32_t sek_lineage_gap(const SekLineage *lineage, uint32_t host, uint32_t pid, uint64_t time);

/* The same for questions that come in the order of the list: goes on from the answer to the last one. */
uint32_t sek_lineage_gap_from(const SekLineage *lineage, uint32_t from, uint32_t host, uint32_t pid, uint64_t time);

/* find.c: the real process that bore the key's id at its time, its program being `image` if that is not empty. `gap`: of
 * these. */
uint32_t sek_lineage_at(const SekLineage *lineage, uint32_t gap, uint32_t host, const SekProcessKey *key, SekStr image);

/* find.c: the process with the GUID of `key` that was heard of last before its time. GUIDs can be forged:
 * of several, one with the key's process id is preferred. The entry, or NULL. */
const SekGuidEntry *sek_lineage_by_guid(const SekLineage *lineage, uint32_t host, const SekProcessKey *key);

/* The same for questions in the order of GUIDs (of sek_order_guids): `*at` goes on from the last. */
const SekGuidEntry *sek_lineage_next_by_guid(const SekLineage *lineage, uint32_t *at, uint32_t host, const SekProcessKey *key);
int sek_order_guids(const uint8_t a[16], const uint8_t b[16]);

/* find.c: adds the processes from `from` on to those that are found by GUID. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_lineage_index_guids(SekLineage *lineage, uint32_t from);

/* build.c: one more process, zeroed but for its links: there is room for it. */
SekNode *sek_lineage_push(SekLineage *lineage);

/* order.c: the facts of all logs in order, after each log's blocks are sorted by a thread of its own. SEK_OK or
 * SEK_ERR_MEMORY; free `runs` of the merge. */
SEK_MUST_USE SekStatus sek_facts_sorted(SekForge *forge, SekShelfMerge *out);

/* link.c: ends, parents, hearsay: begun when all starts are known, then told of each end. infer.c: causes. walk.c:
 * circles and roots. */
typedef struct SekLink SekLink;
SEK_MUST_USE SekStatus sek_link_begin(SekForge *forge, SekLink **out);
void sek_link_end_of(SekLink *link, const SekStoredFact *fact);
SEK_MUST_USE SekStatus sek_link_parents(SekLink *link);
void sek_link_free(SekLink *link); /* accepts NULL */
SEK_MUST_USE SekStatus sek_lineage_infer(SekForge *forge);
SEK_MUST_USE SekStatus sek_lineage_settle(SekLineage *lineage);

/* image.c: file names and what they are known for. Folders count where a name alone can be borrowed. */
SekStr sek_image_name(SekStr image);
bool sek_image_same(SekStr a, SekStr b); /* the same file name; true when one of them is empty */
bool sek_image_is_starter(SekStr image);
uint8_t sek_image_traits(SekStr image); /* SEK_IS_... */
bool sek_image_is_wmi_host(SekStr image);
bool sek_image_is_macro_host(SekStr image);
bool sek_image_is_interpreter(SekStr image);
int sek_order_nocase(SekStr a, SekStr b);          /* as sek_str_cmp, ASCII case ignored */
bool sek_text_contains(SekStr text, SekStr part); /* ASCII case ignored */
