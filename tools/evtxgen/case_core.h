/* SPDX-License-Identifier: Apache-2.0 */
/* What every part of the case generator shares: memory, time, reproducible chance.
 *
 * Nothing here reads a clock, a locale or the environment, and no floating point is used, so the
 * case is the same on every machine. Memory lives in one arena until the end; running out of it
 * ends the program (a generator has nothing to save). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Durations in FILETIME units of 100 ns. */
#define SEK_CASE_MS 10000ull
#define SEK_CASE_SECOND (1000 * SEK_CASE_MS)
#define SEK_CASE_MINUTE (60 * SEK_CASE_SECOND)
#define SEK_CASE_HOUR (60 * SEK_CASE_MINUTE)

typedef struct SekCaseBlock SekCaseBlock;
typedef struct SekCaseArena {
    SekCaseBlock *blocks;
} SekCaseArena;

void *sek_case_alloc(SekCaseArena *arena, size_t n); /* zeroed, aligned for any type, never NULL */
char *sek_case_dup(SekCaseArena *arena, const char *text);
char *sek_case_fmt(SekCaseArena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(2)));
void sek_case_arena_free(SekCaseArena *arena);

typedef struct SekCaseRng {
    uint64_t state;
} SekCaseRng;

/* A stream of its own for every (seed, label), so that a change in one part leaves others alone.
 * Draw at most once in an expression: C does not say which of two arguments is evaluated first. */
SekCaseRng sek_case_rng(uint64_t seed, const char *label);
uint64_t sek_case_next(SekCaseRng *rng);
uint32_t sek_case_below(SekCaseRng *rng, uint32_t n);                    /* 0 .. n-1, n > 0 */
uint32_t sek_case_between(SekCaseRng *rng, uint32_t low, uint32_t high); /* both included */
bool sek_case_chance(SekCaseRng *rng, uint32_t percent);
uint64_t sek_case_span(SekCaseRng *rng, uint64_t low, uint64_t high); /* durations, both included */

/* A waiting time around `mean`, distributed like that of independent events (exponential). */
uint64_t sek_case_wait(SekCaseRng *rng, uint64_t mean);

/* `n` characters out of `alphabet`. */
char *sek_case_token(SekCaseArena *arena, SekCaseRng *rng, const char *alphabet, size_t n);

/* 64-bit hash of a text (FNV-1a, then mixed). */
uint64_t sek_case_hash(const char *text);
