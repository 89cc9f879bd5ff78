/* SPDX-License-Identifier: Apache-2.0 */
/* What matching costs: bench_scanner [--times N] [--rules PATH]... [--brute] FILE...
 *
 * Prints, in nanoseconds per record and bytes per second of processor time of this thread (the best of N
 * runs, 5 if not said): reading the memory that the files lie in, reading their events, and matching the
 * rules too; then the last for each file alone. A file is EVTX, or JSON Lines if it begins with a brace. Files are read into memory first, so a disk plays no part.
 * Each run begins with a reader and a scanner that know nothing yet. The last line is a digest of all that matched: it must not change when only speed is meant to. */
#define _POSIX_C_SOURCE 200809L
#include "base/buf.h"
#include "base/bytes.h"
#include "base/file.h"
#include "engine/scanner.h"
#include "event/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MAX_FILES 256
#define MAX_RULES 64
#define MAX_FILE ((size_t)4 << 30)

typedef struct Bench {
    SekBuf files[MAX_FILES];
    const char *names[MAX_FILES];
    const char *rules[MAX_RULES];
    unsigned n_files, n_rules;
    int times;
    bool brute;
    SekRuleset *ruleset;
    SekReader *reader;
    SekScanner *scanner;
    uint64_t n_records, n_matches, digest;
} Bench;

typedef void Stage(Bench *b, const SekBuf *file);

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Eight sums, so that the loads do not wait for each other. */
static void touch(Bench *b, const SekBuf *file) {
    const uint8_t *p = (const uint8_t *)file->data;
    uint64_t sums[8] = {0};
    for (size_t i = 0; i + 64 <= file->len; i += 64)
        for (unsigned k = 0; k < 8; k++)
            sums[k] += sek_le64(p + i + 8 * k);
    for (unsigned k = 0; k < 8; k++)
        b->digest += sums[k];
}

/* The unit at `at`: chunks, or lines of JSON. */
static SekUnit unit_at(const SekBuf *file, bool lines, size_t at) {
    size_t left = file->len - at;
    SekUnit unit = {.kind = lines ? SEK_UNIT_JSON_LINES : SEK_UNIT_EVTX, .offset = at, .bytes = (uint8_t *)file->data + at,
                    .len = left < SEK_UNIT_BYTES ? left : SEK_UNIT_BYTES};
    while (lines && unit.len < left && unit.bytes[unit.len - 1] != '\n')
        unit.len++;
    unit.evidence = unit.cap = unit.len;
    return unit;
}

static void each_event(Bench *b, const SekBuf *file, bool match) {
    bool lines = file->len && file->data[0] == '{';
    for (size_t at = lines ? 0 : SEK_EVTX_HEADER_SIZE; at < file->len;) {
        SekUnit unit = unit_at(file, lines, at);
        at += unit.len;
        sek_reader_start(b->reader, &unit);
        SekEvent event;
        while (sek_reader_next(b->reader, &event) == SEK_OK) {
            const uint32_t *variants;
            uint32_t n = 0;
            b->n_records++;
            if (match && sek_scanner_match(b->scanner, &event, &variants, &n) != SEK_OK)
                continue;
            b->n_matches += n;
            for (uint32_t i = 0; i < n; i++)
                b->digest = (b->digest ^ variants[i] ^ event.offset << 20) * 0x9E3779B97F4A7C15u;
        }
    }
}

static void read_events(Bench *b, const SekBuf *file) {
    each_event(b, file, false);
}

static void match_events(Bench *b, const SekBuf *file) {
    each_event(b, file, true);
}

static void forget(Bench *b) {
    sek_scanner_free(b->scanner);
    sek_reader_free(b->reader);
    b->scanner = NULL;
    b->reader = NULL;
}

