/* SPDX-License-Identifier: Apache-2.0 */

/* Giving: sinks see the same, in order, for any number of threads; the first error is the one that is told. */
#define _GNU_SOURCE /* nanosleep */
#include "engine/give.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define N_HITS 4000u
#define RULES_OF_LAST 300u /* findings of the last event, more than a thread keeps before it has its turn */
#define N_FINDINGS (N_HITS - 1 + RULES_OF_LAST)
#define NEVER UINT64_MAX

/* Takes findings or texts, and fails at one of them. */
typedef struct Taker {
    SekBuf text;
    uint64_t fail_render, fail_write; /* record ids */
    uint64_t slow_render; /* the record whose text takes long */
    bool slow_write;
    uint64_t writes;
    size_t last_index;
    bool ordered;
    pthread_t caller;
    bool called_elsewhere;
} Taker;

static SekStatus pen_new(const void *self, void **out) {
    const Taker **pen = malloc(sizeof *pen);
    assert_non_null(pen);
    *pen = self;
    *out = pen;
    return SEK_OK;
}

static void wait_us(long us) {
    nanosleep(&(struct timespec){.tv_nsec = us * 1000}, NULL);
}

static SekStatus render(void *pen, const SekFinding *f, const SekSame *same, SekBuf *out) {
    (void)same;
    const Taker *taker = *(const Taker **)pen;
    if (f->event->record_id >= taker->fail_render)
        return SEK_ERR_MEMORY;
    if (f->event->record_id == taker->slow_render)
        wait_us(30000);
    sek_buf_addf(out, "%ju %zu %.*s ", (uintmax_t)f->event->record_id, f->rule_index, (int)f->event->xml.len,
                 f->event->xml.ptr ? f->event->xml.ptr : "");
    for (size_t i = 0; i < f->event->record_id % 64 * 16; i++)
        sek_buf_addc(out, 'x');
    sek_buf_addc(out, '\n');
    return SEK_OK;
}

static SekStatus take_text(void *self, SekStr text, SekError *err) {
    Taker *taker = self;
    taker->writes++;
    if (taker->slow_write)
        wait_us(300);
    if (taker->writes > taker->fail_write)
        return sek_fail(err, SEK_ERR_IO, "no room for text %ju", (uintmax_t)taker->writes);
    assert_true(text.len && text.ptr[text.len - 1] == '\n');
    sek_buf_add_str(&taker->text, text);
    return SEK_OK;
}

static SekStatus take_finding(void *self, const SekFinding *f, SekError *err) {
    Taker *taker = self;
    if (f->event->record_id == taker->fail_write)
        return sek_fail(err, SEK_ERR_IO, "no room for record %ju", (uintmax_t)taker->fail_write);
    taker->ordered = taker->ordered && f->event->index >= taker->last_index && f->event->index == f->event->record_id;
    taker->last_index = f->event->index;
    taker->called_elsewhere = taker->called_elsewhere || !pthread_equal(taker->caller, pthread_self());
    sek_buf_addf(&taker->text, "%ju\n", (uintmax_t)f->event->record_id);
    return SEK_OK;
}

typedef struct Fixture {
    SekLedger ledger;
    pthread_mutex_t lock;
    SekRuleInfo *infos;
    SekRuleset rules;
    SekRuns runs;
    SekHostSet hosts;
    uint32_t rank;
    Taker writer, taker;
    SekSummary summary;
    SekError err;
} Fixture;

static void begin(Fixture *f) {
    *f = (Fixture){.writer = {.fail_render = NEVER, .fail_write = NEVER, .slow_render = NEVER},
                   .taker = {.fail_write = NEVER, .ordered = true, .caller = pthread_self()}};
    f->infos = calloc(RULES_OF_LAST, sizeof *f->infos);
    assert_non_null(f->infos);
    f->rules = (SekRuleset){.infos = f->infos, .n_rules = RULES_OF_LAST};
    sek_ledger_init(&f->ledger);
    assert_int_equal(sek_ledger_add(&f->ledger, SEK_STR("log"), 0, &(uint32_t){0}), SEK_OK);
    pthread_mutex_init(&f->lock, NULL);
    sek_buf_init(&f->writer.text, (size_t)1 << 28);
    sek_buf_init(&f->taker.text, (size_t)1 << 28);
    sek_runs_init(&f->runs, &(SekRunsOptions){.workers = 1, .ledger = &f->ledger, .lock = &f->lock});
}

