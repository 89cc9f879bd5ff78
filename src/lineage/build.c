/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* qsort_r */

/* Facts of all logs become processes: sorted by host, process id and time, so that the views of one
 * start stand beside each other whatever file they came from. */
#include "lineage/internal.h"

#include <stdlib.h>

#define LOOK_BACK 4u /* processes of one id, within seconds of each other, that a view may belong to */

/* --- hosts ---------------------------------------------------------------------------------- */

/* Under which name a computer of the facts, or of a question, goes. */
static SekStr called(const SekLineage *l, SekStr name) {
    uint32_t host = l->known ? sek_host_set_find(l->known, name) : SEK_NO_HOST;
    return host == SEK_NO_HOST ? name : l->known->names[host];
}

/* The hosts of all facts. Those of one log have few names, by their numbers; from now on what is told names them by
 * their numbers in the forest. */
static SekStatus list_hosts(SekForge *forge) {
    SekLineage *l = forge->lineage;
    SekStr *names = calloc((size_t)forge->n_told + 1, sizeof *names);
    bool *known = calloc((size_t)forge->n_texts + 1, sizeof *known);
    SekStatus status = names && known ? SEK_OK : SEK_ERR_MEMORY;
    uint32_t found = 0;
    for (uint32_t i = 0; i < forge->n_told && status == SEK_OK; i++) {
        uint32_t text = forge->told[i].host;
        if (!known[text])
            names[found++] = called(l, l->texts[text]);
        known[text] = true;
    }
    if (status == SEK_OK)
        status = sek_host_set_init(&l->hosts, names, found);
    for (uint32_t i = 0; l->known && i < l->hosts.n; i++)
        l->hosts.means[i] = i; /* the run has more names than the facts, and has been asked */
    for (uint32_t i = 0; i < forge->n_told && status == SEK_OK; i++)
        forge->told[i].host = sek_lineage_host(l, l->texts[forge->told[i].host]);
    free(names);
    free(known);
    return status;
}

uint32_t sek_lineage_host(const SekLineage *l, SekStr name) {
    return sek_host_set_find(&l->hosts, called(l, name));
}

/* --- facts ---------------------------------------------------------------------------------- */

static int order_numbers(uint64_t a, uint64_t b) {
    return a < b ? -1 : a > b;
}

static int order_names(const SekForge *forge, const SekStoredFact *f, const SekStoredFact *g) {
    const SekStr *texts = forge->lineage->texts;
    return sek_order_nocase(texts[sek_told(forge, f)->name], texts[sek_told(forge, g)->name]);
}

static uint32_t rank_of(const SekForge *forge, const SekStoredFact *f) {
    return forge->file_rank ? forge->file_rank[f->file] : f->file;
}

static int by_kind_and_place(const void *a, const void *b, void *user) {
    const SekForge *forge = user;
    const SekStoredFact *f = a, *g = b;
    int order = order_numbers(f->kind, g->kind);
    if (order == 0)
        order = order_numbers(sek_fact_host(forge, f), sek_fact_host(forge, g));
    if (order == 0 && f->kind <= SEK_FACT_END)
        order = order_numbers(f->pid, g->pid);
    if (order == 0 && f->kind == SEK_FACT_TASK_MADE)
        order = order_names(forge, f, g);
    if (order == 0)
        order = order_numbers(f->time, g->time);
    if (order == 0)
        order = order_numbers(f->view, g->view);
    if (order == 0)
        order = order_numbers(rank_of(forge, f), rank_of(forge, g));
    return order ? order : order_numbers(f->offset, g->offset);
}

/* Appends `n_more` things to a list and frees where they came from; the first list is taken over as it is. */
static SekStatus take_over(void **list, uint32_t *n, size_t size, void **more, uint32_t n_more) {
    if (n_more >= UINT32_MAX - *n)
        return SEK_ERR_MEMORY;
    if (*n == 0 && *more) {
        free(*list);
        *list = *more;
    } else if (n_more) {
        void *grown = realloc(*list, ((size_t)*n + n_more) * size);
        if (!grown)
            return SEK_ERR_MEMORY;
        *list = grown;
        memcpy((char *)grown + *n * size, *more, n_more * size);
        free(*more);
    } else {
        free(*more);
    }
    *more = NULL;
    *n += n_more;
    return SEK_OK;
}

/* Numbers of texts in a log become those in the forest; the empty one is 0 in both. */
static void renumber(SekTold *told, uint32_t n, uint32_t by) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t *const numbers[] = {&told[i].host, &told[i].image, &told[i].command_line, &told[i].user,
                                     &told[i].parent_image, &told[i].parent_command_line, &told[i].parent_user,
                                     &told[i].name};
        for (size_t t = 0; t < sizeof numbers / sizeof *numbers; t++)
            *numbers[t] += *numbers[t] ? by : 0;
    }
}

