/* SPDX-License-Identifier: Apache-2.0 */
/* Streams of outputs: what is reserved is given back, also when there was room for a part of it only. The two calls that
 * ask for blocks go through this file, which stands before the C library. */
#define _GNU_SOURCE
#include "cli/out_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB ((size_t)1 << 20)

typedef struct Disk {
    uint64_t room;   /* bytes that are left */
    bool half;       /* reserving gets half of what it asks for, and fails */
    unsigned n_calls;
} Disk;

static Disk disk;

int fstatvfs(int fd, struct statvfs *out) {
    (void)fd;
    *out = (struct statvfs){.f_frsize = 4096, .f_bavail = disk.room / 4096};
    return 0;
}

int fallocate(int fd, int mode, off_t at, off_t len) {
    disk.n_calls++;
    int status = (int)syscall(SYS_fallocate, fd, mode, at, disk.half ? len / 2 : len);
    if (disk.half && status == 0) {
        errno = ENOSPC;
        status = -1;
    }
    return status;
}

/* Writes `size` bytes in pieces, and checks that they are the file, without blocks behind them. */
static void check_file(size_t size) {
    char path[] = "/var/tmp/out_stream.XXXXXX", *bytes = malloc(size), *back = malloc(size + 1);
    int fd = mkstemp(path), again = dup(fd);
    assert_true(fd >= 0 && again >= 0 && bytes && back);
    assert_int_equal(unlink(path), 0);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(i * 2654435761u >> 13);
    FILE *stream = sek_out_stream(fd);
    assert_non_null(stream);
    for (size_t at = 0, n = 1; at < size; at += n, n = n * 3 % 200003) {
        n = n < size - at ? n : size - at;
        assert_int_equal(fwrite(bytes + at, 1, n, stream), n);
    }
    assert_int_equal(fclose(stream), 0);
    struct stat st;
    assert_int_equal(fstat(again, &st), 0);
    assert_int_equal(st.st_size, size);
    assert_true((uint64_t)st.st_blocks * 512 < size + MIB);
    assert_int_equal(pread(again, back, size + 1, 0), size);
    assert_memory_equal(back, bytes, size);
    (void)close(again);
    free(bytes);
    free(back);
}

static void test_reserved(void **state) {
    (void)state;
    disk = (Disk){.room = 1024 * MIB};
    check_file(MIB / 2);
    assert_int_equal(disk.n_calls, 0);
    check_file(3 * MIB);
    assert_int_equal(disk.n_calls, 1);
    check_file(40 * MIB);
    assert_true(disk.n_calls >= 3);
}

static void test_half_reserved(void **state) {
    (void)state;
    disk = (Disk){.room = 1024 * MIB, .half = true};
    check_file(3 * MIB);
    assert_int_equal(disk.n_calls, 1);
    check_file(20 * MIB);
    assert_int_equal(disk.n_calls, 2); /* it is not tried again */
}

/* What is left of a disk is not kept from other outputs. */
static void test_little_room(void **state) {
    (void)state;
    disk = (Disk){.room = 20 * MIB};
    check_file(3 * MIB);
    assert_int_equal(disk.n_calls, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reserved),
        cmocka_unit_test(test_half_reserved),
        cmocka_unit_test(test_little_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
