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

/* The hosts of all facts. Those of one log have few names, by their numbers. */
static SekStatus list_hosts(const SekLineageLog *logs, unsigned n, SekLineage *l) {
    size_t total = 0, found = 0;
    for (unsigned i = 0; i < n; i++)
        total += logs[i].n_texts;
    SekStr *names = calloc(total + 1, sizeof *names);
    bool *known = calloc(total + 1, sizeof *known);
    SekStatus status = names && known && total < UINT32_MAX ? SEK_OK : SEK_ERR_MEMORY;
    for (unsigned i = 0; i < n && status == SEK_OK; i++) {
        memset(known, 0, total * sizeof *known);
        for (uint32_t f = 0; f < logs[i].n_facts; f++) {
            uint32_t text = logs[i].facts[f].host;
            if (!known[text])
                names[found++] = called(l, logs[i].texts[text]);
            known[text] = true;
        }
    }
    if (status == SEK_OK)
        status = sek_host_set_init(&l->hosts, names, (uint32_t)found);
    for (uint32_t i = 0; l->known && i < l->hosts.n; i++)
        l->hosts.means[i] = i; /* the run has more names than the facts, and has been asked */
    free(names);
    free(known);
    return status;
}

uint32_t sek_lineage_host(const SekLineage *l, SekStr name) {
    return sek_host_set_find(&l->hosts, called(l, name));
}

/* --- rows ----------------------------------------------------------------------------------- */

static int order_numbers(uint64_t a, uint64_t b) {
    return a < b ? -1 : a > b;
}

static int by_kind_and_place(const void *a, const void *b) {
    const SekFactRow *x = a, *y = b;
    const SekStoredFact *f = x->fact, *g = y->fact;
    int order = order_numbers(f->kind, g->kind);
    if (order == 0)
        order = order_numbers(x->host, y->host);
    if (order == 0 && f->kind <= SEK_FACT_END)
        order = order_numbers(f->pid, g->pid);
    if (order == 0 && f->kind == SEK_FACT_TASK_MADE)
        order = sek_order_nocase(sek_row_text(x, f->name), sek_row_text(y, g->name));
    if (order == 0)
        order = order_numbers(f->time, g->time);
    if (order == 0)
        order = order_numbers(f->view, g->view);
    if (order == 0)
        order = order_numbers(x->rank, y->rank);
    if (order == 0)
        order = order_numbers(f->offset, g->offset);
    return order ? order : order_numbers(f->record_id, g->record_id);
}

static SekStatus list_rows(const SekLineageLog *logs, unsigned n, const uint32_t *file_rank, SekForge *forge) {
    uint64_t total = 0;
    for (unsigned i = 0; i < n; i++)
        total += logs[i].n_facts;
    forge->rows = total < UINT32_MAX ? malloc((total + 1) * sizeof *forge->rows) : NULL;
    if (!forge->rows)
        return SEK_ERR_MEMORY;
    for (unsigned i = 0; i < n; i++)
        for (uint32_t f = 0; f < logs[i].n_facts; f++) {
            const SekStoredFact *fact = &logs[i].facts[f];
            forge->rows[forge->n_rows++] =
                (SekFactRow){fact, &logs[i], sek_lineage_host(forge->lineage, logs[i].texts[fact->host]),
                             file_rank ? file_rank[fact->file] : fact->file};
        }
    qsort(forge->rows, forge->n_rows, sizeof *forge->rows, by_kind_and_place);
    uint32_t at = 0;
    for (unsigned kind = 0; kind <= SEK_FACT_BOOT + 1; kind++) {
        while (at < forge->n_rows && forge->rows[at].fact->kind < kind)
            at++;
        forge->first[kind] = at;
    }
    return SEK_OK;
}

/* --- processes ------------------------------------------------------------------------------ */

SekProcess *sek_lineage_push(SekLineage *l) {
    if (l->n == l->cap) {
        uint32_t cap = l->cap ? l->cap + l->cap / 2 : 1024;
        SekProcess *grown = cap > l->cap ? realloc(l->list, (size_t)cap * sizeof *grown) : NULL;
        if (!grown)
            return NULL;
        l->list = grown;
        l->cap = cap;
    }
    l->list[l->n] = (SekProcess){.parent = SEK_NO_PROCESS, .cause = SEK_NO_PROCESS, .root = l->n};
    return &l->list[l->n++];
}

static void fill(SekStr *to, SekStr from, bool better) {
    if (from.len && (better || to->len == 0))
        *to = from;
}

