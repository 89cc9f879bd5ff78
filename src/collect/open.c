/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/state.h"

#include <stdlib.h>

/* A file that is shorter than its header says has lost its end. */
static void check_size(SekCollect *c, uint64_t size, const SekEvtxHeader *header) {
    c->used_end = SEK_EVTX_HEADER_SIZE + (uint64_t)header->n_chunks * SEK_EVTX_CHUNK_SIZE;
    if (size && size < c->used_end)
        sek_collect_damage(c, &(SekDamage){.offset = size, .lost = true,
                                    .what = "file ends before the chunks that its header counts",
                                    .has_numbers = true, .expected = c->used_end, .found = size});
}

/* Begins an EVTX file whose first bytes are in `head`. */
static SekStatus begin_evtx(SekCollect *c, SekStr path, uint64_t size, SekCollectState state) {
    SekStatus status = sek_ledger_add(&c->ledger, path, size, &c->entry);
    if (status != SEK_OK)
        return status;
    SekEvtxHeader header;
    c->used_end = 0;
    if (sek_evtx_header(c->head, c->n_head, &header, sek_collect_damage, c) != SEK_OK)
        sek_collect_damage(c, &(SekDamage){.what = "file header is not EVTX's; the chunks are read all the same"});
    else
        check_size(c, size, &header);
    if (c->root != SEK_NAMED)
        c->roots[c->root].n_logs++;
    c->offset = SEK_EVTX_HEADER_SIZE;
    c->end_told = false;
    c->head_at = SEK_EVTX_HEADER_SIZE < c->n_head ? SEK_EVTX_HEADER_SIZE : c->n_head;
    c->state = state;
    return SEK_OK;
}

/* Begins a text file whose first bytes are in `head`. */
static SekStatus begin_text(SekCollect *c, SekStr path, uint64_t size, SekCollectState state) {
    SekStatus status = sek_ledger_add(&c->ledger, path, size, &c->entry);
    if (status == SEK_OK)
        status = sek_text_stream_begin(&c->text, &c->form, &c->kept);
    if (status != SEK_OK)
        return status;
    if (c->root != SEK_NAMED)
        c->roots[c->root].n_logs++;
    c->is_text = true;
    c->offset = 0;
    c->end_told = false;
    c->head_at = 0;
    c->state = state;
    return SEK_OK;
}

static const char not_a_log[] = "not an event log: expected EVTX, XML, JSON or CSV of events, or an archive of them";

typedef enum { FORM_EVTX, FORM_TEXT, FORM_ARCHIVE, FORM_OTHER, FORM_OPEN_HEADER } Form;

/* What the bytes in `head` are. Text in which no event was seen is taken for a log when somebody named
 * it, and not when it was only found. */
static SekStatus look_at_head(SekCollect *c, bool wanted, SekSniff *kind, Form *out) {
    *kind = sek_sniff(c->head, c->n_head);
    *out = *kind == SEK_SNIFF_ARCHIVE                                            ? FORM_ARCHIVE
           : *kind == SEK_SNIFF_EVTX || *kind == SEK_SNIFF_EVTX_DAMAGED ? FORM_EVTX
                                                                                 : FORM_OTHER;
    if (*kind != SEK_SNIFF_OTHER)
        return SEK_OK;
    SekFormAnswer answer;
    SekStatus status = sek_text_form(c->head, c->n_head, &c->form, &answer);
    if (status == SEK_OK && (answer == SEK_FORM_EVENTS || (answer == SEK_FORM_MAYBE && wanted)))
        *out = FORM_TEXT;
    if (status == SEK_OK && answer == SEK_FORM_OPEN_HEADER)
        *out = FORM_OPEN_HEADER;
    return status;
}

/* Decides about a file that is no log: whose absence would matter is skipped, the rest ignored. */
static SekStatus pass_over(SekCollect *c, SekStr path, bool wanted, SekSniff kind, Form form) {
    const char *reason = form == FORM_OPEN_HEADER    ? "CSV of events whose header has a quote that is not closed: not read"
                         : kind == SEK_SNIFF_EMPTY ? "empty file"
                                                   : not_a_log;
    bool matters = wanted || form == FORM_OPEN_HEADER || sek_named_evtx(path);
    return sek_collect_enter(c, path, matters ? SEK_FILE_SKIPPED : SEK_FILE_IGNORED, reason);
}

