/* SPDX-License-Identifier: Apache-2.0 */

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

/* The hosts of all facts. */
static SekStatus list_hosts(SekForge *forge) {
    SekLineage *l = forge->lineage;
    size_t most = 0;
    uint32_t n = 0;
    for (unsigned i = 0; i < forge->n_logs; i++)
        most += forge->logs[i].n_hosts;
    SekStr *names = calloc(most + 1, sizeof *names);
    if (!names)
        return SEK_ERR_MEMORY;
    for (unsigned i = 0; i < forge->n_logs; i++)
        for (uint32_t h = 0; h < forge->logs[i].n_hosts; h++)
            names[n++] = called(l, forge->logs[i].hosts[h]);
    SekStatus status = sek_host_set_init(&l->hosts, names, n);
    for (uint32_t i = 0; l->known && i < l->hosts.n; i++)
        l->hosts.means[i] = i; /* the run has more names than the facts, and has been asked */
    free(names);
    return status;
}

uint32_t sek_lineage_host(const SekLineage *l, SekStr name) {
    return sek_host_set_find(&l->hosts, called(l, name));
}

/* --- processes ------------------------------------------------------------------------------ */

SekNode *sek_lineage_push(SekLineage *l) {
    l->list[l->n] = (SekNode){.parent = SEK_NO_PROCESS, .cause = SEK_NO_PROCESS, .root = l->n};
    return &l->list[l->n++];
}

/* When each view tells of the last processes: what else a start may belong to. */
typedef struct Recent {
    uint64_t view_time[LOOK_BACK][SEK_N_VIEWS];
} Recent;

static void fill(uint32_t *to, uint32_t from, bool better) {
    if (from && (better || *to == 0))
        *to = from;
}

/* What Sysmon says counts more: it has the command line and who the parent was. */
static void merge(SekForge *forge, const SekStoredFact *f, uint32_t process, Recent *recent) {
    const SekLineage *l = forge->lineage;
    const SekTold *told = sek_told(l, f->told);
    SekNode *p = &l->list[process];
    bool better = p->views == 0 || f->view == SEK_VIEW_SYSMON;
    fill(&p->image, told->image, better);
    fill(&p->command_line, told->command_line, better);
    fill(&p->user, told->user, better);
    if (sek_process_has_guid(f->guid))
        memcpy(p->guid, f->guid, sizeof p->guid);
    if (better) {
        SekClaim *claim = &forge->claims[process];
        *claim = (SekClaim){.time = f->time, .pid = f->parent_pid, .told = f->told};
        memcpy(claim->guid, f->parent_guid, sizeof claim->guid);
    }
    p->views |= (uint8_t)(1u << f->view);
    recent->view_time[process % LOOK_BACK][f->view] = f->time;
}

static bool guids_agree(const uint8_t a[16], const uint8_t b[16]) {
    return !sek_process_has_guid(a) || !sek_process_has_guid(b) || memcmp(a, b, 16) == 0;
}

static bool images_agree(const SekLineage *l, const SekStoredFact *f, const SekNode *p) {
    uint32_t image = sek_told(l, f->told)->image;
    return p->image == image || sek_image_same(sek_node_image(l, p), sek_lineage_text(l, image));
}

static bool is_duplicate(const SekLineage *l, const SekStoredFact *f, const SekNode *p, const uint64_t *view_time) {
    return p->views & 1u << f->view && view_time[f->view] == f->time && guids_agree(p->guid, f->guid) &&
           images_agree(l, f, p);
}

static bool is_other_view(const SekLineage *l, const SekStoredFact *f, const SekNode *p, const uint64_t *view_time) {
    return f->pid != SEK_NO_PID && !(p->views & 1u << f->view) &&
           sek_apart(view_time[!f->view], f->time) <= SEK_VIEW_WINDOW && guids_agree(p->guid, f->guid) &&
           images_agree(l, f, p);
}

/* Gives the start to a process that is there already, as its other view or as a copy of the same event. */
static bool joins(SekForge *forge, const SekStoredFact *f, Recent *recent) {
    SekLineage *l = forge->lineage;
    uint32_t from = l->n > LOOK_BACK ? l->n - LOOK_BACK : 0;
    for (uint32_t i = from; i < l->n; i++) {
        const SekNode *p = &l->list[i];
        const uint64_t *view_time = recent->view_time[i % LOOK_BACK];
        if (p->host != f->host || p->pid != f->pid)
            continue;
        if (is_duplicate(l, f, p, view_time))
            return true;
        if (!is_other_view(l, f, p, view_time))
            continue;
        merge(forge, f, i, recent);
        l->stats.joined++;
        return true;
    }
    return false;
}

static void take_start(SekForge *forge, const SekStoredFact *f, Recent *recent) {
    SekLineage *l = forge->lineage;
    if (joins(forge, f, recent))
        return;
    SekNode *p = sek_lineage_push(l);
    p->host = f->host;
    p->pid = f->pid;
    p->seen = f->time;
    memset(recent->view_time[(l->n - 1) % LOOK_BACK], 0, sizeof *recent->view_time);
    merge(forge, f, l->n - 1, recent);
    l->n_real = l->n;
}

/* --- all facts ------------------------------------------------------------------------------ */

