/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What adapts rules to an organisation before they are compiled: tuning files, processing pipelines and
 * values of placeholders, from files or from what is built in. */

#include "rule/pipeline.h"
#include "rule/placeholders.h"
#include "rule/tuning.h"

typedef struct SekAdapt {
    SekPipeline **pipelines; /* hang in the rule file's arena */
    size_t n_pipelines;
    SekPlaceholders placeholders;
    SekTuning *tunings; /* one a file */
    size_t n_tunings;
} SekAdapt;

/* Reads what `options` names and sets the reading options of `file`, before any rule is read. `adapt`
 * must outlive the reading; release it with sek_adapt_deinit, also after a failure.
 * SEK_OK; SEK_NOT_FOUND, SEK_ERR_IO, SEK_ERR_INPUT, SEK_ERR_LIMIT (`err` names file, line and reason);
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_adapt_read(SekAdapt *adapt, const SekRulesOptions *options, SekRuleFile *file,
                                      SekError *err);
void sek_adapt_deinit(SekAdapt *adapt);

/* Tuning, filters, references, pipelines, and the choice that `options` makes: everything between reading
 * and compiling. SEK_OK; SEK_ERR_LIMIT (too many transformations or values, in `err`); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_adapt_apply(const SekAdapt *adapt, const SekRulesOptions *options, SekRuleFile *file,
                                       SekError *err);
