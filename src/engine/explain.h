/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Explain: a rule's tree on one event, as text: which part held, which did not, and the values seen. */

#include "engine/fields.h"

typedef struct SekExplain {
    const SekRuleset *rules;
    SekFields *fields;
    bool (*holds)(void *user, uint32_t node); /* answers for a node of the rule's tree */
    void *user;
    SekStr text; /* the rule's YAML, whose letters are shown; may be empty */
} SekExplain;

/* Appends the node and what is below it, indented by `depth` steps. Long lists show the parts that
 * held, and the number of the others. */
void sek_explain_node(const SekExplain *explain, uint32_t node, unsigned depth, SekBuf *out);
