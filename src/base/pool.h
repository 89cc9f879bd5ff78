/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Worker pool: runs one function on N threads and waits for all of them. What the workers share,
 * and how they take turns, is the caller's business. */

#include "base/status.h"

#include <stdint.h>

typedef void (*SekWorker)(void *user, unsigned index);

/* Runs `work(user, 0..n-1)`, one per thread; with n 1 on the calling thread. Threads that the system
 * refuses are made up for by fewer workers: `*out_started` (may be NULL) is how many ran, at least 1. */
void sek_pool_run(unsigned n, SekWorker work, void *user, unsigned *out_started);

/* Runs `work(user, from, to)` for parts of [0, n), each of up to `share`, on as many threads as there are processors
 * and parts, up to 8; each index once, in no order. */
typedef void (*SekRangeWorker)(void *user, uint32_t from, uint32_t to);
void sek_pool_ranges(uint32_t n, uint32_t share, SekRangeWorker work, void *user);
