/* SPDX-License-Identifier: Apache-2.0 */
/* An event as plain XML nodes: every substitution replaced by its value as text.
 *
 * Re-saved and forwarded logs hold records of this kind, without any template. */
#pragma once

#include "evtxgen/gen_template.h"

/* Returns a new node list without substitutions, or NULL (values missing, too deep, no memory).
 * Null optional values remove their attribute or element; an array repeats its element. */
SekGenTemplate *sek_gen_flatten(const SekGenTemplate *tmpl, const SekGenValues *values);

/* Appends value `i` as Windows renders it: decimal and unpadded lower-case hexadecimal numbers,
 * GUID with braces, ISO time in UTC. `element` selects one item of an array. */
void sek_gen_value_text(SekGenBuf *out, const SekGenValues *values, size_t i, size_t element);

/* How many items value `i` has: 1 for everything that is no array. */
size_t sek_gen_value_count(const SekGenValues *values, size_t i);
