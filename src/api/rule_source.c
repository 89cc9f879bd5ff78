/* SPDX-License-Identifier: Apache-2.0 */
#include "api/rule_source.h"

#include "collect/archive_stream.h"
#include "collect/sniff.h"
#include "rule/rule.h"

#define HEAD 512u /* enough for tar's mark at 257 */
#define STEP (64u * 1024u)
#define NAME_MAX_BYTES (64u * 1024u)

typedef struct Reading {
    const SekRuleTextVisitor *visitor;
    const char *path; /* as the caller named it */
    SekBuf text, name;
    uint64_t unpacked, packed; /* of the archive; packed 0 = not known */
} Reading;

bool sek_is_rule_name(SekStr name) {
    static const SekStr endings[] = {{".yml", 4}, {".yaml", 5}};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        SekStr e = endings[i];
        if (name.len > e.len && sek_str_eq_nocase(sek_str_n(name.ptr + name.len - e.len, e.len), e))
            return true;
    }
    return false;
}

static SekStatus give(Reading *r, SekRuleTextKind kind, SekStr inner, const char *problem) {
    SekStr name = kind == SEK_RULE_TEXT_MEMBER ? sek_buf_str(&r->name) : inner;
    SekRuleText text = {.kind = kind, .name = name, .inner = inner, .problem = problem,
                        .text = problem ? SEK_STR("") : sek_buf_str(&r->text)};
    return r->visitor->take(r->visitor->user, &text);
}

static bool wants(const Reading *r, SekRuleTextKind kind, SekStr inner, const char *path) {
    return r->visitor->wants(r->visitor->user, kind, inner, path);
}

/* --- folders ------------------------------------------------------------------------------- */

static SekStatus enter(void *user, const char *folder) {
    const Reading *r = user;
    return r->visitor->enter ? r->visitor->enter(r->visitor->user, folder) : SEK_OK;
}

static SekStatus visit(void *user, const char *path, const char *problem) {
    Reading *r = user;
    size_t skip = strlen(r->path);
    while (path[skip] == '/')
        skip++;
    SekStr inner = sek_str(path + skip);
    if (!wants(r, SEK_RULE_TEXT_FOUND, inner, path))
        return SEK_OK;
    SekError err = {0};
    SekStatus status = !problem && r->visitor->take_file ? r->visitor->take_file(r->visitor->user, path) : SEK_NOT_FOUND;
    if (status != SEK_NOT_FOUND)
        return status;
    status = SEK_OK;
    sek_buf_clear(&r->text);
    if (!problem)
        status = sek_file_slurp(path, &r->text, &err);
    if (status == SEK_ERR_MEMORY)
        return status;
    SekRuleText text = {.kind = SEK_RULE_TEXT_FOUND, .name = sek_str(path), .inner = inner,
                        .problem = problem ? problem : status != SEK_OK ? err.what : NULL};
    text.text = text.problem ? SEK_STR("") : sek_buf_str(&r->text);
    return r->visitor->take(r->visitor->user, &text);
}

/* --- archives ------------------------------------------------------------------------------ */

static SekStatus check_size(const Reading *r, SekError *err) {
    if (r->unpacked > SEK_RULE_ARCHIVE_BYTES)
        return sek_fail(err, SEK_ERR_LIMIT, "unpacks to more than %ju MB: not taken for rules",
                        (uintmax_t)(SEK_RULE_ARCHIVE_BYTES >> 20));
    if (r->packed && r->unpacked > SEK_RULE_ARCHIVE_FREE && r->unpacked / SEK_RULE_ARCHIVE_RATIO > r->packed)
        return sek_fail(err, SEK_ERR_LIMIT, "unpacks to more than %u times its size: taken for a bomb",
                        SEK_RULE_ARCHIVE_RATIO);
    return SEK_OK;
}

