/* SPDX-License-Identifier: Apache-2.0 */

/* Loading rules: files, folders, archives, or the pack that is built in. */
#include "api/adapt.h"
#include "api/manifest.h"
#include "api/other_files.h"
#include "api/pack.h"
#include "api/rule_cache.h"
#include "api/rule_source.h"
#include "base/file.h"
#include "engine/field_check.h"
#include "engine/never_true.h"
#include "engine/regex.h"
#include "engine/ruleset.h"
#include "engine/seal.h"
#include "rule/crew.h"
#include "rule/duplicates.h"

#include <stdlib.h>

typedef struct Load {
    SekRuleset *rules;
    const SekRulesOptions *options;
    SekRuleCrew *crew;
    SekError *err;
    SekStamps *stamps; /* of what was read so far: a file that is named twice counts once */
    size_t taken; /* texts of the path at work */
    SekManifest *manifest; /* of the path at work when it is an installed rule set, else NULL */
    SekOtherFiles *others; /* of the path at work */
    SekStatus failed;
} Load;

static SekStatus note(Load *load, SekDiagKind kind, const char *code, SekStr name, const char *why) {
    SekRuleFile *file = &load->rules->file;
    if (sek_rule_crew_flush(load->crew) != SEK_OK) /* messages stand in the order of the files */
        return SEK_ERR_MEMORY;
    SekDiag *diag = sek_rulefile_new_diag(file);
    SekStr source = sek_arena_dup(&file->arena, name), text = sek_arena_dup(&file->arena, sek_str(why));
    if (!diag || !source.ptr || !text.ptr)
        return SEK_ERR_MEMORY;
    *diag = (SekDiag){.kind = kind, .code = code, .source = source, .text = text};
    return SEK_OK;
}

/* Events beside which no rule of their name stands: they test nothing. */
static SekStatus note_orphan(Load *load, const char *path) {
    static const char events[] = ".events.jsonl", *const endings[] = {".yml", ".yaml", ".YML", ".YAML"};
    size_t len = strlen(path);
    if (len < sizeof events || strcmp(path + len - (sizeof events - 1), events) != 0)
        return SEK_OK;
    SekBuf rule;
    bool found = false;
    sek_buf_init(&rule, 64 * 1024);
    for (size_t i = 0; i < sizeof endings / sizeof *endings && !found && !rule.failed; i++) {
        sek_buf_clear(&rule);
        sek_buf_add(&rule, path, len - (sizeof events - 1));
        sek_buf_adds(&rule, endings[i]);
        sek_buf_addc(&rule, '\0');
        found = !rule.failed && sek_path_kind(rule.data) != SEK_PATH_MISSING;
    }
    SekStatus status = rule.failed == SEK_ERR_MEMORY ? SEK_ERR_MEMORY : SEK_OK;
    if (status == SEK_OK && !found)
        status = note(load, SEK_DIAG_WARNING, "events-without-rule", sek_str(path),
                      "there is no rule file of this name, so these events test nothing");
    sek_buf_deinit(&rule);
    return status;
}

static bool wants(void *user, SekRuleTextKind kind, SekStr inner, const char *path) {
    Load *load = user;
    bool is_new = true;
    if (kind != SEK_RULE_TEXT_NAMED && !sek_is_rule_name(inner)) {
        if (sek_other_files_add(load->others, path ? sek_str(path) : inner) != SEK_OK ||
            (path && note_orphan(load, path) != SEK_OK))
            load->failed = SEK_ERR_MEMORY;
        return false;
    }
    if (path && sek_stamps_add(load->stamps, path, &is_new) != SEK_OK)
        load->failed = SEK_ERR_MEMORY;
    load->taken += !is_new; /* it was read before: the path is not without rules */
    return is_new;
}

static SekStatus enter(void *user, const char *folder) {
    Load *load = user;
    return sek_stamps_add(load->stamps, folder, NULL);
}

