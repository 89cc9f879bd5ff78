/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the tests of pipelines share. */

#include "rule_test.h"

#include "rule/correlation.h"
#include "rule/pipeline.h"

#define LOG "logsource: {product: windows, category: process_creation}\n"
#define RULE(selection)                                                                            \
    "title: T\nid: 6f3e2987-db24-4c78-a860-b4f4095a7095\nlevel: high\ntags: [attack.t1059]\n" LOG  \
    "detection:\n    s:\n" selection "    condition: s\n"
#define STEPS(lines) "name: P\ntransformations:\n" lines

/* Reads a pipeline that is fine. */
SekPipeline *read_pipeline(SekRuleFile *file, const char *yaml);

/* Rules after one pipeline; to be released by sek_rulefile_deinit. */
SekRuleFile apply(const char *rules, const char *pipeline);

/* The condition of the only rule after the steps, or `error: code`. */
void assert_steps(const char *rule, const char *steps, const char *expected);
