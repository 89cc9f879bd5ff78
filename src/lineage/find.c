/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* qsort_r */

/* Looking up a process by what an event says of it. */
#include "lineage/internal.h"

#include <stdlib.h>

#define SAME_GUID_LOOK_BACK 8u
#define HEARSAY_LOOK 64u /* hearsay of one id in one gap that is looked at: only a hostile log has more */

static bool is_of(const SekNode *p, uint32_t host, uint32_t pid) {
    return p->host == host && p->pid == pid;
}

/* True when a process, seen first at (host, pid, time), comes before (host2, pid2, at). */
static bool comes_before(const SekNode *p, uint32_t host, uint32_t pid, uint64_t at) {
    if (p->host != host)
        return p->host < host;
    if (p->pid != pid)
        return p->pid < pid;
    return p->seen <= at;
}

uint32_t sek_lineage_gap(const SekLineage *l, uint32_t host, uint32_t pid, uint64_t time) {
    uint32_t low = 0, high = l->n_real;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (comes_before(&l->list[middle], host, pid, time))
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
        const SekNode *p = &l->list[gap - 1];
        bool alive = p->end == 0 || time <= p->end || time - p->end <= SEK_VIEW_WINDOW;
        if (alive && sek_image_same(sek_node_image(l, p), image))
            return gap - 1;
    }
    /* Its own start may be written after the first thing that it did. */
    if (gap < l->n_real && image.len && is_of(&l->list[gap], host, pid)) {
        const SekNode *p = &l->list[gap];
        SekStr its = sek_node_image(l, p);
        if (p->seen - time <= SEK_VIEW_WINDOW && its.len && sek_image_same(its, image))
            return gap;
    }
    return SEK_NO_PROCESS;
}

/* --- by GUID -------------------------------------------------------------------------------- */

/* A GUID as two numbers. Sysmon's are the machine, the time in seconds (its halves the wrong way round) and what tells
 * processes of a second apart: the time goes first, so that what is looked for one after the other often stands near,
 * and the machine, which is the same for all, last. */
typedef struct GuidKey {
    uint64_t head, tail;
} GuidKey;

static uint64_t number_at(const uint8_t *bytes) {
    uint64_t number = 0;
    for (unsigned i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    return number;
}

static GuidKey key_of(const uint8_t guid[16]) {
    uint64_t first = number_at(guid), last = number_at(guid + 8);
    uint64_t time = (first & 0xFFFF) << 16 | (first >> 16 & 0xFFFF);
    return (GuidKey){time << 32 | last >> 32, last << 32 | first >> 32};
}

/* By GUID, host, and when it is heard of. */
static int order_guid(const SekNode *x, uint32_t host, GuidKey key, uint64_t seen) {
    GuidKey its = key_of(x->guid);
    if (its.head != key.head)
        return its.head < key.head ? -1 : 1;
    if (its.tail != key.tail)
        return its.tail < key.tail ? -1 : 1;
    if (x->host != host)
        return x->host < host ? -1 : 1;
    return x->seen < seen ? -1 : x->seen > seen;
}

static bool bears(const SekNode *p, uint32_t host, const uint8_t guid[16]) {
    return p->host == host && memcmp(p->guid, guid, sizeof p->guid) == 0;
}

static int by_guid(const SekLineage *l, uint32_t x, uint32_t y) {
    const SekNode *p = &l->list[x], *q = &l->list[y];
    int order = order_guid(p, q->host, key_of(q->guid), q->seen);
    return order ? order : x < y ? -1 : x > y;
}

/* What is sorted: the head decides nearly always, and stands at hand. */
typedef struct GuidEntry {
    uint64_t head;
    uint32_t process;
} GuidEntry;

static int by_entry(const void *a, const void *b, void *lineage) {
    const GuidEntry *x = a, *y = b;
    if (x->head != y->head)
        return x->head < y->head ? -1 : 1;
    return by_guid(lineage, x->process, y->process);
}

/* Merges `more`, which is sorted, into the numbers that are there, behind which there is room. */
static void merge(SekLineage *l, uint32_t n, const GuidEntry *more, uint32_t n_more) {
    for (uint32_t to = n + n_more; n_more; to--) {
        bool old = n && by_guid(l, l->by_guid[n - 1], more[n_more - 1].process) > 0;
        l->by_guid[to - 1] = old ? l->by_guid[--n] : more[--n_more].process;
    }
}

SekStatus sek_lineage_index_guids(SekLineage *l, uint32_t from) {
    uint32_t n_more = 0, n = 0;
    for (uint32_t i = from; i < l->n; i++)
        n_more += sek_process_has_guid(l->list[i].guid);
    GuidEntry *more = malloc(((size_t)n_more + 1) * sizeof *more);
    uint32_t *grown = more ? realloc(l->by_guid, ((size_t)l->n_guids + n_more + 1) * sizeof *grown) : NULL;
    if (!grown) {
        free(more);
        return SEK_ERR_MEMORY;
    }
    l->by_guid = grown;
    for (uint32_t i = from; i < l->n; i++)
        if (sek_process_has_guid(l->list[i].guid))
            more[n++] = (GuidEntry){key_of(l->list[i].guid).head, i};
    if (n)
        qsort_r(more, n, sizeof *more, by_entry, l);
    merge(l, l->n_guids, more, n);
    l->n_guids += n;
    free(more);
    return SEK_OK;
}

uint32_t sek_lineage_by_guid(const SekLineage *l, uint32_t host, const SekProcessKey *key) {
    uint32_t low = 0, high = l->n_guids;
    GuidKey guid = key_of(key->guid);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (order_guid(&l->list[l->by_guid[middle]], host, guid, key->time) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t found = SEK_NO_PROCESS;
    for (uint32_t i = low; i > 0 && low - i < SAME_GUID_LOOK_BACK; i--) {
        uint32_t process = l->by_guid[i - 1];
        const SekNode *p = &l->list[process];
        if (!bears(p, host, key->guid))
            break;
        if (key->pid == SEK_NO_PID || p->pid == key->pid)
            return process;
        if (found == SEK_NO_PROCESS)
            found = process;
    }
    /* Heard of only later: a GUID stands for one process, whenever its start was written. */
    if (low < l->n_guids && bears(&l->list[l->by_guid[low]], host, key->guid) &&
        (found == SEK_NO_PROCESS || l->list[l->by_guid[low]].pid == key->pid))
        return l->by_guid[low];
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
        const SekNode *p = &l->list[middle];
        if (p->host < host || (p->host == host && (p->pid < key->pid ||
                                                   (p->pid == key->pid && l->gaps[middle - l->n_real] < gap))))
            low = middle + 1;
        else
            high = middle;
    }
    bool guid = sek_process_has_guid(key->guid);
    uint32_t found = SEK_NO_PROCESS;
    for (uint32_t i = low; i < l->n && i - low < HEARSAY_LOOK; i++) {
        const SekNode *p = &l->list[i];
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

SekProcess sek_lineage_process(const SekLineage *l, uint32_t process) {
    const SekNode *p = &l->list[process];
    SekProcess out = {.start = sek_lineage_start(l, process), .seen = p->seen, .end = p->end,
                      .image = l->texts[p->image], .command_line = l->texts[p->command_line], .user = l->texts[p->user],
                      .pid = p->pid, .host = p->host, .parent = p->parent, .cause = p->cause, .root = p->root,
                      .views = p->views, .reason = p->reason};
    memcpy(out.guid, p->guid, sizeof out.guid);
    return out;
}
