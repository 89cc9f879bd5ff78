/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Random rules and events that often meet: what a rule looks for goes into a pool, and events take their
 * values from it, often changed a little. The same seed makes the same rules and events everywhere.
 *
 * The alphabets are small on purpose, so that almost-matches are frequent, and hold what engines trip
 * over: letters whose folding leaves ASCII or the BMP, dashes, escapes, line breaks, and words long
 * enough for prefilters to key on. Letters are those that naive_text.c can fold. */

#include "property/naive.h"

#include "base/buf.h"
#include "event/event.h"

#define SEK_GEN_POOL 8192u
#define SEK_GEN_RULES 512u /* most rules between two resets */
#define SEK_GEN_FIELDS 16u /* most fields of an event */

typedef struct SekGen {
    uint64_t state;
    SekArena arena; /* texts of the pool */
    struct {
        SekStr text;
        const char *field; /* of the rule that looks for it; "" = any */
    } pool[SEK_GEN_POOL];
    uint32_t n_pool;                   /* what comes when it is full is not kept */
    uint32_t first[SEK_GEN_RULES + 1]; /* of each rule, in the pool */
    uint32_t n_rules;
    uint32_t focus; /* the rule that the current event is made for */
} SekGen;

void sek_gen_init(SekGen *gen, uint64_t seed);
void sek_gen_deinit(SekGen *gen);
/* Forgets the pool and the rules. */
void sek_gen_reset(SekGen *gen);

/* --- numbers and texts (gen_text.c) ---------------------------------------------------------- */

uint32_t sek_gen_below(SekGen *gen, uint32_t n); /* 0 to n - 1 */
bool sek_gen_chance(SekGen *gen, uint32_t percent);
const char *sek_gen_pick(SekGen *gen, const char *const *list, uint32_t n);
#define SEK_GEN_PICK(gen, list) sek_gen_pick((gen), (list), sizeof(list) / sizeof *(list))

/* A character or a word; `words` in percent. No wildcards among them. */
const char *sek_gen_piece(SekGen *gen, uint32_t words);
/* `n` characters of two only: texts that overlap everywhere. */
void sek_gen_dense(SekGen *gen, uint32_t n, SekBuf *out);
/* `field` must outlive the generator. */
void sek_gen_remember(SekGen *gen, const char *field, SekStr text);
/* A text of the pool, mostly of one that the focus looks for in `field`, often changed; or a new one. */
void sek_gen_text(SekGen *gen, SekStr field, SekBuf *out);
/* An integer, fraction, address or date as an event may hold it. */
const char *sek_gen_number(SekGen *gen);
const char *sek_gen_address(SekGen *gen);
const char *sek_gen_date(SekGen *gen);

void sek_gen_base64(SekStr bytes, SekBuf *out);
/* UTF-16 of UTF-8 text. */
void sek_gen_utf16(SekStr text, bool big_endian, SekBuf *out);

/* --- rules (gen_rule.c) ---------------------------------------------------------------------- */

/* Appends a document with the title to `yaml`. Its log source is what `sek_gen_applies` knows. */
void sek_gen_rule(SekGen *gen, const char *title, SekBuf *yaml);
/* Values of the placeholders that generated rules use; for SekRuleOptions. */
SekStatus sek_gen_placeholder(void *user, SekStr name, const SekStr **out_values, uint32_t *out_n);
/* True when a generated rule's log source means the event. */
bool sek_gen_applies(const SekRule *rule, const SekNaiveEvent *event);

/* --- events (gen_event.c) -------------------------------------------------------------------- */

/* A kind of event: what is the same for all events of one template. */
typedef struct SekGenShape {
    SekShape shape;
    SekField fields[SEK_GEN_FIELDS];
} SekGenShape;

/* One event, for the engine and for the naive evaluator. */
typedef struct SekGenEvent {
    SekArena arena; /* owns all below */
    SekEvent event;
    SekValue values[SEK_GEN_FIELDS];
    SekNaiveField naive_fields[SEK_GEN_FIELDS];
    SekNaiveEvent naive;
} SekGenEvent;

/* `id` as of SekShape: from 1, or 0 for the shape of one event. Literals live in `arena`. */
void sek_gen_shape(SekGen *gen, uint32_t id, SekArena *arena, SekGenShape *out);
/* `*out` must be given back with sek_gen_event_free and must not move. */
void sek_gen_event(SekGen *gen, const SekGenShape *shape, SekGenEvent *out);
void sek_gen_event_free(SekGenEvent *event);