/* Unpacks a member to its end; what is not wanted, and what is too long for a rule, only passes. */
static SekStatus unpack(Reading *r, SekArchive *archive, bool wanted, const char **out_problem, SekError *err) {
    sek_buf_clear(&r->text);
    *out_problem = NULL;
    for (size_t n = STEP; n == STEP;) {
        char *at = sek_buf_reserve(&r->text, STEP);
        if (!at && r->text.failed == SEK_ERR_LIMIT) {
            *out_problem = "is larger than 16 MB";
            sek_buf_clear(&r->text);
            at = sek_buf_reserve(&r->text, STEP);
        }
        if (!at)
            return SEK_ERR_MEMORY;
        SekStatus status = sek_archive_read(archive, at, STEP, &n, err);
        if (status != SEK_OK)
            return status;
        r->unpacked += n;
        if (wanted && !*out_problem)
            sek_buf_advance(&r->text, n);
        status = check_size(r, err);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

static SekStatus read_member(Reading *r, SekArchive *archive, const SekArchiveMember *member, SekError *err) {
    sek_buf_clear(&r->name);
    sek_buf_addf(&r->name, "%s!", r->path);
    size_t prefix = r->name.len;
    sek_buf_add_str(&r->name, member->name);
    if (r->name.failed != SEK_OK)
        return r->name.failed;
    SekStr inner = sek_str_n(r->name.data + prefix, r->name.len - prefix);
    bool wanted = wants(r, SEK_RULE_TEXT_MEMBER, inner, NULL);
    if (member->encrypted)
        return wanted ? give(r, SEK_RULE_TEXT_MEMBER, inner, "is encrypted") : SEK_OK;
    const char *problem;
    SekStatus status = unpack(r, archive, wanted, &problem, err);
    return status == SEK_OK && wanted ? give(r, SEK_RULE_TEXT_MEMBER, inner, problem) : status;
}

static SekStatus read_members(Reading *r, SekArchive *archive, SekError *err) {
    SekArchiveMember member;
    SekStatus status = SEK_OK;
    for (uint32_t n = 0; status == SEK_OK; n++) {
        status = sek_archive_next(archive, &member, err);
        if (status != SEK_OK)
            break;
        if (n == SEK_RULE_ARCHIVE_MEMBERS)
            return sek_fail(err, SEK_ERR_LIMIT, "has more than %u members", SEK_RULE_ARCHIVE_MEMBERS);
        status = read_member(r, archive, &member, err);
    }
    return status == SEK_END ? SEK_OK : status;
}

static SekStatus read_archive(Reading *r, SekFile *file, const uint8_t *head, size_t n_head, SekError *err) {
    SekArchive *archive;
    int64_t at;
    if (file->regular) { /* its reader moves about in it, and must see the whole */
        n_head = 0;
        if (sek_file_seek(file, 0, 0, &at) != SEK_OK)
            return sek_fail(err, SEK_ERR_IO, "cannot move in the file");
    }
    r->packed = file->size;
    SekStatus status = sek_archive_open(file, head, n_head, &archive, err);
    if (status != SEK_OK)
        return status;
    status = read_members(r, archive, err);
    sek_archive_close(archive);
    return status;
}

/* --- files --------------------------------------------------------------------------------- */

static SekStatus read_rest(Reading *r, const SekFile *file, SekError *err) {
    for (size_t n = 1; n;) {
        char *at = sek_buf_reserve(&r->text, r->text.max - r->text.len < STEP ? 1 : STEP);
        if (!at)
            return r->text.failed == SEK_ERR_LIMIT
                       ? sek_fail(err, SEK_ERR_LIMIT, "file is larger than %zu bytes", r->text.max)
                       : r->text.failed;
        SekStatus status = sek_file_read(file, at, r->text.max - r->text.len < STEP ? 1 : STEP, &n, err);
        if (status != SEK_OK)
            return status;
        sek_buf_advance(&r->text, n);
    }
    return SEK_OK;
}

static SekStatus read_named(Reading *r, bool *out_archive, SekError *err) {
    uint8_t head[HEAD];
    size_t n_head = 0;
    SekFile file;
    if (!wants(r, SEK_RULE_TEXT_NAMED, sek_str(r->path), r->path))
        return SEK_OK;
    SekStatus status = sek_file_open(r->path, &file, err);
    if (status != SEK_OK)
        return status;
    for (size_t n = 1; n && n_head < HEAD && status == SEK_OK; n_head += n)
        status = sek_file_read(&file, head + n_head, HEAD - n_head, &n, err);
    bool archive = status == SEK_OK && sek_sniff(head, n_head) == SEK_SNIFF_ARCHIVE;
    if (archive) {
        status = read_archive(r, &file, head, n_head, err);
    } else if (status == SEK_OK) {
        sek_buf_add(&r->text, head, n_head);
        status = read_rest(r, &file, err);
        if (status == SEK_OK)
            status = give(r, SEK_RULE_TEXT_NAMED, sek_str(r->path), NULL);
    }
    sek_file_close(&file);
    if (out_archive)
        *out_archive = archive;
    return status;
}

SekStatus sek_rule_texts(const char *path, const SekRuleTextVisitor *visitor, bool *out_archive, SekError *err) {
    Reading r = {.visitor = visitor, .path = path};
    SekError inner = {0};
    if (out_archive)
        *out_archive = false;
    sek_buf_init(&r.text, SEK_RULE_MAX_FILE);
    sek_buf_init(&r.name, NAME_MAX_BYTES);
    SekStatus status = sek_path_kind(path) == SEK_PATH_FOLDER ? sek_walk_with(path, &(SekWalker){visit, enter, &r})
                                                              : read_named(&r, out_archive, &inner);
    sek_buf_deinit(&r.text);
    sek_buf_deinit(&r.name);
    if (status != SEK_OK && status != SEK_ERR_MEMORY && inner.what[0])
        return sek_fail(err, status, "%s: %s", path, inner.what);
    return status;
}
