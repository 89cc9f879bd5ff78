/* SPDX-License-Identifier: Apache-2.0 */

/* What a person reads first: which hosts, how far the attack has come, what was found, what was read
 * and what was not. */
#include "base/grow.h"
#include "base/timestamp.h"
#include "report/report.h"
#include "report/rule_troubles.h"
#include "report/stream.h"
#include "report/terminal.h"
#include "report/words.h"
#include "story/stages.h"

#include <stdlib.h>

#define TOP_RULES 12u
#define LISTED 10u /* damaged or skipped files named; the rest is counted */
#define TITLE_COLUMNS 76u

typedef struct RuleCount {
    uint64_t n;
    uint32_t rule;
} RuleCount;

typedef struct Summary {
    SekStream stream;
    SekStages stages;
    uint64_t *counts; /* findings by rule of the ruleset */
    uint32_t cap_counts;
} Summary;

static SekStatus finding(void *self, const SekFinding *f, SekError *err) {
    (void)err;
    Summary *s = self;
    if (sek_grow_zeroed(&s->counts, &s->cap_counts, (uint32_t)f->rule_index, sizeof *s->counts) != SEK_OK)
        return SEK_ERR_MEMORY;
    s->counts[f->rule_index]++;
    return sek_stages_add(&s->stages, f);
}

static const char *word(const Summary *s, SekWord w) {
    return sek_word(w, s->stream.output.lang);
}

static void title(Summary *s, SekWord w) {
    SekBuf *out = &s->stream.line;
    sek_add_style(out, SEK_STYLE_BOLD, s->stream.output.colour);
    sek_buf_adds(out, word(s, w));
    sek_add_style(out, SEK_STYLE_PLAIN, s->stream.output.colour);
    sek_buf_addc(out, '\n');
}

/* "2020-12-22 00:52:31" */
/* The word for `n` of something. */
static const char *counted(const Summary *s, SekWord w, uint64_t n) {
    return sek_counted_word(w, n, s->stream.output.lang);
}

static void add_minute(SekBuf *out, uint64_t time) {
    char text[SEK_TIME_TEXT];
    if (!time)
        return;
    (void)sek_time_format(time, text);
    sek_buf_addf(out, "%.10s %.8s", text, text + 11);
}

static void add_level(Summary *s, SekLevel level, uint64_t n) {
    SekBuf *out = &s->stream.line;
    sek_add_style(out, sek_level_style(level), s->stream.output.colour);
    sek_buf_addf(out, "%s %ju", sek_level_name(level), (uintmax_t)n);
    sek_add_style(out, SEK_STYLE_PLAIN, s->stream.output.colour);
}

static void add_levels(Summary *s, const uint64_t by_level[SEK_N_LEVELS]) {
    bool first = true;
    for (int level = SEK_LEVEL_CRITICAL; level >= 0; level--) {
        if (!by_level[level])
            continue;
        if (!first)
            sek_buf_adds(&s->stream.line, "  ");
        first = false;
        add_level(s, (SekLevel)level, by_level[level]);
    }
}

static void add_host(Summary *s, const SekHostStages *host) {
    SekBuf *out = &s->stream.line;
    sek_buf_adds(out, "  ");
    sek_add_style(out, SEK_STYLE_BOLD, s->stream.output.colour);
    SekStr name = host->host.len ? host->host : sek_str(word(s, SEK_WORD_HOST_UNKNOWN));
    sek_add_cell(out, name, 40, false);
    sek_add_style(out, SEK_STYLE_PLAIN, s->stream.output.colour);
    sek_buf_adds(out, "  ");
    if (host->all.last) { /* else no finding of the host has a time */
        add_minute(out, host->all.first);
        sek_buf_addf(out, " %s ", word(s, SEK_WORD_TO));
        add_minute(out, host->all.last);
        sek_buf_adds(out, " UTC  ");
    }
    add_levels(s, host->by_level);
    sek_buf_adds(out, "\n    ");
    bool first = true;
    for (unsigned i = 0; i < sek_n_tactics; i++) {
        if (!host->tactics[i].findings)
            continue;
        sek_buf_adds(out, first ? "" : " > ");
        first = false;
        sek_add_style(out, sek_level_style(host->tactics[i].highest), s->stream.output.colour);
        sek_buf_adds(out, sek_tactic_word(i, s->stream.output.lang));
        sek_add_style(out, SEK_STYLE_PLAIN, s->stream.output.colour);
        sek_buf_addf(out, " %ju", (uintmax_t)host->tactics[i].findings);
    }
    sek_buf_addf(out, "%s\n", first ? word(s, SEK_WORD_NO_STAGE) : "");
}

/* A computer that was searched and is clean is a result too. Whether a name is there, the map tells also when
 * the hosts are sorted. */
