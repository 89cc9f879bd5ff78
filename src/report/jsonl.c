/* SPDX-License-Identifier: Apache-2.0 */

/* Findings as JSON Lines. The keys are API: add, never rename. */
#include "base/json_text.h"
#include "base/strmap.h"
#include "report/report.h"
#include "report/stream.h"
#include "story/attack.h"

#include <stdlib.h>

#define MADE_BYTES ((size_t)4 << 20) /* of the texts that a thread keeps of one kind */

/* One thread's. Texts that come again: of each rule, and what findings have in common, by its number (SekSame). */
typedef struct Pen {
    SekMade rules, events, files, matches;
    bool all_fields;
} Pen;

static void add_techniques(SekBuf *out, const SekRuleInfo *rule) {
    sek_buf_adds(out, ",\"techniques\":[");
    for (size_t i = 0; i < rule->n_techniques; i++) {
        const SekTechnique *technique = sek_technique_find(rule->techniques[i]);
        sek_buf_adds(out, i ? ",{" : "{");
        sek_json_member(out, "id", rule->techniques[i], false);
        sek_buf_addc(out, ',');
        sek_json_member(out, "name", sek_str(technique ? technique->name : ""), false);
        sek_buf_addc(out, '}');
    }
    sek_buf_addc(out, ']');
}

static void add_rule(SekBuf *out, const SekRuleInfo *rule) {
    sek_json_member(out, "rule_id", rule->id, false);
    sek_buf_addc(out, ',');
    sek_json_member(out, "rule_title", rule->title, false);
    sek_buf_addf(out, ",\"level\":\"%s\",", sek_level_name(rule->level));
    sek_json_member(out, "status", rule->status, false);
    sek_buf_adds(out, ",\"tags\":");
    sek_json_strings(out, rule->tags, rule->n_tags, false);
    sek_buf_adds(out, ",\"tactics\":");
    sek_json_tactics(out, rule);
    add_techniques(out, rule);
}

static void add_pairs(SekBuf *out, const SekPair *pairs, size_t n) {
    sek_buf_addc(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            sek_buf_addc(out, ',');
        sek_buf_adds(out, "{\"field\":");
        sek_json_string(out, pairs[i].field, false);
        sek_buf_adds(out, ",\"value\":");
        sek_json_string(out, pairs[i].value, false);
        sek_buf_addc(out, '}');
    }
    sek_buf_addc(out, ']');
}

/* A correlation stands for a window of events: what only one event has is null. */
static void add_window(SekBuf *out, const SekFindingEvent *event) {
    sek_json_member(out, "computer", event->computer, false);
    sek_buf_adds(out, ",\"channel\":null,\"provider\":null,\"event_id\":null,\"record_id\":null,");
    sek_json_member(out, "file", event->file, false);
}

static void add_correlation(SekBuf *out, const SekCorrelationInfo *c) {
    sek_buf_addf(out, ",\"correlation\":{\"type\":\"%s\",\"group\":", c->type);
    add_pairs(out, c->group, c->n_group);
    sek_buf_addf(out, ",\"count\":%ju,\"value\":%.17g,\"events\":[", (uintmax_t)c->count, c->value);
    for (size_t i = 0; i < c->n_events; i++) {
        const SekCorrelatedEvent *e = &c->events[i];
        sek_buf_adds(out, i ? ",{" : "{");
        sek_json_member(out, "file", e->file, false);
        sek_buf_addf(out, ",\"record_id\":%ju,\"timestamp\":\"", (uintmax_t)e->record_id);
        sek_add_time(out, e->time);
        sek_buf_adds(out, "\",");
        sek_json_member(out, "rule_id", e->rule->id, false);
        sek_buf_addc(out, ',');
        sek_json_member(out, "rule_title", e->rule->title, false);
        sek_buf_addc(out, '}');
    }
    sek_buf_adds(out, "]}");
}

static void add_decoded(SekBuf *out, const SekLayerInfo *layer) {
    sek_buf_adds(out, ",\"decoded\":{");
    sek_json_member(out, "field", layer->field, false);
    if (layer->part.len) {
        sek_buf_addc(out, ',');
        sek_json_member(out, "part", layer->part, false);
    }
    sek_buf_addc(out, ',');
    sek_json_member(out, "kind", layer->kind, false);
    sek_buf_addc(out, ',');
    sek_json_member(out, "steps", layer->steps, false);
    sek_buf_addf(out, ",\"partial\":%s}", layer->partial ? "true" : "false");
}

