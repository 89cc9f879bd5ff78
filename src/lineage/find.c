/* SPDX-License-Identifier: Apache-2.0 */

/* Looking up a process by what an event says of it. */
#include "lineage/internal.h"

#include <stdlib.h>

#define SAME_GUID_LOOK_BACK 8u
#define HEARSAY_LOOK 64u /* hearsay of one id in one gap that is looked at: only a hostile log has more */

static bool is_of(const SekProcess *p, uint32_t host, uint32_t pid) {
    return p->host == host && p->pid == pid;
}

/* True when a process that is (host, pid, at) comes before (host2, pid2, at2). */
static bool comes_before(const SekProcess *p, uint64_t p_at, uint32_t host, uint32_t pid, uint64_t at) {
    if (p->host != host)
        return p->host < host;
    if (p->pid != pid)
        return p->pid < pid;
    return p_at <= at;
}

uint32_t sek_lineage_gap(const SekLineage *l, uint32_t host, uint32_t pid, uint64_t time) {
    uint32_t low = 0, high = l->n_real;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (comes_before(&l->list[middle], l->list[middle].start, host, pid, time))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t sek_lineage_at(const SekLineage *l, uint32_t host, uint32_t pid, uint64_t time, SekStr image) {
    if (pid == SEK_NO_PID)
        return SEK_NO_PROCESS;
    uint32_t gap = sek_lineage_gap(l, host, pid, time);
    if (gap > 0 && is_of(&l->list[gap - 1], host, pid)) {
        const SekProcess *p = &l->list[gap - 1];
        bool alive = p->end == 0 || time <= p->end || time - p->end <= SEK_VIEW_WINDOW;
        if (alive && sek_image_same(p->image, image))
            return gap - 1;
    }
    /* Its own start may be written after the first thing that it did. */
    if (gap < l->n_real && image.len && is_of(&l->list[gap], host, pid)) {
        const SekProcess *p = &l->list[gap];
        if (p->start - time <= SEK_VIEW_WINDOW && p->image.len && sek_image_same(p->image, image))
            return gap;
    }
    return SEK_NO_PROCESS;
}

/* --- by GUID -------------------------------------------------------------------------------- */

static int by_guid(const void *a, const void *b) {
    const SekGuidEntry *x = a, *y = b;
    if (x->host != y->host)
        return x->host < y->host ? -1 : 1;
    int order = memcmp(x->guid, y->guid, sizeof x->guid);
    if (order)
        return order;
    if (x->seen != y->seen)
        return x->seen < y->seen ? -1 : 1;
    return x->process < y->process ? -1 : x->process > y->process;
}

SekStatus sek_lineage_index_guids(SekLineage *l) {
    free(l->guids);
    l->n_guids = 0;
    l->guids = malloc(((size_t)l->n + 1) * sizeof *l->guids);
    if (!l->guids)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < l->n; i++) {
        const SekProcess *p = &l->list[i];
        if (!sek_process_has_guid(p->guid))
            continue;
        SekGuidEntry *entry = &l->guids[l->n_guids++];
        *entry = (SekGuidEntry){.seen = p->seen, .host = p->host, .process = i};
        memcpy(entry->guid, p->guid, sizeof entry->guid);
    }
    qsort(l->guids, l->n_guids, sizeof *l->guids, by_guid);
    return SEK_OK;
}

static bool same_guid(const SekGuidEntry *a, const SekGuidEntry *b) {
    return a->host == b->host && memcmp(a->guid, b->guid, sizeof a->guid) == 0;
}

uint32_t sek_lineage_by_guid(const SekLineage *l, uint32_t host, const SekProcessKey *key) {
    SekGuidEntry wanted = {.seen = key->time, .host = host, .process = UINT32_MAX};
    memcpy(wanted.guid, key->guid, sizeof wanted.guid);
    uint32_t low = 0, high = l->n_guids;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (by_guid(&l->guids[middle], &wanted) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t found = SEK_NO_PROCESS;
    for (uint32_t i = low; i > 0 && low - i < SAME_GUID_LOOK_BACK && same_guid(&l->guids[i - 1], &wanted); i--) {
        uint32_t process = l->guids[i - 1].process;
        if (key->pid == SEK_NO_PID || l->list[process].pid == key->pid)
            return process;
        if (found == SEK_NO_PROCESS)
            found = process;
    }
    /* Heard of only later: a GUID stands for one process, whenever its start was written. */
    if (low < l->n_guids && same_guid(&l->guids[low], &wanted) &&
        (found == SEK_NO_PROCESS || l->list[l->guids[low].process].pid == key->pid))
        return l->guids[low].process;
    return found;
}

/* --- all ------------------------------------------------------------------------------------ */

/* Hearsay about (host, pid) in the time between two processes that bear the id. An id may have been used
 * more than once there: it is the one that was heard of last before the time, if that has not ended, or, where
 * none was, the one that is heard of first afterwards, for whatever is heard of has started before. */
static uint32_t find_hearsay(const SekLineage *l, uint32_t host, const SekProcessKey *key) {
    uint32_t gap = sek_lineage_gap(l, host, key->pid, key->time), low = l->n_real, high = l->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const SekProcess *p = &l->list[middle];
        if (p->host < host || (p->host == host && (p->pid < key->pid ||
                                                   (p->pid == key->pid && l->gaps[middle - l->n_real] < gap))))
            low = middle + 1;
        else
            high = middle;
    }
    bool guid = sek_process_has_guid(key->guid);
    uint32_t found = SEK_NO_PROCESS;
    for (uint32_t i = low; i < l->n && i - low < HEARSAY_LOOK; i++) {
        const SekProcess *p = &l->list[i];
        if (!is_of(p, host, key->pid) || l->gaps[i - l->n_real] != gap)
            break;
        if (guid && sek_process_has_guid(p->guid))
            continue;
        if (p->seen > key->time && found != SEK_NO_PROCESS)
            break;
        found = i;
        if (p->seen > key->time)
            break;
    }
    if (found == SEK_NO_PROCESS)
        return found;
    uint64_t end = l->list[found].end;
    return end && key->time > end && key->time - end > SEK_VIEW_WINDOW ? SEK_NO_PROCESS : found;
}

uint32_t sek_lineage_find(const SekLineage *l, const SekProcessKey *key) {
    uint32_t host = sek_lineage_host(l, key->host);
    if (host == SEK_NO_HOST)
        return SEK_NO_PROCESS;
    bool guid = sek_process_has_guid(key->guid);
    uint32_t found = guid ? sek_lineage_by_guid(l, host, key) : SEK_NO_PROCESS;
    if (found != SEK_NO_PROCESS || key->pid == SEK_NO_PID)
        return found;
    found = sek_lineage_at(l, host, key->pid, key->time, SEK_STR(""));
    if (found != SEK_NO_PROCESS && guid && sek_process_has_guid(l->list[found].guid))
        return SEK_NO_PROCESS; /* another process that bore the id */
    return found != SEK_NO_PROCESS ? found : find_hearsay(l, host, key);
}

const SekProcess *sek_lineage_process(const SekLineage *l, uint32_t process) {
    return &l->list[process];
}
