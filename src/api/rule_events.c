/* SPDX-License-Identifier: Apache-2.0 */

/* Events that stand beside a rule (docs/rules.md): each line says of one event, or of several together,
 * whether the rule must match. They go the way of every flat JSON record. */
#include "api/explain.h"
#include "api/rule_test.h"
#include "base/file.h"
#include "engine/process_reader.h"
#include "engine/runner.h"
#include "engine/settle.h"

#include <stdlib.h>
#include <yyjson.h>

#define FILE_MAX (64u * 1024u * 1024u)
#define MAX_EVENTS 100000u /* of one line */

typedef struct Line {
    SekRuleTest *test;
    SekStr file;
    uint32_t number;
    yyjson_val *root;
    bool *wanted;      /* by rule: what the line is about */
    bool whole_run;    /* one of them is a correlation, or asks for ancestors: known when everything is read */
    bool matched;
    SekBuf events;     /* JSON Lines */
    SekStatus failed;
} Line;

static void fail(Line *line, const char *what) {
    sek_rule_test_count(line->test, line->file, line->number, what);
}

/* --- which rules --------------------------------------------------------------------------- */

static bool asks_for_ancestors(const SekRuleset *rules, uint32_t rule) {
    for (uint32_t i = 0; i < rules->n_variants; i++)
        if (rules->variants[i].rule == rule && rules->variants[i].deferred)
            return true;
    return false;
}

static void want(Line *line, uint32_t rule) {
    const SekRuleTest *t = line->test;
    line->wanted[rule] = true;
    line->whole_run = line->whole_run || t->rules->infos[rule].correlation ||
                      (!t->silent[rule] && asks_for_ancestors(t->rules, rule));
}

/* The rule that the line names, or all of the file that report. */
static bool find_wanted(Line *line) {
    const SekRuleTest *t = line->test;
    yyjson_val *name = yyjson_obj_get(line->root, "rule");
    bool any = false;
    for (uint32_t i = 0; i < t->n_mine; i++) {
        const SekRuleInfo *info = &t->rules->infos[t->mine[i]];
        bool named = name && yyjson_is_str(name) &&
                     (sek_str_eq_nocase(info->id, sek_str(yyjson_get_str(name))) ||
                      sek_str_eq(info->title, sek_str(yyjson_get_str(name))));
        if (!(name ? named : !t->silent[t->mine[i]]))
            continue;
        want(line, t->mine[i]);
        any = true;
    }
    for (uint32_t i = 0; i < t->n_mine && !any && !name; i++) { /* all only serve correlations elsewhere */
        want(line, t->mine[i]);
        any = true;
    }
    return any;
}

/* --- running ------------------------------------------------------------------------------- */

static bool is_wanted(const Line *line, const uint32_t *variants, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (line->wanted[line->test->rules->variants[variants[i]].rule])
            return true;
    return false;
}

static SekStatus explain(Line *line, const SekEvent *event) {
    const SekRuleTest *t = line->test;
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < t->n_mine && status == SEK_OK; i++)
        if (line->wanted[t->mine[i]] && !t->rules->infos[t->mine[i]].correlation)
            status = sek_explain_event(t->rules, t->scanner, t->mine[i], event, &line->test->why);
    return status;
}

/* Event by event: any match counts. */
static SekStatus scan_events(Line *line, bool must) {
    SekRuleTest *t = line->test;
    SekUnit unit = {.kind = SEK_UNIT_JSON_LINES, .bytes = (uint8_t *)line->events.data, .len = line->events.len,
                    .evidence = line->events.len, .cap = line->events.cap, .loaded = true};
    SekEvent event;
    SekStatus status;
    uint32_t seen = 0;
    sek_reader_start(t->reader, &unit);
    while ((status = sek_reader_next(t->reader, &event)) == SEK_OK) {
        const uint32_t *variants;
        uint32_t n;
        seen++;
        status = sek_scanner_match(t->scanner, &event, &variants, &n);
        if (status != SEK_OK)
            return status;
        bool matched = is_wanted(line, variants, n);
        line->matched = line->matched || matched;
        if (matched != must && explain(line, &event) != SEK_OK)
            return SEK_ERR_MEMORY;
    }
    return status == SEK_END ? (seen ? SEK_OK : SEK_NOT_FOUND) : status;
}

/* A source of one unit, for what needs a whole run. */
typedef struct Memory {
    SekSource source;
    SekLedger ledger;
    SekStr text;
    bool given;
} Memory;

static SekStatus next(void *self, SekUnit *unit, SekError *err) {
    (void)err;
    Memory *m = self;
    if (m->given)
        return SEK_END;
    m->given = true;
    size_t cap = unit->cap ? unit->cap : SEK_UNIT_BYTES;
    if (m->text.len > cap) {
        uint8_t *grown = realloc(unit->bytes, m->text.len);
        if (!grown)
            return SEK_ERR_MEMORY;
        unit->bytes = grown;
        cap = m->text.len;
    }
    memcpy(unit->bytes, m->text.ptr, m->text.len);
    *unit = (SekUnit){.kind = SEK_UNIT_JSON_LINES, .bytes = unit->bytes, .cap = cap, .len = m->text.len,
                      .evidence = m->text.len, .loaded = true};
    return SEK_OK;
}

