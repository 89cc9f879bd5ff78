/* SPDX-License-Identifier: Apache-2.0 */

/* Ends and parents. What no start tells of, but an end or a child does, becomes *hearsay*: a process of
 * its own, one for all children that mean the same. Two children mean the same when they name the same
 * GUID, or the same id and program in a time in which no logged start takes the id. */
#include "lineage/internal.h"

#include <stdlib.h>

#define LOOK_BACK 8u /* hearsay of one id in one gap that a further word is compared with */

/* What somebody says of a process whose start is not logged. */
typedef struct Word {
    SekClaim says;
    uint32_t host;
    uint32_t child, child_pid; /* SEK_NO_PROCESS = it is the process's own end */
    uint32_t number; /* in the order in which words came */
} Word;

/* Ends, and later words, come in the order of processes: `gap` follows them through the list. */
struct SekLink {
    SekForge *forge;
    Word *words;
    uint32_t n_words, gap;
    uint32_t *parents; /* of real processes: what is far apart in their list is near here */
};

static void add_word(SekLink *link, const Word *word) {
    uint32_t n = link->n_words++;
    link->words[n] = *word;
    link->words[n].number = n;
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
        sek_shelf_breathe(l->shelf);
    }
}

/* The process that an end with a GUID is of. Nearly always it is the one that bears the id, where there is one: an end without
 * an id is of the one that was heard of last, whatever its id. */
static uint32_t ended_by_guid(const SekLink *link, const SekStoredFact *f, const SekProcessKey *key) {
    const SekLineage *l = link->forge->lineage;
    const SekNode *p = link->gap ? &l->list[link->gap - 1] : NULL;
    if (p && f->pid != SEK_NO_PID && p->host == f->host && p->pid == f->pid && memcmp(p->guid, f->guid, sizeof p->guid) == 0)
        return link->gap - 1;
    const SekGuidEntry *entry = sek_lineage_by_guid(l, f->host, key);
    return entry ? entry->process : SEK_NO_PROCESS;
}

void sek_link_end_of(SekLink *link, const SekStoredFact *f) {
    SekLineage *l = link->forge->lineage;
    SekProcessKey key = {.time = f->time, .pid = f->pid};
    memcpy(key.guid, f->guid, sizeof key.guid);
    bool guid = sek_process_has_guid(f->guid);
    link->gap = sek_lineage_gap_from(l, link->gap, f->host, f->pid, f->time);
    uint32_t found = guid ? ended_by_guid(link, f, &key) : SEK_NO_PROCESS;
    if (found == SEK_NO_PROCESS) {
        found = sek_lineage_at(l, link->gap, f->host, &key, sek_lineage_text(l, sek_told(l, f->told)->image));
        if (found != SEK_NO_PROCESS && guid && sek_process_has_guid(l->list[found].guid))
            found = SEK_NO_PROCESS;
    }
    if (found != SEK_NO_PROCESS) {
        note_end(&l->list[found], sek_lineage_start(l, found), f->time);
    } else if (f->pid != SEK_NO_PID) {
        Word word = {.says = {.time = f->time, .pid = f->pid, .told = f->told}, .host = f->host, .child = SEK_NO_PROCESS};
        memcpy(word.says.guid, f->guid, sizeof word.says.guid);
        add_word(link, &word);
    }
}

/* True for a process that began after it had started a child: a GUID that was forged, or a clock that was set back. */
static bool is_too_late(uint64_t parent_start, uint64_t child_time) {
    return parent_start > child_time && parent_start - child_time > SEK_VIEW_WINDOW;
}

static int order_numbers(uint64_t a, uint64_t b) {
    return a < b ? -1 : a > b;
}

static int by_place(const void *a, const void *b, void *user) {
    (void)user;
    const Word *x = a, *y = b;
    int order = order_numbers(x->host, y->host);
    if (order == 0)
        order = order_numbers(x->says.pid, y->says.pid);
    if (order == 0)
        order = order_numbers(x->says.time, y->says.time);
    if (order == 0)
        order = order_numbers(x->child, y->child);
    return order ? order : order_numbers(x->number, y->number);
}

