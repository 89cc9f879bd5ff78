/* SPDX-License-Identifier: Apache-2.0 */

/* Units of regular files: each byte once, whoever asks; a worker stays with its file as long as it can. */
#define _GNU_SOURCE /* mkdtemp, truncate */
#include "collect/collect.h"

#include "format/evtx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define MOST 64u

typedef struct Fixture {
    char folder[32];
    char paths[MOST][64];
    uint64_t sizes[MOST], given[MOST]; /* bytes behind the header; of those, given so far */
    uint32_t n;
    SekCollect *collect;
    SekSource *source;
    SekUnit units[MOST]; /* one a worker */
} Fixture;

/* Logs that hold so many units and, behind the last whole one, a chunk. */
static void begin(Fixture *f, const uint32_t *units, uint32_t n) {
    *f = (Fixture){.folder = "sekisho-units.XXXXXX", .n = n};
    assert_non_null(mkdtemp(f->folder));
    assert_int_equal(sek_collect_new(&f->collect), SEK_OK);
    f->source = sek_collect_source(f->collect);
    for (uint32_t i = 0; i < n; i++) {
        f->sizes[i] = units[i] ? units[i] * (uint64_t)SEK_UNIT_BYTES + SEK_EVTX_CHUNK_SIZE : 0;
        (void)snprintf(f->paths[i], sizeof f->paths[i], "%s/%02u.evtx", f->folder, i);
        FILE *file = fopen(f->paths[i], "wb");
        assert_non_null(file);
        assert_int_equal(fwrite("ElfFile", 1, 8, file), 8);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(truncate(f->paths[i], (off_t)(SEK_EVTX_HEADER_SIZE + f->sizes[i])), 0);
        assert_int_equal(sek_collect_add(f->collect, f->paths[i]), SEK_OK);
    }
    for (uint32_t w = 0; w < MOST; w++)
        assert_non_null(f->units[w].bytes = malloc(SEK_UNIT_BYTES));
}

static void end(Fixture *f) {
    sek_collect_free(f->collect);
    for (uint32_t w = 0; w < MOST; w++)
        free(f->units[w].bytes);
    for (uint32_t i = 0; i < f->n; i++)
        assert_int_equal(unlink(f->paths[i]), 0);
    assert_int_equal(rmdir(f->folder), 0);
}

/* The file of the next unit of worker `w`, which comes in the order of each file; UINT32_MAX at the end. */
static uint32_t take(Fixture *f, uint32_t w) {
    SekUnit *unit = &f->units[w];
    SekError err = {0};
    SekStatus status = f->source->next(f->source->self, unit, &err);
    if (status == SEK_END)
        return UINT32_MAX;
    assert_int_equal(status, SEK_OK);
    uint32_t i = unit->file;
    uint64_t left = f->sizes[i] - f->given[i];
    assert_int_equal(unit->offset, SEK_EVTX_HEADER_SIZE + f->given[i]);
    assert_int_equal(unit->len, left < SEK_UNIT_BYTES ? left : SEK_UNIT_BYTES);
    f->given[i] += unit->len;
    assert_int_equal(f->source->load(f->source->self, unit, &err), SEK_OK);
    return i;
}

static void all_given(const Fixture *f) {
    for (uint32_t i = 0; i < f->n; i++)
        assert_int_equal(f->given[i], f->sizes[i]);
}

static void test_units__one_worker_reads_file_after_file(void **state) {
    (void)state;
    const uint32_t units[] = {2, 0, 3, 1};
    Fixture f;
    begin(&f, units, 4);
    uint32_t last = 0;
    for (uint32_t i; (i = take(&f, 0)) != UINT32_MAX; last = i)
        assert_true(i >= last);
    assert_int_equal(last, 3);
    all_given(&f);
    assert_int_equal(take(&f, 0), UINT32_MAX); /* and again */
    end(&f);
}

static void test_units__workers_stay_with_their_files_and_help_at_last(void **state) {
    (void)state;
    const uint32_t units[] = {9, 2, 20};
    Fixture f;
    begin(&f, units, 3);
    for (uint32_t k = 0; k < 3; k++) { /* the second has three units, with its last chunk */
        assert_int_equal(take(&f, 0), 0);
        assert_int_equal(take(&f, 1), 1);
    }
    for (uint32_t k = 3; k < 10; k++) {
        assert_int_equal(take(&f, 0), 0);
        assert_int_equal(take(&f, 1), 2);
    }
    for (uint32_t k = 0; k < 3; k++) { /* nothing is left to open */
        assert_int_equal(take(&f, 0), 2);
        assert_int_equal(take(&f, 1), 2);
        assert_int_equal(take(&f, 2), 2);
    }
    while (take(&f, 1) != UINT32_MAX)
        continue;
    all_given(&f);
    assert_int_equal(take(&f, 0), UINT32_MAX);
    end(&f);
}

/* More workers and files than there are open at once, and workers that ask in any order. */
static void test_units__each_byte_is_given_once(void **state) {
    (void)state;
    for (uint32_t workers = 1; workers <= MOST; workers += 7) {
        uint32_t units[MOST], seed = workers, done = 0;
        for (uint32_t i = 0; i < MOST; i++)
            units[i] = i * 5 % 4;
        Fixture f;
        begin(&f, units, MOST);
        while (done < 100) {
            seed = seed * 1664525u + 1013904223u;
            done += take(&f, (seed >> 16) % workers) == UINT32_MAX;
        }
        all_given(&f);
        end(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units__one_worker_reads_file_after_file),
        cmocka_unit_test(test_units__workers_stay_with_their_files_and_help_at_last),
        cmocka_unit_test(test_units__each_byte_is_given_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
