/* SPDX-License-Identifier: Apache-2.0 */

/* Upwards: circles cut, roots found, ancestors listed. Nothing here recurses; a tree may be as deep as
 * the input is long. */
#include "lineage/internal.h"

#include "base/timestamp.h"

#include <stdio.h>
#include <stdlib.h>

/* What stands above `p` in the story: what asked for it where that was inferred, else its parent. */
static uint32_t above(const SekNode *p, bool causes) {
    return causes && p->cause != SEK_NO_PROCESS ? p->cause : p->parent;
}

enum { NEW, ON_PATH, DONE };

static void drop_cause(SekLineage *l, uint32_t process) {
    l->list[process].cause = SEK_NO_PROCESS;
    l->list[process].reason = SEK_CAUSE_NONE;
    l->stats.inferred--;
}

/* Takes the link away that makes a circle: the one upwards from whatever is heard of first, for a parent
 * is older than its children. Recorded parents alone make no circle by then, so that with causes one of
 * those goes. */
static void cut(SekLineage *l, uint32_t on_circle, bool causes) {
    uint32_t oldest = SEK_NO_PROCESS, i = on_circle;
    do {
        const SekNode *p = &l->list[i];
        bool counts = !causes || p->cause != SEK_NO_PROCESS;
        if (counts && (oldest == SEK_NO_PROCESS || p->seen < l->list[oldest].seen ||
                       (p->seen == l->list[oldest].seen && i < oldest)))
            oldest = i;
        i = above(p, causes);
    } while (i != on_circle);
    l->stats.circles_cut++;
    if (causes)
        drop_cause(l, oldest);
    else
        l->list[oldest].parent = SEK_NO_PROCESS;
}

static void mark(SekLineage *l, uint8_t *state, uint32_t from, uint8_t as, bool causes) {
    for (uint32_t i = from; i != SEK_NO_PROCESS && state[i] == ON_PATH; i = above(&l->list[i], causes))
        state[i] = as;
}

/* Returns how many were cut. */
static uint64_t cut_circles(SekLineage *l, uint8_t *state, bool causes) {
    uint64_t before = l->stats.circles_cut;
    memset(state, NEW, l->n);
    for (uint32_t start = 0; start < l->n; start++) {
        uint32_t i = start;
        for (; i != SEK_NO_PROCESS && state[i] == NEW; i = above(&l->list[i], causes))
            state[i] = ON_PATH;
        if (i != SEK_NO_PROCESS && state[i] == ON_PATH) {
            /* Everything on the path leads into the circle: mark it before a link is gone. */
            uint32_t circle = i;
            for (i = start; state[i] == ON_PATH; i = above(&l->list[i], causes))
                state[i] = DONE;
            cut(l, circle, causes);
            continue;
        }
        mark(l, state, start, DONE, causes);
    }
    return l->stats.circles_cut - before;
}

/* The root of everything on the way up from `start`. A starter is a root of its own. */
static void find_root(SekLineage *l, uint8_t *state, uint32_t start) {
    uint32_t top = start, i = start;
    for (;;) {
        const SekNode *p = &l->list[i];
        uint32_t up = above(p, true);
        if (state[i] == DONE) {
            top = p->root;
            break;
        }
        if (up == SEK_NO_PROCESS || sek_node_is(l, p, SEK_IS_STARTER) || sek_node_is(l, &l->list[up], SEK_IS_STARTER)) {
            top = i;
            break;
        }
        i = up;
    }
    for (uint32_t j = start; j != i; j = above(&l->list[j], true)) {
        l->list[j].root = top;
        state[j] = DONE;
    }
    l->list[i].root = top;
    state[i] = DONE;
}

SekStatus sek_lineage_settle(SekLineage *l) {
    uint8_t *state = malloc((size_t)l->n + 1);
    if (!state)
        return SEK_ERR_MEMORY;
    (void)cut_circles(l, state, false);
    /* A process whose cause was cut goes by its parent again, which may close another circle. Honest logs
     * have none at all; where even the second look finds one, no cause is to be believed. */
    if (cut_circles(l, state, true) && cut_circles(l, state, true))
        for (uint32_t i = 0; i < l->n; i++)
            if (l->list[i].cause != SEK_NO_PROCESS)
                drop_cause(l, i);
    memset(state, NEW, l->n);
    for (uint32_t i = 0; i < l->n; i++)
        find_root(l, state, i);
    free(state);
    return SEK_OK;
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
