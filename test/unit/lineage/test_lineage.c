/* SPDX-License-Identifier: Apache-2.0 */

/* Process trees from facts: views joined, ids used again, parents that nobody logged, hostile input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/base/backing_test.h"
#include "unit/lineage/lineage_test.h"

#include <stdio.h>
#include <stdlib.h>

#define SYSMON SEK_VIEW_SYSMON
#define SECURITY SEK_VIEW_SECURITY

static void both_views_of_a_start_are_one_process(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    story_start(&s, (Start){SYSMON, 10.2, 100, 50, 1, 9, "C:\\a.exe", "a -x", "D\\u", "C:\\p.exe", "p", NULL, 0});
    story_start(&s, (Start){SECURITY, 10.0, 100, 50, 0, 0, "c:\\A.EXE", NULL, "D\\u", "C:\\p.exe", NULL, NULL, 1});
    story_start(&s, (Start){SECURITY, 20.0, 100, 50, 0, 0, "C:\\a.exe", "a", NULL, NULL, NULL, NULL, 1});
    story_build(&s);
    SekLineageStats stats = sek_lineage_stats(s.lineage);
    assert_int_equal(stats.joined, 1);
    assert_int_equal(stats.processes, 3); /* two starts of a.exe; p.exe by hearsay */
    uint32_t first = story_find(&s, 10.1, 100);
    SekProcess p = sek_lineage_process(s.lineage, first);
    assert_int_equal(p.views, 1 << SYSMON | 1 << SECURITY);
    assert_true(sek_str_eq(p.command_line, SEK_STR("a -x")));
    assert_int_not_equal(story_find(&s, 20.5, 100), first);
    story_over(&s);
}

static void copies_of_an_event_are_one_fact(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    for (unsigned i = 0; i < 2; i++)
        story_start(&s, (Start){SYSMON, 1, 7, 4, 3, 2, "C:\\a.exe", "a", "u", "C:\\b.exe", "b", NULL, i});
    story_build(&s);
    assert_int_equal(sek_lineage_stats(s.lineage).processes, 2);
    story_over(&s);
}

static void ids_are_used_again(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    story_start(&s, (Start){SECURITY, 1, 100, 4, 0, 0, "C:\\first.exe", NULL, NULL, NULL, NULL, NULL, 0});
    story_end(&s, SECURITY, 100, 100, 0);
    story_start(&s, (Start){SECURITY, 200, 100, 4, 0, 0, "C:\\second.exe", NULL, NULL, NULL, NULL, NULL, 1});
    story_start(&s, (Start){SECURITY, 50, 101, 100, 0, 0, "C:\\x.exe", NULL, NULL, NULL, NULL, NULL, 0});
    story_start(&s, (Start){SECURITY, 150, 102, 100, 0, 0, "C:\\y.exe", NULL, NULL, "C:\\gone.exe", NULL, NULL, 0});
    story_start(&s, (Start){SECURITY, 250, 103, 100, 0, 0, "C:\\z.exe", NULL, NULL, NULL, NULL, NULL, 0});
    story_build(&s);
    assert_string_equal(story_ancestors(&s, story_find(&s, 51, 101)), "first.exe < ?");
    assert_string_equal(story_ancestors(&s, story_find(&s, 151, 102)), "gone.exe");
    assert_string_equal(story_ancestors(&s, story_find(&s, 251, 103)), "second.exe < ?");
    assert_int_equal(story_find(&s, 120, 100), story_find(&s, 151, 100)); /* hearsay: gone.exe */
    story_over(&s);
}

