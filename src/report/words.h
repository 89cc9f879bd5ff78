/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/* The words of the terminal summary in English and Japanese, one table each. */

typedef enum {
    SEK_WORD_NOTHING_FOUND,
    SEK_WORD_HOSTS,
    SEK_WORD_FINDINGS,
    SEK_WORD_RULES_TOP,
    SEK_WORD_READ,
    SEK_WORD_FILES,
    SEK_WORD_RECORDS,
    SEK_WORD_RECOVERED,
    SEK_WORD_BAD_RECORDS,
    SEK_WORD_NO_TIME,
    SEK_WORD_RENAMED,
    SEK_WORD_LOST,
    SEK_WORD_DAMAGED,
    SEK_WORD_SKIPPED,
    SEK_WORD_IGNORED,
    SEK_WORD_RULES,
    SEK_WORD_LOADED,
    SEK_WORD_NOT_LOADED,
    SEK_WORD_LEFT_OUT,
    SEK_WORD_DUPLICATES,
    SEK_WORD_DISABLED,
    SEK_WORD_REGEX,
    SEK_WORD_DROPPED,
    SEK_WORD_COPIES,
    SEK_WORD_LINEAGE,
    SEK_WORD_LINEAGE_UNKNOWN,
    SEK_WORD_UNJOINED,
    SEK_WORD_MORE,
    SEK_WORD_TO,
    SEK_WORD_HOST_UNKNOWN,
    SEK_WORD_NO_STAGE,
    SEK_WORD_QUIET_HOSTS,
    SEK_N_WORDS,
} SekWord;

/* The word in `lang` ("ja" for Japanese, anything else and NULL for English). */
const char *sek_word(SekWord word, const char *lang);

/* The same behind a number: English has other words behind 1. */
const char *sek_counted_word(SekWord word, uint64_t n, const char *lang);

/* The name of a tactic (index into sek_tactics) in `lang`. */
const char *sek_tactic_word(unsigned tactic, const char *lang);
