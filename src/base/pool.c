/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include "base/file.h"

#include <pthread.h>
#include <stdatomic.h>

#define MAX_THREADS 256u
#define MAX_RANGE_THREADS 8u

typedef struct {
    SekWorker work;
    void *user;
    unsigned index;
} Start;

static void *enter(void *arg) {
    const Start *start = arg;
    start->work(start->user, start->index);
    return NULL;
}

void sek_pool_run(unsigned n, SekWorker work, void *user, unsigned *out_started) {
    pthread_t threads[MAX_THREADS];
    Start starts[MAX_THREADS];
    if (n > MAX_THREADS)
        n = MAX_THREADS;
    unsigned started = 1;
    for (; started < n; started++) {
        starts[started] = (Start){work, user, started};
        if (pthread_create(&threads[started], NULL, enter, &starts[started]) != 0)
            break;
    }
    work(user, 0);
    for (unsigned i = 1; i < started; i++)
        pthread_join(threads[i], NULL);
    if (out_started)
        *out_started = started;
}

typedef struct Ranges {
    SekRangeWorker work;
    void *user;
    uint32_t share, n_parts, n;
    atomic_uint next;
} Ranges;

static void take_parts(void *user, unsigned index) {
    Ranges *r = user;
    (void)index;
    for (uint32_t part; (part = atomic_fetch_add(&r->next, 1)) < r->n_parts;) {
        uint32_t from = part * r->share, left = r->n - from;
        r->work(r->user, from, from + (left < r->share ? left : r->share));
    }
}

void sek_pool_ranges(uint32_t n, uint32_t share, SekRangeWorker work, void *user) {
    Ranges r = {.work = work, .user = user, .share = share, .n_parts = n / share + (n % share != 0), .n = n};
    unsigned threads = sek_cpu_count();
    threads = threads < MAX_RANGE_THREADS ? threads : MAX_RANGE_THREADS;
    if (r.n_parts)
        sek_pool_run(threads < r.n_parts ? threads : r.n_parts, take_parts, &r, NULL);
}
