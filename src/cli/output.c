/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool complain(const char *command, const char *path, const char *why) {
    (void)fprintf(stderr, "sekisho %s: %s: %s\n", command, path, why);
    return false;
}

/* True when the file is an event log: overwriting evidence is never meant. */
static bool is_evidence(const char *path) {
    char magic[8] = {0};
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    size_t n = fread(magic, 1, sizeof magic, file);
    fclose(file);
    return n == sizeof magic && memcmp(magic, "ElfFile", 8) == 0;
}

bool sek_out_open(SekOutFile *file, const char *command, const char *path) {
    *file = (SekOutFile){.path = path};
    struct stat st;
    bool exists = stat(path, &st) == 0;
    if (exists && is_evidence(path))
        return complain(command, path, "is an event log; refusing to overwrite evidence");
    if (exists && !S_ISREG(st.st_mode)) { /* a device or pipe is written to as it is */
        file->stream = fopen(path, "wb");
        return file->stream || complain(command, path, strerror(errno));
    }
    if (asprintf(&file->temporary, "%s.XXXXXX", path) < 0)
        return complain(command, path, "out of memory");
    int fd = mkstemp(file->temporary);
    if (fd >= 0) {
        mode_t mask = umask(0);
        (void)umask(mask);
        (void)fchmod(fd, 0666 & ~mask); /* mkstemp makes it private; at worst it stays so */
        file->stream = fdopen(fd, "wb");
    }
    if (!file->stream) {
        int why = errno;
        free(file->temporary);
        file->temporary = NULL;
        return complain(command, path, strerror(why));
    }
    return true;
}

bool sek_out_close(SekOutFile *file, const char *command, bool keep) {
    if (!file->stream)
        return true;
    bool good = fclose(file->stream) == 0;
    file->stream = NULL;
    if (file->temporary && keep && good)
        good = rename(file->temporary, file->path) == 0;
    else if (file->temporary)
        (void)unlink(file->temporary); /* nothing to be done if it stays */
    free(file->temporary);
    file->temporary = NULL;
    return good || complain(command, file->path, strerror(errno));
}
