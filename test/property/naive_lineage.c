/* SPDX-License-Identifier: Apache-2.0 */
#include "property/naive_lineage.h"

#include <stdlib.h>
#include <strings.h>

#define NONE SEK_TREE_NO_PID
#define SECOND 10000000ull

/* --- words ---------------------------------------------------------------------------------- */

static uint64_t apart(uint64_t a, uint64_t b) {
    return a > b ? a - b : b - a;
}

static const char *file_name(const char *path) {
    const char *slash = strrchr(path, '\\');
    return slash ? slash + 1 : path;
}

/* The same file name, as far as both are known. */
static bool same_program(const char *a, const char *b) {
    return !*a || !*b || strcasecmp(file_name(a), file_name(b)) == 0;
}

static bool agree(uint32_t guid, uint32_t other) {
    return !guid || !other || guid == other;
}

/* The name that stands for a computer: the only full name with this label, in its first spelling. */
static const char *host_of(const SekTree *t, const char *name) {
    const char *full = NULL, *best = name;
    bool several = false;
    for (uint32_t i = 0; !strchr(name, '.') && i < t->n_events; i++) {
        const char *other = t->events[i].host;
        if (strncasecmp(other, name, strlen(name)) != 0 || other[strlen(name)] != '.')
            continue;
        several = several || (full && strcasecmp(full, other) != 0);
        full = other;
    }
    if (full && !several)
        best = name = full;
    for (uint32_t i = 0; i < t->n_events; i++)
        if (strcasecmp(t->events[i].host, name) == 0 && strcmp(t->events[i].host, best) < 0)
            best = t->events[i].host;
    return best;
}

/* --- starts --------------------------------------------------------------------------------- */

static int cmp(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

/* Reading order: by host and id, then by time; of one moment Sysmon first, then by place. */
static int in_order(const void *a, const void *b) {
    const SekTreeEvent *x = *(SekTreeEvent *const *)a, *y = *(SekTreeEvent *const *)b;
    int order = cmp(x->pid, y->pid);
    order = order ? order : cmp(x->time, y->time);
    order = order ? order : cmp(y->sysmon, x->sysmon);
    order = order ? order : cmp(x->file, y->file);
    return order ? order : cmp(x->record, y->record);
}

static uint32_t list_events(SekTree *t, SekTreeKind kind, SekTreeEvent **out) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n_events; i++)
        if (t->events[i].kind == kind)
            out[n++] = &t->events[i];
    qsort(out, n, sizeof(SekTreeEvent *), in_order);
    return n;
}

static const char *better_of(const char *a, const char *b) {
    return *a ? a : b;
}

/* Sysmon's view counts more, the Security log fills what it lacks. */
static void fill(SekTreeProcess *p) {
    const SekTreeEvent *security = p->views[0], *sysmon = p->views[1];
    const SekTreeEvent *first = sysmon ? sysmon : security, *second = security ? security : sysmon;
    p->best = first;
    p->guid = first->guid;
    p->image = better_of(first->image, second->image);
    p->command = better_of(first->command, second->command);
    p->user = better_of(first->user, second->user);
}

/* The process that a start tells of again: a copy of the event, or the other log's view of it. */
static bool is_told_again(const SekTreeProcess *p, const SekTreeEvent *e) {
    const SekTreeEvent *same = p->views[e->sysmon], *other = p->views[!e->sysmon];
    if (!same_program(p->image, e->image) || !agree(p->guid, e->guid))
        return false;
    return same ? same->time == e->time : e->pid != NONE && apart(other->time, e->time) <= 5 * SECOND;
}

static void add_start(SekTree *t, const SekTreeEvent *e) {
    const char *host = host_of(t, e->host);
    if (e->pid == NONE && !e->guid)
        return;
    for (uint32_t i = 0; i < t->n; i++) {
        SekTreeProcess *p = &t->list[i];
        if (p->host != host || p->pid != e->pid || !is_told_again(p, e))
            continue;
        if (!p->views[e->sysmon]) {
            p->views[e->sysmon] = e;
            fill(p);
        }
        return;
    }
    SekTreeProcess *p = &t->list[t->n++];
    *p = (SekTreeProcess){.host = host, .pid = e->pid, .started = true, .seen = e->time, .parent = NONE};
    p->views[e->sysmon] = e;
    fill(p);
}

