/* SPDX-License-Identifier: Apache-2.0 */

/* Why a rule did or did not match a record. */
#include "api/explain.h"

#include "base/json_text.h"
#include "base/timestamp.h"
#include "collect/collect.h"
#include "engine/again.h"
#include "engine/scanner.h"
#include "engine/settle.h"
#include "event/reader.h"

#include <errno.h>
#include <stdlib.h>

#define TEXT_MAX (16u * 1024u * 1024u)
#define LISTED 20u /* records of one number */

typedef struct Explain {
    const SekRuleset *rules;
    uint32_t rule;
    const SekExplainTask *task;
    uint32_t n_found;  /* records with the number, so far */
    SekBuf others;     /* a line for each */
    SekReader *reader;
    SekScanner *scanner;
    SekCodeTexts *texts;
    SekAgain *again;
    SekUnit unit;
    SekBuf text;
    SekProcessReader *processes; /* from here: when a rule asks for ancestry */
    SekLineageLog log;
    SekShelf shelf;
    SekLineage *lineage;
    SekSettler *settler;
} Explain;

static void add_value(SekBuf *out, const char *label, SekValue value) {
    sek_buf_adds(out, label);
    sek_value_text(value, out);
}

static void add_way(SekBuf *out, const SekVariant *v) {
    sek_buf_adds(out, v->way.service < 0 ? "every channel" : sek_services[v->way.service].name);
    const uint32_t *ids = sek_way_event_ids(&v->way);
    for (const uint32_t *id = ids; id && *id; id++)
        sek_buf_addf(out, "%s%u", id == ids ? " " : ",", *id);
}

static bool is_matched(const uint32_t *variants, uint32_t n, uint32_t variant) {
    for (uint32_t i = 0; i < n; i++)
        if (variants[i] == variant)
            return true;
    return false;
}

/* What is explained, and to whom. */
typedef struct Way {
    const SekRuleset *rules;
    SekScanner *scanner;
    const SekEvent *event;
    SekBuf *out;
} Way;

/* True when some way into the rule's log source leads to the event. */
static bool any_leads(const Way *w, uint32_t rule) {
    for (uint32_t i = 0; i < w->rules->n_variants; i++)
        if (w->rules->variants[i].rule == rule && sek_scanner_leads(w->scanner, w->event, i))
            return true;
    return false;
}

/* The tree for one way into the rule's log source. */
static SekStatus explain_way(const Way *w, uint32_t variant, bool matches) {
    sek_buf_adds(w->out, "\nRead as ");
    add_way(w->out, &w->rules->variants[variant]);
    bool leads = sek_scanner_leads(w->scanner, w->event, variant);
    sek_buf_adds(w->out, matches ? ": matches\n"
                         : leads ? ": does not match\n"
                                 : ": this event is not from that log source; the condition itself says\n");
    return sek_scanner_explain(w->scanner, variant, w->out);
}

SekStatus sek_explain_event(const SekRuleset *rules, SekScanner *scanner, uint32_t rule, const SekEvent *event,
                            SekBuf *out) {
    const Way way = {rules, scanner, event, out};
    const uint32_t *matched;
    uint32_t n, kept[16], n_kept = 0;
    SekStatus status = sek_scanner_match(scanner, event, &matched, &n);
    if (status != SEK_OK)
        return status;
    for (uint32_t i = 0; i < n && n_kept < 16; i++)
        if (rules->variants[matched[i]].rule == rule)
            kept[n_kept++] = matched[i];
    sek_buf_addf(out, "The rule %s.\n", n_kept ? "matches" : "does not match");
    status = sek_scanner_start(scanner, event);
    bool some = any_leads(&way, rule);
    for (uint32_t i = 0; i < rules->n_variants && status == SEK_OK; i++)
        if (rules->variants[i].rule == rule && sek_scanner_leads(scanner, event, i) == some)
            status = explain_way(&way, i, is_matched(kept, n_kept, i));
    return status;
}

/* A variant of the rule that matches the event; UINT32_MAX when there is none. */
static SekStatus matching_variant(Explain *x, const SekEvent *event, uint32_t *out) {
    const uint32_t *matched;
    uint32_t n;
    SekStatus status = sek_scanner_match(x->scanner, event, &matched, &n);
    *out = UINT32_MAX;
    for (uint32_t i = 0; status == SEK_OK && i < n && *out == UINT32_MAX; i++)
        if (x->rules->variants[matched[i]].rule == x->rule)
            *out = matched[i];
    return status;
}

