/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "cli/output.h"

#include "cli/out_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS 8u /* that lead from one to the next */
#define NOT_OPEN (-2)
#define HEAD 4608 /* an EVTX header and the signature of the chunk behind it */

static int complain(const char *command, const char *path, const char *why) {
    (void)fprintf(stderr, "sekisho %s: %s: %s\n", command, path, why);
    return SEK_EXIT_USAGE;
}

static bool has(const char *head, size_t n, size_t at, const char *magic, size_t len) {
    return n >= at + len && memcmp(head + at, magic, len) == 0;
}

/* True when the file is an event log or an archive: replacing one is never meant. */
static bool is_evidence(const char *path) {
    char head[HEAD];
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    size_t n = fread(head, 1, sizeof head, file);
    (void)fclose(file); /* was only read */
    return has(head, n, 0, "ElfFile", 7) || has(head, n, 4096, "ElfChnk", 7) || has(head, n, 0, "PK\3\4", 4) ||
           has(head, n, 0, "PK\5\6", 4) || has(head, n, 0, "7z\xbc\xaf\x27\x1c", 6) || has(head, n, 0, "\x1f\x8b", 2) ||
           has(head, n, 0, "\xfd" "7zXZ", 5) || has(head, n, 0, "BZh", 3) || has(head, n, 0, "\x28\xb5\x2f\xfd", 4) ||
           has(head, n, 257, "ustar", 5);
}

/* The real path of the folder that `path` would be created in; NULL when there is none. */
static char *folder_of(const char *path) {
    char *copy = strdup(path), *real = NULL;
    if (!copy)
        return NULL;
    char *slash = strrchr(copy, '/');
    if (slash)
        slash[slash == copy] = '\0';
    real = realpath(slash ? copy : ".", NULL);
    free(copy);
    return real;
}

static bool lies_below(const char *folder, const char *root) {
    size_t n = strlen(root);
    return strncmp(folder, root, n) == 0 && (folder[n] == '\0' || folder[n] == '/' || (n && root[n - 1] == '/'));
}

/* Where `path` leads: what a link stands for is what is written to, not the link. NULL when memory ran out. */
static char *target_of(const char *path) {
    char *real = realpath(path, NULL);
    return real ? real : strdup(path);
}

/* Where the link `path`, which lies in `folder`, leads to: to be freed; NULL when it is no link. */
static char *next_of(const char *path, const char *folder) {
    char leads_to[PATH_MAX], *next;
    ssize_t n = readlink(path, leads_to, sizeof leads_to - 1);
    if (n <= 0)
        return NULL;
    leads_to[n] = '\0';
    bool whole = leads_to[0] == '/';
    return asprintf(&next, "%s%s%s", whole ? "" : folder, whole ? "" : "/", leads_to) >= 0 ? next : NULL;
}

/* A name of an open file, such as /dev/stdout, or a link to one: others write to that file, too, so it is not replaced,
 * and writing goes on where they are. A descriptor for it; -1, with errno, when it cannot be had; NOT_OPEN for any other
 * name. */
static int open_file_of(const char *path, unsigned links) {
    int fd = NOT_OPEN;
    const char *slash = strrchr(path, '/');
    char *folder = folder_of(path), *own = realpath("/proc/self/fd", NULL), *next = NULL;
    if (folder && own && strcmp(folder, own) == 0)
        fd = dup((int)strtol(slash ? slash + 1 : path, NULL, 10)); /* the system made the name: a number that fits */
    else if (folder && lies_below(folder, "/proc"))
        fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    else if (folder && links && (next = next_of(path, folder)))
        fd = open_file_of(next, links - 1);
    int why = errno;
    free(folder);
    free(own);
    free(next);
    errno = why;
    return fd;
}

/* True when `path` is one of `inputs`, or would lie below one of them. */
static bool touches(const char *path, const char *folder, const SekArgs *inputs) {
    struct stat mine, other;
    bool exists = stat(path, &mine) == 0, found = false;
    for (size_t i = 0; inputs && i < inputs->n && !found; i++) {
        if (strcmp(inputs->items[i], "-") == 0 || stat(inputs->items[i], &other) != 0)
            continue;
        if (S_ISDIR(other.st_mode)) {
            char *root = realpath(inputs->items[i], NULL);
            found = root && folder && lies_below(folder, root);
            free(root);
        } else {
            found = exists && mine.st_dev == other.st_dev && mine.st_ino == other.st_ino;
        }
    }
    return found;
}