static void add_quiet_hosts(Summary *s, const SekRunResult *r) {
    SekBuf *out = &s->stream.line;
    uint32_t n = 0, at;
    for (uint32_t i = 0; i < r->n_hosts; i++) {
        SekStr name = r->hosts[i].name;
        if (name.len == 0 || sek_strmap_get(&s->stages.by_name, name, &at) == SEK_OK)
            continue;
        if (n < LISTED) {
            sek_buf_addf(out, n ? ", " : "  %s: ", word(s, SEK_WORD_QUIET_HOSTS));
            sek_add_cell(out, name, 40, false);
        }
        n++;
    }
    if (n > LISTED)
        sek_buf_addf(out, " ... %u %s", n - LISTED, word(s, SEK_WORD_MORE));
    sek_buf_adds(out, n ? "\n\n" : "");
}

static int most_first(const void *a, const void *b) {
    const RuleCount *x = a, *y = b;
    return x->n != y->n ? (x->n > y->n ? -1 : 1) : x->rule < y->rule ? -1 : x->rule > y->rule;
}

static SekStatus add_top_rules(Summary *s, const SekRuleset *rules) {
    RuleCount *list = calloc((size_t)s->cap_counts + 1, sizeof *list);
    if (!list)
        return SEK_ERR_MEMORY;
    size_t n = 0;
    for (uint32_t i = 0; i < s->cap_counts && i < rules->n_rules; i++)
        if (s->counts[i])
            list[n++] = (RuleCount){s->counts[i], i};
    qsort(list, n, sizeof *list, most_first);
    SekBuf *out = &s->stream.line;
    if (n)
        title(s, SEK_WORD_RULES_TOP);
    for (size_t i = 0; i < n && i < TOP_RULES; i++) {
        const SekRuleInfo *rule = &rules->infos[list[i].rule];
        sek_buf_addf(out, "  %7ju  ", (uintmax_t)list[i].n);
        sek_add_style(out, sek_level_style(rule->level), s->stream.output.colour);
        sek_add_cell(out, sek_str(sek_level_name(rule->level)), 13, true);
        sek_add_style(out, SEK_STYLE_PLAIN, s->stream.output.colour);
        sek_buf_addc(out, ' ');
        sek_add_cell(out, rule->title, TITLE_COLUMNS, false);
        sek_buf_addc(out, '\n');
    }
    if (n > TOP_RULES)
        sek_buf_addf(out, "  %7s  %zu %s\n", "...", n - TOP_RULES, word(s, SEK_WORD_MORE));
    if (n)
        sek_buf_addc(out, '\n');
    free(list);
    return SEK_OK;
}

