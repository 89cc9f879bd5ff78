/* SPDX-License-Identifier: Apache-2.0 */

/* Runs conformance vectors that expand.py wrote out, one JSON object a line (test/conformance/README.md
 * says what they mean): run_vectors EXPECTED_NUMBER OPEN.tsv FILE.jsonl...
 *
 * Prints each vector that failed with what was wrong, then the counts. OPEN.tsv names vectors that are
 * known to fail ("id TAB reason" a line): such a vector must fail, so that the list only shrinks. Exit 1
 * when one failed or fewer ran than expected, 2 when a file cannot be used. */
#include "base/file.h"
#include "conformance/timeline.h"
#include "conformance/vector_event.h"
#include "engine/ruleset.h"
#include "engine/scanner.h"
#include "rule/filter.h"

#include <stdlib.h>

#define FILE_MAX (32u << 20)
#define MAX_VALUES 64u /* of one placeholder */

typedef struct Run {
    SekStr open; /* text of OPEN.tsv */
    unsigned n_vectors, n_events, n_failed, n_open;
    const char *id; /* of the current vector */
    bool failed;    /* the current vector did */
} Run;

static SekStr json_str(yyjson_val *value) {
    return sek_str_n(yyjson_get_str(value), yyjson_get_len(value));
}

static void fail(Run *run, const char *what, SekStr detail) {
    run->failed = true;
    printf("FAILED %s: %s%.*s\n", run->id, what, SEK_STR_ARG(detail));
}

static bool is_open(const Run *run) {
    size_t len = strlen(run->id);
    for (size_t at = 0; at < run->open.len; at++) {
        SekStr rest = {run->open.ptr + at, run->open.len - at};
        if (sek_str_starts(rest, sek_str(run->id)) && rest.len > len && rest.ptr[len] == '\t')
            return true;
        ptrdiff_t end = sek_str_find(rest, SEK_STR("\n"));
        at += end < 0 ? rest.len : (size_t)end;
    }
    return false;
}

/* Counts the current vector by how it went and what was expected of it. */
static void count(Run *run, const char *why) {
    bool open = is_open(run), failed = run->failed;
    if (failed)
        printf("       why: %s%s\n", why, open ? " (known: open.tsv)" : "");
    if (open && !failed)
        fail(run, "passes now: take it off open.tsv", (SekStr){0});
    run->n_open += open && failed;
    run->n_failed += failed != open;
}

/* --- error classes ------------------------------------------------------------------------- */

static const struct {
    const char *code, *class;
} classes[] = {
    {"yaml-syntax", "yaml"},           {"yaml-utf8", "yaml"},
    {"yaml-character", "yaml"},        {"yaml-duplicate-key", "yaml"},
    {"yaml-key", "yaml"},              {"yaml-alias", "yaml"},
    {"yaml-tag", "yaml"},              {"limit", "limit"},
    {"not-a-rule", "structure"},       {"missing-title", "structure"},
    {"missing-logsource", "structure"}, {"missing-detection", "structure"},
    {"missing-condition", "structure"}, {"bad-detection", "structure"},
    {"bad-action", "structure"},       {"bad-logsource", "logsource"},
    {"log-source", "logsource"},       {"bad-condition", "condition"},
    {"undefined-name", "name"},        {"empty-pattern", "name"},
    {"unknown-modifier", "modifier"},  {"modifier-order", "modifier"},
    {"bad-value", "value"},            {"placeholder", "placeholder"},
    {"regular-expression", "regex"},   {"legacy-aggregation", "deprecated"},
    {"bad-correlation", "correlation"}, {"unknown-reference", "correlation"},
    {"ambiguous-reference", "correlation"}, {"cycle", "correlation"},
    {"depth", "correlation"},          {"bad-filter", "filter"},
};

static const char *class_of(const char *code) {
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strcmp(classes[i].code, code) == 0)
            return classes[i].class;
    return code;
}

/* --- rules --------------------------------------------------------------------------------- */

typedef struct Placeholders {
    yyjson_val *map;
    SekStr values[MAX_VALUES];
} Placeholders;

