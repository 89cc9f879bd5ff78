/* SPDX-License-Identifier: Apache-2.0 */

/* `sekisho scan`: written with the public header alone, as any program that uses the library would be. */
#define _GNU_SOURCE /* fileno */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/rule_options.h"
#include "cli/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MAX_CONCERNS 10 /* warnings that are told without asking */

typedef struct Scan {
    SekArgs paths;
    SekRuleArgs rules;
    SekScanOptions options;
    SekFormat format;
    const char *format_name, *output, *html, *navigator, *summary, *lang;
    SekLevel fail_on;
    bool fail, quiet, no_colour, all_fields, html_plain, list_rules, strict;
    SekOutFile files[4]; /* output, html, navigator, summary */
    size_t not_loaded;
} Scan;

static int complain(const char *what, const char *why) {
    (void)fprintf(stderr, "sekisho scan: %s: %s\n", what, why);
    return SEK_EXIT_USAGE;
}

static bool colour_for(const Scan *scan, FILE *stream) {
    return !scan->no_colour && sek_wants_colour(stream);
}

static unsigned width_of(FILE *stream) {
    struct winsize size;
    return ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static bool parse_format(Scan *scan) {
    static const struct {
        const char *name;
        SekFormat format;
    } formats[] = {{"table", SEK_FORMAT_TABLE}, {"jsonl", SEK_FORMAT_JSONL}, {"csv", SEK_FORMAT_CSV}};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(scan->format_name, formats[i].name) == 0) {
            scan->format = formats[i].format;
            return true;
        }
    return false;
}

/* Warnings that are not about how a rule is written, but about what the user has: told without asking. */
static bool concerns_user(const SekRuleProblem *p) {
    static const char *const codes[] = {"changed-file", "added-file", "missing-file", "matches-no-rule", "unknown-reference",
                                        "filter-logsource", "archive-in-folder", "no-rule-file", "taxonomy"};
    if (p->not_loaded || p->further || p->note)
        return false; /* counted, and named in the summary */
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strcmp(p->code, codes[i]) == 0)
            return true;
    return false;
}

/* Counts the rules that were not loaded and, on request, names each at once; the summaries name them at the end. */
static void tell_problems(Scan *scan, const SekRuleset *rules) {
    size_t n = sek_ruleset_problem_count(rules), concerns = 0;
    for (size_t i = 0; i < n; i++) {
        const SekRuleProblem *p = sek_ruleset_problem(rules, i);
        scan->not_loaded += p->not_loaded;
        bool tell = !scan->quiet && concerns_user(p) && concerns++ < MAX_CONCERNS;
        if ((scan->list_rules && !p->note) || tell)
            sek_put_problem(stderr, p);
    }
    if (concerns > MAX_CONCERNS && !scan->list_rules)
        (void)fprintf(stderr, "sekisho scan: %zu more such warnings; --rule-problems names them\n", concerns - MAX_CONCERNS);
}

static bool add_output(Scan *scan, SekScan *run, SekOutput output) {
    SekError err = {0};
    output.lang = scan->lang;
    if (sek_scan_add_output(run, &output, &err) == SEK_OK)
        return true;
    (void)complain("output", err.what[0] ? err.what : "out of memory");
    return false;
}

static bool add_outputs(Scan *scan, SekScan *run) {
    FILE *main_stream = scan->output ? scan->files[0].stream : stdout;
    bool table_on_screen = scan->format == SEK_FORMAT_TABLE && !scan->output;
    FILE *summary_stream = table_on_screen ? stdout : stderr;
    if (!add_output(scan, run, (SekOutput){.format = scan->format, .stream = main_stream,
                                           .colour = !scan->output && colour_for(scan, stdout),
                                           .width = width_of(main_stream), .all_fields = scan->all_fields}))
        return false;
    if (scan->html && !add_output(scan, run, (SekOutput){.format = SEK_FORMAT_HTML, .stream = scan->files[1].stream,
                                                         .plain_data = scan->html_plain}))
        return false;
    if (scan->navigator &&
        !add_output(scan, run, (SekOutput){.format = SEK_FORMAT_NAVIGATOR, .stream = scan->files[2].stream}))
        return false;
    if (scan->summary &&
        !add_output(scan, run, (SekOutput){.format = SEK_FORMAT_SUMMARY_JSON, .stream = scan->files[3].stream}))
        return false;
    return scan->quiet || add_output(scan, run, (SekOutput){.format = SEK_FORMAT_SUMMARY, .stream = summary_stream,
                                                            .colour = colour_for(scan, summary_stream)});
}

