/* SPDX-License-Identifier: Apache-2.0 */

/* Events as text, in the order of files and records. */
#include "base/json_text.h"
#include "collect/collect.h"
#include "event/reader.h"

#include <errno.h>
#include <stdlib.h>

#define EVENT_MAX (64u * 1024u * 1024u) /* one event as text: values of 64 KiB grow at most sixfold */

typedef struct Dump {
    const SekDumpOptions *options;
    FILE *stream;
    void (*problem)(void *user, const char *line);
    void *user;
    SekSource *source;
    SekReader *reader;
    SekUnit unit;
    SekBuf text;
    SekError *err;
} Dump;

static SekStatus write_event(Dump *d) {
    sek_buf_clear(&d->text);
    SekStatus status = d->options->format == SEK_DUMP_XML ? sek_reader_xml(d->reader, &d->text)
                                                          : sek_reader_json(d->reader, &d->text);
    if (sek_is_fatal(status))
        return status;
    sek_buf_addc(&d->text, '\n');
    if (fwrite(d->text.data, 1, d->text.len, d->stream) != d->text.len)
        return sek_fail(d->err, SEK_ERR_IO, "cannot write output: %s", strerror(errno));
    return SEK_OK;
}

static SekStatus dump_unit(Dump *d) {
    if (!d->unit.loaded && d->source->load(d->source->self, &d->unit, NULL) != SEK_OK) {
        SekDamage damage = {.offset = d->unit.offset, .what = "cannot be read from here on"};
        return sek_ledger_damage(d->source->ledger, d->unit.file, &damage);
    }
    sek_reader_start(d->reader, &d->unit);
    SekEvent event;
    SekStatus status;
    while ((status = sek_reader_next(d->reader, &event)) == SEK_OK) {
        status = write_event(d);
        if (status != SEK_OK)
            return status;
    }
    return status == SEK_END ? sek_reader_account(d->reader, d->source->ledger) : status;
}

static void tell(Dump *d, SekStr path, const char *what, uint64_t offset, bool has_offset) {
    SekBuf line;
    sek_buf_init(&line, 1u << 20);
    sek_quote_line(&line, path);
    sek_buf_addf(&line, ": %s", what);
    if (has_offset)
        sek_buf_addf(&line, " at offset %ju", (uintmax_t)offset);
    sek_buf_addc(&line, '\0');
    if (!line.failed)
        d->problem(d->user, line.data);
    sek_buf_deinit(&line);
}

static void tell_file(Dump *d, const SekFileEntry *f) {
    if (f->status == SEK_FILE_SKIPPED)
        tell(d, f->path, f->reason.ptr, 0, false);
    for (uint32_t i = 0; i < f->n_damages; i++)
        tell(d, f->path, f->damages[i].what, f->damages[i].offset, true);
    if (f->n_more_damages)
        tell(d, f->path, "more damages than are listed", 0, false);
}

static void sum(const SekLedger *ledger, SekSummary *out) {
    *out = (SekSummary){0};
    for (uint32_t i = 0; i < ledger->n_files; i++)
        sek_ledger_sum(ledger->files[i], out);
}

static SekStatus run(Dump *d) {
    SekReaderOptions options = {.recover = d->options->recover};
    d->unit.bytes = malloc(SEK_UNIT_BYTES);
    SekStatus status = d->unit.bytes ? sek_reader_new(&options, &d->reader) : SEK_ERR_MEMORY;
    while (status == SEK_OK) {
        status = d->source->next(d->source->self, &d->unit, d->err);
        if (status == SEK_OK)
            status = dump_unit(d);
    }
    if (status == SEK_END)
        status = fflush(d->stream) == 0
                     ? SEK_OK
                     : sek_fail(d->err, SEK_ERR_IO, "cannot write output: %s", strerror(errno));
    sek_reader_free(d->reader);
    free(d->unit.bytes);
    return status;
}

SekStatus sek_dump(const char *const *paths, size_t n_paths, const SekDumpOptions *options, FILE *stream,
                   void (*problem)(void *user, const char *line), void *user, SekSummary *out,
                   SekError *err) {
    SekCollect *collect;
    SekStatus status = sek_collect_new(&collect);
    if (status != SEK_OK)
        return status;
    for (size_t i = 0; i < n_paths && status == SEK_OK; i++)
        status = sek_collect_add(collect, paths[i]);
    Dump d = {.options = options, .stream = stream, .problem = problem, .user = user, .err = err,
              .source = sek_collect_source(collect)};
    sek_buf_init(&d.text, EVENT_MAX);
    if (status == SEK_OK)
        status = run(&d);
    sek_ledger_finish(d.source->ledger);
    for (uint32_t i = 0; problem && i < d.source->ledger->n_files; i++)
        tell_file(&d, d.source->ledger->files[i]);
    if (out)
        sum(d.source->ledger, out);
    sek_buf_deinit(&d.text);
    sek_collect_free(collect);
    return status;
}