/* Holds a file of an installed rule set against what was installed. */
static SekStatus verify(Load *load, const SekRuleText *text) {
    char sha256[SEK_SHA256_TEXT];
    SekManifestFile *file = sek_manifest_find(load->manifest, text->inner);
    if (!file)
        return note(load, SEK_DIAG_WARNING, "added-file", text->name,
                    "was not installed with the rules around it; keep rules of your own in another folder, "
                    "the next update will not have this one");
    file->seen = true;
    sek_sha256_text(text->text, sha256);
    if (strcmp(sha256, file->sha256) == 0)
        return SEK_OK;
    return note(load, SEK_DIAG_WARNING, "changed-file", text->name,
                "is not what was installed: its checksum is not the manifest's; install the package again, and "
                "change rules by a tuning file");
}

static SekStatus note_missing(Load *load, const char *path) {
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < load->manifest->n_files && status == SEK_OK; i++) {
        const SekManifestFile *file = &load->manifest->files[i];
        SekBuf name;
        if (file->seen || !sek_is_rule_name(file->path))
            continue;
        sek_buf_init(&name, 64 * 1024);
        sek_buf_addf(&name, "%s/%.*s", path, SEK_STR_ARG(file->path));
        status = note(load, SEK_DIAG_WARNING, "missing-file", sek_buf_str(&name),
                      "was installed and is gone; install the package again");
        sek_buf_deinit(&name);
    }
    return status;
}

/* The crew reads files, unless they are held against a manifest. */
static SekStatus take_file(void *user, const char *path) {
    Load *load = user;
    if (load->manifest)
        return SEK_NOT_FOUND;
    load->taken++;
    return load->failed == SEK_OK ? sek_rule_crew_add_file(load->crew, path) : load->failed;
}

static SekStatus take(void *user, const SekRuleText *text) {
    Load *load = user;
    load->taken++;
    if (load->failed != SEK_OK)
        return load->failed;
    /* What cannot be read in a folder or archive costs that file, not the run. */
    if (text->problem) {
        load->stamps->whole = false; /* it may be another time */
        return note(load, SEK_DIAG_ERROR, "unreadable", text->name, text->problem);
    }
    SekStatus status = load->manifest ? verify(load, text) : SEK_OK;
    return status == SEK_OK ? sek_rule_crew_add(load->crew, text->name, text->text) : status;
}

/* A folder without rules, and what lies in it instead. */
static SekStatus note_others(Load *load, const char *path) {
    const SekOtherFiles *others = load->others;
    SekStatus status = SEK_OK;
    SekBuf text;
    sek_buf_init(&text, 4096);
    if (others->n_files) {
        sek_other_files_say(others, &text);
        sek_buf_addc(&text, '\0');
        status = note(load, SEK_DIAG_NOTE, "other-files", sek_str(path), text.failed ? "files are ignored" : text.data);
    }
    sek_buf_clear(&text);
    sek_buf_addf(&text, "%u %s here: licences, read-me files, manifests, events of rules", others->n_read_me,
                 others->n_read_me == 1 ? "file that belongs beside rules is" : "files that belong beside rules are");
    sek_buf_addc(&text, '\0');
    if (others->n_read_me && status == SEK_OK && !text.failed)
        status = note(load, SEK_DIAG_NOTE, "read-me-files", sek_str(path), text.data);
    sek_buf_deinit(&text);
    if (others->n_archives && status == SEK_OK)
        status = note(load, SEK_DIAG_WARNING, "archive-in-folder", sek_buf_str(&others->archive),
                      "archives among rules are not looked into; when there are rules in it, name it with --rules");
    if (load->taken == 0 && status == SEK_OK)
        status = note(load, SEK_DIAG_WARNING, "no-rule-file", sek_str(path), "no rule file (*.yml, *.yaml) in this folder");
    return status;
}

