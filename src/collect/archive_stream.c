/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/archive_stream.h"

#include "collect/archive_lib.h"

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
    uint64_t bytes_in, bytes_out;
    SekBuf name;
};

static la_ssize_t give_block(struct archive *reader, void *user, const void **out) {
    SekArchive *a = user;
    if (!a->head_given) {
        a->head_given = true;
        *out = a->head;
        a->bytes_in += a->n_head;
        if (a->n_head)
            return (la_ssize_t)a->n_head;
    }
    size_t n;
    SekError err = {0};
    if (sek_file_read(a->file, a->block, BLOCK, &n, &err) != SEK_OK) {
        a->lib.set_error(reader, EIO, "%s", err.what);
        return -1;
    }
    a->bytes_in += n;
    *out = a->block;
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

static SekStatus fail(SekArchive *a, SekError *err) {
    const char *why = a->lib.error_string(a->reader);
    return sek_fail(err, SEK_ERR_INPUT, "archive: %s", why ? why : "unreadable");
}

static SekStatus load(SekArchive *a, SekError *err) {
    SekError why = {0};
    if (sek_archive_lib(&a->lib, &why) != SEK_OK)
        return sek_fail(err, SEK_ERR_INPUT, "archive: the library that reads archives is missing: %s", why.what);
    a->reader = a->lib.read_new();
    return a->reader ? SEK_OK : SEK_ERR_MEMORY;
}

SekStatus sek_archive_open(SekFile *file, const uint8_t *head, size_t n_head, SekArchive **out,
                           SekError *err) {
    SekArchive *a = calloc(1, sizeof *a);
    if (!a)
        return SEK_ERR_MEMORY;
    sek_buf_init(&a->name, 64 * 1024);
    a->file = file;
    a->head = malloc(n_head + 1);
    a->n_head = n_head;
    a->block = malloc(BLOCK);
    SekStatus status = a->head && a->block ? load(a, err) : SEK_ERR_MEMORY;
    if (status != SEK_OK) {
        sek_archive_close(a);
        return status;
    }
    memcpy(a->head, head, n_head);
    a->lib.read_support_filter_all(a->reader);
    a->lib.read_support_format_all(a->reader);
    a->lib.read_support_format_raw(a->reader); /* a lone log that is only compressed */
    if (file->regular)
        a->lib.read_set_seek_callback(a->reader, seek_to);
    if (a->lib.read_open(a->reader, a, NULL, give_block, NULL) != ARCHIVE_OK) {
        status = fail(a, err);
        sek_archive_close(a);
        return status;
    }
    *out = a;
    return SEK_OK;
}

void sek_archive_close(SekArchive *a) {
    if (!a)
        return;
    if (a->reader)
        a->lib.read_free(a->reader);
    sek_buf_deinit(&a->name);
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
        if (rc == ARCHIVE_RETRY)
            continue;
        if (rc == ARCHIVE_FATAL || rc == ARCHIVE_FAILED)
            return fail(a, err);
        if (a->lib.entry_filetype(entry) != AE_IFREG)
            continue;
        const char *name = a->lib.entry_pathname_utf8(entry);
        if (!name)
            name = a->lib.entry_pathname(entry);
        sek_buf_clear(&a->name);
        sek_buf_adds(&a->name, name ? name : "(name cannot be read)");
        bool sized = a->lib.entry_size_is_set(entry) && a->lib.entry_size(entry) > 0;
        *out = (SekArchiveMember){.name = sek_buf_str(&a->name),
                                  .size = sized ? (uint64_t)a->lib.entry_size(entry) : 0,
                                  .encrypted = a->lib.entry_is_encrypted(entry) > 0};
        return SEK_OK;
    }
}

SekStatus sek_archive_read(SekArchive *a, void *out, size_t len, size_t *out_n, SekError *err) {
    size_t done = 0;
    while (done < len) {
        la_ssize_t n = a->lib.read_data(a->reader, (char *)out + done, len - done);
        if (n == ARCHIVE_RETRY)
            continue;
        if (n < 0)
            return fail(a, err);
        if (n == 0)
            break;
        done += (size_t)n;
    }
    a->bytes_out += done;
    if (a->bytes_out > SEK_ARCHIVE_FREE && a->bytes_out / SEK_ARCHIVE_RATIO > a->bytes_in)
        return sek_fail(err, SEK_ERR_LIMIT, "archive: gives more than %u times its size: taken for a bomb",
                        SEK_ARCHIVE_RATIO);
    *out_n = done;
    return SEK_OK;
}
