/* SPDX-License-Identifier: Apache-2.0 */

/* The store of events that wait for correlations: texts are kept once, groups chain their references,
 * joining two workers' stores loses nothing, and the budget is kept and what it costs is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/feed.h"

#include <stdlib.h>

static const SekCorrelation counting = {.type = SEK_CORR_VALUE_COUNT, .n_fields = 1};
static const SekCorrelation summing = {.type = SEK_CORR_VALUE_SUM, .n_fields = 1};
static SekCorrelationRule correlations[] = {{.what = &counting}, {.what = &summing}};
static const SekRuleset rules = {.correlations = correlations, .n_correlations = 2};

/* Event number `n`, which counts in group `n % groups` of both correlations. */
static SekStatus add(SekFeed *feed, uint64_t n, unsigned groups) {
    char text[32];
    uint32_t event, value = 0, group;
    SekStr name = {text, (size_t)snprintf(text, sizeof text, "g%u", (unsigned)(n % groups))};
    SekFeedEvent fed = {.time = n, .record_id = n * 2};
    SekStatus status = sek_feed_text(feed, SEK_STR("host"), &fed.source);
    if (status == SEK_OK)
        status = sek_feed_event(feed, &fed, &event);
    for (uint32_t c = 0; c < 2 && status == SEK_OK; c++) {
        sek_group_begin(&feed->key, c);
        sek_group_add(&feed->key, &name);
        status = sek_feed_group(feed, c, &group);
        if (status == SEK_OK)
            status = c == 0 ? sek_feed_text(feed, name, &value) : sek_feed_real(feed, (double)n, &value);
        SekFeedRef ref = {.event = event, .group = group, .value = value, .reference = (uint32_t)(n % 3)};
        if (status == SEK_OK)
            status = sek_feed_ref(feed, &ref);
    }
    return status;
}

/* Every reference of every group is that of an event which belongs there, and `n` are there in all. */
static void check(const SekFeed *feed, uint32_t n, unsigned groups) {
    uint32_t seen = 0;
    assert_int_equal(feed->n_events, n);
    assert_int_equal(feed->n_groups, 2 * groups);
    for (uint32_t g = 0; g < feed->n_groups; g++) {
        SekStr text;
        uint32_t length = 0;
        assert_int_equal(sek_group_value(sek_texts_get(&feed->group_texts, g), 0, &text), SEK_OK);
        for (uint32_t i = feed->groups[g].first; i != SEK_FEED_NONE; i = feed->refs[i].next, length++) {
            const SekFeedRef *ref = &feed->refs[i];
            const SekFeedEvent *event = &feed->events[ref->event];
            char wanted[32];
            SekStr name = {wanted, (size_t)snprintf(wanted, sizeof wanted, "g%u", (unsigned)(event->time % groups))};
            assert_true(sek_str_eq(name, text));
            assert_int_equal(event->record_id, event->time * 2);
            assert_int_equal(ref->reference, event->time % 3);
            assert_true(sek_str_eq(sek_texts_get(&feed->texts, event->source), SEK_STR("host")));
            if (feed->groups[g].correlation == 0)
                assert_true(sek_str_eq(sek_texts_get(&feed->texts, ref->value), name));
            else
                assert_true(feed->reals[ref->value] == (double)event->time);
        }
        assert_int_equal(length, feed->groups[g].n_refs);
        seen += length;
    }
    assert_int_equal(seen, 2 * n);
}

static void references_are_found_by_group(void **state) {
    (void)state;
    SekFeed feed;
    sek_feed_init(&feed, NULL);
    for (uint64_t i = 0; i < 5000; i++)
        assert_int_equal(add(&feed, i, 700), SEK_OK);
    check(&feed, 5000, 700);
    assert_int_equal(feed.texts.n, 701); /* each different text once */
    sek_feed_deinit(&feed);
}

static void joining_loses_nothing(void **state) {
    (void)state;
    SekFeed feeds[3];
    for (int i = 0; i < 3; i++)
        sek_feed_init(&feeds[i], NULL);
    for (uint64_t i = 0; i < 200000; i++) /* the last one stays empty; more than one batch */
        assert_int_equal(add(&feeds[i % 7 == 0], i, 900), SEK_OK);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(sek_feed_join(&feeds[0], &feeds[i], &rules), SEK_OK);
        sek_feed_deinit(&feeds[i]);
    }
    check(&feeds[0], 200000, 900);
    sek_feed_deinit(&feeds[0]);
}

static void the_budget_is_kept(void **state) {
    (void)state;
    _Atomic uint64_t budget = SEK_FEED_BYTES - 20000;
    SekFeed feed;
    sek_feed_init(&feed, &budget);
    SekStatus status = SEK_OK;
    uint64_t n = 0;
    while (status == SEK_OK && n < 100000)
        status = add(&feed, n++, 7);
    assert_int_equal(status, SEK_ERR_LIMIT);
    assert_in_range(n, 100, 250); /* 40 + 2 * 20 + 8 bytes an event, and the texts */
    assert_true(budget <= SEK_FEED_BYTES);
    sek_feed_deinit(&feed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_are_found_by_group),
        cmocka_unit_test(joining_loses_nothing),
        cmocka_unit_test(the_budget_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
