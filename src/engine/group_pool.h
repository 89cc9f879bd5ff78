/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Group pool: the groups that the routers of all threads use, each made once. A group is read only once it
 * is made; the pool has a lock of its own, which is taken when a router meets a kind of event for the first
 * time, not per event. */

#include "engine/group.h"

typedef struct SekGroupPool SekGroupPool;

/* SEK_OK or SEK_ERR_MEMORY; free with sek_group_pool_free (accepts NULL) when no router is left. */
SEK_MUST_USE SekStatus sek_group_pool_new(SekGroupPool **out);
void sek_group_pool_free(SekGroupPool *pool);

/* The group of `n` variants, made when there is none; whoever took it drops it once. SEK_OK or
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_group_take(SekGroupPool *pool, const SekRuleset *rules, const uint32_t *variants,
                                      uint32_t n, SekGroup **out);
/* Frees the group when nobody else has it. */
void sek_group_drop(SekGroupPool *pool, SekGroup *group);
