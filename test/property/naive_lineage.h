/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Lineage said as simply as possible: the oracle of the property test on process trees.
 *
 * Nothing is shared with src/lineage: no order, no index, no budget; every question walks over all
 * processes. Source: docs/lineage.md. Causes behind brokers are left out: no process here stands below one.
 *
 * Limits, which the generator keeps: SEK_TREE_EVENTS events; of one process id at most four starts within
 * ten seconds and at most six processes that nobody saw start. */

#include "base/str.h"

#define SEK_TREE_EVENTS 160u
#define SEK_TREE_NO_PID UINT32_MAX
#define SEK_TREE_LISTED 64u /* ancestors that are listed of one process (docs/lineage.md, Fields) */

typedef enum { SEK_TREE_START, SEK_TREE_END, SEK_TREE_BOOT, SEK_TREE_OTHER } SekTreeKind;

/* An event as it is written. Texts are "" where it does not say. */
typedef struct SekTreeEvent {
    SekTreeKind kind;
    bool sysmon;   /* else the Security log */
    uint64_t time; /* FILETIME; 0 = cannot be read */
    uint32_t file; /* rank of its file */
    uint32_t record;
    uint32_t pid, guid, parent_pid, parent_guid; /* GUIDs by number; 0 = not given */
    const char *host, *image, *command, *user, *parent_image, *parent_command, *parent_user;
    const char *note; /* for rules to read */
} SekTreeEvent;

typedef struct SekTreeProcess {
    const char *host, *image, *command, *user; /* the host under the name that stands for it */
    uint32_t pid, guid;
    bool started;       /* a start tells of it; else hearsay */
    uint64_t seen, end; /* end: 0 = not known */
    uint32_t starts_before; /* of hearsay: how many starts with its id were logged before it was heard of */
    uint32_t parent;    /* SEK_TREE_NO_PID = none */
    const SekTreeEvent *views[2]; /* the Security log's and Sysmon's start */
    const SekTreeEvent *best;     /* of them the one that counts */
} SekTreeProcess;

typedef struct SekTree {
    SekTreeEvent events[SEK_TREE_EVENTS];
    uint32_t n_events;
    SekTreeProcess list[2 * SEK_TREE_EVENTS];
    uint32_t n;
} SekTree;

/* Fills `list` from the events. */
void sek_tree_build(SekTree *tree);

/* The process that the event is about, or SEK_TREE_NO_PID. */
uint32_t sek_tree_process_of(const SekTree *tree, const SekTreeEvent *event);

/* Nearest first; `*cut` when there are more than SEK_TREE_LISTED. Returns how many are listed. */
uint32_t sek_tree_ancestors(const SekTree *tree, uint32_t process, uint32_t out[SEK_TREE_LISTED], bool *cut);

/* The root of its tree. */
uint32_t sek_tree_root(const SekTree *tree, uint32_t process);
