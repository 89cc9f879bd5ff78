/* SPDX-License-Identifier: Apache-2.0 */
/* Mutation stress of the EVTX reader: mutate_evtx SEED.evtx... [--count N] [--seed N] [--max-rss MB]
 *
 * Takes chunks out of the seed files, damages them at random (the same way for the same seed number) and
 * reads each twice: with a reader that has seen all before it, and with a new one. Both must give the
 * same texts, so that no input can change how another is read; no input may take a second of
 * processor time, break a promise of read_chunk.c, or let memory grow. Run it under sanitizers. */
#define _POSIX_C_SOURCE 200809L
#include "fuzz/read_chunk.h"

#include "base/bytes.h"
#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MAX_SEEDS 64
#define MAX_SEED_FILE ((size_t)64 << 20)
#define MAX_SECONDS 1.0
#define HANG_SECONDS 60 /* of the clock: the alarm ends the process */
#define CHUNK SEK_EVTX_CHUNK_SIZE
#define KEEP_READER 2000u /* inputs that one reader sees before it is replaced */

typedef struct Random {
    uint64_t state;
} Random;

/* xorshift64*: any reproducible numbers will do. */
static uint32_t next(Random *r, uint32_t below) {
    r->state ^= r->state >> 12;
    r->state ^= r->state << 25;
    r->state ^= r->state >> 27;
    return (uint32_t)((r->state * 0x2545F4914F6CDD1Du) >> 33) % below;
}

typedef struct Input {
    uint8_t bytes[CHUNK];
    uint32_t len;
    uint32_t records[2400]; /* offsets */
    uint32_t n_records;
} Input;

static void set(Input *in, uint32_t at, uint64_t value, uint32_t len) {
    for (uint32_t i = 0; i < len && at + i < in->len; i++)
        in->bytes[at + i] = (uint8_t)(value >> 8 * i);
}

static void find_records(Input *in) {
    in->n_records = 0;
    for (uint32_t at = 512; at + 28 <= in->len && in->n_records < 2400;) {
        uint32_t size = sek_le32(in->bytes + at + 4);
        if (sek_le32(in->bytes + at) != 0x2a2a || size < 28 || size > in->len - at)
            break;
        in->records[in->n_records++] = at;
        at += size;
    }
}

static uint32_t somewhere(const Input *in, Random *r) {
    return in->len ? next(r, in->len) : 0;
}

/* A place where structure is likely: shortly behind the beginning of a record. */
static uint32_t in_structure(const Input *in, Random *r) {
    if (in->n_records == 0)
        return somewhere(in, r);
    return in->records[next(r, in->n_records)] + next(r, next(r, 4) ? 64 : 2048);
}

static uint64_t odd_number(const Input *in, Random *r) {
    static const uint32_t fixed[] = {0,          1,          2,          3,         0x7f,   0x80,
                                     0xff,       0x100,      0x7fff,     0x8000,    0xffff, 0x10000,
                                     0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe};
    switch (next(r, 4)) {
    case 0:
        return fixed[next(r, sizeof fixed / sizeof fixed[0])];
    case 1:
        return somewhere(in, r);
    case 2:
        return in->len + next(r, 17) - 8;
    default:
        return next(r, 1u << 16);
    }
}

static void move_bytes(Input *in, Random *r) {
    uint32_t from = somewhere(in, r), to = somewhere(in, r), most = from > to ? from : to;
    uint32_t n = next(r, 600) + 1;
    if (n > in->len - most)
        n = in->len - most;
    memmove(in->bytes + to, in->bytes + from, n);
}

static void swap_bytes(Input *in, Random *r) {
    uint32_t a = in_structure(in, r), b = in_structure(in, r);
    for (uint32_t i = next(r, 16) + 1; i && a < in->len && b < in->len; i--, a++, b++) {
        uint8_t keep = in->bytes[a];
        in->bytes[a] = in->bytes[b];
        in->bytes[b] = keep;
    }
}