int sek_out_check(const SekOutGuard *guard, const char *path) {
    if (strcmp(path, "-") == 0)
        return SEK_EXIT_DONE;
    if (!*path)
        return complain(guard->command, "output", "a file name is missing");
    for (const char *const *other = guard->outputs; other && *other; other++)
        if (*other != path && strcmp(*other, path) == 0)
            return complain(guard->command, path, "is named for two outputs");
    char *target = target_of(path), *folder = target ? folder_of(target) : NULL;
    bool evidence = touches(path, folder, guard->evidence), rules = touches(path, folder, guard->rules);
    free(folder);
    free(target);
    struct stat st;
    bool exists = stat(path, &st) == 0, file = exists && S_ISREG(st.st_mode);
    if (evidence)
        return complain(guard->command, path, "is, or lies among, the evidence; refusing to write there");
    if (rules)
        return complain(guard->command, path, "is, or lies among, the rules; refusing to write there");
    if (file && is_evidence(path))
        return complain(guard->command, path, "is an event log or archive; refusing to overwrite evidence");
    if (!exists && lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
        return complain(guard->command, path, "is a link that leads to no file; refusing to make one there");
    return SEK_EXIT_DONE;
}

/* A file without a name in the folder of `path`; -1 when there can be none. */
static int open_unnamed(const char *path) {
    char *folder = folder_of(path);
    int fd = folder && access("/proc/self/fd", X_OK) == 0 ? open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666) : -1;
    free(folder);
    return fd;
}

static bool link_as(int fd, const char *name) {
    char from[64];
    (void)snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, from, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

/* Has what was written go to the disk before its name is another file's no more: file systems see to that for blocks
 * that were not reserved. At worst a crash leaves an empty file. */
static void write_back(int fd) {
    (void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

/* A name cannot be given over a file that has it: then it is given beside it and moved there at once. */
static bool give_name(int fd, const char *path) {
    bool good = link_as(fd, path), taken = !good && errno == EEXIST;
    for (unsigned i = 0; taken && i < 100; i++) {
        char *beside;
        if (asprintf(&beside, "%s.%ld-%u", path, (long)getpid(), i) < 0)
            return false;
        if (link_as(fd, beside)) {
            write_back(fd);
            good = rename(beside, path) == 0;
            taken = false;
            if (!good) {
                int why = errno;
                (void)unlink(beside); /* nothing to be done if it stays */
                errno = why;
            }
        } else {
            taken = errno == EEXIST;
        }
        free(beside);
    }
    return good;
}

/* A file beside the one that is wanted. */
static int open_beside(SekOutFile *file, const char *path) {
    if (asprintf(&file->temporary, "%s.XXXXXX", path) < 0) {
        file->temporary = NULL;
        return -1;
    }
    int fd = mkstemp(file->temporary);
    if (fd < 0) {
        int why = errno;
        free(file->temporary);
        file->temporary = NULL;
        errno = why;
        return -1;
    }
    mode_t mask = umask(0);
    (void)umask(mask);
    (void)fchmod(fd, 0666 & ~mask); /* mkstemp makes it private; at worst it stays so */
    return fd;
}

static FILE *open_new(SekOutFile *file) {
    file->target = target_of(file->path);
    if (!file->target)
        return NULL;
    int fd = open_unnamed(file->target);
    file->unnamed = fd >= 0;
    if (fd < 0)
        fd = open_beside(file, file->target);
    file->fd = fd;
    return fd >= 0 ? sek_out_stream(fd) : NULL;
}

int sek_out_open(SekOutFile *file, const char *command, const char *path) {
    *file = (SekOutFile){.path = path};
    struct stat st;
    if (strcmp(path, "-") == 0) {
        int fd = dup(STDOUT_FILENO);
        file->stream = fd >= 0 ? fdopen(fd, "wb") : NULL;
    } else if (stat(path, &st) != 0) {
        file->stream = open_new(file);
    } else {
        int fd = open_file_of(path, LINKS);
        if (fd == NOT_OPEN) /* a device or pipe is written to as it is */
            file->stream = S_ISREG(st.st_mode) ? open_new(file) : fopen(path, "wb");
        else
            file->stream = fd >= 0 ? fdopen(fd, "wb") : NULL;
    }
    if (file->stream)
        return SEK_EXIT_DONE;
    (void)complain(command, path, strerror(errno));
    free(file->target);
    file->target = NULL;
    return SEK_EXIT_FATAL;
}

bool sek_out_close(SekOutFile *file, const char *command, bool keep) {
    if (!file->stream)
        return true;
    bool good = fflush(file->stream) == 0;
    if (file->unnamed && keep && good)
        good = give_name(file->fd, file->target);
    if (file->temporary && keep && good)
        write_back(file->fd);
    int why = errno;
    if (fclose(file->stream) == 0)
        errno = why;
    else
        good = false;
    file->stream = NULL;
    if (file->temporary && keep && good)
        good = rename(file->temporary, file->target) == 0;
    else if (file->temporary)
        (void)unlink(file->temporary); /* nothing to be done if it stays */
    free(file->temporary);
    free(file->target);
    file->temporary = file->target = NULL;
    if (!good)
        (void)complain(command, file->path, strerror(errno));
    return good;
}
