/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/correlate.h"

#include "engine/taps.h"
#include "engine/window.h"

#include <stdlib.h>

typedef struct Correlate {
    const SekRuleset *rules;
    SekFeed *feed;
    const uint32_t *file_rank;
    SekCorrResults *out;
    uint32_t *heads;  /* one a text: first reference of the group, or UINT32_MAX */
    uint32_t n_heads;
    uint32_t *groups; /* texts that are groups of the current correlation */
    uint32_t n_groups;
    SekPoint *points; /* of the current group */
    uint32_t cap_points;
    uint32_t correlation, group;
} Correlate;

/* --- chaining references by group ----------------------------------------------------------- */

/* Chains the references of one correlation by group and lists its groups. */
static SekStatus chain_groups(Correlate *c) {
    SekFeed *feed = c->feed;
    free(c->heads);
    free(c->groups);
    c->groups = NULL;
    c->n_heads = feed->n_texts;
    c->heads = malloc(((size_t)c->n_heads + 1) * sizeof *c->heads);
    if (!c->heads)
        return SEK_ERR_MEMORY;
    memset(c->heads, 0xff, (size_t)c->n_heads * sizeof *c->heads);
    c->n_groups = 0;
    for (uint32_t i = 0; i < feed->n_refs; i++) {
        SekFeedRef *ref = &feed->refs[i];
        if (ref->correlation != c->correlation)
            continue;
        c->n_groups += c->heads[ref->group] == UINT32_MAX;
        ref->next = c->heads[ref->group];
        c->heads[ref->group] = i;
    }
    c->groups = malloc(((size_t)c->n_groups + 1) * sizeof *c->groups);
    if (!c->groups)
        return SEK_ERR_MEMORY;
    uint32_t n = 0;
    for (uint32_t text = 0; text < c->n_heads; text++)
        if (c->heads[text] != UINT32_MAX)
            c->groups[n++] = text;
    return SEK_OK;
}

typedef struct Named {
    SekStr text;
    uint32_t number;
} Named;

static int by_text(const void *a, const void *b) {
    return sek_str_cmp(((const Named *)a)->text, ((const Named *)b)->text);
}

/* Groups in the order of their text: their numbers depend on which worker saw what first. */
static SekStatus sort_groups(Correlate *c) {
    Named *named = malloc(((size_t)c->n_groups + 1) * sizeof *named);
    if (!named)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < c->n_groups; i++)
        named[i] = (Named){c->feed->texts[c->groups[i]], c->groups[i]};
    qsort(named, c->n_groups, sizeof *named, by_text);
    for (uint32_t i = 0; i < c->n_groups; i++)
        c->groups[i] = named[i].number;
    free(named);
    return SEK_OK;
}

/* --- one group ------------------------------------------------------------------------------ */

typedef struct Sortable {
    SekPoint point;
    uint64_t offset;
    uint32_t rank, rule;
} Sortable;

static int by_time_and_place(const void *a, const void *b) {
    const Sortable *x = a, *y = b;
    if (x->point.time != y->point.time)
        return x->point.time < y->point.time ? -1 : 1;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    return x->point.reference < y->point.reference ? -1 : x->point.reference > y->point.reference;
}

/* True when two points stand for the same record (matched by two of the rules). */
static bool same_record(const Correlate *c, const Sortable *a, const Sortable *b) {
    const SekFeedEvent *x = &c->feed->events[a->point.event], *y = &c->feed->events[b->point.event];
    bool detections = !c->rules->infos[x->rule].correlation && !c->rules->infos[y->rule].correlation;
    return detections && x->file == y->file && x->offset == y->offset && x->time == y->time;
}

static int by_number(const void *a, const void *b) {
    double x = ((const Sortable *)a)->point.number, y = ((const Sortable *)b)->point.number;
    return x < y ? -1 : x > y;
}

