/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target over files and folders, so that a corpus is an ordinary test: replay PATH...
 * Linked with the target; needs no fuzzer. Prints how many inputs ran; none is a failure. */
#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>

#define MAX_INPUT ((size_t)64 << 20)
#define MAX_SECONDS 1.0

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static SekStatus run_file(void *user, const char *path, const char *problem) {
    unsigned *n = user;
    SekBuf buf;
    SekError err = {0};
    sek_buf_init(&buf, MAX_INPUT);
    if (problem || sek_file_slurp(path, &buf, &err) != SEK_OK) {
        (void)fprintf(stderr, "%s: %s\n", path, problem ? problem : err.what);
        sek_buf_deinit(&buf);
        return SEK_ERR_IO;
    }
    /* A copy of the exact size: one byte too far is seen by AddressSanitizer. */
    uint8_t *copy = malloc(buf.len ? buf.len : 1);
    if (copy && buf.len)
        memcpy(copy, buf.data, buf.len);
    double start = sek_clock_seconds();
    int result = copy ? LLVMFuzzerTestOneInput(copy, buf.len) : -1;
    double took = sek_clock_seconds() - start;
    free(copy);
    sek_buf_deinit(&buf);
    ++*n;
    if (took > MAX_SECONDS)
        (void)fprintf(stderr, "%s: took %.1f s\n", path, took);
    return result == 0 && took <= MAX_SECONDS ? SEK_OK : SEK_ERR_LIMIT;
}

int main(int argc, char **argv) {
    unsigned n = 0;
    SekStatus status = SEK_OK;
    for (int i = 1; i < argc && status == SEK_OK; i++) {
        if (sek_path_kind(argv[i]) == SEK_PATH_FOLDER)
            status = sek_walk(argv[i], run_file, &n);
        else
            status = run_file(&n, argv[i], NULL);
    }
    printf("%u inputs\n", n);
    return status == SEK_OK && n > 0 ? 0 : 1;
}
