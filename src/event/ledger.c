/* SPDX-License-Identifier: Apache-2.0 */
#include "event/ledger.h"
#include "base/grow.h"

#include <stdlib.h>

const char *sek_file_status_name(SekFileStatus status) {
    static const char *const names[] = {"read", "partly", "skipped", "ignored"};
    return names[status];
}

void sek_read_stats_add(SekReadStats *to, const SekReadStats *from) {
    to->bytes += from->bytes;
    to->chunks += from->chunks;
    to->records += from->records;
    to->recovered += from->recovered;
    to->bad_records += from->bad_records;
    to->no_time += from->no_time;
    to->renamed += from->renamed;
    if (from->first_time && (!to->first_time || from->first_time < to->first_time))
        to->first_time = from->first_time;
    if (from->last_time > to->last_time)
        to->last_time = from->last_time;
}

void sek_ledger_init(SekLedger *ledger) {
    *ledger = (SekLedger){0};
    sek_arena_init(&ledger->arena, 0);
}

void sek_ledger_deinit(SekLedger *ledger) {
    for (uint32_t i = 0; i < ledger->n_files; i++)
        free(ledger->files[i]->damages);
    free(ledger->files);
    sek_arena_deinit(&ledger->arena);
    *ledger = (SekLedger){0};
}

SekStatus sek_ledger_add(SekLedger *ledger, SekStr path, uint64_t size, uint32_t *out) {
    if (sek_grow(&ledger->files, &ledger->cap_files, ledger->n_files, sizeof *ledger->files) != SEK_OK)
        return SEK_ERR_MEMORY;
    SekFileEntry *entry = SEK_ARENA_NEW(&ledger->arena, SekFileEntry);
    SekStr kept = sek_arena_dup(&ledger->arena, path);
    if (!entry || !kept.ptr)
        return SEK_ERR_MEMORY;
    entry->path = kept;
    entry->size = size;
    *out = ledger->n_files;
    ledger->files[ledger->n_files++] = entry;
    return SEK_OK;
}

SekStatus sek_ledger_close(SekLedger *ledger, uint32_t index, SekFileStatus status, SekStr reason) {
    SekFileEntry *entry = ledger->files[index];
    entry->status = status;
    entry->reason = sek_arena_dup(&ledger->arena, reason);
    return entry->reason.ptr ? SEK_OK : SEK_ERR_MEMORY;
}

SekStatus sek_ledger_damage(SekLedger *ledger, uint32_t index, const SekDamage *damage) {
    SekFileEntry *entry = ledger->files[index];
    if (entry->status == SEK_FILE_READ)
        entry->status = SEK_FILE_PARTLY;
    entry->n_lost += damage->lost;
    /* Which ones are kept must not depend on which thread came first: keep the lowest offsets. */
    if (entry->n_damages == SEK_LEDGER_DAMAGES) {
        entry->n_more_damages++;
        SekDamage *last = &entry->damages[0];
        for (uint32_t i = 1; i < entry->n_damages; i++)
            if (entry->damages[i].offset > last->offset)
                last = &entry->damages[i];
        if (damage->offset < last->offset)
            *last = *damage;
        return SEK_OK;
    }
    if (sek_grow(&entry->damages, &entry->cap_damages, entry->n_damages, sizeof *entry->damages) != SEK_OK)
        return SEK_ERR_MEMORY;
    entry->damages[entry->n_damages++] = *damage;
    return SEK_OK;
}

void sek_ledger_sum(const SekFileEntry *entry, SekSummary *to) {
    to->bytes += entry->stats.bytes;
    to->chunks += entry->stats.chunks;
    to->records += entry->stats.records;
    to->recovered_records += entry->stats.recovered;
    to->bad_records += entry->stats.bad_records;
    to->records_without_time += entry->stats.no_time;
    to->records_renamed += entry->stats.renamed;
    to->losses += entry->n_lost;
    to->damages += entry->n_damages + entry->n_more_damages;
    to->files_read += entry->status == SEK_FILE_READ;
    to->files_partly += entry->status == SEK_FILE_PARTLY;
    to->files_skipped += entry->status == SEK_FILE_SKIPPED;
    to->files_ignored += entry->status == SEK_FILE_IGNORED;
}

static int by_offset(const void *a, const void *b) {
    const SekDamage *x = a, *y = b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return strcmp(x->what, y->what);
}

void sek_ledger_finish(SekLedger *ledger) {
    for (uint32_t i = 0; i < ledger->n_files; i++)
        if (ledger->files[i]->n_damages)
            qsort(ledger->files[i]->damages, ledger->files[i]->n_damages, sizeof(SekDamage), by_offset);
}
