/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The `detection` map of a rule: its selections, each as an expression. Private to the room. */

#include "rule/reader.h"

#define SEK_RULE_MAX_SELECTIONS 1024 /* in one rule; public rules stay below 30 */
#define SEK_SELECTION_MAX_NAME 128   /* bytes; bounds the time that patterns take */

typedef struct SekSelection {
    SekStr name; /* borrowed from the YAML tree */
    const SekExpr *expr;
    SekRulePos pos;
    bool used; /* by the condition */
} SekSelection;

typedef struct SekSelections {
    SekSelection *list; /* in the order of the text */
    uint32_t n;
    const char *noun; /* for messages; NULL = "selection" */
} SekSelections;

/* Reads every entry of `detection` but `condition` and `timeframe`.
 * SEK_OK (at least one selection); SEK_ERR_INPUT (reported); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_detection_read(SekRuleReader *reader, const SekYamlNode *detection,
                                          SekSelections *out);

/* The same for a filter, where `rules` is no selection either. */
SEK_MUST_USE SekStatus sek_detection_read_filter(SekRuleReader *reader, const SekYamlNode *filter,
                                                 SekSelections *out);

/* One selection: what stands behind its name. Statuses as above. */
SEK_MUST_USE SekStatus sek_selection_read(SekRuleReader *reader, const SekYamlNode *definition,
                                          const SekExpr **out);