/* --- who bore an id ------------------------------------------------------------------------- */

/* How many starts of the id there were at that time. */
static uint32_t starts_before(const SekTree *t, const char *host, uint32_t pid, uint64_t time) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n; i++)
        n += t->list[i].started && t->list[i].host == host && t->list[i].pid == pid && t->list[i].seen <= time;
    return n;
}

/* Start number `n` (from 1) of the id. */
static uint32_t nth_start(const SekTree *t, const char *host, uint32_t pid, uint32_t n) {
    for (uint32_t i = 0; i < t->n; i++)
        if (t->list[i].started && t->list[i].host == host && t->list[i].pid == pid && --n == 0)
            return i;
    return NONE;
}

static bool is_over(const SekTreeProcess *p, uint64_t time) {
    return p->end && time > p->end + 5 * SECOND;
}

/* By id and time: the last that took the id, if it still runs and is this program; or the next, whose start
 * was written a little late. */
static uint32_t by_id(const SekTree *t, const char *host, uint32_t pid, uint64_t time, const char *image) {
    uint32_t n = starts_before(t, host, pid, time);
    if (pid == NONE)
        return NONE;
    uint32_t last = n ? nth_start(t, host, pid, n) : NONE, next = nth_start(t, host, pid, n + 1);
    if (last != NONE && !is_over(&t->list[last], time) && same_program(t->list[last].image, image))
        return last;
    bool late = next != NONE && t->list[next].seen <= time + 5 * SECOND && *image && *t->list[next].image;
    return late && same_program(t->list[next].image, image) ? next : NONE;
}

/* GUIDs may be forged: the last heard of with this id, else the next one, else the last at all. */
static uint32_t by_guid(const SekTree *t, const char *host, uint32_t guid, uint32_t pid, uint64_t time) {
    uint32_t last = NONE, last_with_id = NONE, next = NONE;
    for (uint32_t i = 0; guid && i < t->n; i++) {
        const SekTreeProcess *p = &t->list[i];
        if (p->guid != guid || p->host != host)
            continue;
        if (p->seen > time) {
            if (next == NONE || p->seen < t->list[next].seen)
                next = i;
            continue;
        }
        if (last == NONE || p->seen >= t->list[last].seen)
            last = i;
        if ((pid == NONE || p->pid == pid) && (last_with_id == NONE || p->seen >= t->list[last_with_id].seen))
            last_with_id = i;
    }
    if (last_with_id != NONE)
        return last_with_id;
    return next != NONE && (last == NONE || t->list[next].pid == pid) ? next : last;
}

/* --- ends ----------------------------------------------------------------------------------- */

static uint64_t boot_after(const SekTree *t, const char *host, uint64_t time) {
    uint64_t first = 0;
    for (uint32_t i = 0; i < t->n_events; i++) {
        const SekTreeEvent *e = &t->events[i];
        if (e->kind == SEK_TREE_BOOT && e->time > time && host_of(t, e->host) == host && (!first || e->time < first))
            first = e->time;
    }
    return first;
}

static void end_at(SekTreeProcess *p, uint64_t time) {
    if (time && time < p->seen && p->started)
        time = p->seen;
    if (time && (!p->end || time < p->end))
        p->end = time;
}

/* What one event says of a process that nobody saw start. */
typedef struct Word {
    const SekTreeEvent *from;
    const char *host, *image, *command, *user;
    uint32_t pid, guid, child; /* child: NONE = its own end */
    uint64_t time;
} Word;

