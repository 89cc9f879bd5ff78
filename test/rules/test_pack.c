/* SPDX-License-Identifier: Apache-2.0 */

/* The rule pack against its own events: beside each rule `x.yml` stands `x.events.jsonl`, one event a
 * line with what the rule must say of it. usage: test_pack RULES_DIR [TECHNIQUES_TSV] */
#include "base/file.h"
#include "engine/ruleset.h"
#include "engine/scanner.h"
#include "rules/flat_event.h"
#include "story/attack.h"

#include <stdlib.h>

#define FILE_MAX (4u << 20)

typedef struct Check {
    SekRuleset *rules;
    unsigned n_rules, n_events, n_failed;
} Check;

static void fail(Check *check, const char *path, unsigned line, const char *why) {
    check->n_failed++;
    printf("%s:%u: %s\n", path, line, why);
}

static bool matches(SekScanner *scanner, const SekEvent *event, bool *out) {
    const uint32_t *variants;
    uint32_t n;
    if (sek_scanner_match(scanner, event, &variants, &n) != SEK_OK)
        return false;
    *out = n > 0;
    return true;
}

static void check_line(Check *check, SekScanner *scanner, const char *path, unsigned line, SekStr text,
                       unsigned seen[2]) {
    yyjson_read_err err;
    yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)text.ptr, text.len, 0, NULL, &err);
    if (!doc) {
        fail(check, path, line, err.msg);
        return;
    }
    yyjson_val *root = yyjson_doc_get_root(doc), *wanted = yyjson_obj_get(root, "match");
    SekArena arena;
    sek_arena_init(&arena, 0);
    SekEvent event;
    bool got = false;
    if (!yyjson_is_bool(wanted) || sek_flat_event(yyjson_obj_get(root, "event"), &arena, &event) != SEK_OK) {
        fail(check, path, line, "expected {\"match\": true|false, \"why\": \"...\", \"event\": {...}}");
    } else if (!matches(scanner, &event, &got)) {
        fail(check, path, line, "out of memory");
    } else {
        check->n_events++;
        seen[yyjson_get_bool(wanted)]++;
        const char *why = yyjson_get_str(yyjson_obj_get(root, "why"));
        char message[300];
        (void)snprintf(message, sizeof message, "%s: %s", got ? "matched, must not" : "did not match, must",
                       why ? why : "(no reason given)");
        if (got != yyjson_get_bool(wanted))
            fail(check, path, line, message);
    }
    sek_arena_deinit(&arena);
    yyjson_doc_free(doc);
}

static void check_events(Check *check, SekScanner *scanner, const char *path) {
    SekBuf text;
    SekError err = {0};
    unsigned seen[2] = {0, 0}, line = 0;
    sek_buf_init(&text, FILE_MAX);
    if (sek_file_slurp(path, &text, &err) != SEK_OK)
        fail(check, path, 0, err.what);
    for (size_t at = 0; at < text.len;) {
        SekStr rest = {text.data + at, text.len - at};
        ptrdiff_t end = sek_str_find(rest, SEK_STR("\n"));
        SekStr one = {rest.ptr, end < 0 ? rest.len : (size_t)end};
        line++;
        if (sek_str_trim(one).len)
            check_line(check, scanner, path, line, one, seen);
        at += one.len + 1;
    }
    if (seen[1] < 2 || seen[0] < 2)
        fail(check, path, 0, "fewer than 2 events that must match, or 2 that must not");
    sek_buf_deinit(&text);
}

static void check_tags(Check *check, const SekRuleInfo *rule, const char *path) {
    if (rule->n_techniques == 0)
        fail(check, path, 0, "no ATT&CK technique among the tags");
    if (rule->n_falsepositives == 0)
        fail(check, path, 0, "no false positives named");
    for (size_t i = 0; i < rule->n_techniques; i++) {
        const SekTechnique *t = sek_technique_find(rule->techniques[i]);
        if (!t || !sek_str_eq(sek_str(t->id), rule->techniques[i]))
            fail(check, path, 0, "a technique is not in ATT&CK v19");
    }
}

static void check_rule(Check *check, const char *path) {
    const char *one[] = {path};
    SekError err = {0};
    SekRuleset *rules = NULL;
    if (sek_ruleset_load(one, 1, &rules, &err) != SEK_OK) {
        fail(check, path, 0, err.what);
        return;
    }
    for (size_t i = 0; i < sek_ruleset_problem_count(rules); i++) {
        const SekRuleProblem *p = sek_ruleset_problem(rules, i);
        if (!p->note)
            fail(check, path, p->line, p->text.ptr);
    }
    SekScanner *scanner = NULL;
    if (sek_ruleset_count(rules) != 1) {
        fail(check, path, 0, "expected exactly one rule that can be loaded");
    } else if (sek_scanner_new(rules, &scanner) == SEK_OK) {
        char events[1024];
        (void)snprintf(events, sizeof events, "%.*s.events.jsonl", (int)strlen(path) - 4, path);
        check->n_rules++;
        check_tags(check, sek_ruleset_rule(rules, 0), path);
        check_events(check, scanner, events);
    }
    sek_scanner_free(scanner);
    sek_ruleset_free(rules);
}

static SekStatus visit(void *user, const char *path, const char *problem) {
    Check *check = user;
    if (problem)
        fail(check, path, 0, problem);
    else if (sek_str_find(sek_str(path), SEK_STR("/chains/")) >= 0)
        return SEK_OK; /* on rules of other files: check_whole, and test/e2e/test_lineage.py */
    else if (sek_str_ends(sek_str(path), SEK_STR(".yml")))
        check_rule(check, path);
    return SEK_OK;
}

/* All files together: what a file refers to in another is there. */
static void check_whole(Check *check, const char *folder) {
    const char *one[] = {folder};
    SekError err = {0};
    SekRuleset *rules = NULL;
    unsigned n_correlations = 0;
    if (sek_ruleset_load(one, 1, &rules, &err) != SEK_OK) {
        fail(check, folder, 0, err.what);
        return;
    }
    for (size_t i = 0; i < sek_ruleset_problem_count(rules); i++) {
        const SekRuleProblem *p = sek_ruleset_problem(rules, i);
        if (!p->note)
            fail(check, folder, p->line, p->text.ptr);
    }
    for (size_t i = 0; i < sek_ruleset_count(rules); i++)
        n_correlations += sek_ruleset_rule(rules, i)->correlation;
    if (n_correlations < 2)
        fail(check, folder, 0, "the chains are not among the rules");
    sek_ruleset_free(rules);
}

int main(int argc, char **argv) {
    if (argc != 2)
        return 2;
    Check check = {0};
    if (sek_walk(argv[1], visit, &check) != SEK_OK)
        return 2;
    check_whole(&check, argv[1]);
    printf("%u rules, %u events, %u failures\n", check.n_rules, check.n_events, check.n_failed);
    return check.n_failed || check.n_rules < 40 ? 1 : 0;
}
