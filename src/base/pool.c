/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include <pthread.h>

#define MAX_THREADS 256u

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
