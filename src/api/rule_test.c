/* SPDX-License-Identifier: Apache-2.0 */
#include "api/rule_test.h"

#include "api/rule_source.h"

#include <stdlib.h>

#define WHY_MAX (1u << 20)
#define PATH_BYTES (64u * 1024u)

void sek_rule_test_count(SekRuleTest *test, SekStr file, uint32_t line, const char *what) {
    test->now.n_tests++;
    test->now.n_failed += what != NULL;
    SekRuleTestFailure failure = {.rule = test->now.rule, .file = file, .line = line, .what = sek_str(what),
                                  .why = sek_buf_str(&test->why)};
    if (what && test->callbacks->failure)
        test->callbacks->failure(test->callbacks->user, &failure);
    sek_buf_clear(&test->why);
}

typedef struct Sorted {
    SekStr source;
    uint32_t rule;
} Sorted;

static int by_source(const void *a, const void *b) {
    const Sorted *x = a, *y = b;
    int order = sek_str_cmp(x->source, y->source);
    return order ? order : x->rule < y->rule ? -1 : x->rule > y->rule;
}

/* rules/a.yml -> rules/a.events.jsonl */
static SekStatus test_events(SekRuleTest *test, SekStr source) {
    if (!sek_is_rule_name(source))
        return SEK_OK;
    SekBuf path;
    size_t stem = source.len;
    while (source.ptr[stem - 1] != '.')
        stem--;
    sek_buf_init(&path, PATH_BYTES);
    sek_buf_add(&path, source.ptr, stem);
    sek_buf_adds(&path, "events.jsonl");
    sek_buf_addc(&path, '\0');
    SekStatus status = path.failed == SEK_OK ? sek_rule_test_events(test, path.data) : path.failed;
    sek_buf_deinit(&path);
    return status;
}

/* All rules of one file. */
static SekStatus test_file(SekRuleTest *test, const uint32_t *mine, uint32_t n) {
    test->mine = mine;
    test->n_mine = n;
    test->now = (SekRuleTested){.rule = &test->rules->infos[mine[0]]};
    SekStatus status = test_events(test, test->now.rule->source);
    for (uint32_t i = 0; i < n && status == SEK_OK; i++)
        if (test->rules->infos[mine[i]].tests.len)
            status = sek_rule_test_regression(test, mine[i]);
    if (status == SEK_OK && test->callbacks->tested)
        test->callbacks->tested(test->callbacks->user, &test->now);
    return status;
}

/* Rules in the order of their files, so that those of one file stand together. */
static SekStatus test_all(SekRuleTest *test) {
    const SekRuleset *rules = test->rules;
    Sorted *sorted = calloc((size_t)rules->n_rules + 1, sizeof *sorted);
    uint32_t *mine = calloc((size_t)rules->n_rules + 1, sizeof *mine), n = 0;
    SekStatus status = sorted && mine ? SEK_OK : SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < rules->n_rules && status == SEK_OK; i++)
        if (!rules->infos[i].part && !rules->infos[i].left_out)
            sorted[n++] = (Sorted){rules->infos[i].source, i};
    if (n)
        qsort(sorted, n, sizeof *sorted, by_source);
    for (uint32_t i = 0; i < n; i++)
        mine[i] = sorted[i].rule;
    for (uint32_t first = 0, end; first < n && status == SEK_OK; first = end) {
        for (end = first + 1; end < n && sek_str_eq(sorted[end].source, sorted[first].source);)
            end++;
        status = test_file(test, mine + first, end - first);
    }
    free(sorted);
    free(mine);
    return status;
}

SekStatus sek_rules_test(const SekRuleset *rules, const SekRuleTestCallbacks *callbacks, SekError *err) {
    SekRuleTest test = {.rules = rules, .callbacks = callbacks, .silent = rules->silent};
    SekReaderOptions options = {0};
    sek_buf_init(&test.why, WHY_MAX);
    SekStatus status = sek_reader_new(&options, &test.reader);
    if (status == SEK_OK)
        status = sek_scanner_new(rules, &test.scanner);
    if (status == SEK_OK)
        status = test_all(&test);
    sek_scanner_free(test.scanner);
    sek_reader_free(test.reader);
    sek_buf_deinit(&test.why);
    return status == SEK_ERR_MEMORY ? sek_fail(err, status, "out of memory") : status;
}
