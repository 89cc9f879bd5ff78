/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/timeline.h"

#include "base/timestamp.h"
#include "conformance/vector_event.h"
#include "engine/correlated.h"
#include "engine/placed.h"
#include "engine/scanner.h"

#include <math.h>
#include <stdlib.h>

#define MAX_FOUND 256u

typedef struct Found {
    SekStr rule;
    uint64_t time;
    double value; /* NAN for a detection */
    const SekCorrelation *what; /* NULL for a detection */
    uint32_t group;             /* of the feed */
    bool expected;
} Found;

typedef struct Timeline {
    const SekRuleset *rules;
    SekScanner *scanner;
    SekFeed feed;
    _Atomic uint64_t budget;
    Found found[MAX_FOUND];
    uint32_t n_found;
} Timeline;

static SekStatus add(Timeline *t, Found found) {
    if (t->n_found == MAX_FOUND)
        return SEK_ERR_LIMIT;
    t->found[t->n_found++] = found;
    return SEK_OK;
}

/* --- events --------------------------------------------------------------------------------- */

static SekStatus feed(Timeline *t, const SekEvent *event, uint32_t variant) {
    SekFeedEvent fed = {.time = event->time, .record_id = event->record_id, .offset = event->offset,
                        .rule = t->rules->variants[variant].rule};
    SekStatus status = sek_placed_source(&t->feed, event, &fed);
    return status == SEK_OK ? sek_scanner_feed(t->scanner, variant, &t->feed, &fed) : status;
}

static SekStatus scan(Timeline *t, const SekEvent *event) {
    const uint32_t *variants;
    uint32_t n;
    SekStatus status = sek_scanner_match(t->scanner, event, &variants, &n);
    for (uint32_t i = 0; i < n && status == SEK_OK; i++) {
        const SekVariant *variant = &t->rules->variants[variants[i]];
        if (!t->rules->silent[variant->rule])
            status = add(t, (Found){.rule = t->rules->infos[variant->rule].title, .time = event->time, .value = (double)NAN});
        if (status == SEK_OK && variant->n_taps)
            status = feed(t, event, variants[i]);
    }
    return status;
}

static SekStatus scan_all(Timeline *t, yyjson_val *events) {
    size_t index, max;
    yyjson_val *entry;
    SekArena arena;
    sek_arena_init(&arena, 0);
    SekStatus status = SEK_OK;
    yyjson_arr_foreach(events, index, max, entry) {
        SekEvent event;
        yyjson_val *object = yyjson_obj_get(entry, "event");
        const char *time = yyjson_get_str(yyjson_obj_get(object, "TimeCreated_SystemTime"));
        if (status == SEK_OK)
            status = sek_vector_event(object, &arena, &event);
        if (status == SEK_OK)
            status = sek_time_parse(sek_str(time ? time : ""), &event.time, NULL);
        event.record_id = event.offset = index + 1;
        if (status == SEK_OK)
            status = scan(t, &event);
        sek_arena_reset(&arena);
    }
    sek_arena_deinit(&arena);
    return status;
}

static SekStatus came_true(void *user, const SekCorrResult *r) {
    Timeline *t = user;
    const SekCorrelationRule *c = &t->rules->correlations[r->correlation];
    if (t->rules->silent[c->rule])
        return SEK_OK;
    return add(t, (Found){.rule = t->rules->infos[c->rule].title, .time = t->feed.events[r->last].time,
                          .value = r->value, .what = c->what, .group = r->group});
}

static SekStatus correlate(Timeline *t) {
    uint32_t rank = 0; /* one file */
    return sek_correlate(t->rules, &t->feed, &rank, (SekCorrListener){came_true, t});
}

/* --- findings ------------------------------------------------------------------------------- */

static SekStr json_str(yyjson_val *value) {
    return sek_str_n(yyjson_get_str(value), yyjson_get_len(value));
}

/* Every group-by value that the vector names is so. */
static bool same_group(const Timeline *t, const Found *found, yyjson_val *group) {
    size_t index, max;
    yyjson_val *key, *value;
    if (!group)
        return true;
    if (!found->what)
        return false;
    const SekCorrelation *c = found->what;
    yyjson_obj_foreach(group, index, max, key, value) {
        bool same = false;
        for (uint32_t i = 0; i < c->n_group_by; i++) {
            SekStr text;
            same = same || (sek_str_eq(c->group_by[i], json_str(key)) &&
                            sek_group_value(sek_texts_get(&t->feed.group_texts, found->group), i, &text) == SEK_OK &&
                            sek_str_eq(text, json_str(value)));
        }
        if (!same)
            return false;
    }
    return true;
}

static bool is_expected(const Timeline *t, const Found *found, yyjson_val *wanted) {
    uint64_t time = 0;
    yyjson_val *value = yyjson_obj_get(wanted, "value");
    SekStatus status = sek_time_parse(json_str(yyjson_obj_get(wanted, "time")), &time, NULL);
    bool same_value = !value || fabs(strtod(yyjson_get_raw(value), NULL) - found->value) < 1e-9;
    return status == SEK_OK && time == found->time && same_value &&
           sek_str_eq(found->rule, json_str(yyjson_obj_get(wanted, "rule"))) &&
           same_group(t, found, yyjson_obj_get(wanted, "group"));
}

static void compare(Timeline *t, yyjson_val *findings, SekTimelineWrong wrong, void *user) {
    size_t index, max;
    yyjson_val *wanted;
    yyjson_arr_foreach(findings, index, max, wanted) {
        bool there = false;
        for (uint32_t i = 0; i < t->n_found && !there; i++)
            if (!t->found[i].expected && is_expected(t, &t->found[i], wanted))
                there = t->found[i].expected = true;
        char *shown = yyjson_val_write(wanted, 0, NULL);
        if (!there)
            wrong(user, "not found: ", sek_str(shown ? shown : ""));
        free(shown);
    }
    for (uint32_t i = 0; i < t->n_found; i++) {
        char text[200], time[SEK_TIME_TEXT];
        (void)sek_time_format(t->found[i].time, time);
        (void)snprintf(text, sizeof text, "%.*s at %s, value %g", SEK_STR_ARG(t->found[i].rule), time, t->found[i].value);
        if (!t->found[i].expected)
            wrong(user, "found, must not be: ", sek_str(text));
    }
}

SekStatus sek_timeline_check(const SekRuleset *rules, yyjson_val *events, yyjson_val *findings,
                             SekTimelineWrong wrong, void *user) {
    Timeline *t = calloc(1, sizeof *t);
    if (!t)
        return SEK_ERR_MEMORY;
    t->rules = rules;
    sek_feed_init(&t->feed, &t->budget);
    SekStatus status = sek_scanner_new(rules, &t->scanner);
    if (status == SEK_OK)
        status = scan_all(t, events);
    if (status == SEK_OK)
        status = correlate(t);
    if (status == SEK_OK)
        compare(t, findings, wrong, user);
    sek_feed_deinit(&t->feed);
    sek_scanner_free(t->scanner);
    free(t);
    return status;
}