static SekStatus read_head(const SekFile *file, uint8_t *head, size_t *out_n, SekError *err) {
    *out_n = 0;
    if (file->regular)
        return sek_file_read_at(file, 0, head, SEK_SNIFF_BYTES, out_n, err);
    for (size_t n = 1; n && *out_n < SEK_SNIFF_BYTES; *out_n += n) {
        SekStatus status = sek_file_read(file, head + *out_n, SEK_SNIFF_BYTES - *out_n, &n, err);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

static SekStatus begin_archive(SekCollect *c, const SekFound *item, SekFile file) {
    c->stream = file;
    c->archive_path = item->path;
    c->archive_logs = 0;
    c->archive_yaml = false;
    SekError err = {0};
    size_t consumed = file.regular ? 0 : c->n_head; /* a regular file is read from its start again */
    SekStatus status = sek_archive_open(&c->stream, c->head, consumed, &c->archive, &err);
    if (status == SEK_OK) {
        c->state = SEK_IN_ARCHIVE;
        return SEK_OK;
    }
    sek_file_close(&c->stream);
    return status == SEK_ERR_MEMORY ? status
                                    : sek_collect_enter(c, sek_str(item->path), SEK_FILE_SKIPPED, err.what);
}

static SekStatus begin_file(SekCollect *c, const SekFound *item, SekFile file) {
    SekHandle *handle = calloc(1, sizeof *handle);
    if (!handle) {
        sek_file_close(&file);
        return SEK_ERR_MEMORY;
    }
    handle->file = file;
    atomic_init(&handle->refs, 1);
    c->handle = handle;
    return begin_evtx(c, sek_str(item->path), file.size, SEK_IN_FILE);
}

SekStatus sek_collect_open(SekCollect *c, const SekFound *item) {
    c->root = item->root;
    bool is_stdin = strcmp(item->path, "-") == 0;
    SekFile file = {.fd = 0};
    SekError err = {0};
    SekStatus status = is_stdin ? SEK_OK : sek_file_open(item->path, &file, &err);
    if (status == SEK_OK)
        status = read_head(&file, c->head, &c->n_head, &err);
    if (status != SEK_OK)
        return sek_collect_enter(c, sek_str(item->path), SEK_FILE_SKIPPED, err.what);
    SekSniff kind;
    Form form;
    status = look_at_head(c, item->root == SEK_NAMED, &kind, &form);
    if (status == SEK_OK && form == FORM_ARCHIVE)
        return begin_archive(c, item, file);
    if (status == SEK_OK && form == FORM_EVTX && file.regular)
        return begin_file(c, item, file);
    if (status != SEK_OK || form >= FORM_OTHER) {
        sek_file_close(&file);
        return status != SEK_OK ? status : pass_over(c, sek_str(item->path), item->root == SEK_NAMED, kind, form);
    }
    c->stream = file;
    SekStr path = is_stdin ? SEK_STR("(standard input)") : sek_str(item->path);
    if (form == FORM_EVTX)
        return begin_evtx(c, path, 0, SEK_IN_PIPE);
    if (file.regular) /* is read from its start again */
        c->n_head = 0;
    return begin_text(c, path, file.size, SEK_IN_PIPE);
}

/* --- members of archives ------------------------------------------------------------------------- */

static SekStatus member_path(SekCollect *c, SekStr name, SekBuf *out) {
    sek_buf_init(out, 192 * 1024);
    sek_buf_adds(out, strcmp(c->archive_path, "-") == 0 ? "(standard input)" : c->archive_path);
    if (c->outer) {
        sek_buf_addc(out, '!');
        sek_buf_add_str(out, sek_buf_str(&c->inner_name));
    }
    sek_buf_addc(out, '!');
    sek_buf_add_str(out, name);
    return out->failed;
}

/* Enters what is to be said about the archive itself. */
static SekStatus enter_archive(SekCollect *c, SekFileStatus status, const char *reason) {
    if (!c->outer)
        return sek_collect_enter(c, sek_str(c->archive_path), status, reason);
    SekBuf path;
    sek_buf_init(&path, 192 * 1024);
    sek_buf_adds(&path, strcmp(c->archive_path, "-") == 0 ? "(standard input)" : c->archive_path);
    sek_buf_addc(&path, '!');
    sek_buf_add_str(&path, sek_buf_str(&c->inner_name));
    SekStatus done = path.failed ? path.failed : sek_collect_enter(c, sek_buf_str(&path), status, reason);
    sek_buf_deinit(&path);
    return done;
}

/* What is left to say when no member follows. Reading it all says nothing of what should have been there. */
static SekStatus tell_end(SekCollect *c, SekStatus why, const char *reason) {
    SekError err = {0};
    if (why != SEK_END)
        return enter_archive(c, SEK_FILE_SKIPPED, reason);
    SekStatus status = sek_archive_whole(c->archive, &err);
    if (status == SEK_ERR_MEMORY)
        return status;
    if (status != SEK_OK)
        return enter_archive(c, SEK_FILE_SKIPPED, err.what);
    if (c->archive_logs)
        return SEK_OK;
    bool named = c->root == SEK_NAMED && !c->outer;
    return enter_archive(c, named ? SEK_FILE_SKIPPED : SEK_FILE_IGNORED,
                         c->archive_yaml ? "no event log in this archive; Sigma rules are named with --rules"
                                         : "no event log in this archive");
}

static SekStatus end_archive(SekCollect *c, SekStatus why, const char *reason) {
    SekStatus status = tell_end(c, why, reason);
    sek_archive_close(c->archive);
    c->archive = c->outer;
    c->outer = NULL;
    if (c->archive) { /* goes on with the outer one */
        c->archive_logs += c->outer_logs + (why != SEK_END);
        return status;
    }
    sek_file_close(&c->stream);
    c->state = SEK_IDLE;
    return status;
}

/* An archive that is a member of one. */
static SekStatus begin_inner(SekCollect *c, const SekArchiveMember *member, SekStr path) {
    if (c->outer)
        return sek_collect_enter(c, path, SEK_FILE_SKIPPED, "archive three levels down: unpack the outer ones first");
    sek_buf_clear(&c->inner_name);
    sek_buf_add_str(&c->inner_name, member->name);
    if (c->inner_name.failed)
        return c->inner_name.failed;
    SekError err = {0};
    SekArchive *inner;
    SekStatus status = sek_archive_open_inner(c->archive, c->head, c->n_head, &inner, &err);
    if (status == SEK_ERR_MEMORY)
        return status;
    if (status != SEK_OK)
        return sek_collect_enter(c, path, SEK_FILE_SKIPPED, err.what);
    c->outer = c->archive;
    c->outer_logs = c->archive_logs - 1; /* whether there is one in it will be seen */
    c->archive = inner;
    c->archive_logs = 0;
    return SEK_OK;
}

static bool is_yaml(SekStr name) {
    static const SekStr endings[] = {{".yml", 4}, {".yaml", 5}};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        SekStr e = endings[i];
        if (name.len > e.len && sek_str_eq_nocase(sek_str_n(name.ptr + name.len - e.len, e.len), e))
            return true;
    }
    return false;
}

static SekStatus look_at_member(SekCollect *c, const SekArchiveMember *member, SekStr path) {
    SekError err = {0};
    if (member->encrypted) {
        c->archive_logs++; /* might be one: the archive is not without logs */
        return sek_collect_enter(c, path, SEK_FILE_SKIPPED, "encrypted");
    }
    c->n_head = c->head_at = 0;
    SekStatus status = sek_archive_read(c->archive, c->head, SEK_SNIFF_BYTES, &c->n_head, &err);
    if (status != SEK_OK && c->n_head == 0)
        return sek_collect_enter(c, path, SEK_FILE_SKIPPED, err.what);
    SekSniff kind;
    Form form; /* of what could be read: the error comes again behind it */
    status = look_at_head(c, false, &kind, &form);
    if (status != SEK_OK)
        return status;
    if (form >= FORM_OTHER) {
        c->archive_yaml = c->archive_yaml || is_yaml(member->name);
        c->archive_logs += form == FORM_OPEN_HEADER; /* is one */
        return pass_over(c, path, false, kind, form);
    }
    c->archive_logs++;
    if (form == FORM_ARCHIVE)
        return begin_inner(c, member, path);
    return form == FORM_TEXT ? begin_text(c, path, member->size, SEK_IN_MEMBER)
                             : begin_evtx(c, path, member->size, SEK_IN_MEMBER);
}

SekStatus sek_collect_member(SekCollect *c) {
    SekArchiveMember member;
    SekError err = {0};
    SekStatus status = sek_archive_next(c->archive, &member, &err);
    if (status != SEK_OK)
        return end_archive(c, status, err.what);
    SekBuf path;
    status = member_path(c, member.name, &path);
    if (status == SEK_OK)
        status = look_at_member(c, &member, sek_buf_str(&path));
    sek_buf_deinit(&path);
    return status;
}