static void change_token(Input *in, Random *r) {
    static const uint8_t tokens[] = {0,    1,    2,    3,    4,    5,    6,    7,    8,
                                     9,    0xa,  0xb,  0xc,  0xd,  0xe,  0xf,  0x41, 0x45,
                                     0x46, 0x47, 0x48, 0x49, 0x21, 0x81, 0x13, 0x0d};
    uint32_t at = in_structure(in, r);
    for (uint32_t i = 0; i < 200 && at + i < in->len; i++) { /* the next byte that may be a token */
        if (in->bytes[at + i] && in->bytes[at + i] <= 0x0f) {
            in->bytes[at + i] = tokens[next(r, sizeof tokens)];
            return;
        }
    }
}

static void change_header(Input *in, Random *r) {
    static const uint32_t fields[] = {0, 8, 16, 24, 32, 40, 44, 48, 52, 120, 124, 128, 256, 384};
    set(in, fields[next(r, sizeof fields / sizeof fields[0])], odd_number(in, r), 4);
}

/* Size, template id, offset of the definition, or size at the end of one record. */
static void change_record(Input *in, Random *r) {
    if (in->n_records == 0)
        return;
    uint32_t at = in->records[next(r, in->n_records)];
    uint32_t size = sek_le32(in->bytes + at + 4);
    const uint32_t fields[] = {4, 30, 34, size - 4, 28, 24, 0, 8, 54, 58};
    set(in, at + fields[next(r, 10)], odd_number(in, r), next(r, 3) ? 4 : 2);
}

/* Makes one record use the definition of another, or any place as one. */
static void cross_definitions(Input *in, Random *r) {
    if (in->n_records == 0)
        return;
    uint32_t a = in->records[next(r, in->n_records)], b = in->records[next(r, in->n_records)];
    if (b + 38 <= in->len && a + 38 <= in->len)
        memcpy(in->bytes + a + 30, in->bytes + b + 30, 8);
}

static void mutate_once(Input *in, Random *r) {
    switch (next(r, 12)) {
    case 0:
        set(in, somewhere(in, r), next(r, 256), 1);
        return;
    case 1:
        set(in, in_structure(in, r), next(r, 256), 1);
        return;
    case 2:
        set(in, in_structure(in, r), odd_number(in, r), 2);
        return;
    case 3:
        set(in, in_structure(in, r), odd_number(in, r), 4);
        return;
    case 4:
        move_bytes(in, r);
        return;
    case 5:
        swap_bytes(in, r);
        return;
    case 6:
        change_header(in, r);
        return;
    case 7:
        change_record(in, r);
        return;
    case 8:
        cross_definitions(in, r);
        return;
    case 9:
        if (next(r, 4) == 0)
            in->len = next(r, in->len + 1);
        return;
    default:
        change_token(in, r);
        return;
    }
}

typedef struct Run {
    SekBuf seeds[MAX_SEEDS];
    unsigned n_seeds;
    uint64_t count, number;
    long max_rss_mb;
    SekBinxml *bx; /* the reader that has seen everything */
    FuzzTexts old, fresh;
    double slowest;
    uint64_t slowest_at;
} Run;

