/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Stash: bytes that wait for the end of the run, in little memory. They are put behind each other; what comes
 * last stays in a window in memory, and what was there before goes to a store of its own. Equal texts can be
 * given one number, so that they are kept once: some 30 bytes of memory each.
 *
 * When the store can take no more (a full disk) the window grows from then on: nothing is lost, and
 * `spill_err` says why. One thread changes a stash; several may read at once what nobody changes. */

#include "base/str.h"
#include "engine/spill.h"

typedef struct SekStashText {
    uint64_t at;
    uint32_t len, hash;
} SekStashText;

typedef struct SekStash {
    size_t budget; /* bytes of the window */
    uint64_t limit, used; /* bytes that are put, and what else its owner takes of them */
    const SekSpill *spill; /* NULL: all stays in the window */
    void *store;           /* of the spill, once it is open */
    uint64_t written;      /* bytes in the store; the window holds those behind them */
    char *window;
    size_t len, cap;
    SekStashText *texts; /* that have numbers */
    uint32_t n_texts, cap_texts;
    uint32_t *slots; /* number + 1 by hash; 0 = free */
    uint32_t n_slots; /* a power of two, or 0 */
    SekError spill_err; /* why the store took no more; code 0 = it was never so */
    SekError err;       /* why sek_stash_number could not read a text back */
} SekStash;

/* `spill` is borrowed; `limit_bytes`: of all that is put, wherever it lies. */
void sek_stash_init(SekStash *stash, size_t budget_bytes, uint64_t limit_bytes, const SekSpill *spill);
void sek_stash_deinit(SekStash *stash);

/* Takes `bytes` of the limit for something else. False: there is no room for them. */
bool sek_stash_take(SekStash *stash, size_t bytes);

/* Puts bytes, `*out_at` is their place. SEK_OK, SEK_ERR_LIMIT or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_stash_put(SekStash *stash, SekStr bytes, uint64_t *out_at);

/* The number of a text, which is put when no equal one has a number. SEK_OK; SEK_ERR_LIMIT, also for a text that is
 * too hard to tell from others (somebody chose them so); SEK_ERR_IO (why: `err`); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_stash_number(SekStash *stash, SekStr text, uint32_t *out_number);

/* The place and length of text `number`. */
static inline const SekStashText *sek_stash_text(const SekStash *stash, uint32_t number) {
    return &stash->texts[number];
}

/* No further numbers: gives back what finding them took. */
void sek_stash_close(SekStash *stash);

/* Copies `len` bytes at `at` to `out`. SEK_OK or SEK_ERR_IO. */
SEK_MUST_USE SekStatus sek_stash_read(const SekStash *stash, uint64_t at, size_t len, void *out, SekError *err);
