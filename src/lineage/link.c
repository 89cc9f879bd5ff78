/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* qsort_r */

/* Ends and parents. What no start tells of, but an end or a child does, becomes *hearsay*: a process of
 * its own, one for all children that mean the same. Two children mean the same when they name the same
 * GUID, or the same id and program in a time in which no logged start takes the id. */
#include "lineage/internal.h"

#include <stdlib.h>

#define LOOK_BACK 8u /* hearsay of one id in one gap that a further word is compared with */

/* What somebody says of a process whose start is not logged, with what is needed of the fact: that is gone when
 * processes are made of words. */
typedef struct Word {
    uint64_t time;
    uint8_t guid[16];
    uint32_t told, pid, gap;
    uint32_t child; /* SEK_NO_PROCESS = it is the process's own end */
} Word;

typedef struct Words {
    Word *list;
    uint32_t n;
} Words;

static void add_word(SekForge *forge, Words *words, const SekStoredFact *f, uint32_t child) {
    Word *word = &words->list[words->n++];
    uint32_t pid = child == SEK_NO_PROCESS ? f->pid : f->parent_pid;
    *word = (Word){.time = f->time, .told = f->told, .pid = pid, .child = child,
                   .gap = sek_lineage_gap(forge->lineage, sek_fact_host(forge, f), pid, f->time)};
    memcpy(word->guid, child == SEK_NO_PROCESS ? f->guid : f->parent_guid, sizeof word->guid);
}

/* An end whose time cannot be read does not say when: it ends nothing. */
static void note_end(SekNode *p, uint64_t start, uint64_t time) {
    if (time == 0)
        return;
    if (time < start)
        time = start;
    if (p->end == 0 || time < p->end)
        p->end = time;
}

static SekStatus list_boots(SekForge *forge) {
    uint32_t first = forge->first[SEK_FACT_BOOT];
    forge->n_boots = forge->first[SEK_FACT_BOOT + 1] - first;
    forge->boots = malloc(((size_t)forge->n_boots + 1) * sizeof *forge->boots);
    for (uint32_t i = 0; forge->boots && i < forge->n_boots; i++)
        forge->boots[i] = (SekBoot){forge->facts[first + i].time, sek_fact_host(forge, &forge->facts[first + i])};
    return forge->boots ? SEK_OK : SEK_ERR_MEMORY;
}

