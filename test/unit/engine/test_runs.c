/* SPDX-License-Identifier: Apache-2.0 */

/* Runs: everything comes back, once, in order, whatever the budget and whatever the store does. */
#include "engine/runs.h"

#include "engine/hit_pack.h"
#include "unit/engine/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define N_HITS 3000u
#define N_FILES 7u

typedef struct Fixture {
    Store store;
    SekSpill spill;
    SekLedger ledger;
    pthread_mutex_t lock;
    SekRuns runs;
    uint32_t rank[N_FILES];
} Fixture;

static void begin(Fixture *f, size_t budget, size_t room) {
    *f = (Fixture){.store.room = room};
    sek_buf_init(&f->store.bytes, (size_t)1 << 28);
    f->spill = store_spill(&f->store);
    sek_ledger_init(&f->ledger);
    pthread_mutex_init(&f->lock, NULL);
    for (uint32_t i = 0; i < N_FILES; i++) { /* the last found is the first by path */
        char path[] = {'/', (char)('z' - i), '\0'};
        uint32_t index;
        assert_int_equal(sek_ledger_add(&f->ledger, sek_str(path), 0, &index), SEK_OK);
        f->rank[index] = N_FILES - 1 - i;
    }
    SekRunsOptions options = {.budget_bytes = budget, .workers = 1, .spill = &f->spill, .ledger = &f->ledger,
                              .lock = &f->lock};
    sek_runs_init(&f->runs, &options);
}

static void end(Fixture *f) {
    sek_runs_deinit(&f->runs);
    assert_int_equal(f->store.opened, f->store.closed);
    pthread_mutex_destroy(&f->lock);
    sek_ledger_deinit(&f->ledger);
    sek_buf_deinit(&f->store.bytes);
}

static uint32_t scatter(uint32_t i) {
    return i * 2654435761u >> 7;
}

/* Adds hits of many sizes in no order; few times, so that files and offsets decide too. */
static void fill(Fixture *f, SekHits *hits, size_t largest) {
    char *text = malloc(largest + 1);
    assert_non_null(text);
    SekRuleset rules = {0};
    for (uint32_t i = 0; i < N_HITS; i++) {
        size_t len = i == N_HITS / 2 ? largest : scatter(i) % 97;
        memset(text, 'a' + (int)(i % 26), len);
        SekHit hit = {.key = {.time = scatter(i) % 50, .file = i % N_FILES, .offset = i, .order = i % 2},
                      .event = {.record_id = i, .xml = {text, len}}};
        assert_int_equal(sek_hits_push(hits, &rules, &hit), SEK_OK);
    }
    assert_int_equal(sek_runs_keep_last(&f->runs, hits), SEK_OK);
    free(text);
}

typedef struct Taken {
    const Fixture *f;
    SekArena arena;
    SekHitKey last;
    uint32_t n, stop_at;
    size_t largest;
    uint64_t ids; /* sum of record ids */
} Taken;

static int order_of(const Taken *t, const SekHitKey *a, const SekHitKey *b) {
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    if (a->file != b->file)
        return t->f->rank[a->file] < t->f->rank[b->file] ? -1 : 1;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static void take(Taken *t, const SekHitKey *key, SekStr bytes) {
    SekRuleset rules = {0};
    SekHit hit;
    sek_arena_reset(&t->arena);
    assert_int_equal(sek_unpack_hit(bytes, &(SekUnpacking){.rules = &rules}, &t->arena, &hit), SEK_OK);
    assert_true(t->n == 0 || order_of(t, &t->last, key) < 0);
    assert_int_equal(hit.event.record_id, key->offset);
    if (hit.event.xml.len)
        assert_int_equal(hit.event.xml.ptr[hit.event.xml.len - 1], 'a' + (int)(key->offset % 26));
    t->largest = hit.event.xml.len > t->largest ? hit.event.xml.len : t->largest;
    t->ids += hit.event.record_id;
    t->last = *key;
    t->n++;
}

static SekStatus give(Fixture *f, Taken *t, SekError *err) {
    t->f = f;
    sek_arena_init(&t->arena, 0);
    SekMerge *merge = NULL;
    SekHitKey key;
    SekStr bytes;
    SekStatus status = sek_merge_new(&f->runs, f->rank, &merge, err);
    while (status == SEK_OK && t->n < t->stop_at) {
        status = sek_merge_next(merge, &key, &bytes, err);
        if (status == SEK_OK)
            take(t, &key, bytes);
    }
    if (status == SEK_END)
        assert_int_equal(sek_merge_next(merge, &key, &bytes, err), SEK_END);
    sek_merge_free(merge);
    sek_arena_deinit(&t->arena);
    return status;
}

static void check_all(Fixture *f, size_t largest) {
    SekHits hits;
    sek_hits_init(&hits, &f->runs);
    fill(f, &hits, largest);
    sek_hits_deinit(&hits);
    Taken t = {.stop_at = UINT32_MAX};
    SekError err = {0};
    assert_int_equal(give(f, &t, &err), SEK_END);
    assert_int_equal(t.n, N_HITS);
    assert_int_equal(t.ids, (uint64_t)N_HITS * (N_HITS - 1) / 2);
    assert_int_equal(t.largest, largest);
}

static void test_runs__every_budget_gives_all_hits_in_order(void **state) {
    (void)state;
    static const size_t budgets[] = {1, 10000, 40000, 300000, 100000000, 0};
    for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++) {
        Fixture f;
        begin(&f, budgets[i], (size_t)1 << 28);
        check_all(&f, 100);
        assert_int_equal(f.store.bytes.len > 0, budgets[i] > 0 && budgets[i] < 1000000);
        assert_int_equal(f.runs.spill_err.code, SEK_OK);
        end(&f);
    }
}

