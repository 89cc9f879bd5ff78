/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SEKISHO_H
#define SEKISHO_H

/* Sekisho: examine Windows event logs with Sigma rules. This is the one public header; the `scan`
 * command is written with nothing else.
 *
 *   SekRuleset *rules;                      load rules once: immutable, may be shared by threads
 *   sek_ruleset_load(paths, n, &rules, &err);
 *   SekScan *scan;                          one run over some evidence
 *   sek_scan_new(rules, &options, &scan);
 *   sek_scan_add_path(scan, "/evidence");
 *   sek_scan_add_output(scan, &output, &err);
 *   sek_scan_run(scan, &summary, &err);
 *
 * Evidence is only ever opened for reading. Functions that can fail return a SekStatus; outputs are
 * untouched on failure. Strings are UTF-8. Nothing is kept in globals, and no function prints. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SEK_MUST_USE __attribute__((warn_unused_result))

/* --- results --------------------------------------------------------------------------------- */

/* Three kinds, kept apart on purpose: an *outcome* that the caller handles, *bad input*, which is
 * normal for evidence (it is skipped, counted and reported with its place), and *fatal*, which stops
 * the run. */
typedef enum SekStatus {
    SEK_OK = 0,
    SEK_END,             /* outcome: nothing more to give */
    SEK_NOT_FOUND,       /* outcome: no such thing */
    SEK_ERR_INPUT,       /* bad input: malformed bytes or text */
    SEK_ERR_LIMIT,       /* bad input: a stated limit was reached */
    SEK_ERR_UNSUPPORTED, /* bad input: well-formed, but something that is not read */
    SEK_ERR_ARGUMENT,    /* the caller asked for something impossible */
    SEK_ERR_MEMORY,      /* fatal */
    SEK_ERR_IO,          /* fatal */
} SekStatus;

/* Detail of a failure: zero-initialise; a callee that fails fills it. */
typedef struct SekError {
    SekStatus code;
    uint64_t offset; /* bytes from the start of the input; 0 if unknown or text */
    uint32_t line;   /* 1-based; 0 if the input has no lines */
    uint32_t column; /* 1-based; 0 if unknown */
    char what[240];  /* what was wrong and what was expected, UTF-8, NUL-terminated */
} SekError;

/* Borrowed text: not NUL-terminated. `ptr` may be NULL only when `len` is 0. */
typedef struct SekStr {
    const char *ptr;
    size_t len; /* bytes */
} SekStr;

/* Version of the library, e.g. "0.1.0". */
const char *sek_version(void);

/* --- rules ----------------------------------------------------------------------------------- */

/* Sigma's levels, in order. */
typedef enum SekLevel {
    SEK_LEVEL_INFORMATIONAL,
    SEK_LEVEL_LOW,
    SEK_LEVEL_MEDIUM,
    SEK_LEVEL_HIGH,
    SEK_LEVEL_CRITICAL,
} SekLevel;
#define SEK_N_LEVELS 5

/* The name as Sigma writes it. */
const char *sek_level_name(SekLevel level);
/* SEK_OK, or SEK_NOT_FOUND for anything that is not a level. */
SEK_MUST_USE SekStatus sek_level_parse(SekStr text, SekLevel *out);

typedef struct SekRuleset SekRuleset;

/* What findings tell of a rule. Lives as long as its ruleset. */
typedef struct SekRuleInfo {
    SekStr id, title, status, description, author;
    SekStr name; /* by which correlations may call it; usually empty */
    SekLevel level;
    const SekStr *tags, *references, *falsepositives;
    size_t n_tags, n_references, n_falsepositives;
    const SekStr *techniques; /* ATT&CK ids from the tags, e.g. "T1059.001" */
    const SekStr *tactics;    /* ATT&CK short names from the tags, e.g. "execution" */
    size_t n_techniques, n_tactics;
    SekStr category, product, service; /* of its log source; empty = not given */
    size_t guards; /* literals by which it is found without evaluating it; 0 = always evaluated */
    bool correlation;
    bool part; /* stands for no rule of a file: what an aggregation of Sigma 1 counts. Reports nothing */
    bool left_out; /* by choice (SekRulesOptions): loaded for a correlation alone. Reports nothing */
    SekStr source; /* the file it came from, "(built in)/..." for our own pack */
    SekStr text;   /* its YAML */
    SekStr tests;  /* where SigmaHQ's regression data for it are, as the rule says; usually empty */
} SekRuleInfo;

