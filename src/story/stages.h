/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Stages: what findings say about each host, tactic by tactic, so that one look tells how far an
 * attack has come. */

#include "base/arena.h"
#include "base/strmap.h"
#include "story/attack.h"

typedef struct SekStage {
    uint64_t findings;
    uint64_t first, last; /* FILETIME */
    SekLevel highest;
} SekStage;

typedef struct SekHostStages {
    SekStr host;
    SekStage tactics[SEK_MAX_TACTICS]; /* findings 0 = not reached */
    SekStage all;
    uint64_t by_level[SEK_N_LEVELS];
} SekHostStages;

typedef struct SekStages {
    SekArena arena;
    SekHostStages **hosts; /* in order of appearance */
    SekStrMap by_name;     /* until they are sorted */
    uint32_t n_hosts, cap_hosts;
} SekStages;

void sek_stages_init(SekStages *stages);
void sek_stages_deinit(SekStages *stages);

/* Counts one finding. A tactic counts as reached only by findings of level medium and above: lower
 * ones are remarks. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_stages_add(SekStages *stages, const SekFinding *finding);

/* Sorts hosts: the highest level first, then most findings of it, then by name. */
void sek_stages_sort(SekStages *stages);
