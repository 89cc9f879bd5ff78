/* SPDX-License-Identifier: Apache-2.0 */
/* Events as text, in the order of files and records. Threads do the same each:
 *
 *   take     the next unit of the file that is being read, one thread at a time
 *   render   its events, into a buffer of its own
 *   give     the text, when that of the units before was written
 *
 * so that what is written does not depend on the number of threads. Whose turn it is writes as it renders; others wait
 * when they hold WAIT_BYTES. The first error ends it, and nothing that comes behind it is written. */
#include "api/told.h"
#include "base/file.h"
#include "base/pool.h"
#include "collect/collect.h"
#include "event/reader.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define EVENT_MAX (64u * 1024u * 1024u) /* one event as text: values of 64 KiB grow at most sixfold */
#define WRITE_BYTES ((size_t)64 * 1024) /* at least so many are written at once, but for the last of a unit */
#define WAIT_BYTES ((size_t)1024 * 1024)

typedef struct Dump {
    const SekDumpOptions *options;
    FILE *stream; /* of the thread whose turn it is */
    pthread_mutex_t taking; /* guards the source, its ledger and these */
    SekSource *source;
    uint32_t lane;  /* of the last unit: files are read one after the other */
    uint64_t taken; /* units */
    bool ended;
    pthread_mutex_t giving; /* guards these */
    pthread_cond_t given;
    uint64_t turn; /* the unit whose text is to be written next */
    SekStatus status;
    SekError err;
} Dump;

/* One thread's. */
typedef struct Hand {
    Dump *dump;
    SekReader *reader;
    SekUnit unit;
    uint64_t number; /* of the unit */
    SekBuf text;
    bool in_turn;
    SekStatus status;
    SekError err;
} Hand;

/* --- turns -------------------------------------------------------------------------------------- */

static void fail(Dump *d, SekStatus status, const SekError *err) {
    pthread_mutex_lock(&d->giving);
    if (d->status == SEK_OK) {
        d->status = status;
        d->err = *err;
        d->err.code = status;
    }
    pthread_mutex_unlock(&d->giving);
    pthread_mutex_lock(&d->taking);
    d->ended = true;
    pthread_mutex_unlock(&d->taking);
}

/* True when the text before was written; waits for it if that is wanted. What went wrong there ends this unit too. */
static bool have_turn(Hand *h, bool wait) {
    Dump *d = h->dump;
    if (h->in_turn)
        return true;
    pthread_mutex_lock(&d->giving);
    while (wait && d->turn != h->number)
        pthread_cond_wait(&d->given, &d->giving);
    h->in_turn = d->turn == h->number;
    if (h->in_turn && d->status != SEK_OK)
        h->status = d->status;
    pthread_mutex_unlock(&d->giving);
    return h->in_turn;
}

static void end_turn(Hand *h) {
    Dump *d = h->dump;
    if (h->status != SEK_OK)
        fail(d, h->status, &h->err);
    pthread_mutex_lock(&d->giving);
    d->turn++;
    pthread_cond_broadcast(&d->given);
    pthread_mutex_unlock(&d->giving);
    h->in_turn = false;
}

/* Writes what was rendered; it is this thread's turn. */
static void write_text(Hand *h) {
    if (h->status == SEK_OK && h->text.len && fwrite(h->text.data, 1, h->text.len, h->dump->stream) != h->text.len)
        h->status = sek_fail(&h->err, SEK_ERR_IO, "cannot write output: %s", strerror(errno));
    sek_buf_clear(&h->text);
}

/* --- units -------------------------------------------------------------------------------------- */

static bool take(Hand *h) {
    Dump *d = h->dump;
    SekStatus status = SEK_END;
    pthread_mutex_lock(&d->taking);
    if (!d->ended) {
        h->unit.lane = d->lane;
        status = d->source->next(d->source->self, &h->unit, &h->err);
        d->lane = h->unit.lane;
        d->ended = status != SEK_OK;
    }
    h->number = d->taken;
    d->taken += status == SEK_OK;
    pthread_mutex_unlock(&d->taking);
    h->status = status == SEK_END ? SEK_OK : status;
    return status == SEK_OK;
}

