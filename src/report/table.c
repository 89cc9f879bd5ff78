/* SPDX-License-Identifier: Apache-2.0 */

/* Findings as a table for a person: one line each, cut to the width of the terminal. */
#include "base/timestamp.h"
#include "report/report.h"
#include "report/stream.h"
#include "report/terminal.h"

#define DEFAULT_WIDTH 120u
#define MIN_WIDTH 80u

typedef struct Columns {
    unsigned time, level, host, rule, event, what;
} Columns;

/* Time, level and event have their width; the rest is shared out. */
static Columns columns_for(unsigned width) {
    Columns c = {.time = 19, .level = 8, .event = 22};
    if (width == 0)
        width = DEFAULT_WIDTH;
    if (width < MIN_WIDTH)
        width = MIN_WIDTH;
    unsigned rest = width - c.time - c.level - c.event - 5; /* blanks between */
    c.host = rest / 5 < 12 ? rest / 5 : rest / 5 > 24 ? 24 : rest / 5;
    c.rule = (rest - c.host) / 2;
    c.what = rest - c.host - c.rule;
    return c;
}

/* "Microsoft-Windows-Sysmon/Operational" -> "Sysmon": the part people call the channel by. */
static SekStr short_channel(SekStr channel) {
    static const SekStr vendor = {"Microsoft-Windows-", 18};
    if (sek_str_starts(channel, vendor)) {
        channel.ptr += vendor.len;
        channel.len -= vendor.len;
    }
    for (size_t i = 0; i < channel.len; i++)
        if (channel.ptr[i] == '/' && i > 0)
            return sek_str_n(channel.ptr, i);
    return channel;
}

static SekStr short_host(SekStr host) {
    for (size_t i = 0; i < host.len; i++)
        if (host.ptr[i] == '.')
            return sek_str_n(host.ptr, i);
    return host;
}

static void heading(SekStream *stream) {
    SekBuf *out = &stream->line;
    Columns columns = columns_for(stream->output.width), *c = &columns;
    sek_add_style(out, SEK_STYLE_BOLD, stream->output.colour);
    static const char *const names[] = {"TIME (UTC)", "LEVEL", "HOST", "RULE", "EVENT", "MATCHED"};
    const unsigned widths[] = {c->time, c->level, c->host, c->rule, c->event, c->what};
    for (int i = 0; i < 6; i++) {
        sek_add_cell(out, sek_str(names[i]), widths[i], i < 5);
        if (i < 5)
            sek_buf_addc(out, ' ');
    }
    sek_add_style(out, SEK_STYLE_PLAIN, stream->output.colour);
    sek_buf_addc(out, '\n');
}

static void event_cell(SekBuf *out, const SekFinding *f, unsigned columns) {
    SekBuf text;
    sek_buf_init(&text, 64 * 1024);
    if (f->correlation) {
        sek_buf_addf(&text, "%s of %ju", f->correlation->type, (uintmax_t)f->correlation->count);
    } else {
        sek_buf_add_str(&text, short_channel(f->event->channel));
        sek_buf_addf(&text, " %u #%ju", f->event->event_id, (uintmax_t)f->event->record_id);
    }
    sek_add_cell(out, sek_buf_str(&text), columns, true);
    sek_buf_deinit(&text);
}

/* The value that says most: of a chain how many of its stages were seen, else the longest that matched. */
static void what_cell(SekBuf *out, const SekFinding *f, unsigned columns) {
    const SekPair *best = NULL;
    for (size_t i = 0; i < f->n_matched; i++)
        if (!best || f->matched[i].value.len > best->value.len)
            best = &f->matched[i];
    for (size_t i = 0; f->correlation && i < f->n_matched; i++)
        if (sek_str_eq(f->matched[i].field, SEK_STR("stages")))
            best = &f->matched[i];
    if (best && !f->layer && !f->script) {
        sek_add_cell(out, best->value, columns, false);
        return;
    }
    SekBuf text;
    sek_buf_init(&text, 64 * 1024);
    if (f->layer)
        sek_buf_addf(&text, "[layer %u] ", f->layer);
    if (f->script)
        sek_buf_addf(&text, "[%zu of %u parts] ", f->script->n_parts, f->script->total);
    if (best) /* wide enough for any terminal */
        sek_buf_add_str(&text, sek_str_n(best->value.ptr, best->value.len < 32768 ? best->value.len : 32768));
    sek_add_cell(out, sek_buf_str(&text), columns, false);
    sek_buf_deinit(&text);
}

static SekStatus render(void *pen, const SekFinding *f, const SekSame *same, SekBuf *out) {
    (void)same;
    const SekStream *stream = pen; /* for what the output is to be like */
    Columns c = columns_for(stream->output.width);
    char time[SEK_TIME_TEXT] = "";
    if (f->event->time)
        (void)sek_time_format(f->event->time, time);
    if (time[0])
        time[10] = ' ';
    sek_add_cell(out, sek_str_n(time, time[0] ? 19 : 0), c.time, true);
    sek_buf_addc(out, ' ');
    sek_add_style(out, sek_level_style(f->rule->level), stream->output.colour);
    SekStr level = sek_str(f->rule->level == SEK_LEVEL_INFORMATIONAL ? "info" : sek_level_name(f->rule->level));
    sek_add_cell(out, level, c.level, true);
    sek_add_style(out, SEK_STYLE_PLAIN, stream->output.colour);
    sek_buf_addc(out, ' ');
    sek_add_cell(out, short_host(f->event->computer), c.host, true);
    sek_buf_addc(out, ' ');
    sek_add_cell(out, f->rule->title, c.rule, true);
    sek_buf_addc(out, ' ');
    event_cell(out, f, c.event);
    sek_buf_addc(out, ' ');
    what_cell(out, f, c.what);
    sek_buf_addc(out, '\n');
    return SEK_OK;
}

static SekStatus pen_new(const void *self, void **out) {
    SekStream *pen = sek_stream_new(&((const SekStream *)self)->output, sizeof *pen);
    *out = pen;
    return pen ? SEK_OK : SEK_ERR_MEMORY;
}

static SekStatus write(void *self, SekStr text, SekError *err) {
    SekStream *stream = self;
    if (stream->n++ == 0)
        heading(stream);
    SekStatus status = sek_stream_write(stream, err);
    return status == SEK_OK ? sek_stream_text(stream, text, err) : status;
}

static SekStatus end(void *self, const SekRunResult *result, SekError *err) {
    (void)result;
    SekStream *stream = self;
    if (stream->n)
        sek_buf_addc(&stream->line, '\n');
    return sek_stream_end(stream, err);
}

SekStatus sek_sink_table(const SekOutput *output, SekSink *out) {
    static const SekRendering rendering = {.pen_new = pen_new, .pen_free = sek_stream_free, .render = render,
                                           .write = write};
    SekStream *stream = sek_stream_new(output, sizeof *stream);
    if (!stream)
        return SEK_ERR_MEMORY;
    *out = (SekSink){.self = stream, .rendering = &rendering, .end = end, .free = sek_stream_free};
    return SEK_OK;
}