/* What one run learns of templates and answers must not serve the next. */
static bool begin(Bench *b) {
    SekReaderOptions options = {0};
    forget(b);
    b->n_records = b->n_matches = b->digest = 0;
    if (sek_reader_new(&options, &b->reader) != SEK_OK || sek_scanner_new(b->ruleset, &b->scanner) != SEK_OK)
        return false;
    if (b->brute)
        sek_scanner_brute_force(b->scanner);
    return true;
}

static bool report(Bench *b, const char *name, Stage *stage, unsigned first, unsigned end) {
    double best = 1e9;
    size_t bytes = 0;
    for (unsigned f = first; f < end; f++)
        bytes += b->files[f].len;
    for (int i = 0; i < b->times; i++) {
        if (!begin(b))
            return false;
        double start = cpu_seconds();
        for (unsigned f = first; f < end; f++)
            stage(b, &b->files[f]);
        double took = cpu_seconds() - start;
        best = took < best ? took : best;
    }
    double n = b->n_records ? (double)b->n_records : (double)bytes / 64;
    printf("%-28s %9.1f ns %8.3f GB/s %10llu records %10llu matches\n", name, best / n * 1e9,
           (double)bytes / best / 1e9, (unsigned long long)b->n_records, (unsigned long long)b->n_matches);
    return fflush(stdout) == 0;
}

/* As a worker's buffer stands in memory. */
static bool align(SekBuf *file) {
    size_t size = (file->len / SEK_UNIT_ALIGN + 1) * SEK_UNIT_ALIGN;
    char *aligned = aligned_alloc(SEK_UNIT_ALIGN, size);
    if (!aligned)
        return false;
    memcpy(aligned, file->data, file->len);
    free(file->data);
    file->data = aligned;
    file->cap = size;
    return true;
}

static bool load(Bench *b, const char *path) {
    SekError err = {0};
    if (b->n_files == MAX_FILES)
        return false;
    SekBuf *file = &b->files[b->n_files];
    sek_buf_init(file, MAX_FILE);
    b->names[b->n_files++] = path;
    bool ok = sek_file_slurp(path, file, &err) == SEK_OK && (file->len == 0 || align(file));
    if (!ok)
        (void)fprintf(stderr, "%s: %s\n", path, err.what);
    return ok;
}

static bool arguments(Bench *b, int argc, char **argv) {
    b->times = 5;
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--times") == 0 && more)
            b->times = (int)strtol(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--rules") == 0 && more && b->n_rules < MAX_RULES)
            b->rules[b->n_rules++] = argv[++i];
        else if (strcmp(argv[i], "--brute") == 0)
            b->brute = true;
        else if (!load(b, argv[i]))
            return false;
    }
    if (b->n_files == 0 || b->times < 1)
        (void)fprintf(stderr, "usage: bench_scanner [--times N] [--rules PATH]... [--brute] FILE...\n");
    return b->n_files > 0 && b->times > 0;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool report_all(Bench *b) {
    bool ok = report(b, "memory (ns a cache line)", touch, 0, b->n_files) && report(b, "events", read_events, 0, b->n_files) &&
              report(b, "events and rules", match_events, 0, b->n_files);
    if (ok)
        printf("digest %016llx, %zu rules\n", (unsigned long long)b->digest, sek_ruleset_count(b->ruleset));
    for (unsigned i = 0; i < b->n_files && b->n_files > 1 && ok; i++)
        ok = report(b, base_name(b->names[i]), match_events, i, i + 1);
    return ok;
}

int main(int argc, char **argv) {
    static Bench b; /* too large for the stack */
    SekError err = {.what = "out of memory"};
    if (!arguments(&b, argc, argv))
        return 2;
    bool ok = sek_ruleset_load(b.rules, b.n_rules, &b.ruleset, &err) == SEK_OK && report_all(&b);
    if (!ok)
        (void)fprintf(stderr, "bench_scanner: %s\n", err.what);
    forget(&b);
    sek_ruleset_free(b.ruleset);
    for (unsigned i = 0; i < b.n_files; i++)
        sek_buf_deinit(&b.files[i]);
    return ok ? 0 : 2;
}
