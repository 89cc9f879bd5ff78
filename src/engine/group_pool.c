/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/group_pool.h"

#include <pthread.h>
#include <stdlib.h>

#define BUCKETS 1024u /* a power of two; logs have some hundred kinds of event */

struct SekGroupPool {
    pthread_mutex_t lock;
    uint32_t serial; /* of the last group made */
    SekGroup *buckets[BUCKETS];
};

SekStatus sek_group_pool_new(SekGroupPool **out) {
    SekGroupPool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return SEK_ERR_MEMORY;
    pthread_mutex_init(&pool->lock, NULL);
    *out = pool;
    return SEK_OK;
}

void sek_group_pool_free(SekGroupPool *pool) {
    if (!pool)
        return;
    for (uint32_t i = 0; i < BUCKETS; i++)
        while (pool->buckets[i]) {
            SekGroup *group = pool->buckets[i];
            pool->buckets[i] = group->next;
            sek_group_free(group);
        }
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

static SekGroup **bucket_of(SekGroupPool *pool, const uint32_t *variants, uint32_t n) {
    SekStr list = {(const char *)variants, n * sizeof *variants};
    return &pool->buckets[sek_str_hash(list) & (BUCKETS - 1)];
}

static bool is_of(const SekGroup *group, const uint32_t *variants, uint32_t n) {
    return group->n_variants == n && (n == 0 || memcmp(group->variants, variants, n * sizeof *variants) == 0);
}

SekStatus sek_group_take(SekGroupPool *pool, const SekRuleset *rules, const uint32_t *variants, uint32_t n,
                         SekGroup **out) {
    SekStatus status = SEK_OK;
    pthread_mutex_lock(&pool->lock);
    SekGroup **bucket = bucket_of(pool, variants, n), *group = *bucket;
    while (group && !is_of(group, variants, n))
        group = group->next;
    if (!group) {
        status = sek_group_new(rules, variants, n, &group);
        if (status == SEK_OK) {
            group->serial = ++pool->serial;
            group->next = *bucket;
            *bucket = group;
        }
    }
    if (status == SEK_OK) {
        group->users++;
        *out = group;
    }
    pthread_mutex_unlock(&pool->lock);
    return status;
}

void sek_group_drop(SekGroupPool *pool, SekGroup *group) {
    pthread_mutex_lock(&pool->lock);
    bool last = --group->users == 0;
    if (last) {
        SekGroup **at = bucket_of(pool, group->variants, group->n_variants);
        while (*at != group)
            at = &(*at)->next;
        *at = group->next;
    }
    pthread_mutex_unlock(&pool->lock);
    if (last)
        sek_group_free(group);
}