static SekStatus finding(void *self, const SekFinding *f, SekError *err) {
    (void)err;
    Line *line = self;
    line->matched = line->matched || line->wanted[f->rule_index];
    return SEK_OK;
}

static SekStatus end(void *self, const SekRunResult *result, SekError *err) {
    (void)self;
    (void)result;
    (void)err;
    return SEK_OK;
}

static SekStatus run_events(Line *line) {
    Memory m = {.text = sek_buf_str(&line->events)};
    uint32_t entry;
    sek_ledger_init(&m.ledger);
    m.source = (SekSource){.self = &m, .next = next, .ledger = &m.ledger};
    SekSink sink = {.self = line, .finding = finding, .end = end}, *sinks[] = {&sink};
    SekRunOptions options = {.threads = 1};
    SekSummary summary;
    SekStatus status = sek_ledger_add(&m.ledger, line->file, m.text.len, &entry);
    if (status == SEK_OK)
        status = sek_run(line->test->rules, &m.source, &options, sinks, 1, &summary, NULL);
    sek_ledger_deinit(&m.ledger);
    return status == SEK_OK && summary.records == 0 ? SEK_NOT_FOUND : status;
}

/* --- why, of a rule on ancestors ------------------------------------------------------------ */

#define MAX_EXPLAINED 20u /* events of one line */

/* Everything that explaining needs which the run had and has given back. */
typedef struct Hindsight {
    SekProcessReader *processes;
    SekLineageLog log;
    SekShelf shelf;
    SekLineage *lineage;
    SekSettler *settler;
    SekScanner *scanner;
    uint32_t seen, explained;
} Hindsight;

static SekStatus learn(Line *line, Hindsight *h, const SekEvent *event) {
    (void)line;
    return sek_process_note(h->processes, event, 0, &h->log);
}

static bool leads(const SekRuleset *rules, SekScanner *scanner, uint32_t rule, const SekEvent *event) {
    for (uint32_t i = 0; i < rules->n_variants; i++)
        if (rules->variants[i].rule == rule && sek_scanner_leads(scanner, event, i))
            return true;
    return false;
}

/* The event, if it is from the log source of a rule that the line is about. */
static SekStatus explain_later(Line *line, Hindsight *h, const SekEvent *event) {
    SekRuleTest *t = line->test;
    SekStatus status = sek_scanner_start(h->scanner, event);
    h->seen++;
    for (uint32_t i = 0; i < t->n_mine && status == SEK_OK && h->explained < MAX_EXPLAINED; i++) {
        uint32_t rule = t->mine[i];
        if (!line->wanted[rule] || t->rules->infos[rule].correlation || !leads(t->rules, h->scanner, rule, event))
            continue;
        h->explained++;
        sek_buf_addf(&t->why, "%sEvent %u of the line: ", h->explained > 1 ? "\n" : "", h->seen);
        status = sek_explain_event(t->rules, h->scanner, rule, event, &t->why);
    }
    return status;
}

static SekStatus each_event(Line *line, Hindsight *h, SekStatus (*visit)(Line *line, Hindsight *h, const SekEvent *event)) {
    SekUnit unit = {.kind = SEK_UNIT_JSON_LINES, .len = line->events.len, .evidence = line->events.len,
                    .cap = line->events.len, .loaded = true};
    unit.bytes = malloc(line->events.len + 1); /* reading may change it */
    if (!unit.bytes)
        return SEK_ERR_MEMORY;
    memcpy(unit.bytes, line->events.data, line->events.len);
    SekEvent event;
    SekStatus status;
    sek_reader_start(line->test->reader, &unit);
    while ((status = sek_reader_next(line->test->reader, &event)) == SEK_OK && (status = visit(line, h, &event)) == SEK_OK)
        ;
    free(unit.bytes);
    return status == SEK_END ? SEK_OK : status;
}

/* With the ancestors that are known when everything is read. */
static SekStatus explain_run(Line *line) {
    const SekRuleset *rules = line->test->rules;
    Hindsight h = {0};
    sek_shelf_init(&h.shelf, 0, NULL);
    sek_lineage_log_init(&h.log, &h.shelf);
    SekStatus status = sek_process_reader_new(&h.processes);
    if (status == SEK_OK)
        status = each_event(line, &h, learn);
    if (status == SEK_OK)
        status = sek_lineage_build(&h.log, 1, NULL, NULL, &h.lineage);
    if (status == SEK_OK)
        status = sek_settler_new(rules, h.lineage, &h.settler);
    if (status == SEK_OK)
        status = sek_scanner_new(rules, &h.scanner);
    if (status == SEK_OK) {
        sek_scanner_settle(h.scanner, h.processes, h.settler);
        status = each_event(line, &h, explain_later);
    }
    sek_scanner_free(h.scanner);
    sek_process_reader_free(h.processes);
    sek_settler_free(h.settler);
    sek_lineage_free(h.lineage);
    sek_lineage_log_deinit(&h.log);
    sek_shelf_deinit(&h.shelf);
    return status;
}