static void end_processes(SekTree *t, Word *words, uint32_t *n_words) {
    SekTreeEvent *ends[SEK_TREE_EVENTS];
    uint32_t n = list_events(t, SEK_TREE_END, ends);
    for (uint32_t i = 0; i < n; i++) {
        const SekTreeEvent *e = ends[i];
        const char *host = host_of(t, e->host);
        if (e->pid == NONE)
            continue;
        uint32_t p = by_guid(t, host, e->guid, e->pid, e->time);
        if (p == NONE) {
            p = by_id(t, host, e->pid, e->time, e->image);
            if (p != NONE && e->guid && t->list[p].guid)
                p = NONE; /* it is another one */
        }
        if (p != NONE)
            end_at(&t->list[p], e->time);
        else
            words[(*n_words)++] = (Word){e, host, e->image, "", "", e->pid, e->guid, NONE, e->time};
    }
}

/* --- parents -------------------------------------------------------------------------------- */

static uint32_t parent_of(const SekTree *t, uint32_t child) {
    const SekTreeProcess *p = &t->list[child];
    const SekTreeEvent *e = p->best;
    uint32_t found = by_guid(t, p->host, e->parent_guid, e->parent_pid, e->time);
    bool late = found != NONE && t->list[found].started && t->list[found].seen > e->time + 5 * SECOND;
    if (found != NONE && found != child && !late)
        return found;
    found = by_id(t, p->host, e->parent_pid, e->time, e->parent_image);
    bool other = found != NONE && e->parent_guid && t->list[found].guid;
    return found == child || other ? NONE : found;
}

static void find_parents(SekTree *t, Word *words, uint32_t *n_words) {
    uint32_t n = t->n;
    for (uint32_t i = 0; i < n; i++) {
        const SekTreeEvent *e = t->list[i].best;
        t->list[i].parent = parent_of(t, i);
        if (t->list[i].parent == NONE && e->parent_pid != NONE && e->parent_pid != t->list[i].pid)
            words[(*n_words)++] = (Word){e, t->list[i].host, e->parent_image, e->parent_command, e->parent_user,
                                         e->parent_pid, e->parent_guid, i, e->time};
    }
}

/* Children are heard by time; of one moment a child before an end. */
static int by_time(const void *a, const void *b) {
    const Word *x = a, *y = b;
    int order = cmp(x->pid, y->pid);
    order = order ? order : cmp(x->time, y->time);
    return order ? order : cmp(x->child, y->child);
}

static bool is_meant(const SekTree *t, const SekTreeProcess *p, const Word *w) {
    if (p->started || p->host != w->host || p->pid != w->pid ||
        p->starts_before != starts_before(t, w->host, w->pid, w->time))
        return false;
    if (w->guid && p->guid)
        return w->guid == p->guid;
    bool one_run = boot_after(t, p->host, p->seen) == boot_after(t, p->host, w->time);
    return (one_run || w->guid) && (!p->end || p->end >= w->time) && same_program(p->image, w->image);
}

static void hear(SekTree *t, const Word *w) {
    uint32_t found = t->n;
    for (uint32_t i = 0; i < t->n; i++)
        if (is_meant(t, &t->list[i], w))
            found = i; /* the last */
    SekTreeProcess *p = &t->list[found];
    if (found == t->n) {
        *p = (SekTreeProcess){.host = w->host, .image = "", .command = "", .user = "", .pid = w->pid, .seen = w->time,
                              .parent = NONE, .starts_before = starts_before(t, w->host, w->pid, w->time)};
        t->n++;
    }
    p->image = better_of(p->image, w->image);
    p->command = better_of(p->command, w->command);
    p->user = better_of(p->user, w->user);
    p->guid = w->guid ? w->guid : p->guid;
    if (w->child == NONE)
        end_at(p, w->time);
    else
        t->list[w->child].parent = found;
}

/* --- circles -------------------------------------------------------------------------------- */

static bool leads_to_itself(const SekTree *t, uint32_t from) {
    uint32_t i = t->list[from].parent;
    for (uint32_t steps = 0; steps <= t->n && i != NONE; steps++, i = t->list[i].parent)
        if (i == from)
            return true;
    return false;
}

