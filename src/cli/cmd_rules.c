/* SPDX-License-Identifier: Apache-2.0 */

/* `sekisho rules ACTION`: what rule authors and those who choose rules ask. */
#define _GNU_SOURCE
#include "cli/cmd_rules.h"
#include "cli/commands.h"
#include "cli/text.h"

#include <stdlib.h>
#include <string.h>

typedef SekRulesCommand Rules;

int sek_rules_complain(const char *what, const char *why) {
    (void)fprintf(stderr, "sekisho rules: %s: %s\n", what, why);
    return SEK_EXIT_USAGE;
}

static bool same_text(SekStr s, const char *text) {
    return s.len == strlen(text) && memcmp(s.ptr, text, s.len) == 0;
}

/* How well a rule is what the user calls it: 3 by its id, 2 by its name, 1 by its title; 0 = not at all. */
static int is_called(const SekRuleInfo *info, const char *name) {
    if (info->part)
        return 0;
    return same_text(info->id, name) ? 3 : same_text(info->name, name) ? 2 : same_text(info->title, name) ? 1 : 0;
}

/* The rule that a user means. That others are called the same is said. */
static bool find_rule(const Rules *r, const char *name, size_t *out) {
    int best = 0;
    size_t n = 0;
    for (size_t i = 0; i < sek_ruleset_count(r->set); i++) {
        int called = is_called(sek_ruleset_rule(r->set, i), name);
        if (called == 0 || called < best)
            continue;
        n = called > best ? 1 : n + 1;
        *out = called > best ? i : *out;
        best = called;
    }
    if (n > 1) {
        SekStr source = sek_ruleset_rule(r->set, *out)->source;
        (void)fprintf(stderr, "sekisho rules: %zu rules are called '%s'; this is the one in ", n, name);
        sek_put_text(stderr, source);
        (void)fprintf(stderr, "\n");
    }
    return n > 0;
}

/* Why there is no such rule: it may be one that was refused. */
static int complain_no_rule(const Rules *r, const char *name) {
    bool refused = false;
    for (size_t i = 0; i < sek_ruleset_problem_count(r->set); i++) {
        const SekRuleProblem *p = sek_ruleset_problem(r->set, i);
        if (!p->not_loaded || (!same_text(p->rule_id, name) && !same_text(p->rule_title, name)))
            continue;
        refused = true;
        sek_put_problem(stderr, p);
    }
    return refused ? SEK_EXIT_USAGE : sek_rules_complain(name, "no such rule is loaded");
}

/* Nothing at all, not even a rule that was refused: a wrong path is likelier than a wish for none. */
static bool is_empty(const Rules *r) {
    SekRuleCounts counts = sek_ruleset_counts(r->set);
    return counts.loaded + counts.not_loaded + counts.left_out + counts.disabled == 0;
}

/* What a list of what was loaded does not show. */
static int tell_not_loaded(const Rules *r) {
    size_t refused = 0, n = sek_ruleset_problem_count(r->set);
    for (size_t i = 0; i < n; i++)
        refused += sek_ruleset_problem(r->set, i)->not_loaded;
    if (refused)
        (void)fprintf(stderr, "sekisho rules: %zu rule%s not loaded; `sekisho rules check` names %s\n", refused, sek_s(refused),
                      refused == 1 ? "it" : "them");
    return r->strict && (refused || sek_ruleset_counts(r->set).warnings) ? SEK_EXIT_USAGE : SEK_EXIT_DONE;
}

/* Parts of rules are none of their own, and what is left out is nobody's wish. */
static bool is_shown(const SekRuleInfo *info) {
    return !info->part && !info->left_out;
}

static int by_place(const void *a, const void *b) {
    const SekRuleProblem *x = *(const SekRuleProblem *const *)a, *y = *(const SekRuleProblem *const *)b;
    size_t n = x->source.len < y->source.len ? x->source.len : y->source.len;
    int order = n ? memcmp(x->source.ptr, y->source.ptr, n) : 0;
    if (order || x->source.len != y->source.len)
        return order ? order : x->source.len < y->source.len ? -1 : 1;
    if (x->line != y->line || x->column != y->column)
        return x->line != y->line ? (x->line < y->line ? -1 : 1) : x->column < y->column ? -1 : 1;
    return x < y ? -1 : x > y; /* as they were found */
}

