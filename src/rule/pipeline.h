/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Processing pipelines: changes to rules for logs whose fields are called differently, in pySigma's
 * YAML format (docs/pipelines.md says what of it is read, and where we differ). A pipeline hangs in
 * the arena of the SekRuleFile whose rules it is for. */

#include "rule/rule.h"

#define SEK_PIPELINE_MAX_STEPS 1024 /* transformations of all pipelines of a run, nested ones too  \
                                     */
#define SEK_PIPELINE_MAX_NESTING 8  /* `nest` inside `nest` */

typedef struct SekPipeline SekPipeline;

/* Reads one pipeline, for the rules of `file`. What is ignored (finalizers and the like) becomes a
 * warning of the file. `source` names it in messages. Both texts are copied.
 * SEK_OK; SEK_ERR_INPUT, SEK_ERR_LIMIT (with place and reason in `err`); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_pipeline_read(SekRuleFile *file, SekStr source, SekStr yaml,
                                         SekPipeline **out, SekError *err);

/* True when it gives values to placeholders: rules are then to be read with SekRuleOptions.defer.
 */
bool sek_pipeline_has_placeholders(const SekPipeline *pipeline);

/* Applies pipelines to all rules of `file`, lower priority first, then in the order given. Call
 * when all rules are read and their references resolved, and resolve again afterwards: rules that a
 * pipeline refuses leave the file and become diagnostics ("pipeline-failure"), and so do those
 * whose placeholders got no value ("placeholder"). SEK_OK; SEK_ERR_LIMIT (more than
 * SEK_PIPELINE_MAX_STEPS together: none was applied); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_pipelines_apply(SekRuleFile *file, SekPipeline *const *pipelines,
                                           size_t n_pipelines);
