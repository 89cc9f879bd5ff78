/* SPDX-License-Identifier: Apache-2.0 */

/* Loading rules: files, folders, or the pack that is built in. */
#include "api/adapt.h"
#include "api/pack.h"
#include "base/file.h"
#include "engine/ruleset.h"

#include <stdlib.h>

typedef struct Load {
    SekRuleset *rules;
    SekError *err;
    SekFileIdentity *seen; /* files read so far: one that is named twice counts once */
    size_t n_seen;
} Load;

static bool is_rule_file(SekStr path) {
    static const SekStr endings[] = {{".yml", 4}, {".yaml", 5}};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        SekStr e = endings[i];
        if (path.len > e.len && sek_str_eq_nocase(sek_str_n(path.ptr + path.len - e.len, e.len), e))
            return true;
    }
    return false;
}

static SekStatus remember(Load *load, const char *path, bool *out_new) {
    SekFileIdentity identity;
    *out_new = true;
    if (sek_path_identity(path, &identity) != SEK_OK)
        return SEK_OK; /* opening it says why */
    for (size_t i = 0; i < load->n_seen; i++)
        if (load->seen[i].device == identity.device && load->seen[i].number == identity.number)
            *out_new = false;
    if (load->n_seen % 256 == 0) {
        SekFileIdentity *grown = realloc(load->seen, (load->n_seen + 256) * sizeof *grown);
        if (!grown)
            return SEK_ERR_MEMORY;
        load->seen = grown;
    }
    if (*out_new)
        load->seen[load->n_seen++] = identity;
    return SEK_OK;
}

static SekStatus read_file(Load *load, const char *path) {
    bool is_new;
    if (remember(load, path, &is_new) != SEK_OK)
        return SEK_ERR_MEMORY;
    if (!is_new)
        return SEK_OK;
    SekBuf text;
    SekError err = {0};
    sek_buf_init(&text, SEK_RULE_MAX_FILE);
    SekStatus status = sek_file_slurp(path, &text, &err);
    if (status == SEK_OK)
        status = sek_rules_read(&load->rules->file, sek_str(path), sek_buf_str(&text));
    else if (status != SEK_ERR_MEMORY && load->err)
        (void)sek_fail(load->err, status, "%s: %s", path, err.what);
    sek_buf_deinit(&text);
    return status;
}

/* What cannot be read in a folder costs that file, not the run. */
static SekStatus note_unreadable(Load *load, const char *path, const char *why) {
    SekRuleFile *file = &load->rules->file;
    SekDiag *diag = sek_rulefile_new_diag(file);
    SekStr source = sek_arena_dup(&file->arena, sek_str(path)), text = sek_arena_dup(&file->arena, sek_str(why));
    if (!diag || !source.ptr || !text.ptr)
        return SEK_ERR_MEMORY;
    *diag = (SekDiag){.kind = SEK_DIAG_ERROR, .code = "unreadable", .source = source, .text = text};
    return SEK_OK;
}

static SekStatus visit(void *user, const char *path, const char *problem) {
    Load *load = user;
    if (!is_rule_file(sek_str(path)))
        return SEK_OK;
    if (problem)
        return note_unreadable(load, path, problem);
    SekError err = {0}, *named = load->err;
    load->err = &err;
    SekStatus status = read_file(load, path);
    load->err = named;
    if (status == SEK_OK || status == SEK_ERR_MEMORY)
        return status;
    const char *why = err.what + (strncmp(err.what, path, strlen(path)) == 0 ? strlen(path) + 2 : 0);
    return note_unreadable(load, path, why);
}

static SekStatus read_path(Load *load, const char *path) {
    if (sek_path_kind(path) == SEK_PATH_FOLDER)
        return sek_walk(path, visit, load);
    return read_file(load, path);
}

static SekStatus read_pack(Load *load) {
    SekBuf name;
    sek_buf_init(&name, 4096);
    SekStatus status = SEK_OK;
    for (const SekPackFile *f = sek_pack_files; f->name && status == SEK_OK; f++) {
        sek_buf_clear(&name);
        sek_buf_addf(&name, "(built in)/%s", f->name);
        status = sek_rules_read(&load->rules->file, sek_buf_str(&name), sek_str_n(f->text, f->len));
    }
    sek_buf_deinit(&name);
    return status;
}

static SekStatus read_rules(SekRuleset *rules, const SekRulesOptions *options, SekError *err) {
    Load load = {.rules = rules, .err = err};
    SekStatus status = options->n_paths ? SEK_OK : read_pack(&load);
    for (size_t i = 0; i < options->n_paths && status == SEK_OK; i++)
        status = read_path(&load, options->paths[i]);
    free(load.seen);
    return status;
}

SekStatus sek_ruleset_load_with(const SekRulesOptions *options, SekRuleset **out, SekError *err) {
    SekRuleset *rules = calloc(1, sizeof *rules);
    if (!rules)
        return SEK_ERR_MEMORY;
    sek_rulefile_init(&rules->file);
    SekAdapt adapt;
    SekStatus status = sek_adapt_read(&adapt, options, &rules->file, err);
    if (status == SEK_OK)
        status = read_rules(rules, options, err);
    if (status == SEK_OK)
        status = sek_adapt_apply(&adapt, &rules->file, err);
    sek_adapt_deinit(&adapt);
    if (status == SEK_OK)
        status = sek_ruleset_build(rules);
    if (status != SEK_OK) {
        sek_ruleset_free(rules);
        return status;
    }
    *out = rules;
    return SEK_OK;
}

SekStatus sek_ruleset_load(const char *const *paths, size_t n_paths, SekRuleset **out, SekError *err) {
    SekRulesOptions options = {.paths = paths, .n_paths = n_paths};
    return sek_ruleset_load_with(&options, out, err);
}
