/* SPDX-License-Identifier: Apache-2.0 */
#include "api/each_event.h"

#include "api/told.h"
#include "collect/collect.h"

#include <stdlib.h>

typedef struct Walk {
    const SekEachEvent *each;
    SekSource *source;
    SekReader *reader;
    SekUnit unit;
    SekError *err;
} Walk;

static SekStatus walk_unit(Walk *w) {
    if (!w->unit.loaded && w->source->load(w->source->self, &w->unit, NULL) != SEK_OK) {
        SekDamage damage = {.offset = w->unit.offset, .what = "cannot be read from here on"};
        return sek_ledger_damage(w->source->ledger, w->unit.file, &damage);
    }
    sek_reader_start(w->reader, &w->unit);
    SekEvent event;
    SekStatus status;
    while ((status = sek_reader_next(w->reader, &event)) == SEK_OK) {
        status = w->each->visit(w->each->user, w->reader, &event, w->source->ledger->files[w->unit.file]->path);
        if (status != SEK_OK)
            return status;
    }
    return status == SEK_END ? sek_reader_account(w->reader, w->source->ledger) : status;
}

static SekStatus walk(Walk *w) {
    SekReaderOptions options = {.recover = w->each->recover};
    w->unit.bytes = aligned_alloc(SEK_UNIT_ALIGN, SEK_UNIT_BYTES);
    SekStatus status = w->unit.bytes ? sek_reader_new(&options, &w->reader) : SEK_ERR_MEMORY;
    while (status == SEK_OK) {
        status = w->source->next(w->source->self, &w->unit, w->err);
        if (status == SEK_OK)
            status = walk_unit(w);
    }
    sek_reader_free(w->reader);
    free(w->unit.bytes);
    return status == SEK_END ? SEK_OK : status;
}

SekStatus sek_each_event(const SekEachEvent *each, SekSummary *out, SekError *err) {
    SekCollect *collect;
    SekStatus status = sek_collect_new(&collect);
    if (status != SEK_OK)
        return status;
    for (size_t i = 0; i < each->n_paths && status == SEK_OK; i++)
        status = sek_collect_add(collect, each->paths[i]);
    Walk w = {.each = each, .err = err, .source = sek_collect_source(collect)};
    if (status == SEK_OK)
        status = walk(&w);
    sek_ledger_finish(w.source->ledger);
    sek_tell_problems(w.source->ledger, each->problem, each->problem_user);
    sek_tell_totals(w.source->ledger, out);
    sek_collect_free(collect);
    return status;
}
