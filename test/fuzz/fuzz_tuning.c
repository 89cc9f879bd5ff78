/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: any bytes as a tuning file, applied to rules of ours. What is left must be whole: every
 * correlation has its rules, every rule a level, and conditions keep their depth. */

#include "rule/correlation.h"
#include "rule/filter.h"
#include "rule/tuning.h"

#include <stdlib.h>

static const char own_rules[] =
    "title: A\nname: a\nid: 6f3e2987-db24-4c78-a860-b4f4095a7095\nlevel: high\nstatus: test\nauthor: Me, You\n"
    "tags: [attack.t1059.001]\nlogsource: {product: windows, category: process_creation}\n"
    "detection: {s: {Image: x}, condition: s}\n---\n"
    "title: B\nlogsource: {product: windows, service: security}\n"
    "detection: {s: {H: 1}, condition: s | count(X) by Y > 5, timeframe: 5m}\n---\n"
    "title: C\nname: c\ncorrelation: {type: event_count, rules: [a], group-by: [User], timespan: 1h,\n"
    "    condition: {gte: 2}}\n---\n"
    "title: D\ncorrelation: {type: temporal, rules: [a, c], timespan: 1h, generate: true}\n";

static void require(bool condition) {
    if (!condition)
        abort();
}

static void check_rule(const SekRuleFile *file, const SekRule *rule) {
    const SekCorrelation *c = rule->correlation;
    require(rule->level <= SEK_LEVEL_CRITICAL);
    require(!rule->left_out || rule->needed);
    require(!rule->condition || rule->condition->depth <= SEK_RULE_MAX_DEPTH);
    for (uint32_t i = 0; c && i < c->n_rules; i++) {
        bool there = false;
        for (uint32_t k = 0; k < file->n_rules; k++)
            there = there || file->rules[k] == c->targets[i];
        require(there);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SekRuleFile file;
    SekTuning tuning = {0};
    SekError err = {0};
    sek_rulefile_init(&file);
    require(sek_rules_read(&file, SEK_STR("own.yml"), sek_str(own_rules)) == SEK_OK && file.n_diags == 0);
    SekStatus status = sek_tuning_read(&tuning, &file, SEK_STR("t.yml"), sek_str_n((const char *)data, size), &err);
    require(status == SEK_OK || status == SEK_ERR_MEMORY || err.what[0]);
    if (status == SEK_OK) {
        uint32_t before = file.n_rules;
        require(sek_tuning_apply(&tuning, &file) == SEK_OK);
        require(sek_filters_apply(&file) == SEK_OK);
        require(sek_correlations_resolve(&file) == SEK_OK);
        sek_rules_leave_out(&file);
        require(file.n_rules <= before && file.n_left_out == 0);
        for (uint32_t i = 0; i < file.n_rules; i++)
            check_rule(&file, file.rules[i]);
    }
    sek_rulefile_deinit(&file);
    return 0;
}