/* Why something in the rule files is not as its author meant it. */
typedef struct SekRuleProblem {
    /* At most one of them; none = a warning about a rule that is loaded. */
    bool not_loaded; /* the error for which the rule is not loaded */
    bool further;    /* one more error of a rule that is not loaded */
    bool note;       /* worth knowing, and nobody's mistake: files that are no rules */
    const char *code;
    SekStr source;
    uint32_t line, column; /* 1-based, 0 = whole file */
    SekStr rule_id, rule_title;
    SekStr text;
} SekRuleProblem;

/* Loads rule files, folders (every *.yml and *.yaml below) and archives of them (zip, 7z, tar, gzip, xz,
 * bzip2, zstd; read in memory, members as pkg.zip!inner/rule.yml); with `n_paths` 0 our own pack, which is
 * built in. Rules that cannot be loaded are named among the problems. SEK_OK; SEK_NOT_FOUND or
 * SEK_ERR_IO when a path cannot be read; SEK_ERR_INPUT or SEK_ERR_LIMIT when an archive is damaged, has
 * no rule file, or unpacks to too much; SEK_ERR_MEMORY. Free with sek_ruleset_free (accepts NULL). */
SEK_MUST_USE SekStatus sek_ruleset_load(const char *const *paths, size_t n_paths, SekRuleset **out,
                                        SekError *err);

/* Texts that somebody gave. */
typedef struct SekTexts {
    const char *const *items;
    size_t n;
} SekTexts;

/* Which rules are meant, by their heads. Of one list any may hold; lists that are empty ask nothing. A tag
 * stands for those that continue it behind a dot, and may lack its "attack."; an author is looked for in the
 * text. All but authors may be several, with commas between. Case does not count. */
typedef struct SekRuleChoice {
    SekTexts ids, statuses, levels, tags, authors;
} SekRuleChoice;

/* What rules are, and what adapts them to the logs. All zero is the default. */
typedef struct SekRulesOptions {
    const char *const *paths;     /* as above */
    size_t n_paths;
    const char *const *pipelines; /* processing pipelines: files, or the name of one that is built in */
    size_t n_pipelines;
    bool no_texts;                /* text, description, author, references and falsepositives of rules are
                                     not kept: only reports (HTML) show them */
    const char *placeholders;     /* file with values for `expand`; NULL = none are known */
    SekTexts tunings;             /* tuning files */
    SekRuleChoice only, except;   /* rules must be what every list of `only` asks, and nothing of `except` */
    const char *cache;            /* folder in which compiled rules are kept from run to run; NULL = none */
    bool check;                   /* for authors: also warn of fields that no event of a rule's log source has,
                                     and look for errors beside the first one that costs a rule */
} SekRulesOptions;

/* The same with options. Also SEK_ERR_INPUT and SEK_ERR_LIMIT when a pipeline, the placeholders or a tuning
 * file cannot be read: what is wrong there would change the meaning of every rule. SEK_ERR_ARGUMENT for a
 * choice that cannot be meant. */
SEK_MUST_USE SekStatus sek_ruleset_load_with(const SekRulesOptions *options, SekRuleset **out, SekError *err);
void sek_ruleset_free(SekRuleset *rules);

/* All that the rule files held, in numbers. */
typedef struct SekRuleCounts {
    size_t loaded;     /* and may report */
    size_t left_out;   /* by `only` and `except` */
    size_t disabled;   /* by tuning files */
    size_t not_loaded; /* with a reason among the problems */
    size_t warnings;
    size_t duplicates; /* of the warnings, those about a rule with the id of another; both are used */
} SekRuleCounts;
SekRuleCounts sek_ruleset_counts(const SekRuleset *rules);

/* Rules by number, also those that are parts of others or left out but needed. */
size_t sek_ruleset_count(const SekRuleset *rules);
const SekRuleInfo *sek_ruleset_rule(const SekRuleset *rules, size_t index);
size_t sek_ruleset_problem_count(const SekRuleset *rules);
const SekRuleProblem *sek_ruleset_problem(const SekRuleset *rules, size_t index);

