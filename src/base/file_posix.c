/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WALK_DEPTH 64 /* deeper trees are loops or attacks */

static SekStatus fail_errno(SekError *err, SekStatus code, const char *verb) {
    return sek_fail(err, code, "cannot %s: %s", verb, strerror(errno));
}

SekStatus sek_file_open(const char *path, SekFile *out, SekError *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(err, errno == ENOENT ? SEK_NOT_FOUND : SEK_ERR_IO, "open");
    struct stat st;
    if (fstat(fd, &st) != 0) {
        SekStatus status = fail_errno(err, SEK_ERR_IO, "stat");
        close(fd);
        return status;
    }
    if (S_ISDIR(st.st_mode)) {
        close(fd);
        return sek_fail(err, SEK_ERR_ARGUMENT, "is a folder, expected a file");
    }
    bool regular = S_ISREG(st.st_mode);
    *out = (SekFile){.fd = fd, .size = regular ? (uint64_t)st.st_size : 0, .regular = regular};
    return SEK_OK;
}

void sek_file_close(SekFile *file) {
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

SekStatus sek_file_read_at(const SekFile *file, uint64_t offset, void *out, size_t len,
                           size_t *out_n, SekError *err) {
    size_t done = 0;
    while (done < len) {
        ssize_t n = pread(file->fd, (char *)out + done, len - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            if (err)
                err->offset = offset + done;
            return fail_errno(err, SEK_ERR_IO, "read");
        }
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *out_n = done;
    return SEK_OK;
}

SekStatus sek_file_read(const SekFile *file, void *out, size_t len, size_t *out_n, SekError *err) {
    for (;;) {
        ssize_t n = read(file->fd, out, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(err, SEK_ERR_IO, "read");
        *out_n = (size_t)n;
        return SEK_OK;
    }
}

SekStatus sek_file_seek(const SekFile *file, int64_t offset, int whence, int64_t *out_at) {
    off_t at = lseek(file->fd, (off_t)offset, whence);
    if (at < 0)
        return SEK_ERR_IO;
    *out_at = at;
    return SEK_OK;
}

SekStatus sek_file_slurp(const char *path, SekBuf *out, SekError *err) {
    SekFile file;
    SekStatus status = sek_file_open(path, &file, err);
    if (status != SEK_OK)
        return status;
    for (bool more = true; more;) {
        char *at = sek_buf_reserve(out, 64 * 1024);
        if (!at && out->failed == SEK_ERR_LIMIT && out->len < out->max) {
            out->failed = SEK_OK; /* less than a full step is left: take what still fits */
            at = sek_buf_reserve(out, 1);
        }
        if (!at) {
            status = sek_fail(err, out->failed, "file is larger than %zu bytes", out->max);
            break;
        }
        size_t n = 0, room = out->cap - out->len < 64 * 1024 ? 1 : 64 * 1024;
        status = sek_file_read(&file, at, room, &n, err);
        if (status != SEK_OK || n == 0)
            break;
        sek_buf_advance(out, n);
        more = n == room || n < file.size; /* the whole at once, and less than asked for: that was the end */
    }
    sek_file_close(&file);
    return status;
}

#define SECOND 1000000000
#define TICK (SECOND / 10) /* more than any system's */
#define FOLDER_BYTES 4096 /* of a path that is opened to stamp what lies below; longer ones are as good, and slower */

static int64_t nanoseconds(struct timespec t) {
    return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

static SekStatus stamp_at(int folder, const char *path, SekStamp *out) {
    struct stat st;
    if (fstatat(folder, path, &st, 0) != 0)
        return SEK_NOT_FOUND;
    *out = (SekStamp){.device = (uint64_t)st.st_dev, .number = (uint64_t)st.st_ino, .size = (uint64_t)st.st_size,
                      .modified = nanoseconds(st.st_mtim), .changed = nanoseconds(st.st_ctim),
                      .folder = S_ISDIR(st.st_mode)};
    return S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) ? SEK_OK : SEK_ERR_ARGUMENT;
}

SekStatus sek_path_stamp(const char *path, SekStamp *out) {
    return stamp_at(AT_FDCWD, path, out);
}

void sek_stamp_folder_open(const char *prefix, size_t len, SekStampFolder *out) {
    char folder[FOLDER_BYTES];
    *out = (SekStampFolder){-1, prefix, len};
    if (len == 0 || len >= sizeof folder || prefix[len - 1] != '/')
        return;
    memcpy(folder, prefix, len);
    folder[len] = '\0';
    out->fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

SekStatus sek_stamp_in_folder(const SekStampFolder *folder, const char *path, SekStamp *out) {
    /* The folder itself has no name in it, and what begins with '/' would be looked for elsewhere. */
    bool inside = folder->fd >= 0 && strncmp(path, folder->prefix, folder->len) == 0 && path[folder->len] &&
                  path[folder->len] != '/';
    return inside ? stamp_at(folder->fd, path + folder->len, out) : sek_path_stamp(path, out);
}

void sek_stamp_folder_close(SekStampFolder *folder) {
    if (folder->fd >= 0)
        close(folder->fd);
    folder->fd = -1;
}

static bool is_past(int64_t time, int64_t now) {
    int64_t tick = time % SECOND ? TICK : 3 * (int64_t)SECOND; /* whole seconds: its clock may have no others */
    return time < now && now - time > tick;
}

bool sek_stamp_settled(const SekStamp *stamp, int64_t now) {
    return is_past(stamp->changed, now) && is_past(stamp->modified, now);
}

int64_t sek_clock_wall(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return nanoseconds(now);
}

SekPathKind sek_path_kind(const char *path) {
    struct stat st;
    if (stat(path, &st) != 0)
        return SEK_PATH_MISSING;
    return S_ISREG(st.st_mode) ? SEK_PATH_FILE : S_ISDIR(st.st_mode) ? SEK_PATH_FOLDER : SEK_PATH_OTHER;
}

static int by_bytes(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name); /* not alphasort: that depends on the locale */
}

static SekStatus walk_folder(const SekWalker *walk, const char *folder, int depth);

static SekStatus walk_entry(const SekWalker *walk, const char *path, unsigned char type, int depth) {
    struct stat st;
    if (type == DT_REG)
        return walk->visit(walk->user, path, NULL);
    if (lstat(path, &st) != 0)
        return walk->visit(walk->user, path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return walk_folder(walk, path, depth + 1);
    if (S_ISLNK(st.st_mode) && stat(path, &st) != 0)
        return walk->visit(walk->user, path, "link that leads nowhere");
    if (S_ISDIR(st.st_mode))
        return walk->visit(walk->user, path, "link to a folder: not followed; name it to have it read");
    return walk->visit(walk->user, path, S_ISREG(st.st_mode) ? NULL : "not a regular file: not read");
}

static SekStatus walk_folder(const SekWalker *walk, const char *folder, int depth) {
    if (depth > WALK_DEPTH)
        return walk->visit(walk->user, folder, "more than 64 folders deep");
    SekStatus status = walk->enter ? walk->enter(walk->user, folder) : SEK_OK;
    if (status != SEK_OK)
        return status;
    struct dirent **names;
    int n = scandir(folder, &names, NULL, by_bytes);
    if (n < 0)
        return walk->visit(walk->user, folder, strerror(errno));
    SekBuf path;
    sek_buf_init(&path, 64 * 1024);
    bool slash = *folder && folder[strlen(folder) - 1] == '/';
    for (int i = 0; i < n; i++) {
        const char *name = names[i]->d_name;
        if (status == SEK_OK && strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
            sek_buf_clear(&path);
            sek_buf_addf(&path, slash ? "%s%s" : "%s/%s", folder, name);
            sek_buf_addc(&path, '\0');
            status = path.failed ? path.failed : walk_entry(walk, path.data, names[i]->d_type, depth);
        }
        free(names[i]);
    }
    free(names);
    sek_buf_deinit(&path);
    return status;
}

SekStatus sek_walk(const char *folder, SekWalkVisit visit, void *user) {
    return sek_walk_with(folder, &(SekWalker){.visit = visit, .user = user});
}

SekStatus sek_walk_with(const char *folder, const SekWalker *walker) {
    return walk_folder(walker, folder, 0);
}

double sek_clock_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

unsigned sek_cpu_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? (unsigned)n : 1;
}
