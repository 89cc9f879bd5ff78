/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/correlate.h"

#include "engine/placed.h"
#include "engine/taps.h"
#include "engine/window.h"

#include <stdlib.h>

typedef struct Correlate {
    const SekRuleset *rules;
    SekFeed *feed;
    const uint32_t *file_rank;
    SekCorrListener listener;
    uint32_t *first_group; /* one a correlation; the others follow by SekFeedGroup.next */
    uint32_t n_listed;     /* groups that are in these lists */
    SekPoint *points;      /* of the current group, and scratch to sort them */
    SekPlaced *placed;
    uint32_t cap_points;
    uint32_t correlation, group;
} Correlate;

/* --- groups of a correlation ---------------------------------------------------------------- */

/* Puts groups that came since into the list of their correlation. Those of a correlation are all there when
 * its turn comes: what comes true only makes groups of outer ones. */
static void list_groups(Correlate *c) {
    for (; c->n_listed < c->feed->n_groups; c->n_listed++) {
        SekFeedGroup *group = &c->feed->groups[c->n_listed];
        group->next = c->first_group[group->correlation];
        c->first_group[group->correlation] = c->n_listed;
    }
}

typedef struct Named {
    SekStr text;
    uint32_t number;
} Named;

static int by_text(const void *a, const void *b) {
    return sek_str_cmp(((const Named *)a)->text, ((const Named *)b)->text);
}

/* Groups in the order of their text: their numbers depend on which worker saw what first. */
static SekStatus sorted_groups(const Correlate *c, Named **out, uint32_t *out_n) {
    uint32_t n = 0;
    for (uint32_t g = c->first_group[c->correlation]; g != SEK_FEED_NONE; g = c->feed->groups[g].next)
        n++;
    Named *named = malloc(((size_t)n + 1) * sizeof *named);
    if (!named)
        return SEK_ERR_MEMORY;
    *out_n = n;
    for (uint32_t g = c->first_group[c->correlation]; g != SEK_FEED_NONE; g = c->feed->groups[g].next)
        named[--n] = (Named){sek_texts_get(&c->feed->group_texts, g), g};
    qsort(named, *out_n, sizeof *named, by_text);
    *out = named;
    return SEK_OK;
}

/* --- one group ------------------------------------------------------------------------------ */

static int by_number(const void *a, const void *b) {
    double x = ((const SekPlaced *)a)->point.number, y = ((const SekPlaced *)b)->point.number;
    return x < y ? -1 : x > y;
}

/* Texts become ranks 0.. within the group, for counting different ones. */
static void rank_values(SekPlaced *list, uint32_t n) {
    qsort(list, n, sizeof *list, by_number);
    double rank = 0, before = n ? list[0].point.number : 0;
    for (uint32_t i = 0; i < n; i++) {
        rank += list[i].point.number != before;
        before = list[i].point.number;
        list[i].point.number = rank;
    }
}

static SekStatus make_room(Correlate *c, uint32_t n) {
    if (n <= c->cap_points)
        return SEK_OK;
    free(c->points);
    free(c->placed);
    c->cap_points = 0;
    uint32_t cap = n < UINT32_MAX / 2 ? n + n / 2 : n;
    c->points = malloc(cap * sizeof *c->points);
    c->placed = malloc(cap * sizeof *c->placed);
    if (!c->points || !c->placed)
        return SEK_ERR_MEMORY;
    c->cap_points = cap;
    return SEK_OK;
}

/* The number by which windows measure a reference. */
static double number_of(const Correlate *c, const SekCorrelation *what, const SekFeedRef *ref) {
    if (what->type == SEK_CORR_VALUE_COUNT)
        return ref->value;
    return what->n_fields ? c->feed->reals[ref->value] : 0;
}

/* Lists the group's references in c->placed. */
static uint32_t list_refs(Correlate *c) {
    const SekCorrelation *what = c->rules->correlations[c->correlation].what;
    uint32_t n = 0;
    for (uint32_t i = c->feed->groups[c->group].first; i != SEK_FEED_NONE; i = c->feed->refs[i].next) {
        const SekFeedRef *ref = &c->feed->refs[i];
        const SekFeedEvent *event = &c->feed->events[ref->event];
        c->placed[n++] = (SekPlaced){.point = {.time = event->time, .event = ref->event,
                                               .reference = (uint16_t)ref->reference,
                                               .number = number_of(c, what, ref)},
                                     .offset = event->offset, .rank = c->file_rank[event->file], .rule = event->rule};
    }
    return n;
}

/* Fills c->points with the group's references in order. */
static SekStatus gather(Correlate *c, uint32_t *out_n) {
    if (make_room(c, c->feed->groups[c->group].n_refs) != SEK_OK)
        return SEK_ERR_MEMORY;
    uint32_t n = list_refs(c);
    SekPlaced *list = c->placed;
    /* Nothing is there when all that was fed into it waited for lineage, which denied it. */
    if (n && c->rules->correlations[c->correlation].what->type == SEK_CORR_VALUE_COUNT)
        rank_values(list, n);
    n = *out_n = sek_placed_sort(c->rules, c->feed, list, n);
    for (uint32_t i = 0; i < n; i++) {
        c->points[i] = list[i].point;
        c->points[i].record = i;
        if (i == 0 || !sek_placed_same_record(&list[i - 1], &list[i]))
            continue;
        c->points[i].record = c->points[i - 1].record;
        if (sek_placed_both_detections(c->rules, &list[i - 1], &list[i]))
            c->points[i].event = c->points[i - 1].event;
    }
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
                    sek_group_value(sek_texts_get(&c->feed->group_texts, c->group), j, &value) == SEK_OK;
        sek_group_add(&c->feed->key, found ? &value : NULL);
    }
    return sek_feed_group(c->feed, outer_index, out);
}

