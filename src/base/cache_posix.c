/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "base/cache.h"

#include "base/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NAME_BYTES 128
#define PREFIX "rules-"
#define FRESH ".new-" /* begins the names of files that are being written */
#define STALE_SECONDS 3600 /* what was begun and not finished for so long was given up */

static bool is_ours(const struct stat *st) {
    return st->st_uid == geteuid() && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* A descriptor of the folder, or -1 when it is not ours alone. */
static int open_folder(const char *folder) {
    struct stat st;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && (fstat(fd, &st) != 0 || !is_ours(&st))) {
        close(fd);
        fd = -1;
        errno = EPERM;
    }
    return fd;
}

/* The same, made private when it is missing. */
static int make_folder(const char *folder) {
    int fd = open_folder(folder);
    if (fd >= 0 || errno != ENOENT)
        return fd;
    char *above = strdup(folder), *slash = above ? strrchr(above, '/') : NULL;
    if (slash && slash != above) {
        *slash = '\0';
        if (sek_place_make(above, NULL) != SEK_OK)
            errno = EACCES;
    }
    free(above);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return -1;
    return open_folder(folder);
}

static bool write_all(int fd, SekStr bytes) {
    while (bytes.len) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = sek_str_n(bytes.ptr + n, bytes.len - (size_t)n);
    }
    return true;
}

static SekStatus map_file(int fd, uintptr_t wish, SekMapped *out) {
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || !is_ours(&st) || st.st_size <= 0 ||
        (uint64_t)st.st_size > SEK_CACHE_MAX_BYTES)
        return SEK_NOT_FOUND;
    return sek_map(fd, (size_t)st.st_size, wish, out) == SEK_OK ? SEK_OK : SEK_NOT_FOUND;
}

SekStatus sek_cache_map(const char *folder, const char *name, uintptr_t wish, SekMapped *out) {
    int at = open_folder(folder);
    if (at < 0)
        return SEK_NOT_FOUND;
    /* Not to wait when it is a pipe that somebody put there. */
    int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    close(at);
    if (fd < 0)
        return SEK_NOT_FOUND;
    SekStatus status = map_file(fd, wish, out);
    close(fd);
    return status;
}

/* --- keeping it small ------------------------------------------------------------------------------ */

typedef struct Old {
    char name[NAME_BYTES];
    struct timespec time;
} Old;

static bool is_older(const Old *a, const Old *b) {
    return a->time.tv_sec != b->time.tv_sec ? a->time.tv_sec < b->time.tv_sec : a->time.tv_nsec < b->time.tv_nsec;
}

/* Of our files that are not `name`, keeps the youngest in `kept` and removes what is older. */
static void consider(int at, Old *kept, size_t *n, const char *found) {
    struct stat st;
    Old file;
    if (strlen(found) >= NAME_BYTES || fstatat(at, found, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    if (strncmp(found, FRESH, strlen(FRESH)) == 0) {
        if (time(NULL) - st.st_mtim.tv_sec > STALE_SECONDS)
            (void)unlinkat(at, found, 0);
        return;
    }
    memcpy(file.name, found, strlen(found) + 1);
    file.time = st.st_mtim;
    for (size_t i = 0; i < *n; i++)
        if (is_older(&kept[i], &file)) { /* the oldest is carried to the end */
            Old swap = kept[i];
            kept[i] = file;
            file = swap;
        }
    if (*n < SEK_CACHE_KEPT - 1)
        kept[(*n)++] = file;
    else
        (void)unlinkat(at, file.name, 0);
}

static void remove_old(int at, const char *name) {
    Old kept[SEK_CACHE_KEPT - 1];
    size_t n = 0;
    int again = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = again >= 0 ? fdopendir(again) : NULL;
    if (!list && again >= 0)
        close(again);
    for (struct dirent *entry; list && (entry = readdir(list));)
        if (strcmp(entry->d_name, name) != 0 && (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 ||
                                                 strncmp(entry->d_name, FRESH, strlen(FRESH)) == 0))
            consider(at, kept, &n, entry->d_name);
    if (list)
        closedir(list);
}

SekStatus sek_cache_write(const char *folder, const char *name, SekStr bytes) {
    char fresh[NAME_BYTES];
    int n = snprintf(fresh, sizeof fresh, FRESH "%ld-%s", (long)gettid(), name);
    int at = n > 0 && n < NAME_BYTES ? make_folder(folder) : -1;
    if (at < 0)
        return SEK_ERR_IO;
    (void)unlinkat(at, fresh, 0); /* of a thread that had our number and was killed */
    int fd = openat(at, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write_all(fd, bytes);
    if (fd >= 0)
        good = close(fd) == 0 && good;
    good = good && renameat(at, fresh, at, name) == 0;
    if (good)
        remove_old(at, name);
    else if (fd >= 0)
        (void)unlinkat(at, fresh, 0);
    close(at);
    return good ? SEK_OK : SEK_ERR_IO;
}