/* --- rule packages --------------------------------------------------------------------------- */

typedef struct SekInstallOptions {
    const char *package; /* an archive or a folder of rules */
    const char *source;  /* where it came from, for the manifest: a URL; NULL = `package` */
    const char *to;      /* folder to install in */
    const char *sha256;  /* hexadecimal checksum that the package must have; NULL = any */
    uint64_t time;       /* FILETIME for the manifest */
} SekInstallOptions;

typedef struct SekInstalled {
    size_t n_rules;     /* rule files */
    size_t n_left_out;  /* YAML files that are no Sigma */
    size_t n_kept;      /* files of the version before that were changed or added by hand */
    bool replaced;      /* there was a version before */
    char sha256[65];    /* of the package; empty for a folder */
    char licence[1024]; /* its licence file; empty when it has none */
    char kept[4096];    /* folder in which the n_kept files are now */
} SekInstalled;

/* Installs a rule package: its rule files, licences and read-me files, and a manifest with the checksum of
 * each; nothing else is written. An earlier version in `to` is replaced in one step; any other folder with
 * something in it is refused. SEK_OK; SEK_ERR_ARGUMENT (the target), SEK_ERR_INPUT (the checksum differs, a
 * member's path leaves the package, no rule in it), SEK_ERR_LIMIT, SEK_NOT_FOUND, SEK_ERR_IO, SEK_ERR_MEMORY:
 * then `to` is as it was. */
SEK_MUST_USE SekStatus sek_rules_install(const SekInstallOptions *options, SekInstalled *out, SekError *err);

/* --- rules against their own events ----------------------------------------------------------- */

/* What the events that stand with the rules of one file said. */
typedef struct SekRuleTested {
    const SekRuleInfo *rule; /* the file's first */
    size_t n_tests, n_failed; /* no tests: the rules have no events */
} SekRuleTested;

typedef struct SekRuleTestFailure {
    const SekRuleInfo *rule;
    SekStr file;   /* with the events */
    uint32_t line; /* 0 = whole file */
    SekStr what;   /* what was wanted and what came */
    SekStr why;    /* which part of the condition held; may be empty, and have many lines */
} SekRuleTestFailure;

typedef struct SekRuleTestCallbacks {
    void (*tested)(void *user, const SekRuleTested *tested);       /* behind its failures */
    void (*failure)(void *user, const SekRuleTestFailure *failure);
    void *user;
} SekRuleTestCallbacks;

/* Runs every rule on its own events: `NAME.events.jsonl` beside `NAME.yml` (docs/rules.md), and the logs
 * that `regression_tests_path` names. Rules that are built in or in archives have none. SEK_OK also when
 * tests failed; fatal statuses. */
SEK_MUST_USE SekStatus sek_rules_test(const SekRuleset *rules, const SekRuleTestCallbacks *callbacks, SekError *err);

/* --- findings -------------------------------------------------------------------------------- */

typedef struct SekPair {
    SekStr field, value;
} SekPair;

/* A process above the one that an event is about (docs/lineage.md). */
typedef struct SekAncestorInfo {
    SekStr image, command_line, user; /* empty where no event tells */
    uint64_t time;   /* FILETIME of its start; 0 = before what the logs show */
    uint32_t pid;
    uint32_t depth;  /* 1 = parent */
    bool inferred;   /* it, or something between, is inferred and not recorded */
    const char *why; /* one sentence where it is inferred itself; else "" */
} SekAncestorInfo;

