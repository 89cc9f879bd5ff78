/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Texts: each different text is kept once and has a number, from 0 in the order of first sight. Made for
 * millions of short ones: a text costs its bytes and about SEK_TEXT_COST more. One owner, one thread. */

#include "base/arena.h"
#include "base/str.h"

/* Bytes beside the text itself: hash, length and padding in the arena, a pointer, its share of the slots. */
#define SEK_TEXT_COST 40u

typedef struct SekTextTable {
    SekArena arena;
    const char **items; /* hash (4 bytes), length (4 bytes), text */
    uint32_t *slots;    /* 1 + number, 0 = free; open addressing */
    uint32_t n, cap, n_slots;
} SekTextTable;

void sek_texts_init(SekTextTable *texts);
void sek_texts_deinit(SekTextTable *texts);

/* SEK_OK and the number of a text that is there, else SEK_NOT_FOUND. */
SekStatus sek_texts_find(const SekTextTable *texts, SekStr text, uint32_t *out);

/* Adds a text that is not there. SEK_OK or SEK_ERR_MEMORY (also for the 2^32nd). */
SEK_MUST_USE SekStatus sek_texts_add(SekTextTable *texts, SekStr text, uint32_t *out);

SekStr sek_texts_get(const SekTextTable *texts, uint32_t number);
