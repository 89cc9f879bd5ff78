/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Facts in short form for the tests of lineage: hosts, times in seconds and GUIDs by number. */
#include "lineage/lineage.h"

typedef struct Story {
    SekLineageLog logs[2];
    SekShelf shelf;
    SekLineage *lineage;
    uint64_t place;
} Story;

typedef struct Start {
    uint8_t view; /* SekProcessView */
    double at;    /* seconds */
    uint32_t pid, ppid, guid, pguid; /* GUIDs: 0 = none */
    const char *image, *command, *user, *pimage, *pcommand; /* NULL = not said */
    const char *host; /* NULL = "PC" */
    unsigned log;
} Start;

void story_begin(Story *s);
/* With as much memory and disk. */
void story_begin_with(Story *s, uint64_t window, const SekBacking *backing);
void story_start(Story *s, Start start);
void story_end(Story *s, uint8_t view, double at, uint32_t pid, uint32_t guid);
/* TASK_STARTED, TASK_MADE, SERVICE_MADE, WMI_...: `image` and `name` may be NULL. */
void story_clue(Story *s, SekFactKind kind, double at, uint32_t pid, const char *image, const char *name);
void story_build(Story *s);
void story_over(Story *s);

/* The process with this id at that time, by id alone. */
uint32_t story_find(const Story *s, double at, uint32_t pid);
/* "cmd.exe < WmiPrvSE.exe < [WINWORD.EXE]": file names of the ancestors, inferred ones in brackets, "?"
 * where the name is not known. Valid until the next call. */
const char *story_ancestors(const Story *s, uint32_t process);
const char *story_root(const Story *s, uint32_t process); /* file name of the tree's root */