static void an_end_without_a_time_ends_nothing(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    story_start(&s, (Start){SYSMON, 10, 100, 4, 1, 0, "C:\\first.exe", NULL, NULL, NULL, NULL, NULL, 0});
    SekProcessFact end = {.kind = SEK_FACT_END, .view = SEK_VIEW_SYSMON,
                          .process = {.host = SEK_STR("PC"), .pid = 100, .guid = {1}}};
    assert_int_equal(sek_lineage_log_add(&s.logs[0], &end), SEK_OK);
    story_start(&s, (Start){SECURITY, 50, 101, 100, 0, 0, "C:\\x.exe", NULL, NULL, NULL, NULL, NULL, 0});
    story_build(&s);
    assert_string_equal(story_ancestors(&s, story_find(&s, 51, 101)), "first.exe < ?");
    story_over(&s);
}

/* A GUID twice, of a process whose id is not known and of one that was heard of later: an end that tells no id is of the latter. */
static void an_end_without_an_id_is_of_the_last_with_its_guid(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    story_start(&s, (Start){SYSMON, 10, SEK_NO_PID, 4, 1, 0, "C:\\first.exe", NULL, NULL, NULL, NULL, NULL, 0});
    story_start(&s, (Start){SYSMON, 20, 100, 4, 1, 0, "C:\\second.exe", NULL, NULL, NULL, NULL, NULL, 0});
    story_end(&s, SYSMON, 30, SEK_NO_PID, 1);
    story_build(&s);
    uint32_t second = story_find(&s, 25, 100);
    assert_int_not_equal(second, SEK_NO_PROCESS);
    assert_true(sek_lineage_process(s.lineage, second).end != 0);
    story_over(&s);
}

static void a_parent_of_another_name_is_not_taken(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    story_start(&s, (Start){SECURITY, 1, 100, 4, 0, 0, "C:\\old.exe", NULL, NULL, NULL, NULL, NULL, 0});
    story_start(&s, (Start){SECURITY, 9, 101, 100, 0, 0, "C:\\x.exe", NULL, NULL, "C:\\new.exe", NULL, NULL, 0});
    story_start(&s, (Start){SECURITY, 10, 102, 100, 0, 0, "C:\\y.exe", NULL, NULL, "C:\\new.exe", NULL, NULL, 0});
    story_build(&s);
    assert_string_equal(story_ancestors(&s, story_find(&s, 9, 101)), "new.exe");
    uint32_t x = story_find(&s, 9, 101), y = story_find(&s, 10, 102);
    assert_int_equal(sek_lineage_process(s.lineage, x).parent, sek_lineage_process(s.lineage, y).parent);
    story_over(&s);
}

static void guids_count_more_than_ids(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    story_start(&s, (Start){SYSMON, 1, 100, 4, 1, 0, "C:\\one.exe", "1", NULL, NULL, NULL, NULL, 0});
    story_start(&s, (Start){SYSMON, 2, 100, 4, 2, 0, "C:\\one.exe", "2", NULL, NULL, NULL, NULL, 0});
    story_start(&s, (Start){SYSMON, 3, 101, 100, 3, 1, "C:\\x.exe", "x", NULL, "C:\\one.exe", "1", NULL, 0});
    story_build(&s);
    uint32_t parent = sek_lineage_process(s.lineage, story_find(&s, 3, 101)).parent;
    assert_true(sek_str_eq(sek_lineage_process(s.lineage, parent).command_line, SEK_STR("1")));
    SekProcessKey other = {.host = SEK_STR("PC"), .time = UINT64_MAX, .pid = 100, .guid = {77}};
    assert_int_equal(sek_lineage_find(s.lineage, &other), SEK_NO_PROCESS);
    story_over(&s);
}

