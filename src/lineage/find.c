/* SPDX-License-Identifier: Apache-2.0 */

/* Looking up a process by what an event says of it. */
#include "lineage/internal.h"

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

uint32_t sek_lineage_gap_from(const SekLineage *l, uint32_t from, uint32_t host, uint32_t pid, uint64_t time) {
    while (from < l->n_real && comes_before(&l->list[from], host, pid, time)) {
        from++;
        sek_shelf_breathe(l->shelf);
    }
    return from;
}

uint32_t sek_lineage_at(const SekLineage *l, uint32_t gap, uint32_t host, const SekProcessKey *key, SekStr image) {
    uint32_t pid = key->pid;
    uint64_t time = key->time;
    if (pid == SEK_NO_PID)
        return SEK_NO_PROCESS;
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

static uint64_t number_at(const uint8_t *bytes) {
    uint64_t number = 0;
    for (unsigned i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    return number;
}

static SekGuidKey key_of(const uint8_t guid[16]) {
    uint64_t first = number_at(guid), last = number_at(guid + 8);
    uint64_t time = (first & 0xFFFF) << 16 | (first >> 16 & 0xFFFF);
    return (SekGuidKey){time << 32 | last >> 32, last << 32 | first >> 32};
}

static int order_keys(SekGuidKey a, SekGuidKey b) {
    if (a.head != b.head)
        return a.head < b.head ? -1 : 1;
    return a.tail < b.tail ? -1 : a.tail > b.tail;
}

int sek_order_guids(const uint8_t a[16], const uint8_t b[16]) {
    return order_keys(key_of(a), key_of(b));
}

/* By GUID, host, and when it is heard of. */
static int order_entry(const SekGuidEntry *x, SekGuidKey key, uint32_t host, uint64_t seen) {
    int order = order_keys(x->key, key);
    if (order)
        return order;
    if (x->host != host)
        return x->host < host ? -1 : 1;
    return x->seen < seen ? -1 : x->seen > seen;
}

static bool bears(const SekGuidEntry *x, uint32_t host, SekGuidKey key) {
    return x->host == host && order_keys(x->key, key) == 0;
}

static int by_entry(const void *a, const void *b, void *user) {
    (void)user;
    const SekGuidEntry *x = a, *y = b;
    int order = order_entry(x, y->key, y->host, y->seen);
    return order ? order : x->process < y->process ? -1 : x->process > y->process;
}

/* Entries that are there and more of them become one list. */
static SekStatus join_entries(SekLineage *l, SekGuidEntry *more, uint32_t n_more) {
    uint32_t n = l->n_guids + n_more, at = 0;
    SekGuidEntry *all = sek_shelf_take(l->shelf, n, sizeof *all);
    if (!all)
        return SEK_ERR_MEMORY;
    SekShelfRun runs[] = {{(const char *)l->by_guid, (const char *)(l->by_guid + l->n_guids)},
                          {(const char *)more, (const char *)(more + n_more)}};
    SekShelfMerge merge = {.runs = runs, .n = 2, .how = {sizeof *all, by_entry, NULL}};
    sek_shelf_merge_begin(&merge);
    for (const SekGuidEntry *next; (next = sek_shelf_merge_next(&merge)); sek_shelf_breathe(l->shelf))
        all[at++] = *next;
    sek_shelf_give(l->shelf, l->by_guid);
    l->by_guid = all;
    l->n_guids = n;
    return SEK_OK;
}

SekStatus sek_lineage_index_guids(SekLineage *l, uint32_t from) {
    uint32_t n = 0;
    SekGuidEntry *more = sek_shelf_take(l->shelf, l->n - from, sizeof *more);
    if (!more)
        return SEK_ERR_MEMORY;
    for (uint32_t i = from; i < l->n; i++, sek_shelf_breathe(l->shelf)) {
        const SekNode *p = &l->list[i];
        if (sek_process_has_guid(p->guid))
            more[n++] = (SekGuidEntry){key_of(p->guid), p->seen, p->host, p->pid, i};
    }
    void *sorted = more;
    SekStatus status = sek_shelf_sort(l->shelf, &sorted, n, &(SekShelfSort){sizeof *more, by_entry, NULL});
    if (status == SEK_OK && !l->by_guid) {
        l->by_guid = sorted;
        l->n_guids = n;
        return SEK_OK;
    }
    if (status == SEK_OK)
        status = join_entries(l, sorted, n);
    sek_shelf_give(l->shelf, sorted);
    return status;
}

/* The answer, `low` being the first entry behind those with this GUID, host and time. */
static const SekGuidEntry *pick(const SekLineage *l, uint32_t low, uint32_t host, const SekProcessKey *key) {
    SekGuidKey guid = key_of(key->guid);
    const SekGuidEntry *found = NULL;
    for (uint32_t i = low; i > 0 && low - i < SAME_GUID_LOOK_BACK; i--) {
        const SekGuidEntry *x = &l->by_guid[i - 1];
        if (!bears(x, host, guid))
            break;
        if (key->pid == SEK_NO_PID || x->pid == key->pid)
            return x;
        if (!found)
            found = x;
    }
    /* Heard of only later: a GUID stands for one process, whenever its start was written. */
    const SekGuidEntry *next = low < l->n_guids ? &l->by_guid[low] : NULL;
    return next && bears(next, host, guid) && (!found || next->pid == key->pid) ? next : found;
}

const SekGuidEntry *sek_lineage_by_guid(const SekLineage *l, uint32_t host, const SekProcessKey *key) {
    uint32_t low = 0, high = l->n_guids;
    SekGuidKey guid = key_of(key->guid);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (order_entry(&l->by_guid[middle], guid, host, key->time) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return pick(l, low, host, key);
}

const SekGuidEntry *sek_lineage_next_by_guid(const SekLineage *l, uint32_t *at, uint32_t host, const SekProcessKey *key) {
    SekGuidKey guid = key_of(key->guid);
    while (*at < l->n_guids && order_entry(&l->by_guid[*at], guid, host, key->time) <= 0) {
        ++*at;
        sek_shelf_breathe(l->shelf);
    }
    return pick(l, *at, host, key);
}

/* --- all ------------------------------------------------------------------------------------ */

/* Hearsay about (host, pid) in the time between two processes that bear the id. An id may have been used
 * more than once there: it is the one that was heard of last before the time, if that has not ended, or, where
 * none was, the one that is heard of first afterwards, for whatever is heard of has started before. */
static uint32_t find_hearsay(const SekLineage *l, uint32_t gap, uint32_t host, const SekProcessKey *key) {
    uint32_t low = l->n_real, high = l->n;
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
    sek_shelf_breathe(l->shelf);
    bool guid = sek_process_has_guid(key->guid);
    const SekGuidEntry *entry = guid ? sek_lineage_by_guid(l, host, key) : NULL;
    if (entry || key->pid == SEK_NO_PID)
        return entry ? entry->process : SEK_NO_PROCESS;
    uint32_t gap = sek_lineage_gap(l, host, key->pid, key->time);
    uint32_t found = sek_lineage_at(l, gap, host, key, SEK_STR(""));
    if (found != SEK_NO_PROCESS && guid && sek_process_has_guid(l->list[found].guid))
        return SEK_NO_PROCESS; /* another process that bore the id */
    return found != SEK_NO_PROCESS ? found : find_hearsay(l, gap, host, key);
}

SekProcess sek_lineage_process(const SekLineage *l, uint32_t process) {
    const SekNode *p = &l->list[process];
    SekProcess out = {.start = sek_lineage_start(l, process), .seen = p->seen, .end = p->end,
                      .image = sek_lineage_text(l, p->image), .command_line = sek_lineage_text(l, p->command_line),
                      .user = sek_lineage_text(l, p->user),
                      .pid = p->pid, .host = p->host, .parent = p->parent, .cause = p->cause, .root = p->root,
                      .views = p->views, .reason = p->reason};
    memcpy(out.guid, p->guid, sizeof out.guid);
    return out;
}
