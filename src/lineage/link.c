/* SPDX-License-Identifier: Apache-2.0 */

/* Ends and parents. What no start tells of, but an end or a child does, becomes *hearsay*: a process of
 * its own, one for all children that mean the same. Two children mean the same when they name the same
 * GUID, or the same id and program in a time in which no logged start takes the id. */
#include "lineage/internal.h"

#include <stdlib.h>

#define LOOK_BACK 8u /* hearsay of one id in one gap that a further word is compared with */

/* What somebody says of a process whose start is not logged. */
typedef struct Word {
    const SekFactRow *row;
    uint32_t host, pid, gap;
    uint32_t child; /* SEK_NO_PROCESS = it is the process's own end */
    uint64_t time;
} Word;

typedef struct Words {
    Word *list;
    uint32_t n;
} Words;

static void add_word(SekForge *forge, Words *words, const SekFactRow *row, uint32_t pid, uint32_t child) {
    uint64_t time = row->fact->time;
    words->list[words->n++] = (Word){.row = row, .host = row->host, .pid = pid, .child = child, .time = time,
                                     .gap = sek_lineage_gap(forge->lineage, row->host, pid, time)};
}

/* An end whose time cannot be read does not say when: it ends nothing. */
static void note_end(SekProcess *p, uint64_t time) {
    if (time == 0)
        return;
    if (time < p->start)
        time = p->start;
    if (p->end == 0 || time < p->end)
        p->end = time;
}

/* The first start of the host after `time`, or the end of its rows. */
static uint32_t boot_after(const SekForge *forge, uint32_t host, uint64_t time) {
    uint32_t low = forge->first[SEK_FACT_BOOT], high = forge->first[SEK_FACT_BOOT + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const SekFactRow *row = &forge->rows[middle];
        if (row->host < host || (row->host == host && row->fact->time <= time))
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
        SekProcess *p = &l->list[i];
        uint32_t boot = boot_after(forge, p->host, p->seen + SEK_BOOT_WINDOW);
        if (boot < forge->first[SEK_FACT_BOOT + 1] && forge->rows[boot].host == p->host)
            note_end(p, forge->rows[boot].fact->time);
    }
}

static void link_ends(SekForge *forge, Words *words) {
    SekLineage *l = forge->lineage;
    for (uint32_t i = forge->first[SEK_FACT_END]; i < forge->first[SEK_FACT_END + 1]; i++) {
        const SekFactRow *row = &forge->rows[i];
        const SekStoredFact *f = row->fact;
        SekProcessKey key = {.time = f->time, .pid = f->pid};
        memcpy(key.guid, f->guid, sizeof key.guid);
        bool guid = sek_process_has_guid(f->guid);
        uint32_t found = guid ? sek_lineage_by_guid(l, row->host, &key) : SEK_NO_PROCESS;
        if (found == SEK_NO_PROCESS) {
            found = sek_lineage_at(l, row->host, f->pid, f->time, sek_row_text(row, f->image));
            if (found != SEK_NO_PROCESS && guid && sek_process_has_guid(l->list[found].guid))
                found = SEK_NO_PROCESS;
        }
        if (found != SEK_NO_PROCESS)
            note_end(&l->list[found], f->time);
        else if (f->pid != SEK_NO_PID)
            add_word(forge, words, row, f->pid, SEK_NO_PROCESS);
    }
}

/* True for a process that began after it had started a child: a GUID that was forged, or a clock that was set back. */
static bool is_too_late(const SekProcess *parent, uint64_t child_time) {
    return parent->start > child_time && parent->start - child_time > SEK_VIEW_WINDOW;
}

static uint32_t parent_of(const SekForge *forge, uint32_t child, const SekFactRow *claim) {
    const SekLineage *l = forge->lineage;
    const SekStoredFact *f = claim->fact;
    SekProcessKey key = {.time = f->time, .pid = f->parent_pid};
    memcpy(key.guid, f->parent_guid, sizeof key.guid);
    bool guid = sek_process_has_guid(key.guid);
    uint32_t found = guid ? sek_lineage_by_guid(l, claim->host, &key) : SEK_NO_PROCESS;
    if (found != SEK_NO_PROCESS && found != child && !is_too_late(&l->list[found], f->time))
        return found;
    found = sek_lineage_at(l, claim->host, f->parent_pid, f->time, sek_row_text(claim, f->parent_image));
    if (found == child || (found != SEK_NO_PROCESS && guid && sek_process_has_guid(l->list[found].guid)))
        return SEK_NO_PROCESS;
    return found;
}

