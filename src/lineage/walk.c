/* SPDX-License-Identifier: Apache-2.0 */

/* Upwards: circles cut, roots found, ancestors listed. Nothing here recurses; a tree may be as deep as
 * the input is long. */
#include "lineage/internal.h"

#include "base/timestamp.h"

#include <stdio.h>

/* What stands above `p` in the story: what asked for it where that was inferred, else its parent. */
static uint32_t above(const SekNode *p, bool causes) {
    return causes && p->cause != SEK_NO_PROCESS ? p->cause : p->parent;
}

/* Of each process what stands above it, and how far the walk has come: nothing else is needed of those in between, and
 * there may be more of them than fit into memory. */
enum { NEW, ON_PATH, DONE, PROGRESS = 3, STARTER = 4 };

typedef struct Walk {
    SekLineage *lineage;
    uint32_t *up; /* once the root of a process is known, that */
    uint8_t *state;
} Walk;

static void begin(const Walk *w, bool causes) {
    const SekLineage *l = w->lineage;
    for (uint32_t i = 0; i < l->n; i++, sek_shelf_breathe(l->shelf)) {
        w->up[i] = above(&l->list[i], causes);
        w->state[i] = NEW;
    }
}

static void drop_cause(const Walk *w, uint32_t process) {
    SekLineage *l = w->lineage;
    l->list[process].cause = SEK_NO_PROCESS;
    l->list[process].reason = SEK_CAUSE_NONE;
    l->stats.inferred--;
}

/* Takes the link away that makes a circle: the one upwards from whatever is heard of first, for a parent
 * is older than its children. Recorded parents alone make no circle by then, so that with causes one of
 * those goes. */
static void cut(const Walk *w, uint32_t on_circle, bool causes) {
    SekLineage *l = w->lineage;
    uint32_t oldest = SEK_NO_PROCESS, i = on_circle;
    do {
        const SekNode *p = &l->list[i];
        bool counts = !causes || p->cause != SEK_NO_PROCESS;
        if (counts && (oldest == SEK_NO_PROCESS || p->seen < l->list[oldest].seen ||
                       (p->seen == l->list[oldest].seen && i < oldest)))
            oldest = i;
        i = w->up[i];
    } while (i != on_circle);
    l->stats.circles_cut++;
    if (causes)
        drop_cause(w, oldest);
    else
        l->list[oldest].parent = SEK_NO_PROCESS;
    w->up[oldest] = above(&l->list[oldest], causes);
}

static void mark(const Walk *w, uint32_t from) {
    for (uint32_t i = from; i != SEK_NO_PROCESS && w->state[i] == ON_PATH; i = w->up[i])
        w->state[i] = DONE;
}

/* Returns how many were cut. */
static uint64_t cut_circles(const Walk *w, bool causes) {
    const SekLineage *l = w->lineage;
    uint64_t before = l->stats.circles_cut;
    begin(w, causes);
    for (uint32_t start = 0; start < l->n; start++, sek_shelf_breathe(l->shelf)) {
        uint32_t i = start;
        for (; i != SEK_NO_PROCESS && w->state[i] == NEW; i = w->up[i])
            w->state[i] = ON_PATH;
        bool circle = i != SEK_NO_PROCESS && w->state[i] == ON_PATH;
        mark(w, start); /* everything on the path leads into the circle: before a link is gone */
        if (circle)
            cut(w, i, causes);
    }
    return l->stats.circles_cut - before;
}

static bool is_starter(const Walk *w, uint32_t process) {
    return w->state[process] & STARTER;
}

/* The root of everything on the way up from `start`. A starter is a root of its own. */
static void find_root(const Walk *w, uint32_t start) {
    uint32_t top = start, i = start;
    for (;;) {
        uint32_t up = w->up[i];
        if ((w->state[i] & PROGRESS) == DONE) {
            top = up;
            break;
        }
        if (up == SEK_NO_PROCESS || is_starter(w, i) || is_starter(w, up)) {
            top = i;
            break;
        }
        i = up;
    }
    for (uint32_t j = start, next; j != i; j = next) {
        next = w->up[j];
        w->up[j] = top;
        w->state[j] |= DONE;
    }
    w->up[i] = top;
    w->state[i] |= DONE;
}

static void find_roots(const Walk *w) {
    SekLineage *l = w->lineage;
    begin(w, true);
    for (uint32_t i = 0; i < l->n; i++, sek_shelf_breathe(l->shelf))
        w->state[i] = sek_node_is(l, &l->list[i], SEK_IS_STARTER) ? STARTER : NEW;
    for (uint32_t i = 0; i < l->n; i++, sek_shelf_breathe(l->shelf))
        find_root(w, i);
    for (uint32_t i = 0; i < l->n; i++, sek_shelf_breathe(l->shelf))
        l->list[i].root = w->up[i];
}