static SekStatus read_texts(Load *load, const char *path) {
    SekRuleTextVisitor visitor = {.wants = wants, .take_file = take_file, .take = take, .enter = enter, .user = load};
    bool archive;
    SekOtherFiles others;
    sek_other_files_init(&others);
    load->others = &others;
    load->taken = 0;
    SekStatus status = sek_rule_texts(path, &visitor, &archive, load->err);
    if (status == SEK_OK && load->failed == SEK_OK && !(archive && load->taken == 0))
        status = note_others(load, path);
    load->others = NULL;
    sek_other_files_deinit(&others);
    if (load->failed != SEK_OK)
        return load->failed;
    if (status == SEK_OK && archive && load->taken == 0)
        return sek_fail(load->err, SEK_ERR_INPUT,
                        "%s: no rule file (*.yml, *.yaml) in this archive; logs are named without --rules", path);
    return status;
}

static SekStatus stamp_manifest(Load *load, const char *folder) {
    SekBuf path;
    SekStatus status = SEK_OK;
    sek_buf_init(&path, 64 * 1024);
    sek_buf_addf(&path, "%s/" SEK_MANIFEST_NAME, folder);
    sek_buf_addc(&path, '\0');
    if (path.failed)
        status = path.failed == SEK_ERR_MEMORY ? SEK_ERR_MEMORY : SEK_OK;
    else if (sek_path_kind(path.data) != SEK_PATH_MISSING)
        status = sek_stamps_add(load->stamps, path.data, NULL);
    sek_buf_deinit(&path);
    return status;
}

/* A folder with a manifest is an installed rule set, and is held against it. */
static SekStatus read_path(Load *load, const char *path) {
    SekManifest manifest;
    SekError err = {0};
    sek_manifest_init(&manifest);
    SekStatus stamped = stamp_manifest(load, path);
    SekStatus found = sek_path_kind(path) == SEK_PATH_FOLDER ? sek_manifest_of(&manifest, path, &err) : SEK_NOT_FOUND;
    load->manifest = found == SEK_OK ? &manifest : NULL;
    SekStatus status = found == SEK_ERR_MEMORY ? found : stamped;
    if (status == SEK_OK && found != SEK_OK && found != SEK_NOT_FOUND)
        status = note(load, SEK_DIAG_WARNING, "changed-file", sek_str(path),
                      "the manifest of this rule set cannot be read, so its files are not checked");
    if (status == SEK_OK)
        status = read_texts(load, path);
    if (status == SEK_OK && load->manifest)
        status = note_missing(load, path);
    load->manifest = NULL;
    sek_manifest_deinit(&manifest);
    return status;
}

static SekStatus read_pack(Load *load) {
    SekBuf name;
    sek_buf_init(&name, 4096);
    SekStatus status = SEK_OK;
    for (const SekPackFile *f = sek_pack_files; f->name && status == SEK_OK; f++) {
        sek_buf_clear(&name);
        sek_buf_addf(&name, "(built in)/%s", f->name);
        status = sek_rule_crew_add(load->crew, sek_buf_str(&name), sek_str_n(f->text, f->len));
    }
    sek_buf_deinit(&name);
    return status;
}

/* What is read beside rules. Names of what is built in are no paths. */
static SekStatus stamp_settings(SekStamps *stamps, const SekRulesOptions *options) {
    SekStatus status = SEK_OK;
    for (size_t i = 0; i < options->n_pipelines && status == SEK_OK; i++)
        if (sek_path_kind(options->pipelines[i]) != SEK_PATH_MISSING)
            status = sek_stamps_add(stamps, options->pipelines[i], NULL);
    for (size_t i = 0; i < options->tunings.n && status == SEK_OK; i++)
        status = sek_stamps_add(stamps, options->tunings.items[i], NULL);
    if (options->placeholders && status == SEK_OK)
        status = sek_stamps_add(stamps, options->placeholders, NULL);
    return status;
}

