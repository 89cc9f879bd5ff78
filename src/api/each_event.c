/* SPDX-License-Identifier: Apache-2.0 */
#include "api/each_event.h"

#include "base/json_text.h"
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

static void tell(const SekEachEvent *each, SekStr path, const char *what, const SekDamage *damage) {
    SekBuf line;
    sek_buf_init(&line, 1u << 20);
    sek_quote_line(&line, path);
    sek_buf_addf(&line, ": %s", what);
    if (damage)
        sek_buf_addf(&line, " at offset %ju", (uintmax_t)damage->offset);
    if (damage && damage->example[0]) {
        sek_buf_adds(&line, ": ");
        sek_quote_line(&line, sek_str(damage->example));
    }
    sek_buf_addc(&line, '\0');
    if (!line.failed)
        each->problem(each->problem_user, line.data);
    sek_buf_deinit(&line);
}

static void tell_file(const SekEachEvent *each, const SekFileEntry *f) {
    if (f->status == SEK_FILE_SKIPPED)
        tell(each, f->path, f->reason.ptr, NULL);
    for (uint32_t i = 0; i < f->n_damages; i++)
        tell(each, f->path, f->damages[i].what, &f->damages[i]);
    if (f->n_more_damages)
        tell(each, f->path, "more damages than are listed", NULL);
}

static void sum(const SekLedger *ledger, SekSummary *out) {
    *out = (SekSummary){0};
    for (uint32_t i = 0; i < ledger->n_files; i++)
        sek_ledger_sum(ledger->files[i], out);
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
    for (uint32_t i = 0; each->problem && i < w.source->ledger->n_files; i++)
        tell_file(each, w.source->ledger->files[i]);
    if (out)
        sum(w.source->ledger, out);
    sek_collect_free(collect);
    return status;
}
