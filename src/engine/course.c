/* SPDX-License-Identifier: Apache-2.0 */

/* Courses of events: at least so many of a correlation's rules, in the order of its list (docs/sigma.md,
 * item 44). Steps may be left out, no record is two steps.
 *
 * One pass finds where so many steps first stand within the timespan: for each rule and each length the
 * latest start of a chain of that length that ends with the rule, which is the one that stays in the
 * timespan longest. The window goes from that start as long as the timespan; the longest chain in it is
 * what is told, and the search begins anew behind it. Takes O(points * rules^2), whatever the points. */
#include "engine/window.h"

#include <stdlib.h>

/* A point, and the first of the rules that its record fits: of records of one moment, that one comes first
 * whose rule does. */
typedef struct Step {
    SekPoint point;
    uint32_t lowest;
    uint32_t before; /* the step before it in the longest chain that ends here; UINT32_MAX = it is the first */
} Step;

typedef struct Start {
    uint64_t time;
    bool any;
} Start;

typedef struct Course {
    const SekCorrelation *c;
    uint32_t wanted; /* steps */
    Step *steps;
    uint32_t n;
    Start *latest; /* [rule][length - 1] */
    SekPoint *told; /* the points of a window that is told */
} Course;

/* Within a record the later rule comes first, so that what it extends was there before the record. */
static int by_course(const void *a, const void *b) {
    const Step *x = a, *y = b;
    if (x->point.time != y->point.time)
        return x->point.time < y->point.time ? -1 : 1;
    if (x->lowest != y->lowest)
        return x->lowest < y->lowest ? -1 : 1;
    if (x->point.record != y->point.record)
        return x->point.record < y->point.record ? -1 : 1;
    if (x->point.reference != y->point.reference)
        return x->point.reference > y->point.reference ? -1 : 1;
    return x->point.event < y->point.event ? -1 : x->point.event > y->point.event;
}

/* Points of one record stand together. */
static void list_steps(Course *course, const SekPoint *points, uint32_t n) {
    for (uint32_t first = 0, end; first < n; first = end) {
        uint32_t lowest = UINT32_MAX;
        for (end = first; end < n && points[end].record == points[first].record; end++)
            lowest = points[end].reference < lowest ? points[end].reference : lowest;
        for (uint32_t i = first; i < end; i++)
            course->steps[i] = (Step){.point = points[i], .lowest = lowest};
    }
    course->n = n;
    qsort(course->steps, n, sizeof *course->steps, by_course);
}

/* Takes one more step; true when it is the last of so many as are wanted, and when that chain began. */
static bool arrives(Course *course, const SekPoint *p, uint64_t *began) {
    Start *own = course->latest + (size_t)p->reference * course->wanted;
    own[0] = (Start){p->time, true};
    for (uint32_t length = 1; length < course->wanted; length++)
        for (uint32_t r = 0; r < p->reference; r++) {
            const Start *before = &course->latest[(size_t)r * course->wanted + length - 1];
            if (before->any && p->time - before->time <= course->c->timespan &&
                (!own[length].any || before->time > own[length].time))
                own[length] = *before;
        }
    const Start *whole = &own[course->wanted - 1];
    *began = whole->time;
    return whole->any && p->time - whole->time <= course->c->timespan;
}

/* Marks the longest chain of steps [first, end) as such, all others as beside it; returns its length. */
static uint32_t longest(Course *course, uint32_t first, uint32_t end) {
    uint32_t length[SEK_CORR_MAX_RULES] = {0}, last[SEK_CORR_MAX_RULES], best = 0;
    for (uint32_t i = first; i < end; i++) {
        Step *step = &course->steps[i];
        uint32_t reference = step->point.reference, before = reference;
        for (uint32_t r = 0; r < reference; r++)
            if (length[r] > (before == reference ? 0 : length[before]))
                before = r;
        uint32_t reached = before == reference ? 1 : length[before] + 1;
        step->point.beside = true;
        step->before = before == reference ? UINT32_MAX : last[before];
        if (reached > length[reference]) {
            length[reference] = reached;
            last[reference] = i;
        }
    }
    for (uint32_t r = 1; r < course->c->n_rules; r++)
        if (length[r] > length[best] || (length[r] == length[best] && length[r] && last[r] < last[best]))
            best = r;
    for (uint32_t i = last[best]; i != UINT32_MAX; i = course->steps[i].before)
        course->steps[i].point.beside = false;
    return length[best];
}

static SekStatus search(Course *course, SekWindowFound found, void *user) {
    size_t n_latest = (size_t)course->c->n_rules * course->wanted;
    uint32_t base = 0; /* what stands before it was told */
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < course->n && status == SEK_OK; i++) {
        uint64_t began;
        if (!arrives(course, &course->steps[i].point, &began))
            continue;
        uint32_t first = i, end = i;
        while (first > base && course->steps[first - 1].point.time >= began)
            first--;
        while (end < course->n && course->steps[end].point.time - began <= course->c->timespan)
            end++;
        uint32_t reached = longest(course, first, end);
        for (uint32_t j = first; j < end; j++)
            course->told[j - first] = course->steps[j].point;
        status = found(user, course->told, end - first, reached);
        memset(course->latest, 0, n_latest * sizeof *course->latest);
        base = end;
        i = end - 1;
    }
    return status;
}

SekStatus sek_course(const SekCorrelation *c, const SekPoint *points, uint32_t n, SekWindowFound found, void *user) {
    Course course = {.c = c, .wanted = (uint32_t)c->bounds[0].value};
    course.steps = malloc(((size_t)n + 1) * sizeof *course.steps);
    course.told = malloc(((size_t)n + 1) * sizeof *course.told);
    course.latest = calloc((size_t)c->n_rules * course.wanted + 1, sizeof *course.latest);
    SekStatus status = course.steps && course.told && course.latest ? SEK_OK : SEK_ERR_MEMORY;
    if (status == SEK_OK) {
        list_steps(&course, points, n);
        status = search(&course, found, user);
    }
    free(course.steps);
    free(course.told);
    free(course.latest);
    return status;
}