/* Up to the record's id. */
static SekStatus add_identity(Pen *pen, SekBuf *out, const SekFindingEvent *event, uint32_t same) {
    if (same && sek_made_add(&pen->events, out, same))
        return SEK_OK;
    size_t start = out->len;
    sek_buf_adds(out, "\"computer\":");
    sek_json_string(out, event->computer, false);
    sek_buf_adds(out, ",\"channel\":");
    sek_json_string(out, event->channel, false);
    sek_buf_adds(out, ",\"provider\":");
    sek_json_string(out, event->provider, false);
    sek_buf_adds(out, ",\"event_id\":");
    sek_buf_add_number(out, event->event_id);
    sek_buf_adds(out, ",\"record_id\":");
    return same ? sek_made_keep(&pen->events, out, start, same) : SEK_OK;
}

static SekStatus add_file(Pen *pen, SekBuf *out, const SekFindingEvent *event) {
    if (sek_made_add(&pen->files, out, event->file_index))
        return SEK_OK;
    size_t start = out->len;
    sek_buf_adds(out, ",\"file\":");
    sek_json_string(out, event->file, false);
    return sek_made_keep(&pen->files, out, start, event->file_index);
}

static SekStatus add_event(Pen *pen, SekBuf *out, const SekFindingEvent *event, uint32_t same) {
    SekStatus status = add_identity(pen, out, event, same);
    sek_buf_add_number(out, event->record_id);
    if (status == SEK_OK)
        status = add_file(pen, out, event);
    if (event->recovered)
        sek_buf_adds(out, ",\"recovered\":true");
    return status;
}

static SekStatus add_matches(Pen *pen, SekBuf *out, const SekFinding *f, uint32_t same) {
    if (same && sek_made_add(&pen->matches, out, same))
        return SEK_OK;
    size_t start = out->len;
    sek_buf_adds(out, ",\"layer\":");
    sek_buf_add_number(out, f->layer);
    sek_buf_adds(out, ",\"matched\":");
    add_pairs(out, f->matched, f->n_matched);
    if (f->decoded)
        add_decoded(out, f->decoded);
    if (f->script)
        sek_json_script(out, f->script);
    return same ? sek_made_keep(&pen->matches, out, start, same) : SEK_OK;
}

#define FEW_FIELDS 64u /* of most events */

static uint8_t spread(SekStr name) {
    size_t n = name.len;
    return n ? (uint8_t)(31 * n + 7 * (uint8_t)name.ptr[0] + 3 * (uint8_t)name.ptr[n / 2] + (uint8_t)name.ptr[n - 1]) : 0;
}

/* As link_fields, for few: lists of fields by a number made of their names. */
static void link_few(const SekFindingEvent *event, uint32_t *next, bool *later) {
    uint8_t heads[256] = {0}, below[FEW_FIELDS]; /* 1 + number of a field that is the first of its name */
    uint32_t last[FEW_FIELDS];
    for (uint32_t i = 0; i < event->n_fields; i++) {
        SekStr name = event->fields[i].field;
        uint8_t *head = &heads[spread(name)], at = *head;
        while (at && !sek_str_eq(event->fields[at - 1].field, name))
            at = below[at - 1];
        if (at) {
            next[last[at - 1]] = i;
            last[at - 1] = i;
            later[i] = true;
        } else {
            below[i] = *head;
            last[i] = i;
            *head = (uint8_t)(i + 1);
        }
    }
}

/* Links the fields of one name: `next[i]` is the one behind `i`, 0 for none (0 is behind nothing); `later[i]` is
 * set where there is one before it. A hostile event has thousands of names. */
static SekStatus link_fields(const SekFindingEvent *event, uint32_t *next, bool *later) {
    SekStrMap last;
    SekStatus status = SEK_OK;
    sek_strmap_init(&last, false);
    for (uint32_t i = 0; i < event->n_fields && status == SEK_OK; i++) {
        uint32_t before;
        if (sek_strmap_get(&last, event->fields[i].field, &before) == SEK_OK) {
            next[before] = i;
            later[i] = true;
        }
        status = sek_strmap_set(&last, event->fields[i].field, i);
    }
    sek_strmap_deinit(&last);
    return status;
}

static void add_linked(SekBuf *out, const SekFindingEvent *event, const uint32_t *next, const bool *later) {
    bool first = true;
    for (uint32_t i = 0; i < event->n_fields; i++) {
        if (later[i])
            continue;
        if (!first)
            sek_buf_addc(out, ',');
        first = false;
        sek_json_string(out, event->fields[i].field, false);
        sek_buf_adds(out, next[i] ? ":[" : ":");
        sek_json_string(out, event->fields[i].value, false);
        for (uint32_t j = next[i]; j; j = next[j]) {
            sek_buf_addc(out, ',');
            sek_json_string(out, event->fields[j].value, false);
        }
        if (next[i])
            sek_buf_addc(out, ']');
    }
}

