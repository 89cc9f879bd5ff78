/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Random process trees: processes that start, end and take over ids are played through, told by two logs in
 * up to three files, and then damaged as evidence is: events missing, twice, out of order, without a time,
 * an id, a GUID or a name, and with lies about parents. */

#include "property/gen.h"
#include "property/naive_lineage.h"

#define SEK_TREE_FILES 3u

/* A tree within the limits of naive_lineage.h, built. */
void sek_gen_tree(SekGen *gen, SekTree *out);

/* The event as a line of JSON. */
void sek_gen_tree_line(const SekTreeEvent *event, SekBuf *out);

/* GUID number `n` as Sysmon writes it. */
void sek_gen_guid(uint32_t n, SekBuf *out);

/* Appends a rule on ancestors. */
void sek_gen_tree_rule(SekGen *gen, const char *title, SekBuf *yaml);