/* --- lines --------------------------------------------------------------------------------- */

static bool add_event(Line *line, yyjson_val *event) {
    size_t len;
    char *text = yyjson_is_obj(event) ? yyjson_val_write(event, 0, &len) : NULL;
    if (!text)
        return false;
    sek_buf_add(&line->events, text, len);
    sek_buf_addc(&line->events, '\n');
    free(text);
    return line->events.failed == SEK_OK;
}

/* The event of the line, or its events. */
static bool add_events(Line *line) {
    yyjson_val *one = yyjson_obj_get(line->root, "event"), *list = yyjson_obj_get(line->root, "events"), *event;
    size_t i, n;
    if (one || !yyjson_is_arr(list))
        return one && !list && add_event(line, one);
    if (yyjson_arr_size(list) == 0 || yyjson_arr_size(list) > MAX_EVENTS)
        return false;
    yyjson_arr_foreach(list, i, n, event) {
        if (!add_event(line, event))
            return false;
    }
    return true;
}

static SekStatus judge(Line *line, bool must) {
    SekStatus status = line->whole_run ? run_events(line) : scan_events(line, must);
    if (status == SEK_NOT_FOUND) {
        fail(line, "is not read as an event: it needs a Channel, EventID or Provider_Name");
        return SEK_OK;
    }
    if (status != SEK_OK)
        return status;
    yyjson_val *why = yyjson_obj_get(line->root, "why");
    char what[400];
    (void)snprintf(what, sizeof what, "%s: %.300s", must ? "does not match, but must" : "matches, but must not",
                   yyjson_is_str(why) ? yyjson_get_str(why) : "(the line gives no reason)");
    if (line->matched == must)
        sek_buf_clear(&line->test->why);
    else if (line->whole_run)
        status = explain_run(line);
    if (status != SEK_OK)
        return status;
    fail(line, line->matched == must ? NULL : what);
    return SEK_OK;
}

static SekStatus test_line(Line *line, SekStr text) {
    yyjson_read_err problem;
    yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)text.ptr, text.len, 0, NULL, &problem);
    if (!doc && problem.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
        return SEK_ERR_MEMORY;
    line->root = yyjson_doc_get_root(doc);
    line->wanted = calloc((size_t)line->test->rules->n_rules + 1, sizeof *line->wanted);
    yyjson_val *match = yyjson_obj_get(line->root, "match");
    SekStatus status = line->wanted ? SEK_OK : SEK_ERR_MEMORY;
    if (status == SEK_OK && !doc)
        fail(line, problem.msg);
    else if (status == SEK_OK && (!yyjson_is_bool(match) || !add_events(line)))
        fail(line, "expected {\"match\": true or false, \"why\": \"...\", \"event\": {...}}, or \"events\": [{...}, ...]");
    else if (status == SEK_OK && !find_wanted(line))
        fail(line, "names a rule that this file does not have");
    else if (status == SEK_OK)
        status = judge(line, yyjson_get_bool(match));
    free(line->wanted);
    yyjson_doc_free(doc);
    return status;
}

SekStatus sek_rule_test_events(SekRuleTest *test, const char *path) {
    SekBuf text;
    SekError err = {0};
    if (sek_path_kind(path) == SEK_PATH_MISSING)
        return SEK_OK;
    sek_buf_init(&text, FILE_MAX);
    SekStatus status = sek_file_slurp(path, &text, &err);
    if (status != SEK_OK && status != SEK_ERR_MEMORY) {
        sek_rule_test_count(test, sek_str(path), 0, err.what);
        status = SEK_OK;
    }
    uint32_t number = 0;
    if (status == SEK_OK && sek_str_trim(sek_buf_str(&text)).len == 0 && !err.what[0]) /* it would test nothing */
        sek_rule_test_count(test, sek_str(path), 0, "holds no events; write a line for each, or remove the file");
    for (size_t at = 0; at < text.len && status == SEK_OK;) {
        SekStr rest = {text.data + at, text.len - at};
        ptrdiff_t stop = sek_str_find(rest, SEK_STR("\n"));
        SekStr one = {rest.ptr, stop < 0 ? rest.len : (size_t)stop};
        Line line = {.test = test, .file = sek_str(path), .number = ++number};
        sek_buf_init(&line.events, FILE_MAX);
        if (sek_str_trim(one).len)
            status = test_line(&line, one);
        sek_buf_deinit(&line.events);
        at += one.len + 1;
    }
    sek_buf_deinit(&text);
    return status;
}
