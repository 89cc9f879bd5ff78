/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The frame of a script's part: all fields of its event but the script, packed. Within engine/fragments only. u32 n,
 * then each u8 place, u8 type, u8 system field + 1, u32 length of the name, u32 of the value, the name, the value. */

#include "base/arena.h"
#include "base/buf.h"
#include "event/event.h"

void sek_fragment_pack(SekBuf *out, const SekEvent *event, uint32_t text_field);

/* The event that the frame was packed from, with `text` as its script; it refers to both. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_fragment_unpack(SekStr frame, SekStr text, SekArena *arena, SekEvent *out);