static int by_guid(const void *a, const void *b, void *user) {
    const Word *x = a, *y = b;
    int order = sek_order_guids(x->says.guid, y->says.guid);
    if (order == 0)
        order = order_numbers(x->host, y->host);
    if (order == 0)
        order = order_numbers(x->says.time, y->says.time);
    return order ? order : by_place(a, b, user);
}

/* What each process says of its parent. */
static void list_claims(SekLink *link) {
    const SekLineage *l = link->forge->lineage;
    for (uint32_t i = 0; i < l->n_real; i++, sek_shelf_breathe(l->shelf)) {
        const SekClaim *claim = &link->forge->claims[i];
        if (claim->pid != SEK_NO_PID || sek_process_has_guid(claim->guid))
            add_word(link, &(Word){.says = *claim, .host = l->list[i].host, .child = i, .child_pid = l->list[i].pid});
    }
}

/* True when the GUID names the parent; what is said by id is not asked then. */
static bool parent_by_guid(SekLink *link, const Word *w, uint32_t *at) {
    if (w->child == SEK_NO_PROCESS || !sek_process_has_guid(w->says.guid))
        return false;
    SekProcessKey key = {.time = w->says.time, .pid = w->says.pid};
    memcpy(key.guid, w->says.guid, sizeof key.guid);
    const SekGuidEntry *found = sek_lineage_next_by_guid(link->forge->lineage, at, w->host, &key);
    if (!found || found->process == w->child || is_too_late(found->seen, w->says.time))
        return false;
    link->parents[w->child] = found->process;
    return true;
}

/* Words in the order of GUIDs; those that go by ids alone are left. */
static SekStatus link_by_guid(SekLink *link) {
    SekShelf *shelf = link->forge->lineage->shelf;
    uint32_t left = 0, at = 0;
    void *sorted = link->words;
    SekStatus status = sek_shelf_sort(shelf, &sorted, link->n_words, &(SekShelfSort){sizeof(Word), by_guid, NULL});
    link->words = sorted;
    for (uint32_t i = 0; i < link->n_words && status == SEK_OK; i++, sek_shelf_breathe(shelf))
        if (!parent_by_guid(link, &link->words[i], &at) && link->words[i].says.pid != SEK_NO_PID)
            link->words[left++] = link->words[i];
    link->n_words = left;
    return status;
}

/* The number of its text. */
static uint32_t image_of(const SekLineage *l, const Word *w) {
    const SekTold *told = sek_told(l, w->says.told);
    return w->child == SEK_NO_PROCESS ? told->image : told->parent_image;
}

static bool means(const SekLineage *l, const Word *w, const SekNode *p) {
    if (sek_process_has_guid(w->says.guid) && sek_process_has_guid(p->guid))
        return memcmp(w->says.guid, p->guid, sizeof p->guid) == 0;
    uint32_t image = image_of(l, w);
    return (p->end == 0 || p->end >= w->says.time) &&
           (image == p->image || sek_image_same(sek_node_image(l, p), sek_lineage_text(l, image)));
}

static void fill(uint32_t *to, uint32_t from) {
    if (*to == 0)
        *to = from;
}

static void take_word(const SekLineage *l, const Word *w, SekNode *p) {
    const SekTold *told = sek_told(l, w->says.told);
    fill(&p->image, image_of(l, w));
    if (sek_process_has_guid(w->says.guid))
        memcpy(p->guid, w->says.guid, sizeof p->guid);
    if (w->child == SEK_NO_PROCESS) {
        note_end(p, 0, w->says.time);
        fill(&p->user, told->user);
        return;
    }
    fill(&p->command_line, told->parent_command_line);
    fill(&p->user, told->parent_user);
}

/* No start of the host lies between. */
static bool is_one_run(const SekForge *forge, const SekNode *p, uint64_t time) {
    return boot_after(forge, p->host, p->seen) == boot_after(forge, p->host, time);
}

