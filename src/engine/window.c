/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/window.h"

#include <math.h>
#include <stdlib.h>

/* What a window holds, kept up to date as points enter and leave. */
typedef struct State {
    const SekCorrelation *c;
    const SekPoint *points;
    uint32_t n_points;
    uint32_t events;      /* different ones */
    uint32_t records;     /* different ones that they stand for */
    double sum;
    uint32_t distinct;
    uint32_t *counts;     /* value_count: how often each rank is in the window */
    uint32_t references[SEK_CORR_MAX_RULES];
    uint32_t present;     /* references that are in the window */
    double *sorted;       /* percentile, median: the group's different numbers */
    uint32_t n_sorted;
    uint32_t *tree;       /* Fenwick tree: how many of each are in the window */
} State;

static bool needs_order(const SekCorrelation *c) {
    return c->type == SEK_CORR_VALUE_PERCENTILE || c->type == SEK_CORR_VALUE_MEDIAN;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static SekStatus state_init(State *s, const SekCorrelation *c, const SekPoint *points, uint32_t n) {
    *s = (State){.c = c, .points = points, .n_points = n};
    if (c->type == SEK_CORR_VALUE_COUNT) {
        s->counts = calloc(n + 1, sizeof *s->counts);
        return s->counts ? SEK_OK : SEK_ERR_MEMORY;
    }
    if (!needs_order(c))
        return SEK_OK;
    s->sorted = malloc((n + 1) * sizeof *s->sorted);
    s->tree = calloc(n + 2, sizeof *s->tree);
    if (!s->sorted || !s->tree)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < n; i++)
        s->sorted[i] = points[i].number;
    qsort(s->sorted, n, sizeof *s->sorted, by_value);
    for (uint32_t i = 0; i < n; i++)
        if (s->n_sorted == 0 || s->sorted[i] != s->sorted[s->n_sorted - 1])
            s->sorted[s->n_sorted++] = s->sorted[i];
    return SEK_OK;
}

static void state_free(State *s) {
    free(s->counts);
    free(s->sorted);
    free(s->tree);
}

static void tree_add(State *s, double value, int delta) {
    const double *at = bsearch(&value, s->sorted, s->n_sorted, sizeof *s->sorted, by_value);
    for (uint32_t i = (uint32_t)(at - s->sorted) + 1; i <= s->n_sorted; i += i & (0u - i))
        s->tree[i] += (uint32_t)delta;
}

/* The k-th smallest number in the window, from 0. */
static double tree_at(const State *s, uint32_t k) {
    uint32_t at = 0, step = 1;
    while (step * 2 <= s->n_sorted)
        step *= 2;
    for (; step; step /= 2)
        if (at + step <= s->n_sorted && s->tree[at + step] <= k) {
            at += step;
            k -= s->tree[at];
        }
    return s->sorted[at];
}

/* One event that two of the referenced rules matched stands twice in a row and counts once, but for
 * temporal correlations, which count rules. */
static bool is_repeat(const State *s, uint32_t i) {
    return i > 0 && s->points[i].event == s->points[i - 1].event;
}

/* What came true of inner correlations is an event each, though one record may be behind several. */
static bool is_same_record(const State *s, uint32_t i) {
    return i > 0 && s->points[i].record == s->points[i - 1].record;
}

static void shift(State *s, uint32_t i, int delta) {
    const SekPoint *p = &s->points[i];
    uint32_t *reference = &s->references[p->reference];
    if (delta > 0 ? (*reference)++ == 0 : --*reference == 0)
        s->present += (uint32_t)delta;
    if (!is_same_record(s, i))
        s->records += (uint32_t)delta;
    if (is_repeat(s, i))
        return;
    s->events += (uint32_t)delta;
    if (s->counts) {
        uint32_t *count = &s->counts[(uint32_t)p->number];
        if (delta > 0 ? (*count)++ == 0 : --*count == 0)
            s->distinct += (uint32_t)delta;
    }
    if (s->tree)
        tree_add(s, p->number, delta);
    else if (!s->counts)
        s->sum += delta * p->number;
}

/* Linear interpolation between the closest ranks. */
static double percentile(const State *s, double percent) {
    double rank = percent / 100 * (double)(s->events - 1);
    uint32_t low = (uint32_t)floor(rank);
    double fraction = rank - floor(rank), value = tree_at(s, low);
    return fraction > 0 && low + 1 < s->events ? value + fraction * (tree_at(s, low + 1) - value) : value;
}