/* Every problem by its place; false when memory ran out. */
static bool put_problems(const Rules *r, size_t *out_further) {
    size_t n = sek_ruleset_problem_count(r->set);
    const SekRuleProblem **list = calloc(n + 1, sizeof *list);
    for (size_t i = 0; list && i < n; i++) {
        list[i] = sek_ruleset_problem(r->set, i);
        *out_further += list[i]->further;
    }
    if (list)
        qsort(list, n, sizeof *list, by_place);
    for (size_t i = 0; list && i < n; i++)
        if (strcmp(list[i]->code, "read-me-files") != 0)
            sek_put_problem(stdout, list[i]);
    free(list);
    return list != NULL;
}

static int check(const Rules *r) {
    size_t further = 0;
    SekRuleCounts counts = sek_ruleset_counts(r->set);
    if (!put_problems(r, &further))
        return SEK_EXIT_FATAL;
    printf("%zu rule%s loaded, %zu not loaded, ", counts.loaded, sek_s(counts.loaded), counts.not_loaded);
    if (further)
        printf("%zu further error%s in those, ", further, sek_s(further));
    printf("%zu warning%s\n", counts.warnings, sek_s(counts.warnings));
    if (counts.left_out)
        printf("%zu rule%s left out by filters\n", counts.left_out, sek_s(counts.left_out));
    if (counts.disabled)
        printf("%zu rule%s disabled by tuning\n", counts.disabled, sek_s(counts.disabled));
    return counts.not_loaded || (r->strict && counts.warnings) ? SEK_EXIT_USAGE : SEK_EXIT_DONE;
}

static void print_row(const SekRuleInfo *info) {
    sek_put_text(stdout, info->id);
    printf("\t%s\t", sek_level_name(info->level));
    sek_put_text(stdout, info->status);
    printf("\t");
    sek_put_text(stdout, info->title);
    printf("\t");
    for (size_t t = 0; t < info->n_techniques; t++) {
        printf("%s", t ? "," : "");
        sek_put_text(stdout, info->techniques[t]);
    }
    printf("\t");
    sek_put_text(stdout, info->source);
    printf("\n");
}

static int list(const Rules *r) {
    for (size_t i = 0; i < sek_ruleset_count(r->set); i++) {
        const SekRuleInfo *info = sek_ruleset_rule(r->set, i);
        if (info->level < r->min_level || !is_shown(info))
            continue;
        print_row(info);
    }
    return tell_not_loaded(r);
}

static int show(const Rules *r) {
    size_t rule;
    if (r->rest.n != 1)
        return sek_rules_complain("show", "give one rule, by its id, name or title");
    if (!find_rule(r, r->rest.items[0], &rule))
        return complain_no_rule(r, r->rest.items[0]);
    const SekRuleInfo *info = sek_ruleset_rule(r->set, rule);
    printf("# ");
    sek_put_text(stdout, info->source);
    printf("\n%.*s", (int)info->text.len, info->text.ptr);
    return SEK_EXIT_DONE;
}

/* FILE:ID or FILE:ID#N, the colon being the last one: paths may hold colons. */
static bool split_record(const char *text, char **out_path, SekExplainTask *out) {
    const char *colon = strrchr(text, ':');
    char *end;
    if (!colon || colon == text || colon[1] < '0' || colon[1] > '9')
        return false;
    out->record_id = strtoull(colon + 1, &end, 10);
    if (*end == '#') {
        bool number = end[1] >= '1' && end[1] <= '9' && strlen(end + 1) < 10;
        out->nth = number ? (uint32_t)strtoul(end + 1, &end, 10) : 0;
    }
    *out_path = *end ? NULL : strndup(text, (size_t)(colon - text));
    out->path = *out_path;
    return *out_path != NULL;
}

static int explain(const Rules *r) {
    SekExplainTask task = {0};
    char *path;
    SekError err = {0};
    if (r->rest.n != 1 || !r->record)
        return sek_rules_complain("explain", "give a rule, by its id, name or title, and --record FILE:ID");
    if (!find_rule(r, r->rest.items[0], &task.rule))
        return complain_no_rule(r, r->rest.items[0]);
    if (sek_ruleset_rule(r->set, task.rule)->correlation)
        return sek_rules_complain(r->rest.items[0],
                                  "a correlation matches no single record; explain the rules that it refers to");
    if (!split_record(r->record, &path, &task))
        return sek_rules_complain("--record", "expected FILE:ID, such as Security.evtx:1234, or FILE:ID#2 for the second of that number");
    SekStatus status = sek_explain(r->set, &task, stdout, &err);
    free(path);
    if (status == SEK_OK)
        return SEK_EXIT_DONE;
    (void)sek_rules_complain(r->record, err.what[0] ? err.what : "out of memory");
    return status == SEK_NOT_FOUND ? SEK_EXIT_USAGE : SEK_EXIT_FATAL;
}