/* The event behind one or more findings. */
typedef struct SekFindingEvent {
    uint64_t time; /* FILETIME: 100 ns since 1601-01-01 UTC; 0 = unknown */
    uint64_t record_id;
    uint32_t event_id;
    bool recovered; /* read from outside the file's valid records */
    size_t index;      /* number of the event among those with findings, from 0 */
    size_t file_index; /* number of its file among all files in the order of their paths, from 0 */
    SekStr file;       /* path as given, archive members as pkg.zip!inner/Security.evtx */
    SekStr computer, channel, provider;
    SekStr host; /* the computer under the name that stands for it in this run: "PC1" may mean "pc1.corp.example" */
    const SekPair *fields; /* System and data fields in order; only when an output asks for them */
    size_t n_fields;
    SekStr xml; /* only when an output asks for it */
    SekStr process_tree; /* of its process; empty when it is not known, or no rule asks for lineage */
    const SekAncestorInfo *ancestors; /* the same; nearest first, recorded before inferred */
    size_t n_ancestors;
    bool ancestors_cut; /* there are more than are listed */
} SekFindingEvent;

/* An event that a correlation counted. */
typedef struct SekCorrelatedEvent {
    uint64_t time; /* FILETIME */
    uint64_t record_id;
    SekStr file;
    const SekRuleInfo *rule; /* the rule that matched it */
} SekCorrelatedEvent;

/* What a correlation rule found. */
typedef struct SekCorrelationInfo {
    const char *type;      /* "event_count", "temporal" ... */
    const SekPair *group;  /* group-by names and values; a value that the events lack is not there */
    size_t n_group;
    uint64_t count;        /* events in the window */
    double value;          /* what the condition was held against: a count, a sum, a median ... */
    const SekCorrelatedEvent *events; /* the first 100 of them, in order */
    size_t n_events;
} SekCorrelationInfo;

/* How the text was decoded in which a finding was made (docs/decode.md). */
typedef struct SekLayerInfo {
    SekStr field; /* the event's field that holds the text as recorded */
    SekStr part;  /* which part of its value: "HostApplication", "Command" ...; empty = all of it */
    SekStr kind;  /* language of the layer: "powershell", "cmd" ... */
    SekStr steps; /* what was done, from the text as recorded to the layer: "base64; concat x12" */
    SekStr text;  /* the layer; long ones are cut and marked with U+2026 */
    bool partial; /* part of the disguise is still in it */
} SekLayerInfo;

/* One of the events that a long script was logged in. */
typedef struct SekScriptPartInfo {
    uint32_t number; /* from 1 */
    uint64_t time, record_id;
    SekStr file;
} SekScriptPartInfo;

/* A script that was put together out of several events, of which the finding's event is the first. */
typedef struct SekScriptInfo {
    uint32_t total; /* parts that there should be */
    const SekScriptPartInfo *parts; /* that there are, in order: the first 100 of them */
    size_t n_parts, n_listed;       /* that there are; of them in `parts` */
    SekStr missing;       /* numbers of the parts that are not there: "3-5, 9"; empty = none */
    uint32_t n_conflicts; /* parts of which there is a copy with another text */
    bool cut;             /* longer than what is joined: the last parts that there are were left out */
} SekScriptInfo;

typedef struct SekFinding {
    const SekRuleInfo *rule;
    size_t rule_index; /* in the ruleset */
    const SekFindingEvent *event;
    uint32_t layer; /* 0 = as recorded */
    const SekLayerInfo *decoded; /* how the layer came about; NULL when `layer` is 0 */
    const SekScriptInfo *script; /* NULL but for scripts that were put together */
    const SekPair *matched;
    size_t n_matched;
    bool by_lineage; /* the event's ancestors decided */
    const SekCorrelationInfo *correlation; /* NULL but for correlation rules; `event` then stands for the
                                              window: its last event's time, file and computer */
} SekFinding;

/* Called for each finding in (time, file, record) order; everything is borrowed for the call. Anything
 * but SEK_OK stops the run and is returned by it. */
typedef SekStatus (*SekFindingCallback)(void *user, const SekFinding *finding);

/* --- a run ----------------------------------------------------------------------------------- */

typedef struct SekScan SekScan;

typedef struct SekProgress {
    uint64_t bytes_done, bytes_total; /* total is 0 while unknown (a pipe) */
    uint64_t records, findings;
    double seconds;
} SekProgress;

#define SEK_MEMORY_DEFAULT ((uint64_t)8 << 20)