/* Texts become ranks 0.. within the group, for counting different ones. */
static void rank_values(Sortable *list, uint32_t n) {
    qsort(list, n, sizeof *list, by_number);
    double rank = 0, before = n ? list[0].point.number : 0;
    for (uint32_t i = 0; i < n; i++) {
        rank += list[i].point.number != before;
        before = list[i].point.number;
        list[i].point.number = rank;
    }
}

/* Fills c->points with the group's references in order. */
static SekStatus gather(Correlate *c, uint32_t head, uint32_t *out_n) {
    bool texts = c->rules->correlations[c->correlation].what->type == SEK_CORR_VALUE_COUNT;
    uint32_t n = 0;
    for (uint32_t i = head; i != UINT32_MAX; i = c->feed->refs[i].next)
        n++;
    Sortable *list = malloc(n * sizeof *list);
    if (n > c->cap_points) {
        SekPoint *grown = realloc(c->points, n * sizeof *grown);
        c->points = grown ? grown : c->points;
        c->cap_points = grown ? n : c->cap_points;
    }
    if (!list || n > c->cap_points) {
        free(list);
        return SEK_ERR_MEMORY;
    }
    uint32_t at = 0;
    for (uint32_t i = head; i != UINT32_MAX; i = c->feed->refs[i].next) {
        const SekFeedRef *ref = &c->feed->refs[i];
        const SekFeedEvent *event = &c->feed->events[ref->event];
        list[at++] = (Sortable){.point = {.time = event->time, .event = ref->event, .reference = ref->reference,
                                          .number = texts ? ref->value.text : ref->value.number},
                                .offset = event->offset, .rank = c->file_rank[event->file], .rule = event->rule};
    }
    if (texts)
        rank_values(list, n);
    qsort(list, n, sizeof *list, by_time_and_place);
    for (uint32_t i = 0; i < n; i++) {
        c->points[i] = list[i].point;
        if (i > 0 && same_record(c, &list[i - 1], &list[i]))
            c->points[i].event = c->points[i - 1].event;
    }
    free(list);
    *out_n = n;
    return SEK_OK;
}

static SekStatus push(SekCorrResults *out, const SekCorrResult *result) {
    if (out->n == out->cap) {
        uint32_t cap = out->cap ? out->cap * 2 : 64;
        SekCorrResult *grown = realloc(out->list, cap * sizeof *grown);
        if (!grown)
            return SEK_ERR_MEMORY;
        out->list = grown;
        out->cap = cap;
    }
    out->list[out->n++] = *result;
    return SEK_OK;
}

/* Group-by values of the outer correlation, taken from those of the inner one that came true. */
static SekStatus outer_group(Correlate *c, const SekCorrelation *outer, uint32_t outer_index, uint32_t reference,
                             uint32_t *out) {
    const SekCorrelation *inner = c->rules->correlations[c->correlation].what;
    sek_group_begin(&c->feed->key, outer_index);
    for (uint32_t i = 0; i < outer->n_group_by; i++) {
        SekStr name = sek_correlation_field(outer, outer->group_by[i], reference), value;
        bool found = false;
        for (uint32_t j = 0; j < inner->n_group_by && !found; j++)
            found = sek_str_eq_nocase(inner->group_by[j], name) &&
                    sek_group_value(c->feed->texts[c->group], j, &value) == SEK_OK;
        sek_group_add(&c->feed->key, found ? &value : NULL);
    }
    return sek_feed_text(c->feed, sek_buf_str(&c->feed->key), out);
}

/* The value that an outer value_* correlation counts: one of the inner one's group-by values. */
static SekStatus outer_value(Correlate *c, const SekCorrelation *outer, SekFeedRef *ref) {
    const SekCorrelation *inner = c->rules->correlations[c->correlation].what;
    if (outer->n_fields == 0)
        return SEK_OK;
    sek_group_begin(&c->feed->key, UINT32_MAX);
    for (uint32_t i = 0; i < outer->n_fields; i++) {
        SekStr value;
        bool found = false;
        for (uint32_t j = 0; j < inner->n_group_by && !found; j++)
            found = sek_str_eq_nocase(inner->group_by[j], outer->fields[i]) &&
                    sek_group_value(c->feed->texts[c->group], j, &value) == SEK_OK;
        if (!found)
            return SEK_NOT_FOUND;
        if (outer->type != SEK_CORR_VALUE_COUNT)
            return sek_feed_number(value, &ref->value.number) ? SEK_OK : SEK_NOT_FOUND;
        sek_group_add(&c->feed->key, &value);
    }
    return sek_feed_text(c->feed, sek_buf_str(&c->feed->key), &ref->value.text);
}

