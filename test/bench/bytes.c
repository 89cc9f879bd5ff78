/* SPDX-License-Identifier: Apache-2.0 */
/* What bytes cost whoever looks at them: bench_bytes [--times N] [--json] FILE...
 *
 * Prints, tab-separated, a name and bytes per second of processor time of this thread, the best of N runs (5 if not
 * said): `memory`, the sum of all words of the files, read into memory first; `page cache`, the files read piece by
 * piece into a small buffer. With --json instead `yyjson`, every line parsed as one document. */
#define _POSIX_C_SOURCE 200809L
#include "base/buf.h"
#include "base/bytes.h"
#include "base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <yyjson.h>

#define MAX_FILES 256
#define MAX_FILE ((size_t)8 << 30)
#define PIECE ((size_t)256 << 10)
#define PARSER_MEMORY ((size_t)256 << 20) /* of one line */

typedef struct Bench {
    SekBuf files[MAX_FILES];
    const char *names[MAX_FILES];
    unsigned n_files;
    int times;
    size_t bytes;
    uint64_t sum; /* keeps the compiler from dropping what nobody reads */
    char *piece, *parser;
} Bench;

typedef bool Pass(Bench *b);

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Eight sums, so that the loads do not wait for each other. */
static bool memory(Bench *b) {
    uint64_t sums[8] = {0};
    for (unsigned f = 0; f < b->n_files; f++) {
        const uint8_t *p = (const uint8_t *)b->files[f].data;
        for (size_t i = 0; i + 64 <= b->files[f].len; i += 64)
            for (unsigned k = 0; k < 8; k++)
                sums[k] += sek_le64(p + i + 8 * k);
    }
    for (unsigned k = 0; k < 8; k++)
        b->sum += sums[k];
    return true;
}

static bool page_cache(Bench *b) {
    for (unsigned f = 0; f < b->n_files; f++) {
        int fd = open(b->names[f], O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : 1;
        while (n > 0 && (n = read(fd, b->piece, PIECE)) > 0)
            b->sum += (uint8_t)b->piece[n - 1];
        if (fd >= 0)
            (void)close(fd);
        if (n < 0)
            return false;
    }
    return true;
}

static bool parse(Bench *b) {
    for (unsigned f = 0; f < b->n_files; f++) {
        char *at = b->files[f].data, *end = at + b->files[f].len;
        while (at < end) {
            char *stop = memchr(at, '\n', (size_t)(end - at));
            stop = stop ? stop : end;
            yyjson_alc memory_of_line;
            yyjson_alc_pool_init(&memory_of_line, b->parser, PARSER_MEMORY);
            yyjson_doc *doc = yyjson_read_opts(at, (size_t)(stop - at), YYJSON_READ_NUMBER_AS_RAW, &memory_of_line, NULL);
            if (!doc)
                return false;
            b->sum += yyjson_doc_get_val_count(doc);
            at = stop + 1;
        }
    }
    return true;
}

static bool report(Bench *b, const char *name, Pass *pass) {
    double best = 1e9;
    for (int i = 0; i < b->times; i++) {
        double start = cpu_seconds();
        if (!pass(b))
            return false;
        double took = cpu_seconds() - start;
        best = took < best ? took : best;
    }
    printf("%s\t%.0f\n", name, (double)b->bytes / best);
    return true;
}

static bool load(Bench *b, const char *path) {
    SekError err = {0};
    if (b->n_files == MAX_FILES)
        return false;
    SekBuf *file = &b->files[b->n_files];
    sek_buf_init(file, MAX_FILE);
    b->names[b->n_files++] = path;
    if (sek_file_slurp(path, file, &err) != SEK_OK)
        return false;
    b->bytes += file->len;
    return true;
}

int main(int argc, char **argv) {
    static Bench b; /* too large for the stack */
    bool json = false, ok = true;
    b.times = 5;
    for (int i = 1; i < argc && ok; i++) {
        if (strcmp(argv[i], "--json") == 0)
            json = true;
        else if (strcmp(argv[i], "--times") == 0 && i + 1 < argc)
            b.times = (int)strtol(argv[++i], NULL, 10);
        else
            ok = load(&b, argv[i]);
    }
    b.piece = malloc(PIECE);
    b.parser = malloc(PARSER_MEMORY);
    ok = ok && b.n_files && b.times > 0 && b.piece && b.parser;
    if (ok)
        ok = json ? report(&b, "yyjson", parse)
                  : report(&b, "memory", memory) && report(&b, "page cache", page_cache);
    if (!ok)
        (void)fprintf(stderr, "bench_bytes: wrong arguments, or a file cannot be read or parsed\n");
    (void)fprintf(stderr, "(%llu)\n", (unsigned long long)b.sum);
    free(b.piece);
    free(b.parser);
    for (unsigned f = 0; f < b.n_files; f++)
        sek_buf_deinit(&b.files[f]);
    return ok ? 0 : 1;
}