/* The hearsay that the word is about, made when new. */
static uint32_t hearsay_of(const SekLink *link, const Word *w) {
    const SekForge *forge = link->forge;
    SekLineage *l = forge->lineage;
    for (uint32_t i = l->n; i > l->n_real && l->n - i < LOOK_BACK; i--) {
        const SekNode *p = &l->list[i - 1];
        if (p->host != w->host || p->pid != w->says.pid || l->gaps[i - 1 - l->n_real] != link->gap)
            break;
        if (means(l, w, p) && (sek_process_has_guid(w->says.guid) || is_one_run(forge, p, w->says.time)))
            return i - 1;
    }
    SekNode *p = sek_lineage_push(l);
    p->host = w->host;
    p->pid = w->says.pid;
    p->seen = w->says.time;
    l->gaps[l->n - 1 - l->n_real] = link->gap;
    return l->n - 1;
}

/* The real process that the word is about, or the hearsay; SEK_NO_PROCESS when a child says it is its own parent. */
static uint32_t process_of(const SekLink *link, const Word *w) {
    const SekLineage *l = link->forge->lineage;
    if (w->child == SEK_NO_PROCESS)
        return hearsay_of(link, w); /* a real one was looked for when the end came */
    SekProcessKey key = {.time = w->says.time, .pid = w->says.pid};
    uint32_t found = sek_lineage_at(l, link->gap, w->host, &key, sek_lineage_text(l, image_of(l, w)));
    bool other = found != SEK_NO_PROCESS && sek_process_has_guid(w->says.guid) && sek_process_has_guid(l->list[found].guid);
    if (found != SEK_NO_PROCESS && found != w->child && !other)
        return found;
    return w->says.pid == w->child_pid ? SEK_NO_PROCESS : hearsay_of(link, w);
}

/* Words in the order of the list. */
static void take_words(SekLink *link) {
    SekLineage *l = link->forge->lineage;
    link->gap = 0;
    for (uint32_t i = 0; i < link->n_words; i++, sek_shelf_breathe(l->shelf)) {
        const Word *w = &link->words[i];
        link->gap = sek_lineage_gap_from(l, link->gap, w->host, w->says.pid, w->says.time);
        uint32_t process = process_of(link, w);
        if (process != SEK_NO_PROCESS && process >= l->n_real)
            take_word(l, w, &l->list[process]);
        if (w->child != SEK_NO_PROCESS)
            link->parents[w->child] = process;
    }
}

static SekStatus link_by_id(SekLink *link) {
    SekLineage *l = link->forge->lineage;
    void *sorted = link->words;
    SekStatus status = sek_shelf_sort(l->shelf, &sorted, link->n_words, &(SekShelfSort){sizeof(Word), by_place, NULL});
    link->words = sorted;
    l->gaps = sek_shelf_take(l->shelf, link->n_words, sizeof *l->gaps);
    if (status != SEK_OK || !l->gaps)
        return SEK_ERR_MEMORY;
    take_words(link);
    for (uint32_t i = 0; i < l->n_real; i++, sek_shelf_breathe(l->shelf))
        l->list[i].parent = link->parents[i];
    return SEK_OK;
}

SekStatus sek_link_begin(SekForge *forge, SekLink **out) {
    SekLineage *l = forge->lineage;
    SekLink *link = *out = calloc(1, sizeof *link);
    if (!link)
        return SEK_ERR_MEMORY;
    link->forge = forge;
    link->words = sek_shelf_take(l->shelf, l->n_real + forge->n_of_kind[SEK_FACT_END], sizeof *link->words);
    if (!link->words)
        return SEK_ERR_MEMORY;
    SekStatus status = sek_lineage_index_guids(l, 0);
    end_by_boots(forge, 0);
    return status;
}

SekStatus sek_link_parents(SekLink *link) {
    SekLineage *l = link->forge->lineage;
    link->parents = sek_shelf_take(l->shelf, l->n_real, sizeof *link->parents);
    if (!link->parents)
        return SEK_ERR_MEMORY;
    memset(link->parents, 0xff, l->n_real * sizeof *link->parents);
    list_claims(link);
    SekStatus status = link_by_guid(link);
    if (status == SEK_OK)
        status = link_by_id(link);
    end_by_boots(link->forge, l->n_real);
    return status == SEK_OK ? sek_lineage_index_guids(l, l->n_real) : status;
}

void sek_link_free(SekLink *link) {
    if (!link)
        return;
    sek_shelf_give(link->forge->lineage->shelf, link->words);
    sek_shelf_give(link->forge->lineage->shelf, link->parents);
    free(link);
}
