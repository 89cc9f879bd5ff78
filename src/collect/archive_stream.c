/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memmem */
#include "collect/archive_stream.h"

#include "collect/archive_end.h"
#include "collect/archive_lib.h"
#include "collect/gzip_stream.h"

#include <errno.h>
#include <stdlib.h>

#define BLOCK (256u * 1024u)

struct SekArchive {
    SekArchiveLib lib;
    struct archive *reader;
    SekFile *file;
    uint8_t *head;
    size_t n_head;
    bool head_given;
    uint8_t *block;
    SekGzip *gzip;                /* inflates what is read into `inflated`; NULL = it is no gzip */
    uint8_t *inflated;
    const uint8_t *last;          /* what libarchive was given last: the n_last bytes before `given` */
    size_t n_last;
    uint64_t given;
    uint64_t bytes_in, bytes_out; /* bytes_out of the outermost: with what the inner ones gave */
    SekStatus failed;             /* of the current member: told again; SEK_END = its end was seen */
    const uint8_t *piece;         /* of the current member, as libarchive gave it: n_piece bytes at piece_at */
    size_t n_piece;
    la_int64_t piece_at, at; /* at: next byte of the member */
    uint64_t n_damaged;           /* headers that are none, passed over */
    SekArchive *outer;            /* this one is a member of it; NULL = it is a file */
    SekBuf name;
};

static SekStatus read_source(SekArchive *a, void *out, size_t len, size_t *out_n, SekError *err) {
    SekStatus status = a->outer ? sek_archive_read(a->outer, out, len, out_n, err)
                                : sek_file_read(a->file, out, len, out_n, err);
    a->bytes_in += *out_n;
    return status;
}

/* The next bytes of the source, first the head. What came before an error is worth reading; the error comes
 * again. */
static SekStatus next_block(SekArchive *a, const uint8_t **out, size_t *out_n, SekError *err) {
    bool head = !a->head_given && a->n_head;
    a->head_given = true;
    *out = head ? a->head : a->block;
    *out_n = head ? a->n_head : 0;
    if (head) {
        a->bytes_in += a->n_head;
        return SEK_OK;
    }
    SekStatus status = read_source(a, a->block, BLOCK, out_n, err);
    return *out_n ? SEK_OK : status;
}

static SekStatus pull_block(void *user, const uint8_t **out, size_t *out_n) {
    SekError err = {0};
    return next_block(user, out, out_n, &err);
}

static la_ssize_t give_block(struct archive *reader, void *user, const void **out) {
    SekArchive *a = user;
    SekError err = {0};
    const uint8_t *block = a->inflated;
    size_t n = 0;
    if (a->gzip)
        n = sek_gzip_read(a->gzip, a->inflated, BLOCK);
    else if (next_block(a, &block, &n, &err) != SEK_OK) {
        a->lib.set_error(reader, EIO, "%s", err.what);
        return -1;
    }
    a->given += n;
    if (n) { /* at the end what was given last is still there to look at */
        a->last = block;
        a->n_last = n;
    }
    *out = block;
    return (la_ssize_t)n;
}

/* 7z keeps its list of members at the end. */
static la_int64_t seek_to(struct archive *reader, void *user, la_int64_t offset, int whence) {
    SekArchive *a = user;
    int64_t at;
    if (sek_file_seek(a->file, offset, whence, &at) == SEK_OK)
        return at;
    a->lib.set_error(reader, EIO, "cannot move in the file");
    return ARCHIVE_FATAL;
}

/* What kept the gzip around the archive from being read; NULL = nothing, or there is none. */
static const SekGzipTrouble *gzip_trouble(const SekArchive *a) {
    if (!a->gzip)
        return NULL;
    const SekGzipReport *report = sek_gzip_report(a->gzip);
    return report->stop.what ? &report->stop : report->check.what ? &report->check : NULL;
}

static SekStatus fail_gzip(const SekGzipTrouble *trouble, SekError *err) {
    return sek_fail(err, SEK_ERR_INPUT, "archive: %s (at offset %llu of it)", trouble->what,
                    (unsigned long long)trouble->in);
}

static SekStatus fail(SekArchive *a, SekError *err) {
    const SekGzipTrouble *trouble = gzip_trouble(a);
    if (trouble)
        return fail_gzip(trouble, err);
    const char *why = a->lib.error_string(a->reader);
    return sek_fail(err, SEK_ERR_INPUT, "archive: %s", why && *why ? why : "was cut, or is damaged: the rest cannot be read");
}

