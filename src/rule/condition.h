/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The condition of a rule (RULES, Condition), with the names of selections replaced by what they
 * stand for. Private to the room. */

#include "rule/detection.h"

#define SEK_CONDITION_MAX_BYTES 16384 /* all conditions of a rule together; public ones: 300 */
#define SEK_CONDITION_MAX_DEPTH 128   /* brackets, and likewise `not`, inside each other */

typedef struct SekCondition {
    const SekExpr *expr;
    SekStr aggregation;  /* what stands behind `|` (Sigma before 2.0), borrowed; empty when none */
    SekRulePos pipe_pos; /* of the `|` */
} SekCondition;

/* `condition` is text, a list of texts (OR-ed), or NULL: then the rule's only selection is meant.
 * Marks the selections that it uses. SEK_OK; SEK_ERR_INPUT (reported); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_condition_read(SekRuleReader *reader, const SekYamlNode *detection,
                                          const SekYamlNode *condition, SekSelections *selections,
                                          SekCondition *out);
