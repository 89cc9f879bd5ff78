/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Alike: parts that hits have in common, kept once and named by a number. Logs repeat themselves, so findings do: of
 * the parts (a rule with what made it match; id, computer, channel and provider of an event) few are new. A hit that
 * waits holds numbers in their place, and what is made of a part can be kept by its number, too.
 *
 * A part gets a number when it comes for the second time, as long as there is room; whatever has none stands in the
 * hit itself. Parts are compared as a whole, whatever their hash, and a lookup looks at four of them at most: hostile
 * logs cost speed, never a finding.
 *
 * Each worker has a table of its own, filled by nobody else; when all have ended, all tables are read by everybody
 * (engine/hit_pack.h). */

#include "base/buf.h"
#include "engine/beside.h"

#define SEK_ALIKE_NONE UINT32_MAX
#define SEK_ALIKE_BYTES ((size_t)2 << 20) /* of a table's parts, at most */
#define SEK_ALIKE_PARTS 32768u            /* the same, in number */
#define SEK_ALIKE_LONGEST 16384u          /* bytes of a part ... */
#define SEK_ALIKE_SHARE 32u               /* ... which may take this part of the room that is left */
#define SEK_ALIKE_TABLES 65535u

typedef enum { SEK_ALIKE_EVENT, SEK_ALIKE_RULE } SekAlikeKind;

typedef struct SekAlike SekAlike;

/* Table number `index`, below SEK_ALIKE_TABLES, of at most `limit_bytes`. SEK_OK or SEK_ERR_MEMORY; free with
 * sek_alike_free (accepts NULL). */
SEK_MUST_USE SekStatus sek_alike_new(uint32_t index, size_t limit_bytes, SekAlike **out);
void sek_alike_free(SekAlike *alike);

/* The number of a part with these bytes; SEK_ALIKE_NONE when it has none. */
uint32_t sek_alike_part(SekAlike *alike, SekAlikeKind kind, SekStr packed);

/* A number that goes with the answer to an event, and with its values at the places. */
typedef struct SekAlikeCase {
    const SekEvent *event;
    const SekBeside *beside;
    uint32_t number;
} SekAlikeCase;

/* The number that was kept for `variant` of an answer of the scanner (sek_scanner_answer), so that the part need not be
 * made to be found; SEK_ALIKE_NONE when none was, or another has its place. */
uint32_t sek_alike_answered(const SekAlike *alike, uint64_t answer, uint32_t variant, const SekEvent *event);
void sek_alike_keep_answer(SekAlike *alike, uint64_t answer, uint32_t variant, const SekAlikeCase *with);

/* The same for what is told of an event: its id, computer, channel and provider, as they stand in the record. */
uint32_t sek_alike_event(const SekAlike *alike, const SekEvent *event);
void sek_alike_keep_event(SekAlike *alike, const SekEvent *event, uint32_t number);

/* Forgets what was kept of answers: from now on they are another scanner's. */
void sek_alike_forget_answers(SekAlike *alike);

/* Bytes that its parts take. */
size_t sek_alike_held(const SekAlike *alike);

/* The parts: how many, and one of them, valid until the next is added. */
uint32_t sek_alike_count(const SekAlike *alike);
SekStr sek_alike_get(const SekAlike *alike, uint32_t place, SekAlikeKind *out_kind);

/* Of a number: the table, and the place in it. */
static inline uint32_t sek_alike_table(uint32_t number) {
    return number >> 16;
}

static inline uint32_t sek_alike_place(uint32_t number) {
    return number & 0xffff;
}
