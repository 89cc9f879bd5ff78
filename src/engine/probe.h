/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Probe: a predicate in the form that is quickest to ask. Nearly all predicates of rules compare a folded
 * value with one literal; for those the first or last eight bytes decide nearly always, and for `contains`
 * the two rarest bytes of the literal do. 32 bytes, so that a list of them is read straight through. */

#include "base/bytes.h"
#include "engine/predicate.h"

/* Bytes behind a text that may be read, whatever they are: wide registers read over its end. */
#define SEK_TEXT_PAD 32u

typedef enum {
    SEK_PROBE_OTHER, /* ask the predicate itself */
    SEK_PROBE_NEEDS, /* the same, but only if the text contains the literal */
    SEK_PROBE_EQUAL, /* from here on the probe is the whole answer */
    SEK_PROBE_STARTS,
    SEK_PROBE_ENDS,
    SEK_PROBE_CONTAINS,
} SekProbeKind;

typedef struct SekProbe {
    const char *literal; /* of the ruleset */
    uint64_t eight;      /* ENDS: its last 8 bytes, as in SekText.tail; else its first, as in SekText.head */
    uint32_t len;        /* of the literal */
    uint32_t field;      /* of the ruleset */
    uint16_t rare[2];    /* CONTAINS, NEEDS: where its rarest bytes stand, ascending */
    uint8_t kind;        /* SekProbeKind */
    uint8_t rate;        /* how many values hit the predicate's guard: see sek_guard_rate; UINT8_MAX: it has none */
} SekProbe;

/* True when the text, with SEK_TEXT_PAD bytes behind it, contains the probe's literal. */
typedef bool (*SekFind)(SekStr text, const SekProbe *probe);

/* The fastest form that this processor runs; all give the same answers. */
SekFind sek_find_best(void);
bool sek_find_plain(SekStr text, const SekProbe *probe);
SekFind sek_find_avx2(void); /* NULL where there is none */
SekFind sek_find_avx512(void); /* the same */

struct SekGuard;
SekProbe sek_probe_make(const SekPred *pred, const struct SekGuard *guard);

/* The first and last eight bytes of a text, the first in the lowest, the last in the highest byte; zero
 * where the text is shorter. */
uint64_t sek_text_head(SekStr text);
uint64_t sek_text_tail(SekStr text);

static inline bool sek_probe_rest(const SekProbe *probe, const char *at) {
    return probe->len <= 8 || memcmp(at, probe->literal, probe->len) == 0;
}

/* True when the literal of a probe that is CONTAINS or NEEDS stands at `at`, behind which eight bytes may be read. */
static inline bool sek_probe_stands(const SekProbe *probe, const char *at) {
    unsigned spare = probe->len < 8 ? 64 - 8 * probe->len : 0; /* bits */
    return (sek_le64((const uint8_t *)at) ^ probe->eight) << spare == 0 && sek_probe_rest(probe, at);
}

/* Asks a probe that is not OTHER of one text; of NEEDS, whether the literal is there. */
static inline bool sek_probe_holds(const SekProbe *probe, const SekText *text, SekFind find) {
    SekStr s = text->folded;
    unsigned spare = probe->len < 8 ? 64 - 8 * probe->len : 0; /* bits; a literal has a byte at least but EQUAL */
    switch (probe->kind) {
    case SEK_PROBE_EQUAL:
        return s.len == probe->len && text->head == probe->eight && sek_probe_rest(probe, s.ptr);
    case SEK_PROBE_STARTS:
        return s.len >= probe->len && (text->head ^ probe->eight) << spare == 0 && sek_probe_rest(probe, s.ptr);
    case SEK_PROBE_ENDS:
        return s.len >= probe->len && (text->tail ^ probe->eight) >> spare == 0 &&
               sek_probe_rest(probe, s.ptr + s.len - probe->len);
    default:
        return s.len >= probe->len && find(s, probe);
    }
}
