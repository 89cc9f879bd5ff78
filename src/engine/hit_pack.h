/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A hit as bytes. They never leave the process that wrote them, so numbers stand in its own order:
 *
 *   u64 record id, u32 event id, u32 recovered, text computer, text channel, text provider
 *   u32 process (0 or 1) [u32 id, 16 bytes GUID]
 *   u32 rules,  each: u32 rule, pairs matched, u32 origin (1 correlation, 2 layer, 4 script, 8 pending) and these
 *   pairs fields, text xml
 *
 * text is u32 length and bytes; pairs are u32 n and 2 n texts. */

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

void sek_pack_hit(SekBuf *out, const SekRuleset *rules, const SekHit *hit);

/* Unpacks into `out` but for its key; texts point into `bytes`, the rest lives in `arena`. SEK_OK;
 * SEK_ERR_MEMORY; SEK_ERR_IO when the bytes are not what was packed. */
SEK_MUST_USE SekStatus sek_unpack_hit(SekStr bytes, const SekRuleset *rules, SekArena *arena, SekHit *out);