static double measure(const State *s) {
    switch (s->c->type) {
    case SEK_CORR_EVENT_COUNT:
        return s->events;
    case SEK_CORR_VALUE_COUNT:
        return s->distinct;
    case SEK_CORR_VALUE_SUM:
        return s->sum;
    case SEK_CORR_VALUE_AVG:
        return s->events ? s->sum / s->events : NAN;
    case SEK_CORR_VALUE_PERCENTILE:
        return s->events ? percentile(s, s->c->percentile) : NAN;
    case SEK_CORR_VALUE_MEDIAN:
        return s->events ? percentile(s, 50) : NAN;
    default:
        return s->present;
    }
}

static bool bound_holds(const SekCorrBound *b, double value) {
    bool good = b->op == SEK_OP_EQ    ? value == b->value
                : b->op == SEK_OP_GT  ? value > b->value
                : b->op == SEK_OP_GTE ? value >= b->value
                : b->op == SEK_OP_LT  ? value < b->value
                                      : value <= b->value;
    return good != b->negate;
}

static bool is_at_least(const SekCorrBound *b) {
    return (b->op == SEK_OP_GT || b->op == SEK_OP_GTE) && !b->negate;
}

static bool expr_holds(const State *s, const SekCorrExpr *e) {
    switch (e->kind) {
    case SEK_EXPR_ITEM:
        return s->references[e->rule] > 0;
    case SEK_EXPR_NOT:
        return !expr_holds(s, e->kids[0]);
    case SEK_EXPR_AND:
        for (uint32_t i = 0; i < e->n_kids; i++)
            if (!expr_holds(s, e->kids[i]))
                return false;
        return true;
    case SEK_EXPR_OR:
        for (uint32_t i = 0; i < e->n_kids; i++)
            if (expr_holds(s, e->kids[i]))
                return true;
        return false;
    }
    return false;
}

static bool is_temporal(const SekCorrelation *c) {
    return c->type == SEK_CORR_TEMPORAL || c->type == SEK_CORR_TEMPORAL_ORDERED;
}

/* "At least n of the rules" of a temporal correlation asks for n different records too: one record that
 * fits them all is one thing that happened, not a course of events. */
static bool condition_holds(const State *s, double *out_value) {
    double value = *out_value = measure(s);
    double least = is_temporal(s->c) && value > s->records ? s->records : value;
    if (s->c->expr)
        return expr_holds(s, s->c->expr);
    if (s->c->n_bounds == 0)
        return s->present == s->c->n_rules;
    if (isnan(value)) /* nothing to measure is no answer */
        return false;
    for (uint32_t i = 0; i < s->c->n_bounds; i++)
        if (!bound_holds(&s->c->bounds[i], is_at_least(&s->c->bounds[i]) ? least : value))
            return false;
    return true;
}

static bool has_not(const SekCorrExpr *e) {
    if (e->kind == SEK_EXPR_NOT)
        return true;
    for (uint32_t i = 0; i < e->n_kids; i++)
        if (has_not(e->kids[i]))
            return true;
    return false;
}

static bool judged_on_arrival(const SekCorrelation *c) {
    if (c->expr)
        return !has_not(c->expr);
    for (uint32_t i = 0; i < c->n_bounds; i++)
        if (!is_at_least(&c->bounds[i]))
            return false;
    return true;
}

static SekStatus on_arrival(State *s, SekWindowFound found, void *user) {
    uint32_t left = 0;
    for (uint32_t i = 0; i < s->n_points; i++) {
        while (left < i && s->points[i].time - s->points[left].time > s->c->timespan)
            shift(s, left++, -1);
        shift(s, i, 1);
        double value;
        /* Points of one moment come together: `a` and `b` at the same time are both there. */
        bool last = i + 1 == s->n_points || (is_temporal(s->c) ? !is_same_record(s, i + 1) : !is_repeat(s, i + 1));
        if (!last || !condition_holds(s, &value))
            continue;
        SekStatus status = found(user, s->points + left, i - left + 1, value);
        if (status != SEK_OK)
            return status;
        while (left <= i)
            shift(s, left++, -1);
        s->sum = 0; /* no rounding error is carried on */
    }
    return SEK_OK;
}

/* The first point of the next event: one event's points enter and leave together. */
static uint32_t after_event(const State *s, uint32_t i) {
    uint32_t next = i + 1;
    while (next < s->n_points && s->points[next].event == s->points[i].event)
        next++;
    return next;
}

/* A condition that more events can undo is asked of windows that are as full as can be: from one event as
 * long as the timespan, and not a part of the window that began an event earlier. So a stray event before a
 * burst does not hide it, and the end of a burst is not taken for a small one. */
