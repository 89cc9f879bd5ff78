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

/* Texts of a fact by their numbers in the log, from when the forest is built in the forest; 0 is the empty one. */
struct SekTold {
    uint32_t host; /* in the forest: number of the host */
    uint32_t image, command_line, user, parent_image, parent_command_line, parent_user, name;
};

/* There are as many as processes, ten million in the largest cases: a cache line each. */
struct SekStoredFact {
    uint64_t time;
    uint64_t offset : 56, kind : 4, view : 4;
    uint8_t guid[16], parent_guid[16];
    uint32_t pid, parent_pid, file;
    uint32_t told; /* in the log, later in the forge */
};
_Static_assert(sizeof(SekStoredFact) == 64 && SEK_FACT_BOOT < 16 && SEK_N_VIEWS < 16, "a cache line");

/* A SekProcess as it is kept. */
typedef struct SekNode {
    uint64_t seen, end;
    uint8_t guid[16];
    uint32_t image, command_line, user; /* numbers of texts */
    uint32_t pid, host, parent, cause, root;
    uint8_t views, reason;
} SekNode;

struct SekLineage {
    SekHostSet hosts;        /* of the facts' names; a process's host is a number in it */
    const SekHostSet *known; /* the run's; NULL = none */
    SekStr *texts; /* of all logs */
    SekNode *list; /* [0, n_real) have a start, which is when they are seen, sorted by (host, pid, start); then
                      hearsay, sorted by (host, pid, gap) */
    uint32_t n, n_real, cap;
    uint8_t *traits; /* SEK_IS_... of each text that is a program's path; while the forest is built */
    uint32_t *gaps;   /* of hearsay: index of the first real process of that host and pid that starts
                         later; one an entry of list behind n_real */
    uint32_t *by_guid; /* processes with a GUID, sorted by (GUID, in an order of find.c's own, host, seen) */
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

/* The forest while it is built. Facts are sorted by kind and host, then starts and ends by (pid, time),
 * tasks that were made by (name, time), all others by time; at last by place. */
typedef struct SekForge {
    SekLineage *lineage;
    SekStoredFact *facts;
    uint32_t n_facts, n_told, n_texts;
    uint32_t first[SEK_FACT_BOOT + 2]; /* where the facts of each kind begin */
    SekTold *told;
    SekBoot *boots; /* sorted by (host, time) */
    uint32_t n_boots;
    const uint32_t *file_rank;
    uint32_t *claims; /* one a real process: the fact that names its parent, Sysmon's where there is one; from when parents
                         are linked, and starts and ends given back, what that fact told */
} SekForge;

static inline const SekTold *sek_told(const SekForge *forge, const SekStoredFact *fact) {
    return &forge->told[fact->told];
}

static inline uint32_t sek_fact_host(const SekForge *forge, const SekStoredFact *fact) {
    return forge->told[fact->told].host;
}

/* When it started; 0 = before what the logs show. */
static inline uint64_t sek_lineage_start(const SekLineage *lineage, uint32_t process) {
    return process < lineage->n_real ? lineage->list[process].seen : 0;
}

static inline SekStr sek_node_image(const SekLineage *lineage, const SekNode *node) {
    return lineage->texts[node->image];
}

static inline bool sek_node_is(const SekLineage *lineage, const SekNode *node, unsigned trait) {
    return lineage->traits[node->image] & trait;
}

static inline uint64_t sek_apart(uint64_t a, uint64_t b) {
    return a > b ? a - b : b - a;
}

/* build.c: the host's number, or SEK_NO_HOST. */
uint32_t sek_lineage_host(const SekLineage *lineage, SekStr name);

/* find.c: index of the first real process of (host, pid) that starts after `time`. */
uint32_t sek_lineage_gap(const SekLineage *lineage, uint32_t host, uint32_t pid, uint64_t time);

/* find.c: the real process that bore `pid` at `time`, its program being `image` if that is not empty. */
uint32_t sek_lineage_at(const SekLineage *lineage, uint32_t host, uint32_t pid, uint64_t time, SekStr image);

/* find.c: the process with the GUID of `key` that was heard of last before its time. GUIDs can be forged:
 * of several, one with the key's process id is preferred. */
uint32_t sek_lineage_by_guid(const SekLineage *lineage, uint32_t host, const SekProcessKey *key);

/* find.c: adds the processes from `from` on to those that are found by GUID. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_lineage_index_guids(SekLineage *lineage, uint32_t from);

/* build.c: one more process, zeroed but for its links; NULL when memory ran out. */
SekNode *sek_lineage_push(SekLineage *lineage);

/* link.c: ends, parents, hearsay. infer.c: causes. walk.c: circles and roots. */
SEK_MUST_USE SekStatus sek_lineage_link(SekForge *forge);
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