/* --- stats ---------------------------------------------------------------------------------- */

typedef struct Count {
    SekStr name;
    size_t n;
} Count;

typedef struct Counts {
    Count *list;
    size_t n;
} Counts;

static bool count(Counts *counts, SekStr name) {
    for (size_t i = 0; i < counts->n; i++)
        if (counts->list[i].name.len == name.len && memcmp(counts->list[i].name.ptr, name.ptr, name.len) == 0) {
            counts->list[i].n++;
            return true;
        }
    Count *grown = realloc(counts->list, (counts->n + 1) * sizeof *grown);
    if (!grown)
        return false;
    counts->list = grown;
    counts->list[counts->n++] = (Count){name, 1};
    return true;
}

static int most_first(const void *a, const void *b) {
    const Count *x = a, *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    size_t n = x->name.len < y->name.len ? x->name.len : y->name.len;
    int order = n ? memcmp(x->name.ptr, y->name.ptr, n) : 0;
    return order ? order : x->name.len < y->name.len ? -1 : x->name.len > y->name.len;
}

static void print_count(const Count *count) {
    printf("  %6zu  ", count->n);
    sek_put_text(stdout, count->name);
    printf("\n");
}

static void print_counts(const char *title, Counts *counts) {
    printf("%s\n", title);
    if (counts->n)
        qsort(counts->list, counts->n, sizeof *counts->list, most_first);
    for (size_t i = 0; i < counts->n; i++)
        print_count(&counts->list[i]);
    free(counts->list);
}

static SekStr source_of(const SekRuleInfo *info) {
    static const SekStr none = {"(any)", 5}, correlation = {"(correlation)", 13};
    return info->correlation ? correlation : info->category.len ? info->category : info->service.len ? info->service : none;
}

static void print_rule_name(const SekRuleInfo *info) {
    printf("  ");
    sek_put_text(stdout, info->id);
    printf("  ");
    sek_put_text(stdout, info->title);
    printf("\n");
}

static int stats(const Rules *r) {
    Counts sources = {0}, levels = {0}, statuses = {0}, techniques = {0};
    size_t unguarded = 0, total = sek_ruleset_count(r->set);
    bool ok = true;
    for (size_t i = 0; i < total && ok; i++) {
        const SekRuleInfo *info = sek_ruleset_rule(r->set, i);
        const char *level = sek_level_name(info->level);
        if (!is_shown(info))
            continue;
        ok = count(&sources, source_of(info)) && count(&levels, (SekStr){level, strlen(level)}) &&
             count(&statuses, info->status);
        for (size_t t = 0; t < info->n_techniques && ok; t++)
            ok = count(&techniques, info->techniques[t]);
        unguarded += info->guards == 0 && !info->correlation;
    }
    size_t loaded = sek_ruleset_counts(r->set).loaded;
    printf("%zu rule%s\n", loaded, sek_s(loaded));
    print_counts("By log source", &sources);
    print_counts("By level", &levels);
    print_counts("By status", &statuses);
    print_counts("By technique", &techniques);
    printf("Without a guard (evaluated on every event of their log source): %zu\n", unguarded);
    for (size_t i = 0; i < total && ok; i++) {
        const SekRuleInfo *info = sek_ruleset_rule(r->set, i);
        if (info->guards == 0 && !info->correlation)
            print_rule_name(info);
    }
    return ok ? tell_not_loaded(r) : SEK_EXIT_FATAL;
}

/* --- the command ---------------------------------------------------------------------------- */

typedef enum {
    LOADS_GIVEN, /* the rules of --rules */
    LOADS_REST,  /* what follows are rule files, else --rules */
    LOADS_NOTHING,
} Loads;

static const struct {
    const char *name;
    int (*run)(const Rules *rules);
    Loads loads;
} actions[] = {{"check", check, LOADS_REST},     {"list", list, LOADS_REST},       {"stats", stats, LOADS_REST},
               {"show", show, LOADS_GIVEN},      {"explain", explain, LOADS_GIVEN},
               {"test", sek_rules_test_all, LOADS_REST}, {"update", sek_rules_update, LOADS_NOTHING}};