static SekStatus on_close(State *s, SekWindowFound found, void *user) {
    uint32_t start = 0, end = 0, judged = 0; /* `judged`: end of the last window that was asked */
    while (start < s->n_points) {
        for (; end < s->n_points && s->points[end].time - s->points[start].time <= s->c->timespan; end++)
            shift(s, end, 1);
        double value;
        bool holds = end > judged && condition_holds(s, &value);
        judged = end;
        if (holds) {
            SekStatus status = found(user, s->points + start, end - start, value);
            if (status != SEK_OK)
                return status;
        }
        /* What was reported is not asked again; else the window slides by one event. */
        for (uint32_t until = holds ? end : after_event(s, start); start < until; start++)
            shift(s, start, -1);
        if (start == end)
            s->sum = 0; /* no rounding error is carried on */
    }
    return SEK_OK;
}

/* --- temporal_ordered ---------------------------------------------------------------------- */

/* The best chain of a length: the one that started last, because it stays in the window longest. `spare` is
 * the best that ends in another record, for the record that ends `best` may be the next step of it. */
typedef struct Chain {
    bool any;
    SekPoint points[SEK_CORR_MAX_RULES];
} Chain;

typedef struct Length {
    Chain best, spare;
} Length;

static bool extends(const SekCorrelation *c, const Chain *chain, uint32_t length, const SekPoint *p) {
    if (!chain->any || p->time - chain->points[0].time > c->timespan)
        return false;
    for (uint32_t i = 0; i < length; i++)
        if (chain->points[i].record == p->record)
            return false;
    return true;
}

/* Numbers of records follow the place; those of events also depend on which worker read them. */
static int by_moment_and_reference(const void *a, const void *b) {
    const SekPoint *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->reference != y->reference)
        return x->reference < y->reference ? -1 : 1;
    if (x->record != y->record)
        return x->record < y->record ? -1 : 1;
    return x->event < y->event ? -1 : x->event > y->event;
}

static void copy_chain(Chain *to, const Chain *from, uint32_t length) {
    memcpy(to->points, from->points, length * sizeof *from->points);
    to->any = from->any;
}

static SekStatus step_chains(const SekCorrelation *c, Length *lengths, const SekPoint *p, SekWindowFound found,
                             void *user) {
    uint32_t r = p->reference;
    const Chain *before = NULL;
    if (r) {
        before = &lengths[r - 1].best;
        if (!extends(c, before, r, p))
            before = &lengths[r - 1].spare;
        if (!extends(c, before, r, p))
            return SEK_OK;
    }
    Chain *now = &lengths[r].best;
    /* A chain that started no earlier than the one we have is at least as good. */
    uint64_t start = r ? before->points[0].time : p->time;
    if (now->any && now->points[0].time > start)
        return SEK_OK;
    if (now->any && now->points[r].record != p->record)
        copy_chain(&lengths[r].spare, now, r + 1);
    if (r)
        copy_chain(now, before, r);
    now->points[r] = *p;
    now->any = true;
    if (r + 1 < c->n_rules)
        return SEK_OK;
    SekStatus status = found(user, now->points, c->n_rules, c->n_rules);
    for (uint32_t i = 0; i < c->n_rules; i++)
        lengths[i].best.any = lengths[i].spare.any = false;
    return status;
}

static SekStatus ordered(const SekCorrelation *c, const SekPoint *points, uint32_t n, SekWindowFound found,
                         void *user) {
    SekPoint *sorted = malloc((n + 1) * sizeof *sorted);
    Length *lengths = calloc(c->n_rules, sizeof *lengths);
    SekStatus status = sorted && lengths ? SEK_OK : SEK_ERR_MEMORY;
    if (status == SEK_OK) {
        memcpy(sorted, points, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, by_moment_and_reference); /* equal times count as in order */
    }
    for (uint32_t i = 0; i < n && status == SEK_OK; i++)
        status = step_chains(c, lengths, &sorted[i], found, user);
    free(sorted);
    free(lengths);
    return status;
}

SekStatus sek_windows(const SekCorrelation *c, const SekPoint *points, uint32_t n, SekWindowFound found,
                      void *user) {
    if (c->type == SEK_CORR_TEMPORAL_ORDERED)
        return c->n_bounds ? sek_course(c, points, n, found, user) : ordered(c, points, n, found, user);
    State state;
    SekStatus status = state_init(&state, c, points, n);
    if (status == SEK_OK)
        status = judged_on_arrival(c) ? on_arrival(&state, found, user) : on_close(&state, found, user);
    state_free(&state);
    return status;
}