/* A circle is cut at the process that is heard of first; of several, those with a start and the lower id. */
static void cut_circles(SekTree *t) {
    for (;;) {
        uint32_t first = NONE;
        for (uint32_t i = 0; i < t->n; i++) {
            const SekTreeProcess *p = &t->list[i];
            const SekTreeProcess *q = first == NONE ? NULL : &t->list[first];
            bool before = !q || p->seen < q->seen ||
                          (p->seen == q->seen && (p->started > q->started || (p->started == q->started && p->pid < q->pid)));
            if (before && leads_to_itself(t, i))
                first = i;
        }
        if (first == NONE)
            return;
        t->list[first].parent = NONE;
    }
}

static void end_by_boots(SekTree *t, uint32_t from) {
    for (uint32_t i = from; i < t->n; i++)
        end_at(&t->list[i], boot_after(t, t->list[i].host, t->list[i].seen + 120 * SECOND));
}

void sek_tree_build(SekTree *t) {
    SekTreeEvent *starts[SEK_TREE_EVENTS];
    Word words[2 * SEK_TREE_EVENTS];
    uint32_t n_words = 0, n = list_events(t, SEK_TREE_START, starts);
    t->n = 0;
    for (uint32_t i = 0; i < n; i++)
        add_start(t, starts[i]);
    end_by_boots(t, 0);
    end_processes(t, words, &n_words);
    find_parents(t, words, &n_words);
    qsort(words, n_words, sizeof *words, by_time);
    n = t->n;
    for (uint32_t i = 0; i < n_words; i++)
        hear(t, &words[i]);
    end_by_boots(t, n);
    cut_circles(t);
}

/* --- questions ------------------------------------------------------------------------------ */

/* Hearsay with the id, between the same two starts: the last before the time, or the first after it. */
static uint32_t heard_of(const SekTree *t, const char *host, const SekTreeEvent *e) {
    uint32_t last = NONE, next = NONE, n = starts_before(t, host, e->pid, e->time);
    for (uint32_t i = 0; i < t->n; i++) {
        const SekTreeProcess *p = &t->list[i];
        if (p->started || p->host != host || p->pid != e->pid || p->starts_before != n || (e->guid && p->guid))
            continue;
        if (p->seen <= e->time)
            last = i;
        else if (next == NONE)
            next = i;
    }
    uint32_t found = last != NONE ? last : next;
    return found != NONE && is_over(&t->list[found], e->time) ? NONE : found;
}

uint32_t sek_tree_process_of(const SekTree *t, const SekTreeEvent *e) {
    const char *host = host_of(t, e->host);
    uint32_t found = by_guid(t, host, e->guid, e->pid, e->time);
    if (found != NONE || e->pid == NONE)
        return found;
    found = by_id(t, host, e->pid, e->time, "");
    if (found != NONE)
        return e->guid && t->list[found].guid ? NONE : found;
    return heard_of(t, host, e);
}

uint32_t sek_tree_ancestors(const SekTree *t, uint32_t process, uint32_t out[SEK_TREE_LISTED], bool *cut) {
    uint32_t n = 0, i = t->list[process].parent;
    for (; i != NONE && n < SEK_TREE_LISTED; i = t->list[i].parent)
        out[n++] = i;
    *cut = i != NONE;
    return n;
}

static bool starts_for_windows(const SekTreeProcess *p) {
    return strcasecmp(p->image, "C:\\Windows\\explorer.exe") == 0 ||
           strcasecmp(p->image, "C:\\Windows\\System32\\svchost.exe") == 0;
}

uint32_t sek_tree_root(const SekTree *t, uint32_t process) {
    for (;;) {
        uint32_t up = t->list[process].parent;
        if (up == NONE || starts_for_windows(&t->list[process]) || starts_for_windows(&t->list[up]))
            return process;
        process = up;
    }
}
