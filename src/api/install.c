/* SPDX-License-Identifier: Apache-2.0 */

/* Installing rule packages: what is written, and that nothing else is.
 *
 * A package is read in memory; rule files, licences and read-me files go into a new folder beside the
 * target, a manifest with them, and the finished folder takes the target's place in one step. Of the
 * version before, what it had installed is removed; what a user changed or added is kept and named. */

#include "api/manifest.h"
#include "api/rule_source.h"
#include "base/place.h"
#include "base/timestamp.h"
#include "rule/rule.h"

#include <stdlib.h>

#define PATH_BYTES (64u * 1024u)
#define MAX_NAME 512u  /* bytes of a path inside a package */
#define MAX_PARTS 32u  /* folders in it */

typedef struct Install {
    const SekInstallOptions *options;
    SekInstalled *out;
    SekError *err;
    SekManifest manifest;
    SekBuf fresh; /* path of the new folder; NUL behind it */
} Install;

/* --- what belongs to a package ------------------------------------------------------------- */

static SekStr base_name(SekStr path) {
    for (size_t i = path.len; i-- > 0;)
        if (path.ptr[i] == '/')
            return sek_str_n(path.ptr + i + 1, path.len - i - 1);
    return path;
}

static bool begins(SekStr name, const char *word) {
    size_t n = strlen(word);
    return name.len >= n && sek_str_eq_nocase(sek_str_n(name.ptr, n), sek_str(word));
}

static bool is_licence(SekStr path) {
    SekStr name = base_name(path);
    return begins(name, "license") || begins(name, "licence");
}

static bool is_about(SekStr path) {
    SekStr name = base_name(path);
    return begins(name, "readme") || sek_str_eq_nocase(name, SEK_STR("version.txt"));
}

static bool wants(void *user, SekRuleTextKind kind, SekStr inner, const char *path) {
    (void)user;
    (void)path;
    return kind == SEK_RULE_TEXT_NAMED || sek_is_rule_name(inner) || is_licence(inner) || is_about(inner);
}

/* A path that stays below the folder it is put into, on any system. */
static bool is_safe(SekStr path) {
    uint32_t parts = 1, len = 0;
    if (path.len == 0 || path.len > MAX_NAME)
        return false;
    for (size_t i = 0; i <= path.len; i++) {
        unsigned char c = i < path.len ? (unsigned char)path.ptr[i] : '/';
        if (c < 0x20 || c == 0x7F || c == '\\' || c == ':')
            return false;
        if (c != '/') {
            len++;
            continue;
        }
        SekStr part = {path.ptr + i - len, len};
        if (len == 0 || sek_str_eq(part, SEK_STR(".")) || sek_str_eq(part, SEK_STR("..")))
            return false;
        len = 0;
        parts++;
    }
    return parts <= MAX_PARTS;
}

/* False for YAML that is no Sigma: case data of tests, workflows. A rule with mistakes is a rule. */
static SekStatus is_sigma(SekStr text, bool *out) {
    SekRuleFile file;
    sek_rulefile_init(&file);
    SekStatus status = sek_rules_read(&file, SEK_STR("package"), text);
    *out = file.n_rules || file.n_filters;
    for (uint32_t i = 0; i < file.n_diags && !*out; i++)
        *out = strcmp(file.diags[i].code, "not-a-rule") != 0;
    sek_rulefile_deinit(&file);
    return status;
}

/* --- writing it ---------------------------------------------------------------------------- */

static SekStatus write_file(Install *in, SekStr inner, SekStr text) {
    char sha256[SEK_SHA256_TEXT];
    sek_sha256_text(text, sha256);
    SekStatus status = sek_place_write(in->fresh.data, inner, text, in->err);
    return status == SEK_OK ? sek_manifest_add(&in->manifest, inner, sha256) : status;
}

static SekStatus note_licence(Install *in, SekStr inner) {
    if (in->manifest.licence.len && in->manifest.licence.len <= inner.len)
        return SEK_OK; /* the one that lies highest is the package's */
    in->manifest.licence = sek_arena_dup(&in->manifest.arena, inner);
    return in->manifest.licence.ptr ? SEK_OK : SEK_ERR_MEMORY;
}

