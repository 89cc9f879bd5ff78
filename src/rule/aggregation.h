/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Aggregations of Sigma before 2.0, `condition | count(field) by group > 5`: the rule becomes the
 * correlation that it means, on a rule of the condition. Private to the room. */

#include "rule/condition.h"

/* Adds to the reader's file: `rule` as the correlation, with its id, title and level, and behind it
 * the rules that it counts, which are part of it (SekRule.part_of). `near` has one such rule for
 * each selection that it names. SEK_OK; SEK_ERR_INPUT (reported); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_aggregation_read(SekRuleReader *reader, const SekYamlNode *detection,
                                            const SekCondition *condition,
                                            SekSelections *selections, SekRule *rule);
