/* SPDX-License-Identifier: Apache-2.0 */

/* `sekisho rules test`: every rule against the events that stand with it. */
#define _GNU_SOURCE /* access */
#include "cli/cmd_rules.h"
#include "cli/text.h"

#include <string.h>
#include <unistd.h>

typedef struct Tally {
    size_t ok, failed, without, tests, tests_failed;
    bool quiet;
} Tally;

static void put_indented(SekStr text) {
    while (text.len) {
        const char *end = memchr(text.ptr, '\n', text.len);
        SekStr line = {text.ptr, end ? (size_t)(end - text.ptr) : text.len};
        if (line.len) {
            printf("    ");
            sek_put_text(stdout, line);
            printf("\n");
        }
        text.ptr += line.len + (end != NULL);
        text.len -= line.len + (end != NULL);
    }
}

static void failure(void *user, const SekRuleTestFailure *f) {
    (void)user;
    sek_put_text(stdout, f->file);
    if (f->line)
        printf(":%u", f->line);
    printf(": ");
    sek_put_text(stdout, f->what);
    printf("\n");
    put_indented(f->why);
}

static void tested(void *user, const SekRuleTested *t) {
    Tally *tally = user;
    tally->tests += t->n_tests;
    tally->tests_failed += t->n_failed;
    *(t->n_failed ? &tally->failed : t->n_tests ? &tally->ok : &tally->without) += 1;
    if (t->n_tests == 0 || (tally->quiet && !t->n_failed))
        return;
    printf("%-7s ", t->n_failed ? "FAILED" : "ok");
    sek_put_text(stdout, t->rule->source);
    printf("  (%zu of %zu)  ", t->n_tests - t->n_failed, t->n_tests);
    sek_put_text(stdout, t->rule->title);
    printf("\n");
}

/* A rule that has events and was not loaded is one that fails them. */
static bool has_events(SekStr source) {
    char path[4096];
    size_t stem = source.len;
    while (stem && source.ptr[stem - 1] != '.')
        stem--;
    if (stem == 0 || stem + sizeof "events.jsonl" > sizeof path)
        return false;
    memcpy(path, source.ptr, stem);
    memcpy(path + stem, "events.jsonl", sizeof "events.jsonl");
    return access(path, F_OK) == 0;
}

int sek_rules_test_all(const SekRulesCommand *r) {
    Tally tally = {.quiet = r->quiet};
    SekRuleTestCallbacks callbacks = {.tested = tested, .failure = failure, .user = &tally};
    SekError err = {0};
    if (r->rules.paths.n == 0)
        return sek_rules_complain("test", "give rule files or folders; the rules that are built in come without their events");
    size_t refused = 0, orphans = 0;
    for (size_t i = 0; i < sek_ruleset_problem_count(r->set); i++) {
        const SekRuleProblem *p = sek_ruleset_problem(r->set, i);
        bool orphan = strcmp(p->code, "events-without-rule") == 0;
        if (!orphan && (!p->not_loaded || !has_events(p->source)))
            continue;
        sek_put_problem(stdout, p);
        *(orphan ? &orphans : &refused) += 1;
    }
    if (sek_rules_test(r->set, &callbacks, &err) != SEK_OK) {
        (void)sek_rules_complain("test", err.what[0] ? err.what : "out of memory");
        return SEK_EXIT_FATAL;
    }
    SekRuleCounts counts = sek_ruleset_counts(r->set);
    printf("%zu rule file%s ok, %zu failed, %zu without events; %zu test%s, %zu failed; %zu rule%s not loaded, %zu of them with events\n",
           tally.ok, sek_s(tally.ok), tally.failed, tally.without, tally.tests, sek_s(tally.tests), tally.tests_failed,
           counts.not_loaded, sek_s(counts.not_loaded), refused);
    if (orphans)
        printf("%zu event file%s without a rule\n", orphans, sek_s(orphans));
    return tally.failed || refused || orphans ? SEK_EXIT_FINDINGS : SEK_EXIT_DONE;
}