static SekStatus take(void *user, const SekRuleText *text) {
    Install *in = user;
    SekStr inner = text->kind == SEK_RULE_TEXT_NAMED ? base_name(text->inner) : text->inner;
    if (text->problem)
        return sek_fail(in->err, SEK_ERR_INPUT, "%.*s: %s", SEK_STR_ARG(text->name), text->problem);
    if (!is_safe(inner))
        return sek_fail(in->err, SEK_ERR_INPUT,
                        "the package names a path that does not stay inside it, or that no system takes; "
                        "nothing is installed");
    bool rule = false;
    SekStatus status = SEK_OK;
    if (is_licence(inner))
        status = note_licence(in, inner);
    else if (!is_about(inner))
        status = is_sigma(text->text, &rule);
    if (status != SEK_OK)
        return status;
    in->out->n_rules += rule;
    if (rule || is_licence(inner) || is_about(inner))
        return write_file(in, inner, text->text);
    in->out->n_left_out++;
    return SEK_OK;
}

static SekStatus write_manifest(Install *in) {
    SekManifest *m = &in->manifest;
    char date[SEK_TIME_TEXT];
    size_t n = sek_time_format(in->options->time, date);
    m->source = sek_arena_dup(&m->arena, sek_str(in->options->source ? in->options->source : in->options->package));
    m->date = sek_str_n(date, n);
    m->package_sha256 = sek_str(in->out->sha256);
    if (!m->source.ptr)
        return SEK_ERR_MEMORY;
    for (size_t i = 0; i < m->source.len; i++)
        if ((unsigned char)m->source.ptr[i] < 0x20)
            ((char *)(uintptr_t)m->source.ptr)[i] = '?';
    (void)snprintf(in->out->licence, sizeof in->out->licence, "%.*s", SEK_STR_ARG(m->licence));
    if (m->licence.len == 0)
        m->licence = SEK_STR("none in the package");
    SekBuf text;
    sek_buf_init(&text, SEK_MANIFEST_MAX_BYTES);
    SekStatus status = sek_manifest_write(m, &text);
    if (status == SEK_OK)
        status = sek_place_write(in->fresh.data, SEK_STR(SEK_MANIFEST_NAME), sek_buf_str(&text), in->err);
    sek_buf_deinit(&text);
    return status;
}

/* --- the package --------------------------------------------------------------------------- */

static SekStatus checksum(const char *path, char out[SEK_SHA256_TEXT], SekError *err) {
    SekFile file;
    SekStatus status = sek_file_open(path, &file, err);
    if (status != SEK_OK)
        return status;
    SekSha256 sha;
    char block[16384];
    sek_sha256_init(&sha);
    for (size_t n = 1; n && status == SEK_OK;) {
        status = sek_file_read(&file, block, sizeof block, &n, err);
        if (status == SEK_OK)
            sek_sha256_add(&sha, block, n);
    }
    sek_file_close(&file);
    sek_sha256_end(&sha, out);
    return status;
}

static SekStatus check_package(Install *in) {
    const SekInstallOptions *o = in->options;
    if (o->sha256 && !sek_is_sha256(sek_str(o->sha256)))
        return sek_fail(in->err, SEK_ERR_ARGUMENT, "a SHA-256 has 64 hexadecimal digits");
    if (sek_path_kind(o->package) == SEK_PATH_FOLDER)
        return o->sha256 ? sek_fail(in->err, SEK_ERR_ARGUMENT, "a folder has no checksum; name the package") : SEK_OK;
    SekError inner = {0};
    SekStatus status = checksum(o->package, in->out->sha256, &inner);
    if (status != SEK_OK)
        return sek_fail(in->err, status, "%s: %s", o->package, inner.what);
    if (o->sha256 && !sek_str_eq_nocase(sek_str(o->sha256), sek_str(in->out->sha256)))
        return sek_fail(in->err, SEK_ERR_INPUT, "the package's SHA-256 is %s, not the one that was asked for; "
                        "nothing is installed", in->out->sha256);
    return SEK_OK;
}

/* The package must not have changed while it was read. */
static SekStatus check_again(Install *in) {
    char now[SEK_SHA256_TEXT];
    if (!in->out->sha256[0])
        return SEK_OK;
    SekStatus status = checksum(in->options->package, now, in->err);
    if (status == SEK_OK && strcmp(now, in->out->sha256) != 0)
        status = sek_fail(in->err, SEK_ERR_INPUT, "the package changed while it was read; nothing is installed");
    return status;
}

/* --- the place ----------------------------------------------------------------------------- */

static SekStatus count_entry(void *user, const char *path, const char *problem) {
    (void)path;
    (void)problem;
    ++*(size_t *)user;
    return SEK_OK;
}

