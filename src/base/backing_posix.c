/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* fallocate */

/* A room is a temporary file that is mapped and shared with it. The kernel counts its pages as cache of the file: where
 * memory is short (or a cgroup has its fill of it) it writes them out and takes them. `fallocate` and not `posix_fallocate`:
 * where the file system cannot promise the bytes there is no room, for a write that finds no place ends the process. */
#include "base/backing.h"

#include "base/tempfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PIECE_BYTES (16u << 10)

static SekStatus reserve(int fd, uint64_t len, SekError *err) {
    int failed;
    do
        failed = fallocate(fd, 0, 0, (off_t)len);
    while (failed && errno == EINTR);
    return failed ? sek_fail(err, SEK_ERR_IO, "no room in the temporary file: %s", strerror(errno)) : SEK_OK;
}

static SekStatus open_room(const void *self, uint64_t len, SekRoom *out, SekError *err) {
    SekTempFile file;
    SekStatus status = sek_temp_open(self, &file, err);
    if (status != SEK_OK)
        return status;
    status = reserve(file.fd, len, err);
    void *at = MAP_FAILED;
    if (status == SEK_OK) {
        at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd, 0);
        if (at == MAP_FAILED)
            status = sek_fail(err, SEK_ERR_IO, "cannot map the temporary file: %s", strerror(errno));
        else /* page by page: a page of a large folio that is written to costs as much as all of it */
            (void)madvise(at, len, MADV_RANDOM);
    }
    if (status != SEK_OK)
        sek_temp_close(&file);
    else
        *out = (SekRoom){.at = at, .len = len, .handle = file.fd};
    return status;
}

/* In pieces: Linux keeps what is written at once in one large folio, and brings all of that in for one byte. */
static SekStatus write_room(const SekRoom *room, uint64_t offset, const void *bytes, size_t len, SekError *err) {
    const SekTempFile file = {.fd = (int)room->handle};
    SekStatus status = SEK_OK;
    for (size_t at = 0; at < len && status == SEK_OK; at += PIECE_BYTES)
        status = sek_temp_write(&file, offset + at, (const char *)bytes + at, len - at < PIECE_BYTES ? len - at : PIECE_BYTES,
                                err);
    return status;
}

static void rest(const SekRoom *room) {
    (void)madvise(room->at, room->len, MADV_DONTNEED); /* of a shared mapping it forgets no bytes */
}

static void close_room(SekRoom *room) {
    (void)munmap(room->at, room->len);
    sek_temp_close(&(SekTempFile){.fd = (int)room->handle});
    *room = (SekRoom){0};
}

/* proc(5): pages, of which the third number counts those of files. Where it cannot be read, rooms count as full. */
static uint64_t resident(const void *self) {
    char text[128];
    unsigned long long pages;
    (void)self;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return UINT64_MAX;
    text[n] = '\0';
    return sscanf(text, "%*u %*u %llu", &pages) == 1 ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : UINT64_MAX;
}

SekBacking sek_backing_folder(const char *folder) {
    return (SekBacking){.self = folder, .open = open_room, .write = write_room, .rest = rest, .close = close_room,
                        .resident = resident};
}