static void children_of_one_unseen_parent_are_one_tree(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    story_start(&s, (Start){SYSMON, 5, 200, 90, 5, 8, "C:\\a.exe", "a", "u", "C:\\app.exe", "app -1", NULL, 0});
    story_start(&s, (Start){SECURITY, 900, 201, 90, 0, 0, "C:\\b.exe", NULL, "u", "C:\\app.exe", NULL, NULL, 1});
    story_end(&s, SYSMON, 1000, 90, 8);
    story_build(&s);
    assert_string_equal(story_root(&s, story_find(&s, 6, 200)), "app.exe");
    char a[SEK_TREE_ID], b[SEK_TREE_ID];
    size_t n = sek_lineage_tree_id(s.lineage, story_find(&s, 6, 200), a);
    assert_int_equal(sek_lineage_tree_id(s.lineage, story_find(&s, 901, 201), b), n);
    assert_memory_equal(a, b, n);
    assert_string_equal(a, "PC {08000000-0000-0000-0000-000000000000}");
    assert_int_equal(sek_lineage_stats(s.lineage).hearsay, 1);
    story_over(&s);
}

static void trees_begin_below_windows_own_starters(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    static const char explorer[] = "C:\\Windows\\explorer.exe", fake[] = "C:\\Temp\\Windows\\explorer.exe";
    story_start(&s, (Start){SYSMON, 1, 10, 4, 1, 0, explorer, "e", NULL, NULL, NULL, NULL, 0});
    story_start(&s, (Start){SYSMON, 2, 11, 10, 2, 1, "C:\\mail.exe", "m", NULL, explorer, "e", NULL, 0});
    story_start(&s, (Start){SYSMON, 3, 12, 11, 3, 2, "C:\\word.exe", "w", NULL, "C:\\mail.exe", "m", NULL, 0});
    story_start(&s, (Start){SYSMON, 4, 13, 10, 4, 1, fake, "f", NULL, explorer, "e", NULL, 0});
    story_start(&s, (Start){SYSMON, 5, 14, 13, 5, 4, "C:\\x.exe", "x", NULL, fake, "f", NULL, 0});
    story_build(&s);
    assert_string_equal(story_root(&s, story_find(&s, 3, 12)), "mail.exe");
    assert_string_equal(story_root(&s, story_find(&s, 2, 11)), "mail.exe");
    assert_int_equal(sek_lineage_process(s.lineage, story_find(&s, 5, 14)).root, story_find(&s, 4, 13));
    assert_string_equal(story_root(&s, story_find(&s, 1, 10)), "explorer.exe");
    story_over(&s);
}

static void hosts_are_kept_apart_but_not_by_case(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    story_start(&s, (Start){SYSMON, 1, 10, 4, 1, 0, "C:\\a.exe", "a", NULL, NULL, NULL, "pc", 0});
    story_start(&s, (Start){SYSMON, 1, 10, 4, 2, 0, "C:\\b.exe", "b", NULL, NULL, NULL, "OTHER", 1});
    story_start(&s, (Start){SYSMON, 2, 11, 10, 3, 1, "C:\\c.exe", "c", NULL, "C:\\a.exe", "a", "Pc", 0});
    story_build(&s);
    assert_string_equal(story_ancestors(&s, story_find(&s, 2, 11)), "a.exe < ?");
    story_over(&s);
}

static void circles_are_cut(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    story_start(&s, (Start){SYSMON, 1, 10, 11, 1, 2, "C:\\a.exe", "a", NULL, "C:\\b.exe", "b", NULL, 0});
    story_start(&s, (Start){SYSMON, 1, 11, 10, 2, 1, "C:\\b.exe", "b", NULL, "C:\\a.exe", "a", NULL, 0});
    story_start(&s, (Start){SYSMON, 2, 12, 12, 3, 3, "C:\\self.exe", "s", NULL, "C:\\self.exe", "s", NULL, 0});
    story_start(&s, (Start){SYSMON, 3, 13, 11, 4, 2, "C:\\c.exe", "c", NULL, "C:\\b.exe", "b", NULL, 0});
    story_build(&s);
    assert_int_equal(sek_lineage_stats(s.lineage).circles_cut, 1);
    assert_string_equal(story_ancestors(&s, story_find(&s, 3, 13)), "b.exe < a.exe");
    assert_string_equal(story_ancestors(&s, story_find(&s, 2, 12)), "");
    story_over(&s);
}

