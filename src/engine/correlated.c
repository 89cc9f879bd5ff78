/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/correlated.h"

#include "base/timestamp.h"
#include "engine/placed.h"

#define TEXT_MAX (1u << 20)

static SekStatus keep(SekArena *arena, SekStr text, SekStr *out) {
    *out = sek_arena_dup(arena, text);
    return out->ptr ? SEK_OK : SEK_ERR_MEMORY;
}

static SekStatus add_text(SekArena *arena, SekPair *pairs, uint32_t *n, const char *field, SekBuf *text) {
    pairs[*n].field = sek_str(field);
    return keep(arena, sek_buf_str(text), &pairs[(*n)++].value);
}

/* "Proxy Execution: 20 events, the first at 2020-12-22T00:52:39.2545560Z"; of an order the step that counts:
 * "Proxy Execution: at 2020-12-22T00:52:39.2545560Z, of 20 events". */
static void describe_stage(const SekCorrelatedInput *in, const SekCorrResult *r, uint32_t i, SekBuf *out) {
    uint32_t target = in->rules->correlations[r->correlation].targets[i];
    char time[SEK_TIME_TEXT];
    sek_buf_clear(out);
    if (target != UINT32_MAX)
        sek_buf_add_str(out, in->rules->infos[target].title);
    if (r->seen[i] == 0)
        return;
    bool ordered = in->rules->correlations[r->correlation].what->type == SEK_CORR_TEMPORAL_ORDERED;
    const char *more = r->seen[i] == 1 ? "" : "s";
    if (r->first[i] == SEK_FEED_NONE) {
        sek_buf_addf(out, ": %u event%s", r->seen[i], more);
        return;
    }
    size_t n = sek_time_format(in->feed->events[r->first[i]].time, time);
    if (!ordered)
        sek_buf_addf(out, ": %u event%s, the first at %.*s", r->seen[i], more, (int)n, time);
    else if (r->seen[i] == 1)
        sek_buf_addf(out, ": at %.*s", (int)n, time);
    else
        sek_buf_addf(out, ": at %.*s, of %u events", (int)n, time, r->seen[i]);
}

typedef enum { STAGE, OUT_OF_ORDER, NOT_SEEN, N_STAGE_WORDS } StageWord;

static StageWord word_of(const SekCorrResult *r, uint32_t i) {
    return r->seen[i] == 0 ? NOT_SEEN : r->first[i] == SEK_FEED_NONE ? OUT_OF_ORDER : STAGE;
}

/* A temporal correlation that asks for so many of its rules, or for an order, says which they were, and which
 * were not. */
static SekStatus add_stages(const SekCorrelatedInput *in, const SekCorrResult *r, SekArena *arena, SekPair *pairs,
                            uint32_t *n) {
    const SekCorrelation *c = in->rules->correlations[r->correlation].what;
    uint32_t present = 0;
    SekBuf text;
    sek_buf_init(&text, TEXT_MAX);
    for (uint32_t i = 0; i < c->n_rules; i++)
        present += word_of(r, i) == STAGE;
    sek_buf_addf(&text, "%u of %u", present, c->n_rules);
    SekStatus status = add_text(arena, pairs, n, "stages", &text);
    static const char *const words[N_STAGE_WORDS] = {"stage", "out of order", "not seen"};
    for (StageWord word = STAGE; word < N_STAGE_WORDS; word++)
        for (uint32_t i = 0; i < c->n_rules && status == SEK_OK; i++) {
            if (word_of(r, i) != word)
                continue;
            describe_stage(in, r, i, &text);
            status = add_text(arena, pairs, n, words[word], &text);
        }
    sek_buf_deinit(&text);
    return status;
}

/* Group-by names and values, and behind them the count: what a table shows. */
static SekStatus fill_group(const SekCorrelatedInput *in, const SekCorrResult *r, SekArena *arena,
                            SekCorrelationInfo *info, SekHitRule *hit) {
    const SekCorrelation *c = in->rules->correlations[r->correlation].what;
    SekPair *pairs = SEK_ARENA_ARRAY(arena, SekPair, (size_t)c->n_group_by + c->n_rules + 2);
    if (!pairs)
        return SEK_ERR_MEMORY;
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n_group_by; i++) {
        SekStr value;
        if (sek_group_value(sek_texts_get(&in->feed->group_texts, r->group), i, &value) != SEK_OK)
            continue;
        pairs[n].field = c->group_by[i];
        if (keep(arena, value, &pairs[n++].value) != SEK_OK)
            return SEK_ERR_MEMORY;
    }
    info->group = pairs;
    info->n_group = n;
    SekBuf count;
    sek_buf_init(&count, 64);
    sek_buf_addf(&count, "%ju", (uintmax_t)r->count);
    SekStatus status = add_text(arena, pairs, &n, "count", &count);
    sek_buf_deinit(&count);
    if (status == SEK_OK && r->seen && (c->n_bounds || c->type == SEK_CORR_TEMPORAL_ORDERED))
        status = add_stages(in, r, arena, pairs, &n);
    hit->matched = pairs;
    hit->n_matched = n;
    return status;
}