static int run_loaded(Rules *r, size_t action) {
    SekRuleset *set;
    SekError err = {0};
    SekRulesOptions options = sek_rule_options(&r->rules);
    options.check = actions[action].run == check;
    SekStatus status = sek_ruleset_load_with(&options, &set, &err);
    if (status == SEK_ERR_MEMORY)
        return SEK_EXIT_FATAL;
    if (status != SEK_OK)
        return sek_rules_complain("rules", err.what);
    r->set = set;
    int code = actions[action].run(r);
    if (code == SEK_EXIT_DONE && is_empty(r))
        code = sek_rules_complain(actions[action].name, "no rule was found in what was given");
    sek_ruleset_free(set);
    return code;
}

static int run_action(Rules *r, size_t action) {
    int code = SEK_EXIT_DONE;
    const SekArgs *paths = actions[action].loads == LOADS_REST && r->rest.n ? &r->rest : &r->rules.rules;
    if (actions[action].loads == LOADS_NOTHING)
        code = actions[action].run(r);
    else
        code = sek_rule_paths("rules", paths, &r->rules.paths);
    if (code == SEK_EXIT_DONE && actions[action].loads != LOADS_NOTHING)
        code = run_loaded(r, action);
    if (fflush(stdout) != 0 && code == SEK_EXIT_DONE)
        code = SEK_EXIT_FATAL;
    return code;
}

static int run(int argc, char **argv) {
    Rules r = {0};
    const SekOpt table[] = {
        SEK_RULE_ROWS(r.rules),
        {"record", 0, SEK_OPT_TEXT, "FILE:ID", "explain: the record", &r.record, NULL},
        {"min-level", 'm', SEK_OPT_LEVEL, "LEVEL", "list: leave out rules below LEVEL", &r.min_level, NULL},
        {"from", 0, SEK_OPT_TEXT, "SOURCE", "update: the package, an archive, a folder or https://...", &r.from, NULL},
        {"as", 0, SEK_OPT_TEXT, "NAME", "update: the rule set's name, for --rules @NAME (default: sigma)", &r.name, NULL},
        {"to", 0, SEK_OPT_TEXT, "FOLDER", "update: install there instead", &r.to, NULL},
        {"sha256", 0, SEK_OPT_TEXT, "HEX", "update: the checksum that the package must have", &r.sha256, NULL},
        {"allow-http", 0, SEK_OPT_FLAG, NULL, "update: fetch without encryption too", &r.http, NULL},
        {"quiet", 'q', SEK_OPT_FLAG, NULL, "test: only what fails", &r.quiet, NULL},
        {"strict", 0, SEK_OPT_FLAG, NULL, "check, list, stats: exit with 2 when there are problems, also warnings", &r.strict, NULL},
        {NULL, 0, SEK_OPT_FLAG, NULL, NULL, NULL, NULL},
    };
    size_t action = 0, n = sizeof actions / sizeof *actions;
    while (argc > 1 && action < n && strcmp(argv[1], actions[action].name) != 0)
        action++;
    bool named = argc > 1 && action < n;
    SekParsed parsed = sek_options_parse(&sek_cmd_rules, table, argc - named, argv + named, &r.rest);
    int code = parsed == SEK_PARSED_HELP ? SEK_EXIT_DONE : SEK_EXIT_USAGE;
    if (parsed == SEK_PARSED && !named)
        code = sek_rules_complain("no action", "expected check, list, show, stats, explain, test or update");
    else if (parsed == SEK_PARSED)
        code = run_action(&r, action);
    sek_args_free(&r.rest);
    sek_rule_args_free(&r.rules);
    return code;
}

const SekCommand sek_cmd_rules = {
    .name = "rules",
    .synopsis = "check|list|stats|test [PATH...] | show RULE | explain RULE --record FILE:ID | update --from SOURCE",
    .summary = "check, list, show, explain, test and install Sigma rules",
    .details = "check names every problem with file, line and column (exit code 2 when a rule is not loaded);\n"
               "explain says which part of a rule's condition held on a record and which did not. RULE is an id,\n"
               "a name or a title. test runs rules on the events that stand with them (exit code 1 when one fails).\n"
               "update installs a package of rules where --rules @NAME finds it.",
    .run = run,
};