static SekStatus placeholder(void *user, SekStr name, const SekStr **out_values, uint32_t *out_n) {
    Placeholders *known = user;
    yyjson_val *list = yyjson_obj_getn(known->map, name.ptr, name.len), *one;
    if (!list)
        return SEK_NOT_FOUND;
    size_t index, max;
    yyjson_arr_foreach(list, index, max, one) {
        if (index < MAX_VALUES)
            known->values[index] = json_str(one);
    }
    *out_values = known->values;
    *out_n = (uint32_t)yyjson_arr_size(list);
    return SEK_OK;
}

static SekRuleset *load(yyjson_val *vector) {
    SekRuleset *rules = calloc(1, sizeof *rules);
    if (!rules)
        return NULL;
    Placeholders known = {.map = yyjson_obj_get(vector, "placeholders")};
    sek_rulefile_init(&rules->file);
    rules->file.options = (SekRuleOptions){.placeholder = placeholder, .user = &known};
    SekStatus status =
        sek_rules_read(&rules->file, SEK_STR("vector.yml"), json_str(yyjson_obj_get(vector, "rule")));
    if (status == SEK_OK)
        status = sek_filters_apply(&rules->file);
    if (status == SEK_OK)
        status = sek_correlations_resolve(&rules->file);
    if (status == SEK_OK)
        status = sek_ruleset_build(rules);
    rules->file.options = (SekRuleOptions){0};
    if (status == SEK_OK)
        return rules;
    sek_ruleset_free(rules);
    return NULL;
}

/* The vector's `error`, or none, against the diagnostics of the text. */
static void check_errors(Run *run, const SekRuleset *rules, const char *wanted) {
    bool found = false;
    for (size_t i = 0; i < sek_ruleset_problem_count(rules); i++) {
        const SekRuleProblem *p = sek_ruleset_problem(rules, i);
        if (!p->not_loaded)
            continue;
        bool expected = wanted && strcmp(class_of(p->code), wanted) == 0;
        found = found || expected;
        if (!expected)
            fail(run, wanted ? "refused for another reason: " : "refused: ", p->text);
    }
    if (wanted && !found)
        fail(run, "must be refused, class ", sek_str(wanted));
}

/* --- events -------------------------------------------------------------------------------- */

static bool fired(const SekRuleset *rules, const uint32_t *variants, uint32_t n, SekStr title) {
    for (uint32_t i = 0; i < n; i++)
        if (sek_str_eq(rules->rules[rules->variants[variants[i]].rule]->title, title))
            return true;
    return false;
}

/* Every rule whose title is in `wanted` fired and no other. */
static bool as_listed(const SekRuleset *rules, const uint32_t *variants, uint32_t n, yyjson_val *wanted) {
    size_t index, max;
    yyjson_val *title;
    yyjson_arr_foreach(wanted, index, max, title) {
        if (!fired(rules, variants, n, json_str(title)))
            return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        SekStr name = rules->rules[rules->variants[variants[i]].rule]->title;
        bool listed = false;
        yyjson_arr_foreach(wanted, index, max, title) {
            listed = listed || sek_str_eq(name, json_str(title));
        }
        if (!listed)
            return false;
    }
    return true;
}

static void check_event(Run *run, const SekRuleset *rules, SekScanner *scanner, yyjson_val *entry) {
    SekArena arena;
    sek_arena_init(&arena, 0);
    SekEvent event;
    const uint32_t *variants;
    uint32_t n;
    yyjson_val *object = yyjson_obj_get(entry, "event"), *wanted = yyjson_obj_get(entry, "match");
    yyjson_val *listed = yyjson_obj_get(entry, "rules");
    char *shown = yyjson_val_write(object, 0, NULL);
    run->n_events++;
    if (sek_vector_event(object, &arena, &event) != SEK_OK || (!yyjson_is_bool(wanted) && !listed))
        fail(run, "not an event with `match` or `rules`: ", sek_str(shown ? shown : ""));
    else if (sek_scanner_match(scanner, &event, &variants, &n) != SEK_OK)
        fail(run, "out of memory", (SekStr){0});
    else if (listed && !as_listed(rules, variants, n, listed))
        fail(run, "not exactly the rules that must match: ", sek_str(shown ? shown : ""));
    else if (wanted && (n > 0) != yyjson_get_bool(wanted))
        fail(run, n ? "matched, must not: " : "did not match, must: ", sek_str(shown ? shown : ""));
    free(shown);
    sek_arena_deinit(&arena);
}

