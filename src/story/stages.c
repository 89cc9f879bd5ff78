/* SPDX-License-Identifier: Apache-2.0 */
#include "story/stages.h"
#include "base/grow.h"

#include <stdlib.h>

void sek_stages_init(SekStages *stages) {
    *stages = (SekStages){0};
    sek_arena_init(&stages->arena, 0);
    sek_strmap_init(&stages->by_name, true);
}

void sek_stages_deinit(SekStages *stages) {
    free(stages->hosts);
    sek_strmap_deinit(&stages->by_name);
    sek_arena_deinit(&stages->arena);
    *stages = (SekStages){0};
}

static SekHostStages *host_of(SekStages *s, SekStr name) {
    uint32_t at;
    if (sek_strmap_get(&s->by_name, name, &at) == SEK_OK)
        return s->hosts[at];
    if (sek_grow(&s->hosts, &s->cap_hosts, s->n_hosts, sizeof *s->hosts) != SEK_OK)
        return NULL;
    SekHostStages *host = SEK_ARENA_NEW(&s->arena, SekHostStages);
    SekStr kept = sek_arena_dup(&s->arena, name);
    if (!host || !kept.ptr)
        return NULL;
    if (sek_strmap_set(&s->by_name, kept, (uint32_t)s->n_hosts) != SEK_OK)
        return NULL;
    host->host = kept;
    s->hosts[s->n_hosts++] = host;
    return host;
}

static void count(SekStage *stage, const SekFinding *f) {
    uint64_t time = f->event->time;
    if (!stage->findings || time < stage->first)
        stage->first = time;
    if (time > stage->last)
        stage->last = time;
    if (!stage->findings || f->rule->level > stage->highest)
        stage->highest = f->rule->level;
    stage->findings++;
}

SekStatus sek_stages_add(SekStages *stages, const SekFinding *finding) {
    SekHostStages *host = host_of(stages, finding->event->host);
    if (!host)
        return SEK_ERR_MEMORY;
    count(&host->all, finding);
    host->by_level[finding->rule->level]++;
    uint32_t tactics = sek_rule_tactics(finding->rule);
    for (unsigned i = 0; i < sek_n_tactics; i++)
        if (tactics & 1u << i && finding->rule->level >= SEK_LEVEL_MEDIUM)
            count(&host->tactics[i], finding);
    return SEK_OK;
}

static int worst_first(const void *a, const void *b) {
    const SekHostStages *x = *(SekHostStages *const *)a, *y = *(SekHostStages *const *)b;
    for (int level = SEK_LEVEL_CRITICAL; level >= 0; level--)
        if (x->by_level[level] != y->by_level[level])
            return x->by_level[level] > y->by_level[level] ? -1 : 1;
    return sek_str_cmp(x->host, y->host);
}

void sek_stages_sort(SekStages *stages) {
    if (stages->n_hosts)
        qsort(stages->hosts, stages->n_hosts, sizeof *stages->hosts, worst_first);
}