/* Room for all that facts can become: each start is a process, and each start and end may tell of one more. */
static SekStatus make_room(SekForge *forge) {
    SekLineage *l = forge->lineage;
    for (unsigned i = 0; i < forge->n_logs; i++)
        for (unsigned kind = 0; kind <= SEK_FACT_BOOT; kind++)
            forge->n_of_kind[kind] += forge->logs[i].n_of_kind[kind];
    uint64_t starts = forge->n_of_kind[SEK_FACT_START], ends = forge->n_of_kind[SEK_FACT_END];
    uint64_t rows = l->stats.facts - starts - ends - forge->n_of_kind[SEK_FACT_BOOT];
    if (2 * starts + ends >= SEK_NO_PROCESS)
        return SEK_ERR_MEMORY;
    l->list = sek_shelf_take(l->shelf, 2 * starts + ends, sizeof *l->list);
    forge->claims = sek_shelf_take(l->shelf, starts, sizeof *forge->claims);
    forge->rows = sek_shelf_take(l->shelf, rows, sizeof *forge->rows);
    forge->boots = sek_shelf_take(l->shelf, forge->n_of_kind[SEK_FACT_BOOT], sizeof *forge->boots);
    uint32_t at = 0;
    for (unsigned kind = SEK_FACT_END + 1; kind <= SEK_FACT_BOOT; kind++) {
        forge->first[kind] = at;
        at += kind < SEK_FACT_BOOT ? (uint32_t)forge->n_of_kind[kind] : 0;
    }
    return l->list && forge->claims && forge->rows && forge->boots ? SEK_OK : SEK_ERR_MEMORY;
}

/* Facts come with starts of hosts first, then starts, ends, all others. */
static SekStatus take_facts(SekForge *forge, SekShelfMerge *facts, SekLink **link) {
    Recent recent;
    const SekStoredFact *f;
    SekStatus status = SEK_OK;
    while (status == SEK_OK && (f = sek_shelf_merge_next(facts))) {
        if (f->kind > SEK_FACT_START && f->kind != SEK_FACT_BOOT && !*link)
            status = sek_link_begin(forge, link);
        if (f->kind == SEK_FACT_BOOT)
            forge->boots[forge->n_boots++] = (SekBoot){f->time, f->host};
        else if (f->kind == SEK_FACT_START)
            take_start(forge, f, &recent);
        else if (f->kind != SEK_FACT_END)
            forge->rows[forge->n_rows++] = *f;
        else if (status == SEK_OK)
            sek_link_end_of(*link, f);
        sek_shelf_breathe(forge->lineage->shelf);
    }
    return status == SEK_OK && !*link ? sek_link_begin(forge, link) : status;
}

/* Facts are processes and rows now. */
static void drop_facts(SekForge *forge) {
    for (unsigned i = 0; i < forge->n_logs; i++) {
        SekLineageLog *log = &forge->logs[i];
        for (uint32_t b = 0; b < log->n_blocks; b++)
            sek_shelf_drop(forge->lineage->shelf, log->blocks[b].number);
        log->n_blocks = 0;
        memset(log->n_of_kind, 0, sizeof log->n_of_kind);
    }
}

static SekStatus link(SekForge *forge) {
    SekShelfMerge facts = {0};
    SekLink *link = NULL;
    SekStatus status = sek_facts_sorted(forge, &facts);
    if (status == SEK_OK)
        status = take_facts(forge, &facts, &link);
    free(facts.runs);
    drop_facts(forge);
    if (status == SEK_OK)
        status = sek_link_parents(link);
    sek_link_free(link);
    return status;
}

static SekStatus build(SekForge *forge) {
    SekStatus status = list_hosts(forge);
    if (status == SEK_OK)
        status = make_room(forge);
    if (status == SEK_OK)
        status = link(forge);
    if (status == SEK_OK)
        status = sek_lineage_infer(forge);
    return status == SEK_OK ? sek_lineage_settle(forge->lineage) : status;
}

/* What was met before need not be found again. */
static void forget(SekLineageLog *log) {
    free(log->seen_texts);
    free(log->seen_told);
    log->seen_texts = log->seen_told = NULL;
}

SekStatus sek_lineage_build(SekLineageLog *logs, unsigned n, const uint32_t *file_rank, const SekHostSet *hosts,
                            SekLineage **out) {
    SekLineage *l = calloc(1, sizeof *l);
    if (!l)
        return SEK_ERR_MEMORY;
    l->known = hosts;
    l->shelf = logs[0].shelf;
    SekForge forge = {.lineage = l, .logs = logs, .n_logs = n, .file_rank = file_rank};
    for (unsigned i = 0; i < n; i++) {
        forget(&logs[i]);
        l->stats.dropped += logs[i].dropped;
        for (uint32_t b = 0; b < logs[i].n_blocks; b++)
            l->stats.facts += logs[i].blocks[b].n;
    }
    SekStatus status = build(&forge);
    l->stats.processes = l->n;
    l->stats.hearsay = l->n - l->n_real;
    sek_shelf_give(l->shelf, forge.claims);
    sek_shelf_give(l->shelf, forge.rows);
    sek_shelf_give(l->shelf, forge.boots);
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
    sek_shelf_give(l->shelf, l->list);
    sek_shelf_give(l->shelf, l->gaps);
    sek_shelf_give(l->shelf, l->by_guid);
    free(l);
}

SekLineageStats sek_lineage_stats(const SekLineage *l) {
    return l->stats;
}