static SekStatus outer_number(Correlate *c, SekStr text, SekFeedRef *ref) {
    double number;
    return sek_feed_number(text, &number) ? sek_feed_real(c->feed, number, &ref->value) : SEK_NOT_FOUND;
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
                    sek_group_value(sek_texts_get(&c->feed->group_texts, c->group), j, &value) == SEK_OK;
        if (!found)
            return SEK_NOT_FOUND;
        if (outer->type != SEK_CORR_VALUE_COUNT)
            return outer_number(c, value, ref);
        sek_group_add(&c->feed->key, &value);
    }
    return sek_feed_text(c->feed, sek_buf_str(&c->feed->key), &ref->value);
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
        SekFeedRef ref = {.reference = reference->number};
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

/* What a window is said to hold: how many events, some of them, and for each rule of a temporal
 * correlation how many and which was the first. One that happens all the time must not push the others
 * out of the list, so each rule of those has its share. */
typedef struct Inventory {
    uint32_t count, n_listed, last;
    uint32_t listed[SEK_CORRELATED_LISTED];
    uint32_t seen[SEK_CORR_MAX_RULES], first[SEK_CORR_MAX_RULES];
} Inventory;

static bool is_temporal(const SekCorrelation *c) {
    return c->type == SEK_CORR_TEMPORAL || c->type == SEK_CORR_TEMPORAL_ORDERED;
}

static void take_inventory(const SekCorrelation *c, const SekPoint *points, uint32_t n, Inventory *out) {
    bool shared = c->type == SEK_CORR_TEMPORAL; /* the steps of an order are one a rule */
    uint32_t share = shared ? SEK_CORRELATED_LISTED / c->n_rules : UINT32_MAX;
    *out = (Inventory){0};
    for (uint32_t i = 0; i < n; i++) {
        const SekPoint *p = &points[i];
        bool repeat = i > 0 && p->event == points[i - 1].event && !points[i - 1].beside;
        if (out->seen[p->reference]++ == 0)
            out->first[p->reference] = SEK_FEED_NONE;
        if (p->beside)
            continue;
        if (out->first[p->reference] == SEK_FEED_NONE)
            out->first[p->reference] = p->event;
        out->last = p->event;
        out->count += !repeat;
        bool listed = out->n_listed && out->listed[out->n_listed - 1] == p->event;
        if (!listed && out->n_listed < SEK_CORRELATED_LISTED && out->seen[p->reference] <= share)
            out->listed[out->n_listed++] = p->event;
    }
}

static SekStatus came_true(void *user, const SekPoint *points, uint32_t n, double value) {
    Correlate *c = user;
    const SekCorrelation *what = c->rules->correlations[c->correlation].what;
    Inventory inventory;
    take_inventory(what, points, n, &inventory);
    SekCorrResult result = {.correlation = c->correlation, .group = c->group, .count = inventory.count,
                            .value = value, .last = inventory.last, .n_listed = inventory.n_listed,
                            .listed = inventory.listed};
    if (is_temporal(what)) {
        result.seen = inventory.seen;
        result.first = inventory.first;
    }
    SekStatus status = c->listener.found(c->listener.user, &result);
    return status == SEK_OK ? feed_outer(c, result.last) : status;
}

/* --- all of them ---------------------------------------------------------------------------- */

/* A course of events within a process tree needs one: what belongs to no known tree is not one tree together. */
static bool lacks_tree(const Correlate *c) {
    const SekCorrelation *what = c->rules->correlations[c->correlation].what;
    SekStr value;
    for (uint32_t i = 0; is_temporal(what) && i < what->n_group_by; i++)
        if (sek_ancestry_field(sek_correlation_field(what, what->group_by[i], 0)) == SEK_ANCESTRY_TREE &&
            sek_group_value(sek_texts_get(&c->feed->group_texts, c->group), i, &value) != SEK_OK)
            return true;
    return false;
}

static SekStatus one_correlation(Correlate *c) {
    Named *groups;
    uint32_t n_groups;
    list_groups(c);
    SekStatus status = sorted_groups(c, &groups, &n_groups);
    if (status != SEK_OK)
        return status;
    for (uint32_t g = 0; g < n_groups && status == SEK_OK; g++) {
        uint32_t n;
        c->group = groups[g].number;
        if (lacks_tree(c))
            continue;
        status = gather(c, &n);
        if (status == SEK_OK && n > 0) /* a group may have lost all when it was settled */
            status = sek_windows(c->rules->correlations[c->correlation].what, c->points, n, came_true, c);
    }
    free(groups);
    return status;
}

SekStatus sek_correlate(const SekRuleset *rules, SekFeed *feed, const uint32_t *file_rank,
                        SekCorrListener listener) {
    Correlate c = {.rules = rules, .feed = feed, .file_rank = file_rank, .listener = listener};
    c.first_group = malloc(((size_t)rules->n_correlations + 1) * sizeof *c.first_group);
    SekStatus status = c.first_group ? SEK_OK : SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < rules->n_correlations && status == SEK_OK; i++)
        c.first_group[i] = SEK_FEED_NONE;
    for (; c.correlation < rules->n_correlations && status == SEK_OK; c.correlation++)
        status = one_correlation(&c);
    if (status == SEK_OK)
        status = sek_placed_count_copies(feed);
    free(c.first_group);
    free(c.points);
    free(c.placed);
    return status;
}