static SekStatus load(SekArchive *a, SekError *err) {
    SekError why = {0};
    if (sek_archive_lib(&a->lib, &why) != SEK_OK)
        return sek_fail(err, SEK_ERR_INPUT, "archive: the library that reads archives is missing: %s", why.what);
    a->reader = a->lib.read_new();
    return a->reader ? SEK_OK : SEK_ERR_MEMORY;
}

static bool is_raw(SekArchive *a) {
    return (a->lib.format(a->reader) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_RAW;
}

/* In sequence: libarchive cannot move in it. */
static bool is_stream(const SekArchive *a) {
    return a->outer || !a->file->regular || a->gzip;
}

/* libarchive's own reader of gzip gives whole blocks of 64 KiB, and looks at no checksum. */
static SekStatus begin_gzip(SekArchive *a, SekError *err) {
    uint8_t magic[4];
    const uint8_t *head = a->n_head ? a->head : magic;
    size_t n = a->n_head;
    if (n == 0 && !a->outer && a->file->regular) {
        SekStatus status = sek_file_read_at(a->file, 0, magic, sizeof magic, &n, err);
        if (status != SEK_OK)
            return status;
    }
    if (!sek_gzip_begins(head, n))
        return SEK_OK;
    a->inflated = malloc(BLOCK);
    return a->inflated ? sek_gzip_new(pull_block, a, &a->gzip) : SEK_ERR_MEMORY;
}

/* Those that we promise, by name. Among all that it knows are mtree, which any JSON may be taken for and which
 * names files to be read from this computer, and filters that run other programs. */
static void choose_formats(SekArchive *a) {
    a->lib.read_support_filter_gzip(a->reader);
    a->lib.read_support_filter_bzip2(a->reader);
    a->lib.read_support_filter_xz(a->reader);
    a->lib.read_support_filter_zstd(a->reader);
    a->lib.read_support_format_tar(a->reader);
    a->lib.read_support_format_zip(a->reader);
    a->lib.read_support_format_7zip(a->reader);
    a->lib.read_support_format_empty(a->reader);
    a->lib.read_support_format_raw(a->reader); /* a lone log that is only compressed */
}

static SekStatus open_source(SekFile *file, SekArchive *outer, SekStr head, SekArchive **out, SekError *err) {
    if (sek_str_starts(head, SEK_STR("7z\xbc\xaf"))) /* a regular file has no head */
        return sek_fail(err, SEK_ERR_INPUT, "archive: 7z cannot be read in sequence (from a pipe, inside another archive): "
                                            "its list of members is at its end. Unpack it first, or name the file");
    SekArchive *a = calloc(1, sizeof *a);
    if (!a)
        return SEK_ERR_MEMORY;
    sek_buf_init(&a->name, 64 * 1024);
    a->file = file;
    a->outer = outer;
    a->head = malloc(head.len + 1);
    a->n_head = head.len;
    a->block = malloc(BLOCK);
    SekStatus status = a->head && a->block ? load(a, err) : SEK_ERR_MEMORY;
    if (status != SEK_OK) {
        sek_archive_close(a);
        return status;
    }
    memcpy(a->head, head.ptr, head.len);
    status = begin_gzip(a, err);
    if (status != SEK_OK) {
        sek_archive_close(a);
        return status;
    }
    choose_formats(a);
    /* Tar: archives behind each other, and what is no header is told (ARCHIVE_RETRY), not taken for the end. */
    (void)a->lib.read_set_option(a->reader, "tar", "read_concatenated_archives", "1");
    if (!is_stream(a))
        a->lib.read_set_seek_callback(a->reader, seek_to);
    if (a->lib.read_open(a->reader, a, NULL, give_block, NULL) != ARCHIVE_OK) {
        status = fail(a, err);
        sek_archive_close(a);
        return status;
    }
    *out = a;
    return SEK_OK;
}

SekStatus sek_archive_open(SekFile *file, const uint8_t *head, size_t n_head, SekArchive **out,
                           SekError *err) {
    return open_source(file, NULL, sek_str_n((const char *)head, n_head), out, err);
}

SekStatus sek_archive_open_inner(SekArchive *outer, const uint8_t *head, size_t n_head, SekArchive **out,
                                 SekError *err) {
    return open_source(outer->file, outer, sek_str_n((const char *)head, n_head), out, err);
}

void sek_archive_close(SekArchive *a) {
    if (!a)
        return;
    if (a->reader)
        a->lib.read_free(a->reader);
    sek_buf_deinit(&a->name);
    sek_gzip_free(a->gzip);
    free(a->inflated);
    free(a->head);
    free(a->block);
    free(a);
}

SekStatus sek_archive_next(SekArchive *a, SekArchiveMember *out, SekError *err) {
    for (;;) {
        struct archive_entry *entry;
        int rc = a->lib.read_next_header(a->reader, &entry);
        if (rc == ARCHIVE_EOF)
            return SEK_END;
        if (rc == ARCHIVE_RETRY) {
            a->n_damaged++;
            continue;
        }
        if (rc == ARCHIVE_FATAL || rc == ARCHIVE_FAILED)
            return fail(a, err);
        if (a->lib.entry_filetype(entry) != AE_IFREG)
            continue;
        const char *name = a->lib.entry_pathname_utf8(entry);
        if (!name)
            name = a->lib.entry_pathname(entry);
        a->failed = SEK_OK;
        a->n_piece = 0;
        a->piece_at = a->at = 0;
        sek_buf_clear(&a->name);
        if (a->gzip && is_raw(a) && sek_gzip_name(a->gzip).len)
            sek_buf_add_str(&a->name, sek_gzip_name(a->gzip));
        else
            sek_buf_adds(&a->name, name ? name : "(name cannot be read)");
        bool sized = a->lib.entry_size_is_set(entry) && a->lib.entry_size(entry) > 0;
        *out = (SekArchiveMember){.name = sek_buf_str(&a->name),
                                  .size = sized ? (uint64_t)a->lib.entry_size(entry) : 0,
                                  .encrypted = a->lib.entry_is_encrypted(entry) > 0};
        return SEK_OK;
    }
}

/* Bombs are measured at the outermost archive: what all its inner ones gave, for each byte of its file. A
 * file whose members overlap is read again and again, and is no larger for that. */
static bool gives_too_much(SekArchive *a, size_t n) {
    while (a->outer)
        a = a->outer;
    a->bytes_out += n;
    uint64_t in = a->file->regular && a->file->size < a->bytes_in ? a->file->size : a->bytes_in;
    return a->bytes_out > SEK_ARCHIVE_FREE && a->bytes_out / SEK_ARCHIVE_RATIO > in;
}

/* Bytes of the member from a->at on: zeros where a sparse file has a hole. SEK_END behind the last. Its own
 * copying function would lose what it copied before an error. */
static SekStatus take_piece(SekArchive *a, uint8_t *out, size_t len, size_t *out_n) {
    int rc = ARCHIVE_OK;
    while (a->at >= a->piece_at + (la_int64_t)a->n_piece) {
        const void *piece;
        do
            rc = a->lib.read_data_block(a->reader, &piece, &a->n_piece, &a->piece_at);
        while (rc == ARCHIVE_RETRY);
        a->piece = piece;
        if (rc == ARCHIVE_EOF)
            a->n_piece = 0;
        if (rc != ARCHIVE_OK)
            return rc == ARCHIVE_EOF ? SEK_END : SEK_ERR_INPUT;
    }
    bool hole = a->at < a->piece_at;
    size_t skip = hole ? 0 : (size_t)(a->at - a->piece_at);
    size_t left = hole ? (size_t)(a->piece_at - a->at) : a->n_piece - skip, n = left < len ? left : len;
    if (hole)
        memset(out, 0, n);
    else
        memcpy(out, a->piece + skip, n);
    a->at += (la_int64_t)n;
    *out_n = n;
    return SEK_OK;
}

const SekGzipReport *sek_archive_gzip(SekArchive *a) {
    return is_raw(a) && gzip_trouble(a) ? sek_gzip_report(a->gzip) : NULL;
}

SekStatus sek_archive_read(SekArchive *a, void *out, size_t len, size_t *out_n, SekError *err) {
    size_t done = 0;
    while (done < len && a->failed == SEK_OK) {
        size_t n = 0;
        a->failed = take_piece(a, (uint8_t *)out + done, len - done, &n);
        done += n;
    }
    if (a->failed == SEK_END && sek_archive_gzip(a))
        a->failed = SEK_ERR_INPUT;
    *out_n = done;
    if (!gives_too_much(a, done))
        return a->failed == SEK_ERR_INPUT ? fail(a, err) : SEK_OK;
    return sek_fail(err, SEK_ERR_LIMIT, "archive: gives more than %u times its size: taken for a bomb", SEK_ARCHIVE_RATIO);
}

/* --- the end ----------------------------------------------------------------------------------- */

/* Reads on from `*at`, where libarchive stopped: first what it was given and did not use. */
static SekStatus read_rest(SekArchive *a, uint64_t *at, uint8_t *out, size_t len, size_t *out_n) {
    SekError err = {0};
    if (!is_stream(a)) {
        SekStatus status = sek_file_read_at(a->file, *at, out, len, out_n, &err);
        *at += *out_n;
        return status;
    }
    uint64_t unused = *at < a->given ? a->given - *at : 0;
    SekStatus status = SEK_OK;
    if (unused > 0 && unused <= a->n_last) {
        *out_n = unused < len ? (size_t)unused : len;
        memcpy(out, a->last + a->n_last - unused, *out_n);
    } else {
        if (a->gzip)
            *out_n = sek_gzip_read(a->gzip, out, len);
        else
            status = read_source(a, out, len, out_n, &err);
        a->given += *out_n;
        a->n_last = 0;
    }
    *at += *out_n;
    return status;
}

/* Tapes and some tools fill the last block with zeros: those are no data. */
static bool data_follows(SekArchive *a) {
    uint64_t at = (uint64_t)a->lib.filter_bytes(a->reader, -1), end = at + SEK_ARCHIVE_FREE;
    uint8_t bytes[4096];
    size_t n = 0;
    while (at < end && read_rest(a, &at, bytes, sizeof bytes, &n) == SEK_OK && n)
        for (size_t i = 0; i < n; i++)
            if (bytes[i])
                return true;
    return false;
}

/* Whether the record comes that ends a zip's directory (APPNOTE 4.3.16); libarchive stops before it when it
 * cannot seek. */
static bool directory_follows(SekArchive *a) {
    uint64_t at = (uint64_t)a->lib.filter_bytes(a->reader, -1);
    uint8_t bytes[4096 + 3];
    size_t kept = 0, n = 0;
    while (read_rest(a, &at, bytes + kept, 4096, &n) == SEK_OK && n) {
        if (memmem(bytes, kept + n, "PK\005\006", 4))
            return true;
        size_t keep = kept + n < 3 ? kept + n : 3;
        memmove(bytes, bytes + kept + n - keep, keep);
        kept = keep;
    }
    return false;
}

static SekStatus format_whole(SekArchive *a, SekError *err) {
    int format = a->lib.format(a->reader) & ARCHIVE_FORMAT_BASE_MASK;
    if (format == ARCHIVE_FORMAT_ZIP && is_stream(a))
        return directory_follows(a) ? SEK_OK
                                    : sek_fail(err, SEK_ERR_INPUT, "archive: was cut: the end of its directory is missing");
    if (format == ARCHIVE_FORMAT_ZIP || format == ARCHIVE_FORMAT_7ZIP)
        return sek_archive_ends(a->file, format == ARCHIVE_FORMAT_ZIP, err);
    if (a->failed == SEK_ERR_INPUT && format == ARCHIVE_FORMAT_RAW)
        return SEK_OK; /* told with the one member; where its stream ends is not known */
    if (a->n_damaged)
        return sek_fail(err, SEK_ERR_INPUT, "archive: %llu blocks in it are no part of a member and were not read",
                        (unsigned long long)a->n_damaged);
    if (format == ARCHIVE_FORMAT_TAR && a->lib.filter_bytes(a->reader, 0) == a->lib.read_header_position(a->reader))
        return sek_fail(err, SEK_ERR_INPUT, "archive: was cut: its end mark is missing");
    return data_follows(a) ? sek_fail(err, SEK_ERR_INPUT, "archive: more data stands behind its end and was not read")
                           : SEK_OK;
}

SekStatus sek_archive_whole(SekArchive *a, SekError *err) {
    SekStatus status = format_whole(a, err);
    if (!a->gzip || status == SEK_ERR_MEMORY)
        return status;
    /* Its checksum stands at its end, which is not looked for without limit. */
    for (size_t n = 0, some = 1; n < SEK_ARCHIVE_FREE && some; n += some)
        some = sek_gzip_read(a->gzip, a->inflated, BLOCK);
    const SekGzipReport *report = sek_gzip_report(a->gzip);
    if (report->behind.what)
        return fail_gzip(&report->behind, err);
    bool told = a->failed == SEK_ERR_INPUT && sek_archive_gzip(a);
    return !told && gzip_trouble(a) ? fail_gzip(gzip_trouble(a), err) : status;
}