static double cpu_seconds(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* cannot fail for this clock */
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* A chunk of a seed file; more often one that holds something. */
static void choose(const Run *run, Random *r, Input *in) {
    const SekBuf *file = &run->seeds[next(r, run->n_seeds)];
    uint32_t n_chunks = (uint32_t)((file->len - SEK_EVTX_HEADER_SIZE + CHUNK - 1) / CHUNK);
    for (int tries = 0; tries < 8; tries++) {
        size_t at = SEK_EVTX_HEADER_SIZE + (size_t)next(r, n_chunks) * CHUNK;
        in->len = file->len - at < CHUNK ? (uint32_t)(file->len - at) : CHUNK;
        memcpy(in->bytes, file->data + at, in->len);
        if (in->len > 512 && in->bytes[512])
            break;
    }
    find_records(in);
}

static void read_both(Run *run, const Input *in, bool recover) {
    SekBinxml *bx;
    fuzz_require(sek_binxml_new(&bx) == SEK_OK, "memory for a reader");
    uint8_t *chunk = malloc(in->len ? in->len : 1); /* of the exact size, for AddressSanitizer */
    fuzz_require(chunk != NULL, "memory for a chunk");
    memcpy(chunk, in->bytes, in->len);
    double start = cpu_seconds();
    run->fresh.hash = run->old.hash = 0;
    fuzz_read_chunk(bx, chunk, in->len, recover, &run->fresh);
    double took = cpu_seconds() - start;
    fuzz_read_chunk(run->bx, chunk, in->len, recover, &run->old);
    if (run->fresh.hash != run->old.hash)
        (void)fprintf(stderr, "input %llu\n", (unsigned long long)run->number);
    fuzz_require(run->fresh.hash == run->old.hash, "what was read before changes nothing");
    if (took > run->slowest) {
        run->slowest = took;
        run->slowest_at = run->number;
    }
    fuzz_require(took < MAX_SECONDS, "a chunk takes less than a second");
    free(chunk);
    sek_binxml_free(bx);
}

static void stress(Run *run, uint64_t seed) {
    static Input in;
    for (uint64_t i = 0; i < run->count; i++) {
        /* Each input has its own numbers, so that one can be made again without those before it. */
        Random r = {.state = (seed + i) * 0x9E3779B97F4A7C15u | 1};
        run->number = i;
        (void)next(&r, 2);
        choose(run, &r, &in);
        for (uint32_t n = 1 + next(&r, 6); n; n--)
            mutate_once(&in, &r);
        if (i % KEEP_READER == 0) {
            sek_binxml_free(run->bx);
            run->bx = NULL;
            fuzz_require(sek_binxml_new(&run->bx) == SEK_OK, "memory for a reader");
        }
        (void)alarm(HANG_SECONDS); /* the time that was left does not matter */
        read_both(run, &in, next(&r, 2));
    }
    (void)alarm(0);
}

static bool read_arguments(int argc, char **argv, Run *run, uint64_t *seed) {
    for (int i = 1; i < argc; i++) {
        if (i + 1 < argc && strcmp(argv[i], "--count") == 0) {
            run->count = strtoull(argv[++i], NULL, 10);
        } else if (i + 1 < argc && strcmp(argv[i], "--seed") == 0) {
            *seed = strtoull(argv[++i], NULL, 10);
        } else if (i + 1 < argc && strcmp(argv[i], "--max-rss") == 0) {
            run->max_rss_mb = strtol(argv[++i], NULL, 10);
        } else {
            SekBuf *file = &run->seeds[run->n_seeds];
            SekError err = {0};
            if (run->n_seeds == MAX_SEEDS)
                return false;
            sek_buf_init(file, MAX_SEED_FILE);
            run->n_seeds++;
            if (sek_file_slurp(argv[i], file, &err) != SEK_OK || file->len <= SEK_EVTX_HEADER_SIZE) {
                (void)fprintf(stderr, "%s: no event log: %s\n", argv[i], err.what);
                return false;
            }
        }
    }
    return run->n_seeds > 0;
}

int main(int argc, char **argv) {
    static Run run = {.count = 100000};
    uint64_t seed = 1;
    bool ok = read_arguments(argc, argv, &run, &seed);
    if (ok) {
        fuzz_texts_init(&run.old);
        fuzz_texts_init(&run.fresh);
        stress(&run, seed);
        struct rusage usage = {0};
        (void)getrusage(RUSAGE_SELF, &usage); /* leaves 0 if it fails */
        long rss_mb = usage.ru_maxrss / 1024;
        printf("%llu mutations of %u seeds: %llu records, %llu read, %llu in part; slowest %.3f s (number "
               "%llu); "
               "at most %ld MB\n",
               (unsigned long long)run.count, run.n_seeds, (unsigned long long)run.fresh.n_records,
               (unsigned long long)run.fresh.n_read, (unsigned long long)run.fresh.n_partial, run.slowest,
               (unsigned long long)run.slowest_at, rss_mb);
        ok = run.max_rss_mb == 0 || rss_mb <= run.max_rss_mb;
        fuzz_texts_deinit(&run.old);
        fuzz_texts_deinit(&run.fresh);
        sek_binxml_free(run.bx);
    } else {
        (void)fprintf(stderr, "usage: mutate_evtx SEED.evtx... [--count N] [--seed N] [--max-rss MB]\n");
    }
    for (unsigned i = 0; i < run.n_seeds; i++)
        sek_buf_deinit(&run.seeds[i]);
    return ok ? 0 : 1;
}