/* An object; a name that stands more than once has an array of its values. */
static void add_fields(SekBuf *out, const SekFindingEvent *event) {
    uint32_t few_next[FEW_FIELDS + 1] = {0}, *next = few_next;
    bool few_later[FEW_FIELDS + 1] = {0}, *later = few_later;
    bool few = event->n_fields <= FEW_FIELDS;
    if (few) {
        link_few(event, next, later);
    } else {
        next = calloc(event->n_fields + 1, sizeof *next);
        later = calloc(event->n_fields + 1, sizeof *later);
        if (!next || !later || link_fields(event, next, later) != SEK_OK)
            out->failed = SEK_ERR_MEMORY;
    }
    sek_buf_adds(out, ",\"fields\":{");
    if (!out->failed)
        add_linked(out, event, next, later);
    sek_buf_addc(out, '}');
    if (!few) {
        free(next);
        free(later);
    }
}

/* What stands above the event's process, nearest first. */
static void add_ancestors(SekBuf *out, const SekFindingEvent *event) {
    sek_buf_adds(out, ",\"ancestors\":[");
    for (size_t i = 0; i < event->n_ancestors; i++) {
        const SekAncestorInfo *a = &event->ancestors[i];
        sek_buf_adds(out, i ? ",{" : "{");
        sek_json_member(out, "image", a->image, false);
        sek_buf_addc(out, ',');
        sek_json_member(out, "command_line", a->command_line, false);
        sek_buf_addc(out, ',');
        sek_json_member(out, "user", a->user, false);
        sek_buf_addf(out, ",\"pid\":%u,\"time\":", a->pid);
        if (a->time) {
            sek_buf_addc(out, '"');
            sek_add_time(out, a->time);
            sek_buf_addc(out, '"');
        } else {
            sek_buf_adds(out, "null");
        }
        sek_buf_addf(out, ",\"depth\":%u,\"inferred\":%s", a->depth, a->inferred ? "true" : "false");
        if (*a->why)
            sek_buf_addf(out, ",\"why\":\"%s\"", a->why);
        sek_buf_addc(out, '}');
    }
    sek_buf_addc(out, ']');
    if (event->ancestors_cut)
        sek_buf_adds(out, ",\"ancestors_cut\":true");
}

static SekStatus render(void *self, const SekFinding *f, const SekSame *same, SekBuf *out) {
    Pen *pen = self;
    SekStatus status;
    sek_buf_adds(out, "{\"timestamp\":\"");
    sek_add_time(out, f->event->time);
    sek_buf_adds(out, "\",");
    if (sek_rule_text(&pen->rules, out, f->rule_index, f->rule, add_rule) != SEK_OK)
        return SEK_ERR_MEMORY;
    sek_buf_addc(out, ',');
    if (f->correlation)
        add_window(out, f->event);
    else if ((status = add_event(pen, out, f->event, same->event)) != SEK_OK)
        return status;
    if ((status = add_matches(pen, out, f, same->rule)) != SEK_OK)
        return status;
    if (f->correlation)
        add_correlation(out, f->correlation);
    if (f->event->process_tree.len) {
        sek_buf_addc(out, ',');
        sek_json_member(out, "process_tree", f->event->process_tree, false);
        if (f->by_lineage || pen->all_fields)
            add_ancestors(out, f->event);
    }
    if (pen->all_fields)
        add_fields(out, f->event);
    sek_buf_adds(out, "}\n");
    return SEK_OK;
}

static SekStatus pen_new(const void *self, void **out) {
    const SekStream *stream = self;
    Pen *pen = malloc(sizeof *pen);
    if (!pen)
        return SEK_ERR_MEMORY;
    pen->all_fields = stream->output.all_fields;
    sek_made_init(&pen->rules, 0);
    sek_made_init(&pen->events, MADE_BYTES);
    sek_made_init(&pen->files, MADE_BYTES);
    sek_made_init(&pen->matches, MADE_BYTES);
    *out = pen;
    return SEK_OK;
}

static void pen_free(void *self) {
    Pen *pen = self;
    sek_made_deinit(&pen->rules);
    sek_made_deinit(&pen->events);
    sek_made_deinit(&pen->files);
    sek_made_deinit(&pen->matches);
    free(pen);
}

static SekStatus write(void *self, SekStr text, SekError *err) {
    return sek_stream_text(self, text, err);
}

static SekStatus end(void *self, const SekRunResult *result, SekError *err) {
    (void)result;
    return sek_stream_end(self, err);
}

SekStatus sek_sink_jsonl(const SekOutput *output, SekSink *out) {
    static const SekRendering rendering = {.pen_new = pen_new, .pen_free = pen_free, .render = render, .write = write};
    SekStream *stream = sek_stream_new(output, sizeof *stream);
    if (!stream)
        return SEK_ERR_MEMORY;
    *out = (SekSink){.self = stream, .rendering = &rendering, .end = end, .free = sek_stream_free,
                     .wants = output->all_fields ? SEK_WANT_FIELDS : 0};
    return SEK_OK;
}