/* What Sysmon says counts more: it has the command line and who the parent was. */
static void merge(const SekFactRow *row, SekProcess *p, SekBuilding *b) {
    const SekStoredFact *f = row->fact;
    bool better = p->views == 0 || f->view == SEK_VIEW_SYSMON;
    fill(&p->image, sek_row_text(row, f->image), better);
    fill(&p->command_line, sek_row_text(row, f->command_line), better);
    fill(&p->user, sek_row_text(row, f->user), better);
    if (sek_process_has_guid(f->guid))
        memcpy(p->guid, f->guid, sizeof p->guid);
    if (better || p->logon_id == 0)
        p->logon_id = f->logon_id ? f->logon_id : p->logon_id;
    if (better) {
        p->record_id = f->record_id;
        p->file = f->file;
        b->claim = row;
    }
    p->views |= (uint8_t)(1u << f->view);
    b->view_time[f->view] = f->time;
}

static bool guids_agree(const uint8_t a[16], const uint8_t b[16]) {
    return !sek_process_has_guid(a) || !sek_process_has_guid(b) || memcmp(a, b, 16) == 0;
}

static bool is_duplicate(const SekFactRow *row, const SekProcess *p, const SekBuilding *b) {
    const SekStoredFact *f = row->fact;
    return p->views & 1u << f->view && b->view_time[f->view] == f->time && guids_agree(p->guid, f->guid) &&
           sek_image_same(p->image, sek_row_text(row, f->image));
}

static bool is_other_view(const SekFactRow *row, const SekProcess *p, const SekBuilding *b) {
    const SekStoredFact *f = row->fact;
    return f->pid != SEK_NO_PID && !(p->views & 1u << f->view) &&
           sek_apart(b->view_time[!f->view], f->time) <= SEK_VIEW_WINDOW && guids_agree(p->guid, f->guid) &&
           sek_image_same(p->image, sek_row_text(row, f->image));
}

/* Gives the start to a process that is there already, as its other view or as a copy of the same event. */
static bool joins(SekForge *forge, const SekFactRow *row) {
    SekLineage *l = forge->lineage;
    uint32_t from = l->n > LOOK_BACK ? l->n - LOOK_BACK : 0;
    for (uint32_t i = from; i < l->n; i++) {
        SekProcess *p = &l->list[i];
        if (p->host != row->host || p->pid != row->fact->pid)
            continue;
        if (is_duplicate(row, p, &forge->building[i]))
            return true;
        if (!is_other_view(row, p, &forge->building[i]))
            continue;
        merge(row, p, &forge->building[i]);
        l->stats.joined++;
        return true;
    }
    return false;
}

static SekStatus make_processes(SekForge *forge) {
    SekLineage *l = forge->lineage;
    uint32_t n_starts = forge->first[SEK_FACT_END];
    forge->building = calloc((size_t)n_starts + 1, sizeof *forge->building);
    if (!forge->building)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < n_starts; i++) {
        const SekFactRow *row = &forge->rows[i];
        if (joins(forge, row))
            continue;
        SekProcess *p = sek_lineage_push(l);
        if (!p)
            return SEK_ERR_MEMORY;
        p->host = row->host;
        p->pid = row->fact->pid;
        p->start = p->seen = row->fact->time;
        merge(row, p, &forge->building[l->n - 1]);
    }
    l->n_real = l->n;
    return SEK_OK;
}

SekStatus sek_lineage_build(const SekLineageLog *logs, unsigned n, const uint32_t *file_rank, const SekHostSet *hosts,
                            SekLineage **out) {
    SekLineage *l = calloc(1, sizeof *l);
    if (!l)
        return SEK_ERR_MEMORY;
    l->known = hosts;
    SekForge forge = {.lineage = l};
    SekStatus status = list_hosts(logs, n, l);
    if (status == SEK_OK)
        status = list_rows(logs, n, file_rank, &forge);
    if (status == SEK_OK)
        status = make_processes(&forge);
    if (status == SEK_OK)
        status = sek_lineage_link(&forge);
    if (status == SEK_OK)
        status = sek_lineage_infer(&forge);
    if (status == SEK_OK)
        status = sek_lineage_settle(l);
    l->stats.facts = forge.n_rows;
    l->stats.processes = l->n;
    l->stats.hearsay = l->n - l->n_real;
    for (unsigned i = 0; i < n; i++)
        l->stats.dropped += logs[i].dropped;
    free(forge.rows);
    free(forge.building);
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
    free(l->list);
    free(l->gaps);
    free(l->by_guid);
    free(l);
}

SekLineageStats sek_lineage_stats(const SekLineage *l) {
    return l->stats;
}
