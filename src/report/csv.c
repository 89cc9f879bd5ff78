/* SPDX-License-Identifier: Apache-2.0 */

/* Findings as CSV (RFC 4180), with the columns that timeline tools know from Hayabusa's verbose
 * profile. A cell that a spreadsheet would take for a formula gets an apostrophe in front; characters
 * that could steer a terminal are shown as \\uNNNN. */
#include "base/json_text.h"
#include "base/timestamp.h"
#include "report/report.h"
#include "report/stream.h"
#include "story/attack.h"

#include <stdlib.h>

/* One thread's. */
typedef struct Pen {
    SekMade heads, tails;
} Pen;

/* A part of a cell: safe to show, with its quotes doubled. */
static void part(SekBuf *out, SekStr text) {
    while (text.len) {
        const char *quote = memchr(text.ptr, '"', text.len);
        size_t n = quote ? (size_t)(quote - text.ptr) : text.len;
        sek_quote_text(out, sek_str_n(text.ptr, n));
        if (!quote)
            return;
        sek_buf_add(out, "\"\"", 2);
        text = sek_str_n(text.ptr + n + 1, text.len - n - 1);
    }
}

/* Begins a cell whose text begins with `first`. */
static void cell_begin(SekBuf *out, SekStr first) {
    bool formula = first.len && memchr("=+-@\t\r", first.ptr[0], 6);
    sek_buf_adds(out, formula ? "\"'" : "\"");
}

static void cell(SekBuf *out, SekStr text) {
    cell_begin(out, text);
    part(out, text);
    sek_buf_addc(out, '"');
}

/* "2020-12-22 00:52:31.123 +00:00" */
static void time_cell(SekBuf *out, uint64_t filetime) {
    char text[SEK_TIME_TEXT];
    if (!filetime)
        return;
    (void)sek_time_format(filetime, text);
    sek_buf_add(out, text, 10);
    sek_buf_addc(out, ' ');
    sek_buf_add(out, text + 11, 12);
    sek_buf_adds(out, " +00:00");
}

static const char *short_level(SekLevel level) {
    static const char *const names[] = {"info", "low", "med", "high", "crit"};
    return names[level];
}

static bool is_shown(const SekFinding *f, SekStr field) {
    for (size_t i = 0; f && i < f->n_matched; i++)
        if (sek_str_eq(f->matched[i].field, field))
            return true;
    return false;
}

/* Pairs as "Key: value" joined by " ¦ ", in the cell that the first of them begins. `skip` leaves out
 * those that are shown already. */
static void add_pairs(SekBuf *out, bool *first, const SekPair *pairs, size_t n, const SekFinding *skip) {
    for (size_t i = 0; i < n; i++) {
        if (is_shown(skip, pairs[i].field))
            continue;
        if (*first)
            cell_begin(out, pairs[i].field);
        else
            sek_buf_adds(out, " \xc2\xa6 ");
        *first = false;
        part(out, pairs[i].field);
        sek_buf_add(out, ": ", 2);
        part(out, pairs[i].value);
    }
}

static void end_pairs(SekBuf *out, bool none) {
    sek_buf_adds(out, none ? "\"\"" : "\"");
}

static void pairs_cell(SekBuf *out, const SekPair *pairs, size_t n, const SekFinding *skip) {
    bool first = true;
    add_pairs(out, &first, pairs, n, skip);
    end_pairs(out, first);
}

/* What matched, and, when it is not the text as recorded, where it came from. */
static void details_cell(SekBuf *out, const SekFinding *f) {
    bool first = true;
    add_pairs(out, &first, f->matched, f->n_matched, NULL);
    SekBuf text;
    sek_buf_init(&text, out->max);
    if (f->decoded) {
        sek_add_layer(&text, f);
        add_pairs(out, &first, &(SekPair){SEK_STR("Layer"), sek_buf_str(&text)}, 1, NULL);
    }
    if (f->script) {
        sek_buf_clear(&text);
        sek_add_script(&text, f->script);
        add_pairs(out, &first, &(SekPair){SEK_STR("Script"), sek_buf_str(&text)}, 1, NULL);
    }
    end_pairs(out, first);
    sek_buf_deinit(&text);
}

static void tactics_cell(SekBuf *out, const SekRuleInfo *rule) {
    static const char *const names[] = {"Recon", "ResDev", "InitAccess", "Exec", "Persis", "PrivEsc",
                                        "Stealth", "DefImpair", "CredAccess", "Disc", "LatMov",
                                        "Collect", "C2", "Exfil", "Impact"};
    uint32_t tactics = sek_rule_tactics(rule);
    bool first = true;
    for (unsigned i = 0; i < sek_n_tactics && i < sizeof names / sizeof *names; i++)
        if (tactics & 1u << i) {
            sek_buf_addf(out, "%s%s", first ? "" : " \xc2\xa6 ", names[i]);
            first = false;
        }
}

