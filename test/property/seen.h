/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What tests that read random text in several ways have in common: what was seen of it. */

#include "property/gen.h"

#include "event/reader.h"
#include "event/text_plan.h"

#define SEK_SEEN_TEXT ((size_t)1 << 20)

/* `cut` bytes at `at` become `piece`. */
void sek_splice(SekBuf *text, size_t at, size_t cut, SekStr piece);

typedef struct SekSeen {
    uint64_t digest; /* of all events: times, places, names, values */
    uint64_t events, bad;
    bool anywhere; /* places do not matter */
    bool damages;  /* what was told of them does */
} SekSeen;

bool sek_same_seen(const SekSeen *a, const SekSeen *b);

/* Reads a unit like `like` that has these bytes. */
void sek_see_unit(SekReader *reader, const SekUnit *like, SekStr bytes, SekSeen *seen);
/* Reads one that holds its bytes. */
void sek_see_loaded(SekReader *reader, const SekUnit *unit, SekSeen *seen);

/* `known`: their places in the record count, too. */
bool sek_same_values(const SekTextValues *a, const SekTextValues *b, bool known);
