/* SPDX-License-Identifier: Apache-2.0 */
#include "report/rule_troubles.h"

#include "base/json_text.h"
#include "report/terminal.h"
#include "report/words.h"

#include <stdlib.h>

#define REASONS 10u /* listed on a terminal; the rest is counted */
#define NAMES 3u    /* of one reason */
#define REASON_COLUMNS 110u
#define NAME_COLUMNS 60u

/* --- not loaded, on a terminal --------------------------------------------------------------- */

static int by_reason(const void *a, const void *b) {
    const SekRuleProblem *x = *(const SekRuleProblem *const *)a, *y = *(const SekRuleProblem *const *)b;
    int order = sek_str_cmp(x->text, y->text);
    if (order == 0)
        order = sek_str_cmp(x->source, y->source);
    return order ? order : x->line < y->line ? -1 : x->line > y->line;
}

typedef struct Reason {
    const SekRuleProblem **first;
    size_t n;
} Reason;

static int most_first(const void *a, const void *b) {
    const Reason *x = a, *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return sek_str_cmp((*x->first)->text, (*y->first)->text);
}

/* The problem's rule: its title, or where it stands. */
static void add_name(SekBuf *out, const SekRuleProblem *p) {
    sek_add_cell(out, p->rule_title.len ? p->rule_title : p->source, NAME_COLUMNS, false);
}

static void add_reason(SekBuf *out, const Reason *r, const char *lang) {
    sek_buf_addf(out, "    %zu: ", r->n);
    sek_add_cell(out, (*r->first)->text, REASON_COLUMNS, false);
    sek_buf_adds(out, "\n        ");
    for (size_t i = 0; i < r->n && i < NAMES; i++) {
        sek_buf_adds(out, i ? "; " : "");
        add_name(out, r->first[i]);
    }
    if (r->n > NAMES)
        sek_buf_addf(out, "; ... %zu %s", r->n - NAMES, sek_word(SEK_WORD_MORE, lang));
    sek_buf_addc(out, '\n');
}

static void add_reasons(SekBuf *out, const SekRuleProblem **list, size_t n, Reason *reasons, const char *lang) {
    size_t n_reasons = 0, listed = 0;
    qsort(list, n, sizeof *list, by_reason);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !sek_str_eq(list[i]->text, list[i - 1]->text))
            reasons[n_reasons++] = (Reason){&list[i], 0};
        reasons[n_reasons - 1].n++;
    }
    qsort(reasons, n_reasons, sizeof *reasons, most_first);
    for (; listed < n_reasons && listed < REASONS; listed++)
        add_reason(out, &reasons[listed], lang);
    if (n_reasons > listed)
        sek_buf_addf(out, "    ... %zu %s (--rule-problems, --summary)\n", n_reasons - listed, sek_word(SEK_WORD_MORE, lang));
}

static SekStatus add_not_loaded(SekBuf *out, const SekRuleset *rules, const char *lang) {
    const SekRuleProblem **list = calloc((size_t)rules->n_problems + 1, sizeof *list);
    Reason *reasons = calloc((size_t)rules->n_problems + 1, sizeof *reasons);
    SekStatus status = list && reasons ? SEK_OK : SEK_ERR_MEMORY;
    if (status == SEK_OK) {
        size_t n = 0;
        for (uint32_t i = 0; i < rules->n_problems; i++)
            if (rules->problems[i].not_loaded)
                list[n++] = &rules->problems[i];
        add_reasons(out, list, n, reasons, lang);
    }
    free(list);
    free(reasons);
    return status;
}

/* --- gave up ------------------------------------------------------------------------------- */

static void add_gave_up(SekBuf *out, const SekRunResult *r, const char *lang) {
    size_t listed = 0, more = 0;
    for (uint32_t i = 0; i < r->rules->n_rules; i++) {
        if (!r->gave_up[i])
            continue;
        if (listed++ >= REASONS) {
            more++;
            continue;
        }
        sek_buf_addf(out, "    %ju: ", (uintmax_t)r->gave_up[i]);
        sek_add_cell(out, r->rules->infos[i].title, REASON_COLUMNS, false);
        sek_buf_addc(out, '\n');
    }
    if (more)
        sek_buf_addf(out, "    ... %zu %s\n", more, sek_word(SEK_WORD_MORE, lang));
}

SekStatus sek_add_rule_troubles(SekBuf *out, const SekRunResult *result, const char *lang) {
    SekStatus status = add_not_loaded(out, result->rules, lang);
    if (status != SEK_OK || !result->summary->regex_gave_up)
        return status;
    sek_buf_addf(out, "  %ju %s\n", (uintmax_t)result->summary->regex_gave_up,
                 sek_counted_word(SEK_WORD_REGEX, result->summary->regex_gave_up, lang));
    add_gave_up(out, result, lang);
    return SEK_OK;
}

/* --- as JSON ------------------------------------------------------------------------------- */

static void member(SekBuf *out, const char *key, SekStr value) {
    sek_buf_addc(out, ',');
    sek_json_member(out, key, value, true);
}

static void add_problem(SekBuf *out, const SekRuleProblem *p) {
    sek_buf_addc(out, '{');
    sek_json_member(out, "source", p->source, true);
    sek_buf_addf(out, ",\"line\":%u,\"column\":%u,\"code\":\"%s\"", p->line, p->column, p->code);
    member(out, "id", p->rule_id);
    member(out, "title", p->rule_title);
    member(out, "reason", p->text);
    sek_buf_addc(out, '}');
}

static bool is_not_loaded(const SekRuleProblem *p) {
    return p->not_loaded;
}

static bool is_warning(const SekRuleProblem *p) {
    return !p->not_loaded && !p->further && !p->note;
}

static bool is_note(const SekRuleProblem *p) {
    return p->note;
}

static void add_problems(SekBuf *out, const SekRuleset *rules, const char *key, bool (*wanted)(const SekRuleProblem *)) {
    const char *comma = "";
    sek_buf_addf(out, ",\"%s\":[", key);
    for (uint32_t i = 0; i < rules->n_problems; i++) {
        if (!wanted(&rules->problems[i]))
            continue;
        sek_buf_adds(out, comma);
        comma = ",";
        add_problem(out, &rules->problems[i]);
    }
    sek_buf_addc(out, ']');
}

void sek_json_rule_troubles(SekBuf *out, const SekRunResult *result) {
    const SekRuleset *rules = result->rules;
    const char *comma = "";
    add_problems(out, rules, "rules_not_loaded", is_not_loaded);
    add_problems(out, rules, "rules_warnings", is_warning);
    add_problems(out, rules, "rules_notes", is_note);
    sek_buf_adds(out, ",\"rules_gave_up\":[");
    for (uint32_t i = 0; i < rules->n_rules; i++) {
        if (!result->gave_up[i])
            continue;
        sek_buf_addf(out, "%s{\"times\":%ju", comma, (uintmax_t)result->gave_up[i]);
        comma = ",";
        member(out, "id", rules->infos[i].id);
        member(out, "title", rules->infos[i].title);
        member(out, "source", rules->infos[i].source);
        sek_buf_addc(out, '}');
    }
    sek_buf_addc(out, ']');
}
