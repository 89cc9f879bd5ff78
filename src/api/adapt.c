/* SPDX-License-Identifier: Apache-2.0 */
#include "api/adapt.h"

#include "api/choice.h"
#include "api/pack.h"
#include "base/file.h"
#include "rule/correlation.h"
#include "rule/filter.h"

#include <stdlib.h>

/* Puts the file's name and the place before the reason. */
static SekStatus fail_in(SekError *err, SekStatus status, const char *name, const SekError *inner) {
    if (status == SEK_ERR_MEMORY || !err)
        return status;
    if (inner->line)
        (void)sek_fail(err, status, "%s:%u:%u: %s", name, (unsigned)inner->line, (unsigned)inner->column,
                       inner->what);
    else
        (void)sek_fail(err, status, "%s: %s", name, inner->what);
    err->line = inner->line;
    err->column = inner->column;
    return status;
}

/* --- pipelines ------------------------------------------------------------------------------ */

/* A built-in pipeline is named by its file name without the ending. */
static const SekPackFile *built_in(const char *name) {
    size_t len = strlen(name);
    for (const SekPackFile *f = sek_pipeline_files; f->name; f++)
        if (strncmp(f->name, name, len) == 0 && strcmp(f->name + len, ".yml") == 0)
            return f;
    return NULL;
}

static SekStatus read_pipeline(SekRuleFile *file, const char *name, SekPipeline **out, SekError *err) {
    const SekPackFile *pack = built_in(name);
    SekError inner = {0};
    SekBuf text;
    sek_buf_init(&text, SEK_RULE_MAX_FILE);
    SekStatus status = SEK_OK;
    if (pack)
        sek_buf_add(&text, pack->text, pack->len);
    else
        status = sek_file_slurp(name, &text, &inner);
    if (status == SEK_OK)
        status = text.failed ? text.failed
                             : sek_pipeline_read(file, sek_str(name), sek_buf_str(&text), out, &inner);
    sek_buf_deinit(&text);
    return status == SEK_OK ? SEK_OK : fail_in(err, status, name, &inner);
}

static SekStatus read_pipelines(SekAdapt *adapt, const SekRulesOptions *options, SekRuleFile *file, SekError *err) {
    adapt->pipelines = calloc(options->n_pipelines + 1, sizeof(SekPipeline *));
    if (!adapt->pipelines)
        return SEK_ERR_MEMORY;
    for (size_t i = 0; i < options->n_pipelines; i++) {
        SekStatus status = read_pipeline(file, options->pipelines[i], &adapt->pipelines[i], err);
        if (status != SEK_OK)
            return status;
        adapt->n_pipelines++;
        file->options.defer = file->options.defer || sek_pipeline_has_placeholders(adapt->pipelines[i]);
    }
    return SEK_OK;
}

/* --- placeholders --------------------------------------------------------------------------- */

static SekStatus read_placeholders(SekAdapt *adapt, const char *path, SekRuleFile *file, SekError *err) {
    SekBuf text;
    SekError inner = {0};
    sek_buf_init(&text, SEK_RULE_MAX_FILE);
    SekStatus status = sek_file_slurp(path, &text, &inner);
    if (status == SEK_OK)
        status = sek_placeholders_read(&adapt->placeholders, sek_buf_str(&text), &inner);
    sek_buf_deinit(&text);
    file->options.placeholder = sek_placeholders_lookup;
    file->options.user = &adapt->placeholders;
    return status == SEK_OK ? SEK_OK : fail_in(err, status, path, &inner);
}

/* --- tuning --------------------------------------------------------------------------------- */

static SekStatus read_tuning(SekTuning *tuning, const char *path, SekRuleFile *file, SekError *err) {
    SekBuf text;
    SekError inner = {0};
    sek_buf_init(&text, SEK_RULE_MAX_FILE);
    SekStatus status = sek_file_slurp(path, &text, &inner);
    if (status == SEK_OK)
        status = sek_tuning_read(tuning, file, sek_str(path), sek_buf_str(&text), &inner);
    sek_buf_deinit(&text);
    return status == SEK_OK ? SEK_OK : fail_in(err, status, path, &inner);
}

static SekStatus read_tunings(SekAdapt *adapt, const SekTexts *paths, SekRuleFile *file, SekError *err) {
    adapt->tunings = calloc(paths->n + 1, sizeof *adapt->tunings);
    if (!adapt->tunings)
        return SEK_ERR_MEMORY;
    SekStatus status = SEK_OK;
    for (; adapt->n_tunings < paths->n && status == SEK_OK; adapt->n_tunings++)
        status = read_tuning(&adapt->tunings[adapt->n_tunings], paths->items[adapt->n_tunings], file, err);
    return status;
}

/* --- the whole ------------------------------------------------------------------------------ */

SekStatus sek_adapt_read(SekAdapt *adapt, const SekRulesOptions *options, SekRuleFile *file, SekError *err) {
    *adapt = (SekAdapt){0};
    sek_placeholders_init(&adapt->placeholders);
    SekStatus status = sek_choices_check(options, err);
    if (status == SEK_OK)
        status = read_pipelines(adapt, options, file, err);
    if (status == SEK_OK && options->placeholders)
        status = read_placeholders(adapt, options->placeholders, file, err);
    if (status == SEK_OK)
        status = read_tunings(adapt, &options->tunings, file, err);
    return status;
}

void sek_adapt_deinit(SekAdapt *adapt) {
    free(adapt->pipelines);
    free(adapt->tunings);
    sek_placeholders_deinit(&adapt->placeholders);
}

static SekStatus apply_pipelines(const SekAdapt *adapt, SekRuleFile *file, SekError *err) {
    SekStatus status = sek_pipelines_apply(file, adapt->pipelines, adapt->n_pipelines);
    if (status == SEK_ERR_LIMIT)
        return sek_fail(err, status, "the pipelines have more than %d transformations together",
                        SEK_PIPELINE_MAX_STEPS);
    /* Rules that the pipelines refused may be what a correlation refers to. */
    return status == SEK_OK ? sek_correlations_resolve(file) : status;
}

SekStatus sek_adapt_apply(const SekAdapt *adapt, const SekRulesOptions *options, SekRuleFile *file, SekError *err) {
    SekStatus status = SEK_OK;
    for (size_t i = 0; i < adapt->n_tunings && status == SEK_OK; i++)
        status = sek_tuning_apply(&adapt->tunings[i], file);
    if (status == SEK_OK)
        status = sek_filters_apply(file);
    if (status == SEK_OK)
        status = sek_correlations_resolve(file);
    if (status == SEK_OK && adapt->n_pipelines)
        status = apply_pipelines(adapt, file, err);
    return status == SEK_OK ? sek_choices_apply(options, file, err) : status;
}