/* Only an installed rule set, or an empty folder, is ever replaced. */
static SekStatus check_target(Install *in) {
    const char *to = in->options->to;
    SekManifest old;
    size_t n = 0;
    if (sek_path_kind(in->options->package) == SEK_PATH_FOLDER && sek_place_is_below(to, in->options->package))
        return sek_fail(in->err, SEK_ERR_ARGUMENT, "%s lies in the folder that is to be installed", to);
    if (sek_path_kind(to) == SEK_PATH_MISSING)
        return SEK_OK;
    if (sek_path_kind(to) != SEK_PATH_FOLDER)
        return sek_fail(in->err, SEK_ERR_ARGUMENT, "%s is there and is no folder", to);
    sek_manifest_init(&old);
    SekStatus status = sek_manifest_of(&old, to, in->err);
    sek_manifest_deinit(&old);
    if (status == SEK_NOT_FOUND)
        status = sek_walk(to, count_entry, &n);
    if (status == SEK_OK && n)
        return sek_fail(in->err, SEK_ERR_ARGUMENT,
                        "%s holds files and was not installed by this program; name another folder", to);
    return status;
}

static SekStatus make_fresh(Install *in) {
    SekBuf parent;
    sek_buf_init(&parent, PATH_BYTES);
    sek_buf_adds(&parent, in->options->to);
    while (parent.len > 1 && parent.data[parent.len - 1] == '/')
        parent.len--;
    while (parent.len > 1 && parent.data[parent.len - 1] != '/')
        parent.len--;
    bool here = parent.len <= 1 && in->options->to[0] != '/';
    sek_buf_addc(&parent, '\0');
    SekStatus status = parent.failed;
    if (status == SEK_OK && !here)
        status = sek_place_make(parent.data, in->err);
    if (status == SEK_OK)
        status = sek_place_beside(in->options->to, &in->fresh, in->err);
    sek_buf_deinit(&parent);
    return status;
}

typedef struct Sweep {
    SekManifest old;
    const char *folder;
    size_t kept;
} Sweep;

static SekStatus sweep_file(void *user, const char *path, const char *problem) {
    Sweep *s = user;
    SekStr inner = sek_str(path + strlen(s->folder) + 1);
    const SekManifestFile *file = problem ? NULL : sek_manifest_find(&s->old, inner);
    char now[SEK_SHA256_TEXT];
    bool ours = sek_str_eq(inner, SEK_STR(SEK_MANIFEST_NAME));
    if (file)
        ours = checksum(path, now, NULL) == SEK_OK && strcmp(now, file->sha256) == 0;
    if (ours)
        sek_place_remove_file(s->folder, inner);
    s->kept += !ours;
    return SEK_OK;
}

/* Removes the version before, which now has the name of the new one; what is not as it was installed
 * stays, and its folder is told. */
static void sweep(Install *in) {
    Sweep s = {.folder = in->fresh.data};
    sek_manifest_init(&s.old);
    /* Without a manifest it was an empty folder. */
    if (sek_manifest_of(&s.old, s.folder, NULL) == SEK_OK && sek_walk(s.folder, sweep_file, &s) != SEK_OK)
        s.kept++;
    sek_place_remove_empty(s.folder);
    if (s.kept)
        (void)snprintf(in->out->kept, sizeof in->out->kept, "%s", s.folder);
    in->out->n_kept = s.kept;
    sek_manifest_deinit(&s.old);
}

/* --- the whole ----------------------------------------------------------------------------- */

static SekStatus fill_and_swap(Install *in) {
    SekRuleTextVisitor visitor = {.wants = wants, .take = take, .user = in};
    SekStatus status = sek_rule_texts(in->options->package, &visitor, NULL, in->err);
    if (status == SEK_OK)
        status = check_again(in);
    if (status == SEK_OK && in->out->n_rules == 0)
        status = sek_fail(in->err, SEK_ERR_INPUT, "the package holds no Sigma rule; nothing is installed");
    if (status == SEK_OK)
        status = write_manifest(in);
    if (status == SEK_OK)
        status = sek_place_swap(in->fresh.data, in->options->to, &in->out->replaced, in->err);
    return status;
}

SekStatus sek_rules_install(const SekInstallOptions *options, SekInstalled *out, SekError *err) {
    SekInstalled result = {0};
    Install in = {.options = options, .out = &result, .err = err};
    sek_manifest_init(&in.manifest);
    sek_buf_init(&in.fresh, PATH_BYTES);
    SekStatus status = check_package(&in);
    if (status == SEK_OK)
        status = check_target(&in);
    if (status == SEK_OK)
        status = make_fresh(&in);
    if (status == SEK_OK) {
        status = fill_and_swap(&in);
        if (status != SEK_OK)
            sek_place_remove_all(in.fresh.data);
        else if (result.replaced)
            sweep(&in);
    }
    sek_buf_deinit(&in.fresh);
    sek_manifest_deinit(&in.manifest);
    if (status == SEK_OK)
        *out = result;
    return status;
}