static void link_parents(SekForge *forge, Words *words) {
    SekLineage *l = forge->lineage;
    for (uint32_t i = 0; i < l->n_real; i++) {
        const SekFactRow *claim = forge->building[i].claim;
        uint32_t pid = claim->fact->parent_pid;
        uint32_t parent = parent_of(forge, i, claim);
        if (parent != SEK_NO_PROCESS)
            l->list[i].parent = parent;
        else if (pid != SEK_NO_PID && pid != l->list[i].pid)
            add_word(forge, words, claim, pid, i);
    }
}

static int by_place(const void *a, const void *b) {
    const Word *x = a, *y = b;
    if (x->host != y->host)
        return x->host < y->host ? -1 : 1;
    if (x->pid != y->pid)
        return x->pid < y->pid ? -1 : 1;
    if (x->gap != y->gap)
        return x->gap < y->gap ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->child < y->child ? -1 : x->child > y->child;
}

static SekStr image_of(const Word *w) {
    const SekStoredFact *f = w->row->fact;
    return sek_row_text(w->row, w->child == SEK_NO_PROCESS ? f->image : f->parent_image);
}

static const uint8_t *guid_of(const Word *w) {
    return w->child == SEK_NO_PROCESS ? w->row->fact->guid : w->row->fact->parent_guid;
}

static bool means(const Word *w, const SekProcess *p) {
    const uint8_t *guid = guid_of(w);
    if (sek_process_has_guid(guid) && sek_process_has_guid(p->guid))
        return memcmp(guid, p->guid, sizeof p->guid) == 0;
    return (p->end == 0 || p->end >= w->time) && sek_image_same(p->image, image_of(w));
}

static void fill(SekStr *to, SekStr from) {
    if (to->len == 0)
        *to = from;
}

static void take_word(const Word *w, SekProcess *p) {
    const SekStoredFact *f = w->row->fact;
    fill(&p->image, image_of(w));
    if (sek_process_has_guid(guid_of(w)))
        memcpy(p->guid, guid_of(w), sizeof p->guid);
    if (w->child == SEK_NO_PROCESS) {
        note_end(p, w->time);
        fill(&p->user, sek_row_text(w->row, f->user));
        return;
    }
    fill(&p->command_line, sek_row_text(w->row, f->parent_command_line));
    fill(&p->user, sek_row_text(w->row, f->parent_user));
}

/* The hearsay that the word is about, made when new; SEK_NO_PROCESS when memory ran out. */
static uint32_t hearsay_of(const SekForge *forge, const Word *w) {
    SekLineage *l = forge->lineage;
    for (uint32_t i = l->n; i > l->n_real && l->n - i < LOOK_BACK; i--) {
        SekProcess *p = &l->list[i - 1];
        if (p->host != w->host || p->pid != w->pid || l->gaps[i - 1 - l->n_real] != w->gap)
            break;
        bool one_run = boot_after(forge, p->host, p->seen) == boot_after(forge, p->host, w->time);
        if (means(w, p) && (one_run || sek_process_has_guid(guid_of(w))))
            return i - 1;
    }
    SekProcess *p = sek_lineage_push(l);
    if (!p)
        return SEK_NO_PROCESS;
    p->host = w->host;
    p->pid = w->pid;
    p->seen = w->time;
    p->file = w->row->fact->file;
    l->gaps[l->n - 1 - l->n_real] = w->gap;
    return l->n - 1;
}

static SekStatus make_hearsay(const SekForge *forge, Words *words) {
    SekLineage *l = forge->lineage;
    qsort(words->list, words->n, sizeof *words->list, by_place);
    l->gaps = malloc(((size_t)words->n + 1) * sizeof *l->gaps);
    if (!l->gaps)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < words->n; i++) {
        const Word *w = &words->list[i];
        uint32_t process = hearsay_of(forge, w);
        if (process == SEK_NO_PROCESS)
            return SEK_ERR_MEMORY;
        take_word(w, &l->list[process]);
        if (w->child != SEK_NO_PROCESS)
            l->list[w->child].parent = process;
    }
    return SEK_OK;
}

SekStatus sek_lineage_link(SekForge *forge) {
    SekLineage *l = forge->lineage;
    size_t most = (size_t)l->n_real + forge->first[SEK_FACT_END + 1] - forge->first[SEK_FACT_END];
    Words words = {.list = malloc((most + 1) * sizeof *words.list)};
    SekStatus status = words.list ? sek_lineage_index_guids(l) : SEK_ERR_MEMORY;
    if (status == SEK_OK) {
        end_by_boots(forge, 0);
        link_ends(forge, &words);
        link_parents(forge, &words);
        status = make_hearsay(forge, &words);
        end_by_boots(forge, l->n_real);
    }
    if (status == SEK_OK)
        status = sek_lineage_index_guids(l);
    free(words.list);
    return status;
}
