/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline_test.h"

SekPipeline *read_pipeline(SekRuleFile *file, const char *yaml) {
    SekPipeline *pipeline = NULL;
    SekError err = {0};
    SekStatus status = sek_pipeline_read(file, SEK_STR("p.yml"), sek_str(yaml), &pipeline, &err);
    if (status)
        fail_msg("%u:%u: %s", err.line, err.column, err.what);
    return pipeline;
}

SekRuleFile apply(const char *rules, const char *pipeline) {
    SekRuleFile file;
    sek_rulefile_init(&file);
    SekPipeline *list[1] = {read_pipeline(&file, pipeline)};
    file.options.defer = sek_pipeline_has_placeholders(list[0]);
    assert_int_equal(sek_rules_read(&file, SEK_STR("r.yml"), sek_str(rules)), SEK_OK);
    assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
    assert_int_equal(sek_pipelines_apply(&file, list, 1), SEK_OK);
    return file;
}

void assert_steps(const char *rule, const char *steps, const char *expected) {
    SekRuleFile file = apply(rule, steps);
    assert_string_equal(show_rule(&file), expected);
    if (file.n_rules == 1)
        assert_true(file.rules[0]->condition->index < file.rules[0]->n_exprs);
    sek_rulefile_deinit(&file);
}