static void list_cell(SekBuf *out, const SekStr *items, size_t n) {
    cell_begin(out, n ? items[0] : (SekStr){0});
    for (size_t i = 0; i < n; i++) {
        if (i)
            sek_buf_adds(out, " \xc2\xa6 ");
        part(out, items[i]);
    }
    sek_buf_addc(out, '"');
}

static void header(SekBuf *out) {
    sek_buf_adds(out, "Timestamp,RuleTitle,Level,Computer,Channel,EventID,RecordID,Details,ExtraFieldInfo,RuleID,"
                      "MitreTactics,MitreTags,OtherTags,RuleFile,EvtxFile\n");
}

static void other_tags(SekBuf *out, const SekRuleInfo *rule) {
    SekStr tags[64];
    size_t n = 0;
    for (size_t i = 0; i < rule->n_tags && n < 64; i++)
        if (!sek_str_starts(rule->tags[i], SEK_STR("attack.")))
            tags[n++] = rule->tags[i];
    list_cell(out, tags, n);
}

static void rule_head(SekBuf *out, const SekRuleInfo *rule) {
    cell(out, rule->title);
    sek_buf_addf(out, ",%s,", short_level(rule->level));
}

static void rule_tail(SekBuf *out, const SekRuleInfo *rule) {
    cell(out, rule->id);
    sek_buf_addc(out, ',');
    tactics_cell(out, rule);
    sek_buf_addc(out, ',');
    list_cell(out, rule->techniques, rule->n_techniques);
    sek_buf_addc(out, ',');
    other_tags(out, rule);
    sek_buf_addc(out, ',');
    cell(out, rule->source);
}

static void event_cells(SekBuf *out, const SekFinding *f) {
    cell(out, f->event->computer);
    sek_buf_addc(out, ',');
    cell(out, f->event->channel);
    sek_buf_addc(out, ',');
    sek_buf_add_number(out, f->event->event_id);
    sek_buf_addc(out, ',');
    sek_buf_add_number(out, f->event->record_id);
    sek_buf_addc(out, ',');
    details_cell(out, f);
    sek_buf_addc(out, ',');
    pairs_cell(out, f->event->fields, f->event->n_fields, f);
    sek_buf_addc(out, ',');
}

static SekStatus render(void *self, const SekFinding *f, const SekSame *same, SekBuf *out) {
    (void)same;
    Pen *pen = self;
    time_cell(out, f->event->time);
    sek_buf_addc(out, ',');
    SekStatus status = sek_rule_text(&pen->heads, out, f->rule_index, f->rule, rule_head);
    event_cells(out, f);
    if (status == SEK_OK)
        status = sek_rule_text(&pen->tails, out, f->rule_index, f->rule, rule_tail);
    sek_buf_addc(out, ',');
    cell(out, f->event->file);
    sek_buf_addc(out, '\n');
    return status;
}

static SekStatus pen_new(const void *self, void **out) {
    (void)self;
    Pen *pen = malloc(sizeof *pen);
    if (!pen)
        return SEK_ERR_MEMORY;
    sek_made_init(&pen->heads, 0);
    sek_made_init(&pen->tails, 0);
    *out = pen;
    return SEK_OK;
}

static void pen_free(void *self) {
    Pen *pen = self;
    sek_made_deinit(&pen->heads);
    sek_made_deinit(&pen->tails);
    free(pen);
}

/* A table without rows is one. */
static SekStatus begin(SekStream *stream, SekError *err) {
    if (stream->n++ == 0)
        header(&stream->line);
    return sek_stream_write(stream, err);
}

static SekStatus write(void *self, SekStr text, SekError *err) {
    SekStatus status = begin(self, err);
    return status == SEK_OK ? sek_stream_text(self, text, err) : status;
}

static SekStatus end(void *self, const SekRunResult *result, SekError *err) {
    (void)result;
    SekStatus status = begin(self, err);
    return status == SEK_OK ? sek_stream_end(self, err) : status;
}

SekStatus sek_sink_csv(const SekOutput *output, SekSink *out) {
    static const SekRendering rendering = {.pen_new = pen_new, .pen_free = pen_free, .render = render, .write = write};
    SekStream *stream = sek_stream_new(output, sizeof *stream);
    if (!stream)
        return SEK_ERR_MEMORY;
    *out = (SekSink){.self = stream, .wants = SEK_WANT_FIELDS, .rendering = &rendering, .end = end,
                     .free = sek_stream_free};
    return SEK_OK;
}