/* Makes what came true an event for the correlations that refer to this one. It stands at the time of
 * its last event. */
static SekStatus feed_outer(Correlate *c, uint32_t last) {
    const SekCorrelationRule *inner = &c->rules->correlations[c->correlation];
    uint32_t number = UINT32_MAX;
    const uint32_t *first = &c->rules->first_reference[inner->rule];
    for (uint32_t i = first[0]; i < first[1]; i++) {
        const SekReference *reference = &c->rules->references[i];
        const SekCorrelation *outer = c->rules->correlations[reference->correlation].what;
        SekFeedRef ref = {.correlation = (uint16_t)reference->correlation, .reference = (uint16_t)reference->number};
        SekStatus status = outer_value(c, outer, &ref);
        if (status == SEK_NOT_FOUND)
            continue;
        SekFeedEvent event = c->feed->events[last];
        event.rule = inner->rule;
        if (status == SEK_OK)
            status = outer_group(c, outer, reference->correlation, reference->number, &ref.group);
        if (status == SEK_OK && number == UINT32_MAX)
            status = sek_feed_event(c->feed, &event, &number);
        ref.event = number;
        if (status == SEK_OK)
            status = sek_feed_ref(c->feed, &ref);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

static SekStatus came_true(void *user, const SekPoint *points, uint32_t n, double value) {
    Correlate *c = user;
    uint32_t count = 0, n_listed = 0;
    for (uint32_t i = 0; i < n; i++)
        count += i == 0 || points[i].event != points[i - 1].event;
    uint32_t room = count < SEK_CORRELATED_LISTED ? count : SEK_CORRELATED_LISTED;
    uint32_t *listed = SEK_ARENA_ARRAY(&c->out->arena, uint32_t, room);
    if (!listed)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < n && n_listed < room; i++)
        if (i == 0 || points[i].event != points[i - 1].event)
            listed[n_listed++] = points[i].event;
    SekCorrResult result = {.correlation = c->correlation, .group = c->group, .count = count, .value = value,
                            .last = points[n - 1].event, .n_listed = n_listed, .listed = listed};
    SekStatus status = push(c->out, &result);
    return status == SEK_OK ? feed_outer(c, result.last) : status;
}

/* --- all of them ---------------------------------------------------------------------------- */

static SekStatus one_correlation(Correlate *c) {
    SekStatus status = chain_groups(c);
    if (status == SEK_OK)
        status = sort_groups(c);
    for (uint32_t g = 0; g < c->n_groups && status == SEK_OK; g++) {
        uint32_t n;
        c->group = c->groups[g];
        status = gather(c, c->heads[c->group], &n);
        if (status == SEK_OK)
            status = sek_windows(c->rules->correlations[c->correlation].what, c->points, n, came_true, c);
    }
    return status;
}

SekStatus sek_correlate(const SekRuleset *rules, SekFeed *feed, const uint32_t *file_rank, SekCorrResults *out) {
    *out = (SekCorrResults){0};
    sek_arena_init(&out->arena, 0);
    Correlate c = {.rules = rules, .feed = feed, .file_rank = file_rank, .out = out};
    SekStatus status = SEK_OK;
    for (; c.correlation < rules->n_correlations && status == SEK_OK; c.correlation++)
        status = one_correlation(&c);
    free(c.heads);
    free(c.groups);
    free(c.points);
    return status;
}

void sek_corr_results_free(SekCorrResults *results) {
    free(results->list);
    sek_arena_deinit(&results->arena);
    *results = (SekCorrResults){0};
}
