/* SPDX-License-Identifier: Apache-2.0 */
/* BinXML tokens into a chunk ([MS-EVEN6] 2.2.12 and 3.1.4.7).
 *
 * Failures are noted in the chunk's buffer. Nesting of elements and of templates is limited. */
#pragma once

#include "evtxgen/gen_chunk.h"

enum { SEK_GEN_DEPTH_ELEMENTS = 64, SEK_GEN_DEPTH_TEMPLATES = 8 };

/* Writes a fragment: an instance of `tmpl` (its definition too at first use in the chunk) with
 * `values`, ended by an end-of-file token. False when `values` do not fit the template. */
bool sek_gen_binxml_instance(SekGenChunk *chunk, const SekGenTemplate *tmpl, const SekGenValues *values);

/* Writes a fragment without template. `tmpl` must hold no substitution (see gen_flatten.h).
 * Elements outside templates have no dependency id. */
bool sek_gen_binxml_bare(SekGenChunk *chunk, const SekGenTemplate *tmpl);