/* By a GUID, too; clocks of two events may differ by a few seconds. What its child says of it stays. */
static void a_parent_is_no_younger_than_its_child(void **state) {
    (void)state;
    static const char word[] = "C:\\word.exe", mail[] = "C:\\mail.exe";
    for (unsigned late = 0; late <= 10; late += 5) {
        Story s;
        story_begin(&s);
        story_start(&s, (Start){SYSMON, 5, 9, 4, 9, 0, mail, "m", NULL, NULL, NULL, NULL, 0});
        story_start(&s, (Start){SYSMON, 20 + late, 10, 9, 1, 9, word, "w", NULL, mail, "m", NULL, 0});
        story_start(&s, (Start){SYSMON, 20, 13, 10, 4, 1, "C:\\rundll32.exe", "r", NULL, word, "w", NULL, 0});
        story_build(&s);
        assert_string_equal(story_ancestors(&s, story_find(&s, 20, 13)), late <= 5 ? "word.exe < mail.exe < ?" : "word.exe");
        story_over(&s);
    }
}

static void equal_guids_of_two_hosts_are_two_trees(void **state) {
    (void)state;
    Story s;
    char a[SEK_TREE_ID], b[SEK_TREE_ID];
    story_begin(&s);
    story_start(&s, (Start){SYSMON, 1, 10, 4, 1, 8, "C:\\a.exe", "a", NULL, "C:\\app.exe", "p", "A", 0});
    story_start(&s, (Start){SYSMON, 2, 11, 4, 1, 8, "C:\\b.exe", "b", NULL, "C:\\app.exe", "p", "B", 0});
    story_build(&s);
    SekProcessKey one = {.host = SEK_STR("A"), .time = UINT64_MAX, .pid = 10}, two = {.host = SEK_STR("B"), .time = UINT64_MAX, .pid = 11};
    assert_true(sek_lineage_tree_id(s.lineage, sek_lineage_find(s.lineage, &one), a) > 0);
    assert_true(sek_lineage_tree_id(s.lineage, sek_lineage_find(s.lineage, &two), b) > 0);
    assert_string_equal(a, "A {08000000-0000-0000-0000-000000000000}");
    assert_string_equal(b, "B {08000000-0000-0000-0000-000000000000}");
    story_over(&s);
}

static void depth_and_width_are_bounded(void **state) {
    (void)state;
    enum { N = 20000 };
    Story s;
    story_begin(&s);
    for (uint32_t i = 1; i <= N; i++) {
        story_start(&s, (Start){SYSMON, i, i, i - 1, i, i - 1, "C:\\deep.exe", "d", NULL, "C:\\deep.exe", "d", NULL, 0});
        story_start(&s, (Start){SECURITY, N, i + N, 1, 0, 0, "C:\\wide.exe", NULL, NULL, "C:\\deep.exe", NULL, NULL, 1});
        story_start(&s, (Start){SYSMON, N + 1, 3 * N, 9, 5, 77, "C:\\forged.exe", "f", NULL, "C:\\q", "q", NULL, 1});
    }
    story_build(&s);
    SekAncestor list[SEK_MAX_ANCESTORS];
    uint32_t bottom = story_find(&s, N, N);
    bool cut = false;
    assert_int_equal(sek_lineage_ancestors(s.lineage, bottom, list, &cut), SEK_MAX_ANCESTORS);
    assert_true(cut);
    /* Number 64 has 63 above it and their first parent, which no start tells of. */
    assert_int_equal(sek_lineage_ancestors(s.lineage, story_find(&s, 64, 64), list, &cut), SEK_MAX_ANCESTORS);
    assert_false(cut);
    assert_int_equal(list[SEK_MAX_ANCESTORS - 1].depth, SEK_MAX_ANCESTORS);
    assert_string_equal(story_root(&s, bottom), "deep.exe");
    assert_int_equal(sek_lineage_process(s.lineage, bottom).root,
                     sek_lineage_process(s.lineage, story_find(&s, N, 1)).root);
    story_over(&s);
}