static SekStatus fill_events(const SekCorrelatedInput *in, const SekCorrResult *r, SekArena *arena,
                             SekCorrelationInfo *info) {
    SekCorrelatedEvent *events = SEK_ARENA_ARRAY(arena, SekCorrelatedEvent, r->n_listed);
    if (!events)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < r->n_listed; i++) {
        const SekFeedEvent *e = &in->feed->events[r->listed[i]];
        events[i] = (SekCorrelatedEvent){.time = e->time, .record_id = e->record_id,
                                         .file = in->ledger->files[e->file]->path,
                                         .rule = &in->rules->infos[e->rule]};
    }
    info->events = events;
    info->n_events = r->n_listed;
    return SEK_OK;
}

/* The fields of the window, for reports that show events: the group, and each event in a line. */
static SekStatus fill_fields(SekArena *arena, const SekHitRule *rule, SekFindingEvent *event) {
    const SekCorrelationInfo *info = rule->correlation;
    SekPair *fields = SEK_ARENA_ARRAY(arena, SekPair, rule->n_matched + info->n_events);
    if (!fields)
        return SEK_ERR_MEMORY;
    memcpy(fields, rule->matched, rule->n_matched * sizeof *fields);
    size_t n = rule->n_matched;
    SekStatus status = SEK_OK;
    SekBuf line;
    sek_buf_init(&line, TEXT_MAX);
    for (size_t i = 0; i < info->n_events && status == SEK_OK; i++) {
        const SekCorrelatedEvent *e = &info->events[i];
        char time[SEK_TIME_TEXT];
        sek_buf_clear(&line);
        sek_buf_add(&line, time, sek_time_format(e->time, time));
        sek_buf_addf(&line, "  %.*s  %.*s #%ju", SEK_STR_ARG(e->rule->title), SEK_STR_ARG(e->file),
                     (uintmax_t)e->record_id);
        fields[n].field = SEK_STR("event");
        status = keep(arena, sek_buf_str(&line), &fields[n++].value);
    }
    sek_buf_deinit(&line);
    event->fields = fields;
    event->n_fields = n;
    return status;
}

static SekStatus make_hit(const SekCorrelatedInput *in, const SekCorrResult *r, SekArena *arena, SekHit *out) {
    SekHit hit = {.n_rules = 1};
    SekHitRule *rule = SEK_ARENA_NEW(arena, SekHitRule);
    SekCorrelationInfo *info = SEK_ARENA_NEW(arena, SekCorrelationInfo);
    if (!rule || !info)
        return SEK_ERR_MEMORY;
    const SekFeedEvent *last = &in->feed->events[r->last];
    const SekCorrelationRule *correlation = &in->rules->correlations[r->correlation];
    *info = (SekCorrelationInfo){.type = sek_correlation_type_name(correlation->what->type), .count = r->count,
                                 .value = r->value};
    rule->rule = correlation->rule;
    rule->correlation = info;
    hit.key = (SekHitKey){.time = last->time, .offset = last->offset, .file = last->file};
    hit.rules = rule;
    hit.event.computer = sek_placed_computer(in->feed, last);
    SekStatus status = fill_group(in, r, arena, info, rule);
    if (status == SEK_OK)
        status = fill_events(in, r, arena, info);
    if (status == SEK_OK && in->fields)
        status = fill_fields(arena, rule, &hit.event);
    *out = hit;
    return status;
}

typedef struct Hitting {
    const SekCorrelatedInput *in;
    SekHits *hits;
    SekArena arena; /* of one hit */
    uint32_t n;
} Hitting;

static SekStatus add_hit(void *user, const SekCorrResult *result) {
    Hitting *h = user;
    uint32_t rule = h->in->rules->correlations[result->correlation].rule;
    SekHit hit;
    h->n++;
    if (h->in->rules->silent[rule] || h->in->rules->infos[rule].level < h->in->min_level)
        return SEK_OK;
    sek_arena_reset(&h->arena);
    SekStatus status = make_hit(h->in, result, &h->arena, &hit);
    hit.key.order = h->n;
    return status == SEK_OK ? sek_hits_push(h->hits, h->in->rules, &hit) : status;
}

SekStatus sek_correlated_hits(const SekCorrelatedInput *in, SekHits *hits) {
    Hitting h = {.in = in, .hits = hits};
    sek_arena_init(&h.arena, 0);
    SekStatus status = sek_correlate(in->rules, in->feed, in->rank, (SekCorrListener){add_hit, &h});
    sek_arena_deinit(&h.arena);
    return status;
}
