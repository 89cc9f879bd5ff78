/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* O_TMPFILE, mkostemp */
#include "base/tempfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES 4096

/* For file systems on which a file cannot be made without a name. */
static int open_named(const char *folder) {
    char path[PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/sekisho.XXXXXX", folder);
    if (n < 0 || n >= PATH_BYTES) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(path); /* at worst the name stays */
    return fd;
}

SekStatus sek_temp_open(const char *folder, SekTempFile *out, SekError *err) {
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT || errno == EINVAL))
        fd = open_named(folder);
    if (fd < 0)
        return sek_fail(err, SEK_ERR_IO, "no temporary file in %.120s: %s", folder, strerror(errno));
    out->fd = fd;
    return SEK_OK;
}

void sek_temp_close(SekTempFile *file) {
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

SekStatus sek_temp_write(const SekTempFile *file, uint64_t offset, const void *bytes, size_t len,
                         SekError *err) {
    for (size_t done = 0; done < len;) {
        ssize_t n = pwrite(file->fd, (const char *)bytes + done, len - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return sek_fail(err, SEK_ERR_IO, "cannot write to the temporary file: %s",
                            strerror(n < 0 ? errno : ENOSPC));
        done += (size_t)n;
    }
    return SEK_OK;
}

SekStatus sek_temp_read(const SekTempFile *file, uint64_t offset, void *out, size_t len, SekError *err) {
    for (size_t done = 0; done < len;) {
        ssize_t n = pread(file->fd, (char *)out + done, len - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return sek_fail(err, SEK_ERR_IO, "cannot read the temporary file: %s", strerror(errno));
        if (n == 0)
            return sek_fail(err, SEK_ERR_IO, "the temporary file is shorter than what was written to it");
        done += (size_t)n;
    }
    return SEK_OK;
}
