/* SPDX-License-Identifier: Apache-2.0 */
/* What reading costs: bench_reader [--times N] FILE...
 *
 * Prints one line per stage, each including those before it: nanoseconds per record and bytes per second
 * of processor time of this thread, the best of N runs over all files (5 if not said). Files are read
 * into memory first, so a disk plays no part. */
#define _POSIX_C_SOURCE 200809L
#include "base/bytes.h"
#include "base/file.h"
#include "format/event_text.h"
#include "format/evtx.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MAX_FILES 256
#define MAX_FILE ((size_t)4 << 30)
#define MAX_RENDERED ((size_t)16 << 20)

typedef enum {
    STAGE_TOUCH,
    STAGE_WALK,
    STAGE_OUTER,
    STAGE_INNER,
    STAGE_CHECKSUM,
    STAGE_XML,
    STAGE_JSON
} Stage;

static const char *const stage_names[] = {
    "touch every cache line", "record walk", "+ outer value table", "+ inner value table",
    "+ checksums of chunks",  "inner + XML", "inner + JSON",
};

typedef struct Bench {
    SekBuf files[MAX_FILES];
    unsigned n_files;
    size_t n_bytes;
    SekBinxml *bx;
    SekBuf out;
    uint64_t n_records, n_values, n_failed;
    uint64_t sum; /* keeps the compiler from dropping what nobody reads */
} Bench;

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void values(Bench *b, const SekFragment *f) {
    b->n_values += f->n_values;
    if (f->n_values)
        b->sum += (uintptr_t)f->values[f->n_values - 1].ptr;
}

static void inner(Bench *b, const SekFragment *outer) {
    for (uint32_t i = outer->n_values; i-- > 0;) {
        SekFragment nested;
        if (outer->values[i].type != SEK_VALUE_BINXML)
            continue;
        if (sek_binxml_nested(b->bx, outer->values[i], &nested, NULL) == SEK_OK)
            values(b, &nested);
        return;
    }
}

static void record(Bench *b, const SekEvtxRecord *r, Stage stage) {
    SekFragment f;
    b->n_records++;
    b->sum += r->id;
    if (stage < STAGE_OUTER)
        return;
    if (sek_binxml_record(b->bx, r->xml_off, r->xml_len, &f, NULL) != SEK_OK) {
        b->n_failed++;
        return;
    }
    values(b, &f);
    if (stage >= STAGE_INNER)
        inner(b, &f);
    if (stage < STAGE_XML)
        return;
    sek_buf_clear(&b->out);
    SekStatus status = stage == STAGE_XML ? sek_event_xml(b->bx, &f, &b->out, NULL)
                                          : sek_event_json(b->bx, &f, &b->out, NULL);
    b->n_failed += status != SEK_OK;
    b->sum += b->out.len;
}

static void chunk(Bench *b, const uint8_t *bytes, uint32_t len, Stage stage) {
    if (stage == STAGE_TOUCH) {
        for (uint32_t i = 0; i + 8 <= len; i += 64)
            b->sum += sek_le64(bytes + i);
        return;
    }
    SekEvtxOptions options = {.skip_checksums = stage != STAGE_CHECKSUM};
    SekEvtxChunk c;
    if (sek_evtx_chunk_open(bytes, len, 0, &options, &c) != SEK_OK)
        return;
    sek_binxml_chunk(b->bx, bytes, len);
    SekEvtxRecord r;
    while (sek_evtx_next(&c, &r) == SEK_OK)
        record(b, &r, stage);
}

static double run(Bench *b, Stage stage) {
    b->n_records = b->n_values = b->n_failed = 0;
    double start = cpu_seconds();
    for (unsigned i = 0; i < b->n_files; i++) {
        const uint8_t *bytes = (const uint8_t *)b->files[i].data;
        for (size_t at = SEK_EVTX_HEADER_SIZE; at < b->files[i].len; at += SEK_EVTX_CHUNK_SIZE) {
            size_t left = b->files[i].len - at;
            chunk(b, bytes + at, (uint32_t)(left < SEK_EVTX_CHUNK_SIZE ? left : SEK_EVTX_CHUNK_SIZE), stage);
        }
    }
    return cpu_seconds() - start;
}

static void report(Bench *b, Stage stage, int times) {
    double best = 1e9;
    for (int i = 0; i < times; i++) {
        double took = run(b, stage);
        best = took < best ? took : best;
    }
    double bytes = (double)b->n_bytes;
    if (b->n_records == 0) {
        printf("%-24s %30.2f GB/s\n", stage_names[stage], bytes / best / 1e9);
        return;
    }
    double n = (double)b->n_records;
    printf("%-24s %10.1f ns/record %8.2f GB/s   %llu records, %.1f values/record, %llu failed\n",
           stage_names[stage], best / n * 1e9, bytes / best / 1e9, (unsigned long long)b->n_records,
           (double)b->n_values / n, (unsigned long long)b->n_failed);
}

static bool load(Bench *b, const char *path) {
    SekError err = {0};
    if (b->n_files == MAX_FILES)
        return false;
    SekBuf *file = &b->files[b->n_files++];
    sek_buf_init(file, MAX_FILE);
    if (sek_file_slurp(path, file, &err) != SEK_OK) {
        (void)fprintf(stderr, "%s: %s\n", path, err.what); /* nothing to do if this fails too */
        return false;
    }
    b->n_bytes += file->len;
    return true;
}

int main(int argc, char **argv) {
    static Bench b; /* too large for the stack */
    int times = 5, first = 1;
    if (argc > 2 && strcmp(argv[1], "--times") == 0) {
        times = (int)strtol(argv[2], NULL, 10);
        first = 3;
    }
    if (first >= argc || times < 1) {
        (void)fprintf(stderr, "usage: bench_reader [--times N] FILE...\n");
        return 2;
    }
    sek_buf_init(&b.out, MAX_RENDERED);
    bool ok = sek_binxml_new(&b.bx) == SEK_OK;
    for (int i = first; i < argc && ok; i++)
        ok = load(&b, argv[i]);
    for (int stage = STAGE_TOUCH; stage <= STAGE_JSON && ok; stage++)
        report(&b, (Stage)stage, times);
    (void)fprintf(stderr, "(%llu)\n", (unsigned long long)b.sum);
    sek_binxml_free(b.bx);
    sek_buf_deinit(&b.out);
    for (unsigned i = 0; i < b.n_files; i++)
        sek_buf_deinit(&b.files[i]);
    return ok ? 0 : 2;
}
