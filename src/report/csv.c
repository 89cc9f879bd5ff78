/* SPDX-License-Identifier: Apache-2.0 */

/* Findings as CSV (RFC 4180), with the columns that timeline tools know from Hayabusa's verbose
 * profile. A cell that a spreadsheet would take for a formula gets an apostrophe in front; characters
 * that could steer a terminal are shown as \\uNNNN. */
#include "base/json_text.h"
#include "base/timestamp.h"
#include "report/report.h"
#include "report/stream.h"
#include "story/attack.h"

static void cell(SekBuf *out, SekStr text) {
    bool formula = text.len && strchr("=+-@\t\r", text.ptr[0]);
    SekBuf clean;
    sek_buf_init(&clean, out->max);
    sek_quote_text(&clean, text);
    sek_buf_addc(out, '"');
    if (formula)
        sek_buf_addc(out, '\'');
    for (size_t i = 0; i < clean.len; i++) {
        if (clean.data[i] == '"')
            sek_buf_addc(out, '"');
        sek_buf_addc(out, clean.data[i]);
    }
    sek_buf_addc(out, '"');
    sek_buf_deinit(&clean);
}

/* "2020-12-22 00:52:31.123 +00:00" */
static void time_cell(SekBuf *out, uint64_t filetime) {
    char text[SEK_TIME_TEXT];
    if (!filetime)
        return;
    (void)sek_time_format(filetime, text);
    sek_buf_addf(out, "%.10s %.12s +00:00", text, text + 11);
}

static const char *short_level(SekLevel level) {
    static const char *const names[] = {"info", "low", "med", "high", "crit"};
    return names[level];
}

/* Pairs as "Key: value" joined by " ¦ ". `skip` leaves out those that are shown already. */
static void add_pairs(SekBuf *text, const SekPair *pairs, size_t n, const SekFinding *skip) {
    for (size_t i = 0; i < n; i++) {
        bool shown = false;
        for (size_t j = 0; skip && j < skip->n_matched && !shown; j++)
            shown = sek_str_eq(skip->matched[j].field, pairs[i].field);
        if (shown)
            continue;
        if (text->len)
            sek_buf_adds(text, " \xc2\xa6 ");
        sek_buf_add_str(text, pairs[i].field);
        sek_buf_adds(text, ": ");
        sek_buf_add_str(text, pairs[i].value);
    }
}

static void pairs_cell(SekBuf *out, const SekPair *pairs, size_t n, const SekFinding *skip) {
    SekBuf text;
    sek_buf_init(&text, out->max);
    add_pairs(&text, pairs, n, skip);
    cell(out, sek_buf_str(&text));
    if (text.failed)
        out->failed = text.failed;
    sek_buf_deinit(&text);
}

/* What matched, and, when it is not the text as recorded, where it came from. */
static void details_cell(SekBuf *out, const SekFinding *f) {
    if (!f->decoded && !f->script) {
        pairs_cell(out, f->matched, f->n_matched, NULL);
        return;
    }
    SekPair pairs[2];
    size_t n = 0;
    SekBuf layer, script, all;
    sek_buf_init(&layer, out->max);
    sek_buf_init(&script, out->max);
    sek_buf_init(&all, out->max);
    if (f->decoded) {
        sek_add_layer(&layer, f);
        pairs[n++] = (SekPair){SEK_STR("Layer"), sek_buf_str(&layer)};
    }
    if (f->script) {
        sek_add_script(&script, f->script);
        pairs[n++] = (SekPair){SEK_STR("Script"), sek_buf_str(&script)};
    }
    add_pairs(&all, f->matched, f->n_matched, NULL);
    add_pairs(&all, pairs, n, NULL);
    cell(out, sek_buf_str(&all));
    if (all.failed)
        out->failed = all.failed;
    sek_buf_deinit(&layer);
    sek_buf_deinit(&script);
    sek_buf_deinit(&all);
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
    SekBuf text;
    sek_buf_init(&text, out->max);
    for (size_t i = 0; i < n; i++) {
        if (i)
            sek_buf_adds(&text, " \xc2\xa6 ");
        sek_buf_add_str(&text, items[i]);
    }
    cell(out, sek_buf_str(&text));
    sek_buf_deinit(&text);
}

static SekStatus header(SekStream *stream, SekError *err) {
    sek_buf_adds(&stream->line,
                 "Timestamp,RuleTitle,Level,Computer,Channel,EventID,RecordID,Details,ExtraFieldInfo,RuleID,"
                 "MitreTactics,MitreTags,OtherTags,RuleFile,EvtxFile\n");
    return sek_stream_flush(stream, err);
}

static void other_tags(SekBuf *out, const SekRuleInfo *rule) {
    SekStr tags[64];
    size_t n = 0;
    for (size_t i = 0; i < rule->n_tags && n < 64; i++)
        if (!sek_str_starts(rule->tags[i], SEK_STR("attack.")))
            tags[n++] = rule->tags[i];
    list_cell(out, tags, n);
}

static SekStatus finding(void *self, const SekFinding *f, SekError *err) {
    SekStream *stream = self;
    SekBuf *out = &stream->line;
    if (stream->n++ == 0) {
        SekStatus status = header(stream, err);
        if (status != SEK_OK)
            return status;
    }
    time_cell(out, f->event->time);
    sek_buf_addc(out, ',');
    cell(out, f->rule->title);
    sek_buf_addf(out, ",%s,", short_level(f->rule->level));
    cell(out, f->event->computer);
    sek_buf_addc(out, ',');
    cell(out, f->event->channel);
    sek_buf_addf(out, ",%u,%ju,", f->event->event_id, (uintmax_t)f->event->record_id);
    details_cell(out, f);
    sek_buf_addc(out, ',');
    pairs_cell(out, f->event->fields, f->event->n_fields, f);
    sek_buf_addc(out, ',');
    cell(out, f->rule->id);
    sek_buf_addc(out, ',');
    tactics_cell(out, f->rule);
    sek_buf_addc(out, ',');
    list_cell(out, f->rule->techniques, f->rule->n_techniques);
    sek_buf_addc(out, ',');
    other_tags(out, f->rule);
    sek_buf_addc(out, ',');
    cell(out, f->rule->source);
    sek_buf_addc(out, ',');
    cell(out, f->event->file);
    sek_buf_addc(out, '\n');
    return sek_stream_flush(stream, err);
}

static SekStatus end(void *self, const SekRunResult *result, SekError *err) {
    (void)result;
    SekStream *stream = self;
    SekStatus status = stream->n == 0 ? header(stream, err) : SEK_OK; /* a table without rows is one */
    return status == SEK_OK ? sek_stream_end(stream, err) : status;
}

SekStatus sek_sink_csv(const SekOutput *output, SekSink *out) {
    SekStream *stream = sek_stream_new(output, sizeof *stream);
    if (!stream)
        return SEK_ERR_MEMORY;
    *out = (SekSink){.self = stream, .wants = SEK_WANT_FIELDS, .finding = finding, .end = end,
                     .free = sek_stream_free};
    return SEK_OK;
}
