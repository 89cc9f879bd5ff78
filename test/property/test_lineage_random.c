/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* mkdtemp */

/* Random process trees times random rules on ancestors: a scan of the tree's logs finds what the naive
 * evaluator says, and lists the same ancestors and the same tree.
 *
 *   test_lineage_random [--pairs N] [--seed N]
 *
 * A pair is one tree with one rule. Prints the seed; on a difference also the rule, the event and the logs.
 * Exit 1 on a difference, and when what matched is too little or too much to mean anything. */
#include "property/gen_lineage.h"

#include "base/timestamp.h"
#include "engine/ruleset.h"

#include <stdlib.h>
#include <unistd.h>

#define DEFAULT_PAIRS 100000u
#define RULES 100u
#define TREES 10u /* one after the other with the same rules */
#define MAX_SHOWN 3u

typedef struct Test {
    SekGen gen;
    uint64_t seed, pairs, wanted, events, matched, deep, joined;
    uint32_t differences;
    char folder[32];
    const SekRuleset *rules;
    SekTree tree;
    uint8_t found[RULES][SEK_TREE_EVENTS]; /* how often */
} Test;

/* --- differences ---------------------------------------------------------------------------- */

static void show(Test *test, const SekTreeEvent *event, const char *what, SekStr about) {
    if (test->differences++ >= MAX_SHOWN)
        return;
    SekBuf logs;
    sek_buf_init(&logs, 1u << 20);
    printf("\nDIFFERENCE (--seed %ju): %s, record %u of file %u\n%.*s\n", (uintmax_t)test->seed, what, event->record,
           event->file, SEK_STR_ARG(about));
    for (uint32_t i = 0; i < test->tree.n_events; i++)
        sek_gen_tree_line(&test->tree.events[i], &logs);
    printf("%.*s\n", SEK_STR_ARG(sek_buf_str(&logs)));
    sek_buf_deinit(&logs);
}

/* --- what the naive evaluator sees ---------------------------------------------------------- */

static void tree_id(const SekTree *t, uint32_t process, SekBuf *out) {
    const SekTreeProcess *root = &t->list[sek_tree_root(t, process)];
    char time[SEK_TIME_TEXT];
    if (root->guid) {
        sek_buf_addf(out, "%s ", root->host);
        sek_gen_guid(root->guid, out);
        return;
    }
    (void)sek_time_format(root->seen, time);
    sek_buf_addf(out, "%s pid %u %s %s", root->host, root->pid, root->started && root->seen ? "at" : "before", time);
}

/* The fields of one event that rules of the test ask for. */
typedef struct Seen {
    SekNaiveField fields[3 + 3 * SEK_TREE_LISTED];
    SekNaiveEvent event;
    uint32_t process, n, above[SEK_TREE_LISTED];
    char depth[16];
    SekBuf tree;
} Seen;

static void add(Seen *s, const char *name, const char *value) {
    if (*value)
        s->fields[s->event.n++] = (SekNaiveField){sek_str(name), sek_str(value)};
}

static void see(const SekTree *t, const SekTreeEvent *e, Seen *s) {
    s->event = (SekNaiveEvent){.fields = s->fields};
    sek_buf_clear(&s->tree);
    add(s, "Note", e->note);
    s->n = 0;
    s->process = e->kind == SEK_TREE_BOOT ? SEK_TREE_NO_PID : sek_tree_process_of(t, e);
    if (s->process == SEK_TREE_NO_PID)
        return;
    s->n = sek_tree_ancestors(t, s->process, s->above, &s->event.cut);
    for (uint32_t i = 0; i < s->n; i++) {
        add(s, "AncestorImage", t->list[s->above[i]].image);
        add(s, "AncestorCommandLine", t->list[s->above[i]].command);
        add(s, "AncestorUser", t->list[s->above[i]].user);
    }
    (void)snprintf(s->depth, sizeof s->depth, "%u", s->n);
    add(s, "AncestorDepth", s->depth);
    tree_id(t, s->process, &s->tree);
    sek_buf_addc(&s->tree, '\0');
    add(s, "ProcessTree", s->tree.data);
}