/* The first start of the host after `time`, or the end of its rows. */
static uint32_t boot_after(const SekForge *forge, uint32_t host, uint64_t time) {
    uint32_t low = 0, high = forge->n_boots;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const SekBoot *boot = &forge->boots[middle];
        if (boot->host < host || (boot->host == host && boot->time <= time))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* No process outlives a start of its host, and ids begin anew with it. */
static void end_by_boots(SekForge *forge, uint32_t from) {
    SekLineage *l = forge->lineage;
    for (uint32_t i = from; i < l->n; i++) {
        SekNode *p = &l->list[i];
        uint32_t boot = boot_after(forge, p->host, p->seen + SEK_BOOT_WINDOW);
        if (boot < forge->n_boots && forge->boots[boot].host == p->host)
            note_end(p, sek_lineage_start(l, i), forge->boots[boot].time);
    }
}

static void link_ends(SekForge *forge, Words *words) {
    SekLineage *l = forge->lineage;
    for (uint32_t i = forge->first[SEK_FACT_END]; i < forge->first[SEK_FACT_END + 1]; i++) {
        const SekStoredFact *f = &forge->facts[i];
        uint32_t host = sek_fact_host(forge, f);
        SekProcessKey key = {.time = f->time, .pid = f->pid};
        memcpy(key.guid, f->guid, sizeof key.guid);
        bool guid = sek_process_has_guid(f->guid);
        uint32_t found = guid ? sek_lineage_by_guid(l, host, &key) : SEK_NO_PROCESS;
        if (found == SEK_NO_PROCESS) {
            found = sek_lineage_at(l, host, f->pid, f->time, l->texts[sek_told(forge, f)->image]);
            if (found != SEK_NO_PROCESS && guid && sek_process_has_guid(l->list[found].guid))
                found = SEK_NO_PROCESS;
        }
        if (found != SEK_NO_PROCESS)
            note_end(&l->list[found], sek_lineage_start(l, found), f->time);
        else if (f->pid != SEK_NO_PID)
            add_word(forge, words, f, SEK_NO_PROCESS);
    }
}

/* True for a process that began after it had started a child: a GUID that was forged, or a clock that was set back. */
static bool is_too_late(uint64_t parent_start, uint64_t child_time) {
    return parent_start > child_time && parent_start - child_time > SEK_VIEW_WINDOW;
}

static uint32_t parent_of(const SekForge *forge, uint32_t child, const SekStoredFact *f) {
    const SekLineage *l = forge->lineage;
    uint32_t host = sek_fact_host(forge, f);
    SekProcessKey key = {.time = f->time, .pid = f->parent_pid};
    memcpy(key.guid, f->parent_guid, sizeof key.guid);
    bool guid = sek_process_has_guid(key.guid);
    uint32_t found = guid ? sek_lineage_by_guid(l, host, &key) : SEK_NO_PROCESS;
    if (found != SEK_NO_PROCESS && found != child && !is_too_late(sek_lineage_start(l, found), f->time))
        return found;
    found = sek_lineage_at(l, host, f->parent_pid, f->time, l->texts[sek_told(forge, f)->parent_image]);
    if (found == child || (found != SEK_NO_PROCESS && guid && sek_process_has_guid(l->list[found].guid)))
        return SEK_NO_PROCESS;
    return found;
}

static void link_parents(SekForge *forge, Words *words) {
    SekLineage *l = forge->lineage;
    for (uint32_t i = 0; i < l->n_real; i++) {
        const SekStoredFact *claim = &forge->facts[forge->claims[i]];
        uint32_t pid = claim->parent_pid;
        uint32_t parent = parent_of(forge, i, claim);
        if (parent != SEK_NO_PROCESS)
            l->list[i].parent = parent;
        else if (pid != SEK_NO_PID && pid != l->list[i].pid)
            add_word(forge, words, claim, i);
    }
}

/* Gives starts and ends back: most of the facts, and no longer needed. */
static void give_back(SekForge *forge) {
    uint32_t gone = forge->first[SEK_FACT_END + 1], left = forge->n_facts - gone;
    for (uint32_t i = 0; i < forge->lineage->n_real; i++)
        forge->claims[i] = forge->facts[forge->claims[i]].told;
    if (left)
        memmove(forge->facts, forge->facts + gone, left * sizeof *forge->facts);
    SekStoredFact *less = realloc(forge->facts, ((size_t)left + 1) * sizeof *less);
    forge->facts = less ? less : forge->facts;
    forge->n_facts = left;
    for (unsigned kind = 0; kind <= SEK_FACT_BOOT + 1; kind++)
        forge->first[kind] = kind <= SEK_FACT_END ? 0 : forge->first[kind] - gone;
}

static uint32_t host_of(const SekForge *forge, const Word *w) {
    return forge->told[w->told].host;
}

static int by_place(const void *a, const void *b, void *user) {
    const Word *x = a, *y = b;
    uint32_t host = host_of(user, x), other = host_of(user, y);
    if (host != other)
        return host < other ? -1 : 1;
    if (x->pid != y->pid)
        return x->pid < y->pid ? -1 : 1;
    if (x->gap != y->gap)
        return x->gap < y->gap ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->child < y->child ? -1 : x->child > y->child;
}

/* The number of its text. */
static uint32_t image_of(const SekForge *forge, const Word *w) {
    const SekTold *told = &forge->told[w->told];
    return w->child == SEK_NO_PROCESS ? told->image : told->parent_image;
}

static bool means(const SekForge *forge, const Word *w, const SekNode *p) {
    const SekLineage *l = forge->lineage;
    if (sek_process_has_guid(w->guid) && sek_process_has_guid(p->guid))
        return memcmp(w->guid, p->guid, sizeof p->guid) == 0;
    return (p->end == 0 || p->end >= w->time) &&
           sek_image_same(sek_node_image(l, p), l->texts[image_of(forge, w)]);
}

static void fill(const SekLineage *l, uint32_t *to, uint32_t from) {
    if (l->texts[*to].len == 0)
        *to = from;
}

static void take_word(const SekForge *forge, const Word *w, SekNode *p) {
    const SekLineage *l = forge->lineage;
    const SekTold *told = &forge->told[w->told];
    fill(l, &p->image, image_of(forge, w));
    if (sek_process_has_guid(w->guid))
        memcpy(p->guid, w->guid, sizeof p->guid);
    if (w->child == SEK_NO_PROCESS) {
        note_end(p, 0, w->time);
        fill(l, &p->user, told->user);
        return;
    }
    fill(l, &p->command_line, told->parent_command_line);
    fill(l, &p->user, told->parent_user);
}

/* No start of the host lies between. */
static bool is_one_run(const SekForge *forge, const SekNode *p, uint64_t time) {
    return boot_after(forge, p->host, p->seen) == boot_after(forge, p->host, time);
}

/* The hearsay that the word is about, made when new; SEK_NO_PROCESS when memory ran out. */
static uint32_t hearsay_of(const SekForge *forge, const Word *w) {
    SekLineage *l = forge->lineage;
    uint32_t host = host_of(forge, w);
    for (uint32_t i = l->n; i > l->n_real && l->n - i < LOOK_BACK; i--) {
        const SekNode *p = &l->list[i - 1];
        if (p->host != host || p->pid != w->pid || l->gaps[i - 1 - l->n_real] != w->gap)
            break;
        if (means(forge, w, p) && (sek_process_has_guid(w->guid) || is_one_run(forge, p, w->time)))
            return i - 1;
    }
    SekNode *p = sek_lineage_push(l);
    if (!p)
        return SEK_NO_PROCESS;
    p->host = host;
    p->pid = w->pid;
    p->seen = w->time;
    l->gaps[l->n - 1 - l->n_real] = w->gap;
    return l->n - 1;
}

static SekStatus make_hearsay(SekForge *forge, Words *words) {
    SekLineage *l = forge->lineage;
    if (words->n)
        qsort_r(words->list, words->n, sizeof *words->list, by_place, forge);
    l->gaps = malloc(((size_t)words->n + 1) * sizeof *l->gaps);
    if (!l->gaps)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < words->n; i++) {
        const Word *w = &words->list[i];
        uint32_t process = hearsay_of(forge, w);
        if (process == SEK_NO_PROCESS)
            return SEK_ERR_MEMORY;
        take_word(forge, w, &l->list[process]);
        if (w->child != SEK_NO_PROCESS)
            l->list[w->child].parent = process;
    }
    return SEK_OK;
}

SekStatus sek_lineage_link(SekForge *forge) {
    SekLineage *l = forge->lineage;
    size_t most = (size_t)l->n_real + forge->first[SEK_FACT_END + 1] - forge->first[SEK_FACT_END];
    Words words = {.list = malloc((most + 1) * sizeof *words.list)};
    SekStatus status = words.list ? list_boots(forge) : SEK_ERR_MEMORY;
    if (status == SEK_OK)
        status = sek_lineage_index_guids(l, 0);
    if (status == SEK_OK) {
        end_by_boots(forge, 0);
        link_ends(forge, &words);
        link_parents(forge, &words);
        give_back(forge);
        status = make_hearsay(forge, &words);
        end_by_boots(forge, l->n_real);
    }
    free(words.list);
    return status == SEK_OK ? sek_lineage_index_guids(l, l->n_real) : status;
}