static void note_damage(Hand *h, uint64_t offset, const char *what) {
    Dump *d = h->dump;
    pthread_mutex_lock(&d->taking);
    SekStatus status = sek_ledger_damage(d->source->ledger, h->unit.file, &(SekDamage){.offset = offset, .what = what, .lost = true});
    pthread_mutex_unlock(&d->taking);
    if (status != SEK_OK)
        h->status = status;
}

/* Renders the event that the reader gave last, as one line. */
static void add_line(Hand *h, const SekEvent *event) {
    SekBuf *text = &h->text;
    size_t whole = text->len;
    SekStatus status = h->dump->options->format == SEK_DUMP_XML ? sek_reader_xml(h->reader, text) : sek_reader_json(h->reader, text);
    sek_buf_addc(text, '\n');
    if (sek_is_fatal(status) || text->failed == SEK_ERR_MEMORY) {
        h->status = SEK_ERR_MEMORY;
    } else if (text->failed) { /* no half a line */
        text->failed = SEK_OK;
        text->len = whole;
        note_damage(h, event->offset, "event is too long for a line");
    }
}

static void render_unit(Hand *h) {
    SekEvent event;
    SekStatus status = SEK_OK;
    sek_reader_start(h->reader, &h->unit);
    while (h->status == SEK_OK && (status = sek_reader_next(h->reader, &event)) == SEK_OK) {
        add_line(h, &event);
        if (h->text.len >= WRITE_BYTES && have_turn(h, h->text.len >= WAIT_BYTES))
            write_text(h);
    }
    if (h->status != SEK_OK || sek_is_fatal(status)) {
        h->status = h->status != SEK_OK ? h->status : status;
        return;
    }
    pthread_mutex_lock(&h->dump->taking);
    h->status = sek_reader_account(h->reader, h->dump->source->ledger);
    pthread_mutex_unlock(&h->dump->taking);
}

static void dump_unit(Hand *h) {
    SekSource *source = h->dump->source;
    if (!h->unit.loaded && source->load(source->self, &h->unit, NULL) != SEK_OK)
        note_damage(h, h->unit.offset, "cannot be read from here on");
    else
        render_unit(h);
    (void)have_turn(h, true);
    write_text(h);
    end_turn(h);
}

/* --- threads ------------------------------------------------------------------------------------ */

static SekStatus open_hand(Hand *h, Dump *d) {
    SekReaderOptions options = {.recover = d->options->recover};
    *h = (Hand){.dump = d};
    sek_buf_init(&h->text, EVENT_MAX + WAIT_BYTES);
    h->unit.bytes = aligned_alloc(SEK_UNIT_ALIGN, SEK_UNIT_BYTES);
    return h->unit.bytes ? sek_reader_new(&options, &h->reader) : SEK_ERR_MEMORY;
}

static void work(void *user, unsigned index) {
    (void)index;
    Dump *d = user;
    Hand h;
    h.status = open_hand(&h, d);
    while (h.status == SEK_OK && take(&h))
        dump_unit(&h);
    if (h.status != SEK_OK)
        fail(d, h.status, &h.err);
    sek_reader_free(h.reader);
    free(h.unit.bytes);
    sek_buf_deinit(&h.text);
}

static SekStatus run(Dump *d) {
    unsigned threads = d->options->threads ? d->options->threads : sek_cpu_count();
    pthread_mutex_init(&d->taking, NULL);
    pthread_mutex_init(&d->giving, NULL);
    pthread_cond_init(&d->given, NULL);
    sek_pool_run(threads, work, d, NULL);
    pthread_cond_destroy(&d->given);
    pthread_mutex_destroy(&d->giving);
    pthread_mutex_destroy(&d->taking);
    return d->status;
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
    Dump d = {.options = options, .stream = stream, .source = sek_collect_source(collect)};
    if (status == SEK_OK)
        status = run(&d);
    if (d.status != SEK_OK && err)
        *err = d.err;
    if (status == SEK_OK && fflush(stream) != 0)
        status = sek_fail(err, SEK_ERR_IO, "cannot write output: %s", strerror(errno));
    sek_ledger_finish(d.source->ledger);
    sek_tell_problems(d.source->ledger, problem, user);
    sek_tell_totals(d.source->ledger, out);
    sek_collect_free(collect);
    return status;
}