static SekStatus read_paths(void *user) {
    Load *load = user;
    SekStatus status = load->options->n_paths ? SEK_OK : read_pack(load);
    for (size_t i = 0; i < load->options->n_paths && status == SEK_OK; i++)
        status = read_path(load, load->options->paths[i]);
    return status;
}

static SekStatus read_rules(SekRuleset *rules, const SekRulesOptions *options, SekStamps *stamps, SekError *err) {
    Load load = {.rules = rules, .options = options, .err = err, .stamps = stamps};
    SekStatus status = sek_rule_crew_new(&rules->file, sek_cpu_count(), &load.crew);
    if (status == SEK_OK)
        status = sek_rule_crew_run(load.crew, read_paths, &load);
    if (status == SEK_OK && !sek_rule_crew_read_all(load.crew))
        stamps->whole = false; /* it may be another time */
    sek_rule_crew_free(load.crew);
    return status;
}

static SekStatus regex_is_good(const SekMatch *m, SekError *err) {
    SekRegex regex;
    SekStatus status = sek_regex_init(&regex, m->text, m->re_i, m->re_m, m->re_s, err);
    if (status == SEK_OK)
        sek_regex_deinit(&regex);
    return status;
}

/* Everything from files to a sealed ruleset. */
static SekStatus compile(SekRuleset *rules, const SekRulesOptions *options, SekStamps *stamps, SekError *err) {
    SekAdapt adapt;
    SekStatus status = sek_adapt_read(&adapt, options, &rules->file, err);
    rules->file.options.mapped = options->n_pipelines > 0;
    rules->file.options.check_regex = options->check ? regex_is_good : NULL;
    if (status == SEK_OK)
        status = read_rules(rules, options, stamps, err);
    if (status == SEK_OK)
        status = sek_adapt_apply(&adapt, options, &rules->file, err);
    sek_adapt_deinit(&adapt);
    if (status == SEK_OK)
        status = sek_duplicates_note(&rules->file);
    if (status == SEK_OK && options->check && options->n_pipelines == 0) /* else names are not Windows' */
        status = sek_fields_check(&rules->file);
    if (status == SEK_OK && options->check && options->n_pipelines == 0)
        status = sek_never_true_check(&rules->file);
    if (status == SEK_OK)
        status = sek_ruleset_build(rules);
    if (status == SEK_OK)
        status = sek_ruleset_seal(rules, &(SekSealOptions){.drop_texts = options->no_texts});
    return status;
}

static SekStatus load_fresh(const SekRulesOptions *options, SekRuleset **out, SekError *err) {
    SekRuleset *rules = calloc(1, sizeof *rules);
    if (!rules)
        return SEK_ERR_MEMORY;
    SekStamps stamps;
    sek_stamps_init(&stamps);
    sek_rulefile_init(&rules->file);
    SekStatus status = stamp_settings(&stamps, options);
    if (status == SEK_OK)
        status = compile(rules, options, &stamps, err);
    if (status == SEK_OK && options->cache) {
        sek_stamps_sort(&stamps);
        sek_rule_cache_put(options, &stamps, rules);
    }
    sek_stamps_deinit(&stamps);
    if (status != SEK_OK) {
        sek_ruleset_free(rules);
        return status;
    }
    *out = rules;
    return SEK_OK;
}

SekStatus sek_ruleset_load_with(const SekRulesOptions *options, SekRuleset **out, SekError *err) {
    SekStatus status = options->cache ? sek_rule_cache_get(options, out) : SEK_NOT_FOUND;
    return status == SEK_NOT_FOUND ? load_fresh(options, out, err) : status;
}

SekStatus sek_ruleset_load(const char *const *paths, size_t n_paths, SekRuleset **out, SekError *err) {
    SekRulesOptions options = {.paths = paths, .n_paths = n_paths};
    return sek_ruleset_load_with(&options, out, err);
}