static void hearsay_of_an_id_that_was_used_twice(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    story_start(&s, (Start){SECURITY, 100, 10, 50, 0, 0, "C:\\x.exe", NULL, NULL, "C:\\first.exe", NULL, NULL, 0});
    story_start(&s, (Start){SECURITY, 500, 11, 50, 0, 0, "C:\\y.exe", NULL, NULL, "C:\\second.exe", NULL, NULL, 0});
    story_end(&s, SECURITY, 700, 50, 0);
    story_build(&s);
    uint32_t before = story_find(&s, 50, 50), first = story_find(&s, 200, 50), second = story_find(&s, 600, 50);
    assert_true(first != SEK_NO_PROCESS && second != SEK_NO_PROCESS && first != second);
    assert_int_equal(before, first);
    assert_true(sek_str_eq(sek_lineage_process(s.lineage, first).image, SEK_STR("C:\\first.exe")));
    assert_true(sek_str_eq(sek_lineage_process(s.lineage, second).image, SEK_STR("C:\\second.exe")));
    assert_int_equal(story_find(&s, 900, 50), SEK_NO_PROCESS); /* it has ended */
    story_over(&s);
}

static void what_does_not_fit_is_counted(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    story_start(&s, (Start){SYSMON, 1, 10, 4, 1, 0, "C:\\a.exe", "a", NULL, NULL, NULL, NULL, 0});
    s.shelf.limit = 2 * SEK_SHELF_BLOCK; /* that the first log has taken */
    story_start(&s, (Start){SYSMON, 2, 11, 10, 2, 1, "C:\\b.exe", "b", NULL, NULL, NULL, NULL, 1});
    story_build(&s);
    assert_int_equal(sek_lineage_stats(s.lineage).dropped, 1);
    assert_int_equal(sek_lineage_stats(s.lineage).facts, 1);
    assert_int_equal(story_find(&s, 2, 11), SEK_NO_PROCESS);
    story_over(&s);
}

/* What several logs tell is joined: numbers of texts, and of which stand together, are a log's own. */
static void texts_of_many_processes_stay_theirs(void **state) {
    (void)state;
    enum { N = 6000 };
    char line[32], user[16];
    Story s;
    story_begin(&s);
    for (unsigned i = 0; i < N; i++) {
        (void)snprintf(line, sizeof line, "a %u", i);
        (void)snprintf(user, sizeof user, "u%u", i % 7);
        story_start(&s, (Start){SYSMON, i, 10 + i, 4, 1 + i, 0, i % 2 ? "C:\\a.exe" : "C:\\b.exe", line, user, "C:\\0.exe", NULL,
                                i % 3 ? "PC" : "other", i % 5 == 0});
    }
    story_build(&s);
    for (unsigned i = 0; i < N; i++) {
        SekProcessKey key = {.host = i % 3 ? SEK_STR("PC") : SEK_STR("other"), .pid = 10 + i, .time = UINT64_MAX / 2};
        uint32_t found = sek_lineage_find(s.lineage, &key);
        assert_int_not_equal(found, SEK_NO_PROCESS);
        SekProcess p = sek_lineage_process(s.lineage, found);
        (void)snprintf(line, sizeof line, "a %u", i);
        (void)snprintf(user, sizeof user, "u%u", i % 7);
        assert_true(sek_str_eq(p.command_line, sek_str(line)) && sek_str_eq(p.user, sek_str(user)));
        assert_true(sek_str_eq(p.image, sek_str(i % 2 ? "C:\\a.exe" : "C:\\b.exe")));
    }
    story_over(&s);
}