/* Says that the rule matches a layer of hidden code, if it does, and why. */
static SekStatus explain_layer(Explain *x, uint32_t i, bool *found) {
    SekAgainLayer layer;
    uint32_t variant;
    SekStatus status = sek_again_layer(x->again, i, &layer);
    if (status == SEK_OK)
        status = matching_variant(x, &layer.event, &variant);
    if (status != SEK_OK || variant == UINT32_MAX)
        return status;
    *found = true;
    const SekLayer *text = &layer.layers->items[layer.index];
    sek_buf_addf(&x->text, "\nDecoded: the rule matches layer %u of ", layer.index);
    sek_quote_line(&x->text, layer.text->field);
    sek_buf_addf(&x->text, " (%s: ", sek_script_kind_name(text->kind));
    sek_again_steps(layer.layers, layer.index, &x->text);
    sek_buf_adds(&x->text, text->partial ? "; partly)\n" : ")\n");
    return sek_scanner_explain(x->scanner, variant, &x->text);
}

/* What the rule says to decoded text, of which the first layer that it matches is enough. */
static SekStatus explain_layers(Explain *x, const SekEvent *event) {
    const SekCodeText *texts;
    uint32_t n_texts, n = 0;
    bool found = false;
    SekStatus status = sek_code_texts(x->texts, event, &texts, &n_texts);
    if (status == SEK_OK)
        status = sek_again_event(x->again, event, texts, n_texts, &n);
    for (uint32_t i = 0; i < n && status == SEK_OK && !found; i++)
        status = explain_layer(x, i, &found);
    if (n && !found)
        sek_buf_addf(&x->text, "\nDecoded: the rule does not match %s of decoded text.\n",
                     n == 1 ? "the layer" : "any of the layers");
    return status;
}

static SekStatus explain_event(Explain *x, const SekEvent *event) {
    sek_buf_addf(&x->text, "Event: record %ju", (uintmax_t)event->record_id);
    add_value(&x->text, ", channel ", sek_event_system(event, SEK_SYSTEM_CHANNEL));
    sek_buf_addf(&x->text, ", event id %u", sek_event_id(event));
    add_value(&x->text, ", provider ", sek_event_system(event, SEK_SYSTEM_PROVIDER));
    add_value(&x->text, ", computer ", sek_event_system(event, SEK_SYSTEM_COMPUTER));
    char time[SEK_TIME_TEXT];
    sek_buf_adds(&x->text, ", ");
    sek_buf_add(&x->text, time, event->time ? sek_time_format(event->time, time) : 0);
    sek_buf_adds(&x->text, event->time ? "" : "no time");
    sek_buf_adds(&x->text, event->recovered ? ", recovered\n" : "\n");
    uint32_t variant;
    SekStatus status = sek_explain_event(x->rules, x->scanner, x->rule, event, &x->text);
    if (status == SEK_OK)
        status = matching_variant(x, event, &variant);
    return status == SEK_OK && variant == UINT32_MAX ? explain_layers(x, event) : status;
}

/* "  #2  2026-01-05 10:00:01  Security 4625  HOST" */
static void list_record(Explain *x, const SekEvent *event) {
    char time[SEK_TIME_TEXT];
    if (x->n_found > LISTED)
        return;
    sek_buf_addf(&x->others, "  #%u  ", x->n_found);
    size_t n = event->time ? sek_time_format(event->time, time) : 0;
    if (n > 19) {
        time[10] = ' ';
        sek_buf_add(&x->others, time, 19);
    } else {
        sek_buf_adds(&x->others, "(no time)          ");
    }
    add_value(&x->others, "  ", sek_event_system(event, SEK_SYSTEM_CHANNEL));
    sek_buf_addf(&x->others, " %u", sek_event_id(event));
    add_value(&x->others, "  ", sek_event_system(event, SEK_SYSTEM_COMPUTER));
    sek_buf_addc(&x->others, '\n');
}

/* Explains the record if it is in the unit, and counts those that have its number. */
static SekStatus search_unit(Explain *x, SekSource *source) {
    if (!x->unit.loaded && source->load(source->self, &x->unit, NULL) != SEK_OK)
        return SEK_OK;
    sek_reader_start(x->reader, &x->unit);
    SekEvent event;
    SekStatus status;
    while ((status = sek_reader_next(x->reader, &event)) == SEK_OK) {
        if (event.record_id != x->task->record_id)
            continue;
        x->n_found++;
        list_record(x, &event);
        if (x->n_found != (x->task->nth ? x->task->nth : 1))
            continue;
        status = explain_event(x, &event);
        if (status != SEK_OK)
            return status;
    }
    return status == SEK_END ? SEK_OK : status;
}

/* Notes what the unit tells of processes. */
static SekStatus learn_unit(Explain *x, SekSource *source) {
    if (!x->unit.loaded && source->load(source->self, &x->unit, NULL) != SEK_OK)
        return SEK_OK; /* what cannot be read tells nothing */
    sek_reader_start(x->reader, &x->unit);
    SekEvent event;
    SekStatus status;
    while ((status = sek_reader_next(x->reader, &event)) == SEK_OK) {
        status = sek_process_note(x->processes, &event, x->unit.file, &x->log);
        if (status != SEK_OK)
            return status;
    }
    return status == SEK_END ? SEK_OK : status;
}

