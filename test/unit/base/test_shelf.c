/* SPDX-License-Identifier: Apache-2.0 */

/* Shelf: what was put there is there, whatever the window and whatever the disk does; and no more of it is in memory than
 * the window holds. */
#define _GNU_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/shelf.h"
#include "unit/base/backing_test.h"

#include <unistd.h>

#define N_BLOCKS 40u

static void fill(char *block, uint32_t number) {
    for (uint32_t i = 0; i < SEK_SHELF_BLOCK / sizeof(uint32_t); i++)
        memcpy(block + i * sizeof i, &(uint32_t){number * 2654435761u + i}, sizeof i);
}

static void check(const SekShelf *s, uint32_t number, uint32_t as) {
    for (uint32_t grain = 0; grain < SEK_SHELF_GRAINS; grain += 4099) {
        uint32_t got, want = as * 2654435761u + grain * (SEK_SHELF_GRAIN / (uint32_t)sizeof want);
        memcpy(&got, sek_shelf_at(s, number * SEK_SHELF_GRAINS + grain), sizeof got);
        assert_int_equal(got, want);
    }
}

/* Blocks put, some of them replaced and some dropped. */
static void use_blocks(SekShelf *s) {
    static char other[SEK_SHELF_BLOCK];
    uint32_t number;
    for (uint32_t i = 0; i < N_BLOCKS; i++) {
        assert_int_equal(sek_shelf_block(s, &number), SEK_OK);
        assert_int_equal(number, i);
        assert_int_equal((uintptr_t)s->blocks[i].at % 64, 0);
        fill(s->blocks[i].at, i);
        sek_shelf_close_block(s, i);
    }
    for (uint32_t i = 0; i < N_BLOCKS; i += 3) {
        fill(other, i + 1000);
        assert_int_equal(sek_shelf_replace(s, i, other), SEK_OK);
    }
    for (uint32_t i = 1; i < N_BLOCKS; i += 3)
        sek_shelf_drop(s, i);
    for (uint32_t i = 0; i < N_BLOCKS; i++)
        if (i % 3 != 1)
            check(s, i, i % 3 ? i : i + 1000);
}

static void blocks_are_there_whatever_the_disk_does(void **state) {
    (void)state;
    const struct {
        uint64_t window, room;
        bool refuse_write;
    } cases[] = {{0, 0, false}, {1, 1u << 30, false}, {4u << 20, 1u << 30, false}, {4u << 20, 0, false},
                 {1, 20u << 20, false}, {1, 1u << 30, true}, {1u << 30, 1u << 30, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Disk disk = {.room = cases[i].room, .refuse_write = cases[i].refuse_write};
        SekBacking backing = disk_backing(&disk);
        SekShelf s;
        sek_shelf_init(&s, cases[i].window, &backing);
        use_blocks(&s);
        bool all = cases[i].window && cases[i].window < N_BLOCKS * SEK_SHELF_BLOCK;
        assert_int_equal(s.err.code != SEK_OK, all && (cases[i].refuse_write || cases[i].room < (48u << 20)));
        if (all && !s.err.code)
            assert_true(s.in_memory <= cases[i].window + SEK_SHELF_BLOCK && disk.written >= N_BLOCKS - 5);
        if (!all)
            assert_int_equal(disk.opened, 0);
        sek_shelf_deinit(&s);
        assert_int_equal(disk.opened, disk.closed);
    }
}

static void there_are_only_so_many(void **state) {
    (void)state;
    uint32_t number;
    SekShelf s;
    sek_shelf_init(&s, 0, NULL);
    s.limit = 3 * SEK_SHELF_BLOCK;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(sek_shelf_block(&s, &number), SEK_OK);
    assert_int_equal(sek_shelf_block(&s, &number), SEK_ERR_LIMIT);
    assert_int_equal(s.n_blocks, 3);
    sek_shelf_deinit(&s);
}

/* What is on the disk does not count as memory; when it is full, there are as many more as memory may have. */
static void a_disk_has_an_end_too(void **state) {
    (void)state;
    Disk disk = {.room = 64u << 20};
    SekBacking backing = disk_backing(&disk);
    uint32_t number;
    SekShelf s;
    sek_shelf_init(&s, 1, &backing);
    s.limit = 4 * SEK_SHELF_BLOCK;
    for (unsigned i = 0; i < 64; i++) {
        assert_int_equal(sek_shelf_block(&s, &number), SEK_OK);
        sek_shelf_close_block(&s, number);
    }
    for (unsigned i = 0; i < 4; i++) { /* it is full now */
        assert_int_equal(sek_shelf_block(&s, &number), SEK_OK);
        sek_shelf_close_block(&s, number);
    }
    assert_int_equal(sek_shelf_block(&s, &number), SEK_ERR_LIMIT);
    assert_int_equal(s.err.code, SEK_ERR_IO);
    sek_shelf_deinit(&s);
}

/* A window above what may be in memory without a disk; and more blocks that are being filled than that. */
static void a_large_window_leads_to_the_disk(void **state) {
    (void)state;
    Disk disk = {.room = 64u << 20};
    SekBacking backing = disk_backing(&disk);
    uint32_t number;
    SekShelf s;
    sek_shelf_init(&s, 8 * SEK_SHELF_BLOCK, &backing);
    s.limit = 4 * SEK_SHELF_BLOCK;
    for (unsigned i = 0; i < 12; i++)
        assert_int_equal(sek_shelf_block(&s, &number), SEK_OK);
    for (unsigned i = 0; i < 12; i++)
        sek_shelf_close_block(&s, i);
    for (unsigned i = 0; i < 60; i++) { /* 4 are on the disk, which then takes no more */
        assert_int_equal(sek_shelf_block(&s, &number), SEK_OK);
        sek_shelf_close_block(&s, number);
        assert_int_equal(s.err.code, SEK_OK);
    }
    assert_int_equal(sek_shelf_block(&s, &number), SEK_OK);
    sek_shelf_close_block(&s, number);
    assert_int_equal(s.err.code, SEK_ERR_IO);
    assert_int_equal(s.in_memory, 9 * SEK_SHELF_BLOCK);
    assert_int_equal(sek_shelf_block(&s, &number), SEK_ERR_LIMIT);
    sek_shelf_deinit(&s);
}

static int by_value(const void *a, const void *b, void *user) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    assert_ptr_equal(user, &by_value);
    return x < y ? -1 : x > y;
}

