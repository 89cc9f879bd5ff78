/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Ancestry: fields that no event holds, because they are known only when everything is read
 * (docs/lineage.md). While events are scanned, predicates on them are neither true nor false. */

#include "lineage/lineage.h"

typedef enum {
    SEK_ANCESTRY_NONE,
    SEK_ANCESTRY_IMAGE,        /* AncestorImage: every ancestor's, nearest first */
    SEK_ANCESTRY_COMMAND_LINE, /* AncestorCommandLine */
    SEK_ANCESTRY_USER,         /* AncestorUser */
    SEK_ANCESTRY_DEPTH,        /* AncestorDepth: levels that are known above the process */
    SEK_ANCESTRY_TREE,         /* ProcessTree: names the tree, for `group-by` */
    SEK_N_ANCESTRY,
} SekAncestryField;

/* Which of them a rule's field is: by its exact name, but for ASCII case. */
SekAncestryField sek_ancestry_field(SekStr name);

/* Answer of three-valued logic. */
typedef enum { SEK_NO, SEK_YES, SEK_UNKNOWN } SekTruth;