SekStatus sek_lineage_settle(SekLineage *l) {
    Walk w = {.lineage = l, .up = sek_shelf_take(l->shelf, l->n, sizeof *w.up),
              .state = sek_shelf_take(l->shelf, l->n, sizeof *w.state)};
    bool room = w.up && w.state;
    if (room) {
        (void)cut_circles(&w, false);
        /* A process whose cause was cut goes by its parent again, which may close another circle. Honest logs
         * have none at all; where even the second look finds one, no cause is to be believed. */
        if (cut_circles(&w, true) && cut_circles(&w, true))
            for (uint32_t i = 0; i < l->n; i++)
                if (l->list[i].cause != SEK_NO_PROCESS)
                    drop_cause(&w, i);
        find_roots(&w);
    }
    sek_shelf_give(l->shelf, w.up);
    sek_shelf_give(l->shelf, w.state);
    return room ? SEK_OK : SEK_ERR_MEMORY;
}

/* --- ancestors ------------------------------------------------------------------------------ */

typedef struct Listing {
    SekAncestor *out;
    uint32_t n;
    bool cut;    /* there were more */
    uint32_t of; /* the process whose ancestors they are: inference and record may contradict each other */
} Listing;

/* False when the list is full, or `process` is in it already and so is all that stands above it. */
static bool add(Listing *list, SekAncestor ancestor) {
    if (ancestor.process == list->of)
        return false;
    for (uint32_t i = 0; i < list->n; i++)
        if (list->out[i].process == ancestor.process)
            return false;
    if (list->n == SEK_MAX_ANCESTORS) {
        list->cut = true;
        return false;
    }
    list->out[list->n++] = ancestor;
    return true;
}

static void add_recorded(const SekLineage *l, Listing *list, uint32_t process, uint32_t depth, bool inferred) {
    for (uint32_t i = l->list[process].parent; i != SEK_NO_PROCESS; i = l->list[i].parent)
        if (!add(list, (SekAncestor){.process = i, .depth = depth++, .inferred = inferred}))
            return;
}

/* Nearest first, recorded before inferred: insertion sort, stable, of at most SEK_MAX_ANCESTORS. */
static void sort(Listing *list) {
    for (uint32_t i = 1; i < list->n; i++) {
        SekAncestor moved = list->out[i];
        uint32_t j = i;
        for (; j > 0 && (list->out[j - 1].depth > moved.depth ||
                         (list->out[j - 1].depth == moved.depth && list->out[j - 1].inferred && !moved.inferred));
             j--)
            list->out[j] = list->out[j - 1];
        list->out[j] = moved;
    }
}

uint32_t sek_lineage_ancestors(const SekLineage *l, uint32_t process, SekAncestor *out, bool *cut) {
    Listing list = {.out = out, .of = process};
    bool inferred = false;
    uint32_t depth = 1;
    for (uint32_t i = process;; depth++) { /* ends when the list is full: each round adds to it */
        const SekNode *p = &l->list[i];
        SekAncestor next = {.process = above(p, true), .depth = depth, .inferred = inferred};
        if (next.process == SEK_NO_PROCESS)
            break;
        if (p->cause != SEK_NO_PROCESS) {
            next.inferred = inferred = true;
            next.reason = p->reason;
        }
        if (!add(&list, next))
            break;
        i = next.process;
    }
    /* The brokers' side, where it is not the way that the story took. */
    uint32_t n_story = list.n;
    for (uint32_t s = 0, i = process; s <= n_story; i = list.out[s].process, s++) {
        if (l->list[i].cause != SEK_NO_PROCESS)
            add_recorded(l, &list, i, s + 1, s > 0 && list.out[s - 1].inferred);
        if (s == n_story)
            break;
    }
    sort(&list);
    *cut = list.cut;
    return list.n;
}

size_t sek_lineage_tree_id(const SekLineage *l, uint32_t process, char out[SEK_TREE_ID]) {
    uint32_t top = l->list[process].root;
    const SekNode *root = &l->list[top];
    const uint8_t *g = root->guid;
    int n;
    SekStr host = l->hosts.names[root->host];
    int host_len = host.len > 256 ? 256 : (int)host.len;
    if (sek_process_has_guid(g)) { /* clones of one machine may give equal GUIDs */
        n = snprintf(out, SEK_TREE_ID, "%.*s {%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X}",
                     host_len, host.ptr, g[0],
                     g[1], g[2], g[3], g[4], g[5], g[6], g[7], g[8], g[9], g[10], g[11], g[12], g[13], g[14], g[15]);
        return (size_t)n;
    }
    char time[SEK_TIME_TEXT];
    (void)sek_time_format(root->seen, time);
    n = snprintf(out, SEK_TREE_ID, "%.*s pid %u %s %s", host_len, host.ptr, root->pid,
                 sek_lineage_start(l, top) ? "at" : "before", time);
    return n > 0 && n < (int)SEK_TREE_ID ? (size_t)n : 0;
}