/* Record ids in the order of time; the last event is one of many rules. */
static void fill(Fixture *f, SekStr xml) {
    SekHits hits;
    SekHitRule *rules = calloc(RULES_OF_LAST, sizeof *rules);
    assert_non_null(rules);
    for (uint32_t i = 0; i < RULES_OF_LAST; i++)
        rules[i].rule = i;
    sek_hits_init(&hits, &f->runs);
    for (uint32_t i = N_HITS; i-- > 0;) {
        SekHit hit = {.key = {.time = i + 1, .offset = i}, .event = {.record_id = i, .xml = xml},
                      .rules = rules, .n_rules = i == N_HITS - 1 ? RULES_OF_LAST : 1};
        assert_int_equal(sek_hits_push(&hits, &f->rules, &hit), SEK_OK);
    }
    assert_int_equal(sek_runs_keep_last(&f->runs, &hits), SEK_OK);
    sek_hits_deinit(&hits);
    free(rules);
}

static SekStatus give(Fixture *f, unsigned threads, unsigned wants) {
    static const SekRendering rendering = {.pen_new = pen_new, .pen_free = free, .render = render, .write = take_text};
    SekSink a = {.self = &f->writer, .rendering = &rendering}, b = {.self = &f->taker, .finding = take_finding, .wants = wants};
    SekSink *sinks[] = {&a, &b};
    SekGive input = {.rules = &f->rules, .runs = &f->runs, .ledger = &f->ledger, .rank = &f->rank, .hosts = &f->hosts,
                     .sinks = sinks, .n_sinks = 2, .threads = threads};
    return sek_give(&input, &f->summary, &f->err);
}

static void end(Fixture *f) {
    sek_runs_deinit(&f->runs);
    pthread_mutex_destroy(&f->lock);
    sek_ledger_deinit(&f->ledger);
    sek_buf_deinit(&f->writer.text);
    sek_buf_deinit(&f->taker.text);
    free(f->infos);
}

#define XML SEK_STR("some text, so that a batch is full after a hundred events or so, and all of them make many")

static void test_give__any_number_of_threads_gives_the_same(void **state) {
    (void)state;
    Fixture one, f;
    begin(&one);
    fill(&one, XML);
    assert_int_equal(give(&one, 1, 0), SEK_OK);
    assert_true(one.writer.writes > 10 && one.writer.text.len > (size_t)1 << 20);
    assert_int_equal(one.summary.findings, N_FINDINGS);
    for (unsigned threads = 2; threads <= 8; threads++) {
        begin(&f);
        fill(&f, XML);
        assert_int_equal(give(&f, threads, 0), SEK_OK);
        assert_true(sek_str_eq(sek_buf_str(&f.writer.text), sek_buf_str(&one.writer.text)));
        assert_true(sek_str_eq(sek_buf_str(&f.taker.text), sek_buf_str(&one.taker.text)));
        assert_true(f.taker.ordered);
        assert_int_equal(f.summary.findings, N_FINDINGS);
        assert_int_equal(f.summary.events_with_findings, N_HITS);
        assert_int_equal(f.summary.by_level[0], N_FINDINGS);
        end(&f);
    }
    end(&one);
}