static void starts_that_are_alike_take_a_cache_line(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    for (unsigned i = 0; i < 1000; i++)
        story_start(&s, (Start){SYSMON, i, 10 + i, 4, 1 + i, 1000000 + i, "C:\\a.exe", "a", "u", "C:\\0.exe", "0", NULL, 0});
    assert_int_equal(s.logs[0].n_blocks, 1);
    assert_int_equal(s.logs[0].blocks[0].n, 1000);
    assert_true(s.logs[0].texts.used * SEK_SHELF_GRAIN < 512);
    story_over(&s);
}

/* Starts and ends of processes with few ids, so that each has been borne often; some parents are known and some are not. */
static void tell_much(Story *s, unsigned n) {
    char line[32], parent[32];
    for (unsigned i = 0; i < n; i++) {
        unsigned mixed = i * 48271u % n;
        (void)snprintf(line, sizeof line, "line %u", mixed);
        (void)snprintf(parent, sizeof parent, "C:\\%u.exe", mixed % 50);
        story_start(s, (Start){mixed % 5 ? SYSMON : SECURITY, mixed, 8 + mixed % 3000 * 4, 8 + (mixed / 2) % 3000 * 4,
                               mixed % 5 ? 1 + mixed : 0, mixed % 3 ? 1 + mixed / 2 : 1000000 + mixed % 7000, parent,
                               line, "u", mixed % 4 ? parent : NULL, NULL, mixed % 11 ? "PC" : "other", i % 2});
        if (mixed % 6 == 0)
            story_end(s, SYSMON, mixed + 0.5, 8 + mixed % 3000 * 4, mixed % 12 ? 1 + mixed : 2000000 + mixed);
    }
}

static void assert_same_process(SekProcess a, SekProcess b) {
    assert_true(a.start == b.start && a.seen == b.seen && a.end == b.end && a.pid == b.pid && a.host == b.host);
    assert_true(a.parent == b.parent && a.cause == b.cause && a.root == b.root && a.views == b.views);
    assert_memory_equal(a.guid, b.guid, sizeof a.guid);
    assert_true(sek_str_eq(a.image, b.image) && sek_str_eq(a.command_line, b.command_line) && sek_str_eq(a.user, b.user));
}

/* Memory enough, next to none and all on disk, a disk that is full from the first or in the middle, one that breaks. */
static void memory_and_disk_change_nothing(void **state) {
    (void)state;
    enum { N = 45000 }; /* several blocks of facts a log, and more texts than are remembered */
    const struct {
        uint64_t window, room;
        bool refuse_write;
    } cases[] = {{1, 1u << 30, false}, {3u << 20, 1u << 30, false}, {1, 0, false}, {1, 16u << 20, false}, {1, 24u << 20, false},
                 {1, 1u << 30, true}};
    Story whole;
    story_begin(&whole);
    tell_much(&whole, N);
    story_build(&whole);
    SekLineageStats want = sek_lineage_stats(whole.lineage);
    assert_true(want.processes > N && want.hearsay > 1000 && want.dropped == 0);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        Disk disk = {.room = cases[c].room, .refuse_write = cases[c].refuse_write};
        SekBacking backing = disk_backing(&disk);
        Story s;
        story_begin_with(&s, cases[c].window, &backing);
        tell_much(&s, N);
        story_build(&s);
        SekLineageStats got = sek_lineage_stats(s.lineage);
        assert_memory_equal(&got, &want, sizeof got);
        for (uint32_t i = 0; i < want.processes; i++)
            assert_same_process(sek_lineage_process(s.lineage, i), sek_lineage_process(whole.lineage, i));
        for (unsigned i = 0; i < N; i += 7)
            assert_int_equal(story_find(&s, i, 8 + i % 3000 * 4), story_find(&whole, i, 8 + i % 3000 * 4));
        if (cases[c].room >= 1u << 30 && !cases[c].refuse_write)
            assert_true(disk.opened > 1 && disk.written > 0 && s.shelf.err.code == SEK_OK);
        else
            assert_int_equal(s.shelf.err.code, SEK_ERR_IO);
        story_over(&s);
        assert_int_equal(disk.opened, disk.closed);
    }
    story_over(&whole);
}