/* Reads everything once for the processes in it: ancestry is known only after that. */
static SekStatus learn_lineage(Explain *x, const char *path, SekError *err) {
    SekCollect *collect;
    SekStatus status = sek_collect_new(&collect);
    if (status != SEK_OK)
        return status;
    SekSource *source = sek_collect_source(collect);
    sek_lineage_log_init(&x->log, &x->shelf);
    status = sek_collect_add(collect, path);
    if (status == SEK_OK)
        status = sek_process_reader_new(&x->processes);
    while (status == SEK_OK && (status = source->next(source->self, &x->unit, err)) == SEK_OK)
        status = learn_unit(x, source);
    sek_collect_free(collect);
    if (status == SEK_END)
        status = sek_lineage_build(&x->log, 1, NULL, NULL, &x->lineage);
    if (status == SEK_OK)
        status = sek_settler_new(x->rules, x->lineage, &x->settler);
    if (status == SEK_OK)
        sek_scanner_settle(x->scanner, x->processes, x->settler);
    return status;
}

/* Reads the whole file; SEK_OK whether the record was there or not. */
static SekStatus search(Explain *x, bool recover, SekError *err) {
    SekCollect *collect;
    SekReaderOptions options = {.recover = recover};
    SekStatus status = sek_collect_new(&collect);
    if (status != SEK_OK)
        return status;
    SekSource *source = sek_collect_source(collect);
    sek_reader_free(x->reader);
    x->reader = NULL;
    status = sek_reader_new(&options, &x->reader);
    if (status == SEK_OK)
        status = sek_collect_add(collect, x->task->path);
    while (status == SEK_OK && (status = source->next(source->self, &x->unit, err)) == SEK_OK)
        status = search_unit(x, source);
    sek_collect_free(collect);
    return status == SEK_END ? SEK_OK : status;
}

static SekStatus prepare(Explain *x, SekError *err) {
    SekReaderOptions options = {0};
    x->unit.bytes = malloc(SEK_UNIT_BYTES);
    SekStatus status = x->unit.bytes ? sek_reader_new(&options, &x->reader) : SEK_ERR_MEMORY;
    if (status == SEK_OK)
        status = sek_scanner_new(x->rules, &x->scanner);
    if (status == SEK_OK && x->rules->ancestry)
        status = learn_lineage(x, x->task->path, err);
    if (status == SEK_OK)
        status = sek_code_texts_new(&x->texts);
    return status == SEK_OK ? sek_again_new(&x->again) : status;
}

static SekStatus write_out(Explain *x, FILE *stream, SekError *err) {
    uintmax_t id = x->task->record_id;
    if (x->n_found == 0)
        return sek_fail(err, SEK_NOT_FOUND, "no record %ju in this file", id);
    if (x->n_found < x->task->nth)
        return sek_fail(err, SEK_NOT_FOUND, "only %u records of this file have the number %ju", x->n_found, id);
    if (x->n_found > 1 && x->task->nth == 0)
        (void)fprintf(stream, "%u records of this file have the number %ju. This is the first; #2 behind the number asks for the second:\n%.*s%s\n",
                      x->n_found, id, (int)x->others.len, x->others.data, x->n_found > LISTED ? "  ...\n" : "");
    if (fwrite(x->text.data, 1, x->text.len, stream) != x->text.len || ferror(stream))
        return sek_fail(err, SEK_ERR_IO, "cannot write output: %s", strerror(errno));
    return SEK_OK;
}

SekStatus sek_explain(const SekRuleset *rules, const SekExplainTask *task, FILE *stream, SekError *err) {
    Explain x = {.rules = rules, .rule = (uint32_t)task->rule, .task = task};
    sek_buf_init(&x.text, TEXT_MAX);
    sek_buf_init(&x.others, TEXT_MAX);
    sek_shelf_init(&x.shelf, 0, NULL);
    SekStatus status = prepare(&x, err);
    if (status == SEK_OK)
        status = search(&x, false, err);
    if (status == SEK_OK && x.n_found == 0)
        status = search(&x, true, err);
    if (status == SEK_OK)
        status = write_out(&x, stream, err);
    sek_buf_deinit(&x.text);
    sek_buf_deinit(&x.others);
    sek_again_free(x.again);
    sek_code_texts_free(x.texts);
    sek_scanner_free(x.scanner);
    sek_process_reader_free(x.processes);
    sek_settler_free(x.settler);
    sek_lineage_free(x.lineage);
    sek_lineage_log_deinit(&x.log);
    sek_shelf_deinit(&x.shelf);
    sek_reader_free(x.reader);
    free(x.unit.bytes);
    return status;
}