static SekStatus take_log(SekForge *forge, SekLineageLog *log) {
    uint32_t first_text = forge->n_texts, first_told = forge->n_told, first_fact = forge->n_facts;
    sek_strmap_deinit(&log->numbers);
    free(log->told_slots);
    log->told_slots = NULL;
    log->n_told_slots = 0;
    SekStatus status = take_over((void **)&forge->lineage->texts, &forge->n_texts, sizeof *log->texts,
                                 (void **)&log->texts, log->n_texts);
    if (status == SEK_OK)
        status = take_over((void **)&forge->told, &forge->n_told, sizeof *log->told, (void **)&log->told, log->n_told);
    if (status == SEK_OK)
        status = take_over((void **)&forge->facts, &forge->n_facts, sizeof *log->facts, (void **)&log->facts,
                           log->n_facts);
    if (status != SEK_OK)
        return status;
    renumber(forge->told + first_told, log->n_told, first_text);
    for (uint32_t i = first_fact; i < forge->n_facts; i++)
        forge->facts[i].told += first_told;
    log->n_texts = log->n_told = log->n_facts = log->cap_texts = log->cap_told = log->cap_facts = 0;
    return SEK_OK;
}

/* What programs are: every path that a process may have stands in what was told. */
static SekStatus list_traits(SekForge *forge) {
    SekLineage *l = forge->lineage;
    bool *known = calloc((size_t)forge->n_texts + 1, sizeof *known);
    l->traits = calloc((size_t)forge->n_texts + 1, sizeof *l->traits);
    for (uint32_t i = 0; l->traits && known && i < forge->n_told; i++) {
        const uint32_t images[] = {forge->told[i].image, forge->told[i].parent_image};
        for (unsigned k = 0; k < sizeof images / sizeof *images; k++) {
            if (!known[images[k]])
                l->traits[images[k]] = sek_image_traits(l->texts[images[k]]);
            known[images[k]] = true;
        }
    }
    SekStatus status = l->traits && known ? SEK_OK : SEK_ERR_MEMORY;
    free(known);
    return status;
}

static void sort_facts(SekForge *forge) {
    if (forge->n_facts)
        qsort_r(forge->facts, forge->n_facts, sizeof *forge->facts, by_kind_and_place, forge);
    uint32_t at = 0;
    for (unsigned kind = 0; kind <= SEK_FACT_BOOT + 1; kind++) {
        while (at < forge->n_facts && forge->facts[at].kind < kind)
            at++;
        forge->first[kind] = at;
    }
}

/* --- processes ------------------------------------------------------------------------------ */

SekNode *sek_lineage_push(SekLineage *l) {
    if (l->n == l->cap) {
        uint32_t cap = l->cap ? l->cap + l->cap / 2 : 1024;
        SekNode *grown = cap > l->cap ? realloc(l->list, (size_t)cap * sizeof *grown) : NULL;
        if (!grown)
            return NULL;
        l->list = grown;
        l->cap = cap;
    }
    l->list[l->n] = (SekNode){.parent = SEK_NO_PROCESS, .cause = SEK_NO_PROCESS, .root = l->n};
    return &l->list[l->n++];
}

/* When each view tells of the last processes: what else a start may belong to. */
typedef struct Recent {
    uint64_t view_time[LOOK_BACK][SEK_N_VIEWS];
} Recent;

static void fill(const SekLineage *l, uint32_t *to, uint32_t from, bool better) {
    if (l->texts[from].len && (better || l->texts[*to].len == 0))
        *to = from;
}

/* What Sysmon says counts more: it has the command line and who the parent was. */
static void merge(SekForge *forge, uint32_t fact, uint32_t process, Recent *recent) {
    const SekLineage *l = forge->lineage;
    const SekStoredFact *f = &forge->facts[fact];
    const SekTold *told = sek_told(forge, f);
    SekNode *p = &l->list[process];
    bool better = p->views == 0 || f->view == SEK_VIEW_SYSMON;
    fill(l, &p->image, told->image, better);
    fill(l, &p->command_line, told->command_line, better);
    fill(l, &p->user, told->user, better);
    if (sek_process_has_guid(f->guid))
        memcpy(p->guid, f->guid, sizeof p->guid);
    if (better)
        forge->claims[process] = fact;
    p->views |= (uint8_t)(1u << f->view);
    recent->view_time[process % LOOK_BACK][f->view] = f->time;
}

static bool guids_agree(const uint8_t a[16], const uint8_t b[16]) {
    return !sek_process_has_guid(a) || !sek_process_has_guid(b) || memcmp(a, b, 16) == 0;
}