static void the_order_of_facts_does_not_matter(void **state) {
    (void)state;
    static const Start starts[] = {
        {SYSMON, 1, 10, 4, 1, 0, "C:\\a.exe", "a", "u", "C:\\0.exe", "0", NULL, 0},
        {SECURITY, 1.1, 10, 4, 0, 0, "C:\\a.exe", NULL, "u", "C:\\0.exe", NULL, NULL, 1},
        {SYSMON, 2, 11, 10, 2, 1, "C:\\b.exe", "b", "u", "C:\\a.exe", "a", NULL, 1},
        {SECURITY, 3, 12, 11, 0, 0, "C:\\c.exe", NULL, "u", "C:\\b.exe", NULL, NULL, 0},
        {SYSMON, 4, 10, 12, 3, 0, "C:\\a.exe", "again", "u", "C:\\c.exe", "c", NULL, 0},
    };
    enum { N = sizeof starts / sizeof *starts };
    for (unsigned round = 0; round < 4 * N; round++) {
        Story s;
        story_begin(&s);
        for (unsigned i = 0; i < N; i++) {
            Start start = starts[(round & 1 ? N - 1 - i : i + round / 4) % N];
            start.log = round & 2 ? !start.log : start.log;
            story_start(&s, start);
        }
        story_build(&s);
        assert_string_equal(story_ancestors(&s, story_find(&s, 5, 10)), "c.exe < b.exe < a.exe < 0.exe");
        story_over(&s);
    }
}

static void guids_are_read(void **state) {
    (void)state;
    uint8_t guid[16];
    assert_true(sek_process_guid(SEK_STR("{8F3C59A1-93e0-5FE1-3B04-000000002400}"), guid));
    assert_int_equal(guid[0], 0x8F);
    assert_int_equal(guid[4], 0x93);
    assert_int_equal(guid[14], 0x24);
    assert_true(sek_process_guid(SEK_STR("8F3C59A1-93E0-5FE1-3B04-000000002400"), guid));
    static const char *const bad[] = {"", "{}", "{8F3C59A1-93E0-5FE1-3B04-00000000240}", "8F3C59A193E05FE13B04000000002400",
                                      "{8F3C59A1-93E0-5FE1-3B04-00000000240G}", "8F3C59A1-93E0-5FE1-3B0400000-0002400"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(sek_process_guid(sek_str(bad[i]), guid));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_views_of_a_start_are_one_process),
        cmocka_unit_test(copies_of_an_event_are_one_fact),
        cmocka_unit_test(ids_are_used_again),
        cmocka_unit_test(an_end_without_a_time_ends_nothing),
        cmocka_unit_test(an_end_without_an_id_is_of_the_last_with_its_guid),
        cmocka_unit_test(a_parent_of_another_name_is_not_taken),
        cmocka_unit_test(guids_count_more_than_ids),
        cmocka_unit_test(children_of_one_unseen_parent_are_one_tree),
        cmocka_unit_test(trees_begin_below_windows_own_starters),
        cmocka_unit_test(hosts_are_kept_apart_but_not_by_case),
        cmocka_unit_test(circles_are_cut),
        cmocka_unit_test(a_parent_is_no_younger_than_its_child),
        cmocka_unit_test(equal_guids_of_two_hosts_are_two_trees),
        cmocka_unit_test(depth_and_width_are_bounded),
        cmocka_unit_test(hearsay_of_an_id_that_was_used_twice),
        cmocka_unit_test(what_does_not_fit_is_counted),
        cmocka_unit_test(texts_of_many_processes_stay_theirs),
        cmocka_unit_test(starts_that_are_alike_take_a_cache_line),
        cmocka_unit_test(memory_and_disk_change_nothing),
        cmocka_unit_test(the_order_of_facts_does_not_matter),
        cmocka_unit_test(guids_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
