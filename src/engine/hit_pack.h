/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A hit as bytes. They never leave the process that wrote them, so numbers stand in its own order:
 *
 *   u64 record id, event part
 *   u32 process (0 or 1) [u32 id, 16 bytes GUID]
 *   u32 rules, as many rule parts
 *   pairs fields, text xml
 *
 *   event part  u32 event id, u32 recovered, text computer, text channel, text provider
 *   rule part   u32 rule, pairs matched, u32 origin (1 correlation, 2 layer, 4 script, 8 pending) and these
 *
 * Of a part stands the number by which it is kept elsewhere (engine/alike.h), or SEK_ALIKE_NONE and behind it the part
 * itself. text is u32 length and bytes; pairs are u32 n and 2 n texts. */

#include "engine/hits.h"

static inline void sek_pack_u32(SekBuf *out, uint32_t value) {
    sek_buf_add(out, &value, sizeof value);
}

static inline void sek_pack_u64(SekBuf *out, uint64_t value) {
    sek_buf_add(out, &value, sizeof value);
}

void sek_pack_text(SekBuf *out, SekStr text);
void sek_pack_process(SekBuf *out, const SekProcessKey *process); /* may be NULL */

/* A text or number whose value is known later: begin gives its place. */
size_t sek_pack_later(SekBuf *out);
void sek_pack_number_at(SekBuf *out, size_t place, uint32_t value);
/* The text is what was appended since. */
void sek_pack_text_end(SekBuf *out, size_t place);

/* What a rule's row ends with. */
void sek_pack_origin(SekBuf *out, const SekHitRule *rule);

/* Begins a part that has no number (yet); returns where it began, for sek_pack_known. */
size_t sek_pack_part(SekBuf *out);
/* The bytes of the part that began there. */
SekStr sek_pack_part_bytes(const SekBuf *out, size_t start);
/* Has `number` in the place of the part. */
void sek_pack_known(SekBuf *out, size_t start, uint32_t number);

/* Without numbers. */
void sek_pack_hit(SekBuf *out, const SekRuleset *rules, const SekHit *hit);

/* What an event part says. */
typedef struct SekAlikeEvent {
    uint32_t event_id;
    bool recovered;
    SekStr computer, channel, provider;
} SekAlikeEvent;

/* The parts of all workers' tables, unpacked: `alike` of a rule or hit is 1 + the part's place in the list. */
typedef struct SekAlikePart {
    SekAlikeKind kind;
    union { /* small: they are looked up in no order */
        SekAlikeEvent event;
        SekHitRule rule;
    };
} SekAlikePart;

typedef struct SekAlikeParts {
    SekAlikePart *list;
    uint32_t *first; /* of each table, and behind the last */
    uint32_t n_tables;
    SekArena arena;
} SekAlikeParts;

/* Unpacks all parts of the tables (NULL among them have none), to which nothing is added any more; they are borrowed.
 * SEK_OK, SEK_ERR_MEMORY, SEK_ERR_IO; release with sek_alike_parts_deinit in any case. */
SEK_MUST_USE SekStatus sek_alike_parts_read(SekAlikeParts *parts, SekAlike *const *tables, uint32_t n_tables,
                                            const SekRuleset *rules);
void sek_alike_parts_deinit(SekAlikeParts *parts);

/* What unpacking needs. */
typedef struct SekUnpacking {
    const SekRuleset *rules;
    const SekAlikeParts *parts; /* NULL = there are none */
} SekUnpacking;

/* Unpacks into `out` but for its key; texts point into `bytes`, the rest lives in `arena`. SEK_OK;
 * SEK_ERR_MEMORY; SEK_ERR_IO when the bytes are not what was packed. */
SEK_MUST_USE SekStatus sek_unpack_hit(SekStr bytes, const SekUnpacking *with, SekArena *arena, SekHit *out);