static int open_files(Scan *scan) {
    const char *const paths[4] = {scan->output, scan->html, scan->navigator, scan->summary};
    const char *given[5] = {NULL};
    size_t n = 0;
    for (int i = 0; i < 4; i++)
        if (paths[i])
            given[n++] = paths[i];
    SekArgs rules = {scan->rules.paths.items, scan->rules.paths.n};
    SekOutGuard guard = {"scan", &scan->paths, &rules, given};
    int code = SEK_EXIT_DONE;
    for (size_t i = 0; i < n && code == SEK_EXIT_DONE; i++)
        code = sek_out_check(&guard, given[i]);
    for (int i = 0; i < 4 && code == SEK_EXIT_DONE; i++)
        if (paths[i])
            code = sek_out_open(&scan->files[i], "scan", paths[i]);
    return code;
}

static bool close_files(Scan *scan, bool keep) {
    bool good = true;
    for (int i = 0; i < 4; i++)
        good = sek_out_close(&scan->files[i], "scan", keep) && good;
    return good;
}

static int exit_code(const Scan *scan, const SekSummary *sum) {
    if (scan->fail)
        for (int level = scan->fail_on; level < SEK_N_LEVELS; level++)
            if (sum->by_level[level])
                return SEK_EXIT_FINDINGS;
    if (scan->strict && (scan->not_loaded || sum->regex_gave_up || sum->correlation_dropped))
        return SEK_EXIT_RULES;
    return sum->files_skipped || sum->bad_records || sum->losses ? SEK_EXIT_SKIPPED : SEK_EXIT_DONE;
}

/* Findings that were to wait on disk waited in memory: nothing is lost, but somebody should know. */
static void tell_spill(const SekSummary *sum) {
    if (sum->spill_err.code != SEK_OK)
        (void)fprintf(stderr, "sekisho scan: %s; findings were held in memory instead, beyond --memory; none is lost\n",
                      sum->spill_err.what);
}

static int run_scan(Scan *scan, const SekRuleset *rules) {
    SekScan *run;
    const char *folder = getenv("TMPDIR");
    scan->options.temp_folder = folder && *folder ? folder : NULL;
    if (isatty(STDERR_FILENO) && !scan->quiet)
        scan->options.progress = sek_progress_show;
    if (sek_scan_new(rules, &scan->options, &run) != SEK_OK)
        return SEK_EXIT_FATAL;
    SekStatus status = SEK_OK;
    for (size_t i = 0; i < scan->paths.n && status == SEK_OK; i++)
        status = sek_scan_add_path(run, scan->paths.items[i]);
    SekSummary sum = {0};
    SekError err = {0};
    if (status == SEK_OK && !add_outputs(scan, run))
        status = SEK_ERR_MEMORY;
    if (status == SEK_OK)
        status = sek_scan_run(run, &sum, &err);
    if (scan->options.progress)
        sek_progress_clear();
    sek_scan_free(run);
    tell_spill(&sum);
    if (status == SEK_OK)
        return exit_code(scan, &sum);
    (void)complain("stopped", err.what[0] ? err.what : "out of memory");
    return SEK_EXIT_FATAL;
}

static int check_arguments(Scan *scan) {
    if (scan->paths.n == 0)
        return complain("no input", "give a file, a folder, an archive, or - for standard input");
    if (!parse_format(scan))
        return complain("--format", "expected table, jsonl or csv");
    if (scan->lang && strcmp(scan->lang, "en") != 0 && strcmp(scan->lang, "ja") != 0)
        return complain("--lang", "expected en or ja");
    if (scan->options.to && scan->options.from > scan->options.to)
        return complain("--from", "lies after --to");
    for (size_t i = 0; i < scan->paths.n; i++)
        if (strcmp(scan->paths.items[i], "-") != 0 && access(scan->paths.items[i], F_OK) != 0)
            return complain(scan->paths.items[i], "no such file or folder");
    return SEK_EXIT_DONE;
}

static int scan_with_rules(Scan *scan, const SekRuleset *rules) {
    tell_problems(scan, rules);
    SekRuleCounts counts = sek_ruleset_counts(rules);
    const char *why = counts.left_out + counts.disabled ? "no rule is left: all were left out or disabled"
                      : counts.not_loaded               ? "no rule could be loaded"
                                                        : "no rule was found";
    int code = counts.loaded == 0 ? complain("--rules", why) : open_files(scan);
    if (code == SEK_EXIT_DONE)
        code = run_scan(scan, rules);
    if (!close_files(scan, code != SEK_EXIT_FATAL && code != SEK_EXIT_USAGE))
        code = SEK_EXIT_FATAL;
    return code;
}

