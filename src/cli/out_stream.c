/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* fopencookie, fallocate */
#include "cli/out_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define BLOCK (64u * 1024u) /* what stdio collects; more is written at once, in as many of these as there are */
#define RESERVE_FROM ((off_t)1 << 20) /* small files need none */
#define RESERVE ((off_t)16 << 20)
#define ROOM ((fsblkcnt_t)256 << 20) /* with less left, what is reserved here may be what another file needs */

typedef struct Out {
    int fd;
    off_t at, reserved; /* `reserved` bytes have their blocks, if it is more than `at` */
    bool refused;
    char block[BLOCK]; /* stdio's, until the stream is closed */
} Out;

static bool has_room(int fd) {
    struct statvfs fs;
    return fstatvfs(fd, &fs) == 0 && fs.f_frsize && fs.f_bavail >= ROOM / fs.f_frsize;
}

/* Gives back the blocks behind what was written. */
static void give_back(const Out *out) {
    (void)!ftruncate(out->fd, out->at); /* at worst they stay reserved */
}

static void reserve(Out *out, size_t n) {
    off_t from = out->reserved > out->at ? out->reserved : out->at;
    if (out->refused || out->at < RESERVE_FROM || (out->reserved - out->at) >= (off_t)n)
        return;
    if (has_room(out->fd) && fallocate(out->fd, FALLOC_FL_KEEP_SIZE, from, RESERVE + (off_t)n) == 0) {
        out->reserved = from + RESERVE + (off_t)n;
        return;
    }
    out->refused = true; /* a full disk is told when writing fails */
    out->reserved = 0;
    give_back(out); /* also what was got of blocks that were too many: some file systems leave them (ext4, a quota) */
}

/* All bytes, or 0 and errno, as stdio asks. */
static ssize_t put(void *cookie, const char *bytes, size_t n) {
    Out *out = cookie;
    reserve(out, n);
    for (size_t done = 0; done < n;) {
        ssize_t put = write(out->fd, bytes + done, n - done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return 0;
        done += (size_t)put;
        out->at += put;
    }
    return (ssize_t)n;
}

static int end(void *cookie) {
    Out *out = cookie;
    if (out->reserved > out->at)
        give_back(out);
    int status = close(out->fd);
    free(out); /* all was flushed before */
    return status;
}

FILE *sek_out_stream(int fd) {
    Out *out = malloc(sizeof *out);
    if (!out)
        return NULL;
    out->fd = fd;
    out->at = out->reserved = 0;
    out->refused = false;
    FILE *stream = fopencookie(out, "wb", (cookie_io_functions_t){.write = put, .close = end});
    if (stream)
        (void)setvbuf(stream, out->block, _IOFBF, sizeof out->block);
    else
        free(out);
    return stream;
}