static void add_bytes(SekBuf *out, uint64_t bytes) {
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double value = (double)bytes;
    int unit = 0;
    for (; value >= 1000 && unit < 4; unit++)
        value /= 1000;
    sek_buf_addf(out, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

/* The first damage that cost evidence, else the first. */
static const SekDamage *gravest(const SekFileEntry *f) {
    for (uint32_t i = 0; i < f->n_damages; i++)
        if (f->damages[i].lost)
            return &f->damages[i];
    return &f->damages[0];
}

static void add_file(SekBuf *out, const SekFileEntry *f) {
    sek_buf_adds(out, "    ");
    sek_add_cell(out, f->path, 100, false);
    sek_buf_adds(out, ": ");
    if (f->status == SEK_FILE_PARTLY && f->n_damages) {
        const SekDamage *d = gravest(f);
        sek_buf_addf(out, "%s at offset %ju", d->what, (uintmax_t)d->offset);
        if (d->example[0])
            sek_buf_adds(out, ": ");
        sek_add_cell(out, sek_str(d->example), SEK_DAMAGE_EXAMPLE, false);
        uint64_t more = f->n_damages + f->n_more_damages - 1;
        if (more)
            sek_buf_addf(out, " (+%ju)", (uintmax_t)more);
    } else {
        sek_add_cell(out, f->reason, 100, false);
    }
    sek_buf_addc(out, '\n');
}

/* The files of one status, by name. */
static void add_files(Summary *s, const SekRunResult *r, SekFileStatus status, SekWord w, size_t n) {
    SekBuf *out = &s->stream.line;
    if (n == 0)
        return;
    sek_buf_addf(out, "  %s: %zu %s\n", word(s, w), n, counted(s, SEK_WORD_FILES, n));
    size_t listed = 0;
    for (int lost = 1; lost >= 0; lost--) /* files that lost evidence first */
        for (uint32_t i = 0; i < r->ledger->n_files && listed < LISTED; i++) {
            const SekFileEntry *f = r->ledger->files[r->file_order[i]];
            if (f->status != status || (f->n_lost > 0) != lost)
                continue;
            add_file(out, f);
            listed++;
        }
    if (n > listed)
        sek_buf_addf(out, "    ... %zu %s\n", n - listed, word(s, SEK_WORD_MORE));
}

/* A line of its own, if there is anything to tell. */
static void add_count(Summary *s, uint64_t n, SekWord w) {
    if (n)
        sek_buf_addf(&s->stream.line, "  %ju %s\n", (uintmax_t)n, counted(s, w, n));
}

static void add_ledger(Summary *s, const SekRunResult *r) {
    const SekSummary *sum = r->summary;
    SekBuf *out = &s->stream.line;
    title(s, SEK_WORD_READ);
    size_t read = sum->files_read + sum->files_partly;
    sek_buf_addf(out, "  %zu %s, ", read, counted(s, SEK_WORD_FILES, read));
    add_bytes(out, sum->bytes);
    sek_buf_addf(out, ", %ju %s\n", (uintmax_t)sum->records, counted(s, SEK_WORD_RECORDS, sum->records));
    add_count(s, sum->recovered_records, SEK_WORD_RECOVERED);
    add_count(s, sum->losses, SEK_WORD_LOST);
    add_count(s, sum->bad_records, SEK_WORD_BAD_RECORDS);
    add_count(s, sum->records_without_time, SEK_WORD_NO_TIME);
    add_count(s, sum->records_renamed, SEK_WORD_RENAMED);
    add_files(s, r, SEK_FILE_PARTLY, SEK_WORD_DAMAGED, sum->files_partly);
    add_files(s, r, SEK_FILE_SKIPPED, SEK_WORD_SKIPPED, sum->files_skipped);
    add_count(s, sum->files_ignored, SEK_WORD_IGNORED);
    add_count(s, sum->correlation_dropped, SEK_WORD_DROPPED);
    add_count(s, sum->correlation_copies, SEK_WORD_COPIES);
    add_count(s, sum->lineage_dropped, SEK_WORD_LINEAGE);
    add_count(s, sum->lineage_unknown, SEK_WORD_LINEAGE_UNKNOWN);
    add_count(s, sum->fragments_dropped, SEK_WORD_UNJOINED);
}

static void add_rules(Summary *s, const SekRuleset *rules) {
    SekBuf *out = &s->stream.line;
    SekRuleCounts counts = sek_ruleset_counts(rules);
    sek_buf_addf(out, "  %s: %zu %s", word(s, SEK_WORD_RULES), counts.loaded, word(s, SEK_WORD_LOADED));
    if (counts.not_loaded)
        sek_buf_addf(out, ", %zu %s", counts.not_loaded, word(s, SEK_WORD_NOT_LOADED));
    if (counts.left_out)
        sek_buf_addf(out, ", %zu %s", counts.left_out, word(s, SEK_WORD_LEFT_OUT));
    if (counts.disabled)
        sek_buf_addf(out, ", %zu %s", counts.disabled, word(s, SEK_WORD_DISABLED));
    if (counts.duplicates)
        sek_buf_addf(out, ", %zu %s", counts.duplicates, word(s, SEK_WORD_DUPLICATES));
    sek_buf_addc(out, '\n');
}

static SekStatus end(void *self, const SekRunResult *r, SekError *err) {
    Summary *s = self;
    SekBuf *out = &s->stream.line;
    sek_stages_sort(&s->stages);
    if (s->stages.n_hosts)
        title(s, SEK_WORD_HOSTS);
    for (size_t i = 0; i < s->stages.n_hosts; i++)
        add_host(s, s->stages.hosts[i]);
    if (s->stages.n_hosts)
        sek_buf_addc(out, '\n');
    add_quiet_hosts(s, r);
    title(s, SEK_WORD_FINDINGS);
    sek_buf_adds(out, "  ");
    if (r->summary->findings)
        add_levels(s, r->summary->by_level);
    else
        sek_buf_adds(out, word(s, SEK_WORD_NOTHING_FOUND));
    sek_buf_adds(out, "\n\n");
    SekStatus status = add_top_rules(s, r->rules);
    if (status != SEK_OK)
        return status;
    add_ledger(s, r);
    add_rules(s, r->rules);
    status = sek_add_rule_troubles(out, r, s->stream.output.lang);
    if (status != SEK_OK)
        return status;
    return sek_stream_end(&s->stream, err);
}

static void summary_free(void *self) {
    Summary *s = self;
    if (s) {
        sek_stages_deinit(&s->stages);
        free(s->counts);
    }
    sek_stream_free(self);
}

SekStatus sek_sink_summary(const SekOutput *output, SekSink *out) {
    Summary *s = sek_stream_new(output, sizeof *s);
    if (!s)
        return SEK_ERR_MEMORY;
    sek_stages_init(&s->stages);
    *out = (SekSink){.self = s, .finding = finding, .end = end, .free = summary_free};
    return SEK_OK;
}
