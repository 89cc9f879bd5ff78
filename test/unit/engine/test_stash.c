/* SPDX-License-Identifier: Apache-2.0 */

/* Stash: what was put comes back, equal texts have one number, whatever the budget and whatever the store does. */
#include "engine/stash.h"

#include <stdlib.h>

#include "unit/engine/store.h"

#define N_TEXTS 3000u
#define N_KINDS 700u
#define LONGEST 900u

/* Text `kind`: of any length, and unlike the others. */
static SekStr make_text(uint32_t kind, char *room) {
    uint32_t len = kind ? 4 + kind * 37 % (LONGEST - 4) : 0, seed = kind * 2654435761u;
    for (uint32_t i = 0; i < len; i++)
        room[i] = (char)(seed >> i % 24);
    if (len)
        memcpy(room, &kind, sizeof kind);
    return sek_str_n(room, len);
}

static void begin(Store *store, size_t room) {
    *store = (Store){.room = room};
    sek_buf_init(&store->bytes, (size_t)1 << 28);
}

static void check_back(const SekStash *s, const uint32_t *numbers) {
    char want[LONGEST], got[LONGEST];
    for (uint32_t kind = 0; kind < N_KINDS; kind++) {
        SekStr text = make_text(kind, want);
        const SekStashText *put = sek_stash_text(s, numbers[kind]);
        assert_int_equal(put->len, text.len);
        assert_int_equal(sek_stash_read(s, put->at, put->len, got, NULL), SEK_OK);
        assert_int_equal(memcmp(got, want, text.len), 0);
    }
}

/* Each text several times, between bytes without a number. */
static void check(size_t budget, Store *store) {
    SekSpill spill = store_spill(store);
    SekStash s;
    uint32_t numbers[N_KINDS], number;
    char room[LONGEST];
    uint64_t at, sum = 0;
    memset(numbers, 0xff, sizeof numbers);
    sek_stash_init(&s, budget, UINT64_MAX, &spill);
    for (uint32_t i = 0; i < N_TEXTS; i++) {
        uint32_t kind = i * 7919 % N_KINDS;
        SekStr text = make_text(kind, room);
        assert_int_equal(sek_stash_number(&s, text, &number), SEK_OK);
        assert_true(numbers[kind] == UINT32_MAX || numbers[kind] == number);
        sum += numbers[kind] == UINT32_MAX ? text.len : 0;
        numbers[kind] = number;
        assert_int_equal(sek_stash_put(&s, sek_str_n("between", i % 8), &at), SEK_OK);
        sum += i % 8;
        assert_true(s.spill_err.code || s.len <= budget); /* what the budget is for */
    }
    assert_int_equal(s.n_texts, N_KINDS);
    assert_int_equal(s.written + s.len, sum); /* equal texts are kept once */
    sek_stash_close(&s);
    check_back(&s, numbers);
    sek_stash_deinit(&s);
    assert_int_equal(store->opened, store->closed);
    sek_buf_deinit(&store->bytes);
}

static void what_was_put_comes_back(void **state) {
    (void)state;
    static const size_t budgets[] = {0, 1, 100, 5000, SIZE_MAX};
    for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++) {
        Store store;
        begin(&store, SIZE_MAX);
        check(budgets[i], &store);
    }
}

static void a_full_store_loses_nothing(void **state) {
    (void)state;
    static const size_t rooms[] = {0, 1, 3000, 200000};
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        Store store;
        begin(&store, rooms[i]);
        check(1000, &store);
    }
    Store store;
    begin(&store, SIZE_MAX);
    store.refuse_open = true;
    check(1000, &store);
}

static void a_store_that_forgets_is_told(void **state) {
    (void)state;
    Store store;
    begin(&store, SIZE_MAX);
    SekSpill spill = store_spill(&store);
    SekStash s;
    SekError err = {0};
    uint32_t number;
    char byte;
    sek_stash_init(&s, 0, UINT64_MAX, &spill);
    assert_int_equal(sek_stash_number(&s, SEK_STR("text"), &number), SEK_OK);
    store.lose = true;
    assert_int_equal(sek_stash_number(&s, SEK_STR("text"), &number), SEK_ERR_IO);
    assert_string_equal(s.err.what, "store has forgotten");
    assert_int_equal(sek_stash_read(&s, 0, 1, &byte, &err), SEK_ERR_IO);
    assert_string_equal(err.what, "store has forgotten");
    sek_stash_deinit(&s);
    sek_buf_deinit(&store.bytes);
}

static void there_is_a_limit(void **state) {
    (void)state;
    SekStash s;
    uint64_t at;
    uint32_t number;
    sek_stash_init(&s, 0, 100, NULL);
    assert_int_equal(sek_stash_put(&s, SEK_STR("0123456789"), &at), SEK_OK);
    assert_int_equal(sek_stash_number(&s, SEK_STR("a"), &number), SEK_OK);
    assert_false(sek_stash_take(&s, 90));
    assert_true(sek_stash_take(&s, 50));
    assert_int_equal(sek_stash_number(&s, SEK_STR("b"), &number), SEK_ERR_LIMIT);
    assert_int_equal(sek_stash_number(&s, SEK_STR("a"), &number), SEK_OK); /* is there already */
    assert_int_equal(sek_stash_put(&s, SEK_STR("01234567"), &at), SEK_ERR_LIMIT);
    assert_int_equal(sek_stash_put(&s, SEK_STR("0123456"), &at), SEK_OK);
    sek_stash_deinit(&s);
}

/* Texts of one length with one hash, as anybody can make them of the published function: two blocks of 32 bytes, the
 * second of which takes back what the first did to its lane. */
static SekStr make_colliding(uint32_t i, char *room) {
    const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t first = i, lane = (1 ^ first) * odd, second;
    lane = lane << 29 | lane >> 35;
    second = lane ^ 7;
    memset(room, 0, 64);
    memcpy(room, &first, sizeof first);
    memcpy(room + 32, &second, sizeof second);
    return sek_str_n(room, 64);
}

/* Whoever makes texts collide is refused; each number that was given is right, and others lose nothing. */
static void collisions_cost_little(void **state) {
    (void)state;
    SekStash s;
    char room[64];
    uint32_t numbers[64], given = 0, number;
    sek_stash_init(&s, SIZE_MAX, UINT64_MAX, NULL);
    for (uint32_t i = 0; i < 64; i++) {
        numbers[i] = UINT32_MAX;
        SekStatus status = sek_stash_number(&s, make_colliding(i, room), &numbers[i]);
        assert_true(status == SEK_OK || status == SEK_ERR_LIMIT);
        given += status == SEK_OK;
        assert_int_equal(s.n_texts, given);
    }
    assert_in_range(given, 8, 32);
    for (uint32_t i = 0; i < given; i++) {
        assert_int_equal(sek_stash_number(&s, make_colliding(i, room), &number), SEK_OK);
        assert_int_equal(number, numbers[i]);
        assert_int_equal(sek_stash_text(&s, number)->hash, sek_stash_text(&s, 0)->hash); /* they do collide */
    }
    assert_int_equal(sek_stash_number(&s, SEK_STR("another"), &number), SEK_OK);
    sek_stash_deinit(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_comes_back),
        cmocka_unit_test(a_full_store_loses_nothing),
        cmocka_unit_test(a_store_that_forgets_is_told),
        cmocka_unit_test(there_is_a_limit),
        cmocka_unit_test(collisions_cost_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