static bool applies(const SekRule *rule, const SekTreeEvent *e) {
    if (sek_str_eq(rule->logsource.category, SEK_STR("process_creation")))
        return e->kind == SEK_TREE_START;
    return sek_str_eq(rule->logsource.service, SEK_STR("sysmon")) == e->sysmon;
}

/* --- findings ------------------------------------------------------------------------------- */

static bool same_ancestor(const SekTreeProcess *p, const SekAncestorInfo *a, uint32_t depth) {
    return sek_str_eq(a->image, sek_str(p->image)) && sek_str_eq(a->command_line, sek_str(p->command)) &&
           sek_str_eq(a->user, sek_str(p->user)) && a->pid == p->pid && a->depth == depth && !a->inferred &&
           a->time == (p->started ? p->seen : 0);
}

static bool same_lineage(const SekTree *t, const Seen *s, const SekFindingEvent *event) {
    bool known = s->process != SEK_TREE_NO_PID;
    if (event->n_ancestors != s->n || event->ancestors_cut != s->event.cut ||
        !sek_str_eq(event->process_tree, known ? sek_str(s->tree.data) : SEK_STR("")))
        return false;
    for (uint32_t i = 0; i < s->n; i++)
        if (!same_ancestor(&t->list[s->above[i]], &event->ancestors[i], i + 1))
            return false;
    return true;
}

static SekStatus take(void *user, const SekFinding *finding) {
    Test *test = user;
    uint32_t record = (uint32_t)finding->event->record_id;
    if (record == 0 || record > test->tree.n_events || finding->rule_index >= RULES)
        return SEK_ERR_INPUT;
    const SekTreeEvent *event = &test->tree.events[record - 1];
    Seen seen = {.n = 0};
    sek_buf_init(&seen.tree, 1024);
    see(&test->tree, event, &seen);
    test->found[finding->rule_index][record - 1]++;
    if (!same_lineage(&test->tree, &seen, finding->event)) {
        SekBuf told;
        sek_buf_init(&told, 65536);
        sek_buf_addf(&told, "tree %.*s, should be %s; ancestors %zu, should be %u:", SEK_STR_ARG(finding->event->process_tree),
                     seen.tree.len ? seen.tree.data : "none", finding->event->n_ancestors, seen.n);
        for (size_t i = 0; i < finding->event->n_ancestors; i++)
            sek_buf_addf(&told, " %u %.*s;", finding->event->ancestors[i].pid, SEK_STR_ARG(finding->event->ancestors[i].image));
        sek_buf_adds(&told, " should be:");
        for (uint32_t i = 0; i < seen.n; i++)
            sek_buf_addf(&told, " %u %s;", test->tree.list[seen.above[i]].pid, test->tree.list[seen.above[i]].image);
        show(test, event, "another lineage", sek_buf_str(&told));
        sek_buf_deinit(&told);
    }
    sek_buf_deinit(&seen.tree);
    return SEK_OK;
}

/* --- scans ---------------------------------------------------------------------------------- */

static bool write_logs(const Test *test) {
    bool ok = true;
    for (uint32_t file = 0; file < SEK_TREE_FILES; file++) {
        char path[64];
        SekBuf text;
        sek_buf_init(&text, 1u << 20);
        (void)snprintf(path, sizeof path, "%s/%u.jsonl", test->folder, file);
        for (uint32_t i = 0; i < test->tree.n_events; i++)
            if (test->tree.events[i].file == file)
                sek_gen_tree_line(&test->tree.events[i], &text);
        FILE *out = fopen(path, "wb");
        ok = ok && out && fwrite(text.len ? text.data : "", 1, text.len, out) == text.len;
        ok = out && fclose(out) == 0 && ok;
        sek_buf_deinit(&text);
    }
    return ok;
}

static void remove_logs(const Test *test) {
    for (uint32_t file = 0; file < SEK_TREE_FILES; file++) {
        char path[64];
        (void)snprintf(path, sizeof path, "%s/%u.jsonl", test->folder, file);
        (void)remove(path);
    }
    (void)rmdir(test->folder);
}

