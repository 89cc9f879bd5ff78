/* SPDX-License-Identifier: Apache-2.0 */

/* The report: the page (src/report/page, joined at build time) with the case's data inside, so that
 * one file opens from a disk in a room without a network. Data is JSON; when it is large it is packed
 * (gzip in Base64), because the XML of thousands of events repeats itself. */
#include "base/grow.h"
#include "base/json_text.h"
#include "base/utf.h"
#include "report/html_data.h"
#include "report/pack.h"
#include "report/report.h"
#include "report_page.h"

#include <stdlib.h>

#define EVENTS_MAX ((size_t)128 << 20) /* bytes of each of three parts: a string in Chromium holds 512 Mi characters */
#define PACK_FROM (512u * 1024u)     /* smaller data stays readable in the file */

typedef struct Html {
    SekStream stream;
    SekBuf events, findings, rules;
    uint32_t *rule_numbers; /* 1 + number in the page of a rule of the ruleset; 0 = not yet */
    uint32_t cap_rules;
    uint32_t n_rules;
    uint64_t n_findings, n_events, dropped;
    size_t last_event;
    bool has_event, dropping;
} Html;

static SekStatus number_of(Html *html, const SekFinding *f, uint32_t *out) {
    uint32_t at = (uint32_t)f->rule_index;
    if (sek_grow_zeroed(&html->rule_numbers, &html->cap_rules, at, sizeof *html->rule_numbers) != SEK_OK)
        return SEK_ERR_MEMORY;
    if (html->rule_numbers[f->rule_index] == 0) {
        html->rule_numbers[f->rule_index] = ++html->n_rules;
        if (html->n_rules > 1)
            sek_buf_addc(&html->rules, ',');
        sek_html_rule(&html->rules, f->rule);
    }
    *out = html->rule_numbers[f->rule_index] - 1;
    return SEK_OK;
}

static void add_event(Html *html, const SekFinding *f) {
    size_t before = html->events.len;
    if (html->n_events)
        sek_buf_addc(&html->events, ',');
    sek_html_event(&html->events, f->event);
    if (html->events.failed == SEK_ERR_LIMIT) { /* full: what is in stays, the rest is counted */
        html->events.failed = SEK_OK;
        html->events.len = before;
        html->dropping = true;
        return;
    }
    html->n_events++;
}

static SekStatus finding(void *self, const SekFinding *f, SekError *err) {
    (void)err;
    Html *html = self;
    if (!html->dropping && (!html->has_event || html->last_event != f->event->index))
        add_event(html, f);
    html->has_event = true;
    html->last_event = f->event->index;
    if (html->dropping) {
        html->dropped++;
        return SEK_OK;
    }
    uint32_t rule;
    if (number_of(html, f, &rule) != SEK_OK)
        return SEK_ERR_MEMORY;
    SekBuf *out = &html->findings;
    sek_buf_addf(out, "%s{\"event\":%ju,\"rule\":%u,\"layer\":%u,\"matched\":", html->n_findings++ ? "," : "",
                 (uintmax_t)html->n_events - 1, rule, f->layer);
    sek_html_pairs(out, f->matched, f->n_matched);
    if (f->decoded)
        sek_html_layer(out, f->decoded);
    if (f->script)
        sek_html_script(out, f->script);
    if (f->correlation)
        sek_buf_addf(out, ",\"correlation\":{\"type\":\"%s\",\"count\":%ju}", f->correlation->type,
                     (uintmax_t)f->correlation->count);
    sek_buf_addc(out, '}');
    return out->failed || html->rules.failed || html->events.failed ? SEK_ERR_MEMORY : SEK_OK;
}

/* Gives the parts of the data in order to `pack`, which writes them plain or packed. */
static void give_data(Html *html, const SekRunResult *result, SekPack *pack) {
    SekBuf *out = &html->stream.line;
    sek_buf_addf(out, "{\"schema\":1,\"tool\":{\"name\":\"Sekisho\",\"version\":\"%s\"},\"lang\":", sek_version());
    if (html->stream.output.lang)
        sek_json_string(out, sek_str(html->stream.output.lang), true);
    else
        sek_buf_adds(out, "null");
    sek_html_attack(out);
    sek_buf_adds(out, ",\"rules\":[");
    sek_pack_take(pack, out);
    sek_pack_add(pack, sek_buf_str(&html->rules));
    sek_buf_addc(out, ']');
    sek_html_files(out, result);
    sek_buf_adds(out, ",\"events\":[");
    sek_pack_take(pack, out);
    sek_pack_add(pack, sek_buf_str(&html->events));
    sek_buf_adds(out, "],\"findings\":[");
    sek_pack_take(pack, out);
    sek_pack_add(pack, sek_buf_str(&html->findings));
    sek_buf_addc(out, ']');
    sek_html_summary(out, result, html->dropped);
    sek_buf_addc(out, '}');
    sek_pack_take(pack, out);
}

static SekStatus end(void *self, const SekRunResult *result, SekError *err) {
    Html *html = self;
    FILE *to = html->stream.output.stream;
    SekBuf *out = &html->stream.line;
    size_t size = html->events.len + html->findings.len + html->rules.len;
    bool packed = size > PACK_FROM && !html->stream.output.plain_data;
    sek_buf_add(out, sek_page_head, sek_page_head_len);
    sek_buf_add(out, sek_page_middle, sek_page_middle_len);
    sek_buf_adds(out, packed ? "<script type=\"text/plain\" id=\"sek-data-gz\">"
                             : "<script type=\"application/json\" id=\"sek-data\">");
    SekStatus status = sek_stream_write(&html->stream, err);
    if (status != SEK_OK)
        return status;
    SekPack *pack;
    status = sek_pack_new(to, packed, &pack);
    if (status != SEK_OK)
        return status;
    give_data(html, result, pack);
    status = sek_pack_end(pack, err);
    if (status != SEK_OK)
        return status;
    sek_buf_adds(out, "</script>\n");
    sek_buf_add(out, sek_page_tail, sek_page_tail_len);
    return sek_stream_end(&html->stream, err);
}

static void html_free(void *self) {
    Html *html = self;
    if (html) {
        sek_buf_deinit(&html->events);
        sek_buf_deinit(&html->findings);
        sek_buf_deinit(&html->rules);
        free(html->rule_numbers);
    }
    sek_stream_free(self);
}

SekStatus sek_sink_html(const SekOutput *output, SekSink *out) {
    Html *html = sek_stream_new(output, sizeof *html);
    if (!html)
        return SEK_ERR_MEMORY;
    sek_buf_init(&html->events, EVENTS_MAX);
    sek_buf_init(&html->findings, EVENTS_MAX);
    sek_buf_init(&html->rules, EVENTS_MAX);
    *out = (SekSink){.self = html, .wants = SEK_WANT_FIELDS | SEK_WANT_XML, .finding = finding, .end = end,
                     .free = html_free};
    return SEK_OK;
}