static bool images_agree(const SekForge *forge, const SekStoredFact *f, const SekNode *p) {
    return sek_image_same(sek_node_image(forge->lineage, p), forge->lineage->texts[sek_told(forge, f)->image]);
}

static bool is_duplicate(const SekForge *forge, const SekStoredFact *f, const SekNode *p, const uint64_t *view_time) {
    return p->views & 1u << f->view && view_time[f->view] == f->time && guids_agree(p->guid, f->guid) &&
           images_agree(forge, f, p);
}

static bool is_other_view(const SekForge *forge, const SekStoredFact *f, const SekNode *p, const uint64_t *view_time) {
    return f->pid != SEK_NO_PID && !(p->views & 1u << f->view) &&
           sek_apart(view_time[!f->view], f->time) <= SEK_VIEW_WINDOW && guids_agree(p->guid, f->guid) &&
           images_agree(forge, f, p);
}

/* Gives the start to a process that is there already, as its other view or as a copy of the same event. */
static bool joins(SekForge *forge, uint32_t fact, Recent *recent) {
    SekLineage *l = forge->lineage;
    const SekStoredFact *f = &forge->facts[fact];
    uint32_t from = l->n > LOOK_BACK ? l->n - LOOK_BACK : 0;
    for (uint32_t i = from; i < l->n; i++) {
        const SekNode *p = &l->list[i];
        const uint64_t *view_time = recent->view_time[i % LOOK_BACK];
        if (p->host != sek_fact_host(forge, f) || p->pid != f->pid)
            continue;
        if (is_duplicate(forge, f, p, view_time))
            return true;
        if (!is_other_view(forge, f, p, view_time))
            continue;
        merge(forge, fact, i, recent);
        l->stats.joined++;
        return true;
    }
    return false;
}

static SekStatus make_processes(SekForge *forge) {
    SekLineage *l = forge->lineage;
    Recent recent;
    uint32_t n_starts = forge->first[SEK_FACT_END];
    forge->claims = malloc(((size_t)n_starts + 1) * sizeof *forge->claims);
    if (!forge->claims)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < n_starts; i++) {
        const SekStoredFact *f = &forge->facts[i];
        if (joins(forge, i, &recent))
            continue;
        SekNode *p = sek_lineage_push(l);
        if (!p)
            return SEK_ERR_MEMORY;
        p->host = sek_fact_host(forge, f);
        p->pid = f->pid;
        p->seen = f->time;
        memset(recent.view_time[(l->n - 1) % LOOK_BACK], 0, sizeof *recent.view_time);
        merge(forge, i, l->n - 1, &recent);
    }
    l->n_real = l->n;
    return SEK_OK;
}

static SekStatus build(SekForge *forge, SekLineageLog *logs, unsigned n) {
    SekStatus status = SEK_OK;
    for (unsigned i = 0; i < n && status == SEK_OK; i++)
        status = take_log(forge, &logs[i]);
    if (status == SEK_OK)
        status = list_hosts(forge);
    if (status == SEK_OK)
        status = list_traits(forge);
    if (status != SEK_OK)
        return status;
    sort_facts(forge);
    status = make_processes(forge);
    if (status == SEK_OK)
        status = sek_lineage_link(forge);
    if (status == SEK_OK)
        status = sek_lineage_infer(forge);
    return status == SEK_OK ? sek_lineage_settle(forge->lineage) : status;
}

SekStatus sek_lineage_build(SekLineageLog *logs, unsigned n, const uint32_t *file_rank, const SekHostSet *hosts,
                            SekLineage **out) {
    SekLineage *l = calloc(1, sizeof *l);
    if (!l)
        return SEK_ERR_MEMORY;
    l->known = hosts;
    SekForge forge = {.lineage = l, .file_rank = file_rank};
    for (unsigned i = 0; i < n; i++)
        l->stats.facts += logs[i].n_facts;
    SekStatus status = build(&forge, logs, n);
    l->stats.processes = l->n;
    l->stats.hearsay = l->n - l->n_real;
    for (unsigned i = 0; i < n; i++)
        l->stats.dropped += logs[i].dropped;
    free(forge.facts);
    free(forge.told);
    free(forge.claims);
    free(forge.boots);
    free(l->traits);
    l->traits = NULL;
    if (status != SEK_OK) {
        sek_lineage_free(l);
        return status;
    }
    *out = l;
    return SEK_OK;
}

void sek_lineage_free(SekLineage *l) {
    if (!l)
        return;
    sek_host_set_deinit(&l->hosts);
    free(l->texts);
    free(l->list);
    free(l->gaps);
    free(l->by_guid);
    free(l);
}

SekLineageStats sek_lineage_stats(const SekLineage *l) {
    return l->stats;
}