/* All zero is the default. */
typedef struct SekScanOptions {
    unsigned threads;   /* 0 = one per processor */
    bool recover;       /* also read records found outside the valid ones */
    bool brute_force;   /* evaluate every rule on every event: the same findings, slowly */
    bool no_decode;     /* match text as recorded only, not what it says once it is decoded */
    SekLevel min_level; /* findings of lower levels are not reported */
    uint64_t from, to;  /* FILETIME, both inclusive; 0 = no bound */
    uint64_t memory_bytes;   /* for findings and parts of scripts that wait; 0 = SEK_MEMORY_DEFAULT */
    const char *temp_folder; /* where they wait beyond it, in a file without a name; NULL = /tmp */
    void (*progress)(void *user, const SekProgress *progress); /* some times a second, from any thread */
    void *progress_user;
} SekScanOptions;

typedef enum SekFormat {
    SEK_FORMAT_TABLE,     /* for a person at a terminal */
    SEK_FORMAT_JSONL,     /* one finding a line */
    SEK_FORMAT_CSV,
    SEK_FORMAT_HTML,      /* the report: one file, opens without network */
    SEK_FORMAT_NAVIGATOR, /* layer file of MITRE's ATT&CK Navigator */
    SEK_FORMAT_SUMMARY,   /* what a person reads first: hosts, stages, levels, ledger */
    SEK_FORMAT_SUMMARY_JSON, /* what was read, given up and not loaded, as one JSON object */
} SekFormat;

typedef struct SekOutput {
    SekFormat format;
    FILE *stream;        /* borrowed; flushed at the end, not closed */
    bool colour;         /* TABLE, SUMMARY: ANSI colours */
    unsigned width;      /* TABLE: columns of the terminal; 0 = 120 */
    bool all_fields;     /* JSONL: the event's fields too */
    bool plain_data;     /* HTML: data not compressed, for browsers without DecompressionStream */
    const char *lang;    /* HTML, SUMMARY: "en", "ja"; NULL = en, and the reader's choice in HTML */
} SekOutput;

/* What was read and found. */
typedef struct SekSummary {
    uint64_t bytes, chunks, records, recovered_records, bad_records;
    uint64_t records_without_time; /* whose time cannot be read: --from and --to keep them, correlations do not count them */
    uint64_t records_renamed; /* whose data has names of the Elastic Common Schema, which only rules of the pipeline
                                 "ecs" look for; 0 when the rules went through a pipeline */
    size_t files_read, files_partly, files_skipped, files_ignored;
    uint64_t damages;
    uint64_t losses; /* of the damages, those that cost evidence */
    uint64_t findings, events_with_findings;
    uint64_t by_level[SEK_N_LEVELS];
    uint64_t regex_gave_up; /* matches given up at the limit for regular expressions */
    uint64_t fragments_dropped; /* parts of split scripts that were not joined because memory was spent */
    uint64_t processes;          /* in the trees that were built; 0 when no rule asks for lineage */
    uint64_t processes_inferred; /* of them, those with a cause that is inferred */
    uint64_t lineage_dropped;    /* facts about processes that memory had no room for */
    uint64_t lineage_unknown;    /* conditions that depend on ancestors beyond those that are listed: no match */
    uint64_t correlation_dropped; /* times that an event was not counted because memory was spent */
    uint64_t correlation_copies; /* records that correlations left out, since another file has them too */
    uint64_t spilled_bytes; /* written to the temporary file */
    SekError spill_err; /* code other than SEK_OK: the temporary file failed, for this reason, and findings
                           waited in memory instead, beyond memory_bytes. None was lost */
} SekSummary;

/* SEK_OK or SEK_ERR_MEMORY. `rules` is borrowed and must outlive the run. Free with sek_scan_free. */
SEK_MUST_USE SekStatus sek_scan_new(const SekRuleset *rules, const SekScanOptions *options, SekScan **out);
void sek_scan_free(SekScan *scan);

/* Adds a file, a folder, an archive of logs, or "-" for standard input. SEK_OK or SEK_ERR_MEMORY; what
 * cannot be read is in the ledger after the run. */
SEK_MUST_USE SekStatus sek_scan_add_path(SekScan *scan, const char *path);

