/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* nftw, renameat2, syncfs */
#include "base/place.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES (64u * 1024u)
#define OPEN_FOLDERS 16 /* that nftw may hold at once */

static SekStatus fail(SekError *err, const char *path, const char *verb) {
    return sek_fail(err, SEK_ERR_IO, "cannot %s %s: %s", verb, path, strerror(errno));
}

SekStatus sek_place_make(const char *folder, SekError *err) {
    char *path = strdup(folder);
    if (!path)
        return SEK_ERR_MEMORY;
    SekStatus status = SEK_OK;
    for (char *at = path + 1; status == SEK_OK; at++) {
        char c = *at;
        if (c != '/' && c)
            continue;
        *at = '\0';
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            status = fail(err, path, "make the folder");
        *at = c;
        if (!c)
            break;
    }
    free(path);
    return status;
}

SekStatus sek_place_beside(const char *folder, SekBuf *out, SekError *err) {
    size_t len = strlen(folder);
    while (len > 1 && folder[len - 1] == '/')
        len--;
    size_t start = out->len;
    sek_buf_add(out, folder, len);
    sek_buf_adds(out, ".XXXXXX");
    sek_buf_addc(out, '\0');
    if (out->failed != SEK_OK)
        return out->failed;
    out->len--;
    if (!mkdtemp(out->data + start))
        return fail(err, out->data + start, "make the folder");
    (void)chmod(out->data + start, 0755); /* mkdtemp makes it private; at worst it stays so */
    return SEK_OK;
}

/* Opens the folder that `inner` goes into, making what is missing; `*out_name` is the last part. */
static int open_parent(const char *root, char *inner, char **out_name) {
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char *part = inner;
    for (char *slash; fd >= 0 && (slash = strchr(part, '/')); part = slash + 1) {
        *slash = '\0';
        if (mkdirat(fd, part, 0755) != 0 && errno != EEXIST) {
            close(fd);
            return -1;
        }
        int next = openat(fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        close(fd);
        fd = next;
    }
    *out_name = part;
    return fd;
}

static bool write_all(int fd, SekStr text) {
    while (text.len) {
        ssize_t n = write(fd, text.ptr, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        text = sek_str_n(text.ptr + n, text.len - (size_t)n);
    }
    return true;
}

SekStatus sek_place_write(const char *root, SekStr inner, SekStr text, SekError *err) {
    char *copy = strndup(inner.ptr, inner.len), *name;
    if (!copy)
        return SEK_ERR_MEMORY;
    int folder = open_parent(root, copy, &name);
    int fd = folder < 0 ? -1 : openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    int why = errno;
    SekStatus status = SEK_OK;
    if (fd < 0 && why == EEXIST)
        status = sek_fail(err, SEK_ERR_INPUT, "the name %.*s is there twice", SEK_STR_ARG(inner));
    else if (fd < 0 || !write_all(fd, text))
        status = sek_fail(err, SEK_ERR_IO, "cannot write %.*s: %s", SEK_STR_ARG(inner), strerror(errno));
    if (fd >= 0 && close(fd) != 0 && status == SEK_OK)
        status = sek_fail(err, SEK_ERR_IO, "cannot write %.*s: %s", SEK_STR_ARG(inner), strerror(errno));
    if (folder >= 0)
        close(folder);
    free(copy);
    return status;
}

static void to_disk(const char *folder) {
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)syncfs(fd); /* a system that cannot has its own times of writing */
    close(fd);
}

/* Two renames, for file systems that cannot exchange names; the old version comes back when the second
 * one fails. */
static int swap_by_steps(const char *fresh, const char *folder) {
    char *aside;
    if (asprintf(&aside, "%s.old", fresh) < 0)
        return -1;
    int result = rename(folder, aside);
    if (result == 0 && rename(fresh, folder) != 0) {
        int why = errno;
        (void)rename(aside, folder);
        errno = why;
        result = -1;
    }
    if (result == 0)
        result = rename(aside, fresh);
    free(aside);
    return result;
}

SekStatus sek_place_swap(const char *fresh, const char *folder, bool *out_replaced, SekError *err) {
    struct stat st;
    to_disk(fresh);
    *out_replaced = lstat(folder, &st) == 0;
    int result;
    if (!*out_replaced)
        result = rename(fresh, folder);
    else if ((result = renameat2(AT_FDCWD, fresh, AT_FDCWD, folder, RENAME_EXCHANGE)) != 0 &&
             (errno == EINVAL || errno == ENOSYS))
        result = swap_by_steps(fresh, folder);
    return result == 0 ? SEK_OK : fail(err, folder, "put the new version at");
}

void sek_place_remove_file(const char *root, SekStr inner) {
    SekBuf path;
    sek_buf_init(&path, PATH_BYTES);
    sek_buf_addf(&path, "%s/%.*s", root, SEK_STR_ARG(inner));
    sek_buf_addc(&path, '\0');
    if (path.failed == SEK_OK)
        (void)unlink(path.data);
    sek_buf_deinit(&path);
}

static int remove_empty(const char *path, const struct stat *st, int type, struct FTW *ftw) {
    (void)st;
    (void)ftw;
    if (type == FTW_DP)
        (void)rmdir(path);
    return 0;
}

void sek_place_remove_empty(const char *folder) {
    (void)nftw(folder, remove_empty, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

static int remove_any(const char *path, const struct stat *st, int type, struct FTW *ftw) {
    (void)st;
    (void)ftw;
    (void)(type == FTW_DP ? rmdir(path) : unlink(path));
    return 0;
}

void sek_place_remove_all(const char *folder) {
    (void)nftw(folder, remove_any, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

bool sek_place_is_below(const char *path, const char *folder) {
    char *top = realpath(folder, NULL), *copy = strdup(path), *real = NULL;
    while (top && copy && !(real = realpath(copy, NULL))) {
        char *slash = strrchr(copy, '/');
        if (!slash) {
            real = realpath(".", NULL);
            break;
        }
        slash[slash == copy] = '\0';
    }
    size_t n = top ? strlen(top) : 0;
    bool below = real && top && strncmp(real, top, n) == 0 && (!real[n] || real[n] == '/' || top[n - 1] == '/');
    free(top);
    free(copy);
    free(real);
    return below;
}