static bool scan(Test *test) {
    SekScanOptions options = {.threads = 1 + sek_gen_below(&test->gen, 2), .brute_force = sek_gen_chance(&test->gen, 20),
                              .memory_bytes = sek_gen_chance(&test->gen, 50)}; /* 1: all of the forest is on disk */
    SekScan *run = NULL;
    SekSummary summary;
    SekError err = {0};
    memset(test->found, 0, sizeof test->found);
    bool ok = write_logs(test) && sek_scan_new(test->rules, &options, &run) == SEK_OK &&
              sek_scan_add_path(run, test->folder) == SEK_OK && sek_scan_add_callback(run, take, test) == SEK_OK &&
              sek_scan_run(run, &summary, &err) == SEK_OK;
    if (!ok)
        printf("scan: %s\n", err.what);
    else if (summary.records != test->tree.n_events)
        printf("%ju of %u records read\n", (uintmax_t)summary.records, test->tree.n_events);
    ok = ok && summary.records == test->tree.n_events;
    sek_scan_free(run);
    return ok;
}

static bool check_tree(Test *test) {
    sek_gen_tree(&test->gen, &test->tree);
    if (!scan(test))
        return false;
    Seen seen = {.n = 0};
    sek_buf_init(&seen.tree, 1024);
    for (uint32_t i = 0; i < test->tree.n_events; i++) {
        const SekTreeEvent *event = &test->tree.events[i];
        see(&test->tree, event, &seen);
        test->deep += seen.event.cut;
        for (uint32_t r = 0; r < test->rules->n_rules; r++) {
            const SekRule *rule = test->rules->rules[r];
            bool holds = applies(rule, event) && sek_naive_holds(rule, &seen.event);
            if (test->found[r][i] != holds)
                show(test, event, holds ? "did not match once, must" : "matched, must not", rule->text);
            test->matched += holds;
            test->events += applies(rule, event);
        }
    }
    sek_buf_deinit(&seen.tree);
    test->pairs += test->rules->n_rules;
    return true;
}

static SekRuleset *load(Test *test) {
    SekRuleset *rules = calloc(1, sizeof *rules);
    SekBuf yaml;
    sek_buf_init(&yaml, 1u << 20);
    for (uint32_t i = 0; i < RULES; i++) {
        char title[32];
        (void)snprintf(title, sizeof title, "r%u", i);
        sek_gen_tree_rule(&test->gen, title, &yaml);
    }
    bool ok = rules != NULL;
    if (ok) {
        sek_rulefile_init(&rules->file);
        ok = sek_rules_read(&rules->file, SEK_STR("random.yml"), sek_buf_str(&yaml)) == SEK_OK &&
             sek_ruleset_build(rules) == SEK_OK && rules->n_rules == RULES;
    }
    sek_buf_deinit(&yaml);
    if (!ok)
        sek_ruleset_free(rules);
    return ok ? rules : NULL;
}

static bool run(Test *test) {
    while (test->pairs < test->wanted) {
        SekRuleset *rules = load(test);
        bool ok = rules != NULL;
        test->rules = rules;
        for (uint32_t i = 0; i < TREES && ok; i++)
            ok = check_tree(test);
        sek_ruleset_free(rules);
        if (!ok)
            return false;
    }
    return true;
}

int main(int argc, char **argv) {
    static Test test = {.seed = 20261122, .wanted = DEFAULT_PAIRS, .folder = "/tmp/sekisho-XXXXXX"};
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--pairs") == 0)
            test.wanted = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0)
            test.seed = strtoull(argv[i + 1], NULL, 10);
        else
            return 2;
    }
    if (!mkdtemp(test.folder))
        return 2;
    sek_gen_init(&test.gen, test.seed);
    bool ok = run(&test);
    sek_gen_deinit(&test.gen);
    remove_logs(&test);
    double share = test.events ? 100.0 * (double)test.matched / (double)test.events : 0;
    printf("seed %ju: %ju trees and rules, %ju events and rules, %.1f %% matched, %ju events below more than %u "
           "ancestors, %u differences\n", (uintmax_t)test.seed, (uintmax_t)test.pairs, (uintmax_t)test.events, share,
           (uintmax_t)test.deep, SEK_TREE_LISTED, test.differences);
    bool telling = share > 10 && share < 80 && test.deep > 0;
    if (!telling)
        printf("too little or too much matched to mean anything\n");
    return ok && telling && test.differences == 0 ? 0 : 1;
}