/* All places are taken by what waits: behind a batch that takes long to render, then before a sink that writes slowly. */
static void test_give__what_waits_is_bounded_and_in_order(void **state) {
    (void)state;
    Fixture one, f;
    begin(&one);
    fill(&one, XML);
    assert_int_equal(give(&one, 1, 0), SEK_OK);
    for (unsigned i = 0; i < 12; i++) {
        begin(&f);
        fill(&f, XML);
        f.writer.slow_render = i % 3 == 0 ? 0 : i % 3 == 1 ? N_HITS / 2 : NEVER;
        f.writer.slow_write = i % 3 == 2;
        assert_int_equal(give(&f, i / 3 + 2, 0), SEK_OK);
        assert_true(sek_str_eq(sek_buf_str(&f.writer.text), sek_buf_str(&one.writer.text)));
        assert_true(f.taker.ordered);
        assert_int_equal(f.summary.findings, N_FINDINGS);
        end(&f);
    }
    end(&one);
}

static void test_give__who_wants_the_caller_gets_it(void **state) {
    (void)state;
    Fixture f;
    begin(&f);
    fill(&f, XML);
    assert_int_equal(give(&f, 4, SEK_WANT_CALLER), SEK_OK);
    assert_false(f.taker.called_elsewhere);
    end(&f);
}

/* What comes before the error is given, nothing behind it, and errors behind it are not told. */
static void test_give__the_first_error_is_told(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= 8; threads++) {
        Fixture f;
        begin(&f);
        fill(&f, XML);
        f.writer.fail_render = 3000;
        f.taker.fail_write = 1777;
        assert_int_equal(give(&f, threads, 0), SEK_ERR_IO);
        assert_string_equal(f.err.what, "no room for record 1777");
        assert_int_equal(f.err.code, SEK_ERR_IO);
        assert_true(f.taker.ordered);
        assert_int_equal(f.taker.last_index, 1776);
        end(&f);

        begin(&f);
        fill(&f, XML);
        f.writer.fail_render = 3000;
        assert_int_equal(give(&f, threads, 0), SEK_ERR_MEMORY);
        assert_int_equal(f.taker.last_index, 3000); /* it was rendered for one, and is given to the other */
        end(&f);

        begin(&f);
        fill(&f, XML);
        f.writer.fail_write = 3;
        assert_int_equal(give(&f, threads, 0), SEK_ERR_IO);
        assert_string_equal(f.err.what, "no room for text 4");
        assert_int_equal(f.writer.writes, 4);
        end(&f);
    }
}

static void test_give__lines_have_a_limit(void **state) {
    (void)state;
    Fixture f;
    begin(&f);
    SekHits hits;
    SekStr xml = {malloc(SEK_LINE_MAX), SEK_LINE_MAX};
    assert_non_null(xml.ptr);
    memset((char *)xml.ptr, 'a', xml.len);
    SekHitRule rule = {0};
    SekHit large = {.key.time = 2, .event = {.record_id = 1, .xml = xml}, .rules = &rule, .n_rules = 1};
    SekHit small = {.key.time = 1, .event = {.record_id = 0}, .rules = &rule, .n_rules = 1};
    sek_hits_init(&hits, &f.runs);
    assert_int_equal(sek_hits_push(&hits, &f.rules, &large), SEK_OK);
    assert_int_equal(sek_hits_push(&hits, &f.rules, &small), SEK_OK);
    assert_int_equal(sek_runs_keep_last(&f.runs, &hits), SEK_OK);
    sek_hits_deinit(&hits);
    free((char *)xml.ptr);
    assert_int_equal(give(&f, 2, 0), SEK_ERR_LIMIT);
    assert_string_equal(f.err.what, "a line of output is larger than 67108864 bytes");
    end(&f);
}

static void test_give__nothing_found_is_fine(void **state) {
    (void)state;
    Fixture f;
    begin(&f);
    assert_int_equal(give(&f, 4, 0), SEK_OK);
    assert_int_equal(f.writer.writes + f.summary.findings + f.taker.text.len, 0);
    end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_give__any_number_of_threads_gives_the_same),
        cmocka_unit_test(test_give__what_waits_is_bounded_and_in_order),
        cmocka_unit_test(test_give__who_wants_the_caller_gets_it),
        cmocka_unit_test(test_give__the_first_error_is_told),
        cmocka_unit_test(test_give__lines_have_a_limit),
        cmocka_unit_test(test_give__nothing_found_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