/* Adds an output or a callback; any number, in order. SEK_OK, SEK_ERR_ARGUMENT, SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_scan_add_output(SekScan *scan, const SekOutput *output, SekError *err);
SEK_MUST_USE SekStatus sek_scan_add_callback(SekScan *scan, SekFindingCallback callback, void *user);

/* Runs once. SEK_OK also when evidence was skipped (see the summary); fatal statuses otherwise. */
SEK_MUST_USE SekStatus sek_scan_run(SekScan *scan, SekSummary *out, SekError *err);

typedef struct SekExplainTask {
    size_t rule;        /* its number */
    const char *path;   /* as of a scan */
    uint64_t record_id; /* as findings give it; several records of a file may have it */
    uint32_t nth;       /* which of them, from 1 in the order of the file; 0 = the first, and all are listed */
} SekExplainTask;

/* Says why a rule did or did not match a record: each part of its condition, line by line, with the values
 * seen. A record outside the valid ones is looked for when none of these has the number. SEK_OK;
 * SEK_NOT_FOUND when there is no such record; fatal statuses. */
SEK_MUST_USE SekStatus sek_explain(const SekRuleset *rules, const SekExplainTask *task, FILE *stream, SekError *err);

/* --- events as text -------------------------------------------------------------------------- */

typedef enum SekDumpFormat { SEK_DUMP_JSONL, SEK_DUMP_XML } SekDumpFormat;

typedef struct SekDumpOptions {
    SekDumpFormat format;
    bool recover;
    unsigned threads; /* 0 = one per processor */
} SekDumpOptions;

/* Writes every event of `paths` to `stream`, in the order of files and records for any number of threads. Problems with files and records are told to
 * `problem` (may be NULL) as one line each. SEK_OK or a fatal status; `out` (may be NULL) as of a scan. */
SEK_MUST_USE SekStatus sek_dump(const char *const *paths, size_t n_paths, const SekDumpOptions *options,
                                FILE *stream, void (*problem)(void *user, const char *line), void *user,
                                SekSummary *out, SekError *err);

/* --- layers of scripts and command lines ------------------------------------------------------- */

typedef enum SekDecodeFormat { SEK_DECODE_TEXT, SEK_DECODE_JSONL } SekDecodeFormat;

/* All zero is the default. */
typedef struct SekDecodeOptions {
    SekDecodeFormat format;
    const char *kind; /* "powershell", "cmd", "command", "vbscript", "jscript", "text"; NULL = told by name
                         and content. With it every path is a script, and no log */
    bool final;       /* only the text of the last layer */
    bool raw;         /* with `final`: as it is, for a file or a program; else quoted for a terminal */
    bool all;         /* event logs: also texts in which nothing is hidden */
    bool colour;
} SekDecodeOptions;

typedef struct SekDecodeTask {
    const char *const *paths; /* scripts, event logs, folders and archives of logs; "-" = a script from
                                 standard input */
    size_t n_paths;
    const char *const *commands; /* command lines, before the paths */
    size_t n_commands;
    SekDecodeOptions options;
    void (*problem)(void *user, const char *line); /* one line for each problem with a file; may be NULL */
    void *user;
} SekDecodeTask;

typedef struct SekDecodeSummary {
    uint64_t texts, layered, partial; /* read; with anything hidden; not followed to the end */
    uint64_t incomplete; /* scripts of which parts were not logged, or are in none of the logs */
    uint64_t records;                 /* of event logs */
    size_t files_skipped;             /* wholly or in part */
} SekDecodeSummary;

/* Takes the disguise off scripts and command lines, purely by reading them, and writes each text's layers
 * and indicators (addresses, names, paths, hashes) to `stream`. SEK_OK, also when something was skipped
 * (see the summary); SEK_ERR_ARGUMENT for an unknown kind; fatal statuses. */
SEK_MUST_USE SekStatus sek_decode_run(const SekDecodeTask *task, FILE *stream, SekDecodeSummary *out,
                                      SekError *err);

/* Reads "YYYY-MM-DD", "YYYY-MM-DDThh:mm:ss[.fraction][Z|+hh:mm]" as a FILETIME; without a zone it is
 * UTC. SEK_OK or SEK_ERR_INPUT. */
SEK_MUST_USE SekStatus sek_time_parse(SekStr text, uint64_t *out_filetime, SekError *err);

#ifdef __cplusplus
}
#endif
#endif