static void check_events(Run *run, const SekRuleset *rules, yyjson_val *events) {
    SekScanner *scanner;
    if (sek_scanner_new(rules, &scanner) != SEK_OK) {
        fail(run, "out of memory", (SekStr){0});
        return;
    }
    size_t index, max;
    yyjson_val *entry;
    yyjson_arr_foreach(events, index, max, entry) {
        check_event(run, rules, scanner, entry);
    }
    sek_scanner_free(scanner);
}

static void wrong_in_timeline(void *user, const char *what, SekStr detail) {
    fail(user, what, detail);
}

static void check_timeline(Run *run, const SekRuleset *rules, yyjson_val *events, yyjson_val *findings) {
    run->n_events += (unsigned)yyjson_arr_size(events);
    if (sek_timeline_check(rules, events, findings, wrong_in_timeline, run) != SEK_OK)
        fail(run, "the timeline could not be run", (SekStr){0});
}

static bool check_vector(Run *run, yyjson_val *vector) {
    run->id = yyjson_get_str(yyjson_obj_get(vector, "id"));
    if (!run->id || !yyjson_is_str(yyjson_obj_get(vector, "rule")))
        return false;
    run->failed = false;
    run->n_vectors++;
    SekRuleset *rules = load(vector);
    if (!rules)
        return false;
    const char *error = yyjson_get_str(yyjson_obj_get(vector, "error"));
    yyjson_val *findings = yyjson_obj_get(vector, "findings");
    check_errors(run, rules, error);
    if (!error && sek_ruleset_count(rules) == 0)
        fail(run, "no rule was loaded", (SekStr){0});
    else if (findings)
        check_timeline(run, rules, yyjson_obj_get(vector, "events"), findings);
    else
        check_events(run, rules, yyjson_obj_get(vector, "events"));
    const char *why = yyjson_get_str(yyjson_obj_get(vector, "why"));
    count(run, why ? why : "(not said)");
    sek_ruleset_free(rules);
    return true;
}

/* --- files --------------------------------------------------------------------------------- */

static bool check_file(Run *run, const char *path) {
    SekBuf text;
    SekError err = {0};
    sek_buf_init(&text, FILE_MAX);
    bool ok = sek_file_slurp(path, &text, &err) == SEK_OK;
    if (!ok)
        printf("%s: %s\n", path, err.what);
    for (size_t at = 0, line = 1; ok && at < text.len; line++) {
        yyjson_read_err why;
        yyjson_read_flag flags = YYJSON_READ_STOP_WHEN_DONE | YYJSON_READ_NUMBER_AS_RAW;
        yyjson_doc *doc = yyjson_read_opts(text.data + at, text.len - at, flags, NULL, &why);
        ok = doc && check_vector(run, yyjson_doc_get_root(doc));
        if (!ok)
            printf("%s:%zu: not a vector, or out of memory\n", path, line);
        at += doc ? yyjson_doc_get_read_size(doc) : 0;
        while (at < text.len && (text.data[at] == '\n' || text.data[at] == ' '))
            at++;
        yyjson_doc_free(doc);
    }
    sek_buf_deinit(&text);
    return ok;
}

int main(int argc, char **argv) {
    if (argc < 4)
        return 2;
    unsigned long expected = strtoul(argv[1], NULL, 10);
    Run run = {0};
    SekBuf open;
    SekError err = {0};
    sek_buf_init(&open, FILE_MAX);
    bool ok = sek_file_slurp(argv[2], &open, &err) == SEK_OK;
    if (!ok)
        printf("%s: %s\n", argv[2], err.what);
    run.open = sek_buf_str(&open);
    for (int i = 3; ok && i < argc; i++)
        ok = check_file(&run, argv[i]);
    sek_buf_deinit(&open);
    if (!ok)
        return 2;
    printf("%u vectors, %u events: %u passed, %u failed, %u known to fail\n", run.n_vectors, run.n_events,
           run.n_vectors - run.n_failed - run.n_open, run.n_failed, run.n_open);
    if (run.n_vectors < expected)
        printf("only %u of at least %lu vectors ran\n", run.n_vectors, expected);
    return run.n_failed || run.n_vectors < expected ? 1 : 0;
}