static void test_runs__small_budgets_need_several_passes(void **state) {
    (void)state;
    Fixture f;
    begin(&f, 1, (size_t)1 << 28);
    check_all(&f, 100);
    /* Joined runs are written again: more went in than there is. */
    assert_true(f.runs.store_end > (uint64_t)N_HITS * 2 * 100);
    assert_true(f.runs.n <= 5);
    end(&f);
}

static void test_runs__a_hit_larger_than_any_window_comes_back_whole(void **state) {
    (void)state;
    Fixture f;
    begin(&f, 40000, (size_t)1 << 28);
    check_all(&f, 3000000);
    end(&f);
}

static void test_runs__a_store_that_is_full_loses_nothing(void **state) {
    (void)state;
    static const size_t rooms[] = {0, 5000, 100000, 700000};
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        Fixture f;
        begin(&f, 1, rooms[i]);
        check_all(&f, 100);
        assert_int_equal(f.runs.spill_err.code, SEK_ERR_IO);
        assert_string_equal(f.runs.spill_err.what, "store is full");
        end(&f);
    }
}

static void test_runs__a_store_that_does_not_open_loses_nothing(void **state) {
    (void)state;
    Fixture f;
    begin(&f, 1, 0);
    f.store.refuse_open = true;
    check_all(&f, 100);
    assert_string_equal(f.runs.spill_err.what, "no store today");
    end(&f);
}

static void test_runs__a_store_that_cannot_be_read_is_an_error(void **state) {
    (void)state;
    Fixture f;
    begin(&f, 20000, (size_t)1 << 28);
    SekHits hits;
    sek_hits_init(&hits, &f.runs);
    fill(&f, &hits, 100);
    sek_hits_deinit(&hits);
    f.store.lose = true;
    Taken t = {.stop_at = UINT32_MAX};
    SekError err = {0};
    assert_int_equal(give(&f, &t, &err), SEK_ERR_IO);
    assert_string_equal(err.what, "store has forgotten");
    end(&f);
}

static void test_runs__a_merge_may_end_before_its_hits(void **state) {
    (void)state;
    Fixture f;
    begin(&f, 20000, (size_t)1 << 28);
    SekHits hits;
    sek_hits_init(&hits, &f.runs);
    fill(&f, &hits, 100);
    sek_hits_deinit(&hits);
    Taken t = {.stop_at = 100};
    SekError err = {0};
    assert_int_equal(give(&f, &t, &err), SEK_OK);
    assert_int_equal(t.n, 100);
    end(&f);
}

/* What was packed and is cut or changed is refused, never read beyond. */
static void test_pack__damaged_bytes_are_refused(void **state) {
    (void)state;
    SekRuleInfo info = {.title = SEK_STR("x")};
    SekRuleset rules = {.infos = &info, .n_rules = 1};
    SekPair pair = {SEK_STR("Image"), SEK_STR("C:\\a.exe")};
    SekCorrelatedEvent event = {.time = 7, .record_id = 8, .file = SEK_STR("f"), .rule = &info};
    SekCorrelationInfo correlation = {.type = "event_count", .group = &pair, .n_group = 1, .count = 3, .value = 3,
                                      .events = &event, .n_events = 1};
    SekHitRule rule = {.matched = &pair, .n_matched = 1, .correlation = &correlation};
    SekHit hit = {.rules = &rule, .n_rules = 1, .event = {.fields = &pair, .n_fields = 1, .record_id = 5}};
    SekBuf bytes;
    sek_buf_init(&bytes, 1u << 20);
    sek_pack_hit(&bytes, &rules, &hit);
    SekArena arena;
    sek_arena_init(&arena, 0);
    SekHit out;
    assert_int_equal(sek_unpack_hit(sek_buf_str(&bytes), &(SekUnpacking){.rules = &rules}, &arena, &out), SEK_OK);
    assert_int_equal(out.event.record_id, 5);
    assert_string_equal(out.rules[0].correlation->type, "event_count");
    assert_ptr_equal(out.rules[0].correlation->events[0].rule, &info);
    assert_true(sek_str_eq(out.event.fields[0].value, pair.value));
    for (size_t len = 0; len < bytes.len; len++) {
        char *cut = malloc(len + 1); /* its own block: reading beyond it is seen */
        assert_non_null(cut);
        memcpy(cut, bytes.data, len);
        assert_int_equal(sek_unpack_hit(sek_str_n(cut, len), &(SekUnpacking){.rules = &rules}, &arena, &out), SEK_ERR_IO);
        free(cut);
    }
    for (size_t i = 0; i < bytes.len; i++) {
        char kept = bytes.data[i];
        bytes.data[i] = (char)0xFF;
        SekStatus status = sek_unpack_hit(sek_buf_str(&bytes), &(SekUnpacking){.rules = &rules}, &arena, &out);
        assert_true(status == SEK_OK || status == SEK_ERR_IO); /* a changed text is a text */
        bytes.data[i] = kept;
    }
    sek_arena_deinit(&arena);
    sek_buf_deinit(&bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs__every_budget_gives_all_hits_in_order),
        cmocka_unit_test(test_runs__small_budgets_need_several_passes),
        cmocka_unit_test(test_runs__a_hit_larger_than_any_window_comes_back_whole),
        cmocka_unit_test(test_runs__a_store_that_is_full_loses_nothing),
        cmocka_unit_test(test_runs__a_store_that_does_not_open_loses_nothing),
        cmocka_unit_test(test_runs__a_store_that_cannot_be_read_is_an_error),
        cmocka_unit_test(test_runs__a_merge_may_end_before_its_hits),
        cmocka_unit_test(test_pack__damaged_bytes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