static int scan_with(Scan *scan) {
    int code = check_arguments(scan);
    if (code == SEK_EXIT_DONE)
        code = sek_rule_paths("scan", &scan->rules.rules, &scan->rules.paths);
    if (code != SEK_EXIT_DONE)
        return code;
    SekRuleset *rules;
    SekError err = {0};
    SekRulesOptions options = sek_rule_options(&scan->rules);
    char *cache = sek_cache_folder(&scan->rules);
    options.no_texts = !scan->html;
    options.cache = cache;
    SekStatus status = sek_ruleset_load_with(&options, &rules, &err);
    free(cache);
    if (status == SEK_ERR_MEMORY)
        return SEK_EXIT_FATAL;
    if (status != SEK_OK)
        return complain("rules", err.what);
    code = scan_with_rules(scan, rules);
    sek_ruleset_free(rules);
    return code;
}

static int run(int argc, char **argv) {
    Scan scan = {.format_name = "table"};
    const SekOpt table[] = {
        SEK_RULE_ROWS(scan.rules),
        SEK_CACHE_ROWS(scan.rules),
        {"min-level", 'm', SEK_OPT_LEVEL, "LEVEL", "leave out findings below LEVEL", &scan.options.min_level, NULL},
        {"from", 0, SEK_OPT_TIME, "TIME", "only events at or after TIME (UTC unless it has a zone)", &scan.options.from, NULL},
        {"to", 0, SEK_OPT_TIME_END, "TIME", "only events up to the end of TIME (a date: of that day)", &scan.options.to, NULL},
        {"format", 'f', SEK_OPT_TEXT, "FORMAT", "table (default), jsonl or csv", &scan.format_name, NULL},
        {"output", 'o', SEK_OPT_TEXT, "FILE", "write findings to FILE instead of standard output", &scan.output, NULL},
        {"html", 0, SEK_OPT_TEXT, "FILE", "also write the report, one HTML file", &scan.html, NULL},
        {"html-plain", 0, SEK_OPT_FLAG, NULL, "do not compress the data in the report", &scan.html_plain, NULL},
        {"navigator", 0, SEK_OPT_TEXT, "FILE", "also write an ATT&CK Navigator layer", &scan.navigator, NULL},
        {"fields", 0, SEK_OPT_FLAG, NULL, "jsonl: all fields of the event", &scan.all_fields, NULL},
        {"threads", 't', SEK_OPT_NUMBER, "N", "worker threads (default: one per processor)", &scan.options.threads, NULL},
        {"memory", 0, SEK_OPT_SIZE, "SIZE", "memory for findings until they are sorted, e.g. 64M (default 8M)", &scan.options.memory_bytes, NULL},
        {"recover", 0, SEK_OPT_FLAG, NULL, "also records outside the valid ones (slack, damaged chunks)", &scan.options.recover, NULL},
        {"no-decode", 0, SEK_OPT_FLAG, NULL, "match text as recorded only, not what hidden code says", &scan.options.no_decode, NULL},
        {"no-prefilter", 0, SEK_OPT_FLAG, NULL, "evaluate every rule on every event: the same findings, slowly", &scan.options.brute_force, NULL},
        {"fail-on", 0, SEK_OPT_LEVEL, "LEVEL", "exit code 1 when there is a finding of LEVEL or above", &scan.fail_on, &scan.fail},
        {"summary", 0, SEK_OPT_TEXT, "FILE", "also write what was read, given up and not loaded, as JSON", &scan.summary, NULL},
        {"strict", 0, SEK_OPT_FLAG, NULL, "exit code 3 when a rule was not loaded or gave up at a limit", &scan.strict, NULL},
        {"rule-problems", 0, SEK_OPT_FLAG, NULL, "name every rule that was not loaded, and why", &scan.list_rules, NULL},
        {"lang", 0, SEK_OPT_TEXT, "LANG", "language of summary and report: en or ja", &scan.lang, NULL},
        {"quiet", 'q', SEK_OPT_FLAG, NULL, "no progress and no summary", &scan.quiet, NULL},
        {"no-color", 'K', SEK_OPT_FLAG, NULL, "no colours (NO_COLOR does the same)", &scan.no_colour, NULL},
        {NULL, 0, SEK_OPT_FLAG, NULL, NULL, NULL, NULL},
    };
    SekParsed parsed = sek_options_parse(&sek_cmd_scan, table, argc, argv, &scan.paths);
    int code = parsed == SEK_PARSED_HELP ? SEK_EXIT_DONE : SEK_EXIT_USAGE;
    if (parsed == SEK_PARSED)
        code = scan_with(&scan);
    sek_args_free(&scan.paths);
    sek_rule_args_free(&scan.rules);
    return code;
}

const SekCommand sek_cmd_scan = {
    .name = "scan",
    .synopsis = "PATH...",
    .summary = "find what Sigma rules describe, and show it on the ATT&CK matrix",
    .details = "PATH is an EVTX file, a folder, an archive of them (zip, 7z, tar, gzip ...), or - for standard\n"
               "input. Findings go to standard output, all else to standard error.",
    .run = run,
};