static void sort_many(uint64_t window, uint64_t n, uint64_t room) {
    Disk disk = {.room = room};
    SekBacking backing = disk_backing(&disk);
    SekShelf s;
    sek_shelf_init(&s, window, &backing);
    uint64_t *list = sek_shelf_take(&s, n, sizeof *list), sum = 0, random = n;
    assert_non_null(list);
    for (uint64_t i = 0; i < n; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        list[i] = random >> (i % 3 ? 60 : 8); /* many are equal */
        sum += list[i];
    }
    void *sorted = list;
    union {
        int (*order)(const void *, const void *, void *);
        void *at;
    } user = {by_value};
    assert_int_equal(sek_shelf_sort(&s, &sorted, n, &(SekShelfSort){sizeof *list, by_value, user.at}), SEK_OK);
    list = sorted;
    for (uint64_t i = 0; i < n; i++) {
        assert_true(i == 0 || list[i - 1] <= list[i]);
        sum -= list[i];
    }
    assert_true(sum == 0);
    sek_shelf_give(&s, list);
    assert_int_equal(disk.opened, disk.closed);
    sek_shelf_deinit(&s);
}

static void arrays_are_sorted_in_parts(void **state) {
    (void)state;
    const uint64_t sizes[] = {0, 1, 2, 8191, 8192, 8193, 3 * 8192, 200000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        sort_many(0, sizes[i], 0);
        sort_many(1, sizes[i], 1u << 30);
        sort_many(1, sizes[i], 0);
        sort_many(1, sizes[i], sizes[i] * 8 + 8); /* room for one of the two arrays */
        sort_many(1u << 20, sizes[i], 1u << 30);
    }
}

static void rooms_rest_when_the_window_is_full(void **state) {
    (void)state;
    Disk disk = {.room = 1u << 30, .resident = 5u << 20};
    SekBacking backing = disk_backing(&disk);
    SekShelf s;
    sek_shelf_init(&s, 1u << 20, &backing);
    sek_shelf_breathe(&s);
    char *at = sek_shelf_take(&s, 4u << 20, 1);
    assert_non_null(at);
    for (unsigned i = 0; i < 10000; i++)
        sek_shelf_breathe(&s);
    assert_int_equal(disk.rested, 0); /* what was there before is not its own */
    disk.resident += 1u << 20;
    for (unsigned i = 0; i < 2048; i++)
        sek_shelf_breathe(&s);
    assert_true(disk.rested > 0);
    sek_shelf_give(&s, at);
    sek_shelf_deinit(&s);
}

/* Files of the system: what is let go of is there when it is asked for. */
static void rooms_of_files_keep_what_is_in_them(void **state) {
    (void)state;
    char folder[] = "/tmp/sekisho-shelf-XXXXXX";
    assert_non_null(mkdtemp(folder));
    SekBacking backing = sek_backing_folder(folder);
    SekShelf s;
    sek_shelf_init(&s, 1u << 20, &backing);
    use_blocks(&s);
    if (s.err.code) /* a file system that promises no room */
        print_message("%s\n", s.err.what);
    uint64_t n = (24u << 20) / sizeof(uint64_t), most = 0;
    uint64_t *list = sek_shelf_take(&s, n, sizeof *list), others = s.others;
    assert_non_null(list);
    for (uint64_t i = 0; i < n; i++) {
        list[i] = i * 2654435761u;
        sek_shelf_breathe(&s);
        if (i % 4096 == 0 && backing.resident(backing.self) > most)
            most = backing.resident(backing.self);
    }
    for (uint64_t i = 0; i < n; i++)
        assert_true(list[i] == i * 2654435761u);
    if (!s.err.code)
        assert_true(most < others + (4u << 20)); /* the window, and what comes between two looks */
    sek_shelf_deinit(&s);
    assert_int_equal(rmdir(folder), 0); /* no file has a name */
}

static void a_folder_that_is_not_there_costs_memory(void **state) {
    (void)state;
    SekBacking backing = sek_backing_folder("/there/is/no/such/folder");
    SekShelf s;
    sek_shelf_init(&s, 1, &backing);
    use_blocks(&s);
    assert_int_equal(s.err.code, SEK_ERR_IO);
    assert_non_null(strstr(s.err.what, "temporary file"));
    assert_int_equal(s.on_disk, 0);
    sek_shelf_deinit(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_there_whatever_the_disk_does),
        cmocka_unit_test(there_are_only_so_many),
        cmocka_unit_test(a_disk_has_an_end_too),
        cmocka_unit_test(a_large_window_leads_to_the_disk),
        cmocka_unit_test(arrays_are_sorted_in_parts),
        cmocka_unit_test(rooms_rest_when_the_window_is_full),
        cmocka_unit_test(rooms_of_files_keep_what_is_in_them),
        cmocka_unit_test(a_folder_that_is_not_there_costs_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
