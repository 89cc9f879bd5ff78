/* SPDX-License-Identifier: Apache-2.0 */

/* Events as text, in the order of files and records. */
#include "api/each_event.h"

#include <errno.h>

#define EVENT_MAX (64u * 1024u * 1024u) /* one event as text: values of 64 KiB grow at most sixfold */

typedef struct Dump {
    const SekDumpOptions *options;
    FILE *stream;
    SekBuf text;
    SekError *err;
} Dump;

static SekStatus write_event(void *user, SekReader *reader, const SekEvent *event, SekStr path) {
    Dump *d = user;
    (void)event; /* the reader renders the event that it gave last */
    (void)path;
    sek_buf_clear(&d->text);
    SekStatus status = d->options->format == SEK_DUMP_XML ? sek_reader_xml(reader, &d->text)
                                                          : sek_reader_json(reader, &d->text);
    if (sek_is_fatal(status))
        return status;
    sek_buf_addc(&d->text, '\n');
    if (fwrite(d->text.data, 1, d->text.len, d->stream) != d->text.len)
        return sek_fail(d->err, SEK_ERR_IO, "cannot write output: %s", strerror(errno));
    return SEK_OK;
}

SekStatus sek_dump(const char *const *paths, size_t n_paths, const SekDumpOptions *options, FILE *stream,
                   void (*problem)(void *user, const char *line), void *user, SekSummary *out,
                   SekError *err) {
    Dump d = {.options = options, .stream = stream, .err = err};
    SekEachEvent each = {.paths = paths, .n_paths = n_paths, .recover = options->recover, .visit = write_event,
                         .user = &d, .problem = problem, .problem_user = user};
    sek_buf_init(&d.text, EVENT_MAX);
    SekStatus status = sek_each_event(&each, out, err);
    if (status == SEK_OK && fflush(stream) != 0)
        status = sek_fail(err, SEK_ERR_IO, "cannot write output: %s", strerror(errno));
    sek_buf_deinit(&d.text);
    return status;
}
